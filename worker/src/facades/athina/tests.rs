//! Requests that only hand-written callers of Athina's API make.

use serde_json::json;

use crate::api::tests::Bench;
use crate::facades::tests::ask;

#[test]
fn two_spellings_of_a_parameter_in_one_call_are_refused() {
    let bench = Bench::new();
    let says = json!([{ "role": "user", "content": "x" }]);
    let both = json!({ "maxTokens": 1, "max_completion_tokens": 2 });
    bench.commit("run", "x");
    for (url, body) in [
        (
            "/api/v1/prompt/x",
            json!({ "prompt": says, "parameters": both }),
        ),
        ("/api/v1/prompt/run/run", json!({ "parameters": both })),
    ] {
        let (status, answer) = ask(&bench, "POST", url, Some(body));
        assert_eq!((status, &answer["status"]), (422, &json!("error")), "{url}");
        let told = answer["details"]["message"].as_str().unwrap();
        assert!(told.contains("`maxTokens` is given twice"), "{told}");
    }
    assert_eq!(bench.get("/v1/prompts/x").status(), 404);
    let file = json!({ "configData": { "prompt": "x", "max_tokens": 1, "maxTokens": 2 } });
    let (status, answer) = ask(&bench, "POST", "/api/prompts/x/sync", Some(file));
    let told = answer["message"].as_str().unwrap();
    assert!(
        status == 422 && told.contains("`maxTokens` is given twice"),
        "{answer}"
    );
}

#[test]
fn athinas_parameters_are_an_object_or_refused() {
    let bench = Bench::new();
    let says = json!([{ "role": "user", "content": "x" }]);
    for given in [json!([1]), json!("temperature"), json!(1)] {
        let body = json!({ "prompt": says, "parameters": given });
        let (status, refused) = ask(&bench, "POST", "/api/v1/prompt/x", Some(body));
        assert_eq!(
            (status, &refused["status"]),
            (422, &json!("error")),
            "{refused}"
        );
    }
    let body = json!({ "prompt": says, "parameters": null });
    assert_eq!(ask(&bench, "POST", "/api/v1/prompt/x", Some(body)).0, 201);
}

#[test]
fn a_commit_of_athinas_keeps_each_member_or_is_refused() {
    let bench = Bench::new();
    let says = json!([{ "role": "user", "content": "x" }]);
    for (member, value) in [
        ("is_default", json!(true)),
        ("org_model_config_id", json!("a")),
        ("directory", json!("d")),
        ("metadata", json!("text")),
        ("commit_message", json!(7)),
        ("tool_choice", json!("auto")),
        ("prompt_slug", json!("y")),
    ] {
        let mut body = json!({ "prompt": says });
        body[member] = value;
        let (status, refused) = ask(&bench, "POST", "/api/v1/prompt/x", Some(body));
        let told = refused["details"]["message"].as_str().unwrap();
        assert_eq!(status, 422, "{member}");
        assert!(told.contains(member), "{told}");
    }
    let body =
        json!({ "prompt": says, "prompt_slug": "x", "metadata": { "a": 1 }, "is_default": null });
    assert_eq!(ask(&bench, "POST", "/api/v1/prompt/x", Some(body)).0, 201);
}

#[test]
fn a_run_of_athinas_takes_no_member_that_it_does_not_know() {
    let bench = Bench::new();
    bench.commit("x", "x");
    for (member, value) in [("stream", json!(true)), ("metadata", json!("text"))] {
        let mut body = json!({ "variables": {} });
        body[member] = value;
        let (status, refused) = ask(&bench, "POST", "/api/v1/prompt/x/run", Some(body));
        let told = refused["details"]["message"].as_str().unwrap();
        assert_eq!(status, 422, "{told}");
        assert!(told.contains(member), "{told}");
    }
}
