//! Signing in at a device without a browser, which shows a code that somebody enters where there is one (RFC 8628).

use chrono::Duration;
use cognate_store::challenge_session::{self, SpentSession};
use cognate_store::device_grant::{self, Answer, Codes, DeviceGrant};
use cognate_store::user_pool::OauthFlow;
use cognate_store::{AppClientId, Constraint, UserPool, UserSessionId};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::grant::{self, Opening};
use super::parameter::is_resource;
use super::scope::{self, Wrong};
use crate::app_client::ClientContext;
use crate::auth::risk;
use crate::browser_session::BrowserSession;
use crate::identity_provider::OWN_USERS;
use crate::origin::Origin;
use crate::token::{Tokens, lifetime};
use crate::{App, Error, Result, dpop, network_budget, options, random};

/// What a device asks the token endpoint for (RFC 8628, section 3.4).
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// How long somebody has to enter a code.
const LIFETIME: Duration = Duration::minutes(10);
/// How many seconds a device waits before it asks again.
const PAUSE: i32 = 5;
/// As many digits of base 32 as 256 bits take (TOK-8).
const DEVICE_CODE_LENGTH: usize = 52;
/// The letters of a code that somebody enters: none that looks like another, or makes words (RFC 8628, section 6.1).
const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
const USER_CODE_LENGTH: usize = 8;
/// How often a code is made anew that another device has.
const ATTEMPTS: usize = 3;
/// How many codes a network gets in an hour for a client that has no secret (LCK-4), and how many wrong ones are entered there
/// (LCK-2): one out of 2^34 is guessed by chance, while some wait, and whoever shares the network enters theirs.
const CODES_OF_NETWORK: i32 = 300;
const GUESSES_OF_NETWORK: i32 = 200;
const GUESS: &str = "guess user code";

/// What a device is told at first. It holds codes, so it does not print.
pub struct Begun {
    /// What it asks for its answer with.
    pub device_code: SecretString,
    /// What it shows to people, `BCDF-GHJK`.
    pub user_code: String,
    /// For how many seconds both work.
    pub expires_in: i64,
    /// How many seconds it waits before it asks again.
    pub interval: i32,
}

/// How it stands when a device asks.
#[derive(Debug)]
pub enum Polled {
    /// It is signed in.
    Tokens(Box<Tokens>),
    /// Nobody has answered.
    Pending,
    /// Nobody has answered, and it asks too often: from now on it may five seconds later.
    TooSoon,
    /// Somebody refused, or is signed out already.
    Refused,
    /// Nobody answered in time.
    Expired,
}

/// Begins a sign-in at a device of a client that has proven who it is: for these scopes, or for all that it may have.
///
/// # Errors
/// [`Error::OauthDisabled`], [`Error::GrantNotAllowed`], [`Error::ScopeNotAllowed`], [`Error::ResourceServerNotFound`] for what is
/// no resource, [`Error::AttemptLimit`], [`Error::RiskBlocked`] for a network that the pool lets nobody sign in from.
pub async fn begin(
    app: &App,
    context: &ClientContext,
    scope: Option<&str>,
    resource: Option<&str>,
) -> Result<Begun> {
    check(context)?;
    let (pool, client) = (&context.pool, &context.client);
    if client.secrets.is_empty() {
        // Each client has its own, so that no other uses it up.
        let action = format!("begin at device of {}", client.id);
        network_budget::count(app, pool, &context.origin, &action, CODES_OF_NETWORK).await?;
    }
    let scopes = scope::wanted(app, context, scope).await.map_err(|wrong| match wrong {
        Wrong::Refused(_) => Error::ScopeNotAllowed,
        Wrong::Failed(error) => error,
    })?;
    if let Some(wrong) = resource.filter(|resource| !is_resource(resource)) {
        return Err(Error::ResourceServerNotFound(wrong.to_owned()));
    }
    let device_code = random::text(random::BASE32, DEVICE_CODE_LENGTH)?;
    let grant = DeviceGrant {
        client: client.id.clone(),
        scopes,
        resource: resource.map(str::to_owned),
        expires_at: app.clock.now() + LIFETIME,
    };
    for _ in 0..ATTEMPTS {
        let letters = random::text(LETTERS, USER_CODE_LENGTH)?;
        let codes = Codes { device: &digest(&device_code), user: &user_digest(pool, &letters) };
        match device_grant::insert(&app.db, &pool.id, codes, &grant, PAUSE).await {
            Err(cognate_store::Error::Stale) => continue,
            inserted => inserted?,
        }
        let (device_code, user_code) = (device_code.into(), shown(&letters));
        return Ok(Begun { device_code, user_code, expires_in: LIFETIME.num_seconds(), interval: PAUSE });
    }
    Err(Error::Busy)
}

/// Whether a client may sign devices in, from there.
fn check(context: &ClientContext) -> Result<()> {
    let settings = &context.client.settings;
    if !settings.oauth.enabled {
        return Err(Error::OauthDisabled);
    }
    // Without pages nobody could answer.
    let has_pages = settings.identity_providers.iter().any(|name| name == OWN_USERS);
    let is_of_users = settings.oauth.flows.contains(&OauthFlow::Code);
    match has_pages && is_of_users && options::may_serve_devices(&context.pool, &context.client) {
        true => risk::check_network(context),
        false => Err(Error::GrantNotAllowed),
    }
}

/// How it stands with a device of a client that has proven who it is. Once it is signed in, its code is spent.
///
/// # Errors
/// [`Error::OauthDisabled`], [`Error::GrantNotAllowed`], [`Error::InvalidAuthorizationCode`] for a code that is none of the client's, or
/// spent; [`Error::RiskBlocked`]; [`Error::ScopeNotAllowed`] when nothing is left of what it asked for; [`Error::InvalidDpopProof`]; what the
/// pool's function says.
pub async fn poll(app: &App, context: &ClientContext, device_code: &SecretString) -> Result<Polled> {
    check(context)?;
    let (pool, client, now) = (&context.pool, &context.client, app.clock.now());
    let digest = digest(device_code.expose_secret());
    let polled = device_grant::poll(&app.db, &pool.id, &digest, &client.id, now).await?;
    let polled = polled.ok_or(Error::InvalidAuthorizationCode)?;
    let (grant, answer) = (&polled.grant, polled.answer);
    let session = match answer {
        _ if grant.expires_at <= now => return Ok(Polled::Expired),
        _ if polled.is_too_soon => return Ok(Polled::TooSoon),
        None => return Ok(Polled::Pending),
        Some(Answer::Refused) => return Ok(Polled::Refused),
        Some(Answer::Allowed(session)) => session,
    };
    let spent = SpentSession { id: id_of(&digest), expires_at: grant.expires_at };
    let is_spent = async || challenge_session::is_spent(&app.db, &pool.id, spent.id).await;
    let browser = app.caches.read_session(&app.db, &pool.id, session).await?;
    let Some((session, user)) = browser else { return Ok(Polled::Refused) };
    let browser = BrowserSession { session, user };
    let key = dpop::key_for_tokens(app, context).await?;
    let opening = Opening {
        id: UserSessionId::random(),
        spent: Some(&spent),
        granted: &grant.scopes,
        nonce: None,
        resource: grant.resource.as_deref(),
        key: key.as_deref(),
        is_of_browser: false,
        lifetime: lifetime::refresh(&client.settings),
    };
    match grant::open(app, context, &browser, &opening, now).await {
        Ok(tokens) => Ok(Polled::Tokens(Box::new(tokens))),
        Err(Error::WrongPassword) if is_spent().await? => Err(Error::InvalidAuthorizationCode),
        Err(Error::WrongPassword) => Ok(Polled::Refused),
        Err(other) => Err(other),
    }
}

/// A device that waits for an answer. It holds a code, so it does not print.
pub struct Waiting {
    /// Its client.
    pub client: AppClientId,
    /// What it shows to people, `BCDF-GHJK`.
    pub user_code: String,
    /// What it wants to have.
    pub scopes: Vec<String>,
}

impl Waiting {
    /// Those of the scopes that entitle the client to more than to know who the user is.
    pub fn scopes_beyond_identity(&self) -> Vec<&str> {
        scope::beyond_identity(&self.scopes)
    }
}

/// The device that shows a code, which somebody enters; none where none waits by it. Wrong codes are counted.
///
/// # Errors
/// [`Error::AttemptLimit`] for too many wrong ones from that network.
pub async fn enter(app: &App, pool: &UserPool, from: &Origin, entered: &str) -> Result<Option<Waiting>> {
    if letters(entered).is_none() {
        return Ok(None);
    }
    network_budget::count(app, pool, from, GUESS, GUESSES_OF_NETWORK).await?;
    let found = waiting(app, pool, entered).await;
    if !matches!(found, Ok(None)) {
        network_budget::give_back(app, pool, from, GUESS).await?;
    }
    found
}

/// The same by a code that was entered before, so that nobody guesses it.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(app: &App, pool: &UserPool, entered: &str) -> Result<Option<Waiting>> {
    let Some(letters) = letters(entered) else { return Ok(None) };
    let digest = user_digest(pool, &letters);
    let found = device_grant::waiting(&app.db, &pool.id, &digest, app.clock.now()).await?;
    Ok(found.map(|grant| Waiting { client: grant.client, user_code: shown(&letters), scopes: grant.scopes }))
}

/// Answers a device that waits, for the user of a browser's session: it may sign in as them, or not.
///
/// # Errors
/// [`Error::InvalidAuthorizationCode`] when none of that client waits by that code.
pub async fn answer(
    app: &App,
    context: &ClientContext,
    browser: &BrowserSession,
    entered: &str,
    is_allowed: bool,
) -> Result<()> {
    let (pool, client) = (&context.pool, &context.client);
    let letters = letters(entered).ok_or(Error::InvalidAuthorizationCode)?;
    let answer = if is_allowed { Answer::Allowed(browser.session.id) } else { Answer::Refused };
    let (digest, now) = (user_digest(pool, &letters), app.clock.now());
    let answered = device_grant::answer(&app.db, &pool.id, &digest, &client.id, answer, now).await;
    answered.map_err(|error| match error {
        // Its codes, or the browser's session, have ended meanwhile.
        cognate_store::Error::Stale | cognate_store::Error::Refused(Constraint::ParentGone) => {
            Error::InvalidAuthorizationCode
        }
        other => other.into(),
    })
}

/// What is kept of a device's code.
fn digest(device_code: &str) -> [u8; 32] {
    Sha256::new().chain_update("device").chain_update(device_code).finalize().into()
}

/// What is kept of a code that somebody enters: it is short, so nobody finds it out without the pool's key.
fn user_digest(pool: &UserPool, letters: &str) -> [u8; 32] {
    pool.key.digest("user code", &[letters.as_bytes()])
}

/// What stands for a device's code that is spent.
fn id_of(digest: &[u8; 32]) -> Uuid {
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(id).into_uuid()
}

/// The letters of a code, however they are entered, if they are as many as a code has.
fn letters(entered: &str) -> Option<String> {
    let letters: String = entered.chars().filter(char::is_ascii_alphanumeric).collect();
    (letters.len() == USER_CODE_LENGTH).then(|| letters.to_ascii_uppercase())
}

/// A code as people read it.
fn shown(letters: &str) -> String {
    let (first, second) = letters.split_at(USER_CODE_LENGTH / 2);
    format!("{first}-{second}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_entered() {
        for entered in ["WDJB-MJHT", "wdjbmjht", " wdjb mjht ", "W.D.J.B–MJHT"] {
            assert_eq!(letters(entered).as_deref(), Some("WDJBMJHT"), "{entered}");
        }
        assert_eq!(shown("WDJBMJHT"), "WDJB-MJHT");
        for other in ["", "WDJB-MJH", "WDJB-MJHTX", "ẞDJB-MJH"] {
            assert_eq!(letters(other), None, "{other}");
        }
    }
}
