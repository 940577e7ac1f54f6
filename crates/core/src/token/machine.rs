//! Access tokens of clients themselves, for calls from machine to machine. Nothing is stored: a token is good until it
//! expires, and no user stands behind it.

use cognate_store::UserPool;
use cognate_store::signing_key::TokenUse;
use cognate_store::user_pool::OauthFlow;
use secrecy::SecretString;
use uuid::Uuid;

use super::claims::{Confirmation, MachineClaims};
use super::{TokenType, lifetime};
use crate::app_client::{ClientContext, registration, secret_hash, settings};
use crate::auth::Flow;
use crate::trigger::token_generation;
use crate::{App, Error, Result, dpop, resource_server};

/// A client's own access token.
#[derive(Debug)]
pub struct MachineToken {
    /// Signed; for resource servers.
    pub access: SecretString,
    /// What it is good for.
    pub scopes: Vec<String>,
    /// Seconds until it expires.
    pub expires_in: i64,
    /// How it is used.
    pub token_type: TokenType,
}

/// The format of the claims, as Cognito numbers it.
pub(crate) const VERSION: u8 = 2;

/// Issues a client its own access token, for these scopes of resource servers or for all that it may have.
///
/// # Errors
/// [`Error::SecretHashWrong`] when the secret is, [`Error::FlowNotEnabled`], [`Error::InvalidParameter`] for a scope that the
/// client may not have, or when it may have none.
pub async fn issue(
    app: &App,
    context: &ClientContext,
    secret: &SecretString,
    scopes: &[String],
) -> Result<MachineToken> {
    let (pool, client) = (&context.pool, &context.client);
    secret_hash::authenticate(client, Some(secret))?;
    if !settings::allows(&client.settings, Flow::ClientToken) {
        return Err(Error::FlowNotEnabled(Flow::ClientToken));
    }
    let granted = granted(app, pool, &client.settings.oauth.scopes, scopes).await?;
    // The operation has no error of its own for a function that fails.
    sign(app, context, granted).await.map_err(|error| match error.is_of_trigger() {
        true => Error::invalid("PreTokenGeneration did not answer as it must."),
        false => error,
    })
}

/// Issues a client that has proven who it is its own access token (RFC 6749, section 4.4): for those of these scopes that it may
/// have, or for all of them.
///
/// # Errors
/// [`Error::OauthDisabled`], [`Error::GrantNotAllowed`]; [`Error::ScopeNotAllowed`] when it may have none;
/// [`Error::InvalidDpopProof`]; what the pool's function says.
pub async fn grant(app: &App, context: &ClientContext, scopes: &[String]) -> Result<MachineToken> {
    let oauth = &context.client.settings.oauth;
    if !oauth.enabled {
        return Err(Error::OauthDisabled);
    }
    if !oauth.flows.contains(&OauthFlow::ClientCredentials) || context.client.secrets.is_empty() {
        return Err(Error::GrantNotAllowed);
    }
    let is_wanted = |scope: &&String| scopes.is_empty() || scopes.contains(scope);
    let wanted: Vec<_> = oauth.scopes.iter().filter(is_wanted).cloned().collect();
    let mut granted = resource_server::existing(app, &context.pool, &wanted).await?;
    granted.extend(wanted.into_iter().filter(|scope| registration::has_scope(&context.pool, scope)));
    if granted.is_empty() {
        return Err(Error::ScopeNotAllowed);
    }
    sign(app, context, granted).await
}

async fn sign(app: &App, context: &ClientContext, granted: Vec<String>) -> Result<MachineToken> {
    let (pool, client) = (&context.pool, &context.client);
    let key = dpop::key_for_tokens(app, context).await?;
    let overrides = token_generation::for_client(app, context, &granted).await?;
    let (keys, now) = (app.caches.keys(&app.db, pool).await?, app.clock.now());
    let expires_in = lifetime::access(&client.settings).num_seconds();
    let claims = MachineClaims {
        sub: client.id.as_str(),
        iss: &app.place.issuer(&pool.id),
        client_id: client.id.as_str(),
        token_use: TokenUse::Access.as_str(),
        scope: granted.join(" "),
        auth_time: now.timestamp(),
        exp: now.timestamp() + expires_in,
        iat: now.timestamp(),
        jti: Uuid::new_v4().to_string(),
        version: VERSION,
        cnf: Confirmation::of(key.as_deref()),
    };
    let access = token_generation::sign(&keys, TokenUse::Access, client, &claims, overrides.as_ref())?;
    let scopes = token_generation::scopes(overrides.as_ref(), granted);
    Ok(MachineToken { access, scopes, expires_in, token_type: TokenType::of(key.as_deref()) })
}

/// The scopes that a client gets: those it asks for, which must all be its own and exist, or all of those. A user's scopes are
/// no machine's.
async fn granted(
    app: &App,
    pool: &UserPool,
    allowed: &[String],
    requested: &[String],
) -> Result<Vec<String>> {
    let wanted = if requested.is_empty() { allowed } else { requested };
    let granted = resource_server::existing(app, pool, wanted).await?;
    match requested.iter().find(|scope| !allowed.contains(scope) || !granted.contains(scope)) {
        Some(refused) => Err(Error::invalid(format!("Invalid scope requested: {refused}"))),
        None if granted.is_empty() => Err(Error::invalid("The client has no scope of a resource server.")),
        None => Ok(granted),
    }
}
