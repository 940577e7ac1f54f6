//! Levels of authentication: what tokens say of how their user signed in.

use aws_sdk_cognitoidentityprovider::types::{
    AcrLevelConfigType, AuthFactorType, AuthFlowType, AuthenticationResultType, ChallengeNameType,
    EmailMfaSettingsType, ExplicitAuthFlowsType, FeatureType, RefreshTokenRotationType, SignInPolicyType,
    SmsMfaSettingsType, UserPoolMfaType, UserPoolPolicyType, WebAuthnConfigurationType,
};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::passkeys::{self, PARTY};
use crate::second_factors::App;
use crate::server::{PASSWORD, Setup, TestPool, TestServer, attribute, email_of, own_sender};
use crate::sign_in_codes::{answer, demanding};
use crate::tokens::verified;

const PHONE: &str = "+15551234567";

/// A pool with every way to sign in, which calls its fourth level gold; or one that names no level.
pub(crate) async fn pool_with(server: &TestServer, named: bool) -> TestPool<'_> {
    let factors = [AuthFactorType::Password, AuthFactorType::EmailOtp, AuthFactorType::WebAuthn];
    let sign_in = SignInPolicyType::builder().set_allowed_first_auth_factors(Some(factors.to_vec()));
    let policies = UserPoolPolicyType::builder().sign_in_policy(sign_in.build()).build();
    let create = server.aws.create_user_pool().pool_name("test").policies(policies);
    let mut create = create.email_configuration(own_sender());
    if named {
        let gold = AcrLevelConfigType::builder().acr_value("gold").build().unwrap();
        create = create.acr_configuration("Level4", gold);
    }
    let id = create.send().await.unwrap().user_pool.unwrap().id.unwrap();
    let pool = server.with_client(id, true).await;
    let update = server.aws.update_user_pool_client().user_pool_id(&pool.id).client_id(&pool.client);
    let update = update.explicit_auth_flows(ExplicitAuthFlowsType::AllowUserAuth);
    let update = update.explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth);
    update.explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth).send().await.unwrap();
    require(&pool, UserPoolMfaType::Optional).await;
    pool
}

/// Sets what a pool demands of second factors.
pub(crate) async fn require(pool: &TestPool<'_>, requirement: UserPoolMfaType) {
    let passkeys = WebAuthnConfigurationType::builder().relying_party_id(PARTY).build();
    demanding(pool, requirement).web_authn_configuration(passkeys).send().await.unwrap();
    // A server remembers a pool's settings a moment longer.
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
}

/// A user with both kinds of address, proven.
pub(crate) async fn user(pool: &TestPool<'_>, name: &str) {
    pool.admin_user(name).await;
    let update = pool.server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username(name);
    let update = update.user_attributes(attribute("email", &email_of(name)));
    let update = update.user_attributes(attribute("email_verified", "true"));
    let update = update.user_attributes(attribute("phone_number", PHONE));
    update.user_attributes(attribute("phone_number_verified", "true")).send().await.unwrap();
}

/// Sets up an authenticator app that nobody asks for.
pub(crate) async fn set_up_app(pool: &TestPool<'_>, access: &str) -> App {
    let server = pool.server;
    let associated = server.aws.associate_software_token().access_token(access).send().await.unwrap();
    let app = App::new(associated.secret_code().unwrap());
    let verify = server.aws.verify_software_token().access_token(access).user_code(app.code(server));
    verify.send().await.unwrap();
    app
}

/// Has a user asked for a code by email or text message after the password.
pub(crate) async fn ask_for(pool: &TestPool<'_>, name: &str, email: bool, sms: bool) {
    let set = pool.server.aws.admin_set_user_mfa_preference().user_pool_id(&pool.id).username(name);
    let email = EmailMfaSettingsType::builder().enabled(email).preferred_mfa(email).build();
    let sms = SmsMfaSettingsType::builder().enabled(sms).preferred_mfa(sms).build();
    set.email_mfa_settings(email).sms_mfa_settings(sms).send().await.unwrap();
}

/// What both tokens say: the level, and the methods.
pub(crate) async fn told(pool: &TestPool<'_>, tokens: &AuthenticationResultType) -> (Value, Value) {
    let (_, access) = verified(pool, tokens.access_token().unwrap()).await;
    let (_, id) = verified(pool, tokens.id_token().unwrap()).await;
    assert_eq!((&access["acr"], &access["amr"]), (&id["acr"], &id["amr"]));
    (access["acr"].clone(), access["amr"].clone())
}

fn loa(level: u8) -> Value {
    json!(format!("urn:cognito:loa:{level}"))
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn tokens_say_which_level_their_user_reached_and_how(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool_with(server, true).await;
        user(&pool, "ada").await;
        let by_password = pool.sign_in("ada", PASSWORD).await;
        assert_eq!(told(&pool, &by_password).await, (loa(1), json!(["pwd"])));

        let begin = server.aws.initiate_auth().client_id(&pool.client).auth_flow(AuthFlowType::UserAuth);
        let begin = begin.auth_parameters("USERNAME", "ada");
        let sent = begin.auth_parameters("PREFERRED_CHALLENGE", "EMAIL_OTP").send().await.unwrap();
        let code = server.code_to(&email_of("ada")).await;
        let (otp, given) = (ChallengeNameType::EmailOtp, ("EMAIL_OTP_CODE", code.as_str()));
        let done = answer(&pool, otp.clone(), &sent.session.unwrap(), "ada", given).await.unwrap();
        let by_code = done.authentication_result.unwrap();
        assert_eq!(told(&pool, &by_code).await, (loa(2), json!(["email_otp"])));

        let mut browser = passkeys::register(&pool, by_password.access_token().unwrap(), true).await;
        let (session, options) = passkeys::asked(&pool, "ada").await;
        let by_key = passkeys::give(&pool, &session, "ada", &browser.get(&options).await).await.unwrap();
        let (level, methods) = told(&pool, &by_key).await;
        assert_eq!(level, loa(3));
        assert!(methods == json!(["swk"]) || methods == json!(["hwk"]), "{methods}");

        let second = async |challenge: ChallengeNameType, key, code: Option<String>| {
            let asked = pool.password_auth("ada", PASSWORD).send().await.unwrap();
            assert_eq!(asked.challenge_name, Some(challenge.clone()));
            let code = match (code, &challenge) {
                (Some(code), _) => code,
                (None, ChallengeNameType::SmsMfa) => server.code_to(PHONE).await,
                (None, _) => server.code_to(&email_of("ada")).await,
            };
            let done = answer(&pool, challenge, &asked.session.unwrap(), "ada", (key, &code)).await.unwrap();
            done.authentication_result.unwrap()
        };
        ask_for(&pool, "ada", true, false).await;
        let by_email = second(ChallengeNameType::EmailOtp, "EMAIL_OTP_CODE", None).await;
        assert_eq!(told(&pool, &by_email).await, (loa(3), json!(["pwd", "email_otp", "mfa"])));
        ask_for(&pool, "ada", false, true).await;
        let by_sms = second(ChallengeNameType::SmsMfa, "SMS_MFA_CODE", None).await;
        assert_eq!(told(&pool, &by_sms).await, (loa(3), json!(["pwd", "sms", "mfa"])));
        ask_for(&pool, "ada", false, false).await;
        let app = set_up_app(&pool, by_password.access_token().unwrap()).await;
        require(&pool, UserPoolMfaType::On).await;
        let code = app.next_code(server);
        let by_app = second(ChallengeNameType::SoftwareTokenMfa, "SOFTWARE_TOKEN_MFA_CODE", Some(code)).await;
        assert_eq!(told(&pool, &by_app).await, (json!("gold"), json!(["pwd", "otp", "mfa"])));

        // A refresh is no new proof, and takes none away.
        for tokens in [&by_email, &by_sms, &by_app] {
            let refreshed = pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap();
            let refreshed = refreshed.authentication_result.unwrap();
            assert_eq!(told(&pool, &refreshed).await, told(&pool, tokens).await);
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn levels_outlive_rotation_and_are_told_where_they_are_named(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool_with(server, false).await;
        user(&pool, "ada").await;
        let unnamed = pool.sign_in("ada", PASSWORD).await;
        assert_eq!(told(&pool, &unnamed).await, (Value::Null, Value::Null));

        // The names of the moment count: of sessions that began before as well.
        let basic = AcrLevelConfigType::builder().acr_value("basic").build().unwrap();
        let update = server.aws.update_user_pool().user_pool_id(&pool.id);
        update.acr_configuration("Level1", basic).send().await.unwrap();
        let rotation = RefreshTokenRotationType::builder().feature(FeatureType::Enabled);
        let rotation = rotation.retry_grace_period_seconds(0).build().unwrap();
        let update = server.aws.update_user_pool_client().user_pool_id(&pool.id).client_id(&pool.client);
        let update = update.explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth);
        update.refresh_token_rotation(rotation).send().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        let mut refresh = unnamed.refresh_token.unwrap();
        for _ in 0..2 {
            let exchange = server.aws.get_tokens_from_refresh_token().client_id(&pool.client);
            let exchanged = exchange.refresh_token(&refresh).send().await.unwrap();
            let tokens = exchanged.authentication_result.unwrap();
            assert_eq!(told(&pool, &tokens).await, (json!("basic"), json!(["pwd"])));
            refresh = tokens.refresh_token.unwrap();
        }
    })
    .await;
}
