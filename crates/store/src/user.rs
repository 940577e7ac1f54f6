//! Users: who they are, finding and listing them, what happens to them.

/// A user of a row that holds their columns; the id may have another name in it.
macro_rules! user_of_row {
    ($row:expr, $id:expr) => {
        $crate::user::User {
            id: $id.into(),
            username: $row.username,
            status: $row.status,
            enabled: $row.enabled,
            attributes: $row.attributes.0,
            session_epoch: $row.session_epoch,
            kept_session: $row.kept_session.map(Into::into),
            created_at: $row.created_at,
            updated_at: $row.updated_at,
        }
    };
}
pub(crate) use user_of_row;

mod change;
mod list;
mod login;

use std::collections::BTreeMap;

use sqlx::PgConnection;
use sqlx::types::Json;

pub use change::{
    AttributeChange, Confirmation, change_attributes, confirm, confirm_by_administrator, demand_reset,
    require_reset, set_enabled,
};
pub use list::{Match, Page, SearchAttribute, UserFilter, list};
pub(crate) use login::Row as LoginRow;
pub use login::{Login, by_login};

use crate::login_name::{self, LoginName};
use crate::logout_notice;
use crate::message::{self, NewMessage};
use crate::password::{self, NewPassword};
use crate::seal::PoolKey;
use crate::user_pool::Contact;
use crate::verification_code::{self, NewCode};
use crate::{Db, Result, Timestamp, UserId, UserPool, UserPoolId, UserSessionId};

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

impl User {
    /// Whether the user has shown that messages to that address of theirs reach them.
    pub fn is_verified(&self, contact: Contact) -> bool {
        self.attributes.get(contact.verified_attribute()).is_some_and(|flag| flag == "true")
    }
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
/// [`crate::Constraint::LoginNameTaken`] or [`crate::Constraint::AliasTaken`] when somebody has one of the names;
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
    login_name::claim(&mut tx, &pool.id, new.id, &new.names, new.take_aliases, now).await?;
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
    Ok(row.fetch_optional(&db.pool).await?.map(|row| user_of_row!(row, row.id)))
}

/// Deletes a user and all that belongs to them; says whether there was one.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(db: &Db, pool: &UserPoolId, id: UserId, now: Timestamp) -> Result<bool> {
    let mut tx = db.begin().await?;
    // A sign-in that is being saved holds a share of this lock (user_session::start).
    let lock = sqlx::query!(
        "-- user::lock_to_delete
        select from users where user_pool_id = $1 and id = $2 for update",
        pool.as_str(),
        id.as_uuid()
    );
    lock.fetch_optional(&mut *tx).await?;
    logout_notice::of_user(&mut tx, pool, id, true, now).await?;
    let delete = sqlx::query!(
        "-- user::delete
        delete from users where user_pool_id = $1 and id = $2",
        pool.as_str(),
        id.as_uuid()
    );
    let found = delete.execute(&mut *tx).await?.rows_affected() == 1;
    tx.commit().await?;
    Ok(found)
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
        message::enqueue(&mut *connection, pool, key, message, now).await?;
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
