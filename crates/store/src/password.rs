//! Passwords: hash and SRP verifier, and what changes with them.

pub mod guess;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::PgConnection;
use sqlx::types::Json;
use zeroize::Zeroizing;

use crate::challenge_session::{self, SpentSession};
use crate::login_name::{self, LoginName};
use crate::logout_notice;
use crate::message::NewMessage;
use crate::seal::{Place, PoolKey, Sealed};
use crate::user::{self, Attributes};
use crate::{
    Db, Error, Result, Timestamp, UserId, UserPool, UserPoolId, UserSessionId, UserStatus, verification_code,
};

/// A user's password as it is kept.
#[derive(Debug, Clone)]
pub struct Password {
    /// PHC string; bcrypt's own notation for an imported one.
    pub hash: SecretString,
    /// What stands for it in SRP: an imported hash has none at first.
    pub srp: Option<SrpVerifier>,
    /// When it stops working, for a temporary one.
    pub expires_at: Option<Timestamp>,
    /// When it was set; identifies it.
    pub changed_at: Timestamp,
}

/// What stands for a password in SRP, sealed.
#[derive(Debug, Clone)]
pub struct SrpVerifier {
    /// The salt.
    pub salt: Vec<u8>,
    pub(crate) verifier: Sealed,
}

impl SrpVerifier {
    /// The verifier of a user.
    ///
    /// # Errors
    /// When it does not open: it is another user's, or was changed.
    pub fn open(&self, key: &PoolKey, user: UserId) -> Result<Zeroizing<Vec<u8>>> {
        key.open(verifier_place(&user.to_string()), &self.verifier)
    }
}

/// A password about to be stored.
pub struct NewPassword {
    /// PHC string.
    pub hash: SecretString,
    /// The SRP salt, 16 bytes.
    pub srp_salt: Vec<u8>,
    /// The SRP verifier; sealed when stored, because it falls to a fast-hash guess.
    pub srp_verifier: Zeroizing<Vec<u8>>,
    /// When it stops working, for a temporary one.
    pub expires_at: Option<Timestamp>,
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewPassword").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// What entitles a caller to change a password. It is checked again as the change is saved.
#[derive(Debug)]
pub enum Proof<'a> {
    /// An administrator asked for it.
    Administrator,
    /// The user asked for it, who had none.
    NoPassword,
    /// The password that was set at that time was proven, or its challenge answered.
    Password(Timestamp),
    /// As `Password`, by way of a challenge session that is spent with the change.
    Challenge(Timestamp, &'a SpentSession),
    /// The code of this digest was given; it is spent with the change. Codes are for enabled users who have a password
    /// of their own: not for one that an administrator has just set for now.
    Code(&'a [u8]),
}

/// A change of password and what goes with it, in one transaction.
#[derive(Debug)]
pub struct PasswordChange<'a> {
    /// What entitles the caller.
    pub proof: Proof<'a>,
    /// The new password.
    pub password: NewPassword,
    /// The user's new status, where it changes.
    pub status: Option<UserStatus>,
    /// How many of the user's last passwords are kept, the new one among them, so that none is used again.
    pub remembered: i32,
    /// The session that goes on; every other one ends (TOK-7).
    pub keep_session: Option<UserSessionId>,
    /// When the user that the attributes and names were worked out for had last changed; they must not have since.
    pub user_as_of: Option<Timestamp>,
    /// Attributes the user gains with it.
    pub attributes: Attributes,
    /// Names that sign the user in from now on.
    pub names: Vec<LoginName>,
    /// Messages that tell the user.
    pub messages: Vec<NewMessage>,
}

impl<'a> PasswordChange<'a> {
    /// A change of the password alone, which ends every session.
    pub fn new(proof: Proof<'a>, password: NewPassword) -> Self {
        Self {
            proof,
            password,
            status: None,
            remembered: 1,
            keep_session: None,
            user_as_of: None,
            attributes: Attributes::new(),
            names: Vec::new(),
            messages: Vec::new(),
        }
    }
}

/// Changes a user's password.
///
/// # Errors
/// [`Error::Stale`] when the user is gone, or the proof no longer holds.
pub async fn change(
    db: &Db,
    pool: &UserPool,
    id: UserId,
    change: &PasswordChange<'_>,
    now: Timestamp,
) -> Result<()> {
    let mut tx = db.begin().await?;
    // Locks the user first: a sign-in that is being saved holds a share of this lock (user_session::start).
    let update = sqlx::query!(
        "-- password::change_user
        update users set status = coalesce($3, status), attributes = attributes || $4,
            updated_at = greatest($5, updated_at + interval '1 microsecond'),
            session_epoch = session_epoch + 1, kept_session = $6
        where user_pool_id = $1 and id = $2 and ($7::timestamptz is null or updated_at = $7)
          and (not $8 or (enabled and status in ('CONFIRMED', 'RESET_REQUIRED')))",
        pool.id.as_str(),
        id.as_uuid(),
        change.status as _,
        Json(&change.attributes) as _,
        now,
        change.keep_session.map(|session| session.as_uuid()),
        change.user_as_of,
        matches!(change.proof, Proof::Code(_))
    );
    if update.execute(&mut *tx).await?.rows_affected() != 1 {
        return Err(Error::Stale);
    }
    logout_notice::of_user(&mut tx, &pool.id, id, false, now).await?;
    match change.proof {
        Proof::Administrator => {}
        Proof::NoPassword => expect_unchanged(&mut tx, &pool.id, id, None).await?,
        Proof::Password(changed_at) => expect_unchanged(&mut tx, &pool.id, id, Some(changed_at)).await?,
        Proof::Challenge(changed_at, session) => {
            expect_unchanged(&mut tx, &pool.id, id, Some(changed_at)).await?;
            challenge_session::spend_with(&mut *tx, &pool.id, session).await?;
        }
        Proof::Code(digest) => verification_code::spend(&mut tx, &pool.id, id, digest).await?,
    }
    remember(&mut tx, &pool.id, id, change.remembered).await?;
    put(&mut tx, &pool.id, &pool.key, id, &change.password, now).await?;
    login_name::claim(&mut tx, &pool.id, id, &change.names, false, now).await?;
    verification_code::void_resets(&mut tx, &pool.id, id).await?;
    verification_code::void_pending(&mut tx, &pool.id, id).await?;
    guess::forget(&mut tx, &pool.id, id).await?;
    user::tell(&mut tx, &pool.id, &pool.key, id, None, &change.messages, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Puts the current password beside the earlier ones, and forgets those beyond the number that is kept.
async fn remember(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    id: UserId,
    remembered: i32,
) -> Result<()> {
    let statement = sqlx::query!(
        "-- password::remember
        with remembered as (
            insert into password_history (user_pool_id, user_id, hash, changed_at)
            select user_pool_id, user_id, hash, changed_at from passwords
            where user_pool_id = $1 and user_id = $2 and $3 > 1
            on conflict do nothing
        )
        delete from password_history where user_pool_id = $1 and user_id = $2 and changed_at not in (
            select changed_at from password_history where user_pool_id = $1 and user_id = $2
            order by changed_at desc limit greatest($3 - 2, 0))",
        pool.as_str(),
        id.as_uuid(),
        remembered
    );
    statement.execute(connection).await?;
    Ok(())
}

/// The hashes of a user's last passwords, the current one first.
///
/// # Errors
/// When the database does not answer.
pub async fn recent(db: &Db, pool: &UserPoolId, id: UserId, limit: i64) -> Result<Vec<SecretString>> {
    let hashes = sqlx::query_scalar!(
        r#"-- password::recent
        select hash as "hash!" from (
            select hash, changed_at from passwords where user_pool_id = $1 and user_id = $2
            union all
            select hash, changed_at from password_history where user_pool_id = $1 and user_id = $2
        ) as kept order by changed_at desc limit $3"#,
        pool.as_str(),
        id.as_uuid(),
        limit
    );
    Ok(hashes.fetch_all(&db.pool).await?.into_iter().map(Into::into).collect())
}

/// Replaces a stored hash by one of the same password with current parameters, unless the password was changed since.
/// It stays the same password: what was proven by it holds, and an SRP verifier that is there stays.
///
/// # Errors
/// When the database does not answer.
pub async fn rehash(
    db: &Db,
    pool: &UserPool,
    id: UserId,
    changed_at: Timestamp,
    same: &NewPassword,
) -> Result<()> {
    let row = id.to_string();
    let verifier = pool.key.seal(verifier_place(&row), &same.srp_verifier)?;
    let update = sqlx::query!(
        "-- password::rehash
        update passwords set hash = $4, srp_salt = coalesce(srp_salt, $5), srp_verifier = coalesce(srp_verifier, $6)
        where user_pool_id = $1 and user_id = $2 and changed_at = $3",
        pool.id.as_str(),
        id.as_uuid(),
        changed_at,
        same.hash.expose_secret(),
        same.srp_salt,
        verifier.as_bytes()
    );
    update.execute(&db.pool).await?;
    Ok(())
}

pub(crate) async fn put(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    key: &PoolKey,
    id: UserId,
    new: &NewPassword,
    now: Timestamp,
) -> Result<()> {
    let row = id.to_string();
    let verifier = key.seal(verifier_place(&row), &new.srp_verifier)?;
    let upsert = sqlx::query!(
        "-- password::put
        insert into passwords (user_pool_id, user_id, hash, srp_salt, srp_verifier, expires_at, changed_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (user_pool_id, user_id) do update
        set hash = $3, srp_salt = $4, srp_verifier = $5, expires_at = $6,
            changed_at = greatest($7, passwords.changed_at + interval '1 microsecond')",
        pool.as_str(),
        id.as_uuid(),
        new.hash.expose_secret(),
        new.srp_salt,
        verifier.as_bytes(),
        new.expires_at,
        now
    );
    upsert.execute(connection).await?;
    Ok(())
}

fn verifier_place(row: &str) -> Place<'_> {
    Place { table: "passwords", column: "srp_verifier", row }
}

async fn expect_unchanged(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    id: UserId,
    changed_at: Option<Timestamp>,
) -> Result<()> {
    let current = sqlx::query_scalar!(
        "-- password::expect_unchanged
        select changed_at from passwords where user_pool_id = $1 and user_id = $2",
        pool.as_str(),
        id.as_uuid()
    );
    if current.fetch_optional(connection).await? == changed_at { Ok(()) } else { Err(Error::Stale) }
}
