//! Sessions end when they must, everywhere, and only then (TOK-3, TOK-7).

use std::time::Duration;

use aws_sdk_cognitoidentityprovider::types::AuthenticationResultType;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{OTHER_PASSWORD, PASSWORD, TestPool, TestServer, client, email_of, said};

/// Whether a session's access token and refresh token are accepted.
async fn alive(pool: &TestPool<'_>, tokens: &AuthenticationResultType) -> [bool; 2] {
    let access = pool.server.aws.get_user().access_token(tokens.access_token().unwrap()).send().await;
    let refresh = pool.refresh(tokens.refresh_token().unwrap()).send().await;
    let (access, refresh) = (access.map_err(said), refresh.map_err(said));
    let not_authorized = |text: &str| ("NotAuthorizedException".to_owned(), text.to_owned());
    for (outcome, what) in
        [(access.as_ref().err(), "Access Token"), (refresh.as_ref().err(), "Refresh Token")]
    {
        if let Some(said) = outcome {
            assert_eq!(*said, not_authorized(&format!("{what} has been revoked")));
        }
    }
    [access.is_ok(), refresh.is_ok()]
}

const WRONG: (&str, &str) = ("NotAuthorizedException", "Incorrect username or password.");
const ENDED: [bool; 2] = [false; 2];
const GOES_ON: [bool; 2] = [true; 2];

/// Case 7.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_sign_out_is_known_to_every_replica_within_a_second(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let replica = server.replica().await;
        let there = client(&replica.url, "nobody", "nothing");
        let token = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        let get_user = || there.get_user().access_token(&token).send();
        get_user().await.unwrap();
        server.aws.global_sign_out().access_token(&token).send().await.unwrap();
        // At once where it happened.
        let here = said(server.aws.get_user().access_token(&token).send().await.unwrap_err());
        assert_eq!(here, ("NotAuthorizedException".into(), "Access Token has been revoked".into()));
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(said(get_user().await.unwrap_err()), here);
        replica.stop().await;
    })
    .await;
}

/// Case 8.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn revoking_a_refresh_token_ends_its_session_alone(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let (first, second) = (pool.sign_in("ada", PASSWORD).await, pool.sign_in("ada", PASSWORD).await);
        let refreshed = pool.refresh(first.refresh_token().unwrap()).send().await.unwrap();
        let refreshed = refreshed.authentication_result.unwrap().access_token.unwrap();
        let revoke = |token: &str| server.aws.revoke_token().client_id(&pool.client).token(token).send();
        for signed in [first.access_token().unwrap(), first.id_token().unwrap()] {
            assert_eq!(said(revoke(signed).await.unwrap_err()).0, "UnsupportedTokenTypeException");
        }
        revoke("a.b.c.d.e").await.unwrap();
        assert_eq!([alive(&pool, &first).await, alive(&pool, &second).await], [GOES_ON; 2]);
        revoke(first.refresh_token().unwrap()).await.unwrap();
        assert_eq!([alive(&pool, &first).await, alive(&pool, &second).await], [ENDED, GOES_ON]);
        // So has every access token of the same origin.
        let of_origin = said(server.aws.get_user().access_token(refreshed).send().await.unwrap_err());
        assert_eq!(of_origin.1, "Access Token has been revoked");
        revoke(first.refresh_token().unwrap()).await.unwrap();
    })
    .await;
}

/// TOK-7.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn sign_out_and_a_new_password_end_every_session(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let two = async || [pool.sign_in("ada", PASSWORD).await, pool.sign_in("ada", PASSWORD).await];
        let states = async |sessions: &[AuthenticationResultType; 2]| {
            [alive(&pool, &sessions[0]).await, alive(&pool, &sessions[1]).await]
        };

        let sessions = two().await;
        assert_eq!(states(&sessions).await, [GOES_ON; 2]);
        let token = sessions[0].access_token().unwrap();
        server.aws.global_sign_out().access_token(token).send().await.unwrap();
        assert_eq!(states(&sessions).await, [ENDED; 2]);

        let sessions = two().await;
        assert_eq!(states(&sessions).await, [GOES_ON; 2]);
        server.aws.admin_user_global_sign_out().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert_eq!(states(&sessions).await, [ENDED; 2]);

        // Even if it is the same one.
        let sessions = two().await;
        pool.set_password("ada", PASSWORD, true).await;
        assert_eq!(states(&sessions).await, [ENDED; 2]);

        let sessions = two().await;
        server.aws.forgot_password().client_id(&pool.client).username("ada").send().await.unwrap();
        assert_eq!(states(&sessions).await, [GOES_ON; 2]);
        let confirm = server.aws.confirm_forgot_password().client_id(&pool.client).username("ada");
        let confirm = confirm.confirmation_code(server.code_to(&email_of("ada")).await);
        confirm.password(PASSWORD).send().await.unwrap();
        assert_eq!(states(&sessions).await, [ENDED; 2]);

        // All but the one that asks; and that one too when a later change is another's.
        let sessions = two().await;
        let change = server.aws.change_password().access_token(sessions[0].access_token().unwrap());
        change.previous_password(PASSWORD).proposed_password(OTHER_PASSWORD).send().await.unwrap();
        assert_eq!(states(&sessions).await, [GOES_ON, ENDED]);
        let later = pool.sign_in("ada", OTHER_PASSWORD).await;
        let change = server.aws.change_password().access_token(later.access_token().unwrap());
        change.previous_password(OTHER_PASSWORD).proposed_password(PASSWORD).send().await.unwrap();
        assert_eq!(states(&sessions).await, [ENDED; 2]);
        assert_eq!(alive(&pool, &later).await, GOES_ON);
        server.aws.admin_user_global_sign_out().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert_eq!(alive(&pool, &later).await, ENDED);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn no_session_survives_a_password_reset_that_races_with_its_sign_in(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let (mut old, mut new) = (PASSWORD, OTHER_PASSWORD);
        for round in 0..8 {
            let attempts = (0..4).map(async |number| {
                tokio::time::sleep(Duration::from_millis(number * 8)).await;
                pool.password_auth("ada", old).send().await
            });
            let (outcomes, ()) =
                tokio::join!(futures_util::future::join_all(attempts), pool.set_password("ada", new, true));
            for outcome in outcomes {
                match outcome {
                    Ok(signed_in) => {
                        let tokens = signed_in.authentication_result.unwrap();
                        assert_eq!(alive(&pool, &tokens).await, ENDED, "round {round}");
                    }
                    Err(error) => {
                        let (kind, text) = said(error);
                        assert_eq!((kind.as_str(), text.as_str()), WRONG);
                    }
                }
            }
            assert_eq!(alive(&pool, &pool.sign_in("ada", new).await).await, GOES_ON);
            (old, new) = (new, old);
        }
    })
    .await;
}
