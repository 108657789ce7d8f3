//! The Cloudflare Worker: the API over the store in a Durable Object, and the page.

pub mod api;
mod clock;
mod object;
mod page;
mod sql;
mod wire;

use worker::{Context, Env, Request, Response, Result, event};

pub use object::Organization;

#[event(fetch)]
async fn fetch(request: Request, env: Env, _ctx: Context) -> Result<Response> {
    let head = wire::head(&request)?;
    if page::serves(&head.path)
        && let Ok(files) = env.assets("ASSETS")
    {
        return page::handle(&head, &files).await;
    }
    match api::admit(&head, &clock::world()?.request_id) {
        api::Admission::Answered(response) => wire::send(response),
        api::Admission::Admitted(admitted) => {
            let organization = admitted.key.organization().as_str();
            let stub = env.durable_object("STORE")?.get_by_name(organization)?;
            stub.fetch_with_request(request).await
        }
    }
}
