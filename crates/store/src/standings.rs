//! The revisions of projects, for caches: a copy made at a project's revision is right as long as the project has it.

use cuecard_prompt::Result;

use crate::Store;
use crate::context::{Principal, Revision, Standing};
use crate::sql::{Sql, SqlRow, only, params};

impl<S: Sql> Store<S> {
    /// The current revisions of the readers of the caller's project.
    ///
    /// # Errors
    /// `internal`
    pub fn standing(&self, actor: &Principal) -> Result<Standing> {
        of(&self.sql, actor)
    }

    /// The current revisions of the readers of all projects, deleted ones too, by the projects' numbers; `None` above
    /// [`Standing::MAX`].
    ///
    /// # Errors
    /// `internal`
    pub fn standings(&self) -> Result<Vec<Standing>> {
        let query = select!("1 ORDER BY p.id LIMIT ?");
        let and_one = Standing::MAX as i64 + 1;
        let rows = self.sql.exec(query, params![and_one])?;
        if rows.len() > Standing::MAX {
            return Ok(Vec::new());
        }
        rows.into_iter().map(standing).collect()
    }

    /// The greatest revision in all standings: while it does not change, neither do they.
    ///
    /// # Errors
    /// `internal`
    pub fn newest_standing(&self) -> Result<Revision> {
        let query = "SELECT max(shared_revision, coalesce((SELECT max(revision) FROM projects), 0),
            coalesce((SELECT max(keys_revision) FROM projects), 0)) FROM organization";
        only(&self.sql, query, &[])?.int()
    }
}

/// The current revisions of the readers of the caller's project.
pub(crate) fn of<S: Sql>(sql: &S, actor: &Principal) -> Result<Standing> {
    standing(only(sql, select!("p.id = ?"), params![actor.project_id])?)
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT p.id, max(p.revision, o.shared_revision), max(p.bindings, o.shared_bindings), p.keys_revision
            FROM projects p JOIN organization o ON o.one = 1 WHERE ",
            $condition
        )
    };
}
use select;

fn standing(mut row: SqlRow) -> Result<Standing> {
    Ok(Standing {
        project: row.int()?,
        revision: row.int()?,
        bindings: row.int()?,
        keys: row.int()?,
    })
}
