//! InitiateAuth, RespondToAuthChallenge and their administrators' forms; GetTokensFromRefreshToken.

mod outcome;
mod parameters;

use std::collections::BTreeMap;
use std::sync::Arc;

use cognate_contract::cognito_idp::{
    AdminInitiateAuthRequest, AdminInitiateAuthResponse, AdminRespondToAuthChallengeRequest,
    AdminRespondToAuthChallengeResponse, AuthFlowType, ChallengeNameType, GetTokensFromRefreshTokenRequest,
    GetTokensFromRefreshTokenResponse, InitiateAuthRequest, InitiateAuthResponse,
    RespondToAuthChallengeRequest, RespondToAuthChallengeResponse,
};
use cognate_contract::{SensitiveMap, SensitiveString};
use cognate_core::app_client::{self, ClientContext, Door, settings};
use cognate_core::auth::choice::{self, Evidence};
use cognate_core::auth::one_time_code::{self, CodeKind};
use cognate_core::auth::sign_in::{self, Credentials};
use cognate_core::auth::srp::{self, Claim};
use cognate_core::auth::step_up::StepUpRequest;
use cognate_core::auth::{Choice, Flow, custom, device, new_password, passkey, risk, second_factor};
use cognate_core::device::Claimed;
use cognate_core::origin::Origin;
use cognate_core::token::refresh;
use cognate_core::trigger::Metadata;
use cognate_core::{App, Error, Result, dpop, user_pool};
use cognate_store::second_factor::SecondFactor;
use cognate_store::{AccountId, AppClientId, UserPoolId};
use secrecy::SecretString;

use self::outcome::{Outcome, choice_of, second_factor_of};
use self::parameters::Parameters;
use super::access::{Public, Signed};
use super::{context, wire};

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
    metadata: Option<BTreeMap<String, String>>,
}

macro_rules! initiation {
    ($input:ident) => {
        Initiation {
            flow: $input.auth_flow,
            parameters: $input.auth_parameters,
            session: $input.session,
            metadata: $input.client_metadata,
        }
    };
}

/// What both forms of an answer to a challenge hold.
struct Response {
    session: Option<SensitiveString>,
    responses: Option<SensitiveMap>,
    metadata: Option<BTreeMap<String, String>>,
}

macro_rules! response {
    ($input:ident) => {
        Response {
            session: $input.session,
            responses: $input.challenge_responses,
            metadata: $input.client_metadata,
        }
    };
}

pub(super) async fn initiate_auth(
    app: &App,
    caller: Public,
    input: InitiateAuthRequest,
) -> Result<InitiateAuthResponse> {
    let context = context::of(app, &input.client_id, caller, input.user_context_data).await?;
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
    let context = context::of(app, &input.client_id, caller, input.user_context_data).await?;
    let outcome = respond(app, context, input.challenge_name, response!(input)).await?;
    Ok(answer!(RespondToAuthChallengeResponse, outcome))
}

pub(super) async fn admin_respond_to_auth_challenge(
    app: &App,
    caller: Signed,
    input: AdminRespondToAuthChallengeRequest,
) -> Result<AdminRespondToAuthChallengeResponse> {
    let origin = wire::origin(input.context_data, caller.origin)?;
    let context = owned_client(app, &caller.account, input.user_pool_id, &input.client_id, origin).await?;
    let outcome = respond(app, context, input.challenge_name, response!(input)).await?;
    Ok(answer!(AdminRespondToAuthChallengeResponse, outcome))
}

pub(super) async fn get_tokens_from_refresh_token(
    app: &App,
    caller: Public,
    input: GetTokensFromRefreshTokenRequest,
) -> Result<GetTokensFromRefreshTokenResponse> {
    let mut context = app_client::by_id(app, &AppClientId::new(&*input.client_id), caller.origin).await?;
    risk::check_network(&context)?;
    context.metadata = Metadata::of_client(input.client_metadata);
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
    let (device, metadata, door) = (Claimed::Untracked, Metadata::default(), Door::Api);
    Ok(ClientContext { pool, client, origin, device, metadata, door })
}

/// A request from a device that has no key, unless it names one.
fn tracked(context: ClientContext) -> ClientContext {
    ClientContext { device: Claimed::New, ..context }
}

async fn initiate(app: &App, mut context: ClientContext, form: Form, request: Initiation) -> Result<Outcome> {
    risk::check_network(&context)?;
    let Initiation { flow, parameters, session, metadata } = request;
    // What comes with the first request is for the functions that validate.
    context.metadata.validation = metadata.unwrap_or_default();
    let mut parameters = Parameters(parameters.unwrap_or_default());
    parameters.name_device(&mut context);
    let context = &context;
    dpop::expect_proof(app, context)?;
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
            srp::begin(app, context, opening).await.and_then(Outcome::of)
        }
        (AuthFlowType::UserAuth, _) => {
            let opening = choice::Opening {
                username: parameters.required("USERNAME")?,
                // What is not known is not available, and asks for a choice.
                preferred: parameters.optional("PREFERRED_CHALLENGE").and_then(|name| choice_of(&name)),
                evidence: parameters.evidence(),
                session: session.map(wire::secret),
                step_up: StepUpRequest {
                    acr_values: parameters.optional("TARGET_ACR_VALUES"),
                    max_age: parameters.optional("MAX_AGE"),
                    access_token: parameters.optional("ACCESS_TOKEN").map(SecretString::from),
                },
                secret_hash: parameters.optional("SECRET_HASH"),
            };
            choice::begin(app, context, opening).await.and_then(Outcome::of)
        }
        (AuthFlowType::CustomAuth, _) => {
            let by_password = parameters.optional("CHALLENGE_NAME").is_some_and(|name| name == "SRP_A");
            let opening = custom::Opening {
                username: parameters.required("USERNAME")?,
                client_public: by_password.then(|| parameters.required("SRP_A")).transpose()?,
                secret_hash: parameters.optional("SECRET_HASH"),
            };
            custom::begin(app, context, opening).await.and_then(Outcome::of)
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
        acr_values: None,
    };
    sign_in::with_password(app, context, flow, credentials).await.and_then(Outcome::of)
}

async fn respond(
    app: &App,
    mut context: ClientContext,
    challenge: ChallengeNameType,
    response: Response,
) -> Result<Outcome> {
    risk::check_network(&context)?;
    let Response { session, responses, metadata } = response;
    context.metadata = Metadata::of_client(metadata);
    let mut responses = Parameters(responses.unwrap_or_default());
    responses.name_device(&mut context);
    let context = &context;
    dpop::expect_proof(app, context)?;
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
                Some(address) => {
                    second_factor::set_up_with(app, context, answer, SecondFactor::Email, address).await
                }
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
        ChallengeNameType::CustomChallenge => {
            let (answer, given) = (responses.answer(session)?, responses.required("ANSWER")?);
            custom::answer(app, context, answer, given.into()).await
        }
        ChallengeNameType::AdminNoSrpAuth => Err(Error::invalid(format!("{challenge} is not answered."))),
    };
    answered.and_then(Outcome::of)
}
