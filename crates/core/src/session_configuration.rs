//! What a pool keeps of its users' sessions, and how long a client lets a sign-in serve again.

use cognate_store::user_pool::SessionTracking;
use cognate_store::{AccountId, AppClientId, AppClientSettings, UserPool, UserPoolId, UserPoolSettings};

use crate::{App, Result, app_client, user_pool, user_session};

/// Minutes for which a sign-in serves again, unless said.
pub(crate) const SSO_MINUTES: i32 = 60;

/// Replaces what a pool keeps of sessions.
///
/// # Errors
/// [`Error::UserPoolNotFound`], [`Error::Busy`] when others keep changing the pool.
pub async fn set(app: &App, account: &AccountId, id: &UserPoolId, tracking: SessionTracking) -> Result<()> {
    let settings = |pool: &UserPool| UserPoolSettings { session_tracking: tracking, ..pool.settings.clone() };
    user_pool::update(app, account, id, |pool| Ok((pool.name.clone(), settings(pool)))).await
}

/// Minutes for which a sign-in serves a client again.
///
/// # Errors
/// [`Error::AppClientNotFound`].
pub async fn sso_minutes(app: &App, pool: &UserPool, client: &AppClientId) -> Result<i32> {
    let client = app_client::get(app, pool, client).await?;
    Ok(client.settings.sso_session_minutes.unwrap_or(SSO_MINUTES))
}

/// Replaces the minutes for which a sign-in serves a client again.
///
/// # Errors
/// [`Error::AppClientNotFound`], [`Error::Busy`], [`Error::SessionsNotTracked`].
pub async fn set_sso_minutes(app: &App, pool: &UserPool, id: &AppClientId, minutes: i32) -> Result<()> {
    app_client::reconfigure(app, pool, id, |client| {
        user_session::check_tracked(pool)?;
        let settings = AppClientSettings { sso_session_minutes: Some(minutes), ..client.settings.clone() };
        Ok((client.name.clone(), settings))
    })
    .await
}
