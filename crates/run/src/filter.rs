//! Removes the usage event from a stream whose reader did not ask for it.

use serde_json::Value;

use crate::events::Events;

/// Removes from a stream of chat completions the event that has only usage. Cuecard asks for it to count the run; a
/// caller who did not ask may not expect an event without choices. All other events keep their bytes.
#[derive(Debug, Default)]
pub struct UsageFilter {
    held: Vec<u8>,
}

/// An event longer than this is not one of usage.
const MAX_HELD: usize = 64 << 10;

impl UsageFilter {
    /// The part of the stream that can go on after this piece.
    pub fn pass(&mut self, piece: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(piece);
        let mut out = Vec::new();
        while let Some(end) = end_of_event(&self.held) {
            let rest = self.held.split_off(end);
            let event = std::mem::replace(&mut self.held, rest);
            if !is_usage(&event) {
                out.extend(event);
            }
        }
        if self.held.len() > MAX_HELD {
            out.append(&mut self.held);
        }
        out
    }

    /// The rest at the end of the stream.
    pub fn finish(self) -> Vec<u8> {
        self.held
    }
}

/// The end of the first event, including the empty line after it.
fn end_of_event(bytes: &[u8]) -> Option<usize> {
    let ends = [b"\n\n".as_slice(), b"\r\n\r\n", b"\r\r"];
    let found = ends.into_iter().filter_map(|end| {
        let at = bytes.windows(end.len()).position(|window| window == end)?;
        Some(at + end.len())
    });
    found.min()
}

fn is_usage(event: &[u8]) -> bool {
    let mut is_usage = false;
    Events::default().read(event, |data| {
        let event: Value = serde_json::from_str(data).unwrap_or_default();
        let no_choices = event.get("choices").and_then(Value::as_array);
        is_usage = no_choices.is_some_and(Vec::is_empty)
            && event.get("usage").is_some_and(Value::is_object);
    });
    is_usage
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_event_of_usage_is_taken_out() {
        let before =
            "data: {\"choices\":[{\"delta\":{\"content\":\"é\"}}],\"usage\":null}\n\n: note\n\n";
        let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n";
        let after = "data: [DONE]\n\nhalf";
        let stream = [before, usage, after].concat();
        for size in 1..stream.len() {
            let mut filter = UsageFilter::default();
            let mut out: Vec<u8> = Vec::new();
            for piece in stream.as_bytes().chunks(size) {
                out.extend(filter.pass(piece));
            }
            out.extend(filter.finish());
            assert_eq!(String::from_utf8(out).unwrap(), [before, after].concat());
        }
    }

    #[test]
    fn an_endless_event_is_not_held() {
        let mut filter = UsageFilter::default();
        let passed: usize = (0..100).map(|_| filter.pass(&[b'x'; 10_000]).len()).sum();
        assert!(passed >= 900_000, "{passed}");
    }
}
