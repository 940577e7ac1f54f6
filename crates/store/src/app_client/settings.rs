//! What a client's owner sets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::user_pool::{OauthFlow, RiskConfiguration};

/// Everything a client's owner can set, with Cognito's defaults.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AppClientSettings {
    /// The flows it may use, in the wire's words; `None` is Cognito's default set.
    pub explicit_auth_flows: Option<Vec<String>>,
    /// How long its tokens live, where it was said.
    pub validity: TokenValidity,
    /// Attributes its users may read; `None` is all.
    pub read_attributes: Option<Vec<String>>,
    /// Attributes its users may write; `None` is all.
    pub write_attributes: Option<Vec<String>>,
    /// Whether unknown users are answered like known ones, where it was said; `LEGACY` otherwise.
    pub prevent_user_existence_errors: Option<bool>,
    /// The identity providers its users come from, where it was said; `COGNITO` is the pool itself. Sign-in by the API does
    /// not ask.
    pub identity_providers: Vec<String>,
    /// The OAuth endpoints, for this client.
    pub oauth: OauthSettings,
    /// Whether refresh tokens change with each use, where it was said.
    pub rotation: Option<RefreshRotation>,
    /// Whether it may tell where its users are when it speaks for them.
    pub propagates_user_context: bool,
    /// A Pinpoint application: recorded, because AWS has ended the service that it belongs to.
    pub analytics: Option<Analytics>,
    /// Switches revocation off (it is on by default).
    pub token_revocation_disabled: bool,
    /// Minutes a challenge session lives, where it was said; 3 otherwise.
    pub auth_session_validity_minutes: Option<i32>,
    /// Minutes after a sign-in for which the pages sign the user in again without asking, where it was said; 60 otherwise.
    /// Not part of a client's update.
    pub sso_session_minutes: Option<i32>,
    /// How it answers to risk, where that is not as its pool does.
    pub risk: Option<RiskConfiguration>,
    /// How it came to be, where no owner created it.
    pub registration: Option<Registration>,
    /// What Cognito's API has no member for, by name, where it was said.
    pub options: BTreeMap<String, String>,
}

/// How a client came to be that no owner created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// It registered itself (RFC 7591), and nobody had let it.
    Open,
    /// It registered itself, with a token that lets its holder register clients.
    Authenticated,
    /// It describes itself at the URL that is its id, and was kept because somebody signed in through it.
    Described,
}

/// What a client may do at the OAuth endpoints.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OauthSettings {
    /// Whether it may use them at all.
    pub enabled: bool,
    /// The flows it may use.
    pub flows: Vec<OauthFlow>,
    /// The scopes it may ask for.
    pub scopes: Vec<String>,
    /// Where users may be sent after signing in.
    pub callback_urls: Vec<String>,
    /// Where users may be sent after signing out.
    pub logout_urls: Vec<String>,
    /// The one of `callback_urls` that counts where a request names none.
    pub default_redirect_uri: Option<String>,
}

/// Whether refresh tokens change with each use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshRotation {
    /// Whether they do.
    pub enabled: bool,
    /// Seconds that the old one still works for, where it was said.
    pub grace_seconds: Option<i32>,
}

/// A Pinpoint application.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Analytics {
    /// Its id.
    pub application_id: Option<String>,
    /// Its ARN.
    pub application_arn: Option<String>,
    /// The role that Cognito takes on.
    pub role_arn: Option<String>,
    /// The role's external id.
    pub external_id: Option<String>,
    /// Whether it is told who the users are.
    pub user_data_shared: Option<bool>,
}

/// Token lifetimes as the owner gave them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenValidity {
    /// Refresh token lifetime in its unit (days unless said).
    pub refresh: Option<i32>,
    /// Access token lifetime in its unit (hours unless said).
    pub access: Option<i32>,
    /// ID token lifetime in its unit (hours unless said).
    pub id: Option<i32>,
    /// Unit of `refresh`.
    pub refresh_unit: Option<TimeUnit>,
    /// Unit of `access`.
    pub access_unit: Option<TimeUnit>,
    /// Unit of `id`.
    pub id_unit: Option<TimeUnit>,
}

/// A unit of token lifetimes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// One second.
    Seconds,
    /// 60 seconds.
    Minutes,
    /// 3,600 seconds.
    Hours,
    /// 86,400 seconds.
    Days,
}
