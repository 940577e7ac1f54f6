//! Options: settings of pools and clients that Cognito's API has no member for.
//!
//! A pool's are its tags whose names begin with `cognate:`, so that whatever can tag a pool can set them; a client's are kept with
//! its settings. What a client does not say its pool says.

use std::collections::BTreeMap;

use cognate_store::{AppClient, AppClientId, AppClientSettings, UserPool, UserPoolSettings};
use url::Url;

use crate::app_client::{self, registration};
use crate::outbound::ChosenBy;
use crate::token::USER_ADMIN_SCOPE;
use crate::{App, Error, Result, user_pool};

/// The longest URL.
const LONGEST_URL: usize = 2048;

/// What the names of tags begin with that are options.
pub const PREFIX: &str = "cognate:";

/// An option that can be set.
#[derive(Debug)]
pub struct Known {
    /// Its name, which is its tag's without the [`PREFIX`].
    pub name: &'static str,
    /// What it can be.
    pub values: Values,
    /// Of what it is.
    pub of: Of,
    /// What it does, for people.
    pub says: &'static str,
}

/// What an option can be.
#[derive(Debug)]
pub enum Values {
    /// One of these: the first unless somebody says otherwise.
    OneOf(&'static [&'static str]),
    /// A URL that this server will call; none unless somebody says one.
    Url,
    /// `off`, which it is unless somebody says otherwise; or, between blanks, `on` for every public host, names of hosts, and `-` with
    /// the names of others that are none. A port other than the usual one is part of the name.
    Hosts,
}

/// Of what an option is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Of pools.
    Pools,
    /// Of pools, and of clients that say otherwise.
    Both,
    /// Of clients.
    Clients,
}

impl Known {
    /// What it is unless somebody says otherwise.
    fn default(&self) -> &'static str {
        match self.values {
            Values::OneOf(values) => values.first().copied().unwrap_or_default(),
            Values::Url => "",
            Values::Hosts => "off",
        }
    }

    fn is_here(&self, is_of_client: bool) -> bool {
        self.of == Of::Both || (self.of == Of::Clients) == is_of_client
    }
}

const PROFILE: &str = "profile";
pub(crate) const PKCE: &str = "pkce";
const NONCE: &str = "nonce";
const INTROSPECTION: &str = "introspection";
const ACCOUNT: &str = "account";
const PUSHED: &str = "par";
const DEVICES: &str = "device_grant";
const RESOURCES: &str = "resource_metadata";
const DOCUMENTS: &str = "client_metadata_documents";
pub(crate) const DPOP: &str = "dpop";
pub(crate) const BACK_CHANNEL: &str = "backchannel_logout_uri";

/// Every one of them.
pub const KNOWN: &[Known] = &[
    Known {
        name: PROFILE,
        values: Values::OneOf(&["cognito", "openid"]),
        of: Of::Pools,
        says: "Where Cognito and OpenID Connect contradict, whose word counts. With `openid`, userInfo gives `email_verified` and \
               `phone_number_verified` as booleans and `updated_at` as a number, tokens say the level reached (`acr`, `amr`) \
               even if the pool names none, and public clients must use PKCE unless `pkce` says otherwise.",
    },
    Known {
        name: PKCE,
        values: Values::OneOf(&["optional", "required"]),
        of: Of::Both,
        says: "Whether a request for a code must come with a `code_challenge` (RFC 7636). One that comes is always checked.",
    },
    Known {
        name: NONCE,
        values: Values::OneOf(&["optional", "required"]),
        of: Of::Both,
        says: "Whether a request for a code with `openid` must come with a `nonce`. A request for an ID token always must.",
    },
    Known {
        name: INTROSPECTION,
        values: Values::OneOf(&["off", "on"]),
        of: Of::Both,
        says: "Whether a client with a secret may ask at `/oauth2/introspect` what a token of the pool is good for (RFC 7662).",
    },
    Known {
        name: PUSHED,
        values: Values::OneOf(&["off", "on", "required"]),
        of: Of::Both,
        says: "Whether a client may, or must, push its requests for authorization to `/oauth2/par` before it sends a browser with \
               them (RFC 9126).",
    },
    Known {
        name: DEVICES,
        values: Values::OneOf(&["off", "on"]),
        of: Of::Both,
        says: "Whether a client with the code flow may ask at `/oauth2/device_authorization` for codes by which somebody signs a device \
               in that has no browser (RFC 8628), at the page `/device`. Not one that anybody may have registered.",
    },
    Known {
        name: DPOP,
        values: Values::OneOf(&["off", "on", "required"]),
        of: Of::Both,
        says: "Whether a client may, or must, have its access tokens bound to a key (RFC 9449), by a proof in the header `DPoP` of its \
               requests for tokens, at the OAuth endpoints or through the API. The refresh tokens of a client without a secret are \
               bound as well. Whoever uses a token that is bound must prove each time to have the key, at userInfo and in the API.",
    },
    Known {
        name: BACK_CHANNEL,
        values: Values::Url,
        of: Of::Clients,
        says: "Where a client is told that a browser's session is over, of which tokens of its came (OpenID Connect Back-Channel Logout \
               1.0). Its ID tokens name that session (`sid`).",
    },
    Known {
        name: RESOURCES,
        values: Values::OneOf(&["off", "on"]),
        of: Of::Pools,
        says: "Whether userInfo is described as a resource that tokens protect (RFC 9728), at \
               `/.well-known/oauth-protected-resource/…/oauth2/userInfo`, to which its refusals point.",
    },
    Known {
        name: DOCUMENTS,
        values: Values::Hosts,
        of: Of::Pools,
        says: "Whether an app may sign users in that nobody registered: its `client_id` is the URL of a document which describes it \
               (OAuth Client ID Metadata Document). Between blanks: `on` for any public host, names of hosts (`app.example.com`, or \
               `app.example.com:8443`), which may also be in the networks inside that URLs may lead to, and `-app.example.com` for \
               one that `on` does not mean. What takes a host away ends what its apps' tokens are good for.",
    },
    Known {
        name: ACCOUNT,
        values: Values::OneOf(&["scope", "on", "off"]),
        of: Of::Both,
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
    let here = |known: &&Known| known.is_here(is_of_client);
    let Some(known) = known(name).filter(|known| here(known)) else {
        let names: Vec<_> = KNOWN.iter().filter(here).map(|known| known.name).collect();
        return Err(Error::invalid(format!("There is no option {name} here: {}.", names.join(", "))));
    };
    match known.values {
        Values::OneOf(values) if !values.contains(&value) => {
            Err(Error::invalid(format!("The option {name} is one of {}.", values.join(", "))))
        }
        Values::Hosts if value != "off" && !are_hosts(value) => Err(Error::invalid(format!(
            "The option {name} is off; or on, names of hosts, and names of hosts after -, between blanks."
        ))),
        // Where a URL leads is looked at by who sets it.
        Values::OneOf(_) | Values::Url | Values::Hosts => Ok(()),
    }
}

/// Whether a text is `on` and names of hosts, some of them after `-`, as URLs have them: in lower case and in ASCII.
fn are_hosts(text: &str) -> bool {
    let is_host = |name: &str| {
        Url::parse(&format!("https://{name}/")).is_ok_and(|url| place(&url).as_deref() == Some(name))
    };
    let names_host = |it: &str| {
        let name = it.strip_prefix('-').unwrap_or(it);
        !name.starts_with('-') && is_host(name)
    };
    text.split(' ').all(|it| it == "on" || names_host(it))
}

/// The host of a URL as options name it.
fn place(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
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
    let default = || known(name).map_or("", Known::default);
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

/// Whether it is said of a client itself that it must.
pub fn says_must_bind(client: &AppClient) -> bool {
    client.settings.options.get(DPOP).is_some_and(|said| said == "required")
}

/// Whether the clients of a pool may have their tokens bound, and whether they must, unless they say otherwise themselves.
pub fn binds_tokens(pool: &UserPool) -> (bool, bool) {
    let said = value(pool, None, DPOP);
    (said != "off", said == "required")
}

/// Where a client is told of the ends of sessions, where it is.
pub fn backchannel_logout_uri(client: &AppClient) -> Option<&str> {
    client.settings.options.get(BACK_CHANNEL).map(String::as_str)
}

/// Whether a client may describe itself at a URL, and by whose word that is asked.
pub(crate) fn fetches_from(pool: &UserPool, url: &Url) -> Option<ChosenBy> {
    let said = value(pool, None, DOCUMENTS);
    let place = place(url)?;
    let says = |wanted: &str| said.split(' ').any(|it| it == wanted);
    if says("off") || says(&format!("-{place}")) {
        None
    } else if says(&place) {
        Some(ChosenBy::Tenant)
    } else {
        (says("on") && url.scheme() == "https").then_some(ChosenBy::Anybody)
    }
}

/// Whether clients of a pool may describe themselves, at one host at least.
pub fn reads_documents(pool: &UserPool) -> bool {
    value(pool, None, DOCUMENTS) != "off"
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

async fn check_changes(app: &App, changes: &Changes, is_of_client: bool) -> Result<()> {
    for (name, value) in changes {
        let default = known(name).map_or("", Known::default);
        check(name, value.as_deref().unwrap_or(default), is_of_client)?;
        if let (Some(Known { values: Values::Url, .. }), Some(url)) = (known(name), value) {
            check_url(app, url).await?;
        }
    }
    Ok(())
}

/// Checks a URL that this server is to call.
///
/// # Errors
/// [`Error::InvalidParameter`], which says what is wrong with it.
pub(crate) async fn check_url(app: &App, url: &str) -> Result<()> {
    if url.len() > LONGEST_URL {
        return Err(Error::invalid("The URL is too long."));
    }
    let checked = app.functions.outbound().check(url).await;
    checked.map_err(|wrong| Error::invalid(format!("The URL {wrong}.")))
}

/// Sets options of a pool.
///
/// # Errors
/// [`Error::UserPoolNotFound`], [`Error::InvalidParameter`], [`Error::Busy`].
pub async fn set_of_pool(app: &App, pool: &UserPool, changes: &Changes) -> Result<()> {
    check_changes(app, changes, false).await?;
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
    check_changes(app, changes, true).await?;
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
    let here = move |known: &&Known| known.is_here(client.is_some());
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
        let documents = "cognate:client_metadata_documents";
        for good in
            ["off", "on", "app.example.com [2001:db8::1]:8443 10.0.0.1", "on -app.example.com a.internal"]
        {
            assert!(check_tags(&tags(&[(documents, good)])).is_ok(), "{good}");
        }
        for wrong in [
            "",
            "on yes/",
            "https://app.example.com",
            "APP.example.com",
            "app.example.com:443",
            "app.example.com/x",
            "me@app.example.com",
            "a.example.com  b.example.com",
            "--app.example.com",
        ] {
            assert!(refused(documents, wrong).contains("hosts"), "{wrong}");
        }
        assert!(refused("cognate:backchannel_logout_uri", "https://app.example.com/").contains("no option"));
    }
}
