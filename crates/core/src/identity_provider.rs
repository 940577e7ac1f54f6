//! Identity providers: where a pool's users may sign in instead. Here are their records; nothing is fetched from them.

mod endpoints;
mod metadata;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognate_store::record::identity_provider::{
    Dialect, EncryptionKey, Endpoints, IdentityProvider, Metadata, OAuth, Saml, SamlSettings, Upstream,
};
use cognate_store::record::{self, Record};
use cognate_store::{Constraint, Timestamp, UserPool, identity_provider};
pub use endpoints::endpoints;
use rcgen::KeyUsagePurpose;

use crate::{App, Error, PageToken, Result, name as names, outbound, page, signing_certificate};

/// The most providers of a pool.
const MOST: i64 = 300;

/// What a pool's owner says of a provider.
#[derive(Debug)]
pub enum Settings {
    /// It speaks OAuth 2.0.
    OAuth(OAuth),
    /// It speaks SAML 2.0.
    Saml(SamlSettings),
}

/// What else a pool's owner says; when a provider changes, what is left out stays.
#[derive(Debug, Default)]
pub struct Description {
    /// From an attribute of the pool to what the provider calls it.
    pub attribute_mapping: Option<BTreeMap<String, String>>,
    /// Other names that an application may ask for it by.
    pub identifiers: Option<Vec<String>>,
    /// From an authentication level of the pool to what the provider calls it.
    pub acr_mapping: Option<BTreeMap<String, String>>,
}

/// Creates a provider.
///
/// # Errors
/// [`Error::ProviderExists`], [`Error::TooMany`], [`Error::InvalidParameter`].
pub async fn create(
    app: &App,
    pool: &UserPool,
    name: &str,
    settings: Settings,
    description: Description,
) -> Result<Record<IdentityProvider>> {
    let now = app.clock.now();
    check_name(name, &settings)?;
    let settings = checked(settings, now)?;
    // Usernames begin with the provider's name, and may be compared without regard to case.
    let others = record::list::<IdentityProvider>(&app.db, pool, None, MOST).await?;
    if others.iter().any(|other| names::folded(&other.id) == names::folded(name)) {
        return Err(exists_already(pool, name));
    }
    let upstream = match settings {
        Settings::OAuth(oauth) => Upstream::OAuth(Box::new(oauth)),
        Settings::Saml(settings) => {
            let encryption_key = encryption_key(app, pool, now).await?;
            Upstream::Saml(Box::new(Saml { settings, encryption_key }))
        }
    };
    let provider = described(pool, upstream, description, None)?;
    let inserted = identity_provider::insert(&app.db, pool, name, provider, MOST, now).await;
    inserted.map_err(|error| match error {
        cognate_store::Error::Stale => Error::TooMany("identity providers"),
        cognate_store::Error::Refused(Constraint::RecordExists) => exists_already(pool, name),
        cognate_store::Error::Refused(Constraint::ParentGone) => Error::UserPoolNotFound(pool.id.clone()),
        other => of_store(other),
    })
}

/// A key pair for a SAML provider to encrypt assertions for.
async fn encryption_key(app: &App, pool: &UserPool, now: Timestamp) -> Result<EncryptionKey> {
    let private_key = app.key_supply.one().await?;
    let usage = KeyUsagePurpose::KeyEncipherment;
    let certificate = signing_certificate::certificate(&pool.id, &private_key, usage, now)?;
    Ok(EncryptionKey {
        private_key: STANDARD.encode(&*private_key).into(),
        certificate: STANDARD.encode(certificate),
    })
}

/// Changes what is given of a provider as it was read, and keeps the rest.
///
/// # Errors
/// [`Error::ConcurrentModification`], [`Error::InvalidParameter`].
pub async fn update(
    app: &App,
    pool: &UserPool,
    current: Record<IdentityProvider>,
    settings: Option<Settings>,
    description: Description,
) -> Result<Record<IdentityProvider>> {
    let now = app.clock.now();
    let settings = settings.map(|settings| checked(settings, now)).transpose()?;
    let upstream = match (settings, current.body.upstream.clone()) {
        (None, kept) => kept,
        (Some(Settings::OAuth(oauth)), _) => Upstream::OAuth(Box::new(oauth)),
        (Some(Settings::Saml(settings)), Upstream::Saml(saml)) => {
            Upstream::Saml(Box::new(Saml { settings, ..*saml }))
        }
        (Some(Settings::Saml(_)), Upstream::OAuth(_)) => {
            return Err(Error::invalid("The type of an identity provider cannot change."));
        }
    };
    let provider = described(pool, upstream, description, Some(&current.body))?;
    identity_provider::update(&app.db, pool, &current, provider, now).await.map_err(of_store)
}

fn of_store(error: cognate_store::Error) -> Error {
    match error {
        cognate_store::Error::Refused(Constraint::IdentifierTaken) => {
            Error::invalid("An identifier belongs to another identity provider of the user pool.")
        }
        other => other.into(),
    }
}

fn exists_already(pool: &UserPool, name: &str) -> Error {
    Error::ProviderExists(format!("{name} already exists in user pool {}", pool.id))
}

/// The name of the pool's own users, where a provider is named.
pub const OWN_USERS: &str = "COGNITO";

/// Whether a name stands for something other than a provider of that pool's.
fn is_reserved(name: &str) -> bool {
    let name = names::folded(name);
    name.eq_ignore_ascii_case(OWN_USERS) || SOCIAL.iter().any(|(_, social)| name.eq_ignore_ascii_case(social))
}

/// The providers that there is one of, and that are named after what they are.
const SOCIAL: [(Dialect, &str); 4] = [
    (Dialect::Google, "Google"),
    (Dialect::Facebook, "Facebook"),
    (Dialect::Amazon, "LoginWithAmazon"),
    (Dialect::Apple, "SignInWithApple"),
];

fn check_name(name: &str, settings: &Settings) -> Result<()> {
    let social = match settings {
        Settings::OAuth(oauth) => SOCIAL.iter().find(|(dialect, _)| *dialect == oauth.dialect),
        Settings::Saml(_) => None,
    };
    match social {
        Some((_, only)) if name != *only => {
            Err(Error::invalid(format!("The ProviderName of a {only} identity provider must be {only}.")))
        }
        Some(_) => Ok(()),
        None if is_reserved(name) => Err(Error::invalid(format!("The ProviderName {name} is reserved."))),
        None if name.chars().any(char::is_control) => {
            Err(Error::invalid("A ProviderName cannot hold control characters."))
        }
        None => Ok(()),
    }
}

/// Checks settings, and completes them with what a metadata document says.
fn checked(settings: Settings, now: Timestamp) -> Result<Settings> {
    match settings {
        Settings::OAuth(oauth) => {
            check_endpoints(&oauth.endpoints)?;
            Ok(Settings::OAuth(oauth))
        }
        Settings::Saml(mut saml) => {
            match &saml.metadata {
                Metadata::Url(url) => refused("MetadataURL", outbound::check_fetched(url))?,
                Metadata::File(xml) => {
                    let endpoints = metadata::read(xml, now).map_err(Error::invalid)?;
                    saml.sign_in_url = Some(endpoints.sign_in);
                    saml.sign_out_url = endpoints.sign_out.or(saml.sign_out_url);
                }
            }
            for (key, url) in
                [("SSORedirectBindingURI", &saml.sign_in_url), ("SLORedirectBindingURI", &saml.sign_out_url)]
            {
                url.as_deref().map_or(Ok(()), |url| refused(key, outbound::check_visited(url)))?;
            }
            Ok(Settings::Saml(saml))
        }
    }
}

fn check_endpoints(endpoints: &Endpoints) -> Result<()> {
    let fetched = [
        ("oidc_issuer", &endpoints.issuer),
        ("token_url", &endpoints.token_url),
        ("attributes_url", &endpoints.attributes_url),
        ("jwks_uri", &endpoints.jwks_url),
    ];
    for (key, url) in fetched {
        url.as_deref().map_or(Ok(()), |url| refused(key, outbound::check_fetched(url)))?;
    }
    endpoints
        .authorize_url
        .as_deref()
        .map_or(Ok(()), |url| refused("authorize_url", outbound::check_visited(url)))
}

fn refused(key: &str, verdict: std::result::Result<(), &'static str>) -> Result<()> {
    verdict.map_err(|reason| Error::invalid(format!("{key} {reason}.")))
}

/// A provider with the description given, or else the one it has.
fn described(
    pool: &UserPool,
    upstream: Upstream,
    description: Description,
    current: Option<&IdentityProvider>,
) -> Result<IdentityProvider> {
    let kept = |of: fn(&IdentityProvider) -> &BTreeMap<String, String>| current.map(of).cloned();
    let mapping = description.attribute_mapping.or_else(|| kept(|it| &it.attribute_mapping));
    let identifiers = description.identifiers.or_else(|| current.map(|it| it.identifiers.clone()));
    let acr_mapping = description.acr_mapping.or_else(|| kept(|it| &it.acr_mapping)).unwrap_or_default();
    let identifiers = identifiers.unwrap_or_default();
    check_identifiers(&identifiers)?;
    check_acr_mapping(&upstream, &acr_mapping)?;
    Ok(IdentityProvider {
        attribute_mapping: attribute_mapping(pool, &upstream, mapping.unwrap_or_default())?,
        upstream,
        identifiers,
        acr_mapping,
    })
}

/// What a provider calls the one attribute that tells its users apart.
fn subject(upstream: &Upstream) -> &'static str {
    match upstream {
        Upstream::Saml(_) => "NameID",
        Upstream::OAuth(oauth) => match oauth.dialect {
            Dialect::Oidc | Dialect::Google | Dialect::Apple => "sub",
            Dialect::Facebook => "id",
            Dialect::Amazon => "user_id",
        },
    }
}

/// Checks a mapping against the pool's schema, and adds where the username comes from.
fn attribute_mapping(
    pool: &UserPool,
    upstream: &Upstream,
    mut mapping: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>> {
    // A username from anything else than the subject would let one person be another.
    let subject = subject(upstream);
    if mapping.get("username").is_some_and(|source| source != subject) {
        return Err(Error::invalid(format!("The attribute username can only be mapped to {subject}.")));
    }
    for (attribute, source) in &mapping {
        let is_ours = matches!(attribute.as_str(), "sub" | "identities");
        let known = attribute == "username" || pool.settings.attribute(attribute).is_some();
        if is_ours || !known {
            return Err(Error::invalid(format!(
                "Invalid user attributes: {attribute}: Attribute does not exist in the schema."
            )));
        }
        if source.is_empty() {
            return Err(Error::invalid(format!("The attribute {attribute} is mapped to nothing.")));
        }
    }
    if matches!(upstream, Upstream::OAuth(_)) {
        mapping.insert("username".to_owned(), subject.to_owned());
    }
    Ok(mapping)
}

fn check_identifiers(identifiers: &[String]) -> Result<()> {
    for (index, identifier) in identifiers.iter().enumerate() {
        if identifiers[..index].contains(identifier) {
            return Err(Error::invalid(format!("The identifier {identifier} is given more than once.")));
        }
    }
    Ok(())
}

/// What a provider answers must lead back to one level.
fn check_acr_mapping(upstream: &Upstream, mapping: &BTreeMap<String, String>) -> Result<()> {
    let is_oidc = matches!(upstream, Upstream::OAuth(oauth) if oauth.dialect == Dialect::Oidc);
    if !mapping.is_empty() && !is_oidc {
        return Err(Error::invalid("Only OIDC identity providers support AcrMapping."));
    }
    for (level, value) in mapping {
        if mapping.iter().any(|(other, same)| other != level && same == value) {
            return Err(Error::invalid(format!("AcrMapping maps more than one level to {value}.")));
        }
    }
    Ok(())
}

/// A provider by its name.
///
/// # Errors
/// [`Error::IdentityProviderNotFound`].
pub async fn get(app: &App, pool: &UserPool, name: &str) -> Result<Record<IdentityProvider>> {
    let found = record::get(&app.db, pool, name).await?;
    found.ok_or_else(|| Error::IdentityProviderNotFound(name.to_owned()))
}

/// A provider, to be changed or deleted. The pool's own users are none.
///
/// # Errors
/// [`Error::IdentityProviderNotFound`], [`Error::UnsupportedProvider`].
pub async fn get_changeable(app: &App, pool: &UserPool, name: &str) -> Result<Record<IdentityProvider>> {
    if name == OWN_USERS { Err(Error::UnsupportedProvider) } else { get(app, pool, name).await }
}

/// A provider by one of its identifiers.
///
/// # Errors
/// [`Error::IdentityProviderNotFound`].
pub async fn by_identifier(app: &App, pool: &UserPool, identifier: &str) -> Result<Record<IdentityProvider>> {
    match identity_provider::by_identifier(&app.db, &pool.id, identifier).await? {
        Some(name) => get(app, pool, &name).await,
        None => Err(Error::IdentityProviderNotFound(identifier.to_owned())),
    }
}

/// Whether the pool has a provider of that name.
///
/// # Errors
/// When the database does not answer.
pub async fn exists(app: &App, pool: &UserPool, name: &str) -> Result<bool> {
    Ok(record::get::<IdentityProvider>(&app.db, pool, name).await?.is_some())
}

/// One page of a pool's providers.
///
/// # Errors
/// [`Error::InvalidParameter`] for a page token that is not ours.
pub async fn list(
    app: &App,
    pool: &UserPool,
    limit: i32,
    token: Option<&str>,
) -> Result<(Vec<Record<IdentityProvider>>, Option<PageToken>)> {
    let after: Option<String> = page::position_in_pool(pool, "identity_providers", token)?;
    let providers = record::list(&app.db, pool, after.as_deref(), i64::from(limit) + 1).await?;
    page::cut(providers, limit, |last| page::in_pool(pool, "identity_providers", &last.id))
}

/// Deletes a provider. Clients that offer it no longer do.
///
/// # Errors
/// [`Error::IdentityProviderNotFound`], [`Error::UnsupportedProvider`].
pub async fn delete(app: &App, pool: &UserPool, name: &str) -> Result<()> {
    let provider = get_changeable(app, pool, name).await?;
    let deleted = identity_provider::delete(&app.db, &pool.id, &provider.id, app.clock.now()).await?;
    let clients = deleted.ok_or_else(|| Error::IdentityProviderNotFound(name.to_owned()))?;
    for client in clients {
        app.caches.forget_client(&pool.id, &client).await;
    }
    Ok(())
}
