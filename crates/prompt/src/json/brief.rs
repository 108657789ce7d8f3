//! Texts and values as errors quote them: bounded in length, whatever their size.

use std::io::{self, Write};

use serde_json::Value;

/// A text, and `…` where it was cut.
pub(crate) struct Brief<'t> {
    pub(crate) text: &'t str,
    pub(crate) more: Option<char>,
}

/// The beginning of a text.
pub(crate) fn brief(text: &str, max_bytes: usize) -> Brief<'_> {
    let end = text.floor_char_boundary(max_bytes);
    let more = (end < text.len()).then_some('…');
    let text = text.get(..end).unwrap_or_default();
    Brief { text, more }
}

/// A text that ends in `…` where it was longer.
pub(crate) fn cut(mut text: String, max_bytes: usize) -> String {
    if text.len() > max_bytes {
        text.truncate(text.floor_char_boundary(max_bytes));
        text.shrink_to_fit();
        text.push('…');
    }
    text
}

/// The most bytes of a quoted value.
const VALUE_BYTES: usize = 400;

/// Values as JSON. The cost is bounded by the text that is shown.
pub(crate) fn brief_json(values: &[Value]) -> String {
    let mut shown = Beginning(Vec::new());
    let whole = serde_json::to_writer(&mut shown, values).is_ok();
    let mut text = String::from_utf8_lossy(&shown.0).into_owned();
    if !whole {
        text = text.trim_end_matches('\u{fffd}').to_owned();
        text.push('…');
    }
    text
}

/// Accepts that many bytes, then fails.
struct Beginning(Vec<u8>);

impl Write for Beginning {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = VALUE_BYTES.saturating_sub(self.0.len());
        let taken = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        if taken.is_empty() && !bytes.is_empty() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.0.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn long_values_are_cut_between_characters() {
        assert_eq!(brief_json(&[json!("a"), json!(1)]), r#"["a",1]"#);
        for long in [
            json!("ü".repeat(1 << 20)),
            json!([[["a".repeat(1000)]]]),
            json!(vec![1; 10_000]),
        ] {
            let text = brief_json(&[long]);
            assert!(
                text.ends_with('…') && text.len() <= VALUE_BYTES + 3,
                "{text}"
            );
        }
        assert_eq!(cut("äöü".to_owned(), 3), "ä…");
        assert_eq!(cut("äöü".to_owned(), 6), "äöü");
        let short = brief("abc", 3);
        assert_eq!((short.text, short.more), ("abc", None));
    }
}
