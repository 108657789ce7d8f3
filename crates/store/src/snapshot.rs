//! Every prompt of a project under one tag, for apps to ship.

use std::collections::BTreeMap;

use cuecard_prompt::{Code, Error, Result, Selector, Slug, Tag, Version};
use serde::Serialize;

use crate::Store;
use crate::change::project_revision;
use crate::context::{Principal, Revision};
use crate::list::PromptFilter;
use crate::lookup::version_number;
use crate::page::Limit;
use crate::project_slug::ProjectSlug;
use crate::prompts::PromptInfo;
use crate::resolve::version_of;
use crate::sql::{Sql, params};
use crate::time::Timestamp;

/// The largest snapshot, in bytes of its documents.
const MAX_BYTES: usize = 32 << 20;

/// The prompts that readers of a project would get at one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// The format of the rest: 1.
    pub format: u32,
    /// The project.
    pub project: ProjectSlug,
    /// The project's revision at that moment.
    pub revision: Revision,
    /// The tag, or `latest`.
    pub tag: String,
    /// When it was taken.
    pub created_at: Timestamp,
    /// The prompts that have the tag, by slug; shared ones of other projects too.
    pub prompts: Vec<SnapshotPrompt>,
}

/// A prompt in a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SnapshotPrompt {
    /// The version.
    #[serde(flatten)]
    pub version: Version,
    /// How it was found.
    pub resolved: ResolvedBy,
    /// The prompt's entry in lists, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<PromptInfo>,
}

/// How a version was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResolvedBy {
    /// The tag; `None` for `latest` and for a version's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<Tag>,
    /// [`Resolved::revision`](crate::Resolved::revision)
    pub revision: Revision,
}

impl<S: Sql> Store<S> {
    /// Takes a snapshot under a tag or `latest`.
    ///
    /// # Errors
    /// `selector_conflict` (a version's number means nothing here), `limit_exceeded` (32 MiB)
    pub fn snapshot(
        &self,
        actor: &Principal,
        selector: &Selector,
        now: Timestamp,
    ) -> Result<Snapshot> {
        let project = actor.project_id;
        let (tag, rows) = match selector {
            Selector::Version(_) => {
                let detail = "a snapshot is of a tag or of `latest`";
                return Err(Error::new(Code::SelectorConflict, detail));
            }
            Selector::Latest => (
                None,
                self.sql.exec(
                    "SELECT p.id, p.slug, p.head, p.head_revision FROM prompts p
                        WHERE p.project = ? AND p.deleted_at IS NULL
                    UNION ALL
                    SELECT p.id, p.shared_as, p.head, p.head_revision FROM prompts p
                        WHERE p.shared = 1 AND p.project <> ? AND p.deleted_at IS NULL
                        AND NOT EXISTS (SELECT 1 FROM prompts o WHERE o.project = ? AND o.slug = p.shared_as)
                    ORDER BY 2",
                    params![project, project, project],
                )?,
            ),
            Selector::Tag(tag) => (
                Some(tag),
                self.sql.exec(
                    "SELECT p.id, t.slug, t.version, t.revision FROM tags t JOIN prompts p ON p.id = t.prompt
                        WHERE t.project = ? AND t.tag = ? AND p.deleted_at IS NULL
                    UNION ALL
                    SELECT p.id, p.shared_as, t.version, t.revision FROM prompts p
                        JOIN tags t ON t.prompt = p.id AND t.tag = ?
                        WHERE p.shared = 1 AND p.project <> ? AND p.deleted_at IS NULL
                        AND NOT EXISTS (SELECT 1 FROM prompts o WHERE o.project = ? AND o.slug = p.shared_as)
                    ORDER BY 2",
                    params![project, tag.as_str(), tag.as_str(), project, project],
                )?,
            ),
        };
        let mut bytes = 0;
        let prompts = rows.into_iter().map(|mut row| {
            let prompt = row.int()?;
            let slug = Slug::parse(row.text()?)?;
            let number = version_number(&mut row)?;
            let revision = row.int()?;
            let stored = version_of(&self.sql, prompt, &slug, number)?;
            bytes += stored.bytes;
            if bytes > MAX_BYTES {
                let detail = format!("a snapshot has at most {MAX_BYTES} bytes of documents");
                return Err(Error::new(Code::LimitExceeded, detail));
            }
            let resolved = ResolvedBy {
                tag: tag.cloned(),
                revision,
            };
            Ok(SnapshotPrompt {
                version: stored.version,
                resolved,
                about: None,
            })
        });
        Ok(Snapshot {
            format: 1,
            project: actor.project.clone(),
            revision: project_revision(&self.sql, actor)?,
            tag: selector.to_string(),
            created_at: now,
            prompts: prompts.collect::<Result<_>>()?,
        })
    }

    /// The same, with each prompt's entry in lists.
    ///
    /// # Errors
    /// Those of [`Store::snapshot`]
    pub fn snapshot_with_infos(
        &self,
        actor: &Principal,
        selector: &Selector,
        now: Timestamp,
    ) -> Result<Snapshot> {
        let mut snapshot = self.snapshot(actor, selector, now)?;
        let tag = match selector {
            Selector::Tag(tag) => Some(tag),
            Selector::Latest | Selector::Version(_) => None,
        };
        let filter = PromptFilter {
            tag,
            ..PromptFilter::default()
        };
        let mut infos = BTreeMap::new();
        let mut after = None;
        loop {
            let page = self.prompts(actor, &filter, after.as_ref(), Limit::MAX)?;
            infos.extend(page.items.into_iter().map(|info| (info.slug.clone(), info)));
            if page.next.is_none() {
                break;
            }
            after = page.next;
        }
        for prompt in &mut snapshot.prompts {
            prompt.about = infos.remove(&prompt.version.slug);
        }
        Ok(snapshot)
    }
}
