//! Reading sessions with their users.

use sqlx::types::Json;
use uuid::Uuid;

use super::{SessionKind, UserSession};
use crate::group::{Membership, in_order};
use crate::user::{Attributes, user_of_row};
use crate::{Db, Result, Timestamp, User, UserPoolId, UserSessionId, UserStatus};

/// Those of these sessions that there are, and their users.
///
/// # Errors
/// When the database does not answer.
pub async fn several(db: &Db, pool: &UserPoolId, ids: &[UserSessionId]) -> Result<Vec<(UserSession, User)>> {
    let ids: Vec<_> = ids.iter().map(|id| id.as_uuid()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"-- user_session::several
        select s.id as session_id, s.user_id, s.client_id, s.scopes, s.epoch, s.authenticated_at, s.expires_at,
               s.proven_since, s.revoked_at, s.methods, s.generation, s.rotated_at, s.last_active_at, s.device_key,
               s.kind as "kind: SessionKind", s.opened_by, s.resource, s.dpop_jkt, s.sid,
               exists (select from devices d where d.user_pool_id = $1 and d.device_key = s.device_key) as "has_device!",
               u.username, u.status, u.enabled,
               u.attributes as "attributes: Json<Attributes>",
               u.session_epoch, u.kept_session, u.created_at, u.updated_at,
               null::jsonb[] as "groups: Vec<Json<Membership>>"
        from user_sessions s
        join users u on u.user_pool_id = s.user_pool_id and u.id = s.user_id
        where s.user_pool_id = $1 and s.id = any($2)"#,
        pool.as_str(),
        &ids
    );
    let rows = rows.fetch_all(&db.pool).await?.into_iter().map(Row::split);
    Ok(rows.map(|(session, user, _)| (session, user)).collect())
}

/// What a session is found by.
#[derive(Debug, Clone, Copy)]
pub enum SessionKey<'a> {
    /// SHA-256 of its first refresh token.
    RefreshToken(&'a [u8; 32]),
    /// SHA-256 of its cookie.
    Cookie(&'a [u8; 32]),
    /// Its id.
    Id(UserSessionId),
}

impl SessionKey<'_> {
    /// What a session that is found by it is of, and the digest or the id.
    fn parts(&self) -> (SessionKind, Option<&[u8]>, Option<Uuid>) {
        match self {
            Self::RefreshToken(digest) => (SessionKind::Tokens, Some(digest.as_slice()), None),
            Self::Cookie(digest) => (SessionKind::Browser, Some(digest.as_slice()), None),
            Self::Id(id) => (SessionKind::Tokens, None, Some(id.as_uuid())),
        }
    }
}

/// A session, its user, and the groups they are in.
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    db: &Db,
    pool: &UserPoolId,
    key: SessionKey<'_>,
) -> Result<Option<(UserSession, User, Vec<Membership>)>> {
    let (kind, digest, id) = key.parts();
    let row = sqlx::query_as!(
        Row,
        r#"-- user_session::find
        select s.id as session_id, s.user_id, s.client_id, s.scopes, s.epoch, s.authenticated_at, s.expires_at,
               s.proven_since, s.revoked_at, s.methods, s.generation, s.rotated_at, s.last_active_at, s.device_key,
               s.kind as "kind: SessionKind", s.opened_by, s.resource, s.dpop_jkt, s.sid,
               exists (select from devices d where d.user_pool_id = $1 and d.device_key = s.device_key) as "has_device!",
               u.username, u.status, u.enabled,
               u.attributes as "attributes: Json<Attributes>", u.session_epoch, u.kept_session, u.created_at,
               u.updated_at,
               array(select jsonb_build_object('name', g.name, 'role_arn', g.role_arn, 'precedence', g.precedence)
                     from group_members m join groups g on g.user_pool_id = m.user_pool_id and g.name = m.group_name
                     where m.user_pool_id = $1 and m.user_id = s.user_id) as "groups: Vec<Json<Membership>>"
        from user_sessions s
        join users u on u.user_pool_id = s.user_pool_id and u.id = s.user_id
        where s.user_pool_id = $1
          and s.id = coalesce($3, (select id from user_sessions
                                   where user_pool_id = $1 and refresh_digest = $2 and kind = $4))"#,
        pool.as_str(),
        digest,
        id,
        kind as SessionKind
    );
    Ok(row.fetch_optional(&db.pool).await?.map(Row::split))
}

/// A session joined with its user.
pub(super) struct Row {
    pub(super) session_id: Uuid,
    pub(super) kind: SessionKind,
    pub(super) opened_by: Option<Uuid>,
    pub(super) resource: Option<String>,
    pub(super) user_id: Uuid,
    pub(super) client_id: String,
    pub(super) scopes: Vec<String>,
    pub(super) epoch: i32,
    pub(super) authenticated_at: Timestamp,
    pub(super) proven_since: Option<Timestamp>,
    pub(super) expires_at: Timestamp,
    pub(super) revoked_at: Option<Timestamp>,
    pub(super) methods: Vec<String>,
    pub(super) generation: i32,
    pub(super) rotated_at: Option<Timestamp>,
    pub(super) last_active_at: Option<Timestamp>,
    pub(super) device_key: Option<String>,
    pub(super) has_device: bool,
    pub(super) dpop_jkt: Option<String>,
    pub(super) sid: Option<Uuid>,
    pub(super) username: String,
    pub(super) status: UserStatus,
    pub(super) enabled: bool,
    pub(super) attributes: Json<Attributes>,
    pub(super) session_epoch: i32,
    pub(super) kept_session: Option<Uuid>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) groups: Option<Vec<Json<Membership>>>,
}

impl Row {
    pub(super) fn split(self) -> (UserSession, User, Vec<Membership>) {
        let session = session_of_row!(self);
        let user = user_of_row!(self, self.user_id);
        (session, user, in_order(self.groups.unwrap_or_default()))
    }
}
