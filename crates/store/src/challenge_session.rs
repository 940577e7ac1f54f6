//! Challenge sessions and handshakes that were answered: each works once, on every replica (TOK-9).

use sqlx::PgExecutor;
use uuid::Uuid;

use crate::{Db, Error, Result, Timestamp, UserPoolId};

/// A challenge session that has been answered.
#[derive(Debug, Clone)]
pub struct SpentSession {
    /// Its id.
    pub id: Uuid,
    /// When it would have expired.
    pub expires_at: Timestamp,
}

/// Spends a session whose answer was wrong and leads nowhere, if it is not spent already.
///
/// # Errors
/// When the database does not answer.
pub async fn spend(db: &Db, pool: &UserPoolId, session: &SpentSession) -> Result<()> {
    match spend_once(db, pool, session).await {
        Err(Error::Stale) => Ok(()),
        other => other,
    }
}

/// Spends a session where nothing is saved with it.
///
/// # Errors
/// [`Error::Stale`] when it is spent already.
pub async fn spend_once(db: &Db, pool: &UserPoolId, session: &SpentSession) -> Result<()> {
    spend_with(&db.pool, pool, session).await
}

/// Spends a session together with what its answer leads to.
///
/// # Errors
/// [`Error::Stale`] when it is spent already.
pub(crate) async fn spend_with(
    executor: impl PgExecutor<'_>,
    pool: &UserPoolId,
    session: &SpentSession,
) -> Result<()> {
    let insert = sqlx::query!(
        "-- challenge_session::spend
        insert into spent_challenge_sessions (user_pool_id, id, expires_at) values ($1, $2, $3)
        on conflict do nothing",
        pool.as_str(),
        session.id,
        session.expires_at
    );
    match insert.execute(executor).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// Whether a session has been answered already.
///
/// # Errors
/// When the database does not answer.
pub async fn is_spent(db: &Db, pool: &UserPoolId, id: Uuid) -> Result<bool> {
    let spent = sqlx::query_scalar!(
        r#"-- challenge_session::is_spent
        select exists (select from spent_challenge_sessions where user_pool_id = $1 and id = $2) as "spent!""#,
        pool.as_str(),
        id
    );
    Ok(spent.fetch_one(&db.pool).await?)
}
