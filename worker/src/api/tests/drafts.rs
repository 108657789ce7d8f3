//! Drafts per author, and cases, which all editors of a prompt share.

use serde_json::{Value, json};

use super::{Answer, Bench, document, request, with};

fn conditional(bench: &Bench, method: &str, url: &str, etag: &str, body: Option<Value>) -> Answer {
    let request = request(method, url, Some(&bench.admin), body);
    bench.send(&with(request, "if-match", etag))
}

#[test]
fn two_authors_write_beside_each_other() {
    let bench = Bench::new();
    bench.commit("p", "one");
    bench.commit("p", "two");
    let (own, adas) = ("/v1/prompts/p/draft", "/v1/prompts/p/draft?author=Ada%20L");
    let saved = bench.call("PUT", own, Some(document("mine"))).json();
    assert_eq!(
        (&saved["base"], &saved["author"]),
        (&json!(2), &json!(key_id(&bench)))
    );
    let url = format!("{adas}&base=1");
    let saved = bench.call("PUT", &url, Some(document("ada's"))).json();
    assert_eq!(
        (&saved["base"], &saved["author"]),
        (&json!(1), &json!("Ada L"))
    );
    let none = bench.call("PUT", &format!("{adas}&base=7"), Some(document("x")));
    assert_eq!(none.problem(), (404, "version_not_found".to_owned()));

    let other = bench.key(json!({ "role": "write" }));
    let seen = bench.send(&request("GET", adas, Some(&other), None));
    assert_eq!(seen.json()["messages"][0]["content"], "ada's");
    let none = bench.send(&request("GET", own, Some(&other), None));
    assert_eq!(none.problem(), (404, "draft_not_found".to_owned()));

    let list = |url: &str| {
        let (mut found, mut next) = (Vec::new(), String::new());
        loop {
            let page = bench.get(&format!("{url}?limit=1{next}")).json();
            let author = page["drafts"][0]["author"].as_str().unwrap();
            found.push(author.to_owned());
            match page["nextCursor"].as_str() {
                Some(cursor) => next = format!("&cursor={}", cursor.replace(' ', "+")),
                None => return found,
            }
        }
    };
    let mut both = ["Ada L".to_owned(), key_id(&bench)];
    both.sort_unstable();
    assert_eq!(list("/v1/drafts"), both);
    assert_eq!(list("/v1/prompts/p/drafts"), both);

    let made = bench.call("POST", "/v1/prompts/p/draft/commit?author=Ada+L", None);
    assert_eq!(
        (made.status(), &made.json()["author"]),
        (201, &json!("Ada L"))
    );
    assert_eq!(list("/v1/drafts"), [key_id(&bench)]);
    assert_eq!(bench.call("DELETE", own, None).status(), 204);
    assert_eq!(
        bench.call("DELETE", adas, None).problem().1,
        "draft_not_found"
    );
}

#[test]
fn a_lost_race_says_what_is_there() {
    let bench = Bench::new();
    bench.commit("p", "one");
    for (url, body, other) in [
        ("/v1/prompts/p/draft", document("a"), document("b")),
        (
            "/v1/prompts/p/cases/c",
            json!({ "inputs": { "n": 1 } }),
            json!({ "inputs": { "n": 2 } }),
        ),
    ] {
        let first = bench.call("PUT", url, Some(body.clone()));
        let second = conditional(&bench, "PUT", url, first.header("etag"), Some(other));
        assert_eq!(second.status(), 200);
        let third = conditional(&bench, "PUT", url, first.header("etag"), Some(body));
        assert_eq!(third.problem(), (412, "precondition_failed".to_owned()));
        assert_eq!(third.json()["current"], second.json());
        assert_eq!(third.header("etag"), second.header("etag"));
        assert_eq!(bench.get(url).json(), second.json());
        let none = request(
            "PUT",
            "/v1/prompts/p/cases/new",
            Some(&bench.admin),
            Some(json!({ "inputs": {} })),
        );
        let none = bench.send(&with(none, "if-match", "*"));
        assert_eq!(
            (none.status(), &none.json()["current"]),
            (412, &Value::Null)
        );
    }
}

#[test]
fn cases_are_listed_with_their_inputs() {
    let bench = Bench::new();
    bench.commit("p", "one");
    let put = |name: &str, body: Value| {
        bench.call("PUT", &format!("/v1/prompts/p/cases/{name}"), Some(body))
    };
    let inputs = json!({ "z": 1.0, "a": [null, "ü"], "n": 12345678901234567890_u64 });
    assert_eq!(put("usual", json!({ "inputs": inputs })).status(), 200);
    assert_eq!(
        put("Angry%20customer", json!({ "inputs": {} })).status(),
        200
    );
    let cases = bench.get("/v1/prompts/p/cases").json();
    let names: Vec<_> = cases["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["name"].clone())
        .collect();
    assert_eq!(names, ["Angry customer", "usual"]);
    assert_eq!(
        cases["cases"][1]["inputs"].to_string(),
        inputs.to_string(),
        "the inputs keep the order of their members"
    );
    for (name, body, code) in [
        ("%2E%2E", json!({ "inputs": {} }), "slug_invalid"),
        ("%2Ea", json!({ "inputs": {} }), "case_invalid"),
        ("a%2Fb", json!({ "inputs": {} }), "case_invalid"),
        ("a", json!({ "inputs": [] }), "body_invalid"),
        ("a", json!({}), "body_invalid"),
        ("a", json!({ "inputs": {}, "checks": [] }), "body_invalid"),
        (
            "a",
            json!({ "inputs": { "a": "x".repeat(1 << 20) } }),
            "body_too_large",
        ),
        (
            "a",
            json!({ "inputs": { "a": "x".repeat((1 << 20) - 40) } }),
            "limit_exceeded",
        ),
    ] {
        assert_eq!(put(name, body).problem().1, code, "{name}");
    }
    assert_eq!(
        bench.get("/v1/prompts/p/cases/none").problem().1,
        "case_not_found"
    );
    let etag = bench
        .get("/v1/prompts/p/cases/usual")
        .header("etag")
        .to_owned();
    let known = request("GET", "/v1/prompts/p/cases/usual", Some(&bench.admin), None);
    assert_eq!(
        bench.send(&with(known, "if-none-match", &etag)).status(),
        304
    );
    let gone = bench.call("DELETE", "/v1/prompts/p/cases/usual", None);
    assert_eq!(gone.status(), 204);
}

fn key_id(bench: &Bench) -> String {
    bench.admin.split('_').nth(2).unwrap().to_owned()
}
