//! GetTokensFromRefreshToken, and refresh tokens that change with each use (TOK-5).

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types::{
    AuthenticationResultType, ExplicitAuthFlowsType, FeatureType, RefreshTokenRotationType,
    SoftwareTokenMfaConfigType, UserPoolMfaType,
};
use chrono::Duration;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{PASSWORD, TestPool, TestServer, client, said};
use crate::tokens::verified;

const REUSED: (&str, &str) = ("RefreshTokenReuseException", "Refresh token has been invalidated by rotation");
const REVOKED: (&str, &str) = ("NotAuthorizedException", "Refresh Token has been revoked");
const INVALID: (&str, &str) = ("NotAuthorizedException", "Invalid Refresh Token");

/// Lets the pool's client rotate, with so many seconds of grace, or no longer.
async fn rotates(pool: &TestPool<'_>, grace_seconds: Option<i32>) {
    let feature = if grace_seconds.is_some() { FeatureType::Enabled } else { FeatureType::Disabled };
    let rotation = RefreshTokenRotationType::builder().feature(feature);
    let rotation = rotation.set_retry_grace_period_seconds(grace_seconds).build().unwrap();
    let update = pool.server.aws.update_user_pool_client().user_pool_id(&pool.id).client_id(&pool.client);
    let update = update.set_explicit_auth_flows(match grace_seconds {
        Some(_) => Some(vec![ExplicitAuthFlowsType::AllowUserPasswordAuth]),
        None => Some(vec![
            ExplicitAuthFlowsType::AllowUserPasswordAuth,
            ExplicitAuthFlowsType::AllowRefreshTokenAuth,
        ]),
    });
    update.refresh_token_rotation(rotation).send().await.unwrap();
    // A replica remembers a client's settings a moment longer.
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
}

async fn exchange(
    pool: &TestPool<'_>,
    aws: &Client,
    token: &str,
) -> Result<AuthenticationResultType, (String, String)> {
    let exchange = aws.get_tokens_from_refresh_token().client_id(&pool.client).refresh_token(token);
    exchange.send().await.map(|answer| answer.authentication_result.unwrap()).map_err(said)
}

/// The next refresh token.
async fn next(pool: &TestPool<'_>, token: &str) -> String {
    exchange(pool, &pool.server.aws, token).await.unwrap().refresh_token.unwrap()
}

/// Why there is none.
async fn refused(pool: &TestPool<'_>, token: &str) -> (String, String) {
    exchange(pool, &pool.server.aws, token).await.unwrap_err()
}

fn is(said: &(String, String), expected: (&str, &str)) -> bool {
    (said.0.as_str(), said.1.as_str()) == expected
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn without_rotation_the_refresh_token_goes_on(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let first = pool.sign_in("ada", PASSWORD).await;
        let token = first.refresh_token().unwrap();
        for _ in 0..2 {
            let again = exchange(&pool, &server.aws, token).await.unwrap();
            assert!(again.refresh_token.is_none() && again.expires_in == 3600);
            let before = verified(&pool, first.access_token().unwrap()).await.1;
            let after = verified(&pool, again.access_token().unwrap()).await.1;
            for claim in ["origin_jti", "event_id", "auth_time", "scope"] {
                assert_eq!(before[claim], after[claim]);
            }
            assert_ne!(before["jti"], after["jti"]);
        }
        assert!(is(&refused(&pool, "garbage").await, INVALID));
        let other = server.with_client(pool.id.clone(), false).await;
        assert!(is(&refused(&other, token).await, INVALID));

        // The flow that a client needs for InitiateAuth is not needed here; its secret is.
        let create = server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("server");
        let create = create.explicit_auth_flows(ExplicitAuthFlowsType::AllowAdminUserPasswordAuth);
        let made = create.generate_secret(true).send().await.unwrap().user_pool_client.unwrap();
        let (id, secret) = (made.client_id.unwrap(), made.client_secret.unwrap());
        let exchange = |secret: Option<String>| {
            let exchange = server.aws.get_tokens_from_refresh_token().client_id(&id).refresh_token("garbage");
            exchange.set_client_secret(secret).send()
        };
        for wrong in [None, Some("anotherSecretOfSomeLength".to_owned())] {
            let unproven = said(exchange(wrong).await.unwrap_err());
            assert_eq!(unproven.1, format!("Unable to verify secret hash for client {id}"));
        }
        assert!(is(&said(exchange(Some(secret)).await.unwrap_err()), INVALID));
    })
    .await;
}

/// Case 10.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_token_that_comes_again_ends_the_session(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        rotates(&pool, Some(0)).await;
        // Whichever of the earlier ones it is.
        for (uses, reused) in [(1, 0), (3, 0), (3, 1), (3, 2)] {
            let mut tokens = vec![pool.sign_in("ada", PASSWORD).await.refresh_token.unwrap()];
            for _ in 0..uses {
                let following = next(&pool, tokens.last().unwrap()).await;
                assert!(!tokens.contains(&following) && following.split('.').count() == 5);
                tokens.push(following);
            }
            let newest = exchange(&pool, &server.aws, tokens.last().unwrap()).await.unwrap();
            assert!(is(&refused(&pool, &tokens[reused]).await, REUSED), "{uses} {reused}");
            assert!(is(&refused(&pool, newest.refresh_token().unwrap()).await, REVOKED));
            let ended = server.aws.get_user().access_token(newest.access_token().unwrap()).send().await;
            assert_eq!(said(ended.unwrap_err()).1, "Access Token has been revoked");
        }
        // Another session of the same user goes on.
        let other = pool.sign_in("ada", PASSWORD).await.refresh_token.unwrap();
        next(&pool, &other).await;
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn within_the_grace_period_a_client_may_ask_again(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        rotates(&pool, Some(30)).await;
        let first = pool.sign_in("ada", PASSWORD).await.refresh_token.unwrap();
        let (second, again) = (next(&pool, &first).await, next(&pool, &first).await);
        // Either answer leads on, and the other one is a retry then.
        let (third, retried) = (next(&pool, &second).await, next(&pool, &again).await);
        next(&pool, &third).await;
        next(&pool, &retried).await;
        // The one before the last has no grace.
        assert!(is(&refused(&pool, &first).await, REUSED));

        let first = pool.sign_in("ada", PASSWORD).await.refresh_token.unwrap();
        let second = next(&pool, &first).await;
        server.clock.advance(Duration::seconds(31));
        assert!(is(&refused(&pool, &first).await, REUSED));
        assert!(is(&refused(&pool, &second).await, REVOKED));
    })
    .await;
}

/// TOK-5: rotation is one statement, so that of many callers one wins; without grace the others look like thieves.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn of_many_callers_with_one_token_exactly_one_wins(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let replica = server.replica().await;
        let there = client(&replica.url, "nobody", "nothing");
        for grace in [0, 30] {
            rotates(&pool, Some(grace)).await;
            let token = pool.sign_in("ada", PASSWORD).await.refresh_token.unwrap();
            let race = (0..20).map(|number| {
                let aws = if number % 2 == 0 { &there } else { &server.aws };
                exchange(&pool, aws, &token)
            });
            let outcomes = futures_util::future::join_all(race).await;
            let winners = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
            assert_eq!(winners, if grace == 0 { 1 } else { 20 });
            for refusal in outcomes.into_iter().filter_map(Result::err) {
                assert!(is(&refusal, REUSED) || is(&refusal, REVOKED), "{refusal:?}");
            }
        }
        replica.stop().await;
    })
    .await;
}

/// TOK-5: what is refused uses no token up, whether one statement saw it or the session was looked at first.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_token_that_is_refused_is_not_used_up(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        rotates(&pool, Some(0)).await;
        let other_client = server.with_client(pool.id.clone(), false).await;
        rotates(&other_client, Some(0)).await;
        let token = pool.sign_in("ada", PASSWORD).await.refresh_token.unwrap();
        assert!(is(&refused(&other_client, &token).await, INVALID));
        let second = next(&pool, &token).await;

        // What the pool demands of how a user signed in stands against a token before it is used up.
        let demand = server.aws.set_user_pool_mfa_config().user_pool_id(&pool.id);
        let demand = demand
            .software_token_mfa_configuration(SoftwareTokenMfaConfigType::builder().enabled(true).build());
        demand.mfa_configuration(UserPoolMfaType::On).send().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(900)).await;
        assert!(is(&refused(&pool, &second).await, REVOKED));
        let demand = server.aws.set_user_pool_mfa_config().user_pool_id(&pool.id);
        demand.mfa_configuration(UserPoolMfaType::Off).send().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(900)).await;
        let third = next(&pool, &second).await;
        assert!(is(&refused(&pool, &second).await, REUSED));
        assert!(is(&refused(&pool, &third).await, REVOKED));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_rotated_token_is_bound_revoked_and_expires_like_the_first(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        rotates(&pool, Some(0)).await;
        let fresh = async || next(&pool, &pool.sign_in("ada", PASSWORD).await.refresh_token.unwrap()).await;

        let token = fresh().await;
        let (other_client, other_pool) =
            (server.with_client(pool.id.clone(), false).await, server.user_pool().await);
        for elsewhere in [&other_client, &other_pool] {
            assert!(is(&refused(elsewhere, &token).await, INVALID));
        }
        for at in [60, token.len() - 4] {
            let letter = if &token[at..=at] == "A" { "B" } else { "A" };
            let tampered = format!("{}{letter}{}", &token[..at], &token[at + 1..]);
            assert!(is(&refused(&pool, &tampered).await, INVALID), "{tampered}");
        }
        let revoke = server.aws.revoke_token().client_id(&pool.client).token(&token);
        revoke.send().await.unwrap();
        assert!(is(&refused(&pool, &token).await, REVOKED));

        // One that was never used is ended as well.
        let unused = pool.sign_in("ada", PASSWORD).await.refresh_token.unwrap();
        server.aws.revoke_token().client_id(&pool.client).token(&unused).send().await.unwrap();
        assert!(is(&refused(&pool, &unused).await, REVOKED));

        // What signs the user out, and what disables them.
        let token = fresh().await;
        let sign_out = server.aws.admin_user_global_sign_out().user_pool_id(&pool.id).username("ada");
        sign_out.send().await.unwrap();
        assert!(is(&refused(&pool, &token).await, REVOKED));

        // A client that no longer rotates goes on with the newest.
        let first = pool.sign_in("ada", PASSWORD).await.refresh_token.unwrap();
        let second = next(&pool, &first).await;
        let unused = pool.sign_in("ada", PASSWORD).await.refresh_token.unwrap();
        rotates(&pool, None).await;
        for _ in 0..2 {
            pool.refresh(&unused).send().await.unwrap();
        }
        pool.refresh(&second).send().await.unwrap();
        assert!(exchange(&pool, &server.aws, &second).await.unwrap().refresh_token.is_none());
        assert!(is(&said(pool.refresh(&first).send().await.unwrap_err()), REVOKED));
        assert!(is(&refused(&pool, &second).await, REVOKED));

        // A session from before goes over to it.
        let lasting = pool.sign_in("ada", PASSWORD).await.refresh_token.unwrap();
        rotates(&pool, Some(0)).await;
        let following = next(&pool, &lasting).await;
        let third = next(&pool, &following).await;
        assert!(is(&refused(&pool, &lasting).await, REUSED));
        assert!(is(&refused(&pool, &third).await, REVOKED));

        // Each use does not lengthen the session.
        let mut token = fresh().await;
        for _ in 0..2 {
            server.clock.advance(Duration::days(14));
            token = next(&pool, &token).await;
        }
        server.clock.advance(Duration::days(3));
        assert_eq!(refused(&pool, &token).await.1, "Refresh Token has expired");
    })
    .await;
}
