//! What clients are yet to be told: that a browser's session, of which their tokens came, is over. It is written down together with the
//! end of the session, and told until the client has heard it (OpenID Connect Back-Channel Logout 1.0).

use chrono::Duration;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{AppClientId, Db, Result, Timestamp, UserId, UserPoolId, UserSessionId};

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
    /// Whose session it was.
    pub user: UserId,
    /// The browser's session.
    pub session: UserSessionId,
    /// How often it could not be told.
    pub failures: i32,
}

/// Has the clients told that want it of the ends of browsers' sessions among these. It comes after the end, in its transaction: who
/// begins a session of tokens meanwhile waits for that, and fails.
pub(crate) async fn of_sessions(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    ended: &[Uuid],
    now: Timestamp,
) -> Result<()> {
    let insert = sqlx::query!(
        "-- logout_notice::of_sessions
        insert into logout_notices (user_pool_id, id, client_id, user_id, session_id, next_attempt_at, expires_at)
        select $1, gen_random_uuid(), told.client_id, told.user_id, told.opened_by, $3, $4
        from (
            select distinct s.client_id, s.user_id, s.opened_by
            from user_sessions b
            join user_sessions s on s.user_pool_id = $1 and s.user_id = b.user_id and s.opened_by = b.id
            join app_clients c on c.user_pool_id = $1 and c.id = s.client_id
            where b.user_pool_id = $1 and b.id = any($2) and b.kind = 'browser'
              and c.settings -> 'options' ? 'backchannel_logout_uri'
        ) as told",
        pool.as_str(),
        ended,
        now,
        now + LIFETIME
    );
    insert.execute(connection).await?;
    Ok(())
}

/// The same where a user's sessions have ended by their epoch, but for the one that they keep and its client; or where the user is
/// about to go, so that all end.
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
            update user_sessions b set revoked_at = $3
            from users u
            where u.user_pool_id = $1 and u.id = $2 and b.user_pool_id = $1 and b.user_id = $2 and b.kind = 'browser'
              and b.revoked_at is null and b.expires_at > $3
              and ($5 or (b.epoch <> u.session_epoch and b.id is distinct from u.kept_session))
            returning b.id, u.kept_session
        )
        insert into logout_notices (user_pool_id, id, client_id, user_id, session_id, next_attempt_at, expires_at)
        select $1, gen_random_uuid(), told.client_id, $2, told.opened_by, $3, $4
        from (
            select distinct s.client_id, s.opened_by
            from ended e
            join user_sessions s on s.user_pool_id = $1 and s.user_id = $2 and s.opened_by = e.id
            join app_clients c on c.user_pool_id = $1 and c.id = s.client_id
            where ($5 or s.id is distinct from e.kept_session)
              and c.settings -> 'options' ? 'backchannel_logout_uri'
        ) as told",
        pool.as_str(),
        user.as_uuid(),
        now,
        now + LIFETIME,
        all
    );
    insert.execute(connection).await?;
    Ok(())
}

/// Leases what is due to be told, every pool's first before any pool's second; what is neither told nor put off is due again when the
/// lease ends.
///
/// # Errors
/// When the database does not answer.
pub async fn lease(
    db: &Db,
    busy_pools: &[String],
    limit: i64,
    of_each: i64,
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<LogoutNotice>> {
    let rows = sqlx::query!(
        "-- logout_notice::lease (all tenants)
        with waiting as (
            select user_pool_id, id, next_attempt_at,
                   row_number() over (partition by user_pool_id order by next_attempt_at) as turn
            from logout_notices where next_attempt_at <= $1 and expires_at > $1 and user_pool_id <> all($5)
        ), chosen as (
            select user_pool_id, id from waiting where turn <= $4 order by turn, next_attempt_at limit $3
        ), due as (
            select n.user_pool_id, n.id
            from logout_notices n join chosen c on n.user_pool_id = c.user_pool_id and n.id = c.id
            where n.next_attempt_at <= $1
            for update of n skip locked
        )
        update logout_notices n set next_attempt_at = $2 from due
        where n.user_pool_id = due.user_pool_id and n.id = due.id
        returning n.user_pool_id, n.id, n.client_id, n.user_id, n.session_id, n.failures",
        now,
        until,
        limit,
        of_each,
        busy_pools
    );
    let rows = rows.fetch_all(&db.pool).await?;
    let leased = rows.into_iter().map(|row| LogoutNotice {
        user_pool: UserPoolId::new(row.user_pool_id),
        id: row.id,
        client: AppClientId::new(row.client_id),
        user: row.user_id.into(),
        session: row.session_id.into(),
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
