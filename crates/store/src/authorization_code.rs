//! Authorization codes: what a browser brings back to a client, who exchanges it for tokens (RFC 6749, section 4.1).

use crate::{AppClientId, Db, Result, Timestamp, UserPoolId, UserSessionId};

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
             resource, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
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
        code.expires_at
    );
    insert.execute(&db.pool).await?;
    Ok(())
}

/// A code by its SHA-256, whether it is spent or not.
///
/// # Errors
/// When the database does not answer.
pub async fn get(db: &Db, pool: &UserPoolId, digest: &[u8; 32]) -> Result<Option<AuthorizationCode>> {
    let row = sqlx::query!(
        "-- authorization_code::get
        select client_id, session_id, redirect_uri, names_redirect, scopes, nonce, code_challenge, resource, expires_at
        from authorization_codes where user_pool_id = $1 and digest = $2",
        pool.as_str(),
        digest.as_slice()
    );
    Ok(row.fetch_optional(&db.pool).await?.map(|row| AuthorizationCode {
        client: AppClientId::new(row.client_id),
        session: row.session_id.into(),
        redirect_uri: row.redirect_uri,
        names_redirect: row.names_redirect,
        scopes: row.scopes,
        nonce: row.nonce,
        code_challenge: row.code_challenge,
        resource: row.resource,
        expires_at: row.expires_at,
    }))
}
