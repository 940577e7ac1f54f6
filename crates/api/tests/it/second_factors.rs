//! Second factors: setting up an authenticator app, being asked for its codes, and what gets past them (MFA-1, MFA-2).

mod abuse;

use aws_sdk_cognitoidentityprovider::operation::respond_to_auth_challenge::builders::RespondToAuthChallengeFluentBuilder;
use aws_sdk_cognitoidentityprovider::types::{
    AuthFactorType, ChallengeNameType, SmsMfaSettingsType, SoftwareTokenMfaConfigType,
    SoftwareTokenMfaSettingsType, UserPoolMfaType, VerifySoftwareTokenResponseType,
};
use chrono::Duration;
use cognito_srp::SrpClient;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::server::{OTHER_PASSWORD, PASSWORD, TestPool, TestServer, client, said};

const INVALID: &str = "Invalid session for the user.";
const USED: &str = "Invalid session for the user, session can only be used once.";
const WRONG: (&str, &str) = ("CodeMismatchException", "Invalid code received for user");

/// A pool with authenticator apps.
async fn pool_with<'a>(server: &'a TestServer, requirement: UserPoolMfaType) -> TestPool<'a> {
    let pool = server.user_pool().await;
    require(&pool, requirement).await;
    pool
}

async fn require(pool: &TestPool<'_>, requirement: UserPoolMfaType) {
    let config = SoftwareTokenMfaConfigType::builder().enabled(true).build();
    let set = pool.server.aws.set_user_pool_mfa_config().user_pool_id(&pool.id);
    let set = set.software_token_mfa_configuration(config).mfa_configuration(requirement);
    set.send().await.unwrap();
    // A server remembers a pool's settings a moment longer.
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
}

/// An authenticator app.
pub(crate) struct App(Totp);

impl App {
    pub(crate) fn new(secret: &str) -> Self {
        let secret = Secret::try_from_base32(secret).unwrap();
        Self(Builder::new().with_algorithm(Algorithm::SHA1).with_secret(secret).build().unwrap())
    }

    /// The code of this moment at the server.
    pub(crate) fn code(&self, server: &TestServer) -> String {
        self.0.generate(server.clock.now().timestamp().try_into().unwrap()).to_string()
    }

    /// The code of the next step, which is this moment's from now on.
    pub(crate) fn next_code(&self, server: &TestServer) -> String {
        server.clock.advance(Duration::seconds(30));
        self.code(server)
    }
}

/// Sets up an app through an access token, and asks for it from now on.
async fn enrol(pool: &TestPool<'_>, name: &str) -> App {
    let server = pool.server;
    let tokens = pool.sign_in(name, PASSWORD).await;
    let access = tokens.access_token().unwrap();
    let associated = server.aws.associate_software_token().access_token(access).send().await.unwrap();
    let app = App::new(associated.secret_code().unwrap());
    let verify = server.aws.verify_software_token().access_token(access).user_code(app.code(server));
    verify.friendly_device_name("My phone").send().await.unwrap();
    prefer(pool, access, true).await.unwrap();
    app
}

async fn prefer(pool: &TestPool<'_>, access: &str, enabled: bool) -> Result<(), (String, String)> {
    let settings = SoftwareTokenMfaSettingsType::builder().enabled(enabled).preferred_mfa(enabled).build();
    let set = pool.server.aws.set_user_mfa_preference().access_token(access);
    set.software_token_mfa_settings(settings).send().await.map(drop).map_err(said)
}

/// The session of a challenge that a right password leads to.
async fn challenged(pool: &TestPool<'_>, name: &str, expected: ChallengeNameType) -> String {
    let answer = pool.password_auth(name, PASSWORD).send().await.unwrap();
    assert_eq!(answer.challenge_name, Some(expected));
    assert!(answer.authentication_result.is_none());
    answer.session.unwrap()
}

fn respond(
    pool: &TestPool<'_>,
    aws: &aws_sdk_cognitoidentityprovider::Client,
    challenge: ChallengeNameType,
    session: &str,
    name: &str,
) -> RespondToAuthChallengeFluentBuilder {
    let respond = aws.respond_to_auth_challenge().client_id(&pool.client).challenge_name(challenge);
    respond.session(session).challenge_responses("USERNAME", name)
}

/// What the answer to the challenge of an authenticator app is told; nothing when it is right.
async fn answer(pool: &TestPool<'_>, session: &str, name: &str, code: &str) -> (String, String) {
    let respond = respond(pool, &pool.server.aws, ChallengeNameType::SoftwareTokenMfa, session, name);
    match respond.challenge_responses("SOFTWARE_TOKEN_MFA_CODE", code).send().await {
        Ok(answer) => {
            assert!(answer.authentication_result.unwrap().refresh_token.is_some());
            (String::new(), String::new())
        }
        Err(error) => said(error),
    }
}

/// A code that is not the app's.
fn other_than(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn who_set_up_an_app_is_asked_for_its_code(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::Optional).await;
        pool.admin_user("ada").await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let access = tokens.access_token().unwrap();
        let not_set_up = prefer(&pool, access, true).await.unwrap_err();
        assert_eq!(not_set_up.1, "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA");

        let associated = server.aws.associate_software_token().access_token(access).send().await.unwrap();
        assert!(associated.session.is_none());
        let secret = associated.secret_code.unwrap();
        assert_eq!(secret.len(), 52);
        let app = App::new(&secret);
        let verify = |code: String| {
            let verify = server.aws.verify_software_token().access_token(access).user_code(code);
            verify.friendly_device_name("My phone").send()
        };
        assert_eq!(
            said(verify(other_than(&app.code(server))).await.unwrap_err()),
            (
                "EnableSoftwareTokenMFAException".to_owned(),
                "Code mismatch and fail enable Software Token MFA".to_owned()
            )
        );
        let first_code = app.code(server);
        let verified = verify(first_code.clone()).await.unwrap();
        assert_eq!(verified.status, Some(VerifySoftwareTokenResponseType::Success));
        // It works, and nobody asks for it yet.
        pool.sign_in("ada", PASSWORD).await;
        prefer(&pool, access, true).await.unwrap();
        let user = server.aws.get_user().access_token(access).send().await.unwrap();
        assert_eq!(user.preferred_mfa_setting(), Some("SOFTWARE_TOKEN_MFA"));
        assert_eq!(user.user_mfa_setting_list(), ["SOFTWARE_TOKEN_MFA"]);
        let user = server.aws.admin_get_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert_eq!(user.user_mfa_setting_list(), ["SOFTWARE_TOKEN_MFA"]);
        let factors = server.aws.get_user_auth_factors().access_token(access).send().await.unwrap();
        let configured = [AuthFactorType::Password, AuthFactorType::SoftwareToken];
        assert_eq!(factors.configured_user_auth_factors(), configured);

        let challenge = pool.password_auth("ada", PASSWORD).send().await.unwrap();
        let parameters = challenge.challenge_parameters.unwrap();
        assert_eq!(parameters["FRIENDLY_DEVICE_NAME"], "My phone");
        assert_eq!(parameters["USER_ID_FOR_SRP"], "ada");
        let session = challenge.session.unwrap();
        // A wrong code and one that was taken before leave the session as it is (MFA-2).
        assert_eq!(
            answer(&pool, &session, "ada", &other_than(&first_code)).await,
            (WRONG.0.into(), WRONG.1.into())
        );
        assert_eq!(
            answer(&pool, &session, "ada", &first_code).await,
            ("ExpiredCodeException".into(), "Your software token has already been used once.".into())
        );
        let code = app.next_code(server);
        assert_eq!(answer(&pool, &session, "ada", &code).await.1, "");
        assert_eq!(answer(&pool, &session, "ada", &app.next_code(server)).await.1, USED);

        // A password that was proven by SRP leads there as well.
        let srp = SrpClient::new("ada", PASSWORD, &pool.id, &pool.client, None);
        let begin = server.aws.initiate_auth().client_id(&pool.client);
        let begin = begin.auth_flow(aws_sdk_cognitoidentityprovider::types::AuthFlowType::UserSrpAuth);
        let begun = begin.set_auth_parameters(Some(srp.get_auth_params().unwrap())).send().await.unwrap();
        let responses = srp.process_challenge(begun.challenge_parameters.unwrap()).unwrap();
        let proof = server.aws.respond_to_auth_challenge().client_id(&pool.client);
        let proof = proof.challenge_name(ChallengeNameType::PasswordVerifier);
        let challenge = proof.set_challenge_responses(Some(responses)).send().await.unwrap();
        assert_eq!(challenge.challenge_name, Some(ChallengeNameType::SoftwareTokenMfa));
        let session = challenge.session.unwrap();
        assert_eq!(answer(&pool, &session, "ada", &app.next_code(server)).await.1, "");

        // Switched off again.
        prefer(&pool, access, false).await.unwrap();
        pool.sign_in("ada", PASSWORD).await;
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn where_a_pool_demands_it_an_app_is_set_up_on_the_way(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::On).await;
        pool.admin_user("grace").await;
        pool.set_password("grace", OTHER_PASSWORD, false).await;
        let first = pool.password_auth("grace", OTHER_PASSWORD).send().await.unwrap();
        assert_eq!(first.challenge_name, Some(ChallengeNameType::NewPasswordRequired));
        let session = first.session.unwrap();
        let new = respond(&pool, &server.aws, ChallengeNameType::NewPasswordRequired, &session, "grace");
        let set_up = new.challenge_responses("NEW_PASSWORD", PASSWORD).send().await.unwrap();
        assert_eq!(set_up.challenge_name, Some(ChallengeNameType::MfaSetup));
        let parameters = set_up.challenge_parameters.unwrap();
        assert_eq!(parameters["MFAS_CAN_SETUP"], r#"["SOFTWARE_TOKEN_MFA"]"#);

        let session = set_up.session.unwrap();
        let finish = async |session: &str| {
            let done = respond(&pool, &server.aws, ChallengeNameType::MfaSetup, session, "grace");
            done.send().await.map(|answer| answer.authentication_result.unwrap()).map_err(said)
        };
        // Not before something is set up (MFA-1).
        assert_eq!(finish(&session).await.unwrap_err().1, INVALID);
        let associated = server.aws.associate_software_token().session(&session).send().await.unwrap();
        let app = App::new(associated.secret_code().unwrap());
        let session = associated.session.unwrap();
        assert_eq!(finish(&session).await.unwrap_err().1, INVALID);
        let verify = |session: &str, code: String| {
            server.aws.verify_software_token().session(session).user_code(code).send()
        };
        let wrong = verify(&session, other_than(&app.code(server))).await.unwrap_err();
        assert_eq!(said(wrong).0, "EnableSoftwareTokenMFAException");
        let verified = verify(&session, app.code(server)).await.unwrap();
        // A user who has an app sets up no other on the way (MFA-2).
        assert_eq!(said(verify(&session, app.next_code(server)).await.unwrap_err()).1, USED);
        let session = verified.session.unwrap();
        let tokens = finish(&session).await.unwrap();
        assert_eq!(finish(&session).await.unwrap_err().1, USED);
        server.aws.get_user().access_token(tokens.access_token().unwrap()).send().await.unwrap();
        pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap();

        let session = challenged(&pool, "grace", ChallengeNameType::SoftwareTokenMfa).await;
        assert_eq!(
            said(server.aws.associate_software_token().session(&session).send().await.unwrap_err()).1,
            INVALID
        );
        assert_eq!(answer(&pool, &session, "grace", &app.next_code(server)).await.1, "");
        // The last factor stays, and the app is asked for even where it is said not to be.
        let off = prefer(&pool, tokens.access_token().unwrap(), false).await.unwrap_err();
        assert_eq!(off.0, "InvalidParameterException");
    })
    .await;
}

/// MFA-2: a new app replaces the old one with its first code, and not before.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_app_is_replaced_by_its_successors_first_code_or_taken_away(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::Optional).await;
        pool.admin_user("ada").await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let access = tokens.access_token().unwrap();
        let none_waits =
            server.aws.verify_software_token().access_token(access).user_code("123456").send().await;
        assert_eq!(said(none_waits.unwrap_err()).0, "SoftwareTokenMFANotFoundException");
        let old = enrol(&pool, "ada").await;
        let associated = server.aws.associate_software_token().access_token(access).send().await.unwrap();
        let new = App::new(associated.secret_code().unwrap());
        let sign_in = async |app: &App| {
            let code = app.next_code(server);
            let session = challenged(&pool, "ada", ChallengeNameType::SoftwareTokenMfa).await;
            answer(&pool, &session, "ada", &code).await.1
        };
        assert_eq!(sign_in(&new).await, WRONG.1);
        assert_eq!(sign_in(&old).await, "");
        let verify = server.aws.verify_software_token().access_token(access).user_code(new.code(server));
        verify.send().await.unwrap();
        assert_eq!(sign_in(&old).await, WRONG.1);
        assert_eq!(sign_in(&new).await, "");

        let delete = server.aws.admin_delete_software_token().user_pool_id(&pool.id).username("ada");
        delete.send().await.unwrap();
        pool.sign_in("ada", PASSWORD).await;
        let factors = server.aws.admin_get_user_auth_factors().user_pool_id(&pool.id).username("ada");
        let factors = factors.send().await.unwrap();
        assert_eq!(factors.configured_user_auth_factors(), [AuthFactorType::Password]);
        assert!(factors.user_mfa_setting_list().is_empty());

        let nobody = server.aws.admin_delete_software_token().user_pool_id(&pool.id).username("nobody");
        assert_eq!(said(nobody.send().await.unwrap_err()).0, "UserNotFoundException");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_a_pool_does_not_offer_is_not_set_up(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let access = tokens.access_token().unwrap();
        let refused = server.aws.associate_software_token().access_token(access).send().await.unwrap_err();
        assert_eq!(
            said(refused),
            (
                "SoftwareTokenMFANotFoundException".to_owned(),
                "Software Token MFA has not been enabled by the userPool".to_owned()
            )
        );
        assert_eq!(prefer(&pool, access, true).await.unwrap_err().0, "SoftwareTokenMFANotFoundException");
        for (token, session) in [(None, None), (Some(access), Some("x".repeat(40)))] {
            let associate = server.aws.associate_software_token().set_access_token(token.map(Into::into));
            let refused = associate.set_session(session).send().await.unwrap_err();
            assert_eq!(said(refused).1, "Exactly one of AccessToken and Session must be given.");
        }
        let garbage = server.aws.associate_software_token().session("x".repeat(40)).send().await.unwrap_err();
        assert_eq!(said(garbage).1, INVALID);
        // What the user has no address for is refused, and switching it off is nothing.
        let sms = |enabled| {
            let settings = SmsMfaSettingsType::builder().enabled(enabled).build();
            let set = server.aws.admin_set_user_mfa_preference().user_pool_id(&pool.id).username("ada");
            set.sms_mfa_settings(settings).send()
        };
        assert_eq!(
            said(sms(true).await.unwrap_err()).1,
            "User does not have delivery config set to turn on SMS_MFA"
        );
        sms(false).await.unwrap();
    })
    .await;
}
