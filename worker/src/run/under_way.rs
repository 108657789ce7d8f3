//! A run under way, from its first byte at the model API to its record.

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use cuecard_prompt::{Code, Prompt};
use cuecard_run::{
    AnswerReader, ApiKind, Bodies, Connection, Execution, ExecutionStatus, ModelAnswer, Outgoing,
    UsageFilter, refuses_usage,
};
use cuecard_store::Timestamp;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared, select};
use serde_json::{Value, json};
use worker::web_sys::Response;
use worker::{Delay, Env};

use super::alive::Alive;
use super::problem::Trouble;
use super::record::RunRecord;
use super::upstream::{Course, Pieces, Secret, send};
use crate::clock;

/// The decisions that a run is based on.
pub(super) struct UnderWay {
    pub(super) env: Env,
    pub(super) connection: Connection,
    pub(super) outgoing: Outgoing,
    pub(super) secret: Secret,
    pub(super) course: Course,
    pub(super) record: Rc<RunRecord>,
    /// Until its beginning is written down.
    pub(super) begun: Option<Written>,
    pub(super) execution: Execution,
    /// The format of the answer.
    pub(super) kind: ApiKind,
    /// Removes the parts of a stream that its caller did not ask for.
    pub(super) filter: Option<UsageFilter>,
    /// The outputs that the answer is checked against.
    pub(super) prompt: Option<Rc<Prompt>>,
    /// Completed with the run's last word.
    pub(super) alive: Alive,
}

/// Settles when a beginning is recorded, or cannot be.
pub(super) type Written = Shared<LocalBoxFuture<'static, ()>>;

/// The start of an answer.
pub(super) enum Begun {
    /// The wanted answer.
    Well(Response),
    /// A refusal, which has been read.
    Refused(ModelRefusal),
}

/// A model API's words of refusal.
pub(super) struct ModelRefusal {
    pub(super) status: u16,
    pub(super) media: String,
    /// With the secret removed.
    pub(super) body: String,
    pub(super) retry_after: Option<String>,
}

/// The most bytes that are read of an answer as a whole.
const MAX_ANSWER: usize = 16 << 20;
/// The most bytes that are read of a refusal.
const MAX_REFUSAL: usize = 64 << 10;
/// The most bytes of a refusal's words.
const MAX_WORDS: usize = 2_000;
/// How long the end of an answer waits for the recorded beginning: a complete answer is then not lost when the
/// Worker ends.
const WRITTEN: Duration = Duration::from_millis(250);
/// How long the end of a record waits for its beginning.
const IN_ORDER: Duration = Duration::from_secs(10);

impl UnderWay {
    /// Sends the request, and records the beginning meanwhile; before it, if the key has limits.
    pub(super) async fn begin(&mut self) -> Result<Begun, Trouble> {
        if self.record.is_limited() {
            self.record.start(&self.execution).await?;
            return self.send().await;
        }
        let (record, execution) = (self.record.clone(), self.execution.clone());
        let start = async move {
            // Only limits refuse a run. A lost beginning is recorded with the end.
            let _ = record.start(&execution).await;
        };
        let begun = start.boxed_local().shared();
        wasm_bindgen_futures::spawn_local(begun.clone());
        self.begun = Some(begun);
        self.send().await
    }

    /// Settles when the beginning is recorded, or soon.
    pub(super) fn written(&self) -> impl Future<Output = ()> + 'static {
        within(self.begun.clone(), WRITTEN)
    }

    async fn send(&self) -> Result<Begun, Trouble> {
        let begun = self.send_once(&self.outgoing).await?;
        match begun {
            Begun::Refused(refusal)
                if self.outgoing.body.get("stream_options").is_some()
                    && refuses_usage(refusal.status, &refusal.body) =>
            {
                self.send_once(&self.outgoing.clone().without_usage()).await
            }
            begun => Ok(begun),
        }
    }

    async fn send_once(&self, outgoing: &Outgoing) -> Result<Begun, Trouble> {
        let sent = send(
            &self.env,
            &self.connection,
            outgoing,
            &self.secret,
            &self.course,
        );
        let response = self.wait(sent).await??;
        if (200..300).contains(&response.status()) {
            return Ok(Begun::Well(response));
        }
        let (body, _) = self.read(&response, MAX_REFUSAL).await?;
        let header = |name: &str| response.headers().get(name).ok().flatten();
        Ok(Begun::Refused(ModelRefusal {
            status: response.status(),
            media: header("content-type").unwrap_or_default(),
            body: self.secret.out_of(&String::from_utf8_lossy(&body)),
            retry_after: header("retry-after"),
        }))
    }

    /// Waits for the model API's next bytes.
    pub(super) async fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T, Trouble> {
        self.course
            .wait(work, &self.record, &self.execution.id)
            .await
    }

    /// Reads up to `max` bytes of an answer; returns whether that is all.
    async fn read(&self, response: &Response, max: usize) -> Result<(Vec<u8>, bool), Trouble> {
        let pieces = Pieces::of(response);
        let mut all = Vec::new();
        while let Some(piece) = self.wait(pieces.next()).await?? {
            all.extend(piece.to_vec());
            if all.len() > max {
                pieces.cancel();
                all.truncate(max);
                return Ok((all, false));
            }
        }
        Ok((all, true))
    }

    /// Reads an answer as a whole.
    pub(super) async fn whole(&mut self, response: &Response) -> Result<ModelAnswer, Trouble> {
        self.execution.first_token_at = Some(now());
        let (body, is_whole) = self.read(response, MAX_ANSWER).await?;
        let unusable = |detail: &str| Trouble {
            upstream: Some(response.status()),
            ..Trouble::new(Code::UpstreamBadResponse, detail)
        };
        if !is_whole {
            return Err(unusable("the model API's answer is over 16 MiB"));
        }
        let body: Value = serde_json::from_slice(&body)
            .map_err(|_| unusable("the model API's answer is not JSON"))?;
        let answer = AnswerReader::new(self.kind).whole(&body);
        match &answer.error {
            Some(words) => Err(self.failed(words)),
            None => Ok(answer),
        }
    }

    /// The model API failed in the middle of an answer, in its own words.
    pub(super) fn failed(&self, words: &str) -> Trouble {
        let words = self.secret.out_of(words);
        let words = cut(&words);
        Trouble::new(
            Code::UpstreamRefused,
            format!("the model API failed: {words}"),
        )
    }

    /// Records the answer, and returns the output with its issues.
    pub(super) fn completed(mut self, answer: &ModelAnswer) -> (Value, Execution) {
        let output = self.note(answer);
        self.execution.status = ExecutionStatus::Completed;
        let execution = self.execution.clone();
        self.end(Some(output.clone()));
        (output, execution)
    }

    /// Records why a run failed.
    pub(super) fn came_to_nothing(mut self, trouble: &Trouble, answer: Option<&ModelAnswer>) {
        // A run that was never admitted is not recorded.
        if trouble.error.code() == Code::RateLimited {
            return;
        }
        self.course.stop();
        let output = answer.map(|answer| self.note(answer));
        self.execution.issues.clear();
        self.execution.status = if trouble.cancelled {
            ExecutionStatus::Cancelled
        } else {
            ExecutionStatus::Failed
        };
        self.execution.error = (!trouble.cancelled).then(|| trouble.failure());
        self.end(output.filter(|output| output.as_str() != Some("")));
    }

    fn note(&mut self, answer: &ModelAnswer) -> Value {
        let execution = &mut self.execution;
        execution.usage = answer.usage;
        let model = execution.model.as_deref().unwrap_or_default();
        let prices = self.connection.prices(model);
        execution.cost = prices
            .zip(answer.usage)
            .and_then(|(prices, usage)| prices.cost(&usage));
        if answer.text.is_empty() && !answer.tool_calls.is_empty() {
            return Value::Null;
        }
        let (output, mut issues) = match &self.prompt {
            Some(prompt) => prompt.output(&answer.text),
            None => (json!(answer.text), Vec::new()),
        };
        if answer.cut {
            let message = "the output is too long to be checked";
            issues = vec![cuecard_prompt::Issue::new("limit_exceeded", "", message)];
        }
        execution.issues = issues.iter().map(|issue| json!(issue)).collect();
        output
    }

    /// Records the end, after everything that the caller waits for.
    fn end(mut self, output: Option<Value>) {
        self.execution.ended_at = Some(now());
        if self.record.is_full() {
            let bodies = std::mem::take(&mut self.execution.bodies);
            let output = output.map(|output| self.secret.out_of_value(output));
            self.execution.bodies = Bodies { output, ..bodies }.bounded();
        }
        let Self {
            record,
            begun,
            execution,
            alive,
            ..
        } = self;
        wasm_bindgen_futures::spawn_local(async move {
            within(begun, IN_ORDER).await;
            record.finish(execution).await;
            drop(alive);
        });
    }
}

impl ModelRefusal {
    /// As a problem for the caller: with the model API's status and words.
    pub(super) fn trouble(&self) -> Trouble {
        let json: Option<Value> = serde_json::from_str(&self.body).ok();
        let words = json.as_ref().and_then(|json| {
            // Gemini's streams wrap it in a list.
            let json = json
                .as_array()
                .and_then(|list| list.first())
                .unwrap_or(json);
            let error = json.get("error").unwrap_or(json);
            let words = error.get("message").or(json.get("detail")).unwrap_or(error);
            words.as_str().map(str::to_owned)
        });
        let words = words.unwrap_or_else(|| self.body.trim().to_owned());
        let status = self.status;
        Trouble {
            upstream: Some(status),
            retry_after: self.retry_after.clone(),
            ..Trouble::new(
                Code::UpstreamRefused,
                format!("the model API answered {status}: {}", cut(&words)),
            )
        }
    }
}

async fn within(begun: Option<Written>, longest: Duration) {
    if let Some(begun) = begun {
        let _ = select(begun, pin!(Delay::from(longest))).await;
    }
}

fn cut(words: &str) -> &str {
    words
        .get(..words.floor_char_boundary(MAX_WORDS))
        .unwrap_or_default()
}

/// The current time, in the form of records.
pub(super) fn now() -> String {
    Timestamp::from_ms(clock::now_ms()).to_string()
}
