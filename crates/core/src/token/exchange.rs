//! Token exchange (RFC 8693): another token for a user who has one, for another service, with or without somebody who acts
//! for them. It grants no more than the one it comes of, lives no longer, and ends with the same session.

use cognate_store::group::Membership;
use cognate_store::signing_key::TokenUse;
use cognate_store::user_session::{self, SessionKey, UserSession};
use cognate_store::{AppClientId, User, UserPool, UserSessionId};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::claims::{self, AccessClaims, Actor, Confirmation, IdClaims, Scopes};
use super::verify::{self, UserToken};
use super::{OPENID_SCOPE, TokenType, USER_ADMIN_SCOPE, lifetime, refresh};
use crate::app_client::{ClientContext, document, secret_hash, settings};
use crate::auth::acr::AuthenticationContext;
use crate::auth::{Flow, Method};
use crate::dpop::{self, Held};
use crate::trigger::token_generation::{self, Generation};
use crate::user::attribute;
use crate::{App, Error, Result, app_client, resource_server};

/// A token that is presented, and what it says it is.
#[derive(Debug)]
pub struct Presented {
    /// The token.
    pub token: SecretString,
    /// What it is for.
    pub token_use: TokenUse,
}

/// Whom a token is for.
#[derive(Debug)]
pub enum Target {
    /// A service, by a name of its own.
    Audience(String),
    /// A resource server of the pool.
    Resource(String),
}

/// What is asked for.
#[derive(Debug)]
pub struct Exchange {
    /// The token of the user whom the new one is about.
    pub subject: Presented,
    /// The token of whoever acts for them.
    pub actor: Option<Presented>,
    /// The scopes that are wanted; all of the subject's where none is named.
    pub scopes: Vec<String>,
    /// Whom the new token is for.
    pub target: Option<Target>,
    /// What kind it is to be.
    pub requested: TokenUse,
}

/// A token that was derived from another.
#[derive(Debug)]
pub struct Derived {
    /// Signed.
    pub token: SecretString,
    /// What it is for.
    pub token_use: TokenUse,
    /// Seconds until it expires.
    pub expires_in: i64,
    /// The scopes that it grants.
    pub scopes: Vec<String>,
    /// How it is used, if it is an access token.
    pub token_type: TokenType,
}

/// How many may act for one user, each for the one before.
const MOST_ACTORS: usize = 8;

/// Derives a token from a user's.
///
/// # Errors
/// [`Error::SecretHashWrong`] when the secret is, [`Error::FlowNotEnabled`]; what [`verify::user_token`] says of either token;
/// [`Error::MissingScope`] for an ID token from an access token that does not tell who its user is;
/// [`Error::ResourceServerNotFound`]; [`Error::AudienceOfClient`]; [`Error::InvalidParameter`] for too many actors.
pub async fn exchange(
    app: &App,
    context: &ClientContext,
    secret: Option<&SecretString>,
    request: Exchange,
) -> Result<Derived> {
    secret_hash::authenticate(&context.client, secret)?;
    // The operation's answer has no word for a token that is bound.
    if dpop::expect_proof(app, context)?.is_some() {
        return Err(Error::invalid(
            "A token that is bound to a key can be derived at the token endpoint alone.",
        ));
    }
    derive(app, context, request).await
}

/// As [`exchange`], for a client that has proven who it is at the token endpoint (RFC 8693, section 2).
///
/// # Errors
/// [`Error::OauthDisabled`]; as [`exchange`] but for the secret.
pub async fn grant(app: &App, context: &ClientContext, request: Exchange) -> Result<Derived> {
    match context.client.settings.oauth.enabled {
        true => derive(app, context, request).await,
        false => Err(Error::OauthDisabled),
    }
}

async fn derive(app: &App, context: &ClientContext, request: Exchange) -> Result<Derived> {
    let (pool, client) = (&context.pool, &context.client);
    let flow = if request.actor.is_some() { Flow::Delegation } else { Flow::Impersonation };
    if !settings::allows(&client.settings, flow) {
        return Err(Error::FlowNotEnabled(flow));
    }
    let held = Held::ByClient(&context.origin);
    let Presented { token, token_use } = &request.subject;
    let subject = verify::user_token(app, pool, token.expose_secret(), *token_use, held).await?;
    let tells_who = |scope: &String| scope == OPENID_SCOPE || scope == USER_ADMIN_SCOPE;
    if (*token_use, request.requested) == (TokenUse::Access, TokenUse::Id)
        && !subject.scopes.iter().any(tells_who)
    {
        return Err(Error::MissingScope);
    }
    // Who acted before is never forgotten, also where nobody acts now.
    let act = match &request.actor {
        Some(Presented { token, token_use }) => {
            let actor = verify::actor(app, pool, token.expose_secret(), *token_use, held).await?;
            Some(chain(actor, subject.actor.clone())?)
        }
        None => subject.actor.clone(),
    };
    let deriving = Deriving {
        token_use: request.requested,
        audience: audience(app, context, request.target, request.requested).await?,
        scopes: granted(app, context, &subject, request.scopes).await?,
        act,
        key: dpop::key_for_tokens(app, context).await?,
    };
    sign(app, context, &subject, deriving).await
}

/// Somebody who acts now, for those who acted before.
fn chain(now: Actor, before: Option<Actor>) -> Result<Actor> {
    let mut actors = Vec::new();
    for first in [Some(now), before] {
        let mut next = first.map(Box::new);
        while let Some(actor) = next {
            actors.push(actor.sub);
            next = actor.act;
        }
    }
    if actors.len() > MOST_ACTORS {
        return Err(Error::invalid(format!("A token can name at most {MOST_ACTORS} actors.")));
    }
    let chained = actors
        .into_iter()
        .rev()
        .fold(None, |act: Option<Box<Actor>>, sub| Some(Box::new(Actor { sub, act })));
    chained.map(|actor| *actor).ok_or_else(|| Error::internal("nobody acts"))
}

/// The audience that a target is. Another client is none: what is made for it must not come by way of this one.
async fn audience(
    app: &App,
    context: &ClientContext,
    target: Option<Target>,
    requested: TokenUse,
) -> Result<Option<String>> {
    let (pool, client) = (&context.pool, &context.client);
    match target {
        None => Ok(None),
        Some(Target::Resource(identifier)) => {
            resource_server::get(app, pool, &identifier).await.map(|server| Some(server.id))
        }
        Some(Target::Audience(name)) => {
            let id = AppClientId::new(&*name);
            let is_client = app_client::known(app, pool, &id).await?.is_some();
            // Nothing is known of one that describes itself before somebody has signed in through it.
            let may_be_client = requested == TokenUse::Id && document::admitted(pool, &id).is_some();
            if id != client.id && (is_client || may_be_client) {
                return Err(Error::AudienceOfClient);
            }
            Ok(Some(name))
        }
    }
}

/// The scopes that are granted: wanted, the subject's, and the client's; those of resource servers while they exist.
async fn granted(
    app: &App,
    context: &ClientContext,
    subject: &UserToken,
    wanted: Vec<String>,
) -> Result<Vec<String>> {
    let allowed = &context.client.settings.oauth.scopes;
    let is_shared = |scope: &String| allowed.contains(scope) && (wanted.is_empty() || wanted.contains(scope));
    let shared: Vec<_> = subject.scopes.iter().filter(|scope| is_shared(scope)).cloned().collect();
    settings::existing_scopes(app, &context.pool, shared).await
}

/// The session that a token comes of, its user and their groups, while it goes on.
async fn state(
    app: &App,
    pool: &UserPool,
    session: UserSessionId,
) -> Result<(UserSession, User, Vec<Membership>)> {
    let found = user_session::find(&app.db, &pool.id, SessionKey::Id(session)).await?;
    match found {
        Some((session, user, _)) if session.is_open(&user) && !user.enabled => Err(Error::UserDisabled),
        Some((session, user, groups)) if session.is_open(&user) => Ok((session, user, groups)),
        _ => Err(Error::RevokedAccessToken),
    }
}

/// What the new token is to be.
struct Deriving {
    token_use: TokenUse,
    scopes: Vec<String>,
    audience: Option<String>,
    act: Option<Actor>,
    /// The key that it is bound to, where it is.
    key: Option<String>,
}

/// Signs the new token, with the user's state read again.
async fn sign(
    app: &App,
    context: &ClientContext,
    subject: &UserToken,
    deriving: Deriving,
) -> Result<Derived> {
    let Deriving { token_use, scopes, audience, act, key } = deriving;
    let (pool, client) = (&context.pool, &context.client);
    let session = subject.holder.session.id;
    let (session, mut user, mut groups) = state(app, pool, session).await?;
    let overrides =
        token_generation::for_user(app, context, Generation::Exchange, &user, &groups, &scopes).await?;
    if overrides.is_some() {
        // What may have changed while a function was asked (TRG-2).
        (_, user, groups) = state(app, pool, session.id).await?;
    }
    let now = app.clock.now();
    let lifetime = match token_use {
        TokenUse::Access => lifetime::access(&client.settings),
        TokenUse::Id => lifetime::id(&client.settings),
    };
    let (sub, issuer, iat) = (user.id.to_string(), app.place.issuer(&pool.id), now.timestamp());
    let exp = subject.expires_at.min(iat + lifetime.num_seconds());
    let (event_id, jti) = (session.id.to_string(), Uuid::new_v4().to_string());
    let origin_jti = (!client.settings.token_revocation_disabled).then(|| event_id.clone());
    let origin_client_id = (session.client != client.id).then_some(session.client.as_str());
    let (auth_time, groups) = (session.authenticated_at.timestamp(), groups.as_slice());
    let levels = AuthenticationContext::of(pool, &Method::of(&session));
    let keys = app.caches.keys(&app.db, pool).await?;
    let token = match token_use {
        TokenUse::Access => {
            let claims = AccessClaims {
                device_key: None,
                sub,
                iss: &issuer,
                client_id: client.id.as_str(),
                origin_jti,
                event_id,
                token_use: token_use.as_str(),
                scope: scopes.join(" "),
                auth_time,
                exp,
                iat,
                jti,
                username: &user.username,
                groups: claims::groups(groups),
                context: levels,
                aud: audience.as_deref(),
                version: None,
                origin_client_id,
                act,
                cnf: Confirmation::of(key.as_deref()),
            };
            token_generation::sign(&keys, token_use, client, &claims, overrides.as_ref())?
        }
        TokenUse::Id => {
            // What the subject's or the session's own client may not read, or the user did not grant, does not come to light
            // through another.
            let origin = app_client::known(app, pool, &session.client).await?;
            let origin = origin.ok_or(Error::RevokedAccessToken)?;
            let left = match subject.scopes.is_empty() {
                true => refresh::scopes_left(app, pool, &origin, &session).await?,
                false => subject.scopes.clone(),
            };
            let granted = session.opened_by.map(|_| Scopes { token: &left, granted: &session.scopes });
            let mut attributes = claims::attributes(&pool.settings, client, &user, granted);
            attributes.retain(|name, _| {
                let may = |client| attribute::is_readable(&pool.settings, client, name);
                may(&subject.holder.client) && may(&origin)
            });
            let claims = IdClaims {
                sub,
                iss: &issuer,
                aud: audience.as_deref().unwrap_or(client.id.as_str()),
                username: &user.username,
                origin_jti,
                event_id,
                token_use: token_use.as_str(),
                auth_time,
                exp,
                iat,
                jti,
                groups: claims::groups(groups),
                roles: claims::roles(groups),
                preferred_role: claims::preferred_role(groups),
                context: levels,
                nonce: None,
                at_hash: None,
                sid: None,
                origin_client_id,
                act,
                attributes,
            };
            token_generation::sign(&keys, token_use, client, &claims, overrides.as_ref())?
        }
    };
    let scopes = token_generation::scopes(overrides.as_ref(), scopes);
    Ok(Derived { token, token_use, expires_in: exp - iat, scopes, token_type: TokenType::of(key.as_deref()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actors(subs: &[&str]) -> Option<Actor> {
        let act = |act: Option<Box<Actor>>, sub: &&str| Some(Box::new(Actor { sub: (*sub).to_owned(), act }));
        subs.iter().rev().fold(None, act).map(|actor| *actor)
    }

    #[test]
    fn who_acts_now_comes_before_who_acted_earlier() {
        let chained = |now: &[&str], before: &[&str]| chain(actors(now).unwrap(), actors(before)).ok();
        assert_eq!(chained(&["a"], &[]), actors(&["a"]));
        assert_eq!(chained(&["b", "a"], &[]), actors(&["b", "a"]));
        assert_eq!(chained(&["c", "b"], &["a"]), actors(&["c", "b", "a"]));
        let many = ["x"; MOST_ACTORS];
        assert_eq!(chained(&many, &[]), actors(&many));
        assert_eq!(chained(&["a"], &many), None);
    }
}
