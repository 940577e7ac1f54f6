//! `ProviderDetails`: a map of texts on the wire, whose keys depend on the type of the provider.

use std::collections::BTreeMap;

use cognate_contract::cognito_idp::IdentityProviderTypeType as Type;
use cognate_core::identity_provider::{Settings, endpoints};
use cognate_core::{Error, Result};
use cognate_store::record::identity_provider::{
    AppleKey, Dialect, Endpoints, Metadata, Method, OAuth, SamlSettings, Upstream,
};
use secrecy::ExposeSecret as _;

/// The keys that a provider of a type must have.
fn required(provider: Type) -> &'static [&'static str] {
    match provider {
        Type::Saml => &[],
        Type::Oidc => &["client_id", "attributes_request_method", "oidc_issuer", "authorize_scopes"],
        Type::Google | Type::Facebook | Type::LoginWithAmazon => {
            &["client_id", "client_secret", "authorize_scopes"]
        }
        Type::SignInWithApple => &["client_id", "team_id", "key_id", "private_key", "authorize_scopes"],
    }
}

/// The keys that a provider of a type may have besides. What Describe adds may be sent back.
fn optional(provider: Type) -> &'static [&'static str] {
    const OAUTH: &[&str] = &[
        "authorize_url",
        "token_url",
        "token_request_method",
        "attributes_url",
        "attributes_url_add_attributes",
        "oidc_issuer",
        "jwks_uri",
    ];
    match provider {
        Type::Saml => &[
            "MetadataURL",
            "MetadataFile",
            "IDPInit",
            "IDPSignout",
            "EncryptedResponses",
            "RequestSigningAlgorithm",
            "SSORedirectBindingURI",
            "SLORedirectBindingURI",
        ],
        Type::Oidc => &[
            "client_secret",
            "authorize_url",
            "token_url",
            "token_request_method",
            "attributes_url",
            "attributes_url_add_attributes",
            "jwks_uri",
        ],
        Type::Facebook => &[
            "api_version",
            "authorize_url",
            "token_url",
            "token_request_method",
            "attributes_url",
            "attributes_url_add_attributes",
        ],
        Type::Google | Type::LoginWithAmazon | Type::SignInWithApple => OAUTH,
    }
}

/// Reads the details of a new provider.
///
/// # Errors
/// [`Error::InvalidParameter`] for a key that is missing, unknown, or has no such value.
pub(super) fn parse(provider: Type, details: BTreeMap<String, String>) -> Result<Settings> {
    let (required, optional) = (required(provider), optional(provider));
    if let Some(key) = details.keys().find(|key| !required.contains(&&***key) && !optional.contains(&&***key))
    {
        return Err(Error::invalid(format!(
            "{key} is not a valid key for {} identity provider details.",
            provider.as_str()
        )));
    }
    if required.iter().any(|key| details.get(*key).is_none_or(|value| value.is_empty())) {
        let (last, others) = required.split_last().unwrap_or((&"", &[]));
        return Err(Error::invalid(format!(
            "{} and {last} are all required idp details.",
            others.join(", ")
        )));
    }
    let details = Details(details);
    match provider {
        Type::Saml => saml(details).map(Settings::Saml),
        Type::Oidc => oauth(Dialect::Oidc, details),
        Type::Google => oauth(Dialect::Google, details),
        Type::Facebook => oauth(Dialect::Facebook, details),
        Type::LoginWithAmazon => oauth(Dialect::Amazon, details),
        Type::SignInWithApple => oauth(Dialect::Apple, details),
    }
}

/// Reads the new details of a provider. Apple's private key stays where it is left out: nobody can read it back.
///
/// # Errors
/// As [`parse`].
pub(super) fn parse_again(current: &Upstream, mut details: BTreeMap<String, String>) -> Result<Settings> {
    if let Upstream::OAuth(oauth) = current
        && let Some(key) = &oauth.apple_key
    {
        let kept = || key.private_key.expose_secret().to_owned();
        details.entry("private_key".to_owned()).or_insert_with(kept);
    }
    parse(provider_type(current), details)
}

struct Details(BTreeMap<String, String>);

impl Details {
    fn take(&mut self, key: &str) -> Option<String> {
        self.0.remove(key).filter(|value| !value.is_empty())
    }

    /// The value of a key that is known to be there.
    fn required(&mut self, key: &str) -> String {
        self.take(key).unwrap_or_default()
    }

    fn flag(&mut self, key: &str) -> Result<Option<bool>> {
        let value = self.take(key);
        let flag = value
            .map(|value| value.parse().map_err(|_| Error::invalid(format!("{key} must be true or false."))));
        flag.transpose()
    }

    fn method(&mut self, key: &str) -> Result<Option<Method>> {
        match self.take(key).as_deref() {
            None => Ok(None),
            Some("GET") => Ok(Some(Method::Get)),
            Some("POST") => Ok(Some(Method::Post)),
            Some(_) => Err(Error::invalid(format!("{key} must be GET or POST."))),
        }
    }
}

fn oauth(dialect: Dialect, mut details: Details) -> Result<Settings> {
    let apple_key = (dialect == Dialect::Apple).then(|| AppleKey {
        team_id: details.required("team_id"),
        key_id: details.required("key_id"),
        private_key: details.required("private_key").into(),
    });
    let api_version = details.take("api_version");
    if api_version.as_deref().is_some_and(|version| !is_api_version(version)) {
        return Err(Error::invalid("api_version must be a version such as v17.0."));
    }
    Ok(Settings::OAuth(OAuth {
        dialect,
        client_id: details.required("client_id"),
        client_secret: details.take("client_secret").map(Into::into),
        apple_key,
        scopes: details.required("authorize_scopes"),
        api_version,
        attributes_request_method: details.method("attributes_request_method")?,
        endpoints: Endpoints {
            issuer: details.take("oidc_issuer"),
            authorize_url: details.take("authorize_url"),
            token_url: details.take("token_url"),
            token_request_method: details.method("token_request_method")?,
            attributes_url: details.take("attributes_url"),
            attributes_url_add_attributes: details.flag("attributes_url_add_attributes")?,
            jwks_url: details.take("jwks_uri"),
        },
    }))
}

/// Whether a text is a version of Facebook's API; it becomes part of URLs.
fn is_api_version(text: &str) -> bool {
    let numbers = text.strip_prefix('v').and_then(|numbers| numbers.split_once('.'));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    numbers.is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

fn saml(mut details: Details) -> Result<SamlSettings> {
    let metadata = match (details.take("MetadataURL"), details.take("MetadataFile")) {
        (Some(url), None) => Metadata::Url(url),
        (None, Some(file)) => Metadata::File(file),
        _ => return Err(Error::invalid("Exactly one of MetadataURL and MetadataFile is required.")),
    };
    let signs_requests = match details.take("RequestSigningAlgorithm").as_deref() {
        None => false,
        Some("rsa-sha256") => true,
        Some(_) => return Err(Error::invalid("RequestSigningAlgorithm must be rsa-sha256.")),
    };
    Ok(SamlSettings {
        metadata,
        sign_in_url: details.take("SSORedirectBindingURI"),
        sign_out_url: details.take("SLORedirectBindingURI"),
        provider_initiated: details.flag("IDPInit")?,
        signs_out: details.flag("IDPSignout")?,
        encrypted: details.flag("EncryptedResponses")?,
        signs_requests,
    })
}

/// The type of a provider.
pub(super) fn provider_type(upstream: &Upstream) -> Type {
    match upstream {
        Upstream::Saml(_) => Type::Saml,
        Upstream::OAuth(oauth) => match oauth.dialect {
            Dialect::Oidc => Type::Oidc,
            Dialect::Google => Type::Google,
            Dialect::Facebook => Type::Facebook,
            Dialect::Amazon => Type::LoginWithAmazon,
            Dialect::Apple => Type::SignInWithApple,
        },
    }
}

/// The details of a provider: what was set, and what is known of its type. Private keys stay here.
pub(super) fn describe(upstream: Upstream) -> BTreeMap<String, String> {
    let details = match upstream {
        Upstream::OAuth(oauth) => of_oauth(*oauth),
        Upstream::Saml(saml) => of_saml(saml.settings, saml.encryption_key.certificate),
    };
    details.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

fn of_oauth(oauth: OAuth) -> Vec<(&'static str, Option<String>)> {
    let endpoints = endpoints(&oauth);
    let method = |method: Option<Method>| method.map(|method| method.as_str().to_owned());
    let (team_id, key_id) = oauth.apple_key.map(|key| (key.team_id, key.key_id)).unzip();
    vec![
        ("client_id", Some(oauth.client_id)),
        ("client_secret", oauth.client_secret.map(|secret| secret.expose_secret().to_owned())),
        ("team_id", team_id),
        ("key_id", key_id),
        ("authorize_scopes", Some(oauth.scopes)),
        ("api_version", oauth.api_version),
        ("attributes_request_method", method(oauth.attributes_request_method)),
        ("oidc_issuer", endpoints.issuer),
        ("authorize_url", endpoints.authorize_url),
        ("token_url", endpoints.token_url),
        ("token_request_method", method(endpoints.token_request_method)),
        ("attributes_url", endpoints.attributes_url),
        ("attributes_url_add_attributes", flag(endpoints.attributes_url_add_attributes)),
        ("jwks_uri", endpoints.jwks_url),
    ]
}

fn of_saml(settings: SamlSettings, certificate: String) -> Vec<(&'static str, Option<String>)> {
    let (url, file) = match settings.metadata {
        Metadata::Url(url) => (Some(url), None),
        Metadata::File(file) => (None, Some(file)),
    };
    vec![
        ("MetadataURL", url),
        ("MetadataFile", file),
        ("IDPInit", flag(settings.provider_initiated)),
        ("IDPSignout", flag(settings.signs_out)),
        ("EncryptedResponses", flag(settings.encrypted)),
        ("RequestSigningAlgorithm", settings.signs_requests.then(|| "rsa-sha256".to_owned())),
        ("SSORedirectBindingURI", settings.sign_in_url),
        ("SLORedirectBindingURI", settings.sign_out_url),
        ("ActiveEncryptionCertificate", Some(certificate)),
    ]
}

fn flag(value: Option<bool>) -> Option<String> {
    value.map(|value| value.to_string())
}
