//! The invalidation of stored responses by unsafe requests (RFC 9111 4.4).

use crate::http::{Request, Response};

/// Whether a request invalidates the stored responses of its URL, and of `Location` and `Content-Location` on the same
/// origin: a successful request does, if its method is not known to be safe.
pub(crate) fn invalidates(request: &Request, response: &Response) -> bool {
    let safe = ["GET", "HEAD", "OPTIONS", "TRACE"].contains(&request.method.as_str());
    !safe && (200..400).contains(&response.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_succeeds_and_is_not_safe() {
        let after = |method: &str, status| {
            let request = Request {
                method: method.to_owned(),
                ..Request::default()
            };
            invalidates(
                &request,
                &Response {
                    status,
                    ..Response::default()
                },
            )
        };
        for method in ["POST", "PUT", "DELETE", "PATCH", "M-SEARCH", "get"] {
            assert!(after(method, 200) && after(method, 303), "{method}");
            assert!(!after(method, 404) && !after(method, 500), "{method}");
        }
        for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
            assert!(!after(method, 200), "{method}");
        }
    }
}
