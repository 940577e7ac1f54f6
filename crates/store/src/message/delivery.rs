//! What becomes of queued messages: leased to a worker, and sent, postponed, tried again or given up (DUR-4).

use uuid::Uuid;

use super::Message;
use crate::seal::Sealed;
use crate::{AccountId, Db, Result, Timestamp, UserPoolId};

/// Which messages are looked for.
#[derive(Debug)]
pub struct Due<'a> {
    /// Those that functions of pools send, or those that gateways do.
    pub by_function: bool,
    /// The most at all.
    pub limit: i64,
    /// The most of one pool.
    pub of_each: i64,
    /// Pools that have their share.
    pub busy_pools: &'a [String],
    /// Accounts that have theirs.
    pub busy_accounts: &'a [String],
}

/// A message that is due, and whose pool's it is.
#[derive(Debug, Clone)]
pub struct Leased {
    /// The account of its pool.
    pub account: AccountId,
    /// The message.
    pub message: Message,
}

/// Leases messages that are due, every pool's first before any pool's second; unless their fate is recorded they are due again when
/// the lease ends.
///
/// # Errors
/// When the database does not answer.
pub async fn lease(db: &Db, due: &Due<'_>, now: Timestamp, until: Timestamp) -> Result<Vec<Leased>> {
    // The pools are found by one step into the index for each, however many messages wait. What is locked is what is leased.
    let rows = sqlx::query!(
        r#"-- message::lease (all tenants)
        with recursive waiting as (
            select min(user_pool_id) as id from messages where state = 'pending' and by_function = $1
            union all
            select (select min(user_pool_id) from messages
                    where state = 'pending' and by_function = $1 and user_pool_id > waiting.id)
            from waiting where waiting.id is not null
        ), chosen as (
            select p.account_id, found.user_pool_id, found.id
            from waiting join user_pools p on p.id = waiting.id cross join lateral (
                select user_pool_id, id, next_attempt_at, row_number() over (order by next_attempt_at) as turn
                from messages
                where user_pool_id = p.id and by_function = $1 and state = 'pending' and next_attempt_at <= $6
                order by next_attempt_at limit least($2::bigint, $3::bigint)
            ) as found
            where p.id <> all($4) and p.account_id <> all($5)
            order by found.turn, found.next_attempt_at limit $2
        ), due as (
            select m.user_pool_id, m.id, c.account_id
            from messages m join chosen c on m.user_pool_id = c.user_pool_id and m.id = c.id
            where m.state = 'pending' and m.next_attempt_at <= $6
            for update of m skip locked
        )
        update messages m set next_attempt_at = $7 from due
        where m.user_pool_id = due.user_pool_id and m.id = due.id
        returning due.account_id, m.user_pool_id, m.id, m.body, m.failures, m.state, m.expires_at, m.created_at"#,
        due.by_function,
        due.limit,
        due.of_each,
        due.busy_pools,
        due.busy_accounts,
        now,
        until
    );
    let rows = rows.fetch_all(&db.pool).await?;
    let leased = rows.into_iter().map(|row| Leased {
        account: AccountId::new(row.account_id),
        message: Message {
            user_pool: UserPoolId::new(row.user_pool_id),
            id: row.id,
            body: row.body.map(Sealed::from_stored),
            failures: row.failures,
            state: row.state,
            expires_at: row.expires_at,
            created_at: row.created_at,
        },
    });
    Ok(leased.collect())
}

/// Has a message wait that was not tried: nothing is held against it.
///
/// # Errors
/// When the database does not answer.
pub async fn postpone(db: &Db, pool: &UserPoolId, id: Uuid, until: Timestamp) -> Result<()> {
    let update = sqlx::query!(
        "-- message::postpone
        update messages set next_attempt_at = $3 where user_pool_id = $1 and id = $2 and state = 'pending'",
        pool.as_str(),
        id,
        until
    );
    update.execute(&db.pool).await?;
    Ok(())
}

/// Records that a message was sent. Its body goes, unless it is kept for the development inbox.
///
/// # Errors
/// When the database does not answer.
pub async fn sent(db: &Db, pool: &UserPoolId, id: Uuid, keep_body: bool) -> Result<()> {
    let update = sqlx::query!(
        "-- message::sent
        update messages set state = 'sent', body = case when $3 then body end where user_pool_id = $1 and id = $2",
        pool.as_str(),
        id,
        keep_body
    );
    update.execute(&db.pool).await?;
    Ok(())
}

/// Records that sending failed: it is due again at `retry_at`, or given up.
///
/// # Errors
/// When the database does not answer.
pub async fn failed(
    db: &Db,
    pool: &UserPoolId,
    id: Uuid,
    reason: &str,
    retry_at: Option<Timestamp>,
) -> Result<()> {
    let update = sqlx::query!(
        "-- message::failed
        update messages set failures = failures + 1, last_error = $3,
            state = case when $4::timestamptz is null then 'dead' else state end,
            next_attempt_at = coalesce($4, next_attempt_at)
        where user_pool_id = $1 and id = $2",
        pool.as_str(),
        id,
        reason,
        retry_at
    );
    update.execute(&db.pool).await?;
    Ok(())
}
