//! The record of a run.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::usage::Usage;

/// How much is kept of a run.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Recording {
    /// Nothing.
    Off,
    /// Its usage, times and status.
    #[default]
    Usage,
    /// Also its inputs, messages and answer.
    Full,
}

impl Recording {
    /// Parses a name.
    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Off, Self::Usage, Self::Full];
        all.into_iter().find(|mode| mode.as_str() == text)
    }

    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Usage => "usage",
            Self::Full => "full",
        }
    }
}

/// How much a project keeps of its runs, and for how long.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Keeping {
    /// The setting for runs that have none of their own.
    #[serde(default)]
    pub mode: Recording,
    /// Days to keep them.
    #[serde(default = "Keeping::default_days")]
    pub days: u32,
}

impl Keeping {
    /// The most days.
    pub const MAX_DAYS: u32 = 3_650;

    fn default_days() -> u32 {
        30
    }
}

impl Default for Keeping {
    fn default() -> Self {
        Self {
            mode: Recording::default(),
            days: Self::default_days(),
        }
    }
}

/// The status of a run.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ExecutionStatus {
    /// Under way.
    Running,
    /// The answer is whole.
    Completed,
    /// The model API failed or refused.
    Failed,
    /// The caller gave up.
    Cancelled,
    /// The Worker ended before the run did.
    Interrupted,
}

impl ExecutionStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::Running,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::Interrupted,
    ];

    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }

    /// Parses a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Why a run failed; holds no secret.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunFailure {
    /// The error's code.
    pub code: String,
    /// The detail, in the model API's words where it has some.
    pub detail: String,
    /// The status of the model API's answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub upstream_status: Option<u16>,
}

/// The inputs, messages and answer of a run, each cut where it is too long.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Bodies {
    /// The inputs of the render.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inputs: Option<Value>,
    /// The messages that were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<Value>,
    /// The answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// Which of them were left out for their length.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

impl Bodies {
    /// The most bytes that an execution keeps of these together.
    pub const MAX_BYTES: usize = 64 << 10;

    /// The same within [`Bodies::MAX_BYTES`]: a text is cut, any other value is left out.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        let mut left = Self::MAX_BYTES;
        let mut left_out = std::mem::take(&mut self.left_out);
        for (name, body) in [
            ("output", &mut self.output),
            ("inputs", &mut self.inputs),
            ("messages", &mut self.messages),
        ] {
            let Some(value) = body else { continue };
            let bytes = value.to_string().len();
            if bytes <= left {
                left -= bytes;
                continue;
            }
            left_out.push(name.to_owned());
            *body = match value {
                // As JSON a character takes at most six times its bytes.
                Value::String(text) => Some(cut(text, left / 6).into()),
                _ => None,
            };
            left = 0;
        }
        self.left_out = left_out;
        self
    }
}

fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes))
        .unwrap_or_default()
}

/// One run of a prompt, or of a request that was passed on.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Execution {
    /// Sorts by time.
    pub id: String,
    /// The prompt's slug; `None` where a request was passed on unchanged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub prompt: Option<String>,
    /// The version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<u32>,
    /// Its content's hash.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hash: Option<String>,
    /// The tag that led to it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tag: Option<String>,
    /// The connection.
    pub connection: String,
    /// The model that was asked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<String>,
    /// The key that asked.
    pub key: String,
    /// The status.
    pub status: ExecutionStatus,
    /// When it began, RFC 3339.
    pub started_at: String,
    /// When the first byte of the answer's body arrived.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_token_at: Option<String>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_at: Option<String>,
    /// The usage; `None` where the model API does not report it.
    pub usage: Option<Usage>,
    /// The cost by the operator's prices; `None` where something that it needs is not known.
    pub cost: Option<f64>,
    /// The issues of the output under the version's outputs.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub issues: Vec<Value>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<RunFailure>,
    /// The caller's labels.
    #[serde(skip_serializing_if = "Map::is_empty", default)]
    pub metadata: Map<String, Value>,
    /// The inputs, messages and answer, where those are kept.
    #[serde(flatten)]
    pub bodies: Bodies,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_are_bounded_and_say_what_is_left_out() {
        let long = "é".repeat(100_000);
        let bodies = Bodies {
            inputs: Some(json!({ "name": "Ada" })),
            messages: Some(json!([{ "role": "user", "content": long }])),
            output: Some(json!("fine")),
            left_out: Vec::new(),
        };
        let kept = bodies.bounded();
        assert_eq!(kept.output, Some(json!("fine")));
        assert_eq!(kept.inputs, Some(json!({ "name": "Ada" })));
        assert_eq!(
            (kept.messages, kept.left_out),
            (None, vec!["messages".to_owned()])
        );
        let output = Bodies {
            output: Some(json!("\u{0}".repeat(200_000))),
            inputs: Some(json!({})),
            ..Bodies::default()
        };
        let kept = output.bounded();
        assert!(kept.output.unwrap().to_string().len() <= Bodies::MAX_BYTES);
        assert_eq!(kept.left_out, ["output", "inputs"]);
    }
}
