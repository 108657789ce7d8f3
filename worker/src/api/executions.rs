//! Executions over HTTP, from the project's own database.

use cuecard_prompt::{Code, Error, Result, Slug};
use cuecard_run::ExecutionStatus;
use cuecard_store::{ExecutionFilter, ExecutionStore, Sql, Timestamp};

use super::body;
use super::http::{ApiRequest, ApiResponse};
use super::query::{Param, Query, invalid};
use super::reply::Reply;
use super::route::{self, Operation};

/// Answers a request whose caller has been authorised.
pub(crate) fn answer<S: Sql>(
    executions: &ExecutionStore<S>,
    request: &ApiRequest,
    now: Timestamp,
    request_id: &str,
) -> ApiResponse {
    let reply = respond(executions, request, now);
    let reply = reply.unwrap_or_else(|error| Reply::problem(&error));
    reply.send(request, request_id)
}

fn respond<S: Sql>(
    executions: &ExecutionStore<S>,
    request: &ApiRequest,
    now: Timestamp,
) -> Result<Reply> {
    request.check_url()?;
    request.check_accept()?;
    let matched = route::find(&request.method, &request.path).map_err(|none| none.error)?;
    let query = Query::parse(request.query.as_deref(), matched.route.query)?;
    match matched.route.operation {
        Operation::ListExecutions => {
            let page = executions.list(&selection(&query)?, query.limit()?, now)?;
            Reply::page("executions", &page.items, page.next)
        }
        Operation::GetExecution => Reply::json(200, &executions.get(&matched.name, now)?),
        Operation::DeleteExecution => {
            body::read_none(request)?;
            executions.delete(&matched.name)?;
            Ok(Reply::empty(204))
        }
        _ => Err(Error::new(
            Code::RouteNotFound,
            "there is nothing at this path",
        )),
    }
}

fn selection(query: &Query) -> Result<ExecutionFilter> {
    let time = |param: Param| {
        let read = |text: &str| {
            Timestamp::parse(text).ok_or_else(|| invalid(param.name(), "a time of RFC 3339"))
        };
        query.text(param).map(read).transpose()
    };
    let status = query.text(Param::Status).map(|text| {
        let names = ExecutionStatus::ALL.map(ExecutionStatus::as_str).join(", ");
        ExecutionStatus::parse(text).ok_or_else(|| invalid("status", &names))
    });
    let label = query.text(Param::Metadata).map(|text| {
        let pair = text.split_once(':');
        let pair = pair.map(|(name, value)| (name.to_owned(), value.to_owned()));
        pair.ok_or_else(|| invalid("metadata", "a label's name and text: `user:42`"))
    });
    let cursor = query.text(Param::Cursor).map(|text| {
        let ok = text.len() == 21 && text.bytes().all(|b| b.is_ascii_alphanumeric());
        let cursor = ok.then(|| text.to_owned());
        cursor.ok_or_else(|| invalid("cursor", "`nextCursor` of the page before"))
    });
    Ok(ExecutionFilter {
        prompt: query
            .text(Param::Prompt)
            .map(|text| Slug::parse(text).map(|slug| slug.as_str().to_owned()))
            .transpose()?,
        version: query.version()?.map(|version| version.get()),
        tag: query.tag()?.map(|tag| tag.to_string()),
        status: status.transpose()?,
        after: time(Param::After)?,
        before: time(Param::Before)?,
        label: label.transpose()?,
        cursor: cursor.transpose()?,
    })
}
