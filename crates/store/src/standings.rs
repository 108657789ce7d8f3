//! Where projects stand, for caches: a copy that was made at a project's revision is right as long as the project has that.

use cuecard_prompt::Result;

use crate::Store;
use crate::context::{Principal, Revision, Standing};
use crate::sql::{Sql, SqlRow, only, params};

impl<S: Sql> Store<S> {
    /// Where the readers of the actor's project stand.
    ///
    /// # Errors
    /// `internal`
    pub fn standing(&self, actor: &Principal) -> Result<Standing> {
        of(&self.sql, actor)
    }

    /// Where the readers of all projects stand, deleted ones too, by the projects' numbers; none where there are more than
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

    /// The greatest revision in all standings: while it stays, so do they.
    ///
    /// # Errors
    /// `internal`
    pub fn newest_standing(&self) -> Result<Revision> {
        let query = "SELECT max(shared_revision, coalesce((SELECT max(revision) FROM projects), 0),
            coalesce((SELECT max(keys_revision) FROM projects), 0)) FROM organization";
        only(&self.sql, query, &[])?.int()
    }
}

/// Where the readers of the actor's project stand.
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
