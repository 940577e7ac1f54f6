//! Passkeys of users, and the registrations that wait for one (MFA-3).

use serde_json::Value;

use crate::{AppClientId, Db, Error, Result, Timestamp, UserId, UserPoolId};

/// A passkey.
#[derive(Debug, Clone)]
pub struct Passkey {
    /// The authenticator's id of it.
    pub credential_id: Vec<u8>,
    /// Whose it is.
    pub user: UserId,
    /// The domain that it was made for.
    pub relying_party: String,
    /// `platform` or `cross-platform`, where the browser said so.
    pub attachment: Option<String>,
    /// How its authenticator can be reached.
    pub transports: Vec<String>,
    /// The public key, its counter and what it was registered under.
    pub credential: Value,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// A registration that waits for its passkey.
#[derive(Debug)]
pub struct Registration {
    /// The client that began it.
    pub client: AppClientId,
    /// The challenge, and what was asked for.
    pub state: Value,
    /// When it is too late.
    pub expires_at: Timestamp,
}

/// The most passkeys of a user.
pub const MOST: i64 = 20;

/// Begins a registration, in place of one that waits.
///
/// # Errors
/// [`crate::Constraint::ParentGone`] when the user is gone.
pub async fn begin(db: &Db, pool: &UserPoolId, user: UserId, new: &Registration) -> Result<()> {
    let upsert = sqlx::query!(
        "-- passkey::begin
        insert into passkey_registrations (user_pool_id, user_id, client_id, state, expires_at)
        values ($1, $2, $3, $4, $5)
        on conflict (user_pool_id, user_id) do update set client_id = $3, state = $4, expires_at = $5",
        pool.as_str(),
        user.as_uuid(),
        new.client.as_str(),
        new.state,
        new.expires_at
    );
    upsert.execute(&db.pool).await?;
    Ok(())
}

/// The registration of a user that waits, expired or not.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(db: &Db, pool: &UserPoolId, user: UserId) -> Result<Option<Registration>> {
    let row = sqlx::query!(
        "-- passkey::waiting
        select client_id, state, expires_at from passkey_registrations where user_pool_id = $1 and user_id = $2",
        pool.as_str(),
        user.as_uuid()
    );
    Ok(row.fetch_optional(&db.pool).await?.map(|row| Registration {
        client: AppClientId::new(row.client_id),
        state: row.state,
        expires_at: row.expires_at,
    }))
}

/// Uses a registration up: it takes one answer, right or wrong. Says whether it was still there.
///
/// # Errors
/// When the database does not answer.
pub async fn use_up(db: &Db, pool: &UserPoolId, user: UserId, waiting: &Registration) -> Result<bool> {
    let delete = sqlx::query!(
        "-- passkey::use_up
        delete from passkey_registrations where user_pool_id = $1 and user_id = $2 and state = $3",
        pool.as_str(),
        user.as_uuid(),
        waiting.state
    );
    Ok(delete.execute(&db.pool).await?.rows_affected() == 1)
}

/// Adds a passkey, while its user has fewer than [`MOST`].
///
/// # Errors
/// [`Error::Stale`] when they have as many, or the pool has a passkey of that id; [`crate::Constraint::ParentGone`] when the
/// user is gone.
pub async fn add(db: &Db, pool: &UserPoolId, new: &Passkey) -> Result<()> {
    let insert = sqlx::query!(
        "-- passkey::add
        with owner as (
            select id from users where user_pool_id = $1 and id = $3 for no key update
        )
        insert into passkeys
            (user_pool_id, credential_id, user_id, relying_party, attachment, transports, credential, created_at)
        select $1, $2, id, $4, $5, $6, $7, $8 from owner
        where (select count(*) from passkeys where user_pool_id = $1 and user_id = $3) < $9
        on conflict do nothing",
        pool.as_str(),
        new.credential_id,
        new.user.as_uuid(),
        new.relying_party,
        new.attachment,
        &new.transports,
        new.credential,
        new.created_at,
        MOST
    );
    match insert.execute(&db.pool).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// A user's passkeys, the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_user(db: &Db, pool: &UserPoolId, user: UserId) -> Result<Vec<Passkey>> {
    let rows = sqlx::query!(
        "-- passkey::of_user
        select credential_id, relying_party, attachment, transports, credential, created_at
        from passkeys where user_pool_id = $1 and user_id = $2 order by created_at, credential_id",
        pool.as_str(),
        user.as_uuid()
    );
    let passkeys = rows.fetch_all(&db.pool).await?.into_iter().map(|row| Passkey {
        credential_id: row.credential_id,
        user,
        relying_party: row.relying_party,
        attachment: row.attachment,
        transports: row.transports,
        credential: row.credential,
        created_at: row.created_at,
    });
    Ok(passkeys.collect())
}

/// Keeps what a passkey's authenticator said of itself as it signed in.
///
/// # Errors
/// [`Error::Stale`] when the passkey is gone, or signed in meanwhile.
pub async fn used(db: &Db, pool: &UserPoolId, as_of: &Passkey, credential: &Value) -> Result<()> {
    let update = sqlx::query!(
        "-- passkey::used
        update passkeys set credential = $5
        where user_pool_id = $1 and credential_id = $2 and user_id = $3 and credential = $4",
        pool.as_str(),
        as_of.credential_id,
        as_of.user.as_uuid(),
        as_of.credential,
        credential
    );
    match update.execute(&db.pool).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// Takes a user's passkey away; says whether they had it.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(db: &Db, pool: &UserPoolId, user: UserId, credential_id: &[u8]) -> Result<bool> {
    let delete = sqlx::query!(
        "-- passkey::delete
        delete from passkeys where user_pool_id = $1 and user_id = $2 and credential_id = $3",
        pool.as_str(),
        user.as_uuid(),
        credential_id
    );
    Ok(delete.execute(&db.pool).await?.rows_affected() == 1)
}
