//! Options: settings of pools and clients that Cognito's API has no member for.
//!
//! A pool's are its tags whose names begin with `cognate:`, so that whatever can tag a pool can set them; a client's are kept with
//! its settings. What a client does not say its pool says.

mod change;
mod known;

pub use change::{Changes, set_of_client, set_of_pool};
pub(crate) use change::{check_tags, check_url};
pub(crate) use known::{BACK_CHANNEL, DPOP, PKCE};
pub use known::{KNOWN, Known, Of, Values};

use cognate_store::{AppClient, UserPool};
use url::Url;

use self::known::{ACCOUNT, DEVICES, DOCUMENTS, INTROSPECTION, NONCE, PROFILE, PUSHED, RESOURCES, known};
use crate::app_client::registration;
use crate::outbound::ChosenBy;
use crate::token::USER_ADMIN_SCOPE;

/// What the names of tags begin with that are options.
pub const PREFIX: &str = "cognate:";

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

/// The host of a URL as options name it.
fn place(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
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
