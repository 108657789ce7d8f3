//! Removal of versions: the number stays used.

use cuecard_prompt::{Code, Error, Result, Slug, VersionNumber};
use serde_json::json;

use crate::Store;
use crate::change::{Change, Visibility};
use crate::context::{Context, Done, KeyRole};
use crate::lookup::{self, no_version, version_number};
use crate::sql::{Sql, first, only, params};

impl<S: Sql> Store<S> {
    /// Removes a version that no tag points to, for good. Its number is not given again; `latest` moves to the highest
    /// that is left. The only version cannot be removed without its prompt, so the prompt goes with it.
    ///
    /// # Errors
    /// `prompt_not_found`, `version_not_found`, `version_in_use`, `not_owner`, `role_required` (write),
    /// `idempotency_mismatch`
    pub fn remove_version(
        &self,
        ctx: &Context<'_>,
        slug: &Slug,
        version: VersionNumber,
    ) -> Result<Done<()>> {
        self.change(ctx, KeyRole::Write, "version.remove", |change| {
            let found = lookup::writable(change.sql, ctx.actor, slug)?;
            change.require_version(found.id, slug, version)?;
            let at = params![found.id, version];
            let query = "SELECT group_concat(tag, ', ') FROM tags WHERE prompt = ? AND version = ?";
            if let Some(tags) = only(change.sql, query, at)?.opt_text()? {
                let detail = format!("version {version} of `{slug}` has tags: {tags}");
                return Err(Error::new(Code::VersionInUse, detail));
            }
            let query = "SELECT version, hash, revision FROM versions
                WHERE prompt = ? AND version <> ? ORDER BY version DESC LIMIT 1";
            let mut newest = first(change.sql, query, at)?.ok_or_else(|| {
                let detail = format!("`{slug}` has no other version: delete the prompt");
                Error::new(Code::VersionInUse, detail)
            })?;
            let (head, hash, committed) = (version_number(&mut newest)?, newest.text()?, newest.int()?);
            change.sql.exec("DELETE FROM versions WHERE prompt = ? AND version = ?", at)?;
            let query = "UPDATE prompts SET removed = json_insert(removed, '$[#]', CAST(? AS INTEGER)) WHERE id = ?";
            change.sql.exec(query, params![version, found.id])?;
            let visibility = Visibility::of(found.shared);
            let detail = json!({ "version": version });
            let info = change.announce(slug, &found, "version.remove", detail, visibility)?;
            // Readers that have the version must ask again.
            change.rebind(info.revision, visibility)?;
            if version == found.head {
                let committed: crate::Revision = committed;
                change.sql.exec(
                    "UPDATE prompts SET head = ?, head_hash = ?, head_revision = ?, latest_revision = ? WHERE id = ?",
                    params![head, hash, committed, info.revision, found.id],
                )?;
            }
            Ok(())
        })
    }
}

impl<S: Sql> Change<'_, S> {
    /// A version that exists.
    pub(crate) fn require_version(
        &self,
        prompt: i64,
        slug: &Slug,
        version: VersionNumber,
    ) -> Result<()> {
        let query = "SELECT 1 FROM versions WHERE prompt = ? AND version = ?";
        first(self.sql, query, params![prompt, version])?
            .map(drop)
            .ok_or_else(|| no_version(slug, version))
    }
}
