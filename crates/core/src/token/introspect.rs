//! What a token is good for, to clients that may ask (RFC 7662).

use cognate_store::signing_key::TokenUse;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::Value;

use super::claims::{Actor, Confirmation};
use super::{TokenType, refresh_token, verify};
use crate::app_client::ClientContext;
use crate::dpop::Held;
use crate::{App, Error, Result, options};

/// What is said of a token; of one that is not good for anything, that alone.
#[derive(Debug, Default, Serialize)]
pub struct Introspection {
    active: bool,
    #[serde(flatten)]
    told: Option<Told>,
}

/// What is said of one that is.
#[serde_with::skip_serializing_none]
#[derive(Debug, Default, Serialize)]
struct Told {
    scope: Option<String>,
    client_id: String,
    sub: String,
    username: Option<String>,
    token_type: Option<&'static str>,
    token_use: &'static str,
    cnf: Option<Confirmation>,
    aud: Option<Value>,
    exp: i64,
    iat: Option<i64>,
    iss: String,
    act: Option<Actor>,
}

impl From<Told> for Introspection {
    fn from(told: Told) -> Self {
        Self { active: true, told: Some(told) }
    }
}

/// What a token of the client's pool is good for: a user's or a client's own access token, or a refresh token of the client itself. An
/// ID token opens nothing, so it is not active (TOK-2). As everywhere, what has changed behind a token counts within a second.
///
/// # Errors
/// [`Error::GrantNotAllowed`] for a client that may not ask: only those with a secret may, where their owner says so.
pub async fn of_token(app: &App, context: &ClientContext, token: &SecretString) -> Result<Introspection> {
    if context.client.secrets.is_empty() || !options::may_introspect(&context.pool, &context.client) {
        return Err(Error::GrantNotAllowed);
    }
    let told = match token.expose_secret().split('.').count() {
        3 => signed(app, context, token.expose_secret()).await,
        _ => refresh(app, context, token).await,
    };
    match told {
        Ok(told) => Ok(told),
        Err(error @ (Error::Internal(_) | Error::Busy)) => Err(error),
        Err(_) => Ok(Introspection::default()),
    }
}

async fn signed(app: &App, context: &ClientContext, token: &str) -> Result<Introspection> {
    let pool = &context.pool;
    let issuer = app.place.issuer(&pool.id);
    // Users' access tokens are most of what is asked about, and are remembered.
    let token = match verify::user_token(app, pool, token, TokenUse::Access, Held::ByNobody).await {
        Ok(token) => token,
        Err(Error::InvalidAccessToken) => {
            let machine =
                verify::machine(app, pool, token, Held::ByNobody).await?.ok_or(Error::InvalidAccessToken)?;
            let told = Told {
                scope: Some(machine.scope),
                client_id: machine.client.to_string(),
                sub: machine.client.to_string(),
                token_type: Some(TokenType::of(machine.key.as_deref()).as_str()),
                token_use: TokenUse::Access.as_str(),
                cnf: Confirmation::of(machine.key.as_deref()),
                exp: machine.expires_at,
                iat: Some(machine.issued_at),
                iss: issuer,
                ..Told::default()
            };
            return Ok(told.into());
        }
        Err(error) => return Err(error),
    };
    let holder = &token.holder;
    let told = Told {
        scope: Some(token.scopes.join(" ")),
        client_id: holder.client.id.to_string(),
        sub: holder.user.id.to_string(),
        username: Some(holder.user.username.clone()),
        token_type: Some(TokenType::of(token.key.as_deref()).as_str()),
        token_use: TokenUse::Access.as_str(),
        cnf: Confirmation::of(token.key.as_deref()),
        aud: token.audience,
        exp: token.expires_at,
        iat: Some(token.issued_at),
        iss: issuer,
        act: token.actor,
    };
    Ok(told.into())
}

async fn refresh(app: &App, context: &ClientContext, token: &SecretString) -> Result<Introspection> {
    let found = refresh_token::find(app, &context.pool, token).await?.ok_or(Error::InvalidRefreshToken)?;
    let refresh_token::Presented { session, user, .. } = &found;
    // Whose it is not, learns nothing of it (RFC 7662, section 4).
    let is_its_own = session.client == context.client.id && found.generation == session.generation;
    let is_in_force = user.enabled && session.is_open(user) && session.expires_at > app.clock.now();
    if !is_its_own || !is_in_force {
        return Ok(Introspection::default());
    }
    let told = Told {
        client_id: session.client.to_string(),
        sub: user.id.to_string(),
        username: Some(user.username.clone()),
        token_use: "refresh",
        exp: session.expires_at.timestamp(),
        iss: app.place.issuer(&context.pool.id),
        ..Told::default()
    };
    Ok(told.into())
}
