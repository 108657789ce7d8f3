//! The only interface to a database, and how rows are read.

use std::vec;

use cuecard_prompt::{Code, Error, Result};

/// A SQLite database. rusqlite natively, a Durable Object's `SqlStorage` in the Worker.
pub trait Sql {
    /// Runs one statement with at most 100 positional parameters (`?`) and returns all of its rows.
    ///
    /// # Errors
    /// `internal`; the detail never holds a parameter.
    fn exec(&self, query: &str, params: &[SqlValue]) -> Result<Vec<SqlRow>>;

    /// Runs `body` so that all of its statements take effect or none. Never nested.
    ///
    /// # Errors
    /// The error of `body`, after everything was rolled back; `internal` when the database refused.
    fn transaction(&self, body: &mut dyn FnMut() -> Result<()>) -> Result<()>;
}

impl<S: Sql + ?Sized> Sql for &S {
    fn exec(&self, query: &str, params: &[SqlValue]) -> Result<Vec<SqlRow>> {
        (**self).exec(query, params)
    }

    fn transaction(&self, body: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        (**self).transaction(body)
    }
}

/// A value of SQLite.
#[derive(Clone, Debug, PartialEq)]
pub enum SqlValue {
    /// `NULL`
    Null,
    /// An integer within ±2⁵³, so that it survives JavaScript.
    Integer(i64),
    /// A double. Whole ones are read as integers, since JavaScript cannot tell them apart.
    Real(f64),
    /// UTF-8 text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// A row, read column by column in the order of the query.
#[derive(Clone, Debug)]
pub struct SqlRow(vec::IntoIter<SqlValue>);

impl From<Vec<SqlValue>> for SqlRow {
    fn from(values: Vec<SqlValue>) -> Self {
        Self(values.into_iter())
    }
}

impl SqlRow {
    /// The next column as text.
    ///
    /// # Errors
    /// `internal` when it is something else.
    pub fn text(&mut self) -> Result<String> {
        self.opt_text()?.ok_or_else(|| unexpected("a text"))
    }

    /// The next column as text or `NULL`.
    ///
    /// # Errors
    /// `internal` when it is something else.
    pub fn opt_text(&mut self) -> Result<Option<String>> {
        match self.0.next() {
            Some(SqlValue::Text(text)) => Ok(Some(text)),
            Some(SqlValue::Null) => Ok(None),
            _ => Err(unexpected("a text")),
        }
    }

    /// The next column as a whole number that fits `T`.
    ///
    /// # Errors
    /// `internal` when it is something else.
    pub fn int<T: TryFrom<i64>>(&mut self) -> Result<T> {
        self.opt_int()?.ok_or_else(|| unexpected("a number"))
    }

    /// The next column as a whole number that fits `T`, or `NULL`.
    ///
    /// # Errors
    /// `internal` when it is something else.
    pub fn opt_int<T: TryFrom<i64>>(&mut self) -> Result<Option<T>> {
        let number = match self.0.next() {
            Some(SqlValue::Integer(number)) => number,
            Some(SqlValue::Real(number)) if number.fract() == 0.0 && number.abs() < 9e15 => {
                number as i64
            }
            Some(SqlValue::Null) => return Ok(None),
            _ => return Err(unexpected("a number")),
        };
        T::try_from(number)
            .map(Some)
            .map_err(|_| unexpected("a number in range"))
    }

    /// The next column as bytes.
    ///
    /// # Errors
    /// `internal` when it is something else.
    pub fn blob(&mut self) -> Result<Vec<u8>> {
        match self.0.next() {
            Some(SqlValue::Blob(bytes)) => Ok(bytes),
            _ => Err(unexpected("bytes")),
        }
    }
}

fn unexpected(wanted: &str) -> Error {
    Error::new(
        Code::Internal,
        format!("a stored row does not hold {wanted}"),
    )
}

/// The first row, if there is one.
pub(crate) fn first<S: Sql + ?Sized>(
    sql: &S,
    query: &str,
    params: &[SqlValue],
) -> Result<Option<SqlRow>> {
    Ok(sql.exec(query, params)?.into_iter().next())
}

/// The row of a statement that always returns one.
pub(crate) fn only<S: Sql + ?Sized>(sql: &S, query: &str, params: &[SqlValue]) -> Result<SqlRow> {
    first(sql, query, params)?.ok_or_else(|| unexpected("what it must"))
}

macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::sql::SqlValue::from($value)),*][..] };
}
pub(crate) use params;

impl From<i64> for SqlValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for SqlValue {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<std::num::NonZeroU32> for SqlValue {
    fn from(number: std::num::NonZeroU32) -> Self {
        Self::Integer(number.get().into())
    }
}

impl From<&str> for SqlValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for SqlValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&[u8]> for SqlValue {
    fn from(bytes: &[u8]) -> Self {
        Self::Blob(bytes.to_owned())
    }
}

impl<T: Into<Self>> From<Option<T>> for SqlValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
