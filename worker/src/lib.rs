//! The Cloudflare Worker: the API over the store in a Durable Object, and the studio.

pub mod api;
mod clock;
mod disk;
mod edge;
mod facades;
mod hex;
mod object;
mod origin;
mod run;
mod sql;
mod studio;
mod wire;

use worker::web_sys::{Request, Response};
use worker::{Context, Env, Result, event};

pub use object::Organization;
pub use run::Executions;

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    edge::handle(request, env, context).await
}
