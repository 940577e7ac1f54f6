//! What a tenant sets on a user pool. Stored as one JSON document; a new member needs a default, not a migration.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{LogDelivery, Mfa, RiskConfiguration, Triggers};

/// Everything a pool's owner can set, with Cognito's defaults.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UserPoolSettings {
    /// What a password must look like.
    pub password_policy: PasswordPolicy,
    /// The contact attributes that are verified with a code at sign-up.
    pub auto_verified_attributes: Vec<Contact>,
    /// The contact attributes that keep their old value until the new one is proven (COD-3).
    pub prove_before_update: Vec<Contact>,
    /// Attributes that sign a user in beside the username. Fixed at creation.
    pub alias_attributes: Vec<Alias>,
    /// Attributes that are the username. Fixed at creation.
    pub username_attributes: Vec<Contact>,
    /// Whether `Ada` and `ada` are two users, where it was said at creation; `true` otherwise.
    pub case_sensitive: Option<bool>,
    /// The attributes a user can have, standard ones first.
    pub schema: Vec<SchemaAttribute>,
    /// The words of verification messages.
    pub verification: VerificationTemplate,
    /// How administrators create users.
    pub admin_create_user: AdminCreateUser,
    /// Where a password reset may be sent, best first; `None` is Cognito's legacy rule (phone, then email).
    pub account_recovery: Option<Vec<RecoveryOption>>,
    /// The priority that the first of these was given, where it is not 1.
    pub first_recovery_priority: Option<i32>,
    /// How email is sent.
    pub email: EmailSettings,
    /// Refuses deletion while on.
    pub deletion_protection: bool,
    /// Second factors.
    pub mfa: Mfa,
    /// Who sends text messages in AWS: recorded, because here the operator says how they leave.
    pub sms_sender: Option<SmsSender>,
    /// What proves a user to begin with; a password where nothing is said.
    pub first_factors: Vec<FirstFactor>,
    /// How devices are remembered, if they are.
    pub devices: Option<DeviceTracking>,
    /// Threat protection, where it was set.
    pub threat_protection: Option<ThreatProtection>,
    /// The functions that are called at certain points.
    pub triggers: Triggers,
    /// The names that levels of authentication go by in tokens, by level (1 to 4), where they were named.
    pub acr_values: BTreeMap<u8, String>,
    /// How clients register themselves, where it was set.
    pub client_registration: Option<ClientRegistration>,
    /// Whether AWS's newer issuer was chosen: recorded, because the issuer is the installation's own.
    pub newer_issuer: bool,
    /// The owner's labels.
    pub tags: BTreeMap<String, String>,
    /// The plan's name: recorded, never used to withhold a feature.
    pub tier: Tier,
    /// What is kept of users' sessions. Not part of a pool's update.
    pub session_tracking: SessionTracking,
    /// Where logs go.
    pub log_delivery: Vec<LogDelivery>,
    /// How it answers to risk, where it was said.
    pub risk: Option<RiskConfiguration>,
}

impl UserPoolSettings {
    /// Whether names that differ only in case are different names.
    pub fn is_case_sensitive(&self) -> bool {
        self.case_sensitive.unwrap_or(true)
    }

    /// The definition of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&SchemaAttribute> {
        self.schema.iter().find(|attribute| attribute.name == name)
    }
}

/// What a password must look like.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct PasswordPolicy {
    /// In characters.
    pub minimum_length: usize,
    /// At least one of A-Z.
    pub require_uppercase: bool,
    /// At least one of a-z.
    pub require_lowercase: bool,
    /// At least one of 0-9.
    pub require_numbers: bool,
    /// At least one of Cognito's symbols.
    pub require_symbols: bool,
    /// Days until a temporary password expires.
    pub temporary_password_validity_days: i32,
    /// How many of a user's last passwords they may not use again; none unless said.
    pub history_size: Option<i32>,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self {
            minimum_length: 8,
            require_uppercase: true,
            require_lowercase: true,
            require_numbers: true,
            require_symbols: true,
            temporary_password_validity_days: 7,
            history_size: None,
        }
    }
}

/// A way to reach a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contact {
    /// The `email` attribute.
    Email,
    /// The `phone_number` attribute.
    PhoneNumber,
}

impl Contact {
    /// The attribute that holds the address.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::PhoneNumber => "phone_number",
        }
    }

    /// The attribute that says whether the address is proven.
    pub fn verified_attribute(self) -> &'static str {
        match self {
            Self::Email => "email_verified",
            Self::PhoneNumber => "phone_number_verified",
        }
    }
}

/// An attribute that may serve as a sign-in name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alias {
    /// A verified email address.
    Email,
    /// A verified phone number.
    PhoneNumber,
    /// A name the user picked and can change.
    PreferredUsername,
}

impl Alias {
    /// The attribute that holds the name.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::PhoneNumber => "phone_number",
            Self::PreferredUsername => "preferred_username",
        }
    }
}

impl From<Contact> for Alias {
    fn from(contact: Contact) -> Self {
        match contact {
            Contact::Email => Self::Email,
            Contact::PhoneNumber => Self::PhoneNumber,
        }
    }
}

/// The definition of a user attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaAttribute {
    /// `email`, or `custom:` and a name.
    pub name: String,
    /// The type of its values, which all travel as text.
    pub data_type: DataType,
    /// Whether it can change after the user was created.
    pub mutable: bool,
    /// Whether a user must have it.
    pub required: bool,
    /// Whether only administrators may see and set it.
    pub developer_only: bool,
    /// Smallest length or value, as text.
    pub minimum: Option<String>,
    /// Largest length or value, as text.
    pub maximum: Option<String>,
}

/// The type of an attribute's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataType {
    /// Text.
    String,
    /// A decimal number.
    Number,
    /// A date and time.
    DateTime,
    /// `true` or `false`.
    Boolean,
}

/// The words of verification messages; absent ones are Cognito's.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VerificationTemplate {
    /// Whether email carries a link instead of a code.
    pub by_link: bool,
    /// Text message with `{####}`.
    pub sms_message: Option<String>,
    /// Email body with `{####}`.
    pub email_message: Option<String>,
    /// Email subject.
    pub email_subject: Option<String>,
    /// Email body with `{##text##}`.
    pub email_message_by_link: Option<String>,
    /// Subject of the email with the link.
    pub email_subject_by_link: Option<String>,
}

/// How administrators create users.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AdminCreateUser {
    /// Refuses self-service sign-up.
    pub only_administrators: bool,
    /// Invitation as a text message, with `{####}` and `{username}`.
    pub sms_message: Option<String>,
    /// Invitation as an email body, with `{####}` and `{username}`.
    pub email_message: Option<String>,
    /// Subject of the invitation.
    pub email_subject: Option<String>,
}

/// A step of account recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryOption {
    /// A code to the verified email address.
    VerifiedEmail,
    /// A code to the verified phone number.
    VerifiedPhoneNumber,
    /// Only an administrator resets passwords.
    AdminOnly,
}

/// How email is sent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EmailSettings {
    /// Whether the sender below is used (`DEVELOPER`) or the installation's own (`COGNITO_DEFAULT`).
    pub own_sender: bool,
    /// The identity the sender belongs to; its last part is an address or a domain.
    pub source_arn: Option<String>,
    /// The `From` header.
    pub from: Option<String>,
    /// The `Reply-To` header.
    pub reply_to: Option<String>,
    /// A configuration set of SES: recorded, because mail leaves by SMTP.
    pub configuration_set: Option<String>,
}

/// Who sends text messages in AWS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsSender {
    /// Amazon SNS.
    Sns {
        /// The role that Cognito takes on.
        caller_arn: Option<String>,
        /// The role's external id.
        external_id: Option<String>,
        /// The region that sends.
        region: Option<String>,
    },
    /// AWS End User Messaging.
    EndUserMessaging {
        /// The role that Cognito takes on.
        caller_arn: String,
        /// The role's external id.
        external_id: Option<String>,
        /// The sender's identity.
        origination_identity: Option<String>,
        /// A configuration set.
        configuration_set_name: Option<String>,
        /// Entity id for India.
        in_entity_id: Option<String>,
        /// Template id for India.
        in_template_id: Option<String>,
        /// The region that sends.
        region: Option<String>,
    },
}

/// What proves a user to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstFactor {
    /// A password.
    Password,
    /// A code by email.
    EmailOtp,
    /// A code by text message.
    SmsOtp,
    /// A passkey.
    WebAuthn,
}

/// How devices are remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceTracking {
    /// Whether a remembered device needs no second factor.
    pub challenge_required_on_new_device: bool,
    /// Whether users say which devices to remember.
    pub only_remembered_on_user_prompt: bool,
}

/// Threat protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreatProtection {
    /// What it does in sign-ins by password.
    pub mode: ThreatMode,
    /// What it does in custom challenges, where it was said.
    pub custom_auth: Option<ThreatMode>,
}

/// What threat protection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThreatMode {
    /// Nothing.
    Off,
    /// Watches.
    Audit,
    /// Acts.
    Enforced,
}

/// How clients register themselves (RFC 7591).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRegistration {
    /// Whether they can.
    pub enabled: bool,
    /// Whether anybody may register one.
    pub open: bool,
    /// The grants that a client of an authenticated registration may have, where it was said.
    pub authenticated_grants: Option<Vec<OauthFlow>>,
    /// The grants that a client of an open registration may have, where it was said.
    pub open_grants: Option<Vec<OauthFlow>>,
    /// The scopes beside the standard ones that clients may have, where it was said.
    pub scopes: Option<Vec<String>>,
}

/// A way to get tokens from the OAuth endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OauthFlow {
    /// Authorization code.
    Code,
    /// Implicit.
    Implicit,
    /// Client credentials.
    ClientCredentials,
}

/// Cognito's plans.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Tier {
    /// Lite.
    Lite,
    /// Essentials.
    #[default]
    Essentials,
    /// Plus.
    Plus,
}

/// What is kept of users' sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionTracking {
    /// Whether sessions are recorded, so that users and administrators see them.
    pub enabled: bool,
    /// The most sessions a user has at once.
    pub most_per_user: i32,
}

impl Default for SessionTracking {
    fn default() -> Self {
        Self { enabled: false, most_per_user: 20 }
    }
}
