//! Refreshing: new tokens for an old sign-in, with the user's state read again (TOK-6).

use cognate_store::user_pool::Trigger;
use cognate_store::user_session::{self, UserSession};
use cognate_store::{Timestamp, User};
use secrecy::SecretString;

use super::{Tokens, issue};
use crate::app_client::{ClientContext, Hashed, secret_hash};
use crate::auth::sign_in;
use crate::{App, Error, Result, trigger};

/// Exchanges a refresh token for new tokens; the refresh token goes on.
///
/// # Errors
/// [`Error::InvalidRefreshToken`], [`Error::ExpiredRefreshToken`], [`Error::RevokedRefreshToken`],
/// [`Error::UserDisabled`], or the secret hash's.
pub async fn refresh(
    app: &App,
    context: &ClientContext,
    token: &SecretString,
    hash: Option<&str>,
) -> Result<Tokens> {
    trigger::none_of(&context.pool, &[Trigger::PreTokenGeneration])?;
    // No session of today has a second factor behind it.
    sign_in::needs_no_second_factor(&context.pool)?;
    let now = app.clock.now();
    let digest = issue::refresh_digest(token);
    let found = user_session::by_refresh_digest(&app.db, &context.pool.id, &digest).await?;
    let (session, user, groups) = found.ok_or(Error::InvalidRefreshToken)?;
    if session.client != context.client.id {
        return Err(Error::InvalidRefreshToken);
    }
    // A refresh names no user, so the hash is over the name the session has, or the subject.
    let subject = user.id.to_string();
    secret_hash::check(&context.client, Hashed::AnyOf(&[&user.username, &subject]), hash)?;
    usable(&session, &user, now)?;
    let (pool, client) = (&context.pool, &context.client);
    let (scopes, signed_in) = (&session.scopes, session.authenticated_at);
    issue::sign(app, pool, client, &user, &groups, session.id, scopes, signed_in, now).await
}

/// Whether a session may still be refreshed.
fn usable(session: &UserSession, user: &User, now: Timestamp) -> Result<()> {
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
