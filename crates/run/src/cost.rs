//! What a run costs, by prices that the operator entered.

use serde::{Deserialize, Serialize};

use crate::usage::Usage;

/// Prices of a model for a million tokens each, in the operator's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Prices {
    /// Input that is neither read from nor written to a cache.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub input: Option<f64>,
    /// Input that is read from a cache.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub input_cached: Option<f64>,
    /// Input that is written to a cache.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub input_cache_write: Option<f64>,
    /// Output, reasoning included.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub output: Option<f64>,
}

impl Prices {
    /// Whether each price is a number of at least 0.
    pub fn are_valid(&self) -> bool {
        [
            self.input,
            self.input_cached,
            self.input_cache_write,
            self.output,
        ]
        .into_iter()
        .flatten()
        .all(|price| price.is_finite() && price >= 0.0)
    }

    /// The cost of that usage; `None` where a count is missing, or the price of something counted.
    pub fn cost(&self, usage: &Usage) -> Option<f64> {
        let (input, output) = (usage.input?, usage.output?);
        let cached = part(usage.input_cached, self.input_cached, self.input)?;
        let written = part(usage.input_cache_write, self.input_cache_write, self.input)?;
        let plain = input.checked_sub(cached.0 + written.0)?;
        let plain = priced(plain, self.input)?;
        Some((plain + cached.1 + written.1 + priced(output, self.output)?) / 1e6)
    }
}

/// A kind's tokens at its price, times a million. Without a count of their own they are charged as other input,
/// unless the operator's prices say that they are free.
fn part(count: Option<u64>, own: Option<f64>, input: Option<f64>) -> Option<(u64, f64)> {
    match count {
        Some(count) => Some((count, priced(count, own)?)),
        None if own.is_none() || own == input => Some((0, 0.0)),
        None => None,
    }
}

fn priced(count: u64, price: Option<f64>) -> Option<f64> {
    if count == 0 {
        return Some(0.0);
    }
    Some(count as f64 * price?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USAGE: Usage = Usage {
        input: Some(1_000),
        input_cached: Some(400),
        input_cache_write: Some(100),
        output: Some(200),
        reasoning: Some(50),
    };

    #[test]
    fn each_rate_counts_its_own_tokens() {
        let prices = Prices {
            input: Some(2.0),
            input_cached: Some(0.5),
            input_cache_write: Some(2.5),
            output: Some(8.0),
        };
        // 500 × 2 + 400 × 0.5 + 100 × 2.5 + 200 × 8
        assert_eq!(prices.cost(&USAGE), Some(3_050.0 / 1e6));
    }

    #[test]
    fn what_is_not_known_is_no_guess() {
        let prices = Prices {
            input: Some(2.0),
            output: Some(8.0),
            ..Prices::default()
        };
        assert_eq!(prices.cost(&USAGE), None, "cached input has no price");
        let plain = Usage {
            input_cached: Some(0),
            input_cache_write: Some(0),
            ..USAGE
        };
        assert_eq!(prices.cost(&plain), Some(3_600.0 / 1e6));
        let uncounted = Usage {
            input_cached: None,
            input_cache_write: None,
            ..USAGE
        };
        assert_eq!(prices.cost(&uncounted), Some(3_600.0 / 1e6));
        let cheaper = Prices {
            input_cached: Some(0.5),
            ..prices
        };
        assert_eq!(
            cheaper.cost(&uncounted),
            None,
            "the number of cached tokens is unknown"
        );
        assert_eq!(prices.cost(&Usage::default()), None);
        assert_eq!(Prices::default().cost(&plain), None);
        let impossible = Usage {
            input: Some(10),
            ..USAGE
        };
        let all = Prices {
            input_cached: Some(1.0),
            input_cache_write: Some(1.0),
            ..prices
        };
        assert_eq!(
            all.cost(&impossible),
            None,
            "more cached tokens than input tokens"
        );
    }
}
