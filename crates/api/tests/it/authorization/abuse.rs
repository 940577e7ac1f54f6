//! What must not work at the pages (HUI, OAU).

use super::*;

/// Cases 21 and 22, HUI-3 and HUI-4.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_form_is_good_in_its_own_browser_for_its_own_request(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let (app, other) = (App::public(&pool).await, App::public(&pool).await);
        let mut browser = Browser::new(&pool);
        let page = app.opened(&mut browser, &[]).await;
        for (name, expected) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("strict-transport-security", "max-age=31536000 ; includeSubDomains"),
        ] {
            assert_eq!(page.headers[name], expected, "{name}");
        }
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(policy.ends_with("form-action 'self' https://app.example.com"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");

        let (action, fields) = page.form();
        let filled = |token: &str| {
            let mut all = fields.clone();
            all.retain(|(name, _)| name != "_csrf");
            all.extend([("username", "ada"), ("password", PASSWORD)].map(|(a, b)| (a.into(), b.into())));
            if !token.is_empty() {
                all.push(("_csrf".to_owned(), token.to_owned()));
            }
            all
        };
        let token = fields.iter().find(|(name, _)| name == "_csrf").unwrap().1.clone();
        let refused = |page: &Page| {
            assert_eq!(page.status, 403, "{}", page.text());
            assert!(
                page.headers
                    .get_all("set-cookie")
                    .iter()
                    .all(|it| !it.to_str().unwrap().contains("cognate-"))
            );
        };
        refused(&browser.post(&action, &filled("")).await);
        refused(&browser.post(&action, &filled("AAAA")).await);
        // Another browser's, without a cookie and with its own.
        let mut stranger = Browser::new(&pool);
        refused(&stranger.post(&action, &filled(&token)).await);
        app.opened(&mut stranger, &[]).await;
        refused(&stranger.post(&action, &filled(&token)).await);
        // Of another request: the form cannot change it (HUI-1).
        for changed in [&other.page("login", &[]), &app.page("login", &[("scope", "openid")])] {
            refused(&browser.post(changed, &filled(&token)).await);
        }
        // From another origin.
        for origin in ["https://evil.example", "http://127.0.0.1", "https://null"] {
            let post = server.http.post(format!("{}{action}", server.url)).header("origin", origin);
            refused(&browser.send(post.form(&filled(&token))).await);
        }
        let sent_by = |site: &str| {
            let post =
                server.http.post(format!("{}{action}", server.url)).header("sec-fetch-site", site.to_owned());
            post.form(&filled(&token))
        };
        for site in ["cross-site", "same-site", "none"] {
            refused(&browser.send(sent_by(site)).await);
            refused(&browser.send(sent_by(site).header("origin", "null")).await);
        }
        // What browsers say of a page that sends no referrer.
        let mut same = Browser::new(&pool);
        same.cookies = browser.cookies.clone();
        let own = same.request(&action).header("origin", "null");
        let own = own.header("sec-fetch-site", "same-origin").form(&filled(&token));
        assert_eq!(same.send(own).await.status, 302);
        // After an hour it is shown again.
        server.clock.advance(chrono::Duration::hours(2));
        let late = browser.post(&action, &filled(&token)).await;
        assert!(late.status == 200 && late.text().contains("open for a while"), "{}", late.text());
        let sent = browser.submit(&late, &[("username", "ada"), ("password", PASSWORD)]).await;
        assert!(sent.sent("code").is_some());
    })
    .await;
}

/// Who signs up says what they are asked for, and nothing else.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn nobody_gives_themselves_what_no_page_asks_for(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let page = browser.get(&app.page("signup", &[])).await;
        let fields = [
            ("username", "eve"),
            ("password", PASSWORD),
            ("attribute.email", "eve@example.com"),
            ("attribute.email_verified", "true"),
            ("attribute.nickname", "root"),
            ("attribute.sub", "1"),
        ];
        let page = browser.submit(&page, &fields).await;
        assert!(page.text().contains("Confirm your account"), "{}", page.text());
        let eve = server.aws.admin_get_user().user_pool_id(&pool.id).username("eve").send().await.unwrap();
        let names: Vec<_> = eve.user_attributes().iter().map(|it| it.name()).collect();
        assert!(names.contains(&"email") && !names.contains(&"nickname"), "{names:?}");
        assert!(eve.user_attributes().iter().all(|it| it.value() != Some("true")), "{names:?}");
    })
    .await;
}

/// Scripts that know Cognito's form send the cookie back, and no origin.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_script_signs_in_as_with_cognito(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let url = app.page("login", &[]);
        let page = browser.get(&url).await;
        for part in [
            r#"name="cognitoSignInForm""#,
            r#"id="signInFormUsername""#,
            r#"id="signInFormPassword""#,
            r#"<input type="submit" class="primary submitButton-customizable" name="signInSubmitButton""#,
        ] {
            assert!(page.body.contains(part), "{part}");
        }
        let token = browser.cookies["XSRF-TOKEN"].clone();
        let form = [
            ("_csrf", token.as_str()),
            ("username", "ada"),
            ("password", PASSWORD),
            ("cognitoAsfData", ""),
            ("signInSubmitButton", "Sign in"),
        ];
        let sent = browser.post_as_script(&url, &form).await;
        assert_eq!(sent.status, 302, "{}", sent.text());
        assert!(sent.sent("code").is_some(), "{}", sent.location());
    })
    .await;
}

/// Case 23, HUI-5: nothing of a request or a user is markup.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_comes_from_outside_is_shown_as_text(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let evil = r#""><script>alert(1)</script>"#;
        let page = app.opened(&mut browser, &[("login_hint", evil), ("state", evil)]).await;
        assert!(!page.body.contains("<script>alert"), "{}", page.body);
        let again = browser.submit(&page, &[("username", evil), ("password", "x")]).await;
        assert!(again.status == 200 && !again.body.contains("<script>alert"), "{}", again.body);
        let text = browser.get(&format!("{}&error_description=Boo", app.page("login", &[]))).await.text();
        assert!(!text.contains("Boo"), "{text}");
    })
    .await;
}

/// Many frameworks give a cookie of that name to all hosts of a domain, and all ports of a host.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_cookie_of_another_program_keeps_nobody_out(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        let (mut browser, mut stranger) = (Browser::new(&pool), Browser::new(&pool));
        app.opened(&mut stranger, &[]).await;
        let (action, mut form) = app.opened(&mut browser, &[]).await.form();
        form.extend([("username", "ada"), ("password", PASSWORD)].map(|(k, v)| (k.to_owned(), v.to_owned())));
        let (own, theirs) = (&browser.cookies["XSRF-TOKEN"], &stranger.cookies["XSRF-TOKEN"]);
        let others = "XSRF-TOKEN=0d1f0e2c-8a4f-4b57-9f5e-2f6f3d1c9b7a";
        for (cookies, status) in [
            (format!("{others}; XSRF-TOKEN={own}"), 302),
            (format!("XSRF-TOKEN={own}; {others}"), 302),
            (format!("XSRF-TOKEN={theirs}; XSRF-TOKEN={own}"), 302),
            (others.to_owned(), 403),
            (format!("XSRF-TOKEN={theirs}"), 403),
        ] {
            let post = browser.request(&action).header("origin", &server.url).header("cookie", &cookies);
            assert_eq!(post.form(&form).send().await.unwrap().status(), status, "{cookies}");
        }
    })
    .await;
}

/// LCK: the pages count guesses as the API does, and together with it.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_pages_and_the_api_share_their_locks(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let mut page = app.opened(&mut browser, &[]).await;
        for _ in 0..5 {
            page = browser.submit(&page, &[("username", "ada"), ("password", "wrong")]).await;
            assert!(page.text().contains("do not go together"), "{}", page.text());
        }
        page = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        assert!(page.text().contains("Too many attempts"), "{}", page.text());
        let refused = pool.password_auth("ada", PASSWORD).send().await.unwrap_err();
        assert_eq!(crate::server::said(refused).1, "Password attempts exceeded");
    })
    .await;
}
