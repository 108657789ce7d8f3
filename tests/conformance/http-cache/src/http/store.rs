//! Whether a cache may keep a response (RFC 9111 3).

use crate::http::directives::Directives;
use crate::http::{Request, Response};

/// Statuses that a cache may keep without an explicit lifetime (RFC 9110 15.1), except 206, as it keeps no parts.
const HEURISTIC: [u16; 11] = [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501];

/// Statuses that need only the general rules for caches, so that the cache understands them (`must-understand`).
const UNDERSTOOD: [u16; 24] = [
    200, 203, 204, 300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 410, 414, 421, 451, 500,
    501, 502, 503, 504, 511,
];

/// Whether a shared cache may keep `response`. `said` are its directives; `targeted` tells that they come from a field
/// for this cache, which replaces `Expires` as well.
pub(crate) fn may_store(
    request: &Request,
    response: &Response,
    said: &Directives,
    targeted: bool,
) -> bool {
    let explicit = said.lifetime().is_some() || (!targeted && response.fields.has("expires"));
    let by_method = match request.method.as_str() {
        "GET" => true,
        // POST may be kept by RFC 9110 9.3.3; the caller checks `Content-Location`.
        "POST" => explicit && response.fields.has("content-location"),
        _ => false,
    };
    let understood = UNDERSTOOD.contains(&response.status);
    let kept_by_status = match said.must_understand {
        true => understood,
        false => !said.no_store,
    };
    let shareable = !request.fields.has("authorization")
        || said.public
        || said.must_revalidate
        || said.s_maxage.is_some();
    by_method
        && response.status >= 200
        && !matches!(response.status, 206 | 304)
        && kept_by_status
        && !said.private
        && shareable
        && !Directives::of(&request.fields).no_store
        && (explicit || said.public || heuristic(response))
}

/// Whether the status alone allows a cache to keep the response.
pub(crate) fn heuristic(response: &Response) -> bool {
    HEURISTIC.contains(&response.status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Fields;

    fn kept(
        method: &str,
        status: u16,
        request: &[(&str, &str)],
        response: &[(&str, &str)],
    ) -> bool {
        let fields = |lines: &[(&str, &str)]| Fields::new(lines.iter().copied());
        let request = Request {
            method: method.to_owned(),
            fields: fields(request),
        };
        let response = Response {
            status,
            fields: fields(response),
        };
        let said = Directives::of(&response.fields);
        may_store(&request, &response, &said, false)
    }

    #[test]
    fn what_says_so_and_what_may_without() {
        let cc = |value: &'static str| [("Cache-Control", value)];
        for (status, response, expected) in [
            (200, cc(""), true),
            (404, cc(""), true),
            (201, cc(""), false),
            (302, cc(""), false),
            (302, cc("max-age=1"), true),
            (599, cc("public"), true),
            (599, cc("max-age=9, must-understand"), false),
            (200, cc("no-store, must-understand"), true),
            (200, cc("no-store, max-age=9"), false),
            (200, cc("private"), false),
            (200, cc("private=a"), true),
            (206, cc("max-age=9"), false),
            (304, cc("max-age=9"), false),
        ] {
            assert_eq!(
                kept("GET", status, &[], &response),
                expected,
                "{status} {response:?}"
            );
        }
        assert!(kept(
            "GET",
            500,
            &[],
            &[("Expires", "Thu, 01 Jan 2099 00:00:00 GMT")]
        ));
    }

    #[test]
    fn what_the_request_rules_out() {
        let login = [("Authorization", "x")];
        for (value, expected) in [
            ("max-age=9", false),
            ("public", true),
            ("s-maxage=9", true),
            ("must-revalidate", true),
        ] {
            assert_eq!(
                kept("GET", 200, &login, &[("Cache-Control", value)]),
                expected,
                "{value}"
            );
        }
        assert!(!kept(
            "GET",
            200,
            &[("Cache-Control", "no-store")],
            &[("Cache-Control", "max-age=9")]
        ));
        let here = ("Content-Location", "/");
        for method in ["HEAD", "PUT", "DELETE", "OPTIONS", "get"] {
            assert!(
                !kept(method, 200, &[], &[("Cache-Control", "max-age=9"), here]),
                "{method}"
            );
        }
        assert!(kept(
            "POST",
            200,
            &[],
            &[("Cache-Control", "max-age=9"), here]
        ));
        assert!(!kept("POST", 200, &[], &[here]));
    }
}
