//! Versions and tags: schema and operations over one small [`Sql`] trait.
//!
//! One database is one organisation. [`Store::open`] brings it to the newest schema, [`Store::bootstrap`] makes the
//! organisation, [`Store::verify`] turns a [`Key`] into the [`Principal`] that every operation acts for. Reads take the
//! principal; changes take a [`Context`], happen completely or not at all, are written to the audit log and raise the
//! [`Revision`] of every project whose readers can see them.
//!
//! | what | operations |
//! | --- | --- |
//! | read | [`resolve`](Store::resolve), [`pointer`](Store::pointer), [`revision`](Store::revision), [`standing`](Store::standing), [`snapshot`](Store::snapshot), [`exports`](Store::exports) |
//! | look around | [`prompts`](Store::prompts), [`prompt`](Store::prompt), [`history`](Store::history), [`diff`](Store::diff), [`slug_of`](Store::slug_of), [`version_of`](Store::version_of) |
//! | commit | [`commit`](Store::commit), [`duplicate_prompt`](Store::duplicate_prompt), [`import`](Store::import) |
//! | drafts | [`draft`](Store::draft), [`drafts`](Store::drafts), [`put_draft`](Store::put_draft), [`commit_draft`](Store::commit_draft), [`delete_draft`](Store::delete_draft) |
//! | cases | [`cases`](Store::cases), [`case`](Store::case), [`put_case`](Store::put_case), [`delete_case`](Store::delete_case) |
//! | prompts | [`update_prompt`](Store::update_prompt), [`delete_prompt`](Store::delete_prompt), [`restore_prompt`](Store::restore_prompt), [`purge_prompt`](Store::purge_prompt) |
//! | tags | [`tags`](Store::tags), [`tag`](Store::tag), [`set_tag`](Store::set_tag), [`rollback_tag`](Store::rollback_tag), [`delete_tag`](Store::delete_tag), [`tag_history`](Store::tag_history) |
//! | names for tags | [`tag_names`](Store::tag_names), [`add_tag_name`](Store::add_tag_name), [`remove_tag_name`](Store::remove_tag_name) |
//! | audit log | [`events`](Store::events) |
//! | projects | [`projects`](Store::projects), [`project`](Store::project), [`create_project`](Store::create_project), [`update_project`](Store::update_project), [`delete_project`](Store::delete_project), [`restore_project`](Store::restore_project) |
//! | keys | [`keys`](Store::keys), [`key`](Store::key), [`create_key`](Store::create_key), [`limit_key`](Store::limit_key), [`revoke_key`](Store::revoke_key), [`verify`](Store::verify), [`bootstrap`](Store::bootstrap), [`identity`](Store::identity) |
//! | connections | [`connections`](Store::connections), [`connection`](Store::connection), [`put_connection`](Store::put_connection), [`delete_connection`](Store::delete_connection), [`put_alias`](Store::put_alias), [`run_settings`](Store::run_settings) |
//!
//! Executions of prompts have a database of their own per project: [`Executions`].
//!
//! Time, randomness and I/O are arguments. With the feature `native`, [`Native`] is a [`Sql`] over rusqlite.

mod author;
mod beside;
mod cases;
mod change;
mod commit;
mod commit_content;
mod connections;
mod context;
mod diff;
mod drafts;
mod entropy;
mod events;
mod executions;
mod exports;
mod idempotency;
mod import;
mod key;
mod keys;
mod lifecycle;
mod limits;
mod list;
mod lookup;
#[cfg(feature = "native")]
mod native;
mod page;
mod project_slug;
mod projects;
mod prompts;
mod removal;
mod resolve;
mod schema;
mod snapshot;
mod sql;
mod standings;
mod tag_moves;
mod tag_names;
mod tags;
mod time;
mod unread;

use cuecard_prompt::Result;

pub use author::Author;
pub use cases::{Case, CaseName};
pub use commit::{Commit, Committed};
pub use connections::PutConnection;
pub use context::{Context, Done, Expect, Idempotency, KeyRole, Principal, Revision, Standing};
pub use diff::{ChangeKind, Diff, FieldChange, Line, MessageChange};
pub use drafts::{Draft, DraftCommit, DraftCursor, DraftInfo, DraftPut};
pub use entropy::Entropy;
pub use events::LogEntry;
pub use executions::{ExecutionFilter, ExecutionStore, Finish, RunAdmission, Start};
pub use import::{Import, ImportedVersion, TakenHistory};
pub use key::{Key, KeyId, OrganizationId};
pub use keys::{CreatedKey, KeyInfo, NewKey};
pub use limits::KeyLimits;
pub use list::{HistoryEntry, PromptFilter};
#[cfg(feature = "native")]
pub use native::Native;
pub use page::{Limit, Page};
pub use project_slug::ProjectSlug;
pub use projects::{ProjectInfo, ProjectPatch};
pub use prompts::{PromptInfo, PromptPatch, Scope, TagPointer};
pub use resolve::{Resolved, ResolvedHead};
pub use snapshot::{ResolvedBy, Snapshot, SnapshotPrompt};
pub use sql::{Sql, SqlRow, SqlValue};
pub use tag_names::{AddedTagName, TagNameInfo};
pub use tags::{MoveKind, TagInfo, TagMove};
pub use time::Timestamp;
pub use unread::{UnreadVersion, write_list};

/// The prompts, projects and keys of one organisation.
#[derive(Debug)]
pub struct Store<S> {
    sql: S,
}

impl<S: Sql> Store<S> {
    /// Opens a database and brings it to the newest schema.
    ///
    /// # Errors
    /// `internal` when the database is of a newer schema; it is left as it is.
    pub fn open(sql: S, now: Timestamp) -> Result<Self> {
        schema::migrate(&sql, schema::MIGRATIONS, now)?;
        Ok(Self { sql })
    }
}
