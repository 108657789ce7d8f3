//! Every parser limits its depth and has linear cost. The tests parse random texts of a language's tokens, repeated and
//! nested, on a small stack: four times the length takes about four times as long.
#![expect(clippy::indexing_slicing, reason = "a test that measures")]

use std::fmt::Write;
use std::fs;
use std::time::Duration;

use cuecard_prompt::jinja::{Options, Template};
use cuecard_prompt::{Document, System, json, liquid_to_jinja};

/// Bytes of a small native stack. Without optimisation, frames are several times larger.
const STACK: usize = if cfg!(debug_assertions) {
    2 << 20
} else {
    1 << 20
};
/// Bytes of the longer text of a pair; the shorter text has a quarter of them.
const LONG: usize = 240 << 10;
/// The ratio of times that fails a parser. A quadratic parser would take 16 times as long.
const MOST: u32 = 9;
/// Time added to the shorter measurement, because short times are mostly noise.
const NOISE: Duration = Duration::from_millis(4);
const SHAPES: u64 = 60;

/// A parser: its name, its tokens with `¦` between them, its opening and closing tokens, and a function that parses.
type Parser = (&'static str, &'static str, &'static [Pair], fn(&str));
/// An opening token and its closing token.
type Pair = (&'static str, &'static str);

const PARSERS: [Parser; 6] = [
    ("Liquid", LIQUID, TAGS, |text| drop(liquid_to_jinja(text))),
    ("Jinja2", JINJA, TAGS, |text| {
        drop(Template::compile(text, &Options::default()));
    }),
    ("JSON", JSON, VALUES, |text| drop(json::parse(text))),
    ("a document", JSON, VALUES, |text| {
        if let Ok(value) = json::parse(text) {
            drop(Document::from_value(value));
        }
    }),
    ("a schema", SCHEMA, SCHEMAS, |text| {
        let schema = json::parse(text).unwrap_or_default();
        let input = serde_json::json!({ "name": "x", "type": "dict", "schema": schema });
        let messages = serde_json::json!([{ "role": "user", "content": "" }]);
        let document = serde_json::json!({ "messages": messages, "inputs": [input] });
        drop(Document::from_value(document));
    }),
    ("an import", JSON, VALUES, |text| {
        for name in ["langwatch", "basalt", "athina", "openai"] {
            if let (Some(system), Ok(value)) = (System::named(name), json::parse(text)) {
                drop(Document::import_from(system, value));
            }
        }
    }),
];

const LIQUID: &str = "{%¦%}¦{{¦}}¦{%-¦-%}¦{{-¦-}}¦if a¦ and ¦ or ¦a¦[¦]¦.b¦|¦default:¦\"¦'¦endif¦else¦elsif b¦for i in ¦endfor¦(¦)¦\
1..¦comment¦endcomment¦raw¦endraw¦#¦ ¦\n¦case a¦when 1¦endcase¦assign x = ¦capture y¦endcapture¦==¦contains¦\
unless a¦1¦,";
const JINJA: &str = "{%¦%}¦{{¦}}¦{%-¦-%}¦{#¦#}¦if a¦ and ¦ or ¦not ¦a¦[¦]¦.b¦|¦upper¦\"¦'¦endif¦else¦elif b¦for i in ¦endfor¦(¦)¦\
raw¦endraw¦\\¦ ¦\n¦set x = ¦macro m()¦endmacro¦call m()¦endcall¦==¦ in ¦ is ¦~¦**¦-¦+¦1¦,¦:¦{¦}¦if a else b¦\
filter upper¦endfilter¦with a=1¦endwith¦block a¦endblock¦é";
const JSON: &str = "{¦}¦[¦]¦:¦,¦\"¦\\¦\\u12¦\\ud800¦1¦e¦-¦.¦true¦null¦ ¦\n¦\"a\":¦[]¦{}¦\"\"¦{\"a\":¦\"messages\":¦\
\"role\":\"user\"¦\"content\":¦é¦0";
const SCHEMA: &str = "{\"anyOf\":[¦{\"allOf\":[¦{\"oneOf\":[¦{\"not\":¦{\"items\":¦{\"properties\":{\"a\":¦{\"enum\":[¦]}¦}¦}}¦,¦1¦\
\"a\"¦{}¦{\"const\":¦[¦]¦{\"type\":\"string\"}¦{\"required\":[¦{\"additionalProperties\":¦{\"$ref\":\"#\"}¦\
{\"$defs\":{\"a\":¦{\"pattern\":\"(a*)*b\"}";

const TAGS: &[Pair] = &[
    ("{% if a %}", "{% endif %}"),
    ("{% for i in a %}", "{% endfor %}"),
    ("{% raw %}", "{% endraw %}"),
    ("{%- if a -%}", "{%- endif -%}"),
    ("{{ a | upper }}", ""),
    ("{{ a ", "}}"),
    ("{{", ""),
    ("a[", "]"),
    ("(", ")"),
    ("a and ", ""),
    ("a | default: ", ""),
    ("\"", "\""),
    ("{# ", " #}"),
    ("a.b", ""),
    ("not ", ""),
    ("1 + ", ""),
    ("f(", ")"),
];
const VALUES: &[Pair] = &[
    ("[", "]"),
    ("[1,", "]"),
    ("{\"a\":", "}"),
    ("{\"messages\":[", "]}"),
    ("{\"messages\":[{\"role\":\"user\",\"content\":", "}]}"),
    ("{\"a\":1,\"b\":", "}"),
    ("[\"aaaaaaaaaaaaaaaaaaaaaaaa\",", "]"),
    ("{\"metadata\":", "}"),
    ("{\"inputs\":[{\"name\":\"x\",\"type\":\"str\"},", "]}"),
];
const SCHEMAS: &[Pair] = &[
    ("{\"anyOf\":[", "]}"),
    ("{\"anyOf\":[{},", "]}"),
    ("{\"allOf\":[{},", "]}"),
    ("{\"not\":", "}"),
    ("{\"items\":", "}"),
    ("{\"properties\":{\"a\":", "}}"),
    ("{\"enum\":[1,", "]}"),
    ("{\"const\":", "}"),
    ("{\"$defs\":{\"a\":", "}}"),
    ("{\"type\":\"object\",\"additionalProperties\":", "}"),
];

#[test]
fn every_parser_is_linear_and_has_a_depth() {
    let test = std::thread::Builder::new().stack_size(STACK).spawn(run);
    let failures = test.expect("a thread").join().expect("no overflow");
    assert!(failures.is_empty(), "{failures}");
}

fn run() -> String {
    let mut failures = String::new();
    for (name, tokens, pairs, parse) in PARSERS {
        let tokens: Vec<&str> = tokens.split('¦').collect();
        let mut random = Random(0x5eed);
        for n in 0..SHAPES {
            let shape = match n % 3 {
                0 => Shape::nested(&mut random, pairs),
                1 => Shape::flat(&mut random, pairs),
                _ => Shape::random(&mut random, &tokens),
            };
            if let Some((short, long)) = grows(&shape, parse) {
                let _ = writeln!(failures, "{name} {n}: {short:?}, then {long:?}: {shape:?}");
            }
        }
    }
    failures
}

/// The shortest times of a shape, if its cost grows faster than its length in every measurement.
fn grows(shape: &Shape, parse: fn(&str)) -> Option<(Duration, Duration)> {
    let (short, long) = (shape.text(LONG / 4), shape.text(LONG));
    let mut shortest = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        shortest.0 = shortest.0.min(cost(&short, parse));
        shortest.1 = shortest.1.min(cost(&long, parse));
        if shortest.1 <= (shortest.0 + NOISE) * MOST {
            return None;
        }
    }
    Some(shortest)
}

fn cost(text: &str, parse: fn(&str)) -> Duration {
    let started = cpu_time();
    parse(text);
    cpu_time().saturating_sub(started)
}

/// A text: a head, a repeated opening, a middle, and a closing that repeats as often.
#[derive(Debug)]
struct Shape {
    head: String,
    opening: String,
    middle: String,
    closing: String,
}

impl Shape {
    fn random(random: &mut Random, tokens: &[&str]) -> Self {
        Self {
            head: random.text(tokens, 3),
            opening: random.text(tokens, 4) + tokens.first().copied().unwrap_or_default(),
            middle: random.text(tokens, 3),
            closing: random.text(tokens, 3),
        }
    }

    /// Pairs nested in each other.
    fn nested(random: &mut Random, pairs: &[Pair]) -> Self {
        let mut shape = Self {
            head: String::new(),
            opening: String::new(),
            middle: "1".to_owned(),
            closing: String::new(),
        };
        for _ in 0..=random.below(3) {
            let (opening, closing) = pairs[random.below(pairs.len())];
            shape.opening.push_str(opening);
            shape.closing.insert_str(0, closing);
        }
        shape
    }

    /// Pairs in sequence: the items of a list, or a sequence in a text.
    fn flat(random: &mut Random, pairs: &[Pair]) -> Self {
        let mut shape = Self::nested(random, pairs);
        shape.opening = format!("{}1{},", shape.opening, shape.closing);
        shape.closing.clear();
        match random.below(3) {
            0 => shape,
            1 => Self {
                head: "[".to_owned(),
                middle: "1]".to_owned(),
                ..shape
            },
            _ => Self {
                head: "{\"enum\":[".to_owned(),
                middle: "1]}".to_owned(),
                ..shape
            },
        }
    }

    fn text(&self, bytes: usize) -> String {
        let times = bytes / (self.opening.len() + self.closing.len());
        let (opening, closing) = (self.opening.repeat(times), self.closing.repeat(times));
        format!("{}{opening}{}{closing}", self.head, self.middle)
    }
}

/// The splitmix64 generator by Vigna.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 33).unwrap_or_default() % end
    }

    fn text(&mut self, tokens: &[&str], most: usize) -> String {
        let count = self.below(most + 1);
        (0..count)
            .map(|_| {
                tokens
                    .get(self.below(tokens.len()))
                    .copied()
                    .unwrap_or_default()
            })
            .collect()
    }
}

fn cpu_time() -> Duration {
    // Linux updates the counter when the thread yields.
    std::thread::yield_now();
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = stat.split_whitespace().next().and_then(|n| n.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}
