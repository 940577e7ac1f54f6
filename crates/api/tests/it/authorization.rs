//! Signing in through a browser: the authorization endpoint, the sign-in page, the code and what it is exchanged for (RFC 6749,
//! section 4.1; OpenID Connect Core 1.0, section 3), driven over HTTP.

mod abuse;
mod attributes;
mod back_channel;
mod choices;
mod codes;
mod crate_openidconnect;
mod device;
mod documents;
mod dpop;
mod factors;
mod levels;
mod pushed;
mod requests;
mod scopes;
mod sessions;
mod sign_out;
mod sign_up;
mod steps;
mod userinfo;

use std::time::Duration;

use aws_sdk_cognitoidentityprovider::operation::update_user_pool_client::builders::UpdateUserPoolClientFluentBuilder;
use aws_sdk_cognitoidentityprovider::types::{ExplicitAuthFlowsType, OAuthFlowType};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cognate_core::options;
use cognate_store::{AppClientId, user_pool};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, Page};
use crate::server::{PASSWORD, TestPool, TestServer};
use crate::tokens::verified;

pub(crate) const CALLBACK: &str = "https://app.example.com/cb";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk-0123456789";

/// A pool with a client that browsers are sent by, and a user.
pub(crate) struct App<'a> {
    pub(crate) pool: TestPool<'a>,
    pub(crate) secret: Option<String>,
}

impl<'a> App<'a> {
    pub(crate) async fn public(pool: &TestPool<'a>) -> Self {
        Self::with(pool, &[OAuthFlowType::Code], &["openid", "email", "profile"], false).await
    }

    pub(crate) async fn with(
        pool: &TestPool<'a>,
        flows: &[OAuthFlowType],
        scopes: &[&str],
        is_confidential: bool,
    ) -> Self {
        let create = pool.server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("An app");
        let create = create
            .generate_secret(is_confidential)
            .allowed_o_auth_flows_user_pool_client(true)
            .set_allowed_o_auth_flows(Some(flows.to_vec()))
            .set_allowed_o_auth_scopes(Some(scopes.iter().map(|it| (*it).to_owned()).collect()))
            .callback_urls(CALLBACK)
            .callback_urls("https://app.example.com/other?x=1")
            .callback_urls("com.example.app:/cb")
            .logout_urls("https://app.example.com/bye")
            .supported_identity_providers("COGNITO")
            // Signing in at the pages needs no flow of the API.
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth);
        let made = create.send().await.unwrap().user_pool_client.unwrap();
        let (server, id, client) = (pool.server, pool.id.clone(), made.client_id.unwrap());
        Self { pool: TestPool { server, id, client }, secret: made.client_secret }
    }

    /// Sets an option of the client, as the command does, and waits until no server remembers it as it was.
    pub(crate) async fn configure(&self, name: &str, value: &str) {
        self.set(name, Some(value)).await;
    }

    /// Takes one back.
    pub(crate) async fn deconfigure(&self, name: &str) {
        self.set(name, None).await;
    }

    async fn set(&self, name: &str, value: Option<&str>) {
        let server = self.pool.server;
        let pool = user_pool::get(&server.db, &self.pool.pool_id()).await.unwrap().unwrap();
        let changes = [(name.to_owned(), value.map(str::to_owned))];
        let client = AppClientId::new(&*self.pool.client);
        options::set_of_client(&server.app(), &pool, &client, &changes).await.unwrap();
        tokio::time::sleep(Duration::from_millis(900)).await;
    }

    /// Lets its users choose how they sign in.
    pub(crate) async fn allow_choice(&self) {
        let update = self.update(&["openid"]).explicit_auth_flows(ExplicitAuthFlowsType::AllowUserAuth);
        update.explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth).send().await.unwrap();
    }

    /// A change of its settings, which are what is said here and nothing else: the code flow with these scopes.
    pub(crate) fn update(&self, scopes: &[&str]) -> UpdateUserPoolClientFluentBuilder {
        let aws = &self.pool.server.aws;
        let update = aws.update_user_pool_client().user_pool_id(&self.pool.id).client_id(&self.pool.client);
        update
            .allowed_o_auth_flows_user_pool_client(true)
            .allowed_o_auth_flows(OAuthFlowType::Code)
            .set_allowed_o_auth_scopes(Some(scopes.iter().map(|it| (*it).to_owned()).collect()))
            .callback_urls(CALLBACK)
            .supported_identity_providers("COGNITO")
    }

    /// The address of a page for a request, with PKCE.
    pub(crate) fn page(&self, page: &str, more: &[(&str, &str)]) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", self.pool.client.as_str()),
            ("redirect_uri", CALLBACK),
            ("state", "a b&c=1"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        pairs.retain(|(name, _)| more.iter().all(|(given, _)| given != name));
        pairs.extend(more.iter().filter(|(_, value)| *value != "-"));
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("/{}/{page}?{query}", self.pool.id)
    }

    pub(crate) fn authorize(&self, more: &[(&str, &str)]) -> String {
        self.page("oauth2/authorize", more)
    }

    /// Opens a request, which must show the sign-in page.
    pub(crate) async fn opened(&self, browser: &mut Browser, more: &[(&str, &str)]) -> Page {
        let sent = browser.get(&self.authorize(more)).await;
        assert_eq!(sent.status, 302, "{}", sent.body);
        let page = browser.get(sent.location()).await;
        assert_eq!(page.status, 200, "{}", page.body);
        page
    }

    /// Signs a user in with their password alone, and returns where the browser is sent.
    pub(crate) async fn signed_in(
        &self,
        browser: &mut Browser,
        username: &str,
        more: &[(&str, &str)],
    ) -> Page {
        let page = self.opened(browser, more).await;
        let sent = browser.submit(&page, &[("username", username), ("password", PASSWORD)]).await;
        assert_eq!(sent.status, 302, "{}", sent.text());
        sent
    }

    /// Exchanges a code.
    pub(crate) async fn exchange(&self, code: &str, more: &[(&str, &str)]) -> (u16, Value) {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        form.retain(|(name, _)| more.iter().all(|(given, _)| given != name));
        form.extend(more.iter().filter(|(_, value)| *value != "-"));
        self.token(&form).await
    }

    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let url = format!("{}/{}/oauth2/token", self.pool.server.url, self.pool.id);
        let mut form = form.to_vec();
        let post = self.pool.server.http.post(url);
        let post = match &self.secret {
            Some(secret) => post.header("authorization", self.basic(secret)),
            None => {
                form.push(("client_id", &self.pool.client));
                post
            }
        };
        let answer = post.form(&form).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    fn basic(&self, secret: &str) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{secret}", self.pool.client)))
    }

    pub(crate) async fn userinfo(&self, token: &str) -> (u16, Value) {
        let url = format!("{}/{}/oauth2/userInfo", self.pool.server.url, self.pool.id);
        let answer = self.pool.server.http.get(url).bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_browser_comes_back_with_a_code_and_the_code_becomes_tokens(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        for is_confidential in [false, true] {
            let scopes = ["openid", "email"];
            let app = App::with(&pool, &[OAuthFlowType::Code], &scopes, is_confidential).await;
            let mut browser = Browser::new(&pool);

            let page = app.opened(&mut browser, &[("nonce", "n-1"), ("scope", "openid email")]).await;
            assert!(page.text().contains("Sign in to continue to An app"), "{}", page.text());
            let wrong = browser.submit(&page, &[("username", "ada"), ("password", "wrong")]).await;
            assert_eq!(wrong.status, 200);
            assert!(wrong.text().contains("do not go together") && wrong.body.contains(r#"value="ada""#));
            assert!(!wrong.body.contains(r#"value="wrong""#), "a password is never shown again");
            let sent = browser.submit(&wrong, &[("username", "ada"), ("password", PASSWORD)]).await;
            assert_eq!(sent.status, 302, "{}", sent.text());
            assert!(sent.location().starts_with(&format!("{CALLBACK}?code=")), "{}", sent.location());
            assert!(sent.location().contains("&state=a%20b%26c%3D1"), "{}", sent.location());
            assert_eq!(sent.sent("iss"), Some(format!("{}/{}", server.url, pool.id)));

            let (status, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
            assert_eq!(status, 200, "{tokens}");
            assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(3600)));
            let access = tokens["access_token"].as_str().unwrap();
            let (_, id) = verified(&app.pool, tokens["id_token"].as_str().unwrap()).await;
            let (_, claims) = verified(&app.pool, access).await;
            assert_eq!((&id["nonce"], &id["email"]), (&json!("n-1"), &json!("ada@example.com")));
            assert_eq!(id["at_hash"], json!(URL_SAFE_NO_PAD.encode(&Sha256::digest(access)[..16])));
            assert_eq!((&claims["scope"], &claims["version"]), (&json!("openid email"), &json!(2)));
            assert_eq!((&claims["sub"], &claims["auth_time"]), (&id["sub"], &id["auth_time"]));

            let (status, shown) = app.userinfo(access).await;
            let expected = json!({
                "sub": id["sub"], "username": "ada", "email": "ada@example.com", "email_verified": "true",
            });
            assert_eq!((status, shown), (200, expected));

            let refresh = tokens["refresh_token"].as_str().unwrap();
            let (status, again) =
                app.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
            assert_eq!(status, 200, "{again}");
            let (_, later) = verified(&app.pool, again["id_token"].as_str().unwrap()).await;
            for claim in ["iss", "sub", "aud", "auth_time", "email"] {
                assert_eq!(later[claim], id[claim], "{claim}");
            }
            let (_, later) = verified(&app.pool, again["access_token"].as_str().unwrap()).await;
            assert_eq!((&later["scope"], &later["version"]), (&claims["scope"], &claims["version"]));
        }
    })
    .await;
}
