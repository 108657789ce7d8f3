//! From a document to a prompt.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::demonstrate::{self, ShownDemonstrations};
use super::{CHAIN_OF_THOUGHT, CompiledMessage, CompiledPart, MessageBody, Prompt};
use crate::check::{Findings, Known, TemplatePlace};
use crate::document::{
    Content, Document, Message, Part, Technique, Type, Undefined, near_misses, response_format,
};
use crate::error::{Code, Error, Issue, Result};
use crate::inputs::DeclaredInputs;
use crate::issue;
use crate::json::Pointer;
use crate::rendered::Rendered;
use crate::template::PlacedTemplate;

pub(super) fn compile(document: &Document, tokens: &mut usize) -> Result<Prompt> {
    let template = document.template.unwrap_or_default();
    let undefined = template.undefined();
    let declared = document.inputs.iter().flatten();
    let declared: Vec<_> = declared
        .map(|input| (input, input.compile_schema().map(Arc::new)))
        .collect();
    // Here and below: a loop, not `collect`, which would sort first, with more code in the wasm for each kind of map.
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let names = declared.iter().map(|(input, _)| input.name.as_str());
    places.extend(names.zip(0..));
    let known = Known {
        inputs: document.inputs.as_deref(),
        declared: &declared,
        places: &places,
        strict: undefined == Undefined::Strict,
        demonstrations: document.demonstrations.is_some(),
        dialect: template.dialect(),
    };
    let mut findings = Findings::default();
    let mut compiler = Compiler {
        template,
        known,
        findings: &mut findings,
        tokens,
    };
    let mut messages = Vec::with_capacity(document.messages.len());
    for (index, message) in document.messages.iter().enumerate() {
        messages.extend(compiler.message(index, message)?);
    }
    findings.compare(known);
    if let Some(error) = failed(std::mem::take(&mut findings.errors)) {
        return Err(error);
    }

    let inferred = document.inputs.is_none();
    let mut inputs = match &document.inputs {
        Some(inputs) => inputs.clone(),
        None => findings.infer(known)?,
    };
    check_placeholders(&messages, &mut inputs, inferred)?;
    let placed = known.demonstrations && findings.places_demonstrations();
    let shown = demonstrate::plan(document, &inputs, placed, &mut findings)?;
    let addition = match (document.prompting_technique, &shown) {
        (Some(Technique::ChainOfThought), _) => Some(CHAIN_OF_THOUGHT.to_owned()),
        (_, ShownDemonstrations::InContext(text)) => Some(text.clone()),
        _ => None,
    };
    let names = findings.names();
    let mut globals = BTreeSet::new();
    if inferred {
        globals.extend(findings.globals().into_iter().map(str::to_owned));
    }
    let mut read = globals.clone();
    let known_names = inputs.iter().map(|input| input.name.as_str());
    read.extend(
        known_names
            .filter(|name| names.contains(name))
            .map(str::to_owned),
    );
    let open = inferred && undefined == Undefined::Lenient;
    Ok(Prompt {
        reader: DeclaredInputs::new(&inputs, globals, open, |name| known.input(name)?.1.clone()),
        messages,
        inputs,
        read,
        shown,
        lenient: undefined == Undefined::Lenient,
        addition,
        outputs: document.outputs.clone().unwrap_or_default(),
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
        warnings: {
            let parameters = document.parameters.as_ref();
            let misses = parameters.map(near_misses).unwrap_or_default();
            findings.warnings.into_iter().chain(misses).collect()
        },
    })
}

struct Compiler<'a> {
    template: crate::document::TemplateOptions,
    known: Known<'a>,
    findings: &'a mut Findings,
    /// The tokens left for its templates.
    tokens: &'a mut usize,
}

impl Compiler<'_> {
    /// A message, or `None` where a template does not compile.
    fn message(&mut self, index: usize, message: &Message) -> Result<Option<CompiledMessage>> {
        let pointer = Pointer::root().key("messages").item(index).key("content");
        let place = TemplatePlace {
            message: index,
            pointer,
        };
        let body = match (&message.content, message.placeholder()) {
            (_, Some(input)) => {
                self.findings.read(input, &place);
                Some(MessageBody::Placeholder(input.to_owned()))
            }
            (Content::Text(text), None) => self
                .compile(text, place)?
                .map(|template| MessageBody::Text(Box::new(template))),
            (Content::Parts(parts), None) => self.parts(parts, &place)?.map(MessageBody::Parts),
        };
        let compiled = |body| CompiledMessage {
            role: message.role,
            name: message.name.clone(),
            body,
        };
        Ok(body.map(compiled))
    }

    fn parts(
        &mut self,
        parts: &[Part],
        place: &TemplatePlace,
    ) -> Result<Option<Vec<CompiledPart>>> {
        let mut compiled = Vec::with_capacity(parts.len());
        for (index, part) in parts.iter().enumerate() {
            let at = |key| TemplatePlace {
                message: place.message,
                pointer: place.pointer.item(index).key(key),
            };
            compiled.push(match part {
                Part::Text { text } => self.compile(text, at("text"))?.map(CompiledPart::Text),
                Part::Image { image } => self.compile(image, at("image"))?.map(CompiledPart::Image),
                Part::Other(_) => None,
            });
        }
        Ok(compiled.into_iter().collect())
    }

    fn compile(&mut self, source: &str, place: TemplatePlace) -> Result<Option<PlacedTemplate>> {
        let Self {
            findings, tokens, ..
        } = self;
        PlacedTemplate::compile(source, self.template, place, findings, self.known, tokens)
    }
}

/// The error of a compile: the code of the gravest issue, and the place of the first.
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
    messages: &[CompiledMessage],
    inputs: &mut [crate::Input],
    inferred: bool,
) -> Result<()> {
    let mut issues = Vec::new();
    for message in messages {
        let MessageBody::Placeholder(name) = &message.body else {
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
