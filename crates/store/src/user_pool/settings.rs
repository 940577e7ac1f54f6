//! What a tenant sets on a user pool. Stored as one JSON document; a new member needs a default, not a migration.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Everything a pool's owner can set, with Cognito's defaults.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UserPoolSettings {
    /// What a password must look like.
    pub password_policy: PasswordPolicy,
    /// The contact attributes that are verified with a code at sign-up.
    pub auto_verified_attributes: Vec<Contact>,
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
    /// How email is sent.
    pub email: EmailSettings,
    /// Refuses deletion while on.
    pub deletion_protection: bool,
    /// The owner's labels.
    pub tags: BTreeMap<String, String>,
    /// The plan's name: recorded, never used to withhold a feature.
    pub tier: Tier,
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
