//! A pool's triggers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The functions that are called at certain points.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Triggers {
    /// The function of each point that has one.
    pub functions: BTreeMap<Trigger, TriggerFunction>,
    /// The key that custom senders are given codes under.
    pub kms_key_arn: Option<String>,
}

/// A point at which a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Trigger {
    /// Before a user is created; may refuse.
    PreSignUp,
    /// Words a message.
    CustomMessage,
    /// After a user was confirmed.
    PostConfirmation,
    /// Before a sign-in; may refuse.
    PreAuthentication,
    /// After a sign-in.
    PostAuthentication,
    /// Says which challenge comes next.
    DefineAuthChallenge,
    /// Makes a challenge.
    CreateAuthChallenge,
    /// Checks an answer.
    VerifyAuthChallengeResponse,
    /// Changes what tokens say.
    PreTokenGeneration,
    /// Brings unknown users over from elsewhere.
    UserMigration,
    /// Sends text messages.
    CustomSMSSender,
    /// Sends email.
    CustomEmailSender,
    /// Changes what a federated user brings.
    InboundFederation,
}

impl Trigger {
    /// Every one.
    pub const ALL: [Self; 13] = [
        Self::PreSignUp,
        Self::CustomMessage,
        Self::PostConfirmation,
        Self::PreAuthentication,
        Self::PostAuthentication,
        Self::DefineAuthChallenge,
        Self::CreateAuthChallenge,
        Self::VerifyAuthChallengeResponse,
        Self::PreTokenGeneration,
        Self::UserMigration,
        Self::CustomSMSSender,
        Self::CustomEmailSender,
        Self::InboundFederation,
    ];

    /// Its name, in Cognito's words.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreSignUp => "PreSignUp",
            Self::CustomMessage => "CustomMessage",
            Self::PostConfirmation => "PostConfirmation",
            Self::PreAuthentication => "PreAuthentication",
            Self::PostAuthentication => "PostAuthentication",
            Self::DefineAuthChallenge => "DefineAuthChallenge",
            Self::CreateAuthChallenge => "CreateAuthChallenge",
            Self::VerifyAuthChallengeResponse => "VerifyAuthChallengeResponse",
            Self::PreTokenGeneration => "PreTokenGeneration",
            Self::UserMigration => "UserMigration",
            Self::CustomSMSSender => "CustomSMSSender",
            Self::CustomEmailSender => "CustomEmailSender",
            Self::InboundFederation => "InboundFederation",
        }
    }
}

/// A function that a trigger calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriggerFunction {
    /// Its ARN.
    pub arn: String,
    /// The version of the event it takes (`V1_0`), where there are several.
    pub version: Option<String>,
}
