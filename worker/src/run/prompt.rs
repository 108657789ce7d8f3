//! `POST /v1/prompts/{slug}/run`

use std::rc::Rc;

use cuecard_prompt::{Document, Error, Prompt, Rendered, Result, Slug};
use cuecard_run::{
    Bodies, Connection, Execution, ExecutionStatus, Keeping, Outgoing, RunRequest, Settings, choose,
};
use cuecard_store::{ExecutionStore, KeyRole, Timestamp};
use serde_json::{Map, Value, json};
use worker::web_sys::{Request, Response};

use super::alive::Alive;
use super::passage::{held, pass};
use super::problem::Trouble;
use super::record::RunRecord;
use super::under_way::{Begun, UnderWay};
use super::upstream::{Course, Secret};
use crate::api::{self, ApiRequest};
use crate::edge::for_runs::{CachedReads, KeyHolder, RunPrompt};
use crate::edge::prompt_read::body;
use crate::sql::ObjectSql;
use crate::{clock, wire};

pub(super) async fn answer(
    reads: &CachedReads<'_>,
    request: &Request,
    head: &ApiRequest,
    alive: Alive,
) -> Result<Response> {
    let key = api::key(head)?;
    let (slug, selector) = api::run_target(head)?;
    let caller = reads.caller(&key, head, KeyRole::Run).await?;
    let body = ApiRequest {
        body: body(request).await?,
        ..head.clone()
    };
    let call = RunRequest::parse(api::read_body(&body)?)?;
    let lent = match &call.document {
        None => reads.prompt(&caller, slug, selector).await?,
        Some(document) => {
            reads.caller(&api::key(head)?, head, KeyRole::Write).await?;
            draft(&slug, document)?
        }
    };
    let settings = reads.settings(&caller).await?;
    let mut rendered = lent.prompt.render(&Value::Object(call.inputs.clone()))?;
    call.apply(&mut rendered)?;
    let model = rendered.model.as_deref();
    let connection = choose(&settings, call.connection.as_deref(), model, &[])?;
    let outgoing = Outgoing::new(connection, &rendered, call.stream)?;
    let keeping = Keeping {
        mode: call.record.unwrap_or(settings.recording.mode),
        ..settings.recording
    };
    let plan = RunParts {
        reads,
        caller: &caller,
        connection,
        keeping,
        metadata: call.metadata.clone(),
        bodies: bodies(&call, &rendered),
    };
    let headers = headers(&lent);
    let made = plan.make(request, outgoing, Some(&lent), alive);
    let outcome = match made {
        Ok(run) => go(run, call.stream, &lent, headers.clone()).await,
        Err(trouble) => Err((trouble, headers.clone())),
    };
    outcome.or_else(|(trouble, headers)| {
        let mut response = trouble.response(head);
        response.headers.extend(
            headers
                .into_iter()
                .filter(|(name, _)| *name != "cache-control"),
        );
        wire::send(response).map(Into::into).map_err(internal)
    })
}

/// Content of the caller's own: it is compiled for this run and not kept.
fn draft(slug: &Slug, document: &Value) -> Result<RunPrompt> {
    let document = Document::from_value(document.clone())?;
    Ok(RunPrompt {
        prompt: Rc::new(Prompt::compile(&document)?),
        resolved: json!({ "slug": slug }),
        headers: Vec::new(),
    })
}

type Headers = Vec<(&'static str, String)>;

async fn go(
    mut run: UnderWay,
    stream: bool,
    lent: &RunPrompt,
    mut headers: Headers,
) -> std::result::Result<Response, (Trouble, Headers)> {
    let kept = run.record.is_kept();
    if kept {
        headers.push(("cuecard-execution", run.execution.id.clone()));
    }
    let response = match run.begin().await {
        Ok(Begun::Well(response)) => response,
        Ok(Begun::Refused(refusal)) => {
            let trouble = refusal.trouble();
            run.came_to_nothing(&trouble, None);
            return Err((trouble, headers));
        }
        Err(trouble) => {
            run.came_to_nothing(&trouble, None);
            return Err((trouble, headers));
        }
    };
    if stream {
        let passed = pass(run, &response, &headers);
        return passed.map_err(|trouble| (trouble, headers));
    }
    let answer = match run.whole(&response).await {
        Ok(answer) => answer,
        Err(trouble) => {
            run.came_to_nothing(&trouble, None);
            return Err((trouble, headers));
        }
    };
    let losses = json!(run.outgoing.losses);
    let written = run.written();
    let (output, execution) = run.completed(&answer);
    let mut body = json!({
        "execution": kept.then_some(&execution.id),
        "output": output,
        "usage": execution.usage,
        "cost": execution.cost,
        "connection": execution.connection,
        "model": execution.model,
        "startedAt": execution.started_at,
        "endedAt": super::under_way::now(),
        "resolved": lent.resolved,
    });
    let more = [
        ("toolCalls", json!(answer.tool_calls)),
        ("finishReason", json!(answer.finish_reason)),
        ("issues", json!(execution.issues)),
        ("losses", losses),
    ];
    if let Some(members) = body.as_object_mut() {
        let said =
            |value: &Value| !value.is_null() && value.as_array().is_none_or(|l| !l.is_empty());
        let more = more.into_iter().filter(|(_, value)| said(value));
        members.extend(more.map(|(name, value)| (name.to_owned(), value)));
    }
    headers.push(("content-type", "application/json".to_owned()));
    held(&body.to_string(), &headers, written).map_err(|trouble| (trouble, Vec::new()))
}

/// The parts of a run.
pub(super) struct RunParts<'a> {
    pub(super) reads: &'a CachedReads<'a>,
    pub(super) caller: &'a KeyHolder,
    pub(super) connection: &'a Connection,
    pub(super) keeping: Keeping,
    pub(super) metadata: Map<String, Value>,
    pub(super) bodies: Bodies,
}

impl RunParts<'_> {
    pub(super) fn make(
        self,
        request: &Request,
        outgoing: Outgoing,
        lent: Option<&RunPrompt>,
        alive: Alive,
    ) -> std::result::Result<UnderWay, Trouble> {
        let Self {
            reads,
            caller,
            connection,
            keeping,
            metadata,
            bodies,
        } = self;
        let env = reads.env();
        let world = clock::world().map_err(internal)?;
        let record = RunRecord::new(env, caller.project(), keeping, caller.limits());
        let bodies = match record.is_full() {
            true => bodies.bounded(),
            false => Bodies::default(),
        };
        let resolved = |name: &str| lent.and_then(|lent| lent.resolved.get(name));
        let text = |name: &str| resolved(name).and_then(Value::as_str).map(str::to_owned);
        let version = resolved("version").and_then(Value::as_u64);
        let execution = Execution {
            id: ExecutionStore::<ObjectSql>::new_id(world.now, &world.entropy),
            prompt: text("slug"),
            version: version.and_then(|version| u32::try_from(version).ok()),
            hash: text("hash"),
            tag: text("tag"),
            connection: connection.name.clone(),
            model: outgoing.model.clone(),
            key: caller.key().to_owned(),
            status: ExecutionStatus::Running,
            started_at: Timestamp::from_ms(clock::now_ms()).to_string(),
            first_token_at: None,
            ended_at: None,
            usage: None,
            cost: None,
            issues: Vec::new(),
            error: None,
            metadata,
            bodies,
        };
        Ok(UnderWay {
            env: env.clone(),
            secret: Secret::of(env, connection)?,
            course: Course::new(env, request)?,
            record: Rc::new(record),
            begun: None,
            kind: connection.kind,
            filter: None,
            prompt: lent.map(|lent| Rc::clone(&lent.prompt)),
            connection: connection.clone(),
            outgoing,
            execution,
            alive,
        })
    }
}

/// The inputs and messages.
pub(super) fn bodies(call: &RunRequest, rendered: &Rendered) -> Bodies {
    Bodies {
        inputs: Some(Value::Object(call.inputs.clone())),
        messages: Some(json!(rendered.messages)),
        ..Bodies::default()
    }
}

/// The facts of the prompt behind an answer.
pub(super) fn headers(lent: &RunPrompt) -> Headers {
    let mut headers = lent.headers.clone();
    for (header, member) in [
        ("cuecard-version", "version"),
        ("cuecard-hash", "hash"),
        ("cuecard-tag", "tag"),
    ] {
        match lent.resolved.get(member) {
            Some(Value::String(text)) => headers.push((header, text.clone())),
            Some(Value::Number(number)) => headers.push((header, number.to_string())),
            _ => {}
        }
    }
    headers.push(("cache-control", "private, no-store".to_owned()));
    headers.push(("x-content-type-options", "nosniff".to_owned()));
    headers
}

pub(super) fn internal<T>(_: T) -> Error {
    Error::new(cuecard_prompt::Code::Internal, "the platform failed")
}

/// The slug that a name stands for: itself, or the one that it was imported as.
pub(super) fn slug_behind<'a>(settings: &'a Settings, name: &'a str) -> &'a str {
    settings.aliases.get(name).map_or(name, String::as_str)
}
