//! What is kept of the sessions of a pool that tracks them: who is signed in where, and since when.
//!
//! A session that began before its pool tracked any counts like the others: it was last in use when it began.

use std::net::IpAddr;

use uuid::Uuid;

use super::SessionKind;
use crate::logout_notice;
use crate::{AppClientId, Db, Result, Timestamp, UserId, UserPoolId, UserSessionId};

/// A session that goes on, as it is shown.
#[derive(Debug)]
pub struct TrackedSession {
    /// Which one.
    pub id: UserSessionId,
    /// What it is of.
    pub kind: SessionKind,
    /// The browser's session that its tokens come of, where they do.
    pub opened_by: Option<UserSessionId>,
    /// What that is called to clients, where they hear of its end: not where a device was let in.
    pub sid: Option<Uuid>,
    /// Through which client.
    pub client: AppClientId,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When it was last noted to be in use.
    pub last_active_at: Timestamp,
    /// The device then, in a few words.
    pub device: Option<String>,
    /// The device's address then.
    pub address: Option<String>,
}

/// A session in use.
#[derive(Debug)]
pub struct Activity {
    /// Which one.
    pub id: UserSessionId,
    /// When.
    pub at: Timestamp,
    /// The device, in a few words.
    pub device: Option<String>,
    /// The device's address.
    pub address: Option<IpAddr>,
}

/// Notes where a session began, and ends those of its user that were in use least recently, so that as many as may be are
/// left. Returns the ones that ended.
///
/// Sign-ins of one user take turns here, so that many at once leave exactly that many, and none ends itself.
///
/// # Errors
/// When the database does not answer.
pub async fn started(
    db: &Db,
    pool: &UserPoolId,
    user: UserId,
    new: &Activity,
    most: i64,
) -> Result<Vec<UserSessionId>> {
    let mut tx = db.begin().await?;
    let turn = sqlx::query!(
        "-- user_session::take_turn
        select id from users where user_pool_id = $1 and id = $2 for no key update",
        pool.as_str(),
        user.as_uuid()
    );
    turn.fetch_optional(&mut *tx).await?;
    let evict = sqlx::query_scalar!(
        "-- user_session::started
        with noted as (
            update user_sessions set last_active_at = $4, device = $5, address = $6
            where user_pool_id = $1 and id = $3
        ), least_used as (
            select s.id from user_sessions s
            join users u on u.user_pool_id = s.user_pool_id and u.id = s.user_id
            where s.user_pool_id = $1 and s.user_id = $2 and s.kind = 'tokens' and s.revoked_at is null
              and s.expires_at > $4 and (s.epoch = u.session_epoch or s.id = u.kept_session)
            order by s.id = $3 desc, coalesce(s.last_active_at, s.authenticated_at) desc, s.id
            offset $7
        )
        update user_sessions set revoked_at = $4
        where user_pool_id = $1 and id in (select id from least_used) and revoked_at is null
        returning id",
        pool.as_str(),
        user.as_uuid(),
        new.id.as_uuid(),
        new.at,
        new.device,
        new.address.map(|address| address.to_string()),
        most
    );
    let ended = evict.fetch_all(&mut *tx).await?;
    tx.commit().await?;
    Ok(ended.into_iter().map(UserSessionId::from).collect())
}

/// Notes that a session is in use, unless that was noted after `since`.
///
/// # Errors
/// When the database does not answer.
pub async fn active(db: &Db, pool: &UserPoolId, activity: &Activity, since: Timestamp) -> Result<()> {
    let update = sqlx::query!(
        "-- user_session::active
        update user_sessions set last_active_at = $3, device = $4, address = $5
        where user_pool_id = $1 and id = $2 and (last_active_at is null or last_active_at <= $6)",
        pool.as_str(),
        activity.id.as_uuid(),
        activity.at,
        activity.device,
        activity.address.map(|address| address.to_string()),
        since
    );
    update.execute(&db.pool).await?;
    Ok(())
}

/// The sessions of a user that go on, the one in use last first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    db: &Db,
    pool: &UserPoolId,
    user: UserId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<TrackedSession>> {
    let rows = sqlx::query!(
        r#"-- user_session::list
        select s.id, s.kind as "kind: SessionKind", s.opened_by, s.sid, s.client_id, s.authenticated_at, s.device, s.address,
               coalesce(s.last_active_at, s.authenticated_at) as "last_active_at!"
        from user_sessions s
        join users u on u.user_pool_id = s.user_pool_id and u.id = s.user_id
        where s.user_pool_id = $1 and s.user_id = $2 and s.revoked_at is null and s.expires_at > $3
          and (s.epoch = u.session_epoch or s.id = u.kept_session)
        order by coalesce(s.last_active_at, s.authenticated_at) desc, s.id
        limit $4"#,
        pool.as_str(),
        user.as_uuid(),
        now,
        limit
    );
    let rows = rows.fetch_all(&db.pool).await?;
    let sessions = rows.into_iter().map(|row| TrackedSession {
        id: row.id.into(),
        kind: row.kind,
        opened_by: row.opened_by.map(Into::into),
        sid: row.sid,
        client: AppClientId::new(row.client_id),
        created_at: row.authenticated_at,
        last_active_at: row.last_active_at,
        device: row.device,
        address: row.address,
    });
    Ok(sessions.collect())
}

/// Ends a session of a user, if it is one of theirs that goes on, and what is linked to it where that is said. Returns what ended.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke(
    db: &Db,
    pool: &UserPoolId,
    user: UserId,
    (kind, id): (SessionKind, UserSessionId),
    linked: bool,
    now: Timestamp,
) -> Result<Vec<UserSessionId>> {
    let mut tx = db.begin().await?;
    let update = sqlx::query_scalar!(
        r#"-- user_session::revoke_tracked
        with ended as (
            update user_sessions s set revoked_at = $4
            from users u
            where s.user_pool_id = $1 and s.user_id = $2 and s.id = $3 and s.kind = $5 and s.revoked_at is null
              and s.expires_at > $4 and u.user_pool_id = $1 and u.id = $2
              and (s.epoch = u.session_epoch or s.id = u.kept_session)
            returning s.id, s.opened_by
        ), linked as (
            update user_sessions s set revoked_at = $4
            from ended e
            where $6 and s.user_pool_id = $1 and s.user_id = $2 and (s.id = e.opened_by or s.opened_by = e.id)
              and s.revoked_at is null
            returning s.id
        )
        select id as "id!" from ended union all select id from linked"#,
        pool.as_str(),
        user.as_uuid(),
        id.as_uuid(),
        now,
        kind as SessionKind,
        linked
    );
    let ended = update.fetch_all(&mut *tx).await?;
    logout_notice::of_sessions(&mut tx, pool, &ended, now).await?;
    tx.commit().await?;
    Ok(ended.into_iter().map(UserSessionId::from).collect())
}
