//! Second factors of users: what they set up, and what they want to be asked for.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::seal::{Place, PoolKey, Sealed};
use crate::user_pool::Contact;
use crate::{Db, Error, Result, Timestamp, UserId, UserPool, UserPoolId};

/// A kind of second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SecondFactor {
    /// A code by text message.
    Sms,
    /// A code of an authenticator app.
    SoftwareToken,
    /// A code by email.
    Email,
}

impl SecondFactor {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Sms, Self::SoftwareToken, Self::Email];

    /// Where its codes go, where they are sent.
    pub fn contact(self) -> Option<Contact> {
        match self {
            Self::Sms => Some(Contact::PhoneNumber),
            Self::Email => Some(Contact::Email),
            Self::SoftwareToken => None,
        }
    }

    /// Its name in Cognito's words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "SMS_MFA",
            Self::SoftwareToken => "SOFTWARE_TOKEN_MFA",
            Self::Email => "EMAIL_OTP",
        }
    }

    /// The factor of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|factor| factor.as_str() == text)
    }
}

/// An authenticator app.
#[derive(Clone)]
pub struct SoftwareToken {
    /// The secret that it shares with the server.
    pub secret: Zeroizing<Vec<u8>>,
    /// What its user calls it.
    pub name: Option<String>,
    /// Since when it is its user's, where that is known.
    pub since: Option<Timestamp>,
    /// The last time step that a code was taken from.
    pub last_step: i64,
    pub(crate) sealed: Vec<u8>,
}

impl std::fmt::Debug for SoftwareToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SoftwareToken").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a user set up.
#[derive(Clone, Default)]
pub struct SecondFactors {
    /// The authenticator app that works.
    pub software_token: Option<SoftwareToken>,
    /// The secret of one that waits for its first code.
    pub pending: Option<Pending>,
    /// What the user is to be asked for.
    pub enabled: Vec<SecondFactor>,
    /// What of that comes first.
    pub preferred: Option<SecondFactor>,
    /// Whether a verified passkey is to stand for two factors, where the user said so.
    pub passkey: Option<bool>,
}

/// The secret of an authenticator app that waits for its first code.
#[derive(Clone)]
pub struct Pending {
    /// The secret.
    pub secret: Zeroizing<Vec<u8>>,
    sealed: Vec<u8>,
}

/// What a user wants to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// These.
    pub enabled: Vec<SecondFactor>,
    /// What of that comes first.
    pub preferred: Option<SecondFactor>,
    /// Whether a verified passkey is to stand for two factors; what the pool says, unless it is said.
    pub passkey: Option<bool>,
}

/// The first code of an authenticator app, which makes it its user's.
#[derive(Debug, Clone, Copy)]
pub struct FirstCode<'a> {
    /// What the user calls the app.
    pub app_name: Option<&'a str>,
    /// The time step of the code.
    pub step: i64,
    /// When it was given.
    pub at: Timestamp,
}

fn place(row: &str) -> Place<'_> {
    Place { table: "second_factors", column: "software_token", row }
}

fn open(key: &PoolKey, user: UserId, sealed: Vec<u8>) -> Result<Zeroizing<Vec<u8>>> {
    key.open(place(&user.to_string()), &Sealed::from_stored(sealed))
}

/// What a user set up; nothing, where nothing is stored.
///
/// # Errors
/// When the database does not answer, or a secret does not open.
pub async fn get(db: &Db, pool: &UserPool, user: UserId) -> Result<SecondFactors> {
    let row = sqlx::query!(
        "-- second_factor::get
        select software_token, software_token_name, software_token_step, software_token_since, pending_software_token,
               enabled, preferred, passkey
        from second_factors where user_pool_id = $1 and user_id = $2",
        pool.id.as_str(),
        user.as_uuid()
    );
    let Some(row) = row.fetch_optional(&db.pool).await? else { return Ok(SecondFactors::default()) };
    let (name, last_step, since) =
        (row.software_token_name, row.software_token_step, row.software_token_since);
    let software_token = row.software_token.map(|sealed| {
        let secret = open(&pool.key, user, sealed.clone())?;
        Ok::<_, Error>(SoftwareToken { secret, name, since, last_step, sealed })
    });
    let pending = row.pending_software_token.map(|sealed| {
        let secret = open(&pool.key, user, sealed.clone())?;
        Ok::<_, Error>(Pending { secret, sealed })
    });
    Ok(SecondFactors {
        software_token: software_token.transpose()?,
        pending: pending.transpose()?,
        enabled: row.enabled.iter().filter_map(|name| SecondFactor::parse(name)).collect(),
        preferred: row.preferred.as_deref().and_then(SecondFactor::parse),
        passkey: row.passkey,
    })
}

/// Keeps the secret of an authenticator app until its first code, in place of another one that waits.
///
/// # Errors
/// [`crate::Constraint::ParentGone`] when the user is gone.
pub async fn put_pending(db: &Db, pool: &UserPool, user: UserId, secret: &[u8]) -> Result<()> {
    let sealed = pool.key.seal(place(&user.to_string()), secret)?;
    let upsert = sqlx::query!(
        "-- second_factor::put_pending
        insert into second_factors (user_pool_id, user_id, pending_software_token) values ($1, $2, $3)
        on conflict (user_pool_id, user_id) do update set pending_software_token = $3",
        pool.id.as_str(),
        user.as_uuid(),
        sealed.as_bytes()
    );
    upsert.execute(&db.pool).await?;
    Ok(())
}

/// Puts the authenticator app that waited in the place of the one before. What the user is asked for stays.
///
/// # Errors
/// [`Error::Stale`] when another one waits by now.
pub async fn adopt_pending(
    db: &Db,
    pool: &UserPoolId,
    user: UserId,
    pending: &Pending,
    first: FirstCode<'_>,
) -> Result<()> {
    let update = sqlx::query!(
        "-- second_factor::adopt_pending
        update second_factors
        set software_token = pending_software_token, software_token_name = $4, software_token_step = $5,
            software_token_since = $6, pending_software_token = null
        where user_pool_id = $1 and user_id = $2 and pending_software_token = $3",
        pool.as_str(),
        user.as_uuid(),
        pending.sealed,
        first.app_name,
        first.step,
        first.at
    );
    match update.execute(&db.pool).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// Gives a user who has none an authenticator app, which they are asked for from now on (MFA-2): while they are enabled and
/// confirmed, with the password that was set at that time, as [`crate::user_session::start`] has it.
///
/// # Errors
/// [`Error::Stale`] when they are not, or have an app.
pub async fn enrol(
    db: &Db,
    pool: &UserPool,
    user: UserId,
    password_changed_at: Timestamp,
    secret: &[u8],
    first: FirstCode<'_>,
) -> Result<()> {
    let sealed = pool.key.seal(place(&user.to_string()), secret)?;
    let upsert = sqlx::query!(
        "-- second_factor::enrol
        insert into second_factors as f
            (user_pool_id, user_id, software_token, software_token_name, software_token_step, software_token_since, enabled)
        select $1, u.id, $3, $4, $5, $8, array[$6] from users u
        join passwords p on p.user_pool_id = u.user_pool_id and p.user_id = u.id
        where u.user_pool_id = $1 and u.id = $2 and u.enabled and u.status = 'CONFIRMED' and p.changed_at = $7
        for share of u, p
        on conflict (user_pool_id, user_id) do update
        set software_token = $3, software_token_name = $4, software_token_step = $5, software_token_since = $8,
            pending_software_token = null, enabled = array_append(array_remove(f.enabled, $6), $6)
        where f.software_token is null",
        pool.id.as_str(),
        user.as_uuid(),
        sealed.as_bytes(),
        first.app_name,
        first.step,
        SecondFactor::SoftwareToken.as_str(),
        password_changed_at,
        first.at
    );
    match upsert.execute(&db.pool).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// Says what a user is to be asked for, where it was worked out from what is stored.
///
/// # Errors
/// [`Error::Stale`] when that has changed, or the app it counts on is gone; [`crate::Constraint::ParentGone`] when the user
/// is.
pub async fn set_enabled(
    db: &Db,
    pool: &UserPoolId,
    user: UserId,
    as_of: &SecondFactors,
    wanted: &Wanted,
) -> Result<()> {
    let names = |factors: &[SecondFactor]| -> Vec<String> {
        factors.iter().map(|factor| factor.as_str().to_owned()).collect()
    };
    let upsert = sqlx::query!(
        "-- second_factor::set_enabled
        insert into second_factors as f (user_pool_id, user_id, enabled, preferred, passkey) values ($1, $2, $3, $4, $8)
        on conflict (user_pool_id, user_id) do update set enabled = $3, preferred = $4, passkey = $8
        where f.enabled = $5 and f.preferred is not distinct from $6 and f.software_token is not distinct from $7
          and f.passkey is not distinct from $9",
        pool.as_str(),
        user.as_uuid(),
        &names(&wanted.enabled),
        wanted.preferred.map(SecondFactor::as_str),
        &names(&as_of.enabled),
        as_of.preferred.map(SecondFactor::as_str),
        as_of.software_token.as_ref().map(|token| token.sealed.as_slice()),
        wanted.passkey,
        as_of.passkey
    );
    match upsert.execute(&db.pool).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// Takes a code of a time step, where no session starts with it.
///
/// # Errors
/// [`Error::Stale`] when it was taken before, or the app is another one.
pub async fn use_step(
    db: &Db,
    pool: &UserPoolId,
    user: UserId,
    token: &SoftwareToken,
    step: i64,
) -> Result<()> {
    let update = sqlx::query!(
        "-- second_factor::use_step
        update second_factors set software_token_step = $4
        where user_pool_id = $1 and user_id = $2 and software_token = $3 and software_token_step < $4",
        pool.as_str(),
        user.as_uuid(),
        token.sealed,
        step
    );
    match update.execute(&db.pool).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// Has a user asked for a factor from now on, beside what they are asked for already.
///
/// # Errors
/// [`crate::Constraint::ParentGone`] when the user is gone.
pub async fn switch_on(db: &Db, pool: &UserPoolId, user: UserId, factor: SecondFactor) -> Result<()> {
    let upsert = sqlx::query!(
        "-- second_factor::switch_on
        insert into second_factors as f (user_pool_id, user_id, enabled) values ($1, $2, array[$3])
        on conflict (user_pool_id, user_id) do update set enabled = array_append(array_remove(f.enabled, $3), $3)",
        pool.as_str(),
        user.as_uuid(),
        factor.as_str()
    );
    upsert.execute(&db.pool).await?;
    Ok(())
}

/// Takes a user's authenticator app away, so that they can set up another.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_software_token(db: &Db, pool: &UserPoolId, user: UserId) -> Result<()> {
    let update = sqlx::query!(
        "-- second_factor::delete_software_token
        update second_factors
        set software_token = null, software_token_name = null, software_token_since = null, pending_software_token = null,
            enabled = array_remove(enabled, $3), preferred = nullif(preferred, $3)
        where user_pool_id = $1 and user_id = $2",
        pool.as_str(),
        user.as_uuid(),
        SecondFactor::SoftwareToken.as_str()
    );
    update.execute(&db.pool).await?;
    Ok(())
}
