//! Behaviour that only LangWatch's clients can observe.

use serde_json::{Value, json};

use crate::api::tests::{Bench, request};
use crate::facades::tests::{ask, send};

#[test]
fn liquid_is_kept_as_jinja_and_goes_back_as_it_was_written() {
    let bench = Bench::new();
    let liquid = "{% if a == 1 %}x{% elsif b contains 'y' %}{{ b | upcase }}{% endif %}\n";
    let body = json!({ "handle": "h", "prompt": liquid });
    let (status, made) = ask(&bench, "POST", "/api/prompts", Some(body));
    assert_eq!((status, &made["prompt"]), (200, &json!(liquid)));
    let ours = bench.get("/v1/prompts/h").json();
    assert!(
        ours["messages"][0]["content"]
            .as_str()
            .unwrap()
            .contains("elif")
    );
    let inputs = json!({ "inputs": { "a": 2, "b": "xyz" } });
    let rendered = bench
        .call("POST", "/v1/prompts/h/render", Some(inputs))
        .json();
    assert_eq!(rendered["messages"][0]["content"], "XYZ\n");
    // After an edit elsewhere, the Liquid no longer matches.
    let edited = json!({ "messages": [{ "role": "system", "content": "new" }], "metadata": ours["metadata"] });
    bench.call("POST", "/v1/prompts/h/versions", Some(edited));
    let (_, latest) = ask(&bench, "GET", "/api/prompts/h", None);
    assert_eq!(latest["prompt"], "new");
}

#[test]
fn a_sync_creates_updates_and_sees_conflicts() {
    let bench = Bench::new();
    let sync = |text: &str, version: Option<u64>| {
        let data = json!({ "model": "openai/gpt-5", "prompt": text, "messages": [{ "role": "user", "content": "{{input}}" }] });
        let body = json!({ "configData": data, "localVersion": version });
        ask(&bench, "POST", "/api/prompts/a%2Fb/sync", Some(body)).1
    };
    assert_eq!(sync("one", Some(0))["action"], "created");
    assert_eq!(sync("one", Some(1))["action"], "up_to_date");
    let updated = sync("two", Some(1));
    assert_eq!(
        (&updated["action"], &updated["prompt"]["version"]),
        (&json!("updated"), &json!(2))
    );
    assert_eq!(sync("one", Some(1))["action"], "up_to_date");
    let conflict = sync("three", Some(1));
    assert_eq!(conflict["action"], "conflict");
    assert_eq!(
        conflict["conflictInfo"]["differences"],
        json!(["prompt differs"])
    );
    let theirs = &conflict["conflictInfo"]["remoteConfigData"];
    assert_eq!(theirs["prompt"], "two");
    assert_eq!(
        theirs["messages"],
        json!([{ "role": "user", "content": "{{input}}" }])
    );
    assert_eq!(conflict["conflictInfo"]["remoteVersion"], 2);
}

#[test]
fn an_older_version_comes_back_as_a_new_one() {
    let bench = Bench::new();
    let body = |text: &str| json!({ "handle": "h", "prompt": text });
    let (_, first) = ask(&bench, "POST", "/api/prompts", Some(body("one")));
    let change = json!({ "prompt": "two", "commitMessage": "m" });
    assert_eq!(
        ask(&bench, "PUT", "/api/prompts/h", Some(change)).1["version"],
        2
    );
    let url = format!(
        "/api/prompts/h/versions/{}/restore",
        first["versionId"].as_str().unwrap()
    );
    let (status, restored) = ask(&bench, "POST", &url, None);
    assert_eq!(
        (status, &restored["version"], &restored["prompt"]),
        (200, &json!(3), &json!("one"))
    );
    assert_eq!(restored["commitMessage"], "Restore from version 1");
    let (_, versions) = ask(&bench, "GET", "/api/prompts/h/versions", None);
    assert_eq!(versions.as_array().unwrap().len(), 3);
    assert_eq!(versions[0]["tags"][0]["name"], "latest");
}

#[test]
fn a_handle_can_be_the_projects_and_the_organisations() {
    for order in [["PROJECT", "ORGANIZATION"], ["ORGANIZATION", "PROJECT"]] {
        let bench = Bench::new();
        let create = |scope: &str, text: &str| {
            let body = json!({ "handle": "h", "prompt": text, "scope": scope });
            ask(&bench, "POST", "/api/prompts", Some(body))
        };
        for scope in order {
            let (status, made) = create(scope, scope);
            let told = (status, &made["handle"], &made["name"], &made["scope"]);
            assert_eq!(
                told,
                (200, &json!("h"), &json!("h"), &json!(scope)),
                "{made}"
            );
        }
        for scope in order {
            let (status, taken) = create(scope, "again");
            let words = format!("Prompt handle already exists for scope {scope}");
            assert_eq!((status, &taken["message"]), (409, &json!(words)));
        }
        // The project's own prompt wins; the list has both prompts, each under its id.
        let (_, got) = ask(&bench, "GET", "/api/prompts/h", None);
        assert_eq!(got["scope"], "PROJECT");
        let (_, all) = ask(&bench, "GET", "/api/prompts", None);
        assert_eq!(all.as_array().unwrap().len(), 2);
        for listed in all.as_array().unwrap() {
            let url = format!("/api/prompts/{}", listed["id"].as_str().unwrap());
            let (_, got) = ask(&bench, "GET", &url, None);
            assert_eq!(got, *listed);
            assert_eq!(
                (&got["handle"], &got["prompt"]),
                (&json!("h"), &got["scope"])
            );
            let change = json!({ "handle": "h", "prompt": "new", "scope": got["scope"], "commitMessage": "m" });
            let (status, put) = ask(&bench, "PUT", &url, Some(change));
            assert_eq!(
                (status, &put["version"], &put["id"]),
                (200, &json!(2), &got["id"]),
                "{put}"
            );
            assert_eq!(
                (&put["handle"], &put["scope"]),
                (&json!("h"), &got["scope"])
            );
        }
        // Another project has only the organisation's prompt.
        bench.call("POST", "/v1/projects", Some(json!({ "slug": "other" })));
        let other = bench.key(json!({ "role": "write", "project": "other" }));
        let (_, got) = send(
            &bench,
            &request("GET", "/api/prompts/h", Some(&other), None),
        );
        assert_eq!(
            (&got["handle"], &got["scope"]),
            (&json!("h"), &json!("ORGANIZATION"))
        );
        // Neither prompt can take the scope of the other.
        for (id, scope) in all.as_array().unwrap().iter().map(|one| {
            let other = if one["scope"] == "PROJECT" {
                "ORGANIZATION"
            } else {
                "PROJECT"
            };
            (one["id"].as_str().unwrap(), other)
        }) {
            let change = json!({ "scope": scope, "prompt": "moved", "commitMessage": "m" });
            let (status, taken) = ask(&bench, "PUT", &format!("/api/prompts/{id}"), Some(change));
            let words = format!("Prompt handle already exists for scope {scope}");
            assert_eq!((status, &taken["message"]), (409, &json!(words)));
            let (_, got) = ask(&bench, "GET", &format!("/api/prompts/{id}"), None);
            assert_eq!(
                (&got["version"], &got["prompt"]),
                (&json!(2), &json!("new")),
                "a refused update changes nothing"
            );
        }
        assert_eq!(ask(&bench, "DELETE", "/api/prompts/h", None).0, 200);
        assert_eq!(create("PROJECT", "third").0, 200);
        assert_eq!(
            ask(&bench, "GET", "/api/prompts/h", None).1["prompt"],
            "third"
        );
    }
}

#[test]
fn an_update_that_is_refused_leaves_nothing_done() {
    let bench = Bench::new();
    let create = |handle: &str| {
        let body = json!({ "handle": handle, "prompt": "one" });
        assert_eq!(ask(&bench, "POST", "/api/prompts", Some(body)).0, 200);
    };
    create("a");
    create("b");
    bench.call("POST", "/v1/projects", Some(json!({ "slug": "other" })));
    let other = bench.key(json!({ "role": "write", "project": "other" }));
    let shared = json!({ "handle": "a", "prompt": "theirs", "scope": "ORGANIZATION" });
    let made = request("POST", "/api/prompts", Some(&other), Some(shared));
    assert_eq!(send(&bench, &made).0, 200);
    let before = ask(&bench, "GET", "/api/prompts/a/versions", None).1;
    for refused in [
        json!({ "scope": "ORGANIZATION" }),
        json!({ "handle": "b" }),
        json!({ "handle": "c", "scope": "PROJECT", "prompt": "{% if %}" }),
        json!({ "handle": "c d" }),
    ] {
        let mut change = json!({ "prompt": "two", "commitMessage": "m" });
        for (key, value) in refused.as_object().unwrap() {
            change[key] = value.clone();
        }
        let (status, answer) = ask(&bench, "PUT", "/api/prompts/a", Some(change));
        assert!(matches!(status, 409 | 422), "{answer}");
        assert_eq!(
            ask(&bench, "GET", "/api/prompts/a/versions", None).1,
            before
        );
        assert_eq!(ask(&bench, "GET", "/api/prompts/c", None).0, 404);
    }
}

/// The names of LangWatch's tags, as a key sees them.
fn tag_names(bench: &Bench, key: &str) -> Vec<String> {
    let request = request("GET", "/api/prompts/tags", Some(key), None);
    let (status, tags) = send(bench, &request);
    assert_eq!(status, 200, "{tags}");
    let names = tags.as_array().unwrap().iter();
    names
        .map(|tag| tag["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn tags_are_of_the_organisation_and_kept_in_no_prompt() {
    let bench = Bench::new();
    bench.call("POST", "/v1/projects", Some(json!({ "slug": "other" })));
    let other = bench.key(json!({ "role": "write", "project": "other" }));
    let as_other = |method: &str, url: &str, body: Option<Value>| {
        send(&bench, &request(method, url, Some(&other), body))
    };
    let name = |name: &str| Some(json!({ "name": name }));
    assert_eq!(tag_names(&bench, &other), ["production", "staging"]);
    let (status, made) = ask(&bench, "POST", "/api/prompts/tags", name("canary"));
    assert_eq!((status, &made["name"]), (201, &json!("canary")));
    assert_eq!(
        tag_names(&bench, &other),
        ["canary", "production", "staging"]
    );
    assert_eq!(as_other("POST", "/api/prompts/tags", name("canary")).0, 409);
    for (project, key) in [("default", &bench.admin), ("other", &other)] {
        let body = json!({ "handle": "h", "prompt": project, "tags": ["canary"] });
        let made = request("POST", "/api/prompts", Some(key), Some(body));
        assert_eq!(send(&bench, &made).0, 200);
        for (url, list) in [
            ("/api/v1/prompt/slug/all", "/data/slugs"),
            ("/prompts", "/prompts"),
            ("/api/prompts", ""),
        ] {
            let (_, answer) = send(&bench, &request("GET", url, Some(key), None));
            let listed = answer.pointer(list).and_then(Value::as_array).unwrap();
            assert_eq!(listed.len(), 1, "{url}: {answer}");
        }
        let ours = bench.send(&request("GET", "/v1/snapshot?tag=latest", Some(key), None));
        assert_eq!(ours.json()["prompts"].as_array().unwrap().len(), 1);
    }
    // A rename moves the tag on the project's own prompts only.
    let (status, made) = as_other("PUT", "/api/prompts/tags/canary", name("beta"));
    assert_eq!((status, &made["name"]), (200, &json!("beta")));
    assert_eq!(
        tag_names(&bench, &bench.admin),
        ["beta", "canary", "production", "staging"],
        "the other project's prompt keeps its tag"
    );
    assert_eq!(as_other("GET", "/api/prompts/h?tag=beta", None).0, 200);
    assert_eq!(as_other("GET", "/api/prompts/h?tag=canary", None).0, 404);
    assert_eq!(ask(&bench, "GET", "/api/prompts/h?tag=canary", None).0, 200);
    assert_eq!(as_other("DELETE", "/api/prompts/tags/beta", None).0, 204);
    assert_eq!(as_other("DELETE", "/api/prompts/tags/beta", None).0, 404);
    assert_eq!(
        tag_names(&bench, &bench.admin),
        ["canary", "production", "staging"]
    );
    assert_eq!(tag_names(&bench, &other), ["production", "staging"]);
    assert_eq!(as_other("GET", "/api/prompts/h?tag=beta", None).0, 404);
    assert_eq!(as_other("DELETE", "/api/prompts/tags/latest", None).0, 422);
}

#[test]
fn a_tag_that_the_api_of_ours_set_is_one_that_langwatch_knows() {
    let bench = Bench::new();
    bench.commit("h", "x");
    let version = Some(json!({ "version": 1 }));
    let moved = bench.call("PUT", "/v1/prompts/h/tags/canary", version);
    assert_eq!(moved.status(), 200);
    let name = |name: &str| Some(json!({ "name": name }));
    let known = ["canary", "production", "staging"];
    assert_eq!(tag_names(&bench, &bench.admin), known);
    let (status, _) = ask(&bench, "POST", "/api/prompts/tags", name("canary"));
    assert_eq!(status, 409);
    let (status, made) = ask(&bench, "PUT", "/api/prompts/tags/canary", name("beta"));
    assert_eq!((status, &made["name"]), (200, &json!("beta")));
    assert_eq!(ask(&bench, "GET", "/api/prompts/h?tag=beta", None).0, 200);
    assert_eq!(ask(&bench, "DELETE", "/api/prompts/tags/beta", None).0, 204);
    assert_eq!(tag_names(&bench, &bench.admin), ["production", "staging"]);
}

#[test]
fn nobody_takes_the_tag_that_every_prompt_has() {
    let bench = Bench::new();
    let name = |name: &str| Some(json!({ "name": name }));
    bench.commit("h", "x");
    for (method, url, body, expected) in [
        ("POST", "/api/prompts/tags", name("production"), 409),
        ("PUT", "/api/prompts/tags/staging", name("production"), 409),
        ("PUT", "/api/prompts/tags/production", name("x"), 422),
        ("DELETE", "/api/prompts/tags/production", None, 422),
        // `live` is the alias of `production` for readers.
        ("POST", "/api/prompts/tags", name("live"), 422),
        ("PUT", "/api/prompts/tags/staging", name("live"), 422),
        ("DELETE", "/api/prompts/tags/live", None, 422),
    ] {
        assert_eq!(ask(&bench, method, url, body).0, expected, "{method} {url}");
    }
    for method in ["PUT", "DELETE"] {
        assert_eq!(bench.call(method, "/v1/tags/live", None).status(), 400);
    }
    assert_eq!(
        bench.call("DELETE", "/v1/tags/production", None).status(),
        400
    );
    assert_eq!(bench.get("/v1/prompts/h").status(), 200);
    assert_eq!(tag_names(&bench, &bench.admin), ["production", "staging"]);
}

#[test]
fn a_prompt_that_another_project_shares_keeps_its_tags() {
    let bench = Bench::new();
    bench.call("POST", "/v1/projects", Some(json!({ "slug": "other" })));
    let other = bench.key(json!({ "role": "write", "project": "other" }));
    let body =
        json!({ "handle": "h", "prompt": "x", "scope": "ORGANIZATION", "tags": ["staging"] });
    assert_eq!(ask(&bench, "POST", "/api/prompts", Some(body)).0, 200);
    let delete = request("DELETE", "/api/prompts/tags/staging", Some(&other), None);
    assert_eq!(send(&bench, &delete).0, 204);
    assert_eq!(
        ask(&bench, "GET", "/api/prompts/h?tag=staging", None).0,
        200
    );
}

#[test]
fn a_version_tells_the_tags_that_point_at_it() {
    let bench = Bench::new();
    let body = json!({ "handle": "h", "prompt": "one", "tags": ["staging", "production"] });
    assert_eq!(ask(&bench, "POST", "/api/prompts", Some(body)).0, 200);
    let body = json!({ "prompt": "two", "commitMessage": "m", "tags": ["staging"] });
    assert_eq!(ask(&bench, "PUT", "/api/prompts/h", Some(body)).0, 200);
    for (url, expected) in [
        ("/api/prompts/h", &["latest", "staging"][..]),
        ("/api/prompts/h:staging", &["latest", "staging"]),
        ("/api/prompts/h:2", &["latest", "staging"]),
        ("/api/prompts/h?tag=live", &["production"]),
        ("/api/prompts/h?version=1", &["production"]),
    ] {
        let (_, version) = ask(&bench, "GET", url, None);
        let tags = version["tags"].as_array().unwrap().iter();
        let names: Vec<&Value> = tags.clone().map(|tag| &tag["name"]).collect();
        assert_eq!(names, expected, "{url}");
        let mut ids = tags.map(|tag| &tag["versionId"]);
        assert!(
            ids.all(|id| *id == version["versionId"]),
            "{url}: {version}"
        );
    }
}

#[test]
fn a_handle_that_ends_like_a_route_is_read_by_an_encoded_slash() {
    let bench = Bench::new();
    for handle in ["v/versions", "v/sync", "v/tags/production"] {
        let body = json!({ "handle": handle, "prompt": "one" });
        assert_eq!(ask(&bench, "POST", "/api/prompts", Some(body)).0, 200);
        let url = format!("/api/prompts/{}", handle.replace('/', "%2F"));
        let change = Some(json!({ "prompt": "two", "commitMessage": "m" }));
        let (status, put) = ask(&bench, "PUT", &url, change);
        assert_eq!(
            (status, &put["version"]),
            (200, &json!(2)),
            "{handle}: {put}"
        );
        let (status, got) = ask(&bench, "GET", &url, None);
        assert_eq!((status, &got["handle"]), (200, &json!(handle)), "{handle}");
        let (_, versions) = ask(&bench, "GET", &format!("{url}/versions"), None);
        assert_eq!(
            versions.as_array().map(Vec::len),
            Some(2),
            "{handle}: {versions}"
        );
        let newest = Some(json!({ "versionId": put["versionId"] }));
        assert_eq!(
            ask(&bench, "PUT", &format!("{url}/tags/staging"), newest).0,
            200
        );
        assert_eq!(ask(&bench, "DELETE", &url, None).0, 200);
    }
}
