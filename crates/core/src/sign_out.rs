//! Where a browser goes that signs out: Cognito's two ways, and OpenID Connect's (RP-Initiated Logout 1.0). Tokens go on.

use std::collections::BTreeMap;

use cognate_store::{AppClientId, UserPool};
use secrecy::SecretString;
use url::form_urlencoded::Serializer;

use crate::app_client::{self, registration::is_strange};
use crate::browser_session::BrowserSession;
use crate::token::verify;
use crate::{App, Error};

/// Where it goes.
#[derive(Debug, PartialEq, Eq)]
pub enum Leaving {
    /// To a client's page.
    To(String),
    /// To the page to sign in at, with these parameters.
    ToSignIn(BTreeMap<String, String>),
    /// Nowhere: it stays signed out.
    Nowhere,
    /// Nowhere yet: nobody says that it was meant, or only a client that anybody may have registered; so the person is asked. If they
    /// mean it, they go there, if anywhere: never to a client that nobody looked at.
    Asked(Option<String>),
}

/// Why it goes nowhere, and stays signed in.
#[derive(Debug)]
pub enum Refused {
    /// There is no such client.
    UnknownClient,
    /// The URL is none of the client's, byte for byte (OAU-1).
    Redirect,
    /// It could not be looked at.
    Failed(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Reads what a browser brings that signs out, and the session that it would end. A hint at somebody else than its user means that
/// somebody else signed in meanwhile, who is asked.
///
/// # Errors
/// Why it is refused.
pub async fn leaving(
    app: &App,
    pool: &UserPool,
    session: Option<&BrowserSession>,
    parameters: &BTreeMap<String, String>,
) -> std::result::Result<Leaving, Refused> {
    let get = |name: &str| parameters.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let named = match get("client_id") {
        Some(id) => {
            let named = app_client::known(app, pool, &AppClientId::new(id)).await?;
            Some(named.ok_or(Refused::UnknownClient)?)
        }
        None => None,
    };
    if let Some(uri) = get("logout_uri") {
        let client = named.ok_or(Refused::UnknownClient)?;
        let uri = registered(&client.settings.oauth.logout_urls, uri)?;
        return Ok(if is_strange(&client) { Leaving::Asked(None) } else { Leaving::To(uri) });
    }
    let hint = match get("id_token_hint") {
        Some(hint) => verify::hint(app, pool, &SecretString::from(hint)).await?,
        None => None,
    };
    if let Some(uri) = get("post_logout_redirect_uri") {
        let hinted = match &hint {
            Some(hint) => app_client::known(app, pool, &hint.client).await?,
            None if get("id_token_hint").is_some() => return Err(Refused::Redirect),
            None => None,
        };
        let client = match (named, hinted) {
            (Some(named), Some(hinted)) if named.id != hinted.id => return Err(Refused::Redirect),
            (named, hinted) => hinted.or(named).ok_or(Refused::Redirect)?,
        };
        let uri = registered(&client.settings.oauth.logout_urls, uri)?;
        if is_strange(&client) {
            return Ok(Leaving::Asked(None));
        }
        let uri = with_state(uri, get("state"));
        return Ok(match is_meant(hint.as_ref(), session).unwrap_or(true) {
            true => Leaving::To(uri),
            false => Leaving::Asked(Some(uri)),
        });
    }
    if let Some(uri) = get("redirect_uri") {
        let client = named.ok_or(Refused::UnknownClient)?;
        registered(&client.settings.oauth.callback_urls, uri)?;
        if is_strange(&client) {
            return Ok(Leaving::Asked(None));
        }
        return Ok(Leaving::ToSignIn(parameters.clone()));
    }
    let is_meant = is_meant(hint.as_ref(), session) == Some(true);
    Ok(if is_meant { Leaving::Nowhere } else { Leaving::Asked(None) })
}

/// Whether a hint is at the user who is in; nothing without one.
fn is_meant(hint: Option<&verify::Hint>, session: Option<&BrowserSession>) -> Option<bool> {
    hint.map(|hint| session.is_none_or(|session| session.user.id == hint.user))
}

fn registered(urls: &[String], uri: &str) -> std::result::Result<String, Refused> {
    urls.iter().find(|url| *url == uri).cloned().ok_or(Refused::Redirect)
}

fn with_state(uri: String, state: Option<&str>) -> String {
    let Some(state) = state else { return uri };
    let pair = Serializer::new(String::new()).append_pair("state", state).finish().replace('+', "%20");
    let separator = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{separator}{pair}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_goes_along_and_nothing_else() {
        assert_eq!(with_state("https://a/out".into(), None), "https://a/out");
        assert_eq!(with_state("https://a/out".into(), Some("x y&z")), "https://a/out?state=x%20y%26z");
        assert_eq!(with_state("https://a/out?b=1".into(), Some("s")), "https://a/out?b=1&state=s");
    }
}
