//! Lists of prompts and of versions, page by page. No page costs more than its items, however deep it is.

use cuecard_prompt::{Code, Error, Result, Slug, Tag, VersionNumber};
use serde::Serialize;

use crate::Store;
use crate::context::{KeyRole, Principal, Revision};
use crate::lookup::{self, select_versions, version_number};
use crate::page::{Limit, Page};
use crate::prompts::{PromptInfo, prompt_info, select_prompts};
use crate::sql::{Sql, SqlRow, SqlValue, params};
use crate::unread::UnreadVersion;

/// Which prompts to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct PromptFilter<'a> {
    /// Only slugs with this prefix: characters of a slug.
    pub prefix: &'a str,
    /// Only prompts that have this tag.
    pub tag: Option<&'a Tag>,
    /// Deleted prompts of the project (role write), instead of the others.
    pub deleted: bool,
}

/// A version in a prompt's history.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// The version with its content, which [`HistoryEntry::write`] writes.
    #[serde(skip)]
    pub version: UnreadVersion,
    /// The tags that point to it now.
    pub tags: Vec<Tag>,
    /// The revision that made it.
    pub revision: Revision,
}

impl HistoryEntry {
    /// Writes it as JSON.
    ///
    /// # Errors
    /// `internal`
    pub fn write(&self, out: &mut String) -> Result<()> {
        self.version.write(out, self)
    }
}

/// A page of a history ends early when its documents exceed this together.
const HISTORY_BYTES: usize = 1 << 20;
/// The versions that one query fetches, so that few long documents are fetched in vain.
const HISTORY_STEP: usize = 8;

impl<S: Sql> Store<S> {
    /// The prompts that the caller can read, by slug in byte order: those of its project, and those that other projects
    /// share under a name that the project does not use itself.
    ///
    /// # Errors
    /// `query_invalid` (a prefix that no slug can have), `role_required`
    pub fn prompts(
        &self,
        actor: &Principal,
        filter: &PromptFilter<'_>,
        after: Option<&Slug>,
        limit: Limit,
    ) -> Result<Page<PromptInfo, Slug>> {
        let (from, to) = range(filter.prefix, after)?;
        let mut rows = if filter.deleted {
            actor.require(KeyRole::Write)?;
            self.own_deleted(actor, filter.tag, &from, &to, limit)?
        } else {
            self.own(actor, filter.tag, &from, &to, limit)?
        };
        if !filter.deleted {
            // Prompts beyond the own page are not on it, so the shared ones are read no further.
            let to = match rows.last() {
                Some(last) if rows.len() as i64 == limit.and_one() => last.slug.as_str(),
                _ => to.as_str(),
            };
            rows.extend(self.shared(actor, filter.tag, &from, to, limit)?);
            rows.sort_by(|a, b| a.slug.cmp(&b.slug));
        }
        Ok(Page::cut(rows, limit, |prompt| prompt.slug.clone()))
    }

    fn own(
        &self,
        actor: &Principal,
        tag: Option<&Tag>,
        from: &str,
        to: &str,
        limit: Limit,
    ) -> Result<Vec<PromptInfo>> {
        let project = actor.project_id;
        match tag {
            None => self.infos(
                select_prompts!(
                    "prompts p WHERE p.project = ? AND p.deleted_at IS NULL
                    AND p.slug >= ? AND p.slug < ? ORDER BY p.slug LIMIT ?"
                ),
                params![project, from, to, limit.and_one()],
            ),
            Some(tag) => self.infos(
                select_prompts!(
                    "tags t JOIN prompts p ON p.id = t.prompt
                    WHERE t.project = ? AND t.tag = ? AND t.slug >= ? AND t.slug < ?
                    AND p.deleted_at IS NULL ORDER BY t.slug LIMIT ?"
                ),
                params![project, tag.as_str(), from, to, limit.and_one()],
            ),
        }
    }

    fn own_deleted(
        &self,
        actor: &Principal,
        tag: Option<&Tag>,
        from: &str,
        to: &str,
        limit: Limit,
    ) -> Result<Vec<PromptInfo>> {
        let tag = tag.map(Tag::as_str);
        self.infos(
            select_prompts!(
                "prompts p WHERE p.project = ? AND p.deleted_at IS NOT NULL AND p.slug >= ? AND p.slug < ?
                AND (? IS NULL OR EXISTS (SELECT 1 FROM tags t WHERE t.prompt = p.id AND t.tag = ?))
                ORDER BY p.slug LIMIT ?"
            ),
            params![actor.project_id, from, to, tag, tag, limit.and_one()],
        )
    }

    fn shared(
        &self,
        actor: &Principal,
        tag: Option<&Tag>,
        from: &str,
        to: &str,
        limit: Limit,
    ) -> Result<Vec<PromptInfo>> {
        let (project, tag) = (actor.project_id, tag.map(Tag::as_str));
        let rows = self.infos(
            select_prompts!(
                "prompts p WHERE p.shared = 1 AND p.shared_as >= ? AND p.shared_as < ?
                AND p.project <> ? AND p.deleted_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM prompts o
                        WHERE o.project = ? AND o.slug = p.shared_as AND o.deleted_at IS NULL)
                AND (? IS NULL OR EXISTS (SELECT 1 FROM tags t WHERE t.prompt = p.id AND t.tag = ?))
                ORDER BY p.shared_as LIMIT ?"
            ),
            params![from, to, project, project, tag, tag, limit.and_one()],
        )?;
        Ok(rows.into_iter().map(PromptInfo::elsewhere).collect())
    }

    fn infos(&self, query: &str, params: &[SqlValue]) -> Result<Vec<PromptInfo>> {
        let rows = self.sql.exec(query, params)?;
        rows.into_iter().map(prompt_info).collect()
    }

    /// The versions of a prompt, newest first, below a version if one is given. A page may hold fewer than the
    /// limit where documents are long.
    ///
    /// # Errors
    /// `prompt_not_found`
    pub fn history(
        &self,
        actor: &Principal,
        slug: &Slug,
        before: Option<VersionNumber>,
        limit: Limit,
    ) -> Result<Page<HistoryEntry, VersionNumber>> {
        let found = lookup::readable(&self.sql, actor, slug)?;
        let tags = self.tags_at(found.id)?;
        let mut items: Vec<HistoryEntry> = Vec::new();
        let mut below = before.map_or(1 << 32, |before| i64::from(before.get()));
        let mut bytes = 0;
        while items.len() < limit.items() && bytes < HISTORY_BYTES && below > 1 {
            let query = select_versions!(
                "versions v WHERE v.prompt = ? AND v.version < ? ORDER BY v.version DESC LIMIT ?"
            );
            let step = (limit.items() - items.len()).min(HISTORY_STEP);
            let rows = self
                .sql
                .exec(query, params![found.id, below, step as i64])?;
            if rows.is_empty() {
                below = 1;
            }
            for row in rows {
                let stored = lookup::stored(slug, row)?;
                let number = stored.version.version;
                below = i64::from(number.get());
                bytes += stored.version.document.len();
                let here = tags.iter().filter(|(_, version)| *version == number);
                items.push(HistoryEntry {
                    version: stored.version,
                    tags: here.map(|(tag, _)| tag.clone()).collect(),
                    revision: stored.revision,
                });
            }
        }
        let oldest = items.last().map(|entry| entry.version.version);
        let next = oldest.filter(|_| below > 1);
        Ok(Page { items, next })
    }

    fn tags_at(&self, prompt: i64) -> Result<Vec<(Tag, VersionNumber)>> {
        let query = "SELECT tag, version FROM tags WHERE prompt = ? ORDER BY tag";
        let rows = self.sql.exec(query, params![prompt])?;
        let pair = |mut row: SqlRow| Ok((Tag::parse(row.text()?)?, version_number(&mut row)?));
        rows.into_iter().map(pair).collect()
    }
}

/// The slugs that begin with `prefix` and come after `after`, as `from ≤ slug < to`.
fn range(prefix: &str, after: Option<&Slug>) -> Result<(String, String)> {
    let ok = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/');
    if !prefix.bytes().all(ok) || prefix.len() > Slug::MAX_BYTES {
        let detail = "a prefix is letters, digits, `.`, `_`, `-` and `/`, at most 200 bytes";
        return Err(Error::new(Code::QueryInvalid, detail));
    }
    // `!` sorts before, DEL after every character of a slug.
    let after = after.map(|after| format!("{after}!")).unwrap_or_default();
    let from = after.max(prefix.to_owned());
    Ok((from, format!("{prefix}\x7f")))
}
