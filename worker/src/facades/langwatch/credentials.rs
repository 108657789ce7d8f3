//! The key in a LangWatch client's headers: Basic `projectId:token`, bearer, or `X-Auth-Token`, the first that is well
//! formed.

use crate::api::ApiRequest;
use crate::facades::bearer;

pub(super) fn key(request: &ApiRequest) -> Option<String> {
    let basic = || {
        let (scheme, text) = request.header("authorization")?.split_once(' ')?;
        let decoded = decode(text.trim())?;
        let (_, token) = decoded.split_once(':')?;
        // A header has no other characters, and no key has.
        let plain = !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic());
        (scheme.eq_ignore_ascii_case("basic") && plain).then(|| token.to_owned())
    };
    let token = || request.header("x-auth-token").map(str::to_owned);
    basic().or_else(|| bearer(request)).or_else(token)
}

/// Base64 (RFC 4648 §4) of a text.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0_u32);
    for c in text.trim_end_matches('=').bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_header_that_is_well_formed_has_the_key() {
        let key = |headers: &[(&str, &str)]| {
            let headers = headers.iter();
            key(&ApiRequest {
                headers: headers
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                    .collect(),
                ..ApiRequest::default()
            })
        };
        let token = ("x-auth-token", "t");
        assert_eq!(key(&[]), None);
        assert_eq!(key(&[token]).as_deref(), Some("t"));
        let with = |value| [("authorization", value), token];
        assert_eq!(key(&with("Bearer b")).as_deref(), Some("b"));
        assert_eq!(
            key(&with("Basic cHJvajpzZWNyZXQ=")).as_deref(),
            Some("secret")
        );
        assert_eq!(key(&with("Basic !!")).as_deref(), Some("t"));
        assert_eq!(key(&with("Basic bm9jb2xvbg==")).as_deref(), Some("t"));
    }
}
