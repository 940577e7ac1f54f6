//! Devices that users have confirmed (MFA-5).

use sqlx::PgConnection;
use zeroize::Zeroizing;

use crate::seal::{Place, PoolKey, Sealed};
use crate::{Db, Error, Result, Timestamp, UserId, UserPool, UserPoolId, UserSessionId};

/// A device.
#[derive(Debug, Clone)]
pub struct Device {
    /// Its key, which the server chose.
    pub key: String,
    /// Whose it is.
    pub user: UserId,
    /// What its user calls it.
    pub name: Option<String>,
    /// The salt of its password.
    pub srp_salt: Vec<u8>,
    srp_verifier: Sealed,
    /// Whether it may stand for a second factor.
    pub is_remembered: bool,
    /// The network address it was last seen at.
    pub last_address: Option<String>,
    /// When it was confirmed.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it last proved itself.
    pub authenticated_at: Timestamp,
}

impl Device {
    /// What stands for its password in SRP.
    ///
    /// # Errors
    /// When it does not open.
    pub fn verifier(&self, key: &PoolKey) -> Result<Zeroizing<Vec<u8>>> {
        key.open(place(&self.key), &self.srp_verifier)
    }
}

fn place(row: &str) -> Place<'_> {
    Place { table: "devices", column: "srp_verifier", row }
}

/// A device about to be confirmed.
#[derive(Debug)]
pub struct NewDevice<'a> {
    /// The key that its session was given.
    pub key: &'a str,
    /// What its user calls it.
    pub name: Option<&'a str>,
    /// The salt of its password.
    pub srp_salt: &'a [u8],
    /// What stands for its password in SRP.
    pub srp_verifier: &'a [u8],
    /// Whether it may stand for a second factor.
    pub is_remembered: bool,
}

/// Confirms a device of a user.
///
/// # Errors
/// [`Error::Stale`] when it is confirmed already; [`crate::Constraint::ParentGone`] when the user is gone.
pub async fn confirm(
    db: &Db,
    pool: &UserPool,
    user: UserId,
    new: &NewDevice<'_>,
    now: Timestamp,
) -> Result<()> {
    let sealed = pool.key.seal(place(new.key), new.srp_verifier)?;
    let insert = sqlx::query!(
        "-- device::confirm
        insert into devices (user_pool_id, device_key, user_id, name, srp_salt, srp_verifier, is_remembered,
                             created_at, updated_at, authenticated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8)
        on conflict do nothing",
        pool.id.as_str(),
        new.key,
        user.as_uuid(),
        new.name,
        new.srp_salt,
        sealed.as_bytes(),
        new.is_remembered,
        now
    );
    match insert.execute(&db.pool).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// A user's device.
///
/// # Errors
/// When the database does not answer.
pub async fn get(db: &Db, pool: &UserPoolId, user: UserId, key: &str) -> Result<Option<Device>> {
    let row = sqlx::query_as!(
        Row,
        "-- device::get
        select device_key, name, srp_salt, srp_verifier, is_remembered, last_address, created_at, updated_at,
               authenticated_at
        from devices where user_pool_id = $1 and user_id = $2 and device_key = $3",
        pool.as_str(),
        user.as_uuid(),
        key
    );
    Ok(row.fetch_optional(&db.pool).await?.map(|row| row.of(user)))
}

/// A user's devices in the order of their keys, those after a key.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    db: &Db,
    pool: &UserPoolId,
    user: UserId,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Device>> {
    let rows = sqlx::query_as!(
        Row,
        "-- device::list
        select device_key, name, srp_salt, srp_verifier, is_remembered, last_address, created_at, updated_at,
               authenticated_at
        from devices
        where user_pool_id = $1 and user_id = $2 and device_key > coalesce($3, '')
        order by device_key limit $4",
        pool.as_str(),
        user.as_uuid(),
        after,
        limit
    );
    Ok(rows.fetch_all(&db.pool).await?.into_iter().map(|row| row.of(user)).collect())
}

struct Row {
    device_key: String,
    name: Option<String>,
    srp_salt: Vec<u8>,
    srp_verifier: Vec<u8>,
    is_remembered: bool,
    last_address: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
    authenticated_at: Timestamp,
}

impl Row {
    fn of(self, user: UserId) -> Device {
        Device {
            key: self.device_key,
            user,
            name: self.name,
            srp_salt: self.srp_salt,
            srp_verifier: Sealed::from_stored(self.srp_verifier),
            is_remembered: self.is_remembered,
            last_address: self.last_address,
            created_at: self.created_at,
            updated_at: self.updated_at,
            authenticated_at: self.authenticated_at,
        }
    }
}

/// Says whether a device may stand for a second factor from now on; whether there is such a device.
///
/// # Errors
/// When the database does not answer.
pub async fn remember(
    db: &Db,
    pool: &UserPoolId,
    user: UserId,
    key: &str,
    is_remembered: bool,
    now: Timestamp,
) -> Result<bool> {
    let update = sqlx::query!(
        "-- device::remember
        update devices set is_remembered = $4, updated_at = $5
        where user_pool_id = $1 and user_id = $2 and device_key = $3",
        pool.as_str(),
        user.as_uuid(),
        key,
        is_remembered,
        now
    );
    Ok(update.execute(&db.pool).await?.rows_affected() == 1)
}

/// Notes that a device has proven itself. One that was forgotten meanwhile has not.
///
/// # Errors
/// [`Error::Stale`] when it was.
pub async fn authenticated(
    db: &Db,
    pool: &UserPoolId,
    device: &Device,
    address: Option<String>,
    now: Timestamp,
) -> Result<()> {
    let update = sqlx::query!(
        "-- device::authenticated
        update devices set authenticated_at = $4, last_address = coalesce($5, last_address)
        where user_pool_id = $1 and user_id = $2 and device_key = $3",
        pool.as_str(),
        device.user.as_uuid(),
        device.key,
        now,
        address
    );
    match update.execute(&db.pool).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// Forgets a device and ends its sessions; the one that asks is only not refreshed any more. Returns them, or nothing where there
/// is no such device.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(
    db: &Db,
    pool: &UserPoolId,
    user: UserId,
    key: &str,
    asking: Option<UserSessionId>,
    now: Timestamp,
) -> Result<Option<Vec<UserSessionId>>> {
    let mut tx = db.begin().await?;
    let delete = sqlx::query!(
        "-- device::forget
        delete from devices where user_pool_id = $1 and user_id = $2 and device_key = $3",
        pool.as_str(),
        user.as_uuid(),
        key
    );
    if delete.execute(&mut *tx).await?.rows_affected() != 1 {
        return Ok(None);
    }
    let ended = end_sessions(&mut tx, pool, user, key, asking, now).await?;
    tx.commit().await?;
    Ok(Some(ended))
}

async fn end_sessions(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    user: UserId,
    key: &str,
    asking: Option<UserSessionId>,
    now: Timestamp,
) -> Result<Vec<UserSessionId>> {
    let update = sqlx::query_scalar!(
        "-- device::end_sessions
        update user_sessions
        set revoked_at = case when id = $5 then revoked_at else $4 end, expires_at = least(expires_at, $4)
        where user_pool_id = $1 and user_id = $2 and device_key = $3 and revoked_at is null
        returning id",
        pool.as_str(),
        user.as_uuid(),
        key,
        now,
        asking.map(|id| id.as_uuid())
    );
    Ok(update.fetch_all(connection).await?.into_iter().map(Into::into).collect())
}
