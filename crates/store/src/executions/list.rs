//! Executions, newest first. A page costs its items, however deep it is.

use cuecard_prompt::Result;
use cuecard_run::{Execution, ExecutionStatus};

use super::{ExecutionStore, moment, read};
use crate::page::{Limit, Page};
use crate::sql::{Sql, SqlValue};
use crate::time::Timestamp;

/// Which executions to list; `None` matches all.
#[derive(Clone, Debug, Default)]
pub struct ExecutionFilter {
    /// Of this prompt.
    pub prompt: Option<String>,
    /// Of this version.
    pub version: Option<u32>,
    /// Reached by this tag.
    pub tag: Option<String>,
    /// With this status.
    pub status: Option<ExecutionStatus>,
    /// That began at this time or later.
    pub after: Option<Timestamp>,
    /// That began before this time.
    pub before: Option<Timestamp>,
    /// That have this label: its name and its text.
    pub label: Option<(String, String)>,
    /// Older than this one, the last of the page before.
    pub cursor: Option<String>,
}

impl<S: Sql> ExecutionStore<S> {
    /// A page of executions, without inputs, messages and answers.
    ///
    /// # Errors
    /// `internal`
    pub fn list(
        &self,
        selection: &ExecutionFilter,
        limit: Limit,
        now: Timestamp,
    ) -> Result<Page<Execution, String>> {
        self.interrupt(now)?;
        let (query, values) = query(selection, limit);
        let rows = self.sql.exec(&query, &values)?;
        let executions = rows.into_iter().map(read).collect::<Result<Vec<_>>>()?;
        Ok(Page::cut(executions, limit, |execution| {
            execution.id.clone()
        }))
    }
}

/// The query of a page, and its parameters.
fn query(selection: &ExecutionFilter, limit: Limit) -> (String, Vec<SqlValue>) {
    let mut tests = Tests::default();
    let (from, id) = match &selection.label {
        Some((name, text)) => {
            tests.add(
                "l.name = ? AND l.value = ?".to_owned(),
                [name.as_str(), text.as_str()],
            );
            tests.driven = true;
            ("labels l CROSS JOIN executions e ON e.id = l.id", "l.id")
        }
        None => ("executions e", "e.id"),
    };
    let by_prompt = !tests.driven && selection.prompt.is_some();
    tests.equal("prompt", selection.prompt.as_deref());
    if let Some(version) = selection.version {
        // The index of a prompt's versions serves both.
        let plus = if by_prompt { "" } else { "+" };
        tests.add(format!("{plus}e.version = ?"), [version]);
    }
    tests.equal("tag", selection.tag.as_deref());
    tests.equal("status", selection.status.map(ExecutionStatus::as_str));
    for (comparison, bound) in [
        (">=", selection.after.map(moment)),
        ("<", selection.before.map(moment)),
        ("<", selection.cursor.clone()),
    ] {
        if let Some(bound) = bound {
            tests.add(format!("{id} {comparison} ?"), [bound]);
        }
    }
    let Tests {
        mut tests,
        mut values,
        ..
    } = tests;
    tests.push("1".to_owned());
    values.push(limit.and_one().into());
    let tests = tests.join(" AND ");
    let query =
        format!("SELECT e.status, e.record FROM {from} WHERE {tests} ORDER BY {id} DESC LIMIT ?");
    (query, values)
}

/// Conditions. The first one has an index with the order of the page; a `+` keeps the planner from choosing that of
/// another one and sorting.
#[derive(Default)]
struct Tests {
    tests: Vec<String>,
    values: Vec<SqlValue>,
    driven: bool,
}

impl Tests {
    fn equal(&mut self, column: &str, value: Option<&str>) {
        if let Some(value) = value {
            let plus = if self.driven { "+" } else { "" };
            self.add(format!("{plus}e.{column} = ?"), [value]);
            self.driven = true;
        }
    }

    fn add<T: Into<SqlValue>>(&mut self, test: String, values: impl IntoIterator<Item = T>) {
        self.tests.push(test);
        self.values.extend(values.into_iter().map(Into::into));
    }
}
