//! Checking access and ID tokens: the signature first, then the state behind it (TOK-1…4).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognate_store::signing_key::TokenUse;
use cognate_store::user_session::UserSession;
use cognate_store::{AppClient, AppClientId, Timestamp, User, UserId, UserPool, UserPoolId};
use jsonwebtoken::{Algorithm, Validation};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::claims::Actor;
use crate::dpop::{self, Held};
use crate::origin::Origin;
use crate::trigger::{Caller, Metadata};
use crate::{App, Error, Result, app_client};

/// A user as an access token, or the session of their browser, speaks for them: everything behind it exists and is in force.
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
    /// Where whoever holds it is, as far as is known.
    pub origin: Origin,
}

impl TokenHolder {
    /// Who made a request with it, as functions are told.
    pub fn caller<'a>(&'a self, metadata: &'a Metadata) -> Caller<'a> {
        Caller { client: Some(&self.client.id), origin: &self.origin, metadata }
    }
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
    aud: Option<Value>,
    origin_client_id: Option<String>,
    act: Option<Actor>,
    cnf: Option<Value>,
}

/// The same of an ID token.
#[derive(Debug, Deserialize)]
struct IdClaims {
    sub: Uuid,
    exp: i64,
    iat: i64,
    aud: String,
    token_use: String,
    event_id: Uuid,
    origin_client_id: Option<String>,
    act: Option<Actor>,
}

/// The same of a client's own access token.
#[derive(Debug, Deserialize)]
struct MachineClaims {
    sub: String,
    exp: i64,
    iat: i64,
    client_id: String,
    token_use: String,
    scope: String,
    cnf: Option<Value>,
}

/// The thumbprint of the key that a token is bound to, where it is. A function of the pool may have bound it to something else, which is
/// for others to look at.
fn bound_key(cnf: Option<&Value>) -> Option<&str> {
    cnf?.get("jkt")?.as_str()
}

#[derive(Deserialize)]
struct Issuer {
    iss: String,
}

/// Checks an access token that must have a scope, of a request that comes from there.
///
/// # Errors
/// [`Error::InvalidDpopProof`] where it is bound to a key;
/// [`Error::InvalidAccessToken`], [`Error::ExpiredAccessToken`], [`Error::RevokedAccessToken`],
/// [`Error::MissingScope`], [`Error::UserNotFound`] when the user was deleted, [`Error::UserDisabled`].
pub async fn access_token(app: &App, token: &str, scope: &str, origin: Origin) -> Result<TokenHolder> {
    let signed = signed(app, token, app.clock.now()).await?;
    let holder = of_access_token(app, &signed).await?;
    dpop::check_held(app, &holder.pool, token, signed.key(), Held::By(&origin)).await?;
    let holder = TokenHolder { origin, ..holder };
    if signed.claims.scope.split(' ').any(|granted| granted == scope) {
        Ok(holder)
    } else {
        Err(Error::MissingScope)
    }
}

/// What a user's token says.
#[derive(Debug)]
pub(crate) struct UserToken {
    /// Who it speaks for.
    pub holder: TokenHolder,
    /// When it expires, in seconds.
    pub expires_at: i64,
    /// When it was issued, in seconds.
    pub issued_at: i64,
    /// Whom it is for, where it says so.
    pub audience: Option<Value>,
    /// The scopes that it grants; an ID token grants none.
    pub scopes: Vec<String>,
    /// Who acts for the user by it, if they do not themselves.
    pub actor: Option<Actor>,
    /// The thumbprint of the key that it is bound to, where it is.
    pub key: Option<String>,
}

/// Checks a user's token, which must be the pool's.
///
/// # Errors
/// As [`access_token`], and its like of an ID token.
pub(crate) async fn user_token(
    app: &App,
    pool: &UserPool,
    token: &str,
    token_use: TokenUse,
    held: Held<'_>,
) -> Result<UserToken> {
    let now = app.clock.now();
    match token_use {
        TokenUse::Access => {
            let signed = signed(app, token, now).await?;
            if signed.pool != pool.id {
                return Err(Error::InvalidAccessToken);
            }
            let holder = of_access_token(app, &signed).await?;
            dpop::check_held(app, pool, token, signed.key(), held).await?;
            let claims = &signed.claims;
            let scopes = claims.scope.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned);
            Ok(UserToken {
                holder,
                expires_at: claims.exp,
                issued_at: claims.iat,
                audience: claims.aud.clone(),
                scopes: scopes.collect(),
                actor: claims.act.clone(),
                key: signed.key().map(str::to_owned),
            })
        }
        TokenUse::Id => {
            let claims = signed_claims::<IdClaims>(app, pool, token).await.map_err(of_id_token)?;
            let client = AppClientId::new(&*claims.aud);
            // An audience that is no client's is some service's: nobody's token to exchange.
            let is_clients = app_client::known(app, pool, &client).await?.is_some();
            if !is_of_use((&claims.token_use, claims.iat), token_use, now) || !is_clients {
                return Err(Error::InvalidIdToken);
            }
            let (origin, expires_at) = (claims.origin_client_id.as_deref(), claims.exp);
            let holder =
                in_force(app, &pool.id, &client, origin, claims.sub, claims.event_id, expires_at).await;
            let holder = holder.map_err(of_id_token)?;
            let (issued_at, audience) = (claims.iat, Some(Value::String(claims.aud)));
            Ok(UserToken {
                holder,
                expires_at,
                issued_at,
                audience,
                scopes: Vec::new(),
                actor: claims.act,
                key: None,
            })
        }
    }
}

/// Checks the token of somebody who acts for a user: a user's, or a client's own.
///
/// # Errors
/// As [`user_token`].
pub(crate) async fn actor(
    app: &App,
    pool: &UserPool,
    token: &str,
    token_use: TokenUse,
    held: Held<'_>,
) -> Result<Actor> {
    if token_use == TokenUse::Access
        && let Some(machine) = machine(app, pool, token, held).await?
    {
        return Ok(Actor { sub: machine.client.to_string(), act: None });
    }
    let token = user_token(app, pool, token, token_use, held).await?;
    Ok(Actor { sub: token.holder.user.id.to_string(), act: token.actor.map(Box::new) })
}

/// What a client's own access token says.
#[derive(Debug)]
pub(crate) struct MachineToken {
    /// The client.
    pub client: AppClientId,
    /// The scopes that it grants, between blanks.
    pub scope: String,
    /// When it expires, in seconds.
    pub expires_at: i64,
    /// When it was issued, in seconds.
    pub issued_at: i64,
    /// The thumbprint of the key that it is bound to, where it is.
    pub key: Option<String>,
}

/// Checks a client's own access token; none where it is something else.
///
/// # Errors
/// [`Error::InvalidAccessToken`], [`Error::ExpiredAccessToken`], [`Error::RevokedAccessToken`] when the client is gone,
/// [`Error::InvalidDpopProof`].
pub(crate) async fn machine(
    app: &App,
    pool: &UserPool,
    token: &str,
    held: Held<'_>,
) -> Result<Option<MachineToken>> {
    let claims = match signed_claims::<MachineClaims>(app, pool, token).await {
        Ok(claims) if claims.sub == claims.client_id => claims,
        Ok(_) | Err(Error::InvalidAccessToken) => return Ok(None),
        Err(error) => return Err(error),
    };
    let now = app.clock.now();
    if !is_of_use((&claims.token_use, claims.iat), TokenUse::Access, now) {
        return Err(Error::InvalidAccessToken);
    }
    if claims.exp <= now.timestamp() {
        return Err(Error::ExpiredAccessToken);
    }
    let client = AppClientId::new(claims.client_id);
    app_client::known(app, pool, &client).await?.ok_or(Error::RevokedAccessToken)?;
    let key = bound_key(claims.cnf.as_ref()).map(str::to_owned);
    dpop::check_held(app, pool, token, key.as_deref(), held).await?;
    let (scope, expires_at, issued_at) = (claims.scope, claims.exp, claims.iat);
    Ok(Some(MachineToken { client, scope, expires_at, issued_at, key }))
}

/// Whom an ID token speaks of that a client shows only to say whom it means.
#[derive(Debug)]
pub(crate) struct Hint {
    /// The user.
    pub user: UserId,
    /// The client that it was issued to.
    pub client: AppClientId,
}

/// Reads such a token, as long as the pool signed it: an expired one says it too (OpenID Connect Core 1.0, section 3.1.2.1).
///
/// # Errors
/// When the keys cannot be read.
pub(crate) async fn hint(app: &App, pool: &UserPool, token: &SecretString) -> Result<Option<Hint>> {
    match signed_claims::<IdClaims>(app, pool, token.expose_secret()).await {
        Ok(claims) if claims.token_use == TokenUse::Id.as_str() => {
            Ok(Some(Hint { user: claims.sub.into(), client: AppClientId::new(claims.aud) }))
        }
        Ok(_) | Err(Error::InvalidAccessToken) => Ok(None),
        Err(other) => Err(other),
    }
}

/// The same fault, of an ID token.
fn of_id_token(error: Error) -> Error {
    match error {
        Error::InvalidAccessToken => Error::InvalidIdToken,
        Error::ExpiredAccessToken => Error::ExpiredIdToken,
        Error::RevokedAccessToken => Error::RevokedIdToken,
        other => other,
    }
}

async fn of_access_token(app: &App, signed: &Signed) -> Result<TokenHolder> {
    let Signed { pool, client, claims } = signed;
    let origin = claims.origin_client_id.as_deref();
    in_force(app, pool, client, origin, claims.sub, claims.event_id, claims.exp).await
}

/// Whether a token is not expired, and everything behind it exists, fits together and is in force. A token that was derived
/// from another names the client of the session beside its own.
async fn in_force(
    app: &App,
    pool: &UserPoolId,
    client: &AppClientId,
    origin: Option<&str>,
    user: Uuid,
    session: Uuid,
    expires_at: i64,
) -> Result<TokenHolder> {
    if expires_at <= app.clock.now().timestamp() {
        return Err(Error::ExpiredAccessToken);
    }
    let pool = app.caches.user_pool(&app.db, pool).await?.ok_or(Error::InvalidAccessToken)?;
    let client = app_client::known(app, &pool, client).await?.ok_or(Error::RevokedAccessToken)?;
    // The session first, because it brings its user along.
    let session = app.caches.session(&app.db, &pool.id, session.into()).await?;
    let user = app.caches.user(&app.db, &pool.id, user.into()).await?.ok_or(Error::UserNotFound)?;
    if !user.enabled {
        return Err(Error::UserDisabled);
    }
    let session = session.ok_or(Error::RevokedAccessToken)?;
    if !session.is_open(&user) || session.client.as_str() != origin.unwrap_or(client.id.as_str()) {
        return Err(Error::RevokedAccessToken);
    }
    if session.client != client.id {
        app_client::known(app, &pool, &session.client).await?.ok_or(Error::RevokedAccessToken)?;
    }
    Ok(TokenHolder { pool, client, user, session, origin: Origin::default() })
}

/// Whether a token says that it is for this use, and is from now or before, give or take a minute.
fn is_of_use((token_use, iat): (&str, i64), wanted: TokenUse, now: Timestamp) -> bool {
    token_use == wanted.as_str() && iat <= now.timestamp() + 60
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

impl Signed {
    /// The thumbprint of the key that it is bound to, where it is.
    fn key(&self) -> Option<&str> {
        bound_key(self.claims.cnf.as_ref())
    }
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
    let claims = signed_claims::<Claims>(app, &pool, token).await?;
    if !is_of_use((&claims.token_use, claims.iat), TokenUse::Access, now) {
        return Err(Error::InvalidAccessToken);
    }
    let signed = Arc::new(Signed { pool: pool_id, client: AppClientId::new(&*claims.client_id), claims });
    app.caches.remember_verified_token(digest, signed.clone()).await;
    Ok(signed)
}

/// The claims of a token that the pool signed, of whatever use.
async fn signed_claims<C: DeserializeOwned>(app: &App, pool: &UserPool, token: &str) -> Result<C> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| Error::InvalidAccessToken)?;
    if header.alg != Algorithm::RS256 || header.crit.is_some() {
        return Err(Error::InvalidAccessToken);
    }
    let keys = app.caches.keys(&app.db, pool).await?;
    let key = header.kid.as_deref().and_then(|kid| keys.verifier(kid)).ok_or(Error::InvalidAccessToken)?;

    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[app.place.issuer(&pool.id)]);
    validation.set_required_spec_claims(&["exp", "iss", "sub"]);
    validation.validate_aud = false; // whom a token is for is looked at where it is used
    validation.validate_exp = false; // by the service's clock, where it is used
    let claims = jsonwebtoken::decode::<C>(token, key, &validation);
    Ok(claims.map_err(|_| Error::InvalidAccessToken)?.claims)
}
