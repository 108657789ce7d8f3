//! The format specification mini-language of `format()` and `str.format`.

use crate::size;

/// `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spec {
    pub(crate) fill: char,
    pub(crate) align: Option<char>,
    /// A `0` before the width: numbers are padded behind their sign.
    pub(crate) zero: bool,
    pub(crate) sign: Option<char>,
    pub(crate) no_negative_zero: bool,
    pub(crate) alternate: bool,
    pub(crate) width: usize,
    pub(crate) grouping: Option<char>,
    pub(crate) precision: Option<usize>,
    pub(crate) kind: Option<char>,
}

/// Parses a specification. The error is a sentence.
pub(crate) fn parse(text: &str) -> Result<Spec, &'static str> {
    let chars: Vec<char> = text.chars().collect();
    let get = |at: usize| chars.get(at).copied();
    let is_align = |c: Option<char>| matches!(c, Some('<' | '>' | '=' | '^'));
    let mut spec = Spec {
        fill: ' ',
        align: None,
        zero: false,
        sign: None,
        no_negative_zero: false,
        alternate: false,
        width: 0,
        grouping: None,
        precision: None,
        kind: None,
    };
    let (mut at, mut filled) = (0, false);
    if is_align(get(1)) {
        (spec.fill, spec.align, at, filled) = (get(0).unwrap_or(' '), get(1), 2, true);
    } else if is_align(get(0)) {
        (spec.align, at) = (get(0), 1);
    }
    if let Some(sign @ ('+' | '-' | ' ')) = get(at) {
        spec.sign = Some(sign);
        at += 1;
    }
    if get(at) == Some('z') {
        spec.no_negative_zero = true;
        at += 1;
    }
    if get(at) == Some('#') {
        spec.alternate = true;
        at += 1;
    }
    if !filled && get(at) == Some('0') {
        spec.fill = '0';
        spec.zero = true;
        at += 1;
    }
    let (width, next) = number(&chars, at)?;
    spec.width = width.unwrap_or(0);
    at = next;
    if let Some(grouping @ (',' | '_')) = get(at) {
        spec.grouping = Some(grouping);
        at += 1;
        if matches!(get(at), Some(',' | '_')) {
            return Err("cannot specify ',' or '_' twice");
        }
    }
    if get(at) == Some('.') {
        let (precision, next) = number(&chars, at + 1)?;
        spec.precision = Some(precision.ok_or("format specifier missing precision")?);
        at = next;
    }
    if chars.len() > at + 1 {
        return Err("invalid format specifier");
    }
    spec.kind = get(at);
    if let (Some(grouping), Some(kind)) = (spec.grouping, spec.kind) {
        let allowed = matches!(kind, 'd' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F')
            || (grouping == '_' && matches!(kind, 'b' | 'o' | 'x' | 'X'));
        if !allowed {
            return Err("cannot specify a grouping with this type");
        }
    }
    Ok(spec)
}

fn number(chars: &[char], mut at: usize) -> Result<(Option<usize>, usize), &'static str> {
    let mut value: Option<i64> = None;
    while let Some(digit) = chars
        .get(at)
        .and_then(|c| crate::text::unicode::decimal(*c))
    {
        value = value
            .unwrap_or(0)
            .checked_mul(10)
            .and_then(|v| v.checked_add(digit.into()));
        if value.is_none() {
            return Err("too many decimal digits in format string");
        }
        at += 1;
    }
    Ok((value.map(size::clamped), at))
}

/// A number as `sign`, `prefix` (`0x`), digits, and what follows them (`.5e+10`, `%`).
#[derive(Debug, Default)]
pub(crate) struct Number<'a> {
    pub(crate) negative: bool,
    pub(crate) prefix: &'a str,
    pub(crate) digits: &'a str,
    pub(crate) rest: &'a str,
}

/// The most bytes that [`layout_number`] or [`layout_text`] can make of a text of that many bytes.
pub(crate) fn cost(spec: &Spec, bytes: usize) -> usize {
    spec.width
        .saturating_mul(4)
        .saturating_add(bytes.saturating_mul(2))
        .saturating_add(8)
}

/// Sign, grouping and padding of a number.
pub(crate) fn layout_number(spec: &Spec, number: &Number<'_>) -> String {
    let sign = match (number.negative, spec.sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    };
    let outside = sign.len() + number.prefix.len() + number.rest.len();
    let group = match spec.kind {
        Some('b' | 'o' | 'x' | 'X') => 4,
        _ => 3,
    };
    let align = spec.align.unwrap_or(if spec.zero { '=' } else { '>' });
    let digits = match spec.grouping {
        // Zeros that pad to the width are grouped as well.
        Some(separator) => {
            let fill = spec.fill == '0' && align == '=';
            let wanted = if fill {
                spec.width.saturating_sub(outside)
            } else {
                0
            };
            grouped(number.digits, separator, group, wanted)
        }
        None => number.digits.to_owned(),
    };
    let length = outside + digits.len();
    let pad = spec.width.saturating_sub(length);
    let (before, inside, after) = match align {
        '<' => (0, 0, pad),
        '^' => (pad / 2, 0, pad - pad / 2),
        '=' => (0, pad, 0),
        _ => (pad, 0, 0),
    };
    let mut text = String::with_capacity(length + pad * spec.fill.len_utf8());
    let fill = |text: &mut String, count| text.extend(std::iter::repeat_n(spec.fill, count));
    fill(&mut text, before);
    text.push_str(sign);
    text.push_str(number.prefix);
    fill(&mut text, inside);
    text.push_str(&digits);
    text.push_str(number.rest);
    fill(&mut text, after);
    text
}

/// Padding of a string of `length` characters.
pub(crate) fn layout_text(spec: &Spec, content: &str, length: usize) -> String {
    let pad = spec.width.saturating_sub(length);
    let before = match spec.align.unwrap_or('<') {
        '>' => pad,
        '^' => pad / 2,
        _ => 0,
    };
    let mut text = String::with_capacity(content.len() + pad * spec.fill.len_utf8());
    text.extend(std::iter::repeat_n(spec.fill, before));
    text.push_str(content);
    text.extend(std::iter::repeat_n(spec.fill, pad - before));
    text
}

/// Digits with separators, zero-padded to at least `wanted` characters with the separators counted.
fn grouped(digits: &str, separator: char, group: usize, wanted: usize) -> String {
    let mut reversed = String::with_capacity(digits.len().max(wanted) * 2);
    let mut source = digits.chars().rev();
    let mut count = 0;
    loop {
        let next = source.next();
        if next.is_none() && reversed.len() >= wanted {
            break;
        }
        if count > 0 && count % group == 0 {
            reversed.push(separator);
        }
        reversed.push(next.unwrap_or('0'));
        count += 1;
    }
    reversed.chars().rev().collect()
}
