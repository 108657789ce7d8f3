//! Our own API and the studio: who answers a request.

use worker::Context;
use worker::web_sys::{Request, Response};

use super::lend::Desk;
use super::reader::Read;
use super::site::Site;
use super::{forward, preflight, reply};
use crate::api::{self, ApiRequest};
use crate::run::{self, Job};
use crate::studio;

/// Answers a request for our own API, or for the studio.
pub(super) async fn respond(
    site: &Site,
    context: &Context,
    request: &Request,
    mut head: Head<'_>,
) -> worker::Result<Response> {
    let routed = api::route(&head.request);
    if let Some(job) = Job::of(&head.request.path, &routed) {
        let desk = Desk::new(site, context);
        return run::answer(job, &desk, request, &head.request).await;
    }
    let response = match Read::parse(&site.config, &head.request, &routed) {
        Ok(Some(read)) => read.answer(site, context, request, &head.request).await,
        Ok(None) if head.request.method == "OPTIONS" => {
            return preflight::preflight(request, &head.request);
        }
        Ok(None) if studio::serves(&head.request.path) && site.env.assets("ASSETS").is_ok() => {
            return studio::handle(&head.request, &site.env.assets("ASSETS")?)
                .await
                .map(Into::into);
        }
        Ok(None) => {
            head.complete(request)?;
            forward::forward(site, context, request, &head.request, routed).await
        }
        Err(error) => preflight::refuse(site, context, &error, &head.request).await,
    };
    response.or_else(|error| reply::problem(&error, &head.request))
}

/// What a request says before its body.
pub(super) struct Head<'a> {
    pub(super) host: &'a str,
    pub(super) request: ApiRequest,
}

/// The headers that an answer from a copy depends on.
const READ_HEADERS: [&str; 7] = [
    "authorization",
    "accept",
    "origin",
    "if-none-match",
    "cuecard-via",
    "content-type",
    "content-encoding",
];

impl<'a> Head<'a> {
    pub(super) fn new(request: &Request, url: &'a str) -> worker::Result<Self> {
        let (host, path, query) = split(url);
        let request = ApiRequest {
            method: request.method(),
            path: path.to_owned(),
            query: query.map(str::to_owned),
            headers: headers(request, &READ_HEADERS)?,
            body: Vec::new(),
        };
        Ok(Self { host, request })
    }

    /// Adds the headers that only the store reads.
    fn complete(&mut self, request: &Request) -> worker::Result<()> {
        self.request.headers = headers(request, &crate::origin::HEADERS)?;
        Ok(())
    }
}

/// Host, path and query of a URL.
pub(super) fn split(url: &str) -> (&str, &str, Option<&str>) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let rest = rest.split('#').next().unwrap_or_default();
    match rest.split_once('?') {
        Some((path, query)) => (host, path, Some(query)),
        None => (host, rest, None),
    }
}

fn headers(request: &Request, names: &[&str]) -> worker::Result<Vec<(String, String)>> {
    let all = request.headers();
    let mut headers = Vec::with_capacity(names.len());
    for name in names {
        if let Some(value) = all.get(name)? {
            headers.push(((*name).to_owned(), value));
        }
    }
    Ok(headers)
}
