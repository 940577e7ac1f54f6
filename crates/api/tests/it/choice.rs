//! Choosing by what to sign in (USER_AUTH): what is offered, each way in, and what nobody is told (ENU-1, MFA-1).

use aws_sdk_cognitoidentityprovider::operation::initiate_auth::builders::InitiateAuthFluentBuilder;
use aws_sdk_cognitoidentityprovider::types::{
    AuthFactorType, AuthFlowType, ChallengeNameType, ExplicitAuthFlowsType, LambdaConfigType,
    SignInPolicyType, UserPoolMfaType, UserPoolPolicyType, VerifiedAttributeType,
};
use cognito_srp::SrpClient;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::functions::put;
use crate::receiver::{Receiver, raised};
use crate::server::{PASSWORD, Setup, TestPool, TestServer, attribute, email_of, own_sender, said};
use crate::sign_in_codes::{answer, require};

/// A pool whose users begin with a password or with a code by email, and a client that hides who exists.
async fn pool(server: &TestServer) -> TestPool<'_> {
    let factors = [AuthFactorType::Password, AuthFactorType::EmailOtp, AuthFactorType::SmsOtp];
    let sign_in = SignInPolicyType::builder().set_allowed_first_auth_factors(Some(factors.to_vec()));
    let policies = UserPoolPolicyType::builder().sign_in_policy(sign_in.build());
    let create = server.aws.create_user_pool().pool_name("test").policies(policies.build());
    let create = create.auto_verified_attributes(VerifiedAttributeType::Email);
    let id = create.send().await.unwrap().user_pool.unwrap().id.unwrap();
    let pool = server.with_client(id, true).await;
    let update = server.aws.update_user_pool_client().user_pool_id(&pool.id).client_id(&pool.client);
    let update = update.explicit_auth_flows(ExplicitAuthFlowsType::AllowUserAuth);
    let update = update.explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth);
    let update = update.explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth);
    let hides = aws_sdk_cognitoidentityprovider::types::PreventUserExistenceErrorTypes::Enabled;
    update.prevent_user_existence_errors(hides).send().await.unwrap();
    pool
}

fn begin(pool: &TestPool<'_>, name: &str) -> InitiateAuthFluentBuilder {
    let begin = pool.server.aws.initiate_auth().client_id(&pool.client);
    begin.auth_flow(AuthFlowType::UserAuth).auth_parameters("USERNAME", name)
}

const ALL: [ChallengeNameType; 3] =
    [ChallengeNameType::PasswordSrp, ChallengeNameType::Password, ChallengeNameType::EmailOtp];

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_user_chooses_among_what_they_have(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool(server).await;
        pool.confirmed_user("ada").await;
        let offered = begin(&pool, "ada").send().await.unwrap();
        assert_eq!(offered.challenge_name, Some(ChallengeNameType::SelectChallenge));
        assert_eq!(offered.available_challenges(), ALL);
        assert!(offered.challenge_parameters.unwrap().is_empty());
        let session = offered.session.unwrap();
        let choose = async |response: &str| {
            answer(&pool, ChallengeNameType::SelectChallenge, &session, "ada", ("ANSWER", response)).await
        };
        assert_eq!(choose("WEB_AUTHN").await.unwrap_err().0, "InvalidParameterException");
        assert_eq!(choose("SMS_OTP").await.unwrap_err().0, "InvalidParameterException");

        // A code by email: eight digits, and no password.
        let sent = choose("EMAIL_OTP").await.unwrap();
        assert_eq!(sent.challenge_name, Some(ChallengeNameType::EmailOtp));
        assert_eq!(sent.challenge_parameters.unwrap()["CODE_DELIVERY_DESTINATION"], "a***@e***");
        let code = server.code_to(&email_of("ada")).await;
        assert_eq!(code.len(), 8);
        let otp = sent.session.unwrap();
        let wrong = ("EMAIL_OTP_CODE", "00000000");
        let wrong = answer(&pool, ChallengeNameType::EmailOtp, &otp, "ada", wrong).await.unwrap_err();
        assert_eq!(wrong.0, "CodeMismatchException");
        let right = ("EMAIL_OTP_CODE", code.as_str());
        let done = answer(&pool, ChallengeNameType::EmailOtp, &otp, "ada", right).await.unwrap();
        let tokens = done.authentication_result.unwrap();
        pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap();
        let used = answer(&pool, ChallengeNameType::EmailOtp, &otp, "ada", right).await.unwrap_err();
        assert_eq!(used.1, "Invalid session for the user, session can only be used once.");

        // Whatever ends all sessions ends those on the way as well (TOK-7).
        let session = begin(&pool, "ada").send().await.unwrap().session.unwrap();
        let sent =
            answer(&pool, ChallengeNameType::SelectChallenge, &session, "ada", ("ANSWER", "EMAIL_OTP"));
        let otp = sent.await.unwrap().session.unwrap();
        let code = server.code_to(&email_of("ada")).await;
        let sign_out = server.aws.admin_user_global_sign_out().user_pool_id(&pool.id).username("ada");
        sign_out.send().await.unwrap();
        let right = ("EMAIL_OTP_CODE", code.as_str());
        let over = answer(&pool, ChallengeNameType::EmailOtp, &otp, "ada", right).await.unwrap_err();
        assert_eq!(over.1, "Invalid session for the user, session can only be used once.");

        // A password in answer to the choice.
        let session = begin(&pool, "ada").send().await.unwrap().session.unwrap();
        let respond = pool.server.aws.respond_to_auth_challenge().client_id(&pool.client);
        let respond = respond.challenge_name(ChallengeNameType::SelectChallenge).session(&session);
        let respond =
            respond.challenge_responses("USERNAME", "ada").challenge_responses("ANSWER", "PASSWORD");
        let wrong = respond.clone().challenge_responses("PASSWORD", "Wrong-Horse-7").send().await;
        assert_eq!(said(wrong.unwrap_err()).1, "Incorrect username or password.");
        let respond = respond.challenge_responses("PASSWORD", PASSWORD);
        let done = respond.clone().send().await.unwrap();
        assert!(done.authentication_result.is_some());
        let again = said(respond.send().await.unwrap_err());
        assert_eq!(again.1, "Invalid session for the user, session can only be used once.");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_is_preferred_is_asked_for_at_once(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool(server).await;
        pool.confirmed_user("ada").await;
        let prefer = |choice: &str| begin(&pool, "ada").auth_parameters("PREFERRED_CHALLENGE", choice);

        let done = prefer("PASSWORD").auth_parameters("PASSWORD", PASSWORD).send().await.unwrap();
        assert!(done.authentication_result.unwrap().refresh_token.is_some());
        let wrong = prefer("PASSWORD").auth_parameters("PASSWORD", "Wrong-Horse-7").send().await.unwrap_err();
        assert_eq!(said(wrong).1, "Incorrect username or password.");
        let asked = prefer("PASSWORD").send().await.unwrap();
        assert_eq!(asked.challenge_name, Some(ChallengeNameType::Password));
        let session = asked.session.unwrap();
        let given = ("PASSWORD", PASSWORD);
        let done = answer(&pool, ChallengeNameType::Password, &session, "ada", given).await.unwrap();
        assert!(done.authentication_result.is_some());

        // By SRP, in the one step and in two.
        for at_once in [true, false] {
            let srp = SrpClient::new("ada", PASSWORD, &pool.id, &pool.client, None);
            let public = srp.get_auth_params().unwrap().remove("SRP_A").unwrap();
            let (parameters, session) = if at_once {
                let begun = prefer("PASSWORD_SRP").auth_parameters("SRP_A", &public).send().await.unwrap();
                assert_eq!(begun.challenge_name, Some(ChallengeNameType::PasswordVerifier));
                (begun.challenge_parameters.unwrap(), begun.session.unwrap())
            } else {
                let asked = prefer("PASSWORD_SRP").send().await.unwrap();
                assert_eq!(asked.challenge_name, Some(ChallengeNameType::PasswordSrp));
                let session = asked.session.unwrap();
                let given = ("SRP_A", public.as_str());
                let begun =
                    answer(&pool, ChallengeNameType::PasswordSrp, &session, "ada", given).await.unwrap();
                (begun.challenge_parameters.unwrap(), begun.session.unwrap())
            };
            let proof = pool.server.aws.respond_to_auth_challenge().client_id(&pool.client);
            let proof = proof.challenge_name(ChallengeNameType::PasswordVerifier);
            let proof = proof.set_challenge_responses(Some(srp.process_challenge(parameters).unwrap()));
            // The session is the handshake's own.
            let other = begin(&pool, "ada").send().await.unwrap().session.unwrap();
            let refused = proof.clone().session(other).send().await.unwrap_err();
            assert_eq!(said(refused).1, "Invalid session for the user.");
            let done = proof.clone().session(&session).send().await.unwrap();
            assert!(done.authentication_result.is_some());
            assert!(proof.session(&session).send().await.is_err());
        }

        // What is not available asks for a choice.
        for unavailable in ["SMS_OTP", "WEB_AUTHN", "NONSENSE"] {
            let asked = prefer(unavailable).send().await.unwrap();
            assert_eq!(asked.challenge_name, Some(ChallengeNameType::SelectChallenge));
        }
        let flow = pool.password_auth("ada", PASSWORD).send().await.unwrap();
        assert!(flow.authentication_result.is_some());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_name_that_nobody_has_gets_as_far(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool(server).await;
        pool.confirmed_user("ada").await;
        let (of_ada, of_nobody) =
            (begin(&pool, "ada").send().await.unwrap(), begin(&pool, "eve").send().await.unwrap());
        assert_eq!(of_nobody.challenge_name, of_ada.challenge_name);
        assert_eq!(of_nobody.available_challenges(), of_ada.available_challenges());
        let (ada, nobody) = (of_ada.session.unwrap(), of_nobody.session.unwrap());
        assert_eq!(nobody.len(), ada.len());

        let select = ChallengeNameType::SelectChallenge;
        let sent_ada = answer(&pool, select.clone(), &ada, "ada", ("ANSWER", "EMAIL_OTP")).await.unwrap();
        let sent = answer(&pool, select.clone(), &nobody, "eve", ("ANSWER", "EMAIL_OTP")).await.unwrap();
        assert_eq!(sent.challenge_name, sent_ada.challenge_name);
        assert_eq!(sent.session().unwrap().len(), sent_ada.session().unwrap().len());
        let parameters = sent.challenge_parameters.unwrap();
        let again = answer(&pool, select, &nobody, "eve", ("ANSWER", "EMAIL_OTP")).await.unwrap();
        assert_eq!(again.challenge_parameters.unwrap(), parameters);
        // Ten guesses, and then none, as for a user (LCK-2).
        let session = sent.session.unwrap();
        for guess in 0..12 {
            let code = ("EMAIL_OTP_CODE", "12345678");
            let refused =
                answer(&pool, ChallengeNameType::EmailOtp, &session, "eve", code).await.unwrap_err();
            let expected = if guess < 10 { "CodeMismatchException" } else { "NotAuthorizedException" };
            assert_eq!(refused.0, expected);
        }

        // Nor is a state told before the proof (ENU-2): a code is said to be on its way.
        pool.sign_up("unconfirmed").await;
        let before = server.code_to(&email_of("unconfirmed")).await;
        let offered = begin(&pool, "unconfirmed").send().await.unwrap();
        assert_eq!(offered.available_challenges(), ALL);
        let prefer = begin(&pool, "unconfirmed").auth_parameters("PREFERRED_CHALLENGE", "EMAIL_OTP");
        let sent = prefer.send().await.unwrap();
        assert_eq!(sent.challenge_name, Some(ChallengeNameType::EmailOtp));
        assert_eq!(server.code_to(&email_of("unconfirmed")).await, before);

        let prefer = begin(&pool, "eve").auth_parameters("PREFERRED_CHALLENGE", "PASSWORD");
        let wrong = prefer.auth_parameters("PASSWORD", PASSWORD).send().await.unwrap_err();
        assert_eq!(said(wrong).1, "Incorrect username or password.");
        let prefer = begin(&pool, "eve").auth_parameters("PREFERRED_CHALLENGE", "PASSWORD_SRP");
        let begun = prefer.auth_parameters("SRP_A", "abcdef").send().await.unwrap();
        assert_eq!(begun.challenge_name, Some(ChallengeNameType::PasswordVerifier));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn who_has_just_confirmed_is_in_without_another_proof(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool(server).await;
        // No password at all.
        let sign_up = server.aws.sign_up().client_id(&pool.client).username("ada");
        let signed_up = sign_up.user_attributes(attribute("email", &email_of("ada"))).send().await.unwrap();
        let session = signed_up.session.unwrap();
        // It is not yet worth anything.
        assert_eq!(
            said(begin(&pool, "ada").session(&session).send().await.unwrap_err()).1,
            "Invalid session for the user."
        );
        let confirm = server.aws.confirm_sign_up().client_id(&pool.client).username("ada").session(&session);
        let code = server.code_to(&email_of("ada")).await;
        let confirmed = confirm.confirmation_code(code).send().await.unwrap();
        let session = confirmed.session.unwrap();
        // Every way in begins with the pool's function, where it has one.
        let receiver = Receiver::start(|_| raised("Closed"));
        let function = receiver.function("before");
        put(&pool, LambdaConfigType::builder().pre_authentication(function).build()).await;
        for begun in [begin(&pool, "ada").session(&session), begin(&pool, "ada")] {
            let refused = said(begun.send().await.unwrap_err());
            assert_eq!(refused.1, "PreAuthentication failed with error Closed.");
        }
        put(&pool, LambdaConfigType::builder().build()).await;
        let done = begin(&pool, "ada").session(&session).send().await.unwrap();
        let tokens = done.authentication_result.unwrap();
        let again = begin(&pool, "ada").session(&session).send().await.unwrap_err();
        assert_eq!(said(again).1, "Invalid session for the user, session can only be used once.");

        // A client that hides who exists offers what it offers to everybody; another one asks for the only way in at once.
        assert_eq!(begin(&pool, "ada").send().await.unwrap().available_challenges(), ALL);
        let update = server.aws.update_user_pool_client().user_pool_id(&pool.id).client_id(&pool.client);
        let update = update.explicit_auth_flows(ExplicitAuthFlowsType::AllowUserAuth);
        let update = update.explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth);
        let shows = aws_sdk_cognitoidentityprovider::types::PreventUserExistenceErrorTypes::Legacy;
        update.prevent_user_existence_errors(shows).send().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        let asked = begin(&pool, "ada").send().await.unwrap();
        assert_eq!(asked.challenge_name, Some(ChallengeNameType::EmailOtp));
        assert_eq!(asked.available_challenges(), [ChallengeNameType::EmailOtp]);
        let access = tokens.access_token().unwrap();
        let factors = server.aws.get_user_auth_factors().access_token(access).send().await.unwrap();
        assert_eq!(factors.configured_user_auth_factors(), [AuthFactorType::EmailOtp]);

        // A first password needs no previous one, the next does.
        let change = || server.aws.change_password().access_token(access).proposed_password(PASSWORD);
        assert!(change().previous_password("Anything-1").send().await.is_err());
        change().send().await.unwrap();
        assert!(change().send().await.is_err());
        pool.sign_in("ada", PASSWORD).await;
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_code_alone_does_not_stand_for_two_factors(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool(server).await;
        pool.confirmed_user("ada").await;
        let sent =
            begin(&pool, "ada").auth_parameters("PREFERRED_CHALLENGE", "EMAIL_OTP").send().await.unwrap();
        let (session, code) = (sent.session.unwrap(), server.code_to(&email_of("ada")).await);
        let update = server.aws.update_user_pool().user_pool_id(&pool.id).email_configuration(own_sender());
        let policies = server.aws.describe_user_pool().user_pool_id(&pool.id).send().await.unwrap();
        let update = update.set_policies(policies.user_pool.unwrap().policies);
        update.send().await.unwrap();
        require(&pool, UserPoolMfaType::On).await;
        // Codes are no longer offered, and one that was sent before leads to the second factor.
        let offered = begin(&pool, "ada").send().await.unwrap();
        assert_eq!(offered.available_challenges(), &ALL[..2]);
        assert_eq!(begin(&pool, "eve").send().await.unwrap().available_challenges(), &ALL[..2]);
        let right = ("EMAIL_OTP_CODE", code.as_str());
        let late = answer(&pool, ChallengeNameType::EmailOtp, &session, "ada", right).await.unwrap();
        assert!(late.authentication_result.is_none());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn users_made_without_a_password_begin_with_a_code(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool(server).await;
        let create = server.aws.admin_create_user().user_pool_id(&pool.id).username("grace");
        let create = create.user_attributes(attribute("phone_number", "+15550001111"));
        let create = create.user_attributes(attribute("phone_number_verified", "true"));
        let created = create.send().await.unwrap().user.unwrap();
        assert_eq!(created.user_status().unwrap().as_str(), "CONFIRMED");
        let by_sms = || begin(&pool, "grace").auth_parameters("PREFERRED_CHALLENGE", "SMS_OTP");
        let sent = by_sms().send().await.unwrap();
        assert_eq!(sent.challenge_name, Some(ChallengeNameType::SmsOtp));
        let (session, code) = (sent.session.unwrap(), server.code_to("+15550001111").await);
        let right = ("SMS_OTP_CODE", code.as_str());
        let done = answer(&pool, ChallengeNameType::SmsOtp, &session, "grace", right).await.unwrap();
        assert!(done.authentication_result.is_some());

        // Disabled meanwhile: the session is over with all others.
        let sent = by_sms().send().await.unwrap();
        server.aws.admin_disable_user().user_pool_id(&pool.id).username("grace").send().await.unwrap();
        let (session, code) = (sent.session.unwrap(), server.code_to("+15550001111").await);
        let right = ("SMS_OTP_CODE", code.as_str());
        let refused = answer(&pool, ChallengeNameType::SmsOtp, &session, "grace", right).await.unwrap_err();
        assert_eq!(refused.1, "Invalid session for the user, session can only be used once.");

        // A client that does not allow the flow refuses it.
        let plain = server.with_client(pool.id.clone(), true).await;
        let refused = said(begin(&plain, "grace").send().await.unwrap_err());
        assert_eq!(refused.1, "USER_AUTH is not enabled for the client.");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_operator_sets_how_long_codes_are_and_how_many_may_be_wrong(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    let setup = Setup { guesses_per_hour: 2, sign_in_code_digits: 10, ..Setup::development() };
    TestServer::run_as(setup, db, async |server| {
        let pool = pool(server).await;
        pool.confirmed_user("ada").await;
        let sent =
            begin(&pool, "ada").auth_parameters("PREFERRED_CHALLENGE", "EMAIL_OTP").send().await.unwrap();
        let (session, code) = (sent.session.unwrap(), server.code_to(&email_of("ada")).await);
        assert_eq!(code.len(), 10);
        for (given, expected) in [
            ("1", "CodeMismatchException"),
            ("2", "CodeMismatchException"),
            (code.as_str(), "NotAuthorizedException"),
        ] {
            let given = ("EMAIL_OTP_CODE", given);
            let refused =
                answer(&pool, ChallengeNameType::EmailOtp, &session, "ada", given).await.unwrap_err();
            assert_eq!(refused.0, expected);
        }
    })
    .await;
}

/// LCK-4, ENU-1: a pool that has sent its codes sends none, and says so to nobody and to somebody alike.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_pools_spent_budget_tells_nobody_apart(_: PgPoolOptions, db: PgConnectOptions) {
    let setup = Setup { messages_per_pool: Some(4), ..Setup::development() };
    TestServer::run_as(setup, db, async |server| {
        let pool = pool(server).await;
        pool.confirmed_user("ada").await;
        let code = async |name: &str| {
            let begin = begin(&pool, name).auth_parameters("PREFERRED_CHALLENGE", "EMAIL_OTP");
            begin.send().await.map(|sent| sent.challenge_name).map_err(said)
        };
        for name in ["ada", "nobody"] {
            assert_eq!(code(name).await.unwrap(), Some(ChallengeNameType::EmailOtp));
        }
        let (somebody, nobody) = (code("ada").await.unwrap_err(), code("nobody").await.unwrap_err());
        assert_eq!((somebody.0.as_str(), &somebody), ("TooManyRequestsException", &nobody));
    })
    .await;
}
