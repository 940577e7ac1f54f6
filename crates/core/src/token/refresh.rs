//! Refreshing: new tokens for an old sign-in, with the user's state read again (TOK-6).

use chrono::Duration;
use cognate_store::group::Membership;
use cognate_store::user_pool::{MfaRequirement, Trigger};
use cognate_store::user_session::UserSession;
use cognate_store::{AppClient, Timestamp, User, UserPool, user_session};
use secrecy::SecretString;

use super::refresh_token::{self, Presented};
use super::{Tokens, issue, pair};
use crate::app_client::{ClientContext, Hashed, secret_hash, settings};
use crate::auth::{Method, demand};
use crate::device::Claimed;
use crate::trigger::token_generation::Generation;
use crate::trigger::{self, token_generation};
use crate::user_session::activity;
use crate::{App, Error, Result, dpop, options};

/// Exchanges a refresh token for new tokens; the refresh token goes on.
///
/// # Errors
/// [`Error::InvalidRefreshToken`], [`Error::ExpiredRefreshToken`], [`Error::RevokedRefreshToken`],
/// [`Error::UserDisabled`], [`Error::InvalidDpopProof`], or the secret hash's.
pub async fn refresh(
    app: &App,
    context: &ClientContext,
    token: &SecretString,
    hash: Option<&str>,
) -> Result<Tokens> {
    let presented = find(app, context, token).await?;
    // A refresh names no user, so the hash is over the name the session has, or the subject.
    let subject = presented.user.id.to_string();
    secret_hash::check(context, Hashed::AnyOf(&[&presented.user.username, &subject]), hash)?;
    usable(&presented, app.clock.now())?;
    if presented.generation != presented.session.generation {
        // This flow has no error of its own for it.
        end(app, context, &presented).await?;
        return Err(Error::RevokedRefreshToken);
    }
    check_bound(&presented.session, dpop::expect_proof(app, context)?.as_deref())?;
    let key = dpop::key_for_tokens(app, context).await?;
    let tokens = sign(app, context, &presented, &[], key.as_deref()).await?;
    bind(app, context, &presented.session, key.as_deref()).await?;
    Ok(tokens)
}

/// Exchanges a refresh token for new tokens, and for the next refresh token where the client's rotate (TOK-5).
///
/// Within the grace period the one before is still good, and gets what its first use got. Any other that comes again was
/// copied by somebody: the session ends.
///
/// # Errors
/// As [`refresh`], with [`Error::ReusedRefreshToken`], and [`Error::SecretHashWrong`] for the secret.
pub async fn exchange(
    app: &App,
    context: &ClientContext,
    token: &SecretString,
    secret: Option<&SecretString>,
) -> Result<Tokens> {
    secret_hash::authenticate(&context.client, secret)?;
    exchange_of(app, context, token, &[]).await
}

/// As [`exchange`], for a client that has proven who it is at the token endpoint (RFC 6749, section 6). The access token is good for
/// these scopes alone, where some are named; the refresh token goes on as it was.
///
/// # Errors
/// [`Error::OauthDisabled`]; [`Error::ScopeNotAllowed`] for a scope that was not granted; as [`exchange`] but for the secret.
pub async fn grant(
    app: &App,
    context: &ClientContext,
    token: &SecretString,
    wanted: &[String],
) -> Result<Tokens> {
    match context.client.settings.oauth.enabled {
        true => exchange_of(app, context, token, wanted).await,
        false => Err(Error::OauthDisabled),
    }
}

async fn exchange_of(
    app: &App,
    context: &ClientContext,
    token: &SecretString,
    wanted: &[String],
) -> Result<Tokens> {
    let (pool, client) = (&context.pool, &context.client);
    let rotation = client.settings.rotation.filter(|rotation| rotation.enabled);
    if rotation.is_some()
        && wanted.is_empty()
        && rows_decide(context)
        && let Some(tokens) = exchange_at_once(app, context, token).await?
    {
        return Ok(tokens);
    }
    let grace = Duration::seconds(rotation.and_then(|it| it.grace_seconds).unwrap_or(0).into());
    let mut presented = find(app, context, token).await?;
    check_bound(&presented.session, dpop::expect_proof(app, context)?.as_deref())?;
    let key = dpop::key_for_tokens(app, context).await?;
    loop {
        let (session, now) = (&presented.session, app.clock.now());
        usable(&presented, now)?;
        let is_newest = presented.generation == session.generation;
        let is_retry = presented.generation + 1 == session.generation
            && session.rotated_at.is_some_and(|rotated_at| now < rotated_at + grace);
        if !is_newest && !is_retry {
            end(app, context, &presented).await?;
            return Err(Error::ReusedRefreshToken);
        }
        check_bound(session, key.as_deref())?;
        // Signed first: what fails here costs nobody their token.
        let mut tokens = sign(app, context, &presented, wanted, key.as_deref()).await?;
        bind(app, context, session, key.as_deref()).await?;
        if rotation.is_none() {
            return Ok(tokens);
        }
        if is_newest && !user_session::rotate(&app.db, &pool.id, session.id, session.generation, now).await? {
            // Somebody else was faster.
            presented = find(app, context, token).await?;
            continue;
        }
        tokens.refresh = Some(refresh_token::numbered(pool, session.id, presented.generation + 1)?);
        return Ok(tokens);
    }
}

/// Whether all that may stand against a refresh is in the rows of its session and its user: neither the pool nor the client has
/// anything to ask of others, to write down, or to demand of how the user signed in.
fn rows_decide(context: &ClientContext) -> bool {
    let ClientContext { pool, client, origin, device, .. } = context;
    let asks = trigger::has(pool, Trigger::PreTokenGeneration) || pool.settings.session_tracking.enabled;
    let demands = pool.settings.mfa.requirement == MfaRequirement::On || options::must_bind(pool, client);
    let shows_key = origin.proof().is_some() || matches!(device, Claimed::Known(_));
    !asks && !demands && !shows_key && pool.settings.devices.is_none()
}

/// Exchanges the newest token of a session in one statement, where nothing stands against it: this is what nearly every rotation is.
/// Of whatever else it is, nothing has changed.
async fn exchange_at_once(
    app: &App,
    context: &ClientContext,
    token: &SecretString,
) -> Result<Option<Tokens>> {
    // Read first: nothing can fail once the token is used up.
    let keys = app.caches.keys(&app.db, &context.pool).await?;
    let scopes = settings::standard_scopes(&context.pool, &context.client);
    let Some(presented) = refresh_token::find_and_use(app, context, token, &scopes).await? else {
        return Ok(None);
    };
    let Presented { session, user, groups, .. } = &presented;
    let methods = Method::of(session);
    let about = about(session, user, groups, &session.scopes, &methods);
    let mut tokens = pair::sign_by(app, &keys, context, &about, app.clock.now())?;
    tokens.refresh = Some(refresh_token::numbered(&context.pool, session.id, session.generation)?);
    Ok(Some(tokens))
}

async fn find(app: &App, context: &ClientContext, token: &SecretString) -> Result<Presented> {
    let found = refresh_token::find(app, &context.pool, token).await?;
    let found =
        found.filter(|it| it.session.client == context.client.id).ok_or(Error::InvalidRefreshToken)?;
    // A confirmed device's token works with its key alone (TOK-5).
    let is_bound = found.session.has_device && context.pool.settings.devices.is_some();
    let fits = match &context.device {
        Claimed::Known(key) => found.session.device_key.as_ref() == Some(key),
        Claimed::New | Claimed::Untracked => !is_bound,
    };
    if !fits {
        return Err(Error::InvalidRefreshToken);
    }
    // Where the pool has come to demand a second factor, sessions without one are over.
    if demand::suffices(&context.pool, &found.session) { Ok(found) } else { Err(Error::RevokedRefreshToken) }
}

/// What is left of a session's scopes: those of the OAuth endpoints while the client may ask for them and their resource server has
/// them (TOK-6).
pub(super) async fn scopes_left(
    app: &App,
    pool: &UserPool,
    client: &AppClient,
    session: &UserSession,
) -> Result<Vec<String>> {
    let scopes = match session.opened_by {
        Some(_) => settings::scopes_left(app, pool, client, &session.scopes).await?,
        None => session.scopes.clone(),
    };
    if scopes.is_empty() { Err(Error::RevokedRefreshToken) } else { Ok(scopes) }
}

/// Those of the scopes that are left that a client wants this time (RFC 6749, section 6).
fn narrowed(mut left: Vec<String>, wanted: &[String]) -> Result<Vec<String>> {
    left.retain(|scope| wanted.is_empty() || wanted.contains(scope));
    if left.is_empty() { Err(Error::ScopeNotAllowed) } else { Ok(left) }
}

/// Whether a client that proves to have this key, or none, may use a session's refresh token.
fn check_bound(session: &UserSession, key: Option<&str>) -> Result<()> {
    match (&session.dpop_jkt, key) {
        (Some(_), None) => Err(Error::InvalidDpopProof("there must be one")),
        (Some(bound), Some(key)) if bound != key => Err(Error::InvalidRefreshToken),
        _ => Ok(()),
    }
}

/// Binds a session's refresh token to the key that its client has come to prove, if it is one that is bound.
///
/// # Errors
/// [`Error::InvalidRefreshToken`] where it was bound to another one meanwhile.
async fn bind(app: &App, context: &ClientContext, session: &UserSession, key: Option<&str>) -> Result<()> {
    let key = issue::refresh_key(&context.client, key).filter(|_| session.dpop_jkt.is_none());
    let Some(key) = key else { return Ok(()) };
    match user_session::bind(&app.db, &context.pool.id, session.id, key).await? {
        true => Ok(()),
        false => Err(Error::InvalidRefreshToken),
    }
}

async fn sign(
    app: &App,
    context: &ClientContext,
    presented: &Presented,
    wanted: &[String],
    key: Option<&str>,
) -> Result<Tokens> {
    let Presented { session, user, groups, .. } = presented;
    let why = Generation::RefreshTokens;
    // What was never granted, only a function can have added.
    let is_granted = wanted.iter().all(|scope| session.scopes.contains(scope));
    if !is_granted && !trigger::has(&context.pool, Trigger::PreTokenGeneration) {
        return Err(Error::ScopeNotAllowed);
    }
    let left = scopes_left(app, &context.pool, &context.client, session).await?;
    let scopes = narrowed(left, wanted)?;
    let overrides = token_generation::for_user(app, context, why, user, groups, &scopes).await?;
    // What a function adds is said to the client, which may name it again.
    let told = token_generation::scopes(overrides.as_ref(), scopes.clone());
    if !is_granted && !wanted.iter().all(|scope| session.scopes.contains(scope) || told.contains(scope)) {
        return Err(Error::ScopeNotAllowed);
    }
    // What may have changed while a function was asked is read again (TRG-2).
    let again = match overrides {
        Some(_) => {
            Some(issue::still_open(app, &context.pool, session.id).await?.ok_or(Error::RevokedRefreshToken)?)
        }
        None => None,
    };
    let (user, groups) = again.as_ref().map_or((user, groups), |(user, groups)| (user, groups));
    let now = app.clock.now();
    activity::refreshed(app, context, session, now).await?;
    let methods = Method::of(session);
    let about = about(session, user, groups, &scopes, &methods);
    pair::sign(app, context, &pair::About { overrides: overrides.as_ref(), key, ..about }, now).await
}

/// What tokens say that come of a session again.
fn about<'a>(
    session: &'a UserSession,
    user: &'a User,
    groups: &'a [Membership],
    scopes: &'a [String],
    methods: &'a [Method],
) -> pair::About<'a> {
    pair::About {
        user,
        groups,
        session: session.id,
        scopes,
        device_key: session.device_key.as_deref(),
        methods,
        authenticated_at: session.authenticated_at,
        overrides: None,
        authorized: pair::Authorized::of(session),
        key: None,
    }
}

/// Ends the session of a token that was used up, for whoever holds the one that followed it.
async fn end(app: &App, context: &ClientContext, presented: &Presented) -> Result<()> {
    let (pool, session) = (&context.pool.id, presented.session.id);
    user_session::revoke(&app.db, pool, session, app.clock.now()).await?;
    app.caches.forget_session(pool, session).await;
    Ok(())
}

/// Whether a session may still be refreshed.
fn usable(presented: &Presented, now: Timestamp) -> Result<()> {
    let Presented { session, user, .. } = presented;
    if !session.is_open(user) {
        Err(Error::RevokedRefreshToken)
    } else if session.expires_at <= now {
        Err(Error::ExpiredRefreshToken)
    } else if !user.enabled {
        Err(Error::UserDisabled)
    } else {
        Ok(())
    }
}
