//! Every prompt of a project as another system writes it, for that system's lists of whole prompts.
//!
//! What is written of a prompt's newest version is kept, since making it takes longer than all else that such a list
//! does. It is made when the version is committed, and again when a list finds none, or one that other code made.

use cuecard_prompt::{Code, Document, Error, Prompt, Result, Selector, System, VersionNumber};

use crate::Store;
use crate::change::Change;
use crate::context::Principal;
use crate::lookup::{StoredVersion, version_columns};
use crate::prompts::{PromptInfo, prompt_columns};
use crate::snapshot::{Snapshot, SnapshotHead, each_of, told_of, wanted};
use crate::sql::{Sql, params};
use crate::time::Timestamp;

/// The code that writes: its release, and a number for changes between two releases.
const MAKER: &str = concat!(env!("CARGO_PKG_VERSION"), "+2");

/// The system whose list holds whole prompts.
const LISTED: System = System::Langwatch;

/// The longest text that is kept: a row of a Durable Object has at most 2 MB.
const MAX_BYTES: usize = 1 << 20;

impl<S: Sql> Store<S> {
    /// Takes a [`Snapshot`] with each prompt's entry in lists, whose versions have, in place of their content, one
    /// member `prompt`: the content as a system writes it.
    ///
    /// # Errors
    /// Those of [`Store::snapshot`]
    pub fn exports(
        &self,
        actor: &Principal,
        selector: &Selector,
        to: System,
        now: Timestamp,
    ) -> Result<Snapshot> {
        self.taken(actor, selector, now, |heads| self.exported(heads, to))
    }

    fn exported(
        &self,
        heads: &[SnapshotHead],
        to: System,
    ) -> Result<Vec<(StoredVersion, Option<PromptInfo>)>> {
        let query = concat!(
            "SELECT h.key, e.prompt IS NOT NULL, ",
            prompt_columns!(),
            ", ",
            version_columns!("coalesce(e.content, v.document)"),
            " FROM json_each(?) h CROSS JOIN prompts p ON p.id = h.value ->> 0
                CROSS JOIN versions v ON v.prompt = p.id AND v.version = h.value ->> 1
                LEFT JOIN exports e ON e.prompt = p.id AND e.system = ? AND e.version = v.version AND e.maker = ?"
        );
        let values = params![wanted(heads).as_str(), to.as_str(), MAKER];
        let rows = self.sql.exec(query, values)?.into_iter();
        let exported = each_of(heads, rows)?.map(|found| {
            let (head, mut row) = found?;
            let is_kept = row.int::<i64>()? == 1;
            let about = told_of(head, &mut row)?;
            let mut stored = head.version_in(row)?;
            let content = &mut stored.version.document;
            if !is_kept {
                *content = written(&serde_json::from_str(content).map_err(unreadable)?, to)?;
                // Best effort: it is made again the next time.
                let _ = keep(&self.sql, head.prompt, head.version, to, content);
            }
            *content = format!("{{\"prompt\":{content}}}");
            Ok((stored, Some(about)))
        });
        exported.collect()
    }
}

impl<S: Sql> Change<'_, S> {
    /// Keeps the [`export`] of a new version, if it is made.
    pub(crate) fn keep_export(
        &self,
        prompt: i64,
        version: VersionNumber,
        export: Option<&str>,
    ) -> Result<()> {
        match export {
            Some(export) => keep(self.sql, prompt, version, LISTED, export),
            None => Ok(()),
        }
    }
}

/// A compiled document as the listed system writes it.
pub(crate) fn export(document: &Document, prompt: &Prompt) -> Result<String> {
    let mut document = document.clone();
    // They need not be inferred a second time.
    document
        .inputs
        .get_or_insert_with(|| prompt.inputs().to_vec());
    written(&document, LISTED)
}

fn written(document: &Document, to: System) -> Result<String> {
    Ok(document.write_as(to)?.to_string())
}

fn keep<S: Sql>(
    sql: &S,
    prompt: i64,
    version: VersionNumber,
    to: System,
    content: &str,
) -> Result<()> {
    if content.len() > MAX_BYTES {
        return Ok(());
    }
    let query = "INSERT OR REPLACE INTO exports (prompt, system, version, maker, content) VALUES (?, ?, ?, ?, ?)";
    sql.exec(query, params![prompt, to.as_str(), version, MAKER, content])?;
    Ok(())
}

fn unreadable(_: serde_json::Error) -> Error {
    Error::new(Code::Internal, "a stored document cannot be read")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use serde_json::Value;
    use sha2::{Digest, Sha256};

    use super::*;

    /// The SHA-256 of what is written of the prompts in `tests/fixtures`, and the number that stands for it.
    const WRITTEN: (&str, &str) = (
        "2",
        "3b6852a3c937c0ab4d2370575ee626e056c15c58911a42ac362596fd21442ca6",
    );

    #[test]
    fn the_number_changes_with_what_is_written() {
        let mut hash = Sha256::new();
        for (folder, member) in [("render", "prompt"), ("documents/import", "document")] {
            let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
            let files = fs::read_dir(fixtures.join(folder)).unwrap();
            let files = files.map(|file| file.unwrap().path());
            let mut files: Vec<_> = files
                .filter(|file| file.extension() == Some("json".as_ref()))
                .collect();
            files.sort();
            for file in &files {
                let text = fs::read_to_string(file).unwrap();
                let fixture: Value = serde_json::from_str(&text).unwrap();
                let document = Document::from_value(fixture[member].clone()).unwrap();
                hash.update(written(&document, LISTED).unwrap());
            }
        }
        let (_, number) = MAKER.split_once('+').unwrap();
        let now = (number, format!("{:x}", hash.finalize()));
        let kept = (WRITTEN.0, WRITTEN.1.to_owned());
        assert_eq!(
            now, kept,
            "what is kept in stores is outdated: raise the number of `MAKER`, and write both here"
        );
    }
}
