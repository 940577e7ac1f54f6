//! Ending sessions.

use crate::{Db, Result, Timestamp, UserId, UserPoolId, UserSessionId, logout_notice};

/// Ends one session: its refresh token and every token of its origin.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke(db: &Db, pool: &UserPoolId, id: UserSessionId, now: Timestamp) -> Result<()> {
    let update = sqlx::query!(
        "-- user_session::revoke
        update user_sessions set revoked_at = $3 where user_pool_id = $1 and id = $2 and revoked_at is null",
        pool.as_str(),
        id.as_uuid(),
        now
    );
    update.execute(&db.pool).await?;
    Ok(())
}

/// Ends that a browser is signed in, of which clients are told; or puts the session in its place that the same user has begun there,
/// which is called the same from then on.
///
/// # Errors
/// When the database does not answer.
pub async fn end_browser(
    db: &Db,
    pool: &UserPoolId,
    id: UserSessionId,
    successor: Option<UserSessionId>,
    now: Timestamp,
) -> Result<()> {
    let mut tx = db.begin().await?;
    let update = sqlx::query_scalar!(
        r#"-- user_session::end_browser
        with ended as (
            update user_sessions set revoked_at = $3
            where user_pool_id = $1 and id = $2 and kind = 'browser' and revoked_at is null
            returning user_id, sid
        ), succeeded as (
            update user_sessions s set sid = ended.sid
            from ended
            where s.user_pool_id = $1 and s.id = $4 and s.kind = 'browser' and s.user_id = ended.user_id
              and ended.sid is not null
            returning s.id
        )
        select exists (select from succeeded) as "is_succeeded!" from ended"#,
        pool.as_str(),
        id.as_uuid(),
        now,
        successor.map(|id| id.as_uuid())
    );
    if update.fetch_optional(&mut *tx).await? == Some(false) {
        logout_notice::of_sessions(&mut tx, pool, &[id.as_uuid()], now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Ends every session of a user; says whether there is such a user.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke_all(db: &Db, pool: &UserPoolId, user: UserId, now: Timestamp) -> Result<bool> {
    let mut tx = db.begin().await?;
    let update = sqlx::query!(
        "-- user_session::revoke_all
        update users set session_epoch = session_epoch + 1, kept_session = null
        where user_pool_id = $1 and id = $2",
        pool.as_str(),
        user.as_uuid()
    );
    let found = update.execute(&mut *tx).await?.rows_affected() == 1;
    if found {
        logout_notice::of_user(&mut tx, pool, user, false, now).await?;
    }
    tx.commit().await?;
    Ok(found)
}
