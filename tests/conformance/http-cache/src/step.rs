//! The next step of `worker.js`, as values that cross to JavaScript.

use crate::http::{CacheStatus, Fields, Forward, Range, Request, Response, not_modified, range};
use wasm_bindgen::prelude::wasm_bindgen;

/// A step: answer, ask the origin, or answer and ask in the background.
#[wasm_bindgen(getter_with_clone)]
#[derive(Default)]
pub struct Step {
    /// The status of the answer; 0 if there is no answer yet.
    pub status: u16,
    /// The answer's header fields: name, value, name, value…
    pub fields: Vec<String>,
    /// The answer's body.
    pub body: Vec<u8>,
    /// The number of the flight to send to the origin; 0 if there is none.
    pub flight: u32,
    /// The flight's header fields.
    pub ask: Vec<String>,
}

/// The way in which an answer came about, for `Cache-Status`.
pub(crate) type How = CacheStatus<'static>;

const NAME: How = How {
    cache: "cuecard",
    forward: None,
    forward_status: None,
    stored: false,
    ttl: None,
    detail: None,
};

/// An answer from a stored response, without a request to the origin.
pub(crate) fn hit(detail: Option<&'static str>) -> How {
    How { detail, ..NAME }
}

/// The origin's own answer.
pub(crate) fn forwarded(reason: Forward, status: u16, stored: bool) -> How {
    How {
        forward: Some(reason),
        forward_status: Some(status),
        stored,
        ..NAME
    }
}

/// A stored response in place of the origin's answer.
pub(crate) fn instead(reason: Forward, status: Option<u16>, detail: &'static str) -> How {
    How {
        forward: Some(reason),
        forward_status: status,
        detail: Some(detail),
        ..NAME
    }
}

impl Step {
    /// Sends a flight.
    pub(crate) fn ask(flight: u32, fields: &Fields) -> Self {
        Self {
            flight,
            ask: flat(fields),
            ..Self::default()
        }
    }

    /// A 504, as no response may be served.
    pub(crate) fn timeout(reason: Forward) -> Self {
        let how = How {
            forward: Some(reason),
            ..NAME
        };
        let response = Response {
            status: 504,
            fields: Fields::default(),
        };
        Self::whole(&response, &[], how)
    }

    /// The answer to `request` from a response that arrived at `received`: the whole, a part, or a 304.
    pub(crate) fn of(
        request: &Request,
        response: &Response,
        body: &[u8],
        received: u64,
        how: How,
    ) -> Self {
        let mut response = response.clone();
        if not_modified(request, &response, received) {
            response.status = 304;
            response.fields.remove("content-length");
            return Self::whole(&response, &[], how);
        }
        let part = match response.status {
            200 => range(request, &response.fields, body.len()),
            _ => Range::Whole,
        };
        let length = body.len();
        let body = match part {
            Range::Whole if request.method == "HEAD" => &[],
            Range::Whole => body,
            Range::Unsatisfiable => {
                response.status = 416;
                response
                    .fields
                    .set("content-range", format!("bytes */{length}"));
                &[]
            }
            Range::Part(first, last) => {
                response.status = 206;
                let which = format!("bytes {first}-{last}/{length}");
                response.fields.set("content-range", which);
                body.get(first..=last).unwrap_or_default()
            }
        };
        if part != Range::Whole {
            response
                .fields
                .set("content-length", body.len().to_string());
        }
        Self::whole(&response, body, how)
    }

    /// The answer with a whole response.
    pub(crate) fn whole(response: &Response, body: &[u8], how: How) -> Self {
        let mut fields = response.fields.end_to_end();
        let before = fields.get("cache-status");
        let before = before.map_or(String::new(), |before| format!("{before}, "));
        fields.set("cache-status", format!("{before}{how}"));
        Self {
            status: response.status,
            fields: flat(&fields),
            body: body.to_vec(),
            ..Self::default()
        }
    }
}

/// Header fields from name, value, name, value…
pub(crate) fn paired(flat: &[String]) -> Fields {
    let lines = flat.chunks_exact(2).filter_map(|line| match line {
        [name, value] => Some((name, value)),
        _ => None,
    });
    Fields::new(lines)
}

fn flat(fields: &Fields) -> Vec<String> {
    let lines = fields.iter();
    lines
        .flat_map(|(name, value)| [name.to_owned(), value.to_owned()])
        .collect()
}
