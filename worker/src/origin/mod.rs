//! Origins: the Durable Object in this Worker, or another Cuecard over HTTPS. Both take the same requests.

mod exchange;

use cuecard_prompt::{Code, Error};
use cuecard_store::Key;
use worker::Env;
use worker::web_sys::{Request, Response};

use crate::api::{self, ApiRequest};
use crate::object::Organization;
use crate::{clock, disk, wire};
pub(crate) use exchange::{
    ExchangeFailure, HEADERS, OriginResponse, exchange, forward, read, repeat_misplaced, request,
    request_like,
};

/// The binding of the organisations' stores.
const BINDING: &str = "STORE";

/// The variable `ORIGIN`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    /// `embedded`: one Durable Object per organisation.
    Embedded,
    /// Scheme, host and port of another Cuecard.
    Remote(String),
}

impl Origin {
    /// Parses the variable: `embedded`, `https://host[:port]`, or `http://` for this machine. No path, query or user.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text == "embedded" {
            return Ok(Self::Embedded);
        }
        let base = text.strip_suffix('/').unwrap_or(text);
        let (scheme, authority) = base
            .split_once("://")
            .ok_or("ORIGIN is `embedded` or a URL")?;
        let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "443"));
        let host_ok = !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
        let port_ok = port.parse::<u16>().is_ok_and(|port| port > 0) && !port.starts_with('+');
        if !host_ok || !port_ok {
            return Err("ORIGIN is a scheme, a host and a port, nothing else".to_owned());
        }
        match scheme {
            "https" => Ok(Self::Remote(base.to_owned())),
            "http" if matches!(host, "127.0.0.1" | "localhost") => {
                Ok(Self::Remote(base.to_owned()))
            }
            _ => Err("ORIGIN is https, or http on this machine".to_owned()),
        }
    }

    /// The URL of a path (and query) there.
    pub(crate) fn url(&self, path_and_query: &str) -> String {
        match self {
            Self::Embedded => format!("https://store{path_and_query}"),
            Self::Remote(base) => format!("{base}{path_and_query}"),
        }
    }

    /// The name of the circuit breaker that all organisations share; `None` where each has a store of its own.
    pub(crate) fn breaker(&self) -> Option<&'static str> {
        match self {
            Self::Embedded => None,
            Self::Remote(_) => Some(""),
        }
    }

    /// The names of all circuit breakers that an organisation depends on.
    pub(crate) fn breakers<'a>(&self, organization: &'a str) -> impl Iterator<Item = &'a str> {
        [Some(organization), self.breaker()].into_iter().flatten()
    }

    /// Sends a request. A stub that has failed once stays broken, so every request has its own.
    async fn send(
        &self,
        env: &Env,
        organization: &str,
        request: Request,
    ) -> Result<Response, ExchangeFailure> {
        match self {
            // Naming an object creates it.
            Self::Embedded if !is_issued(env, organization) => refused(&request),
            Self::Embedded => {
                let namespace = env
                    .durable_object(BINDING)
                    .map_err(|_| ExchangeFailure::Unreachable)?;
                let stub = namespace
                    .get_by_name(organization)
                    .map_err(|_| ExchangeFailure::Unreachable)?;
                let writes = !matches!(request.method().as_str(), "GET" | "HEAD");
                match stub.fetch_with_request(request.into()).await {
                    Ok(response) => {
                        let response: Response = response.into();
                        match response.status() {
                            507 => disk::failed("its disk refuses"),
                            ..400 if writes => disk::written(),
                            _ => {}
                        }
                        Ok(response)
                    }
                    Err(error) => {
                        let id = namespace
                            .id_from_name(organization)
                            .map_err(|_| ExchangeFailure::Unreachable)?;
                        let file = format!("{}/{id}", Organization::CLASS);
                        Err(failure_of(env, &file, &error, writes).await)
                    }
                }
            }
            Self::Remote(_) => exchange::fetch(request).await,
        }
    }
}

/// Why a store did not answer. A failed write ends its object, also where only the disk fails.
async fn failure_of(env: &Env, file: &str, error: &worker::Error, writes: bool) -> ExchangeFailure {
    match disk::fault_of_object(env, file, error).await {
        Some(fault) if writes && fault.code() == Code::StoreUnwritable => {
            ExchangeFailure::Unwritable
        }
        _ => ExchangeFailure::Unreachable,
    }
}

/// Whether keys of an organisation can have been issued here: it is that of the key which the Worker was deployed with,
/// or listed in the variable `ORGANIZATIONS`. Without either, anyone's may be.
fn is_issued(env: &Env, organization: &str) -> bool {
    let listed = wire::setting(env, "ORGANIZATIONS");
    let bootstrap = wire::setting(env, "BOOTSTRAP_KEY").and_then(|key| Key::parse(key.trim()).ok());
    let (listed, bootstrap) = match (listed, bootstrap) {
        (None, None) => return true,
        (listed, bootstrap) => (listed.unwrap_or_default(), bootstrap),
    };
    let mut listed = listed.split(',').map(str::trim);
    bootstrap.is_some_and(|key| key.organization().as_str() == organization)
        || listed.any(|one| one == organization)
}

/// The answer that the object of an unknown organisation would give.
fn refused(request: &Request) -> Result<Response, ExchangeFailure> {
    let error = Error::new(Code::KeyInvalid, "the key is unknown, revoked or expired");
    let head = ApiRequest {
        method: request.method(),
        ..ApiRequest::default()
    };
    let id = clock::request_id().map_err(|_| ExchangeFailure::Unreachable)?;
    let response = wire::send(api::refuse(&error, &head, &id));
    response
        .map(Into::into)
        .map_err(|_| ExchangeFailure::Unreachable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_an_origin() {
        for (text, base) in [
            ("https://cue.example.com", "https://cue.example.com"),
            ("https://cue.example.com/", "https://cue.example.com"),
            (
                "https://cue.example.com:8443",
                "https://cue.example.com:8443",
            ),
            ("http://127.0.0.1:8787", "http://127.0.0.1:8787"),
            ("http://localhost:1", "http://localhost:1"),
        ] {
            assert_eq!(Origin::parse(text), Ok(Origin::Remote(base.to_owned())));
        }
        assert_eq!(Origin::parse("embedded"), Ok(Origin::Embedded));
    }

    #[test]
    fn what_may_not() {
        for text in [
            "",
            "cue.example.com",
            "http://cue.example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://0.0.0.0:1",
            "http://[::1]:1",
            "ftp://cue.example.com",
            "file:///etc/passwd",
            "https://",
            "https://user:pass@cue.example.com",
            "https://cue.example.com@evil.example",
            "https://cue.example.com/v1",
            "https://cue.example.com?x",
            "https://cue.example.com#x",
            "https://cue.example.com\\evil.example",
            "https://cue.example.com:0",
            "https://cue.example.com:port",
            "https://cue.example.com:+443",
            "https://cue example.com",
            "HTTPS://cue.example.com",
        ] {
            assert!(Origin::parse(text).is_err(), "{text:?}");
        }
    }
}
