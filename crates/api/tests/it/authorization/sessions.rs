//! A browser's session: what it serves, for how long, and what ends it.

use super::*;

fn session_of<'a>(browser: &'a Browser, pool: &TestPool<'_>) -> Option<&'a String> {
    browser.cookies.get(&format!("cognate-{}", pool.id))
}

/// Whether a request is served without asking.
async fn is_in(app: &App<'_>, browser: &mut Browser, more: &[(&str, &str)]) -> bool {
    let sent = browser.get(&app.authorize(more)).await;
    let is_in = sent.location().starts_with(CALLBACK) && sent.sent("code").is_some();
    assert!(is_in || sent.location().contains("/login?"), "{}", sent.location());
    is_in
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn one_sign_in_serves_every_client_for_an_hour(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let (app, other) = (App::public(&pool).await, App::public(&pool).await);
        let mut browser = Browser::new(&pool);
        let first = app.signed_in(&mut browser, "ada", &[]).await;
        let (_, tokens) = app.exchange(&first.sent("code").unwrap(), &[]).await;
        let (_, id) = verified(&app.pool, tokens["id_token"].as_str().unwrap()).await;

        server.clock.advance(chrono::Duration::minutes(30));
        assert!(is_in(&other, &mut browser, &[]).await);
        let silent = browser.get(&app.authorize(&[("prompt", "none")])).await;
        let (_, tokens) = app.exchange(&silent.sent("code").unwrap(), &[]).await;
        let (_, later) = verified(&app.pool, tokens["id_token"].as_str().unwrap()).await;
        assert_eq!((&later["sub"], &later["auth_time"]), (&id["sub"], &id["auth_time"]));
        assert!(is_in(&app, &mut browser, &[("max_age", "10000")]).await);
        assert!(!is_in(&app, &mut browser, &[("max_age", "60")]).await);
        assert!(!is_in(&app, &mut browser, &[("prompt", "login")]).await);

        // Using it does not prolong it.
        server.clock.advance(chrono::Duration::minutes(30));
        assert!(!is_in(&app, &mut browser, &[]).await);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn signing_in_again_makes_a_new_session(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let first = app.signed_in(&mut browser, "ada", &[]).await;
        let cookie = first
            .headers
            .get_all("set-cookie")
            .iter()
            .find(|it| it.to_str().unwrap().starts_with("cognate-"));
        let cookie = cookie.unwrap().to_str().unwrap();
        for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=3600"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
        let (_, before) = app.exchange(&first.sent("code").unwrap(), &[]).await;
        let old = session_of(&browser, &pool).unwrap().clone();

        server.clock.advance(chrono::Duration::seconds(5));
        let again = app.signed_in(&mut browser, "ada", &[("prompt", "login")]).await;
        let (_, after) = app.exchange(&again.sent("code").unwrap(), &[]).await;
        // Case 24: the old one is dead.
        assert_ne!(session_of(&browser, &pool), Some(&old));
        let mut thief = Browser::new(&pool);
        thief.cookies.insert(format!("cognate-{}", pool.id), old);
        assert!(!is_in(&app, &mut thief, &[]).await);
        let time = |tokens: &Value| tokens["id_token"].as_str().unwrap().to_owned();
        let (_, before) = verified(&app.pool, &time(&before)).await;
        let (_, after) = verified(&app.pool, &time(&after)).await;
        assert!(after["auth_time"].as_i64().unwrap() >= before["auth_time"].as_i64().unwrap() + 5);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_session_ends_with_what_ends_its_users(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let app = App::public(&pool).await;
        let aws = &server.aws;
        for ending in ["disabled", "password", "deleted"] {
            pool.confirmed_user(ending).await;
            let mut browser = Browser::new(&pool);
            app.signed_in(&mut browser, ending, &[]).await;
            assert!(is_in(&app, &mut browser, &[]).await);
            match ending {
                "disabled" => {
                    aws.admin_disable_user().user_pool_id(&pool.id).username(ending).send().await.unwrap();
                }
                "password" => pool.set_password(ending, crate::server::OTHER_PASSWORD, true).await,
                _ => {
                    aws.admin_delete_user().user_pool_id(&pool.id).username(ending).send().await.unwrap();
                }
            }
            assert!(!is_in(&app, &mut browser, &[]).await, "{ending}");
            let silent = browser.get(&app.authorize(&[("prompt", "none")])).await;
            assert_eq!(silent.sent("error").as_deref(), Some("login_required"), "{ending}");
        }
    })
    .await;
}

/// A refresh token is no cookie, nor a cookie a refresh token; and sessions of one pool are nobody's in another.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_cookie_is_good_for_its_pools_pages_alone(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let sent = app.signed_in(&mut browser, "ada", &[]).await;
        let cookie = session_of(&browser, &pool).unwrap().clone();
        let (status, fault) = app.token(&[("grant_type", "refresh_token"), ("refresh_token", &cookie)]).await;
        assert_eq!((status, &fault["error"]), (400, &json!("invalid_grant")));

        let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
        let mut other = Browser::new(&pool);
        let refresh = tokens["refresh_token"].as_str().unwrap().to_owned();
        other.cookies.insert(format!("cognate-{}", pool.id), refresh);
        assert!(!is_in(&app, &mut other, &[]).await);

        let foreign = server.user_pool().await;
        let foreign = App::public(&foreign).await;
        let mut browser = Browser::new(&pool);
        browser.cookies.insert(format!("cognate-{}", foreign.pool.id), cookie);
        assert!(!is_in(&foreign, &mut browser, &[]).await);
    })
    .await;
}

/// Who the client expects (OpenID Connect Core 1.0, section 3.1.2.1), and who is offered to go on.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_session_serves_whom_the_client_expects(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        pool.confirmed_user("bob").await;
        let app = App::public(&pool).await;
        let (mut adas, mut bobs) = (Browser::new(&pool), Browser::new(&pool));
        let sent = app.signed_in(&mut adas, "ada", &[]).await;
        app.signed_in(&mut bobs, "bob", &[]).await;
        let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
        let hint = tokens["id_token"].as_str().unwrap();
        let hinted = [("prompt", "none"), ("id_token_hint", hint)];
        assert!(adas.get(&app.authorize(&hinted)).await.sent("code").is_some());
        for wrong in [hint, "not.a.token"] {
            let sent = bobs.get(&app.authorize(&[("prompt", "none"), ("id_token_hint", wrong)])).await;
            assert_eq!(sent.sent("error").as_deref(), Some("login_required"), "{wrong}");
        }

        // Bob signs in where Ada is expected.
        let mut browser = Browser::new(&pool);
        let page = app.opened(&mut browser, &[("id_token_hint", hint)]).await;
        let sent = browser.submit(&page, &[("username", "bob"), ("password", PASSWORD)]).await;
        assert_eq!(sent.sent("error").as_deref(), Some("login_required"), "{}", sent.text());

        let page = app.opened(&mut adas, &[("prompt", "select_account")]).await;
        assert!(page.text().contains("Continue as ada"), "{}", page.text());
        let sent = adas.submit(&page, &[]).await;
        assert!(sent.sent("code").is_some(), "{}", sent.location());
        // Nobody goes on who is not in.
        let mut nobody = Browser::new(&pool);
        let page = app.opened(&mut nobody, &[]).await;
        assert!(!page.text().contains("Continue as"));
        let (action, mut fields) = page.form();
        fields.push(("continue".into(), "1".into()));
        assert_eq!(nobody.post(&action, &fields).await.status, 200);
    })
    .await;
}
