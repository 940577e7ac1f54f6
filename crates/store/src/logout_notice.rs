//! What clients are yet to be told: that a browser's session, of which their tokens came, is over. It is written down together with the
//! end of the session, and told until the client has heard it (OpenID Connect Back-Channel Logout 1.0).

use chrono::Duration;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{AppClientId, Db, Result, Timestamp, UserId, UserPoolId};

/// For how long it is told.
const LIFETIME: Duration = Duration::hours(24);

/// Something that a client is to be told.
#[derive(Debug)]
pub struct LogoutNotice {
    /// Whose client it is.
    pub user_pool: UserPoolId,
    /// Which notice.
    pub id: Uuid,
    /// The client.
    pub client: AppClientId,
    /// What the browser's session was called to it.
    pub sid: Uuid,
    /// How often it could not be told.
    pub failures: i32,
}

/// Has the clients told that want it of the ends of browsers' sessions among these, as long as they hold tokens that came of them, or did until this moment. It
/// comes after the end, in its transaction: who begins a session of tokens meanwhile waits for that, and fails. The tokens go on, of no
/// browser's session from then on.
pub(crate) async fn of_sessions(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    ended: &[Uuid],
    now: Timestamp,
) -> Result<()> {
    let insert = sqlx::query!(
        "-- logout_notice::of_sessions
        with told as (
            update user_sessions s set sid = null
            from user_sessions b
            where b.user_pool_id = $1 and b.id = any($2) and b.kind = 'browser'
              and s.user_pool_id = $1 and s.user_id = b.user_id and s.sid = b.sid and s.kind = 'tokens'
              and (s.revoked_at is null or s.revoked_at = $3) and s.expires_at > $3
            returning s.client_id, b.sid
        )
        insert into logout_notices (user_pool_id, id, client_id, sid, next_attempt_at, expires_at)
        select $1, gen_random_uuid(), each.client_id, each.sid, $3, $4
        from (
            select distinct t.client_id, t.sid
            from told t join app_clients c on c.user_pool_id = $1 and c.id = t.client_id
            where c.settings -> 'options' ? 'backchannel_logout_uri'
        ) as each",
        pool.as_str(),
        ended,
        now,
        now + LIFETIME
    );
    insert.execute(connection).await?;
    Ok(())
}

/// The same of a user's sessions of tokens that have ended by their epoch, whether their browser's goes on or not; but for those of a
/// client and a browser's session that the user keeps. Of all where the user is about to go.
pub(crate) async fn of_user(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    user: UserId,
    all: bool,
    now: Timestamp,
) -> Result<()> {
    let insert = sqlx::query!(
        "-- logout_notice::of_user
        with ended as (
            update user_sessions s set revoked_at = $3
            from users u
            left join user_sessions k on k.user_pool_id = $1 and k.id = u.kept_session
            where u.user_pool_id = $1 and u.id = $2 and s.user_pool_id = $1 and s.user_id = $2
              and s.kind = 'tokens' and s.sid is not null and s.revoked_at is null and s.expires_at > $3
              and ($5 or (s.epoch <> u.session_epoch
                          and not (s.sid is not distinct from k.sid and (k.kind = 'browser' or s.client_id = k.client_id))))
            returning s.client_id, s.sid
        )
        insert into logout_notices (user_pool_id, id, client_id, sid, next_attempt_at, expires_at)
        select $1, gen_random_uuid(), told.client_id, told.sid, $3, $4
        from (
            select distinct e.client_id, e.sid
            from ended e
            join app_clients c on c.user_pool_id = $1 and c.id = e.client_id
            where c.settings -> 'options' ? 'backchannel_logout_uri'
        ) as told (client_id, sid)",
        pool.as_str(),
        user.as_uuid(),
        now,
        now + LIFETIME,
        all
    );
    insert.execute(connection).await?;
    Ok(())
}

/// What is looked for that is due to be told.
#[derive(Debug)]
pub struct Due<'a> {
    /// Pools that have as much under way as they may.
    pub busy_pools: &'a [String],
    /// Pools that have anything under way: others come first.
    pub active_pools: &'a [String],
    /// The most at all.
    pub limit: i64,
    /// The most of one pool.
    pub of_each: i64,
}

/// Leases what is due to be told: every pool's first before any pool's second, and what has not failed before what has. What is neither
/// told nor put off is due again when the lease ends.
///
/// # Errors
/// When the database does not answer.
pub async fn lease(db: &Db, due: &Due<'_>, now: Timestamp, until: Timestamp) -> Result<Vec<LogoutNotice>> {
    // The pools are found by one step into the index for each, however much waits.
    let rows = sqlx::query!(
        "-- logout_notice::lease (all tenants)
        with recursive waiting as (
            select min(user_pool_id) as id from logout_notices
            union all
            select (select min(user_pool_id) from logout_notices where user_pool_id > waiting.id)
            from waiting where waiting.id is not null
        ), chosen as (
            select found.user_pool_id, found.id
            from waiting cross join lateral (
                select user_pool_id, id, failures, next_attempt_at,
                       row_number() over (order by failures, next_attempt_at) as turn
                from logout_notices
                where user_pool_id = waiting.id and next_attempt_at <= $1 and expires_at > $1
                order by failures, next_attempt_at limit $4
            ) as found
            where waiting.id <> all($5)
            order by waiting.id = any($6), found.turn, found.failures, found.next_attempt_at limit $3
        ), due as (
            select n.user_pool_id, n.id
            from logout_notices n join chosen c on n.user_pool_id = c.user_pool_id and n.id = c.id
            where n.next_attempt_at <= $1
            for update of n skip locked
        )
        update logout_notices n set next_attempt_at = $2 from due
        where n.user_pool_id = due.user_pool_id and n.id = due.id
        returning n.user_pool_id, n.id, n.client_id, n.sid, n.failures",
        now,
        until,
        due.limit,
        due.of_each,
        due.busy_pools,
        due.active_pools
    );
    let rows = rows.fetch_all(&db.pool).await?;
    let leased = rows.into_iter().map(|row| LogoutNotice {
        user_pool: UserPoolId::new(row.user_pool_id),
        id: row.id,
        client: AppClientId::new(row.client_id),
        sid: row.sid,
        failures: row.failures,
    });
    Ok(leased.collect())
}

/// Forgets a notice: it was told, or nobody wants to hear it.
///
/// # Errors
/// When the database does not answer.
pub async fn done(db: &Db, pool: &UserPoolId, id: Uuid) -> Result<()> {
    let delete = sqlx::query!(
        "-- logout_notice::done
        delete from logout_notices where user_pool_id = $1 and id = $2",
        pool.as_str(),
        id
    );
    delete.execute(&db.pool).await?;
    Ok(())
}

/// Puts a notice off that could not be told.
///
/// # Errors
/// When the database does not answer.
pub async fn failed(db: &Db, pool: &UserPoolId, id: Uuid, retry_at: Timestamp) -> Result<()> {
    let update = sqlx::query!(
        "-- logout_notice::failed
        update logout_notices set failures = failures + 1, next_attempt_at = $3
        where user_pool_id = $1 and id = $2",
        pool.as_str(),
        id,
        retry_at
    );
    update.execute(&db.pool).await?;
    Ok(())
}
