//! Requests and responses as plain data, so that the API runs and is tested without a runtime.

use cuecard_prompt::{Code, Error, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// A request.
#[derive(Clone, Debug, Default)]
pub struct ApiRequest {
    /// The method, in upper case.
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// What follows `?`, still percent-encoded.
    pub query: Option<String>,
    /// Names in lower case; a repeated header is one value joined by `, `.
    pub headers: Vec<(String, String)>,
    /// The body, of which at most [`ApiRequest::MAX_BODY_BYTES`] + 1 bytes need to be read.
    pub body: Vec<u8>,
}

impl ApiRequest {
    /// The longest body that is read, in bytes.
    pub const MAX_BODY_BYTES: usize = 1 << 20;

    /// The longest path and query together, in bytes.
    pub const MAX_URL_BYTES: usize = 8 << 10;

    /// The header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(key, _)| key == name);
        values.next().map(|(_, value)| value.trim())
    }

    /// The precondition's value. An empty one counts as absent: not every server passes it on.
    pub(crate) fn condition(&self, name: &str) -> Option<&str> {
        self.header(name).filter(|value| !value.is_empty())
    }

    /// Refuses a URL over the limit.
    pub(crate) fn check_url(&self) -> Result<()> {
        if self.path.len() + self.query.as_ref().map_or(0, String::len) > Self::MAX_URL_BYTES {
            return Err(Error::new(Code::UriTooLong, "a URL takes at most 8 KiB"));
        }
        Ok(())
    }

    /// Refuses a caller that does not accept JSON.
    pub(crate) fn check_accept(&self) -> Result<()> {
        let Some(accept) = self.header("accept").filter(|accept| !accept.is_empty()) else {
            return Ok(());
        };
        let takes_json = accept.split(',').any(|range| {
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next().unwrap_or_default().to_ascii_lowercase();
            let refused = parts.any(|p| p.strip_prefix("q=").is_some_and(is_zero));
            !refused
                && matches!(
                    media.as_str(),
                    "*/*" | "application/*" | "application/json" | "application/problem+json"
                )
        });
        if takes_json {
            Ok(())
        } else {
            Err(Error::new(
                Code::NotAcceptable,
                "answers are application/json",
            ))
        }
    }
}

fn is_zero(weight: &str) -> bool {
    weight.parse::<f32>().is_ok_and(|weight| weight == 0.0)
}

/// A response, ready to be sent.
#[derive(Clone, Debug, Default)]
pub struct ApiResponse {
    /// The status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for 204 and 304.
    pub body: Vec<u8>,
    /// An internal failure, for the log and never for the caller. Holds no key, input or text of a
    /// prompt.
    pub fault: Option<String>,
}

impl ApiResponse {
    /// The header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(key, _)| *key == name);
        values.next().map(|(_, value)| value.as_str())
    }
}

/// Decodes percent-encoding, once. `None` for a `%` without two digits, which `percent-encoding` would accept.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            byte => byte,
        });
    }
    String::from_utf8(out).ok()
}

/// Percent-encodes all but the unreserved characters (RFC 3986 §2.3).
pub(crate) fn percent_encode(text: &str) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    utf8_percent_encode(text, RESERVED).to_string()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_is_undone_once() {
        assert_eq!(percent_decode("a%2Fb"), Some("a/b".to_owned()));
        assert_eq!(percent_decode("a%252Fb"), Some("a%2Fb".to_owned()));
        for bad in ["%", "%2", "%zz", "%ff", "a%2"] {
            assert_eq!(percent_decode(bad), None, "{bad}");
        }
    }

    #[test]
    fn accept_must_take_json() {
        let check = |accept: &str| {
            let headers = vec![("accept".to_owned(), accept.to_owned())];
            let request = ApiRequest {
                headers,
                ..ApiRequest::default()
            };
            request.check_accept().is_ok()
        };
        for good in [
            "",
            "*/*",
            "application/*",
            "text/html, application/json;q=0.5",
            "application/problem+json",
        ] {
            assert!(check(good), "{good}");
        }
        for bad in ["text/html", "application/json;q=0", "*/*;q=0.0", "image/*"] {
            assert!(!check(bad), "{bad}");
        }
    }
}
