//! The token endpoint and revocation, as OAuth libraries use them (RFC 6749, RFC 7009), driven over HTTP.

use aws_sdk_cognitoidentityprovider::types::{
    ExplicitAuthFlowsType, FeatureType, OAuthFlowType, RefreshTokenRotationType, TimeUnitsType,
    TokenValidityUnitsType,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::machine_tokens::resource_server;
use crate::server::{PASSWORD, TestPool, TestServer};
use crate::tokens::{names, verified};

/// A client with a secret.
struct Confidential<'a> {
    pool: TestPool<'a>,
    secret: String,
}

impl<'a> Confidential<'a> {
    async fn new(pool: &TestPool<'a>, flows: &[OAuthFlowType], scopes: &[&str]) -> Self {
        let create =
            pool.server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("confidential");
        let create = create.generate_secret(true).allowed_o_auth_flows_user_pool_client(!flows.is_empty());
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let create = create.set_allowed_o_auth_scopes(Some(scopes));
        let made = create.set_allowed_o_auth_flows(Some(flows.to_vec())).send().await.unwrap();
        let made = made.user_pool_client.unwrap();
        let pool = TestPool { server: pool.server, id: pool.id.clone(), client: made.client_id.unwrap() };
        Self { pool, secret: made.client_secret.unwrap() }
    }

    fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.pool.client, self.secret)))
    }

    /// With the secret in the header.
    async fn asks(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        ask(&self.pool, path, Some(&self.basic()), form).await
    }

    /// With the secret in the form.
    async fn posts(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let own = [("client_id", self.pool.client.as_str()), ("client_secret", self.secret.as_str())];
        ask(&self.pool, path, None, &[&own, form].concat()).await
    }
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn error(&self) -> (u16, &str) {
        let no_token = ["access_token", "id_token", "refresh_token"].iter().all(|it| self.body[it].is_null());
        assert!(no_token, "{}", self.body);
        (self.status, self.body["error"].as_str().unwrap())
    }
}

async fn ask(pool: &TestPool<'_>, path: &str, authorization: Option<&str>, form: &[(&str, &str)]) -> Answer {
    let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    send(pool, path, authorization, "application/x-www-form-urlencoded", encoded).await
}

async fn send(
    pool: &TestPool<'_>,
    path: &str,
    authorization: Option<&str>,
    content_type: &str,
    body: String,
) -> Answer {
    let url = format!("{}/{}/oauth2/{path}", pool.server.url, pool.id);
    let mut post = pool.server.http.post(url).header("content-type", content_type).body(body);
    if let Some(value) = authorization {
        post = post.header("authorization", value);
    }
    let answer = post.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = answer.bytes().await.unwrap();
    Answer { status, headers, body: serde_json::from_slice(&body).unwrap_or_default() }
}

const MACHINE: (&str, &str) = ("grant_type", "client_credentials");

/// A machine's token, however it proves who it is (OAU-2), is the one of GetClientToken.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn machines_get_tokens(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        resource_server(&pool, "api", &["read", "write", "admin"]).await;
        let flows = [OAuthFlowType::ClientCredentials];
        let machine = Confidential::new(&pool, &flows, &["api/read", "api/write"]).await;
        let answer = machine.asks("token", &[MACHINE]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(names(&answer.body), ["access_token", "expires_in", "scope", "token_type"]);
        assert_eq!(
            (&answer.body["token_type"], &answer.body["expires_in"]),
            (&json!("Bearer"), &json!(3600))
        );
        assert_eq!(answer.body["scope"], "api/read api/write");
        let header = |name: &str| answer.headers.get(name).map(HeaderValue::to_str).unwrap().unwrap();
        assert!(header("cache-control").contains("no-store"));
        assert_eq!(header("access-control-allow-origin"), "*");
        assert_eq!(header("content-type"), "application/json;charset=UTF-8");
        let (_, claims) = verified(&machine.pool, answer.body["access_token"].as_str().unwrap()).await;
        assert_eq!(
            names(&claims),
            ["auth_time", "client_id", "exp", "iat", "iss", "jti", "scope", "sub", "token_use", "version"]
        );
        assert_eq!((&claims["sub"], &claims["version"]), (&json!(machine.pool.client), &json!(2)));

        // Some of them; what it may not have is left out, and nothing but that is refused.
        for (scope, granted) in [
            ("api/write", Some("api/write")),
            ("api/write api/admin openid", Some("api/write")),
            ("api/admin", None),
            ("openid", None),
            ("api/unknown", None),
        ] {
            let answer = machine.posts("token", &[MACHINE, ("scope", scope)]).await;
            match granted {
                Some(granted) => assert_eq!(answer.body["scope"], granted, "{scope}"),
                None => assert_eq!(answer.error(), (400, "invalid_scope"), "{scope}"),
            }
        }

        // The secret percent-encoded as RFC 6749 has it, which clients without odd characters in it cannot show.
        let given =
            server.aws.add_user_pool_client_secret().user_pool_id(&pool.id).client_id(&machine.pool.client);
        given.client_secret("a+second+secret+with+pluses1").send().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        for secret in
            ["a+second+secret+with+pluses1", "a%2Bsecond%2Bsecret%2Bwith%2Bpluses1", &machine.secret]
        {
            let basic = format!("Basic {}", STANDARD.encode(format!("{}:{secret}", machine.pool.client)));
            assert_eq!(ask(&pool, "token", Some(&basic), &[MACHINE]).await.status, 200, "{secret}");
        }
    })
    .await;
}

/// Cases 16 and 17, OAU-1, OAU-2: every other request is refused with the code that the standard has for it.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_no_token_is_for_is_refused(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        resource_server(&pool, "api", &["read"]).await;
        let machine = Confidential::new(&pool, &[OAuthFlowType::ClientCredentials], &["api/read"]).await;
        let silent = Confidential::new(&pool, &[], &[]).await;
        let id = machine.pool.client.as_str();
        for (form, expected) in [
            (&[][..], "invalid_request"),
            (&[("grant_type", "")], "invalid_request"),
            (&[("grant_type", "password")], "unsupported_grant_type"),
            (&[("grant_type", "authorization_code")], "invalid_request"),
            (&[("grant_type", "authorization_code"), ("code", "x")], "unauthorized_client"),
            (&[MACHINE, MACHINE], "invalid_request"),
            (&[MACHINE, ("scope", "a"), ("scope", "b")], "invalid_request"),
            (&[MACHINE, ("client_secret", "x")], "invalid_request"),
            (&[MACHINE, ("client_id", "another")], "invalid_client"),
            (&[MACHINE, ("scope", "api/\u{7}read")], "invalid_request"),
            (&[MACHINE, ("aws_client_metadata", "[1]")], "invalid_request"),
            (&[("grant_type", "refresh_token")], "invalid_request"),
            (&[("grant_type", "refresh_token"), ("refresh_token", "x.y.z")], "invalid_grant"),
        ] {
            assert_eq!(machine.asks("token", form).await.error(), (400, expected), "{form:?}");
        }
        let refused = async |authorization: Option<&str>, form: &[(&str, &str)]| {
            let answer = ask(&pool, "token", authorization, form).await;
            answer.error().1.to_owned()
        };
        let wrong = format!("Basic {}", STANDARD.encode(format!("{id}:wrong")));
        assert_eq!(refused(Some(&wrong), &[MACHINE]).await, "invalid_client");
        for header in ["Basic", "Basic !", "Basic OnNlY3JldA==", "Bearer x", "Basic bm8gY29sb24="] {
            assert_eq!(refused(Some(header), &[MACHINE]).await, "invalid_client", "{header}");
        }
        assert_eq!(refused(None, &[MACHINE]).await, "invalid_request");
        for form in [&[MACHINE, ("client_id", id)][..], &[MACHINE, ("client_id", "nobody")]] {
            assert_eq!(refused(None, form).await, "invalid_client");
        }
        // A client without a secret is no machine, nor is one that has no OAuth flow.
        assert_eq!(refused(None, &[MACHINE, ("client_id", &pool.client)]).await, "invalid_grant");
        assert_eq!(silent.asks("token", &[MACHINE]).await.error(), (400, "invalid_grant"));
        let code = Confidential::new(&pool, &[OAuthFlowType::Code], &["openid"]).await;
        assert_eq!(code.asks("token", &[MACHINE]).await.error(), (400, "unauthorized_client"));
        // Not at another pool, and not as JSON.
        let other = server.user_pool().await;
        let elsewhere = ask(&other, "token", Some(&machine.basic()), &[MACHINE]).await;
        assert_eq!(elsewhere.error(), (400, "invalid_client"));
        let body = json!({ "grant_type": "client_credentials" }).to_string();
        let answer = send(&pool, "token", Some(&machine.basic()), "application/json", body).await;
        assert_eq!(answer.error(), (400, "invalid_request"));
        let preflight =
            server.http.request(reqwest::Method::OPTIONS, format!("{}/{}/oauth2/token", server.url, pool.id));
        let preflight = preflight.send().await.unwrap();
        assert_eq!(preflight.headers()["access-control-allow-headers"], "authorization, *");
    })
    .await;
}

/// A client of the pool whose users sign in through the API, and whose tokens are refreshed at the endpoint.
async fn refreshing<'a>(pool: &TestPool<'a>, rotates: bool) -> TestPool<'a> {
    let create = pool.server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("web");
    let create = create.explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth);
    let create = create.allowed_o_auth_flows_user_pool_client(true).allowed_o_auth_flows(OAuthFlowType::Code);
    let create = create.allowed_o_auth_scopes("openid").callback_urls("https://app.example.com/");
    let create = create.supported_identity_providers("COGNITO").access_token_validity(10);
    let units = TokenValidityUnitsType::builder().access_token(TimeUnitsType::Minutes).build();
    let feature = if rotates { FeatureType::Enabled } else { FeatureType::Disabled };
    let rotation = RefreshTokenRotationType::builder().feature(feature).retry_grace_period_seconds(0);
    let made = create.token_validity_units(units).refresh_token_rotation(rotation.build().unwrap());
    let made = made.send().await.unwrap().user_pool_client.unwrap();
    TestPool { server: pool.server, id: pool.id.clone(), client: made.client_id.unwrap() }
}

/// Cases 8 to 10, TOK-5: refresh tokens are exchanged, rotate where they do, and end with what copied them.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn refresh_tokens_are_exchanged_and_revoked(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let (steady, rotating) = (refreshing(&pool, false).await, refreshing(&pool, true).await);
        let refresh = async |client: &TestPool<'_>, token: &str| {
            let form =
                [("grant_type", "refresh_token"), ("client_id", &*client.client), ("refresh_token", token)];
            ask(client, "token", None, &form).await
        };
        let revoke = async |client: &TestPool<'_>, token: &str| {
            ask(client, "revoke", None, &[("client_id", &*client.client), ("token", token)]).await
        };
        let is_alive = async |access: &str| server.aws.get_user().access_token(access).send().await.is_ok();

        let token = steady.sign_in("ada", PASSWORD).await.refresh_token.unwrap();
        let answer = refresh(&steady, &token).await;
        assert_eq!(names(&answer.body), ["access_token", "expires_in", "id_token", "scope", "token_type"]);
        assert_eq!((answer.status, &answer.body["expires_in"]), (200, &json!(600)));
        let access = answer.body["access_token"].as_str().unwrap().to_owned();
        assert!(is_alive(&access).await);
        assert_eq!(refresh(&rotating, &token).await.error(), (400, "invalid_grant"));
        assert_eq!(refresh(&steady, &token).await.status, 200);

        // What is none, is another client's or is unknown ends nothing; the real one ends all of its origin.
        assert_eq!(revoke(&steady, &access).await.error(), (400, "unsupported_token_type"));
        assert_eq!(revoke(&rotating, &token).await.status, 200);
        assert_eq!(revoke(&steady, "garbage").await.status, 200);
        let nobody = ask(&steady, "revoke", None, &[("client_id", "nobody"), ("token", &token)]).await;
        assert_eq!(nobody.error(), (401, "invalid_client"));
        assert!(nobody.headers.contains_key("www-authenticate"));
        let nothing = ask(&steady, "revoke", None, &[("client_id", &*steady.client)]).await;
        assert_eq!(nothing.error(), (400, "invalid_request"));
        assert!(is_alive(&access).await);
        let revoked = revoke(&steady, &token).await;
        assert_eq!((revoked.status, revoked.headers["content-length"].to_str().unwrap()), (200, "0"));
        assert!(!is_alive(&access).await);
        assert_eq!(refresh(&steady, &token).await.error(), (400, "invalid_grant"));

        let first = rotating.sign_in("ada", PASSWORD).await.refresh_token.unwrap();
        let answer = refresh(&rotating, &first).await;
        let second = answer.body["refresh_token"].as_str().unwrap();
        assert_ne!(second, first);
        assert_eq!(refresh(&rotating, &first).await.error(), (400, "invalid_grant"));
        assert_eq!(refresh(&rotating, second).await.error(), (400, "invalid_grant"));

        let third = rotating.sign_in("ada", PASSWORD).await.refresh_token.unwrap();
        server.aws.admin_disable_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert_eq!(refresh(&rotating, &third).await.error(), (400, "invalid_grant"));
    })
    .await;
}

/// RFC 8693: the web's twin of GetDerivedToken.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn tokens_are_exchanged_for_others(_: PgPoolOptions, db: PgConnectOptions) {
    const EXCHANGE: (&str, &str) = ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
    const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";
    const ID: &str = "urn:ietf:params:oauth:token-type:id_token";
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        resource_server(&pool, "orders", &["read"]).await;
        pool.admin_user("ada").await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let (access, id) = (tokens.access_token.unwrap(), tokens.id_token.unwrap());
        let create = server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("gateway");
        let create = create.generate_secret(true).allowed_o_auth_flows_user_pool_client(true);
        let create = create.allowed_o_auth_flows(OAuthFlowType::ClientCredentials);
        let create = create.set_allowed_o_auth_scopes(Some(vec!["orders/read".into()]));
        let create =
            create.explicit_auth_flows(ExplicitAuthFlowsType::from("ALLOW_TOKEN_EXCHANGE_IMPERSONATION"));
        let made = create.send().await.unwrap().user_pool_client.unwrap();
        let gateway = TestPool { server, id: pool.id.clone(), client: made.client_id.unwrap() };
        let gateway = Confidential { pool: gateway, secret: made.client_secret.unwrap() };
        let subject = [EXCHANGE, ("subject_token", &*access), ("subject_token_type", ACCESS)];

        let answer = gateway.asks("token", &[&subject[..], &[("resource", "orders")]].concat()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(
            (&answer.body["issued_token_type"], &answer.body["token_type"]),
            (&json!(ACCESS), &json!("Bearer"))
        );
        let (_, claims) = verified(&pool, answer.body["access_token"].as_str().unwrap()).await;
        assert_eq!((&claims["aud"], &claims["username"]), (&json!("orders"), &json!("ada")));
        let form = [&subject[..], &[("requested_token_type", ID), ("audience", "shop")]].concat();
        let answer = gateway.asks("token", &form).await;
        assert_eq!(
            (&answer.body["issued_token_type"], &answer.body["token_type"]),
            (&json!(ID), &json!("N_A"))
        );
        let (_, claims) = verified(&pool, answer.body["access_token"].as_str().unwrap()).await;
        assert_eq!((&claims["aud"], &claims["token_use"]), (&json!("shop"), &json!("id")));

        for (form, expected) in [
            (&[EXCHANGE][..], "invalid_request"),
            (&[EXCHANGE, ("subject_token", &*access)], "invalid_request"),
            (&[EXCHANGE, ("subject_token", &*access), ("subject_token_type", ID)], "invalid_request"),
            (&[EXCHANGE, ("subject_token", &*id), ("subject_token_type", "urn:x")], "invalid_request"),
            (&[&subject[..], &[("actor_token", &*access)]].concat(), "invalid_request"),
            (
                &[&subject[..], &[("actor_token", &*id), ("actor_token_type", ID)]].concat(),
                "unauthorized_client",
            ),
            (&[&subject[..], &[("resource", "nothing")]].concat(), "invalid_target"),
            (&[&subject[..], &[("audience", &*pool.client)]].concat(), "invalid_target"),
            (&[&subject[..], &[("audience", "a"), ("resource", "orders")]].concat(), "invalid_request"),
        ] {
            assert_eq!(gateway.asks("token", form).await.error(), (400, expected), "{form:?}");
        }
        // It ends with the session that it came of.
        server.aws.admin_user_global_sign_out().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert_eq!(gateway.asks("token", &subject).await.error(), (400, "invalid_request"));
    })
    .await;
}
