//! Liquid tags, written as Jinja2.

use std::collections::BTreeSet;

use crate::error::{At, Result};

use super::expression::Reader;
use super::scan::{Markup, Piece, refuse};

/// What is open: its Liquid name, where it was opened, and for `case` what is compared and whether a `when` came.
#[derive(Debug)]
struct Open {
    name: &'static str,
    at: At,
    subject: String,
    arms: u32,
}

#[derive(Debug)]
struct Writer {
    out: String,
    open: Vec<Open>,
    shared: BTreeSet<String>,
}

pub(super) fn translate(pieces: &[Piece<'_>]) -> Result<String> {
    let shared = assigned_in_loops(pieces);
    let mut writer = Writer {
        out: String::new(),
        open: Vec::new(),
        shared,
    };
    if !writer.shared.is_empty() {
        let names: Vec<String> = writer
            .shared
            .iter()
            .map(|name| format!("{name}={name} | default(none)"))
            .collect();
        writer.out = format!("{{% set liquid = namespace({}) -%}}\n", names.join(", "));
    }
    for piece in pieces {
        match piece {
            Piece::Text(text) => writer.text(text),
            Piece::Raw(raw) => writer.out.push_str(raw),
            Piece::Output(markup) => writer.output(markup, markup.inner)?,
            Piece::Tag(markup) => writer.tag(markup)?,
        }
    }
    match writer.open.pop() {
        Some(Open { name, at, .. }) => Err(refuse(at, format!("`{name}` without `end{name}`"))),
        None => Ok(writer.out),
    }
}

impl Writer {
    /// Between `case` and its first `when` nothing is printed; `{#` opens a comment only in Jinja2.
    fn text(&mut self, text: &str) {
        if !matches!(
            self.open.last(),
            Some(Open {
                name: "case",
                arms: 0,
                ..
            })
        ) {
            self.out.push_str(&text.replace("{#", "{{ '{#' }}"));
        }
    }

    fn output(&mut self, markup: &Markup<'_>, inner: &str) -> Result<()> {
        let mut reader = Reader::new(inner, markup.at, &self.shared)?;
        let value = reader.filtered()?;
        reader.end()?;
        let (left, right) = dashes(markup);
        self.out
            .push_str(&format!("{{{{{left} {value} {right}}}}}"));
        Ok(())
    }

    fn write(&mut self, markup: &Markup<'_>, tag: &str) {
        let (left, right) = dashes(markup);
        self.out.push_str(&format!("{{%{left} {tag} {right}%}}"));
    }

    fn tag(&mut self, markup: &Markup<'_>) -> Result<()> {
        let end = markup
            .inner
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(markup.inner.len());
        let (name, rest) = markup
            .inner
            .split_at_checked(end)
            .unwrap_or((markup.inner, ""));
        let at = markup.at;
        match name {
            "if" => {
                let condition = self.condition(rest, at)?;
                self.push("if", at, String::new());
                self.write(markup, &format!("if {condition}"));
            }
            "unless" => {
                let condition = self.condition(rest, at)?;
                self.push("unless", at, String::new());
                self.write(markup, &format!("if not ({condition})"));
            }
            "elsif" => {
                self.inside(&["if", "unless"], name, at)?;
                let condition = self.condition(rest, at)?;
                self.write(markup, &format!("elif {condition}"));
            }
            "else" => {
                self.inside(&["if", "unless", "for", "case"], name, at)?;
                self.write(markup, "else");
            }
            "case" => {
                let subject = self.single(rest, at)?;
                self.push("case", at, subject);
            }
            "when" => self.when(markup, rest)?,
            "for" => {
                let head = self.for_head(rest, at)?;
                self.push("for", at, String::new());
                self.write(markup, &head);
            }
            "break" | "continue" => self.write(markup, name),
            "assign" => {
                let mut reader = Reader::new(rest, at, &self.shared)?;
                let target = reader.name()?;
                reader.expect("=")?;
                let value = reader.filtered()?;
                reader.end()?;
                let target = self.target(target);
                self.write(markup, &format!("set {target} = {value}"));
            }
            "capture" => {
                let mut reader = Reader::new(rest, at, &self.shared)?;
                let target = reader.name()?;
                reader.end()?;
                let target = self.target(target);
                self.push("capture", at, String::new());
                self.write(markup, &format!("set {target}"));
            }
            "echo" => self.output(markup, rest)?,
            "endif" => self.close(markup, "if", "endif")?,
            "endunless" => self.close(markup, "unless", "endif")?,
            "endfor" => self.close(markup, "for", "endfor")?,
            "endcapture" => self.close(markup, "capture", "endset")?,
            "endcase" => self.close(markup, "case", "endif")?,
            _ => {
                return Err(refuse(
                    at,
                    format!("the tag `{name}` has no counterpart in Jinja2"),
                ));
            }
        }
        Ok(())
    }

    fn when(&mut self, markup: &Markup<'_>, rest: &str) -> Result<()> {
        self.inside(&["case"], "when", markup.at)?;
        let mut reader = Reader::new(rest, markup.at, &self.shared)?;
        let mut values = vec![reader.value()?];
        while reader.take(",") || reader.take_name("or") {
            values.push(reader.value()?);
        }
        reader.end()?;
        let Some(case) = self.open.last_mut() else {
            return Ok(());
        };
        let word = if case.arms == 0 { "if" } else { "elif" };
        case.arms += 1;
        let tests: Vec<String> = values
            .iter()
            .map(|value| format!("{} == {value}", case.subject))
            .collect();
        self.write(markup, &format!("{word} {}", tests.join(" or ")));
        Ok(())
    }

    /// `item in items [reversed] [limit:n] [offset:n]`; Liquid cuts first and reverses then.
    fn for_head(&self, rest: &str, at: At) -> Result<String> {
        let mut reader = Reader::new(rest, at, &self.shared)?;
        let item = reader.name()?;
        if !reader.take_name("in") {
            return Err(refuse(at, "`for` without `in`"));
        }
        let mut items = reader.value()?;
        let (mut limit, mut offset, mut reversed) = (None, None, false);
        loop {
            if reader.take_name("reversed") {
                reversed = true;
            } else if reader.take_name("limit") {
                reader.expect(":")?;
                limit = Some(reader.value()?);
            } else if reader.take_name("offset") {
                reader.expect(":")?;
                offset = Some(reader.value()?);
            } else {
                break;
            }
        }
        reader.end()?;
        if let Some(offset) = offset {
            items = format!("({items} | list)[{offset}:]");
        }
        if let Some(limit) = limit {
            items = format!("({items} | list)[:{limit}]");
        }
        let reverse = if reversed { " | reverse" } else { "" };
        Ok(format!("for {item} in {items}{reverse}"))
    }

    fn condition(&self, text: &str, at: At) -> Result<String> {
        let mut reader = Reader::new(text, at, &self.shared)?;
        let condition = reader.condition()?;
        reader.end()?;
        Ok(condition)
    }

    fn single(&self, text: &str, at: At) -> Result<String> {
        let mut reader = Reader::new(text, at, &self.shared)?;
        let value = reader.value()?;
        reader.end()?;
        Ok(value)
    }

    fn target(&self, name: &str) -> String {
        let space = if self.shared.contains(name) {
            "liquid."
        } else {
            ""
        };
        format!("{space}{name}")
    }

    fn push(&mut self, name: &'static str, at: At, subject: String) {
        self.open.push(Open {
            name,
            at,
            subject,
            arms: 0,
        });
    }

    fn inside(&self, blocks: &[&str], name: &str, at: At) -> Result<()> {
        match self.open.last() {
            Some(open)
                if blocks.contains(&open.name)
                    && !(name == "else" && open.name == "case" && open.arms == 0) =>
            {
                Ok(())
            }
            _ => Err(refuse(
                at,
                format!("`{name}` outside `{}`", blocks.join("` or `")),
            )),
        }
    }

    fn close(&mut self, markup: &Markup<'_>, name: &str, end: &str) -> Result<()> {
        match self.open.pop() {
            Some(open) if open.name == name && !(name == "case" && open.arms == 0) => {
                self.write(markup, end)
            }
            Some(open) if open.name == name => {}
            _ => return Err(refuse(markup.at, format!("`end{name}` without `{name}`"))),
        }
        Ok(())
    }
}

fn dashes(markup: &Markup<'_>) -> (&'static str, &'static str) {
    let dash = |trims| if trims { "-" } else { "" };
    (dash(markup.trims_left), dash(markup.trims_right))
}

/// Names that a loop assigns or captures: in Liquid they outlive it, in Jinja2 only a namespace does.
fn assigned_in_loops(pieces: &[Piece<'_>]) -> BTreeSet<String> {
    let mut depth = 0_u32;
    let mut names = BTreeSet::new();
    for piece in pieces {
        let Piece::Tag(Markup { inner, .. }) = piece else {
            continue;
        };
        let mut words = inner
            .split(|c: char| c.is_whitespace() || c == '=')
            .filter(|word| !word.is_empty());
        match (words.next(), words.next()) {
            (Some("for"), _) => depth += 1,
            (Some("endfor"), _) => depth = depth.saturating_sub(1),
            (Some("assign" | "capture"), Some(name)) if depth > 0 => {
                names.insert(name.to_owned());
            }
            _ => {}
        }
    }
    names
}
