//! How a pool, or one of its clients, answers to risk.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The answers to risk. What is absent is left to the defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RiskConfiguration {
    /// What follows from a password that is known to have leaked.
    pub leaked_passwords: Option<LeakedPasswords>,
    /// What follows from a sign-in that looks like somebody else's.
    pub takeover: Option<Takeover>,
    /// Networks that are not assessed.
    pub exceptions: Option<RiskExceptions>,
    /// When it was set.
    pub updated_at: Timestamp,
}

/// What follows from a password that is known to have leaked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LeakedPasswords {
    /// When passwords are looked at.
    pub events: Vec<PasswordEvent>,
    /// Whether such a password is refused.
    pub block: bool,
}

/// An occasion on which a password is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordEvent {
    /// Signing in.
    SignIn,
    /// Changing it.
    PasswordChange,
    /// Signing up.
    SignUp,
}

/// What follows from a sign-in that looks like somebody else's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Takeover {
    /// At low risk.
    pub low: Option<RiskResponse>,
    /// At medium risk.
    pub medium: Option<RiskResponse>,
    /// At high risk.
    pub high: Option<RiskResponse>,
    /// How the user is told.
    pub notification: Option<RiskNotification>,
}

/// An answer to a level of risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskResponse {
    /// Whether the user is told.
    pub notify: bool,
    /// What happens to the sign-in.
    pub action: RiskAction,
}

/// What happens to a risky sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskAction {
    /// It is refused.
    Block,
    /// It takes a second factor from users who have one.
    MfaIfConfigured,
    /// It takes a second factor, and is refused to users who have none.
    MfaRequired,
    /// It goes on.
    Nothing,
}

/// How a user is told of a risky sign-in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RiskNotification {
    /// The identity that the sender belongs to.
    pub source_arn: String,
    /// The `From` header.
    pub from: Option<String>,
    /// The `Reply-To` header.
    pub reply_to: Option<String>,
    /// After a sign-in was refused.
    pub block: Option<NotificationTemplate>,
    /// After a sign-in went on.
    pub nothing: Option<NotificationTemplate>,
    /// After a sign-in took a second factor.
    pub mfa: Option<NotificationTemplate>,
}

/// The words of a notification.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NotificationTemplate {
    /// Its subject.
    pub subject: String,
    /// Its body in HTML.
    pub html: Option<String>,
    /// Its body as plain text.
    pub text: Option<String>,
}

/// Networks, in CIDR notation, that are not assessed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RiskExceptions {
    /// Nobody signs in from there.
    pub blocked: Vec<String>,
    /// Everybody may sign in from there.
    pub skipped: Vec<String>,
}
