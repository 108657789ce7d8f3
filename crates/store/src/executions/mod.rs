//! The executions of one project, in a database of their own, so that what they write never delays a prompt.

mod admit;
mod list;
mod schema;

use cuecard_prompt::{Code, Error, Result};
use cuecard_run::{Bodies, Execution, ExecutionStatus, Keeping, Recording};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::entropy::Entropy;
use crate::limits::KeyLimits;
use crate::sql::{Sql, SqlRow, first, only, params};
use crate::time::Timestamp;
pub use list::ExecutionFilter;

/// The executions of a project.
#[derive(Debug)]
pub struct ExecutionStore<S> {
    sql: S,
}

/// A run that is about to begin.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Start {
    /// Its record so far.
    pub execution: Execution,
    /// How much is kept of it, and for how long.
    pub keeping: Keeping,
    /// How much its key may run.
    #[serde(default)]
    pub limits: KeyLimits,
}

/// A run that has ended.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finish {
    /// Its whole record.
    pub execution: Execution,
    /// How much is kept of it, and for how long.
    pub keeping: Keeping,
    /// Whether its beginning was recorded: if the record is gone since, it was deleted, and stays so.
    pub started: bool,
}

/// Whether a run may begin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RunAdmission {
    /// It may, and its beginning is recorded.
    Admitted,
    /// Its key has used up a limit.
    Limited {
        /// In how many seconds to try again.
        retry_after: u64,
        /// The limit, by its name in the API.
        limit: &'static str,
    },
}

/// A run that reports nothing for that long, in milliseconds, counts as interrupted.
const LEASE: i64 = 60_000;
const DAY: i64 = 86_400_000;
/// The most bytes of all executions of a project; the oldest are deleted first.
const MAX_BYTES: i64 = 1 << 30;
/// The most rows that one statement deletes, so that none takes long.
const BATCH: i64 = 500;

impl<S: Sql> ExecutionStore<S> {
    /// How often a run should report that it goes on, in milliseconds.
    pub const BEAT: u64 = 20_000;

    /// Opens a database. Runs that were under way when it was last open count as interrupted until they report.
    ///
    /// # Errors
    /// `internal` when the database is of a newer schema
    pub fn open(sql: S, now: Timestamp) -> Result<Self> {
        crate::schema::migrate(&sql, schema::MIGRATIONS, now)?;
        let query = "UPDATE executions SET status = 'interrupted' WHERE status = 'running'";
        sql.exec(query, &[])?;
        Ok(Self { sql })
    }

    /// An id for a run that begins; ids sort by time.
    pub fn new_id(now: Timestamp, entropy: &Entropy) -> String {
        format!("{}{}", moment(now), entropy.base36("execution", 12))
    }

    /// Admits a run and records its beginning, or does neither.
    ///
    /// # Errors
    /// `internal`
    pub fn start(&self, start: &Start, now: Timestamp) -> Result<RunAdmission> {
        let mut admission = RunAdmission::Admitted;
        self.sql.transaction(&mut || {
            admission = admit::admit(&self.sql, &start.execution.key, start.limits, now)?;
            if admission == RunAdmission::Admitted {
                self.write(&start.execution, start.keeping, now)?;
            }
            Ok(())
        })?;
        Ok(admission)
    }

    /// Records the end of a run, and the tokens that its key has used.
    ///
    /// # Errors
    /// `internal`
    pub fn finish(&self, finish: &Finish, now: Timestamp) -> Result<()> {
        let execution = &finish.execution;
        self.sql.transaction(&mut || {
            let tokens = execution.usage.map_or(0, |usage| usage.tokens());
            admit::spend(&self.sql, &execution.key, tokens, now)?;
            let deleted = finish.started && find(&self.sql, &execution.id)?.is_none();
            if !deleted {
                self.write(execution, finish.keeping, now)?;
            }
            self.bound()
        })
    }

    /// Notes that a run goes on.
    ///
    /// # Errors
    /// `internal`
    pub fn beat(&self, id: &str, now: Timestamp) -> Result<()> {
        let query = "UPDATE executions SET status = 'running', lease = ?
            WHERE id = ? AND status IN ('running', 'interrupted')";
        self.sql.exec(query, params![now.as_ms() + LEASE, id])?;
        Ok(())
    }

    /// One execution, with inputs, messages and answer if they were kept.
    ///
    /// # Errors
    /// `execution_not_found`
    pub fn get(&self, id: &str, now: Timestamp) -> Result<Execution> {
        self.interrupt(now)?;
        let mut execution = find(&self.sql, id)?.ok_or_else(missing)?;
        let query = "SELECT bodies FROM bodies WHERE id = ?";
        if let Some(mut row) = first(&self.sql, query, params![id])? {
            execution.bodies = parse(&row.text()?)?;
        }
        Ok(execution)
    }

    /// Deletes an execution.
    ///
    /// # Errors
    /// `execution_not_found`
    pub fn delete(&self, id: &str) -> Result<()> {
        let query = "DELETE FROM executions WHERE id = ? RETURNING id";
        first(&self.sql, query, params![id])?
            .map(drop)
            .ok_or_else(missing)
    }

    /// Deletes executions that are past their days; returns when there is more to do, if there is.
    ///
    /// # Errors
    /// `internal`
    pub fn purge(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        admit::forget(&self.sql, now)?;
        let query = "DELETE FROM executions WHERE id IN
            (SELECT id FROM executions WHERE expires <= ? ORDER BY expires LIMIT ?) RETURNING id";
        let gone = self.sql.exec(query, params![now, BATCH])?;
        if gone.len() as i64 == BATCH {
            return Ok(Some(now));
        }
        let query = "SELECT min(expires) FROM executions";
        only(&self.sql, query, &[])?.opt_int()
    }

    /// Runs that have not reported for too long count as interrupted.
    fn interrupt(&self, now: Timestamp) -> Result<()> {
        let query =
            "UPDATE executions SET status = 'interrupted' WHERE status = 'running' AND lease < ?";
        self.sql.exec(query, params![now])?;
        Ok(())
    }

    fn write(&self, execution: &Execution, keeping: Keeping, now: Timestamp) -> Result<()> {
        if keeping.mode == Recording::Off {
            return Ok(());
        }
        let mut record = execution.clone();
        let bodies = std::mem::take(&mut record.bodies);
        let (record, bodies) = (written(&record)?, written(&bodies)?);
        let has_bodies = execution.bodies != Bodies::default();
        let bytes = record.len() + if has_bodies { bodies.len() } else { 0 };
        let started = Timestamp::parse(&execution.started_at).unwrap_or(now);
        let query = "INSERT INTO executions (id, prompt, version, tag, status, lease, expires, bytes, record)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET status = excluded.status, lease = excluded.lease, bytes = excluded.bytes,
                record = excluded.record WHERE executions.status IN ('running', 'interrupted')";
        let values = params![
            execution.id.as_str(),
            execution.prompt.as_deref(),
            execution.version,
            execution.tag.as_deref(),
            execution.status.as_str(),
            now.as_ms() + LEASE,
            started.as_ms() + i64::from(keeping.days) * DAY,
            bytes as i64,
            record
        ];
        self.sql.exec(query, values)?;
        if has_bodies {
            let query = "INSERT INTO bodies (id, bodies) VALUES (?, ?)
                ON CONFLICT (id) DO UPDATE SET bodies = excluded.bodies";
            self.sql
                .exec(query, params![execution.id.as_str(), bodies])?;
        }
        for (name, value) in &execution.metadata {
            let query = "INSERT OR IGNORE INTO labels (name, value, id) VALUES (?, ?, ?)";
            let value = label(value);
            self.sql
                .exec(query, params![name.as_str(), value, execution.id.as_str()])?;
        }
        Ok(())
    }

    /// Deletes the oldest executions while all together exceed the limit.
    fn bound(&self) -> Result<()> {
        let total: i64 = only(&self.sql, "SELECT bytes FROM total", &[])?.int()?;
        if total > MAX_BYTES {
            let query = "DELETE FROM executions WHERE id IN (SELECT id FROM executions ORDER BY id LIMIT ?)";
            self.sql.exec(query, params![BATCH])?;
        }
        Ok(())
    }
}

/// A label in the form of a search: texts unchanged, numbers and booleans as JSON writes them.
fn label(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The prefix of the ids of executions that begin in a millisecond: nine digits of base 36, until the year 5188.
fn moment(at: Timestamp) -> String {
    let mut left = u64::try_from(at.as_ms()).unwrap_or(0);
    let mut digits = [b'0'; 9];
    for digit in digits.iter_mut().rev() {
        let value = (left % 36) as u8;
        *digit = if value < 10 {
            b'0' + value
        } else {
            b'a' + value - 10
        };
        left /= 36;
    }
    digits.into_iter().map(char::from).collect()
}

fn find<S: Sql>(sql: &S, id: &str) -> Result<Option<Execution>> {
    let query = "SELECT status, record FROM executions WHERE id = ?";
    first(sql, query, params![id])?.map(read).transpose()
}

fn read(mut row: SqlRow) -> Result<Execution> {
    let status = row.text()?;
    let mut execution: Execution = parse(&row.text()?)?;
    execution.status = ExecutionStatus::parse(&status).unwrap_or(ExecutionStatus::Interrupted);
    Ok(execution)
}

fn parse<T: serde::de::DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json)
        .map_err(|_| Error::new(Code::Internal, "a stored execution cannot be read"))
}

fn written(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|_| Error::new(Code::Internal, "an execution cannot be written"))
}

fn missing() -> Error {
    Error::new(Code::ExecutionNotFound, "there is no such execution")
}
