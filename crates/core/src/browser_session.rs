//! Sessions of browsers: that somebody signed in at a pool's own pages, which serves all of its clients for a while.
//!
//! The browser holds a cookie, of which a digest is kept (HUI-2). What ends a user's sessions ends these as well.

use std::sync::Arc;

use chrono::Duration;
use cognate_store::app_client::AppClientSettings;
use cognate_store::user_session::{self, SessionKey, UserSession};
use cognate_store::{AppClientId, User, UserPool, UserStatus};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::app_client::ClientContext;
use crate::auth::demand;
use crate::session_configuration::SSO_MINUTES;
use crate::token::verify::TokenHolder;
use crate::user::passkey::Owner;
use crate::user::username;
use crate::{App, Result, random};

/// A browser's session that has begun.
#[derive(Debug)]
pub struct Opened {
    /// What the browser brings from now on.
    pub cookie: SecretString,
    /// For how long at most.
    pub lifetime: Duration,
}

/// For how long after a sign-in an account may be changed without another one.
const FRESH: Duration = Duration::minutes(15);

/// A browser's session that goes on, and its user.
#[derive(Debug)]
pub struct BrowserSession {
    pub(crate) session: UserSession,
    pub(crate) user: User,
}

impl BrowserSession {
    /// What the user is called.
    pub fn username(&self, pool: &UserPool) -> &str {
        username::shown(&pool.settings, &self.user)
    }

    /// The client that the user signed in through.
    pub fn client(&self) -> &AppClientId {
        &self.session.client
    }

    /// Whether the user proved who they are so recently that it is them who sits there: what keeps others out of an account is
    /// changed by nobody else.
    pub fn is_fresh(&self, app: &App) -> bool {
        app.clock.now() - self.session.authenticated_at < FRESH
    }

    /// The user as they speak for themselves, through a client.
    pub fn into_holder(self, context: &ClientContext) -> TokenHolder {
        TokenHolder {
            pool: context.pool.clone(),
            client: context.client.clone(),
            user: Arc::new(self.user),
            session: Arc::new(self.session),
            origin: context.origin.clone(),
        }
    }

    /// The user as the owner of a passkey that is made through a client.
    pub fn owner<'a>(&'a self, context: &'a ClientContext) -> Owner<'a> {
        Owner { pool: &context.pool, client: &context.client.id, user: &self.user }
    }
}

/// The session of a cookie, while it goes on and its user may sign in.
///
/// # Errors
/// When the database does not answer.
pub async fn find(app: &App, pool: &UserPool, cookie: &SecretString) -> Result<Option<BrowserSession>> {
    let digest = digest(cookie);
    let found = user_session::find(&app.db, &pool.id, SessionKey::Cookie(&digest)).await?;
    let now = app.clock.now();
    Ok(found.map(|(session, user, _)| BrowserSession { session, user }).filter(
        |BrowserSession { session, user }| {
            let may_sign_in = user.enabled && user.status == UserStatus::Confirmed;
            session.is_open(user)
                && session.expires_at > now
                && may_sign_in
                && demand::suffices(pool, session)
        },
    ))
}

/// Ends the session of a cookie; its tokens go on.
///
/// # Errors
/// When the database does not answer.
pub async fn end(app: &App, pool: &UserPool, cookie: &SecretString) -> Result<()> {
    let digest = digest(cookie);
    if let Some((session, ..)) = user_session::find(&app.db, &pool.id, SessionKey::Cookie(&digest)).await? {
        user_session::end_browser(&app.db, &pool.id, session.id, None, app.clock.now()).await?;
        app.caches.forget_session(&pool.id, session.id).await;
    }
    Ok(())
}

/// Puts a session that has just begun in the place of the one of another cookie, in the same browser. To the clients of a user who
/// signed in anew it is the same session; if it is somebody else, they are told that the one before is over.
///
/// # Errors
/// When the database does not answer.
pub async fn replace(app: &App, pool: &UserPool, old: &SecretString, new: &Opened) -> Result<()> {
    let find = async |cookie| {
        let digest = digest(cookie);
        user_session::find(&app.db, &pool.id, SessionKey::Cookie(&digest)).await
    };
    let Some((old, user, _)) = find(old).await? else { return Ok(()) };
    // What was ended with all of its user's sessions does not go on.
    let new = match old.is_open(&user) {
        true => find(&new.cookie).await?.map(|(new, ..)| new.id),
        false => None,
    };
    user_session::end_browser(&app.db, &pool.id, old.id, new, app.clock.now()).await?;
    app.caches.forget_session(&pool.id, old.id).await;
    Ok(())
}

/// A cookie for a new session: 256 random bits.
pub(crate) fn new_cookie() -> Result<SecretString> {
    Ok(random::text(random::BASE32, 52)?.into())
}

/// What is kept of a cookie, which no refresh token has.
pub(crate) fn digest(cookie: &SecretString) -> [u8; 32] {
    Sha256::new().chain_update("browser").chain_update(cookie.expose_secret()).finalize().into()
}

/// How long a session lasts that begins through a client: an hour, or as long as the client lets a sign-in serve again.
pub(crate) fn lifetime(settings: &AppClientSettings) -> Duration {
    Duration::minutes(settings.sso_session_minutes.unwrap_or_default().max(SSO_MINUTES).into())
}
