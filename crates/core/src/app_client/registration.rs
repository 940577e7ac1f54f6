//! Clients that register themselves (RFC 7591), as far as their pool lets them.

use std::collections::{BTreeMap, HashSet};

use cognate_store::app_client::{OauthSettings, Registration};
use cognate_store::signing_key::TokenUse;
use cognate_store::user_pool::{ClientRegistration, OauthFlow};
use cognate_store::{AppClient, AppClientSettings, UserPool, app_client};
use serde::Deserialize;

use super::{Secret, create, redirect_url, settings};
use crate::authorization::device;
use crate::dpop::Held;
use crate::identity_provider::OWN_USERS;
use crate::name::is_invisible;
use crate::origin::Origin;
use crate::token::{IDENTITY_SCOPES, TokenType, verify};
use crate::{App, Error, network_budget, options};

/// The scope of tokens that let whoever holds them register clients. No resource server has it: it is there as long as the pool
/// lets clients register.
pub const SCOPE: &str = "aws.cognito/dcr/register";
/// The most clients of a pool that registered or described themselves, of each kind: as many as Cognito has in a pool.
pub(super) const MOST: i64 = 1000;
/// How many may be registered in an hour by nobody knows whom (LCK-4), of each network and of all.
const OPEN_OF_NETWORK: i32 = 20;
const OPEN_IN_AN_HOUR: i32 = 100;
/// What they are counted as.
const REGISTER: &str = "register client";
/// The most addresses of one kind.
const MOST_URLS: usize = 100;
/// The longest name.
const LONGEST_NAME: usize = 128;

/// Whether a scope is the one that lets clients be registered, and the pool has it.
pub(crate) fn has_scope(pool: &UserPool, scope: &str) -> bool {
    scope == SCOPE && enabled(pool).is_some()
}

/// How clients may register themselves, where they may.
fn enabled(pool: &UserPool) -> Option<&ClientRegistration> {
    pool.settings.client_registration.as_ref().filter(|it| it.enabled)
}

/// Whether clients of a pool may register themselves.
pub fn is_offered(pool: &UserPool) -> bool {
    enabled(pool).is_some()
}

/// What a client says of itself (RFC 7591, section 2). What else it says is passed over.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Metadata {
    client_name: Option<String>,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    grant_types: Option<Vec<String>>,
    token_endpoint_auth_method: Option<String>,
    scope: Option<String>,
    dpop_bound_access_tokens: bool,
    backchannel_logout_uri: Option<String>,
}

/// Why a client is not registered.
#[derive(Debug)]
pub enum Refused {
    /// The pool does not let clients register.
    Off,
    /// There is no token, or one that does not let its holder.
    Token,
    /// The token is bound to a key, and this is wrong with the proof of that.
    Proof(&'static str),
    /// There were too many lately, or there are too many.
    TooMany,
    /// It cannot be sent there.
    RedirectUri(String),
    /// It cannot be what it says.
    Metadata(String),
    /// Something failed.
    Failed(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<cognate_store::Error> for Refused {
    fn from(error: cognate_store::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// A client that has registered.
#[derive(Debug)]
pub struct Registered {
    /// The client.
    pub client: AppClient,
    /// How it proves who it is.
    pub auth_method: &'static str,
}

/// Registers a client: with a token that lets its holder, or without where the pool is open to anybody.
///
/// # Errors
/// The [`Refused`] that fits.
pub async fn register(
    app: &App,
    pool: &UserPool,
    token: Option<(&str, TokenType)>,
    origin: &Origin,
    metadata: Metadata,
) -> Result<Registered, Refused> {
    let rules = enabled(pool).ok_or(Refused::Off)?;
    let registration = admitted(app, pool, rules, token, origin).await?;
    let (settings, auth_method) = described(app, pool, registration, &metadata).await?;
    if registration == Registration::Open {
        count_open(app, pool, origin).await?;
    }
    if app_client::count_registered(&app.db, &pool.id, registration).await? >= MOST {
        return Err(Refused::TooMany);
    }
    let secret = if auth_method == "none" { Secret::None } else { Secret::Generated };
    let name = name(&metadata).unwrap_or_else(|| "Unnamed client".to_owned());
    let created = create(app, pool, None, name, secret, settings).await;
    let client = created.map_err(|error| match error {
        Error::InvalidParameter(why) => Refused::Metadata(why.to_string()),
        Error::InvalidOauthFlow(why) => Refused::Metadata(why.to_owned()),
        error => Refused::Failed(error),
    })?;
    Ok(Registered { client, auth_method })
}

/// By which way a registration is let in.
async fn admitted(
    app: &App,
    pool: &UserPool,
    rules: &ClientRegistration,
    token: Option<(&str, TokenType)>,
    origin: &Origin,
) -> Result<Registration, Refused> {
    let Some((token, token_type)) = token else {
        return if rules.open { Ok(Registration::Open) } else { Err(Refused::Token) };
    };
    let refuse = |error| match error {
        Error::Busy | Error::Internal(_) => Refused::Failed(error),
        Error::InvalidDpopProof(why) => Refused::Proof(why),
        _ => Refused::Token,
    };
    let held = Held::ShownBy(origin, token_type);
    let machine = verify::machine(app, pool, token, held).await.map_err(refuse)?;
    let lets = match machine {
        Some(machine) => machine.scope.split(' ').any(|scope| scope == SCOPE),
        None => {
            let user = verify::user_token(app, pool, token, TokenUse::Access, held).await.map_err(refuse)?;
            user.scopes.iter().any(|scope| scope == SCOPE)
        }
    };
    if lets { Ok(Registration::Authenticated) } else { Err(Refused::Token) }
}

/// Counts a registration by nobody knows whom.
async fn count_open(app: &App, pool: &UserPool, origin: &Origin) -> Result<(), Refused> {
    let too_many = |error| match error {
        Error::AttemptLimit => Refused::TooMany,
        other => Refused::Failed(other),
    };
    let most = (OPEN_OF_NETWORK, OPEN_IN_AN_HOUR);
    network_budget::count_with_all(app, pool, origin, REGISTER, most).await.map_err(too_many)
}

/// What a client is to be, and how it proves who it is.
pub(super) async fn described(
    app: &App,
    pool: &UserPool,
    registration: Registration,
    metadata: &Metadata,
) -> Result<(AppClientSettings, &'static str), Refused> {
    let auth_method = match (metadata.token_endpoint_auth_method.as_deref(), registration) {
        (Some("none"), _) | (None, Registration::Described) => "none",
        (_, Registration::Described) => return Err(wrong("token_endpoint_auth_method must be none")),
        (None | Some("client_secret_basic"), _) => "client_secret_basic",
        (Some("client_secret_post"), _) => "client_secret_post",
        (Some(_), _) => return Err(wrong("That token_endpoint_auth_method is not supported")),
    };
    let rules = pool.settings.client_registration.as_ref();
    let flow = flow(rules, registration, metadata)?;
    if flow == OauthFlow::ClientCredentials && auth_method == "none" {
        return Err(wrong("client_credentials needs a client that authenticates"));
    }
    for uri in metadata.redirect_uris.iter().chain(&metadata.post_logout_redirect_uris) {
        redirect_url::check(uri).map_err(|error| Refused::RedirectUri(error.to_string()))?;
        if !redirect_url::is_web_or_reversed(uri) {
            let why = format!("{uri} must have the scheme https, or one that is a domain backwards.");
            return Err(Refused::RedirectUri(why));
        }
    }
    if metadata.redirect_uris.len().max(metadata.post_logout_redirect_uris.len()) > MOST_URLS {
        return Err(Refused::RedirectUri("There are too many addresses".to_owned()));
    }
    if flow == OauthFlow::Code && metadata.redirect_uris.is_empty() {
        return Err(Refused::RedirectUri("redirect_uris is missing".to_owned()));
    }
    let scopes = scopes(app, pool, rules, flow, metadata.scope.as_deref()).await?;
    // Nobody vouches for a client without a secret, so it proves at least that it is the one that asked.
    let is_public = auth_method == "none";
    let mut options = BTreeMap::new();
    if is_public {
        options.insert(options::PKCE.to_owned(), "required".to_owned());
    }
    if metadata.dpop_bound_access_tokens && options::binds_tokens(pool).0 {
        options.insert(options::DPOP.to_owned(), "required".to_owned());
    }
    // This server calls nobody whom anybody named.
    let is_vouched_for = registration == Registration::Authenticated;
    if let Some(uri) = metadata.backchannel_logout_uri.as_ref().filter(|_| is_vouched_for) {
        options::check_url(app, uri).await.map_err(|error| Refused::Metadata(error.to_string()))?;
        options.insert(options::BACK_CHANNEL.to_owned(), uri.clone());
    }
    let settings = AppClientSettings {
        explicit_auth_flows: Some(vec!["ALLOW_REFRESH_TOKEN_AUTH".to_owned()]),
        prevent_user_existence_errors: Some(true),
        identity_providers: vec![OWN_USERS.to_owned()],
        oauth: OauthSettings {
            enabled: true,
            flows: vec![flow],
            scopes,
            callback_urls: metadata.redirect_uris.clone(),
            logout_urls: metadata.post_logout_redirect_uris.clone(),
            default_redirect_uri: None,
        },
        registration: Some(registration),
        options,
        ..AppClientSettings::default()
    };
    Ok((settings, auth_method))
}

fn wrong(why: &str) -> Refused {
    Refused::Metadata(why.to_owned())
}

/// The one flow of a client: codes, or its own tokens.
fn flow(
    rules: Option<&ClientRegistration>,
    registration: Registration,
    metadata: &Metadata,
) -> Result<OauthFlow, Refused> {
    let (said, default): (_, &[OauthFlow]) = match registration {
        Registration::Open => (rules.and_then(|it| it.open_grants.as_deref()), &[OauthFlow::Code]),
        Registration::Authenticated => (
            rules.and_then(|it| it.authenticated_grants.as_deref()),
            &[OauthFlow::Code, OauthFlow::ClientCredentials],
        ),
        Registration::Described => (None, &[OauthFlow::Code]),
    };
    let allowed = said.unwrap_or(default);
    let mut flow = None;
    for grant in metadata.grant_types.as_deref().unwrap_or(&["authorization_code".to_owned()]) {
        let wanted = match grant.as_str() {
            "authorization_code" => OauthFlow::Code,
            "client_credentials" => OauthFlow::ClientCredentials,
            // Comes with codes, as far as the pool lets devices in; the last one is for nobody who registers themselves.
            "refresh_token" | device::GRANT_TYPE | "implicit" => continue,
            _ => return Err(wrong("One of grant_types is not supported")),
        };
        if !allowed.contains(&wanted) {
            return Err(wrong("One of grant_types is not open to clients that register themselves"));
        }
        if flow.is_some_and(|flow| flow != wanted) {
            return Err(wrong("client_credentials cannot stand beside authorization_code"));
        }
        flow = Some(wanted);
    }
    flow.ok_or_else(|| wrong("grant_types has neither authorization_code nor client_credentials"))
}

/// The scopes that a client gets of those that it asks for, or of all that it may have.
async fn scopes(
    app: &App,
    pool: &UserPool,
    rules: Option<&ClientRegistration>,
    flow: OauthFlow,
    asked: Option<&str>,
) -> Result<Vec<String>, Refused> {
    let offered = rules.and_then(|it| it.scopes.clone()).unwrap_or_default();
    let mut named = settings::existing_scopes(app, pool, offered).await?;
    // A client's own tokens have no user whom the standard ones would be about.
    named.retain(|scope| flow == OauthFlow::Code || !settings::is_standard_scope(scope));
    let identity = IDENTITY_SCOPES.map(str::to_owned).into_iter().filter(|_| flow == OauthFlow::Code);
    let mut scopes: Vec<_> = match asked {
        Some(_) => identity.chain(named).collect(),
        None if flow == OauthFlow::Code => identity.collect(),
        None => named,
    };
    let mut seen = HashSet::new();
    scopes.retain(|scope| seen.insert(scope.clone()));
    if let Some(asked) = asked {
        scopes.retain(|scope| asked.split(' ').any(|it| it == scope));
    }
    if scopes.is_empty() { Err(wrong("There is no scope for this client")) } else { Ok(scopes) }
}

/// Whether a pool has a scope for a client still: one that describes itself nobody else changes when the pool's owner changes their
/// mind.
pub(super) fn still_offers(pool: &UserPool, client: &AppClient, scope: &String) -> bool {
    let rules = pool.settings.client_registration.as_ref();
    client.settings.registration != Some(Registration::Described)
        || IDENTITY_SCOPES.contains(&scope.as_str())
        || rules.and_then(|it| it.scopes.as_ref()).is_some_and(|scopes| scopes.contains(scope))
}

/// What a client calls itself, in the letters that names of clients have.
pub(super) fn name(metadata: &Metadata) -> Option<String> {
    let fits = |c: &char| c.is_alphanumeric() && !is_invisible(*c) || " _+=,.@-".contains(*c);
    let name = metadata.client_name.as_deref()?.chars().filter(fits).take(LONGEST_NAME);
    let name = name.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

/// Whether anybody may have registered or described a client, so that its users must see where they are led before they are told of.
pub fn is_strange(client: &AppClient) -> bool {
    matches!(client.settings.registration, Some(Registration::Open | Registration::Described))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_letters_of_names() {
        let name = |given: Option<&str>| {
            name(&Metadata { client_name: given.map(str::to_owned), ..Metadata::default() })
        };
        assert_eq!(name(Some("Claude (MCP)  <b>")).unwrap(), "Claude MCP b");
        assert_eq!(name(Some("مرحبا 你好")).unwrap(), "مرحبا 你好");
        assert_eq!(name(Some("\u{202e}\u{7}\u{3164}\u{115f}")), None);
        assert_eq!(name(None), None);
        assert_eq!(name(Some(&"a".repeat(500))).unwrap().len(), 128);
    }
}
