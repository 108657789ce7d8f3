//! The front, in the isolate nearest to the reader: prompts are resolved and rendered here, from copies whenever
//! `freshness` allows; everything else goes to the origin as it is.
//!
//! A read with the header `Cuecard-Via` goes to the origin too: that is how one Cuecard asks another, so that copies do not
//! age twice. (`Cache-Control: no-cache` would not do: `fetch` adds it to every request with `If-None-Match`.)

mod answer;
mod ask;
mod changes;
mod config;
mod cors;
mod entry;
mod forward;
mod health;
mod hit;
mod inside;
mod item;
mod judge;
mod key;
pub(crate) mod lend;
mod lists;
mod memory;
mod preflight;
mod read;
pub(crate) mod reader;
mod reply;
mod respond;
mod settings;
mod site;
mod tags;
mod tier;
mod verdict;

use cuecard_prompt::{Code, Error};
use worker::web_sys::{Request, Response};
use worker::{Context, Env};

use crate::facades::Facade;
use config::Config;
use respond::{Head, respond};
use site::Site;

/// Answers a request for the API.
pub(crate) async fn handle(
    request: Request,
    env: Env,
    context: Context,
) -> worker::Result<Response> {
    let url = request.url();
    let head = Head::new(&request, &url)?;
    let config = Config::of(&env);
    let origin = match &config.origin {
        Ok(origin) => origin.clone(),
        Err(problem) => {
            let error = Error::new(Code::Internal, problem.as_str());
            return reply::problem(&error, &head.request);
        }
    };
    let site = Site {
        env,
        cache: config.cache.clone(),
        config,
        origin,
        host: head.host.into(),
    };
    match Facade::of(&head.request.path) {
        Some(facade) => inside::answer(facade, &site, &context, &request, &head.request).await,
        None => respond(&site, &context, &request, head).await,
    }
}
