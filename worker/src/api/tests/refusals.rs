//! Every mistake in a request has one answer.

use serde_json::json;

use super::{Bench, document, request, with};
use crate::api::{ApiRequest, ROUTES};

/// A bench where `greet` has one version.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.commit("greet", "Hello {{ name }}");
    bench
}

fn raw(bench: &Bench, body: &[u8]) -> (u16, String) {
    let mut request = request(
        "PUT",
        "/v1/prompts/greet/tags/production",
        Some(&bench.admin),
        Some(json!({})),
    );
    request.body = body.to_vec();
    bench.send(&request).problem()
}

fn expect(got: (u16, String), status: u16, code: &str, what: &str) {
    assert_eq!(got, (status, code.to_owned()), "{what}");
}

#[test]
fn slugs() {
    let bench = bench();
    let long = "a".repeat(201);
    for bad in [
        "%2Fgreet",
        "greet%2F",
        "greet/",
        "a//b",
        "a%2F%2Fb",
        "..",
        "a/..",
        "a%2F..%2Fb",
        "%2E%2E",
        "a%252Fb",
        "greet%00",
        "%00",
        "gr%C3%A9et",
        "gréet",
        "%ff",
        "%zz",
        "greet%",
        "-greet",
        ".greet",
        "gr eet",
        "gr%20eet",
        "greet;x",
        "greet%23",
        "greet%3Fx",
        "greet@production",
        "greet:1",
        long.as_str(),
    ] {
        expect(
            bench.get(&format!("/v1/prompts/{bad}")).problem(),
            400,
            "slug_invalid",
            bad,
        );
    }
    for missing in ["greet.css", "greet/production/x.css", "Greet", "GREET"] {
        expect(
            bench.get(&format!("/v1/prompts/{missing}")).problem(),
            404,
            "prompt_not_found",
            missing,
        );
    }
}

#[test]
fn queries() {
    let bench = bench();
    for (url, code) in [
        (
            "/v1/prompts/greet?tag=production&tag=production",
            "query_invalid",
        ),
        ("/v1/prompts/greet?cachebuster=1", "query_invalid"),
        ("/v1/prompts/greet?Tag=live", "query_invalid"),
        ("/v1/prompts/greet?tag=%FF", "query_invalid"),
        ("/v1/prompts/greet?limit=1", "query_invalid"),
        ("/v1/prompts?limit=0", "query_invalid"),
        ("/v1/prompts?limit=101", "query_invalid"),
        ("/v1/prompts?cursor=..", "query_invalid"),
        ("/v1/prompts?deleted=yes", "query_invalid"),
        ("/v1/prompts?prefix=%25", "query_invalid"),
        ("/v1/prompts?tag=latest", "tag_invalid"),
        ("/v1/events?after=-1", "query_invalid"),
        ("/v1/events?after=9007199254740993", "query_invalid"),
        ("/v1/prompts/greet/versions?cursor=0", "query_invalid"),
        (
            "/v1/prompts/greet/tags/production/history?cursor=x",
            "query_invalid",
        ),
        ("/v1/prompts/greet?tag=3", "tag_invalid"),
        ("/v1/prompts/greet?tag=Live", "tag_invalid"),
        ("/v1/prompts/greet?tag=", "tag_invalid"),
        ("/v1/prompts/greet?version=0", "version_invalid"),
        ("/v1/prompts/greet?version=1.5", "version_invalid"),
        (
            "/v1/prompts/greet?version=9007199254740992",
            "version_invalid",
        ),
        (
            "/v1/prompts/greet?version=1&tag=production",
            "selector_conflict",
        ),
        ("/v1/prompts/greet/versions/latest", "version_invalid"),
        ("/v1/prompts/greet/tags/latest", "tag_invalid"),
        ("/v1/prompts/greet/diff?from=Live", "tag_invalid"),
        ("/v1/healthz?x=1", "route_not_found"),
    ] {
        let got = bench.get(url).problem();
        assert_eq!(got.1, code, "{url}");
        assert!(matches!(got.0, 400 | 404), "{url}");
    }
    expect(
        bench.get("/healthz?x=1").problem(),
        400,
        "query_invalid",
        "a public route",
    );
    expect(
        bench.get("/v1/prompts/greet?version=2").problem(),
        404,
        "version_not_found",
        "no such version",
    );
    expect(
        bench.get("/v1/prompts/greet?tag=beta").problem(),
        404,
        "tag_not_found",
        "no such tag",
    );
}

#[test]
fn media_types_and_encodings() {
    let bench = bench();
    let put = || {
        request(
            "PUT",
            "/v1/prompts/greet/tags/production",
            Some(&bench.admin),
            Some(json!({ "version": 1 })),
        )
    };
    for good in [
        "application/json",
        "Application/JSON; charset=UTF-8",
        "application/json;charset=\"utf-8\"",
    ] {
        assert_eq!(
            bench.send(&with(put(), "content-type", good)).status(),
            200,
            "{good}"
        );
    }
    for bad in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "application/jsonx",
    ] {
        expect(
            bench.send(&with(put(), "content-type", bad)).problem(),
            415,
            "content_type",
            bad,
        );
    }
    let mut none = put();
    none.headers.retain(|(name, _)| name != "content-type");
    expect(
        bench.send(&none).problem(),
        415,
        "content_type",
        "no content type",
    );
    for bad in ["gzip", "br", "gzip, identity"] {
        expect(
            bench.send(&with(put(), "content-encoding", bad)).problem(),
            415,
            "content_encoding",
            bad,
        );
    }
    assert_eq!(
        bench
            .send(&with(put(), "content-encoding", "identity"))
            .status(),
        200
    );
    expect(
        bench.send(&with(put(), "accept", "text/html")).problem(),
        406,
        "not_acceptable",
        "accept",
    );
}

#[test]
fn bodies_that_are_not_json() {
    let bench = bench();
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
    for bad in [
        &b""[..],
        b" ",
        b"{",
        b"{\"version\":1}x",
        b"{\"version\":1,\"version\":2}",
        b"{\"a\":{\"b\":1,\"b\":1}}",
        b"{\"version\":NaN}",
        b"{\"version\":1e999}",
        b"{version:1}",
        b"{\"version\":01}",
        b"{\"a\":\"\\ud800\"}",
        b"{\"a\":\"\xff\"}",
        b"\xef\xbb\xbf{\"version\":1}",
        b"\xff\xfe{\x00",
        b"{\"a\":\"\x01\"}",
        b"{'version':1}",
        deep.as_bytes(),
    ] {
        expect(
            raw(&bench, bad),
            400,
            "json_invalid",
            &String::from_utf8_lossy(bad),
        );
    }
}

#[test]
fn bodies_of_another_shape() {
    let bench = bench();
    for bad in [
        "[]",
        "1",
        "null",
        "\"x\"",
        "{}",
        "{\"version\":0}",
        "{\"version\":-1}",
        "{\"version\":1.5}",
        "{\"version\":\"1\"}",
        "{\"version\":null}",
        "{\"version\":4294967296}",
        "{\"version\":1,\"x\":1}",
        "{\"Version\":1}",
        "{\"version\":1,\"__proto__\":{}}",
    ] {
        expect(raw(&bench, bad.as_bytes()), 422, "body_invalid", bad);
    }
    let body = json!({ "role": "owner", "nmae": "x", "expiresAt": "tomorrow" });
    let answer = bench.call("POST", "/v1/keys", Some(body)).json();
    let issues = answer["issues"].as_array().unwrap();
    let pointers: Vec<_> = issues
        .iter()
        .map(|issue| issue["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(
        pointers,
        ["/role", "/expiresAt", "/nmae"],
        "all issues at once"
    );
    assert!(
        !answer.to_string().contains("tomorrow"),
        "the answer contains a value of the request"
    );
    let nothing = bench
        .call("DELETE", "/v1/prompts/greet", Some(json!({})))
        .problem();
    expect(
        nothing,
        422,
        "body_invalid",
        "a body for a route without one",
    );
}

#[test]
fn documents() {
    let bench = bench();
    let commit = |body| {
        bench
            .call("POST", "/v1/prompts/greet/versions", Some(body))
            .problem()
    };
    let mut unknown = document("x");
    unknown["mesages"] = json!([]);
    expect(commit(unknown), 422, "document_invalid", "an unknown field");
    expect(
        commit(json!({ "messages": "x" })),
        422,
        "document_invalid",
        "messages that are not a list",
    );
    let mut tags = document("x");
    tags["tags"] = json!(["latest"]);
    expect(commit(tags), 422, "body_invalid", "latest cannot be moved");
    for (text, code) in [
        ("{{ x", "template_syntax"),
        ("{% include 'x' %}", "template_include"),
        ("{{ x | nope }}", "template_unknown_name"),
    ] {
        expect(commit(document(text)), 422, code, text);
    }
    assert_eq!(
        bench.get("/v1/prompts/greet?tag=latest").json()["version"],
        1
    );
}

#[test]
fn sizes() {
    let bench = bench();
    let body = |bytes: usize| {
        let empty = document("").to_string().len();
        document(&"x".repeat(bytes - empty))
            .to_string()
            .into_bytes()
    };
    let send = |body: Vec<u8>| {
        let url = "/v1/prompts/big/versions";
        let mut request = request("POST", url, Some(&bench.admin), Some(json!({})));
        request.body = body;
        bench.send(&request).problem()
    };
    let limit = ApiRequest::MAX_BODY_BYTES;
    assert_ne!(send(body(limit)).1, "body_too_large");
    expect(
        send(body(limit + 1)),
        413,
        "body_too_large",
        "one byte more",
    );
    for (item, count) in [("0", 300_000), ("1e-300", 20_000)] {
        let list = vec![item; count].join(",");
        let body = format!("{{\"metadata\":{{\"a\":[{list}]}}}}").into_bytes();
        expect(send(body), 413, "body_too_large", "too many values");
    }
    let url = |bytes: usize| {
        format!(
            "/v1/prompts?prefix={}",
            "a".repeat(bytes - "/v1/promptsprefix=".len())
        )
    };
    assert_ne!(bench.get(&url(ApiRequest::MAX_URL_BYTES)).status(), 414);
    expect(
        bench.get(&url(ApiRequest::MAX_URL_BYTES + 1)).problem(),
        414,
        "uri_too_long",
        "one byte more",
    );
}

#[test]
fn methods_and_paths() {
    let bench = bench();
    for path in [
        "/v1",
        "/v1/",
        "/v2/prompts",
        "/v1/prompt",
        "/v1/keys/self/x",
        "//v1/prompts",
        "/v1//prompts",
        "/nothing",
    ] {
        expect(bench.get(path).problem(), 404, "route_not_found", path);
    }
    for method in ["PUT", "POST", "OPTIONS", "TRACE", "get", "BREW"] {
        let answer = bench.call(method, "/v1/prompts/greet", None);
        expect(answer.problem(), 405, "method_not_allowed", method);
        assert_eq!(answer.header("allow"), "GET, PATCH, DELETE, HEAD");
    }
    let head = bench.call("HEAD", "/v1/prompts/greet", None);
    assert_eq!((head.status(), head.0.body.len()), (200, 0));
    assert_eq!(
        head.header("etag"),
        bench.get("/v1/prompts/greet").header("etag")
    );
}

#[test]
fn authorization_headers() {
    let bench = bench();
    let secret = bench.admin.rsplit('_').next().unwrap();
    let send = |value: &str| {
        let request = request("GET", "/v1/keys/self", None, None);
        bench.send(&with(request, "authorization", value))
    };
    assert_eq!(send(&format!("bearer {}", bench.admin)).status(), 200);
    for bad in [
        format!("Basic {}", bench.admin),
        bench.admin.clone(),
        "Bearer".to_owned(),
        "Bearer x".to_owned(),
        format!("Bearer {}x", bench.admin),
        format!("Bearer {}, Bearer {0}", bench.admin),
    ] {
        let answer = send(&bad);
        expect(answer.problem(), 401, "key_malformed", &bad);
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        assert!(!answer.json().to_string().contains(secret));
    }
    expect(send("").problem(), 401, "key_missing", "empty");
}

#[test]
fn preconditions() {
    let bench = bench();
    let put = |name: &str, value: &str| {
        let body = json!({ "version": 1 });
        let request = request(
            "PUT",
            "/v1/prompts/greet/tags/production",
            Some(&bench.admin),
            Some(body),
        );
        bench.send(&with(request, name, value)).problem()
    };
    for never in [
        "\"999\"",
        "\"x\"",
        "W/\"1\"",
        "\"-1\"",
        "\"18446744073709551616\"",
    ] {
        expect(put("if-match", never), 412, "precondition_failed", never);
    }
    assert_eq!(put("if-match", "").0, 200);
    for bad in ["1", "{}", "\"1", "W/1"] {
        expect(put("if-match", bad), 400, "header_invalid", bad);
    }
    expect(
        put("if-none-match", "\"1\""),
        400,
        "header_invalid",
        "only `*` is supported",
    );
    expect(
        put("if-none-match", "*"),
        412,
        "precondition_failed",
        "the resource exists",
    );
    assert_eq!(put("if-match", "*").0, 200);
}

#[test]
fn every_response_is_private_and_named() {
    let bench = bench();
    for route in ROUTES {
        for key in [None, Some(bench.admin.as_str())] {
            let answer = bench.send(&request(route.method.as_str(), route.path, key, None));
            assert!(
                answer.header("cache-control").starts_with("private"),
                "{}",
                route.path
            );
            assert_eq!(answer.header("cuecard-request-id").len(), 16);
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            if answer.status() >= 400 {
                assert_eq!(answer.header("content-type"), "application/problem+json");
                let problem = answer.json();
                assert_eq!(problem["status"], answer.status());
                let id = answer.header("cuecard-request-id");
                assert_eq!(problem["instance"], format!("urn:cuecard:request:{id}"));
            }
        }
    }
}
