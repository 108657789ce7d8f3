//! Liquid tags, written as Jinja2.

use crate::error::{At, Error, Result};

use super::assigned;
use super::condition::Operand;
use super::expression::TagReader;
use super::names::AssignedNames;
use super::scan::{Markup, Piece, refuse};
use super::token_budget::TokenBudget;

/// An open block: its Liquid name, where it was opened, and for `case` the compared value and whether a `when` came.
#[derive(Debug)]
struct OpenTag<'s> {
    name: &'static str,
    at: At,
    subject: Operand<'s>,
    arms: u32,
}

#[derive(Debug)]
struct JinjaWriter<'s> {
    out: String,
    open: Vec<OpenTag<'s>>,
    names: AssignedNames,
    tokens: &'s TokenBudget,
}

/// The most bytes of a translation; a document takes no more.
const MAX_LENGTH: usize = 1024 * 1024;

pub(super) fn translate(pieces: &[Piece<'_>], tokens: &TokenBudget) -> Result<String> {
    let mut writer = JinjaWriter {
        out: String::new(),
        open: Vec::new(),
        names: assigned::names(pieces, tokens),
        tokens,
    };
    if !writer.names.shared.is_empty() {
        // A name not yet assigned is the input of that name, if there is one.
        let given = |name: &String| format!("{name}=({name} if {name} is defined)");
        let shared: Vec<String> = writer.names.shared.iter().map(given).collect();
        writer.out = format!("{{% set liquid = namespace({}) %}}", shared.join(", "));
    }
    for piece in pieces {
        match piece {
            Piece::Text(text) => writer.text(text),
            Piece::Raw(raw) => writer.out.push_str(raw),
            Piece::Output(markup) => writer.output(markup, markup.inner)?,
            Piece::Tag(markup) => writer.tag(markup)?,
            Piece::Comment(markup) => writer.nothing(markup),
        }
        if writer.out.len() > MAX_LENGTH {
            return Err(too_long(At::default()));
        }
    }
    match writer.open.pop() {
        Some(OpenTag { name, at, .. }) => Err(refuse(at, format!("`{name}` without `end{name}`"))),
        None => Ok(writer.out),
    }
}

impl<'s> JinjaWriter<'s> {
    /// Between `case` and its first `when` nothing is printed; `{#` opens a comment in Jinja2 only.
    fn text(&mut self, text: &str) {
        if !matches!(
            self.open.last(),
            Some(OpenTag {
                name: "case",
                arms: 0,
                ..
            })
        ) {
            self.out.push_str(&text.replace("{#", "{{ '{#' }}"));
        }
    }

    fn output(&mut self, markup: &Markup<'_>, inner: &str) -> Result<()> {
        let mut reader = TagReader::new(inner, markup.at, &self.names, self.tokens)?;
        let value = reader.printed()?;
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

    /// A tag that prints nothing, but may trim the text around it.
    fn nothing(&mut self, markup: &Markup<'_>) {
        if markup.trims_left || markup.trims_right {
            let (left, right) = dashes(markup);
            self.out.push_str(&format!("{{#{left} {right}#}}"));
        }
    }

    fn tag(&mut self, markup: &Markup<'s>) -> Result<()> {
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
                self.push("if", at);
                self.write(markup, &format!("if {condition}"));
            }
            "unless" => {
                let condition = self.condition(rest, at)?;
                self.push("unless", at);
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
                let mut reader = TagReader::new(rest, at, &self.names, self.tokens)?;
                let subject = reader.operand()?;
                reader.end()?;
                // The text before the first `when` is not printed, nor is this tag.
                self.nothing(&Markup {
                    trims_right: false,
                    ..*markup
                });
                self.open.push(OpenTag {
                    name: "case",
                    at,
                    subject,
                    arms: 0,
                });
            }
            "when" => self.when(markup, rest)?,
            "for" => {
                let head = self.for_head(rest, at)?;
                self.push("for", at);
                self.write(markup, &head);
            }
            "break" | "continue" => self.write(markup, name),
            "assign" => {
                let mut reader = TagReader::new(rest, at, &self.names, self.tokens)?;
                let target = reader.name()?;
                reader.check_name(target)?;
                reader.expect("=")?;
                let value = reader.filtered()?;
                reader.end()?;
                let target = self.target(target);
                self.write(markup, &format!("set {target} = {value}"));
            }
            "capture" => {
                let mut reader = TagReader::new(rest, at, &self.names, self.tokens)?;
                let target = reader.name()?;
                reader.check_name(target)?;
                reader.end()?;
                let target = self.target(target);
                self.push("capture", at);
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
        let mut reader = TagReader::new(rest, markup.at, &self.names, self.tokens)?;
        let Some(case) = self.open.last_mut() else {
            return Ok(());
        };
        let mut tests = Vec::new();
        let mut length = 0;
        loop {
            let value = reader.operand()?;
            let test = reader.equals(case.subject.clone(), value)?;
            length += test.len();
            if length > MAX_LENGTH {
                return Err(too_long(markup.at));
            }
            tests.push(test);
            if !reader.take(",") && !reader.take_name("or") {
                break;
            }
        }
        reader.end()?;
        let word = if case.arms == 0 { "if" } else { "elif" };
        case.arms += 1;
        self.write(markup, &format!("{word} {}", tests.join(" or ")));
        Ok(())
    }

    /// `item in items [reversed] [limit:n] [offset:n]`; Liquid slices first and reverses then.
    fn for_head(&self, rest: &str, at: At) -> Result<String> {
        let mut reader = TagReader::new(rest, at, &self.names, self.tokens)?;
        let item = reader.name()?;
        reader.check_name(item)?;
        if self.names.shared.contains(item) {
            let detail = format!("`{item}` is both an item and assigned in a loop");
            return Err(refuse(at, detail));
        }
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
                if reader.take_name("continue") {
                    return Err(refuse(
                        at,
                        "`offset: continue` has no counterpart in Jinja2",
                    ));
                }
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
        let mut reader = TagReader::new(text, at, &self.names, self.tokens)?;
        let condition = reader.condition()?;
        reader.end()?;
        Ok(condition)
    }

    fn target(&self, name: &str) -> String {
        let space = if self.names.shared.contains(name) {
            "liquid."
        } else {
            ""
        };
        format!("{space}{name}")
    }

    fn push(&mut self, name: &'static str, at: At) {
        self.open.push(OpenTag {
            name,
            at,
            subject: Operand::Word("nil"),
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
            Some(open) if name == "case" && open.name == name && open.arms == 0 => {
                return Err(refuse(open.at, "`case` without `when`"));
            }
            Some(open) if open.name == name => self.write(markup, end),
            _ => return Err(refuse(markup.at, format!("`end{name}` without `{name}`"))),
        }
        Ok(())
    }
}

fn too_long(at: At) -> Error {
    refuse(at, "the template is too long when it is written as Jinja2")
}

fn dashes(markup: &Markup<'_>) -> (&'static str, &'static str) {
    let dash = |trims| if trims { "-" } else { "" };
    (dash(markup.trims_left), dash(markup.trims_right))
}
