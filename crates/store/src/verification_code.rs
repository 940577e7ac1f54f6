//! Codes that prove an address or entitle to a new password. Only a digest is kept (KEY-4).

use sqlx::PgConnection;

use crate::{Db, Error, Result, Timestamp, UserId, UserPoolId};

/// What a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Confirms a sign-up.
    SignUp,
    /// Entitles to a new password.
    ResetPassword,
    /// Proves the email address of a confirmed user.
    VerifyEmail,
    /// Proves the phone number of a confirmed user.
    VerifyPhoneNumber,
}

impl Purpose {
    /// The purpose as stored and digested.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::ResetPassword => "reset_password",
            Self::VerifyEmail => "verify_email",
            Self::VerifyPhoneNumber => "verify_phone_number",
        }
    }
}

/// A code about to be stored. A newer one of the same purpose replaces it (COD-1).
#[derive(Debug)]
pub struct NewCode {
    /// What it is for.
    pub purpose: Purpose,
    /// HMAC of the code under the pool's key, bound to user, purpose and destination.
    pub digest: [u8; 32],
    /// The attribute it was sent to.
    pub attribute: &'static str,
    /// The address it was sent to.
    pub destination: String,
    /// Whether the address becomes the user's with the proof (COD-3), rather than being theirs already.
    pub pending: bool,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// A code in force.
#[derive(Debug)]
pub struct Code {
    /// HMAC of the code under the pool's key.
    pub digest: Vec<u8>,
    /// The attribute it was sent to.
    pub attribute: String,
    /// The address it was sent to.
    pub destination: String,
    /// Whether the address becomes the user's with the proof.
    pub pending: bool,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// A user's code for a purpose, expired or not.
///
/// # Errors
/// When the database does not answer.
pub async fn get(db: &Db, pool: &UserPoolId, user: UserId, purpose: Purpose) -> Result<Option<Code>> {
    let code = sqlx::query_as!(
        Code,
        "-- verification_code::get
        select digest, attribute, destination, pending, expires_at from verification_codes
        where user_pool_id = $1 and user_id = $2 and purpose = $3",
        pool.as_str(),
        user.as_uuid(),
        purpose.as_str()
    );
    Ok(code.fetch_optional(&db.pool).await?)
}

pub(crate) async fn put(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    user: UserId,
    code: &NewCode,
    now: Timestamp,
) -> Result<()> {
    let upsert = sqlx::query!(
        "-- verification_code::put
        insert into verification_codes
            (user_pool_id, user_id, purpose, digest, attribute, destination, pending, expires_at, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (user_pool_id, user_id, purpose) do update
        set digest = $4, attribute = $5, destination = $6, pending = $7, expires_at = $8, created_at = $9",
        pool.as_str(),
        user.as_uuid(),
        code.purpose.as_str(),
        code.digest.as_slice(),
        code.attribute,
        code.destination,
        code.pending,
        code.expires_at,
        now
    );
    upsert.execute(connection).await?;
    Ok(())
}

/// Spends the code of that digest: it works once.
pub(crate) async fn spend(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    user: UserId,
    digest: &[u8],
) -> Result<()> {
    let delete = sqlx::query!(
        "-- verification_code::spend
        delete from verification_codes where user_pool_id = $1 and user_id = $2 and digest = $3",
        pool.as_str(),
        user.as_uuid(),
        digest
    );
    match delete.execute(connection).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// Voids reset codes: a changed password or address makes them pointless (COD-1).
pub(crate) async fn void_resets(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    user: UserId,
) -> Result<()> {
    let delete = sqlx::query!(
        "-- verification_code::void_resets
        delete from verification_codes where user_pool_id = $1 and user_id = $2 and purpose = 'reset_password'",
        pool.as_str(),
        user.as_uuid()
    );
    delete.execute(connection).await?;
    Ok(())
}

/// Calls off changes of addresses that wait for their proof: whoever asked for them may not have been the user, whose
/// password is another one now (COD-1).
pub(crate) async fn void_pending(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    user: UserId,
) -> Result<()> {
    let delete = sqlx::query!(
        "-- verification_code::void_pending
        delete from verification_codes where user_pool_id = $1 and user_id = $2 and pending",
        pool.as_str(),
        user.as_uuid()
    );
    delete.execute(connection).await?;
    Ok(())
}

/// Voids every code that was sent to one of these attributes.
pub(crate) async fn void_for(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    user: UserId,
    attributes: &[String],
) -> Result<()> {
    let delete = sqlx::query!(
        "-- verification_code::void_for
        delete from verification_codes where user_pool_id = $1 and user_id = $2 and attribute = any($3)",
        pool.as_str(),
        user.as_uuid(),
        attributes
    );
    delete.execute(connection).await?;
    Ok(())
}
