//! Images as messages have them: `https` URLs and `data:` URLs.

/// Whether a text is an `https` URL or a `data:image/…;base64,` URL.
pub(crate) fn is_image(text: &str) -> bool {
    if let Some((r#type, data)) = data_url(text) {
        let base64 = data.trim_end_matches('=');
        !r#type.is_empty()
            && !base64.is_empty()
            && data.len() - base64.len() <= 2
            && base64
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
    } else {
        text.strip_prefix("https://").is_some_and(|rest| {
            !rest.is_empty()
                && !rest.starts_with('/')
                && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
        })
    }
}

/// The media subtype and the base64 text of a data URL of an image: `png`, `iVBORw0…`.
pub(crate) fn data_url(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("data:image/")?.split_once(";base64,")
}
