//! Liquid templates, as LangWatch keeps them, translated to Jinja2 that gives the same text.
//!
//! Liquid that means the same in Jinja2 is kept; constructs with another spelling are rewritten; those without an exact
//! counterpart are refused with line and column. Rules that differ although they look alike are kept: only `nil` and
//! `false` are false, `and` and `or` bind from right to left, `assign` outlives its loop, a text is no number.

mod assigned;
mod condition;
mod expression;
mod filter;
mod kind;
mod lex;
mod names;
mod scan;
mod tags;
mod token_budget;

use crate::error::{At, Result};
use crate::jinja::Template;
use token_budget::TokenBudget;

/// Translates a Liquid template to a Jinja2 template, to be rendered with `undefined: "lenient"` and
/// `keepTrailingNewline: true`.
///
/// An input that is not a text or a whole number prints as Jinja2 prints it (`True`, not `true`): its type is known
/// only when it is given. Where Liquid makes nothing or 0 of a value of the wrong type, the translation is an error.
///
/// # Errors
/// `template_syntax` with the line and column of what is malformed or has no counterpart in Jinja2, `limit_exceeded`
pub fn liquid_to_jinja(source: &str) -> Result<String> {
    let mut left = MAX_TOKENS;
    liquid_to_jinja_within(source, &mut left)
}

/// The tokens that are read of the Liquid of a prompt: twice those of its Jinja2, as assignments are read before they
/// are translated.
pub(crate) const MAX_TOKENS: usize = 2 * Template::MAX_TOKENS;

/// [`liquid_to_jinja`] for one of several templates that share what is `left` of the tokens.
///
/// # Errors
/// Those of [`liquid_to_jinja`]; `limit_exceeded`
pub(crate) fn liquid_to_jinja_within(source: &str, left: &mut usize) -> Result<String> {
    if is_plain(source) {
        return Ok(source.to_owned());
    }
    let pieces = scan::scan(source)?;
    let tokens = TokenBudget::new(*left);
    let translation = tokens
        .pay(pieces.len(), At::default())
        .and_then(|()| tags::translate(&pieces, &tokens));
    *left = tokens.left();
    translation
}

/// Whether a template has nothing but text and `{{ name }}`, which both languages read alike.
pub(crate) fn is_plain(source: &str) -> bool {
    let mut parts = source.split("{{");
    let text = |text: &str| !text.contains("{%") && !text.contains("{#");
    if !parts.next().is_some_and(text) {
        return false;
    }
    parts.all(|part| {
        let Some((name, after)) = part.split_once("}}") else {
            return false;
        };
        let name = name.trim();
        let reserved = [
            "true", "false", "nil", "null", "none", "empty", "blank", "True", "False", "None",
            "not", "and", "or", "in", "is", "if", "else", "loop", "forloop",
        ];
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !reserved.contains(&name)
            && text(after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_same_passes_as_it_is() {
        for same in [
            "",
            "Hi {{ name }}!\n",
            "{%- if a == 1 -%}x{%- else -%}y{%- endif -%}",
            "{% raw %}{{ x }}{% endraw %}",
        ] {
            assert_eq!(liquid_to_jinja(same).unwrap(), same);
        }
    }

    #[test]
    fn what_is_spelt_otherwise_is_rewritten() {
        for (liquid, jinja) in [
            (
                "{% if a == 1 %}x{% elsif a == 2 %}y{% endif %}",
                "{% if a == 1 %}x{% elif a == 2 %}y{% endif %}",
            ),
            (
                "{% unless a == b %}x{% endunless %}",
                "{% if not (a == b) %}x{% endif %}",
            ),
            (
                "{% assign x = \"it's\" %}{{ x }}",
                "{% set x = 'it\\'s' %}{{ x }}",
            ),
            (
                "{% capture x %}y{% endcapture %}",
                "{% set x %}y{% endset %}",
            ),
            ("a{% comment %} {{ b }} {% endcomment %}c", "ac"),
            (
                "{{ name | upcase | append: '!' }}",
                "{{ ((name | upper) ~ '!') }}",
            ),
            ("{{ forloop.index }}", "{{ loop.index }}"),
            ("{# not a comment #}", "{{ '{#' }} not a comment #}"),
        ] {
            assert_eq!(liquid_to_jinja(liquid).unwrap(), jinja, "{liquid}");
        }
    }

    #[test]
    fn what_has_no_counterpart_is_refused_where_it_stands() {
        for (liquid, line, column) in [
            ("a\n  {% tablerow x in y %}{% endtablerow %}", 2, 3),
            ("{{ a | date: '%Y' }}", 1, 1),
            ("{% if a %}", 1, 1),
            ("{{ a ", 1, 1),
            ("x {% endfor %}", 1, 3),
            ("{{ 'a\\b' }}", 1, 1),
            ("{{ none }}", 1, 1),
            ("{% assign x = true %}{{ x }}", 1, 22),
            ("{{ a | split: ', ' }}", 1, 1),
            ("{{ a | slice: -2, 2 }}", 1, 1),
            ("{{ a | split: ',' }}", 1, 1),
            ("{{ a | escape | append: '<' }}", 1, 1),
        ] {
            let at = liquid_to_jinja(liquid).unwrap_err().at().unwrap();
            assert_eq!((at.line, at.column), (line, column), "{liquid}");
        }
    }

    #[test]
    fn a_tag_has_a_depth() {
        let deep = |open: &str, close: &str| {
            format!(
                "{{{{ a{}b{} }}}}",
                open.repeat(20_000),
                close.repeat(20_000)
            )
        };
        let joined = |word: &str| {
            format!(
                "{{% if a{} %}}x{{% endif %}}",
                format!(" {word} a").repeat(20_000)
            )
        };
        for template in [
            joined("and"),
            joined("or"),
            deep("[b", ""),
            deep("[b", "]"),
            deep(" | append: (1..(", ""),
            format!("{{{{ {}", "(".repeat(20_000)),
            format!(
                "{{% for a in {}1..2{} %}}",
                "(".repeat(20_000),
                ")".repeat(20_000)
            ),
            format!("{{% assign a = {}", "b[".repeat(20_000)),
        ] {
            assert!(liquid_to_jinja(&template).is_err());
        }
        let some = joined("and").replace(&" and a".repeat(20_000), &" and a".repeat(60));
        assert!(liquid_to_jinja(&some).is_ok());
    }

    /// Parsing is linear: four times the length takes about four times as long. Quadratic cost would take sixteen times
    /// as long.
    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "the test measures how time grows"
    )]
    fn a_template_costs_what_it_is_long() {
        let time = |unit: &str, count: usize| {
            let source = unit.repeat(count);
            let start = std::time::Instant::now();
            let _ = liquid_to_jinja(&source);
            start.elapsed().as_secs_f64()
        };
        // The shortest runs are undisturbed, so the test repeats until it has enough of them.
        let grows = |unit: &str| {
            let (mut short, mut long) = (f64::MAX, f64::MAX);
            for _ in 0..300 {
                short = short.min(time(unit, 4_000));
                long = long.min(time(unit, 16_000));
                if long < 10.0 * short.max(1e-4) {
                    return false;
                }
            }
            true
        };
        for unit in [
            "{%- -%}",
            "{{ a }}",
            "{%",
            "{{",
            "{",
            "{% raw %}",
            "{% comment %}{% ",
            "{% raw %}{%",
            "{%- raw -%}{% ' ",
            "{{ ' }}{{ \" }}",
            "{% case a %}{% when 'b' %}",
            "{% if a %}",
            "{% assign a = b %}",
            "{% for a in b %}{% assign c = a %}{% endfor %}",
            "\n{{ a | append: 'b' }}",
            "{# ü {{ a }}",
        ] {
            assert!(!grows(unit), "{unit}");
        }
        let many = format!(
            "{{% case '{}' %}}{{% when {}'b' %}}",
            "a".repeat(100_000),
            "'b', ".repeat(50_000)
        );
        assert!(liquid_to_jinja(&many).is_err());
    }

    #[test]
    fn the_tokens_of_all_templates_are_counted() {
        let upper = "{{ a | upcase }}";
        let mut left = MAX_TOKENS;
        assert!(liquid_to_jinja_within(&upper.repeat(10_000), &mut left).is_ok());
        let error = liquid_to_jinja_within(&upper.repeat(10_000), &mut left).unwrap_err();
        assert_eq!(error.code(), crate::error::Code::LimitExceeded);
    }

    #[test]
    fn a_chain_does_not_grow_without_measure() {
        let chain = |filter: &str| format!("{{{{ a{} }}}}", filter.repeat(40));
        for long in [" | default: 1", ".first", ".size"] {
            assert!(liquid_to_jinja(&chain(long)).is_err(), "{long}");
        }
        let many = "{{ a | default: 1 | default: 1 | default: 1 }}".repeat(1000);
        assert!(liquid_to_jinja(&many).is_err());
    }
}
