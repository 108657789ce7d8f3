//! The query, read strictly: an unknown or repeated parameter is an error.

use cuecard_prompt::{
    Code, Error, Issue, Provider, Result, Selector, Slug, System, Tag, VersionNumber, parse_version,
};
use cuecard_store::{Author, DraftCursor, KeyId, Limit, ProjectSlug, Revision};

use super::http::percent_decode;

/// A query parameter that a route takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Param {
    About,
    After,
    Always,
    Anew,
    Author,
    Base,
    Before,
    Beside,
    Cursor,
    Deleted,
    From,
    Limit,
    Metadata,
    Payload,
    Prefix,
    Project,
    Prompt,
    Status,
    Tag,
    To,
    Used,
    Version,
}

impl Param {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::About => "about",
            Self::After => "after",
            Self::Always => "always",
            Self::Anew => "anew",
            Self::Before => "before",
            Self::Beside => "beside",
            Self::Author => "author",
            Self::Base => "base",
            Self::Cursor => "cursor",
            Self::Deleted => "deleted",
            Self::From => "from",
            Self::Limit => "limit",
            Self::Metadata => "metadata",
            Self::Payload => "payload",
            Self::Prefix => "prefix",
            Self::Project => "project",
            Self::Prompt => "prompt",
            Self::Status => "status",
            Self::Tag => "tag",
            Self::To => "to",
            Self::Used => "used",
            Self::Version => "version",
        }
    }
}

/// A query of known parameters, each at most once.
#[derive(Debug)]
pub(crate) struct Query(Vec<(Param, String)>);

impl Query {
    pub(crate) fn parse(raw: Option<&str>, known: &[Param]) -> Result<Self> {
        let mut query = Vec::new();
        let pairs = raw.unwrap_or_default().split('&');
        for pair in pairs.filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = |text: &str| percent_decode(&text.replace('+', " "));
            let (Some(name), Some(value)) = (decoded(name), decoded(value)) else {
                return Err(invalid("", "a parameter is not percent-encoded UTF-8"));
            };
            let Some(param) = known.iter().copied().find(|param| param.name() == name) else {
                return Err(invalid("", &format!("the route takes {}", names(known))));
            };
            if query.iter().any(|(seen, _)| *seen == param) {
                return Err(invalid(param.name(), "the parameter comes twice"));
            }
            query.push((param, value));
        }
        Ok(Self(query))
    }

    pub(crate) fn text(&self, param: Param) -> Option<&str> {
        let mut values = self.0.iter().filter(|(seen, _)| *seen == param);
        values.next().map(|(_, value)| value.as_str())
    }

    /// `?tag=` or `?version=`; not both.
    pub(crate) fn selector(&self) -> Result<Option<Selector>> {
        match (self.text(Param::Tag), self.text(Param::Version)) {
            (Some(_), Some(_)) => Err(Error::new(
                Code::SelectorConflict,
                "give a tag or a version, not both",
            )),
            (Some(tag), None) => tag_or_latest(tag).map(Some),
            (None, Some(version)) => parse_version(version).map(Selector::Version).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// `?tag=` for a route where a version makes no sense.
    pub(crate) fn tag(&self) -> Result<Option<Selector>> {
        self.text(Param::Tag).map(tag_or_latest).transpose()
    }

    /// `?version=` for a route that also takes a tag.
    pub(crate) fn version(&self) -> Result<Option<VersionNumber>> {
        self.text(Param::Version).map(parse_version).transpose()
    }

    /// `?tag=` for a route that needs a movable tag.
    pub(crate) fn movable_tag(&self) -> Result<Option<Tag>> {
        self.text(Param::Tag).map(Tag::parse_read).transpose()
    }

    /// A version number, a tag or `latest`.
    pub(crate) fn side(&self, param: Param) -> Result<Option<Selector>> {
        self.text(param).map(Selector::parse).transpose()
    }

    /// Another system; by default detected from the body.
    pub(crate) fn system(&self, param: Param) -> Result<Option<System>> {
        let system = |name: &str| {
            let known = System::named(name);
            let known = known.filter(|system| param == Param::From || *system != System::Openai);
            known.ok_or_else(|| invalid(param.name(), "athina, basalt, langwatch, or from openai"))
        };
        self.text(param).map(system).transpose()
    }

    pub(crate) fn required_system(&self, param: Param) -> Result<System> {
        let missing = || invalid(param.name(), "the parameter is required");
        self.system(param)?.ok_or_else(missing)
    }

    /// The model API whose request body to write.
    pub(crate) fn payload(&self) -> Result<Option<Provider>> {
        let api = |name: &str| {
            let names = Provider::ALL.map(Provider::as_str).join(", ");
            Provider::parse(name).ok_or_else(|| invalid("payload", &names))
        };
        self.text(Param::Payload).map(api).transpose()
    }

    /// The author of a draft; by default the caller.
    pub(crate) fn author(&self) -> Result<Option<Author>> {
        let author = |text| Author::parse(text).map_err(|error| invalid("author", error.detail()));
        self.text(Param::Author).map(author).transpose()
    }

    /// The version that a draft started from.
    pub(crate) fn base(&self) -> Result<Option<VersionNumber>> {
        self.text(Param::Base).map(parse_version).transpose()
    }

    pub(crate) fn draft_cursor(&self) -> Result<Option<DraftCursor>> {
        self.cursor(DraftCursor::parse)
    }

    pub(crate) fn limit(&self) -> Result<Limit> {
        let Some(text) = self.text(Param::Limit) else {
            return Ok(Limit::default());
        };
        decimal(text)
            .and_then(|limit| u32::try_from(limit).ok())
            .and_then(Limit::new)
            .ok_or_else(|| invalid("limit", "a whole number from 1 to 100"))
    }

    pub(crate) fn after(&self) -> Result<Revision> {
        Ok(self.revision(Param::After)?.unwrap_or_default())
    }

    pub(crate) fn project(&self) -> Result<Option<ProjectSlug>> {
        self.text(Param::Project)
            .map(ProjectSlug::parse)
            .transpose()
    }

    /// `cursor` is the sort key of the last entry of the previous page; opaque to callers.
    pub(crate) fn revision_cursor(&self) -> Result<Option<Revision>> {
        self.revision(Param::Cursor)
    }

    pub(crate) fn version_cursor(&self) -> Result<Option<VersionNumber>> {
        self.cursor(|text| parse_version(text).ok())
    }

    pub(crate) fn slug_cursor(&self) -> Result<Option<Slug>> {
        self.cursor(|text| Slug::parse(text).ok())
    }

    pub(crate) fn key_cursor(&self) -> Result<Option<KeyId>> {
        self.cursor(|text| KeyId::parse(text).ok())
    }

    fn revision(&self, param: Param) -> Result<Option<Revision>> {
        let read = |text| {
            let revision = decimal(text).and_then(Revision::new);
            revision.ok_or_else(|| invalid(param.name(), "a revision"))
        };
        self.text(param).map(read).transpose()
    }

    fn cursor<T>(&self, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
        let expected = "`nextCursor` of the page before";
        let read = |text| read(text).ok_or_else(|| invalid("cursor", expected));
        self.text(Param::Cursor).map(read).transpose()
    }

    pub(crate) fn flag(&self, param: Param) -> Result<bool> {
        match self.text(param) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(invalid(param.name(), "`true` or `false`")),
        }
    }
}

fn tag_or_latest(text: &str) -> Result<Selector> {
    match text {
        "latest" => Ok(Selector::Latest),
        text => Tag::parse_read(text).map(Selector::Tag),
    }
}

/// A number in its only spelling: digits, no sign, no leading zero, below 2^53.
fn decimal(text: &str) -> Option<u64> {
    let canonical =
        text == "0" || (!text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
    text.parse()
        .ok()
        .filter(|number| canonical && *number < 1 << 53)
}

pub(crate) fn invalid(name: &str, expected: &str) -> Error {
    let issue = Issue {
        expected: Some(expected.to_owned()),
        ..Issue::new("query_invalid", format!("/{name}"), "not what is expected")
    };
    Error::new(Code::QueryInvalid, expected).with_issues(vec![issue])
}

fn names(known: &[Param]) -> String {
    match known {
        [] => "no parameter".to_owned(),
        known => {
            let names: Vec<String> = known.iter().map(|p| format!("`{}`", p.name())).collect();
            format!("{}, each once", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Param] = &[Param::Tag, Param::Version, Param::Limit, Param::Prefix];

    fn code<T>(result: Result<T>) -> Option<Code> {
        result.err().map(|error| error.code())
    }

    #[test]
    fn unknown_repeated_and_broken_parameters_are_refused() {
        for bad in [
            "x=1",
            "tag=a&tag=b",
            "tag=%ff",
            "tag=%",
            "Tag=a",
            "tag=a&&t%61g=b",
        ] {
            assert_eq!(
                code(Query::parse(Some(bad), KNOWN)),
                Some(Code::QueryInvalid),
                "{bad}"
            );
        }
        assert!(Query::parse(Some("tag=a&prefix=x%2Fy+z&"), KNOWN).is_ok());
    }

    #[test]
    fn a_selector_is_a_tag_or_a_version() {
        let selector = |raw: &str| Query::parse(Some(raw), KNOWN).and_then(|q| q.selector());
        assert_eq!(selector("tag=latest"), Ok(Some(Selector::Latest)));
        assert_eq!(selector(""), Ok(None));
        assert_eq!(code(selector("tag=3")), Some(Code::TagInvalid));
        assert_eq!(code(selector("tag=")), Some(Code::TagInvalid));
        for bad in ["0", "01", "-1", "1.5", "", "4294967296", "latest"] {
            assert_eq!(
                code(selector(&format!("version={bad}"))),
                Some(Code::VersionInvalid),
                "{bad}"
            );
        }
        assert_eq!(
            code(selector("version=1&tag=a")),
            Some(Code::SelectorConflict)
        );
    }

    #[test]
    fn a_limit_has_bounds() {
        let limit = |raw: &str| Query::parse(Some(raw), KNOWN).and_then(|q| q.limit());
        assert_eq!(limit(""), Ok(Limit::default()));
        assert_eq!(limit("limit=100"), Ok(Limit::MAX));
        for bad in ["0", "101", "-1", "1e2", "", "+5", "007"] {
            assert_eq!(
                code(limit(&format!("limit={bad}"))),
                Some(Code::QueryInvalid),
                "{bad}"
            );
        }
    }
}
