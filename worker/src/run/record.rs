//! Messages to the object that keeps a project's executions.

use std::cell::Cell;
use std::time::Duration;

use cuecard_prompt::{Code, Error};
use cuecard_run::{Execution, Keeping, Recording};
use cuecard_store::{Finish, KeyLimits, Start};
use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::JsFuture;
use worker::web_sys::{Request, RequestInit, Response};
use worker::{Delay, Env, console_error};

use super::problem::Trouble;
use crate::disk;

/// The paths of this Worker's internal requests.
pub(super) const START: &str = "/start";
pub(super) const FINISH: &str = "/finish";
pub(super) const BEAT: &str = "/beat";

/// The class of the objects in wrangler.jsonc, and their binding.
pub(super) const CLASS: &str = "Executions";
const BINDING: &str = "EXECUTIONS";
/// Pauses before each retry when the object does not accept an end, in milliseconds.
const AGAIN: [u64; 4] = [100, 500, 2_000, 8_000];

/// The record of one run.
pub(super) struct RunRecord {
    env: Env,
    project: String,
    keeping: Keeping,
    limits: KeyLimits,
    started: Cell<bool>,
}

impl RunRecord {
    pub(super) fn new(env: &Env, project: String, keeping: Keeping, limits: KeyLimits) -> Self {
        Self {
            env: env.clone(),
            project,
            keeping,
            limits,
            started: Cell::new(false),
        }
    }

    /// Whether a record is kept.
    pub(super) fn is_kept(&self) -> bool {
        self.keeping.mode != Recording::Off
    }

    /// Whether inputs, messages and answer are kept.
    pub(super) fn is_full(&self) -> bool {
        self.keeping.mode == Recording::Full
    }

    /// Whether the run has to wait for its admission.
    pub(super) fn is_limited(&self) -> bool {
        !self.limits.is_empty()
    }

    /// Records the beginning, if the key may begin a run.
    pub(super) async fn start(&self, execution: &Execution) -> Result<(), Trouble> {
        if !self.is_kept() && !self.is_limited() {
            return Ok(());
        }
        let start = Start {
            execution: execution.clone(),
            keeping: self.keeping,
            limits: self.limits,
        };
        let response = self.send(START, &start).await;
        match response {
            Ok(response) if response.status() == 204 => self.started.set(true),
            Ok(response) if response.status() == 429 => return Err(limited(&response).await),
            // Tokens that cannot be counted must not be spent.
            Err(error) if self.is_limited() && error.code() != Code::OriginUnavailable => {
                return Err(error.into());
            }
            _ if self.is_limited() => {
                let detail = "the limits of the key cannot be checked";
                return Err(Trouble::new(Code::OriginUnavailable, detail));
            }
            _ => {}
        }
        Ok(())
    }

    /// Records the end; retries for some seconds, and logs what was lost.
    pub(super) async fn finish(&self, execution: Execution) {
        if !self.is_kept() && !self.is_limited() {
            return;
        }
        let finish = Finish {
            execution,
            keeping: self.keeping,
            started: self.started.get() && self.is_kept(),
        };
        for pause in AGAIN {
            if self
                .send(FINISH, &finish)
                .await
                .is_ok_and(|r| r.status() == 204)
            {
                return;
            }
            Delay::from(Duration::from_millis(pause)).await;
        }
        console_error!(
            "the end of execution {} is not recorded",
            finish.execution.id
        );
    }

    /// Reports that the run goes on.
    pub(super) fn beat(&self, id: &str) {
        let (env, project, id) = (self.env.clone(), self.project.clone(), id.to_owned());
        wasm_bindgen_futures::spawn_local(async move {
            // A missed report is followed by another.
            let _ = ask(&env, &project, "POST", BEAT, Some(&id)).await;
        });
    }

    async fn send(&self, path: &str, message: &impl Serialize) -> Result<Response, Error> {
        let body = serde_json::to_string(message).map_err(|_| unavailable())?;
        ask(&self.env, &self.project, "POST", path, Some(&body)).await
    }
}

/// Asks the object of a project.
///
/// # Errors
/// `store_unwritable` where the disk takes no files of the object, `store_damaged`, else `origin_unavailable`
pub(super) async fn ask(
    env: &Env,
    project: &str,
    method: &str,
    path: &str,
    body: Option<&str>,
) -> Result<Response, Error> {
    let init = RequestInit::new();
    init.set_method(method);
    if let Some(body) = body {
        init.set_body(&body.into());
    }
    let url = format!("https://executions{path}");
    let request = Request::new_with_str_and_init(&url, &init).map_err(|_| unavailable())?;
    let namespace = env.durable_object(BINDING).map_err(|_| unavailable())?;
    let stub = namespace.get_by_name(project).map_err(|_| unavailable())?;
    match stub.fetch_with_request(request.into()).await {
        Ok(response) => Ok(response.into()),
        Err(error) => {
            let id = namespace.id_from_name(project).map_err(|_| unavailable())?;
            let file = format!("{}/{id}", CLASS);
            let fault = disk::fault_of_object(env, &file, &error).await;
            Err(fault.unwrap_or_else(unavailable))
        }
    }
}

fn unavailable() -> Error {
    Error::new(Code::OriginUnavailable, "the executions cannot be reached")
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Limited {
    retry_after: u64,
    limit: String,
}

async fn limited(response: &Response) -> Trouble {
    let text = match response.text() {
        Ok(text) => JsFuture::from(text).await.unwrap_or_default(),
        Err(_) => Default::default(),
    };
    let text = text.as_string().unwrap_or_default();
    let Limited { retry_after, limit } = serde_json::from_str(&text).unwrap_or_default();
    let detail = format!("the key has reached its limit `{limit}`");
    Trouble {
        retry_after: Some(retry_after.max(1).to_string()),
        ..Trouble::new(Code::RateLimited, detail)
    }
}
