//! What scopes show, and what becomes of them.

use aws_sdk_cognitoidentityprovider::types::{FeatureType, RefreshTokenRotationType};

use super::*;
use crate::functions::put;
use crate::machine_tokens::resource_server;
use crate::receiver::{Receiver, Reply};
use crate::server::attribute;

/// TOK-6: what a client may no longer ask for, or no resource server has, is not renewed; and fewer scopes never show more.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_refresh_asks_again_what_a_client_may_have(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let named = server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username("ada");
        named.user_attributes(attribute("name", "Ada Lovelace")).send().await.unwrap();
        resource_server(&pool, "orders", &["read", "write"]).await;
        let scopes = ["openid", "email", "orders/read", "aws.cognito.signin.user.admin"];
        let app = App::with(&pool, &[OAuthFlowType::Code], &scopes, false).await;
        let sent = app.signed_in(&mut Browser::new(&pool), "ada", &[]).await;
        let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let renew = async || {
            let (status, tokens) =
                app.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
            assert_eq!(status, 200, "{tokens}");
            let access = tokens["access_token"].as_str().unwrap().to_owned();
            let (_, claims) = verified(&app.pool, &access).await;
            let (_, id) = verified(&app.pool, tokens["id_token"].as_str().unwrap()).await;
            (claims["scope"].as_str().unwrap().to_owned(), id, access)
        };
        let (scope, id, _) = renew().await;
        assert_eq!(scope, scopes.join(" "));
        assert_eq!((&id["email"], &id["name"]), (&json!("ada@example.com"), &Value::Null));

        let update = app.update(&["openid", "orders/read"]);
        update.explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth).send().await.unwrap();
        let (scope, id, access) = renew().await;
        assert_eq!(scope, "openid orders/read");
        assert_eq!((&id["email"], &id["name"]), (&Value::Null, &Value::Null));
        let (_, shown) = app.userinfo(&access).await;
        assert_eq!((&shown["email"], &shown["name"]), (&Value::Null, &Value::Null));

        let delete = server.aws.delete_resource_server().user_pool_id(&pool.id).identifier("orders");
        delete.send().await.unwrap();
        assert_eq!(renew().await.0, "openid");
    })
    .await;
}

/// RFC 6749, sections 5.1 and 6: an answer says what its token is good for, and a refresh may ask for less, but never for more.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_answer_says_what_its_token_is_good_for(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        resource_server(&pool, "orders", &["read", "write"]).await;
        let flows = [OAuthFlowType::Code, OAuthFlowType::Implicit];
        let app = App::with(&pool, &flows, &["openid", "email", "orders/read", "orders/write"], false).await;
        let asked = [("scope", "openid orders/read")];
        let mut browser = Browser::new(&pool);
        let sent = app.signed_in(&mut browser, "ada", &asked).await;
        let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
        assert_eq!(tokens["scope"], "openid orders/read");
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let renew = async |scope: &str| {
            let form = [("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", scope)];
            app.token(&form).await
        };
        let (_, narrow) = renew("orders/read").await;
        assert_eq!((&narrow["scope"], &narrow["id_token"]), (&json!("orders/read"), &Value::Null));
        let (_, claims) = verified(&app.pool, narrow["access_token"].as_str().unwrap()).await;
        assert_eq!(claims["scope"], "orders/read");
        // The client has that scope, but this user's grant does not.
        for more in ["openid email", "orders/write", "nonsense"] {
            let (status, refused) = renew(more).await;
            assert_eq!((status, &refused["error"]), (400, &json!("invalid_scope")), "{more}");
        }
        // The refresh token is what it was.
        for all in ["", "orders/read openid"] {
            assert_eq!(renew(all).await.1["scope"], "openid orders/read", "{all}");
        }
        // Of what was granted, what the client may no longer have is left out, and that is said.
        let update = app.update(&["openid"]);
        update.explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth).send().await.unwrap();
        assert_eq!(renew("openid orders/read").await.1["scope"], "openid");
        assert_eq!(renew("orders/read").await.1["error"], "invalid_scope");

        let implicit = App::with(&pool, &flows, &["openid", "email"], false).await;
        let asked = [("response_type", "token"), ("scope", "openid"), ("nonce", "n")];
        let asked = [&asked[..], &[("code_challenge", "-"), ("code_challenge_method", "-")]].concat();
        let sent = browser.get(&implicit.authorize(&asked)).await;
        assert_eq!(sent.sent("scope").as_deref(), Some("openid"), "{}", sent.location());
    })
    .await;
}

/// TOK-5, TOK-6: where refresh tokens rotate, one that is refused for its scopes is not used up, and what is left goes on.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_token_that_is_refused_for_its_scopes_is_not_used_up(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        resource_server(&pool, "orders", &["read"]).await;
        let app = App::with(&pool, &[OAuthFlowType::Code], &["openid", "orders/read"], false).await;
        let may_ask_for = async |scopes: &[&str]| {
            let rotation = RefreshTokenRotationType::builder().feature(FeatureType::Enabled);
            let rotation = rotation.retry_grace_period_seconds(0).build().unwrap();
            app.update(scopes).refresh_token_rotation(rotation).send().await.unwrap();
        };
        may_ask_for(&["openid", "orders/read"]).await;
        let asked = [("scope", "orders/read")];
        let sent = app.signed_in(&mut Browser::new(&pool), "ada", &asked).await;
        let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
        let renew = async |tokens: &Value, more: &[(&str, &str)]| {
            let token = tokens["refresh_token"].as_str().unwrap();
            let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
            app.token(&[&form, more].concat()).await
        };
        for wanted in ["openid", "orders/write", "nonsense"] {
            let (status, refused) = renew(&tokens, &[("scope", wanted)]).await;
            assert_eq!((status, &refused["error"]), (400, &json!("invalid_scope")), "{wanted}");
        }
        may_ask_for(&["openid"]).await;
        let (status, refused) = renew(&tokens, &[]).await;
        assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
        may_ask_for(&["openid", "orders/read"]).await;
        let (status, second) = renew(&tokens, &[]).await;
        assert_eq!((status, &second["scope"]), (200, &json!("orders/read")), "{second}");
        let (status, third) = renew(&second, &[("scope", "orders/read")]).await;
        assert_eq!(status, 200, "{third}");
        // Each of them was used up by what it led to.
        let (status, refused) = renew(&second, &[]).await;
        assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
        assert_eq!(renew(&third, &[]).await.0, 400);

        // Of several scopes, those that are left go on.
        let sent = app.signed_in(&mut Browser::new(&pool), "ada", &[]).await;
        let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
        may_ask_for(&["openid"]).await;
        let (_, second) = renew(&tokens, &[]).await;
        assert_eq!(second["scope"], "openid", "{second}");
        assert_eq!(renew(&second, &[]).await.0, 200);
    })
    .await;
}

/// What a function adds is said as well, and a client that names it again at a refresh is not refused for it.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_scope_that_a_function_adds_may_be_named_again(_: PgPoolOptions, db: PgConnectOptions) {
    use aws_sdk_cognitoidentityprovider::types::{
        LambdaConfigType, PreTokenGenerationLambdaVersionType, PreTokenGenerationVersionConfigType,
    };

    TestServer::run(db, async |server| {
        let (receiver, pool) = (Receiver::silent(), server.user_pool().await);
        pool.confirmed_user("ada").await;
        let function = PreTokenGenerationVersionConfigType::builder().lambda_arn(receiver.function("tokens"));
        let function = function.lambda_version(PreTokenGenerationLambdaVersionType::V20).build().unwrap();
        put(&pool, LambdaConfigType::builder().pre_token_generation_config(function).build()).await;
        receiver.answer_with(|_| {
            Reply::Response(json!({ "claimsAndScopeOverrideDetails": {
                "accessTokenGeneration": { "scopesToAdd": ["orders/read"] },
            } }))
        });
        let app = App::with(&pool, &[OAuthFlowType::Code], &["openid", "email"], false).await;
        let sent = app.signed_in(&mut Browser::new(&pool), "ada", &[]).await;
        let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
        assert_eq!(tokens["scope"], "openid email orders/read");
        let refresh = tokens["refresh_token"].as_str().unwrap();
        for (wanted, told) in [
            ("openid email orders/read", json!("openid email orders/read")),
            ("openid orders/read", json!("openid orders/read")),
            ("openid orders/write", Value::Null),
            ("orders/read", Value::Null),
        ] {
            let form = [("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", wanted)];
            let (_, renewed) = app.token(&form).await;
            assert_eq!(renewed["scope"], told, "{wanted} {renewed}");
            assert_eq!(renewed["error"] == "invalid_scope", told.is_null(), "{wanted} {renewed}");
        }
    })
    .await;
}

/// Token exchange shows no more than the user granted.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_derived_token_shows_no_more(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let named = server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username("ada");
        named.user_attributes(attribute("name", "Ada Lovelace")).send().await.unwrap();
        let app = App::with(&pool, &[OAuthFlowType::Code], &["openid", "email"], true).await;
        let sent = app.signed_in(&mut Browser::new(&pool), "ada", &[]).await;
        let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;

        let broker = App::with(&pool, &[OAuthFlowType::Code], &["openid", "email"], true).await;
        let update = broker.update(&["openid", "email"]);
        update.explicit_auth_flows("ALLOW_TOKEN_EXCHANGE_IMPERSONATION".into()).send().await.unwrap();
        let exchange = async |more: &[(&str, &str)]| {
            let form = [
                ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
                ("subject_token", tokens["access_token"].as_str().unwrap()),
                ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ];
            let (status, derived) = broker.token(&[&form, more].concat()).await;
            assert_eq!(status, 200, "{derived}");
            derived["access_token"].as_str().unwrap().to_owned()
        };
        let id = [("requested_token_type", "urn:ietf:params:oauth:token-type:id_token")];
        let (_, id) = verified(&broker.pool, &exchange(&id).await).await;
        assert_eq!((&id["email"], &id["name"]), (&json!("ada@example.com"), &Value::Null));
        let (_, shown) = app.userinfo(&exchange(&[("scope", "openid")]).await).await;
        assert_eq!((&shown["email"], &shown["name"]), (&Value::Null, &Value::Null));
    })
    .await;
}
