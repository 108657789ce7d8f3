//! `jinja2.utils.urlize` on an escaped text: its regular expressions by hand, linear in the length of a word.

use crate::size;
use crate::text::unicode::{is_space, is_word};

/// How links are written.
pub(crate) struct Links<'a> {
    /// ` rel="…"` and ` target="…"`, escaped, or empty.
    pub(crate) attributes: &'a str,
    /// The number of characters of a URL that are shown.
    pub(crate) limit: Option<i64>,
    /// Additional schemes, each with its colon.
    pub(crate) schemes: &'a [String],
}

/// Turns the URLs and addresses of an escaped text into links.
pub(crate) fn urlize(text: &str, links: &Links<'_>) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while !rest.is_empty() {
        let blank = rest.starts_with(is_space);
        let end = rest.find(|c| is_space(c) != blank).unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if blank {
            out.push_str(word);
        } else {
            push_word(&mut out, word, links);
        }
        rest = after;
    }
    out
}

fn push_word(out: &mut String, word: &str, links: &Links<'_>) {
    let mut start = word;
    while let Some(next) = strip_start(start) {
        start = next;
    }
    let (head, body) = word
        .split_at_checked(word.len() - start.len())
        .unwrap_or(("", word));
    let mut end = body;
    while let Some(next) = strip_end(end) {
        end = next;
    }
    let mut middle_len = end.len();
    for (open, close) in [("(", ")"), ("<", ">"), ("&lt;", "&gt;")] {
        let (middle, tail) = body.split_at_checked(middle_len).unwrap_or((body, ""));
        let opened = middle.matches(open).count();
        if opened <= middle.matches(close).count() {
            continue;
        }
        // As many closing brackets as possible move back from the tail, with the characters before them.
        let moved = tail.match_indices(close).take(opened).last();
        middle_len += moved.map_or(0, |(at, close)| at + close.len());
    }
    let (middle, tail) = body.split_at_checked(middle_len).unwrap_or((body, ""));
    out.push_str(head);
    push_link(out, middle, links);
    out.push_str(tail);
}

fn strip_start(text: &str) -> Option<&str> {
    text.strip_prefix(['(', '<'])
        .or_else(|| text.strip_prefix("&lt;"))
}

fn strip_end(text: &str) -> Option<&str> {
    text.strip_suffix([')', '>', '.', ',', '\n'])
        .or_else(|| text.strip_suffix("&gt;"))
}

fn push_link(out: &mut String, text: &str, links: &Links<'_>) {
    let attributes = links.attributes;
    if is_url(text) {
        let scheme = if text.starts_with("https://") || text.starts_with("http://") {
            ""
        } else {
            "https://"
        };
        out.push_str(&format!("<a href=\"{scheme}{text}\"{attributes}>"));
        push_trimmed(out, text, links.limit);
        out.push_str("</a>");
        return;
    }
    if let Some(address) = text.strip_prefix("mailto:").filter(|text| is_address(text)) {
        out.push_str(&format!("<a href=\"{text}\">{address}</a>"));
        return;
    }
    if text.contains('@')
        && !text.starts_with("www.")
        && !text.starts_with('@')
        && !text.contains(':')
        && is_address(text)
    {
        out.push_str(&format!("<a href=\"mailto:{text}\">{text}</a>"));
        return;
    }
    // After the first scheme that fits, the text is a link and starts with none.
    match links
        .schemes
        .iter()
        .find(|scheme| text != scheme.as_str() && text.starts_with(scheme.as_str()))
    {
        Some(_) => out.push_str(&format!("<a href=\"{text}\"{attributes}>{text}</a>")),
        None => out.push_str(text),
    }
}

/// `x[:limit]` and three dots where the text is longer.
fn push_trimmed(out: &mut String, text: &str, limit: Option<i64>) {
    let length = text.chars().count() as i64;
    match limit.filter(|limit| length > *limit) {
        Some(limit) => {
            let shown = if limit < 0 {
                (length + limit).max(0)
            } else {
                limit
            };
            out.extend(text.chars().take(size::clamped(shown)));
            out.push_str("...");
        }
        None => out.push_str(text),
    }
}

/// `^\S+@\w[\w.-]*\.\w+$` on a text without spaces.
fn is_address(text: &str) -> bool {
    let domain_at = |at: usize| {
        let domain = text.get(at + 1..).unwrap_or("");
        let mut chars = domain.chars();
        let first = chars.next().is_some_and(is_word);
        let rest = chars.as_str();
        first
            && rest.chars().all(|c| is_word(c) || matches!(c, '.' | '-'))
            && rest
                .rsplit_once('.')
                .is_some_and(|(_, last)| !last.is_empty() && last.chars().all(is_word))
    };
    // A domain holds no `@`, so only the last one can stand before it.
    text.rfind('@').is_some_and(|at| at > 0 && domain_at(at))
}

/// `_http_re`, ignoring case.
fn is_url(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let after = |prefix: &str| lower.strip_prefix(prefix);
    let scheme = after("https://").or_else(|| after("http://"));
    if let Some(host) = scheme.or_else(|| after("www."))
        && host_ends(host).any(is_url_rest)
    {
        return true;
    }
    if let Some(host) = scheme
        && (ipv4(host).is_some_and(is_url_rest) || ipv6(host).is_some_and(is_url_rest))
    {
        return true;
    }
    basic_domain(&lower)
}

/// `(([\w%-]+\.)+)?([a-z]{2,63}|xn--[\w%]{2,59})`: what may follow a host.
fn host_ends(text: &str) -> impl Iterator<Item = &str> {
    let label = |c: char| is_word(c) || matches!(c, '%' | '-');
    let mut rest = Some(text);
    let mut labels = Vec::new();
    while let Some(current) = rest {
        labels.push(current);
        let end = current.find(|c| !label(c)).unwrap_or(current.len());
        rest = (end > 0)
            .then(|| current.get(end..).and_then(|after| after.strip_prefix('.')))
            .flatten();
    }
    labels.into_iter().rev().flat_map(|label| {
        // A top-level domain ends where its letters do; a shorter match would leave a letter, which nothing takes.
        let letters = label.bytes().take_while(u8::is_ascii_lowercase).count();
        let plain = (2..=63)
            .contains(&letters)
            .then(|| label.get(letters..))
            .flatten();
        let idna = label.strip_prefix("xn--").and_then(|rest| {
            let end = rest
                .find(|c| !(is_word(c) || c == '%'))
                .unwrap_or(rest.len());
            let length = rest.get(..end)?.chars().count();
            (2..=59)
                .contains(&length)
                .then(|| rest.get(end..))
                .flatten()
        });
        plain.into_iter().chain(idna)
    })
}

/// `([\w%-]{2,63}\.)+(com|net|…)` and what may follow.
fn basic_domain(text: &str) -> bool {
    let label = |c: char| is_word(c) || matches!(c, '%' | '-');
    let mut rest = text;
    loop {
        let end = rest.find(|c| !label(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let Some(after) = after.strip_prefix('.') else {
            return false;
        };
        if !(2..=63).contains(&name.chars().count()) {
            return false;
        }
        let known = ["com", "net", "int", "edu", "gov", "org", "info", "mil"];
        if known
            .iter()
            .any(|tld| after.strip_prefix(tld).is_some_and(is_url_rest))
        {
            return true;
        }
        rest = after;
    }
}

fn ipv4(text: &str) -> Option<&str> {
    let mut rest = text;
    for part in 0..4 {
        if part > 0 {
            rest = rest.strip_prefix('.')?;
        }
        let digits = rest
            .chars()
            .take(3)
            .take_while(|c| crate::text::unicode::decimal(*c).is_some());
        let length: usize = digits.map(char::len_utf8).sum();
        rest = rest.get(length..).filter(|_| length > 0)?;
    }
    Some(rest)
}

/// `\[([\da-f]{0,4}:){2}([\da-f]{0,4}:?){1,6}]`
fn ipv6(text: &str) -> Option<&str> {
    let group = |text: &str| {
        text.bytes()
            .take(4)
            .take_while(u8::is_ascii_hexdigit)
            .count()
    };
    let mut rest = text.strip_prefix('[')?;
    for _ in 0..2 {
        rest = rest.get(group(rest)..)?.strip_prefix(':')?;
    }
    for _ in 0..6 {
        rest = rest.get(group(rest)..)?;
        rest = rest.strip_prefix(':').unwrap_or(rest);
    }
    rest.strip_prefix(']')
}

/// `(?::[\d]{1,5})?(?:[/?#]\S*)?$` on a text without spaces.
fn is_url_rest(text: &str) -> bool {
    let rest = match text.strip_prefix(':') {
        Some(port) => {
            let digits = port
                .chars()
                .take(5)
                .take_while(|c| crate::text::unicode::decimal(*c).is_some());
            let length: usize = digits.map(char::len_utf8).sum();
            match port.get(length..).filter(|_| length > 0) {
                Some(rest) => rest,
                None => return false,
            }
        }
        None => text,
    };
    rest.is_empty() || rest.starts_with(['/', '?', '#'])
}
