//! Tests of the API over a database in memory, through requests.

mod drafts;
mod flow;
mod openapi;
mod refusals;
mod roles;
mod routes_page;
mod studio;
mod typescript;

use std::cell::Cell;

use cuecard_run::Reach;
use cuecard_store::{Entropy, Key, Native, OrganizationId, Store, Timestamp};
use serde_json::{Value, json};

use super::{ApiRequest, ApiResponse, World, handle, route};

/// 2026-01-01T00:00:00Z
const START_MS: i64 = 1_767_225_600_000;

/// An organisation with an admin key of its first project and a clock of its own.
pub(crate) struct Bench {
    store: Store<Native>,
    pub(crate) admin: String,
    requests: Cell<u32>,
    now: Cell<i64>,
    /// The work limit of a render that the operator sets.
    pub(crate) work: Cell<Option<u64>>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let now = Timestamp::from_ms(START_MS);
        let store = Store::open(Native::in_memory().unwrap(), now).unwrap();
        let organization = OrganizationId::parse("acme00000000").unwrap();
        let key = Key::generate(&organization, &Entropy::new([1; 32]));
        store.bootstrap(&key, now).unwrap();
        Self {
            store,
            admin: key.expose().to_owned(),
            requests: Cell::new(0),
            now: Cell::new(START_MS),
            work: Cell::new(None),
        }
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.now.set(self.now.get() + ms);
    }

    /// Advances the clock.
    pub(crate) fn in_ms(&self, ms: i64) -> String {
        Timestamp::from_ms(self.now.get() + ms).to_string()
    }

    pub(crate) fn send(&self, request: &ApiRequest) -> Answer {
        let number = self.requests.get() + 1;
        self.requests.set(number);
        let mut entropy = [2; 32];
        entropy[..4].copy_from_slice(&number.to_le_bytes());
        let world = World {
            now: Timestamp::from_ms(self.now.get()),
            entropy: Entropy::new(entropy),
            request_id: format!("{number:016x}"),
            epoch: 0,
            reach: Reach::Public,
            work: self.work.get(),
        };
        let answer = Answer(handle(&self.store, request, &world));
        assert_declared(request, &answer);
        answer
    }

    /// A request with the admin's key.
    pub(crate) fn call(&self, method: &str, url: &str, body: Option<Value>) -> Answer {
        self.send(&request(method, url, Some(&self.admin), body))
    }

    pub(crate) fn get(&self, url: &str) -> Answer {
        self.call("GET", url, None)
    }

    /// Commits a message with the text and returns the version.
    pub(crate) fn commit(&self, slug: &str, content: &str) -> Value {
        let url = format!("/v1/prompts/{slug}/versions");
        let answer = self.call("POST", &url, Some(document(content)));
        assert!(answer.status() < 300, "{}", answer.json());
        answer.json()
    }

    /// A new key, as text.
    pub(crate) fn key(&self, body: Value) -> String {
        let answer = self.call("POST", "/v1/keys", Some(body));
        assert_eq!(answer.status(), 201, "{}", answer.json());
        answer.json()["key"].as_str().unwrap().to_owned()
    }
}

/// Checks that `/openapi.json` lists the code of an error for the route.
fn assert_declared(request: &ApiRequest, answer: &Answer) {
    let (status, code) = answer.problem();
    let Ok(found) = route::find(&request.method, &request.path) else {
        return;
    };
    if status >= 400 {
        let declared = found.route.common_codes();
        let mut declared = declared.iter().chain(found.route.codes);
        let name = found.route.name;
        let answer = answer.json();
        assert!(
            declared.any(|known| known.as_str() == code),
            "{name}: {answer}"
        );
    }
}

pub(crate) fn document(content: &str) -> Value {
    json!({ "messages": [{ "role": "user", "content": content }] })
}

pub(crate) fn request(
    method: &str,
    url: &str,
    key: Option<&str>,
    body: Option<Value>,
) -> ApiRequest {
    let (path, query) = match url.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (url, None),
    };
    let mut request = ApiRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        query,
        ..ApiRequest::default()
    };
    if let Some(key) = key {
        request = with(request, "authorization", &format!("Bearer {key}"));
    }
    if let Some(body) = body {
        request.body = body.to_string().into_bytes();
        request = with(request, "content-type", "application/json");
    }
    request
}

/// Replaces a header of the request.
pub(crate) fn with(mut request: ApiRequest, name: &str, value: &str) -> ApiRequest {
    request.headers.retain(|(seen, _)| seen != name);
    request.headers.push((name.to_owned(), value.to_owned()));
    request
}

/// A response with accessors for tests.
pub(crate) struct Answer(pub(crate) ApiResponse);

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.0.status
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.0.body).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.0.header(name).unwrap_or_default()
    }

    /// The status and code of a problem.
    pub(crate) fn problem(&self) -> (u16, String) {
        let json = self.json();
        (
            self.status(),
            json["code"].as_str().unwrap_or_default().to_owned(),
        )
    }
}
