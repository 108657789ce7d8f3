//! OpenAI's own shape: `POST /openai/v1/responses` and `…/chat/completions` with `prompt: {id, version?, variables?}`.
//! The caller's members override the prompt's; without `prompt` the request is passed on unchanged.

use cuecard_prompt::{
    Code, Error, Prompt, Provider, Reference, Rendered, Result, Selector, parse_version,
};
use cuecard_run::{Bodies, Outgoing, Surface, UsageFilter, choose};
use cuecard_store::KeyRole;
use serde_json::{Map, Value, json};
use worker::web_sys::{Request, Response};

use super::alive::Alive;
use super::passage::pass;
use super::problem::Trouble;
use super::prompt::{RunParts, headers, slug_behind};
use super::under_way::{Begun, UnderWay};
use crate::api::{self, ApiRequest, ApiResponse};
use crate::edge::for_runs::{CachedReads, RunPrompt};
use crate::edge::prompt_read::body;
use crate::wire;

pub(super) async fn answer(
    surface: Surface,
    reads: &CachedReads<'_>,
    request: &Request,
    head: &ApiRequest,
    alive: Alive,
) -> worker::Result<Response> {
    match respond(surface, reads, request, head, alive).await {
        Ok(response) => Ok(response),
        Err(trouble) => wire::send(refusal(&trouble)).map(Into::into),
    }
}

async fn respond(
    surface: Surface,
    reads: &CachedReads<'_>,
    request: &Request,
    head: &ApiRequest,
    alive: Alive,
) -> std::result::Result<Response, Trouble> {
    if head.method != "POST" {
        return Err(Trouble::new(Code::MethodNotAllowed, "the route takes POST"));
    }
    let caller = reads.caller(&api::key(head)?, head, KeyRole::Run).await?;
    let received = ApiRequest {
        body: body(request).await?,
        ..head.clone()
    };
    let Value::Object(mut body) = api::read_body(&received)? else {
        return Err(Trouble::new(Code::BodyInvalid, "the body is a JSON object"));
    };
    let settings = reads.settings(&caller).await?;
    let named = match body.shift_remove("prompt") {
        None | Some(Value::Null) => None,
        Some(prompt) => Some(PromptMember::read(&prompt)?),
    };
    let lent = match &named {
        None => None,
        Some(named) => {
            let reference = Reference::parse(slug_behind(&settings, &named.id))?;
            let selector = named
                .version
                .clone()
                .or(reference.selector)
                .unwrap_or_default();
            Some(reads.prompt(&caller, reference.slug, selector).await?)
        }
    };
    let mut rendered = match (&named, &lent) {
        (Some(named), Some(lent)) => Some(
            lent.prompt
                .render(&Value::Object(named.inputs(&lent.prompt)?))?,
        ),
        _ => None,
    };
    let own = body.get("model").and_then(Value::as_str).map(str::to_owned);
    let prompts = rendered
        .as_ref()
        .and_then(|rendered| rendered.model.clone());
    let model = own.or(prompts);
    let connection = choose(&settings, None, model.as_deref(), &surface.kinds())?;
    let api = surface.kind().provider();
    let bodies = Bodies {
        inputs: named.map(|named| Value::Object(named.variables)),
        messages: rendered.as_ref().map(|rendered| json!(rendered.messages)),
        ..Bodies::default()
    };
    if let Some(rendered) = &mut rendered {
        rendered.model.clone_from(&model);
        body = on_top(api, rendered, body)?;
    }
    if let Some(model) = &model {
        body.insert("model".to_owned(), connection.model_name(model).into());
    }
    let adds_usage = surface == Surface::Chat && asks_for_usage(&mut body);
    let bodies = Bodies {
        messages: bodies.messages.or_else(|| body.get(history(api)).cloned()),
        ..bodies
    };
    let run = RunParts {
        reads,
        caller: &caller,
        connection,
        keeping: settings.recording,
        metadata: Map::new(),
        bodies,
    };
    let outgoing = Outgoing::pass(connection, surface, body.into());
    let mut run = run.make(request, outgoing, lent.as_ref(), alive)?;
    run.kind = surface.kind();
    run.filter = adds_usage.then(UsageFilter::default);
    go(run, lent.as_ref()).await
}

/// Asks for the usage of a stream whose caller does not.
fn asks_for_usage(body: &mut Map<String, Value>) -> bool {
    if body.get("stream") != Some(&json!(true)) {
        return false;
    }
    let options = body.entry("stream_options").or_insert_with(|| json!({}));
    match options.as_object_mut() {
        Some(options) if options.get("include_usage") != Some(&json!(true)) => {
            options.insert("include_usage".to_owned(), json!(true));
            true
        }
        _ => false,
    }
}

async fn go(mut run: UnderWay, lent: Option<&RunPrompt>) -> std::result::Result<Response, Trouble> {
    let mut headers = lent.map(headers).unwrap_or_default();
    if run.record.is_kept() {
        headers.push(("cuecard-execution", run.execution.id.clone()));
    }
    match run.begin().await {
        Ok(Begun::Well(response)) => pass(run, &response, &headers),
        Ok(Begun::Refused(refusal)) => {
            run.came_to_nothing(&refusal.trouble(), None);
            headers.push(("content-type", refusal.media));
            headers.extend(refusal.retry_after.map(|seconds| ("retry-after", seconds)));
            let response = ApiResponse {
                status: refusal.status,
                headers,
                body: refusal.body.into_bytes(),
                fault: None,
            };
            wire::send(response)
                .map(Into::into)
                .map_err(|_| Trouble::new(Code::Internal, "the platform failed"))
        }
        Err(trouble) => {
            run.came_to_nothing(&trouble, None);
            Err(trouble)
        }
    }
}

/// The member `prompt`.
struct PromptMember {
    id: String,
    version: Option<Selector>,
    variables: Map<String, Value>,
}

impl PromptMember {
    fn read(prompt: &Value) -> Result<Self> {
        let invalid = |detail: &str| Error::new(Code::BodyInvalid, detail);
        let id = prompt.get("id").and_then(Value::as_str);
        let id = id.ok_or_else(|| {
            invalid("`prompt` has an `id`: a reference, or the id that it was imported with")
        })?;
        let version = match prompt.get("version") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(Selector::Version(parse_version(text)?)),
            Some(Value::Number(number)) => {
                Some(Selector::Version(parse_version(&number.to_string())?))
            }
            Some(_) => return Err(invalid("`prompt.version` is a text")),
        };
        let variables = match prompt.get("variables") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(variables)) => variables.clone(),
            Some(_) => return Err(invalid("`prompt.variables` is an object")),
        };
        Ok(Self {
            id: id.to_owned(),
            version,
            variables,
        })
    }

    /// Variables as inputs: a text or an image stands for itself. Numbers and booleans can only be written as texts
    /// there, so a text is one where the prompt declares one.
    fn inputs(&self, prompt: &Prompt) -> Result<Map<String, Value>> {
        let mut inputs = Map::new();
        for (name, value) in &self.variables {
            let part = value.get("type").and_then(Value::as_str);
            let plain = match part {
                Some("input_text") => value.get("text"),
                Some("input_image") => value.get("image_url"),
                Some("input_file") => {
                    let detail = format!("the variable `{name}` is a file, which no prompt takes");
                    return Err(Error::new(Code::InputInvalid, detail));
                }
                _ => Some(value),
            };
            let declared = prompt.inputs().iter().find(|input| input.name == *name);
            let kind = declared
                .map(|input| input.r#type.to_string())
                .unwrap_or_default();
            let plain = plain.cloned().unwrap_or_default();
            inputs.insert(name.clone(), from_text(&kind, plain));
        }
        Ok(inputs)
    }
}

fn from_text(kind: &str, value: Value) -> Value {
    let parsed = match (kind, value.as_str()) {
        ("int" | "float" | "bool", Some(text)) => serde_json::from_str::<Value>(text.trim()).ok(),
        _ => None,
    };
    parsed
        .filter(|parsed| parsed.is_number() || parsed.is_boolean())
        .unwrap_or(value)
}

/// The member with the conversation so far.
fn history(api: Provider) -> &'static str {
    match api {
        Provider::OpenaiResponses => "input",
        _ => "messages",
    }
}

/// The prompt's request with the caller's members in place of its own; the conversation so far goes after the prompt's.
fn on_top(
    api: Provider,
    rendered: &Rendered,
    caller: Map<String, Value>,
) -> Result<Map<String, Value>> {
    let Value::Object(mut body) = rendered.payload(api)?.body else {
        return Err(Error::new(Code::Internal, "a payload is an object"));
    };
    for (name, value) in caller {
        let more = match (&value, name == history(api)) {
            (Value::Array(items), true) => items.clone(),
            (Value::String(text), true) => vec![json!({ "role": "user", "content": text })],
            (Value::Null, true) => Vec::new(),
            _ => {
                body.insert(name, value);
                continue;
            }
        };
        if let Some(Value::Array(said)) = body.get_mut(&name) {
            said.extend(more);
        }
    }
    Ok(body)
}

/// A problem in the shape that OpenAI's clients read.
fn refusal(trouble: &Trouble) -> ApiResponse {
    let code = trouble.error.code();
    let status = trouble.status();
    let kind = match status {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        400..500 => "invalid_request_error",
        _ => "server_error",
    };
    let issues = trouble.error.issues().iter().take(5);
    let message = issues.fold(trouble.error.detail().to_owned(), |text, issue| {
        format!("{text}; {}: {}", issue.pointer, issue.message)
    });
    let body = json!({
        "error": { "message": message, "type": kind, "code": code.as_str(), "param": null },
    });
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("cache-control", "private, no-store".to_owned()),
    ];
    headers.extend(
        trouble
            .retry_after
            .clone()
            .map(|seconds| ("retry-after", seconds)),
    );
    ApiResponse {
        status,
        headers,
        body: body.to_string().into_bytes(),
        fault: None,
    }
}
