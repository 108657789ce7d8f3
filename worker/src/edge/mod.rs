//! The edge: a cache before the origin, in the isolate nearest to the reader. Prompts are resolved and rendered here,
//! from copies whenever `freshness` allows; everything else is forwarded.
//!
//! In reading order: `respond` chooses who answers; `prompt_read` parses a read; `read_path` looks it up in memory,
//! then the Cache API, then the origin (`revalidate`, `classify`); `reply` writes the response. `forward` passes
//! everything else on and applies what it invalidates. `hit` is the synchronous path for repeated reads.
//!
//! A read with the header `Cuecard-Via` is forwarded too: that is how one Cuecard asks another, so that copies do not
//! age twice. (`Cache-Control: no-cache` would not do: `fetch` adds it to every request with `If-None-Match`.)

mod cache_api;
mod cache_status;
mod cacheable;
mod change;
mod classify;
mod config;
mod context;
mod cors;
mod facade_api;
pub(crate) mod for_runs;
mod forward;
mod grant;
mod health;
mod hit;
mod invalidation;
mod key;
mod memory;
mod preflight;
mod prompt;
pub(crate) mod prompt_read;
mod read_path;
mod reply;
mod respond;
mod result;
mod revalidate;
mod revisions;
mod run_settings;
mod servable;
mod stale_lists;
mod tags;

use cuecard_prompt::{Code, Error};
use worker::web_sys::{Request, Response};
use worker::{Context, Env};

use crate::facades::Facade;
use config::Config;
use context::EdgeContext;
use respond::{RequestHead, respond};

/// Answers a request for the API.
pub(crate) async fn handle(
    request: Request,
    env: Env,
    context: Context,
) -> worker::Result<Response> {
    let url = request.url();
    let head = RequestHead::new(&request, &url)?;
    let config = Config::of(&env);
    let origin = match &config.origin {
        Ok(origin) => origin.clone(),
        Err(problem) => {
            let error = Error::new(Code::Internal, problem.as_str());
            return reply::problem(&error, &head.request);
        }
    };
    let edge = EdgeContext {
        env,
        cache: config.cache.clone(),
        config,
        origin,
        host: head.host.into(),
    };
    match Facade::of(&head.request.path) {
        Some(facade) => facade_api::answer(facade, &edge, &context, &request, &head.request).await,
        None => respond(&edge, &context, &request, head).await,
    }
}
