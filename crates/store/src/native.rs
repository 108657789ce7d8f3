//! A SQLite file or a database in memory, for tests, benchmarks and tools.

use std::path::Path;

use cuecard_prompt::{Code, Error, Result};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};

use crate::sql::{Sql, SqlRow, SqlValue};

/// A SQLite database on this machine.
#[derive(Debug)]
pub struct Native(Connection);

impl Native {
    /// A database in memory, gone when it is dropped.
    ///
    /// # Errors
    /// `internal`
    pub fn in_memory() -> Result<Self> {
        Connection::open_in_memory().map(Self::new).map_err(failed)
    }

    /// A database file, made if it does not exist; write-ahead log, synced at every commit.
    ///
    /// # Errors
    /// `internal`
    pub fn open(path: &Path) -> Result<Self> {
        let connection = Connection::open(path).map_err(failed)?;
        connection
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
            .map_err(failed)?;
        Ok(Self::new(connection))
    }

    fn new(connection: Connection) -> Self {
        connection.set_prepared_statement_cache_capacity(256);
        Self(connection)
    }
}

impl Sql for Native {
    fn exec(&self, query: &str, params: &[SqlValue]) -> Result<Vec<SqlRow>> {
        let mut statement = self.0.prepare_cached(query).map_err(failed)?;
        let width = statement.column_count();
        let params = params.iter().map(|value| match value {
            SqlValue::Null => rusqlite::types::Value::Null,
            // A Durable Object binds every number as a double, which prints as `3.0` in JSON.
            #[expect(
                clippy::cast_precision_loss,
                reason = "the store's numbers are below 2^53"
            )]
            SqlValue::Integer(number) => rusqlite::types::Value::Real(*number as f64),
            SqlValue::Real(number) => rusqlite::types::Value::Real(*number),
            SqlValue::Text(text) => rusqlite::types::Value::Text(text.clone()),
            SqlValue::Blob(bytes) => rusqlite::types::Value::Blob(bytes.clone()),
        });
        let mut found = statement.query(params_from_iter(params)).map_err(failed)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next().map_err(failed)? {
            let values = (0..width).map(|column| {
                Ok(match row.get_ref(column).map_err(failed)? {
                    ValueRef::Null => SqlValue::Null,
                    ValueRef::Integer(number) => SqlValue::Integer(number),
                    ValueRef::Real(number) => SqlValue::Real(number),
                    ValueRef::Text(text) => {
                        SqlValue::Text(String::from_utf8_lossy(text).into_owned())
                    }
                    ValueRef::Blob(bytes) => SqlValue::Blob(bytes.to_owned()),
                })
            });
            rows.push(SqlRow::from(values.collect::<Result<Vec<_>>>()?));
        }
        Ok(rows)
    }

    fn transaction(&self, body: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        self.exec("BEGIN IMMEDIATE", &[])?;
        let outcome = body().and_then(|()| self.exec("COMMIT", &[]).map(drop));
        if outcome.is_err() {
            // The first error is reported; SQLite may have rolled back already.
            let _ = self.exec("ROLLBACK", &[]);
        }
        outcome
    }
}

fn failed(error: rusqlite::Error) -> Error {
    Error::new(Code::Internal, format!("the database refused: {error}"))
}
