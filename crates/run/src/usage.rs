//! Tokens, counted as in OpenTelemetry's GenAI conventions: `input` includes tokens read from and written to a cache,
//! `output` includes reasoning. A count that an API does not report is `None`.

use cuecard_prompt::Provider;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The tokens of a run.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Usage {
    /// All input tokens: `gen_ai.usage.input_tokens`.
    pub input: Option<u64>,
    /// Input read from a cache: `gen_ai.usage.cache_read.input_tokens`.
    pub input_cached: Option<u64>,
    /// Input written to a cache: `gen_ai.usage.cache_creation.input_tokens`.
    pub input_cache_write: Option<u64>,
    /// All output tokens: `gen_ai.usage.output_tokens`.
    pub output: Option<u64>,
    /// Output spent on reasoning.
    pub reasoning: Option<u64>,
}

impl Usage {
    /// Input and output together, as far as they are known.
    pub fn tokens(&self) -> u64 {
        self.input
            .unwrap_or(0)
            .saturating_add(self.output.unwrap_or(0))
    }

    /// Reads the usage object of an API; `None` where it counts nothing.
    pub(crate) fn read(api: Provider, usage: &Value) -> Option<Self> {
        let at = |pointer: &str| usage.pointer(pointer).and_then(Value::as_u64);
        let read = match api {
            Provider::OpenaiChat => Self {
                input: at("/prompt_tokens"),
                input_cached: at("/prompt_tokens_details/cached_tokens"),
                input_cache_write: at("/prompt_tokens_details/cache_write_tokens"),
                output: at("/completion_tokens"),
                reasoning: at("/completion_tokens_details/reasoning_tokens"),
            },
            Provider::OpenaiResponses => Self {
                input: at("/input_tokens"),
                input_cached: at("/input_tokens_details/cached_tokens"),
                input_cache_write: at("/input_tokens_details/cache_write_tokens"),
                output: at("/output_tokens"),
                reasoning: at("/output_tokens_details/reasoning_tokens"),
            },
            // Anthropic's `input_tokens` leaves out those of the cache.
            Provider::Anthropic => Self {
                input: at("/input_tokens").map(|beside| {
                    let cached = at("/cache_read_input_tokens").unwrap_or(0);
                    let written = at("/cache_creation_input_tokens").unwrap_or(0);
                    beside.saturating_add(cached).saturating_add(written)
                }),
                input_cached: at("/cache_read_input_tokens"),
                input_cache_write: at("/cache_creation_input_tokens"),
                output: at("/output_tokens"),
                reasoning: at("/output_tokens_details/thinking_tokens"),
            },
            // Gemini counts thoughts beside the candidates, and the input of tools beside the prompt.
            Provider::Gemini => Self {
                input: sum(at("/promptTokenCount"), at("/toolUsePromptTokenCount")),
                input_cached: at("/cachedContentTokenCount"),
                input_cache_write: None,
                output: sum(
                    at("/candidatesTokenCount").or(at("/thoughtsTokenCount").and(Some(0))),
                    at("/thoughtsTokenCount"),
                ),
                reasoning: at("/thoughtsTokenCount"),
            },
            _ => Self::default(),
        };
        (read != Self::default()).then_some(read)
    }
}

fn sum(first: Option<u64>, more: Option<u64>) -> Option<u64> {
    first.map(|first| first.saturating_add(more.unwrap_or(0)))
}
