//! A rendered prompt on its way out, as `js/rendered.ts` reads it: its messages' texts in one piece, so that JavaScript
//! decodes once and slices, with a header of u32: the number of messages, then of each its role and its length in UTF-16.
//! A first word of [`JSON`] says that all of it is JSON instead, for messages that are more than a role and a text.

use cuecard_prompt::{Content, Rendered, RenderedMessage, Role};

/// No number of messages.
const JSON: u32 = u32::MAX;

/// The roles, in the order of their numbers.
const ROLES: [Role; 5] = [
    Role::System,
    Role::Developer,
    Role::User,
    Role::Assistant,
    Role::Tool,
];

/// The bytes. `whole`: as JSON, with all that is in it beside the messages.
pub(crate) fn bytes(rendered: &Rendered, whole: bool) -> Option<Vec<u8>> {
    let texts: Option<Vec<_>> = rendered.messages.iter().map(text).collect();
    match texts {
        Some(texts) if !whole => Some(pack(&texts)),
        _ => {
            let mut bytes = JSON.to_le_bytes().to_vec();
            serde_json::to_writer(&mut bytes, rendered).ok()?;
            Some(bytes)
        }
    }
}

/// The role's number and the text, of a message that has nothing else.
fn text(message: &RenderedMessage) -> Option<(u32, &str)> {
    let plain = message.name.is_none()
        && message.tool_calls.is_empty()
        && message.tool_call_id.is_none()
        && message.left_out.is_empty();
    let role = ROLES.iter().position(|role| *role == message.role)?;
    match &message.content {
        Content::Text(text) if plain => Some((u32::try_from(role).ok()?, text)),
        _ => None,
    }
}

fn pack(texts: &[(u32, &str)]) -> Vec<u8> {
    let length: usize = texts.iter().map(|(_, text)| text.len()).sum();
    let mut bytes = Vec::with_capacity(4 + texts.len() * 8 + length);
    let mut put = |number: u32| bytes.extend_from_slice(&number.to_le_bytes());
    put(u32::try_from(texts.len()).unwrap_or(0));
    for (role, text) in texts {
        put(*role);
        put(u32::try_from(utf16_length(text)).unwrap_or(0));
    }
    for (_, text) in texts {
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

fn utf16_length(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.chars().map(char::len_utf16).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(content: &str) -> RenderedMessage {
        RenderedMessage {
            role: Role::User,
            content: content.into(),
            ..RenderedMessage::default()
        }
    }

    #[test]
    fn lengths_are_those_of_javascript() {
        let rendered = Rendered {
            messages: vec![message("ab"), message("ä😀")],
            ..Rendered::default()
        };
        let bytes = bytes(&rendered, false).unwrap();
        let header: Vec<u32> = bytes[..20]
            .chunks(4)
            .map(|word| u32::from_le_bytes(word.try_into().unwrap()))
            .collect();
        assert_eq!(
            (header, &bytes[20..]),
            (vec![2, 2, 2, 2, 3], "abä😀".as_bytes())
        );
    }

    #[test]
    fn what_is_more_than_texts_is_json() {
        let named = RenderedMessage {
            name: Some("n".into()),
            ..message("a")
        };
        let rendered = Rendered {
            messages: vec![named],
            ..Rendered::default()
        };
        let bytes = bytes(&rendered, false).unwrap();
        assert_eq!(bytes[..4], [0xff; 4]);
        assert_eq!(&bytes[4..], serde_json::to_vec(&rendered).unwrap());
    }
}
