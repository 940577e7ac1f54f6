//! Challenges of a pool's own making (CUSTOM_AUTH), with functions that the test itself holds: what they are told, what they
//! decide, and what gets past them (MFA-1, TOK-9).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_sdk_cognitoidentityprovider::operation::initiate_auth::builders::InitiateAuthFluentBuilder;
use aws_sdk_cognitoidentityprovider::types::{
    AdvancedSecurityAdditionalFlowsType, AdvancedSecurityEnabledModeType, AdvancedSecurityModeType,
    AuthFlowType, ChallengeNameType, EventResponseType, ExplicitAuthFlowsType, LambdaConfigType,
    PreventUserExistenceErrorTypes, RiskExceptionConfigurationType, SoftwareTokenMfaConfigType,
    UserPoolAddOnsType, UserPoolMfaType, VerifiedAttributeType,
};
use cognate_store::user_pool::Trigger;
use cognito_srp::SrpClient;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::receiver::{Receiver, Reply, raised};
use crate::server::{PASSWORD, TestPool, TestServer, said};
use crate::sign_in_codes::answer;

/// Asks for a sum, three times at the most; after SRP_A, for the password first. `Define` can be told what to say instead.
struct Sums {
    receiver: Receiver,
    defines: Arc<Mutex<Option<Value>>>,
}

impl Sums {
    fn start() -> Self {
        let defines = Arc::new(Mutex::default());
        let told = defines.clone();
        Self { receiver: Receiver::start(move |event| answer_to(&told, event)), defines }
    }

    fn last(&self, trigger: Trigger) -> Value {
        self.receiver.last(&format!("{}_Authentication", trigger.name()))
    }
}

fn answer_to(defines: &Mutex<Option<Value>>, event: &Value) -> Reply {
    let request = &event["request"];
    let session = request["session"].as_array().cloned().unwrap_or_default();
    let is = |step: Option<&Value>, name: &str| step.is_some_and(|it| it["challengeName"] == name);
    Reply::Response(match event["triggerSource"].as_str().unwrap() {
        "DefineAuthChallenge_Authentication" => {
            if let Some(said) = defines.lock().unwrap().clone() {
                return Reply::Response(said);
            }
            match session.last() {
                last if is(last, "SRP_A") => json!({ "challengeName": "PASSWORD_VERIFIER" }),
                last if is(last, "CUSTOM_CHALLENGE")
                    && session[session.len() - 1]["challengeResult"] == true =>
                {
                    json!({ "issueTokens": true, "failAuthentication": false })
                }
                _ if session.len() >= 3 => json!({ "failAuthentication": true }),
                _ => json!({ "challengeName": "CUSTOM_CHALLENGE", "issueTokens": false }),
            }
        }
        "CreateAuthChallenge_Authentication" => json!({
            "publicChallengeParameters": { "question": "3 + 4" },
            "privateChallengeParameters": { "answer": "7" },
            "challengeMetadata": "SUM",
        }),
        _ if request["challengeAnswer"] == "break" => return raised("No sums today"),
        _ => {
            let right = request["challengeAnswer"] == request["privateChallengeParameters"]["answer"];
            json!({ "answerCorrect": right })
        }
    })
}

async fn run(db: PgConnectOptions, test: impl AsyncFnOnce(&TestServer, &Sums)) {
    let sums = Sums::start();
    TestServer::run(db, async |server| test(server, &sums).await).await;
}

/// A pool with the three functions, and a client for them that hides who exists.
async fn pool<'a>(server: &'a TestServer, sums: &Sums) -> TestPool<'a> {
    let url = sums.receiver.function("sums");
    let functions = LambdaConfigType::builder()
        .define_auth_challenge(&url)
        .create_auth_challenge(&url)
        .verify_auth_challenge_response(&url);
    let create = server.aws.create_user_pool().pool_name("test").lambda_config(functions.build());
    let create = create.auto_verified_attributes(VerifiedAttributeType::Email);
    let id = create.send().await.unwrap().user_pool.unwrap().id.unwrap();
    let create = server.aws.create_user_pool_client().user_pool_id(&id).client_name("web");
    let create = create.explicit_auth_flows(ExplicitAuthFlowsType::AllowCustomAuth);
    let create = create.explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth);
    let create = create.prevent_user_existence_errors(PreventUserExistenceErrorTypes::Enabled);
    let client = create.send().await.unwrap().user_pool_client.unwrap().client_id.unwrap();
    TestPool { server, id, client }
}

fn begin(pool: &TestPool<'_>, name: &str) -> InitiateAuthFluentBuilder {
    let begin = pool.server.aws.initiate_auth().client_id(&pool.client);
    begin.auth_flow(AuthFlowType::CustomAuth).auth_parameters("USERNAME", name)
}

async fn sum(
    pool: &TestPool<'_>,
    session: &str,
    name: &str,
    given: &str,
) -> Result<
    aws_sdk_cognitoidentityprovider::operation::respond_to_auth_challenge::RespondToAuthChallengeOutput,
    (String, String),
> {
    answer(pool, ChallengeNameType::CustomChallenge, session, name, ("ANSWER", given)).await
}

fn wrong() -> (String, String) {
    ("NotAuthorizedException".to_owned(), "Incorrect username or password.".to_owned())
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_pools_functions_ask_check_and_let_in(_: PgPoolOptions, db: PgConnectOptions) {
    run(db, async |server, sums| {
        let pool = pool(server, sums).await;
        pool.admin_user("ada").await;
        let begun = begin(&pool, "ada").send().await.unwrap();
        assert_eq!(begun.challenge_name, Some(ChallengeNameType::CustomChallenge));
        let expected = HashMap::from([("question", "3 + 4"), ("USERNAME", "ada")]);
        let expected: HashMap<_, _> =
            expected.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        assert_eq!(begun.challenge_parameters.unwrap(), expected);
        let event = sums.last(Trigger::DefineAuthChallenge);
        assert_eq!(event["triggerSource"], "DefineAuthChallenge_Authentication");
        assert_eq!((&event["userName"], &event["version"]), (&json!("ada"), &json!("1")));
        assert_eq!(event["callerContext"]["clientId"], pool.client);
        assert_eq!(event["request"]["session"], json!([]));
        assert_eq!(event["request"]["userNotFound"], false);
        assert_eq!(event["request"]["userAttributes"]["cognito:user_status"], "CONFIRMED");

        // A wrong answer is no error: the functions see it and ask again.
        let first = begun.session.unwrap();
        let again = sum(&pool, &first, "ada", "8").await.unwrap();
        assert_eq!(again.challenge_name, Some(ChallengeNameType::CustomChallenge));
        let seen = json!([{ "challengeName": "CUSTOM_CHALLENGE", "challengeResult": false, "challengeMetadata": "SUM" }]);
        assert_eq!(sums.last(Trigger::CreateAuthChallenge)["request"]["session"], seen);
        // Each session takes one answer: no guess goes unseen (TOK-9).
        let used = "Invalid session for the user, session can only be used once.";
        assert_eq!(sum(&pool, &first, "ada", "7").await.unwrap_err().1, used);

        let respond = server.aws.respond_to_auth_challenge().client_id(&pool.client);
        let respond = respond.challenge_name(ChallengeNameType::CustomChallenge).session(again.session.unwrap());
        let respond = respond.challenge_responses("USERNAME", "ada").challenge_responses("ANSWER", "7");
        let done = respond.client_metadata("page", "login").send().await.unwrap();
        let verify = sums.last(Trigger::VerifyAuthChallengeResponse);
        assert_eq!(verify["request"]["clientMetadata"], json!({ "page": "login" }));
        let tokens = done.authentication_result.unwrap();
        pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap();

        // The functions give up.
        let mut session = begin(&pool, "ada").send().await.unwrap().session.unwrap();
        for _ in 0..2 {
            session = sum(&pool, &session, "ada", "8").await.unwrap().session.unwrap();
        }
        assert_eq!(sum(&pool, &session, "ada", "8").await.unwrap_err(), wrong());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_password_can_come_first_and_does_not_stand_for_the_challenge(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    run(db, async |server, sums| {
        let pool = pool(server, sums).await;
        pool.admin_user("ada").await;
        let begun = async || {
            let srp = SrpClient::new("ada", PASSWORD, &pool.id, &pool.client, None);
            let public = srp.get_auth_params().unwrap().remove("SRP_A").unwrap();
            let begin = begin(&pool, "ada").auth_parameters("CHALLENGE_NAME", "SRP_A");
            let begun = begin.auth_parameters("SRP_A", public).send().await.unwrap();
            assert_eq!(begun.challenge_name, Some(ChallengeNameType::PasswordVerifier));
            let proof = srp.process_challenge(begun.challenge_parameters.unwrap()).unwrap();
            (begun.session.unwrap(), proof)
        };
        let proof = |session: Option<String>, responses: HashMap<String, String>| {
            let proof = server.aws.respond_to_auth_challenge().client_id(&pool.client);
            let proof = proof.challenge_name(ChallengeNameType::PasswordVerifier).set_session(session);
            proof.set_challenge_responses(Some(responses)).send()
        };
        let (session, responses) = begun().await;
        // Without its session, the handshake would be one that no challenge follows.
        let alone = proof(None, responses.clone()).await.unwrap_err();
        assert_eq!(said(alone).1, "Invalid session for the user.");
        let challenge = proof(Some(session.clone()), responses.clone()).await.unwrap();
        assert_eq!(challenge.challenge_name, Some(ChallengeNameType::CustomChallenge));
        let seen = json!([
            { "challengeName": "SRP_A", "challengeResult": true },
            { "challengeName": "PASSWORD_VERIFIER", "challengeResult": true },
        ]);
        assert_eq!(sums.last(Trigger::DefineAuthChallenge)["request"]["session"], seen);
        assert!(proof(Some(session), responses).await.is_err());
        let done = sum(&pool, challenge.session().unwrap(), "ada", "7").await.unwrap();
        assert!(done.authentication_result.is_some());

        // A wrong password counts as everywhere (case 34).
        let (session, mut responses) = begun().await;
        responses.insert("PASSWORD_CLAIM_SIGNATURE".to_owned(), "AAAA".to_owned());
        assert_eq!(said(proof(Some(session), responses).await.unwrap_err()), wrong());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_functions_say_lets_in_nobody_who_may_not(_: PgPoolOptions, db: PgConnectOptions) {
    run(db, async |server, sums| {
        let pool = pool(server, sums).await;
        pool.admin_user("ada").await;
        // A name that nobody has gets as far, and not in (ENU-1).
        let nobody = begin(&pool, "eve").send().await.unwrap();
        assert_eq!(sums.last(Trigger::DefineAuthChallenge)["request"]["userNotFound"], true);
        assert_eq!(nobody.challenge_name, Some(ChallengeNameType::CustomChallenge));
        let session = nobody.session.unwrap();
        assert_eq!(sum(&pool, &session, "eve", "7").await.unwrap_err(), wrong());

        // The session of one user in another's name, and after its time.
        pool.admin_user("grace").await;
        let session = begin(&pool, "ada").send().await.unwrap().session.unwrap();
        let foreign = sum(&pool, &session, "grace", "7").await.unwrap_err();
        assert_eq!(foreign.1, "Invalid session for the user.");
        let refused = sum(&pool, &session, "ada", "break").await.unwrap_err();
        assert_eq!(
            refused,
            (
                "UserLambdaValidationException".to_owned(),
                "VerifyAuthChallengeResponse failed with error No sums today.".to_owned()
            )
        );
        let session = begin(&pool, "ada").send().await.unwrap().session.unwrap();
        server.clock.advance(chrono::Duration::minutes(4));
        let late = sum(&pool, &session, "ada", "7").await.unwrap_err();
        assert_eq!(late.1, "Invalid session for the user, session is expired.");

        for (said_by_define, expected) in [
            (json!({ "failAuthentication": true }), "NotAuthorizedException"),
            (json!({}), "InvalidLambdaResponseException"),
            (json!({ "challengeName": "PASSWORD_VERIFIER" }), "InvalidLambdaResponseException"),
            (json!({ "issueTokens": "true" }), "InvalidLambdaResponseException"),
        ] {
            *sums.defines.lock().unwrap() = Some(said_by_define.clone());
            let refused = begin(&pool, "ada").send().await.unwrap_err();
            assert_eq!(said(refused).0, expected, "{said_by_define}");
        }
        // Let in at once; but not disabled, and not past a second factor.
        *sums.defines.lock().unwrap() = Some(json!({ "issueTokens": true }));
        let tokens = begin(&pool, "ada").send().await.unwrap().authentication_result.unwrap();
        let set = server.aws.set_user_pool_mfa_config().user_pool_id(&pool.id);
        let set = set.mfa_configuration(UserPoolMfaType::On);
        let token = SoftwareTokenMfaConfigType::builder().enabled(true).build();
        set.software_token_mfa_configuration(token).send().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        let challenged = begin(&pool, "ada").send().await.unwrap();
        assert_eq!(challenged.challenge_name, Some(ChallengeNameType::MfaSetup));
        let over = pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap_err();
        assert_eq!(said(over).1, "Refresh Token has been revoked");
        server.aws.admin_disable_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert_eq!(said(begin(&pool, "ada").send().await.unwrap_err()).1, "User is disabled.");
        assert_eq!(said(begin(&pool, "eve").send().await.unwrap_err()), wrong());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn wrong_answers_have_an_hourly_budget(_: PgPoolOptions, db: PgConnectOptions) {
    run(db, async |server, sums| {
        let pool = pool(server, sums).await;
        pool.admin_user("ada").await;
        *sums.defines.lock().unwrap() = Some(json!({ "challengeName": "CUSTOM_CHALLENGE" }));
        for attempt in 0..11 {
            let session = begin(&pool, "ada").send().await.unwrap().session.unwrap();
            let answered = sum(&pool, &session, "ada", "8").await;
            assert_eq!(answered.is_ok(), attempt < 10, "{attempt}");
        }
        *sums.defines.lock().unwrap() = None;
        let session = begin(&pool, "ada").send().await.unwrap().session.unwrap();
        assert_eq!(sum(&pool, &session, "ada", "7").await.unwrap_err().1, "Password attempts exceeded");
    })
    .await;
}

/// Threat protection has a setting of its own for them, and keeps nothing of other sign-ins where it is on for them alone.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_the_pool_says_of_their_risk_holds_for_them_alone(_: PgPoolOptions, db: PgConnectOptions) {
    run(db, async |server, sums| {
        let pool = pool(server, sums).await;
        pool.admin_user("ada").await;
        let flows = AdvancedSecurityAdditionalFlowsType::builder();
        let flows = flows.custom_auth_mode(AdvancedSecurityEnabledModeType::Enforced).build();
        let add_ons = UserPoolAddOnsType::builder().advanced_security_mode(AdvancedSecurityModeType::Off);
        let add_ons = add_ons.advanced_security_additional_flows(flows).build().unwrap();
        // An update leaves triggers out that it does not name.
        let functions = server.aws.describe_user_pool().user_pool_id(&pool.id).send().await.unwrap();
        let functions = functions.user_pool.unwrap().lambda_config;
        let update = server.aws.update_user_pool().user_pool_id(&pool.id).set_lambda_config(functions);
        let update = update.auto_verified_attributes(VerifiedAttributeType::Email);
        update.user_pool_add_ons(add_ons).send().await.unwrap();
        let update = server.aws.update_user_pool_client().user_pool_id(&pool.id).client_id(&pool.client);
        let update = update.explicit_auth_flows(ExplicitAuthFlowsType::AllowCustomAuth);
        update.explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth).send().await.unwrap();
        let settle = || tokio::time::sleep(std::time::Duration::from_millis(800));
        settle().await;

        pool.password_auth("ada", PASSWORD).send().await.unwrap();
        pool.password_auth("ada", "wrong").send().await.unwrap_err();
        let session = begin(&pool, "ada").send().await.unwrap().session.unwrap();
        let again = sum(&pool, &session, "ada", "8").await.unwrap();
        sum(&pool, &again.session.unwrap(), "ada", "7").await.unwrap();
        settle().await;
        let list = server.aws.admin_list_user_auth_events().user_pool_id(&pool.id).username("ada");
        let events = list.send().await.unwrap().auth_events.unwrap();
        let responses: Vec<_> = events.into_iter().map(|event| event.event_response.unwrap()).collect();
        assert_eq!(responses, [EventResponseType::Pass, EventResponseType::Fail]);

        let nobody = RiskExceptionConfigurationType::builder().blocked_ip_range_list("127.0.0.0/8").build();
        let set = server.aws.set_risk_configuration().user_pool_id(&pool.id);
        set.risk_exception_configuration(nobody).send().await.unwrap();
        settle().await;
        pool.password_auth("ada", PASSWORD).send().await.unwrap();
        let session = begin(&pool, "ada").send().await.unwrap().session.unwrap();
        let refused = sum(&pool, &session, "ada", "7").await.unwrap_err();
        assert_eq!(refused.1, "Unable to login because of security reasons.");
    })
    .await;
}
