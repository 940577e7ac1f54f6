//! Authorization: a client sends a browser with a request, and gets it back with a code or with tokens (RFC 6749, section 4; OpenID
//! Connect Core 1.0, section 3).
//!
//! What the request says is checked anew whenever the browser brings it, so no form can change it unseen. A request whose client
//! or redirect URI is wrong sends nobody anywhere (OAU-1).

pub mod code;
pub mod device;
mod grant;
mod parameter;
pub mod pushed;
mod refusal;
mod request;
mod scope;

use secrecy::SecretString;

pub(crate) use self::grant::CODE_LIFETIME;
pub use self::grant::grant;
pub use self::parameter::Prompts;
pub use self::refusal::{Misdirected, Refusal, Refused};
pub use self::request::{Authorization, Wants};
use crate::app_client::registration;
use crate::browser_session::{self, BrowserSession};
use crate::session_configuration::SSO_MINUTES;
use crate::{App, Result};

/// What becomes of a request.
#[derive(Debug)]
pub enum Decision {
    /// The browser goes there.
    Away(String),
    /// Somebody must sign in first.
    SignIn,
    /// It is refused.
    Refused(Refused),
}

/// Decides about a request by the session of the browser that brings it.
///
/// # Errors
/// When the database does not answer. What the client is told is no error here.
pub async fn decide(
    app: &App,
    authorization: &Authorization,
    cookie: Option<&SecretString>,
) -> Result<Decision> {
    let prompts = authorization.prompts;
    // Nobody is told of to an app that anybody may have registered before they have seen where it leads.
    let is_strange = registration::is_strange(&authorization.context.client);
    match standing(app, authorization, cookie).await? {
        Some(session) if !prompts.select_account && !is_strange => {
            grant(app, authorization, &session).await.map(Decision::Away)
        }
        _ if prompts.none => Ok(Decision::Refused(authorization.turned_away(Refusal::LOGIN_REQUIRED))),
        _ => Ok(Decision::SignIn),
    }
}

/// The session of a browser, where it may serve a request without another proof: it is fresh enough, and of the user that the
/// client expects.
///
/// # Errors
/// When the database does not answer.
pub async fn standing(
    app: &App,
    authorization: &Authorization,
    cookie: Option<&SecretString>,
) -> Result<Option<BrowserSession>> {
    let Some(cookie) = cookie.filter(|_| !authorization.prompts.login) else { return Ok(None) };
    let pool = &authorization.context.pool;
    let session = browser_session::find(app, pool, cookie).await?;
    let Some(session) = session.filter(|session| serves(app, authorization, session)) else {
        return Ok(None);
    };
    Ok(authorization.expects(app, &session).await?.then_some(session))
}

/// Whether a session is fresh enough for a request.
fn serves(app: &App, authorization: &Authorization, session: &BrowserSession) -> bool {
    let settings = &authorization.context.client.settings;
    let age = app.clock.now() - session.session.authenticated_at;
    let most = chrono::Duration::minutes(settings.sso_session_minutes.unwrap_or(SSO_MINUTES).into());
    // Whoever has just signed in for a page of ours sees it, even if their sign-in serves no app again. A device gets tokens, and only
    // of the app that they signed in to.
    let is_for_page = match authorization.wants {
        Wants::Answer => false,
        Wants::Page | Wants::Account => true,
        Wants::Device => session.session.client == authorization.context.client.id,
    };
    (age < most || is_for_page && session.is_fresh(app))
        && authorization.max_age.is_none_or(|most| most > 0 && age.num_seconds() <= most)
        && authorization.is_reached_by(session)
}
