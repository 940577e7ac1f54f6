//! What somebody might try to get past a second factor, or to plant one.

use super::*;

/// MFA-1: the server's stored step decides which answer is acceptable, never the challenge's name in the request.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_challenge_is_answered_in_its_own_terms_by_its_own_user(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::Optional).await;
        for name in ["ada", "bob", "invited"] {
            pool.admin_user(name).await;
        }
        let (ada, bob) = (enrol(&pool, "ada").await, enrol(&pool, "bob").await);
        pool.set_password("invited", PASSWORD, false).await;
        server.clock.advance(Duration::seconds(30));
        let session = challenged(&pool, "ada", ChallengeNameType::SoftwareTokenMfa).await;
        let invited = challenged(&pool, "invited", ChallengeNameType::NewPasswordRequired).await;
        for challenge in [ChallengeNameType::NewPasswordRequired, ChallengeNameType::MfaSetup] {
            let other = respond(&pool, &server.aws, challenge, &session, "ada");
            let other = other.challenge_responses("NEW_PASSWORD", OTHER_PASSWORD).send().await.unwrap_err();
            assert_eq!(said(other).1, INVALID);
        }
        let code = ada.code(server);
        assert_eq!(answer(&pool, &invited, "invited", &code).await.1, INVALID);
        assert_eq!(answer(&pool, &session, "bob", &bob.code(server)).await.1, INVALID);
        assert_eq!(answer(&pool, &session, "ada", &bob.code(server)).await, (WRONG.0.into(), WRONG.1.into()));
        let tampered = format!("{}A", &session[..session.len() - 1]);
        assert_eq!(answer(&pool, &tampered, "ada", &code).await.1, INVALID);
        let elsewhere = server.with_client(pool.id.clone(), false).await;
        assert_eq!(answer(&elsewhere, &session, "ada", &code).await.1, INVALID);
        for key in ["Session", "SOFTWARE_TOKEN_MFA_CODE"] {
            let respond = server.aws.respond_to_auth_challenge().client_id(&pool.client);
            let respond = respond.challenge_name(ChallengeNameType::SoftwareTokenMfa);
            let respond = respond.challenge_responses("USERNAME", "ada");
            let respond = match key {
                "Session" => respond.challenge_responses("SOFTWARE_TOKEN_MFA_CODE", &code),
                _ => respond.session(&session),
            };
            let missing = said(respond.send().await.unwrap_err());
            assert_eq!(missing.1, format!("Missing required parameter {key}"));
        }
        // A password that changes in between ends the way in.
        pool.set_password("ada", OTHER_PASSWORD, true).await;
        assert_eq!(answer(&pool, &session, "ada", &code).await.1, USED);
        server.clock.advance(Duration::minutes(4));
        assert_eq!(
            answer(&pool, &session, "ada", &ada.code(server)).await.1,
            "Invalid session for the user, session is expired."
        );
    })
    .await;
}

/// Cases 39 and 48: one code, one session, and many callers over two servers.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn of_many_answers_at_once_exactly_one_wins(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::Optional).await;
        pool.admin_user("ada").await;
        let app = enrol(&pool, "ada").await;
        let replica = server.replica().await;
        let there = client(&replica.url, "nobody", "nothing");
        for same_session in [true, false] {
            let mut sessions = Vec::new();
            for number in 0..8 {
                if number == 0 || !same_session {
                    sessions.push(challenged(&pool, "ada", ChallengeNameType::SoftwareTokenMfa).await);
                }
            }
            let code = app.next_code(server);
            let answers = (0..8).map(|number| {
                let aws = if number % 2 == 0 { &there } else { &server.aws };
                let session = &sessions[number % sessions.len()];
                let respond = respond(&pool, aws, ChallengeNameType::SoftwareTokenMfa, session, "ada");
                respond.challenge_responses("SOFTWARE_TOKEN_MFA_CODE", &code).send()
            });
            let outcomes = futures_util::future::join_all(answers).await;
            assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
            if !same_session {
                // Whose code was taken by another is told so, and may give the next one.
                let lost = outcomes.iter().position(Result::is_err).unwrap();
                let told = outcomes.into_iter().filter_map(Result::err).map(|error| said(error).0);
                assert!(told.into_iter().all(|kind| kind == "ExpiredCodeException"));
                assert_eq!(answer(&pool, &sessions[lost], "ada", &app.next_code(server)).await.1, "");
            }
        }
        replica.stop().await;
    })
    .await;
}

/// LCK-2: guesses at codes have a budget, which right ones do not use up.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn guessing_codes_ends_and_right_ones_do_not_count(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::Optional).await;
        pool.admin_user("ada").await;
        let app = enrol(&pool, "ada").await;
        for _ in 0..12 {
            let code = app.next_code(server);
            let session = challenged(&pool, "ada", ChallengeNameType::SoftwareTokenMfa).await;
            assert_eq!(answer(&pool, &session, "ada", &code).await.1, "");
        }
        let code = app.next_code(server);
        for _ in 0..10 {
            let session = challenged(&pool, "ada", ChallengeNameType::SoftwareTokenMfa).await;
            assert_eq!(answer(&pool, &session, "ada", &other_than(&code)).await.0, WRONG.0);
        }
        let session = challenged(&pool, "ada", ChallengeNameType::SoftwareTokenMfa).await;
        assert_eq!(answer(&pool, &session, "ada", &code).await.1, "Password attempts exceeded");
        server.clock.advance(Duration::hours(1));
        let session = challenged(&pool, "ada", ChallengeNameType::SoftwareTokenMfa).await;
        assert_eq!(answer(&pool, &session, "ada", &app.code(server)).await.1, "");
    })
    .await;
}

/// MFA-1: refreshing is no way around a factor that the pool has come to demand.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn sessions_without_the_second_factor_end_where_it_is_demanded(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::Optional).await;
        pool.admin_user("ada").await;
        let without = pool.sign_in("ada", PASSWORD).await;
        let app = enrol(&pool, "ada").await;
        let session = challenged(&pool, "ada", ChallengeNameType::SoftwareTokenMfa).await;
        let with = respond(&pool, &server.aws, ChallengeNameType::SoftwareTokenMfa, &session, "ada");
        let with = with.challenge_responses("SOFTWARE_TOKEN_MFA_CODE", app.next_code(server));
        let with = with.send().await.unwrap().authentication_result.unwrap();
        for tokens in [&without, &with] {
            pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap();
        }
        require(&pool, UserPoolMfaType::On).await;
        pool.refresh(with.refresh_token().unwrap()).send().await.unwrap();
        let ended = pool.refresh(without.refresh_token().unwrap()).send().await.unwrap_err();
        assert_eq!(said(ended).1, "Refresh Token has been revoked");
        let exchange = server.aws.get_tokens_from_refresh_token().client_id(&pool.client);
        let ended = exchange.refresh_token(without.refresh_token().unwrap()).send().await.unwrap_err();
        assert_eq!(said(ended).1, "Refresh Token has been revoked");
    })
    .await;
}

/// MFA-2: who may no longer sign in with the password that led there sets nothing up for its user.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_set_up_session_ends_with_its_password_and_with_the_app(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::On).await;
        pool.admin_user("ada").await;
        let enrolling = async || {
            let session = challenged(&pool, "ada", ChallengeNameType::MfaSetup).await;
            let associated = server.aws.associate_software_token().session(session).send().await.unwrap();
            (App::new(associated.secret_code().unwrap()), associated.session.unwrap())
        };
        let verify = async |app: &App, session: &str| {
            let verify = server.aws.verify_software_token().session(session).user_code(app.code(server));
            verify.send().await.map(|verified| verified.session.unwrap()).map_err(said)
        };
        let configured = async || {
            let factors = server.aws.admin_get_user_auth_factors().user_pool_id(&pool.id).username("ada");
            factors.send().await.unwrap().configured_user_auth_factors().to_vec()
        };

        let (app, session) = enrolling().await;
        pool.set_password("ada", PASSWORD, true).await;
        assert_eq!(verify(&app, &session).await.unwrap_err().1, USED);
        let (app, session) = enrolling().await;
        server.aws.admin_disable_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert_eq!(verify(&app, &session).await.unwrap_err().1, USED);
        assert_eq!(configured().await, [AuthFactorType::Password]);
        server.aws.admin_enable_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();

        // What is set up and taken away again signs nobody in.
        let (app, session) = enrolling().await;
        let session = verify(&app, &session).await.unwrap();
        assert_eq!(configured().await, [AuthFactorType::Password, AuthFactorType::SoftwareToken]);
        let delete = server.aws.admin_delete_software_token().user_pool_id(&pool.id).username("ada");
        delete.send().await.unwrap();
        let finish = respond(&pool, &server.aws, ChallengeNameType::MfaSetup, &session, "ada");
        assert_eq!(said(finish.send().await.unwrap_err()).1, INVALID);

        // Beginning again gains no time.
        let (_, session) = enrolling().await;
        server.clock.advance(Duration::minutes(2));
        let again = server.aws.associate_software_token().session(session).send().await.unwrap();
        server.clock.advance(Duration::minutes(2));
        let late = server.aws.associate_software_token().session(again.session.unwrap()).send().await;
        assert_eq!(said(late.unwrap_err()).1, "Invalid session for the user, session is expired.");
    })
    .await;
}
