//! Refresh tokens that change with each use (TOK-5).

use sqlx::types::Json;

use super::find::Row;
use super::{SessionKind, UserSession};
use crate::group::Membership;
use crate::user::Attributes;
use crate::{AppClientId, Db, Result, Timestamp, User, UserPoolId, UserSessionId};

/// What a session must be for its token to be changed without anybody looking at it first.
#[derive(Debug)]
pub struct Rotatable<'a> {
    /// Its id.
    pub session: UserSessionId,
    /// Whose it is.
    pub client: &'a AppClientId,
    /// How many tokens came before the one that was presented, which must be the newest.
    pub generation: i32,
    /// All scopes that one of the OAuth endpoints may still have.
    pub scopes: &'a [String],
}

/// Finds a session and puts another refresh token in the place of its newest, in one statement: where it is open, unexpired and bound
/// to no key or device, its user is enabled, and it is as it must be. Returns it as it is now, its user, and the groups they are in.
/// Where there is none nothing has changed.
///
/// # Errors
/// When the database does not answer.
pub async fn find_and_rotate(
    db: &Db,
    pool: &UserPoolId,
    rotatable: &Rotatable<'_>,
    now: Timestamp,
) -> Result<Option<(UserSession, User, Vec<Membership>)>> {
    let row = sqlx::query_as!(
        Row,
        r#"-- user_session::find_and_rotate
        update user_sessions s set generation = s.generation + 1, rotated_at = $3
        from users u
        where s.user_pool_id = $1
          and s.id = $2 and s.kind = 'tokens' and s.client_id = $4 and s.generation = $5
          and s.revoked_at is null and s.expires_at > $3 and s.device_key is null and s.dpop_jkt is null
          and s.scopes <> '{}' and (s.opened_by is null or s.scopes <@ $6)
          and u.user_pool_id = $1 and u.id = s.user_id and u.enabled
          and (s.epoch = u.session_epoch or s.id = u.kept_session)
        returning s.id as session_id, s.user_id, s.client_id, s.scopes, s.epoch, s.authenticated_at, s.expires_at,
               s.proven_since, s.revoked_at, s.methods, s.generation, s.rotated_at, s.last_active_at, s.device_key,
               s.kind as "kind: SessionKind", s.opened_by, s.resource, s.dpop_jkt, s.sid,
               false as "has_device!",
               u.username, u.status, u.enabled,
               u.attributes as "attributes: Json<Attributes>", u.session_epoch, u.kept_session, u.created_at,
               u.updated_at,
               array(select jsonb_build_object('name', g.name, 'role_arn', g.role_arn, 'precedence', g.precedence)
                     from group_members m join groups g on g.user_pool_id = m.user_pool_id and g.name = m.group_name
                     where m.user_pool_id = $1 and m.user_id = s.user_id) as "groups: Vec<Json<Membership>>""#,
        pool.as_str(),
        rotatable.session.as_uuid(),
        now,
        rotatable.client.as_str(),
        rotatable.generation,
        rotatable.scopes
    );
    Ok(row.fetch_optional(&db.pool).await?.map(Row::split))
}

/// Puts another refresh token in the place of a session's; says whether it was still the session's (TOK-5).
///
/// # Errors
/// When the database does not answer.
pub async fn rotate(
    db: &Db,
    pool: &UserPoolId,
    id: UserSessionId,
    generation: i32,
    now: Timestamp,
) -> Result<bool> {
    let update = sqlx::query!(
        "-- user_session::rotate
        update user_sessions set generation = generation + 1, rotated_at = $4
        where user_pool_id = $1 and id = $2 and generation = $3 and revoked_at is null",
        pool.as_str(),
        id.as_uuid(),
        generation,
        now
    );
    Ok(update.execute(&db.pool).await?.rows_affected() == 1)
}
