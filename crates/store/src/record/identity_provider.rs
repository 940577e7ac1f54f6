//! Identity providers: where a pool's users may sign in instead.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use super::Kind;

/// An identity provider. Its record's id is its name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IdentityProvider {
    /// How to reach it, and what it speaks.
    pub upstream: Upstream,
    /// From an attribute of the pool to what the provider calls it.
    pub attribute_mapping: BTreeMap<String, String>,
    /// Other names that an application may ask for it by; some are email domains.
    pub identifiers: Vec<String>,
    /// From an authentication level of the pool (`Level1`) to what the provider calls it.
    pub acr_mapping: BTreeMap<String, String>,
}

impl Kind for IdentityProvider {
    const NAME: &'static str = "identity_provider";
}

/// The two families of protocols.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Upstream {
    /// OAuth 2.0, with an ID token where the provider has one.
    OAuth(Box<OAuth>),
    /// SAML 2.0.
    Saml(Box<Saml>),
}

/// A provider that speaks OAuth 2.0.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OAuth {
    /// Whose dialect.
    pub dialect: Dialect,
    /// The pool's client id there.
    pub client_id: String,
    /// The pool's client secret there.
    #[serde(default, serialize_with = "exposed_if_any")]
    pub client_secret: Option<SecretString>,
    /// What signs the pool's client secrets at Apple.
    #[serde(default)]
    pub apple_key: Option<AppleKey>,
    /// The scopes to ask for, as the owner wrote them.
    pub scopes: String,
    /// The version of Facebook's API.
    #[serde(default)]
    pub api_version: Option<String>,
    /// How the user's attributes are asked for.
    #[serde(default)]
    pub attributes_request_method: Option<Method>,
    /// What the owner said of the endpoints; the dialect knows the rest.
    #[serde(default)]
    pub endpoints: Endpoints,
}

/// Whose dialect of OAuth 2.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// OpenID Connect as it is written.
    Oidc,
    /// Google.
    Google,
    /// Facebook.
    Facebook,
    /// Login with Amazon.
    Amazon,
    /// Sign in with Apple.
    Apple,
}

/// A key that Apple knows a developer by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppleKey {
    /// The developer's team.
    pub team_id: String,
    /// Which of the team's keys.
    pub key_id: String,
    /// The key itself, as Apple gave it out.
    #[serde(serialize_with = "exposed")]
    pub private_key: SecretString,
}

/// A method of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
}

impl Method {
    /// The method's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// Where a provider's endpoints are, as far as it was said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Endpoints {
    /// The issuer, whose discovery document tells what is not said here.
    pub issuer: Option<String>,
    /// Where users are sent.
    pub authorize_url: Option<String>,
    /// Where a code is exchanged.
    pub token_url: Option<String>,
    /// How it is exchanged.
    pub token_request_method: Option<Method>,
    /// Where the user's attributes are.
    pub attributes_url: Option<String>,
    /// Whether the names of the attributes wanted are appended to that URL.
    pub attributes_url_add_attributes: Option<bool>,
    /// Where the keys are that sign ID tokens.
    pub jwks_url: Option<String>,
}

/// A provider that speaks SAML 2.0.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Saml {
    /// What the owner has set.
    pub settings: SamlSettings,
    /// What the provider encrypts assertions for.
    pub encryption_key: EncryptionKey,
}

/// What a pool's owner sets on a SAML provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SamlSettings {
    /// What the provider says of itself.
    pub metadata: Metadata,
    /// Where users are sent to sign in.
    pub sign_in_url: Option<String>,
    /// Where users are sent to sign out.
    pub sign_out_url: Option<String>,
    /// Whether users may come from the provider unasked, where it was said.
    pub provider_initiated: Option<bool>,
    /// Whether signing out of the pool signs out there, where it was said.
    pub signs_out: Option<bool>,
    /// Whether assertions must be encrypted, where it was said.
    pub encrypted: Option<bool>,
    /// Whether requests to sign in are signed (RSA with SHA-256).
    pub signs_requests: bool,
}

/// What a SAML provider says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metadata {
    /// The document itself.
    File(String),
    /// Where it is.
    Url(String),
}

/// A key pair for encrypted assertions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EncryptionKey {
    /// The private key, PKCS #8 in base64.
    #[serde(serialize_with = "exposed")]
    pub private_key: SecretString,
    /// The certificate, DER in base64.
    pub certificate: String,
}

/// A secret on its way into a sealed document.
fn exposed<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

fn exposed_if_any<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(|secret| secret.expose_secret()).serialize(serializer)
}
