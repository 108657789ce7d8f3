//! Each refusal has the status and the words that the tests of LangWatch's own server expect.

use serde_json::{Value, json};

use crate::api::tests::{Bench, request};
use crate::facades::tests::{ask, send};

/// A request, and its expected answer: the status, a member, and a part of that, ignoring case.
type Refused = (
    &'static str,
    &'static str,
    Option<Value>,
    u16,
    &'static str,
    &'static str,
);

#[test]
fn refusals_have_the_words_of_langwatchs_own_server() {
    let bench = Bench::new();
    let made = |body: Value| assert_eq!(ask(&bench, "POST", "/api/prompts", Some(body)).0, 200);
    made(json!({ "handle": "pizza", "prompt": "v1" }));
    made(json!({ "handle": "second", "prompt": "v1" }));
    made(json!({ "handle": "shared", "prompt": "v1", "scope": "ORGANIZATION" }));
    let name = |name: &str| Some(json!({ "name": name }));
    assert_eq!(
        ask(&bench, "POST", "/api/prompts/tags", name("canary")).0,
        201
    );
    let both = json!({
        "commitMessage": "m",
        "prompt": "p",
        "messages": [{ "role": "system", "content": "s" }, { "role": "user", "content": "u" }],
    });
    let mut new_with_both = both.clone();
    new_with_both["handle"] = json!("both");
    let rename = json!({ "commitMessage": "m", "handle": "second" });
    let again = json!({ "handle": "pizza", "prompt": "v2" });
    let shared_again = json!({ "handle": "shared", "prompt": "v2", "scope": "ORGANIZATION" });
    let unknown = json!({ "thisDoesntExist": "test", "commitMessage": "test" });
    let (prompts, pizza) = ("/api/prompts", "/api/prompts/pizza");
    let at_once = "System prompt and prompt cannot be set at the same time";
    let cases: Vec<Refused> = vec![
        // Shorthands.
        (
            "GET",
            "/api/prompts/pizza:production?tag=staging",
            None,
            422,
            "error",
            "conflict",
        ),
        (
            "GET",
            "/api/prompts/pizza:2?version=3",
            None,
            422,
            "error",
            "conflict",
        ),
        (
            "GET",
            "/api/prompts/pizza?version=1&tag=production",
            None,
            422,
            "error",
            "conflict",
        ),
        (
            "GET",
            "/api/prompts/:production",
            None,
            422,
            "error",
            "slug must not be empty",
        ),
        (
            "GET",
            "/api/prompts/pizza:",
            None,
            422,
            "error",
            "suffix after colon must not be empty",
        ),
        // Tags.
        (
            "POST",
            "/api/prompts/tags",
            name("42"),
            422,
            "message",
            "numeric",
        ),
        (
            "POST",
            "/api/prompts/tags",
            name("0"),
            422,
            "message",
            "numeric",
        ),
        ("POST", "/api/prompts/tags", name(""), 422, "error", ""),
        (
            "POST",
            "/api/prompts/tags",
            name("canary"),
            409,
            "message",
            "already",
        ),
        (
            "POST",
            "/api/prompts/tags",
            name("latest"),
            422,
            "message",
            "protected",
        ),
        (
            "PUT",
            "/api/prompts/tags/latest",
            name("beta"),
            422,
            "message",
            "protected",
        ),
        (
            "PUT",
            "/api/prompts/tags/canary",
            name("latest"),
            422,
            "message",
            "protected",
        ),
        (
            "PUT",
            "/api/prompts/tags/canary",
            name("7"),
            422,
            "message",
            "numeric",
        ),
        (
            "PUT",
            "/api/prompts/tags/canary",
            name("INVALID"),
            422,
            "error",
            "",
        ),
        (
            "PUT",
            "/api/prompts/tags/nonexistent",
            name("beta"),
            404,
            "error",
            "",
        ),
        (
            "DELETE",
            "/api/prompts/tags/latest",
            None,
            422,
            "message",
            "protected",
        ),
        // Cuecard protects `production`, too.
        (
            "DELETE",
            "/api/prompts/tags/production",
            None,
            422,
            "message",
            "protected",
        ),
        (
            "DELETE",
            "/api/prompts/tags/nonexistent",
            None,
            404,
            "error",
            "",
        ),
        // Prompts.
        (
            "GET",
            "/api/prompts/prompt_nothing",
            None,
            404,
            "error",
            "not_found",
        ),
        (
            "PUT",
            "/api/prompts/none",
            Some(json!({ "commitMessage": "m", "prompt": "p" })),
            404,
            "error",
            "not_found",
        ),
        (
            "DELETE",
            "/api/prompts/none",
            None,
            404,
            "error",
            "not_found",
        ),
        (
            "POST",
            prompts,
            Some(again),
            409,
            "message",
            "handle already exists for scope PROJECT",
        ),
        (
            "POST",
            prompts,
            Some(shared_again),
            409,
            "message",
            "handle already exists for scope ORGANIZATION",
        ),
        (
            "POST",
            prompts,
            Some(json!({ "handle": "x" })),
            400,
            "message",
            "System prompt is required.",
        ),
        (
            "POST",
            prompts,
            Some(json!({ "configData": {}, "schemaVersion": "1.0" })),
            422,
            "error",
            "",
        ),
        (
            "POST",
            prompts,
            Some(json!({ "name": "" })),
            422,
            "error",
            "",
        ),
        ("POST", prompts, Some(new_with_both), 409, "error", at_once),
        ("PUT", pizza, Some(both), 409, "error", at_once),
        (
            "PUT",
            pizza,
            Some(rename),
            409,
            "message",
            "handle already exists",
        ),
        ("PUT", pizza, Some(unknown), 422, "error", ""),
        ("PUT", pizza, Some(json!({})), 422, "error", ""),
        ("PUT", pizza, None, 422, "error", ""),
        ("POST", prompts, None, 422, "error", ""),
        (
            "POST",
            "/api/prompts/pizza/versions",
            None,
            422,
            "error",
            "",
        ),
        ("POST", "/api/prompts/pizza/sync", None, 422, "error", ""),
        ("POST", "/api/prompts/new/sync", None, 422, "error", ""),
        (
            "POST",
            "/api/prompts/pizza/sync",
            Some(json!({})),
            422,
            "error",
            "",
        ),
        ("POST", "/api/prompts/tags", None, 422, "error", ""),
        ("PUT", "/api/prompts/tags/canary", None, 422, "error", ""),
        (
            "PUT",
            "/api/prompts/pizza/tags/canary",
            None,
            422,
            "error",
            "",
        ),
    ];
    let before = ask(&bench, "GET", prompts, None);
    for (method, url, body, status, member, words) in cases {
        let (got, answer) = ask(&bench, method, url, body);
        assert_eq!(got, status, "{method} {url}: {answer}");
        let said = answer[member].as_str().unwrap_or_default().to_lowercase();
        assert!(!said.is_empty(), "{method} {url}: {answer}");
        assert!(
            said.contains(&words.to_lowercase()),
            "{method} {url}: `{words}` in {answer}"
        );
        assert_eq!(answer["statusCode"], status, "{method} {url}: {answer}");
    }
    assert_eq!(ask(&bench, "GET", prompts, None), before);
    let (status, answer) = send(&bench, &request("DELETE", pizza, None, None));
    assert_eq!((status, &answer["error"]), (401, &json!("Unauthorized")));
}

/// A project has one prompt per handle; another project's shared one does not conflict with it, and is listed after it.
#[test]
fn a_projects_own_prompt_comes_before_one_that_another_shares() {
    let bench = Bench::new();
    bench.call("POST", "/v1/projects", Some(json!({ "slug": "other" })));
    let other = bench.key(json!({ "role": "write", "project": "other" }));
    let as_other = |method: &str, url: &str, body: Option<Value>| {
        send(&bench, &request(method, url, Some(&other), body))
    };
    let body = json!({ "handle": "h", "prompt": "everybody's", "scope": "ORGANIZATION" });
    assert_eq!(ask(&bench, "POST", "/api/prompts", Some(body)).0, 200);
    let read = || {
        let (status, prompt) = as_other("GET", "/api/prompts/h", None);
        assert_eq!(status, 200, "{prompt}");
        let (_, list) = as_other("GET", "/api/prompts", None);
        assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
        assert_eq!(
            (&list[0]["prompt"], &list[0]["scope"]),
            (&prompt["prompt"], &prompt["scope"])
        );
        (prompt["prompt"].clone(), prompt["scope"].clone())
    };
    assert_eq!(read(), (json!("everybody's"), json!("ORGANIZATION")));
    let own = json!({ "handle": "h", "prompt": "its own" });
    let (status, made) = as_other("POST", "/api/prompts", Some(own));
    assert_eq!((status, &made["scope"]), (200, &json!("PROJECT")), "{made}");
    assert_eq!(read(), (json!("its own"), json!("PROJECT")));
    assert_eq!(as_other("DELETE", "/api/prompts/h", None).0, 200);
    assert_eq!(
        ask(&bench, "GET", "/api/prompts/h", None).1["prompt"],
        "everybody's"
    );
}

#[test]
fn a_handle_does_not_read_like_an_id() {
    let bench = Bench::new();
    bench.commit("a", "x");
    let id = "prompt_61";
    assert_eq!(
        ask(&bench, "GET", &format!("/api/prompts/{id}"), None).0,
        200
    );
    let new = json!({ "handle": id, "prompt": "y" });
    let (status, refused) = ask(&bench, "POST", "/api/prompts", Some(new));
    assert_eq!(status, 422, "{refused}");
    let rename = json!({ "handle": id, "commitMessage": "m" });
    let (status, refused) = ask(&bench, "PUT", "/api/prompts/a", Some(rename));
    assert_eq!(status, 422, "{refused}");
    assert_eq!(ask(&bench, "GET", "/api/prompts/a", None).1["version"], 1);
}

#[test]
fn a_member_of_another_type_is_refused_rather_than_passed_over() {
    let bench = Bench::new();
    bench.commit("a", "x");
    for (key, value) in [
        ("handle", json!(5)),
        ("scope", json!(5)),
        ("model", json!(["m"])),
        ("authorId", json!(5)),
        ("prompt", json!(5)),
        ("messages", json!({})),
        ("tags", json!("staging")),
        ("tags", json!([1])),
        ("parameters", json!([1])),
    ] {
        let mut body = json!({ "handle": "b", "prompt": "y", "commitMessage": "m" });
        body[key] = value;
        for (method, url) in [("POST", "/api/prompts"), ("PUT", "/api/prompts/a")] {
            let (status, refused) = ask(&bench, method, url, Some(body.clone()));
            assert_eq!(
                (status, &refused["fields"]),
                (422, &json!([key])),
                "{refused}"
            );
        }
    }
    for body in [
        json!({ "configData": { "prompt": 5 } }),
        json!({ "configData": { "prompt": "y" }, "localVersion": "1" }),
    ] {
        let (status, refused) = ask(&bench, "POST", "/api/prompts/a/sync", Some(body));
        assert_eq!(status, 422, "{refused}");
    }
    assert_eq!(ask(&bench, "GET", "/api/prompts/a", None).1["version"], 1);
    assert_eq!(ask(&bench, "GET", "/api/prompts/b", None).0, 404);
}
