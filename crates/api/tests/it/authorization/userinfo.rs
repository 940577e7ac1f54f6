//! What is brought to userInfo and shows nobody anything.

use super::*;

impl App<'_> {
    /// What a request to userInfo is answered: the status, the code of the error and the challenge.
    async fn refused(&self, request: reqwest::RequestBuilder) -> (u16, String, String) {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let challenge = answer.headers().get("www-authenticate").map(|it| it.to_str().unwrap().to_owned());
        let said: Value = answer.json().await.unwrap();
        (status, said["error"].as_str().unwrap_or_default().to_owned(), challenge.unwrap_or_default())
    }

    fn at_userinfo(&self, method: reqwest::Method) -> reqwest::RequestBuilder {
        let url = format!("{}/{}/oauth2/userInfo", self.pool.server.url, self.pool.id);
        self.pool.server.http.request(method, url)
    }
}

/// Case 4, and everything else that is no access token of the pool's.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn only_the_pools_own_access_tokens_show_anything(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        for pool in [&pool, &other] {
            pool.confirmed_user("ada").await;
        }
        let (app, stranger) = (App::public(&pool).await, App::public(&other).await);
        let tokens = async |app: &App<'_>| {
            let sent = app.signed_in(&mut Browser::new(&app.pool), "ada", &[]).await;
            app.exchange(&sent.sent("code").unwrap(), &[]).await.1
        };
        let (own, foreign) = (tokens(&app).await, tokens(&stranger).await);
        let text = |tokens: &Value, name: &str| tokens[name].as_str().unwrap().to_owned();
        let access = text(&own, "access_token");
        assert_eq!(app.userinfo(&access).await.0, 200);
        let (head, rest) = access.split_once('.').unwrap();
        let (claims, signature) = rest.split_once('.').unwrap();
        let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let foreign_access = text(&foreign, "access_token");
        let foreign_claims = foreign_access.split('.').nth(1).unwrap();
        for (what, token) in [
            ("another pool's", foreign_access.clone()),
            ("an ID token", text(&own, "id_token")),
            ("a refresh token", text(&own, "refresh_token")),
            ("garbage", "garbage".to_owned()),
            ("three parts", "a.b.c".to_owned()),
            ("without a signature", format!("{head}.{claims}.")),
            ("by no algorithm", format!("{unsigned}.{claims}.")),
            ("another's claims", format!("{head}.{foreign_claims}.{signature}")),
            ("long", "a".repeat(7000)),
        ] {
            let (status, code, challenge) =
                app.refused(app.at_userinfo(reqwest::Method::GET).bearer_auth(&token)).await;
            assert_eq!((status, code.as_str()), (401, "invalid_token"), "{what}");
            assert!(challenge.starts_with("Bearer ") && challenge.contains("invalid_token"), "{challenge}");
        }
        // One way at a time (RFC 6750, section 2), and never in the address.
        let form = [("access_token", access.as_str())];
        let post = || app.at_userinfo(reqwest::Method::POST);
        assert_eq!(post().form(&form).send().await.unwrap().status(), 200);
        for request in [
            post().bearer_auth(&access).form(&form),
            post(),
            post().form(&[("access_token", access.as_str()), ("access_token", access.as_str())]),
            post().json(&json!({ "access_token": access })),
            app.at_userinfo(reqwest::Method::GET),
            app.at_userinfo(reqwest::Method::GET).query(&form),
            app.at_userinfo(reqwest::Method::GET).bearer_auth(""),
            app.at_userinfo(reqwest::Method::GET).basic_auth("ada", Some(PASSWORD)),
            app.at_userinfo(reqwest::Method::GET).header("authorization", access.as_str()),
        ] {
            let (status, code, _) = app.refused(request).await;
            assert_eq!((status, code.as_str()), (400, "invalid_request"));
        }
        // Nor does a token show anybody that was not given for that.
        let sent = app.signed_in(&mut Browser::new(&pool), "ada", &[("scope", "email")]).await;
        let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
        let plain = pool.sign_in("ada", PASSWORD).await;
        for token in [text(&tokens, "access_token").as_str(), plain.access_token().unwrap()] {
            let (status, code, _) = app.refused(post().bearer_auth(token)).await;
            assert_eq!((status, code.as_str()), (403, "insufficient_scope"));
        }
    })
    .await;
}

/// Case 63, at the pages and endpoints: what is too large is refused before anything is made of it.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_is_too_large_is_refused_at_once(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let page = app.opened(&mut browser, &[]).await;
        for megabytes in [1, 10] {
            let long = "a".repeat(megabytes * 1024 * 1024);
            let refused = browser.submit(&page, &[("username", "ada"), ("password", &long)]).await;
            assert_eq!(refused.status, 413, "{}", refused.body);
            let said: Value = serde_json::from_str(&refused.body).unwrap();
            assert_eq!(said["error_description"], "The body is too large");
            assert_eq!(refused.headers["x-content-type-options"], "nosniff");
            let (status, said) =
                app.token(&[("grant_type", "refresh_token"), ("refresh_token", &long)]).await;
            assert_eq!((status, &said["error"]), (413, &json!("invalid_request")));
        }
        // Of what still fits, a password longer than any is wrong, without being hashed.
        let refused = browser.submit(&page, &[("username", "ada"), ("password", &"a".repeat(5000))]).await;
        assert!(refused.text().contains("do not go together"), "{}", refused.text());
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let register = server.http.post(format!("{}/{}/oauth2/register", server.url, pool.id));
        let register = register.header("content-type", "application/json").body(deep);
        assert!(register.send().await.unwrap().status().is_client_error());
        let sent = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        assert!(sent.sent("code").is_some(), "{}", sent.text());
    })
    .await;
}
