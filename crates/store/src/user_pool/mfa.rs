//! A pool's second factors.

use serde::{Deserialize, Serialize};

/// Second factors of a pool.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mfa {
    /// Who must give one.
    pub requirement: MfaRequirement,
    /// Whether a code by text message is one.
    pub sms: bool,
    /// The words of that message, with `{####}`.
    pub sms_message: Option<String>,
    /// Whether an authenticator app is one.
    pub software_token: bool,
    /// A code by email, if that is one.
    pub email: Option<EmailMfa>,
    /// How passkeys are used, where it was said.
    pub passkeys: Option<Passkeys>,
}

/// Who must give a second factor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MfaRequirement {
    /// Nobody.
    #[default]
    Off,
    /// Who set one up.
    Optional,
    /// Everybody.
    On,
}

/// The words of an email with a second factor's code; absent ones are Cognito's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EmailMfa {
    /// Body, with `{####}`.
    pub message: Option<String>,
    /// Subject.
    pub subject: Option<String>,
}

/// How passkeys are used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Passkeys {
    /// The domain that they are made for.
    pub relying_party_id: Option<String>,
    /// Whether the authenticator must verify its user, where it was said.
    pub user_verification_required: Option<bool>,
    /// Whether a passkey with user verification is two factors in one, where it was said.
    pub multi_factor: Option<bool>,
}
