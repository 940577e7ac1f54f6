//! How many messages of a pool others than its administrators may bring about in an hour (LCK-4): the operator pays for them.

use chrono::Duration;
use cognate_store::{Timestamp, UserPool, attempt};
use uuid::Uuid;

use crate::{App, Error, Result, random};

/// Whose doing a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Anybody's: a name, an address or an account of their own making is all it takes.
    Anybody,
    /// Somebody's who has given the right password of a user whose second factor it is.
    SecondFactor,
}

/// The most counters of a budget.
const MOST_COUNTERS: i32 = 16;
/// The fewest messages that a counter of its own is worth.
const LEAST_OF_COUNTER: i32 = 64;

/// Counts a message against its pool's hourly budget. A quarter of it is kept for second factors, so that whoever spends the rest
/// in the names of others keeps nobody from theirs; it takes many accounts of one's own to spend that as well.
///
/// A single counter would be a row that all messages of the pool queue for. So each part of the budget has up to
/// [`MOST_COUNTERS`], which share it: a message takes one of them by chance, and is refused if that one is spent, even where
/// another is not. The budget is never exceeded, and the last messages before its end may be refused. A small one, which cannot
/// be in a hurry, has a single counter and is exact.
///
/// # Errors
/// [`Error::AttemptLimit`].
pub(crate) async fn count(app: &App, pool: &UserPool, cause: Cause, now: Timestamp) -> Result<()> {
    let all = app.limits.messages_per_pool;
    let kept = all / 4;
    if cause == Cause::SecondFactor && take(app, pool, "send for pool, kept", kept, now).await? {
        return Ok(());
    }
    match take(app, pool, "send for pool", all - kept, now).await? {
        true => Ok(()),
        false => Err(Error::AttemptLimit),
    }
}

async fn take(app: &App, pool: &UserPool, action: &str, most: i32, now: Timestamp) -> Result<bool> {
    let (counter, share) = counter(most, u32::from_le_bytes(random::bytes()?));
    let subject = Uuid::from_u128(counter.into());
    let count = attempt::count(&app.db, &pool.id, subject, action, Duration::hours(1), now).await?;
    Ok(count <= share)
}

/// A counter by chance, and its share of a budget.
fn counter(most: i32, chance: u32) -> (u32, i32) {
    let counters = (most / LEAST_OF_COUNTER).clamp(1, MOST_COUNTERS);
    let counter = chance % counters.unsigned_abs();
    let has_one_more = i64::from(counter) < i64::from(most % counters);
    (counter, most / counters + i32::from(has_one_more))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counters_of_a_budget_share_it() {
        for (most, counters) in [(0, 1), (1, 1), (127, 1), (128, 2), (1000, 15), (7500, 16), (i32::MAX, 16)] {
            let shares: Vec<_> = (0..counters).map(|chance| counter(most, chance)).collect();
            assert_eq!(shares.iter().map(|(_, share)| i64::from(*share)).sum::<i64>(), i64::from(most));
            assert!((0..counters).eq(shares.iter().map(|(counter, _)| *counter)), "{most}");
            assert_eq!(counter(most, counters).0, 0, "{most}");
        }
    }
}
