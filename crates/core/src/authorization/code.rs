//! Exchanging a code for tokens (RFC 6749, section 4.1.3; RFC 7636, section 4.5).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognate_store::authorization_code::{self, AuthorizationCode};
use cognate_store::challenge_session::{self, SpentSession};
use cognate_store::user_pool::OauthFlow;
use cognate_store::user_session;
use cognate_store::{UserPool, UserSessionId};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::grant::{self, Opening};
use crate::app_client::ClientContext;
use crate::browser_session::BrowserSession;
use crate::token::{Tokens, lifetime};
use crate::{App, Error, Result, dpop};

/// A code, and what the client says of the request that it came of.
#[derive(Debug)]
pub struct Exchange {
    /// The code.
    pub code: SecretString,
    /// Where the browser was sent with it, where the request said so.
    pub redirect_uri: Option<String>,
    /// The secret whose digest the request carried, where it did.
    pub code_verifier: Option<SecretString>,
}

/// Exchanges a code, once, for the client that it was issued to, which has proven who it is.
///
/// A code that comes again was copied by somebody: the tokens of its first use die (RFC 6749, section 4.1.2). So does a code that
/// comes with the wrong secret, which somebody guesses. One that another client brings is left alone.
///
/// # Errors
/// [`Error::OauthDisabled`], [`Error::GrantNotAllowed`], [`Error::InvalidAuthorizationCode`] whatever is wrong with it,
/// [`Error::InvalidDpopProof`], and what the pool's function says.
pub async fn exchange(app: &App, context: &ClientContext, exchange: &Exchange) -> Result<Tokens> {
    let (pool, oauth) = (&context.pool, &context.client.settings.oauth);
    if !oauth.enabled {
        return Err(Error::OauthDisabled);
    }
    if !oauth.flows.contains(&OauthFlow::Code) {
        return Err(Error::GrantNotAllowed);
    }
    let now = app.clock.now();
    let digest = digest(exchange.code.expose_secret());
    let found = authorization_code::find(&app.db, &pool.id, &digest).await?;
    let found = found.filter(|(code, ..)| code.client == context.client.id);
    let (code, session, user) = found.ok_or(Error::InvalidAuthorizationCode)?;
    let id = session_of(pool, &digest);
    let spent = SpentSession { id: id.as_uuid(), expires_at: code.expires_at };
    if code.expires_at <= now {
        return match challenge_session::is_spent(&app.db, &pool.id, spent.id).await? {
            true => replayed(app, pool, id).await,
            false => Err(Error::InvalidAuthorizationCode),
        };
    }
    let key = dpop::key_for_tokens(app, context).await?;
    if !fits(&code, exchange, key.as_deref()) {
        return match challenge_session::spend_once(&app.db, &pool.id, &spent).await {
            Ok(()) => Err(Error::InvalidAuthorizationCode),
            Err(cognate_store::Error::Stale) => replayed(app, pool, id).await,
            Err(other) => Err(other.into()),
        };
    }
    let browser = BrowserSession { session, user };
    let opening = Opening {
        id,
        spent: Some(&spent),
        granted: &code.scopes,
        nonce: code.nonce.as_deref(),
        resource: code.resource.as_deref(),
        key: key.as_deref(),
        is_of_browser: true,
        lifetime: lifetime::refresh(&context.client.settings),
    };
    match grant::open(app, context, &browser, &opening, now).await {
        Err(Error::WrongPassword) if challenge_session::is_spent(&app.db, &pool.id, spent.id).await? => {
            replayed(app, pool, id).await
        }
        Err(Error::WrongPassword) => Err(Error::InvalidAuthorizationCode),
        other => other,
    }
}

/// Ends the session of a code that comes again.
async fn replayed(app: &App, pool: &UserPool, session: UserSessionId) -> Result<Tokens> {
    user_session::revoke(&app.db, &pool.id, session, app.clock.now()).await?;
    app.caches.forget_session(&pool.id, session).await;
    Err(Error::InvalidAuthorizationCode)
}

/// Whether an exchange names what the request did (OAU-2), the key that it comes with among it.
fn fits(code: &AuthorizationCode, exchange: &Exchange, key: Option<&str>) -> bool {
    let same_place = match &exchange.redirect_uri {
        Some(uri) => *uri == code.redirect_uri,
        None => !code.names_redirect,
    };
    let proven = match (&code.code_challenge, &exchange.code_verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret()));
            digest.as_bytes().ct_eq(challenge.as_bytes()).into()
        }
        _ => false,
    };
    let same_key = code.dpop_jkt.is_none() || code.dpop_jkt.as_deref() == key;
    same_place && proven && same_key
}

/// What is kept of a code.
pub(super) fn digest(code: &str) -> [u8; 32] {
    Sha256::digest(code).into()
}

/// The session that a code opens, known from the code alone, so that what comes of it can be ended.
fn session_of(pool: &UserPool, digest: &[u8; 32]) -> UserSessionId {
    let derived = pool.key.digest("session of an authorization code", &[digest]);
    let mut id = [0; 16];
    id.copy_from_slice(&derived[..16]);
    uuid::Builder::from_random_bytes(id).into_uuid().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(challenge: Option<&str>, names_redirect: bool) -> AuthorizationCode {
        AuthorizationCode {
            client: cognate_store::AppClientId::new("client"),
            session: UserSessionId::from(uuid::Uuid::nil()),
            redirect_uri: "https://app.example.com/cb".to_owned(),
            names_redirect,
            scopes: Vec::new(),
            nonce: None,
            code_challenge: challenge.map(str::to_owned),
            resource: None,
            dpop_jkt: None,
            expires_at: cognate_store::Timestamp::UNIX_EPOCH,
        }
    }

    fn brought(redirect_uri: Option<&str>, verifier: Option<&str>) -> Exchange {
        Exchange {
            code: "code".into(),
            redirect_uri: redirect_uri.map(str::to_owned),
            code_verifier: verifier.map(Into::into),
        }
    }

    #[test]
    fn a_code_is_exchanged_for_what_the_request_named() {
        let fits = |code: &AuthorizationCode, brought: &Exchange| fits(code, brought, None);
        // RFC 7636, appendix B
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let here = Some("https://app.example.com/cb");
        assert!(fits(&code(Some(challenge), true), &brought(here, Some(verifier))));
        assert!(fits(&code(None, true), &brought(here, None)));
        assert!(fits(&code(None, false), &brought(None, None)));
        assert!(fits(&code(None, false), &brought(here, None)));
        assert!(!fits(&code(None, true), &brought(None, None)));
        assert!(!fits(&code(None, false), &brought(Some("https://app.example.com/cb/"), None)));
        assert!(!fits(&code(Some(challenge), true), &brought(here, None)));
        assert!(!fits(&code(Some(challenge), true), &brought(here, Some(challenge))));
        assert!(!fits(&code(None, true), &brought(here, Some(verifier))));
    }
}
