//! Imports a prompt's whole history from another system, in one request.

use cuecard_prompt::{Code, Document, Error, Result, System, Tag, VersionNumber};
use cuecard_store::{Import, ImportedVersion, Sql};
use serde_json::{Value, json};

use super::body::{self, BodyFields, Read, object, parsed, text, version};
use super::call::ApiCall;
use super::manage::{insert, time, to_value};
use super::query::Param;
use super::reply::Reply;

/// Takes over numbers, dates, authors, messages and tags; with `dryRun` it only reports them, with the documents.
pub(crate) fn import<S: Sql>(call: &ApiCall<'_, S>) -> Result<Reply> {
    let slug = call.slug()?;
    let from = call.query.system(Param::From)?;
    let mut fields = BodyFields::of(body::read(call.request)?)?;
    let versions = fields.required("versions", |value| {
        Ok(value.as_array().ok_or("a list of versions")?.clone())
    });
    let tags = fields.optional("tags", pointers).unwrap_or_default();
    let description = fields.optional("description", text(4000));
    let dry_run = fields.optional("dryRun", flag).unwrap_or_default();
    let versions = fields.finish(versions)?;
    check_size(call, versions.len(), from)?;
    let versions = versions.into_iter().map(|version| read(version, from));
    let (versions, losses): (Vec<_>, Vec<_>) =
        versions.collect::<Result<Vec<_>>>()?.into_iter().unzip();
    let import = Import {
        slug,
        versions,
        tags,
        description,
        dry_run,
    };
    let done = call.store.import(&call.context()?, &import)?;
    let mut answer = to_value(&done.value)?;
    let told = import.versions.iter().zip(losses).map(|(version, lost)| {
        let mut told = json!({ "version": version.version, "lost": lost });
        if dry_run {
            insert(&mut told, "document", json!(version.document));
        }
        told
    });
    insert(&mut answer, "versions", told.collect());
    Ok(Reply::json(200, &answer)?.replayed(done.replayed))
}

/// The most bytes of several versions in another language, which are translated.
const MAX_TRANSLATED: usize = 256 << 10;

/// What several versions may cost together; one version has limits of its own.
fn check_size<S: Sql>(call: &ApiCall<'_, S>, versions: usize, from: Option<System>) -> Result<()> {
    let detail = if versions > Import::MAX_VERSIONS {
        format!("an import has at most {} versions", Import::MAX_VERSIONS)
    } else if versions > 1
        && from == Some(System::Langwatch)
        && call.request.body.len() > MAX_TRANSLATED
    {
        let kibibytes = MAX_TRANSLATED >> 10;
        format!("an import of several versions in Liquid has at most {kibibytes} KiB")
    } else {
        return Ok(());
    };
    let detail = format!("{detail}: send the others in another request");
    Err(Error::new(Code::LimitExceeded, detail))
}

/// One version, and the members that have no place in a document.
fn read(given: Value, from: Option<System>) -> Result<(ImportedVersion, Value)> {
    let mut fields = BodyFields::of(given)?;
    let number = fields.required("version", version);
    let document = fields.required("document", object);
    let message = fields.optional("commitMessage", text(4000));
    let author = fields.optional("author", text(200));
    let created_at = fields.optional("createdAt", time);
    let (version, document) = fields.finish(number.zip(document))?;
    let (document, losses, its_message) = match from {
        None => (Document::from_value(document)?, Vec::new(), None),
        Some(system) => {
            let imported = Document::import_from(system, document)?;
            let document = match system {
                System::Langwatch => imported.document.declare_missing()?,
                _ => imported.document,
            };
            (document, imported.losses, imported.commit_message)
        }
    };
    let version = ImportedVersion {
        version,
        document,
        message: message.or(its_message),
        author,
        created_at,
    };
    Ok((version, json!(losses)))
}

/// Tag → version.
fn pointers(value: &Value) -> Read<Vec<(Tag, VersionNumber)>> {
    let members = value.as_object().ok_or("an object: tag → version")?;
    let pairs = members.iter().map(|(tag, number)| {
        let tag = parsed(Tag::parse)(&json!(tag))?;
        Ok((tag, version(number)?))
    });
    pairs.collect()
}

fn flag(value: &Value) -> Read<bool> {
    value.as_bool().ok_or_else(|| "true or false".to_owned())
}
