//! Tests of the translations over the API and a database in memory. `tests/facades` runs the clients themselves.

use std::cell::Cell;
use std::time::Duration;

use futures_util::FutureExt;
use serde_json::{Value, json};

use super::*;
use crate::api::tests::{Bench, request, with};
use crate::clock::stopwatch;

impl Api for Bench {
    async fn ask(&self, request: ApiRequest) -> ApiResponse {
        self.send(&request).0
    }
}

pub(super) fn ask(bench: &Bench, method: &str, url: &str, body: Option<Value>) -> (u16, Value) {
    send(bench, &request(method, url, Some(&bench.admin), body))
}

pub(super) fn send(api: &impl Api, request: &ApiRequest) -> (u16, Value) {
    let facade = Facade::of(&request.path).unwrap();
    let answer = answer(facade, request, api).now_or_never().unwrap();
    let json = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    (answer.status, json)
}

#[test]
fn a_path_belongs_to_one_system() {
    for (path, facade) in [
        ("/api/v1/prompt/a/default", Some(Facade::Athina)),
        ("/prompts", Some(Facade::Basalt)),
        ("/prompts/a", Some(Facade::Basalt)),
        ("/api/prompts/a", Some(Facade::Langwatch)),
        ("/api/promptsx", None),
        ("/v1/prompts", None),
        ("/", None),
    ] {
        assert_eq!(Facade::of(path), facade, "{path}");
    }
}

#[test]
fn a_prompt_of_one_system_reads_in_the_others() {
    let bench = Bench::new();
    let body = json!({
        "prompt": [{ "role": "system", "content": "You are {{ role }}" }, { "role": "user", "content": "Hi {{ name }}" }],
        "model": "openai/gpt-4o", "parameters": { "temperature": 0.5, "max_tokens": 9 },
    });
    assert_eq!(
        ask(&bench, "POST", "/api/v1/prompt/team/x", Some(body)).0,
        201
    );
    let (_, basalt) = ask(&bench, "GET", "/prompts/team/x", None);
    assert_eq!(basalt["prompt"]["text"], "Hi {{ name }}");
    assert_eq!(basalt["prompt"]["systemText"], "You are {{ role }}");
    assert_eq!(basalt["prompt"]["version"], "1.0.0");
    assert_eq!(basalt["prompt"]["model"]["provider"], "open-ai");
    assert_eq!(basalt["prompt"]["model"]["parameters"]["maxLength"], 9);
    let (_, langwatch) = ask(&bench, "GET", "/api/prompts/team%2Fx", None);
    assert_eq!(langwatch["prompt"], "You are {{ role }}");
    assert_eq!(langwatch["messages"][1]["content"], "Hi {{ name }}");
    assert_eq!(
        (&langwatch["maxTokens"], &langwatch["temperature"]),
        (&json!(9), &json!(0.5))
    );
    assert_eq!(
        bench.get("/v1/prompts/team/x").json()["parameters"]["maxTokens"],
        9
    );
}

#[test]
fn every_header_takes_a_key_and_none_takes_another() {
    let bench = Bench::new();
    bench.commit("x", "Hi");
    let with_header = |url: &str, name: &str, value: &str| {
        send(&bench, &with(request("GET", url, None, None), name, value)).0
    };
    let bearer = format!("Bearer {}", bench.admin);
    for (url, name, value) in [
        ("/api/v1/prompt/x/default", "athina-api-key", &bench.admin),
        ("/prompts/x", "authorization", &bearer),
        ("/api/prompts/x", "x-auth-token", &bench.admin),
        ("/api/prompts/x", "authorization", &bearer),
    ] {
        assert_eq!(with_header(url, name, value), 200, "{url}");
        assert_eq!(with_header(url, name, "nonsense"), 401, "{url}");
        assert_eq!(
            send(&bench, &request("GET", url, None, None)).0,
            401,
            "{url}"
        );
    }
}

#[test]
fn basalts_clients_read_a_slug_that_ends_like_a_route() {
    let bench = Bench::new();
    bench.commit("email/describe", "Hi");
    let (status, read) = ask(&bench, "GET", "/prompts/email%2Fdescribe", None);
    assert_eq!((status, &read["prompt"]["text"]), (200, &json!("Hi")));
    let (status, told) = ask(&bench, "GET", "/prompts/email%2Fdescribe/describe", None);
    assert_eq!(
        (status, &told["prompt"]["slug"]),
        (200, &json!("email/describe"))
    );
}

#[test]
fn a_key_is_looked_at_before_a_body() {
    let bench = Bench::new();
    let wrong = json!({ "color": 1, "prompt": "{% if %}" });
    for (method, url) in [
        ("POST", "/api/v1/prompt/x"),
        ("POST", "/api/v1/prompt/x/run"),
        ("POST", "/api/v1/prompt/slug/x/duplicate"),
        ("PATCH", "/api/v1/prompt/slug/x"),
        ("PATCH", "/api/v1/prompt/x/1/set-default"),
        ("POST", "/prompts/x/publish"),
        ("POST", "/api/prompts"),
        ("POST", "/api/prompts/tags"),
        ("PUT", "/api/prompts/tags/x"),
        ("PUT", "/api/prompts/x"),
        ("PUT", "/api/prompts/x/tags/y"),
        ("POST", "/api/prompts/x/versions"),
        ("POST", "/api/prompts/x/sync"),
    ] {
        for key in [None, Some("nonsense")] {
            let request = request(method, url, key, Some(wrong.clone()));
            assert_eq!(send(&bench, &request).0, 401, "{method} {url} {key:?}");
        }
        let (status, _) = ask(&bench, method, url, Some(wrong.clone()));
        assert!(
            [400, 404, 422].contains(&status),
            "{method} {url}: {status}"
        );
    }
}

#[test]
fn refusals_have_the_shape_that_each_client_reads() {
    let bench = Bench::new();
    let (status, body) = ask(&bench, "GET", "/api/v1/prompt/nope/default", None);
    assert_eq!(status, 404);
    assert!(body["error"].is_string() && body["details"]["message"].is_string());
    let (status, body) = ask(&bench, "GET", "/prompts/nope", None);
    assert_eq!((status, body["error"].is_string()), (404, true));
    let (status, body) = ask(&bench, "GET", "/api/prompts/nope", None);
    assert_eq!((status, &body["error"]), (404, &json!("prompt_not_found")));
    for (url, expected) in [
        ("/api/prompts/x:production?version=1", 422),
        ("/api/prompts/x?tag=a&version=1", 422),
        ("/api/prompts/:x", 422),
    ] {
        assert_eq!(ask(&bench, "GET", url, None).0, expected, "{url}");
    }
    let twice =
        json!({ "handle": "h", "prompt": "x", "messages": [{ "role": "system", "content": "y" }] });
    assert_eq!(ask(&bench, "POST", "/api/prompts", Some(twice)).0, 409);
    let unknown = json!({ "handle": "h", "prompt": "x", "color": 1 });
    let (status, body) = ask(&bench, "POST", "/api/prompts", Some(unknown));
    assert_eq!((status, &body["fields"]), (422, &json!(["color"])));
    let none = json!({ "handle": "h", "messages": [{ "role": "user", "content": "y" }] });
    assert_eq!(ask(&bench, "POST", "/api/prompts", Some(none)).0, 400);
}

#[test]
fn what_one_system_cannot_say_stays_when_it_writes() {
    let bench = Bench::new();
    let tools = json!([{ "type": "function", "function": { "name": "f", "parameters": { "type": "object" } } }]);
    let document = json!({
        "messages": [{ "role": "system", "content": "a" }], "tools": tools, "provider": "azure",
        "parameters": { "topP": 0.5 }, "metadata": { "team": "x" },
    });
    bench.call("POST", "/v1/prompts/h/versions", Some(document));
    let change = json!({ "prompt": "b", "temperature": 0.1, "commitMessage": "m" });
    assert_eq!(ask(&bench, "PUT", "/api/prompts/h", Some(change)).0, 200);
    let latest = bench.get("/v1/prompts/h?tag=latest").json();
    assert_eq!(
        (&latest["tools"], &latest["provider"]),
        (&tools, &json!("azure"))
    );
    assert_eq!(
        latest["parameters"],
        json!({ "temperature": 0.1, "topP": 0.5 })
    );
    assert_eq!(latest["metadata"], json!({ "team": "x" }));
}

/// An API where another caller writes between a read and the next write.
struct Race<'a> {
    bench: &'a Bench,
    other: std::cell::RefCell<Option<Value>>,
}

impl Api for Race<'_> {
    async fn ask(&self, request: ApiRequest) -> ApiResponse {
        if request.method == "POST"
            && let Some(document) = self.other.borrow_mut().take()
        {
            let made = self.bench.call("POST", &request.path, Some(document));
            assert_eq!(made.status(), 201, "{}", made.json());
        }
        self.bench.send(&request).0
    }
}

#[test]
fn who_writes_over_what_another_wrote_meanwhile_is_told_of_the_conflict() {
    let message = json!([{ "role": "system", "content": "mine" }]);
    let file = json!({ "model": "m", "prompt": "mine", "messages": [] });
    let own = |text: &str| json!({ "messages": [{ "role": "system", "content": text }] });
    for (method, url, body, status) in [
        (
            "POST",
            "/api/v1/prompt/h",
            json!({ "prompt": message }),
            409,
        ),
        (
            "POST",
            "/api/v1/prompt/new",
            json!({ "prompt": message }),
            409,
        ),
        (
            "PUT",
            "/api/prompts/h",
            json!({ "prompt": "mine", "commitMessage": "m" }),
            409,
        ),
        (
            "POST",
            "/api/prompts",
            json!({ "handle": "new", "prompt": "mine" }),
            409,
        ),
        (
            "POST",
            "/api/prompts/h/versions/{id}/restore",
            Value::Null,
            409,
        ),
        (
            "POST",
            "/api/prompts/h/sync",
            json!({ "configData": file, "localVersion": 1 }),
            200,
        ),
        (
            "POST",
            "/api/prompts/new/sync",
            json!({ "configData": file, "localVersion": 0 }),
            200,
        ),
    ] {
        let bench = Bench::new();
        let first = bench
            .call("POST", "/v1/prompts/h/versions", Some(own("before")))
            .json();
        let url = url.replace("{id}", first["id"].as_str().unwrap());
        let race = Race {
            bench: &bench,
            other: Some(own("theirs")).into(),
        };
        let body = Some(body).filter(|body| !body.is_null());
        let request = request(method, &url, Some(&bench.admin), body);
        let facade = Facade::of(&url).unwrap();
        let answer = answer(facade, &request, &race).now_or_never().unwrap();
        let text = String::from_utf8(answer.body).unwrap();
        assert_eq!(answer.status, status, "{method} {url}: {text}");
        assert!(
            status == 409 || text.contains(r#""action":"conflict""#),
            "{url}: {text}"
        );
        assert!(race.other.borrow().is_none(), "{url} wrote nothing");
        let slug = if url.contains("new") || url.ends_with("/api/prompts") {
            "new"
        } else {
            "h"
        };
        let newest = bench.get(&format!("/v1/prompts/{slug}?tag=latest")).json();
        assert_eq!(newest["messages"][0]["content"], "theirs", "{url}");
    }
}

/// Counts the requests of a facade to the API.
struct Counted<'a>(&'a Bench, Cell<usize>);

impl Api for Counted<'_> {
    async fn ask(&self, request: ApiRequest) -> ApiResponse {
        self.1.set(self.1.get() + 1);
        self.0.send(&request).0
    }
}

#[test]
fn a_list_asks_no_more_for_each_prompt_that_is_in_it() {
    let bench = Bench::new();
    let asked = |url: &str, count: usize, list: &str| {
        let api = Counted(&bench, Cell::new(0));
        let request = request("GET", url, Some(&bench.admin), None);
        let (_, json) = send(&api, &request);
        let items = json.pointer(list).and_then(Value::as_array).unwrap();
        assert_eq!(items.len(), count, "{url}");
        api.1.get()
    };
    for count in 1..=150_usize {
        bench.commit(&format!("p{count}"), "Hi {{ name }}");
        // The facade asks about the caller's key, and then for pages of 100 or for all prompts at once.
        let pages = count.div_ceil(100);
        if [1, 100, 101, 150].contains(&count) {
            assert_eq!(asked("/api/prompts", count, ""), 2, "{count}");
            let athina = asked("/api/v1/prompt/slug/all", count, "/data/slugs");
            assert_eq!(athina, 1 + pages, "{count}");
        }
    }
}

/// The time per prompt of a list, as the fastest of several runs, stays the same for ten times as many prompts.
/// Quadratic cost would make it ten times as long.
#[test]
fn a_list_takes_no_longer_for_each_of_many_prompts() {
    let few = Bench::new();
    let many = Bench::new();
    let sizes = [(&few, 100_u32), (&many, 1_000)];
    for (bench, count) in sizes {
        for number in 0..count {
            bench.commit(&format!("p{number}"), "Hi {{ name }}");
        }
    }
    for url in ["/api/prompts", "/api/v1/prompt/slug/all", "/prompts"] {
        let each = |(bench, count): (&Bench, u32)| {
            let elapsed = stopwatch();
            assert_eq!(ask(bench, "GET", url, None).0, 200, "{url}");
            elapsed() / count
        };
        let [mut few, mut many] = [Duration::MAX; 2];
        // In turn, so that other work of the machine meets both; as long as it may have met only one.
        for _ in 0..40 {
            few = few.min(each(sizes[0]));
            many = many.min(each(sizes[1]));
            if many < few * 4 {
                break;
            }
        }
        assert!(many < few * 4, "{url}: {few:?} and {many:?} for each");
    }
}

/// An origin of the release before `/v1/exports`.
struct Earlier<'a>(&'a Bench);

impl Api for Earlier<'_> {
    async fn ask(&self, mut request: ApiRequest) -> ApiResponse {
        if request.path == "/v1/exports" {
            request.path = "/v1/none".to_owned();
        }
        self.0.send(&request).0
    }
}

#[test]
fn an_origin_of_an_earlier_release_lists_the_same() {
    let bench = Bench::new();
    bench.commit("a", "Hi {{ name }}");
    let table = json!({
        "handle": "b", "prompt": "x", "model": "openai/gpt-4o", "scope": "ORGANIZATION", "commitMessage": "m",
        "outputs": [{ "identifier": "o", "type": "json_schema", "json_schema": { "type": "object" } }],
        "demonstrations": { "inline": {
            "records": { "q": ["1"], "n": [2] },
            "columnTypes": [{ "name": "q", "type": "string" }, { "name": "n", "type": "number" }],
        } },
    });
    assert_eq!(ask(&bench, "POST", "/api/prompts", Some(table)).0, 200);
    for agent in ["langwatch/1.4.0 python-httpx", "node"] {
        let list = request("GET", "/api/prompts", Some(&bench.admin), None);
        let list = with(list, "user-agent", agent);
        let (status, now) = send(&bench, &list);
        assert_eq!((status, now.as_array().map(Vec::len)), (200, Some(2)));
        let told = now.to_string();
        assert_eq!(told.contains("responseFormat"), agent == "node", "{told}");
        assert_eq!(told.contains("columnTypes"), agent == "node", "{told}");
        assert_eq!(send(&Earlier(&bench), &list), (status, now), "{agent}");
    }
}

#[test]
fn langwatchs_list_names_the_model_of_each_prompt_once() {
    let bench = Bench::new();
    bench.commit("a", "Hi");
    let named = json!({ "prompt": "x", "model": "openai/gpt-4o", "parameters": { "extra": { "model": "y" } } });
    let made = bench.call("POST", "/v1/prompts/b/versions", Some(named));
    assert_eq!(made.status(), 201);
    let list = request("GET", "/api/prompts", Some(&bench.admin), None);
    let listed = answer(Facade::Langwatch, &list, &bench)
        .now_or_never()
        .unwrap();
    let listed = String::from_utf8(listed.body).unwrap();
    assert_eq!(listed.matches(r#""model":"#).count(), 2, "{listed}");
    assert!(
        listed.contains(r#""model":"default""#) && listed.contains(r#""model":"openai/gpt-4o""#)
    );
}
