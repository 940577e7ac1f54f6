//! Authorization codes: what a browser brings back to a client, who exchanges it for tokens (RFC 6749, section 4.1).

use sqlx::types::Json;

use crate::user::{Attributes, user_of_row};
use crate::user_session::{SessionKind, UserSession, session_of_row};
use crate::{AppClientId, Db, Result, Timestamp, User, UserPoolId, UserSessionId};

/// What a code stands for.
#[derive(Debug, Clone)]
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

/// A code by its SHA-256, whether it is spent or not, with the browser's session that it comes of and its user.
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    db: &Db,
    pool: &UserPoolId,
    digest: &[u8; 32],
) -> Result<Option<(AuthorizationCode, UserSession, User)>> {
    let row = sqlx::query!(
        r#"-- authorization_code::find
        select c.client_id as code_client, c.redirect_uri, c.names_redirect, c.scopes as code_scopes, c.nonce,
               c.code_challenge, c.resource as code_resource, c.dpop_jkt as code_dpop_jkt, c.expires_at as code_expires_at,
               s.id as session_id, s.user_id, s.client_id, s.scopes, s.epoch, s.authenticated_at, s.expires_at,
               s.proven_since, s.revoked_at, s.methods, s.generation, s.rotated_at, s.last_active_at, s.device_key,
               s.kind as "kind: SessionKind", s.opened_by, s.resource, s.dpop_jkt, s.sid,
               exists (select from devices d where d.user_pool_id = $1 and d.device_key = s.device_key) as "has_device!",
               u.username, u.status, u.enabled,
               u.attributes as "attributes: Json<Attributes>",
               u.session_epoch, u.kept_session, u.created_at, u.updated_at
        from authorization_codes c
        join user_sessions s on s.user_pool_id = c.user_pool_id and s.id = c.session_id
        join users u on u.user_pool_id = s.user_pool_id and u.id = s.user_id
        where c.user_pool_id = $1 and c.digest = $2"#,
        pool.as_str(),
        digest.as_slice()
    );
    Ok(row.fetch_optional(&db.pool).await?.map(|row| {
        let code = AuthorizationCode {
            client: AppClientId::new(row.code_client),
            session: row.session_id.into(),
            redirect_uri: row.redirect_uri,
            names_redirect: row.names_redirect,
            scopes: row.code_scopes,
            nonce: row.nonce,
            code_challenge: row.code_challenge,
            resource: row.code_resource,
            dpop_jkt: row.code_dpop_jkt,
            expires_at: row.code_expires_at,
        };
        (code, session_of_row!(row), user_of_row!(row, row.user_id))
    }))
}
