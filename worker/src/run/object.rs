//! The executions of one project: a Durable Object with SQLite of its own, so that no prompt waits for a record.
#![expect(
    missing_docs,
    reason = "the macro writes methods without documentation"
)]

use std::cell::{Cell, OnceCell};
use std::time::Duration;

use cuecard_prompt::{Code, Error};
use cuecard_store::{ExecutionStore as Records, Finish, RunAdmission, Start};
use serde_json::json;
use worker::{DurableObject, Env, Request, Response, Result, State, console_error, durable_object};

use super::record::{BEAT, CLASS, FINISH, START};
use crate::api::{self, ApiRequest, ApiResponse};
use crate::sql::ObjectSql;
use crate::{clock, wire};

/// How often expired executions are looked for.
const PURGE_EVERY: Duration = Duration::from_secs(3_600);

/// The executions of the project that the object is named after.
#[durable_object(alarm)]
pub struct Executions {
    state: State,
    env: Env,
    records: OnceCell<Records<ObjectSql>>,
    has_alarm: Cell<bool>,
}

impl DurableObject for Executions {
    fn new(state: State, env: Env) -> Self {
        Self {
            state,
            env,
            records: OnceCell::new(),
            has_alarm: Cell::new(false),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let request = wire::receive(request).await?;
        let response = self.answer(&request)?;
        if let Some(fault) = &response.fault {
            let id = response.header("cuecard-request-id").unwrap_or_default();
            console_error!("{id} {fault}");
        }
        if request.path == START && !self.has_alarm.replace(true) {
            let storage = self.state.storage();
            if storage.get_alarm().await?.is_none() {
                storage.set_alarm(PURGE_EVERY).await?;
            }
        }
        wire::send(response)
    }

    async fn alarm(&self) -> Result<Response> {
        let now = clock::world()?.now;
        let next = self.records().and_then(|records| records.purge(now));
        let next = next.map_err(|error| worker::Error::RustError(error.to_string()))?;
        if next.is_some() {
            let again = if next == Some(now) {
                Duration::from_secs(1)
            } else {
                PURGE_EVERY
            };
            self.state.storage().set_alarm(again).await?;
        }
        self.has_alarm.set(next.is_some());
        Response::ok("")
    }
}

impl Executions {
    fn answer(&self, request: &ApiRequest) -> Result<ApiResponse> {
        let world = clock::world()?;
        let records = match self.records() {
            Ok(records) => records,
            Err(error) => return Ok(api::refuse(&error, request, &world.request_id)),
        };
        let unreadable = |_| Error::new(Code::Internal, "a message cannot be read");
        let done = match request.path.as_str() {
            START => serde_json::from_slice::<Start>(&request.body)
                .map_err(unreadable)
                .and_then(|start| records.start(&start, world.now)),
            FINISH => serde_json::from_slice::<Finish>(&request.body)
                .map_err(unreadable)
                .and_then(|finish| records.finish(&finish, world.now))
                .map(|()| RunAdmission::Admitted),
            BEAT => std::str::from_utf8(&request.body)
                .map_err(|_| Error::new(Code::Internal, "a message cannot be read"))
                .and_then(|id| records.beat(id, world.now))
                .map(|()| RunAdmission::Admitted),
            _ => {
                let answer = api::answer_executions(records, request, world.now, &world.request_id);
                return Ok(answer);
            }
        };
        Ok(match done {
            Ok(RunAdmission::Admitted) => ApiResponse {
                status: 204,
                ..ApiResponse::default()
            },
            Ok(RunAdmission::Limited { retry_after, limit }) => ApiResponse {
                status: 429,
                headers: vec![("content-type", "application/json".to_owned())],
                body: json!({ "retryAfter": retry_after, "limit": limit })
                    .to_string()
                    .into_bytes(),
                fault: None,
            },
            Err(error) => api::refuse(&error, request, &world.request_id),
        })
    }

    fn records(&self) -> cuecard_prompt::Result<&Records<ObjectSql>> {
        if let Some(records) = self.records.get() {
            return Ok(records);
        }
        let world =
            clock::world().map_err(|_| Error::new(Code::Internal, "the platform failed"))?;
        let sql = ObjectSql::of(&self.state, CLASS);
        sql.check(&self.env)?;
        let records = Records::open(sql, world.now)?;
        Ok(self.records.get_or_init(|| records))
    }
}
