//! Signing in by SRP, with a client that is not ours on the other side (MFA-4).

mod abuse;

use std::collections::HashMap;

use aws_sdk_cognitoidentityprovider::operation::initiate_auth::InitiateAuthOutput;
use aws_sdk_cognitoidentityprovider::operation::respond_to_auth_challenge::builders::RespondToAuthChallengeFluentBuilder;
use aws_sdk_cognitoidentityprovider::types::{
    AliasAttributeType, AuthFlowType, AuthenticationResultType, ChallengeNameType, ExplicitAuthFlowsType,
    MessageActionType, UsernameAttributeType,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Duration;
use cognito_srp::SrpClient;
use openssl::bn::BigNum;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use uuid::Uuid;

use crate::server::{OTHER_PASSWORD, PASSWORD, TestPool, TestServer, attribute, client, said};

const WRONG: &str = "Incorrect username or password.";
const LOCKED: &str = "Password attempts exceeded";

/// What a client sends first.
async fn begin(pool: &TestPool<'_>, opening: HashMap<String, String>) -> Result<InitiateAuthOutput, String> {
    let auth = pool.server.aws.initiate_auth().client_id(&pool.client).auth_flow(AuthFlowType::UserSrpAuth);
    auth.set_auth_parameters(Some(opening)).send().await.map_err(|error| said(error).1)
}

/// A whole first step: what the server answers, and what the client answers to that.
async fn challenged(
    pool: &TestPool<'_>,
    name: &str,
    password: &str,
) -> (HashMap<String, String>, HashMap<String, String>) {
    let srp = SrpClient::new(name, password, &pool.id, &pool.client, None);
    let answer = begin(pool, srp.get_auth_params().unwrap()).await.unwrap();
    assert_eq!(answer.challenge_name, Some(ChallengeNameType::PasswordVerifier));
    assert!(answer.session.is_none());
    let parameters = answer.challenge_parameters.unwrap();
    (parameters.clone(), srp.process_challenge(parameters).unwrap())
}

fn respond(pool: &TestPool<'_>, responses: &HashMap<String, String>) -> RespondToAuthChallengeFluentBuilder {
    let respond = pool.server.aws.respond_to_auth_challenge().client_id(&pool.client);
    let respond = respond.challenge_name(ChallengeNameType::PasswordVerifier);
    respond.set_challenge_responses(Some(responses.clone()))
}

/// What the proof of these responses is told; nothing when it is right.
async fn proof(pool: &TestPool<'_>, responses: &HashMap<String, String>) -> String {
    match respond(pool, responses).send().await {
        Ok(_) => String::new(),
        Err(error) => said(error).1,
    }
}

/// What signing in is told; nothing when it works.
async fn guess(pool: &TestPool<'_>, name: &str, password: &str) -> String {
    proof(pool, &challenged(pool, name, password).await.1).await
}

async fn sign_in(pool: &TestPool<'_>, name: &str, password: &str) -> AuthenticationResultType {
    let (_, responses) = challenged(pool, name, password).await;
    respond(pool, &responses).send().await.unwrap().authentication_result.unwrap()
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_password_is_proven_without_being_sent(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let created = server.aws.create_user_pool().pool_name("aliases");
        let created = created.alias_attributes(AliasAttributeType::Email).send().await.unwrap();
        let pool = server.with_client(created.user_pool.unwrap().id.unwrap(), false).await;
        let password = "Pässwörd-\u{1f511}-7";
        let create = server.aws.admin_create_user().user_pool_id(&pool.id).username("Ada");
        let create = create.message_action(MessageActionType::Suppress);
        let create = create.user_attributes(attribute("email", "ada@example.com"));
        create.user_attributes(attribute("email_verified", "true")).send().await.unwrap();
        pool.set_password("Ada", password, true).await;

        let (parameters, _) = challenged(&pool, "ada@example.com", password).await;
        let mut names: Vec<_> = parameters.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["SALT", "SECRET_BLOCK", "SRP_B", "USERNAME", "USER_ID_FOR_SRP"]);
        assert_eq!((&*parameters["USERNAME"], &*parameters["USER_ID_FOR_SRP"]), ("Ada", "Ada"));
        for name in ["Ada", "ada@example.com"] {
            let tokens = sign_in(&pool, name, password).await;
            let access = tokens.access_token().unwrap();
            assert_eq!(server.aws.get_user().access_token(access).send().await.unwrap().username, "Ada");
            pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap();
        }
        assert_eq!(guess(&pool, "Ada", PASSWORD).await, WRONG);

        // The administrator's form.
        let srp = SrpClient::new("Ada", password, &pool.id, &pool.client, None);
        let auth = server.aws.admin_initiate_auth().user_pool_id(&pool.id).client_id(&pool.client);
        let auth = auth.auth_flow(AuthFlowType::UserSrpAuth);
        let auth = auth.set_auth_parameters(Some(srp.get_auth_params().unwrap())).send().await.unwrap();
        let answer = server.aws.admin_respond_to_auth_challenge().user_pool_id(&pool.id);
        let answer = answer.client_id(&pool.client).challenge_name(ChallengeNameType::PasswordVerifier);
        let responses = srp.process_challenge(auth.challenge_parameters.unwrap()).unwrap();
        let answer = answer.set_challenge_responses(Some(responses)).send().await.unwrap();
        assert!(answer.authentication_result.unwrap().id_token.is_some());
    })
    .await;
}

/// Among so many handshakes are public values that begin with zeros, in hexadecimal digits and in bytes.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn every_handshake_works_whatever_its_numbers_begin_with(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let mut short = 0;
        for number in 0..8 {
            let name = format!("user-{number}");
            pool.admin_user(&name).await;
            for _ in 0..16 {
                let (parameters, responses) = challenged(&pool, &name, PASSWORD).await;
                assert!(!parameters["SRP_B"].starts_with('0') && !parameters["SALT"].starts_with('0'));
                short += usize::from(parameters["SRP_B"].len() < 768);
                assert_eq!(proof(&pool, &responses).await, "", "{parameters:?}");
            }
        }
        assert!(short > 0, "no short public value in 128");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_temporary_password_leads_to_a_new_one_that_is_proven_next(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("grace").await;
        pool.set_password("grace", PASSWORD, false).await;
        let (_, responses) = challenged(&pool, "grace", PASSWORD).await;
        let challenge = respond(&pool, &responses).send().await.unwrap();
        assert_eq!(challenge.challenge_name, Some(ChallengeNameType::NewPasswordRequired));
        // The handshake is spent by then.
        assert_eq!(proof(&pool, &responses).await, WRONG);
        let answer = server.aws.respond_to_auth_challenge().client_id(&pool.client);
        let answer = answer.challenge_name(ChallengeNameType::NewPasswordRequired);
        let answer = answer.session(challenge.session.unwrap()).challenge_responses("USERNAME", "grace");
        answer.challenge_responses("NEW_PASSWORD", OTHER_PASSWORD).send().await.unwrap();
        sign_in(&pool, "grace", OTHER_PASSWORD).await;
        assert_eq!(guess(&pool, "grace", PASSWORD).await, WRONG);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_client_needs_the_flow_and_its_secret(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let create = async |secret: bool, flow: Option<ExplicitAuthFlowsType>| {
            let create = server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("other");
            let create = create.generate_secret(secret).set_explicit_auth_flows(flow.map(|flow| vec![flow]));
            let client = create.send().await.unwrap().user_pool_client.unwrap();
            let id = client.client_id.unwrap();
            (TestPool { server, id: pool.id.clone(), client: id }, client.client_secret)
        };
        let (closed, _) = create(false, Some(ExplicitAuthFlowsType::AllowUserPasswordAuth)).await;
        let srp = SrpClient::new("ada", PASSWORD, &pool.id, &closed.client, None);
        let refused = begin(&closed, srp.get_auth_params().unwrap()).await.unwrap_err();
        assert_eq!(refused, "USER_SRP_AUTH is not enabled for the client.");
        // Cognito's default.
        let (plain, _) = create(false, None).await;
        sign_in(&plain, "ada", PASSWORD).await;

        let (confidential, secret) = create(true, None).await;
        let srp = SrpClient::new("ada", PASSWORD, &pool.id, &confidential.client, secret.as_deref());
        let opening = srp.get_auth_params().unwrap();
        let without = |map: &HashMap<String, String>| {
            map.iter().filter(|(key, _)| *key != "SECRET_HASH").map(|(k, v)| (k.clone(), v.clone())).collect()
        };
        let missing = "is configured with secret but SECRET_HASH was not received";
        assert!(begin(&confidential, without(&opening)).await.unwrap_err().ends_with(missing));
        let answer = begin(&confidential, opening).await.unwrap();
        let responses = srp.process_challenge(answer.challenge_parameters.unwrap()).unwrap();
        assert!(proof(&confidential, &without(&responses)).await.ends_with(missing));
        assert_eq!(proof(&confidential, &responses).await, "");
    })
    .await;
}

/// ENU-1: the same steps, numbers that stay the same for a name, and a shape that tells nothing.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_name_that_nobody_has_gets_a_handshake_too(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let hiding = server.with_client(pool.id.clone(), true).await;
        pool.admin_user("ada").await;
        let srp = SrpClient::new("nobody", PASSWORD, &pool.id, &pool.client, None);
        assert_eq!(begin(&pool, srp.get_auth_params().unwrap()).await.unwrap_err(), "User does not exist.");

        let (real, responses) = challenged(&hiding, "ada", OTHER_PASSWORD).await;
        assert_eq!(proof(&hiding, &responses).await, WRONG);
        let (first, responses) = challenged(&hiding, "nobody", OTHER_PASSWORD).await;
        assert_eq!(proof(&hiding, &responses).await, WRONG);
        let (second, _) = challenged(&hiding, "nobody", OTHER_PASSWORD).await;
        assert_eq!(
            (&first["SALT"], &first["USER_ID_FOR_SRP"]),
            (&second["SALT"], &second["USER_ID_FOR_SRP"])
        );
        assert_ne!((&first["SRP_B"], &first["SECRET_BLOCK"]), (&second["SRP_B"], &second["SECRET_BLOCK"]));
        assert_eq!(first["USER_ID_FOR_SRP"], "nobody");
        let length = |parameters: &HashMap<String, String>| {
            STANDARD.decode(&parameters["SECRET_BLOCK"]).unwrap().len()
        };
        assert_eq!(length(&real), length(&first));
        assert!(first["SALT"].len().abs_diff(32) <= 1);
        // An answer in another name is no guess at either.
        for name in ["ada", "nobody"] {
            for _ in 0..6 {
                let (_, mut responses) = challenged(&hiding, name, OTHER_PASSWORD).await;
                responses.insert("USERNAME".into(), "somebody".into());
                assert_eq!(proof(&hiding, &responses).await, WRONG, "{name}");
            }
        }
        // The count of wrong guesses is there as well, and is the one of the other flow.
        for name in ["ada", "nobody"] {
            for _ in 0..2 {
                assert_eq!(guess(&hiding, name, OTHER_PASSWORD).await, WRONG, "{name}");
                let sent = hiding.password_auth(name, OTHER_PASSWORD).send().await.unwrap_err();
                assert_eq!(said(sent).1, WRONG, "{name}");
            }
            assert_eq!(guess(&hiding, name, PASSWORD).await, LOCKED, "{name}");
        }
    })
    .await;
}

/// ENU-1: a user's username is an id where the pool makes it one.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn where_usernames_are_ids_so_are_those_of_nobody(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let create = server.aws.create_user_pool().pool_name("addresses");
        let create = create.username_attributes(UsernameAttributeType::Email).send().await.unwrap();
        let pool = server.with_client(create.user_pool.unwrap().id.unwrap(), true).await;
        pool.admin_user("ada@example.com").await;
        for name in ["ada@example.com", "nobody@example.com"] {
            let (parameters, _) = challenged(&pool, name, PASSWORD).await;
            assert!(Uuid::try_parse(&parameters["USER_ID_FOR_SRP"]).is_ok(), "{name}: {parameters:?}");
        }
        sign_in(&pool, "ada@example.com", PASSWORD).await;

        let create = server.aws.create_user_pool().pool_name("aliases");
        let create = create.alias_attributes(AliasAttributeType::Email).send().await.unwrap();
        let pool = server.with_client(create.user_pool.unwrap().id.unwrap(), true).await;
        let (parameters, _) = challenged(&pool, "nobody@example.com", PASSWORD).await;
        assert!(Uuid::try_parse(&parameters["USER_ID_FOR_SRP"]).is_ok(), "{parameters:?}");
    })
    .await;
}

/// ENU-2.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_state_of_a_user_is_told_once_the_proof_is_right(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.sign_up("unconfirmed").await;
        pool.admin_user("disabled").await;
        server.aws.admin_disable_user().user_pool_id(&pool.id).username("disabled").send().await.unwrap();
        for (name, state) in [("unconfirmed", "User is not confirmed."), ("disabled", "User is disabled.")] {
            assert_eq!(guess(&pool, name, OTHER_PASSWORD).await, WRONG, "{name}");
            assert_eq!(guess(&pool, name, PASSWORD).await, state, "{name}");
        }
    })
    .await;
}

/// Case 34: one count over both flows.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn wrong_proofs_lock_as_wrong_passwords_do(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        for _ in 0..5 {
            assert_eq!(guess(&pool, "ada", OTHER_PASSWORD).await, WRONG);
        }
        assert_eq!(guess(&pool, "ada", PASSWORD).await, LOCKED);
        assert_eq!(said(pool.password_auth("ada", PASSWORD).send().await.unwrap_err()).1, LOCKED);
        server.clock.advance(Duration::seconds(2));
        // The right proof works after the lock, and forgets what was before.
        sign_in(&pool, "ada", PASSWORD).await;
        for _ in 0..4 {
            assert_eq!(guess(&pool, "ada", OTHER_PASSWORD).await, WRONG);
        }
        sign_in(&pool, "ada", PASSWORD).await;
    })
    .await;
}
