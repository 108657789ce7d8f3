//! Texts and values as errors quote them: bounded in length, whatever their size.

use serde_json::{Map, Value};

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
    let mut room = VALUE_BYTES;
    let begun = Value::Array(list(values, &mut room));
    cut(super::text(&begun), VALUE_BYTES)
}

/// The part of a value whose JSON fills the room, each value one byte at least.
fn beginning(value: &Value, room: &mut usize) -> Value {
    *room = room.saturating_sub(1);
    match value {
        Value::String(text) => start(text, room).into(),
        Value::Array(items) => list(items, room).into(),
        Value::Object(members) => {
            let mut begun = Map::new();
            for (key, value) in members {
                if *room == 0 {
                    break;
                }
                begun.insert(start(key, room), beginning(value, room));
            }
            begun.into()
        }
        other => other.clone(),
    }
}

fn list(items: &[Value], room: &mut usize) -> Vec<Value> {
    let mut begun = Vec::new();
    for item in items {
        if *room == 0 {
            break;
        }
        begun.push(beginning(item, room));
    }
    begun
}

fn start(text: &str, room: &mut usize) -> String {
    // A character that does not fit in is cut from the JSON.
    let start = text.get(..text.ceil_char_boundary(*room));
    *room = room.saturating_sub(text.len());
    start.unwrap_or(text).to_owned()
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
