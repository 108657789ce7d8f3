//! `tojson`: `htmlsafe_json_dumps` with Jinja2's policy, which sorts keys; and `json.dumps`, as `transformers` has it.

use std::cmp::Ordering;
use std::rc::Rc;

use super::float;
use super::params::{count, flag, given, text};
use crate::error::Result;
use crate::options::Dialect;
use crate::run::ctx::Ctx;
use crate::size;
use crate::value::args::Args;
use crate::value::{Str, Value, failed};

/// `tojson(indent=None)`
pub(crate) fn tojson(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    if ctx.options.dialect == Dialect::HuggingFace {
        return dumps(ctx, value, args);
    }
    let [indent] = args.bind("tojson", ["indent"], 0)?;
    let mut writer = JsonWriter::new(indentation(ctx, indent)?);
    writer.value(ctx, &value)?;
    Ok(Value::Str(Str::markup(writer.out)))
}

/// `tojson(ensure_ascii=False, indent=None, separators=None, sort_keys=False)`: Python's `json.dumps`.
fn dumps(ctx: &mut Ctx<'_>, value: Value, args: Args) -> Result<Value> {
    let names = ["ensure_ascii", "indent", "separators", "sort_keys"];
    let [ascii, indent, separators, sort] = args.bind("tojson", names, 0)?;
    let mut writer = JsonWriter::new(indentation(ctx, indent)?);
    writer.escapes = match flag(ctx, ascii, false)? {
        true => Escapes::Ascii,
        false => Escapes::Needed,
    };
    writer.sort = flag(ctx, sort, false)?;
    if let Some(separators) = given(separators) {
        let pair = ctx.collect(&separators)?;
        let [comma, colon] = pair.as_slice() else {
            return Err(failed("separators are a pair of strings"));
        };
        (writer.comma, writer.colon) = (text(comma)?.as_str().into(), text(colon)?.as_str().into());
    }
    writer.value(ctx, &value)?;
    Ok(Value::str(writer.out))
}

fn indentation(ctx: &mut Ctx<'_>, indent: Option<Value>) -> Result<Option<String>> {
    Ok(match indent {
        None | Some(Value::None) => None,
        Some(Value::Str(text)) => Some(text.as_str().to_owned()),
        Some(other) => {
            let spaces = count(&other)?;
            ctx.charge_memory(spaces)?;
            Some(" ".repeat(spaces))
        }
    })
}

/// Which characters are written as `\\u` and their number.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Escapes {
    /// Those outside ASCII, and those that HTML gives a meaning.
    Html,
    /// Those outside ASCII.
    Ascii,
    /// Control characters alone.
    Needed,
}

struct JsonWriter {
    out: String,
    indent: Option<String>,
    comma: Box<str>,
    colon: Box<str>,
    escapes: Escapes,
    sort: bool,
    around: Vec<*const ()>,
}

impl JsonWriter {
    /// As Jinja2's policy has it.
    fn new(indent: Option<String>) -> Self {
        // With an indent, Python leaves no space before the line break.
        let comma = if indent.is_some() { "," } else { ", " };
        Self {
            out: String::new(),
            indent,
            comma: comma.into(),
            colon: ": ".into(),
            escapes: Escapes::Html,
            sort: true,
            around: Vec::new(),
        }
    }

    fn value(&mut self, ctx: &mut Ctx<'_>, value: &Value) -> Result<()> {
        match value {
            Value::None => self.plain(ctx, "null"),
            Value::Bool(true) => self.plain(ctx, "true"),
            Value::Bool(false) => self.plain(ctx, "false"),
            Value::Int(number) => self.plain(ctx, &number.to_string()),
            Value::Big(number) => self.plain(ctx, &number.to_string()),
            Value::Float(number) => {
                ctx.charge(float::COST)?;
                self.plain(ctx, &number_text(*number))
            }
            Value::Str(text) => self.string(ctx, text),
            Value::List(list) => {
                let items = list.items().clone();
                self.sequence(ctx, Rc::as_ptr(list).cast(), &items)
            }
            Value::Tuple(tuple) => self.sequence(ctx, Rc::as_ptr(tuple).cast(), tuple.items()),
            Value::Dict(dict) => {
                let entries = dict.map().entries().to_vec();
                self.mapping(ctx, Rc::as_ptr(dict).cast(), entries)
            }
            Value::Undefined(_) | Value::Object(_) => Err(failed(format!(
                "Object of type {} is not JSON serializable",
                value.type_name()
            ))),
        }
    }

    fn plain(&mut self, ctx: &mut Ctx<'_>, text: &str) -> Result<()> {
        ctx.charge_memory(text.len())?;
        self.out.push_str(text);
        Ok(())
    }

    fn string(&mut self, ctx: &mut Ctx<'_>, text: &str) -> Result<()> {
        let plain = |b: &u8| {
            matches!(b, b' '..=b'~') && !matches!(b, b'"' | b'\\' | b'<' | b'>' | b'&' | b'\'')
        };
        ctx.charge(text.len())?;
        let escaped = text.bytes().filter(|b| !plain(b)).count();
        ctx.charge_memory(text.len() + 5 * escaped + 2)?;
        push_string(&mut self.out, text, self.escapes);
        Ok(())
    }

    fn sequence(&mut self, ctx: &mut Ctx<'_>, identity: *const (), items: &[Value]) -> Result<()> {
        if items.is_empty() {
            return self.plain(ctx, "[]");
        }
        self.plain(ctx, "[")?;
        self.enter(identity)?;
        for (index, item) in items.iter().enumerate() {
            self.separator(ctx, index > 0)?;
            ctx.deeper(|ctx| self.value(ctx, item))?;
        }
        self.around.pop();
        self.line(ctx)?;
        self.plain(ctx, "]")
    }

    fn mapping(
        &mut self,
        ctx: &mut Ctx<'_>,
        identity: *const (),
        mut entries: Vec<(Value, Value)>,
    ) -> Result<()> {
        if entries.is_empty() {
            return self.plain(ctx, "{}");
        }
        self.plain(ctx, "{")?;
        self.enter(identity)?;
        ctx.charge(entries.len() * 2 * (size::slot(entries.len().ilog2()) + 1))?;
        if self.sort {
            sort_by_key(ctx, &mut entries)?;
        }
        for (index, (key, value)) in entries.iter().enumerate() {
            self.separator(ctx, index > 0)?;
            self.key(ctx, key)?;
            let colon = self.colon.clone();
            self.plain(ctx, &colon)?;
            ctx.deeper(|ctx| self.value(ctx, value))?;
        }
        self.around.pop();
        self.line(ctx)?;
        self.plain(ctx, "}")
    }

    fn key(&mut self, ctx: &mut Ctx<'_>, key: &Value) -> Result<()> {
        match key {
            Value::Str(text) => self.string(ctx, text),
            Value::None | Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) => {
                self.plain(ctx, "\"")?;
                self.value(ctx, key)?;
                self.plain(ctx, "\"")
            }
            other => Err(failed(format!(
                "keys must be str, int, float, bool or None, not {}",
                other.type_name()
            ))),
        }
    }

    fn enter(&mut self, identity: *const ()) -> Result<()> {
        if self.around.contains(&identity) {
            return Err(failed("Circular reference detected"));
        }
        self.around.push(identity);
        Ok(())
    }

    fn separator(&mut self, ctx: &mut Ctx<'_>, comma: bool) -> Result<()> {
        ctx.charge(3)?;
        if comma {
            let comma = self.comma.clone();
            self.plain(ctx, &comma)?;
        }
        self.line(ctx)
    }

    fn line(&mut self, ctx: &mut Ctx<'_>) -> Result<()> {
        if let Some(indent) = &self.indent {
            let bytes = indent
                .len()
                .saturating_mul(self.around.len())
                .saturating_add(1);
            ctx.charge_memory(bytes)?;
            self.out.push('\n');
            for _ in &self.around {
                self.out.push_str(indent);
            }
        }
        Ok(())
    }
}

/// `sort_keys`: keys of one kind only, as Python cannot compare others.
fn sort_by_key(ctx: &mut Ctx<'_>, entries: &mut [(Value, Value)]) -> Result<()> {
    if entries.len() < 2 {
        return Ok(());
    }
    let strings = entries.iter().all(|(key, _)| key.as_str().is_some());
    let integers = entries.iter().all(|(key, _)| key.as_int().is_some());
    let number = |key: &Value| key.as_float().unwrap_or(f64::NAN);
    if strings {
        let bytes = entries
            .iter()
            .filter_map(|(key, _)| key.as_str())
            .map(str::len)
            .sum::<usize>();
        ctx.charge(bytes / 8)?;
    } else if let Some((odd, _)) = entries.iter().find(|(key, _)| key.as_float().is_none()) {
        return Err(failed(format!(
            "'<' not supported between keys of different types, one is '{}'",
            odd.type_name()
        )));
    } else if entries.iter().any(|(key, _)| number(key).is_nan()) {
        return Ok(());
    }
    entries.sort_by(|(a, _), (b, _)| {
        if strings {
            a.as_str().cmp(&b.as_str())
        } else if integers {
            a.as_int().cmp(&b.as_int())
        } else {
            number(a).partial_cmp(&number(b)).unwrap_or(Ordering::Equal)
        }
    });
    Ok(())
}

fn number_text(number: f64) -> String {
    match float::not_finite(number) {
        Some("nan") => "NaN".to_owned(),
        Some("inf") => "Infinity".to_owned(),
        Some(_) => "-Infinity".to_owned(),
        None => float::repr(number),
    }
}

/// A unit of UTF-16 as `\u00e9`.
fn push_unit(out: &mut String, unit: u16) {
    out.push_str("\\u");
    for shift in [12, 8, 4, 0] {
        out.extend(char::from_digit(u32::from(unit >> shift & 15), 16));
    }
}

fn push_string(out: &mut String, text: &str, escapes: Escapes) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\'' if escapes == Escapes::Html => {
                push_unit(out, c as u16);
            }
            ' '..='~' => out.push(c),
            '\u{7f}'.. if escapes == Escapes::Needed => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    push_unit(out, *unit);
                }
            }
        }
    }
    out.push('"');
}
