//! Signing in at devices without a browser (RFC 8628).

use std::time::Duration;

use cognate_store::{AppClientId, UserPoolId, app_client, user_pool};

use super::*;
use crate::security::signing::{Key, call};

/// How long a pool or client may be remembered.
const MEMORY: Duration = Duration::from_millis(900);
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Begins at a device.
async fn begin(app: &App<'_>, form: &[(&str, &str)]) -> (u16, Value) {
    let post = app
        .pool
        .server
        .http
        .post(format!("{}/{}/oauth2/device_authorization", app.pool.server.url, app.pool.id));
    let mut form = form.to_vec();
    let post = match &app.secret {
        Some(secret) => post.header("authorization", app.basic(secret)),
        None => {
            form.push(("client_id", &app.pool.client));
            post
        }
    };
    let answer = post.form(&form).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// The device asks, once it may again.
async fn poll(app: &App<'_>, begun: &Value) -> (u16, Value) {
    app.pool.server.clock.advance(chrono::Duration::seconds(5));
    app.token(&[("grant_type", GRANT), ("device_code", begun["device_code"].as_str().unwrap())]).await
}

fn error(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["error"].as_str().unwrap_or_default())
}

/// Enters a device's code; returns where that leads.
async fn entered(app: &App<'_>, browser: &mut Browser, begun: &Value) -> String {
    let page = browser.get(&format!("/{}/device", app.pool.id)).await;
    assert!(page.text().contains("Enter the code that your device shows"), "{}", page.text());
    let code = begun["user_code"].as_str().unwrap().to_lowercase().replace('-', " ");
    browser.submit(&page, &[("user_code", &code)]).await.location().to_owned()
}

/// Enters a device's code, and signs in; returns the page that asks whether it may.
async fn asked(app: &App<'_>, browser: &mut Browser, begun: &Value, username: &str) -> Page {
    let place = entered(app, browser, begun).await;
    let sent = browser.get(&place).await;
    let page = browser.get(sent.location()).await;
    assert!(page.text().contains("Sign in to continue to An app"), "{}", page.text());
    let sent = browser.submit(&page, &[("username", username), ("password", PASSWORD)]).await;
    browser.get(sent.location()).await
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_device_is_signed_in_by_who_enters_its_code(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        for is_confidential in [false, true] {
            let scopes = ["openid", "email", "aws.cognito.signin.user.admin"];
            let app = App::with(&pool, &[OAuthFlowType::Code], &scopes, is_confidential).await;
            app.configure("device_grant", "on").await;
            let (status, begun) = begin(&app, &[("scope", "openid aws.cognito.signin.user.admin")]).await;
            assert_eq!((status, &begun["interval"], &begun["expires_in"]), (200, &json!(5), &json!(600)));
            let code = begun["user_code"].as_str().unwrap();
            let place = format!("{}/{}/device", server.url, pool.id);
            assert_eq!(begun["verification_uri"], json!(place));
            assert_eq!(begun["verification_uri_complete"], json!(format!("{place}?user_code={code}")));
            assert_eq!(error(&poll(&app, &begun).await), (400, "authorization_pending"));

            let mut browser = Browser::new(&pool);
            let page = browser.get(begun["verification_uri_complete"].as_str().unwrap()).await;
            assert!(page.body.contains(&format!(r#"value="{code}""#)), "{}", page.body);
            let page = asked(&app, &mut browser, &begun, "ada").await;
            for told in
                ["An app on another device wants to sign in as ada", code, "aws.cognito.signin.user.admin"]
            {
                assert!(page.text().contains(told), "{told}: {}", page.text());
            }
            assert_eq!(
                error(&poll(&app, &begun).await),
                (400, "authorization_pending"),
                "nobody has said yes"
            );
            let done = browser.submit(&page, &[]).await;
            assert!(done.text().contains("Your device is connected"), "{}", done.text());
            let again = browser.submit(&page, &[("answer", "no")]).await;
            assert!(again.status == 400 && again.text().contains("no longer works"), "{}", again.text());

            let (status, tokens) = poll(&app, &begun).await;
            assert_eq!(status, 200, "{tokens}");
            let (_, access) = verified(&app.pool, tokens["access_token"].as_str().unwrap()).await;
            let (_, id) = verified(&app.pool, tokens["id_token"].as_str().unwrap()).await;
            assert_eq!(access["scope"], json!("openid aws.cognito.signin.user.admin"));
            assert_eq!((&id["cognito:username"], &id["aud"]), (&json!("ada"), &json!(app.pool.client)));
            let refresh = tokens["refresh_token"].as_str().unwrap();
            let (status, _) = app.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
            assert_eq!(status, 200);
            assert_eq!(error(&poll(&app, &begun).await), (400, "invalid_grant"), "it is spent");
            let (status, _) = app.userinfo(tokens["access_token"].as_str().unwrap()).await;
            assert_eq!(status, 200, "whoever asks twice ends nothing");
        }
    })
    .await;
}

/// A device goes on when the browser it was let in with signs out: its user sees it at their account, and ends it.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_device_is_seen_at_the_account_that_let_it_in(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let body = json!({
            "UserPoolId": pool.id, "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": 9 },
        });
        let tracking = call(server, "SetUserPoolSessionConfiguration", body);
        assert_eq!(tracking.send(server, &Key::new(server).await).await.status, 200);
        let scopes = ["openid", "aws.cognito.signin.user.admin"];
        let app = App::with(&pool, &[OAuthFlowType::Code], &scopes, false).await;
        app.configure("device_grant", "on").await;
        tokio::time::sleep(MEMORY).await;
        let (_, begun) = begin(&app, &[("scope", "openid")]).await;
        let mut browser = Browser::new(&pool);
        let page = asked(&app, &mut browser, &begun, "ada").await;
        browser.submit(&page, &[]).await;
        let (_, tokens) = poll(&app, &begun).await;
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let refreshes =
            async || app.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await.0;
        assert_eq!(refreshes().await, 200);

        let place = format!("/{}/account?client_id={}", pool.id, app.pool.client);
        let account = browser.get(&place).await;
        let field =
            |name: &str, value: &str| format!(r#"<input type="hidden" name="{name}" value="{value}">"#);
        let form = [field("_csrf", "([^\"]*)"), field("kind", "session"), field("id", "([^\"]*)")].concat();
        let form = regex::Regex::new(&format!(r#"action="([^"]*)">{form}"#)).unwrap();
        let form = form.captures(&account.body).unwrap_or_else(|| panic!("{}", account.text()));
        let fields = [("_csrf", &form[2]), ("kind", "session"), ("id", &form[3]), ("confirmed", "1")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let gone = browser.post(&form[1].replace("&#38;", "&"), &fields).await;
        assert_eq!(gone.status, 200, "{}", gone.text());
        assert_eq!(refreshes().await, 400);
        let account = browser.get(&place).await;
        assert!(account.status == 200 && account.text().contains("This browser"), "the browser goes on");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_device_is_told_why_it_is_not_signed_in(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::with(&pool, &[OAuthFlowType::Code], &["openid", "email"], true).await;
        let other = App::public(&pool).await;
        assert_eq!(error(&begin(&app, &[]).await), (400, "unauthorized_client"), "it must be switched on");
        app.configure("device_grant", "on").await;
        other.configure("device_grant", "on").await;
        assert_eq!(error(&begin(&app, &[("scope", "profile")]).await), (400, "invalid_scope"));
        assert_eq!(error(&begin(&app, &[("resource", "nowhere")]).await), (400, "invalid_target"));
        let nobody = App { secret: Some("wrong".into()), pool: super::pushed::clone(&app.pool) };
        assert_eq!(error(&begin(&nobody, &[]).await), (401, "invalid_client"));

        // Too often: from then on less often.
        let (_, begun) = begin(&app, &[]).await;
        let now = async || {
            app.token(&[("grant_type", GRANT), ("device_code", begun["device_code"].as_str().unwrap())]).await
        };
        assert_eq!(error(&now().await), (400, "authorization_pending"));
        assert_eq!(error(&now().await), (400, "slow_down"));
        assert_eq!(error(&now().await), (400, "slow_down"));
        assert_eq!(error(&poll(&app, &begun).await), (400, "slow_down"), "five seconds are too few now");
        server.clock.advance(chrono::Duration::seconds(15));
        assert_eq!(error(&now().await), (400, "authorization_pending"));
        assert_eq!(error(&poll(&other, &begun).await), (400, "invalid_grant"), "another client's");

        // Refused.
        let mut browser = Browser::new(&pool);
        let page = asked(&app, &mut browser, &begun, "ada").await;
        let refused = browser.submit(&page, &[("answer", "no")]).await;
        assert!(refused.text().contains("The device was not connected"), "{}", refused.text());
        server.clock.advance(chrono::Duration::seconds(15));
        assert_eq!(error(&poll(&app, &begun).await), (400, "access_denied"));

        // A link alone leads to the code; a form of somebody else's, or about another device, answers nothing.
        let (_, begun) = begin(&app, &[]).await;
        let (_, theirs) = begin(&app, &[]).await;
        let code = begun["user_code"].as_str().unwrap();
        let place = entered(&app, &mut browser, &begun).await;
        let link = format!("/{}/device/allow?client_id={}&user_code={code}", pool.id, app.pool.client);
        let of_another = place.replace(code, theirs["user_code"].as_str().unwrap());
        let mut stranger = Browser::new(&pool);
        for (browser, link) in [(&mut browser, &link), (&mut stranger, &place)] {
            assert_eq!(browser.get(link).await.sent("user_code").as_deref(), Some(code));
        }
        assert!(browser.get(&of_another).await.location().contains("/device?user_code="));
        let page = browser.get(&place).await;
        assert!(page.text().contains(code), "{}", page.text());
        let (action, fields) = page.form();
        let elsewhere = action.replace(code, theirs["user_code"].as_str().unwrap());
        assert_eq!(browser.post(&elsewhere, &fields).await.status, 403);
        assert_eq!(stranger.post(&action, &fields).await.status, 403);
        let of_other = action.replace(&*app.pool.client, &other.pool.client);
        let page = browser.get(&of_other).await;
        assert!(page.status == 400 && page.text().contains("no longer works"), "{}", page.text());
        assert_eq!(error(&poll(&app, &begun).await), (400, "authorization_pending"));
        // Nor one that asked somebody else.
        let page = browser.get(&place).await;
        let sent = browser.submit(&page, &[("as", "eve")]).await;
        assert!(sent.location().contains("/device/allow?"), "{}", sent.location());
        assert_eq!(error(&poll(&app, &begun).await), (400, "authorization_pending"));

        // Allowed by somebody who is signed out before the device asks.
        let page = browser.get(&action).await;
        browser.submit(&page, &[]).await;
        server.aws.admin_user_global_sign_out().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert_eq!(error(&poll(&app, &begun).await), (400, "access_denied"));

        // Nobody answers in time.
        server.clock.advance(chrono::Duration::minutes(11));
        assert_eq!(error(&poll(&app, &theirs).await), (400, "expired_token"));
        let page = browser.get(&format!("/{}/device", pool.id)).await;
        let sent = browser.submit(&page, &[("user_code", theirs["user_code"].as_str().unwrap())]).await;
        assert!(sent.text().contains("it has expired"), "{}", sent.text());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn wrong_codes_are_counted_and_right_ones_are_not(_: PgPoolOptions, db: PgConnectOptions) {
    // LCK-2
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        app.configure("device_grant", "on").await;
        let discovery = async || {
            let document = format!("{}/{}/.well-known/openid-configuration", server.url, pool.id);
            server.http.get(document).send().await.unwrap().json::<Value>().await.unwrap()
        };
        assert_eq!(discovery().await["device_authorization_endpoint"], Value::Null);
        pool.tag("cognate:device_grant", "on").await.unwrap();
        tokio::time::sleep(MEMORY).await;
        let document = discovery().await;
        let endpoint = document["device_authorization_endpoint"].as_str().unwrap();
        assert!(endpoint.ends_with(&format!("/{}/oauth2/device_authorization", pool.id)), "{endpoint}");
        assert!(document["grant_types_supported"].as_array().unwrap().contains(&json!(GRANT)));

        let (_, begun) = begin(&app, &[]).await;
        let mut browser = Browser::new(&pool);
        let page = browser.get(&format!("/{}/device?lang=de", pool.id)).await;
        assert!(page.text().contains("Gerät verbinden"), "{}", page.text());
        for _ in 0..3 {
            let sent = browser.submit(&page, &[("user_code", begun["user_code"].as_str().unwrap())]).await;
            assert!(sent.location().contains("/device/allow?client_id="));
        }
        for _ in 0..200 {
            let sent = browser.submit(&page, &[("user_code", "BBBB-BBBB")]).await;
            assert!(sent.text().contains("Dieser Code stimmt nicht"), "{}", sent.text());
        }
        let sent = browser.submit(&page, &[("user_code", begun["user_code"].as_str().unwrap())]).await;
        assert!(sent.text().contains("zu viele Versuche"), "{}", sent.text());
        // What is no code at all is none of those.
        let sent = browser.submit(&page, &[("user_code", "no")]).await;
        assert!(sent.text().contains("Dieser Code stimmt nicht"), "{}", sent.text());
        server.clock.advance(chrono::Duration::hours(1));
        let (_, begun) = begin(&app, &[]).await;
        let page = browser.get(&format!("/{}/device", pool.id)).await;
        let sent = browser.submit(&page, &[("user_code", begun["user_code"].as_str().unwrap())]).await;
        assert!(sent.location().contains("/device/allow?"));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_answer_counts_as_long_as_it_is_given_in_time(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        for name in ["ada", "eve"] {
            pool.confirmed_user(name).await;
        }
        let scopes = ["openid", "email"];
        let app = App::with(&pool, &[OAuthFlowType::Code], &scopes, true).await;
        let strict = App::with(&pool, &[OAuthFlowType::Code], &scopes, true).await;
        app.configure("device_grant", "on").await;
        strict.configure("device_grant", "on").await;
        let key = Key::new(server).await;
        let tracked = json!({
            "UserPoolId": pool.id, "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": 20 },
        });
        assert_eq!(
            call(server, "SetUserPoolSessionConfiguration", &tracked).send(server, &key).await.status,
            200
        );
        let never = json!({
            "UserPoolId": pool.id, "ClientId": strict.pool.client, "SSOSession": { "MaxValidityMinutes": 0 },
        });
        assert_eq!(
            call(server, "SetUserPoolClientSessionConfiguration", &never).send(server, &key).await.status,
            200
        );
        tokio::time::sleep(MEMORY).await;

        // Who signed in to one app is asked again by one that lets no sign-in serve twice.
        let (_, begun) = begin(&app, &[]).await;
        let mut browser = Browser::new(&pool);
        let page = asked(&app, &mut browser, &begun, "ada").await;
        let (_, second) = begin(&strict, &[]).await;
        let other = asked(&strict, &mut browser, &second, "eve").await;
        assert!(other.text().contains("wants to sign in as eve"), "{}", other.text());
        // What asked the one before is no answer of the other's.
        let sent = browser.submit(&page, &[]).await;
        assert!(sent.location().contains("/device/allow?"), "{}", sent.location());
        assert_eq!(error(&poll(&app, &begun).await), (400, "authorization_pending"));

        // Said in the last minute, and asked for in the next; less than what was asked for is left by then.
        server.clock.advance(chrono::Duration::minutes(9) + chrono::Duration::seconds(40));
        let page = browser.get(sent.location()).await;
        assert!(page.text().contains("wants to sign in as eve"), "{}", page.text());
        assert!(browser.submit(&page, &[]).await.text().contains("Your device is connected"));
        let (id, client) = (UserPoolId::new(&*pool.id), AppClientId::new(&*app.pool.client));
        let found = user_pool::get(&server.db, &id).await.unwrap().unwrap();
        let less = app_client::get(&server.db, &found, &client).await.unwrap().unwrap();
        let mut settings = less.settings.clone();
        settings.oauth.scopes = vec!["openid".into()];
        app_client::update(&server.db, &less, &less.name, &settings, less.updated_at).await.unwrap();
        tokio::time::sleep(MEMORY).await;
        server.clock.advance(chrono::Duration::seconds(40));
        let (status, tokens) = poll(&app, &begun).await;
        assert_eq!(status, 200, "{tokens}");
        let (_, access) = verified(&app.pool, tokens["access_token"].as_str().unwrap()).await;
        assert_eq!((&access["scope"], &access["username"]), (&json!("openid"), &json!("eve")));
        // Fewer scopes show less, never all that none would hide.
        let (_, shown) = app.userinfo(tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(shown, json!({ "sub": access["sub"], "username": "eve" }));
    })
    .await;
}
