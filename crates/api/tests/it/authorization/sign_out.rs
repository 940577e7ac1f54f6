//! Signing out: Cognito's two ways, and OpenID Connect's.

use super::*;

const GOODBYE: &str = "https://app.example.com/bye";

struct Signed<'a> {
    app: App<'a>,
    browser: Browser,
    id_token: String,
}

async fn signed_in<'a>(pool: &TestPool<'a>) -> Signed<'a> {
    let app = App::public(pool).await;
    let mut browser = Browser::new(pool);
    let sent = app.signed_in(&mut browser, "ada", &[]).await;
    let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
    let id_token = tokens["id_token"].as_str().unwrap().to_owned();
    Signed { app, browser, id_token }
}

impl Signed<'_> {
    fn url(&self, parameters: &[(&str, &str)]) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        format!("/{}/logout?{query}", self.app.pool.id)
    }

    async fn leaves(&mut self, parameters: &[(&str, &str)]) -> Page {
        let url = self.url(parameters);
        self.browser.get(&url).await
    }

    async fn is_in(&mut self) -> bool {
        let url = self.app.authorize(&[]);
        self.browser.get(&url).await.sent("code").is_some()
    }
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_browser_signs_out_and_goes_where_the_client_says(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;

        let mut signed = signed_in(&pool).await;
        let client = signed.app.pool.client.clone();
        let sent = signed.leaves(&[("client_id", &client), ("logout_uri", GOODBYE)]).await;
        assert_eq!((sent.status, sent.location()), (302, GOODBYE));
        assert!(!signed.is_in().await);

        let mut signed = signed_in(&pool).await;
        let client = signed.app.pool.client.clone();
        let again = [
            ("client_id", client.as_str()),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("state", "s"),
        ];
        let sent = signed.leaves(&again).await;
        assert!(sent.location().starts_with(&format!("/{}/login?", pool.id)), "{}", sent.location());
        let location = sent.location().to_owned();
        assert!(signed.browser.get(&location).await.text().contains("Sign in to continue"));
        assert!(!signed.is_in().await);

        let mut signed = signed_in(&pool).await;
        let hint = signed.id_token.clone();
        // An old token says who it was as well.
        server.clock.advance(chrono::Duration::minutes(59));
        let standard =
            [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", GOODBYE), ("state", "x y")];
        let sent = signed.leaves(&standard).await;
        assert_eq!(sent.location(), format!("{GOODBYE}?state=x%20y"));
        assert!(!signed.is_in().await);
    })
    .await;
}

/// RP-Initiated Logout 1.0, section 2: by POST too. The browser keeps its cookie to itself until it is sent here.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_form_of_another_origin_signs_out_by_way_of_a_link(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let mut signed = signed_in(&pool).await;
        let form = [("id_token_hint", signed.id_token.as_str()), ("post_logout_redirect_uri", GOODBYE)];
        let mut without_cookies = Browser::new(&pool);
        let sent = without_cookies.post_as_script(&format!("/{}/logout", pool.id), &form).await;
        assert_eq!(sent.status, 303);
        assert!(signed.is_in().await);
        let location = sent.location().to_owned();
        assert_eq!(signed.browser.get(&location).await.location(), GOODBYE);
        assert!(!signed.is_in().await);
    })
    .await;
}

/// Case 19.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn nobody_is_sent_elsewhere_or_signed_out_by_a_wrong_link(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let mut signed = signed_in(&pool).await;
        let (client, hint) = (signed.app.pool.client.clone(), signed.id_token.clone());
        let other = App::public(&pool).await.pool.client;
        let forged = format!("{}x", &hint[..hint.len() - 1]);
        let with_query = format!("{GOODBYE}?x=1");
        for wrong in [
            &[("client_id", client.as_str()), ("logout_uri", "https://evil.example/")][..],
            &[("client_id", &client), ("logout_uri", CALLBACK)],
            &[("logout_uri", GOODBYE)],
            &[("client_id", "nobody"), ("logout_uri", GOODBYE)],
            &[("client_id", &client), ("redirect_uri", GOODBYE), ("response_type", "code")],
            &[("id_token_hint", &hint), ("post_logout_redirect_uri", "https://evil.example/")],
            &[("id_token_hint", &hint), ("post_logout_redirect_uri", &with_query)],
            &[("id_token_hint", &forged), ("post_logout_redirect_uri", GOODBYE)],
            &[("id_token_hint", &hint), ("client_id", &other), ("post_logout_redirect_uri", GOODBYE)],
            &[("post_logout_redirect_uri", GOODBYE)],
            &[("client_id", &client), ("client_id", &client), ("logout_uri", GOODBYE)],
        ] {
            let answer = signed.leaves(wrong).await;
            assert_eq!(answer.status, 400, "{wrong:?}");
            assert!(answer.headers.get("location").is_none(), "{wrong:?}");
            assert!(signed.is_in().await, "{wrong:?}");
        }
        // Nobody says that it is meant, so the person is asked; nor does a link, or somebody else's token.
        pool.confirmed_user("bob").await;
        let bobs = App::public(&pool).await;
        let sent = bobs.signed_in(&mut Browser::new(&pool), "bob", &[]).await;
        let (_, tokens) = bobs.exchange(&sent.sent("code").unwrap(), &[]).await;
        let bobs = tokens["id_token"].as_str().unwrap();
        for unmeant in [
            &[("confirmed", "1")][..],
            &[("id_token_hint", bobs)],
            &[("id_token_hint", bobs), ("post_logout_redirect_uri", GOODBYE)],
        ] {
            let asked = signed.leaves(unmeant).await;
            assert!(asked.text().contains("Sign out?") && signed.is_in().await, "{}", asked.text());
        }
        // Whoever says so goes where they were to go, and so may their form.
        let back = [("id_token_hint", bobs), ("post_logout_redirect_uri", GOODBYE), ("state", "s 1")];
        let asked = signed.leaves(&back).await;
        let policy = asked.headers["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.ends_with("form-action 'self' https://app.example.com"), "{policy}");
        let again = signed.browser.submit(&asked, &[("_csrf", "another")]).await;
        assert!(again.text().contains("Sign out?") && signed.is_in().await, "{}", again.text());
        let done = signed.browser.submit(&asked, &[]).await;
        assert_eq!(done.location(), format!("{GOODBYE}?state=s%201"));
        assert!(!signed.is_in().await);
        let mut signed = signed_in(&pool).await;
        let asked = signed.leaves(&[]).await;
        let done = signed.browser.submit(&asked, &[]).await;
        assert!(done.text().contains("You are signed out"), "{}", done.text());
        assert!(!signed.is_in().await);
    })
    .await;
}
