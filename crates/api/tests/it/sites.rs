//! Where a pool's pages and OAuth endpoints are: on its domains, by the host that a request names, with TLS and without.

use std::path::PathBuf;
use std::time::Duration;

use aws_sdk_cognitoidentityprovider::types::CustomDomainConfigType;
use openssl::pkey::PKey;
use openssl::x509::X509;
use reqwest::header::HOST;
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::authorization::{App, CALLBACK, VERIFIER};
use crate::browser::Browser;
use crate::server::{PASSWORD, Setup, TestPool, TestServer, attribute};

/// How long a domain may be remembered that was there, or was not.
const MEMORY: Duration = Duration::from_millis(900);

impl TestPool<'_> {
    /// Gives the pool a prefix.
    pub(crate) async fn on_prefix(&self, prefix: &str) {
        let create = self.server.aws.create_user_pool_domain().user_pool_id(&self.id).domain(prefix);
        create.managed_login_version(2).send().await.unwrap();
    }

    /// Gives the pool a host of its owner's.
    async fn on_host(&self, host: &str) {
        let config = CustomDomainConfigType::builder().certificate_arn(
            "arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-0000-0000-000000000000",
        );
        let create = self.server.aws.create_user_pool_domain().user_pool_id(&self.id).domain(host);
        create.custom_domain_config(config.build().unwrap()).send().await.unwrap();
    }

    pub(crate) async fn discovered(&self) -> Value {
        let url = format!("{}/{}/.well-known/openid-configuration", self.server.url, self.id);
        self.server.http.get(url).send().await.unwrap().json().await.unwrap()
    }
}

impl TestServer {
    fn port(&self) -> &str {
        self.url.rsplit_once(':').unwrap().1
    }

    /// What a path answers to who asks for a host.
    async fn asked(&self, host: &str, path: &str) -> reqwest::Response {
        self.http.get(format!("{}{path}", self.url)).header(HOST, host).send().await.unwrap()
    }
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_prefix_is_a_site_of_its_own(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let app = App::public(&pool).await;
        pool.on_prefix("shop").await;
        let site = format!("http://shop.pools.test:{}", server.port());
        let discovered = pool.discovered().await;
        assert_eq!(discovered["issuer"], format!("{}/{}", server.url, pool.id));
        assert_eq!(discovered["jwks_uri"], format!("{}/{}/.well-known/jwks.json", server.url, pool.id));
        for (name, path) in [
            ("authorization_endpoint", "oauth2/authorize"),
            ("token_endpoint", "oauth2/token"),
            ("userinfo_endpoint", "oauth2/userInfo"),
            ("revocation_endpoint", "oauth2/revoke"),
            ("end_session_endpoint", "logout"),
        ] {
            assert_eq!(discovered[name], format!("{site}/{path}"));
        }

        let mut browser = Browser::at(&site, server);
        let at_site = |path: String| path.replacen(&format!("/{}/", pool.id), "/", 1);
        let sent = browser.get(&at_site(app.authorize(&[("scope", "openid email")]))).await;
        assert!(sent.location().starts_with("/login?"), "{}", sent.location());
        let page = browser.get(sent.location()).await;
        assert!(!page.body.contains(&pool.id), "{}", page.body);
        for cookie in page.headers.get_all("set-cookie") {
            assert!(cookie.to_str().unwrap().ends_with("; Path=/"), "{cookie:?}");
        }
        let sent = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        assert!(sent.location().starts_with(CALLBACK), "{}", sent.text());
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &sent.sent("code").unwrap()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
            ("client_id", &app.pool.client),
        ];
        let tokens = browser.request("/OAuth2/Token").form(&form).send().await.unwrap();
        let tokens: Value = tokens.json().await.unwrap();
        let access = tokens["access_token"].as_str().unwrap();
        for spelling in ["oauth2/userInfo", "oauth2/userinfo", "OAUTH2/USERINFO"] {
            let asked =
                server.http.get(format!("{}/{spelling}", server.url)).header(HOST, "SHOP.pools.test:80");
            let told: Value = asked.bearer_auth(access).send().await.unwrap().json().await.unwrap();
            assert_eq!(told["username"], "ada", "{spelling}");
        }
        // Its own path is still there, and has a session of its own.
        let again = Browser::new(&pool).get(&app.authorize(&[("prompt", "none")])).await;
        assert_eq!(again.sent("error").as_deref(), Some("login_required"));
        let left = browser.get("/LogOut").await;
        assert!(left.body.contains(r#"action="/logout""#), "{}", left.body);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_owners_host_comes_before_the_prefix(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let app = App::public(&pool).await;
        pool.on_prefix("shop").await;
        pool.on_host("login.shop.example").await;
        pool.on_host("a.login.example").await;
        let discovered = pool.discovered().await;
        let site = format!("http://login.shop.example:{}", server.port());
        assert_eq!(discovered["authorization_endpoint"], format!("{site}/oauth2/authorize"));
        let query = app.page("login", &[]).split_once('?').unwrap().1.to_owned();
        for host in ["login.shop.example", "a.login.example", "shop.pools.test"] {
            let page = server.asked(host, &format!("/login?{query}")).await;
            assert_eq!(page.status(), 200, "{host}");
            let page = page.text().await.unwrap();
            assert!(page.contains(r#"action="/login?"#) && !page.contains("login.shop.example"), "{page}");
        }
        let delete = server.aws.delete_user_pool_domain().user_pool_id(&pool.id).domain("login.shop.example");
        delete.send().await.unwrap();
        assert_eq!(server.asked("login.shop.example", &format!("/login?{query}")).await.status(), 404);
        let discovered = pool.discovered().await;
        assert!(discovered["token_endpoint"].as_str().unwrap().starts_with("http://a.login.example:"));
        let delete = server.aws.delete_user_pool_domain().user_pool_id(&pool.id).domain("a.login.example");
        delete.send().await.unwrap();
        let discovered = pool.discovered().await;
        assert!(discovered["token_endpoint"].as_str().unwrap().starts_with("http://shop.pools.test:"));
    })
    .await;
}

/// What a host is not is served by nobody under it (OAU-3).
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_site_serves_its_pool_alone(_: PgPoolOptions, db: PgConnectOptions) {
    let setup = Setup::development();
    TestServer::run_as(setup, db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        pool.on_prefix("shop").await;
        pool.on_host("login.shop.example").await;
        for host in ["shop.pools.test", "login.shop.example"] {
            for path in [
                format!("/{}/.well-known/jwks.json", other.id),
                format!("/{}/.well-known/jwks.json", pool.id),
                "/_cognate/inbox.json".to_owned(),
                "/".to_owned(),
            ] {
                assert_eq!(server.asked(host, &path).await.status(), 404, "{host} {path}");
            }
            let call = server.http.post(&server.url).header(HOST, host).body("{}");
            let call = call.header("X-Amz-Target", "AWSCognitoIdentityProviderService.ListUserPools");
            assert_eq!(call.send().await.unwrap().status(), 404, "{host}");
            assert_eq!(server.asked(host, "/_cognate/style.css").await.status(), 200);
            assert_eq!(server.asked(host, "/_cognate/health/live").await.status(), 200);
        }
        // Nor is a prefix a host, or a host a prefix, and a development server has no other names.
        for host in ["shop", "login.shop.example.pools.test", "shop.example", "x.shop.pools.test"] {
            let path = format!("/{}/.well-known/jwks.json", pool.id);
            assert_eq!(server.asked(host, &path).await.status(), 403, "{host}");
        }
        // What a request says of its way is anybody's claim.
        let url = format!("{}/.well-known/jwks.json", server.url);
        let claim = server.http.get(url).header("x-forwarded-host", "shop.pools.test").send().await.unwrap();
        assert_eq!(claim.status(), 404);
        let long = format!("/{}?", "a".repeat(40_000));
        assert_eq!(server.asked("shop.pools.test", &long).await.status(), 414);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn links_in_messages_lead_to_the_site(_: PgPoolOptions, db: PgConnectOptions) {
    use aws_sdk_cognitoidentityprovider::types::{DefaultEmailOptionType, VerificationMessageTemplateType};

    TestServer::run_as(Setup::development(), db, async |server| {
        let template = VerificationMessageTemplateType::builder()
            .default_email_option(DefaultEmailOptionType::ConfirmWithLink)
            .build();
        let create = server.aws.create_user_pool().pool_name("links").verification_message_template(template);
        let create = create.auto_verified_attributes("email".into());
        let id = create.send().await.unwrap().user_pool.unwrap().id.unwrap();
        let pool = server.with_client(id, false).await;
        pool.on_prefix("shop").await;
        let sign_up = server.aws.sign_up().client_id(&pool.client).username("ada").password(PASSWORD);
        sign_up.user_attributes(attribute("email", "ada@example.com")).send().await.unwrap();
        let inbox = server.http.get(format!("{}/_cognate/inbox.json", server.url)).send().await.unwrap();
        let inbox: Value = inbox.json().await.unwrap();
        let link = inbox["messages"][0]["link"].as_str().unwrap_or_else(|| panic!("{inbox}"));
        let site = format!("http://shop.pools.test:{}", server.port());
        assert!(link.starts_with(&format!("{site}/confirmUser?")), "{link}");
        let mut browser = Browser::at(&site, server);
        let page = browser.get(link).await;
        assert_eq!(page.status, 200);
        let done = browser.submit(&page, &[]).await;
        assert!(done.text().contains("Your account is ready"), "{}", done.text());
        pool.sign_in("ada", PASSWORD).await;
    })
    .await;
}

/// Writes a certificate and its key for a name.
fn certify(folder: &std::path::Path, name: &str) -> (PathBuf, PathBuf) {
    let certified = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let in_pem = X509::from_der(certified.cert.der()).unwrap().to_pem().unwrap();
    std::fs::write(&certificate, in_pem).unwrap();
    let private = PKey::private_key_from_der(certified.signing_key.serialized_der()).unwrap();
    std::fs::write(&key, private.private_key_to_pem_pkcs8().unwrap()).unwrap();
    (certificate, key)
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn tls_ends_in_the_server_and_certificates_are_replaced(_: PgPoolOptions, db: PgConnectOptions) {
    let folder = std::env::temp_dir().join(format!("cognate-tls-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    let files = certify(&folder, "first.example");
    let setup = Setup { tls: Some(files.clone()), ..Setup::default() };
    TestServer::run_as(setup, db, async |server| {
        let http = || reqwest::Client::builder().tls_danger_accept_invalid_certs(true).tls_info(true);
        let live = format!("https://127.0.0.1:{}/_cognate/health/live", server.port());
        let shown = async || {
            let response = http().build().unwrap().get(&live).send().await.unwrap();
            // One connection of HTTP/2 could hold any number of bodies.
            assert_eq!((response.status().as_u16(), response.version()), (200, reqwest::Version::HTTP_11));
            let info = response.extensions().get::<reqwest::tls::TlsInfo>().unwrap();
            info.peer_certificate().unwrap().to_vec()
        };
        let first = shown().await;
        let key = crate::security::signing::Key::new(server).await;
        let signed = crate::security::signing::call(server, "ListUserPools", r#"{"MaxResults":1}"#);
        let signed = signed.sign(server, &key);
        let call = http().build().unwrap().post(server.url.replace("http:", "https:"));
        let call = signed
            .headers
            .into_iter()
            .fold(call.body(signed.body), |it, (name, value)| it.header(name, value));
        let answer = call.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        // What cannot be used changes nothing; what can is shown soon.
        std::fs::write(&files.1, "half a ke").unwrap();
        tokio::time::sleep(Duration::from_millis(2500)).await;
        assert_eq!(shown().await, first);
        certify(&folder, "second.example");
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            if shown().await != first {
                return;
            }
        }
        panic!("the certificate was not replaced");
    })
    .await;
    std::fs::remove_dir_all(&folder).unwrap();
}

/// HUI-2: a page of another host cannot set the session's cookie, and no cookie goes where there is no TLS.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn cookies_stay_with_the_host_and_its_tls(_: PgPoolOptions, db: PgConnectOptions) {
    let folder = std::env::temp_dir().join(format!("cognate-tls-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let app = App::public(&pool).await;
        let (certificate, key) = certify(&folder, "first.example");
        let replica = server.replica_over_tls(certificate, key).await;
        let mut browser = Browser::over_tls(&replica.url);
        let page = browser.get(&app.authorize(&[])).await;
        let page = browser.get(page.location()).await;
        let sent = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        assert!(sent.location().starts_with(CALLBACK), "{}", sent.text());
        let cookies = page.headers.get_all("set-cookie").iter().chain(sent.headers.get_all("set-cookie"));
        let cookies: Vec<_> = cookies.map(|it| it.to_str().unwrap()).collect();
        assert!(cookies.iter().all(|it| it.contains("; Secure") && !it.contains("Domain=")), "{cookies:?}");
        let session = cookies.iter().find(|it| it.starts_with("__Host-cognate-")).unwrap();
        assert!(session.contains("; HttpOnly") && session.contains("; Path=/;"), "{session}");
        let silent = browser.get(&app.authorize(&[("prompt", "none")])).await;
        assert!(silent.sent("code").is_some(), "{}", silent.location());
        // What is not called so is somebody else's.
        let (name, value) = browser.cookies.iter().find(|(name, _)| name.starts_with("__Host-")).unwrap();
        let renamed = (name.trim_start_matches("__Host-").to_owned(), value.clone());
        browser.cookies = [renamed].into();
        let silent = browser.get(&app.authorize(&[("prompt", "none")])).await;
        assert_eq!(silent.sent("error").as_deref(), Some("login_required"));
        replica.stop().await;
    })
    .await;
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A domain that was not there a moment ago is served within a second, by another process too.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn replicas_learn_of_domains(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let replica = server.replica().await;
        let keys = async || {
            let url = format!("{}/.well-known/jwks.json", replica.url);
            server.http.get(url).header(HOST, "shop.pools.test").send().await.unwrap().status()
        };
        assert_eq!(keys().await, 404);
        pool.on_prefix("shop").await;
        tokio::time::sleep(MEMORY).await;
        assert_eq!(keys().await, 200);
        replica.stop().await;
    })
    .await;
}
