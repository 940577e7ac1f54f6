//! Issuing tokens at sign-in.

use std::sync::LazyLock;

use cognate_store::challenge_session::SpentSession;
use cognate_store::group::Membership;
use cognate_store::second_factor::SoftwareToken;
use cognate_store::user_pool::Trigger;
use cognate_store::user_session::{self, NewUserSession, SessionKey, SessionKind};
use cognate_store::{AppClient, Timestamp, User, UserPool, UserSessionId};
use secrecy::SecretString;

use super::pair::{self, About};
use super::{Tokens, USER_ADMIN_SCOPE, lifetime, refresh_token};
use crate::app_client::{ClientContext, Door, document};
use crate::auth::{Proven, SignIn};
use crate::auth_event::{self, Failed};
use crate::authorization::CODE_LIFETIME;
use crate::browser_session::{self, Opened};
use crate::device::{self, Claimed};
use crate::trigger::token_generation::{self, Generation, Overrides};
use crate::user_session::activity;
use crate::{App, Error, Result, dpop, trigger};

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
    /// The groups of its user, where that is known.
    pub groups: Option<&'a [Membership]>,
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
    /// The tokens, where they have been signed already.
    tokens: Option<Tokens>,
}

impl Begun {
    /// What its tokens say.
    fn about<'a>(
        &'a self,
        context: &ClientContext,
        user: &'a User,
        groups: &'a [Membership],
        proof: &Proof<'a>,
    ) -> About<'a> {
        About {
            user,
            groups,
            session: self.id,
            scopes: scopes(context.door),
            device_key: self.device_key.as_deref(),
            methods: &proof.proven.methods,
            authenticated_at: self.at,
            overrides: None,
            authorized: None,
            key: self.key.as_deref(),
        }
    }

    /// The tokens, where they can say all that they will while the session is still being saved: none where the groups are not
    /// known, or functions have a say, and for a browser.
    async fn signed_ahead(
        &self,
        app: &App,
        context: &ClientContext,
        user: &User,
        proof: &Proof<'_>,
    ) -> Option<Tokens> {
        let is_decided = context.door == Door::Api && !asks_functions(&context.pool);
        let groups = proof.groups.filter(|_| is_decided)?;
        // Whatever fails here is tried again.
        pair::sign(app, context, &self.about(context, user, groups, proof), app.clock.now()).await.ok()
    }
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
    let mut begun =
        Begun { id, groups: Vec::new(), secret, device_key, new_device, at: now, key, tokens: None };
    let session = NewUserSession {
        id,
        kind,
        dpop_jkt: refresh_key(client, begun.key.as_deref()),
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
        device_key: begun.device_key.as_deref(),
        is_device_known: begun.device_key.is_some() && begun.new_device.is_none(),
        epoch: proof.proven.epoch,
        password_changed_at: proof.proven.password_changed_at,
        rests_on: proof.proven.rests_on,
        proven_since: proof.proven.since,
    };
    // The disk takes about as long as the signatures. The connection lies idle for the rest of them, which this thread could not use
    // meanwhile anyway.
    let saving = user_session::start(&app.db, &pool.id, &session);
    let (saved, tokens) = tokio::join!(saving, begun.signed_ahead(app, context, user, proof));
    begun.groups = saved.map_err(|error| match error {
        cognate_store::Error::Stale => Error::WrongPassword,
        other => other.into(),
    })?;
    // Whose groups have changed meanwhile gets others.
    begun.tokens = tokens.filter(|_| proof.groups == Some(&begun.groups));
    Ok(begun)
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
    mut begun: Begun,
) -> Result<SignIn> {
    let pool = &context.pool;
    let called = match call_functions(app, context, user, &begun, proof).await {
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
    let mut tokens = match begun.tokens.take() {
        Some(tokens) => tokens,
        None => {
            let about = About { overrides, ..begun.about(context, user, groups, proof) };
            pair::sign(app, context, &about, app.clock.now()).await?
        }
    };
    (tokens.refresh, tokens.new_device) = (Some(begun.secret), begun.new_device);
    Ok(SignIn::Done(tokens))
}

/// Whether functions of a pool hear of a sign-in before its tokens are there.
fn asks_functions(pool: &UserPool) -> bool {
    [Trigger::PostAuthentication, Trigger::PreTokenGeneration].iter().any(|it| trigger::has(pool, *it))
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
    proof: &Proof<'_>,
) -> Result<Option<(User, Vec<Membership>, Option<Overrides>)>> {
    let (pool, scopes) = (&context.pool, scopes(context.door));
    if !asks_functions(pool) {
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
