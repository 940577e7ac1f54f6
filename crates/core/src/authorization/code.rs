//! Exchanging a code for tokens (RFC 6749, section 4.1.3; RFC 7636, section 4.5).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognate_store::authorization_code::{self, Exchanged, Issued};
use cognate_store::challenge_session::{self, SpentSession};
use cognate_store::user_pool::OauthFlow;
use cognate_store::user_session;
use cognate_store::{Timestamp, UserPool, UserSessionId};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::grant::{self, Opened};
use crate::app_client::{ClientContext, settings};
use crate::browser_session::BrowserSession;
use crate::token::pair::Authorized;
use crate::token::{Tokens, issue, lifetime, refresh_token};
use crate::{App, Error, Result, dpop, options};

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
/// comes with the wrong secret, which somebody guesses, or when its session is over or no longer enough. One that another client brings
/// is left alone.
///
/// # Errors
/// [`Error::OauthDisabled`], [`Error::GrantNotAllowed`], [`Error::InvalidAuthorizationCode`] whatever is wrong with it,
/// [`Error::InvalidDpopProof`], and what the pool's function says.
pub async fn exchange(app: &App, context: &ClientContext, exchange: &Exchange) -> Result<Tokens> {
    let (pool, client) = (&context.pool, &context.client);
    let oauth = &client.settings.oauth;
    if !oauth.enabled {
        return Err(Error::OauthDisabled);
    }
    if !oauth.flows.contains(&OauthFlow::Code) {
        return Err(Error::GrantNotAllowed);
    }
    let now = app.clock.now();
    let digest = digest(exchange.code.expose_secret());
    let id = session_of(pool, &digest);
    if context.origin.proof().is_some() || options::must_bind(pool, client) {
        // A proof is spent, or missed, for a code alone that may work.
        let issued = authorization_code::find(&app.db, &pool.id, &digest).await?;
        if issued.as_ref().is_none_or(|issued| issued.client != client.id || issued.expires_at <= now) {
            return refuse(app, context, issued, id, now).await;
        }
    }
    let key = dpop::key_for_tokens(app, context).await?;
    // Looked up first: what fails here costs nobody their code.
    let offered = settings::scopes_left(app, pool, client, &oauth.scopes).await?;
    let refresh = refresh_token::first(context, id)?;
    let challenge = exchange.code_verifier.as_ref().map(challenge);
    let brought = authorization_code::Exchange {
        digest: &digest,
        client: &client.id,
        redirect_uri: exchange.redirect_uri.as_deref(),
        code_challenge: challenge.as_deref(),
        dpop_jkt: key.as_deref(),
        session: id,
        refresh_digest: refresh_token::digest(&refresh),
        refresh_jkt: issue::refresh_key(client, key.as_deref()),
        now,
        expires_at: now + lifetime::refresh(&client.settings),
    };
    let Some(exchanged) = authorization_code::exchange(&app.db, &pool.id, &brought).await? else {
        let issued = authorization_code::find(&app.db, &pool.id, &digest).await?;
        return refuse(app, context, issued, id, now).await;
    };
    let Exchanged { scopes: granted, nonce, resource, browser: session, user, groups } = exchanged;
    let browser = BrowserSession { session, user };
    let opened = async {
        let scopes = match grant::left_of(&granted, &offered, pool, &browser) {
            Ok(scopes) => scopes,
            Err(error) => {
                user_session::revoke(&app.db, &pool.id, id, app.clock.now()).await?;
                return Err(error);
            }
        };
        let authorized = Authorized {
            nonce: nonce.as_deref(),
            resource: resource.as_deref(),
            granted: &granted,
            sid: browser.session.sid,
        };
        let opened = Opened { id, refresh, groups, scopes, authorized, key: key.as_deref(), at: now };
        opened.tokens(app, context, &browser).await
    };
    opened.await.map_err(|error| match error {
        Error::WrongPassword => Error::InvalidAuthorizationCode,
        other => other,
    })
}

/// Refuses what could not be exchanged. A code of the client's that still works is spent by that, whatever was wrong; one that was spent
/// before comes again.
async fn refuse(
    app: &App,
    context: &ClientContext,
    issued: Option<Issued>,
    id: UserSessionId,
    now: Timestamp,
) -> Result<Tokens> {
    let pool = &context.pool;
    let issued = issued.filter(|issued| issued.client == context.client.id);
    let issued = issued.ok_or(Error::InvalidAuthorizationCode)?;
    if issued.expires_at <= now {
        return match challenge_session::is_spent(&app.db, &pool.id, id.as_uuid()).await? {
            true => replayed(app, pool, id).await,
            false => Err(Error::InvalidAuthorizationCode),
        };
    }
    let spent = SpentSession { id: id.as_uuid(), expires_at: issued.expires_at };
    match challenge_session::spend_once(&app.db, &pool.id, &spent).await {
        Ok(()) => Err(Error::InvalidAuthorizationCode),
        Err(cognate_store::Error::Stale) => replayed(app, pool, id).await,
        Err(other) => Err(other.into()),
    }
}

/// Ends the session of a code that comes again.
async fn replayed(app: &App, pool: &UserPool, session: UserSessionId) -> Result<Tokens> {
    user_session::revoke(&app.db, &pool.id, session, app.clock.now()).await?;
    app.caches.forget_session(&pool.id, session).await;
    Err(Error::InvalidAuthorizationCode)
}

/// What a request must have named for its code to come with this secret (RFC 7636, section 4.6).
fn challenge(verifier: &SecretString) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret()))
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

    #[test]
    fn a_challenge_is_what_rfc_7636_has_in_appendix_b() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into();
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
