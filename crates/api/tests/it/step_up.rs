//! Step-up: sign-ins that are to reach a level, and what is credited to them (MFA-1, TOK-4).

use aws_sdk_cognitoidentityprovider::operation::initiate_auth::InitiateAuthOutput;
use aws_sdk_cognitoidentityprovider::operation::initiate_auth::builders::InitiateAuthFluentBuilder;
use aws_sdk_cognitoidentityprovider::types::{
    AuthFlowType, AuthenticationResultType, ChallengeNameType, ExplicitAuthFlowsType,
    PreventUserExistenceErrorTypes,
};
use chrono::Duration;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::levels::{self, set_up_app, told, user};
use crate::second_factors::App;
use crate::server::{OTHER_PASSWORD, PASSWORD, Setup, TestPool, TestServer, email_of, said};
use crate::sign_in_codes::answer;

const APP: ChallengeNameType = ChallengeNameType::SoftwareTokenMfa;

/// A pool with every way to sign in, and a client that hides who exists.
async fn pool_with(server: &TestServer, named: bool) -> TestPool<'_> {
    let pool = levels::pool_with(server, named).await;
    hides_users(&pool).await;
    pool
}

async fn hides_users(pool: &TestPool<'_>) {
    let update = pool.server.aws.update_user_pool_client().user_pool_id(&pool.id).client_id(&pool.client);
    let flows = ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];
    let flows = flows.map(ExplicitAuthFlowsType::from).to_vec();
    let update = update.set_explicit_auth_flows(Some(flows));
    update.prevent_user_existence_errors(PreventUserExistenceErrorTypes::Enabled).send().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
}

/// Begins to sign in by choice, with more parameters.
async fn begin(
    pool: &TestPool<'_>,
    name: &str,
    parameters: &[(&str, &str)],
) -> Result<InitiateAuthOutput, (String, String)> {
    let begin = pool.server.aws.initiate_auth().client_id(&pool.client).auth_flow(AuthFlowType::UserAuth);
    let begin = begin.auth_parameters("USERNAME", name);
    let add =
        |begin: InitiateAuthFluentBuilder, (key, value): &(&str, &str)| begin.auth_parameters(*key, *value);
    parameters.iter().fold(begin, add).send().await.map_err(said)
}

/// Proves a password where it is chosen, on the way to these levels.
async fn by_password(
    pool: &TestPool<'_>,
    name: &str,
    parameters: &[(&str, &str)],
) -> Result<InitiateAuthOutput, (String, String)> {
    let given = [("PREFERRED_CHALLENGE", "PASSWORD"), ("PASSWORD", PASSWORD)];
    begin(pool, name, &[parameters, &given].concat()).await
}

/// Gives the code of an app, which ends the sign-in.
async fn give(
    pool: &TestPool<'_>,
    name: &str,
    session: &str,
    code: &str,
) -> Result<AuthenticationResultType, (String, String)> {
    let given = ("SOFTWARE_TOKEN_MFA_CODE", code);
    answer(pool, APP, session, name, given).await.map(|done| done.authentication_result.unwrap())
}

/// A user who has an app that nobody asks for, and the tokens of a sign-in with the password since.
async fn user_with_app(pool: &TestPool<'_>, name: &str) -> (App, AuthenticationResultType) {
    user(pool, name).await;
    let tokens = pool.sign_in(name, PASSWORD).await;
    let app = set_up_app(pool, tokens.access_token().unwrap()).await;
    (app, pool.sign_in(name, PASSWORD).await)
}

fn session(asked: InitiateAuthOutput) -> String {
    asked.session.unwrap()
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_password_that_is_credited_is_completed_by_a_code_of_the_app(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool_with(server, true).await;
        let (app, tokens) = user_with_app(&pool, "ada").await;
        let access = tokens.access_token().unwrap();
        let gold = [("TARGET_ACR_VALUES", "platinum gold"), ("ACCESS_TOKEN", access)];
        let asked = begin(&pool, "ada", &gold).await.unwrap();
        assert_eq!(asked.challenge_name, Some(APP));
        let code = app.next_code(server);
        let stepped = give(&pool, "ada", &session(asked), &code).await.unwrap();
        assert_eq!(told(&pool, &stepped).await, (json!("gold"), json!(["pwd", "otp", "mfa"])));
        let refreshed = pool.refresh(stepped.refresh_token().unwrap()).send().await.unwrap();
        assert_eq!(told(&pool, &refreshed.authentication_result.unwrap()).await.0, "gold");
        // The sign-in that was credited goes on as it was.
        let old = pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap();
        assert_eq!(told(&pool, &old.authentication_result.unwrap()).await.0, "urn:cognito:loa:1");

        // A token of the level itself is no proof either: something is always proven anew.
        let access = stepped.access_token().unwrap();
        let again = [("TARGET_ACR_VALUES", "gold"), ("ACCESS_TOKEN", access)];
        assert_eq!(begin(&pool, "ada", &again).await.unwrap().challenge_name, Some(APP));

        // Once it is too long ago, the password is asked for as well: what was credited is as old as it was.
        server.clock.advance(Duration::seconds(90));
        let recent = [("MAX_AGE", "60"), again[0], again[1]];
        let asked = begin(&pool, "ada", &recent).await.unwrap();
        let choices = [ChallengeNameType::PasswordSrp, ChallengeNameType::Password];
        assert_eq!(asked.challenge_name, Some(ChallengeNameType::SelectChallenge));
        assert_eq!(asked.available_challenges(), choices);
        let recent = [("MAX_AGE", "240"), again[0], again[1]];
        assert_eq!(begin(&pool, "ada", &recent).await.unwrap().challenge_name, Some(APP));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn credit_ends_with_the_sign_in_that_it_comes_of(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool_with(server, true).await;
        let (app, tokens) = user_with_app(&pool, "ada").await;
        let begin_with = async |tokens: &AuthenticationResultType| {
            let access = tokens.access_token().unwrap().to_owned();
            begin(&pool, "ada", &[("TARGET_ACR_VALUES", "gold"), ("ACCESS_TOKEN", &access)]).await
        };
        let asked = begin_with(&tokens).await.unwrap();
        let revoke = server.aws.revoke_token().client_id(&pool.client);
        revoke.token(tokens.refresh_token().unwrap()).send().await.unwrap();
        let refused = give(&pool, "ada", &session(asked), &app.next_code(server)).await.unwrap_err();
        assert_eq!(refused.1, "Invalid session for the user, session can only be used once.");
        assert_eq!(begin_with(&tokens).await.unwrap_err().1, "Access Token has been revoked");

        // An app that came after the sign-in does not complete it: a token alone could set one up.
        let tokens = pool.sign_in("ada", PASSWORD).await;
        server.clock.advance(Duration::seconds(30));
        let asked = begin_with(&tokens).await.unwrap();
        assert_eq!(asked.challenge_name, Some(APP));
        let newer = set_up_app(&pool, tokens.access_token().unwrap()).await;
        let refused = give(&pool, "ada", &session(asked), &newer.next_code(server)).await.unwrap_err();
        assert_eq!(refused.0, "NotAuthorizedException");
        let asked = begin_with(&tokens).await.unwrap();
        assert_eq!(asked.challenge_name, Some(ChallengeNameType::SelectChallenge));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_level_is_reached_by_what_the_user_can_give(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool_with(server, true).await;
        let (app, _) = user_with_app(&pool, "ada").await;
        user(&pool, "grace").await;
        // Nobody asks for the app but the level.
        let asked = by_password(&pool, "ada", &[("TARGET_ACR_VALUES", "gold")]).await.unwrap();
        assert_eq!(asked.challenge_name, Some(APP));
        let tokens = give(&pool, "ada", &session(asked), &app.next_code(server)).await.unwrap();
        assert_eq!(told(&pool, &tokens).await.0, "gold");
        // The lower one will do where the higher one is out of reach.
        let either = [("TARGET_ACR_VALUES", "gold urn:cognito:loa:1")];
        let done = by_password(&pool, "grace", &either).await.unwrap().authentication_result.unwrap();
        assert_eq!(told(&pool, &done).await.0, "urn:cognito:loa:1");
        // It is out of reach only for who proved who they are, and that is no wrong guess.
        for _ in 0..7 {
            let refused = by_password(&pool, "grace", &[("TARGET_ACR_VALUES", "gold")]).await.unwrap_err();
            let message = "None of the requested authentication levels can be reached by the user.";
            assert_eq!(refused, ("NotAuthorizedException".to_owned(), message.to_owned()));
        }
        pool.sign_in("grace", PASSWORD).await;

        // What is offered leads there: nobody is told who has what.
        for name in ["ada", "grace", "nobody"] {
            let asked = begin(&pool, name, &[("TARGET_ACR_VALUES", "gold")]).await.unwrap();
            let choices = [ChallengeNameType::PasswordSrp, ChallengeNameType::Password];
            assert_eq!(asked.available_challenges(), choices, "{name}");
        }
        let two = [("TARGET_ACR_VALUES", "urn:cognito:loa:2"), ("PREFERRED_CHALLENGE", "EMAIL_OTP")];
        let sent = begin(&pool, "grace", &two).await.unwrap();
        let code = server.code_to(&email_of("grace")).await;
        let (otp, given) = (ChallengeNameType::EmailOtp, ("EMAIL_OTP_CODE", code.as_str()));
        let done = answer(&pool, otp, &session(sent), "grace", given).await.unwrap();
        assert_eq!(told(&pool, &done.authentication_result.unwrap()).await.0, "urn:cognito:loa:2");

        // Also past a temporary password.
        let create = server.aws.admin_create_user().user_pool_id(&pool.id).username("eve");
        create.temporary_password(PASSWORD).send().await.unwrap();
        let gold = [("TARGET_ACR_VALUES", "gold")];
        let refused = by_password(&pool, "eve", &gold).await.unwrap_err();
        assert_eq!(refused.1, "None of the requested authentication levels can be reached by the user.");
        let either = [("TARGET_ACR_VALUES", "gold urn:cognito:loa:1")];
        let asked = by_password(&pool, "eve", &either).await.unwrap();
        let (new, given) = (ChallengeNameType::NewPasswordRequired, ("NEW_PASSWORD", OTHER_PASSWORD));
        assert_eq!(asked.challenge_name, Some(new.clone()));
        let done = answer(&pool, new, &session(asked), "eve", given).await.unwrap();
        assert_eq!(told(&pool, &done.authentication_result.unwrap()).await.0, "urn:cognito:loa:1");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_is_asked_for_must_make_sense(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool_with(server, true).await;
        let (_, tokens) = user_with_app(&pool, "ada").await;
        user(&pool, "grace").await;
        let access = tokens.access_token().unwrap();
        let id = tokens.id_token().unwrap();
        let gold = ("TARGET_ACR_VALUES", "gold");
        for (name, parameters, kind) in [
            ("ada", &[("TARGET_ACR_VALUES", "bronze")][..], "InvalidParameterException"),
            // The fourth level has another name here.
            ("ada", &[("TARGET_ACR_VALUES", "urn:cognito:loa:4")], "InvalidParameterException"),
            ("ada", &[("TARGET_ACR_VALUES", "")], "InvalidParameterException"),
            ("ada", &[("ACCESS_TOKEN", access)], "InvalidParameterException"),
            ("ada", &[gold, ("MAX_AGE", "-1")], "InvalidParameterException"),
            ("ada", &[gold, ("MAX_AGE", "an hour")], "InvalidParameterException"),
            ("grace", &[gold, ("ACCESS_TOKEN", access)], "InvalidParameterException"),
            ("nobody", &[gold, ("ACCESS_TOKEN", access)], "InvalidParameterException"),
            ("ada", &[gold, ("ACCESS_TOKEN", id)], "NotAuthorizedException"),
            ("ada", &[gold, ("ACCESS_TOKEN", "x.y.z")], "NotAuthorizedException"),
        ] {
            let refused = begin(&pool, name, parameters).await.unwrap_err();
            assert_eq!(refused.0, kind, "{name} {parameters:?}: {}", refused.1);
        }
        // Another client's tokens are credited nowhere else, nor another pool's.
        let other = server.with_client(pool.id.clone(), true).await;
        let foreign = server.with_client(pool_with(server, true).await.id, true).await;
        for pool in [other, foreign] {
            hides_users(&pool).await;
            let refused = begin(&pool, "ada", &[gold, ("ACCESS_TOKEN", access)]).await.unwrap_err();
            assert_eq!(refused.1, "Invalid Access Token");
        }
        // A pool that names no level has none to ask for.
        let plain = pool_with(server, false).await;
        user(&plain, "ada").await;
        let refused = begin(&plain, "ada", &[("TARGET_ACR_VALUES", "urn:cognito:loa:1")]).await.unwrap_err();
        assert_eq!(refused.0, "InvalidParameterException");
    })
    .await;
}
