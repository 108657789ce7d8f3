//! Prints the tables of errors, issues, limits and costs as JSON: `cargo xtask docs` makes pages of them.
#![expect(clippy::print_stdout, reason = "a program that prints")]

use cuecard_prompt::jinja::library::registry;
use cuecard_prompt::jinja::{
    Inputs, Limits, Options, Str, Template, UndefinedBehavior, Value as Data,
};
use cuecard_prompt::{Code, issue, limits};
use serde_json::{Value, json};

fn main() {
    let error =
        |code: &Code| json!({ "code": code, "status": code.status(), "about": code.title() });
    let issue = |(code, about): &(&str, &str)| json!({ "code": code, "about": about });
    let limit =
        |(what, most, code): limits::LimitRow| json!({ "what": what, "most": most, "code": code });
    let tables = json!({
        "errors": Code::ALL.iter().map(error).collect::<Value>(),
        "issues": issue::ALL.iter().map(issue).collect::<Value>(),
        "limits": limits::table().into_iter().map(limit).collect::<Value>(),
        "costs": costs(),
    });
    println!("{tables}");
}

/// What each operation of templates charges for its operand: per KiB of a text, per item of a list, per entry of a
/// dict; of several ways to call it, the most. An operation that a type does not have has no entry for it.
fn costs() -> Value {
    const FEW: usize = 16;
    const MANY: usize = 80;
    let operands = |size: usize| {
        let numbers = || (0..size).map(|n| Data::int(n as i128));
        let mut dict = Inputs::default();
        for n in 0..size {
            dict.insert_str(Str::new(format!("k{n:05}")), Data::int(n as i128));
        }
        [
            Data::from("a b<c>d e".repeat(size * 1024 / 9).as_str()),
            Data::list(numbers().collect()),
            Data::dict(dict),
        ]
    };
    // Measured at two sizes, so that fixed costs cancel out.
    let (small, large) = (operands(FEW), operands(MANY));
    let row = |(operation, ways): (String, Vec<String>)| {
        let cost = |of: usize| {
            let most = ways.iter().filter_map(|way| {
                let (few, many) = (units(way, small.get(of)?)?, units(way, large.get(of)?)?);
                Some(many.saturating_sub(few) as f64 / (MANY - FEW) as f64)
            });
            most.reduce(f64::max).map_or("–".to_owned(), |units| {
                let rounded = (units * 10.0).round() / 10.0;
                format!("{rounded}")
            })
        };
        json!({ "operation": operation, "text": cost(0), "list": cost(1), "dict": cost(2) })
    };
    operations().into_iter().map(row).collect()
}

/// Filters that do nothing until their items are asked for.
const WAITING: [&str; 10] = [
    "batch",
    "items",
    "map",
    "reject",
    "rejectattr",
    "reverse",
    "select",
    "selectattr",
    "slice",
    "unique",
];

/// Every operation, with ways to write it on `a`; `b` is equal to `a`.
fn operations() -> Vec<(String, Vec<String>)> {
    let called = |before: &str, name: &str| {
        let arguments = [
            "",
            "(b)",
            "('x')",
            "('e', 'yy')",
            "(2)",
            "(attribute='x')",
            "([b])",
            "(b, b)",
        ];
        let all = arguments.iter();
        all.map(|with| format!("{before}{name}{with}"))
            .collect::<Vec<_>>()
    };
    let filters = registry::filter_names().map(|name| {
        let mut ways = called("a|", name);
        if WAITING.contains(&name) {
            ways.iter_mut().for_each(|way| way.push_str("|list"));
        }
        (format!("`\\|{name}`"), ways)
    });
    let tests = registry::test_names().map(|name| {
        let ways = if name.chars().all(char::is_alphabetic) {
            called("a is ", name)
        } else {
            vec![format!("[a]|select('{name}', b)|list")]
        };
        (format!("is `{name}`").replace('|', "\\|"), ways)
    });
    let methods = registry::method_names().map(|name| {
        let mut ways = called("a.", name);
        ways.retain(|way| way.ends_with(')'));
        let views = ["items", "keys", "values"];
        let list = if views.contains(&name) { "|list" } else { "" };
        ways.push(format!("a.{name}(){list}"));
        (format!("`.{name}()`"), ways)
    });
    let others = [
        ("`==`, `!=`", "a == b"),
        ("`<`, `>`, `<=`, `>=`", "a < b"),
        ("`+`", "a + b"),
        ("`~`", "a ~ b"),
        ("`*`", "a * 2"),
        ("`%`", "a % b"),
        ("`in` a list of it", "a in [b]"),
        ("`in` it", "'zz' in a"),
        ("as a key", "{a: 1}[b]"),
        ("`[0]`", "a[0]"),
        ("`[-1]`", "a[-1]"),
        ("`[1:]`", "a[1:]"),
        ("`[::-1]`", "a[::-1]"),
        ("`not`", "not a"),
    ];
    let others = others.map(|(name, way)| (name.to_owned(), vec![way.to_owned()]));
    filters.chain(tests).chain(methods).chain(others).collect()
}

/// The work that an expression takes beyond a bare name; `None` where it fails.
fn units(expression: &str, operand: &Data) -> Option<u64> {
    const ENOUGH: u64 = 10_000_000;
    let options = Options {
        undefined: UndefinedBehavior::Lenient,
        ..Options::default()
    };
    let template = Template::compile(&format!("{{% set x = {expression} %}}"), &options).ok()?;
    let mut inputs = Inputs::default();
    for name in ["a", "b"] {
        inputs.insert_str(Str::new(name), copy(operand));
    }
    let mut left = Limits {
        work: ENOUGH,
        ..Limits::default()
    };
    template.render_within(&inputs, &mut left).ok()?;
    Some(ENOUGH - left.work)
}

/// An equal but distinct value.
fn copy(value: &Data) -> Data {
    match value {
        Data::Str(text) => Data::from(text.as_str()),
        Data::List(list) => Data::list(list.items().clone()),
        Data::Dict(dict) => Data::dict(dict.map().clone()),
        other => other.clone(),
    }
}
