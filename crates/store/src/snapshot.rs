//! Every prompt of a project under one tag, for apps to ship.

use cuecard_prompt::{Code, Error, Result, Selector, Slug, Tag, VersionNumber};
use serde::Serialize;
use serde_json::json;

use crate::Store;
use crate::change::project_revision;
use crate::context::{Principal, Revision};
use crate::lookup::{self, StoredVersion, version_columns, version_number};
use crate::project_slug::ProjectSlug;
use crate::prompts::{PromptInfo, prompt_columns, take_info};
use crate::sql::{Sql, SqlRow, params};
use crate::time::Timestamp;
use crate::unread::{UnreadVersion, write_list};

/// The largest snapshot, in bytes of its documents.
const MAX_BYTES: usize = 32 << 20;

/// The prompts that one query fetches: few, as a snapshot may stop when they are too long together.
const STEP: usize = 16;

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
    #[serde(skip)]
    pub prompts: Vec<SnapshotPrompt>,
}

/// A prompt in a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SnapshotPrompt {
    /// The version.
    #[serde(skip)]
    pub version: UnreadVersion,
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

impl Snapshot {
    /// Its JSON.
    ///
    /// # Errors
    /// `internal`
    pub fn to_json(&self) -> Result<String> {
        let mut out = serde_json::to_string(self)
            .map_err(|_| Error::new(Code::Internal, "a snapshot cannot be written"))?;
        let brace = out.pop();
        out.push_str(",\"prompts\":");
        write_list(&mut out, &self.prompts, |out, prompt| {
            prompt.version.write(out, prompt)
        })?;
        out.extend(brace);
        Ok(out)
    }
}

/// The place of a prompt in a snapshot.
pub(crate) struct SnapshotHead {
    pub(crate) prompt: i64,
    pub(crate) slug: Slug,
    pub(crate) version: VersionNumber,
    pub(crate) revision: Revision,
}

impl<S: Sql> Store<S> {
    /// Takes a snapshot under a tag or `latest`; `told` adds each prompt's entry in lists.
    ///
    /// # Errors
    /// `selector_conflict` (a version's number means nothing here), `limit_exceeded` (32 MiB)
    pub fn snapshot(
        &self,
        actor: &Principal,
        selector: &Selector,
        told: bool,
        now: Timestamp,
    ) -> Result<Snapshot> {
        self.taken(actor, selector, now, |heads| self.stored(heads, told))
    }

    /// Takes a snapshot of versions that `read` reads, some heads at a time.
    pub(crate) fn taken(
        &self,
        actor: &Principal,
        selector: &Selector,
        now: Timestamp,
        read: impl Fn(&[SnapshotHead]) -> Result<Vec<(StoredVersion, Option<PromptInfo>)>>,
    ) -> Result<Snapshot> {
        let heads = self.heads(actor, selector)?;
        let tag = match selector {
            Selector::Tag(tag) => Some(tag),
            Selector::Latest | Selector::Version(_) => None,
        };
        let mut prompts = Vec::with_capacity(heads.len());
        let mut bytes = 0;
        for heads in heads.chunks(STEP) {
            for (stored, about) in read(heads)? {
                bytes += stored.version.document.len();
                let resolved = ResolvedBy {
                    tag: tag.cloned(),
                    revision: stored.revision,
                };
                prompts.push(SnapshotPrompt {
                    version: stored.version,
                    resolved,
                    about,
                });
            }
            if bytes > MAX_BYTES {
                let detail = format!("a snapshot has at most {MAX_BYTES} bytes of documents");
                return Err(Error::new(Code::LimitExceeded, detail));
            }
        }
        Ok(Snapshot {
            format: 1,
            project: actor.project.clone(),
            revision: project_revision(&self.sql, actor)?,
            tag: selector.to_string(),
            created_at: now,
            prompts,
        })
    }

    fn heads(&self, actor: &Principal, selector: &Selector) -> Result<Vec<SnapshotHead>> {
        let project = actor.project_id;
        let rows = match selector {
            Selector::Version(_) => {
                let detail = "a snapshot is of a tag or of `latest`";
                return Err(Error::new(Code::SelectorConflict, detail));
            }
            Selector::Latest => self.sql.exec(
                "SELECT p.id, p.slug, p.head, p.head_revision FROM prompts p
                    WHERE p.project = ? AND p.deleted_at IS NULL
                UNION ALL
                SELECT p.id, p.shared_as, p.head, p.head_revision FROM prompts p
                    WHERE p.shared = 1 AND p.project <> ? AND p.deleted_at IS NULL
                    AND NOT EXISTS (SELECT 1 FROM prompts o
                        WHERE o.project = ? AND o.slug = p.shared_as AND o.deleted_at IS NULL)
                ORDER BY 2",
                params![project, project, project],
            )?,
            Selector::Tag(tag) => self.sql.exec(
                "SELECT p.id, t.slug, t.version, t.revision FROM tags t JOIN prompts p ON p.id = t.prompt
                    WHERE t.project = ? AND t.tag = ? AND p.deleted_at IS NULL
                UNION ALL
                SELECT p.id, p.shared_as, t.version, t.revision FROM prompts p
                    JOIN tags t ON t.prompt = p.id AND t.tag = ?
                    WHERE p.shared = 1 AND p.project <> ? AND p.deleted_at IS NULL
                    AND NOT EXISTS (SELECT 1 FROM prompts o
                        WHERE o.project = ? AND o.slug = p.shared_as AND o.deleted_at IS NULL)
                ORDER BY 2",
                params![project, tag.as_str(), tag.as_str(), project, project],
            )?,
        };
        let head = |mut row: SqlRow| {
            Ok(SnapshotHead {
                prompt: row.int()?,
                slug: Slug::parse(row.text()?)?,
                version: version_number(&mut row)?,
                revision: row.int()?,
            })
        };
        rows.into_iter().map(head).collect()
    }

    /// The versions at some heads, in their order, with the revisions of the heads.
    fn stored(
        &self,
        heads: &[SnapshotHead],
        told: bool,
    ) -> Result<Vec<(StoredVersion, Option<PromptInfo>)>> {
        let query = match told {
            false => concat!(
                "SELECT h.key, ",
                version_columns!(),
                " FROM json_each(?) h CROSS JOIN versions v
                    ON v.prompt = h.value ->> 0 AND v.version = h.value ->> 1"
            ),
            true => concat!(
                "SELECT h.key, ",
                prompt_columns!(),
                ", ",
                version_columns!(),
                " FROM json_each(?) h CROSS JOIN prompts p ON p.id = h.value ->> 0
                    CROSS JOIN versions v ON v.prompt = p.id AND v.version = h.value ->> 1"
            ),
        };
        let rows = self
            .sql
            .exec(query, params![wanted(heads).as_str()])?
            .into_iter();
        let stored = each_of(heads, rows)?.map(|found| {
            let (head, mut row) = found?;
            let about = told.then(|| told_of(head, &mut row)).transpose()?;
            Ok((head.version_in(row)?, about))
        });
        stored.collect()
    }
}

/// Some heads as a parameter of a query, which goes over them by `json_each`.
pub(crate) fn wanted(heads: &[SnapshotHead]) -> String {
    let heads = heads.iter().map(|head| (head.prompt, head.version));
    json!(heads.collect::<Vec<_>>()).to_string()
}

/// The rows that a query found for some heads, each with its head, whose index is the first column.
pub(crate) fn each_of(
    heads: &[SnapshotHead],
    rows: impl ExactSizeIterator<Item = SqlRow>,
) -> Result<impl Iterator<Item = Result<(&SnapshotHead, SqlRow)>>> {
    let gone = || Error::new(Code::Internal, "a version is not stored");
    if rows.len() != heads.len() {
        return Err(gone());
    }
    Ok(rows.map(move |mut row| {
        let head = heads.get(row.int::<usize>()?).ok_or_else(gone)?;
        Ok((head, row))
    }))
}

/// The entry in lists of a head's prompt, taken off its row.
pub(crate) fn told_of(head: &SnapshotHead, row: &mut SqlRow) -> Result<PromptInfo> {
    let info = take_info(row)?;
    Ok(match info.slug == head.slug {
        true => info,
        false => info.elsewhere(),
    })
}

impl SnapshotHead {
    /// The version in the rest of a row, with the revision of the head.
    pub(crate) fn version_in(&self, row: SqlRow) -> Result<StoredVersion> {
        Ok(StoredVersion {
            revision: self.revision,
            ..lookup::stored(&self.slug, row)?
        })
    }
}
