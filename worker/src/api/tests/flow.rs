//! Whole workflows of users.

use serde_json::{Value, json};

use super::{Bench, document, request, with};

#[test]
fn readers_may_call_production_live_and_no_change_does() {
    let bench = Bench::new();
    bench.commit("greet", "Hello");
    for path in [
        "/v1/prompts/greet?tag=live",
        "/v1/prompts/greet?tag=production",
        "/v1/prompts/greet",
    ] {
        assert_eq!(bench.get(path).json()["resolved"]["tag"], "production");
    }
    let tag = bench.get("/v1/prompts/greet/tags/live").json();
    assert_eq!(
        (&tag["tag"], &tag["version"]),
        (&json!("production"), &json!(1))
    );
    let history = bench.get("/v1/prompts/greet/tags/live/history").json();
    assert_eq!(history["moves"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        bench.get("/v1/snapshot?tag=live").json()["tag"],
        "production"
    );
    let listed = bench.get("/v1/prompts?tag=live").json();
    assert_eq!(listed["prompts"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        bench.get("/v1/prompts/greet/diff?from=live&to=1").status(),
        200
    );
    let commit = json!({ "messages": [], "tags": ["live"] });
    for (method, path, body, code) in [
        (
            "PUT",
            "/v1/prompts/greet/tags/live",
            Some(json!({ "version": 1 })),
            "tag_invalid",
        ),
        (
            "POST",
            "/v1/prompts/greet/tags/live/rollback",
            None,
            "tag_invalid",
        ),
        ("DELETE", "/v1/prompts/greet/tags/live", None, "tag_invalid"),
        (
            "POST",
            "/v1/prompts/greet/versions",
            Some(commit),
            "body_invalid",
        ),
    ] {
        assert_eq!(
            bench.call(method, path, body).json()["code"],
            code,
            "{method} {path}"
        );
    }
}

#[test]
fn commit_resolve_move_and_roll_back() {
    let bench = Bench::new();
    let first = bench.call(
        "POST",
        "/v1/prompts/support/reply/versions",
        Some(document("Hi {{ name }}")),
    );
    assert_eq!(first.status(), 201);
    assert_eq!(first.json()["version"], 1);
    assert_eq!(
        first.header("location"),
        "/v1/prompts/support%2Freply/versions/1"
    );
    bench.commit("support/reply", "Hello {{ name }}");

    let read = bench.get("/v1/prompts/support%2Freply");
    assert_eq!(read.json()["version"], 1);
    assert_eq!(read.json()["resolved"]["tag"], "production");
    let latest = bench.get("/v1/prompts/support/reply?tag=latest");
    assert_eq!(latest.json()["version"], 2);
    assert_eq!(latest.json()["resolved"].get("tag"), None);

    let moved = bench.call(
        "PUT",
        "/v1/prompts/support/reply/tags/production",
        Some(json!({ "version": 2 })),
    );
    assert_eq!(moved.json()["version"], 2);
    assert_eq!(bench.get("/v1/prompts/support/reply").json()["version"], 2);
    let back = bench.call(
        "POST",
        "/v1/prompts/support/reply/tags/production/rollback",
        None,
    );
    assert_eq!(back.json()["version"], 1);
    let history = bench
        .get("/v1/prompts/support/reply/tags/production/history")
        .json();
    let kinds: Vec<_> = history["moves"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["kind"].clone())
        .collect();
    assert_eq!(kinds, ["rollback", "set", "commit"]);
}

#[test]
fn a_prompt_renders_or_says_why_not() {
    let bench = Bench::new();
    bench.commit("greet", "Hello {{ name }}");
    let render = |url: &str, inputs| bench.call("POST", url, Some(json!({ "inputs": inputs })));
    let rendered = render("/v1/prompts/greet/render", json!({ "name": "Ada" }));
    assert_eq!(rendered.status(), 200, "{}", rendered.json());
    assert_eq!(rendered.json()["messages"][0]["content"], "Hello Ada");
    assert_eq!(rendered.json()["resolved"]["version"], 1);
    assert_eq!(rendered.json()["resolved"]["tag"], "production");
    let wrong = render("/v1/prompts/greet/render?version=1", json!({}));
    assert_eq!(wrong.problem(), (422, "input_invalid".to_owned()));
    assert_eq!(wrong.json()["issues"][0]["pointer"], "/name");
}

#[test]
fn an_entity_tag_saves_the_body() {
    let bench = Bench::new();
    bench.commit("greet", "Hello");
    let ask = |etag: &str| {
        let request = request("GET", "/v1/prompts/greet", Some(&bench.admin), None);
        bench.send(&with(request, "if-none-match", etag))
    };
    let etag = bench.get("/v1/prompts/greet").header("etag").to_owned();
    assert!(etag.starts_with('"') && etag.ends_with('"'));
    let known = ask(&format!("\"other\", W/{etag}"));
    assert_eq!((known.status(), known.0.body.len()), (304, 0));
    assert_eq!(known.header("etag"), etag);
    assert_eq!(known.header("cuecard-revision"), "1");
    bench.commit("greet", "Hello!");
    bench.call(
        "PUT",
        "/v1/prompts/greet/tags/production",
        Some(json!({ "version": 2 })),
    );
    assert_eq!(ask(&etag).status(), 200);
}

#[test]
fn equal_content_makes_no_new_version() {
    let bench = Bench::new();
    bench.commit("greet", "Hello");
    let again = bench.call(
        "POST",
        "/v1/prompts/greet/versions",
        Some(document("Hello")),
    );
    assert_eq!(
        (again.status(), again.json()["version"].clone()),
        (200, json!(1))
    );
    assert_eq!(again.json()["created"], false);
    let always = bench.call(
        "POST",
        "/v1/prompts/greet/versions?always=true",
        Some(document("Hello")),
    );
    assert_eq!(
        (
            always.status(),
            always.json()["version"].clone(),
            always.json()["created"].clone()
        ),
        (201, json!(2), json!(true))
    );
    let tagged = json!({ "messages": document("Hello")["messages"], "tags": ["staging"], "commitMessage": "ship" });
    bench.call("POST", "/v1/prompts/greet/versions", Some(tagged));
    assert_eq!(
        bench.get("/v1/prompts/greet?tag=staging").json()["version"],
        2
    );
}

#[test]
fn a_version_that_no_tag_points_to_can_be_removed() {
    let bench = Bench::new();
    bench.commit("greet", "one");
    bench.commit("greet", "two");
    let remove = |version: &str| {
        let url = format!("/v1/prompts/greet/versions/{version}");
        bench.call("DELETE", &url, None)
    };
    assert_eq!(remove("1").problem(), (409, "version_in_use".to_owned()));
    assert_eq!(remove("x").problem(), (400, "version_invalid".to_owned()));
    let removed = remove("2");
    assert_eq!(removed.status(), 204);
    assert_eq!(
        removed.header("cuecard-bindings"),
        removed.header("cuecard-revision")
    );
    assert_eq!(remove("2").problem(), (404, "version_not_found".to_owned()));
    assert_eq!(
        bench.get("/v1/prompts/greet?tag=latest").json()["version"],
        1
    );
    let listed = bench.get("/v1/prompts").json()["prompts"][0].clone();
    assert_eq!(
        (&listed["latest"], &listed["removed"]),
        (&json!(1), &json!([2]))
    );
    let next = bench.call("POST", "/v1/prompts/greet/versions", Some(document("two")));
    assert_eq!(next.json()["version"], 3);
}

#[test]
fn a_text_is_no_template() {
    let bench = Bench::new();
    let text = "{{ name }}{% x\r\n";
    let body = json!({
        "messages": [{ "role": "user", "content": text }],
        "template": { "language": "text" },
    });
    let made = bench.call("POST", "/v1/prompts/t/versions", Some(body));
    assert_eq!(made.status(), 201, "{}", made.json());
    let render = |inputs: Value| {
        let body = json!({ "inputs": inputs });
        bench.call("POST", "/v1/prompts/t/render", Some(body))
    };
    assert_eq!(render(json!({})).json()["messages"][0]["content"], text);
    assert_eq!(render(json!({ "name": "x" })).status(), 422);
}

#[test]
fn the_slower_of_two_writers_is_told() {
    let bench = Bench::new();
    bench.commit("greet", "one");
    bench.commit("greet", "two");
    let tag = bench.get("/v1/prompts/greet/tags/production");
    let set = |version: u32| {
        let body = json!({ "version": version });
        let request = request(
            "PUT",
            "/v1/prompts/greet/tags/production",
            Some(&bench.admin),
            Some(body),
        );
        bench.send(&with(request, "if-match", tag.header("etag")))
    };
    assert_eq!(set(2).status(), 200);
    assert_eq!(set(2).problem(), (412, "precondition_failed".to_owned()));
    let commit = |name: &str, value: &str| {
        let url = "/v1/prompts/greet/versions";
        let request = request("POST", url, Some(&bench.admin), Some(document("three")));
        bench.send(&with(request, name, value))
    };
    assert_eq!(commit("if-none-match", "*").status(), 412);
    assert_eq!(commit("if-match", "\"nonsense\"").status(), 412);
    assert_eq!(commit("if-match", "\"1\"").status(), 412);
    let head = bench.get("/v1/prompts/greet?tag=latest");
    assert_eq!(commit("if-match", head.header("etag")).status(), 201);
}

#[test]
fn a_retry_gets_the_first_answer() {
    let bench = Bench::new();
    let commit = |key: &str, content: &str| {
        let url = "/v1/prompts/greet/versions";
        let request = request("POST", url, Some(&bench.admin), Some(document(content)));
        bench.send(&with(request, "idempotency-key", key))
    };
    let first = commit("a", "one");
    bench.commit("greet", "two");
    let again = commit("a", "one");
    assert_eq!(again.status(), 201);
    assert_eq!(again.json(), first.json());
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(
        commit("a", "three").problem(),
        (422, "idempotency_mismatch".to_owned())
    );
    assert_eq!(
        commit("", "three").problem(),
        (400, "header_invalid".to_owned())
    );
    bench.pass(49 * 3_600_000);
    assert_eq!(commit("a", "three").json()["version"], 3);
}

#[test]
fn a_key_says_what_it_may_do() {
    let bench = Bench::new();
    let own = bench.get("/v1/keys/self").json();
    assert_eq!(own["organization"], "acme00000000");
    assert_eq!(own["project"], "default");
    assert_eq!(own["role"], "admin");
    assert_eq!(own["revision"], 0);
    assert_eq!(own["bindings"], "0");
    let key =
        bench.key(json!({ "role": "read", "name": "app", "expiresAt": "2026-02-01T00:00:00Z" }));
    let own = bench
        .send(&request("GET", "/v1/keys/self", Some(&key), None))
        .json();
    assert_eq!(own["role"], "read");
    assert_eq!(own["expiresAt"], "2026-02-01T00:00:00.000Z");
    let listed = bench.get("/v1/keys").json();
    assert_eq!(listed["keys"].as_array().unwrap().len(), 2);
    assert!(!listed.to_string().contains(&key));
}

#[test]
fn every_answer_says_since_when_versions_mean_what_they_mean() {
    let bench = Bench::new();
    bench.commit("greet", "one");
    bench.commit("bye", "two");
    let stands = |answer: &super::Answer| {
        let header = |name: &str| answer.header(name).to_owned();
        (header("cuecard-revision"), header("cuecard-bindings"))
    };
    let both = |revision: &str, bindings: &str| (revision.to_owned(), bindings.to_owned());
    assert_eq!(stands(&bench.get("/v1/prompts/bye")), both("2", "0"));
    let deleted = bench.call("DELETE", "/v1/prompts/greet", None);
    assert_eq!(stands(&deleted), both("3", "3"));
    bench.commit("bye", "three");
    for url in ["/v1/prompts/bye?version=1", "/v1/prompts/greet", "/v1/keys"] {
        assert_eq!(stands(&bench.get(url)), both("4", "3"), "{url}");
    }
    let own = bench.get("/v1/keys/self").json();
    assert_eq!(
        (&own["revision"], &own["bindings"]),
        (&json!(4), &json!("3"))
    );
}

#[test]
fn the_log_knows_who_did_what() {
    let bench = Bench::new();
    bench.commit("greet", "secret words");
    bench.commit("greet", "other words");
    let events = bench.get("/v1/events?after=1").json();
    let event = &events["events"][0];
    assert_eq!(event["action"], "prompt.commit");
    assert_eq!(event["requestId"], "0000000000000002");
    assert!(!events.to_string().contains("words"));
}

#[test]
fn names_for_tags_are_added_and_removed() {
    let bench = Bench::new();
    let names = || {
        let listed = bench.get("/v1/tags").json();
        let names = listed["tags"].as_array().unwrap().iter();
        names.map(|name| name["tag"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(), ["production", "staging"]);
    let made = bench.call("PUT", "/v1/tags/canary", None);
    assert_eq!(made.status(), 201);
    assert_eq!(
        made.json(),
        json!({ "tag": "canary", "createdAt": "2026-01-01T00:00:00.000Z" })
    );
    bench.pass(1000);
    let again = bench.call("PUT", "/v1/tags/canary", None);
    assert_eq!((again.status(), again.json()), (200, made.json()));
    assert_eq!(names(), ["canary", "production", "staging"]);
    assert_eq!(bench.call("DELETE", "/v1/tags/canary", None).status(), 204);
    for (method, name, expected) in [
        ("DELETE", "canary", (404, "tag_not_found")),
        ("PUT", "latest", (400, "tag_invalid")),
        ("DELETE", "7", (400, "tag_invalid")),
    ] {
        let (status, code) = bench
            .call(method, &format!("/v1/tags/{name}"), None)
            .problem();
        assert_eq!((status, code.as_str()), expected, "{method} {name}");
    }
    assert_eq!(names(), ["production", "staging"]);
}

/// A render uses the time of the request, or the time that the request names. The operator sets its work limit.
#[test]
fn a_render_has_a_moment_and_so_much_work() {
    let bench = Bench::new();
    let commit = |slug: &str, content: &str| {
        let body = json!({
            "messages": [{ "role": "user", "content": content }],
            "template": { "dialect": "huggingface" },
        });
        let url = format!("/v1/prompts/{slug}/versions");
        assert_eq!(bench.call("POST", &url, Some(body)).status(), 201);
    };
    commit("now", "{{ strftime_now('%Y-%m-%d %H:%M:%S') }}");
    commit(
        "loop",
        "{% for i in range(90000) %}{% for j in range(2) %}{% endfor %}{% endfor %}",
    );
    let render = |slug: &str, body: Value| {
        bench.call("POST", &format!("/v1/prompts/{slug}/render"), Some(body))
    };
    let told = |body: Value| render("now", body).json()["messages"][0]["content"].clone();
    assert_eq!(told(json!({ "inputs": {} })), "2026-01-01 00:00:00");
    bench.pass(61_000);
    assert_eq!(told(json!({ "inputs": {} })), "2026-01-01 00:01:01");
    let named = json!({ "inputs": {}, "now": "2024-02-29T08:05:09+02:00" });
    assert_eq!(told(named), "2024-02-29 08:05:09");
    let wrong = render("now", json!({ "inputs": {}, "now": "yesterday" }));
    assert!((400..500).contains(&wrong.status()), "{}", wrong.json());

    let inputs = || json!({ "inputs": {} });
    assert_eq!(render("loop", inputs()).problem().1, "limit_exceeded");
    bench.work.set(Some(3_000_000));
    assert_eq!(render("loop", inputs()).status(), 200);
    bench.work.set(Some(100));
    assert_eq!(render("loop", inputs()).problem().1, "limit_exceeded");
}

#[test]
fn a_commit_warns_of_what_the_clients_that_a_prompt_names_read_otherwise() {
    let bench = Bench::new();
    let warned = |slug: &str, content: &str, read_by: Value| {
        let body = json!({
            "messages": [{ "role": "user", "content": content }],
            "metadata": { "readBy": read_by },
        });
        let url = format!("/v1/prompts/{slug}/versions");
        let answer = bench.call("POST", &url, Some(body));
        assert_eq!(answer.status(), 201);
        let json = answer.json();
        let warnings = json["warnings"].as_array().unwrap().iter();
        let warnings = warnings.map(|issue| issue["message"].as_str().unwrap().to_owned());
        warnings.collect::<Vec<_>>().join("\n")
    };
    let template = "{{ 7 // 2 }}\n{% if a is defined %}\n{{ a | tojson }}\n{% endif %}\n";
    let basalt = warned("a", template, json!(["basalt"]));
    for words in ["`//`", "the end of a line", "`tojson`"] {
        assert!(basalt.contains(words), "{words}: {basalt}");
    }
    let langwatch = warned("b", template, json!(["langwatch"]));
    assert!(langwatch.contains("Liquid reads otherwise"), "{langwatch}");
    assert!(!langwatch.contains("Basalt"), "{langwatch}");
    assert_eq!(
        warned("c", "Hi {{ name }}", json!(["basalt", "langwatch"])),
        ""
    );
    assert!(warned("d", "Hi", json!(["nobody"])).contains("athina, basalt, langwatch"));
    assert_eq!(warned("e", template, json!("basalt")), "");
}
