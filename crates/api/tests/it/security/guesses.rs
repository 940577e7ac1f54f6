//! Guessing passwords: the lock, and what a guesser may learn (LCK-1, LCK-3, ENU-1, ENU-2).

use aws_sdk_cognitoidentityprovider::types::{AliasAttributeType, AuthFlowType, MessageActionType};
use chrono::Duration;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::signing::Answer;
use crate::server::{OTHER_PASSWORD, PASSWORD, TestPool, TestServer, attribute, said};

const WRONG: &str = "Incorrect username or password.";
const LOCKED: &str = "Password attempts exceeded";

/// What a guess is told; nothing when it is right.
async fn guess(pool: &TestPool<'_>, name: &str, password: &str) -> String {
    match pool.password_auth(name, password).send().await {
        Ok(_) => String::new(),
        Err(error) => {
            let (kind, text) = said(error);
            assert_eq!(kind, "NotAuthorizedException");
            text
        }
    }
}

/// As [`guess`], by the administrator's flow.
async fn admin_guess(pool: &TestPool<'_>, name: &str, password: &str) -> String {
    let auth = pool.server.aws.admin_initiate_auth().user_pool_id(&pool.id).client_id(&pool.client);
    let auth = auth.auth_flow(AuthFlowType::AdminUserPasswordAuth).auth_parameters("USERNAME", name);
    match auth.auth_parameters("PASSWORD", password).send().await {
        Ok(_) => String::new(),
        Err(error) => said(error).1,
    }
}

/// Fails often enough for a lock of half a minute, so that a slow test cannot outlast it.
async fn lock(pool: &TestPool<'_>, name: &str) {
    for _ in 0..5 {
        assert_eq!(guess(pool, name, OTHER_PASSWORD).await, WRONG);
    }
    // The locks so far: 1, 2, 4, 8 and 16 seconds.
    for seconds in [1, 2, 4, 8, 16] {
        pool.server.clock.advance(Duration::seconds(seconds + 1));
        assert_eq!(guess(pool, name, OTHER_PASSWORD).await, WRONG, "after {seconds} s");
    }
}

/// Case 33.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_fifth_wrong_password_locks_and_the_right_one_works_after(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        for _ in 0..5 {
            assert_eq!(guess(&pool, "ada", OTHER_PASSWORD).await, WRONG);
        }
        assert_eq!(guess(&pool, "ada", OTHER_PASSWORD).await, LOCKED);
        assert_eq!(guess(&pool, "ada", PASSWORD).await, LOCKED);
        server.clock.advance(Duration::seconds(2));
        assert_eq!(guess(&pool, "ada", PASSWORD).await, "");
        // Success forgets: there are four free failures again.
        for _ in 0..4 {
            assert_eq!(guess(&pool, "ada", OTHER_PASSWORD).await, WRONG);
        }
        assert_eq!(guess(&pool, "ada", PASSWORD).await, "");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn each_further_failure_doubles_the_lock_and_guesses_during_it_do_not_count(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        lock(&pool, "ada").await;
        // 32 seconds now, and no longer for trying.
        for _ in 0..10 {
            assert_eq!(guess(&pool, "ada", OTHER_PASSWORD).await, LOCKED);
        }
        server.clock.advance(Duration::seconds(20));
        assert_eq!(guess(&pool, "ada", PASSWORD).await, LOCKED);
        server.clock.advance(Duration::seconds(13));
        assert_eq!(guess(&pool, "ada", OTHER_PASSWORD).await, WRONG);
        // Never longer than a quarter of an hour.
        for _ in 0..6 {
            server.clock.advance(Duration::minutes(15) + Duration::seconds(1));
            assert_eq!(guess(&pool, "ada", OTHER_PASSWORD).await, WRONG);
        }
        server.clock.advance(Duration::minutes(14));
        assert_eq!(guess(&pool, "ada", PASSWORD).await, LOCKED);
        server.clock.advance(Duration::seconds(61));
        assert_eq!(guess(&pool, "ada", PASSWORD).await, "");
    })
    .await;
}

/// Case 34, without SRP and pages.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn failures_count_together_over_names_flows_and_clients(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let created = server.aws.create_user_pool().pool_name("aliases");
        let created = created.alias_attributes(AliasAttributeType::Email).send().await.unwrap();
        let pool = server.with_client(created.user_pool.unwrap().id.unwrap(), false).await;
        let other_client = server.with_client(pool.id.clone(), true).await;
        let create = server.aws.admin_create_user().user_pool_id(&pool.id).username("ada");
        let create = create.message_action(MessageActionType::Suppress);
        let create = create.user_attributes(attribute("email", "ada@example.com"));
        let create = create.user_attributes(attribute("email_verified", "true"));
        create.send().await.unwrap();
        pool.set_password("ada", PASSWORD, true).await;
        let user = server.aws.admin_get_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        let sub = user.user_attributes().iter().find(|it| it.name() == "sub").unwrap().value().unwrap();
        let signed_in = pool.sign_in("ada@example.com", PASSWORD).await;
        let access = signed_in.access_token().unwrap();
        let change = |previous: &str| {
            let change = server.aws.change_password().access_token(access).previous_password(previous);
            change.proposed_password(OTHER_PASSWORD).send()
        };

        assert_eq!(guess(&pool, "ada", OTHER_PASSWORD).await, WRONG);
        assert_eq!(guess(&other_client, "ada@example.com", OTHER_PASSWORD).await, WRONG);
        assert_eq!(admin_guess(&pool, sub, OTHER_PASSWORD).await, WRONG);
        assert_eq!(said(change(OTHER_PASSWORD).await.unwrap_err()).1, WRONG);
        assert_eq!(admin_guess(&pool, "ada@example.com", OTHER_PASSWORD).await, WRONG);
        // The fifth has been; make the lock a long one.
        for seconds in [1, 2, 4, 8, 16] {
            server.clock.advance(Duration::seconds(seconds + 1));
            assert_eq!(guess(&pool, sub, OTHER_PASSWORD).await, WRONG);
        }
        for name in ["ada", "ada@example.com", sub] {
            for password in [PASSWORD, OTHER_PASSWORD] {
                assert_eq!(guess(&pool, name, password).await, LOCKED, "{name}");
                assert_eq!(guess(&other_client, name, password).await, LOCKED, "{name}");
                assert_eq!(admin_guess(&pool, name, password).await, LOCKED, "{name}");
            }
        }
        assert_eq!(said(change(PASSWORD).await.unwrap_err()).0, "LimitExceededException");

        // On another replica too.
        let replica = server.replica().await;
        let there = crate::server::client(&replica.url, "nobody", "nothing");
        let auth = there.initiate_auth().client_id(&pool.client).auth_flow(AuthFlowType::UserPasswordAuth);
        let auth = auth.auth_parameters("USERNAME", "ada").auth_parameters("PASSWORD", PASSWORD);
        assert_eq!(said(auth.send().await.unwrap_err()).1, LOCKED);
        replica.stop().await;
    })
    .await;
}

/// LCK-3: locking somebody else out is an attack too.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_lock_ends_no_session_and_concerns_nobody_else(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        for (pool, name) in [(&pool, "ada"), (&pool, "bob"), (&other, "ada")] {
            pool.admin_user(name).await;
        }
        let tokens = pool.sign_in("ada", PASSWORD).await;
        lock(&pool, "ada").await;
        assert_eq!(guess(&pool, "ada", PASSWORD).await, LOCKED);
        let token = tokens.access_token().unwrap();
        server.aws.get_user().access_token(token).send().await.unwrap();
        pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap();
        pool.sign_in("bob", PASSWORD).await;
        other.sign_in("ada", PASSWORD).await;
        // An administrator helps.
        pool.set_password("ada", OTHER_PASSWORD, true).await;
        pool.sign_in("ada", OTHER_PASSWORD).await;
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn guesses_made_at_once_cannot_outrun_the_lock(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.with_client(server.user_pool().await.id, true).await;
        pool.admin_user("ada").await;
        for name in ["ada", "nobody"] {
            let guesses = (0..40).map(|_| pool.password_auth(name, OTHER_PASSWORD).send());
            let outcomes = futures_util::future::join_all(guesses).await;
            let said: Vec<_> = outcomes.into_iter().map(|outcome| said(outcome.unwrap_err())).collect();
            let checked = said.iter().filter(|(_, text)| text == WRONG).count();
            assert!((1..=5).contains(&checked), "{name}: {checked}");
            for (kind, text) in said {
                let refused = (kind.as_str(), text.as_str());
                let expected = [
                    ("NotAuthorizedException", WRONG),
                    ("NotAuthorizedException", LOCKED),
                    ("TooManyRequestsException", "Rate exceeded"),
                ];
                assert!(expected.contains(&refused), "{name}: {refused:?}");
            }
        }
    })
    .await;
}

/// Whoever signs in on all their devices at once has guessed nothing.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn right_passwords_at_once_are_no_guesses(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        for round in 0..5 {
            let name = format!("user{round}");
            pool.admin_user(&name).await;
            let sign_ins = (0..20).map(|_| pool.password_auth(&name, PASSWORD).send());
            for outcome in futures_util::future::join_all(sign_ins).await {
                if let Err(error) = outcome {
                    assert_eq!(said(error).0, "TooManyRequestsException");
                }
            }
        }
    })
    .await;
}

/// Case 29: the same answers, and the same counters behind them.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_name_that_nobody_has_is_answered_like_one_that_somebody_has(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.with_client(server.user_pool().await.id, true).await;
        pool.admin_user("ada").await;
        pool.sign_up("unconfirmed").await;
        let ask = async |name: &str| {
            let body = json!({
                "ClientId": pool.client, "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": { "USERNAME": name, "PASSWORD": OTHER_PASSWORD },
            });
            let answer = Answer::of(server.call("InitiateAuth", body.to_string()).await).await;
            let headers =
                answer.headers.iter().filter(|(name, _)| *name != "x-amzn-requestid" && *name != "date");
            let headers: Vec<_> = headers.map(|(name, value)| (name.clone(), value.clone())).collect();
            (answer.status, answer.body, headers)
        };
        let names = ["ada", "unconfirmed", "nobody@example.com", "nobody"];
        let mut answers = Vec::new();
        for _ in 0..5 {
            for name in names {
                answers.push(ask(name).await);
            }
        }
        assert!(answers[0].1.contains(WRONG), "{}", answers[0].1);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        for name in names {
            for seconds in [1, 2, 4] {
                server.clock.advance(Duration::seconds(seconds + 1));
                assert_eq!(guess(&pool, name, OTHER_PASSWORD).await, WRONG, "{name}");
            }
            let locked = ask(name).await;
            assert!(locked.0 == 400 && locked.1.contains(LOCKED), "{name}: {}", locked.1);
        }
        // However it is written.
        assert_eq!(guess(&pool, "nobody", PASSWORD).await, LOCKED);
        assert_eq!(guess(&pool, "\u{ff4e}obody", PASSWORD).await, LOCKED);

        // Where nothing is hidden, Cognito's words.
        let open = server.with_client(pool.id.clone(), false).await;
        let unknown = said(open.password_auth("somebody", PASSWORD).send().await.unwrap_err());
        assert_eq!(unknown, ("UserNotFoundException".into(), "User does not exist.".into()));
    })
    .await;
}

/// ENU-2, case 32.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_state_of_a_user_is_told_once_the_password_is_proven(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let hiding = server.with_client(pool.id.clone(), true).await;
        pool.sign_up("ada").await;
        pool.admin_user("bob").await;
        pool.set_password("bob", PASSWORD, false).await;
        for pool in [&pool, &hiding] {
            assert_eq!(guess(pool, "ada", OTHER_PASSWORD).await, WRONG);
            let proven = said(pool.password_auth("ada", PASSWORD).send().await.unwrap_err());
            assert_eq!(proven, ("UserNotConfirmedException".into(), "User is not confirmed.".into()));
            assert_eq!(guess(pool, "bob", OTHER_PASSWORD).await, WRONG);
            let challenged = pool.password_auth("bob", PASSWORD).send().await.unwrap();
            assert!(challenged.authentication_result.is_none() && challenged.session.is_some());
        }
        // A temporary password that is too old.
        server.clock.advance(Duration::days(8));
        assert_eq!(guess(&pool, "bob", OTHER_PASSWORD).await, WRONG);
        let expired = "Temporary password has expired and must be reset by an administrator.";
        assert_eq!(guess(&pool, "bob", PASSWORD).await, expired);
    })
    .await;
}
