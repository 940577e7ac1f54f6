//! Who an access token speaks for, to whoever holds it (OpenID Connect Core 1.0, section 5.3).

use cognate_store::UserPool;
use cognate_store::signing_key::TokenUse;
use serde_json::{Map, Value, json};

use super::claims::{self, Scopes};
use super::{OPENID_SCOPE, TokenType, verify};
use crate::dpop::Held;
use crate::origin::Origin;
use crate::user::attribute;
use crate::{App, Error, Result, app_client, options};

/// What the scopes of a pool's access token show of its user: texts, as Cognito has them, `email_verified` too; typed as in an ID
/// token where the pool follows OpenID Connect.
///
/// # Errors
/// What is wrong with the token, or with the proof that it is held by whom it must be; [`Error::MissingScope`] for one without `openid`,
/// or of a sign-in through the API.
pub async fn of_token(
    app: &App,
    pool: &UserPool,
    origin: &Origin,
    token: &str,
    token_type: TokenType,
) -> Result<Map<String, Value>> {
    let held = Held::ShownBy(origin, token_type);
    let token = verify::user_token(app, pool, token, TokenUse::Access, held).await?;
    let (holder, scopes) = (&token.holder, &token.scopes);
    if holder.session.opened_by.is_none() || !scopes.iter().any(|scope| scope == OPENID_SCOPE) {
        return Err(Error::MissingScope);
    }
    let (settings, user) = (&holder.pool.settings, &holder.user);
    let scopes = Scopes { token: scopes, granted: &holder.session.scopes };
    let mut shown: Map<_, _> = claims::shown(settings, &holder.client, user, Some(scopes))
        .map(|(name, value)| match options::follows_openid(&holder.pool) {
            true => (name.to_owned(), claims::typed(settings, name, value)),
            false => (name.to_owned(), json!(value)),
        })
        .collect();
    if holder.session.client != holder.client.id {
        // A derived token shows no more than the client may read that the session is of.
        let origin = app_client::known(app, &holder.pool, &holder.session.client).await?;
        let origin = origin.ok_or(Error::RevokedAccessToken)?;
        shown.retain(|name, _| attribute::is_readable(settings, &origin, name));
    }
    shown.insert("sub".to_owned(), json!(user.id.to_string()));
    shown.insert("username".to_owned(), json!(user.username));
    Ok(shown)
}
