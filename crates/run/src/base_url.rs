//! The addresses that requests may go to.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// The base URL of a model API: `https`, or `http` on this machine; no user, no fragment.
#[derive(Clone, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct BaseUrl(Url);

/// The addresses that the operator allows.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Reach {
    /// Public ones, and this machine.
    #[default]
    Public,
    /// Private networks as well.
    Private,
}

impl BaseUrl {
    /// Parses a base URL.
    ///
    /// # Errors
    /// A sentence about what is expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|_| "an https URL".to_owned())?;
        if text.len() > 2_000 || url.host().is_none() {
            return Err("an https URL of at most 2,000 bytes".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err("a URL without a user and a fragment".to_owned());
        }
        let place = Self(url);
        match place.0.scheme() {
            "https" => Ok(place),
            "http" if place.is_loopback() => Ok(place),
            _ => Err("an https URL; http only on this machine".to_owned()),
        }
    }

    /// Whether requests may go there. A name that resolves to a private address is left to the platform to refuse.
    pub fn is_within(&self, reach: Reach) -> bool {
        reach == Reach::Private
            || self.is_loopback()
            || match self.0.host() {
                Some(Host::Ipv4(address)) => !is_private(address),
                Some(Host::Ipv6(address)) => !is_private_v6(address),
                Some(Host::Domain(name)) => !is_internal(name),
                None => false,
            }
    }

    /// The URL of a path below the base, whose query is kept.
    pub fn join(&self, path: &str, query: Option<&str>) -> String {
        let mut url = self.0.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        if let Some(more) = query {
            let all = match url.query() {
                Some(own) if !own.is_empty() => format!("{own}&{more}"),
                _ => more.to_owned(),
            };
            url.set_query(Some(&all));
        }
        url.into()
    }

    fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name.trim_end_matches('.') == "localhost",
            None => false,
        }
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<BaseUrl> for String {
    fn from(place: BaseUrl) -> Self {
        place.0.into()
    }
}

fn is_private(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || first == 0
        || first >= 240
        // Shared address space (RFC 6598), protocol assignments (RFC 6890), benchmarks (RFC 2544).
        || (first == 100 && second & 0b1100_0000 == 64)
        || (first == 192 && second == 0 && address.octets()[2] == 0)
        || (first == 198 && second & 0b1111_1110 == 18)
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let inside = address.to_ipv4().or_else(|| {
        // NAT64 and 6to4 addresses embed an IPv4 address.
        let [a, b, _, _, _, _, g, h] = address.segments();
        let v4 = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
        match (a, b) {
            (0x64, 0xff9b) => Some(v4(g, h)),
            (0x2002, _) => Some(v4(second, address.segments()[2])),
            _ => None,
        }
    });
    inside.is_some_and(|v4| is_private(v4) || v4.is_loopback())
        || address.is_unspecified()
        || address.is_multicast()
        || first & 0xfe00 == 0xfc00
        || first & 0xffc0 == 0xfe80
}

/// Names that only internal networks resolve.
fn is_internal(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    [".internal", ".local", ".localhost", ".home.arpa", ".lan"]
        .iter()
        .any(|end| name.ends_with(end))
        || !name.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_base() {
        for (text, path, url) in [
            (
                "https://api.openai.com/v1",
                "/responses",
                "https://api.openai.com/v1/responses",
            ),
            (
                "https://api.openai.com/v1/",
                "/responses",
                "https://api.openai.com/v1/responses",
            ),
            (
                "http://127.0.0.1:11434/v1",
                "/x",
                "http://127.0.0.1:11434/v1/x",
            ),
            ("http://localhost:1", "/x", "http://localhost:1/x"),
            ("http://[::1]:1", "/x", "http://[::1]:1/x"),
        ] {
            let place = BaseUrl::parse(text).unwrap();
            assert_eq!(place.join(path, None), url);
            assert!(place.is_within(Reach::Public), "{text}");
        }
        let azure = BaseUrl::parse("https://a.openai.azure.com/openai?api-version=1").unwrap();
        assert_eq!(
            azure.join("/x", Some("alt=sse")),
            "https://a.openai.azure.com/openai/x?api-version=1&alt=sse"
        );
    }

    #[test]
    fn what_may_not() {
        for text in [
            "",
            "api.openai.com",
            "http://api.openai.com",
            "http://127.0.0.1.example.com",
            "ftp://api.openai.com",
            "https://user:pass@api.openai.com",
            "https://user@api.openai.com",
            "https://api.openai.com/#x",
            "file:///etc/passwd",
            "data:text/plain,x",
        ] {
            assert!(BaseUrl::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn private_addresses_take_the_operator() {
        for text in [
            "https://10.0.0.1",
            "https://172.16.9.9",
            "https://192.168.1.1",
            "https://169.254.169.254/latest",
            "https://0x0a000001",
            "https://167772161",
            "https://012.0.0.1",
            "https://100.64.0.1",
            "https://0.0.0.0",
            "https://[fd00::1]",
            "https://[fe80::1]",
            "https://[::ffff:10.0.0.1]",
            "https://[64:ff9b::a00:1]",
            "https://[2002:a00:1::]",
            "https://metadata.google.internal",
            "https://printer.local",
            "https://intranet",
            "https://224.0.0.1",
        ] {
            let place = BaseUrl::parse(text).unwrap();
            assert!(!place.is_within(Reach::Public), "{text}");
            assert!(place.is_within(Reach::Private), "{text}");
        }
    }
}
