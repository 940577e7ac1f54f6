//! What signing in answers: tokens, or a challenge as clients know it.

use std::collections::BTreeMap;

use cognate_contract::SensitiveString;
use cognate_contract::cognito_idp::{AuthenticationResultType, ChallengeNameType, NewDeviceMetadataType};
use cognate_core::Error;
use cognate_core::auth::one_time_code::CodeKind;
use cognate_core::auth::{Challenge, Choice, SignIn};
use cognate_core::token::Tokens;
use cognate_store::second_factor::SecondFactor;
use cognate_store::user_pool::Contact;
use secrecy::{ExposeSecret as _, SecretString};

use crate::aws::wire;

/// The first factors, as clients name them.
const CHOICES: [(Choice, ChallengeNameType); 5] = [
    (Choice::Password, ChallengeNameType::Password),
    (Choice::PasswordSrp, ChallengeNameType::PasswordSrp),
    (Choice::EmailOtp, ChallengeNameType::EmailOtp),
    (Choice::SmsOtp, ChallengeNameType::SmsOtp),
    (Choice::Passkey, ChallengeNameType::WebAuthn),
];

pub(super) fn choice_of(name: &str) -> Option<Choice> {
    CHOICES.iter().find(|(_, challenge)| challenge.as_str() == name).map(|(choice, _)| *choice)
}

/// A second factor as clients name it; some say EMAIL_MFA, as AWS's documentation does.
pub(super) fn second_factor_of(name: &str) -> Option<SecondFactor> {
    if name == "EMAIL_MFA" { Some(SecondFactor::Email) } else { SecondFactor::parse(name) }
}

/// What the four operations answer.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) challenge_name: Option<ChallengeNameType>,
    pub(super) session: Option<SensitiveString>,
    pub(super) challenge_parameters: BTreeMap<String, String>,
    pub(super) authentication_result: Option<AuthenticationResultType>,
    pub(super) available_challenges: Option<Vec<ChallengeNameType>>,
}

impl Outcome {
    /// # Errors
    /// [`Error::Internal`] for what happens at the pool's own pages alone.
    pub(super) fn of(step: SignIn) -> cognate_core::Result<Self> {
        let mut challenged = match step {
            SignIn::Done(tokens) => return Ok(Self::in_with(tokens)),
            SignIn::Opened(_) => return Err(Error::Internal("a browser's session through the API".into())),
            SignIn::Challenged(challenged) => *challenged,
        };
        let mut all = match &mut challenged.challenge {
            Challenge::Custom { parameters } => std::mem::take(parameters),
            _ => BTreeMap::new(),
        };
        let (name, parameters) = challenge(challenged.challenge, challenged.username);
        all.extend(parameters.into_iter().map(|(key, value)| (key.to_owned(), value)));
        let name_of = |choice: &Choice| {
            CHOICES.iter().find(|(known, _)| known == choice).map(|(_, challenge)| *challenge)
        };
        let available: Vec<_> = challenged.available.iter().filter_map(name_of).collect();
        Ok(Self {
            challenge_name: Some(name),
            session: challenged.session.map(|session| session.expose_secret().into()),
            challenge_parameters: all,
            authentication_result: None,
            available_challenges: (!available.is_empty()).then_some(available),
        })
    }

    pub(super) fn in_with(tokens: Tokens) -> Self {
        let text = |token: &SecretString| SensitiveString::from(token.expose_secret());
        let result = AuthenticationResultType {
            access_token: Some(text(&tokens.access)),
            expires_in: i32::try_from(tokens.expires_in).ok(),
            token_type: Some(tokens.token_type.as_str().to_owned()),
            refresh_token: tokens.refresh.as_ref().map(text),
            id_token: tokens.id.as_ref().map(text),
            new_device_metadata: tokens.new_device.map(|new| NewDeviceMetadataType {
                device_key: Some(new.key),
                device_group_key: Some(new.group_key),
            }),
        };
        Self { authentication_result: Some(result), ..Self::default() }
    }
}

/// A challenge as clients know it: its name and its parameters.
fn challenge(challenge: Challenge, username: String) -> (ChallengeNameType, Vec<(&'static str, String)>) {
    let user = ("USER_ID_FOR_SRP", username.clone());
    match challenge {
        Challenge::NewPassword { required, attributes } => {
            let required = required.iter().map(|name| format!("userAttributes.{name}"));
            let parameters = vec![
                user,
                ("requiredAttributes", json_list(required)),
                ("userAttributes", wire::json_object(&attributes)),
            ];
            (ChallengeNameType::NewPasswordRequired, parameters)
        }
        Challenge::SoftwareToken { name } => {
            let name = name.map(|name| ("FRIENDLY_DEVICE_NAME", name));
            (ChallengeNameType::SoftwareTokenMfa, [user].into_iter().chain(name).collect())
        }
        Challenge::Code { kind, delivery } => {
            let medium = match kind.contact() {
                Contact::Email => "EMAIL",
                Contact::PhoneNumber => "SMS",
            };
            let name = match kind {
                CodeKind::SmsMfa => ChallengeNameType::SmsMfa,
                CodeKind::SmsOtp => ChallengeNameType::SmsOtp,
                CodeKind::EmailMfa | CodeKind::EmailOtp => ChallengeNameType::EmailOtp,
            };
            let parameters = vec![
                ("CODE_DELIVERY_DELIVERY_MEDIUM", medium.to_owned()),
                ("CODE_DELIVERY_DESTINATION", delivery.masked),
                user,
            ];
            (name, parameters)
        }
        Challenge::SelectSecondFactor(factors) => {
            let factors = json_list(factors.into_iter().map(SecondFactor::as_str));
            (ChallengeNameType::SelectMfaType, vec![("MFAS_CAN_CHOOSE", factors), user])
        }
        Challenge::MfaSetup(factors) => {
            let factors = json_list(factors.into_iter().map(SecondFactor::as_str));
            (ChallengeNameType::MfaSetup, vec![("MFAS_CAN_SETUP", factors), user])
        }
        Challenge::SelectFirstFactor => (ChallengeNameType::SelectChallenge, Vec::new()),
        Challenge::Password => (ChallengeNameType::Password, Vec::new()),
        Challenge::PasswordSrp => (ChallengeNameType::PasswordSrp, Vec::new()),
        Challenge::Passkey { options } => {
            (ChallengeNameType::WebAuthn, vec![("CREDENTIAL_REQUEST_OPTIONS", options.to_string())])
        }
        // What the pool's function tells comes beside these.
        Challenge::Custom { .. } => (ChallengeNameType::CustomChallenge, vec![("USERNAME", username)]),
        Challenge::Device => (ChallengeNameType::DeviceSrpAuth, Vec::new()),
        Challenge::DeviceVerifier { key, verifier } => {
            let parameters = vec![
                ("DEVICE_KEY", key),
                ("SALT", verifier.salt),
                ("SRP_B", verifier.server_public),
                ("SECRET_BLOCK", verifier.secret_block),
                ("USERNAME", username),
            ];
            (ChallengeNameType::DevicePasswordVerifier, parameters)
        }
        Challenge::PasswordVerifier(verifier) => {
            let parameters = vec![
                ("SALT", verifier.salt),
                ("SRP_B", verifier.server_public),
                ("SECRET_BLOCK", verifier.secret_block),
                ("USERNAME", username),
                user,
            ];
            (ChallengeNameType::PasswordVerifier, parameters)
        }
    }
}

fn json_list(items: impl Iterator<Item = impl Into<String>>) -> String {
    serde_json::Value::from_iter(items.map(Into::into)).to_string()
}
