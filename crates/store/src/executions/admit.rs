//! Limits of keys: runs begun within a minute, tokens used within a day.

use cuecard_prompt::Result;

use super::{DAY, RunAdmission};
use crate::limits::KeyLimits;
use crate::sql::{Sql, first, only, params};
use crate::time::Timestamp;

const MINUTE: i64 = 60_000;

/// Counts a run, if its key may begin one.
pub(super) fn admit<S: Sql>(
    sql: &S,
    key: &str,
    limits: KeyLimits,
    now: Timestamp,
) -> Result<RunAdmission> {
    let now = now.as_ms();
    if let Some(most) = limits.tokens_per_day {
        let query = "SELECT tokens FROM spent WHERE key = ? AND day = ?";
        let spent = match first(sql, query, params![key, now.div_euclid(DAY)])? {
            Some(mut row) => row.int::<u64>()?,
            None => 0,
        };
        if spent >= most {
            return Ok(limited("tokensPerDay", DAY - now.rem_euclid(DAY)));
        }
    }
    if let Some(most) = limits.runs_per_minute {
        let query = "DELETE FROM begun WHERE key = ? AND at <= ?";
        sql.exec(query, params![key, now - MINUTE])?;
        let query = "SELECT count(*), min(at) FROM begun WHERE key = ?";
        let mut row = only(sql, query, params![key])?;
        let (count, oldest): (u32, Option<i64>) = (row.int()?, row.opt_int()?);
        if count >= most {
            return Ok(limited(
                "runsPerMinute",
                oldest.unwrap_or(now) + MINUTE - now,
            ));
        }
        sql.exec(
            "INSERT INTO begun (key, at) VALUES (?, ?)",
            params![key, now],
        )?;
    }
    Ok(RunAdmission::Admitted)
}

/// Counts the tokens that a key has used.
pub(super) fn spend<S: Sql>(sql: &S, key: &str, tokens: u64, now: Timestamp) -> Result<()> {
    if tokens == 0 {
        return Ok(());
    }
    let query = "INSERT INTO spent (key, day, tokens) VALUES (?, ?, ?)
        ON CONFLICT (key, day) DO UPDATE SET tokens = min(tokens + excluded.tokens, 9007199254740991)";
    let tokens = i64::try_from(tokens).unwrap_or(i64::MAX).min((1 << 53) - 1);
    sql.exec(query, params![key, now.as_ms().div_euclid(DAY), tokens])?;
    Ok(())
}

/// Drops counts that no limit needs any more.
pub(super) fn forget<S: Sql>(sql: &S, now: Timestamp) -> Result<()> {
    sql.exec(
        "DELETE FROM begun WHERE at <= ?",
        params![now.as_ms() - MINUTE],
    )?;
    let today = now.as_ms().div_euclid(DAY);
    sql.exec("DELETE FROM spent WHERE day < ?", params![today])?;
    Ok(())
}

fn limited(limit: &'static str, ms: i64) -> RunAdmission {
    let seconds = u64::try_from(ms).unwrap_or(0).div_ceil(1_000);
    RunAdmission::Limited {
        retry_after: seconds.max(1),
        limit,
    }
}
