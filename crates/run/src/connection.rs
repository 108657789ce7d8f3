//! Connections: the model APIs that runs go to.

use std::collections::BTreeMap;

use cuecard_prompt::{Code, Error, Provider, Result};
use serde::{Deserialize, Serialize};

use crate::base_url::BaseUrl;
use crate::cost::Prices;
use crate::execution::Keeping;

/// The language that a model API speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiKind {
    /// Chat completions, of OpenAI and many others.
    OpenaiChat,
    /// OpenAI's responses.
    OpenaiResponses,
    /// Anthropic's messages.
    Anthropic,
    /// Google Gemini's `generateContent`.
    Gemini,
    /// Cloudflare's Workers AI, by the Worker's binding `AI`.
    WorkersAi,
}

impl ApiKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::OpenaiChat,
        Self::OpenaiResponses,
        Self::Anthropic,
        Self::Gemini,
        Self::WorkersAi,
    ];

    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WorkersAi => "workers_ai",
            other => other.provider().as_str(),
        }
    }

    /// Parses a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The format of its requests and answers. Workers AI uses that of chat completions.
    pub fn provider(self) -> Provider {
        match self {
            Self::OpenaiChat | Self::WorkersAi => Provider::OpenaiChat,
            Self::OpenaiResponses => Provider::OpenaiResponses,
            Self::Anthropic => Provider::Anthropic,
            Self::Gemini => Provider::Gemini,
        }
    }

    /// The prefixes of the models that it serves.
    fn vendors(self) -> &'static [&'static str] {
        match self {
            Self::OpenaiChat | Self::OpenaiResponses => &["openai/"],
            Self::Anthropic => &["anthropic/"],
            Self::Gemini => &["gemini/", "google/", "vertex_ai/"],
            Self::WorkersAi => &["@cf/", "@hf/"],
        }
    }
}

/// A model API, and the name of the Worker's secret for it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Connection {
    /// Its name: as a tag's.
    pub name: String,
    /// Its kind of API.
    pub kind: ApiKind,
    /// Its base URL; `None` for Workers AI.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub base_url: Option<BaseUrl>,
    /// The name of the Worker's secret: `UPSTREAM_…`. Without one, requests have no credentials.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub secret: Option<String>,
    /// The header for the secret, where it is not the kind's usual one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub secret_header: Option<String>,
    /// The models that it is known to serve, and their prices. Others may be asked for, too.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub models: Vec<Model>,
    /// Whether it serves runs that name no connection, and models of no other connection.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub default: bool,
}

/// A model of a connection.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Model {
    /// As the API names it.
    pub name: String,
    /// The prices of its tokens.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub prices: Option<Prices>,
}

impl Connection {
    /// The most models of a connection.
    pub const MAX_MODELS: usize = 200;

    /// Parses the name of a secret.
    ///
    /// # Errors
    /// A sentence about what is expected.
    pub fn parse_secret(text: &str) -> std::result::Result<String, String> {
        let rest = text.strip_prefix("UPSTREAM_").unwrap_or_default();
        let ok = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        if !rest.is_empty() && text.len() <= 100 && rest.bytes().all(ok) {
            Ok(text.to_owned())
        } else {
            Err("the name of a secret: `UPSTREAM_`, then A–Z, 0–9 and `_`".to_owned())
        }
    }

    /// Parses the name of a header that may take a secret.
    ///
    /// # Errors
    /// A sentence about what is expected.
    pub fn parse_header(text: &str) -> std::result::Result<String, String> {
        const RESERVED: [&str; 8] = [
            "host",
            "content-type",
            "content-length",
            "content-encoding",
            "transfer-encoding",
            "connection",
            "accept",
            "cookie",
        ];
        let name = text.to_ascii_lowercase();
        let ok = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if (1..=64).contains(&name.len()) && name.bytes().all(ok) && !RESERVED.contains(&&*name) {
            Ok(name)
        } else {
            Err("the name of a header, such as `api-key`".to_owned())
        }
    }

    /// The prices of a model's tokens here.
    pub fn prices(&self, model: &str) -> Option<&Prices> {
        self.model(model)?.prices.as_ref()
    }

    /// A model's name as the API has it: as it is listed, or without its vendor.
    pub fn model_name(&self, name: &str) -> String {
        match self.model(name) {
            Some(model) => model.name.clone(),
            None => self.bare(name).to_owned(),
        }
    }

    /// The model of that name, with or without its vendor before it.
    pub(crate) fn model(&self, name: &str) -> Option<&Model> {
        let bare = self.bare(name);
        let mut models = self.models.iter();
        models
            .find(|model| model.name == name)
            .or_else(|| self.models.iter().find(|model| model.name == bare))
            .or_else(|| {
                self.models
                    .iter()
                    .find(|model| self.bare(&model.name) == bare)
            })
    }

    fn bare<'a>(&self, name: &'a str) -> &'a str {
        let mut vendors = self
            .kind
            .vendors()
            .iter()
            .filter(|_| self.kind != ApiKind::WorkersAi);
        vendors
            .find_map(|vendor| name.strip_prefix(vendor))
            .unwrap_or(name)
    }
}

/// The settings that decide where a project's runs go and what is kept of them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// By name.
    pub connections: Vec<Connection>,
    /// What is kept of its runs.
    pub recording: Keeping,
    /// Slugs of prompts by the names that they had where they were imported from.
    pub aliases: BTreeMap<String, String>,
}

/// The connection of a run: the one that it names; else one that lists the model; else, among those of `kinds`
/// (empty: any), the default, or one of the model's vendor, or the only one.
///
/// # Errors
/// `connection_not_found`
pub fn choose<'a>(
    settings: &'a Settings,
    named: Option<&str>,
    model: Option<&str>,
    kinds: &[ApiKind],
) -> Result<&'a Connection> {
    let all = &settings.connections;
    let missing = |detail: String| Error::new(Code::ConnectionNotFound, detail);
    if let Some(name) = named {
        let found = all.iter().find(|connection| connection.name == name);
        return found.ok_or_else(|| missing(format!("there is no connection `{name}`")));
    }
    let fitting: Vec<&Connection> = all
        .iter()
        .filter(|connection| kinds.is_empty() || kinds.contains(&connection.kind))
        .collect();
    let first = |test: &dyn Fn(&Connection) -> bool| {
        // Among several candidates, the default wins.
        let found = fitting.iter().filter(|connection| test(connection));
        found.max_by_key(|connection| connection.default).copied()
    };
    let lists = |connection: &Connection| model.is_some_and(|m| connection.model(m).is_some());
    let is_vendors = |connection: &Connection| {
        let vendors = connection.kind.vendors();
        model.is_some_and(|model| vendors.iter().any(|vendor| model.starts_with(vendor)))
    };
    first(&lists)
        .or_else(|| first(&is_vendors).filter(|_| model.is_some_and(|m| is_foreign(&fitting, m))))
        .or_else(|| first(&|connection| connection.default))
        .or_else(|| first(&is_vendors))
        .or(match fitting.as_slice() {
            [only] => Some(*only),
            _ => None,
        })
        .ok_or_else(|| {
            missing(if fitting.is_empty() {
                "the project has no connection that this run can go to".to_owned()
            } else {
                "name a connection: the project has several and none is the default".to_owned()
            })
        })
}

/// Whether the default is of another vendor than the model, so that it would not know the model. Chat completions
/// serve models of every vendor.
fn is_foreign(all: &[&Connection], model: &str) -> bool {
    let default = all.iter().find(|connection| connection.default);
    default.is_some_and(|default| {
        default.kind != ApiKind::OpenaiChat
            && !default
                .kind
                .vendors()
                .iter()
                .any(|vendor| model.starts_with(vendor))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings(connections: serde_json::Value) -> Settings {
        serde_json::from_value(json!({ "connections": connections })).unwrap()
    }

    #[test]
    fn a_run_finds_its_connection() {
        let several = settings(json!([
            { "name": "claude", "kind": "anthropic", "baseUrl": "https://api.anthropic.com/v1" },
            { "name": "router", "kind": "openai_chat", "baseUrl": "https://router.example/v1", "default": true,
              "models": [{ "name": "anthropic/claude-x" }] },
            { "name": "google", "kind": "gemini", "baseUrl": "https://g.example", "models": [{ "name": "flash" }] },
        ]));
        let name = |named, model: &str, kinds: &[ApiKind]| {
            choose(
                &several,
                named,
                Some(model).filter(|m| !m.is_empty()),
                kinds,
            )
            .map(|connection| connection.name.clone())
            .map_err(|error| error.code())
        };
        let ok = |text: &str| Ok(text.to_owned());
        assert_eq!(name(Some("claude"), "x", &[]), ok("claude"));
        assert_eq!(
            name(Some("nobody"), "x", &[]),
            Err(Code::ConnectionNotFound)
        );
        assert_eq!(
            name(None, "anthropic/claude-x", &[]),
            ok("router"),
            "the connection that lists the model"
        );
        assert_eq!(name(None, "gemini/flash", &[]), ok("google"));
        assert_eq!(name(None, "flash", &[]), ok("google"));
        assert_eq!(name(None, "", &[]), ok("router"), "the default connection");
        assert_eq!(
            name(None, "gpt", &[ApiKind::Anthropic]),
            ok("claude"),
            "the only connection of an allowed kind"
        );
        assert_eq!(
            name(None, "gpt", &[ApiKind::WorkersAi]),
            Err(Code::ConnectionNotFound)
        );
    }

    #[test]
    fn of_several_without_a_default_the_vendor_decides() {
        let two = settings(json!([
            { "name": "a", "kind": "anthropic", "baseUrl": "https://a.example" },
            { "name": "o", "kind": "openai_responses", "baseUrl": "https://o.example" },
        ]));
        assert_eq!(
            choose(&two, None, Some("openai/gpt"), &[]).unwrap().name,
            "o"
        );
        assert_eq!(
            choose(&two, None, Some("anthropic/c"), &[]).unwrap().name,
            "a"
        );
        assert!(choose(&two, None, Some("gpt"), &[]).is_err());
        assert!(choose(&Settings::default(), None, None, &[]).is_err());
    }

    #[test]
    fn secrets_are_names() {
        assert!(Connection::parse_secret("UPSTREAM_OPENAI").is_ok());
        for bad in [
            "sk-abc",
            "UPSTREAM_",
            "BOOTSTRAP_KEY",
            "UPSTREAM_a",
            "upstream_a",
            "UPSTREAM_A B",
        ] {
            assert!(Connection::parse_secret(bad).is_err(), "{bad}");
        }
        assert_eq!(
            Connection::parse_header("API-Key").as_deref(),
            Ok("api-key")
        );
        for bad in ["", "host", "Content-Type", "a b", "x:y"] {
            assert!(Connection::parse_header(bad).is_err(), "{bad}");
        }
    }
}
