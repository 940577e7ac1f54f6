//! What tokens say, and what ends them.

use aws_sdk_cognitoidentityprovider::types::{TimeUnitsType, TokenValidityUnitsType};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{PASSWORD, TestPool, TestServer, email_of, said};

/// The header and the claims, checked against the published keys.
pub(crate) async fn verified(pool: &TestPool<'_>, token: &str) -> (Value, Value) {
    let issuer = format!("{}/{}", pool.server.url, pool.id);
    let discovery = format!("{issuer}/.well-known/openid-configuration");
    let document: Value = pool.server.http.get(discovery).send().await.unwrap().json().await.unwrap();
    assert_eq!(document["issuer"], issuer.as_str());
    let keys = pool.server.http.get(document["jwks_uri"].as_str().unwrap()).send().await.unwrap();
    let keys: JwkSet = keys.json().await.unwrap();
    assert_eq!(keys.keys.len(), 2);
    let kid = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[issuer]);
    validation.validate_aud = false;
    let claims = jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap().claims;
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    (serde_json::from_slice(&header).unwrap(), claims)
}

/// The names of an object's members, sorted.
pub(crate) fn names(object: &Value) -> Vec<&str> {
    let mut names: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn tokens_say_what_cognitos_say_and_nothing_else(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        assert_eq!(tokens.expires_in, 3600);
        let (header, access) = verified(&pool, &tokens.access_token.unwrap()).await;
        assert_eq!(names(&header), ["alg", "kid"]);
        assert_eq!(
            names(&access),
            [
                "auth_time",
                "client_id",
                "event_id",
                "exp",
                "iat",
                "iss",
                "jti",
                "origin_jti",
                "scope",
                "sub",
                "token_use",
                "username"
            ]
        );
        assert_eq!(access["token_use"], "access");
        assert_eq!(access["scope"], "aws.cognito.signin.user.admin");
        assert_eq!(access["username"], "ada");
        assert_eq!(access["exp"].as_i64().unwrap() - access["iat"].as_i64().unwrap(), 3600);
        let (id_header, id) = verified(&pool, &tokens.id_token.unwrap()).await;
        assert_ne!(header["kid"], id_header["kid"]);
        assert_eq!(
            names(&id),
            [
                "aud",
                "auth_time",
                "cognito:username",
                "email",
                "email_verified",
                "event_id",
                "exp",
                "iat",
                "iss",
                "jti",
                "origin_jti",
                "sub",
                "token_use"
            ]
        );
        assert_eq!(id["email_verified"], true);
        assert_eq!(id["email"], email_of("ada"));
        assert_eq!(id["aud"], pool.client.as_str());

        server.clock.advance(Duration::minutes(5));
        let refreshed =
            pool.refresh(&tokens.refresh_token.unwrap()).send().await.unwrap().authentication_result.unwrap();
        let (_, again) = verified(&pool, &refreshed.access_token.unwrap()).await;
        for same in ["origin_jti", "event_id", "auth_time", "sub"] {
            assert_eq!(again[same], access[same], "{same}");
        }
        for new in ["jti", "iat", "exp"] {
            assert_ne!(again[new], access[new], "{new}");
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_clients_settings_shape_its_tokens(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        use aws_sdk_cognitoidentityprovider::types::ExplicitAuthFlowsType::{
            AllowRefreshTokenAuth, AllowUserPasswordAuth,
        };
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let units = TokenValidityUnitsType::builder()
            .access_token(TimeUnitsType::Minutes)
            .id_token(TimeUnitsType::Seconds);
        let create = server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("short");
        let create =
            create.access_token_validity(10).id_token_validity(600).token_validity_units(units.build());
        let create = create.enable_token_revocation(false).read_attributes("name");
        let create =
            create.explicit_auth_flows(AllowUserPasswordAuth).explicit_auth_flows(AllowRefreshTokenAuth);
        let client = create.send().await.unwrap().user_pool_client.unwrap().client_id.unwrap();
        let short = TestPool { server, id: pool.id.clone(), client };
        let tokens = short.sign_in("ada", PASSWORD).await;
        assert_eq!(tokens.expires_in, 600);
        let (_, id) = verified(&short, &tokens.id_token.unwrap()).await;
        assert!(id.get("email").is_none() && id.get("origin_jti").is_none());
        assert_eq!(id["exp"].as_i64().unwrap() - id["iat"].as_i64().unwrap(), 600);
        let access = tokens.access_token.unwrap();
        let user = server.aws.get_user().access_token(&access).send().await.unwrap();
        assert_eq!(user.user_attributes().len(), 1, "only sub: {user:?}");
        let revoke = server
            .aws
            .revoke_token()
            .client_id(&short.client)
            .token(tokens.refresh_token.unwrap())
            .send()
            .await;
        assert_eq!(said(revoke.unwrap_err()).0, "UnsupportedOperationException");
        server.clock.advance(Duration::minutes(11));
        let late = server.aws.get_user().access_token(access).send().await.unwrap_err();
        assert_eq!(said(late), ("NotAuthorizedException".into(), "Access Token has expired".into()));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn revoking_ends_one_origin_and_signing_out_ends_all(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let (first, second) = (pool.sign_in("ada", PASSWORD).await, pool.sign_in("ada", PASSWORD).await);
        let get = |token: &Option<String>| server.aws.get_user().set_access_token(token.clone()).send();
        let access = server
            .aws
            .revoke_token()
            .client_id(&pool.client)
            .set_token(first.access_token.clone())
            .send()
            .await;
        assert_eq!(said(access.unwrap_err()).0, "UnsupportedTokenTypeException");
        server
            .aws
            .revoke_token()
            .client_id(&pool.client)
            .set_token(first.refresh_token.clone())
            .send()
            .await
            .unwrap();
        // Again, and a token nobody knows: as good as revoked.
        server
            .aws
            .revoke_token()
            .client_id(&pool.client)
            .set_token(first.refresh_token.clone())
            .send()
            .await
            .unwrap();
        server.aws.revoke_token().client_id(&pool.client).token("a.b.c.d.e").send().await.unwrap();
        assert_eq!(said(get(&first.access_token).await.unwrap_err()).1, "Access Token has been revoked");
        get(&second.access_token).await.unwrap();
        server.aws.global_sign_out().set_access_token(second.access_token.clone()).send().await.unwrap();
        assert_eq!(said(get(&second.access_token).await.unwrap_err()).1, "Access Token has been revoked");
        let refresh = pool.refresh(&second.refresh_token.unwrap()).send().await.unwrap_err();
        assert_eq!(said(refresh).1, "Refresh Token has been revoked");
        // Whoever signs in afterwards is in.
        let third = pool.sign_in("ada", PASSWORD).await;
        get(&third.access_token).await.unwrap();
        server.aws.admin_user_global_sign_out().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert_eq!(said(get(&third.access_token).await.unwrap_err()).1, "Access Token has been revoked");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn tokens_that_are_checked_at_once_are_each_checked(_: PgPoolOptions, db: PgConnectOptions) {
    // TOK-3
    TestServer::run(db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        let mut tokens = Vec::new();
        for (pool, name) in [(&pool, "ada"), (&pool, "bob"), (&other, "ada")] {
            pool.admin_user(name).await;
            for number in 0..4 {
                let signed_in = pool.sign_in(name, PASSWORD).await;
                let is_ended = number == 1;
                if is_ended {
                    let revoke = server.aws.revoke_token().client_id(&pool.client);
                    revoke.token(signed_in.refresh_token().unwrap()).send().await.unwrap();
                }
                tokens.push((signed_in.access_token().unwrap().to_owned(), name, is_ended));
            }
        }
        for _ in 0..3 {
            // By then nothing is remembered.
            tokio::time::sleep(std::time::Duration::from_millis(900)).await;
            let asked = tokens.iter().map(async |(access, name, is_ended)| {
                let answer = server.aws.get_user().access_token(access).send().await;
                match answer {
                    Ok(user) => assert!(!is_ended && user.username() == *name, "{name}"),
                    Err(error) => assert!(*is_ended, "{name} {error:?}"),
                }
            });
            futures_util::future::join_all(asked).await;
        }
    })
    .await;
}
