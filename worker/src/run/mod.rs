//! Runs: a prompt is rendered as for `/render`, sent to a model API, and recorded in an
//! object of the project's own. A run waits for that object only where its key has limits.
//!
//! Circle: the edge hands over requests that are answered here, and lends the copies that they need.

mod alive;
mod executions;
mod object;
mod openai;
mod passage;
mod problem;
mod prompt;
mod record;
mod under_way;
mod upstream;

use cuecard_prompt::Error;
use worker::web_sys::{Request, Response};

use crate::api::{ApiRequest, Operation, Routed};
use crate::edge::for_runs::CachedReads;
use cuecard_run::Surface;
pub use object::Executions;

/// A request that is answered here.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Job {
    /// Runs a prompt.
    Prompt,
    /// Lists, reads or deletes executions.
    Executions(Operation),
    /// Passes on the requests of OpenAI's client.
    Openai(Surface),
}

impl Job {
    /// The operation that a request asks for; `None` if it is for another module.
    pub(crate) fn of(path: &str, routed: &Routed) -> Option<Self> {
        match path {
            "/openai/v1/responses" => return Some(Self::Openai(Surface::Responses)),
            "/openai/v1/chat/completions" => return Some(Self::Openai(Surface::Chat)),
            _ => {}
        }
        match routed.as_ref().ok()?.route.operation {
            Operation::RunPrompt => Some(Self::Prompt),
            operation @ (Operation::ListExecutions
            | Operation::GetExecution
            | Operation::DeleteExecution) => Some(Self::Executions(operation)),
            _ => None,
        }
    }
}

/// Answers a request.
pub(crate) async fn answer(
    job: Job,
    reads: &CachedReads<'_>,
    request: &Request,
    head: &ApiRequest,
) -> worker::Result<Response> {
    // While this lives, the run goes on, even when its caller has gone.
    let alive = alive::Alive::new(reads);
    let answer = match job {
        Job::Prompt => prompt::answer(reads, request, head, alive).await,
        Job::Executions(operation) => executions::answer(reads, head, operation).await,
        Job::Openai(surface) => return openai::answer(surface, reads, request, head, alive).await,
    };
    answer.or_else(|error: Error| problem::of(&error.into(), head))
}
