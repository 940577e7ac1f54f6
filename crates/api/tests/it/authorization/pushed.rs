//! Requests that clients push before they send a browser with them (RFC 9126).

use super::*;

/// Pushes a request with these parameters in place of the usual ones.
pub(super) async fn push(app: &App<'_>, more: &[(&str, &str)]) -> (u16, Value) {
    let address = app.page("oauth2/par", more);
    let (path, query) = address.split_once('?').unwrap();
    let post = app.pool.server.http.post(format!("{}{path}", app.pool.server.url));
    let post = match &app.secret {
        Some(secret) => post.header("authorization", app.basic(secret)),
        None => post,
    };
    let answer = post.header("content-type", "application/x-www-form-urlencoded").body(query.to_owned());
    let answer = answer.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// The address that a browser is sent to with a request that was pushed.
fn authorize(app: &App<'_>, uri: &str, more: &[(&str, &str)]) -> String {
    let pairs =
        [("client_id", &*app.pool.client), ("request_uri", uri)].into_iter().chain(more.iter().copied());
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("/{}/oauth2/authorize?{query}", app.pool.id)
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_request_is_what_was_pushed_whatever_the_browser_says(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::with(&pool, &[OAuthFlowType::Code], &["openid", "email"], true).await;
        let other = App::with(&pool, &[OAuthFlowType::Code], &["openid"], true).await;
        app.configure("par", "on").await;
        other.configure("par", "on").await;
        let (status, told) = push(&app, &[("scope", "openid"), ("nonce", "n-0S6")]).await;
        assert_eq!((status, &told["expires_in"]), (201, &json!(300)), "{told}");
        let uri = told["request_uri"].as_str().unwrap();
        assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:") && !uri.contains("n-0S6"));

        let mut browser = Browser::new(&pool);
        let changed = [("scope", "openid email"), ("state", "another"), ("nonce", "mine"), ("lang", "de")];
        let sent = browser.get(&authorize(&app, uri, &changed)).await;
        let page = browser.get(sent.location()).await;
        assert!(page.text().contains("Anmelden"), "{}", page.text());
        // The sign-in may take longer than the way there.
        server.clock.advance(chrono::Duration::minutes(20));
        let wrong = browser.submit(&page, &[("username", "ada"), ("password", "wrong")]).await;
        let sent = browser.submit(&wrong, &[("username", "ada"), ("password", PASSWORD)]).await;
        assert_eq!(sent.sent("state").as_deref(), Some("a b&c=1"));
        let (status, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
        assert_eq!(status, 200, "{tokens}");
        let (_, id) = verified(&app.pool, tokens["id_token"].as_str().unwrap()).await;
        let (_, access) = verified(&app.pool, tokens["access_token"].as_str().unwrap()).await;
        assert_eq!((&id["nonce"], &access["scope"]), (&json!("n-0S6"), &json!("openid")));

        // Late, somebody else's, changed or made up: the client is told, and nothing else happens.
        let (_, theirs) = push(&other, &[]).await;
        let theirs = theirs["request_uri"].as_str().unwrap();
        // One in time, but for one of its letters.
        let (_, again) = push(&app, &[]).await;
        let again = again["request_uri"].as_str().unwrap();
        let (head, tail) = again.split_at(again.len() - 20);
        let other = if tail.starts_with('x') { 'y' } else { 'x' };
        let changed = format!("{head}{other}{}", &tail[1..]);
        let login = authorize(&app, uri, &[]).replace("oauth2/authorize", "login");
        assert_eq!(browser.get(&login).await.status, 400, "nor does a page take it late");
        for uri in [uri, theirs, &changed, "urn:ietf:params:oauth:request_uri:x", "https://app.example.com/r"]
        {
            let sent = browser.get(&authorize(&app, uri, &[("redirect_uri", CALLBACK)])).await;
            assert_eq!(sent.sent("error").as_deref(), Some("invalid_request_uri"), "{uri}");
            assert!(sent.location().starts_with(CALLBACK));
        }
        let sent = browser.get(&authorize(&app, theirs, &[])).await;
        assert_eq!(sent.status, 400, "there is nowhere to go back to");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_would_be_refused_is_refused_when_it_is_pushed(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::with(&pool, &[OAuthFlowType::Code], &["openid"], true).await;
        assert_eq!(push(&app, &[]).await, (400, json!({ "error": "unauthorized_client" })), "it may not");
        let sent = Browser::new(&pool).get(&app.authorize(&[("request_uri", "urn:x")])).await;
        assert_eq!(sent.sent("error").as_deref(), Some("request_uri_not_supported"));

        app.configure("par", "required").await;
        for (more, error) in [
            (("scope", "email"), "invalid_scope"),
            (("response_type", "token"), "unauthorized_client"),
            (("response_type", "-"), "invalid_request"),
            (("redirect_uri", "https://elsewhere.example"), "invalid_request"),
            (("request_uri", "urn:ietf:params:oauth:request_uri:x"), "request_uri_not_supported"),
            (("code_challenge_method", "plain"), "invalid_request"),
        ] {
            let (status, told) = push(&app, &[more]).await;
            assert_eq!((status, told["error"].as_str()), (400, Some(error)), "{more:?} {told}");
        }
        let nobody = App { secret: Some("wrong".into()), pool: clone(&app.pool) };
        assert_eq!(push(&nobody, &[]).await.0, 401);
        let long = "x".repeat(4000);
        let (status, told) = push(&app, &[("state", &long), ("login_hint", &long)]).await;
        assert_eq!((status, told["error"].as_str()), (400, Some("invalid_request")), "{told}");

        // Who must push sends nobody with a request of another kind, to no page.
        for page in ["oauth2/authorize", "login", "signup"] {
            let sent = Browser::new(&pool).get(&app.page(page, &[])).await;
            let told = sent.sent("error_description");
            assert_eq!(told.as_deref(), Some("The client must push its requests"), "{page}");
        }
        let (_, told) = push(&app, &[]).await;
        let uri = told["request_uri"].as_str().unwrap();
        let mut browser = Browser::new(&pool);
        let sent = browser.get(&authorize(&app, uri, &[])).await;
        let page = browser.get(sent.location()).await;
        let sent = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        assert!(sent.sent("code").is_some());
        // It is for the app, whatever the browser says of pages; an account has no use for it.
        let page = authorize(&app, uri, &[("page", "account")]);
        assert!(browser.get(&page).await.sent("code").is_some());
        app.configure("account", "on").await;
        app.configure("par", "required").await;
        let account = browser.get(&page.replace("oauth2/authorize", "account")).await;
        assert!(account.text().contains("Your account"), "{}", account.text());
        // Somebody else may sign in, and nobody in place of who is.
        let (_, told) = push(&app, &[("prompt", "select_account")]).await;
        let sent = browser.get(&authorize(&app, told["request_uri"].as_str().unwrap(), &[])).await;
        let known = browser.get(sent.location()).await;
        assert!(known.text().contains("Continue as ada"), "{}", known.text());
        let other = browser.get(&format!("{}&prompt=login", sent.location())).await;
        assert!(other.body.contains("signInFormPassword"), "{}", other.text());

        let discovery = async || {
            let document = format!("{}/{}/.well-known/openid-configuration", server.url, pool.id);
            server.http.get(document).send().await.unwrap().json::<Value>().await.unwrap()
        };
        assert_eq!(discovery().await["pushed_authorization_request_endpoint"], Value::Null);
        pool.tag("cognate:par", "required").await.unwrap();
        tokio::time::sleep(Duration::from_millis(900)).await;
        let document = discovery().await;
        assert_eq!(document["require_pushed_authorization_requests"], json!(true));
        let endpoint = document["pushed_authorization_request_endpoint"].as_str().unwrap();
        assert!(endpoint.ends_with(&format!("/{}/oauth2/par", pool.id)), "{endpoint}");
    })
    .await;
}

/// The same pool and client.
pub(super) fn clone<'a>(pool: &TestPool<'a>) -> TestPool<'a> {
    TestPool { server: pool.server, id: pool.id.clone(), client: pool.client.clone() }
}
