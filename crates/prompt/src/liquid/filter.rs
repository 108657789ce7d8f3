//! Liquid's filters, written as Jinja2.

use super::kind::ValueKind;

/// The operand or argument of a filter.
#[derive(Debug)]
pub(super) struct Argument<'s> {
    /// Its Jinja2.
    pub(super) code: String,
    pub(super) kind: ValueKind,
    /// Its text, where it is a literal.
    pub(super) text: Option<&'s str>,
}

/// The Jinja2 of a filter and the kind of its result; `None` where no Jinja2 gives the same.
pub(super) fn translate(
    name: &str,
    value: &str,
    kind: ValueKind,
    arguments: &[Argument<'_>],
) -> Option<(String, ValueKind)> {
    let takes = |argument: &Argument<'_>| accepts_argument(name, argument.kind);
    if !accepts(name, kind) || !arguments.iter().all(takes) {
        return None;
    }
    let code = match arguments {
        [] => without_arguments(name, value)?,
        [one] => with_one(name, value, kind, one)?,
        [one, two] => with_two(name, value, one, two)?,
        _ => return None,
    };
    let argument_kind = arguments.first().map_or(ValueKind::Plain, |a| a.kind);
    let given = match name {
        "split" | "uniq" | "map" | "where" | "compact" | "concat" | "sort" | "reverse" => {
            ValueKind::List
        }
        "escape" => ValueKind::Escaped,
        "size" | "plus" | "minus" | "times" | "modulo" | "ceil" | "floor" => ValueKind::Number,
        "abs" | "slice" => kind,
        "at_least" | "at_most" | "default" => match (kind, argument_kind) {
            (one, other) if one == other => one,
            (ValueKind::Plain | ValueKind::Number, other)
            | (other, ValueKind::Plain | ValueKind::Number) => other,
            _ => ValueKind::Mixed,
        },
        _ => ValueKind::Plain,
    };
    Some((code, given))
}

/// Whether the Jinja2 of a filter does the same as Liquid to such a value.
fn accepts(name: &str, kind: ValueKind) -> bool {
    match kind {
        ValueKind::Plain | ValueKind::Number => true,
        ValueKind::Fraction => !is_arithmetic(name),
        ValueKind::Flag => name == "default",
        ValueKind::List => matches!(
            name,
            "join"
                | "first"
                | "last"
                | "size"
                | "reverse"
                | "sort"
                | "uniq"
                | "map"
                | "where"
                | "compact"
                | "concat"
                | "slice"
                | "default"
        ),
        ValueKind::Escaped | ValueKind::Mixed => false,
    }
}

fn accepts_argument(name: &str, kind: ValueKind) -> bool {
    match kind {
        ValueKind::Plain | ValueKind::Number => true,
        ValueKind::Fraction => !is_arithmetic(name),
        ValueKind::Flag => matches!(name, "default" | "where"),
        ValueKind::List => matches!(name, "default" | "concat"),
        ValueKind::Escaped | ValueKind::Mixed => false,
    }
}

fn is_arithmetic(name: &str) -> bool {
    matches!(name, "plus" | "minus" | "times" | "modulo")
}

fn without_arguments(name: &str, value: &str) -> Option<String> {
    Some(match name {
        "upcase" => format!("({value} | upper)"),
        "downcase" => format!("({value} | lower)"),
        "capitalize" | "first" | "last" | "abs" | "escape" => format!("({value} | {name})"),
        "strip" => format!("({value} | trim)"),
        "lstrip" | "rstrip" => format!("{}.{name}()", or_empty(value)),
        "strip_newlines" => {
            let value = or_empty(value);
            format!("{value}.replace('\\r\\n', '').replace('\\n', '')")
        }
        "newline_to_br" => {
            let value = or_empty(value);
            format!("{value}.replace('\\r\\n', '\\n').replace('\\n', '<br />\\n')")
        }
        "size" => format!("({value} | length)"),
        "join" => format!("({value} | join(' '))"),
        "reverse" => format!("({value} | reverse | list)"),
        "sort" => format!("({value} | sort(false, true))"),
        "uniq" => format!("({value} | unique(true) | list)"),
        "compact" => format!("({value} | reject('none') | list)"),
        "truncate" => format!("({value} | truncate(50, true, '...', 0))"),
        "ceil" | "floor" => format!("({value} | round(0, '{name}') | int)"),
        _ => return None,
    })
}

fn with_one(name: &str, value: &str, kind: ValueKind, argument: &Argument<'_>) -> Option<String> {
    let Argument { code, text, .. } = argument;
    let has_number = kind == ValueKind::Number || argument.kind == ValueKind::Number;
    Some(match name {
        "append" => format!("({value} ~ {code})"),
        "prepend" => format!("({code} ~ {value})"),
        "remove" | "remove_first" if *text != Some("") => {
            let count = if name == "remove" { "" } else { ", 1" };
            format!("({value} | replace({code}, ''{count}))")
        }
        // Liquid drops the empty parts at the end; with a separator of one character they can be stripped off.
        "split" if text.is_some_and(|by| by.chars().count() == 1) => {
            let stripped = format!("{}.rstrip({code})", or_empty(value));
            format!("({stripped}.split({code}) if {stripped} else [])")
        }
        "join" => format!("({value} | join({code}))"),
        "default" => format!(
            "({value} if {value} is defined and {value} is not none and {value} is not false and {value} not in ['', []] else {code})"
        ),
        "truncate" => format!("({value} | truncate({code}, true, '...', 0))"),
        "map" => format!("({value} | map(attribute={code}) | list)"),
        "where" if argument.kind != ValueKind::Flag => format!(
            "({value} | selectattr({code}, 'defined') | rejectattr({code}, 'none') | rejectattr({code}, 'false') | list)"
        ),
        "concat" => format!("({value} + {code})"),
        "slice" if is_count(code) => format!("({}[{code}:][:1])", or_empty(value)),
        "plus" if has_number => format!("({value} + {code})"),
        "plus" => format!("({} + {code})", number(value, kind)),
        "minus" => format!("({value} - {code})"),
        "times" | "modulo" => {
            let sign = if name == "times" { '*' } else { '%' };
            let code = number(code, argument.kind);
            format!("({} {sign} {code})", number(value, kind))
        }
        "at_least" | "at_most" => {
            let most = if name == "at_least" { "max" } else { "min" };
            let value = if has_number {
                value.to_owned()
            } else {
                number(value, kind)
            };
            format!("([{value}, {code}] | {most})")
        }
        _ => return None,
    })
}

fn with_two(name: &str, value: &str, one: &Argument<'_>, two: &Argument<'_>) -> Option<String> {
    let (first, second) = (&one.code, &two.code);
    Some(match name {
        "replace" if one.text != Some("") => format!("({value} | replace({first}, {second}))"),
        "replace_first" if one.text != Some("") => {
            format!("({value} | replace({first}, {second}, 1))")
        }
        "truncate" => format!("({value} | truncate({first}, true, {second}, 0))"),
        "where" if one.kind == ValueKind::Flag => return None,
        "where" => match second.as_str() {
            "true" | "false" => format!("({value} | selectattr({first}, '{second}') | list)"),
            _ if two.kind == ValueKind::Flag => return None,
            _ => format!("({value} | selectattr({first}, 'equalto', {second}) | list)"),
        },
        "slice" if is_count(first) && is_count(second) => {
            format!("({}[{first}:][:{second}])", or_empty(value))
        }
        _ => return None,
    })
}

/// A text to call a method of: empty for a missing value.
fn or_empty(value: &str) -> String {
    format!("({value} | default(''))")
}

/// A value that is an error unless it is a number: Python multiplies texts, too.
fn number(value: &str, kind: ValueKind) -> String {
    match kind {
        ValueKind::Number => value.to_owned(),
        _ => format!("({value} - 0)"),
    }
}

/// A literal from 0: below, Liquid and Python count from the end in different ways.
fn is_count(code: &str) -> bool {
    code.bytes().all(|byte| byte.is_ascii_digit())
}
