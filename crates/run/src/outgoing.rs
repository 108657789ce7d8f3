//! Requests to model APIs, without the secret.

use cuecard_prompt::{Code, Error, Issue, Provider, Rendered, Result};
use serde_json::{Map, Value, json};

use crate::connection::{ApiKind, Connection};

/// A request. The Worker adds the secret and sends it.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// The URL; `None` for the Worker's binding of Workers AI.
    pub url: Option<String>,
    /// The model, as the API names it.
    pub model: Option<String>,
    /// Its headers, without the secret's.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The header for the secret, and the text before the secret in it.
    pub credential: (String, &'static str),
    /// Its body.
    pub body: Value,
    /// Parts of the prompt that the API has no place for.
    pub losses: Vec<Issue>,
}

/// A route of OpenAI's API that requests are passed on to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Surface {
    /// `POST /chat/completions`
    Chat,
    /// `POST /responses`
    Responses,
}

impl Surface {
    /// The kinds that speak it, the best first.
    pub fn kinds(self) -> [ApiKind; 2] {
        match self {
            Self::Chat => [ApiKind::OpenaiChat, ApiKind::OpenaiResponses],
            Self::Responses => [ApiKind::OpenaiResponses, ApiKind::OpenaiChat],
        }
    }

    /// The kind by which its answers are read.
    pub fn kind(self) -> ApiKind {
        let [own, _] = self.kinds();
        own
    }

    fn path(self) -> &'static str {
        match self {
            Self::Chat => "/chat/completions",
            Self::Responses => "/responses",
        }
    }
}

/// Anthropic requires a limit; a prompt need not have one.
const ANTHROPIC_MAX_TOKENS: u32 = 4_096;

impl Outgoing {
    /// The request for a rendered prompt.
    ///
    /// # Errors
    /// `payload_unsupported`; `body_invalid`: no model
    pub fn new(connection: &Connection, rendered: &Rendered, stream: bool) -> Result<Self> {
        let api = connection.kind.provider();
        let payload = rendered.payload(api)?;
        let listed = rendered
            .model
            .as_deref()
            .and_then(|model| connection.model(model));
        let only = match connection.models.as_slice() {
            [only] => Some(only),
            _ => None,
        };
        // A model that the connection lists is sent as listed: some names have a vendor in them.
        let known = listed.or(only.filter(|_| payload.model.is_none()));
        let model = known.map(|model| model.name.clone()).or(payload.model);
        let Some(model) = model else {
            let detail = "neither the prompt nor the call names a model";
            let issue = Issue::new("missing_field", "/model", detail);
            return Err(Error::new(Code::BodyInvalid, detail).with_issues(vec![issue]));
        };
        let mut body = match payload.body {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        let set = |body: &mut Map<String, Value>, key: &str, value: Value| {
            body.insert(key.to_owned(), value);
        };
        match connection.kind {
            ApiKind::Gemini | ApiKind::WorkersAi => drop(body.shift_remove("model")),
            _ => set(&mut body, "model", json!(model)),
        }
        if api == Provider::Anthropic && !body.contains_key("max_tokens") {
            set(&mut body, "max_tokens", ANTHROPIC_MAX_TOKENS.into());
        }
        if stream && api != Provider::Gemini {
            set(&mut body, "stream", true.into());
        }
        if stream && api == Provider::OpenaiChat {
            set(
                &mut body,
                "stream_options",
                json!({ "include_usage": true }),
            );
        }
        let path = match connection.kind {
            ApiKind::OpenaiChat => "/chat/completions".to_owned(),
            ApiKind::OpenaiResponses => "/responses".to_owned(),
            ApiKind::Anthropic => "/messages".to_owned(),
            ApiKind::WorkersAi => String::new(),
            ApiKind::Gemini => {
                let method = if stream {
                    "streamGenerateContent"
                } else {
                    "generateContent"
                };
                // Tuned models have a path of their own.
                let folder = if model.contains('/') { "" } else { "models/" };
                format!("/{folder}{model}:{method}")
            }
        };
        let query = (stream && connection.kind == ApiKind::Gemini).then_some("alt=sse");
        Ok(Self {
            model: Some(model),
            losses: payload
                .losses
                .into_iter()
                .filter(|loss| loss.code == "not_supported")
                .collect(),
            ..Self::to(connection, &path, query, body.into())
        })
    }

    /// The request for a body that is passed on.
    pub fn pass(connection: &Connection, surface: Surface, body: Value) -> Self {
        let model = body.get("model").and_then(Value::as_str).map(str::to_owned);
        Self {
            model,
            ..Self::to(connection, surface.path(), None, body)
        }
    }

    /// The same request without asking for the usage of a stream.
    #[must_use]
    pub fn without_usage(mut self) -> Self {
        if let Some(body) = self.body.as_object_mut() {
            body.shift_remove("stream_options");
        }
        self
    }

    fn to(connection: &Connection, path: &str, query: Option<&str>, body: Value) -> Self {
        let (header, before) = match connection.kind {
            ApiKind::Anthropic => ("x-api-key", ""),
            ApiKind::Gemini => ("x-goog-api-key", ""),
            _ => ("authorization", "Bearer "),
        };
        let credential = match connection.secret_header.as_deref() {
            None => (header.to_owned(), before),
            Some(own) if own.ends_with("authorization") => (own.to_owned(), "Bearer "),
            Some(own) => (own.to_owned(), ""),
        };
        let headers = match connection.kind {
            ApiKind::Anthropic => vec![("anthropic-version", "2023-06-01")],
            _ => Vec::new(),
        };
        Self {
            url: connection
                .base_url
                .as_ref()
                .map(|base| base.join(path, query)),
            model: None,
            headers,
            credential,
            body,
            losses: Vec::new(),
        }
    }
}

/// Whether a refusal is about that question, which not every API knows.
pub fn refuses_usage(status: u16, words: &str) -> bool {
    matches!(status, 400 | 404 | 422)
        && (words.contains("stream_options") || words.contains("include_usage"))
}

#[cfg(test)]
mod tests {
    use cuecard_prompt::{Document, Prompt};

    use super::*;

    fn connection(kind: &str, models: Value) -> Connection {
        serde_json::from_value(json!({
            "name": "c", "kind": kind, "baseUrl": "https://api.example/v1", "models": models,
        }))
        .unwrap()
    }

    fn rendered(model: Option<&str>) -> Rendered {
        let mut document = json!({ "messages": [{ "role": "user", "content": "Hi" }] });
        if let Some(model) = model {
            document["model"] = json!(model);
        }
        let document = Document::from_value(document).unwrap();
        Prompt::compile(&document)
            .unwrap()
            .render(&json!({}))
            .unwrap()
    }

    fn outgoing(kind: &str, models: Value, model: Option<&str>, stream: bool) -> Outgoing {
        Outgoing::new(&connection(kind, models), &rendered(model), stream).unwrap()
    }

    #[test]
    fn each_kind_has_its_url_and_its_credential() {
        for (kind, stream, url, header) in [
            (
                "openai_chat",
                false,
                "https://api.example/v1/chat/completions",
                "authorization",
            ),
            (
                "openai_responses",
                true,
                "https://api.example/v1/responses",
                "authorization",
            ),
            (
                "anthropic",
                true,
                "https://api.example/v1/messages",
                "x-api-key",
            ),
            (
                "gemini",
                false,
                "https://api.example/v1/models/m:generateContent",
                "x-goog-api-key",
            ),
            (
                "gemini",
                true,
                "https://api.example/v1/models/m:streamGenerateContent?alt=sse",
                "x-goog-api-key",
            ),
        ] {
            let sent = outgoing(kind, json!([]), Some("m"), stream);
            assert_eq!(sent.url.as_deref(), Some(url));
            assert_eq!(sent.credential.0, header);
            let asks = sent.body.get("stream") == Some(&json!(true));
            assert_eq!(asks, stream && kind != "gemini", "{kind}");
        }
        assert_eq!(
            outgoing("anthropic", json!([]), Some("m"), false).body["max_tokens"],
            4_096
        );
    }

    #[test]
    fn a_listed_model_is_sent_as_it_is_listed() {
        let sent =
            |models, model| outgoing("openai_chat", models, model, false).body["model"].clone();
        assert_eq!(sent(json!([]), Some("openai/gpt")), "gpt");
        assert_eq!(
            sent(json!([{ "name": "openai/gpt" }]), Some("openai/gpt")),
            "openai/gpt"
        );
        assert_eq!(
            sent(json!([{ "name": "openai/gpt" }]), None),
            "openai/gpt",
            "the only listed model"
        );
        let none = Outgoing::new(
            &connection("openai_chat", json!([])),
            &rendered(None),
            false,
        );
        assert_eq!(none.unwrap_err().code(), Code::BodyInvalid);
    }

    #[test]
    fn a_stream_is_asked_what_it_used() {
        let sent = outgoing("openai_chat", json!([]), Some("m"), true);
        assert_eq!(
            sent.body["stream_options"],
            json!({ "include_usage": true })
        );
        assert!(sent.without_usage().body.get("stream_options").is_none());
        assert!(refuses_usage(
            400,
            r#"{"error":"unknown field stream_options"}"#
        ));
        assert!(!refuses_usage(401, "stream_options"));
        assert!(!refuses_usage(400, "no such model"));
    }
}
