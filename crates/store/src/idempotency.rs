//! Answers kept for retries. They are written in the transaction of the change, so both are there or neither.

use cuecard_prompt::{Code, Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Store;
use crate::context::Context;
use crate::sql::{Sql, first, params};
use crate::time::Timestamp;

/// How long an answer is kept, in milliseconds: 48 hours.
const KEPT_MS: i64 = 48 * 3_600_000;
/// The most expired answers that one change deletes.
const CLEARED_PER_CHANGE: i64 = 8;

/// The answer to an earlier request with the same key.
pub(crate) fn recall<S: Sql, T: DeserializeOwned>(
    sql: &S,
    ctx: &Context<'_>,
    operation: &str,
) -> Result<Option<T>> {
    let Some(idempotency) = ctx.idempotency else {
        return Ok(None);
    };
    if idempotency.key.is_empty() || idempotency.key.len() > 255 {
        let detail = "an idempotency key has 1 to 255 bytes";
        return Err(Error::new(Code::BodyInvalid, detail));
    }
    clear(sql, ctx.now, CLEARED_PER_CHANGE)?;
    let query = "SELECT operation, request, answer FROM idempotency
        WHERE key = ? AND idempotency_key = ? AND created_at > ?";
    let oldest = ctx.now.as_ms() - KEPT_MS;
    let key = ctx.actor.key.as_str();
    let Some(mut row) = first(sql, query, params![key, idempotency.key, oldest])? else {
        return Ok(None);
    };
    if row.text()? != operation || row.blob()? != idempotency.request {
        let detail = "send a new key with a new request";
        return Err(Error::new(Code::IdempotencyMismatch, detail));
    }
    serde_json::from_str(&row.text()?)
        .map(Some)
        .map_err(|_| Error::new(Code::Internal, "a kept answer cannot be read"))
}

/// Keeps an answer, if the request asked for it.
pub(crate) fn remember<S: Sql, T: Serialize>(
    sql: &S,
    ctx: &Context<'_>,
    operation: &str,
    answer: &T,
) -> Result<()> {
    let Some(idempotency) = ctx.idempotency else {
        return Ok(());
    };
    let answer = serde_json::to_string(answer)
        .map_err(|_| Error::new(Code::Internal, "an answer cannot be kept"))?;
    sql.exec(
        "INSERT OR REPLACE INTO idempotency (key, idempotency_key, operation, request, answer, created_at)
        VALUES (?, ?, ?, ?, ?, ?)",
        params![
            ctx.actor.key.as_str(),
            idempotency.key,
            operation,
            &idempotency.request[..],
            answer,
            ctx.now
        ],
    )?;
    Ok(())
}

impl<S: Sql> Store<S> {
    /// Deletes at most `limit` expired answers; for an alarm. Changes delete some as well.
    ///
    /// # Errors
    /// `internal`
    pub fn clear_expired(&self, now: Timestamp, limit: u32) -> Result<()> {
        clear(&self.sql, now, limit.into())
    }
}

fn clear<S: Sql>(sql: &S, now: Timestamp, limit: i64) -> Result<()> {
    let query = "DELETE FROM idempotency WHERE (key, idempotency_key) IN
        (SELECT key, idempotency_key FROM idempotency WHERE created_at <= ? ORDER BY created_at LIMIT ?)";
    sql.exec(query, params![now.as_ms() - KEPT_MS, limit])?;
    Ok(())
}
