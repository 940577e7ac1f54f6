//! Threat protection: what is noted at the door, how sign-ins are judged, and what pools do about it (ENU-1, MFA-1).

mod risk;

use std::time::Duration;

use aws_sdk_cognitoidentityprovider::operation::admin_initiate_auth::AdminInitiateAuthOutput;
use aws_sdk_cognitoidentityprovider::types::{
    AccountTakeoverActionType, AccountTakeoverActionsType, AccountTakeoverEventActionType as Action,
    AccountTakeoverRiskConfigurationType, AdvancedSecurityModeType, AuthEventType, AuthFlowType,
    ChallengeName, ChallengeNameType, ChallengeResponse, ContextDataType, EventResponseType, EventType,
    ExplicitAuthFlowsType, FeedbackValueType, HttpHeader, NotifyConfigurationType, NotifyEmailType,
    RiskDecisionType, RiskExceptionConfigurationType, RiskLevelType, UserContextDataType, UserPoolAddOnsType,
};
use cognate_store::message::MessageBody;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::levels::{self, set_up_app};
use crate::server::{OTHER_PASSWORD, PASSWORD, Setup, TestPool, TestServer, email_of, said};
use crate::sign_in_codes::answer;
use crate::tokens::verified;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
const HOME: (&str, &str) = ("192.0.2.7", FIREFOX);
/// The same device somewhere else, and another one there.
const OFFICE: (&str, &str) = ("198.51.100.7", FIREFOX);
const ELSEWHERE: (&str, &str) = ("203.0.113.7", "curl/8.5.0");

/// A pool with every way to sign in that watches the door.
async fn pool(server: &TestServer, mode: AdvancedSecurityModeType) -> TestPool<'_> {
    let pool = levels::pool_with(server, true).await;
    let flows = ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"];
    let flows = flows.map(ExplicitAuthFlowsType::from).to_vec();
    let update = server.aws.update_user_pool_client().user_pool_id(&pool.id).client_id(&pool.client);
    update.set_explicit_auth_flows(Some(flows)).send().await.unwrap();
    watch(&pool, mode).await;
    pool
}

async fn watch(pool: &TestPool<'_>, mode: AdvancedSecurityModeType) {
    let mode = UserPoolAddOnsType::builder().advanced_security_mode(mode).build().unwrap();
    let update = pool.server.aws.update_user_pool().user_pool_id(&pool.id).user_pool_add_ons(mode);
    update.email_configuration(crate::server::own_sender()).send().await.unwrap();
    settle().await;
}

/// A server remembers a pool's settings a moment longer, and writes what failed a moment later.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(800)).await;
}

/// Signs in with the password from somewhere, through a server that says where.
async fn from(
    pool: &TestPool<'_>,
    (address, user_agent): (&str, &str),
    name: &str,
    password: &str,
) -> Result<AdminInitiateAuthOutput, (String, String)> {
    let header = HttpHeader::builder().header_name("User-Agent").header_value(user_agent).build();
    let context = ContextDataType::builder().ip_address(address).server_name("shop").server_path("/login");
    let context = context.http_headers(header).build().unwrap();
    let begin = pool.server.aws.admin_initiate_auth().user_pool_id(&pool.id).client_id(&pool.client);
    let begin = begin.auth_flow(AuthFlowType::AdminUserPasswordAuth).context_data(context);
    let begin = begin.auth_parameters("USERNAME", name).auth_parameters("PASSWORD", password);
    begin.send().await.map_err(said)
}

async fn passes(pool: &TestPool<'_>, place: (&str, &str), name: &str) {
    assert!(from(pool, place, name, PASSWORD).await.unwrap().authentication_result.is_some());
}

async fn events(pool: &TestPool<'_>, name: &str) -> Vec<AuthEventType> {
    settle().await;
    let list = pool.server.aws.admin_list_user_auth_events().user_pool_id(&pool.id).username(name);
    list.send().await.unwrap().auth_events.unwrap()
}

/// Type, response, decision and level of the latest event.
async fn latest(
    pool: &TestPool<'_>,
    name: &str,
) -> (EventType, EventResponseType, RiskDecisionType, Option<RiskLevelType>) {
    let event = events(pool, name).await.swap_remove(0);
    let risk = event.event_risk.unwrap();
    (event.event_type.unwrap(), event.event_response.unwrap(), risk.risk_decision.unwrap(), risk.risk_level)
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_happens_at_the_door_is_listed(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool(server, AdvancedSecurityModeType::Audit).await;
        levels::user(&pool, "ada").await;
        assert!(events(&pool, "ada").await.is_empty());
        from(&pool, HOME, "ada", OTHER_PASSWORD).await.unwrap_err();
        let tokens = from(&pool, HOME, "ada", PASSWORD).await.unwrap().authentication_result.unwrap();
        let (_, claims) = verified(&pool, tokens.access_token().unwrap()).await;
        let listed = events(&pool, "ada").await;
        let [passed, failed] = listed.as_slice() else { panic!("{listed:?}") };
        assert_eq!(passed.event_id().unwrap(), claims["event_id"].as_str().unwrap());
        for (event, response, challenge) in [
            (passed, EventResponseType::Pass, ChallengeResponse::Success),
            (failed, EventResponseType::Fail, ChallengeResponse::Failure),
        ] {
            assert_eq!(
                (event.event_type(), event.event_response()),
                (Some(&EventType::SignIn), Some(&response))
            );
            let [asked] = event.challenge_responses() else { panic!("{event:?}") };
            assert_eq!(asked.challenge_name, Some(ChallengeName::Password));
            assert_eq!(asked.challenge_response, Some(challenge));
            let place = event.event_context_data().unwrap();
            assert_eq!((place.ip_address(), place.device_name()), (Some(HOME.0), Some("Firefox 128, Linux")));
        }

        // A sign-in in two steps is one event.
        let access = tokens.access_token().unwrap();
        let app = set_up_app(&pool, access).await;
        levels::ask_for(&pool, "ada", true, false).await;
        let asked = from(&pool, HOME, "ada", PASSWORD).await.unwrap();
        let session = asked.session.unwrap();
        assert_eq!(events(&pool, "ada").await[0].event_response, Some(EventResponseType::InProgress));
        let give = async |code: &str| {
            answer(&pool, ChallengeNameType::EmailOtp, &session, "ada", ("EMAIL_OTP_CODE", code)).await
        };
        give("000000").await.unwrap_err();
        assert_eq!(latest(&pool, "ada").await.1, EventResponseType::Fail);
        let done = give(&server.code_to(&email_of("ada")).await).await.unwrap();
        let (_, claims) = verified(&pool, done.authentication_result.unwrap().access_token().unwrap()).await;
        let listed = events(&pool, "ada").await;
        assert_eq!((listed.len(), listed[0].event_id()), (3, claims["event_id"].as_str()));
        assert_eq!(listed[0].event_response, Some(EventResponseType::Pass));
        let asked = listed[0].challenge_responses().iter();
        let asked: Vec<_> = asked
            .map(|it| (it.challenge_name.clone().unwrap(), it.challenge_response.clone().unwrap()))
            .collect();
        let (password, mfa) = (ChallengeName::Password, ChallengeName::Mfa);
        let expected = [
            (password, ChallengeResponse::Success),
            (mfa.clone(), ChallengeResponse::Failure),
            (mfa, ChallengeResponse::Success),
        ];
        assert_eq!(asked, expected);
        drop(app);

        // The rest of what is noted, the latest first.
        let change = server.aws.change_password().access_token(access).previous_password(OTHER_PASSWORD);
        change.proposed_password(OTHER_PASSWORD).send().await.unwrap_err();
        let (kind, response, ..) = latest(&pool, "ada").await;
        assert_eq!((kind, response), (EventType::PasswordChange, EventResponseType::Fail));
        let change = server.aws.change_password().access_token(access).previous_password(PASSWORD);
        change.proposed_password(OTHER_PASSWORD).send().await.unwrap();
        assert_eq!(latest(&pool, "ada").await.1, EventResponseType::Pass);
        pool.sign_up("grace").await;
        assert_eq!(latest(&pool, "grace").await.0, EventType::SignUp);
        levels::ask_for(&pool, "ada", false, true).await;
        server.aws.forgot_password().client_id(&pool.client).username("ada").send().await.unwrap();
        let (kind, response, ..) = latest(&pool, "ada").await;
        assert_eq!((kind, response), (EventType::ForgotPassword, EventResponseType::InProgress));
        let confirm = server.aws.confirm_forgot_password().client_id(&pool.client).username("ada");
        let confirm = confirm.confirmation_code(server.code_to(&email_of("ada")).await).password(PASSWORD);
        confirm.send().await.unwrap();
        assert_eq!(latest(&pool, "ada").await.1, EventResponseType::Pass);

        // In pages, of one user only.
        let all: Vec<_> =
            events(&pool, "ada").await.into_iter().map(|event| event.event_id.unwrap()).collect();
        let page = async |name: &str, token: Option<String>| {
            let list = server.aws.admin_list_user_auth_events().user_pool_id(&pool.id).username(name);
            list.max_results(2).set_next_token(token).send().await.map_err(said)
        };
        let (mut token, mut seen) = (None, Vec::new());
        loop {
            let page = page("ada", token).await.unwrap();
            seen.extend(page.auth_events.unwrap().into_iter().map(|event| event.event_id.unwrap()));
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
        let token = page("ada", None).await.unwrap().next_token;
        assert_eq!(page("grace", token).await.unwrap_err().0, "InvalidParameterException");
        assert_eq!(page("nobody", None).await.unwrap_err().0, "UserNotFoundException");
        watch(&pool, AdvancedSecurityModeType::Off).await;
        assert_eq!(page("ada", None).await.unwrap_err().0, "UserPoolAddOnNotEnabledException");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_client_with_a_secret_says_where_its_user_is(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool(server, AdvancedSecurityModeType::Audit).await;
        pool.admin_user("ada").await;
        let create = server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("server");
        let create = create.generate_secret(true).enable_propagate_additional_user_context_data(true);
        let create = create.explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth);
        let client = create.send().await.unwrap().user_pool_client.unwrap();
        let (id, secret) = (client.client_id.unwrap(), client.client_secret.unwrap());
        let sign_in = async |address: &str| {
            let context = UserContextDataType::builder().ip_address(address).encoded_data("x").build();
            let begin = server.aws.initiate_auth().client_id(&id).auth_flow(AuthFlowType::UserPasswordAuth);
            let begin = begin.auth_parameters("USERNAME", "ada").auth_parameters("PASSWORD", PASSWORD);
            let hash = crate::sign_in::secret_hash(&secret, "ada", &id);
            let begin = begin.auth_parameters("SECRET_HASH", hash).user_context_data(context);
            begin.send().await.map_err(said)
        };
        sign_in("2001:db8::7").await.unwrap();
        let place = events(&pool, "ada").await.swap_remove(0).event_context_data.unwrap();
        assert_eq!(place.ip_address(), Some("2001:db8::7"));
        assert_eq!(sign_in("somewhere").await.unwrap_err().0, "InvalidParameterException");
    })
    .await;
}
