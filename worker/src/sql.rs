//! A Durable Object's SQLite behind the store's [`Sql`] trait: the only module that knows `SqlStorage`.

use cuecard_prompt::{Code, Error, Result};
use cuecard_store::{Sql, SqlRow, SqlValue};
use wasm_bindgen::prelude::*;
use worker::{Env, SqlStorage, SqlStorageValue, State, Storage};

use crate::disk;

#[wasm_bindgen]
extern "C" {
    /// `DurableObjectStorage`, of which worker 0.8 does not bind this method.
    type Transactional;

    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &Transactional,
        body: &ScopedClosure<dyn FnMut() -> std::result::Result<JsValue, JsValue>>,
    ) -> std::result::Result<JsValue, JsValue>;
}

/// The database of this Durable Object.
#[derive(Debug)]
pub(crate) struct ObjectSql {
    storage: Storage,
    sql: SqlStorage,
    /// As in [`disk`].
    file: String,
}

/// The largest database that is looked at as a whole when it is first opened: that takes about a second.
const MAX_CHECKED: usize = 1 << 30;

impl ObjectSql {
    /// The database of an object of this class.
    pub(crate) fn of(state: &State, class: &str) -> Self {
        let storage = state.storage();
        Self {
            sql: storage.sql(),
            storage,
            file: format!("{class}/{}", state.id()),
        }
    }

    /// Looks at every page, once in the life of a process that keeps its files in a folder. SQLite itself finds damage
    /// only where it reads.
    ///
    /// # Errors
    /// `store_damaged`
    pub(crate) fn check(&self, env: &Env) -> Result<()> {
        if self.sql.database_size() > MAX_CHECKED || !disk::is_unseen(env, &self.file) {
            return Ok(());
        }
        let rows = self.exec("PRAGMA quick_check(1)", &[])?;
        let mut first = rows.into_iter().next();
        let found = first.as_mut().map(SqlRow::text).transpose()?;
        match found.as_deref() {
            None | Some("ok") => {
                disk::whole(&self.file);
                Ok(())
            }
            Some(damage) => {
                let last = damage.lines().last().unwrap_or(damage);
                Err(disk::damaged(&self.file, last))
            }
        }
    }

    fn failed(&self, error: worker::Error) -> Error {
        let text = error.to_string();
        match disk::fault_of(&text) {
            Some(fault) => Error::new(Code::StoreUnwritable, fault),
            None if disk::is_damage(&text) => disk::damaged(&self.file, &text),
            None => Error::new(Code::Internal, format!("the database refused: {text}")),
        }
    }

    /// Whether anything was ever written.
    pub(crate) fn has_tables(&self) -> Result<bool> {
        let query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'";
        Ok(!self.exec(query, &[])?.is_empty())
    }
}

impl Sql for ObjectSql {
    fn exec(&self, query: &str, params: &[SqlValue]) -> Result<Vec<SqlRow>> {
        let params: Vec<JsValue> = params.iter().map(to_js).collect();
        let cursor = self
            .sql
            .exec_raw(query, params)
            .map_err(|error| self.failed(error))?;
        // Read to the end at once: a cursor does not outlive the next statement.
        cursor
            .raw()
            .map(|row| row.map(to_row).map_err(|error| self.failed(error)))
            .collect()
    }

    fn transaction(&self, body: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        let mut outcome = Ok(());
        let mut run = || {
            outcome = body();
            match &outcome {
                Ok(()) => Ok(JsValue::UNDEFINED),
                // A thrown exception rolls back; the error itself stays in Rust.
                Err(_) => Err(JsValue::from_str("roll back")),
            }
        };
        let storage: &Transactional = self.storage.as_raw().unchecked_ref();
        let thrown = storage
            .transaction_sync(&ScopedClosure::borrow_mut_aborting(&mut run))
            .err();
        outcome?;
        match thrown {
            None => Ok(()),
            Some(thrown) => Err(self.failed(thrown.into())),
        }
    }
}

fn to_js(value: &SqlValue) -> JsValue {
    match value {
        SqlValue::Null => JsValue::NULL,
        SqlValue::Integer(number) => JsValue::from_f64(*number as f64),
        SqlValue::Real(number) => JsValue::from_f64(*number),
        SqlValue::Text(text) => JsValue::from_str(text),
        SqlValue::Blob(bytes) => js_sys::Uint8Array::from(bytes.as_slice()).into(),
    }
}

fn to_row(values: Vec<SqlStorageValue>) -> SqlRow {
    let values: Vec<SqlValue> = values.into_iter().map(from_js).collect();
    SqlRow::from(values)
}

fn from_js(value: SqlStorageValue) -> SqlValue {
    match value {
        SqlStorageValue::Null => SqlValue::Null,
        SqlStorageValue::Boolean(flag) => SqlValue::Integer(flag.into()),
        SqlStorageValue::Integer(number) => SqlValue::Integer(number),
        SqlStorageValue::Float(number) => SqlValue::Real(number),
        SqlStorageValue::String(text) => SqlValue::Text(text),
        SqlStorageValue::Blob(bytes) => SqlValue::Blob(bytes),
    }
}
