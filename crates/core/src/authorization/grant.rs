//! Granting a request: the code, or the tokens themselves.

use chrono::Duration;
use cognate_store::authorization_code::{self, AuthorizationCode};
use cognate_store::challenge_session::SpentSession;
use cognate_store::group::Membership;
use cognate_store::user_session::{self, OpenedSession};
use cognate_store::{Timestamp, UserPool, UserSessionId};
use secrecy::{ExposeSecret as _, SecretString};

use super::code;
use super::refusal::Refusal;
use super::request::{Authorization, Wants};
use crate::app_client::{ClientContext, document, settings};
use crate::auth::{Method, demand};
use crate::browser_session::BrowserSession;
use crate::token::pair::{self, Authorized};
use crate::token::{Tokens, issue, lifetime, refresh_token};
use crate::trigger::token_generation::{self, Generation};
use crate::user_session::activity;
use crate::{App, Error, Result, random};

/// How long a code may take from the browser to the client's server, as Cognito has it.
pub(crate) const CODE_LIFETIME: Duration = Duration::minutes(5);
/// As many digits of base 32 as 256 bits take (TOK-8); Cognito's are UUIDs.
const CODE_LENGTH: usize = 52;

/// Grants a request to the user of a browser's session: where the browser goes.
///
/// # Errors
/// When the database does not answer. What the client is told is no error here.
pub async fn grant(app: &App, authorization: &Authorization, browser: &BrowserSession) -> Result<String> {
    let context = &authorization.context;
    if authorization.wants != Wants::Answer {
        return Err(Error::internal("nothing was asked for"));
    }
    if !authorization.expects(app, browser).await? {
        // Somebody else than the client said signed in.
        return Ok(authorization.refusal(Refusal::LOGIN_REQUIRED));
    }
    if !authorization.is_reached_by(browser) {
        // The sign-in began for another request.
        return Ok(authorization.refusal(Refusal::LEVEL_OUT_OF_REACH));
    }
    document::keep(app, context, &browser.user).await?;
    if authorization.response.code {
        let code = random::text(random::BASE32, CODE_LENGTH)?;
        let stands_for = AuthorizationCode {
            client: context.client.id.clone(),
            session: browser.session.id,
            redirect_uri: authorization.redirect_uri.clone(),
            names_redirect: authorization.names_redirect,
            scopes: authorization.scopes.clone(),
            nonce: authorization.nonce.clone(),
            code_challenge: authorization.code_challenge.clone(),
            resource: authorization.resource.clone(),
            dpop_jkt: authorization.dpop_jkt.clone(),
            expires_at: app.clock.now() + CODE_LIFETIME,
        };
        authorization_code::insert(&app.db, &context.pool.id, &code::digest(&code), &stands_for).await?;
        return Ok(authorization.location(&[("code", &code)]));
    }
    let settings = &context.client.settings;
    let opening = Opening {
        id: UserSessionId::random(),
        spent: None,
        granted: &authorization.scopes,
        nonce: authorization.nonce.as_deref(),
        resource: authorization.resource.as_deref(),
        key: None,
        is_of_browser: true,
        // Nobody holds its refresh token.
        lifetime: lifetime::access(settings).max(lifetime::id(settings)),
    };
    let tokens = match open(app, context, browser, &opening, app.clock.now()).await {
        Ok(tokens) => tokens,
        Err(error) if error.is_of_trigger() => {
            return Ok(authorization.refusal(Refusal::FUNCTION_REFUSED));
        }
        // The session ended meanwhile.
        Err(Error::WrongPassword) => return Ok(authorization.refusal(Refusal::LOGIN_REQUIRED)),
        Err(other) => return Err(other),
    };
    let expires_in = tokens.expires_in.to_string();
    let (scope, mut answer) = (tokens.scopes.join(" "), Vec::new());
    if let Some(id) = &tokens.id {
        answer.push(("id_token", id.expose_secret()));
    }
    if authorization.response.token {
        answer.extend([
            ("access_token", tokens.access.expose_secret()),
            ("token_type", "Bearer"),
            ("expires_in", &*expires_in),
        ]);
        answer.extend((!scope.is_empty()).then_some(("scope", &*scope)));
    }
    Ok(authorization.location(&answer))
}

/// A session of tokens that a browser's session opens.
pub(super) struct Opening<'a> {
    pub id: UserSessionId,
    /// The code that is spent with it.
    pub spent: Option<&'a SpentSession>,
    /// The scopes that were granted.
    pub granted: &'a [String],
    /// What the ID token is to repeat.
    pub nonce: Option<&'a str>,
    /// The service that the access token is for.
    pub resource: Option<&'a str>,
    /// The key that its tokens are bound to, where they are.
    pub key: Option<&'a str>,
    /// Whether its tokens are the browser's, and not those of a device that somebody let in there.
    pub is_of_browser: bool,
    /// How long it lasts.
    pub lifetime: Duration,
}

/// Begins such a session, and issues its tokens, by what the pool and the client are now: the grant may be some minutes old.
///
/// # Errors
/// [`Error::WrongPassword`] when the browser's session is over or is no longer enough, its user may not sign in, or the code is spent;
/// [`Error::ScopeNotAllowed`] when nothing is left of what was granted; what the pool's function says, which ends the session.
pub(super) async fn open(
    app: &App,
    context: &ClientContext,
    browser: &BrowserSession,
    opening: &Opening<'_>,
    now: Timestamp,
) -> Result<Tokens> {
    let (pool, client) = (&context.pool, &context.client);
    let offered = settings::scopes_left(app, pool, client, opening.granted).await?;
    let scopes = left_of(opening.granted, &offered, pool, browser)?;
    let refresh = refresh_token::first(context, opening.id)?;
    let sid = browser.session.sid.filter(|_| opening.is_of_browser);
    let new = OpenedSession {
        id: opening.id,
        opened_by: browser.session.id,
        client: &client.id,
        refresh_digest: refresh_token::digest(&refresh),
        // What was granted, and not what is left of it: fewer scopes never show more.
        scopes: opening.granted,
        resource: opening.resource,
        dpop_jkt: issue::refresh_key(client, opening.key),
        sid,
        started_at: now,
        expires_at: now + opening.lifetime,
        spent: opening.spent,
    };
    let groups = user_session::open(&app.db, &pool.id, &new).await.map_err(|error| match error {
        cognate_store::Error::Stale => Error::WrongPassword,
        other => other.into(),
    })?;
    let authorized =
        Authorized { nonce: opening.nonce, resource: opening.resource, granted: opening.granted, sid };
    let opened = Opened { id: opening.id, refresh, groups, scopes, authorized, key: opening.key, at: now };
    opened.tokens(app, context, browser).await
}

/// What is left of the scopes that were granted to somebody's browser, of those that the client is still offered.
///
/// # Errors
/// [`Error::WrongPassword`] when the session is no longer enough; [`Error::ScopeNotAllowed`] when nothing is left.
pub(super) fn left_of(
    granted: &[String],
    offered: &[String],
    pool: &UserPool,
    browser: &BrowserSession,
) -> Result<Vec<String>> {
    if !demand::suffices(pool, &browser.session) {
        return Err(Error::WrongPassword);
    }
    let left: Vec<_> = granted.iter().filter(|scope| offered.contains(scope)).cloned().collect();
    if left.is_empty() { Err(Error::ScopeNotAllowed) } else { Ok(left) }
}

/// A session of tokens that has begun.
pub(super) struct Opened<'a> {
    pub id: UserSessionId,
    pub refresh: SecretString,
    /// The groups of its user.
    pub groups: Vec<Membership>,
    /// What is left of the scopes.
    pub scopes: Vec<String>,
    pub authorized: Authorized<'a>,
    /// The key that its tokens are bound to, where they are.
    pub key: Option<&'a str>,
    /// When it began.
    pub at: Timestamp,
}

impl Opened<'_> {
    /// Has the pool's functions told of it, and issues its tokens.
    ///
    /// # Errors
    /// What a function says, which ends the session; [`Error::WrongPassword`] when it is over already.
    pub(super) async fn tokens(
        self,
        app: &App,
        context: &ClientContext,
        browser: &BrowserSession,
    ) -> Result<Tokens> {
        let (pool, BrowserSession { session, user }) = (&context.pool, browser);
        let why = Generation::HostedAuth;
        let asked = token_generation::for_user(app, context, why, user, &self.groups, &self.scopes).await;
        let overrides = match asked {
            Ok(overrides) => overrides,
            Err(error) => {
                user_session::revoke(&app.db, &pool.id, self.id, app.clock.now()).await?;
                return Err(error);
            }
        };
        // What may have changed while a function was asked is read again (TRG-2).
        let again = match overrides {
            Some(_) => Some(issue::still_open(app, pool, self.id).await?.ok_or(Error::WrongPassword)?),
            None => None,
        };
        let (user, groups) = again.as_ref().map_or((user, &self.groups), |(user, groups)| (user, groups));
        activity::started(app, context, user.id, self.id, self.at).await?;
        let about = pair::About {
            user,
            groups,
            session: self.id,
            scopes: &self.scopes,
            device_key: None,
            methods: &Method::of(session),
            authenticated_at: session.authenticated_at,
            overrides: overrides.as_ref(),
            authorized: Some(self.authorized),
            key: self.key,
        };
        let mut tokens = pair::sign(app, context, &about, app.clock.now()).await?;
        tokens.refresh = Some(self.refresh);
        Ok(tokens)
    }
}
