//! InitiateAuth, RespondToAuthChallenge and their administrators' forms; GetTokensFromRefreshToken.

use std::collections::BTreeMap;
use std::sync::Arc;

use cognate_contract::cognito_idp::{
    AdminInitiateAuthRequest, AdminInitiateAuthResponse, AdminRespondToAuthChallengeRequest,
    AdminRespondToAuthChallengeResponse, AuthFlowType, AuthenticationResultType, ChallengeNameType,
    GetTokensFromRefreshTokenRequest, GetTokensFromRefreshTokenResponse, InitiateAuthRequest,
    InitiateAuthResponse, RespondToAuthChallengeRequest, RespondToAuthChallengeResponse,
};
use cognate_contract::{SensitiveMap, SensitiveString};
use cognate_core::app_client::{self, ClientContext, settings};
use cognate_core::auth::Flow;
use cognate_core::auth::second_factor::{self, Code, SetUp};
use cognate_core::auth::sign_in::{self, Credentials, NewPassword, NewPasswordRequired, SignIn};
use cognate_core::auth::srp::{self, Claim, Opening, PasswordVerifier};
use cognate_core::token::{Tokens, refresh};
use cognate_core::{App, Error, Result, user_pool};
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
            available_challenges: None,
        }
    };
}

pub(super) async fn initiate_auth(
    app: &App,
    _: Public,
    input: InitiateAuthRequest,
) -> Result<InitiateAuthResponse> {
    let context = app_client::by_id(app, &AppClientId::new(&*input.client_id)).await?;
    let outcome = initiate(app, &context, Form::User, input.auth_flow, input.auth_parameters).await?;
    Ok(answer!(InitiateAuthResponse, outcome))
}

pub(super) async fn admin_initiate_auth(
    app: &App,
    caller: Signed,
    input: AdminInitiateAuthRequest,
) -> Result<AdminInitiateAuthResponse> {
    let context = owned_client(app, &caller.account, input.user_pool_id, &input.client_id).await?;
    let outcome =
        initiate(app, &context, Form::Administrator, input.auth_flow, input.auth_parameters).await?;
    Ok(answer!(AdminInitiateAuthResponse, outcome))
}

pub(super) async fn respond_to_auth_challenge(
    app: &App,
    _: Public,
    input: RespondToAuthChallengeRequest,
) -> Result<RespondToAuthChallengeResponse> {
    let context = app_client::by_id(app, &AppClientId::new(&*input.client_id)).await?;
    let outcome =
        respond(app, &context, input.challenge_name, input.session, input.challenge_responses).await?;
    Ok(answer!(RespondToAuthChallengeResponse, outcome))
}

pub(super) async fn admin_respond_to_auth_challenge(
    app: &App,
    caller: Signed,
    input: AdminRespondToAuthChallengeRequest,
) -> Result<AdminRespondToAuthChallengeResponse> {
    let context = owned_client(app, &caller.account, input.user_pool_id, &input.client_id).await?;
    let outcome =
        respond(app, &context, input.challenge_name, input.session, input.challenge_responses).await?;
    Ok(answer!(AdminRespondToAuthChallengeResponse, outcome))
}

/// What the four operations answer.
#[derive(Default)]
struct Outcome {
    challenge_name: Option<ChallengeNameType>,
    session: Option<SensitiveString>,
    challenge_parameters: BTreeMap<String, String>,
    authentication_result: Option<AuthenticationResultType>,
}

pub(super) async fn get_tokens_from_refresh_token(
    app: &App,
    _: Public,
    input: GetTokensFromRefreshTokenRequest,
) -> Result<GetTokensFromRefreshTokenResponse> {
    let context = app_client::by_id(app, &AppClientId::new(&*input.client_id)).await?;
    let (token, secret) = (wire::secret(input.refresh_token), input.client_secret.map(wire::secret));
    let tokens = refresh::exchange(app, &context, &token, secret.as_ref()).await?;
    let result = in_with(tokens).authentication_result;
    Ok(GetTokensFromRefreshTokenResponse { authentication_result: result })
}

async fn owned_client(app: &App, account: &AccountId, pool: String, client: &str) -> Result<ClientContext> {
    let pool = user_pool::get(app, account, &UserPoolId::new(pool)).await?;
    let client = app_client::get(app, &pool, &AppClientId::new(client)).await?;
    Ok(ClientContext { pool: Arc::new(pool), client: Arc::new(client) })
}

async fn initiate(
    app: &App,
    context: &ClientContext,
    form: Form,
    flow: AuthFlowType,
    parameters: Option<SensitiveMap>,
) -> Result<Outcome> {
    let mut parameters = parameters.unwrap_or_default();
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
            let token: SecretString = required(&mut parameters, "REFRESH_TOKEN")?.into();
            let hash = parameters.take("SECRET_HASH");
            let tokens = refresh::refresh(app, context, &token, hash.as_deref()).await?;
            Ok(in_with(tokens))
        }
        (AuthFlowType::UserSrpAuth, _) => {
            let opening = Opening {
                username: required(&mut parameters, "USERNAME")?,
                client_public: required(&mut parameters, "SRP_A")?,
                secret_hash: parameters.take("SECRET_HASH").map(SensitiveString::into_inner),
            };
            srp::begin(app, context, opening).await.map(password_verifier)
        }
        (AuthFlowType::CustomAuth | AuthFlowType::UserAuth, _) => {
            Err(Error::invalid(format!("{flow} is not supported by this server yet.")))
        }
    }
}

async fn password(
    app: &App,
    context: &ClientContext,
    flow: Flow,
    parameters: &mut SensitiveMap,
) -> Result<Outcome> {
    let credentials = Credentials {
        username: required(parameters, "USERNAME")?,
        password: required(parameters, "PASSWORD")?.into(),
        secret_hash: parameters.take("SECRET_HASH").map(SensitiveString::into_inner),
    };
    sign_in::with_password(app, context, flow, credentials).await.map(outcome)
}

async fn respond(
    app: &App,
    context: &ClientContext,
    challenge: ChallengeNameType,
    session: Option<SensitiveString>,
    responses: Option<SensitiveMap>,
) -> Result<Outcome> {
    let mut responses = responses.unwrap_or_default();
    match challenge {
        ChallengeNameType::PasswordVerifier => claim(app, context, &mut responses).await,
        ChallengeNameType::NewPasswordRequired => new_password(app, context, session, &mut responses).await,
        ChallengeNameType::SoftwareTokenMfa => {
            let code = Code {
                session: wire::secret(given(session)?),
                username: required(&mut responses, "USERNAME")?,
                code: required(&mut responses, "SOFTWARE_TOKEN_MFA_CODE")?.into(),
                secret_hash: responses.take("SECRET_HASH").map(SensitiveString::into_inner),
            };
            second_factor::software_token(app, context, code).await.map(outcome)
        }
        ChallengeNameType::MfaSetup => {
            let done = SetUp {
                session: wire::secret(given(session)?),
                username: required(&mut responses, "USERNAME")?,
                secret_hash: responses.take("SECRET_HASH").map(SensitiveString::into_inner),
            };
            second_factor::set_up(app, context, done).await.map(outcome)
        }
        _ => Err(Error::invalid(format!("{challenge} is not supported by this server yet."))),
    }
}

async fn claim(app: &App, context: &ClientContext, responses: &mut SensitiveMap) -> Result<Outcome> {
    let claim = Claim {
        username: required(responses, "USERNAME")?,
        secret_block: required(responses, "PASSWORD_CLAIM_SECRET_BLOCK")?,
        signature: required(responses, "PASSWORD_CLAIM_SIGNATURE")?,
        timestamp: required(responses, "TIMESTAMP")?,
        secret_hash: responses.take("SECRET_HASH").map(SensitiveString::into_inner),
    };
    srp::finish(app, context, claim).await.map(outcome)
}

async fn new_password(
    app: &App,
    context: &ClientContext,
    session: Option<SensitiveString>,
    responses: &mut SensitiveMap,
) -> Result<Outcome> {
    let session = given(session)?;
    let username = required(responses, "USERNAME")?;
    let password = responses.take("NEW_PASSWORD").ok_or_else(|| {
        Error::invalid("Invalid attributes given, new password should be given with key NEW_PASSWORD.")
    })?;
    let secret_hash = responses.take("SECRET_HASH").map(SensitiveString::into_inner);
    let attributes = responses
        .iter()
        .filter_map(|(key, value)| Some((key.strip_prefix("userAttributes.")?.to_owned(), value.clone())));
    let answer = NewPassword {
        session: wire::secret(session),
        username,
        password: wire::secret(password),
        attributes: attributes.collect(),
        secret_hash,
    };
    sign_in::new_password(app, context, answer).await.map(outcome)
}

fn given(session: Option<SensitiveString>) -> Result<SensitiveString> {
    session.ok_or_else(|| Error::invalid("Missing required parameter Session"))
}

fn required(parameters: &mut SensitiveMap, key: &str) -> Result<String> {
    let value = parameters.take(key).map(SensitiveString::into_inner).filter(|value| !value.is_empty());
    value.ok_or_else(|| Error::invalid(format!("Missing required parameter {key}")))
}

fn outcome(step: SignIn) -> Outcome {
    match step {
        SignIn::Done(tokens) => in_with(tokens),
        SignIn::NewPasswordRequired(challenge) => new_password_required(&challenge),
        SignIn::SoftwareTokenMfa(challenge) => {
            let name = challenge.name.map(|name| ("FRIENDLY_DEVICE_NAME", name));
            let parameters = [("USER_ID_FOR_SRP", challenge.username)].into_iter().chain(name);
            challenged(ChallengeNameType::SoftwareTokenMfa, &challenge.session, parameters)
        }
        SignIn::MfaSetup(challenge) => {
            let parameters = [
                ("MFAS_CAN_SETUP", r#"["SOFTWARE_TOKEN_MFA"]"#.to_owned()),
                ("USER_ID_FOR_SRP", challenge.username),
            ];
            challenged(ChallengeNameType::MfaSetup, &challenge.session, parameters)
        }
    }
}

fn in_with(tokens: Tokens) -> Outcome {
    let text = |token: &SecretString| SensitiveString::from(token.expose_secret());
    let result = AuthenticationResultType {
        access_token: Some(text(&tokens.access)),
        expires_in: i32::try_from(tokens.expires_in).ok(),
        token_type: Some("Bearer".to_owned()),
        refresh_token: tokens.refresh.as_ref().map(text),
        id_token: Some(text(&tokens.id)),
        new_device_metadata: None,
    };
    Outcome { authentication_result: Some(result), ..Outcome::default() }
}

fn password_verifier(challenge: PasswordVerifier) -> Outcome {
    let parameters = [
        ("SALT", challenge.salt),
        ("SRP_B", challenge.server_public),
        ("SECRET_BLOCK", challenge.secret_block),
        ("USERNAME", challenge.username.clone()),
        ("USER_ID_FOR_SRP", challenge.username),
    ];
    // What the server has to remember is in the secret block: there is no session.
    Outcome {
        challenge_name: Some(ChallengeNameType::PasswordVerifier),
        challenge_parameters: parameters.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        ..Outcome::default()
    }
}

fn new_password_required(challenge: &NewPasswordRequired) -> Outcome {
    let required: Vec<_> = challenge.required.iter().map(|name| format!("userAttributes.{name}")).collect();
    let parameters = [
        ("USER_ID_FOR_SRP", challenge.username.clone()),
        ("requiredAttributes", serde_json::to_string(&required).unwrap_or_else(|_| "[]".to_owned())),
        ("userAttributes", wire::json_object(&challenge.attributes)),
    ];
    challenged(ChallengeNameType::NewPasswordRequired, &challenge.session, parameters)
}

fn challenged(
    name: ChallengeNameType,
    session: &SecretString,
    parameters: impl IntoIterator<Item = (&'static str, String)>,
) -> Outcome {
    Outcome {
        challenge_name: Some(name),
        session: Some(session.expose_secret().into()),
        challenge_parameters: parameters.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        authentication_result: None,
    }
}
