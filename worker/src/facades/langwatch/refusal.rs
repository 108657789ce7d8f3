//! Errors as LangWatch sends them: `{error, message}`, with the status inside as its TypeScript client asks for it.

#[cfg(test)]
mod tests;

use cuecard_prompt::{Code, Error, Issue};
use serde_json::{Value, json};

use crate::facades::words::set;
use crate::facades::{FacadeReply, sentence};

pub(super) fn reply(error: &Error) -> FacadeReply {
    let status = match error.code() {
        Code::SelectorConflict | Code::SlugInvalid | Code::TagInvalid | Code::VersionInvalid => 422,
        Code::SlugTaken | Code::PreconditionFailed => 409,
        code => code.status(),
    };
    let spoken =
        error.code() == Code::SelectorConflict || error.detail().starts_with("System prompt");
    let name = match status {
        // As its server answers without a code.
        _ if spoken => error.detail(),
        404 => "prompt_not_found",
        401 => "Unauthorized",
        403 => "Forbidden",
        409 => "Conflict",
        422 => "validation_error",
        500 => "Internal server error",
        _ => error.code().as_str(),
    };
    let message = match status {
        401 => "Invalid credentials".to_owned(),
        _ => sentence(error),
    };
    let mut body = json!({ "error": name, "message": message, "statusCode": status });
    if status == 422 {
        let issues = error.issues().iter();
        let fields: Value = issues.clone().map(field).collect();
        let reasons: Value = issues.map(reason).collect();
        set(&mut body, "target", "json");
        set(&mut body, "fields", fields);
        set(&mut body, "reasons", reasons);
    }
    FacadeReply::new(status, body)
}

fn field(issue: &Issue) -> String {
    issue.pointer.trim_start_matches('/').replace('/', ".")
}

fn reason(issue: &Issue) -> Value {
    let mut meta = json!({ "field": field(issue), "type": issue.code, "message": issue.message });
    for (key, value) in [("expected", &issue.expected), ("received", &issue.received)] {
        if let Some(value) = value {
            set(&mut meta, key, value.as_str());
        }
    }
    json!({ "code": "schema_failure", "meta": meta })
}
