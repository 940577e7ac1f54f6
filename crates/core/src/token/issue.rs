//! Issuing tokens: at sign-in, and again at each refresh.

use std::sync::LazyLock;

use cognate_store::challenge_session::SpentSession;
use cognate_store::group::Membership;
use cognate_store::second_factor::SoftwareToken;
use cognate_store::signing_key::TokenUse;
use cognate_store::user_pool::Trigger;
use cognate_store::user_session::{self, NewUserSession, SessionKey, SessionKind, UserSession};
use cognate_store::{AppClient, Timestamp, User, UserPool, UserSessionId};
use secrecy::SecretString;
use uuid::Uuid;

use super::claims::{self, AccessClaims, Confirmation, IdClaims, Scopes};
use super::signing_key::PoolKeys;
use super::{OPENID_SCOPE, TokenType, Tokens, USER_ADMIN_SCOPE, lifetime, refresh_token};
use crate::app_client::{ClientContext, Door, document};
use crate::auth::acr::AuthenticationContext;
use crate::auth::{Method, Proven, SignIn};
use crate::auth_event::{self, Failed};
use crate::authorization::CODE_LIFETIME;
use crate::browser_session::{self, Opened};
use crate::device::{self, Claimed};
use crate::trigger::token_generation::{self, Generation, Overrides};
use crate::user_session::activity;
use crate::{App, Error, Result, dpop, options, trigger};

/// What a sign-in rests on.
#[derive(Debug)]
pub(crate) struct Proof<'a> {
    /// What the user proved.
    pub proven: &'a Proven,
    /// The handshake or challenge that is spent with it.
    pub spent: Option<&'a SpentSession>,
    /// The authenticator app that is part of it.
    pub software_token: Option<&'a SoftwareToken>,
    /// The time step of its code, if one was given now.
    pub step: Option<i64>,
    /// The device that it comes from; one that has a key has proven it.
    pub device: &'a Claimed,
}

/// Saves a sign-in, and issues its tokens, or the cookie of its browser.
///
/// # Errors
/// [`Error::WrongPassword`] when the user or the password changed while it was being checked, or what it rests on is spent or
/// over; [`Error::LevelOutOfReach`] when it does not reach the level that was asked for; [`Error::InvalidDpopProof`].
pub(crate) async fn sign_in(
    app: &App,
    context: &ClientContext,
    user: &User,
    proof: &Proof<'_>,
    now: Timestamp,
) -> Result<SignIn> {
    let begun = begin(app, context, user, proof, now).await?;
    finish(app, context, user, proof, begun).await
}

/// A session that has begun: what led to it is spent, and an admitted guess is settled.
pub(crate) struct Begun {
    id: UserSessionId,
    groups: Vec<Membership>,
    /// The refresh token, or the cookie.
    secret: SecretString,
    device_key: Option<String>,
    new_device: Option<device::Metadata>,
    at: Timestamp,
    /// The key that the tokens are bound to, where they are.
    key: Option<String>,
}

/// Saves a sign-in. Nobody is in before [`finish`].
///
/// # Errors
/// As [`sign_in`].
pub(crate) async fn begin(
    app: &App,
    context: &ClientContext,
    user: &User,
    proof: &Proof<'_>,
    now: Timestamp,
) -> Result<Begun> {
    let (pool, client) = (&context.pool, &context.client);
    if proof.proven.step_up.as_ref().is_some_and(|it| !it.is_reached(&proof.proven.methods)) {
        return Err(Error::LevelOutOfReach);
    }
    let key = match context.door {
        Door::Api => dpop::key_for_tokens(app, context).await?,
        Door::Pages => None,
    };
    document::keep(app, context, user).await?;
    let judged = proof.proven.judgement.as_ref();
    let id = judged.map_or_else(UserSessionId::random, |judgement| judgement.id.into());
    let (kind, secret, digest, lifetime) = match context.door {
        Door::Api => {
            let token = refresh_token::first(context, id)?;
            let digest = refresh_token::digest(&token);
            (SessionKind::Tokens, token, digest, lifetime::refresh(&client.settings))
        }
        Door::Pages => {
            let cookie = browser_session::new_cookie()?;
            let digest = browser_session::digest(&cookie);
            // A code from the last moment can still be exchanged.
            let lifetime = browser_session::lifetime(&client.settings) + CODE_LIFETIME;
            (SessionKind::Browser, cookie, digest, lifetime)
        }
    };
    let methods: Vec<_> = proof.proven.methods.iter().map(|method| method.as_str().to_owned()).collect();
    let (device_key, new_device) = match proof.device {
        Claimed::Known(key) if pool.settings.devices.is_some() => (Some(key.clone()), None),
        Claimed::New if pool.settings.devices.is_some() => {
            let metadata = device::new_metadata(app, pool);
            (Some(metadata.key.clone()), Some(metadata))
        }
        _ => (None, None),
    };
    let session = NewUserSession {
        id,
        kind,
        dpop_jkt: refresh_key(client, key.as_deref()),
        sid: (kind == SessionKind::Browser).then(|| id.as_uuid()),
        user: user.id,
        client: &client.id,
        refresh_digest: digest,
        scopes: scopes(context.door),
        authenticated_at: now,
        started_at: now,
        expires_at: now + lifetime,
        spent: proof.spent,
        methods: &methods,
        software_token: proof.software_token,
        software_token_step: proof.step,
        device_key: device_key.as_deref(),
        is_device_known: device_key.is_some() && new_device.is_none(),
        epoch: proof.proven.epoch,
        password_changed_at: proof.proven.password_changed_at,
        rests_on: proof.proven.rests_on,
        proven_since: proof.proven.since,
    };
    let started = user_session::start(&app.db, &pool.id, &session).await;
    let groups = started.map_err(|error| match error {
        cognate_store::Error::Stale => Error::WrongPassword,
        other => other.into(),
    })?;
    Ok(Begun { id, groups, secret, device_key, new_device, at: now, key })
}

/// The key that a refresh token is bound to: that of the access tokens, but for a client that proves who it is by its secret (RFC 9449,
/// section 5).
pub(crate) fn refresh_key<'a>(client: &AppClient, key: Option<&'a str>) -> Option<&'a str> {
    key.filter(|_| client.secrets.is_empty())
}

/// The scopes of a sign-in: the API's one; a browser's session grants none itself.
fn scopes(door: Door) -> &'static [String] {
    static OF_API: LazyLock<[String; 1]> = LazyLock::new(|| [USER_ADMIN_SCOPE.to_owned()]);
    match door {
        Door::Api => &*OF_API,
        Door::Pages => &[],
    }
}

/// Has the pool's functions told of a sign-in that has begun, and issues its tokens, or the cookie of its browser.
///
/// # Errors
/// What the functions say, which ends the session; [`Error::WrongPassword`] when it is over already.
pub(crate) async fn finish(
    app: &App,
    context: &ClientContext,
    user: &User,
    proof: &Proof<'_>,
    begun: Begun,
) -> Result<SignIn> {
    let (pool, scopes) = (&context.pool, scopes(context.door));
    let called = match call_functions(app, context, user, &begun, scopes, proof).await {
        Ok(called) => called,
        Err(error) => {
            // Nobody is in, and what led here is spent.
            user_session::revoke(&app.db, &pool.id, begun.id, app.clock.now()).await?;
            auth_event::failed(app, context, user.id, proof.proven.judgement.as_ref(), Failed::Other);
            return Err(error);
        }
    };
    let (user, groups, overrides) = match &called {
        Some((user, groups, overrides)) => (user, groups, overrides.as_ref()),
        None => (user, &begun.groups, None),
    };
    activity::started(app, context, user.id, begun.id, begun.at).await?;
    auth_event::passed(app, context, user, proof.proven).await;
    if context.door == Door::Pages {
        let lifetime = browser_session::lifetime(&context.client.settings);
        return Ok(SignIn::Opened(Opened { cookie: begun.secret, lifetime }));
    }
    let about = About {
        user,
        groups,
        session: begun.id,
        scopes,
        device_key: begun.device_key.as_deref(),
        methods: &proof.proven.methods,
        authenticated_at: begun.at,
        overrides,
        authorized: None,
        key: begun.key.as_deref(),
    };
    let mut tokens = sign(app, context, &about, app.clock.now()).await?;
    (tokens.refresh, tokens.new_device) = (Some(begun.secret), begun.new_device);
    Ok(SignIn::Done(tokens))
}

/// Calls the pool's functions about a sign-in, if there are any, and reads everything again that they may have changed or that
/// changed meanwhile (TRG-2).
///
/// # Errors
/// What the functions say; [`Error::WrongPassword`] when the session that has begun is over.
async fn call_functions(
    app: &App,
    context: &ClientContext,
    user: &User,
    begun: &Begun,
    scopes: &[String],
    proof: &Proof<'_>,
) -> Result<Option<(User, Vec<Membership>, Option<Overrides>)>> {
    let pool = &context.pool;
    if ![Trigger::PostAuthentication, Trigger::PreTokenGeneration].iter().any(|it| trigger::has(pool, *it)) {
        return Ok(None);
    }
    trigger::post_authentication(app, context, user, begun.new_device.is_some()).await?;
    let why = match proof.proven {
        proven if proven.new_password => Generation::NewPasswordChallenge,
        _ if begun.device_key.is_some() && begun.new_device.is_none() => Generation::AuthenticateDevice,
        _ => Generation::Authentication,
    };
    let overrides = match context.door {
        Door::Api => token_generation::for_user(app, context, why, user, &begun.groups, scopes).await?,
        // There are no tokens yet.
        Door::Pages => None,
    };
    let (user, groups) = still_open(app, pool, begun.id).await?.ok_or(Error::WrongPassword)?;
    Ok(Some((user, groups, overrides)))
}

/// The user of a session and their groups, while it goes on and they may sign in.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn still_open(
    app: &App,
    pool: &UserPool,
    session: UserSessionId,
) -> Result<Option<(User, Vec<Membership>)>> {
    let found = user_session::find(&app.db, &pool.id, SessionKey::Id(session)).await?;
    let open = found.filter(|(session, user, _)| session.is_open(user) && user.enabled);
    Ok(open.map(|(_, user, groups)| (user, groups)))
}

/// What a pair of tokens says.
pub(crate) struct About<'a> {
    pub user: &'a User,
    pub groups: &'a [Membership],
    pub session: UserSessionId,
    pub scopes: &'a [String],
    pub device_key: Option<&'a str>,
    pub methods: &'a [Method],
    pub authenticated_at: Timestamp,
    pub overrides: Option<&'a Overrides>,
    /// What the OAuth endpoints add, where the session is theirs.
    pub authorized: Option<Authorized<'a>>,
    /// The thumbprint of the key that the access token is bound to, where it is.
    pub key: Option<&'a str>,
}

/// What the OAuth endpoints add to a pair of tokens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Authorized<'a> {
    /// What the ID token repeats of the request (OpenID Connect Core 1.0, section 3.1.2.1).
    pub nonce: Option<&'a str>,
    /// The service that the access token is for (RFC 8707).
    pub resource: Option<&'a str>,
    /// The scopes that the user granted; the tokens' may have become fewer.
    pub granted: &'a [String],
    /// What the browser's session that the tokens come of is called to clients.
    pub sid: Option<Uuid>,
}

impl<'a> Authorized<'a> {
    /// What a session adds to the tokens that come of it later on.
    pub(crate) fn of(session: &'a UserSession) -> Option<Self> {
        let (resource, granted) = (session.resource.as_deref(), session.scopes.as_slice());
        session.opened_by.map(|_| Self { nonce: None, resource, granted, sid: session.sid })
    }
}

/// Signs a pair of tokens of a session.
pub(crate) async fn sign(
    app: &App,
    context: &ClientContext,
    about: &About<'_>,
    now: Timestamp,
) -> Result<Tokens> {
    let keys = app.caches.keys(&app.db, &context.pool).await?;
    sign_by(app, &keys, context, about, now)
}

/// The same by the pool's keys, where they have been read.
pub(super) fn sign_by(
    app: &App,
    keys: &PoolKeys,
    context: &ClientContext,
    about: &About<'_>,
    now: Timestamp,
) -> Result<Tokens> {
    let (pool, client) = (&context.pool, &context.client);
    let &About {
        user,
        groups,
        session,
        scopes,
        device_key,
        methods,
        authenticated_at,
        overrides,
        authorized,
        key,
    } = about;
    let issuer = app.place.issuer(&pool.id);
    let expires_in = lifetime::access(&client.settings).num_seconds();
    let (auth_time, iat) = (authenticated_at.timestamp(), now.timestamp());
    let origin_jti = (!client.settings.token_revocation_disabled).then(|| session.to_string());
    let access = AccessClaims {
        sub: user.id.to_string(),
        iss: &issuer,
        client_id: client.id.as_str(),
        origin_jti: origin_jti.clone(),
        event_id: session.to_string(),
        token_use: TokenUse::Access.as_str(),
        scope: scopes.join(" "),
        auth_time,
        exp: iat + expires_in,
        iat,
        jti: Uuid::new_v4().to_string(),
        username: &user.username,
        device_key,
        groups: claims::groups(groups),
        context: AuthenticationContext::of(pool, methods),
        aud: authorized.and_then(|it| it.resource),
        version: authorized.map(|_| super::machine::VERSION),
        origin_client_id: None,
        act: None,
        cnf: Confirmation::of(key),
    };
    let token_type = TokenType::of(key);
    let access = token_generation::sign(keys, TokenUse::Access, client, &access, overrides)?;
    if authorized.is_some() && !scopes.iter().any(|scope| scope == OPENID_SCOPE) {
        let scopes = token_generation::scopes(overrides, scopes.to_vec());
        return Ok(Tokens {
            access,
            id: None,
            refresh: None,
            new_device: None,
            expires_in,
            token_type,
            scopes,
        });
    }
    let is_told = options::backchannel_logout_uri(client).is_some();
    let id = IdClaims {
        sub: user.id.to_string(),
        iss: &issuer,
        aud: client.id.as_str(),
        username: &user.username,
        origin_jti,
        event_id: session.to_string(),
        token_use: TokenUse::Id.as_str(),
        auth_time,
        exp: iat + lifetime::id(&client.settings).num_seconds(),
        iat,
        jti: Uuid::new_v4().to_string(),
        groups: claims::groups(groups),
        roles: claims::roles(groups),
        preferred_role: claims::preferred_role(groups),
        context: AuthenticationContext::of(pool, methods),
        nonce: authorized.and_then(|it| it.nonce),
        at_hash: authorized.map(|_| claims::at_hash(&access)),
        sid: authorized.and_then(|it| it.sid).filter(|_| is_told).map(|sid| sid.to_string()),
        origin_client_id: None,
        act: None,
        attributes: claims::attributes(
            &pool.settings,
            client,
            user,
            authorized.map(|it| Scopes { token: scopes, granted: it.granted }),
        ),
    };
    let id = Some(token_generation::sign(keys, TokenUse::Id, client, &id, overrides)?);
    let scopes = token_generation::scopes(overrides, scopes.to_vec());
    Ok(Tokens { access, id, refresh: None, new_device: None, expires_in, token_type, scopes })
}
