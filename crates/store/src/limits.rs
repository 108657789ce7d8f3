//! How much a key may run.

use cuecard_prompt::{Code, Error, Result};
use serde::{Deserialize, Serialize};

/// The limits of a key; `None` means no limit.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyLimits {
    /// Runs that begin within any 60 seconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub runs_per_minute: Option<u32>,
    /// Input and output tokens of a day (UTC). The run that reaches the limit still ends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tokens_per_day: Option<u64>,
}

impl KeyLimits {
    /// The most runs of a minute that a limit can allow.
    pub const MAX_RUNS: u32 = 10_000;
    /// The most tokens of a day that a limit can allow.
    pub const MAX_TOKENS: u64 = 1_000_000_000_000;

    /// Whether there are no limits.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn to_stored(self) -> Option<String> {
        (!self.is_empty()).then(|| serde_json::to_string(&self).unwrap_or_default())
    }

    pub(crate) fn from_stored(json: Option<&str>) -> Result<Self> {
        let unreadable = |_| Error::new(Code::Internal, "stored limits cannot be read");
        json.map_or(Ok(Self::default()), |json| {
            serde_json::from_str(json).map_err(unreadable)
        })
    }
}
