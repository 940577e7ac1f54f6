//! How often something was tried in the current window (LCK-2): guesses at codes, requests for messages.

use uuid::Uuid;

use crate::{Db, Result, Timestamp, UserPoolId};

/// Counts one more attempt and returns how many there are in the window that the first one opened.
///
/// The subject is a user's id, or a stand-in for a name that nobody has.
///
/// # Errors
/// When the database does not answer.
pub async fn count(
    db: &Db,
    pool: &UserPoolId,
    subject: Uuid,
    action: &str,
    window: chrono::Duration,
    now: Timestamp,
) -> Result<i32> {
    let count = sqlx::query_scalar!(
        "-- attempt::count
        insert into attempts as a (user_pool_id, subject, action, count, expires_at) values ($1, $2, $3, 1, $5)
        on conflict (user_pool_id, subject, action) do update set
            count = case when a.expires_at <= $4 then 1 else least(a.count, 1000000) + 1 end,
            expires_at = case when a.expires_at <= $4 then $5 else a.expires_at end
        returning count",
        pool.as_str(),
        subject,
        action,
        now,
        now + window
    );
    Ok(count.fetch_one(&db.pool).await?)
}

/// Takes an attempt back that was none after all.
///
/// # Errors
/// When the database does not answer.
pub async fn give_back(db: &Db, pool: &UserPoolId, subject: Uuid, action: &str) -> Result<()> {
    let update = sqlx::query!(
        "-- attempt::give_back
        update attempts set count = greatest(count - 1, 0)
        where user_pool_id = $1 and subject = $2 and action = $3",
        pool.as_str(),
        subject,
        action
    );
    update.execute(&db.pool).await?;
    Ok(())
}

/// Notes that something was done, until a time; a later note moves the time on.
///
/// # Errors
/// When the database does not answer.
pub async fn note(db: &Db, pool: &UserPoolId, subject: Uuid, action: &str, until: Timestamp) -> Result<()> {
    let upsert = sqlx::query!(
        "-- attempt::note
        insert into attempts as a (user_pool_id, subject, action, count, expires_at) values ($1, $2, $3, 1, $4)
        on conflict (user_pool_id, subject, action) do update set expires_at = greatest(a.expires_at, $4)",
        pool.as_str(),
        subject,
        action,
        until
    );
    upsert.execute(&db.pool).await?;
    Ok(())
}

/// How many attempts there are in the current window.
///
/// # Errors
/// When the database does not answer.
pub async fn current(db: &Db, pool: &UserPoolId, subject: Uuid, action: &str, now: Timestamp) -> Result<i32> {
    let count = sqlx::query_scalar!(
        "-- attempt::current
        select count from attempts
        where user_pool_id = $1 and subject = $2 and action = $3 and expires_at > $4",
        pool.as_str(),
        subject,
        action,
        now
    );
    Ok(count.fetch_optional(&db.pool).await?.unwrap_or(0))
}
