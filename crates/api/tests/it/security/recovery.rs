//! Reset codes and challenges: for one user, one purpose and one use (COD-1, COD-2, TOK-9, ENU-1).

use aws_sdk_cognitoidentityprovider::types::ChallengeNameType;
use chrono::Duration;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::signing::Answer;
use crate::server::{OTHER_PASSWORD, PASSWORD, TestPool, TestServer, email_of, said};

async fn forgot(pool: &TestPool<'_>, name: &str) -> String {
    let answer =
        pool.server.aws.forgot_password().client_id(&pool.client).username(name).send().await.unwrap();
    answer.code_delivery_details.unwrap().destination.unwrap()
}

/// The type of the refusal; nothing when the password was set.
async fn reset(pool: &TestPool<'_>, name: &str, code: &str) -> String {
    let confirm = pool.server.aws.confirm_forgot_password().client_id(&pool.client).username(name);
    match confirm.confirmation_code(code).password(OTHER_PASSWORD).send().await {
        Ok(_) => String::new(),
        Err(error) => said(error).0,
    }
}

/// Case 30.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_reset_for_nobody_looks_like_one_for_somebody(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.with_client(server.user_pool().await.id, true).await;
        pool.confirmed_user("ada").await;
        pool.admin_user("unreachable").await;
        assert_eq!(forgot(&pool, "ada").await, "a***@e***");
        for name in ["nobody", "unreachable", "other"] {
            let first = forgot(&pool, name).await;
            let masked: Vec<_> = first.split("***").collect();
            assert!(masked.len() == 3 && masked[1].starts_with('@') && masked[2].is_empty(), "{first}");
            for _ in 0..2 {
                assert_eq!(forgot(&pool, name).await, first, "{name}");
            }
        }
        assert_eq!(forgot(&pool, "grace@navy.example").await, "g***@n***");

        // The same answer but for the letters, and the same hourly budget.
        let ask = async |name: &str| {
            let body = json!({ "ClientId": pool.client, "Username": name }).to_string();
            let answer = Answer::of(server.call("ForgotPassword", body).await).await;
            (answer.status, answer.body.len())
        };
        assert_eq!(ask("ada").await, ask("nobody").await);
        let names = ["ada", "nobody", "unreachable"];
        for (name, asked) in names.into_iter().zip([2, 4, 3]) {
            for _ in asked..5 {
                assert_eq!(ask(name).await.0, 200, "{name}");
            }
            let request = server.aws.forgot_password().client_id(&pool.client).username(name).send().await;
            assert_eq!(said(request.unwrap_err()).0, "LimitExceededException", "{name}");
        }
        // And guesses at the code.
        for name in names {
            let code = server.code_to(&email_of("ada")).await;
            let wrong = if code == "000000" { "000001" } else { "000000" };
            for _ in 0..10 {
                assert_eq!(reset(&pool, name, wrong).await, "CodeMismatchException", "{name}");
            }
            assert_eq!(reset(&pool, name, &code).await, "LimitExceededException", "{name}");
        }
        assert_eq!(reset(&pool, "never asked", "000000").await, "InvalidParameterException");
        assert_eq!(reset(&pool, "never-asked", "000000").await, "ExpiredCodeException");
        pool.sign_in("ada", PASSWORD).await;
    })
    .await;
}

/// Cases 36, 37 and 38.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_reset_code_is_the_newest_of_its_user_for_an_hour_and_once(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let hiding = server.with_client(pool.id.clone(), true).await;
        for name in ["ada", "bob"] {
            pool.confirmed_user(name).await;
        }
        assert_eq!(reset(&pool, "ada", "123456").await, "ExpiredCodeException");
        forgot(&pool, "ada").await;
        let old = server.code_to(&email_of("ada")).await;
        forgot(&pool, "ada").await;
        forgot(&pool, "bob").await;
        let (new, bobs) = (server.code_to(&email_of("ada")).await, server.code_to(&email_of("bob")).await);
        for pool in [&pool, &hiding] {
            if old != new {
                assert_eq!(reset(pool, "ada", &old).await, "CodeMismatchException");
            }
            if bobs != new {
                assert_eq!(reset(pool, "bob", &new).await, "CodeMismatchException");
                assert_eq!(reset(pool, "ada", &bobs).await, "CodeMismatchException");
            }
        }
        // Nor for another purpose.
        let confirm = server.aws.confirm_sign_up().client_id(&pool.client).username("ada");
        assert!(confirm.confirmation_code(&new).send().await.is_err());
        assert_eq!(reset(&pool, "ada", &new).await, "");
        assert_eq!(reset(&pool, "ada", &new).await, "ExpiredCodeException");
        pool.sign_in("ada", OTHER_PASSWORD).await;

        server.clock.advance(Duration::minutes(61));
        assert_eq!(reset(&pool, "bob", &bobs).await, "ExpiredCodeException");
        pool.sign_in("bob", PASSWORD).await;
    })
    .await;
}

/// COD-1.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_change_of_password_voids_the_codes_sent_before(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        forgot(&pool, "ada").await;
        let code = server.code_to(&email_of("ada")).await;
        pool.set_password("ada", PASSWORD, true).await;
        assert_eq!(reset(&pool, "ada", &code).await, "ExpiredCodeException");

        forgot(&pool, "ada").await;
        let code = server.code_to(&email_of("ada")).await;
        let token = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        let change = server.aws.change_password().access_token(token).previous_password(PASSWORD);
        change.proposed_password(PASSWORD).send().await.unwrap();
        assert_eq!(reset(&pool, "ada", &code).await, "ExpiredCodeException");
        pool.sign_in("ada", PASSWORD).await;
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn one_code_given_many_times_at_once_works_once(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        forgot(&pool, "ada").await;
        let code = server.code_to(&email_of("ada")).await;
        let outcomes = futures_util::future::join_all((0..8).map(|_| reset(&pool, "ada", &code))).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_empty()).count(), 1, "{outcomes:?}");
        let refused = outcomes.iter().filter(|outcome| !outcome.is_empty());
        assert!(refused.into_iter().all(|outcome| outcome == "ExpiredCodeException"), "{outcomes:?}");
    })
    .await;
}

/// MFA-1, TOK-9, cases 40 and 41.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_challenge_is_answered_by_its_user_in_its_own_terms_and_once(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        for name in ["ada", "bob"] {
            pool.admin_user(name).await;
            pool.set_password(name, PASSWORD, false).await;
        }
        let start = async || pool.password_auth("ada", PASSWORD).send().await.unwrap().session.unwrap();
        let session = start().await;
        let answer = |session: &str, challenge: ChallengeNameType, name: &str| {
            let answer = server.aws.respond_to_auth_challenge().client_id(&pool.client).session(session);
            let answer = answer.challenge_name(challenge).challenge_responses("USERNAME", name);
            answer
                .challenge_responses("NEW_PASSWORD", OTHER_PASSWORD)
                .challenge_responses("ANSWER", "x")
                .send()
        };
        for name in ChallengeNameType::values().iter().filter(|name| **name != "NEW_PASSWORD_REQUIRED") {
            let refused = said(answer(&session, (*name).into(), "ada").await.unwrap_err());
            assert!(["InvalidParameterException", "NotAuthorizedException"].contains(&&*refused.0), "{name}");
        }
        let required = ChallengeNameType::NewPasswordRequired;
        let invalid = ("NotAuthorizedException".to_owned(), "Invalid session for the user.".to_owned());
        for name in ["bob", "nobody"] {
            assert_eq!(said(answer(&session, required.clone(), name).await.unwrap_err()), invalid, "{name}");
        }
        let flipped = session.replace(&session[40..44], "AAAA");
        for forged in [&*flipped, &format!("{session}AAAA"), &session[5..], &"A".repeat(200)] {
            assert_eq!(said(answer(forged, required.clone(), "ada").await.unwrap_err()), invalid, "{forged}");
        }
        // Two started before either was answered: the second holds a password that is no longer in force.
        let second = start().await;
        answer(&session, required.clone(), "ada").await.unwrap();
        let used = "Invalid session for the user, session can only be used once.";
        for session in [&session, &second] {
            let refused = said(answer(session, required.clone(), "ada").await.unwrap_err());
            assert_eq!(refused, ("NotAuthorizedException".to_owned(), used.to_owned()));
        }
        pool.sign_in("ada", OTHER_PASSWORD).await;

        let session = pool.password_auth("bob", PASSWORD).send().await.unwrap().session.unwrap();
        server.clock.advance(Duration::minutes(4));
        let expired = said(answer(&session, required, "bob").await.unwrap_err());
        assert_eq!(expired.1, "Invalid session for the user, session is expired.");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn one_session_answered_many_times_at_once_works_once(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        pool.set_password("ada", PASSWORD, false).await;
        let session = pool.password_auth("ada", PASSWORD).send().await.unwrap().session.unwrap();
        let answers = (0..8).map(|number| {
            let answer = server.aws.respond_to_auth_challenge().client_id(&pool.client).session(&session);
            let answer = answer.challenge_name(ChallengeNameType::NewPasswordRequired);
            let answer = answer.challenge_responses("USERNAME", "ada");
            answer.challenge_responses("NEW_PASSWORD", format!("{OTHER_PASSWORD}{number}")).send()
        });
        let outcomes = futures_util::future::join_all(answers).await;
        let winners: Vec<_> = (0..8).filter(|number| outcomes[*number].is_ok()).collect();
        assert_eq!(winners.len(), 1);
        pool.sign_in("ada", &format!("{OTHER_PASSWORD}{}", winners[0])).await;
        for error in outcomes.into_iter().filter_map(Result::err) {
            assert_eq!(said(error).1, "Invalid session for the user, session can only be used once.");
        }
    })
    .await;
}
