//! A shared HTTP cache over `cuecard-freshness`, for the conformance tests alone. This file connects a client, the
//! stored responses and the origin; `http` makes every decision, and `worker.js` does the I/O.

mod http;
mod step;

use std::collections::HashMap;

use cuecard_freshness::{Attempt, Lookup};
use http::{
    Confirmed, Defaults, Directives, Fields, Forward, Request, Response, Stored, invalidates,
    only_for_origin,
};
use step::{How, forwarded, hit, instead, paired};
use wasm_bindgen::prelude::wasm_bindgen;

pub use step::Step;

/// The stored responses, and the requests under way to the origin.
#[wasm_bindgen]
#[derive(Default)]
pub struct Cache {
    urls: HashMap<String, Vec<Entry>>,
    flights: HashMap<u32, Flight>,
    last: u32,
}

struct Entry {
    id: u32,
    stored: Stored,
    body: Vec<u8>,
}

/// One request under way to the origin.
struct Flight {
    url: String,
    request: Request,
    reason: Forward,
    asked: u64,
    /// The stored response that the request revalidates, and the right to do so.
    about: Option<(u32, Attempt)>,
    /// Whether the request carries a condition of the cache's own.
    conditional: bool,
}

#[wasm_bindgen]
impl Cache {
    /// An empty cache.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// The next step for a client's request, at `now` in milliseconds since 1970.
    pub fn request(&mut self, method: String, url: String, fields: Vec<String>, now: f64) -> Step {
        let (fields, now) = (paired(&fields), now as u64);
        let request = Request { method, fields };
        if !["GET", "HEAD"].contains(&request.method.as_str()) {
            return self.forward(url, request, Forward::Method, None, now);
        }
        if only_for_origin(&request) {
            return self.forward(url, request, Forward::Request, None, now);
        }
        let entries = self.urls.entry(url.clone()).or_default();
        let reason = match entries.is_empty() {
            true => Forward::UriMiss,
            false => Forward::VaryMiss,
        };
        let only_if_cached = Directives::of(&request.fields).only_if_cached;
        let matching = entries
            .iter_mut()
            .find(|entry| entry.stored.matches(&request));
        let Some(entry) = matching else {
            return match only_if_cached {
                true => Step::timeout(reason),
                false => self.forward(url, request, reason, None, now),
            };
        };
        let reason = match entry.stored.ttl(entry.stored.age(now)) {
            1.. => Forward::Request,
            _ => Forward::Stale,
        };
        let attempt = match entry.stored.lookup(&request, now) {
            Lookup::Fresh { age } => return entry.answer(&request, age, hit(None)),
            Lookup::Stale { age, refresh } => {
                let how = hit(Some("stale-while-revalidate"));
                let mut step = entry.answer(&request, age, how);
                if let Some(attempt) = refresh {
                    let about = Some((entry.id, attempt));
                    let asking = self.forward(url, request, reason, about, now);
                    (step.flight, step.ask) = (asking.flight, asking.ask);
                }
                return step;
            }
            Lookup::Fetch(attempt) => Some(attempt),
            // Another request is under way, but its answer may not be for this one.
            Lookup::Wait { .. } => None,
            Lookup::Missing { .. } | Lookup::Unavailable { .. } => return Step::timeout(reason),
        };
        if only_if_cached {
            if let Some(attempt) = attempt {
                entry.stored.release(attempt);
            }
            return Step::timeout(reason);
        }
        let about = attempt.map(|attempt| (entry.id, attempt));
        self.forward(url, request, reason, about, now)
    }

    /// The next step after the origin's answer to a flight. `location` and `content_location` are URLs on the same
    /// origin.
    #[expect(clippy::too_many_arguments, reason = "a response is what it is")]
    pub fn answered(
        &mut self,
        flight: u32,
        status: u16,
        fields: Vec<String>,
        body: Vec<u8>,
        location: Option<String>,
        content_location: Option<String>,
        now: f64,
    ) -> Step {
        let Some(mut flight) = self.flights.remove(&flight) else {
            return Step::default();
        };
        let (fields, now) = (paired(&fields), now as u64);
        let response = Response { status, fields };
        if response.failed()
            && let Some(step) = self.stand_in(&mut flight, Some(status), now)
        {
            return step;
        }
        let about = flight.about.take().map(|(id, attempt)| {
            if let Some(entry) = self.entry(&flight.url, id) {
                entry.stored.release(attempt);
            }
            id
        });
        if flight.conditional && status == 304 {
            return self.not_modified(flight, about, &response.fields, now);
        }
        if invalidates(&flight.request, &response) {
            for url in [
                Some(&flight.url),
                location.as_ref(),
                content_location.as_ref(),
            ] {
                url.and_then(|url| self.urls.remove(url));
            }
        }
        if flight.request.method == "HEAD" {
            self.head(&flight, about, &response, now);
        } else if let Some(id) = about
            && !response.failed()
        {
            self.remove(&flight.url, id);
        }
        let elsewhere =
            flight.request.method == "POST" && content_location.as_ref() != Some(&flight.url);
        let stored = match elsewhere {
            true => None,
            false => Stored::of(
                &flight.request,
                &response,
                &Defaults::default(),
                flight.asked,
                now,
            ),
        };
        let how = forwarded(flight.reason, status, stored.is_some());
        let step = match flight.conditional {
            true => Step::of(&flight.request, &response, &body, now, how),
            false => Step::whole(&response, &body, how),
        };
        if let Some(stored) = stored {
            self.keep(&flight.url, &flight.request, stored, body);
        }
        step
    }

    /// The next step if the origin did not answer a flight.
    pub fn failed(&mut self, flight: u32, now: f64) -> Step {
        let Some(mut flight) = self.flights.remove(&flight) else {
            return Step::default();
        };
        let stand_in = self.stand_in(&mut flight, None, now as u64);
        stand_in.unwrap_or_else(|| Step::timeout(flight.reason))
    }
}

impl Cache {
    fn forward(
        &mut self,
        url: String,
        request: Request,
        reason: Forward,
        about: Option<(u32, Attempt)>,
        now: u64,
    ) -> Step {
        let entry = about.as_ref().and_then(|(id, _)| self.entry(&url, *id));
        let own = entry.and_then(|entry| entry.stored.revalidation(&request));
        let conditional = own.is_some();
        let fields = own.unwrap_or_else(|| request.fields.end_to_end());
        self.last += 1;
        let flight = Flight {
            url,
            request,
            reason,
            asked: now,
            about,
            conditional,
        };
        self.flights.insert(self.last, flight);
        Step::ask(self.last, &fields)
    }

    /// A stale copy in place of a failure, if one may be served.
    fn stand_in(&mut self, flight: &mut Flight, status: Option<u16>, now: u64) -> Option<Step> {
        let (id, attempt) = flight.about.take()?;
        let entry = self.entry(&flight.url, id)?;
        let age = entry.stored.failed(attempt, &flight.request, now)?;
        let how = instead(flight.reason, status, "stale-if-error");
        Some(entry.answer(&flight.request, age, how))
    }

    fn not_modified(
        &mut self,
        flight: Flight,
        about: Option<u32>,
        fields: &Fields,
        now: u64,
    ) -> Step {
        let Flight {
            url,
            request,
            reason,
            asked,
            ..
        } = flight;
        let confirmed = about.and_then(|id| {
            let entry = self.entry(&url, id)?;
            (entry.stored.confirmed_by(fields) == Confirmed::Yes).then_some(entry)
        });
        let Some(entry) = confirmed else {
            return self.forward(url, request, reason, None, now);
        };
        let how = instead(reason, Some(304), "confirmed");
        match entry.stored.updated(&request, fields, asked, now) {
            Some(stored) => {
                entry.stored = stored;
                let age = entry.stored.age(now);
                entry.answer(&request, age, how)
            }
            None => {
                let id = entry.id;
                let step = entry.answer(&request, 0, how);
                self.remove(&url, id);
                step
            }
        }
    }

    fn head(&mut self, flight: &Flight, about: Option<u32>, response: &Response, now: u64) {
        let Some(entry) = about.and_then(|id| self.entry(&flight.url, id)) else {
            return;
        };
        let same = entry.stored.same_bytes(response);
        let updated = || {
            entry
                .stored
                .updated(&flight.request, &response.fields, flight.asked, now)
        };
        match same.then(updated).flatten() {
            Some(stored) => entry.stored = stored,
            None => {
                let id = entry.id;
                self.remove(&flight.url, id);
            }
        }
    }

    fn keep(&mut self, url: &str, request: &Request, stored: Stored, body: Vec<u8>) {
        self.last += 1;
        let entry = Entry {
            id: self.last,
            stored,
            body,
        };
        let entries = self.urls.entry(url.to_owned()).or_default();
        entries.retain(|entry| !entry.stored.matches(request));
        entries.push(entry);
    }

    fn entry(&mut self, url: &str, id: u32) -> Option<&mut Entry> {
        self.urls
            .get_mut(url)?
            .iter_mut()
            .find(|entry| entry.id == id)
    }

    fn remove(&mut self, url: &str, id: u32) {
        if let Some(entries) = self.urls.get_mut(url) {
            entries.retain(|entry| entry.id != id);
        }
    }
}

impl Entry {
    fn answer(&self, request: &Request, age: u64, how: How) -> Step {
        let response = Response {
            status: self.stored.response().status,
            fields: self.stored.fields(age),
        };
        let how = How {
            ttl: Some(self.stored.ttl(age)),
            ..how
        };
        Step::of(request, &response, &self.body, self.stored.received(), how)
    }
}
