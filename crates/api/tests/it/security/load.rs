//! Too much at once (RES-1, RES-2, RES-5).

use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{PASSWORD, TestServer, said};

/// Case 64.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn two_hundred_sign_ins_at_once_are_all_answered(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        for number in 0..10 {
            pool.admin_user(&format!("user{number}")).await;
        }
        let sign_ins = (0..200).map(async |number| {
            let name = format!("user{}", number % 10);
            pool.password_auth(&name, PASSWORD).send().await
        });
        let health = (0..20).map(async |number| {
            tokio::time::sleep(Duration::from_millis(number * 25)).await;
            let start = Instant::now();
            let live = server.http.get(format!("{}/_cognate/health/live", server.url)).send().await.unwrap();
            (live.status().as_u16(), start.elapsed())
        });
        let (outcomes, health) =
            tokio::join!(futures_util::future::join_all(sign_ins), futures_util::future::join_all(health),);
        let mut signed_in = 0;
        for outcome in outcomes {
            match outcome {
                Ok(answer) => {
                    assert!(answer.authentication_result.is_some());
                    signed_in += 1;
                }
                Err(error) => {
                    let refused = said(error);
                    assert_eq!(refused, ("TooManyRequestsException".into(), "Rate exceeded".into()));
                }
            }
        }
        assert!(signed_in >= 40, "{signed_in}");
        for (status, time) in health {
            assert_eq!(status, 200);
            assert!(time < Duration::from_secs(2), "{time:?}");
        }
        // Afterwards all is as before: nobody is locked, nothing is stuck.
        for number in 0..10 {
            pool.sign_in(&format!("user{number}"), PASSWORD).await;
        }
    })
    .await;
}

/// RES-2, case 63: no more than 256 characters are hashed.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_password_beyond_its_length_is_refused_unhashed(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let longest = format!("Aa1-{}", "\u{e4}".repeat(252));
        pool.admin_user("ada").await;
        pool.set_password("ada", &longest, true).await;
        pool.sign_in("ada", &longest).await;
        let cut = said(pool.password_auth("ada", &longest[..longest.len() - 2]).send().await.unwrap_err());
        assert_eq!(cut.1, "Incorrect username or password.");

        let auth = |password: &str| {
            json!({ "ClientId": pool.client, "AuthFlow": "USER_PASSWORD_AUTH",
                    "AuthParameters": { "USERNAME": "ada", "PASSWORD": password } })
            .to_string()
        };
        // More than are free, so that counting them would lock: they are no guesses.
        for _ in 0..8 {
            let (status, refused) = server.refusal("InitiateAuth", auth(&format!("{longest}x"))).await;
            assert_eq!((status, &refused["__type"]), (400, &json!("NotAuthorizedException")));
            assert_eq!(refused["message"], "Incorrect username or password.");
        }
        let start = Instant::now();
        let (status, _) = server.refusal("InitiateAuth", auth(&"p".repeat(200_000))).await;
        assert_eq!(status, 400);
        assert!(start.elapsed() < Duration::from_secs(1));
        pool.sign_in("ada", &longest).await;
    })
    .await;
}
