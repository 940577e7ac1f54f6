//! Ending sessions: by refresh token, by the user, by an administrator.

use cognate_store::{UserPool, user_session};
use secrecy::{ExposeSecret as _, SecretString};

use super::refresh_token;
use super::verify::TokenHolder;
use crate::app_client::{ClientContext, secret_hash};
use crate::{App, Error, Result, user};

/// Ends the session of a refresh token: the token itself and every access token of its origin.
/// A token that nobody knows is as good as revoked. With what is linked, the browser's session ends that it came of.
///
/// # Errors
/// [`Error::ClientSecretWrong`], [`Error::RevocationDisabled`], or [`Error::UnsupportedTokenType`] for a signed token.
pub async fn refresh_token(
    app: &App,
    context: &ClientContext,
    secret: Option<&SecretString>,
    token: &SecretString,
    linked: bool,
) -> Result<()> {
    secret_hash::check_secret(&context.client, secret)?;
    end(app, context, token, linked).await
}

/// As [`refresh_token`], for a client that has proven who it is (RFC 7009).
///
/// # Errors
/// As [`refresh_token`] but for the secret.
pub async fn of_client(app: &App, context: &ClientContext, token: &SecretString) -> Result<()> {
    end(app, context, token, false).await
}

async fn end(app: &App, context: &ClientContext, token: &SecretString, linked: bool) -> Result<()> {
    let now = app.clock.now();
    if context.client.settings.token_revocation_disabled {
        return Err(Error::RevocationDisabled);
    }
    if token.expose_secret().split('.').count() == 3 {
        return Err(Error::UnsupportedTokenType);
    }
    let found = refresh_token::find(app, &context.pool, token).await?;
    let Some(session) = found.map(|it| it.session).filter(|session| session.client == context.client.id)
    else {
        return Ok(());
    };
    user_session::revoke(&app.db, &context.pool.id, session.id, now).await?;
    app.caches.forget_session(&context.pool.id, session.id).await;
    if let Some(browser) = session.opened_by.filter(|_| linked) {
        user_session::end_browser(&app.db, &context.pool.id, browser, None, now).await?;
        app.caches.forget_session(&context.pool.id, browser).await;
    }
    Ok(())
}

/// Ends every session of the user who asks.
///
/// # Errors
/// When the database does not answer.
pub async fn global_sign_out(app: &App, holder: &TokenHolder) -> Result<()> {
    user_session::revoke_all(&app.db, &holder.pool.id, holder.user.id, app.clock.now()).await?;
    app.caches.forget_user(&holder.pool.id, holder.user.id).await;
    Ok(())
}

/// Ends every session of a user, for an administrator.
///
/// # Errors
/// [`Error::UserNotFound`].
pub async fn admin_global_sign_out(app: &App, pool: &UserPool, username: &str) -> Result<()> {
    let user = user::find(app, pool, username).await?;
    if !user_session::revoke_all(&app.db, &pool.id, user.id, app.clock.now()).await? {
        return Err(Error::UserNotFound);
    }
    app.caches.forget_user(&pool.id, user.id).await;
    Ok(())
}
