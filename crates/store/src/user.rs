//! Users: who they are, the names they sign in with, and listing them.

mod list;

use std::collections::BTreeMap;

use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

pub use list::{Match, Page, SearchAttribute, UserFilter, list};

use crate::message::{self, NewMessage};
use crate::password::{self, NewPassword, Password};
use crate::seal::PoolKey;
use crate::user_pool::Alias;
use crate::verification_code::{self, NewCode};
use crate::{Constraint, Db, Error, Result, Timestamp, UserId, UserPool, UserPoolId, UserSessionId};

/// A user's attributes by name, without `sub`. All values are text, as on the wire.
pub type Attributes = BTreeMap<String, String>;

/// A user of a pool.
#[derive(Debug, Clone)]
pub struct User {
    /// The `sub`.
    pub id: UserId,
    /// The name they were created with; the `sub` itself where an address is the username.
    pub username: String,
    /// Where they stand.
    pub status: UserStatus,
    /// Whether they may sign in at all.
    pub enabled: bool,
    /// Their attributes.
    pub attributes: Attributes,
    /// Sessions of an earlier epoch have ended.
    pub session_epoch: i32,
    /// The session that goes on although its epoch has passed.
    pub kept_session: Option<UserSessionId>,
    /// When they were created.
    pub created_at: Timestamp,
    /// When they last changed.
    pub updated_at: Timestamp,
}

/// Where a user stands, in Cognito's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "user_status", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserStatus {
    /// Signed up, code not given yet.
    Unconfirmed,
    /// May sign in.
    Confirmed,
    /// Has a temporary password.
    ForceChangePassword,
    /// Must reset the password with a code.
    ResetRequired,
    /// Signs in through an identity provider.
    ExternalProvider,
}

impl UserStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::Unconfirmed,
        Self::Confirmed,
        Self::ForceChangePassword,
        Self::ResetRequired,
        Self::ExternalProvider,
    ];

    /// The status in Cognito's words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unconfirmed => "UNCONFIRMED",
            Self::Confirmed => "CONFIRMED",
            Self::ForceChangePassword => "FORCE_CHANGE_PASSWORD",
            Self::ResetRequired => "RESET_REQUIRED",
            Self::ExternalProvider => "EXTERNAL_PROVIDER",
        }
    }
}

/// A name that signs a user in, already normalised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginName {
    /// The normalised name.
    pub name: String,
    /// The attribute it stands for; `None` for the username.
    pub alias: Option<Alias>,
}

impl LoginName {
    fn kind(&self) -> &'static str {
        self.alias.map_or("username", Alias::attribute)
    }
}

/// A user about to be created.
#[derive(Debug)]
pub struct NewUser {
    /// The `sub`.
    pub id: UserId,
    /// The name to show.
    pub username: String,
    /// Where they start.
    pub status: UserStatus,
    /// Their attributes.
    pub attributes: Attributes,
    /// The names that sign them in from now on.
    pub names: Vec<LoginName>,
    /// Their password, if they have one.
    pub password: Option<NewPassword>,
    /// The code that confirms them, if one is sent.
    pub code: Option<NewCode>,
    /// The messages that tell them.
    pub messages: Vec<NewMessage>,
    /// Takes aliases away from users who hold them.
    pub take_aliases: bool,
}

/// Creates a user with their names and password, and queues the message about it.
///
/// # Errors
/// [`Constraint::LoginNameTaken`] or [`Constraint::AliasTaken`] when somebody has one of the names;
/// [`crate::Constraint::ParentGone`] when the pool is gone.
pub async fn create(db: &Db, pool: &UserPool, new: &NewUser, now: Timestamp) -> Result<()> {
    let mut tx = db.begin().await?;
    let insert = sqlx::query!(
        "-- user::create
        insert into users (user_pool_id, id, username, status, attributes, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $6)",
        pool.id.as_str(),
        new.id.as_uuid(),
        new.username,
        new.status as UserStatus,
        Json(&new.attributes) as _,
        now
    );
    insert.execute(&mut *tx).await?;
    claim(&mut tx, &pool.id, new.id, &new.names, new.take_aliases, now).await?;
    if let Some(password) = &new.password {
        password::put(&mut tx, &pool.id, &pool.key, new.id, password, now).await?;
    }
    tell(&mut tx, &pool.id, &pool.key, new.id, new.code.as_ref(), &new.messages, now).await?;
    tx.commit().await?;
    Ok(())
}

/// A user by `sub`.
///
/// # Errors
/// When the database does not answer.
pub async fn get(db: &Db, pool: &UserPoolId, id: UserId) -> Result<Option<User>> {
    let row = sqlx::query!(
        r#"-- user::get
        select id, username, status, enabled, attributes as "attributes: Json<Attributes>",
               session_epoch, kept_session, created_at, updated_at
        from users where user_pool_id = $1 and id = $2"#,
        pool.as_str(),
        id.as_uuid()
    );
    Ok(row.fetch_optional(&db.pool).await?.map(|row| User {
        id: row.id.into(),
        username: row.username,
        status: row.status,
        enabled: row.enabled,
        attributes: row.attributes.0,
        session_epoch: row.session_epoch,
        kept_session: row.kept_session.map(Into::into),
        created_at: row.created_at,
        updated_at: row.updated_at,
    }))
}

/// A user by `sub`, or else by a normalised name they sign in with; and their password.
///
/// # Errors
/// When the database does not answer, or the SRP verifier does not open.
pub async fn by_login(
    db: &Db,
    pool: &UserPool,
    name: &str,
    sub: Option<Uuid>,
) -> Result<Option<(User, Option<Password>)>> {
    let row = sqlx::query!(
        r#"-- user::by_login
        select u.id, u.username, u.status, u.enabled, u.attributes as "attributes: Json<Attributes>",
               u.session_epoch, u.kept_session, u.created_at, u.updated_at, p.hash as "hash?", p.expires_at as "expires_at?",
               p.changed_at as "changed_at?"
        from users u
        left join passwords p on p.user_pool_id = u.user_pool_id and p.user_id = u.id
        where u.user_pool_id = $1
          and u.id = coalesce((select id from users where user_pool_id = $1 and id = $3),
                              (select user_id from login_names where user_pool_id = $1 and name = $2))"#,
        pool.id.as_str(),
        name,
        sub
    );
    let Some(row) = row.fetch_optional(&db.pool).await? else { return Ok(None) };
    let password = match (row.hash, row.changed_at) {
        (Some(hash), Some(changed_at)) => {
            Some(Password { hash: hash.into(), expires_at: row.expires_at, changed_at })
        }
        _ => None,
    };
    let user = User {
        id: row.id.into(),
        username: row.username,
        status: row.status,
        enabled: row.enabled,
        attributes: row.attributes.0,
        session_epoch: row.session_epoch,
        kept_session: row.kept_session.map(Into::into),
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(Some((user, password)))
}

/// What confirming a user changes.
#[derive(Debug)]
pub struct Confirmation<'a> {
    /// The digest of the code that proved it; it is spent with the change.
    pub code: &'a [u8],
    /// The attribute that the code proved, set to `true`.
    pub verified_attribute: Option<&'a str>,
    /// The aliases that come into force with it.
    pub names: &'a [LoginName],
    /// Takes aliases away from users who hold them.
    pub take_aliases: bool,
}

/// Confirms a user by a code.
///
/// # Errors
/// [`Error::Stale`] when the user is confirmed already or the code was spent or replaced;
/// [`Constraint::AliasTaken`] when an alias has another owner.
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
            attributes = case when $3::text is null then attributes
                              else attributes || jsonb_build_object($3::text, 'true') end
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
    claim(&mut tx, pool, id, confirmation.names, confirmation.take_aliases, now).await?;
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
/// [`Error::Stale`] when they have, or the proof was spent; [`Constraint::AliasTaken`] when a name has another owner.
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
    for name in &change.lost {
        let delete = sqlx::query!(
            "-- user::release
            delete from login_names where user_pool_id = $1 and name = $2 and kind = $3 and user_id = $4",
            pool.id.as_str(),
            name.name,
            name.kind(),
            user.id.as_uuid()
        );
        delete.execute(&mut *tx).await?;
    }
    claim(&mut tx, &pool.id, user.id, &change.gained, false, now).await?;
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
    tell(&mut tx, &pool.id, &pool.key, id, Some(code), std::slice::from_ref(message), now).await?;
    tx.commit().await?;
    Ok(())
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
    let update = sqlx::query!(
        "-- user::set_enabled
        with voided as (
            delete from verification_codes
            where user_pool_id = $1 and user_id = $2 and purpose = 'reset_password' and not $3
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
    Ok(update.execute(&db.pool).await?.rows_affected() == 1)
}

/// Deletes a user and all that belongs to them; says whether there was one.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(db: &Db, pool: &UserPoolId, id: UserId) -> Result<bool> {
    let delete = sqlx::query!(
        "-- user::delete
        delete from users where user_pool_id = $1 and id = $2",
        pool.as_str(),
        id.as_uuid()
    );
    Ok(delete.execute(&db.pool).await?.rows_affected() == 1)
}

/// Gives a user names to sign in with.
pub(crate) async fn claim(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    id: UserId,
    names: &[LoginName],
    take: bool,
    now: Timestamp,
) -> Result<()> {
    for name in names {
        // What a user picked for themselves is not taken from them.
        if let (true, Some(alias @ (Alias::Email | Alias::PhoneNumber))) = (take, name.alias) {
            take_alias(connection, pool, id, &name.name, alias, now).await?;
        }
        let insert = sqlx::query!(
            "-- user::claim
            insert into login_names (user_pool_id, name, kind, user_id) values ($1, $2, $3, $4)",
            pool.as_str(),
            name.name,
            name.kind(),
            id.as_uuid()
        );
        insert.execute(&mut *connection).await.map_err(|error| match (Error::from(error), name.alias) {
            (Error::Refused(Constraint::LoginNameTaken), Some(alias)) => {
                Error::Refused(Constraint::AliasTaken(alias))
            }
            (other, _) => other,
        })?;
    }
    Ok(())
}

/// Takes an alias from whoever else holds it; the address is no longer proven theirs.
async fn take_alias(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    new_owner: UserId,
    name: &str,
    alias: Alias,
    now: Timestamp,
) -> Result<()> {
    let delete = sqlx::query_scalar!(
        "-- user::take_alias
        delete from login_names where user_pool_id = $1 and name = $2 and kind = $3 and user_id <> $4
        returning user_id",
        pool.as_str(),
        name,
        alias.attribute(),
        new_owner.as_uuid()
    );
    let Some(owner) = delete.fetch_optional(&mut *connection).await? else { return Ok(()) };
    let update = sqlx::query!(
        "-- user::unverify
        update users set attributes = attributes || jsonb_build_object($3::text, 'false'),
            updated_at = greatest($4, updated_at + interval '1 microsecond')
        where user_pool_id = $1 and id = $2",
        pool.as_str(),
        owner,
        format!("{}_verified", alias.attribute()),
        now
    );
    update.execute(connection).await?;
    Ok(())
}

/// Stores a code and the messages that go with it.
pub(crate) async fn tell(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    key: &PoolKey,
    user: UserId,
    code: Option<&NewCode>,
    messages: &[NewMessage],
    now: Timestamp,
) -> Result<()> {
    if let Some(code) = code {
        verification_code::put(connection, pool, user, code, now).await?;
    }
    for message in messages {
        message::enqueue(connection, pool, key, message, now).await?;
    }
    Ok(())
}

/// Issues a new code to a user, voiding the older one of its purpose, and queues its message.
///
/// # Errors
/// [`crate::Constraint::ParentGone`] when the user is gone.
pub async fn send_code(
    db: &Db,
    pool: &UserPool,
    id: UserId,
    code: &NewCode,
    message: &NewMessage,
    now: Timestamp,
) -> Result<()> {
    let mut tx = db.begin().await?;
    tell(&mut tx, &pool.id, &pool.key, id, Some(code), std::slice::from_ref(message), now).await?;
    tx.commit().await?;
    Ok(())
}
