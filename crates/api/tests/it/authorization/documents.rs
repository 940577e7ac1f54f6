//! Clients that describe themselves by a document at the URL that is their id (OAuth Client ID Metadata Document).

mod places;

use cognate_store::app_client;

use super::pushed::push;
use super::*;
use crate::machine_tokens::resource_server;
use crate::receiver::{Receiver, Reply};
use crate::security::signing::{Key, call};

const MEMORY: Duration = Duration::from_millis(900);

/// What a client says of itself.
fn metadata(id: &str) -> Value {
    json!({
        "client_id": id, "client_name": "An agent", "redirect_uris": [CALLBACK, "http://127.0.0.1/cb"],
        "post_logout_redirect_uris": [CALLBACK], "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none", "logo_uri": "https://agent.example/logo.png",
    })
}

/// A host of documents.
struct Host {
    receiver: Receiver,
    /// The id of a client there.
    id: String,
    /// The host as the option names it.
    place: String,
}

impl Host {
    fn new() -> Self {
        let receiver = Receiver::silent();
        let place = receiver.url.strip_prefix("http://").unwrap().to_owned();
        let host = Self { id: format!("{}/client.json", receiver.url), place, receiver };
        host.publish(|_| {});
        host
    }

    /// Publishes the documents of clients at whatever path, with these changes.
    fn publish(&self, changes: impl Fn(&mut Value) + Send + Sync + 'static) {
        let url = self.receiver.url.clone();
        self.receiver.answer_with(move |asked| {
            let mut document = metadata(&format!("{url}{}", asked["path"].as_str().unwrap()));
            changes(&mut document);
            Reply::Raw(200, document.to_string().into_bytes())
        });
    }
}

/// A pool with a user, which lets the clients of a host describe themselves.
async fn set_up(server: &TestServer) -> (TestPool<'_>, Host) {
    let (pool, host) = (server.user_pool().await, Host::new());
    pool.confirmed_user("ada").await;
    pool.admit_documents(&host.place).await;
    (pool, host)
}

/// The client of that id, at a pool.
fn client<'a>(pool: &TestPool<'a>, id: &str) -> App<'a> {
    let pool = TestPool { server: pool.server, id: pool.id.clone(), client: id.to_owned() };
    App { pool, secret: None }
}

impl TestPool<'_> {
    /// Says which hosts' clients may describe themselves.
    async fn admit_documents(&self, hosts: &str) {
        self.tag("cognate:client_metadata_documents", hosts).await.unwrap();
        tokio::time::sleep(MEMORY).await;
    }

    /// The ids and names of its clients that describe themselves.
    async fn self_described(&self) -> Vec<(String, String)> {
        let key = Key::of(self.server, &self.server.account).await;
        let of_pool = json!({ "UserPoolId": self.id, "ClientType": "DCR" });
        let listed = call(self.server, "ListUserPoolClients", of_pool).send(self.server, &key).await;
        let listed = listed.json();
        let text = |client: &Value, name: &str| client[name].as_str().unwrap().to_owned();
        let listed = listed["UserPoolClients"].as_array().unwrap();
        listed.iter().map(|it| (text(it, "ClientId"), text(it, "ClientName"))).collect()
    }
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_client_that_nobody_registered_signs_users_in(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let host = Host::new();
        let (id, place) = (&host.id, &host.place);
        let agent = client(&pool, id);
        assert_eq!(agent_status(&agent).await, 400, "only where its owner lets them");
        assert!(pool.discovered().await["client_id_metadata_document_supported"].is_null());
        pool.admit_documents(&format!("agent.example {place}")).await;
        assert_eq!(pool.discovered().await["client_id_metadata_document_supported"], json!(true));

        let known = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        known.signed_in(&mut browser, "ada", &[]).await;
        // Nobody is told of to it in silence, and nothing is kept of it before.
        let page = agent.opened(&mut browser, &[]).await;
        assert!(page.text().contains("127.0.0.1 (An agent) has registered itself"), "{}", page.text());
        assert!(page.text().contains("you are taken to app.example.com"), "{}", page.text());
        assert!(!page.body.contains("logo.png"));
        assert_eq!(pool.self_described().await, []);
        let sent = browser.submit(&page, &[]).await;
        assert_eq!(pool.self_described().await, [(id.clone(), "127.0.0.1 (An agent)".to_owned())]);
        let (status, tokens) = agent.exchange(&sent.sent("code").unwrap(), &[]).await;
        assert_eq!(status, 200, "{tokens}");
        let (_, of_id) = verified(&agent.pool, tokens["id_token"].as_str().unwrap()).await;
        let access = tokens["access_token"].as_str().unwrap();
        let (_, of_access) = verified(&agent.pool, access).await;
        assert_eq!((&of_id["aud"], &of_access["client_id"]), (&json!(id), &json!(id)));
        assert_eq!(agent.userinfo(access).await.1["username"], "ada");
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
        assert_eq!(agent.token(&refresh).await.0, 200);

        // One fetch serves for some minutes, and what it says holds for somebody new as well.
        let mut other = Browser::new(&pool);
        agent.signed_in(&mut other, "ada", &[]).await;
        assert_eq!(host.receiver.calls().len(), 1);
        // What is not named in the request may change while its user looks at the page.
        let page = Browser::new(&pool).get(&agent.authorize(&[("redirect_uri", "-")])).await;
        assert_eq!(page.status, 400);
        // It may push its requests like any other.
        pool.tag("cognate:par", "on").await.unwrap();
        tokio::time::sleep(MEMORY).await;
        assert_eq!(push(&agent, &[]).await.0, 201);

        // What its tokens are good for ends when the owner takes its host away, and goes on when it is back.
        pool.admit_documents("agent.example 127.0.0.1").await;
        assert_eq!(agent.userinfo(access).await.0, 401, "another port");
        assert_eq!(agent.token(&refresh).await, (400, json!({ "error": "invalid_client" })));
        assert_eq!(agent_status(&agent).await, 400);
        pool.admit_documents(&format!("on {place}")).await;
        assert_eq!(agent.userinfo(access).await.0, 200);
        pool.admit_documents(&format!("on {place} -{place}")).await;
        assert_eq!(agent.userinfo(access).await.0, 401);
        pool.admit_documents(place).await;

        // At the way out it is a stranger still, whom nobody is sent to.
        let hint = text(&tokens, "id_token");
        let bye = format!("/{}/logout?id_token_hint={hint}&post_logout_redirect_uri={CALLBACK}", pool.id);
        let bye = browser.get(&bye).await;
        assert!(bye.headers.get("location").is_none() && bye.status == 200, "{}", bye.body);
    })
    .await;
}

/// How a browser is answered that a client sends.
async fn agent_status(agent: &App<'_>) -> u16 {
    Browser::new(&agent.pool).get(&agent.authorize(&[])).await.status
}

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap()
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_document_that_does_not_do_describes_nobody(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, host) = set_up(server).await;
        let id = &host.id;
        let agent = client(&pool, id);
        for (name, value) in [
            ("client_id", json!("https://agent.example/client.json")),
            ("client_id", Value::Null),
            ("client_secret", json!("told to everybody")),
            ("client_secret_expires_at", json!(0)),
            ("token_endpoint_auth_method", json!("client_secret_basic")),
            ("token_endpoint_auth_method", json!("private_key_jwt")),
            ("redirect_uris", json!([])),
            ("redirect_uris", json!([CALLBACK, "http://app.example.com/cb"])),
            ("redirect_uris", json!([CALLBACK, "javascript:alert(1)"])),
            ("redirect_uris", json!([CALLBACK, "evilapp://accounts.example.com/"])),
            ("redirect_uris", json!(CALLBACK)),
            ("grant_types", json!(["client_credentials"])),
            ("client_name", json!("x".repeat(5000))),
        ] {
            let said = value.clone();
            host.publish(move |document| document[name] = said.clone());
            assert_eq!(agent_status(&agent).await, 400, "{name} {value}");
            let (status, told) = push(&agent, &[]).await;
            assert_eq!((status, told["error"].as_str()), (401, Some("invalid_client")), "{name} {value}");
        }
        let document = metadata(id).to_string();
        let (elsewhere, of) = (format!("{}/other.json", host.receiver.url), document.clone());
        for status in [201, 203, 404] {
            let document = document.clone();
            host.receiver.answer_with(move |_| Reply::Raw(status, document.clone().into_bytes()));
            assert_eq!(agent_status(&agent).await, 400, "{status}");
        }
        host.receiver.answer_with(|_| Reply::Raw(200, b"<html>".to_vec()));
        assert_eq!(agent_status(&agent).await, 400);
        host.receiver.answer_with(move |_| Reply::Page(of.clone()));
        assert_eq!(agent_status(&agent).await, 400);
        host.receiver.answer_with(move |_| Reply::Redirect(elsewhere.clone()));
        assert_eq!(agent_status(&agent).await, 400);
        let asked = host.receiver.take();
        assert!(asked.iter().all(|call| call.path == "/client.json"), "SSR-1: nothing is followed");
        // A fault is not remembered.
        host.publish(|_| {});
        assert_eq!(agent_status(&agent).await, 302);
        // What is no such URL in its one form is nobody, and nothing is fetched.
        host.receiver.take();
        let url = &host.receiver.url;
        for id in [
            format!("{url}/client.json#x"),
            format!("{url}/a/../client.json"),
            url.replace("http://", "http://me@"),
            url.replace("http://", "HTTP://"),
            url.clone(),
            format!("{url}/{}", "x".repeat(600)),
            url.replace("http://", "ftp://"),
        ] {
            assert_eq!(agent_status(&client(&pool, &id)).await, 400, "{id}");
        }
        assert!(host.receiver.calls().is_empty());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_is_kept_follows_the_document_and_goes_when_nobody_is_signed_in(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let (pool, host) = set_up(server).await;
        let id = &host.id;
        host.publish(|document| document["dpop_bound_access_tokens"] = json!(true));
        let agent = client(&pool, id);
        let told = async |username: &str| {
            let sent = agent.signed_in(&mut Browser::new(&pool), username, &[]).await;
            tokio::time::sleep(MEMORY).await;
            agent.exchange(&sent.sent("code").unwrap(), &[]).await
        };
        assert_eq!(told("ada").await.0, 200, "a pool without DPoP");
        pool.tag("cognate:dpop", "on").await.unwrap();
        tokio::time::sleep(MEMORY).await;
        let (status, refused) = told("ada").await;
        assert_eq!((status, refused["error"].as_str()), (400, Some("invalid_dpop_proof")));
        assert_eq!(pool.self_described().await.len(), 1);

        let tomorrow = server.clock.now() + chrono::Duration::days(1);
        let idle = async || app_client::delete_idle(&server.db, tomorrow, 9).await.unwrap();
        assert_eq!(idle().await, 0, "somebody is signed in");
        let delete = server.aws.admin_delete_user().user_pool_id(&pool.id).username("ada");
        delete.send().await.unwrap();
        assert_eq!((idle().await, pool.self_described().await), (1, Vec::new()));
        pool.tag("cognate:dpop", "off").await.unwrap();
        pool.confirmed_user("eve").await;
        assert_eq!(told("eve").await.0, 200, "it comes back with whoever signs in");
        // An owner can see it, and has no need to change it.
        let describe = server.aws.describe_user_pool_client().user_pool_id(&pool.id).client_id(id);
        assert_eq!(crate::server::said(describe.send().await.unwrap_err()).0, "InvalidParameterException");
    })
    .await;
}

/// Whom a pool does not know yet nobody gets tokens for by way of another client.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_id_token_for_such_a_client_comes_of_its_own_sign_in_alone(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let host = Host::new();
        let known = App::public(&pool).await;
        let sent = known.signed_in(&mut Browser::new(&pool), "ada", &[]).await;
        let (_, tokens) = known.exchange(&sent.sent("code").unwrap(), &[]).await;
        let broker = App::with(&pool, &[OAuthFlowType::Code], &["openid"], true).await;
        let update = broker.update(&["openid"]);
        update.explicit_auth_flows("ALLOW_TOKEN_EXCHANGE_IMPERSONATION".into()).send().await.unwrap();
        let exchanged = async || {
            let form = [
                ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
                ("subject_token", text(&tokens, "access_token")),
                ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
                ("requested_token_type", "urn:ietf:params:oauth:token-type:id_token"),
                ("audience", &*host.id),
            ];
            let (status, told) = broker.token(&form).await;
            (status, told["error"].as_str().map(str::to_owned))
        };
        tokio::time::sleep(MEMORY).await;
        assert_eq!(exchanged().await, (200, None), "any service, as long as it can be no client");
        pool.admit_documents(&host.place).await;
        assert_eq!(exchanged().await, (400, Some("invalid_target".into())));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn it_has_the_scopes_that_the_pool_has_for_its_kind(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, host) = set_up(server).await;
        resource_server(&pool, "api", &["read", "write"]).await;
        pool.admit(false, &["api/read"]).await;
        host.publish(|document| document["scope"] = json!("openid api/read api/write"));
        let agent = client(&pool, &host.id);
        let granted = async |more: &[(&str, &str)]| {
            let sent = agent.signed_in(&mut Browser::new(&pool), "ada", more).await;
            let (_, tokens) = agent.exchange(&sent.sent("code").unwrap(), &[]).await;
            let (_, access) = verified(&agent.pool, text(&tokens, "access_token")).await;
            (text(&access, "scope").to_owned(), text(&tokens, "refresh_token").to_owned())
        };
        assert_eq!(granted(&[]).await.0, "openid", "what nobody saw is not granted");
        let asked = [("scope", "openid api/read")];
        let page = agent.opened(&mut Browser::new(&pool), &asked).await;
        assert!(page.text().contains("act for you: api/read."), "{}", page.text());
        let (scope, refresh) = granted(&asked).await;
        assert_eq!(scope, "openid api/read");
        let refused = Browser::new(&pool).get(&agent.authorize(&[("scope", "openid api/write")])).await;
        assert_eq!(refused.status, 400);
        // What the owner takes back is gone from what was granted.
        pool.admit(false, &[]).await;
        let form = [("grant_type", "refresh_token"), ("refresh_token", &*refresh)];
        let (_, tokens) = agent.token(&form).await;
        let (_, access) = verified(&agent.pool, text(&tokens, "access_token")).await;
        assert_eq!(access["scope"], "openid");
    })
    .await;
}

/// RES-4: nobody fills a pool with clients that they make up.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_user_is_the_first_of_so_many(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, host) = set_up(server).await;
        let mut browser = Browser::new(&pool);
        App::public(&pool).await.signed_in(&mut browser, "ada", &[]).await;
        let go_on = async |browser: &mut Browser, n: u32| {
            let agent = client(&pool, &format!("{}/{n}", host.receiver.url));
            let page = agent.opened(browser, &[]).await;
            browser.submit(&page, &[]).await
        };
        for n in 0..20 {
            assert!(go_on(&mut browser, n).await.sent("code").is_some());
        }
        let page = go_on(&mut browser, 20).await;
        assert!(page.status == 400 && page.text().contains("Too many"), "{} {}", page.status, page.text());
        assert!(go_on(&mut browser, 19).await.sent("code").is_some(), "one that is kept");
        assert_eq!(pool.self_described().await.len(), 20);
    })
    .await;
}
