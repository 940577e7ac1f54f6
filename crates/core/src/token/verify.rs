//! Checking access tokens: the signature first, then the state behind it (TOK-1…4).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognate_store::user_session::UserSession;
use cognate_store::{AppClient, AppClientId, Timestamp, User, UserPool, UserPoolId};
use jsonwebtoken::{Algorithm, Validation};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{App, Error, Result};

/// A user as an access token speaks for them: everything behind it exists and is in force.
#[derive(Debug, Clone)]
pub struct TokenHolder {
    /// The pool that signed.
    pub pool: Arc<UserPool>,
    /// The client the token was issued to.
    pub client: Arc<AppClient>,
    /// The user.
    pub user: Arc<User>,
    /// The sign-in it comes of.
    pub session: Arc<UserSession>,
}

/// The claims that are relied on; a wrong type refuses.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    sub: Uuid,
    exp: i64,
    iat: i64,
    client_id: String,
    token_use: String,
    scope: String,
    event_id: Uuid,
}

#[derive(Deserialize)]
struct Issuer {
    iss: String,
}

/// Checks an access token that must have a scope.
///
/// # Errors
/// [`Error::InvalidAccessToken`], [`Error::ExpiredAccessToken`], [`Error::RevokedAccessToken`],
/// [`Error::MissingScope`], [`Error::UserNotFound`] when the user was deleted, [`Error::UserDisabled`].
pub async fn access_token(app: &App, token: &str, scope: &str) -> Result<TokenHolder> {
    let now = app.clock.now();
    let signed = signed(app, token, now).await?;
    let claims = &signed.claims;
    if claims.exp <= now.timestamp() {
        return Err(Error::ExpiredAccessToken);
    }
    let pool = app.caches.user_pool(&app.db, &signed.pool).await?.ok_or(Error::InvalidAccessToken)?;
    let client = app.caches.client(&app.db, &signed.client).await?;
    let client = client.filter(|(owner, _)| owner.id == pool.id).map(|(_, client)| client);
    let client = client.ok_or(Error::RevokedAccessToken)?;
    // The session first, because it brings its user along.
    let session = app.caches.session(&app.db, &pool.id, claims.event_id.into()).await?;
    let user = app.caches.user(&app.db, &pool.id, claims.sub.into()).await?.ok_or(Error::UserNotFound)?;
    if !user.enabled {
        return Err(Error::UserDisabled);
    }
    let session = session.ok_or(Error::RevokedAccessToken)?;
    if !session.is_open(&user) || session.client != client.id {
        return Err(Error::RevokedAccessToken);
    }
    if !claims.scope.split(' ').any(|granted| granted == scope) {
        return Err(Error::MissingScope);
    }
    Ok(TokenHolder { pool, client, user, session })
}

/// The pool whose keys must have signed, by the token's own word: nothing is trusted yet.
fn issuing_pool(app: &App, token: &str) -> Option<UserPoolId> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let issuer = serde_json::from_slice::<Issuer>(&payload).ok()?.iss;
    let pool = issuer.strip_prefix(&app.place.public_url)?.strip_prefix('/')?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (pool.len() <= 55 && pool.chars().all(fits)).then(|| UserPoolId::new(pool))
}

/// What a token says whose signature holds, which never changes.
#[derive(Debug)]
pub(crate) struct Signed {
    pool: UserPoolId,
    client: AppClientId,
    claims: Claims,
}

/// Checks the signature, or recalls that it was checked: the same bytes need no second look. Everything that can change
/// is looked at each time, by the caller.
async fn signed(app: &App, token: &str, now: Timestamp) -> Result<Arc<Signed>> {
    let digest: [u8; 32] = Sha256::digest(token).into();
    if let Some(signed) = app.caches.verified_token(&digest).await {
        return Ok(signed);
    }
    let pool_id = issuing_pool(app, token).ok_or(Error::InvalidAccessToken)?;
    let pool = app.caches.user_pool(&app.db, &pool_id).await?.ok_or(Error::InvalidAccessToken)?;
    let claims = signed_claims(app, &pool, token, now).await?;
    let signed = Arc::new(Signed { pool: pool_id, client: AppClientId::new(&*claims.client_id), claims });
    app.caches.remember_verified_token(digest, signed.clone()).await;
    Ok(signed)
}

async fn signed_claims(app: &App, pool: &UserPool, token: &str, now: Timestamp) -> Result<Claims> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| Error::InvalidAccessToken)?;
    if header.alg != Algorithm::RS256 || header.crit.is_some() {
        return Err(Error::InvalidAccessToken);
    }
    let keys = app.caches.keys(&app.db, pool).await?;
    let key = header.kid.as_deref().and_then(|kid| keys.verifier(kid)).ok_or(Error::InvalidAccessToken)?;

    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[app.place.issuer(&pool.id)]);
    validation.set_required_spec_claims(&["exp", "iss", "sub"]);
    validation.validate_aud = false; // access tokens have none
    validation.validate_exp = false; // below, by the service's clock
    let claims = jsonwebtoken::decode::<Claims>(token, key, &validation);
    let claims = claims.map_err(|_| Error::InvalidAccessToken)?.claims;
    if claims.token_use != "access" || claims.iat > now.timestamp() + 60 {
        return Err(Error::InvalidAccessToken);
    }
    Ok(claims)
}
