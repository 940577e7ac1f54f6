//! Clients that register themselves (RFC 7591).

use aws_sdk_cognitoidentityprovider::types::OAuthFlowType;
use cognate_store::app_client;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::authorization::{App, CALLBACK};
use crate::browser::Browser;
use crate::machine_tokens::resource_server;
use crate::security::signing::{Key, call};
use crate::server::{PASSWORD, TestPool, TestServer, said};

const MEMORY: std::time::Duration = std::time::Duration::from_millis(900);

/// Calls an operation with members that the SDK does not have yet.
async fn signed(server: &TestServer, operation: &str, body: Value) -> Value {
    let key = Key::new(server).await;
    let answer = call(server, operation, body).send(server, &key).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

impl TestPool<'_> {
    /// Lets clients register.
    pub(crate) async fn admit(&self, open: bool, scopes: &[&str]) {
        let dcr = json!({ "OpenDcrEnabled": open, "AllowedScopes": scopes });
        let (id, verified) = (&self.id, ["email"]);
        let update = json!({ "UserPoolId": id, "AutoVerifiedAttributes": verified, "DcrConfiguration": dcr });
        signed(self.server, "UpdateUserPool", update).await;
        tokio::time::sleep(MEMORY).await;
    }

    async fn register(&self, token: Option<&str>, metadata: &Value) -> (u16, Value) {
        let post = self.server.http.post(format!("{}/{}/oauth2/register", self.server.url, self.id));
        let post = match token {
            Some(token) => post.bearer_auth(token),
            None => post,
        };
        let answer = post.json(metadata).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn refusal(&self, token: Option<&str>, metadata: &Value) -> (u16, String) {
        let (status, body) = self.register(token, metadata).await;
        (status, body["error"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned())
    }
}

fn web() -> Value {
    json!({
        "client_name": "An agent", "redirect_uris": [CALLBACK], "post_logout_redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "none",
    })
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn nobody_registers_where_nobody_may(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        assert_eq!(pool.refusal(None, &web()).await, (404, "invalid_request".into()));
        assert!(pool.discovered().await["registration_endpoint"].is_null());
        pool.admit(false, &[]).await;
        assert_eq!(pool.refusal(None, &web()).await, (401, "invalid_token".into()));
        assert_eq!(pool.refusal(Some("x.y.z"), &web()).await, (401, "invalid_token".into()));
        pool.confirmed_user("ada").await;
        let user = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        assert_eq!(pool.refusal(Some(&user), &web()).await, (401, "invalid_token".into()), "another scope");
        let advertised = format!("{}/{}/oauth2/register", server.url, pool.id);
        assert_eq!(pool.discovered().await["registration_endpoint"], advertised);
    })
    .await;
}

/// A client with the token that lets it registers another, which gets tokens of its own.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_token_lets_its_holder_register_clients(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let scope = "aws.cognito/dcr/register";
        resource_server(&pool, "api", &["read", "write"]).await;
        let create = || {
            let create = server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("registrar");
            let create = create.generate_secret(true).allowed_o_auth_flows_user_pool_client(true);
            create.allowed_o_auth_flows(OAuthFlowType::ClientCredentials).allowed_o_auth_scopes(scope).send()
        };
        assert_eq!(said(create().await.unwrap_err()).0, "ScopeDoesNotExistException", "nobody may register yet");
        pool.admit(false, &["api/read"]).await;
        let registrar = create().await.unwrap().user_pool_client.unwrap();
        let of = |id: &str, secret: Option<&str>| App {
            pool: TestPool { server, id: pool.id.clone(), client: id.to_owned() },
            secret: secret.map(str::to_owned),
        };
        let registrar = of(registrar.client_id().unwrap(), registrar.client_secret());
        let (_, granted) = registrar.token(&[("grant_type", "client_credentials")]).await;
        assert_eq!(granted["scope"], scope);
        let token = granted["access_token"].as_str();

        let metadata = json!({ "client_name": "A job", "grant_types": ["client_credentials"], "scope": "api/read api/write" });
        let (status, told) = pool.register(token, &metadata).await;
        assert_eq!(status, 201, "{told}");
        assert_eq!((&told["scope"], &told["client_secret_expires_at"]), (&json!("api/read"), &json!(0)));
        let job = of(told["client_id"].as_str().unwrap(), told["client_secret"].as_str());
        let (_, own) = job.token(&[("grant_type", "client_credentials")]).await;
        assert_eq!(own["scope"], "api/read");
        let about = json!({ "UserPoolId": pool.id, "ClientId": job.pool.client });
        let described = signed(server, "DescribeUserPoolClient", about).await;
        assert_eq!(described["UserPoolClient"]["ClientType"], "DCR");
        let listed = async |kind: &str| {
            let of_type = json!({ "UserPoolId": pool.id, "ClientType": kind });
            let listed = signed(server, "ListUserPoolClients", of_type).await;
            listed["UserPoolClients"].as_array().unwrap().len()
        };
        assert_eq!((listed("DCR").await, listed("REGULAR").await), (1, 2));
        let add = server.aws.add_user_pool_client_secret().user_pool_id(&pool.id).client_id(&job.pool.client);
        assert_eq!(said(add.send().await.unwrap_err()).0, "InvalidParameterException");
        let (status, _) = pool.register(token, &web()).await;
        assert_eq!(status, 201, "for users too");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_a_client_cannot_be_is_refused(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admit(true, &[]).await;
        let with = |changes: Value| {
            let mut metadata = web();
            for (name, value) in changes.as_object().unwrap() {
                metadata[name] = value.clone();
            }
            metadata
        };
        for (changes, error) in [
            (json!({ "redirect_uris": [] }), "invalid_redirect_uri"),
            (json!({ "redirect_uris": ["http://app.example.com/cb"] }), "invalid_redirect_uri"),
            (json!({ "redirect_uris": ["https://app.example.com/#x"] }), "invalid_redirect_uri"),
            (json!({ "redirect_uris": ["javascript:alert(1)"] }), "invalid_redirect_uri"),
            (json!({ "redirect_uris": ["evilapp://accounts.example.com/"] }), "invalid_redirect_uri"),
            (json!({ "post_logout_redirect_uris": ["tel:123"] }), "invalid_redirect_uri"),
            (json!({ "redirect_uris": "https://app.example.com/" }), "invalid_client_metadata"),
            (json!({ "grant_types": ["client_credentials"] }), "invalid_client_metadata"),
            (json!({ "grant_types": ["password"] }), "invalid_client_metadata"),
            (json!({ "grant_types": [] }), "invalid_client_metadata"),
            (json!({ "token_endpoint_auth_method": "private_key_jwt" }), "invalid_client_metadata"),
            (json!({ "scope": "api/read" }), "invalid_client_metadata"),
        ] {
            assert_eq!(pool.refusal(None, &with(changes.clone())).await, (400, error.into()), "{changes}");
        }
        assert_eq!(pool.refusal(None, &json!([1])).await, (400, "invalid_client_metadata".into()));
        let harmless = json!({
            "grant_types": ["authorization_code", "refresh_token", "implicit"], "logo_uri": "https://evil.example/x.png",
            "client_name": "<b>An</b> agent", "scope": "openid unknown", "jwks": {},
        });
        let (status, told) = pool.register(None, &with(harmless)).await;
        assert_eq!(status, 201, "{told}");
        assert_eq!((&told["scope"], &told["client_name"]), (&json!("openid"), &json!("bAnb agent")));
        assert_eq!(told["grant_types"], json!(["authorization_code", "refresh_token"]));
        assert!(told["client_secret"].is_null() && told["logo_uri"].is_null());
        for _ in 0..20 {
            pool.register(None, &web()).await;
        }
        assert_eq!(pool.refusal(None, &web()).await, (429, "temporarily_unavailable".into()));
    })
    .await;
}

/// Nobody is told of to an app that anybody may have registered before they have seen where it leads.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn users_see_who_asks(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let admin = "aws.cognito.signin.user.admin";
        pool.admit(true, &[admin]).await;
        let known = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        known.signed_in(&mut browser, "ada", &[]).await;
        let (_, told) = pool.register(None, &web()).await;
        let client = told["client_id"].as_str().unwrap().to_owned();
        let stranger = App { pool: TestPool { server, id: pool.id.clone(), client }, secret: None };

        // Nor does it have browsers sent anywhere before (RFC 9700, section 4.11.2).
        let bye = format!("/{}/logout?client_id={}&logout_uri={CALLBACK}", pool.id, stranger.pool.client);
        for path in [
            stranger.authorize(&[("prompt", "none")]),
            stranger.authorize(&[("response_type", "nonsense")]),
            stranger.page("passkeys/add", &[("scope", "nonsense")]),
            bye,
        ] {
            let page = browser.get(&path).await;
            assert!(page.headers.get("location").is_none(), "{path} {}", page.body);
        }
        let page = stranger.opened(&mut browser, &[]).await;
        assert!(page.text().contains("you are taken to app.example.com"), "{}", page.text());
        let own_page = browser.get(&stranger.page("passkeys/add", &[("response_type", "-")])).await;
        assert!(own_page.headers.get("location").is_none(), "{}", own_page.body);
        let sent = browser.submit(&page, &[]).await;
        let (status, tokens) = stranger.exchange(&sent.sent("code").unwrap(), &[]).await;
        assert_eq!(status, 200, "{tokens}");
        let fresh = stranger.opened(&mut Browser::new(&pool), &[]).await;
        assert!(fresh.text().contains("An agent has registered itself"), "{}", fresh.text());
        let without = [("code_challenge", "-"), ("code_challenge_method", "-")];
        assert_eq!(browser.get(&stranger.authorize(&without)).await.status, 400, "PKCE");
        // What the owner lets it ask for beyond that is granted, and said.
        let mut more = web();
        more["scope"] = json!(format!("openid {admin} {admin}"));
        let (_, told) = pool.register(None, &more).await;
        assert_eq!(told["scope"], format!("openid {admin}"));
        let client = told["client_id"].as_str().unwrap().to_owned();
        let agent = App { pool: TestPool { server, id: pool.id.clone(), client }, secret: None };
        let asked = agent.opened(&mut Browser::new(&pool), &[]).await;
        assert!(asked.text().contains(&format!("act for you: {admin}.")), "{}", asked.text());
        let quiet = browser.get(&known.authorize(&[("prompt", "none")])).await;
        assert!(quiet.sent("code").is_some(), "an owner's client is as before");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_client_that_nobody_is_signed_in_to_goes(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        pool.admit(true, &[]).await;
        let registered = async || {
            let (status, told) = pool.register(None, &web()).await;
            assert_eq!(status, 201, "{told}");
            let client = told["client_id"].as_str().unwrap().to_owned();
            App { pool: TestPool { server, id: pool.id.clone(), client }, secret: None }
        };
        let (used, idle, of_owner) = (registered().await, registered().await, App::public(&pool).await);
        let mut browser = Browser::new(&pool);
        let page = used.opened(&mut browser, &[]).await;
        browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;

        let is_known = async |app: &App<'_>| Browser::new(&pool).get(&app.authorize(&[])).await.status == 302;
        let gone =
            app_client::delete_idle(&server.db, server.clock.now() - chrono::Duration::days(7), 9).await;
        assert_eq!(gone.unwrap(), 0, "not at once");
        let gone =
            app_client::delete_idle(&server.db, server.clock.now() + chrono::Duration::days(1), 9).await;
        assert_eq!(gone.unwrap(), 1);
        tokio::time::sleep(MEMORY).await;
        assert!(is_known(&used).await && is_known(&of_owner).await && !is_known(&idle).await);
    })
    .await;
}
