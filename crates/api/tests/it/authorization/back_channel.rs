//! Clients that are told behind their users' backs that a browser's session is over (OpenID Connect Back-Channel Logout 1.0).

use super::*;
use crate::receiver::{Receiver, Reply};

const ADMIN: &str = "aws.cognito.signin.user.admin";

/// Clients of a pool that want to be told, at paths of a receiver, and one that does not.
struct Clients<'a> {
    first: App<'a>,
    second: App<'a>,
    deaf: App<'a>,
    receiver: Receiver,
}

/// A user's browser that is signed in to them all, and what they call its session.
struct Visit {
    browser: Browser,
    /// Of the first client.
    access: String,
    sid: Value,
}

impl<'a> Clients<'a> {
    async fn of(pool: &TestPool<'a>) -> Self {
        let receiver = Receiver::start(|_| Reply::Raw(200, Vec::new()));
        let clients = Self {
            first: App::with(
                pool,
                &[OAuthFlowType::Code, OAuthFlowType::Implicit],
                &["openid", ADMIN],
                false,
            )
            .await,
            second: App::public(pool).await,
            deaf: App::public(pool).await,
            receiver,
        };
        for (app, path) in [(&clients.first, "first"), (&clients.second, "second")] {
            app.configure("backchannel_logout_uri", &clients.receiver.function(path)).await;
        }
        clients
    }

    async fn visit(&self, username: &str) -> Visit {
        let mut browser = Browser::new(&self.first.pool);
        let sent = self.first.signed_in(&mut browser, username, &[]).await;
        let (_, tokens) = self.first.exchange(&sent.sent("code").unwrap(), &[]).await;
        let (_, id) = verified(&self.first.pool, tokens["id_token"].as_str().unwrap()).await;
        for app in [&self.second, &self.deaf] {
            let sent = browser.get(&app.authorize(&[])).await;
            let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
            let (_, other) = verified(&app.pool, tokens["id_token"].as_str().unwrap()).await;
            let named = app.pool.client != self.deaf.pool.client;
            assert_eq!(other["sid"], if named { id["sid"].clone() } else { Value::Null });
        }
        assert!(id["sid"].is_string());
        let access = tokens["access_token"].as_str().unwrap().to_owned();
        Visit { browser, access, sid: id["sid"].clone() }
    }

    /// The logout tokens that each of the two has got, the audiences in order.
    async fn told(&self, count: usize) -> Vec<Value> {
        for _ in 0..60 {
            if self.receiver.calls().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // Nobody else comes late: the worker has looked twice.
        tokio::time::sleep(Duration::from_millis(2200)).await;
        let mut told = Vec::new();
        for call in self.receiver.take() {
            assert_eq!(call.header("content-type"), "application/x-www-form-urlencoded");
            let form: Vec<_> = url::form_urlencoded::parse(&call.body).collect();
            assert_eq!((form.len(), &*form[0].0), (1, "logout_token"));
            let (header, claims) = verified(&self.first.pool, &form[0].1).await;
            assert_eq!(header["typ"], "logout+jwt");
            let app = if call.path.ends_with("first") { &self.first } else { &self.second };
            assert_eq!(claims["aud"], json!(app.pool.client), "each is told of its own");
            told.push(claims);
        }
        told.sort_by_key(|claims| claims["aud"] != json!(self.first.pool.client));
        told
    }
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn whoever_wants_to_be_told_is_told_however_a_session_ends(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let clients = Clients::of(&pool).await;
        let issuer = format!("{}/{}", server.url, pool.id);
        for (username, how) in [
            ("ada", "logout"),
            ("bea", "everywhere"),
            ("cid", "disabled"),
            ("dot", "password"),
            ("eve", "reset"),
            ("fay", "deleted"),
            ("gus", "client"),
            ("hal", "disabled later"),
        ] {
            pool.confirmed_user(username).await;
            let mut visit = clients.visit(username).await;
            let aws = &server.aws;
            match how {
                "logout" => {
                    let client = &clients.deaf.pool.client;
                    let query = format!("client_id={client}&logout_uri=https%3A%2F%2Fapp.example.com%2Fbye");
                    let sent = visit.browser.get(&format!("/{}/logout?{query}", pool.id)).await;
                    assert_eq!(sent.status, 302);
                }
                "everywhere" => {
                    let all = aws.admin_user_global_sign_out().user_pool_id(&pool.id).username(username);
                    all.send().await.unwrap();
                }
                "disabled" => {
                    let disable = aws.admin_disable_user().user_pool_id(&pool.id).username(username);
                    disable.send().await.unwrap();
                }
                "disabled later" => {
                    // The browser's session is over by then, and the tokens are not.
                    server.clock.advance(chrono::Duration::hours(2));
                    let key = crate::security::signing::Key::of(server, &server.account).await;
                    let disable = json!({ "UserPoolId": pool.id, "Username": username });
                    let disable = crate::security::signing::call(server, "AdminDisableUser", &disable);
                    assert_eq!(disable.send(server, &key).await.status, 200);
                }
                "client" => {
                    // The one that the session began through.
                    let gone = App::public(&pool).await;
                    let mut browser = Browser::new(&pool);
                    gone.signed_in(&mut browser, username, &[]).await;
                    for app in [&clients.first, &clients.second] {
                        let sent = browser.get(&app.authorize(&[])).await;
                        let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
                        let (_, id) = verified(&app.pool, tokens["id_token"].as_str().unwrap()).await;
                        visit.sid = id["sid"].clone();
                    }
                    visit.browser = browser;
                    let delete = json!({ "UserPoolId": pool.id, "ClientId": gone.pool.client });
                    let key = crate::security::signing::Key::of(server, &server.account).await;
                    let delete = crate::security::signing::call(server, "DeleteUserPoolClient", &delete);
                    assert_eq!(delete.send(server, &key).await.status, 200);
                }
                "password" => pool.set_password(username, "Another-Horse-8", true).await,
                "reset" => {
                    let reset = aws.admin_reset_user_password().user_pool_id(&pool.id).username(username);
                    reset.send().await.unwrap();
                }
                _ => {
                    let delete = aws.admin_delete_user().user_pool_id(&pool.id).username(username);
                    delete.send().await.unwrap();
                }
            }
            let told = clients.told(2).await;
            assert_eq!(told.len(), 2, "{how}: {told:?}");
            for claims in &told {
                let now = server.clock.now().timestamp();
                let (iat, exp) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
                assert!((now - 10..=now).contains(&iat) && exp - iat == 120, "{how} {iat} {exp}");
                assert_eq!((&claims["iss"], &claims["sid"]), (&json!(issuer), &visit.sid), "{how}");
                assert!(claims["sub"].is_null(), "that is all of the user's sessions to some");
                let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
                assert_eq!(claims["events"], event, "{how}");
                assert!(claims["jti"].is_string() && claims["nonce"].is_null(), "{how}");
            }
            assert_ne!(told[0]["jti"], told[1]["jti"]);
            assert!(visit.browser.get(&clients.first.authorize(&[])).await.sent("code").is_none(), "{how}");
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn nobody_is_told_of_what_goes_on_or_was_over_before(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        for username in ["ada", "bea"] {
            pool.confirmed_user(username).await;
        }
        let clients = Clients::of(&pool).await;
        let sign_in = async |visit: &mut Visit, username: &str| {
            let page = clients.first.opened(&mut visit.browser, &[("prompt", "login")]).await;
            let fields = [("username", username), ("password", PASSWORD)];
            let sent = visit.browser.submit(&page, &fields).await;
            let (_, tokens) = clients.first.exchange(&sent.sent("code").unwrap(), &[]).await;
            verified(&clients.first.pool, tokens["id_token"].as_str().unwrap()).await.1["sid"].clone()
        };
        let everywhere = async |username: &str| {
            let all = server.aws.admin_user_global_sign_out().user_pool_id(&pool.id).username(username);
            all.send().await.unwrap();
        };

        // Whoever signs in anew is in the same session; in another browser in another.
        let (mut one, other) = (clients.visit("ada").await, clients.visit("ada").await);
        assert_ne!(one.sid, other.sid);
        assert_eq!(sign_in(&mut one, "ada").await, one.sid);
        assert_eq!(sign_in(&mut one, "ada").await, one.sid);
        let no_pkce = [("code_challenge", "-"), ("code_challenge_method", "-")];
        let implicit = [("prompt", "login"), ("response_type", "id_token"), ("nonce", "n")];
        let implicit = [&implicit[..], &no_pkce].concat();
        let sent = clients.first.signed_in(&mut one.browser, "ada", &implicit).await;
        let (_, id) = verified(&clients.first.pool, &sent.sent("id_token").unwrap()).await;
        assert_eq!(id["sid"], one.sid, "in the same request");
        assert_eq!(clients.told(0).await.len(), 0, "the user is still there");
        // Somebody else in its place is somebody else.
        assert_ne!(sign_in(&mut one, "bea").await, one.sid);
        let told = clients.told(2).await;
        assert!(told.len() == 2 && told.iter().all(|claims| claims["sid"] == one.sid), "{told:?}");

        // A password that its owner changes ends all but the session that they do it in.
        let change = server.aws.change_password().access_token(&other.access);
        let change = change.previous_password(PASSWORD).proposed_password("Battery-Staple-8");
        change.send().await.unwrap();
        let told = clients.told(1).await;
        let second = json!(clients.second.pool.client);
        assert_eq!((told.len(), &told[0]["aud"], &told[0]["sid"]), (1, &second, &other.sid));
        everywhere("ada").await;
        let told = clients.told(1).await;
        assert_eq!((told.len(), &told[0]["sid"]), (1, &other.sid), "the one that was kept");
        everywhere("ada").await;
        assert_eq!(clients.told(0).await.len(), 0);
        // What was ended does not go on under its name, in the same browser either.
        let mut other = other;
        let fields = [("username", "ada"), ("password", "Battery-Staple-8")];
        let page = clients.first.opened(&mut other.browser, &[]).await;
        let sent = other.browser.submit(&page, &fields).await;
        let (_, tokens) = clients.first.exchange(&sent.sent("code").unwrap(), &[]).await;
        let (_, id) = verified(&clients.first.pool, tokens["id_token"].as_str().unwrap()).await;
        assert!(id["sid"].is_string() && id["sid"] != other.sid);

        // What its client has ended itself it knows.
        everywhere("bea").await;
        clients.told(1).await;
        let mut visit = Browser::new(&pool);
        let sent = clients.first.signed_in(&mut visit, "bea", &[]).await;
        let (_, tokens) = clients.first.exchange(&sent.sent("code").unwrap(), &[]).await;
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let revoke = server.aws.revoke_token().client_id(&clients.first.pool.client).token(refresh);
        revoke.send().await.unwrap();
        everywhere("bea").await;
        assert_eq!(clients.told(0).await.len(), 0);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_client_that_does_not_hear_is_told_again(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let clients = Clients::of(&pool).await;
        let end = async |visit: &mut Visit| {
            let address = format!("/{}/logout", pool.id);
            let asked = visit.browser.get(&address).await;
            visit.browser.submit(&asked, &[]).await
        };
        let mut visit = clients.visit("ada").await;
        clients.receiver.answer_with(|_| Reply::Raw(503, Vec::new()));
        end(&mut visit).await;
        assert_eq!(clients.told(2).await.len(), 2);
        clients.receiver.answer_with(|_| Reply::Redirect("https://elsewhere.example/".to_owned()));
        server.clock.advance(chrono::Duration::seconds(6));
        assert_eq!(clients.told(2).await.len(), 2, "a redirection is not followed, and no answer");
        clients.receiver.answer_with(|_| Reply::Raw(204, Vec::new()));
        assert_eq!(clients.told(0).await.len(), 0, "it waits longer each time");
        server.clock.advance(chrono::Duration::seconds(11));
        let told = clients.told(2).await;
        assert_eq!((told.len(), &told[0]["sid"]), (2, &visit.sid));
        server.clock.advance(chrono::Duration::hours(1));
        assert_eq!(clients.told(0).await.len(), 0, "who has heard is left alone");

        // So is who has heard and can do nothing, and who does not want to know any more.
        let mut visit = clients.visit("ada").await;
        clients.receiver.answer_with(|_| Reply::Raw(400, Vec::new()));
        clients.second.deconfigure("backchannel_logout_uri").await;
        end(&mut visit).await;
        assert_eq!(clients.told(1).await.len(), 1);
        server.clock.advance(chrono::Duration::minutes(20));
        assert_eq!(clients.told(0).await.len(), 0);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn where_a_client_is_told_leads_out_and_is_said_of_clients_alone(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let app = App::public(&pool).await;
        let found = user_pool::get(&server.db, &pool.pool_id()).await.unwrap().unwrap();
        let client = AppClientId::new(&*app.pool.client);
        for url in ["", "x", "ftp://app.example.com/", "https://u:p@app.example.com/", "http://10.0.0.1/x"] {
            let changes = [("backchannel_logout_uri".to_owned(), Some(url.to_owned()))];
            let set = options::set_of_client(&server.app(), &found, &client, &changes).await;
            assert!(set.is_err(), "{url}");
        }
        let set = pool.tag("cognate:backchannel_logout_uri", "https://app.example.com/logout").await;
        assert_eq!(set.unwrap_err().0, "InvalidParameterException");
    })
    .await;
}
