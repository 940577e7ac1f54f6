//! What Cognito's API has no member for: by tags of pools, and by the operator's commands.

use aws_sdk_cognitoidentityprovider::types::OAuthFlowType;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::authorization::App;
use crate::browser::Browser;
use crate::machine_tokens::{Machine, resource_server};
use crate::server::{TestPool, TestServer, said};
use crate::tokens::verified;

/// How long a pool or client may be remembered.
const MEMORY: std::time::Duration = std::time::Duration::from_millis(900);

impl TestPool<'_> {
    fn arn(&self) -> String {
        format!("arn:aws:cognito-idp:us-east-1:{}:userpool/{}", self.server.account, self.id)
    }

    /// Sets a tag, by which its owner sets an option.
    pub(crate) async fn tag(&self, name: &str, value: &str) -> Result<(), (String, String)> {
        let tag = self.server.aws.tag_resource().resource_arn(self.arn()).tags(name, value);
        tag.send().await.map(|_| ()).map_err(said)
    }
}

/// What a request is refused with; none where it goes on to the sign-in page.
async fn refusal(app: &App<'_>, more: &[(&str, &str)]) -> Option<String> {
    let sent = Browser::new(&app.pool).get(&app.authorize(more)).await;
    sent.sent("error").map(|error| format!("{error}: {}", sent.sent("error_description").unwrap()))
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_pool_that_follows_openid_tells_truth_from_text(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        let told = async || {
            let sent = app.signed_in(&mut Browser::new(&pool), "ada", &[]).await;
            let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
            let (_, id) = verified(&app.pool, tokens["id_token"].as_str().unwrap()).await;
            let (_, shown) = app.userinfo(tokens["access_token"].as_str().unwrap()).await;
            (shown["email_verified"].clone(), id["acr"].clone())
        };
        assert_eq!(told().await, (json!("true"), Value::Null), "as Cognito has it");
        assert_eq!(refusal(&app, &[("code_challenge", "-"), ("code_challenge_method", "-")]).await, None);
        pool.tag("cognate:profile", "openid").await.unwrap();
        tokio::time::sleep(MEMORY).await;
        assert_eq!(told().await, (json!(true), json!("urn:cognito:loa:1")));
        let without = [("code_challenge", "-"), ("code_challenge_method", "-")];
        let refused = refusal(&app, &without).await;
        assert_eq!(refused.as_deref(), Some("invalid_request: code_challenge is missing"));
        let confidential = App::with(&pool, &[OAuthFlowType::Code], &["openid"], true).await;
        assert_eq!(refusal(&confidential, &without).await, None, "it has a secret");
        pool.tag("cognate:pkce", "optional").await.unwrap();
        tokio::time::sleep(MEMORY).await;
        assert_eq!(refusal(&app, &without).await, None);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_client_may_demand_more_than_its_pool(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let app = App::with(&pool, &[OAuthFlowType::Code], &["openid", "email"], true).await;
        let without = [("code_challenge", "-"), ("code_challenge_method", "-")];
        app.configure("pkce", "required").await;
        assert!(refusal(&app, &without).await.unwrap().contains("code_challenge is missing"));
        assert_eq!(refusal(&app, &[]).await, None);
        app.configure("nonce", "required").await;
        assert!(refusal(&app, &[]).await.unwrap().contains("nonce is missing"));
        assert_eq!(refusal(&app, &[("scope", "email")]).await, None, "no ID token, no nonce");
        assert_eq!(refusal(&app, &[("nonce", "n-1")]).await, None);
        // An update of the client is about what the API has members for.
        app.allow_choice().await;
        assert!(refusal(&app, &[]).await.unwrap().contains("nonce is missing"));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn unknown_options_are_refused_and_other_tags_are_not(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.tag("team", "shop").await.unwrap();
        for (name, value, says) in [
            ("cognate:profil", "openid", "There is no option profil here: profile, pkce"),
            ("cognate:profile", "oidc", "The option profile is one of cognito, openid."),
        ] {
            let (code, message) = pool.tag(name, value).await.unwrap_err();
            assert_eq!(code, "InvalidParameterException");
            assert!(message.contains(says), "{message}");
        }
        let create = server.aws.create_user_pool().pool_name("x").user_pool_tags("cognate:pkce", "sometimes");
        assert_eq!(said(create.send().await.unwrap_err()).0, "InvalidParameterException");
        let tags = server.aws.list_tags_for_resource().resource_arn(pool.arn()).send().await.unwrap();
        assert_eq!(tags.tags.unwrap().len(), 1, "what was refused left nothing");
    })
    .await;
}

/// Asks what a token is good for (RFC 7662).
async fn introspect(app: &App<'_>, token: &str) -> (u16, Value) {
    let url = format!("{}/{}/oauth2/introspect", app.pool.server.url, app.pool.id);
    let ask = app.pool.server.http.post(url);
    let ask = match &app.secret {
        Some(secret) => ask.basic_auth(&app.pool.client, Some(secret)).form(&[("token", token)]),
        None => ask.form(&[("token", token), ("client_id", &app.pool.client)]),
    };
    let answer = ask.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn clients_that_may_ask_learn_what_tokens_are_good_for(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::with(&pool, &[OAuthFlowType::Code], &["openid", "email"], true).await;
        let (public, other) =
            (App::public(&pool).await, App::with(&pool, &[OAuthFlowType::Code], &["openid"], true).await);
        let sent = app.signed_in(&mut Browser::new(&pool), "ada", &[]).await;
        let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
        let token = |name: &str| tokens[name].as_str().unwrap().to_owned();

        let refused = introspect(&app, &token("access_token")).await;
        assert_eq!(
            (refused.0, &refused.1["error"]),
            (400, &json!("unauthorized_client")),
            "nobody said that it may"
        );
        assert!(pool.discovered().await["introspection_endpoint"].is_null());
        pool.tag("cognate:introspection", "on").await.unwrap();
        tokio::time::sleep(MEMORY).await;
        let advertised = format!("{}/{}/oauth2/introspect", server.url, pool.id);
        assert_eq!(pool.discovered().await["introspection_endpoint"], advertised);
        assert_eq!(introspect(&public, &token("access_token")).await.0, 400, "a client without a secret");
        let wrong = App {
            pool: TestPool { server, id: pool.id.clone(), client: app.pool.client.clone() },
            secret: Some("x".repeat(30)),
        };
        assert_eq!(introspect(&wrong, &token("access_token")).await.0, 401);

        let (status, told) = introspect(&other, &token("access_token")).await;
        assert_eq!(status, 200);
        for (name, value) in [
            ("active", json!(true)),
            ("scope", json!("openid email")),
            ("client_id", json!(app.pool.client)),
            ("username", json!("ada")),
            ("token_type", json!("Bearer")),
            ("iss", json!(format!("{}/{}", server.url, pool.id))),
        ] {
            assert_eq!(told[name], value, "{name} {told}");
        }
        assert!(told["exp"].as_i64().unwrap() > told["iat"].as_i64().unwrap());
        assert_eq!(
            introspect(&app, &token("id_token")).await.1,
            json!({ "active": false }),
            "it opens nothing"
        );
        let refresh = introspect(&app, &token("refresh_token")).await.1;
        assert_eq!((&refresh["active"], &refresh["sub"]), (&json!(true), &told["sub"]));
        let inactive = json!({ "active": false });
        assert_eq!(introspect(&other, &token("refresh_token")).await.1, inactive, "another client's");

        resource_server(&pool, "api", &["read"]).await;
        let machine = Machine::new(&pool, &["api/read"]).await;
        let (own, _) = machine.token(&[]).await.unwrap();
        let (_, of_machine) = introspect(&app, &own).await;
        assert_eq!(
            (&of_machine["sub"], &of_machine["scope"]),
            (&json!(machine.client()), &json!("api/read"))
        );

        let elsewhere = server.user_pool().await;
        elsewhere.confirmed_user("ada").await;
        let foreign = elsewhere.sign_in("ada", crate::server::PASSWORD).await;
        let flipped = format!("{}x", token("access_token"));
        for bad in [
            foreign.access_token.unwrap(),
            foreign.refresh_token.unwrap(),
            flipped,
            "x".into(),
            "a.b.c".into(),
        ] {
            assert_eq!(introspect(&app, &bad).await, (200, inactive.clone()), "{bad}");
        }
        server.aws.admin_user_global_sign_out().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        tokio::time::sleep(MEMORY).await;
        for name in ["access_token", "id_token", "refresh_token"] {
            assert_eq!(
                introspect(&app, &token(name)).await.1,
                inactive,
                "{name} of a session that was ended"
            );
        }
        server.clock.advance(chrono::Duration::hours(2));
        assert_eq!(introspect(&app, &own).await.1, inactive, "expired");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_refusal_of_userinfo_leads_to_who_gives_tokens_for_it(_: PgPoolOptions, db: PgConnectOptions) {
    // RFC 9728
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.on_prefix("shop").await;
        let issuer = format!("{}/{}", server.url, pool.id);
        let site = server.url.replace("127.0.0.1", "shop.pools.test");
        // Where a challenge points, and what stands there.
        let pointed = async |place: &str| {
            let mut browser = Browser::at(place, server);
            let refused = browser.get(&format!("{place}/oauth2/userInfo")).await;
            let challenge = refused.headers["www-authenticate"].to_str().unwrap().to_owned();
            let pointer = challenge.split_once("resource_metadata=\"")?.1.trim_end_matches('"').to_owned();
            let document: Value = serde_json::from_str(&browser.get(&pointer).await.body).unwrap();
            Some((pointer, document))
        };
        let well_known = "/.well-known/oauth-protected-resource";
        assert_eq!(pointed(&issuer).await, None);
        let there = format!("{}{well_known}/{}/oauth2/userInfo", server.url, pool.id);
        assert_eq!(server.http.get(&there).send().await.unwrap().status(), 404);
        pool.tag("cognate:resource_metadata", "on").await.unwrap();
        tokio::time::sleep(MEMORY).await;
        let beneath = format!("{site}{well_known}/oauth2/userInfo");
        for (place, address) in [(&issuer, &there), (&site, &beneath)] {
            let (pointer, document) = pointed(place).await.unwrap();
            assert_eq!(pointer, *address);
            assert_eq!(document["resource"], json!(format!("{place}/oauth2/userInfo")));
            assert_eq!(document["authorization_servers"], json!([issuer]));
        }
        assert_eq!(
            pool.discovered().await["protected_resources"],
            json!([format!("{site}/oauth2/userInfo"), format!("{issuer}/oauth2/userInfo")])
        );
    })
    .await;
}
