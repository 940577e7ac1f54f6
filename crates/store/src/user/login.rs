//! Finding who signs in.

use sqlx::types::Json;
use uuid::Uuid;

use super::{Attributes, User, UserStatus};
use crate::group::Membership;
use crate::password::{Password, SrpVerifier};
use crate::seal::Sealed;
use crate::{Db, Result, Timestamp, UserPool};

/// What somebody signs in with.
#[derive(Debug, Clone, Copy)]
pub struct Login<'a> {
    /// A name, normalised.
    pub name: &'a str,
    /// The `sub` that it may be instead.
    pub sub: Option<Uuid>,
}

/// The columns of a user and their password, null for nobody; and where their guess was looked at with it, whether that was
/// admitted, and the groups they are in.
pub(crate) struct Row {
    pub is_admitted: bool,
    pub id: Option<Uuid>,
    pub username: Option<String>,
    pub status: Option<UserStatus>,
    pub enabled: Option<bool>,
    pub attributes: Option<Json<Attributes>>,
    pub session_epoch: Option<i32>,
    pub kept_session: Option<Uuid>,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    pub hash: Option<String>,
    pub expires_at: Option<Timestamp>,
    pub changed_at: Option<Timestamp>,
    pub srp_salt: Option<Vec<u8>>,
    pub srp_verifier: Option<Vec<u8>>,
    pub groups: Option<Vec<Json<Membership>>>,
}

impl Row {
    pub(crate) fn found(self) -> Option<(User, Option<Password>)> {
        let user = User {
            id: self.id?.into(),
            username: self.username?,
            status: self.status?,
            enabled: self.enabled?,
            attributes: self.attributes?.0,
            session_epoch: self.session_epoch?,
            kept_session: self.kept_session.map(Into::into),
            created_at: self.created_at?,
            updated_at: self.updated_at?,
        };
        let srp = self.srp_salt.zip(self.srp_verifier);
        let srp = srp.map(|(salt, sealed)| SrpVerifier { salt, verifier: Sealed::from_stored(sealed) });
        let expires_at = self.expires_at;
        let password = self.hash.zip(self.changed_at);
        let password =
            password.map(|(hash, changed_at)| Password { hash: hash.into(), srp, expires_at, changed_at });
        Some((user, password))
    }
}

/// A user by `sub`, or else by a name they sign in with; and their password.
///
/// # Errors
/// When the database does not answer.
pub async fn by_login(
    db: &Db,
    pool: &UserPool,
    login: Login<'_>,
) -> Result<Option<(User, Option<Password>)>> {
    let row = sqlx::query_as!(
        Row,
        r#"-- user::by_login
        select false as "is_admitted!", u.id as "id?", u.username as "username?", u.status as "status?: UserStatus",
               u.enabled as "enabled?", u.attributes as "attributes?: Json<Attributes>",
               u.session_epoch as "session_epoch?", u.kept_session, u.created_at as "created_at?",
               u.updated_at as "updated_at?", p.hash as "hash?", p.expires_at, p.changed_at as "changed_at?", p.srp_salt,
               p.srp_verifier, null::jsonb[] as "groups: Vec<Json<Membership>>"
        from users u
        left join passwords p on p.user_pool_id = u.user_pool_id and p.user_id = u.id
        where u.user_pool_id = $1
          and u.id = coalesce((select id from users where user_pool_id = $1 and id = $3),
                              (select user_id from login_names where user_pool_id = $1 and name = $2))"#,
        pool.id.as_str(),
        login.name,
        login.sub
    );
    Ok(row.fetch_optional(&db.pool).await?.and_then(Row::found))
}
