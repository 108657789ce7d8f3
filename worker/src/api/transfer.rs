//! Import and export of prompts of other systems.

use cuecard_prompt::{Document, Imported, Result, System};
use cuecard_store::{Commit, Context, PromptPatch, Sql};
use serde_json::json;

use super::body;
use super::call::ApiCall;
use super::query::Param;
use super::reply::Reply;
use super::versions::{committed_with, etag};

/// Commits a prompt that another system wrote.
pub(crate) fn import<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let (slug, expect) = (call.slug()?, call.expect()?);
    let from = call.query.system(Param::From)?;
    let given = body::read(call.request)?;
    let system = from.unwrap_or_else(|| System::detect(&given));
    let Imported {
        document,
        slug: name,
        commit_message,
        losses,
    } = Document::import_from(system, given)?;
    let document = match system {
        System::Langwatch | System::Openai => document.declare_missing()?,
        _ => document,
    };
    let commit = Commit {
        slug: &slug,
        document: &document,
        message: commit_message,
        author: None,
        tags: Vec::new(),
        always: false,
        anew: false,
        beside: false,
        about: PromptPatch::default(),
        expect,
    };
    let done = call.store.commit(&call.context()?, commit)?;
    if let Some(alias) = name.filter(|name| system == System::Openai && is_alias(name)) {
        let context = Context {
            idempotency: None,
            ..call.context()?
        };
        call.store.put_alias(&context, &alias, &slug)?;
    }
    committed_with(&done, &[("lost", json!(losses))])
}

/// Whether a name can go on standing for the prompt: `pmpt_…`.
fn is_alias(name: &str) -> bool {
    let ok = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    (1..=100).contains(&name.len()) && name.bytes().all(ok)
}

/// A version as another system writes it.
pub(crate) fn export<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let slug = call.slug()?;
    let to = call.query.required_system(Param::To)?;
    let selector = call.query.selector()?.unwrap_or_default();
    let resolved = call.store.resolve(call.actor, &slug, &selector)?;
    let exported = resolved.version.document.export_to(to)?;
    let answer = json!({
        "slug": slug,
        "version": resolved.version.version,
        "prompt": exported.value,
        "lost": exported.losses,
    });
    Ok(Reply::json(200, &answer)?.etag(&etag(&resolved)))
}
