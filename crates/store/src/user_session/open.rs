//! Sessions of tokens that a browser's session opens.

use sqlx::types::Json;
use uuid::Uuid;

use crate::challenge_session::SpentSession;
use crate::group::{Membership, in_order};
use crate::{AppClientId, Db, Error, Result, Timestamp, UserPoolId, UserSessionId};

/// A session of tokens about to be saved. Who signed in, when and how is as the browser's session has it.
#[derive(Debug)]
pub struct OpenedSession<'a> {
    /// The tokens' `origin_jti` and `event_id`.
    pub id: UserSessionId,
    /// The browser's session that the tokens come of.
    pub opened_by: UserSessionId,
    /// Through which client.
    pub client: &'a AppClientId,
    /// SHA-256 of the refresh token.
    pub refresh_digest: [u8; 32],
    /// The scopes granted.
    pub scopes: &'a [String],
    /// The service that its access tokens are for, where one was named (RFC 8707).
    pub resource: Option<&'a str>,
    /// The thumbprint of the key that its refresh token is bound to, where it is (RFC 9449).
    pub dpop_jkt: Option<&'a str>,
    /// What the browser's session is called to clients; none where the tokens are not signed out with that.
    pub sid: Option<Uuid>,
    /// When it begins.
    pub started_at: Timestamp,
    /// When the refresh token stops working.
    pub expires_at: Timestamp,
    /// The code that led to it.
    pub spent: Option<&'a SpentSession>,
}

/// Saves a session of tokens. Returns the groups of its user.
///
/// The browser's session must go on and its user must still be enabled and confirmed. Both rows are locked, the user's first as whoever
/// changes a user does, so that no session slips in behind what ends them all.
///
/// # Errors
/// [`Error::Stale`] when they are not, or when the code is spent already. It is not spent then.
pub async fn open(db: &Db, pool: &UserPoolId, new: &OpenedSession<'_>) -> Result<Vec<Membership>> {
    // A statement of its own beside that of a sign-in: what a plan names costs something even where it does nothing.
    let insert = sqlx::query_scalar!(
        r#"-- user_session::open
        with browser as (
            select u.id as user_id, u.session_epoch, s.authenticated_at, s.proven_since, s.methods
            from users u join user_sessions s on s.user_pool_id = u.user_pool_id and s.user_id = u.id
            where s.user_pool_id = $1 and s.id = $3 and s.revoked_at is null and s.expires_at > $10
              and u.enabled and u.status = 'CONFIRMED' and (s.epoch = u.session_epoch or s.id = u.kept_session)
            for share of u, s
        ), spent as (
            insert into spent_challenge_sessions (user_pool_id, id, expires_at)
            select $1, $12, $13::timestamptz from browser where $12::uuid is not null
            on conflict do nothing
            returning id
        )
        insert into user_sessions
            (user_pool_id, id, user_id, client_id, refresh_digest, scopes, epoch, authenticated_at, expires_at, methods,
             proven_since, kind, opened_by, resource, dpop_jkt, sid)
        select $1, $2, user_id, $4, $5, $6, session_epoch, authenticated_at, $11, methods,
               coalesce(proven_since, authenticated_at), 'tokens', $3, $7, $8, $9
        from browser
        where $12::uuid is null or exists (select from spent)
        returning
               array(select jsonb_build_object('name', g.name, 'role_arn', g.role_arn, 'precedence', g.precedence)
                     from group_members m join groups g on g.user_pool_id = m.user_pool_id and g.name = m.group_name
                     where m.user_pool_id = $1 and m.user_id = user_sessions.user_id) as "groups!: Vec<Json<Membership>>""#,
        pool.as_str(),
        new.id.as_uuid(),
        new.opened_by.as_uuid(),
        new.client.as_str(),
        new.refresh_digest.as_slice(),
        new.scopes,
        new.resource,
        new.dpop_jkt,
        new.sid,
        new.started_at,
        new.expires_at,
        new.spent.map(|spent| spent.id),
        new.spent.map(|spent| spent.expires_at)
    );
    insert.fetch_optional(&db.pool).await?.map(in_order).ok_or(Error::Stale)
}
