//! Dispatch: who answers a request for the API or the studio.

use worker::Context;
use worker::web_sys::{Request, Response};

use super::context::EdgeContext;
use super::for_runs::CachedReads;
use super::prompt_read::PromptRead;
use super::{forward, preflight, reply};
use crate::api::{self, ApiRequest, Operation};
use crate::run::{self, Job};
use crate::studio;

/// Answers a request for the API or the studio.
pub(super) async fn respond(
    edge: &EdgeContext,
    context: &Context,
    request: &Request,
    mut head: RequestHead<'_>,
) -> worker::Result<Response> {
    let routed = api::route(&head.request);
    if let Some(job) = Job::of(&head.request.path, &routed) {
        let reads = CachedReads::new(edge, context);
        return run::answer(job, &reads, request, &head.request).await;
    }
    let response = match PromptRead::parse(&edge.config, &head.request, &routed) {
        Ok(Some(read)) => read.answer(edge, context, request, &head.request).await,
        Ok(None) if head.request.method == "OPTIONS" => {
            return preflight::preflight(request, &head.request);
        }
        Ok(None) if studio::serves(&head.request.path) && edge.env.assets("ASSETS").is_ok() => {
            return studio::handle(&head.request, &edge.env.assets("ASSETS")?)
                .await
                .map(Into::into);
        }
        Ok(None) => {
            head.complete(request)?;
            let is_snapshot =
                matches!(&routed, Ok(found) if found.route.operation == Operation::GetSnapshot);
            match forward::forward(edge, context, request, &head.request, routed).await {
                Ok(answer) if is_snapshot && answer.status() == 200 => {
                    forward::planned_snapshot(answer).await
                }
                other => other,
            }
        }
        Err(error) => preflight::refuse(edge, context, &error, &head.request).await,
    };
    response.or_else(|error| reply::problem(&error, &head.request))
}

/// A request without its body.
pub(super) struct RequestHead<'a> {
    pub(super) host: &'a str,
    pub(super) request: ApiRequest,
}

/// The request headers that a read depends on.
const READ_HEADERS: [&str; 7] = [
    "authorization",
    "accept",
    "origin",
    "if-none-match",
    "cuecard-via",
    "content-type",
    "content-encoding",
];

impl<'a> RequestHead<'a> {
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

    /// Adds the headers that only the origin reads.
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
