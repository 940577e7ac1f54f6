//! What happens to a user after they were created: confirmed, changed, disabled, told to reset their password.

use sqlx::types::Json;

use super::{Attributes, User, tell};
use crate::login_name::{self, LoginName};
use crate::logout_notice;
use crate::message::NewMessage;
use crate::verification_code::{self, NewCode};
use crate::{Db, Error, Result, Timestamp, UserId, UserPool, UserPoolId};

/// What confirming a user changes.
#[derive(Debug)]
pub struct Confirmation<'a> {
    /// The digest of the code that proved it; it is spent with the change.
    pub code: &'a [u8],
    /// The attribute that the code proved, set to `true`.
    pub verified_attribute: &'a str,
    /// The aliases that come into force with it.
    pub names: &'a [LoginName],
    /// Takes aliases away from users who hold them.
    pub take_aliases: bool,
}

/// Confirms a user by a code.
///
/// # Errors
/// [`Error::Stale`] when the user is confirmed already or the code was spent or replaced;
/// [`crate::Constraint::AliasTaken`] when an alias has another owner.
pub async fn confirm(
    db: &Db,
    pool: &UserPoolId,
    id: UserId,
    confirmation: &Confirmation<'_>,
    now: Timestamp,
) -> Result<()> {
    let mut tx = db.begin().await?;
    let update = sqlx::query!(
        "-- user::confirm
        update users set status = 'CONFIRMED', updated_at = greatest($4, updated_at + interval '1 microsecond'),
            attributes = attributes || jsonb_build_object($3::text, 'true')
        where user_pool_id = $1 and id = $2 and status = 'UNCONFIRMED'",
        pool.as_str(),
        id.as_uuid(),
        confirmation.verified_attribute,
        now
    );
    if update.execute(&mut *tx).await?.rows_affected() != 1 {
        return Err(Error::Stale);
    }
    verification_code::spend(&mut tx, pool, id, confirmation.code).await?;
    login_name::claim(&mut tx, pool, id, confirmation.names, confirmation.take_aliases, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Confirms a user because an administrator says so.
///
/// # Errors
/// [`Error::Stale`] when the user is gone, or is not waiting to be confirmed.
pub async fn confirm_by_administrator(db: &Db, pool: &UserPoolId, id: UserId, now: Timestamp) -> Result<()> {
    let update = sqlx::query!(
        "-- user::confirm_by_administrator
        update users set status = 'CONFIRMED', updated_at = greatest($3, updated_at + interval '1 microsecond')
        where user_pool_id = $1 and id = $2 and status = 'UNCONFIRMED'",
        pool.as_str(),
        id.as_uuid(),
        now
    );
    match update.execute(&db.pool).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// A change of a user's attributes and what goes with it.
#[derive(Debug)]
pub struct AttributeChange<'a> {
    /// All attributes the user has from now on.
    pub attributes: Attributes,
    /// The names that sign the user in no longer.
    pub lost: Vec<LoginName>,
    /// The names that sign the user in from now on.
    pub gained: Vec<LoginName>,
    /// The addresses that are other ones now, so that codes to the old ones no longer count (COD-1).
    pub changed_addresses: Vec<String>,
    /// The digest of the code that proved an address; it is spent with the change.
    pub proof: Option<&'a [u8]>,
    /// Codes for addresses that are to be proven, each with its message.
    pub codes: Vec<(NewCode, NewMessage)>,
}

/// Changes a user's attributes, unless the user has changed since they were read.
///
/// # Errors
/// [`Error::Stale`] when they have, or the proof was spent; [`crate::Constraint::AliasTaken`] when a name has another owner.
pub async fn change_attributes(
    db: &Db,
    pool: &UserPool,
    user: &User,
    change: &AttributeChange<'_>,
    now: Timestamp,
) -> Result<()> {
    let mut tx = db.begin().await?;
    let update = sqlx::query!(
        "-- user::change_attributes
        update users set attributes = $3, updated_at = greatest($5, updated_at + interval '1 microsecond')
        where user_pool_id = $1 and id = $2 and updated_at = $4",
        pool.id.as_str(),
        user.id.as_uuid(),
        Json(&change.attributes) as _,
        user.updated_at,
        now
    );
    if update.execute(&mut *tx).await?.rows_affected() != 1 {
        return Err(Error::Stale);
    }
    if let Some(digest) = change.proof {
        verification_code::spend(&mut tx, &pool.id, user.id, digest).await?;
    }
    if !change.changed_addresses.is_empty() {
        verification_code::void_resets(&mut tx, &pool.id, user.id).await?;
        verification_code::void_for(&mut tx, &pool.id, user.id, &change.changed_addresses).await?;
    }
    login_name::release(&mut tx, &pool.id, user.id, &change.lost).await?;
    login_name::claim(&mut tx, &pool.id, user.id, &change.gained, false, now).await?;
    for (code, message) in &change.codes {
        tell(&mut tx, &pool.id, &pool.key, user.id, Some(code), std::slice::from_ref(message), now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Demands a new password of a user: signs them out everywhere and sends the code that entitles to it.
///
/// # Errors
/// [`Error::Stale`] when the user is gone, or has no password of their own to reset.
pub async fn require_reset(
    db: &Db,
    pool: &UserPool,
    id: UserId,
    code: &NewCode,
    message: &NewMessage,
    now: Timestamp,
) -> Result<()> {
    let mut tx = db.begin().await?;
    let update = sqlx::query!(
        "-- user::require_reset
        update users set status = 'RESET_REQUIRED', session_epoch = session_epoch + 1, kept_session = null,
            updated_at = greatest($3, updated_at + interval '1 microsecond')
        where user_pool_id = $1 and id = $2 and status in ('CONFIRMED', 'RESET_REQUIRED')",
        pool.id.as_str(),
        id.as_uuid(),
        now
    );
    if update.execute(&mut *tx).await?.rows_affected() != 1 {
        return Err(Error::Stale);
    }
    logout_notice::of_user(&mut tx, &pool.id, id, false, now).await?;
    verification_code::void_pending(&mut tx, &pool.id, id).await?;
    tell(&mut tx, &pool.id, &pool.key, id, Some(code), std::slice::from_ref(message), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Demands a new password of a confirmed user, who is signed out everywhere and asks for the code that entitles to it. Says
/// whether there is such a user.
///
/// # Errors
/// When the database does not answer.
pub async fn demand_reset(db: &Db, pool: &UserPoolId, id: UserId, now: Timestamp) -> Result<bool> {
    let mut tx = db.begin().await?;
    let update = sqlx::query!(
        "-- user::demand_reset
        update users set status = 'RESET_REQUIRED', session_epoch = session_epoch + 1, kept_session = null,
            updated_at = greatest($3, updated_at + interval '1 microsecond')
        where user_pool_id = $1 and id = $2 and status = 'CONFIRMED'",
        pool.as_str(),
        id.as_uuid(),
        now
    );
    let found = update.execute(&mut *tx).await?.rows_affected() == 1;
    if found {
        logout_notice::of_user(&mut tx, pool, id, false, now).await?;
    }
    tx.commit().await?;
    Ok(found)
}

/// Lets a user sign in or not. Whoever may not is signed out everywhere, for good, and reset codes on their way to them
/// are void (TOK-7). Says whether there is such a user.
///
/// # Errors
/// When the database does not answer.
pub async fn set_enabled(
    db: &Db,
    pool: &UserPoolId,
    id: UserId,
    enabled: bool,
    now: Timestamp,
) -> Result<bool> {
    let mut tx = db.begin().await?;
    let update = sqlx::query!(
        "-- user::set_enabled
        with voided as (
            delete from verification_codes
            where user_pool_id = $1 and user_id = $2 and (purpose = 'reset_password' or pending) and not $3
        )
        update users set enabled = $3, updated_at = greatest($4, updated_at + interval '1 microsecond'),
            session_epoch = session_epoch + case when $3 then 0 else 1 end,
            kept_session = case when $3 then kept_session end
        where user_pool_id = $1 and id = $2",
        pool.as_str(),
        id.as_uuid(),
        enabled,
        now
    );
    let found = update.execute(&mut *tx).await?.rows_affected() == 1;
    if found && !enabled {
        logout_notice::of_user(&mut tx, pool, id, false, now).await?;
    }
    tx.commit().await?;
    Ok(found)
}
