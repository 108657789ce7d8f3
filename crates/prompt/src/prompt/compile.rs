//! From a document to a prompt.

use std::collections::BTreeMap;

use super::demonstrate::{self, Shown};
use super::{Body, CHAIN_OF_THOUGHT, Compiled, CompiledPart, Prompt};
use crate::check::{Findings, Known, Place};
use crate::document::{
    Content, Document, Message, Part, Technique, Type, Undefined, response_format,
};
use crate::error::{Code, Error, Issue, Result};
use crate::inputs::Inputs;
use crate::issue;
use crate::json::Pointer;
use crate::rendered::Rendered;
use crate::template::Template;

pub(super) fn compile(document: &Document) -> Result<Prompt> {
    let mut compiler = Compiler {
        document,
        findings: Findings::default(),
    };
    let messages = document.messages.iter().enumerate();
    let messages: Vec<_> = messages
        .map(|(index, message)| compiler.message(index, message))
        .collect::<Result<_>>()?;
    let Compiler { mut findings, .. } = compiler;

    let schemas = document.inputs.iter().flatten();
    let schemas: BTreeMap<_, _> = schemas
        .filter_map(|input| Some((input.name.clone(), input.compile_schema()?)))
        .collect();
    let undefined = document
        .template
        .unwrap_or_default()
        .undefined
        .unwrap_or_default();
    let known = Known {
        inputs: document.inputs.as_deref(),
        schemas: &schemas,
        strict: undefined == Undefined::Strict,
        demonstrations: document.demonstrations.is_some(),
    };
    walk(&messages, &mut findings, known);
    findings.compare(known);
    if let Some(error) = failed(std::mem::take(&mut findings.errors)) {
        return Err(error);
    }

    let inferred = document.inputs.is_none();
    let mut inputs = document
        .inputs
        .clone()
        .unwrap_or_else(|| findings.infer(known));
    check_placeholders(&messages, &mut inputs, inferred)?;
    let placed = known.demonstrations && findings.places_demonstrations();
    let shown = demonstrate::plan(document, &inputs, placed, &mut findings)?;
    let addition = match (document.prompting_technique, &shown) {
        (Some(Technique::ChainOfThought), _) => Some(CHAIN_OF_THOUGHT.to_owned()),
        (_, Shown::InContext(text)) => Some(text.clone()),
        _ => None,
    };
    let read = inputs
        .iter()
        .map(|input| input.name.clone())
        .filter(|name| findings.reads(name))
        .collect();
    Ok(Prompt {
        reader: Inputs::new(&inputs, inferred && undefined == Undefined::Lenient),
        messages,
        inputs,
        read,
        shown,
        addition,
        rest: Rendered {
            messages: Vec::new(),
            model: document.model.clone(),
            provider: document.provider.clone(),
            parameters: document.parameters.clone(),
            tools: document.tools.clone(),
            tool_choice: document.tool_choice.clone(),
            response_format: document
                .response_format
                .clone()
                .or_else(|| response_format(document.outputs.as_deref().unwrap_or_default())),
        },
        warnings: findings.warnings,
    })
}

struct Compiler<'a> {
    document: &'a Document,
    findings: Findings,
}

impl Compiler<'_> {
    fn message(&mut self, index: usize, message: &Message) -> Result<Compiled> {
        let pointer = Pointer::root().key("messages").item(index).key("content");
        let place = Place {
            message: index,
            pointer,
        };
        let body = match (&message.content, message.placeholder()) {
            (_, Some(input)) => {
                self.findings.read(input, &place);
                Body::Placeholder(input.to_owned())
            }
            (Content::Text(text), None) => Body::Text(self.template(text, place)?),
            (Content::Parts(parts), None) => {
                let part = |(index, part): (usize, &Part)| {
                    let at = |key| Place {
                        message: place.message,
                        pointer: place.pointer.item(index).key(key),
                    };
                    Ok(match part {
                        Part::Text { text } => CompiledPart::Text(self.template(text, at("text"))?),
                        Part::Image { image } => {
                            CompiledPart::Image(self.template(image, at("image"))?)
                        }
                    })
                };
                Body::Parts(parts.iter().enumerate().map(part).collect::<Result<_>>()?)
            }
        };
        Ok(Compiled {
            role: message.role,
            name: message.name.clone(),
            body,
        })
    }

    /// A template that does not compile is noted, and the others are looked at as well; only a limit stops at once.
    fn template(&mut self, source: &str, place: Place) -> Result<super::Located> {
        let options = self.document.template.unwrap_or_default();
        let template = Template::compile(source, options).or_else(|error| {
            let at = error.at().map(|at| crate::At {
                message: u32::try_from(place.message).ok(),
                ..at
            });
            let code = match error.code() {
                Code::TemplateSyntax => issue::SYNTAX,
                Code::TemplateInclude => issue::INCLUDE,
                _ => return Err(at.map_or(error.clone(), |at| error.with_at(at))),
            };
            let mut issue = Issue::new(code, &place.pointer, error.detail());
            issue.at = at;
            self.findings.errors.push(issue);
            Template::compile("", options)
        })?;
        Ok(super::Located { place, template })
    }
}

fn walk(messages: &[Compiled], findings: &mut Findings, known: Known<'_>) {
    for message in messages {
        match &message.body {
            Body::Text(located) => located.template.walk(findings, known, &located.place),
            Body::Parts(parts) => {
                for part in parts {
                    let (CompiledPart::Text(located) | CompiledPart::Image(located)) = part;
                    located.template.walk(findings, known, &located.place);
                }
            }
            Body::Placeholder(_) => {}
        }
    }
}

/// The error of a compile: its code is that of the gravest issue, its place that of the first.
fn failed(mut issues: Vec<Issue>) -> Option<Error> {
    let codes = [
        (issue::SYNTAX, Code::TemplateSyntax),
        (issue::INCLUDE, Code::TemplateInclude),
        (issue::UNKNOWN_FILTER, Code::TemplateUnknownName),
        (issue::UNKNOWN_TEST, Code::TemplateUnknownName),
        (issue::UNDEFINED_NAME, Code::TemplateUndefined),
    ];
    issues.sort_by_key(|issue| issue.at.map(|at| (at.message, at.line, at.column)));
    let (first, code) = codes
        .into_iter()
        .find_map(|(name, code)| Some((issues.iter().find(|issue| issue.code == name)?, code)))?;
    let detail = match issues.len() {
        1 => first.message.clone(),
        count => format!("{count} issues; the first: {}", first.message),
    };
    let error = Error::new(code, detail);
    let error = match first.at {
        Some(at) => error.with_at(at),
        None => error,
    };
    Some(error.with_issues(issues))
}

/// A placeholder's input has the type `messages`.
fn check_placeholders(
    messages: &[Compiled],
    inputs: &mut [crate::Input],
    inferred: bool,
) -> Result<()> {
    let mut issues = Vec::new();
    for message in messages {
        let Body::Placeholder(name) = &message.body else {
            continue;
        };
        for (index, input) in inputs
            .iter_mut()
            .enumerate()
            .filter(|(_, input)| input.name == *name)
        {
            if inferred {
                input.r#type = Type::Messages;
            } else if input.r#type != Type::Messages {
                let at = Pointer::root().key("inputs").item(index).key("type");
                let message = format!("`{name}` fills a placeholder: its type is messages");
                issues.push(Issue::new(issue::WRONG_TYPE, &at, message));
            }
        }
    }
    if issues.is_empty() {
        Ok(())
    } else {
        Err(crate::document::invalid(issues))
    }
}
