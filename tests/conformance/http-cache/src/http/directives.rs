//! The cache directives of a message.

use cuecard_freshness::Millis;

use crate::http::dictionary::{self, Value};
use crate::http::fields::{Fields, delta_seconds, members};

/// The directives of RFC 9111 5.2 and RFC 5861 that a shared cache obeys; it ignores unknown ones. Spans are in
/// milliseconds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Directives {
    /// `max-age`. An invalid number counts as 0 (RFC 9111 4.2.1).
    pub(crate) max_age: Option<Millis>,
    /// `s-maxage`.
    pub(crate) s_maxage: Option<Millis>,
    /// `max-stale`, which is unlimited without a number.
    pub(crate) max_stale: Option<Millis>,
    /// `min-fresh`.
    pub(crate) min_fresh: Option<Millis>,
    /// `stale-while-revalidate`.
    pub(crate) stale_while_revalidate: Option<Millis>,
    /// `stale-if-error`.
    pub(crate) stale_if_error: Option<Millis>,
    /// `no-store`.
    pub(crate) no_store: bool,
    /// `no-cache` without fields.
    pub(crate) no_cache: bool,
    /// `private` without fields.
    pub(crate) private: bool,
    /// `public`.
    pub(crate) public: bool,
    /// `must-revalidate`.
    pub(crate) must_revalidate: bool,
    /// `proxy-revalidate`.
    pub(crate) proxy_revalidate: bool,
    /// `must-understand`.
    pub(crate) must_understand: bool,
    /// `only-if-cached`.
    pub(crate) only_if_cached: bool,
    /// The fields that `no-cache` or `private` name: a cache may keep the response without them.
    pub(crate) withheld: Vec<String>,
}

impl Directives {
    /// The directives of `Cache-Control`. The first of two equal directives counts (RFC 9111 4.2.1).
    pub(crate) fn of(fields: &Fields) -> Self {
        let mut directives = Self::default();
        let text = fields.get("cache-control").unwrap_or_default();
        for member in members(&text) {
            let (name, argument) = match member.split_once('=') {
                Some((name, argument)) => (name, Some(argument)),
                None => (member, None),
            };
            // White space around `=` makes the argument an invalid number.
            let spaced = name.ends_with([' ', '\t']);
            let argument = argument.map(|argument| if spaced { " " } else { argument });
            let argument = match argument.map(unquoted) {
                None => Argument::None,
                Some(text) => Argument::Text(text),
            };
            directives.add(&name.trim_end().to_ascii_lowercase(), &argument);
        }
        directives
    }

    /// The directives of `CDN-Cache-Control`, which replace `Cache-Control` and `Expires`. `None` if the field is
    /// missing, empty, no dictionary, or has a known directive of the wrong type (RFC 9213 2.1).
    pub(crate) fn targeted(fields: &Fields) -> Option<Self> {
        let members = dictionary::parse(&fields.get("cdn-cache-control")?)?;
        let mut directives = Self::default();
        for (name, value) in &members {
            let argument = match value {
                Value::Boolean(true) => Argument::None,
                Value::Boolean(false) => continue,
                Value::Integer(number) => Argument::Text(number.to_string()),
                Value::Text(text) => Argument::Text(text.clone()),
                Value::Other => Argument::Text(" ".to_owned()),
            };
            let numeric = directives.span(name).is_some();
            if numeric && !matches!(value, Value::Integer(0..)) {
                return None;
            }
            directives.add(name, &argument);
        }
        (!members.is_empty()).then_some(directives)
    }

    /// The explicit lifetime, if there is one.
    pub(crate) fn lifetime(&self) -> Option<Millis> {
        self.s_maxage.or(self.max_age)
    }

    /// Whether the directives forbid stale copies (RFC 9111 4.2.4).
    pub(crate) fn forbids_stale(&self) -> bool {
        self.must_revalidate || self.proxy_revalidate || self.no_cache || self.s_maxage.is_some()
    }

    fn add(&mut self, name: &str, argument: &Argument) {
        if let Some(span) = self.span(name) {
            let unlimited = name == "max-stale" && *argument == Argument::None;
            let given = match argument {
                _ if unlimited => Millis::MAX,
                Argument::None => 0,
                Argument::Text(text) => delta_seconds(text).unwrap_or(0),
            };
            span.get_or_insert(given);
            return;
        }
        let named: Vec<String> = match argument {
            Argument::Text(text) => members(text).map(str::to_ascii_lowercase).collect(),
            Argument::None => Vec::new(),
        };
        match name {
            "no-cache" if named.is_empty() => self.no_cache = true,
            "private" if named.is_empty() => self.private = true,
            "no-cache" | "private" => self.withheld.extend(named),
            "no-store" => self.no_store = true,
            "public" => self.public = true,
            "must-revalidate" => self.must_revalidate = true,
            "proxy-revalidate" => self.proxy_revalidate = true,
            "must-understand" => self.must_understand = true,
            "only-if-cached" => self.only_if_cached = true,
            _ => {}
        }
    }

    fn span(&mut self, name: &str) -> Option<&mut Option<Millis>> {
        Some(match name {
            "max-age" => &mut self.max_age,
            "s-maxage" => &mut self.s_maxage,
            "max-stale" => &mut self.max_stale,
            "min-fresh" => &mut self.min_fresh,
            "stale-while-revalidate" => &mut self.stale_while_revalidate,
            "stale-if-error" => &mut self.stale_if_error,
            _ => return None,
        })
    }
}

#[derive(Debug, Eq, PartialEq)]
enum Argument {
    None,
    Text(String),
}

/// An argument may be a token or a quoted string, whichever form its directive uses (RFC 9111 5.2).
fn unquoted(argument: &str) -> String {
    let inner = argument
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let Some(inner) = inner else {
        return argument.to_owned();
    };
    let mut escaped = false;
    let plain = |c: &char| {
        escaped = *c == '\\' && !escaped;
        !escaped
    };
    inner.chars().filter(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Directives {
        Directives::of(&Fields::new([("Cache-Control", text)]))
    }

    fn targeted(text: &str) -> Option<Directives> {
        Directives::targeted(&Fields::new([("CDN-Cache-Control", text)]))
    }

    #[test]
    fn ages_are_seconds_or_none_at_all() {
        for (text, max_age) in [
            ("max-age=3600", 3_600_000),
            ("MaX-aGe=3600", 3_600_000),
            ("foobar, max-age=3600", 3_600_000),
            ("max-age=\"3600\"", 3_600_000),
            ("max-age=003600", 3_600_000),
            ("max-age=99999999999", 2_147_483_648_000),
            ("max-age=1, max-age=3600", 1_000),
            ("extension=\"max-age=3600\", max-age=1", 1_000),
            ("max-age=1, extension=\"max-age=3600\"", 1_000),
            ("max-age='3600'", 0),
            ("max-age=-3600", 0),
            ("max-age=3600.0", 0),
            ("max-age =3600", 0),
            ("max-age= 3600", 0),
            ("max-age=3600a", 0),
            ("max-age", 0),
        ] {
            assert_eq!(of(text).max_age, Some(max_age), "{text}");
        }
        assert_eq!(of("x-max-age=1, maxage=2").max_age, None);
    }

    #[test]
    fn what_restricts_counts_however_it_is_written() {
        assert!(of("max-age=10, No-StOrE").no_store);
        assert!(of("no-cache=").no_cache && of("private=\"\"").private);
        let named = of("no-cache=\"Set-Cookie, a\", private=b");
        assert!(!named.no_cache && !named.private);
        assert_eq!(named.withheld, ["set-cookie", "a", "b"]);
    }

    #[test]
    fn a_stale_answer_is_wanted_for_so_long_or_for_ever() {
        assert_eq!(of("max-stale").max_stale, Some(Millis::MAX));
        assert_eq!(of("max-stale=5").max_stale, Some(5_000));
    }

    #[test]
    fn a_targeted_field_is_a_dictionary_or_ignored() {
        assert_eq!(
            targeted("foobar, max-age=3600;x=1").unwrap().max_age,
            Some(3_600_000)
        );
        assert!(targeted("no-store").unwrap().no_store);
        assert!(!targeted("no-store=?0").unwrap().no_store);
        assert_eq!(targeted("private=\"a, b\"").unwrap().withheld, ["a", "b"]);
        for text in [
            "",
            "max-age=10000, &&&&&",
            "max-age=\"10000\"",
            "max-age=-1",
            "max-age=1.5",
            "max-age",
            "MaX-aGe=3600",
            "max-age =100",
            "max-age= 100",
            "no-store,",
        ] {
            assert_eq!(targeted(text), None, "{text:?}");
        }
    }
}
