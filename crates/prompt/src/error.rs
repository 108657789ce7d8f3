//! The one error of Cuecard: a stable code, where it happened, and every issue at once.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::json;

/// Result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

macro_rules! codes {
    ($($variant:ident $name:literal $status:literal $title:literal)*) => {
        /// A stable, machine-readable code. Never renamed; new ones may be added.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Deserialize)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $title] #[serde(rename = $name)] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code in JSON, in snake case.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The HTTP status that goes with the code.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }

            /// A short sentence for people; the same for every occurrence.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }
        }
    };
}

codes! {
    // What a prompt is.
    DocumentInvalid "document_invalid" 422 "The prompt document is not valid"
    TemplateSyntax "template_syntax" 422 "The template does not parse"
    TemplateUndefined "template_undefined" 422 "The template reads a name that no input declares"
    TemplateUnknownName "template_unknown_name" 422 "The template uses an unknown filter or test"
    TemplateInclude "template_include" 422 "Templates cannot include, import or extend other templates"
    InputInvalid "input_invalid" 422 "The inputs do not fit the prompt"
    RenderFailed "render_failed" 422 "The template failed to render"
    LimitExceeded "limit_exceeded" 422 "A limit was exceeded"
    PayloadUnsupported "payload_unsupported" 422 "The model API cannot express the prompt"
    // References.
    SlugInvalid "slug_invalid" 400 "The slug is not valid"
    TagInvalid "tag_invalid" 400 "The tag is not valid"
    VersionInvalid "version_invalid" 400 "The version is not valid"
    CaseInvalid "case_invalid" 400 "The name of the case is not valid"
    SelectorConflict "selector_conflict" 400 "Both a tag and a version were given"
    // Requests.
    RouteNotFound "route_not_found" 404 "There is no such route"
    MethodNotAllowed "method_not_allowed" 405 "The route does not take this method"
    NotAcceptable "not_acceptable" 406 "The answer cannot be given in an accepted form"
    QueryInvalid "query_invalid" 400 "A query parameter is not valid"
    HeaderInvalid "header_invalid" 400 "A header is not valid"
    JsonInvalid "json_invalid" 400 "The body is not valid JSON"
    BodyInvalid "body_invalid" 422 "The body does not have the expected shape"
    BodyTooLarge "body_too_large" 413 "The body is too large"
    ContentType "content_type" 415 "The content type is not supported"
    ContentEncoding "content_encoding" 415 "The content encoding is not supported"
    UriTooLong "uri_too_long" 414 "The URL is too long"
    // Authentication.
    KeyMissing "key_missing" 401 "A key is required"
    KeyMalformed "key_malformed" 401 "The key is malformed"
    KeyInvalid "key_invalid" 401 "The key is not valid"
    RoleRequired "role_required" 403 "The key's role does not allow this"
    NotOwner "not_owner" 403 "Only the project that owns the prompt can change it"
    // Resources.
    PromptNotFound "prompt_not_found" 404 "There is no such prompt"
    VersionNotFound "version_not_found" 404 "There is no such version"
    TagNotFound "tag_not_found" 404 "There is no such tag"
    DraftNotFound "draft_not_found" 404 "There is no draft"
    CaseNotFound "case_not_found" 404 "There is no such case"
    ProjectNotFound "project_not_found" 404 "There is no such project"
    KeyNotFound "key_not_found" 404 "There is no such key"
    SlugTaken "slug_taken" 409 "The slug is taken"
    VersionInUse "version_in_use" 409 "The version has a tag, or is the only one"
    LockOut "lock_out" 409 "This would lock everybody out"
    PreconditionFailed "precondition_failed" 412 "The revision has moved on"
    IdempotencyMismatch "idempotency_mismatch" 422 "The idempotency key was used for another request"
    // Runs.
    ConnectionNotFound "connection_not_found" 404 "There is no such connection"
    ConnectionUnusable "connection_unusable" 503 "The connection cannot be used"
    ExecutionNotFound "execution_not_found" 404 "There is no such execution"
    RateLimited "rate_limited" 429 "The key has used up its limit"
    UpstreamRefused "upstream_refused" 502 "The model API refused"
    UpstreamUnavailable "upstream_unavailable" 502 "The model API cannot be reached"
    UpstreamBadResponse "upstream_bad_response" 502 "The model API gave an answer that cannot be used"
    UpstreamTimeout "upstream_timeout" 504 "The model API did not answer in time"
    // Failures.
    OriginBadResponse "origin_bad_response" 502 "The origin gave an answer that cannot be used"
    OriginUnavailable "origin_unavailable" 503 "The origin cannot be reached"
    StoreUnwritable "store_unwritable" 507 "The store cannot be written"
    StoreDamaged "store_damaged" 500 "A file of the store is damaged"
    OriginAuth "origin_auth" 503 "The origin refused the key of this edge"
    PromptUnavailable "prompt_unavailable" 503 "The prompt can neither be fetched nor found in a copy"
    Timeout "timeout" 503 "The deadline has passed"
    Aborted "aborted" 499 "The caller gave up"
    EnginePending "engine_pending" 503 "The engine is still being loaded"
    Internal "internal" 500 "Something went wrong on our side"
}

/// By hand: the derived one is a call for each code, in each serializer.
impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place in a template: message index from 0 (`None` for a template outside messages), line and column from 1.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
pub struct At {
    /// Index into the document's `messages`, from 0.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<u32>,
    /// Line in that message's template, from 1.
    pub line: u32,
    /// Column in that line, in characters, from 1.
    pub column: u32,
}

/// One problem of a document or of inputs. Never holds the offending value itself.
#[derive(Clone, Debug, Eq, PartialEq, Deserialize, Serialize)]
pub struct Issue {
    /// `missing_input`, `unknown_input`, `wrong_type`, … (the issue codes of docs/errors.md).
    pub code: String,
    /// RFC 6901 pointer into what was given: `/customer/name`.
    pub pointer: String,
    /// A sentence for people; names and types only, never a value.
    pub message: String,
    /// The accepted values: `str`, `one of …`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expected: Option<String>,
    /// The type of the value that was given: `int`, `list`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub received: Option<String>,
    /// The nearest known name, for an unknown one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub suggestion: Option<String>,
    /// The place in a template, for problems that the static check finds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<At>,
}

impl Issue {
    /// The most bytes of each of its texts; a longer one is cut and ends in `…`.
    pub const MAX_TEXT_BYTES: usize = 1_000;

    /// An issue with a code, a pointer and a sentence.
    pub fn new(code: &str, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            pointer: json::cut(pointer.into(), Self::MAX_TEXT_BYTES),
            message: json::cut(message.into(), Self::MAX_TEXT_BYTES),
            expected: None,
            received: None,
            suggestion: None,
            at: None,
        }
    }

    fn bounded(self) -> Self {
        let cut = |text| json::cut(text, Self::MAX_TEXT_BYTES);
        Self {
            pointer: cut(self.pointer),
            message: cut(self.message),
            expected: self.expected.map(cut),
            received: self.received.map(cut),
            suggestion: self.suggestion.map(cut),
            ..self
        }
    }

    fn bytes(&self) -> usize {
        let more = [&self.expected, &self.received, &self.suggestion];
        let more = more.into_iter().flatten().map(String::len).sum::<usize>();
        self.code.len() + self.pointer.len() + self.message.len() + more
    }
}

/// The issues of an error, bounded in number and bytes. At least one.
pub(crate) fn bounded(issues: Vec<Issue>) -> Vec<Issue> {
    let mut bytes = 0;
    let mut told = Vec::new();
    for issue in issues.into_iter().take(Error::MAX_ISSUES) {
        let issue = issue.bounded();
        bytes += issue.bytes();
        if !told.is_empty() && bytes > Error::MAX_ISSUE_BYTES {
            break;
        }
        told.push(issue);
    }
    told
}

/// The error of every operation on prompts, in the shape of RFC 9457.
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Box<Parts>);

#[derive(Clone, Debug, PartialEq)]
struct Parts {
    code: Code,
    detail: String,
    at: Option<At>,
    issues: Vec<Issue>,
}

impl Error {
    /// The most bytes of the detail; a longer one is cut and ends in `…`.
    pub const MAX_DETAIL_BYTES: usize = 2_000;
    /// The most issues of an error, and their most bytes together.
    pub const MAX_ISSUES: usize = 100;
    /// See [`Self::MAX_ISSUES`].
    pub const MAX_ISSUE_BYTES: usize = 64 << 10;

    /// An error with a detail of this occurrence: lower case, no full stop, never an input's value.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code,
            detail: json::cut(detail.into(), Self::MAX_DETAIL_BYTES),
            at: None,
            issues: Vec::new(),
        }))
    }

    /// The same error with the place in a template.
    #[must_use]
    pub fn with_at(mut self, at: At) -> Self {
        self.0.at = Some(at);
        self
    }

    /// The same error with issues, at most [`Self::MAX_ISSUES`].
    #[must_use]
    pub fn with_issues(mut self, issues: Vec<Issue>) -> Self {
        self.0.issues = bounded(issues);
        self
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The detail of this occurrence.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The place in a template, if any.
    pub fn at(&self) -> Option<At> {
        self.0.at
    }

    /// The issues, for errors that can have several.
    pub fn issues(&self) -> &[Issue] {
        &self.0.issues
    }

    /// The error as an RFC 9457 problem, as HTTP and JavaScript show it.
    pub fn to_problem(&self) -> Problem {
        let Parts {
            code,
            detail,
            at,
            issues,
        } = (*self.0).clone();
        Problem {
            r#type: format!("urn:cuecard:error:{code}"),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            detail,
            at,
            issues,
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        let Problem {
            code,
            detail,
            at,
            issues,
            ..
        } = problem;
        Self(Box::new(Parts {
            code,
            detail,
            at,
            issues,
        }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.detail)
    }
}

impl std::error::Error for Error {}

/// RFC 9457 problem details with our extension members `code`, `at` and `issues`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Problem {
    /// `urn:cuecard:error:<code>`.
    pub r#type: String,
    /// [`Code::title`].
    pub title: String,
    /// [`Code::status`].
    pub status: u16,
    /// The stable code.
    pub code: Code,
    /// The detail of this occurrence.
    pub detail: String,
    /// The place in a template.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<At>,
    /// The issues, for errors that can have several.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub issues: Vec<Issue>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_survives_json_under_its_name() {
        for code in Code::ALL {
            let json = serde_json::to_string(code).unwrap();
            assert_eq!(json, format!("\"{code}\""));
            assert_eq!(serde_json::from_str::<Code>(&json).unwrap(), *code);
        }
    }

    #[test]
    fn an_error_survives_its_problem_form() {
        let error = Error::new(Code::InputInvalid, "2 issues")
            .with_at(At {
                message: Some(1),
                line: 2,
                column: 3,
            })
            .with_issues(vec![Issue::new(
                "missing_input",
                "/name",
                "`name` is required",
            )]);
        let json = serde_json::to_string(&error.to_problem()).unwrap();
        let problem: Problem = serde_json::from_str(&json).unwrap();
        assert_eq!(Error::from(problem), error);
    }
}
