//! The static check of templates: undeclared names, attributes that a schema does not have, unknown filters and
//! tests, and inputs that nothing reads.

mod shape;
pub(crate) mod template;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::document::{Input, Reader, Type};
use crate::error::{At, Code, Error, Issue, Result};
use crate::issue;
use crate::jinja::Dialect;
use crate::json::Pointer;
use crate::schema::Schema;
use crate::suggest::suggest;

pub(crate) use shape::{AttributeShape, Shape};

/// A template and its place in the document.
#[derive(Clone, Debug)]
pub(crate) struct TemplatePlace {
    /// Index of the message.
    pub(crate) message: usize,
    /// Pointer to the template's text.
    pub(crate) pointer: Pointer,
}

impl TemplatePlace {
    /// Where the template starts: the place of an error of the template as a whole.
    pub(crate) fn start(&self) -> At {
        At {
            message: u32::try_from(self.message).ok(),
            line: 1,
            column: 1,
        }
    }

    /// The same error with its message.
    pub(crate) fn locate(&self, error: Error) -> Error {
        let message = u32::try_from(self.message).ok();
        match error.at() {
            Some(at) => error.with_at(At { message, ..at }),
            None => error,
        }
    }
}

/// What templates read and do.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) reads: Vec<NameRead>,
    /// Problems that stop a compile.
    pub(crate) errors: Vec<Issue>,
    /// Problems that do not.
    pub(crate) warnings: Vec<Issue>,
}

/// One read of a name.
#[derive(Debug)]
pub(crate) struct NameRead {
    pub(crate) name: String,
    pub(crate) how: How,
    pub(crate) pointer: Pointer,
    /// `None` for a name that is looked up, but never read.
    pub(crate) at: Option<At>,
}

/// How a name is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum How {
    /// A plain read: the value must be there.
    Plain,
    /// A truth test: an optional input that is left out is false.
    Tested,
    /// A read under `is defined`, `default` or the like.
    Guarded,
    /// A read of a name that a `set` may have given another value.
    Perhaps,
    /// A read of one of Jinja2's globals, which an input of that name would replace.
    Global,
}

/// What the check knows of a prompt's inputs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    /// The declared inputs, or `None` where they are to be inferred.
    pub(crate) inputs: Option<&'a [Input]>,
    /// The declared inputs with their compiled schemas.
    pub(crate) declared: &'a [(&'a Input, Option<Arc<Schema>>)],
    /// The places of the declared inputs by name.
    pub(crate) places: &'a BTreeMap<&'a str, usize>,
    /// Whether undefined values stop a render.
    pub(crate) strict: bool,
    /// Whether templates can name the demonstrations.
    pub(crate) demonstrations: bool,
    /// The dialect, which decides the globals.
    pub(crate) dialect: Dialect,
}

impl<'a> Known<'a> {
    /// The declared input of a name, with its compiled schema.
    pub(crate) fn input(&self, name: &str) -> Option<&'a (&'a Input, Option<Arc<Schema>>)> {
        self.declared.get(*self.places.get(name)?)
    }
}

/// The name by which templates read the demonstrations.
pub(crate) const DEMONSTRATIONS: &str = "demonstrations";

impl Findings {
    /// The most errors, and the most warnings, that are reported.
    const MAX: usize = Reader::MAX_ISSUES;
    /// The most warnings about attributes with a suggestion.
    const SUGGESTIONS: usize = 20;

    /// Whether a warning still has a suggestion: comparing a name with all others takes as long as the rest of its check.
    pub(crate) fn suggests(&self) -> bool {
        self.warnings.len() < Self::SUGGESTIONS
    }

    /// Notes a problem that stops a compile; it is built only if it will be reported.
    pub(crate) fn error(&mut self, issue: impl FnOnce() -> Issue) {
        if self.errors.len() < Self::MAX {
            self.errors.push(issue());
        }
    }

    /// Notes a problem that does not stop a compile.
    pub(crate) fn warning(&mut self, issue: impl FnOnce() -> Issue) {
        if self.warnings.len() < Self::MAX {
            self.warnings.push(issue());
        }
    }

    /// Whether a template names the demonstrations.
    pub(crate) fn places_demonstrations(&self) -> bool {
        self.reads.iter().any(|read| read.name == DEMONSTRATIONS)
    }

    /// The read of a placeholder, whose content is the name.
    pub(crate) fn read(&mut self, name: &str, place: &TemplatePlace) {
        self.reads.push(NameRead {
            name: name.to_owned(),
            how: How::Plain,
            pointer: place.pointer.clone(),
            at: Some(place.start()),
        });
    }

    /// Notes a template that does not compile.
    pub(crate) fn broken(&mut self, place: &TemplatePlace, error: &Error) {
        let code = match error.code() {
            Code::TemplateInclude => issue::INCLUDE,
            _ => issue::SYNTAX,
        };
        let mut issue = Issue::new(code, &place.pointer, error.detail());
        issue.at = error.at();
        self.error(|| issue);
    }

    /// The names that are read.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        // A loop, not `collect`: that would sort first, with more code in the wasm for each kind of set.
        let mut names = BTreeSet::new();
        names.extend(self.reads.iter().map(|read| read.name.as_str()));
        names
    }

    /// Compares what is read with what is declared.
    pub(crate) fn compare(&mut self, known: Known<'_>) {
        let Some(inputs) = known.inputs else { return };
        let reads = std::mem::take(&mut self.reads);
        for read in &reads {
            let declared = known.input(&read.name);
            let own = known.demonstrations && read.name == DEMONSTRATIONS;
            match declared {
                None if !own && matches!(read.how, How::Plain | How::Tested | How::Guarded) => {
                    self.error(|| {
                        let message =
                            format!("no input is declared under the name `{}`", read.name);
                        let names = inputs.iter().map(|input| input.name.as_str());
                        let mut issue = Issue::new(issue::UNDEFINED_NAME, &read.pointer, message);
                        issue.suggestion = suggest(&read.name, names);
                        issue.at = read.at;
                        issue
                    });
                }
                Some((input, _)) if known.strict && read.how == How::Plain => {
                    let optional = !input.is_required() && input.default.is_none();
                    if optional && input.r#type != Type::Messages {
                        self.warning(|| {
                            let name = &read.name;
                            let message = format!(
                                "`{name}` can be left out: read it under `if` or with `default`"
                            );
                            let mut issue =
                                Issue::new(issue::UNGUARDED_INPUT, &read.pointer, message);
                            issue.at = read.at;
                            issue
                        });
                    }
                }
                _ => {}
            }
        }
        self.reads = reads;
        let read = self.names();
        let is_read = |input: &Input| read.contains(input.name.as_str());
        let unread: Vec<_> = inputs
            .iter()
            .enumerate()
            .filter(|(_, input)| !is_read(input))
            .collect();
        for (index, input) in unread {
            let at = Pointer::root().key("inputs").item(index);
            let message = format!("no template reads `{}`", input.name);
            self.warning(|| Issue::new(issue::UNUSED_INPUT, &at, message));
        }
    }

    /// Jinja2's globals that templates read and that no input replaces.
    pub(crate) fn globals(&self) -> BTreeSet<&str> {
        let globals = self.reads.iter().filter(|read| read.how == How::Global);
        let mut names = BTreeSet::new();
        names.extend(globals.map(|read| read.name.as_str()));
        names
    }

    /// The inputs that templates ask for, in the order of their first read: every name that Jinja2 would look up. Those
    /// that a template needs are required.
    ///
    /// # Errors
    /// `limit_exceeded` where there are more than a document may declare
    pub(crate) fn infer(&self, known: Known<'_>) -> Result<Vec<Input>> {
        let mut inputs: Vec<Input> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for read in self.reads.iter().filter(|read| read.how != How::Global) {
            if known.demonstrations && read.name == DEMONSTRATIONS {
                continue;
            }
            let required = matches!(read.how, How::Plain | How::Tested);
            let place = *places.entry(&read.name).or_insert(inputs.len());
            let full = inputs.len() == Input::MAX_INPUTS;
            match inputs.get_mut(place) {
                Some(input) if required => input.required = None,
                Some(_) => {}
                None if full => {
                    let detail =
                        format!("the templates read more than {} names", Input::MAX_INPUTS);
                    return Err(Error::new(Code::LimitExceeded, detail));
                }
                None => {
                    let required = (!required).then_some(false);
                    inputs.push(Input {
                        required,
                        ..Input::new(read.name.clone(), Type::Any)
                    });
                }
            }
        }
        Ok(inputs)
    }
}
