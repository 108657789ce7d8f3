//! A rendered prompt as the request body of a model API.
//!
//! Content that the API cannot express is an error where the request would change its meaning (an image in a system
//! message), and otherwise left out and listed in [`Payload::losses`]. Parameters that Cuecard does not know are
//! carried under their own names.

mod anthropic;
mod gemini;
mod openai_chat;
mod openai_responses;
mod parameters;

use std::collections::BTreeSet;

pub(crate) use parameters::parameter_of;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::document::{Content, Part, Role};
use crate::error::{Code, Error, Issue, Result};
use crate::issue;
use crate::json::Pointer;
use crate::rendered::Rendered;
use crate::rendered_message::RenderedMessage;

/// A model API.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Provider {
    /// `POST /v1/chat/completions` of OpenAI, which many others speak as well.
    OpenaiChat,
    /// `POST /v1/responses` of OpenAI.
    OpenaiResponses,
    /// `POST /v1/messages` of Anthropic.
    Anthropic,
    /// `POST /v1beta/models/{model}:generateContent` of Google Gemini.
    Gemini,
}

impl Provider {
    /// Every API.
    pub const ALL: [Self; 4] = [
        Self::OpenaiChat,
        Self::OpenaiResponses,
        Self::Anthropic,
        Self::Gemini,
    ];

    /// The name on the wire: `openai_chat`, `openai_responses`, `anthropic`, `gemini`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenaiChat => "openai_chat",
            Self::OpenaiResponses => "openai_responses",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
        }
    }

    /// Parses a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|provider| provider.as_str() == text)
    }

    /// What a model's name may start with to mean this API: `openai/` in `openai/gpt-4o-mini`.
    fn prefixes(self) -> &'static [&'static str] {
        match self {
            Self::OpenaiChat | Self::OpenaiResponses => &["openai/"],
            Self::Anthropic => &["anthropic/"],
            Self::Gemini => &["gemini/", "google/", "vertex_ai/"],
        }
    }
}

/// A request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Payload {
    /// The model as the API names it; for Gemini a part of the URL, for the others also in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The body of the request.
    pub body: Value,
    /// What was left out because the API has no place for it (`not_supported`), and what the API requires and the
    /// prompt lacks (`missing_field`); pointers are into the rendered prompt.
    pub losses: Vec<Issue>,
}

impl Rendered {
    /// The request body for a model API.
    ///
    /// # Errors
    /// `payload_unsupported`, with every issue
    pub fn payload(&self, provider: Provider) -> Result<Payload> {
        let mut draft = RequestDraft::new(self, provider);
        match provider {
            Provider::OpenaiChat => openai_chat::write(self, &mut draft),
            Provider::OpenaiResponses => openai_responses::write(self, &mut draft),
            Provider::Anthropic => anthropic::write(self, &mut draft),
            Provider::Gemini => gemini::write(self, &mut draft),
        }
        for (at, message) in places(self) {
            for left_out in &message.left_out {
                let at = at.join(left_out);
                draft.loses(&at, "a rendered message has no place for it");
            }
        }
        draft.finish(provider)
    }
}

/// A request that is being written.
struct RequestDraft {
    model: Option<String>,
    body: Map<String, Value>,
    losses: Vec<Issue>,
    errors: Vec<Issue>,
    /// The ids of calls of tools that are no functions, in APIs without such calls.
    lost_calls: BTreeSet<String>,
}

impl RequestDraft {
    fn new(rendered: &Rendered, provider: Provider) -> Self {
        let model = rendered.model.as_deref().map(|model| {
            let bare = provider
                .prefixes()
                .iter()
                .find_map(|prefix| model.strip_prefix(prefix));
            bare.unwrap_or(model).to_owned()
        });
        let mut draft = Self {
            model,
            body: Map::new(),
            losses: Vec::new(),
            errors: Vec::new(),
            lost_calls: match provider {
                Provider::OpenaiChat => BTreeSet::new(),
                _ => custom_calls(rendered),
            },
        };
        if draft.model.is_none() {
            draft.wants(&Pointer::root().key("model"), "a request needs a model");
        }
        draft
    }

    fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.body.insert(key.to_owned(), value.into());
    }

    /// A member of an object in the body, made where it is missing.
    fn set_in(&mut self, object: &str, key: &str, value: impl Into<Value>) {
        let object = self.body.entry(object).or_insert_with(|| Map::new().into());
        if let Value::Object(members) = object {
            members.insert(key.to_owned(), value.into());
        }
    }

    fn loses(&mut self, at: &Pointer, message: &str) {
        self.losses
            .push(Issue::new(issue::NOT_SUPPORTED, at, message));
    }

    fn wants(&mut self, at: &Pointer, message: &str) {
        self.losses
            .push(Issue::new(issue::MISSING_FIELD, at, message));
    }

    fn fails(&mut self, at: &Pointer, message: &str) {
        self.errors
            .push(Issue::new(issue::NOT_SUPPORTED, at, message));
    }

    fn finish(self, provider: Provider) -> Result<Payload> {
        if self.errors.is_empty() {
            let Self {
                model,
                body,
                losses,
                ..
            } = self;
            return Ok(Payload {
                model,
                body: body.into(),
                losses,
            });
        }
        let detail = format!("{} cannot express the prompt", provider.as_str());
        Err(Error::new(Code::PayloadUnsupported, detail).with_issues(self.errors))
    }
}

fn custom_calls(rendered: &Rendered) -> BTreeSet<String> {
    let parts = rendered
        .messages
        .iter()
        .filter_map(|message| match &message.content {
            Content::Parts(parts) => Some(parts),
            Content::Text(_) => None,
        });
    let id = |part: &Part| match part {
        Part::Other(part) if part.contains_key("custom") => {
            part.get("id").and_then(Value::as_str).map(str::to_owned)
        }
        _ => None,
    };
    parts.flatten().filter_map(id).collect()
}

/// Each message with its place.
fn places(rendered: &Rendered) -> impl Iterator<Item = (Pointer, &RenderedMessage)> {
    let at = Pointer::root().key("messages");
    rendered
        .messages
        .iter()
        .enumerate()
        .map(move |(index, message)| (at.item(index), message))
}

/// Parts that an API has beside texts and images: each by its type and, as the SDKs share names, a member of the shape
/// that only the API's own has.
type Own = [(&'static str, Has)];

/// The member that an API's own part must have.
#[derive(Clone, Copy)]
enum Has {
    Nothing,
    Text(&'static str),
    Object(&'static str),
    List(&'static str),
}

impl Has {
    fn is_in(self, part: &Map<String, Value>) -> bool {
        match self {
            Self::Nothing => true,
            Self::Text(key) => part.get(key).is_some_and(Value::is_string),
            Self::Object(key) => part.get(key).is_some_and(Value::is_object),
            Self::List(key) => part.get(key).is_some_and(Value::is_array),
        }
    }
}

/// The parts of a message that the API can express, each with its index, including those of its own kind in
/// `own`. Where `images` are not possible, one is an error in instructions and a loss in a conversation.
fn parts<'a>(
    draft: &mut RequestDraft,
    message: &'a RenderedMessage,
    at: &Pointer,
    images: bool,
    own: &Own,
) -> Vec<(usize, &'a Part)> {
    let Content::Parts(parts) = &message.content else {
        return Vec::new();
    };
    let mut kept = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        let at = at.key("content").item(index);
        match part {
            Part::Image { .. } if !images => no_image(draft, message, &at),
            Part::Other(other) if !is_one_of(other, own) => lose(draft, other, &at),
            _ => kept.push((index, part)),
        }
    }
    kept
}

fn no_image(draft: &mut RequestDraft, message: &RenderedMessage, at: &Pointer) {
    let role = message.role;
    let message = format!("an image cannot be in a message of role {role}");
    match role {
        Role::Assistant | Role::Tool => draft.loses(at, &message),
        _ => draft.fails(at, &message),
    }
}

/// Notes a part that the API cannot express.
fn lose(draft: &mut RequestDraft, part: &Map<String, Value>, at: &Pointer) {
    let name = part.get("type").and_then(Value::as_str).unwrap_or_default();
    draft.loses(at, &format!("there is no part `{name}` here"));
}

fn is_one_of(part: &Map<String, Value>, own: &Own) -> bool {
    let name = part.get("type").and_then(Value::as_str);
    own.iter()
        .any(|(r#type, has)| Some(*r#type) == name && has.is_in(part))
}

/// The call that a tool's message answers. An answer to no call is an error, unless all of it is parts of an SDK's
/// own kind: those are losses.
fn answered<'a>(
    draft: &mut RequestDraft,
    message: &'a RenderedMessage,
    at: &Pointer,
) -> Option<&'a str> {
    if let Some(id) = &message.tool_call_id {
        if draft.lost_calls.contains(id) {
            draft.loses(at, "the call that it answers cannot be sent");
            return None;
        }
        return Some(id);
    }
    match &message.content {
        Content::Parts(parts)
            if !parts.is_empty() && parts.iter().all(|part| matches!(part, Part::Other(_))) =>
        {
            texts(draft, message, at);
        }
        _ => draft.fails(at, "a tool message needs the id of a call"),
    }
    None
}

/// The texts of a message that can have nothing else.
fn texts<'a>(draft: &mut RequestDraft, message: &'a RenderedMessage, at: &Pointer) -> Vec<&'a str> {
    let parts = match &message.content {
        Content::Text(text) => return vec![text],
        Content::Parts(parts) => parts,
    };
    let mut texts = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        match part {
            Part::Text { text } => texts.push(text.as_str()),
            Part::Image { .. } => no_image(draft, message, &at.key("content").item(index)),
            Part::Other(part) => lose(draft, part, &at.key("content").item(index)),
        }
    }
    texts
}

/// The function of a tool, or `None` for a provider's own kind of tool.
fn function(tool: &Value) -> Option<&Map<String, Value>> {
    tool.get("function").and_then(Value::as_object)
}

/// The name in a tool choice that forces one function.
fn chosen(choice: &Value) -> Option<&str> {
    choice.pointer("/function/name").and_then(Value::as_str)
}

/// The members of an object whose keys are listed, in that order.
fn pick(members: &Map<String, Value>, keys: &[&str]) -> Map<String, Value> {
    let member = |key: &&str| Some(((*key).to_owned(), members.get(*key)?.clone()));
    keys.iter().filter_map(member).collect()
}
