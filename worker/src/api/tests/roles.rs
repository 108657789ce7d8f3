//! Every route × every key: which get through, and how the others are refused.

use serde_json::{Value, json};

use super::{Bench, document, request};
use crate::api::{Access, Invalidates, Operation, ROUTES, Route};
use cuecard_store::{Entropy, Key, KeyRole, OrganizationId};

/// A request that a route answers successfully for the admin of a fresh [`world`].
fn sample(route: &Route) -> (String, Option<Value>) {
    use Operation::*;
    let slug = match route.operation {
        RestorePrompt | PurgePrompt => "deleted",
        _ => "greet",
    };
    let name = match route.operation {
        GetKey | RevokeKey | UpdateKey => "{key}",
        UpdateProject | GetProject => "default",
        _ => "other",
    };
    let path = route
        .path
        .replace("{slug}", slug)
        .replace("{version}", "1")
        .replace(
            "{tag}",
            if route.operation == DeleteTagName {
                "staging"
            } else {
                "production"
            },
        );
    let path = path.replace("{project}", name).replace("{case}", "usual");
    let path = path.replace("{connection}", "usual");
    let path = match route.operation {
        ExportPrompt | GetExports => format!("{path}?to=basalt"),
        // Version 1 has a tag.
        RemoveVersion => path.replace("/1", "/2"),
        GetDraft | PutDraft | DeleteDraft | CommitDraft => format!("{path}?author=Ada"),
        _ => path,
    };
    let body = match route.operation {
        ImportPrompt => Some(json!({ "text": "new" })),
        ImportHistory => {
            Some(json!({ "versions": [{ "version": 3, "document": document("three") }] }))
        }
        CommitVersion | PutDraft => Some(document("new")),
        RenderPrompt => Some(json!({ "inputs": {} })),
        UpdatePrompt => Some(json!({ "description": "Greets" })),
        DuplicatePrompt => Some(json!({ "slug": "copy" })),
        PutTag => Some(json!({ "version": 2 })),
        PutCase => Some(json!({ "inputs": { "name": "Ada" } })),
        CreateKey => Some(json!({ "role": "read" })),
        UpdateKey => Some(json!({ "limits": { "runsPerMinute": 1 } })),
        CreateConnection => {
            Some(json!({ "name": "new", "kind": "anthropic", "baseUrl": "https://api.example" }))
        }
        PutConnection => Some(json!({ "kind": "workers_ai" })),
        RunPrompt => Some(json!({ "inputs": {} })),
        CreateProject => Some(json!({ "slug": "third" })),
        UpdateProject => Some(json!({ "name": "Main" })),
        _ => None,
    };
    (path, body)
}

/// Two projects; `greet` with two versions, a draft, a case and a tag that was moved, `deleted`, and a key to revoke.
fn world() -> (Bench, String) {
    let bench = Bench::new();
    for content in ["one", "two"] {
        bench.commit("greet", content);
        bench.commit("deleted", content);
    }
    bench.call(
        "PUT",
        "/v1/prompts/greet/draft?author=Ada",
        Some(document("draft")),
    );
    let usual = json!({ "kind": "openai_chat", "baseUrl": "https://api.example" });
    bench.call("PUT", "/v1/connections/usual", Some(usual));
    let inputs = json!({ "inputs": {} });
    bench.call("PUT", "/v1/prompts/greet/cases/usual", Some(inputs));
    for version in [2, 1] {
        bench.call(
            "PUT",
            "/v1/prompts/greet/tags/production",
            Some(json!({ "version": version })),
        );
    }
    bench.call("DELETE", "/v1/prompts/deleted", None);
    bench.call("POST", "/v1/projects", Some(json!({ "slug": "other" })));
    let spare = bench.key(json!({ "role": "read" }));
    let id = spare.split('_').nth(2).unwrap().to_owned();
    (bench, id)
}

fn ask(route: &Route, bench: &Bench, key_id: &str, key: Option<&str>) -> (u16, String) {
    let (path, body) = sample(route);
    let path = path.replace("{key}", key_id);
    bench
        .send(&request(route.method.as_str(), &path, key, body))
        .problem()
}

#[test]
fn every_route_and_every_role() {
    let mut cells = 0;
    for route in ROUTES {
        for role in [KeyRole::Read, KeyRole::Run, KeyRole::Write, KeyRole::Admin] {
            let (bench, id) = world();
            let key = match role {
                // Some routes take an admin of the first project, and the bench's admin is one.
                KeyRole::Admin => bench.admin.clone(),
                role => bench.key(json!({ "role": role })),
            };
            let (status, code) = ask(route, &bench, &id, Some(&key));
            let allowed = match route.access {
                Access::Public => true,
                Access::Key(needed) => role >= needed,
            };
            let got = format!(
                "{} {} as {role}: {status} {code}",
                route.method.as_str(),
                route.path
            );
            if allowed && route.is_beside_the_store() {
                // The suite `run` tests their successful answers.
                assert_eq!((status, code.as_str()), (500, "internal"), "{got}");
            } else if allowed {
                assert!((200..300).contains(&status), "{got}");
            } else {
                assert_eq!((status, code.as_str()), (403, "role_required"), "{got}");
            }
            cells += 1;
        }
    }
    assert_eq!(cells, ROUTES.len() * 4);
}

#[test]
fn every_route_and_every_key_that_is_none() {
    for route in ROUTES {
        let (bench, id) = world();
        let expect = |kind: &str, key: Option<&str>, expected: &str| {
            let (status, code) = ask(route, &bench, &id, key);
            let got = format!("{} {} with {kind} key", route.method.as_str(), route.path);
            match route.access {
                Access::Public => assert_eq!(status, 200, "{got}"),
                Access::Key(_) => assert_eq!((status, code.as_str()), (401, expected), "{got}"),
            }
        };
        for role in [KeyRole::Read, KeyRole::Write, KeyRole::Admin] {
            let revoked = bench.key(json!({ "role": role }));
            let revoked_id = revoked.split('_').nth(2).unwrap();
            bench.call("DELETE", &format!("/v1/keys/{revoked_id}"), None);
            expect(&format!("a revoked {role}"), Some(&revoked), "key_invalid");
            let end = bench.in_ms(1000);
            let expired = bench.key(json!({ "role": role, "expiresAt": end }));
            bench.pass(1000);
            expect(&format!("an expired {role}"), Some(&expired), "key_invalid");
        }
        let organization = OrganizationId::parse("acme00000000").unwrap();
        let stranger = Key::generate(&organization, &Entropy::new([9; 32]));
        expect("a stranger's", Some(stranger.expose()), "key_invalid");
        let unsealed = "cue_acme00000000_000000000000_00000000000000000000000000000000000000";
        expect("an unsealed", Some(unsealed), "key_malformed");
        expect("a garbage", Some("x"), "key_malformed");
        expect("no", None, "key_missing");
    }
}

/// For a key of another project, whatever its role, this project's prompts do not exist and do not change.
#[test]
fn every_route_and_another_project() {
    for route in ROUTES.iter().filter(|route| route.path.contains("{slug}")) {
        for role in [KeyRole::Read, KeyRole::Write, KeyRole::Admin] {
            another_project(route, role);
        }
    }
}

fn another_project(route: &Route, role: KeyRole) {
    let (bench, _) = world();
    let stranger = bench.key(json!({ "role": role, "project": "other" }));
    let (path, body) = sample(route);
    let missing = path
        .replace("greet", "missing")
        .replace("deleted", "missing");
    let send = |path: &str| {
        bench.send(&request(
            route.method.as_str(),
            path,
            Some(&stranger),
            body.clone(),
        ))
    };
    let (theirs, nobodys) = (send(&path), send(&missing));
    let got = format!("{} {} as {role}", route.method.as_str(), route.path);
    let blind = |answer: &super::Answer, slug: &str| {
        let mut json = answer.json();
        for volatile in ["instance", "id", "createdAt", "updatedAt", "revision"] {
            json.as_object_mut().map(|json| json.shift_remove(volatile));
        }
        json.to_string().replace(slug, "SLUG")
    };
    let slug = if path.contains("deleted") {
        "deleted"
    } else {
        "greet"
    };
    assert_eq!(theirs.status(), nobodys.status(), "{got}");
    assert_eq!(blind(&theirs, slug), blind(&nobodys, "missing"), "{got}");
    let latest = bench.get("/v1/prompts/greet?tag=latest").json();
    assert_eq!(latest["version"], 2, "{got}");
    assert_eq!(bench.get("/v1/prompts/greet").json()["version"], 1, "{got}");
    let makes = matches!(
        route.operation,
        Operation::CommitVersion
            | Operation::ImportPrompt
            | Operation::ImportHistory
            | Operation::PutDraft
    );
    // A draft may exist before its prompt does, so an unknown prompt has an empty list of drafts.
    let lists = route.operation == Operation::ListPromptDrafts;
    let may = matches!(route.access, Access::Key(needed) if role >= needed);
    assert_eq!(
        theirs.status() < 300,
        (makes || lists) && may,
        "{got}: a slug is free in every project"
    );
}

/// The changes that readers see are those in the table of routes.
#[test]
fn every_route_says_what_it_invalidates() {
    for route in ROUTES.iter().filter(|route| !route.is_beside_the_store()) {
        let (bench, id) = world();
        let revision = || bench.get("/v1/keys/self").json()["revision"].clone();
        let before = revision();
        let (status, _) = ask(route, &bench, &id, Some(&bench.admin));
        assert!(status < 300, "{}", route.name);
        let prompts = !matches!(
            route.invalidates,
            Invalidates::Nothing | Invalidates::Keys | Invalidates::Runs
        );
        assert_eq!(revision() != before, prompts, "{}", route.name);
        let keys = route.writes()
            && ["/v1/keys", "/v1/projects"]
                .iter()
                .any(|at| route.path.starts_with(at));
        assert_eq!(
            route.invalidates == Invalidates::Keys,
            keys,
            "{}",
            route.name
        );
    }
}

/// An admin of another project than the first manages only its own.
#[test]
fn an_admin_of_one_project_does_not_manage_another() {
    let (bench, id) = world();
    let other = bench.key(json!({ "role": "admin", "project": "other" }));
    let ask = |method: &str, url: &str, body| {
        bench
            .send(&request(method, url, Some(&other), body))
            .problem()
    };
    let code = |(status, code): (u16, String)| format!("{status} {code}");
    assert_eq!(
        code(ask("GET", &format!("/v1/keys/{id}"), None)),
        "404 key_not_found"
    );
    assert_eq!(
        code(ask("DELETE", &format!("/v1/keys/{id}"), None)),
        "404 key_not_found"
    );
    assert_eq!(
        code(ask("GET", "/v1/keys?project=default", None)),
        "404 project_not_found"
    );
    assert_eq!(
        code(ask("GET", "/v1/projects/default", None)),
        "404 project_not_found"
    );
    let key = json!({ "role": "admin", "project": "default" });
    assert_eq!(
        code(ask("POST", "/v1/keys", Some(key))),
        "404 project_not_found"
    );
    assert_eq!(
        code(ask("POST", "/v1/projects", Some(json!({ "slug": "x" })))),
        "403 role_required"
    );
    assert_eq!(
        code(ask("DELETE", "/v1/projects/other", None)),
        "403 role_required"
    );
    assert_eq!(
        bench
            .send(&request("GET", "/v1/projects", Some(&other), None))
            .json()["projects"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}
