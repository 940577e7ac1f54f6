//! A session's pair of tokens: what they say, and signing it.

use cognate_store::group::Membership;
use cognate_store::signing_key::TokenUse;
use cognate_store::user_session::UserSession;
use cognate_store::{Timestamp, User, UserSessionId};
use uuid::Uuid;

use super::claims::{self, AccessClaims, Confirmation, IdClaims, Scopes};
use super::signing_key::PoolKeys;
use super::{OPENID_SCOPE, TokenType, Tokens, lifetime};
use crate::app_client::ClientContext;
use crate::auth::Method;
use crate::auth::acr::AuthenticationContext;
use crate::trigger::token_generation::{self, Overrides};
use crate::{App, Result, options};

/// What a pair of tokens says.
pub(crate) struct About<'a> {
    pub user: &'a User,
    pub groups: &'a [Membership],
    pub session: UserSessionId,
    pub scopes: &'a [String],
    pub device_key: Option<&'a str>,
    pub methods: &'a [Method],
    pub authenticated_at: Timestamp,
    pub overrides: Option<&'a Overrides>,
    /// What the OAuth endpoints add, where the session is theirs.
    pub authorized: Option<Authorized<'a>>,
    /// The thumbprint of the key that the access token is bound to, where it is.
    pub key: Option<&'a str>,
}

/// What the OAuth endpoints add to a pair of tokens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Authorized<'a> {
    /// What the ID token repeats of the request (OpenID Connect Core 1.0, section 3.1.2.1).
    pub nonce: Option<&'a str>,
    /// The service that the access token is for (RFC 8707).
    pub resource: Option<&'a str>,
    /// The scopes that the user granted; the tokens' may have become fewer.
    pub granted: &'a [String],
    /// What the browser's session that the tokens come of is called to clients.
    pub sid: Option<Uuid>,
}

impl<'a> Authorized<'a> {
    /// What a session adds to the tokens that come of it later on.
    pub(crate) fn of(session: &'a UserSession) -> Option<Self> {
        let (resource, granted) = (session.resource.as_deref(), session.scopes.as_slice());
        session.opened_by.map(|_| Self { nonce: None, resource, granted, sid: session.sid })
    }
}

/// Signs a pair of tokens of a session.
pub(crate) async fn sign(
    app: &App,
    context: &ClientContext,
    about: &About<'_>,
    now: Timestamp,
) -> Result<Tokens> {
    let keys = app.caches.keys(&app.db, &context.pool).await?;
    sign_by(app, &keys, context, about, now)
}

/// The same by the pool's keys, where they have been read.
pub(super) fn sign_by(
    app: &App,
    keys: &PoolKeys,
    context: &ClientContext,
    about: &About<'_>,
    now: Timestamp,
) -> Result<Tokens> {
    let (pool, client) = (&context.pool, &context.client);
    let &About {
        user,
        groups,
        session,
        scopes,
        device_key,
        methods,
        authenticated_at,
        overrides,
        authorized,
        key,
    } = about;
    let issuer = app.place.issuer(&pool.id);
    let expires_in = lifetime::access(&client.settings).num_seconds();
    let (auth_time, iat) = (authenticated_at.timestamp(), now.timestamp());
    let origin_jti = (!client.settings.token_revocation_disabled).then(|| session.to_string());
    let access = AccessClaims {
        sub: user.id.to_string(),
        iss: &issuer,
        client_id: client.id.as_str(),
        origin_jti: origin_jti.clone(),
        event_id: session.to_string(),
        token_use: TokenUse::Access.as_str(),
        scope: scopes.join(" "),
        auth_time,
        exp: iat + expires_in,
        iat,
        jti: Uuid::new_v4().to_string(),
        username: &user.username,
        device_key,
        groups: claims::groups(groups),
        context: AuthenticationContext::of(pool, methods),
        aud: authorized.and_then(|it| it.resource),
        version: authorized.map(|_| super::machine::VERSION),
        origin_client_id: None,
        act: None,
        cnf: Confirmation::of(key),
    };
    let token_type = TokenType::of(key);
    let access = token_generation::sign(keys, TokenUse::Access, client, &access, overrides)?;
    if authorized.is_some() && !scopes.iter().any(|scope| scope == OPENID_SCOPE) {
        let scopes = token_generation::scopes(overrides, scopes.to_vec());
        return Ok(Tokens {
            access,
            id: None,
            refresh: None,
            new_device: None,
            expires_in,
            token_type,
            scopes,
        });
    }
    let is_told = options::backchannel_logout_uri(client).is_some();
    let id = IdClaims {
        sub: user.id.to_string(),
        iss: &issuer,
        aud: client.id.as_str(),
        username: &user.username,
        origin_jti,
        event_id: session.to_string(),
        token_use: TokenUse::Id.as_str(),
        auth_time,
        exp: iat + lifetime::id(&client.settings).num_seconds(),
        iat,
        jti: Uuid::new_v4().to_string(),
        groups: claims::groups(groups),
        roles: claims::roles(groups),
        preferred_role: claims::preferred_role(groups),
        context: AuthenticationContext::of(pool, methods),
        nonce: authorized.and_then(|it| it.nonce),
        at_hash: authorized.map(|_| claims::at_hash(&access)),
        sid: authorized.and_then(|it| it.sid).filter(|_| is_told).map(|sid| sid.to_string()),
        origin_client_id: None,
        act: None,
        attributes: claims::attributes(
            &pool.settings,
            client,
            user,
            authorized.map(|it| Scopes { token: scopes, granted: it.granted }),
        ),
    };
    let id = Some(token_generation::sign(keys, TokenUse::Id, client, &id, overrides)?);
    let scopes = token_generation::scopes(overrides, scopes.to_vec());
    Ok(Tokens { access, id, refresh: None, new_device: None, expires_in, token_type, scopes })
}
