//! Concatenation, with escaping where it is on.

use crate::error::Result;
use crate::run::ctx::Ctx;
use crate::value::{Str, Value};

impl Ctx<'_> {
    pub(super) fn concat_str(&mut self, a: &Str, b: &Str) -> Result<Value> {
        if !a.is_markup() && !b.is_markup() {
            self.charge_copy(a.len() + b.len())?;
            let mut text = String::with_capacity(a.len() + b.len());
            text.push_str(a);
            text.push_str(b);
            return self.finished(text);
        }
        self.charge_memory(a.len() + b.len())?;
        let mut text = String::new();
        self.push_escaped(a, &mut text)?;
        self.push_escaped(b, &mut text)?;
        Ok(Value::Str(Str::markup(text)))
    }

    /// The string of a text that was paid for piece by piece: the copy is work, and the buffer is freed after it.
    fn finished(&mut self, text: String) -> Result<Value> {
        self.charge(text.len() / 256)?;
        self.charge_memory(16)?;
        Ok(Value::str(text))
    }

    /// `a ~ b ~ …`; `marks` is whether one part that is marked escapes the others.
    pub(crate) fn concat(&mut self, values: &[Value], marks: bool) -> Result<Value> {
        let markup = marks
            && values
                .iter()
                .any(|value| matches!(value, Value::Str(text) if text.is_markup()));
        let mut text = String::new();
        if markup {
            for value in values {
                self.write_escaped(value, &mut text)?;
            }
            self.charge_memory(text.len())?;
            return Ok(Value::Str(Str::markup(text)));
        }
        let texts = values.iter().filter_map(Value::as_str);
        let length = texts.map(str::len).fold(0, usize::saturating_add);
        self.charge_copy(length)?;
        text.reserve_exact(length);
        for value in values {
            match value {
                Value::Str(part) => text.push_str(part),
                other => self.write_str(other, &mut text)?,
            }
        }
        self.finished(text)
    }

    /// Appends the value as it is printed where escaping is on.
    pub(crate) fn write_escaped(&mut self, value: &Value, out: &mut String) -> Result<()> {
        let text = self.str_of(value)?;
        self.push_escaped(&text, out)
    }

    fn push_escaped(&mut self, text: &Str, out: &mut String) -> Result<()> {
        if text.is_markup() {
            self.charge_memory(text.len())?;
            out.push_str(text);
        } else {
            self.charge_memory(text.len() * 2)?;
            escape_into(text, out);
        }
        Ok(())
    }
}

/// `markupsafe.escape` of plain text.
pub(crate) fn escape_into(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&#39;"),
            '"' => out.push_str("&#34;"),
            other => out.push(other),
        }
    }
}
