//! From inputs to messages.

use serde_json::Value;

use super::demonstrate::{DemonstrationPair, ShownDemonstrations};
use super::{CompiledMessage, CompiledPart, MessageBody, Prompt, RenderOptions};
use crate::check::DEMONSTRATIONS;
use crate::document::{Content, Part, Reader, Role};
use crate::error::{Code, Error, Result};
use crate::image::is_image;
use crate::inputs::{self, Conversation, Fitted};
use crate::jinja::{Limits, LocalTime};
use crate::json::Pointer;
use crate::rendered_message::RenderedMessage;
use crate::template::{PlacedTemplate, RenderContext};
use crate::turn;

/// The most bytes of a rendered prompt's texts, without those of placeholders.
pub(crate) const MAX_OUTPUT: usize = 4 << 20;

pub(super) fn messages(
    prompt: &Prompt,
    inputs: &Value,
    options: RenderOptions,
) -> Result<Vec<RenderedMessage>> {
    messages_of(prompt, prompt.reader.fit_json(inputs)?, options)
}

/// [`messages`] of inputs that have been checked.
pub(super) fn messages_of(
    prompt: &Prompt,
    fitted: Fitted<'_>,
    options: RenderOptions,
) -> Result<Vec<RenderedMessage>> {
    let Fitted {
        values,
        conversations,
        work,
    } = fitted;
    let mut limits = options.limits();
    limits.spend(work)?;
    let mut context = RenderContext::default();
    let names: Vec<_> = values.iter().map(|(name, _)| name.as_ref()).collect();
    leave_out(prompt, &names, &mut context);
    for (name, value) in values {
        if prompt.read.contains(name.as_ref()) {
            context.set_value(&name, value);
        }
    }
    write(prompt, context, conversations, options.now, limits)
}

fn leave_out(prompt: &Prompt, given: &[&str], context: &mut RenderContext) {
    if given.len() < prompt.inputs.len() {
        let names = prompt.inputs.iter().map(|input| input.name.as_str());
        for name in names.filter(|name| !given.contains(name)) {
            context.leave_out(name, prompt.lenient);
        }
    }
}

fn write(
    prompt: &Prompt,
    mut context: RenderContext,
    conversations: Vec<Conversation<'_>>,
    now: Option<LocalTime>,
    limits: Limits,
) -> Result<Vec<RenderedMessage>> {
    if let ShownDemonstrations::Placed(rows) = &prompt.shown {
        context.set(DEMONSTRATIONS, rows);
    }
    let mut render = Render {
        prompt,
        conversations,
        left: MAX_OUTPUT,
        now,
        limits,
        messages: Vec::new(),
        placed: Vec::new(),
    };
    let instructions = prompt.messages.iter();
    let instructions = instructions
        .take_while(|message| is_instruction(message.role))
        .count();
    let (before, after) = prompt
        .messages
        .split_at_checked(instructions)
        .unwrap_or((&prompt.messages, &[]));
    render.messages(before, &context)?;
    if let ShownDemonstrations::Pairs { inputs, pairs } = &prompt.shown {
        for pair in pairs {
            render.pair(pair, inputs, &context)?;
        }
    }
    render.messages(after, &context)?;
    let mut messages = render.messages;
    if let Some(addition) = &prompt.addition {
        add(&mut messages, addition);
    }
    Ok(messages)
}

fn is_instruction(role: Role) -> bool {
    matches!(role, Role::System | Role::Developer)
}

/// Adds a paragraph to the first message with instructions, or makes one.
fn add(messages: &mut Vec<RenderedMessage>, addition: &str) {
    match messages
        .iter_mut()
        .find(|message| is_instruction(message.role))
    {
        Some(message) => match &mut message.content {
            Content::Text(text) => {
                text.push_str("\n\n");
                text.push_str(addition);
            }
            Content::Parts(parts) => parts.push(Part::Text {
                text: addition.to_owned(),
            }),
        },
        None => {
            let content = Content::from(addition);
            messages.insert(
                0,
                RenderedMessage {
                    role: Role::System,
                    content,
                    ..RenderedMessage::default()
                },
            );
        }
    }
}

struct Render<'a> {
    prompt: &'a Prompt,
    conversations: Vec<Conversation<'a>>,
    left: usize,
    now: Option<LocalTime>,
    /// The limits left for the templates, which share those of one render.
    limits: Limits,
    messages: Vec<RenderedMessage>,
    /// The inputs whose messages stand there.
    placed: Vec<&'a str>,
}

impl<'a> Render<'a> {
    fn messages(&mut self, messages: &'a [CompiledMessage], context: &RenderContext) -> Result<()> {
        for message in messages {
            if let MessageBody::Placeholder(input) = &message.body {
                self.placeholder(input)?;
            } else {
                let content = self.content(&message.body, context)?;
                let (role, name) = (message.role, message.name.clone());
                self.messages.push(RenderedMessage {
                    role,
                    content,
                    name,
                    ..RenderedMessage::default()
                });
            }
        }
        Ok(())
    }

    /// The messages of an input; they were checked with the inputs. Those that stand at several places are paid for, as
    /// the limits of inputs count them once.
    fn placeholder(&mut self, input: &'a str) -> Result<()> {
        let mut conversations = self.conversations.iter_mut();
        let Some(conversation) = conversations.find(|conversation| conversation.name == input)
        else {
            return Ok(());
        };
        let Some(items) = conversation.items.as_array() else {
            return Ok(());
        };
        if self.placed.contains(&input) {
            self.limits.spend(inputs::work_of(&conversation.items))?;
        } else {
            self.placed.push(input);
        }
        let messages = conversation.read.take().unwrap_or_else(|| {
            let (mut reader, at) = (Reader::default(), Pointer::root());
            turn::read_all(&mut reader, items, &at, turn::SPEAKERS)
        });
        self.messages.extend(messages);
        Ok(())
    }

    /// The prompt's own user messages with a row's inputs, as one, and the row's answer. A column that the row leaves
    /// empty is not filled from the call's inputs.
    fn pair(
        &mut self,
        pair: &DemonstrationPair,
        columns: &[String],
        context: &RenderContext,
    ) -> Result<()> {
        self.limits.spend(context.len() + pair.inputs.len())?;
        let mut context = context.without(columns);
        let optional = self
            .prompt
            .inputs
            .iter()
            .filter(|input| !input.is_required());
        for input in optional.filter(|input| columns.contains(&input.name)) {
            context.leave_out(&input.name, self.prompt.lenient);
        }
        for (name, value) in &pair.inputs {
            context.set(name, value);
        }
        let users = self
            .prompt
            .messages
            .iter()
            .filter(|message| message.role == Role::User);
        let contents: Vec<_> = users
            .map(|message| self.content(&message.body, &context))
            .collect::<Result<_>>()?;
        let answer = Content::from(pair.answer.as_str());
        for (role, content) in [(Role::User, join(contents)), (Role::Assistant, answer)] {
            self.messages.push(RenderedMessage {
                role,
                content,
                ..RenderedMessage::default()
            });
        }
        Ok(())
    }

    fn content(&mut self, body: &MessageBody, context: &RenderContext) -> Result<Content> {
        match body {
            MessageBody::Text(template) => self.text(template, context).map(Content::Text),
            MessageBody::Parts(parts) => {
                let mut rendered = Vec::with_capacity(parts.len());
                for part in parts {
                    rendered.extend(self.part(part, context)?);
                }
                Ok(Content::Parts(rendered))
            }
            MessageBody::Placeholder(_) => Ok(Content::default()),
        }
    }

    /// A part; an image whose template prints nothing is left out.
    fn part(&mut self, part: &CompiledPart, context: &RenderContext) -> Result<Option<Part>> {
        match part {
            CompiledPart::Text(template) => Ok(Some(Part::Text {
                text: self.text(template, context)?,
            })),
            CompiledPart::Image(template) => {
                let image = self.text(template, context)?;
                if image.is_empty() {
                    Ok(None)
                } else if is_image(&image) {
                    Ok(Some(Part::Image { image }))
                } else {
                    let detail = "an image is an https URL or a data:image/…;base64, URL";
                    let error = Error::new(Code::RenderFailed, detail);
                    Err(error.with_at(template.place.start()))
                }
            }
        }
    }

    fn text(&mut self, template: &PlacedTemplate, context: &RenderContext) -> Result<String> {
        let text = template.render(context, self.now, &mut self.limits)?;
        match self.left.checked_sub(text.len()) {
            Some(left) => self.left = left,
            None => {
                let detail = format!("the rendered prompt is over {MAX_OUTPUT} bytes");
                return Err(Error::new(Code::LimitExceeded, detail));
            }
        }
        Ok(text)
    }
}

/// Several contents as one: texts with an empty line between them, or all parts.
fn join(contents: Vec<Content>) -> Content {
    let texts: Option<Vec<&str>> = contents
        .iter()
        .map(|content| match content {
            Content::Text(text) => Some(text.as_str()),
            Content::Parts(_) => None,
        })
        .collect();
    if let Some(texts) = texts {
        return Content::Text(texts.join("\n\n"));
    }
    let parts = contents.into_iter().flat_map(|content| match content {
        Content::Text(text) => vec![Part::Text { text }],
        Content::Parts(parts) => parts,
    });
    Content::Parts(parts.collect())
}
