//! Rendered messages as output, in the form that `js/output.ts` reads: their texts in one piece, so that JavaScript
//! decodes once and slices, with a header of u32: the number of messages, then of each its role and its length in
//! UTF-16. A first word of [`JSON`] says that all of it is JSON instead, for messages that are more than a role and a
//! text.

use cuecard_prompt::{Content, RenderedMessage, Role};

/// Marks JSON in place of the number of messages.
const JSON: u32 = u32::MAX;

/// The roles, in the order of their numbers.
const ROLES: [Role; 5] = [
    Role::System,
    Role::Developer,
    Role::User,
    Role::Assistant,
    Role::Tool,
];

/// The bytes.
pub(crate) fn bytes(messages: &[RenderedMessage]) -> Option<Vec<u8>> {
    let texts: Option<Vec<_>> = messages.iter().map(text).collect();
    if let Some(texts) = texts {
        return Some(pack(&texts));
    }
    let mut bytes = JSON.to_le_bytes().to_vec();
    serde_json::to_writer(&mut bytes, messages).ok()?;
    Some(bytes)
}

/// The role's number and the text, if a message has nothing else.
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
        return text.len();
    }
    // One for each first byte of a character, two for one of four bytes: without a branch, so that it is vectorised.
    let units = |byte: &u8| usize::from(byte.cast_signed() >= -0x40) + usize::from(*byte >= 0xf0);
    text.as_bytes().iter().map(units).sum()
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
        let bytes = bytes(&[message("ab"), message("ä😀")]).unwrap();
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
        let messages = [named];
        let bytes = bytes(&messages).unwrap();
        assert_eq!(bytes[..4], [0xff; 4]);
        assert_eq!(&bytes[4..], serde_json::to_vec(&messages).unwrap());
    }
}
