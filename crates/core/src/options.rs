//! Options: settings of pools and clients that Cognito's API has no member for.
//!
//! A pool's are its tags whose names begin with `cognate:`, so that whatever can tag a pool can set them; a client's are kept with
//! its settings. What a client does not say its pool says.

use std::collections::BTreeMap;

use cognate_store::{AppClient, AppClientId, AppClientSettings, UserPool, UserPoolSettings};

use crate::app_client::{self, registration};
use crate::token::USER_ADMIN_SCOPE;
use crate::{App, Error, Result, user_pool};

/// What the names of tags begin with that are options.
pub const PREFIX: &str = "cognate:";

/// An option that can be set.
#[derive(Debug)]
pub struct Known {
    /// Its name, which is its tag's without the [`PREFIX`].
    pub name: &'static str,
    /// What it can be; the first unless somebody says otherwise.
    pub values: &'static [&'static str],
    /// Whether a client may say otherwise than its pool.
    pub is_of_clients: bool,
    /// What it does, for people.
    pub says: &'static str,
}

const PROFILE: &str = "profile";
pub(crate) const PKCE: &str = "pkce";
const NONCE: &str = "nonce";
const INTROSPECTION: &str = "introspection";
const ACCOUNT: &str = "account";
const PUSHED: &str = "par";
const DEVICES: &str = "device_grant";
const RESOURCES: &str = "resource_metadata";
pub(crate) const DPOP: &str = "dpop";

/// Every one of them.
pub const KNOWN: &[Known] = &[
    Known {
        name: PROFILE,
        values: &["cognito", "openid"],
        is_of_clients: false,
        says: "Where Cognito and OpenID Connect contradict, whose word counts. With `openid`, userInfo gives `email_verified` and \
               `phone_number_verified` as booleans and `updated_at` as a number, tokens say the level reached (`acr`, `amr`) \
               even if the pool names none, and public clients must use PKCE unless `pkce` says otherwise.",
    },
    Known {
        name: PKCE,
        values: &["optional", "required"],
        is_of_clients: true,
        says: "Whether a request for a code must come with a `code_challenge` (RFC 7636). One that comes is always checked.",
    },
    Known {
        name: NONCE,
        values: &["optional", "required"],
        is_of_clients: true,
        says: "Whether a request for a code with `openid` must come with a `nonce`. A request for an ID token always must.",
    },
    Known {
        name: INTROSPECTION,
        values: &["off", "on"],
        is_of_clients: true,
        says: "Whether a client with a secret may ask at `/oauth2/introspect` what a token of the pool is good for (RFC 7662).",
    },
    Known {
        name: PUSHED,
        values: &["off", "on", "required"],
        is_of_clients: true,
        says: "Whether a client may, or must, push its requests for authorization to `/oauth2/par` before it sends a browser with \
               them (RFC 9126).",
    },
    Known {
        name: DEVICES,
        values: &["off", "on"],
        is_of_clients: true,
        says: "Whether a client with the code flow may ask at `/oauth2/device_authorization` for codes by which somebody signs a device \
               in that has no browser (RFC 8628), at the page `/device`. Not one that anybody may have registered.",
    },
    Known {
        name: DPOP,
        values: &["off", "on", "required"],
        is_of_clients: true,
        says: "Whether a client may, or must, have its access tokens bound to a key (RFC 9449), by a proof in the header `DPoP` of its \
               requests for tokens, at the OAuth endpoints or through the API. The refresh tokens of a client without a secret are \
               bound as well. Whoever uses a token that is bound must prove each time to have the key, at userInfo and in the API.",
    },
    Known {
        name: RESOURCES,
        values: &["off", "on"],
        is_of_clients: false,
        says: "Whether userInfo is described as a resource that tokens protect (RFC 9728), at \
               `/.well-known/oauth-protected-resource/…/oauth2/userInfo`, to which its refusals point.",
    },
    Known {
        name: ACCOUNT,
        values: &["scope", "on", "off"],
        is_of_clients: true,
        says: "Whether a client's users see and change their account at `/account`. With `scope`, where the client is allowed \
               `aws.cognito.signin.user.admin`, by which its tokens may do the same through the API.",
    },
];

fn known(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == name)
}

/// Checks an option that somebody sets.
///
/// # Errors
/// [`Error::InvalidParameter`], which names what there is.
fn check(name: &str, value: &str, is_of_client: bool) -> Result<()> {
    let here = |known: &&Known| known.is_of_clients || !is_of_client;
    let Some(known) = known(name).filter(|known| here(known)) else {
        let names: Vec<_> = KNOWN.iter().filter(here).map(|known| known.name).collect();
        return Err(Error::invalid(format!("There is no option {name} here: {}.", names.join(", "))));
    };
    match known.values.contains(&value) {
        true => Ok(()),
        false => Err(Error::invalid(format!("The option {name} is one of {}.", known.values.join(", ")))),
    }
}

/// Checks the options among a pool's tags.
///
/// # Errors
/// As [`check`].
pub(crate) fn check_tags(tags: &BTreeMap<String, String>) -> Result<()> {
    let mut options = tags.iter().filter_map(|(tag, value)| Some((tag.strip_prefix(PREFIX)?, value)));
    options.try_for_each(|(name, value)| check(name, value, false))
}

/// What is said for a pool.
fn of_pool<'a>(pool: &'a UserPool, name: &str) -> Option<&'a String> {
    let mut tags = pool.settings.tags.iter();
    tags.find(|(tag, _)| tag.strip_prefix(PREFIX) == Some(name)).map(|(_, value)| value)
}

/// The value in force for a pool, or for one of its clients.
fn value<'a>(pool: &'a UserPool, client: Option<&'a AppClient>, name: &'static str) -> &'a str {
    let own = client.and_then(|client| client.settings.options.get(name));
    let said = own.or_else(|| of_pool(pool, name));
    let default = || known(name).map_or("", |known| known.values[0]);
    said.map_or_else(default, String::as_str)
}

/// Whether OpenID Connect's word counts where Cognito's contradicts it.
pub fn follows_openid(pool: &UserPool) -> bool {
    value(pool, None, PROFILE) == "openid"
}

/// Whether a client must use PKCE.
pub(crate) fn needs_pkce(pool: &UserPool, client: &AppClient) -> bool {
    let is_said = client.settings.options.contains_key(PKCE) || of_pool(pool, PKCE).is_some();
    match is_said {
        true => value(pool, Some(client), PKCE) == "required",
        false => follows_openid(pool) && client.secrets.is_empty(),
    }
}

/// Whether a client must send a nonce.
pub(crate) fn needs_nonce(pool: &UserPool, client: &AppClient) -> bool {
    value(pool, Some(client), NONCE) == "required"
}

/// Whether a client may ask what tokens are good for. One that anybody may have registered only where that was said of itself.
pub fn may_introspect(pool: &UserPool, client: &AppClient) -> bool {
    value(pool, Some(client), INTROSPECTION) == "on"
        && (!registration::is_strange(client) || client.settings.options.contains_key(INTROSPECTION))
}

/// Whether a client may push its requests (RFC 9126).
pub fn may_push(pool: &UserPool, client: &AppClient) -> bool {
    value(pool, Some(client), PUSHED) != "off"
}

/// Whether a client must.
pub(crate) fn must_push(pool: &UserPool, client: &AppClient) -> bool {
    value(pool, Some(client), PUSHED) == "required"
}

/// Whether the clients of a pool may push their requests, and whether they must, unless they say otherwise themselves.
pub fn takes_pushed(pool: &UserPool) -> (bool, bool) {
    let said = value(pool, None, PUSHED);
    (said != "off", said == "required")
}

/// Whether a client may sign devices in that have no browser (RFC 8628).
pub fn may_serve_devices(pool: &UserPool, client: &AppClient) -> bool {
    value(pool, Some(client), DEVICES) == "on" && !registration::is_strange(client)
}

/// Whether the clients of a pool may, unless they say otherwise themselves.
pub fn offers_devices(pool: &UserPool) -> bool {
    value(pool, None, DEVICES) == "on"
}

/// Whether a client may have its tokens bound to a key (RFC 9449).
pub(crate) fn may_bind(pool: &UserPool, client: &AppClient) -> bool {
    value(pool, Some(client), DPOP) != "off"
}

/// Whether a client must.
pub fn must_bind(pool: &UserPool, client: &AppClient) -> bool {
    value(pool, Some(client), DPOP) == "required"
}

/// Whether the clients of a pool may have their tokens bound, and whether they must, unless they say otherwise themselves.
pub fn binds_tokens(pool: &UserPool) -> (bool, bool) {
    let said = value(pool, None, DPOP);
    (said != "off", said == "required")
}

/// Whether a pool describes what its tokens protect here (RFC 9728).
pub fn describes_resources(pool: &UserPool) -> bool {
    value(pool, None, RESOURCES) == "on"
}

/// Whether a client's users have a page of their account: where their tokens may do what it does, unless it is said. For one that
/// anybody may have registered it must be said of itself.
pub fn has_account(pool: &UserPool, client: &AppClient) -> bool {
    if registration::is_strange(client) {
        return client.settings.options.get(ACCOUNT).is_some_and(|said| said == "on");
    }
    match value(pool, Some(client), ACCOUNT) {
        "scope" => client.settings.oauth.scopes.iter().any(|scope| scope == USER_ADMIN_SCOPE),
        said => said == "on",
    }
}

/// Whether any client of a pool may, unless it says otherwise itself.
pub fn offers_introspection(pool: &UserPool) -> bool {
    value(pool, None, INTROSPECTION) == "on"
}

/// Options to set; those without a value are as if nobody had said anything.
pub type Changes = [(String, Option<String>)];

fn check_changes(changes: &Changes, is_of_client: bool) -> Result<()> {
    for (name, value) in changes {
        let default = known(name).map_or("", |known| known.values[0]);
        check(name, value.as_deref().unwrap_or(default), is_of_client)?;
    }
    Ok(())
}

/// Sets options of a pool.
///
/// # Errors
/// [`Error::UserPoolNotFound`], [`Error::InvalidParameter`], [`Error::Busy`].
pub async fn set_of_pool(app: &App, pool: &UserPool, changes: &Changes) -> Result<()> {
    check_changes(changes, false)?;
    user_pool::update(app, &pool.account, &pool.id, |pool| {
        let mut tags = pool.settings.tags.clone();
        for (name, value) in changes {
            let tag = format!("{PREFIX}{name}");
            match value {
                Some(value) => tags.insert(tag, value.clone()),
                None => tags.remove(&tag),
            };
        }
        Ok((pool.name.clone(), UserPoolSettings { tags, ..pool.settings.clone() }))
    })
    .await
}

/// Sets options of a client.
///
/// # Errors
/// [`Error::AppClientNotFound`], [`Error::InvalidParameter`], [`Error::Busy`].
pub async fn set_of_client(
    app: &App,
    pool: &UserPool,
    client: &AppClientId,
    changes: &Changes,
) -> Result<()> {
    check_changes(changes, true)?;
    app_client::reconfigure(app, pool, client, |client| {
        let mut options = client.settings.options.clone();
        for (name, value) in changes {
            match value {
                Some(value) => options.insert(name.clone(), value.clone()),
                None => options.remove(name),
            };
        }
        Ok((client.name.clone(), AppClientSettings { options, ..client.settings.clone() }))
    })
    .await
}

/// What is in force for a pool, or for one of its clients: every option's name and value.
pub fn in_force<'a>(
    pool: &'a UserPool,
    client: Option<&'a AppClient>,
) -> impl Iterator<Item = (&'static str, &'a str)> {
    let here = move |known: &&Known| known.is_of_clients || client.is_none();
    KNOWN.iter().filter(here).map(move |known| match (known.name, client) {
        // What nobody says depends on what the client is.
        (PKCE, Some(client)) if needs_pkce(pool, client) => (PKCE, "required"),
        (name, _) => (name, value(pool, client, name)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_checked_and_other_tags_are_not() {
        let tags = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(tag, value)| ((*tag).to_owned(), (*value).to_owned())).collect()
        };
        assert!(check_tags(&tags(&[("team", "shop"), ("cognate:profile", "openid")])).is_ok());
        let refused = |tag: &str, value: &str| check_tags(&tags(&[(tag, value)])).unwrap_err().to_string();
        assert!(refused("cognate:profile", "oidc").contains("cognito, openid"));
        assert!(refused("cognate:profil", "openid").contains("profile, pkce"));
        assert!(check("profile", "openid", true).is_err(), "not a client's");
    }
}
