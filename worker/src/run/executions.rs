//! Executions of the caller's project: list, read, delete.

use cuecard_prompt::Result;
use cuecard_store::KeyRole;
use worker::web_sys::Response;

use super::record;
use crate::api::{self, ApiRequest, Operation};
use crate::edge::for_runs::CachedReads;

pub(super) async fn answer(
    reads: &CachedReads<'_>,
    head: &ApiRequest,
    operation: Operation,
) -> Result<Response> {
    let role = match operation {
        Operation::DeleteExecution => KeyRole::Write,
        _ => KeyRole::Run,
    };
    let caller = reads.caller(&api::key(head)?, head, role).await?;
    let query = head.query.as_ref().map(|query| format!("?{query}"));
    let path = format!("{}{}", head.path, query.unwrap_or_default());
    record::ask(reads.env(), &caller.project(), &head.method, &path, None).await
}
