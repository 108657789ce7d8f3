//! Header fields and the splitting of their values.

/// The header fields of one message in order, with names in lower case.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Fields(Vec<(String, String)>);

/// Fields for the next hop only (RFC 9110 7.6.1), or for this proxy (RFC 9111 3.1).
const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

impl Fields {
    /// The field lines of a message.
    pub(crate) fn new<N: AsRef<str>, V: AsRef<str>>(
        lines: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let lines = lines.into_iter().map(|(name, value)| {
            let value = value.as_ref().trim_matches([' ', '\t']);
            (name.as_ref().to_ascii_lowercase(), value.to_owned())
        });
        Self(lines.collect())
    }

    /// The name and value of every line.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of `name`, whose lines are joined with a comma (RFC 9110 5.3).
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self.lines(name).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// Whether there is a line of `name`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.lines(name).next().is_some()
    }

    /// Replaces all lines of `name` with one.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.0.push((name.to_ascii_lowercase(), value.into()));
    }

    /// Drops all lines of `name`.
    pub(crate) fn remove(&mut self, name: &str) {
        self.0
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// The lines without those for the next hop only.
    pub(crate) fn end_to_end(&self) -> Self {
        let listed = self.get("connection").unwrap_or_default();
        let listed: Vec<String> = members(&listed).map(str::to_ascii_lowercase).collect();
        let lines = self
            .0
            .iter()
            .filter(|(name, _)| !HOP_BY_HOP.contains(&name.as_str()) && !listed.contains(name));
        Self(lines.cloned().collect())
    }

    fn lines(&self, name: &str) -> impl Iterator<Item = &str> {
        let own = move |line: &&(String, String)| line.0.eq_ignore_ascii_case(name);
        self.0.iter().filter(own).map(|(_, value)| value.as_str())
    }
}

/// The members of a list (RFC 9110 5.6.1), split at commas outside of quoted strings: trimmed, and none empty.
pub(crate) fn members(list: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    list.split(move |c| {
        let was_escaped = std::mem::take(&mut escaped);
        match c {
            '"' if !was_escaped => quoted = !quoted,
            '\\' if quoted && !was_escaped => escaped = true,
            ',' => return !quoted,
            _ => {}
        }
        false
    })
    .map(|member| member.trim_matches([' ', '\t']))
    .filter(|member| !member.is_empty())
}

/// Milliseconds of a field in seconds (RFC 9111 1.2.2), which has digits only and counts up to 2^31 s.
pub(crate) fn delta_seconds(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse::<u64>().unwrap_or(u64::MAX);
    digits.then(|| seconds.min(1 << 31) * 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_parts_at_commas_that_no_quotes_hold() {
        let list = r#", a, b="c, \", d",,e"#;
        let found: Vec<&str> = members(list).collect();
        assert_eq!(found, ["a", r#"b="c, \", d""#, "e"]);
    }

    #[test]
    fn lines_of_one_name_are_one_value() {
        let fields = Fields::new([("Foo", "1"), ("Bar", "x"), ("fOO", " 2 ")]);
        assert_eq!(fields.get("foo").as_deref(), Some("1, 2"));
        assert!(!fields.has("baz"));
    }

    #[test]
    fn what_connection_lists_goes_no_further() {
        let fields = Fields::new([
            ("Connection", "a, B"),
            ("A", "1"),
            ("b", "2"),
            ("c", "3"),
            ("TE", "x"),
        ]);
        assert_eq!(fields.end_to_end(), Fields::new([("c", "3")]));
    }

    #[test]
    fn seconds_are_digits() {
        assert_eq!(delta_seconds("003600"), Some(3_600_000));
        assert_eq!(
            delta_seconds("99999999999999999999999"),
            Some(2_147_483_648_000)
        );
        for odd in ["", "-1", "+1", "1.0", "1a", " 1", "'1'"] {
            assert_eq!(delta_seconds(odd), None, "{odd:?}");
        }
    }
}
