//! InitiateAuth, RespondToAuthChallenge and their administrators' forms; GetTokensFromRefreshToken.

use std::collections::BTreeMap;
use std::sync::Arc;

use cognate_contract::cognito_idp::{
    AdminInitiateAuthRequest, AdminInitiateAuthResponse, AdminRespondToAuthChallengeRequest,
    AdminRespondToAuthChallengeResponse, AuthFlowType, AuthenticationResultType, ChallengeNameType,
    GetTokensFromRefreshTokenRequest, GetTokensFromRefreshTokenResponse, InitiateAuthRequest,
    InitiateAuthResponse, NewDeviceMetadataType, RespondToAuthChallengeRequest,
    RespondToAuthChallengeResponse,
};
use cognate_contract::{SensitiveMap, SensitiveString};
use cognate_core::app_client::{self, ClientContext, settings};
use cognate_core::auth::challenge::Answer;
use cognate_core::auth::choice::{self, Evidence};
use cognate_core::auth::device::{self, DeviceAnswer};
use cognate_core::auth::one_time_code::{self, CodeKind};
use cognate_core::auth::sign_in::{self, Credentials};
use cognate_core::auth::srp::{self, Claim, Signed as SignedProof};
use cognate_core::auth::{Challenge, Choice, Flow, SignIn, new_password, passkey, second_factor};
use cognate_core::device::Claimed;
use cognate_core::origin::Origin;
use cognate_core::token::{Tokens, refresh};
use cognate_core::{App, Error, Result, user_pool};
use cognate_store::second_factor::SecondFactor;
use cognate_store::user::Attributes;
use cognate_store::user_pool::Contact;
use cognate_store::{AccountId, AppClientId, UserPoolId};
use secrecy::{ExposeSecret as _, SecretString};

use super::access::{Public, Signed};
use super::wire;

/// Which operation was called: some flows belong to one of them only.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    User,
    Administrator,
}

/// The four answers have the same members in four types.
macro_rules! answer {
    ($response:ident, $outcome:ident) => {
        $response {
            challenge_name: $outcome.challenge_name,
            session: $outcome.session,
            challenge_parameters: Some($outcome.challenge_parameters),
            authentication_result: $outcome.authentication_result,
            available_challenges: $outcome.available_challenges,
        }
    };
}

/// What both forms of a request to sign in hold.
struct Initiation {
    flow: AuthFlowType,
    parameters: Option<SensitiveMap>,
    session: Option<SensitiveString>,
}

macro_rules! initiation {
    ($input:ident) => {
        Initiation { flow: $input.auth_flow, parameters: $input.auth_parameters, session: $input.session }
    };
}

pub(super) async fn initiate_auth(
    app: &App,
    caller: Public,
    input: InitiateAuthRequest,
) -> Result<InitiateAuthResponse> {
    let context = app_client::by_id(app, &AppClientId::new(&*input.client_id), caller.origin).await?;
    let outcome = initiate(app, tracked(context), Form::User, initiation!(input)).await?;
    Ok(answer!(InitiateAuthResponse, outcome))
}

pub(super) async fn admin_initiate_auth(
    app: &App,
    caller: Signed,
    input: AdminInitiateAuthRequest,
) -> Result<AdminInitiateAuthResponse> {
    let has_context = input.context_data.is_some();
    let origin = wire::origin(input.context_data, caller.origin)?;
    let context = owned_client(app, &caller.account, input.user_pool_id, &input.client_id, origin).await?;
    // A server that does not say whose device it speaks for is nobody's device.
    let context = if has_context { tracked(context) } else { context };
    let outcome = initiate(app, context, Form::Administrator, initiation!(input)).await?;
    Ok(answer!(AdminInitiateAuthResponse, outcome))
}

pub(super) async fn respond_to_auth_challenge(
    app: &App,
    caller: Public,
    input: RespondToAuthChallengeRequest,
) -> Result<RespondToAuthChallengeResponse> {
    let context = app_client::by_id(app, &AppClientId::new(&*input.client_id), caller.origin).await?;
    let outcome =
        respond(app, context, input.challenge_name, input.session, input.challenge_responses).await?;
    Ok(answer!(RespondToAuthChallengeResponse, outcome))
}

pub(super) async fn admin_respond_to_auth_challenge(
    app: &App,
    caller: Signed,
    input: AdminRespondToAuthChallengeRequest,
) -> Result<AdminRespondToAuthChallengeResponse> {
    let origin = wire::origin(input.context_data, caller.origin)?;
    let context = owned_client(app, &caller.account, input.user_pool_id, &input.client_id, origin).await?;
    let outcome =
        respond(app, context, input.challenge_name, input.session, input.challenge_responses).await?;
    Ok(answer!(AdminRespondToAuthChallengeResponse, outcome))
}

pub(super) async fn get_tokens_from_refresh_token(
    app: &App,
    caller: Public,
    input: GetTokensFromRefreshTokenRequest,
) -> Result<GetTokensFromRefreshTokenResponse> {
    let mut context = app_client::by_id(app, &AppClientId::new(&*input.client_id), caller.origin).await?;
    context.device = input.device_key.map_or(Claimed::Untracked, Claimed::Known);
    let (token, secret) = (wire::secret(input.refresh_token), input.client_secret.map(wire::secret));
    let tokens = refresh::exchange(app, &context, &token, secret.as_ref()).await?;
    let result = Outcome::in_with(tokens).authentication_result;
    Ok(GetTokensFromRefreshTokenResponse { authentication_result: result })
}

async fn owned_client(
    app: &App,
    account: &AccountId,
    pool: String,
    client: &str,
    origin: Origin,
) -> Result<ClientContext> {
    let pool = user_pool::get(app, account, &UserPoolId::new(pool)).await?;
    let client = app_client::get(app, &pool, &AppClientId::new(client)).await?;
    let (pool, client) = (Arc::new(pool), Arc::new(client));
    Ok(ClientContext { pool, client, origin, device: Claimed::Untracked })
}

/// A request from a device that has no key, unless it names one.
fn tracked(context: ClientContext) -> ClientContext {
    ClientContext { device: Claimed::New, ..context }
}

async fn initiate(app: &App, mut context: ClientContext, form: Form, request: Initiation) -> Result<Outcome> {
    let Initiation { flow, parameters, session } = request;
    let mut parameters = Parameters(parameters.unwrap_or_default());
    parameters.name_device(&mut context);
    let context = &context;
    match (flow, form) {
        (AuthFlowType::UserPasswordAuth, Form::User) => {
            password(app, context, Flow::UserPassword, &mut parameters).await
        }
        (AuthFlowType::AdminNoSrpAuth | AuthFlowType::AdminUserPasswordAuth, Form::Administrator) => {
            password(app, context, Flow::AdminUserPassword, &mut parameters).await
        }
        (AuthFlowType::UserPasswordAuth, Form::Administrator)
        | (AuthFlowType::AdminNoSrpAuth | AuthFlowType::AdminUserPasswordAuth, Form::User) => {
            Err(Error::FlowNotForOperation)
        }
        (AuthFlowType::RefreshTokenAuth | AuthFlowType::RefreshToken, _) => {
            if !settings::allows(&context.client.settings, Flow::RefreshToken) {
                return Err(Error::FlowNotEnabled(Flow::RefreshToken));
            }
            let token: SecretString = parameters.required("REFRESH_TOKEN")?.into();
            let hash = parameters.optional("SECRET_HASH");
            let tokens = refresh::refresh(app, context, &token, hash.as_deref()).await?;
            Ok(Outcome::in_with(tokens))
        }
        (AuthFlowType::UserSrpAuth, _) => {
            let opening = srp::Opening {
                username: parameters.required("USERNAME")?,
                client_public: parameters.required("SRP_A")?,
                secret_hash: parameters.optional("SECRET_HASH"),
            };
            srp::begin(app, context, opening).await.map(Outcome::of)
        }
        (AuthFlowType::UserAuth, _) => {
            wire::refuse_unbuilt(
                &["TARGET_ACR_VALUES", "MAX_AGE", "ACCESS_TOKEN"].map(|key| (key, parameters.has(key))),
            )?;
            let opening = choice::Opening {
                username: parameters.required("USERNAME")?,
                // What is not known is not available, and asks for a choice.
                preferred: parameters.optional("PREFERRED_CHALLENGE").and_then(|name| choice_of(&name)),
                evidence: parameters.evidence(),
                session: session.map(wire::secret),
                secret_hash: parameters.optional("SECRET_HASH"),
            };
            choice::begin(app, context, opening).await.map(Outcome::of)
        }
        (AuthFlowType::CustomAuth, _) => {
            Err(Error::invalid(format!("{flow} is not supported by this server yet.")))
        }
    }
}

async fn password(
    app: &App,
    context: &ClientContext,
    flow: Flow,
    parameters: &mut Parameters,
) -> Result<Outcome> {
    let credentials = Credentials {
        username: parameters.required("USERNAME")?,
        password: parameters.required("PASSWORD")?.into(),
        secret_hash: parameters.optional("SECRET_HASH"),
    };
    sign_in::with_password(app, context, flow, credentials).await.map(Outcome::of)
}

async fn respond(
    app: &App,
    mut context: ClientContext,
    challenge: ChallengeNameType,
    session: Option<SensitiveString>,
    responses: Option<SensitiveMap>,
) -> Result<Outcome> {
    let mut responses = Parameters(responses.unwrap_or_default());
    responses.name_device(&mut context);
    let context = &context;
    let answered = match challenge {
        ChallengeNameType::PasswordVerifier => {
            let claim = Claim {
                username: responses.required("USERNAME")?,
                signed: responses.signed()?,
                secret_hash: responses.optional("SECRET_HASH"),
                session: session.map(wire::secret),
            };
            srp::finish(app, context, claim).await
        }
        ChallengeNameType::NewPasswordRequired => {
            let (answer, password) = (responses.answer(session)?, responses.new_password()?);
            new_password::set(app, context, answer, password, responses.user_attributes()).await
        }
        ChallengeNameType::SoftwareTokenMfa => {
            let (answer, code) = (responses.answer(session)?, responses.required("SOFTWARE_TOKEN_MFA_CODE")?);
            second_factor::software_token(app, context, answer, code.into()).await
        }
        ChallengeNameType::SmsMfa => {
            let (answer, code) = (responses.answer(session)?, responses.required("SMS_MFA_CODE")?);
            one_time_code::check(app, context, answer, &[CodeKind::SmsMfa], code.into()).await
        }
        ChallengeNameType::SmsOtp => {
            let (answer, code) = (responses.answer(session)?, responses.required("SMS_OTP_CODE")?);
            one_time_code::check(app, context, answer, &[CodeKind::SmsOtp], code.into()).await
        }
        ChallengeNameType::EmailOtp => {
            let (answer, code) = (responses.answer(session)?, responses.required("EMAIL_OTP_CODE")?);
            let kinds = [CodeKind::EmailMfa, CodeKind::EmailOtp];
            one_time_code::check(app, context, answer, &kinds, code.into()).await
        }
        ChallengeNameType::SelectMfaType => {
            let (answer, chosen) = (responses.answer(session)?, responses.required("ANSWER")?);
            second_factor::select(app, context, answer, second_factor_of(&chosen)).await
        }
        ChallengeNameType::MfaSetup => {
            let answer = responses.answer(session)?;
            match responses.optional("EMAIL") {
                Some(address) => second_factor::set_up_email(app, context, answer, address).await,
                None => second_factor::set_up(app, context, answer).await,
            }
        }
        ChallengeNameType::SelectChallenge => {
            let (answer, chosen) = (responses.answer(session)?, responses.required("ANSWER")?);
            choice::select(app, context, answer, choice_of(&chosen), responses.evidence()).await
        }
        ChallengeNameType::WebAuthn => {
            let (answer, credential) = (responses.answer(session)?, responses.required("CREDENTIAL")?);
            passkey::check(app, context, answer, &credential).await
        }
        ChallengeNameType::Password => {
            let answer = responses.answer(session)?;
            let evidence =
                Evidence { password: Some(responses.required("PASSWORD")?.into()), client_public: None };
            choice::select(app, context, answer, Some(Choice::Password), evidence).await
        }
        ChallengeNameType::PasswordSrp => {
            let answer = responses.answer(session)?;
            let evidence = Evidence { password: None, client_public: Some(responses.required("SRP_A")?) };
            choice::select(app, context, answer, Some(Choice::PasswordSrp), evidence).await
        }
        ChallengeNameType::DeviceSrpAuth => {
            let (answer, public) = (responses.device_answer(session, context)?, responses.required("SRP_A")?);
            device::begin(app, context, answer, public).await
        }
        ChallengeNameType::DevicePasswordVerifier => {
            let (answer, signed) = (responses.device_answer(session, context)?, responses.signed()?);
            device::finish(app, context, answer, &signed).await
        }
        ChallengeNameType::AdminNoSrpAuth | ChallengeNameType::CustomChallenge => {
            Err(Error::invalid(format!("{challenge} is not supported by this server yet.")))
        }
    };
    answered.map(Outcome::of)
}

/// What comes with a request to sign in, or with an answer to a challenge.
struct Parameters(SensitiveMap);

impl Parameters {
    fn optional(&mut self, key: &str) -> Option<String> {
        self.0.take(key).map(SensitiveString::into_inner)
    }

    fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(name, _)| name == key)
    }

    fn required(&mut self, key: &str) -> Result<String> {
        let value = self.optional(key).filter(|value| !value.is_empty());
        value.ok_or_else(|| Error::invalid(format!("Missing required parameter {key}")))
    }

    /// The device that a client says it is on; older ones send the key of one they do not have as an empty text.
    fn name_device(&mut self, context: &mut ClientContext) {
        if let Some(key) = self.optional("DEVICE_KEY").filter(|key| !key.is_empty()) {
            context.device = Claimed::Known(key);
        }
    }

    /// What a client signed with the key of a handshake.
    fn signed(&mut self) -> Result<SignedProof> {
        Ok(SignedProof {
            secret_block: self.required("PASSWORD_CLAIM_SECRET_BLOCK")?,
            signature: self.required("PASSWORD_CLAIM_SIGNATURE")?,
            timestamp: self.required("TIMESTAMP")?,
        })
    }

    /// What every answer of a device carries.
    fn device_answer(
        &mut self,
        session: Option<SensitiveString>,
        context: &ClientContext,
    ) -> Result<DeviceAnswer> {
        let Claimed::Known(key) = &context.device else {
            return Err(Error::invalid("Missing required parameter DEVICE_KEY"));
        };
        Ok(DeviceAnswer {
            session: given(session)?,
            username: self.optional("USERNAME"),
            secret_hash: self.optional("SECRET_HASH"),
            key: key.clone(),
        })
    }

    /// What every answer carries.
    fn answer(&mut self, session: Option<SensitiveString>) -> Result<Answer> {
        Ok(Answer {
            session: given(session)?,
            username: self.required("USERNAME")?,
            secret_hash: self.optional("SECRET_HASH"),
        })
    }

    fn new_password(&mut self) -> Result<SecretString> {
        let password = self.optional("NEW_PASSWORD").map(SecretString::from);
        password.ok_or_else(|| {
            Error::invalid("Invalid attributes given, new password should be given with key NEW_PASSWORD.")
        })
    }

    fn user_attributes(&self) -> Attributes {
        let named = |(key, value): (&String, &String)| {
            Some((key.strip_prefix("userAttributes.")?.to_owned(), value.clone()))
        };
        self.0.iter().filter_map(named).collect()
    }

    fn evidence(&mut self) -> Evidence {
        Evidence {
            password: self.optional("PASSWORD").map(SecretString::from),
            client_public: self.optional("SRP_A"),
        }
    }
}

fn given(session: Option<SensitiveString>) -> Result<SecretString> {
    let session = session.ok_or_else(|| Error::invalid("Missing required parameter Session"))?;
    Ok(wire::secret(session))
}

/// The first factors, as clients name them.
const CHOICES: [(Choice, ChallengeNameType); 5] = [
    (Choice::Password, ChallengeNameType::Password),
    (Choice::PasswordSrp, ChallengeNameType::PasswordSrp),
    (Choice::EmailOtp, ChallengeNameType::EmailOtp),
    (Choice::SmsOtp, ChallengeNameType::SmsOtp),
    (Choice::Passkey, ChallengeNameType::WebAuthn),
];

fn choice_of(name: &str) -> Option<Choice> {
    CHOICES.iter().find(|(_, challenge)| challenge.as_str() == name).map(|(choice, _)| *choice)
}

/// A second factor as clients name it; some say EMAIL_MFA, as AWS's documentation does.
fn second_factor_of(name: &str) -> Option<SecondFactor> {
    if name == "EMAIL_MFA" { Some(SecondFactor::Email) } else { SecondFactor::parse(name) }
}

/// What the four operations answer.
#[derive(Default)]
struct Outcome {
    challenge_name: Option<ChallengeNameType>,
    session: Option<SensitiveString>,
    challenge_parameters: BTreeMap<String, String>,
    authentication_result: Option<AuthenticationResultType>,
    available_challenges: Option<Vec<ChallengeNameType>>,
}

impl Outcome {
    fn of(step: SignIn) -> Self {
        let challenged = match step {
            SignIn::Done(tokens) => return Self::in_with(tokens),
            SignIn::Challenged(challenged) => *challenged,
        };
        let (name, parameters) = challenge(challenged.challenge, challenged.username);
        let name_of = |choice: &Choice| {
            CHOICES.iter().find(|(known, _)| known == choice).map(|(_, challenge)| *challenge)
        };
        let available: Vec<_> = challenged.available.iter().filter_map(name_of).collect();
        Self {
            challenge_name: Some(name),
            session: challenged.session.map(|session| session.expose_secret().into()),
            challenge_parameters: parameters
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
            authentication_result: None,
            available_challenges: (!available.is_empty()).then_some(available),
        }
    }

    fn in_with(tokens: Tokens) -> Self {
        let text = |token: &SecretString| SensitiveString::from(token.expose_secret());
        let result = AuthenticationResultType {
            access_token: Some(text(&tokens.access)),
            expires_in: i32::try_from(tokens.expires_in).ok(),
            token_type: Some("Bearer".to_owned()),
            refresh_token: tokens.refresh.as_ref().map(text),
            id_token: Some(text(&tokens.id)),
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
