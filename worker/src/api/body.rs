//! Bodies, read strictly: JSON of the right media type and size, then field by field with every issue at once.

use cuecard_prompt::{Code, Error, Issue, Result, VersionNumber, json};
use serde_json::{Map, Value};

use super::http::ApiRequest;

/// What a member is, or what was expected of it.
pub(crate) type Read<T> = std::result::Result<T, String>;

/// Reads the body as JSON.
pub(crate) fn read(request: &ApiRequest) -> Result<Value> {
    parse(json_of(request)?)
}

/// The most values of a body: parsing them takes as long as a render may.
const MAX_VALUES: usize = 300_000;

/// Parses a body.
pub(crate) fn parse(body: &[u8]) -> Result<Value> {
    json::parse_bytes_within(body, MAX_VALUES).map_err(|error| match error.code() {
        Code::LimitExceeded => {
            let detail = format!("a body takes at most {MAX_VALUES} values");
            Error::new(Code::BodyTooLarge, detail)
        }
        _ => error,
    })
}

/// Reads the body as JSON of at most `values` values.
pub(crate) fn read_within(request: &ApiRequest, values: usize) -> Result<Value> {
    json::parse_bytes_within(json_of(request)?, values)
}

/// The bytes of a body that says it is JSON.
fn json_of(request: &ApiRequest) -> Result<&[u8]> {
    check_encoding(request)?;
    check_media_type(request.header("content-type"))?;
    Ok(&request.body)
}

/// Reads the body as JSON where a route can do without: an empty body is an empty object.
pub(crate) fn read_optional(request: &ApiRequest) -> Result<Value> {
    check_encoding(request)?;
    if request.body.is_empty() {
        Ok(Value::Object(Map::new()))
    } else {
        read(request)
    }
}

/// Refuses a body where a route takes none.
pub(crate) fn read_none(request: &ApiRequest) -> Result<()> {
    if request.body.is_empty() {
        Ok(())
    } else {
        Err(Error::new(Code::BodyInvalid, "the route takes no body"))
    }
}

fn check_encoding(request: &ApiRequest) -> Result<()> {
    match request.header("content-encoding") {
        None | Some("" | "identity") => {}
        Some(_) => {
            let detail = "a body is sent as it is, without a content encoding";
            return Err(Error::new(Code::ContentEncoding, detail));
        }
    }
    if request.body.len() > ApiRequest::MAX_BODY_BYTES {
        return Err(Error::new(Code::BodyTooLarge, "a body takes at most 1 MiB"));
    }
    Ok(())
}

fn check_media_type(header: Option<&str>) -> Result<()> {
    let refused = || Error::new(Code::ContentType, "a body is application/json in UTF-8");
    let header = header.ok_or_else(refused)?.to_ascii_lowercase();
    let mut parts = header.split(';').map(str::trim);
    let json = parts.next() == Some("application/json");
    let utf8 = parts.all(|p| matches!(p, "" | "charset=utf-8" | "charset=\"utf-8\""));
    if json && utf8 { Ok(()) } else { Err(refused()) }
}

/// The members of a body, taken one by one; [`BodyFields::finish`] tells all that is wrong with them.
#[derive(Debug)]
pub(crate) struct BodyFields {
    members: Map<String, Value>,
    taken: Vec<&'static str>,
    issues: Vec<Issue>,
}

impl BodyFields {
    pub(crate) fn of(body: Value) -> Result<Self> {
        match body {
            Value::Object(members) => Ok(Self {
                members,
                taken: Vec::new(),
                issues: Vec::new(),
            }),
            _ => {
                let issue = Issue::new("wrong_type", "", "the body is a JSON object");
                Err(body_invalid(vec![issue]))
            }
        }
    }

    /// A member that must be there.
    pub(crate) fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Value) -> Read<T>,
    ) -> Option<T> {
        if !self.members.contains_key(name) {
            self.taken.push(name);
            self.issue("missing_field", name, &format!("`{name}` is required"));
            return None;
        }
        self.optional(name, read)
    }

    /// An optional member. `null` is no way to leave it out.
    pub(crate) fn optional<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Value) -> Read<T>,
    ) -> Option<T> {
        self.taken.push(name);
        let value = self.members.get_mut(name)?.take();
        match read(&value) {
            Ok(value) => Some(value),
            Err(expected) => {
                self.issues.push(Issue {
                    expected: Some(expected),
                    received: Some(json::kind(&value).to_owned()),
                    ..Issue::new(
                        "wrong_type",
                        format!("/{name}"),
                        format!("`{name}` is not what is expected"),
                    )
                });
                None
            }
        }
    }

    /// All required members, if they are there and nothing else is.
    pub(crate) fn finish<T>(mut self, required: Option<T>) -> Result<T> {
        let taken = std::mem::take(&mut self.taken);
        let message = format!("the body has {}", taken.join(", "));
        let unknown: Vec<String> = self
            .members
            .keys()
            .filter(|name| !taken.contains(&name.as_str()))
            .take(Error::MAX_ISSUES)
            .cloned()
            .collect();
        for name in unknown {
            let pointer = name.replace('~', "~0").replace('/', "~1");
            self.issue("unknown_field", &pointer, &message);
        }
        match required {
            Some(required) if self.issues.is_empty() => Ok(required),
            _ => Err(body_invalid(self.issues)),
        }
    }

    /// The members that were not taken, if all that were taken are right.
    pub(crate) fn rest(mut self) -> Result<Value> {
        if self.issues.is_empty() {
            let taken = self.taken;
            self.members
                .retain(|name, _| !taken.contains(&name.as_str()));
            Ok(Value::Object(self.members))
        } else {
            Err(body_invalid(self.issues))
        }
    }

    fn issue(&mut self, code: &str, name: &str, message: &str) {
        self.issues
            .push(Issue::new(code, format!("/{name}"), message));
    }
}

fn body_invalid(issues: Vec<Issue>) -> Error {
    let detail = match issues.len() {
        1 => "1 issue".to_owned(),
        n => format!("{n} issues"),
    };
    Error::new(Code::BodyInvalid, detail).with_issues(issues)
}

/// A text with a limit on its bytes.
pub(crate) fn text(max: usize) -> impl Fn(&Value) -> Read<String> {
    move |value| {
        let text = value.as_str().filter(|text| text.len() <= max);
        text.map(str::to_owned)
            .ok_or_else(|| format!("a text of at most {max} bytes"))
    }
}

/// A text that parses.
pub(crate) fn parsed<T>(parse: impl Fn(String) -> Result<T>) -> impl Fn(&Value) -> Read<T> {
    move |value| {
        let text = value.as_str().ok_or("a text")?;
        parse(text.to_owned()).map_err(|error| error.detail().to_owned())
    }
}

/// A list whose items parse.
pub(crate) fn list_of<T>(
    read: impl Fn(&Value) -> Read<T>,
    max: usize,
) -> impl Fn(&Value) -> Read<Vec<T>> {
    move |value| {
        let items = value.as_array().filter(|items| items.len() <= max);
        let items = items.ok_or_else(|| format!("a list of at most {max}"))?;
        items.iter().map(&read).collect()
    }
}

/// A version's number.
pub(crate) fn version(value: &Value) -> Read<VersionNumber> {
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    let number = number.and_then(VersionNumber::new);
    number.ok_or_else(|| "a whole number from 1".to_owned())
}

/// A value in which `null` means "remove".
pub(crate) fn removable<T>(read: impl Fn(&Value) -> Read<T>) -> impl Fn(&Value) -> Read<Option<T>> {
    move |value| match value {
        Value::Null => Ok(None),
        value => read(value)
            .map(Some)
            .map_err(|expected| format!("{expected}, or null")),
    }
}

/// An object.
pub(crate) fn object(value: &Value) -> Read<Value> {
    let object = value.is_object().then(|| value.clone());
    object.ok_or_else(|| "an object".to_owned())
}
