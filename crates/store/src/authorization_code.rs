//! Authorization codes: what a browser brings back to a client, who exchanges it for tokens (RFC 6749, section 4.1).

use sqlx::types::Json;

use crate::group::{Membership, in_order};
use crate::user::{Attributes, user_of_row};
use crate::user_session::{SessionKind, UserSession, session_of_row};
use crate::{AppClientId, Db, Result, Timestamp, User, UserPoolId, UserSessionId};

/// A code about to be saved: what it stands for.
#[derive(Debug)]
pub struct AuthorizationCode {
    /// The client that it was issued to.
    pub client: AppClientId,
    /// The browser's session that it comes of.
    pub session: UserSessionId,
    /// Where the browser was sent with it.
    pub redirect_uri: String,
    /// Whether the request said so itself.
    pub names_redirect: bool,
    /// The scopes granted.
    pub scopes: Vec<String>,
    /// What the ID token is to repeat.
    pub nonce: Option<String>,
    /// The digest of the secret that the exchange must name (RFC 7636).
    pub code_challenge: Option<String>,
    /// The service that the access token is for (RFC 8707).
    pub resource: Option<String>,
    /// The thumbprint of the key that the exchange must prove, where the request named one (RFC 9449, section 10).
    pub dpop_jkt: Option<String>,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// Saves a code by its SHA-256.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(db: &Db, pool: &UserPoolId, digest: &[u8; 32], code: &AuthorizationCode) -> Result<()> {
    let insert = sqlx::query!(
        "-- authorization_code::insert
        insert into authorization_codes
            (user_pool_id, digest, client_id, session_id, redirect_uri, names_redirect, scopes, nonce, code_challenge,
             resource, expires_at, dpop_jkt)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        pool.as_str(),
        digest.as_slice(),
        code.client.as_str(),
        code.session.as_uuid(),
        code.redirect_uri,
        code.names_redirect,
        &code.scopes,
        code.nonce,
        code.code_challenge,
        code.resource,
        code.expires_at,
        code.dpop_jkt
    );
    insert.execute(&db.pool).await?;
    Ok(())
}

/// Whose a code is, and until when it works, spent or not.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The client that it was issued to.
    pub client: AppClientId,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// A code by its SHA-256.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, pool: &UserPoolId, digest: &[u8; 32]) -> Result<Option<Issued>> {
    let row = sqlx::query!(
        "-- authorization_code::find
        select client_id, expires_at from authorization_codes where user_pool_id = $1 and digest = $2",
        pool.as_str(),
        digest.as_slice()
    );
    let found = row.fetch_optional(&db.pool).await?;
    Ok(found.map(|row| Issued { client: AppClientId::new(row.client_id), expires_at: row.expires_at }))
}

/// What a client brings to exchange, and the session of tokens that is to come of it.
#[derive(Debug)]
pub struct Exchange<'a> {
    /// The SHA-256 of the code.
    pub digest: &'a [u8; 32],
    /// The client, which has proven who it is.
    pub client: &'a AppClientId,
    /// Where the browser was sent, where the client says so.
    pub redirect_uri: Option<&'a str>,
    /// The digest of the secret that it names, where it does (RFC 7636).
    pub code_challenge: Option<&'a str>,
    /// The thumbprint of the key that it has proven, where it has (RFC 9449).
    pub dpop_jkt: Option<&'a str>,
    /// The tokens' `origin_jti` and `event_id`, known from the code.
    pub session: UserSessionId,
    /// SHA-256 of the refresh token.
    pub refresh_digest: [u8; 32],
    /// The thumbprint of the key that the refresh token is bound to, where it is.
    pub refresh_jkt: Option<&'a str>,
    /// When the session begins.
    pub now: Timestamp,
    /// When the refresh token stops working.
    pub expires_at: Timestamp,
}

/// What came of a code.
#[derive(Debug)]
pub struct Exchanged {
    /// The scopes granted.
    pub scopes: Vec<String>,
    /// What the ID token is to repeat.
    pub nonce: Option<String>,
    /// The service that the access token is for (RFC 8707).
    pub resource: Option<String>,
    /// The browser's session that the code came of.
    pub browser: UserSession,
    /// Its user.
    pub user: User,
    /// The groups of the user.
    pub groups: Vec<Membership>,
}

/// Spends a code and saves the session of tokens that comes of it, if it works, is the client's, and the client brings what its request
/// named (OAU-2); nothing otherwise, and then it is not spent.
///
/// The browser's session must go on, and its user may sign in: as with [`crate::user_session::open`], which locks them likewise.
///
/// # Errors
/// When the database does not answer.
pub async fn exchange(db: &Db, pool: &UserPoolId, new: &Exchange<'_>) -> Result<Option<Exchanged>> {
    let row = sqlx::query!(
        r#"-- authorization_code::exchange
        with code as (
            select session_id, scopes, nonce, resource, expires_at from authorization_codes
            where user_pool_id = $1 and digest = $2 and client_id = $3 and expires_at > $9
              and case when $4::text is null then not names_redirect else redirect_uri = $4 end
              and code_challenge is not distinct from $5
              and (dpop_jkt is null or dpop_jkt = $6)
        ), browser as (
            select s.id as session_id, s.user_id, s.client_id, s.scopes, s.epoch, s.authenticated_at, s.expires_at,
                   s.proven_since, s.revoked_at, s.methods, s.generation, s.rotated_at, s.last_active_at, s.device_key,
                   s.kind, s.opened_by, s.resource, s.dpop_jkt, s.sid,
                   u.username, u.status, u.enabled, u.attributes, u.session_epoch, u.kept_session, u.created_at, u.updated_at
            from code join user_sessions s on s.user_pool_id = $1 and s.id = code.session_id
            join users u on u.user_pool_id = $1 and u.id = s.user_id
            where s.revoked_at is null and s.expires_at > $9
              and u.enabled and u.status = 'CONFIRMED' and (s.epoch = u.session_epoch or s.id = u.kept_session)
            for share of u, s
        ), spent as (
            insert into spent_challenge_sessions (user_pool_id, id, expires_at)
            select $1, $7, code.expires_at from code, browser
            on conflict do nothing
            returning id
        ), opened as (
            insert into user_sessions
                (user_pool_id, id, user_id, client_id, refresh_digest, scopes, epoch, authenticated_at, expires_at, methods,
                 proven_since, kind, opened_by, resource, dpop_jkt, sid)
            select $1, $7, b.user_id, $3, $8, code.scopes, b.session_epoch, b.authenticated_at, $10, b.methods,
                   coalesce(b.proven_since, b.authenticated_at), 'tokens', b.session_id, code.resource, $11, b.sid
            from code, browser b
            where exists (select from spent)
            on conflict (user_pool_id, id) do nothing
            returning id
        )
        select code.scopes as code_scopes, code.nonce, code.resource as code_resource,
               b.session_id, b.user_id, b.client_id, b.scopes, b.epoch, b.authenticated_at, b.expires_at, b.proven_since,
               b.revoked_at, b.methods, b.generation, b.rotated_at, b.last_active_at, b.device_key,
               b.kind as "kind: SessionKind", b.opened_by, b.resource, b.dpop_jkt, b.sid,
               exists (select from devices d where d.user_pool_id = $1 and d.device_key = b.device_key) as "has_device!",
               b.username, b.status, b.enabled, b.attributes as "attributes: Json<Attributes>",
               b.session_epoch, b.kept_session, b.created_at, b.updated_at,
               array(select jsonb_build_object('name', g.name, 'role_arn', g.role_arn, 'precedence', g.precedence)
                     from group_members m join groups g on g.user_pool_id = m.user_pool_id and g.name = m.group_name
                     where m.user_pool_id = $1 and m.user_id = b.user_id) as "groups!: Vec<Json<Membership>>"
        from code, browser b, opened"#,
        pool.as_str(),
        new.digest.as_slice(),
        new.client.as_str(),
        new.redirect_uri,
        new.code_challenge,
        new.dpop_jkt,
        new.session.as_uuid(),
        new.refresh_digest.as_slice(),
        new.now,
        new.expires_at,
        new.refresh_jkt
    );
    Ok(row.fetch_optional(&db.pool).await?.map(|row| Exchanged {
        scopes: row.code_scopes,
        nonce: row.nonce,
        resource: row.code_resource,
        browser: session_of_row!(row),
        user: user_of_row!(row, row.user_id),
        groups: in_order(row.groups),
    }))
}
