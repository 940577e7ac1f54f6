//! What a request may ask for, and where it is refused.

use super::*;

async fn error(app: &App<'_>, more: &[(&str, &str)]) -> (String, Page) {
    let sent = Browser::new(&app.pool).get(&app.authorize(more)).await;
    assert_eq!(sent.status, 302, "{more:?} {}", sent.text());
    assert!(sent.location().starts_with(CALLBACK), "{more:?} {}", sent.location());
    assert_eq!(sent.sent("state").as_deref(), Some("a b&c=1"), "{more:?}");
    assert!(sent.sent("iss").is_some() && sent.sent("error_description").is_some());
    (sent.sent("error").unwrap(), sent)
}

/// Case 14: a wrong client or redirect URI sends nobody anywhere (OAU-1).
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn nobody_is_sent_to_what_is_not_registered(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let app = App::public(&pool).await;
        for uri in [
            "https://app.example.com/cb/",
            "https://app.example.com/cb?x=1",
            "https://app.example.com/CB",
            "https://APP.example.com/cb",
            "https://app.example.com:443/cb",
            "https://app.example.com/c%62",
            "https://user@app.example.com/cb",
            "https://app.example.com/cb#top",
            "https://app.example.com.evil.example/cb",
            "http://app.example.com/cb",
            "//app.example.com/cb",
            "https://app.example.com/other",
            "javascript:alert(1)",
            "-",
        ] {
            for page in ["oauth2/authorize", "login", "signup", "forgotPassword"] {
                let answer = Browser::new(&pool).get(&app.page(page, &[("redirect_uri", uri)])).await;
                assert_eq!(answer.status, 400, "{page} {uri}");
                assert!(answer.headers.get("location").is_none(), "{page} {uri}");
                assert!(answer.text().contains("does not lead back"), "{}", answer.text());
            }
        }
        let elsewhere = server.user_pool().await;
        for client in ["-", "nobody", elsewhere.client.as_str()] {
            let answer = Browser::new(&pool).get(&app.authorize(&[("client_id", client)])).await;
            assert_eq!(answer.status, 400, "{client}");
            assert!(answer.text().contains("do not know this app"), "{}", answer.text());
        }
        for twice in ["redirect_uri", "client_id", "state", "scope"] {
            let url = format!("{}&{twice}=x&{twice}=y", app.authorize(&[(twice, "-")]));
            let answer = Browser::new(&pool).get(&url).await;
            assert_eq!(answer.status, 400, "{twice}");
            assert!(answer.headers.get("location").is_none(), "{twice}");
        }
        let answer = Browser::new(&pool).get(&app.authorize(&[("state", "a\u{1}b")])).await;
        assert_eq!(answer.status, 400);
        let nowhere = Browser::new(&pool).get("/us-east-1_Nobody00/oauth2/authorize?client_id=x").await;
        assert_eq!(nowhere.status, 400);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_is_wrong_otherwise_is_told_to_the_client(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let app = App::public(&pool).await;
        for (more, expected) in [
            (&[("response_type", "-")][..], "invalid_request"),
            (&[("response_type", "code token")], "unsupported_response_type"),
            (&[("response_type", "magic")], "unsupported_response_type"),
            (&[("code_challenge_method", "plain")], "invalid_request"),
            (&[("code_challenge_method", "-")], "invalid_request"),
            (&[("code_challenge", "-")], "invalid_request"),
            (&[("code_challenge", "short")], "invalid_request"),
            (&[("scope", "openid phone")], "invalid_scope"),
            (&[("scope", "openid nowhere/read")], "invalid_scope"),
            (&[("prompt", "none login")], "invalid_request"),
            (&[("prompt", "create")], "invalid_request"),
            (&[("max_age", "-1")], "invalid_request"),
            (&[("max_age", "soon")], "invalid_request"),
            (&[("resource", "not a url")], "invalid_target"),
            (&[("response_mode", "form_post")], "invalid_request"),
            (&[("request", "e30.e30.")], "request_not_supported"),
            (&[("request_uri", "https://127.0.0.1/x")], "request_uri_not_supported"),
            (&[("identity_provider", "Google")], "invalid_request"),
            (&[("idp_identifier", "example.com")], "invalid_request"),
            (&[("prompt", "none")], "login_required"),
            (&[("state", "a b&c=1"), ("nonce", &"n".repeat(5000))], "invalid_request"),
        ] {
            assert_eq!(error(&app, more).await.0, expected, "{more:?}");
        }
        // Case 17: an implicit grant of a client that is not allowed one, whose answer is in the fragment.
        let (code, sent) = error(&app, &[("response_type", "token")]).await;
        assert_eq!(code, "unauthorized_client");
        assert!(sent.location().starts_with(&format!("{CALLBACK}#")), "{}", sent.location());
        for harmless in [("display", "popup"), ("ui_locales", "xx de"), ("claims", "{}"), ("made_up", "1")] {
            let sent = Browser::new(&pool).get(&app.authorize(&[harmless])).await;
            assert!(sent.location().starts_with(&format!("/{}/login?", pool.id)), "{harmless:?}");
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn tokens_come_in_the_fragment_where_they_are_allowed(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::with(&pool, &[OAuthFlowType::Implicit], &["openid", "email"], false).await;
        let mut browser = Browser::new(&pool);
        let plain = [("code_challenge", "-"), ("code_challenge_method", "-")];
        let asked = |kind, more: &[(&'static str, &'static str)]| {
            [&plain[..], &[("response_type", kind)], more].concat()
        };
        let (code, _) = error(&app, &asked("id_token", &[])).await;
        assert_eq!(code, "invalid_request");
        let (code, _) = error(&app, &asked("code", &[])).await;
        assert_eq!(code, "unauthorized_client");

        let both = asked("token id_token", &[("nonce", "n"), ("scope", "openid")]);
        let sent = app.signed_in(&mut browser, "ada", &both).await;
        assert!(sent.location().starts_with(&format!("{CALLBACK}#id_token=")), "{}", sent.location());
        let (access, id) = (sent.sent("access_token").unwrap(), sent.sent("id_token").unwrap());
        let (_, id) = verified(&app.pool, &id).await;
        assert_eq!(id["nonce"], json!("n"));
        assert_eq!(id["at_hash"], json!(URL_SAFE_NO_PAD.encode(&Sha256::digest(&access)[..16])));
        assert_eq!((sent.sent("token_type"), sent.sent("refresh_token")), (Some("Bearer".into()), None));
        assert_eq!(app.userinfo(&access).await.0, 200);

        let token = browser.get(&app.authorize(&asked("token", &[("scope", "email")]))).await;
        assert!(token.sent("id_token").is_none() && token.sent("access_token").is_some());
        let (status, fault) = app.userinfo(&token.sent("access_token").unwrap()).await;
        assert_eq!((status, &fault["error"]), (403, &json!("insufficient_scope")));
        let alone = browser.get(&app.authorize(&asked("id_token", &[("nonce", "m")]))).await;
        assert!(alone.sent("id_token").is_some() && alone.sent("access_token").is_none());
    })
    .await;
}

/// OpenID Connect Core 1.0, section 3.1.2.1: by POST, and from anywhere.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_request_may_come_as_a_form(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let url = format!("{}/{}/oauth2/authorize", server.url, pool.id);
        let form = [
            ("response_type", "code"),
            ("client_id", app.pool.client.as_str()),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
        ];
        let post = server.http.post(&url).header("origin", "https://app.example.com").form(&form);
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let sent = http.execute(post.build().unwrap()).await.unwrap();
        assert_eq!(sent.status(), 303);
        let sent = browser.get(sent.headers()["location"].to_str().unwrap()).await;
        let page = browser.get(sent.location()).await;
        assert!(page.text().contains("Sign in to continue"), "{}", page.text());
    })
    .await;
}

/// RFC 8707: what a request names is the audience of its access tokens, after a refresh too.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn access_tokens_are_for_the_resource_that_was_named(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        let named = [("resource", "https://api.example.com/v1")];
        let sent = app.signed_in(&mut Browser::new(&pool), "ada", &named).await;
        let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let (_, again) = app.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
        for tokens in [&tokens, &again] {
            let (_, access) = verified(&app.pool, tokens["access_token"].as_str().unwrap()).await;
            assert_eq!(access["aud"], json!("https://api.example.com/v1"));
        }
    })
    .await;
}

/// Every parameter given twice, with a character that is none of text, or longer than any: nobody is sent anywhere, and nothing is
/// granted.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn every_parameter_is_given_once_and_as_text(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let long = "a".repeat(8 * 1024 + 1);
        let bad = ["a\u{0}b", "a\nb", "a\rb", "a\u{7f}b", "a\u{85}b", &long];
        for name in [
            "response_type",
            "client_id",
            "redirect_uri",
            "state",
            "scope",
            "nonce",
            "code_challenge",
            "code_challenge_method",
            "identity_provider",
            "idp_identifier",
            "login_hint",
            "prompt",
            "lang",
            "ui_locales",
            "resource",
            "acr_values",
            "max_age",
            "id_token_hint",
            "display",
            "claims",
            "dpop_jkt",
            "request",
            "request_uri",
            "made_up",
        ] {
            let twice = format!("{}&{name}=x&{name}=x", app.authorize(&[(name, "-")]));
            let bad = bad.iter().map(|value| app.authorize(&[(name, *value)]));
            for url in bad.chain([twice]) {
                let refused = browser.get(&url).await;
                assert_eq!(refused.status, 400, "{name} {}", refused.text());
                assert!(refused.headers.get("location").is_none(), "{name}");
                let query = url.split_once('?').unwrap().1.to_owned();
                for page in ["login", "signup", "forgotPassword"] {
                    let refused = browser.get(&format!("/{}/{page}?{query}", pool.id)).await;
                    assert_eq!(refused.status, 400, "{page} {name} {}", refused.text());
                }
            }
        }
    })
    .await;
}

/// The same of a form of the pages, and at the token endpoint, where a code that was not taken stays good.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn every_field_is_given_once_and_as_text(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let long = "a".repeat(8 * 1024 + 1);
        let page = app.opened(&mut browser, &[]).await;
        for name in ["username", "password", "_csrf", "cognitoAsfData", "made_up"] {
            for value in ["a\u{0}b", "a\nb", &long] {
                let fields = [("username", "ada"), ("password", PASSWORD), (name, value)];
                let fields: Vec<_> =
                    fields.into_iter().filter(|(it, _)| *it != name).chain([(name, value)]).collect();
                let refused = browser.submit(&page, &fields).await;
                assert!([400, 403].contains(&refused.status), "{name} {} {}", refused.status, refused.text());
            }
        }
        let sent = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        let code = sent.sent("code").unwrap();
        let good = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
            ("client_id", app.pool.client.as_str()),
        ];
        let url = format!("{}/{}/oauth2/token", server.url, pool.id);
        for (name, _) in good {
            for value in ["a\u{0}b", "a\nb", &long] {
                let form = good.map(|(it, good)| (it, if it == name { value } else { good }));
                let refused = server.http.post(&url).form(&form).send().await.unwrap();
                assert_eq!(refused.status(), 400, "{name}");
                let said: Value = refused.json().await.unwrap();
                assert_eq!(said["error"], "invalid_request", "{name}");
            }
            let twice: Vec<_> = good.iter().copied().chain([(name, "x")]).collect();
            let refused = server.http.post(&url).form(&twice).send().await.unwrap();
            assert_eq!(refused.status(), 400, "{name}");
            // Left out, which spends the code only where it was brought by who is its client.
            if !["code_verifier", "redirect_uri"].contains(&name) {
                let without: Vec<_> = good.iter().copied().filter(|(it, _)| *it != name).collect();
                let refused = server.http.post(&url).form(&without).send().await.unwrap();
                assert_eq!(refused.status(), 400, "{name}");
            }
        }
        let (status, tokens) = app.exchange(&code, &[]).await;
        assert_eq!(status, 200, "{tokens}");
    })
    .await;
}

/// A hint that cannot be read says nothing, and keeps nobody out who signs in; where nobody may be asked, nobody is known by it. Nor
/// does a session serve who wants a new sign-in, however new it is.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_hint_that_says_nothing_keeps_nobody_out(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let hint = [("id_token_hint", "of.some.where")];
        app.signed_in(&mut browser, "ada", &hint).await;
        assert!(browser.get(&app.authorize(&hint)).await.sent("code").is_some());
        let silent = browser.get(&app.authorize(&[hint[0], ("prompt", "none")])).await;
        assert_eq!(silent.sent("error").as_deref(), Some("login_required"));
        app.signed_in(&mut browser, "ada", &[("max_age", "0")]).await;
        let silent = browser.get(&app.authorize(&[("max_age", "0"), ("prompt", "none")])).await;
        assert_eq!(silent.sent("error").as_deref(), Some("login_required"));
        assert!(
            browser
                .get(&app.authorize(&[("max_age", "60"), ("prompt", "none")]))
                .await
                .sent("code")
                .is_some()
        );
    })
    .await;
}
