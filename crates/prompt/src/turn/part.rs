//! A text or an image, as SDKs write it.

use serde_json::{Map, Value};

use crate::document::{Part, Reader};
use crate::image::is_image;
use crate::issue;
use crate::json::Pointer;

/// A text or an image, and the members that hold it; anything else unchanged.
pub(super) fn read_part(
    reader: &mut Reader,
    r#type: &str,
    members: &Map<String, Value>,
    at: &Pointer,
) -> Option<(Part, &'static [&'static str])> {
    let text = |key: &str| members.get(key).and_then(Value::as_str);
    let media_type = text("mediaType").or_else(|| text("mimeType"));
    match r#type {
        "text" | "input_text" | "output_text" => {
            let text = reader.member_text(members, "text", at)?;
            Some((Part::Text { text }, &["text"]))
        }
        "image" if members.contains_key("source") => match source(members.get("source")?) {
            Some(url) => image(reader, url, &at.key("source"), &["source"]),
            None => Some((Part::Other(members.clone()), &[])),
        },
        "image" => {
            let value = reader.member_text(members, "image", at)?;
            let known: &[&str] = &["image", "mediaType", "mimeType"];
            image(reader, data_url(value, media_type), &at.key("image"), known)
        }
        "image_url" | "input_image" if members.contains_key("image_url") => {
            let at = at.key("image_url");
            let is_auto = |members: &Map<String, Value>| match members.get("detail") {
                Some(Value::String(detail)) => detail == "auto",
                _ => true,
            };
            let mut known: &[&str] = match is_auto(members) {
                true => &["image_url", "detail"],
                false => &["image_url"],
            };
            let (value, at) = match members.get("image_url")? {
                Value::Object(nested) => {
                    if !is_auto(nested) {
                        known = &["detail"];
                    }
                    (nested.get("url").cloned(), at.key("url"))
                }
                other => (Some(other.clone()), at),
            };
            let url = reader.text(value.unwrap_or_default(), &at)?;
            image(reader, url, &at, known)
        }
        "file" | "media" | "image-data"
            if media_type.is_some_and(|r#type| r#type.starts_with("image/")) =>
        {
            match members.get("data").and_then(file_data) {
                Some(data) => {
                    let url = data_url(data.to_owned(), media_type);
                    let known: &[&str] = &["data", "mediaType", "mimeType", "filename"];
                    image(reader, url, &at.key("data"), known)
                }
                None => Some((Part::Other(members.clone()), &[])),
            }
        }
        "image-url" => {
            let url = reader.member_text(members, "url", at)?;
            image(reader, url, &at.key("url"), &["url", "mediaType"])
        }
        _ => Some((Part::Other(members.clone()), &[])),
    }
}

fn image(
    reader: &mut Reader,
    image: String,
    at: &Pointer,
    known: &'static [&'static str],
) -> Option<(Part, &'static [&'static str])> {
    let expected = "an https URL or a data:image/…;base64, URL";
    if !is_image(&image) {
        reader
            .issue(issue::INVALID_VALUE, at, format!("expected {expected}"))
            .expected = Some(expected.to_owned());
        return None;
    }
    Some((Part::Image { image }, known))
}

/// The data of a file of the AI SDK: base64 or a URL, or an object that names which.
fn file_data(data: &Value) -> Option<&str> {
    let text = |key: &str| data.get(key).and_then(Value::as_str);
    match text("type") {
        Some("data") => text("data"),
        Some("url") => text("url"),
        _ => data.as_str(),
    }
}

/// Anthropic's source of an image as a URL; `None` for one that only Anthropic can read.
fn source(source: &Value) -> Option<String> {
    let text = |key: &str| source.get(key).and_then(Value::as_str);
    match text("type")? {
        "base64" => Some(format!(
            "data:{};base64,{}",
            text("media_type")?,
            text("data")?
        )),
        "url" => text("url").map(str::to_owned),
        _ => None,
    }
}

/// Bare base64 as a data URL of its media type.
fn data_url(text: String, media_type: Option<&str>) -> String {
    match media_type {
        Some(r#type) if r#type.starts_with("image/") && !text.contains(':') => {
            format!("data:{};base64,{text}", r#type)
        }
        _ => text,
    }
}
