//! Signing in by password, challenges, and refreshing.

use aws_sdk_cognitoidentityprovider::types::{
    AuthFlowType, ChallengeNameType, MessageActionType, SchemaAttributeType,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Duration;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{OTHER_PASSWORD, PASSWORD, TestPool, TestServer, attribute, said};

/// Invites a user with a temporary password.
async fn invite(pool: &TestPool<'_>, username: &str) {
    let create = pool.server.aws.admin_create_user().user_pool_id(&pool.id).username(username);
    let create = create.temporary_password(PASSWORD).message_action(MessageActionType::Suppress);
    create.send().await.unwrap();
}

/// The proof that a client knows its secret.
pub(crate) fn secret_hash(secret: &str, name: &str, client: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{name}{client}").as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_temporary_password_leads_to_a_new_one_and_in(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        invite(&pool, "grace").await;
        let challenge = pool.password_auth("grace", PASSWORD).send().await.unwrap();
        assert_eq!(challenge.challenge_name, Some(ChallengeNameType::NewPasswordRequired));
        let parameters = challenge.challenge_parameters.unwrap();
        assert_eq!(parameters["USER_ID_FOR_SRP"], "grace");
        assert_eq!(parameters["requiredAttributes"], "[]");
        let session = challenge.session.unwrap();
        let answer = |password: &str| {
            let respond = server.aws.respond_to_auth_challenge().client_id(&pool.client).session(&session);
            let respond = respond.challenge_name(ChallengeNameType::NewPasswordRequired);
            respond
                .challenge_responses("USERNAME", "grace")
                .challenge_responses("NEW_PASSWORD", password)
                .send()
        };
        // A refused answer leaves the session usable.
        assert_eq!(said(answer("weak").await.unwrap_err()).0, "InvalidPasswordException");
        let tokens = answer(OTHER_PASSWORD).await.unwrap().authentication_result.unwrap();
        server.aws.get_user().access_token(tokens.access_token.unwrap()).send().await.unwrap();
        assert_eq!(
            said(answer(OTHER_PASSWORD).await.unwrap_err()).1,
            "Invalid session for the user, session can only be used once."
        );
        pool.sign_in("grace", OTHER_PASSWORD).await;
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn of_many_answers_to_one_session_exactly_one_wins(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        invite(&pool, "grace").await;
        let session = pool.password_auth("grace", PASSWORD).send().await.unwrap().session.unwrap();
        let answers = (0..8).map(|_| {
            let respond = server.aws.respond_to_auth_challenge().client_id(&pool.client).session(&session);
            let respond = respond.challenge_name(ChallengeNameType::NewPasswordRequired);
            respond
                .challenge_responses("USERNAME", "grace")
                .challenge_responses("NEW_PASSWORD", OTHER_PASSWORD)
                .send()
        });
        let outcomes = futures_util::future::join_all(answers).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn missing_attributes_come_with_the_new_password(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let required = SchemaAttributeType::builder().name("given_name").required(true).build();
        let created =
            server.aws.create_user_pool().pool_name("strict").schema(required).send().await.unwrap();
        let pool = server.with_client(created.user_pool.unwrap().id.unwrap(), false).await;
        let create = server.aws.admin_create_user().user_pool_id(&pool.id).username("grace");
        let create = create.temporary_password(PASSWORD).user_attributes(attribute("email", "g@example.com"));
        create.message_action(MessageActionType::Suppress).send().await.unwrap();
        let admin = server.aws.admin_initiate_auth().user_pool_id(&pool.id).client_id(&pool.client);
        let admin = admin.auth_flow(AuthFlowType::AdminUserPasswordAuth).auth_parameters("USERNAME", "grace");
        let challenge = admin.auth_parameters("PASSWORD", PASSWORD).send().await.unwrap();
        let parameters = challenge.challenge_parameters.unwrap();
        assert_eq!(parameters["requiredAttributes"], r#"["userAttributes.given_name"]"#);
        assert_eq!(parameters["userAttributes"], r#"{"email":"g@example.com"}"#);
        let session = challenge.session.unwrap();
        let answer = |name: &str, value: &str| {
            let respond =
                server.aws.admin_respond_to_auth_challenge().user_pool_id(&pool.id).client_id(&pool.client);
            let respond = respond.challenge_name(ChallengeNameType::NewPasswordRequired).session(&session);
            let respond = respond
                .challenge_responses("USERNAME", "grace")
                .challenge_responses("NEW_PASSWORD", OTHER_PASSWORD);
            respond.challenge_responses(format!("userAttributes.{name}"), value).send()
        };
        assert_eq!(
            said(answer("name", "G").await.unwrap_err()).1,
            "Invalid attributes given, given_name is missing"
        );
        assert_eq!(
            said(answer("email", "x@example.com").await.unwrap_err()).1,
            "Cannot modify an already provided email"
        );
        answer("given_name", "Grace").await.unwrap().authentication_result.unwrap();
        let user = server.aws.admin_get_user().user_pool_id(&pool.id).username("grace").send().await.unwrap();
        assert!(
            user.user_attributes().iter().any(|it| it.name() == "given_name" && it.value() == Some("Grace"))
        );
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_temporary_password_and_a_challenge_expire(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        invite(&pool, "grace").await;
        let session = pool.password_auth("grace", PASSWORD).send().await.unwrap().session.unwrap();
        server.clock.advance(Duration::minutes(4));
        let respond = server.aws.respond_to_auth_challenge().client_id(&pool.client).session(session);
        let respond = respond
            .challenge_name(ChallengeNameType::NewPasswordRequired)
            .challenge_responses("USERNAME", "grace");
        let late = respond.challenge_responses("NEW_PASSWORD", OTHER_PASSWORD).send().await.unwrap_err();
        assert_eq!(said(late).1, "Invalid session for the user, session is expired.");
        server.clock.advance(Duration::days(7));
        let expired = said(pool.password_auth("grace", PASSWORD).send().await.unwrap_err());
        assert_eq!(expired.1, "Temporary password has expired and must be reset by an administrator.");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn flows_belong_to_their_operation_and_to_the_clients_settings(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let wrong_form =
            pool.password_auth("ada", PASSWORD).auth_flow(AuthFlowType::AdminUserPasswordAuth).send().await;
        assert_eq!(said(wrong_form.unwrap_err()).1, "Initiate Auth method not supported");
        let plain = server
            .aws
            .create_user_pool_client()
            .user_pool_id(&pool.id)
            .client_name("plain")
            .send()
            .await
            .unwrap();
        let plain = plain.user_pool_client.unwrap().client_id.unwrap();
        let not_enabled = pool.password_auth("ada", PASSWORD).client_id(&plain).send().await.unwrap_err();
        assert_eq!(said(not_enabled).1, "USER_PASSWORD_AUTH flow not enabled for this client");
        let missing =
            server.aws.initiate_auth().client_id(&pool.client).auth_flow(AuthFlowType::UserPasswordAuth);
        assert_eq!(
            said(missing.auth_parameters("USERNAME", "ada").send().await.unwrap_err()).1,
            "Missing required parameter PASSWORD"
        );
        let unbuilt =
            pool.password_auth("ada", PASSWORD).auth_flow(AuthFlowType::CustomAuth).send().await.unwrap_err();
        assert_eq!(said(unbuilt).1, "CUSTOM_AUTH is not enabled for the client.");
        let admin = server.aws.admin_initiate_auth().user_pool_id(&pool.id).client_id(&pool.client);
        let admin = admin.auth_flow(AuthFlowType::AdminNoSrpAuth).auth_parameters("USERNAME", "ada");
        admin.auth_parameters("PASSWORD", PASSWORD).send().await.unwrap().authentication_result.unwrap();
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_refresh_token_lives_as_long_as_the_client_says(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let first = pool.sign_in("ada", PASSWORD).await;
        let token = first.refresh_token.unwrap();
        assert_eq!(token.split('.').count(), 5);
        let refreshed = pool.refresh(&token).send().await.unwrap().authentication_result.unwrap();
        assert!(refreshed.refresh_token.is_none());
        assert_ne!(refreshed.access_token, first.access_token);
        assert_eq!(said(pool.refresh("garbage").send().await.unwrap_err()).1, "Invalid Refresh Token");
        server.clock.advance(Duration::days(31));
        assert_eq!(said(pool.refresh(&token).send().await.unwrap_err()).1, "Refresh Token has expired");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_confidential_client_proves_its_secret_at_every_step(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        use aws_sdk_cognitoidentityprovider::types::ExplicitAuthFlowsType::{
            AllowRefreshTokenAuth, AllowUserPasswordAuth,
        };
        let create = server
            .aws
            .create_user_pool_client()
            .user_pool_id(&pool.id)
            .client_name("server")
            .generate_secret(true);
        let create =
            create.explicit_auth_flows(AllowUserPasswordAuth).explicit_auth_flows(AllowRefreshTokenAuth);
        let client = create.send().await.unwrap().user_pool_client.unwrap();
        let (id, secret) = (client.client_id.unwrap(), client.client_secret.unwrap());
        let hash = |name: &str| secret_hash(&secret, name, &id);
        let auth = || pool.password_auth("ada", PASSWORD).client_id(&id);
        assert_eq!(
            said(auth().send().await.unwrap_err()).1,
            format!("Client {id} is configured with secret but SECRET_HASH was not received")
        );
        let wrong = auth().auth_parameters("SECRET_HASH", hash("bob")).send().await.unwrap_err();
        assert_eq!(said(wrong).1, format!("Unable to verify secret hash for client {id}"));
        let tokens = auth()
            .auth_parameters("SECRET_HASH", hash("ada"))
            .send()
            .await
            .unwrap()
            .authentication_result
            .unwrap();
        let refresh_token = tokens.refresh_token.unwrap();
        let refresh = || pool.refresh(&refresh_token).client_id(&id);
        assert_eq!(said(refresh().send().await.unwrap_err()).0, "NotAuthorizedException");
        refresh().auth_parameters("SECRET_HASH", hash("ada")).send().await.unwrap();
        let revoke = || server.aws.revoke_token().client_id(&id).token(&refresh_token);
        assert_eq!(said(revoke().send().await.unwrap_err()).0, "UnauthorizedException");
        revoke().client_secret(&secret).send().await.unwrap();
        let revoked = refresh().auth_parameters("SECRET_HASH", hash("ada")).send().await.unwrap_err();
        assert_eq!(said(revoked).1, "Refresh Token has been revoked");
    })
    .await;
}
