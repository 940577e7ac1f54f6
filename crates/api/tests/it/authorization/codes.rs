//! What becomes of authorization codes.

use futures_util::future::join_all;

use super::*;

async fn code(app: &App<'_>, more: &[(&str, &str)]) -> String {
    let sent = app.signed_in(&mut Browser::new(&app.pool), "ada", more).await;
    sent.sent("code").unwrap()
}

fn refused(answer: &(u16, Value)) {
    assert_eq!((answer.0, &answer.1["error"]), (400, &json!("invalid_grant")), "{answer:?}");
}

/// Cases 11 and 12 of the security rules, and RFC 6749, section 4.1.2.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_code_works_once_and_its_tokens_die_with_a_second_use(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let sent = app.signed_in(&mut browser, "ada", &[]).await;
        let used = sent.sent("code").unwrap();
        let (status, tokens) = app.exchange(&used, &[]).await;
        assert_eq!(status, 200, "{tokens}");
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(app.userinfo(access).await.0, 200);
        server.clock.advance(chrono::Duration::seconds(30));
        refused(&app.exchange(&used, &[]).await);
        assert_eq!(app.userinfo(access).await.0, 401);
        let refresh = tokens["refresh_token"].as_str().unwrap();
        refused(&app.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await);
        // The browser is still in.
        let again = browser.get(&app.authorize(&[])).await;
        assert!(again.location().starts_with(CALLBACK), "{}", again.location());

        let guessed = code(&app, &[]).await;
        refused(&app.exchange(&guessed, &[("code_verifier", &"x".repeat(43))]).await);
        refused(&app.exchange(&guessed, &[]).await);
    })
    .await;
}

/// Cases 13 and 15; swaps between clients and pools.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_code_is_good_with_what_its_request_named_alone(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let (app, other) = (App::public(&pool).await, App::public(&pool).await);
        refused(&app.exchange(&code(&app, &[]).await, &[("code_verifier", "-")]).await);
        refused(&app.exchange(&code(&app, &[]).await, &[("redirect_uri", "-")]).await);
        let elsewhere = [("redirect_uri", "https://app.example.com/other?x=1")];
        refused(&app.exchange(&code(&app, &[]).await, &elsewhere).await);
        let plain = [("code_challenge", "-"), ("code_challenge_method", "-")];
        refused(&app.exchange(&code(&app, &plain).await, &[]).await);
        let (status, _) = app.exchange(&code(&app, &plain).await, &[("code_verifier", "-")]).await;
        assert_eq!(status, 200);
        refused(&app.exchange("no such code", &[]).await);

        // Another client's use does nothing to it.
        let swapped = code(&app, &[]).await;
        refused(&other.exchange(&swapped, &[]).await);
        let (status, tokens) = app.exchange(&swapped, &[]).await;
        assert_eq!(status, 200, "{tokens}");
        app.update(&["openid", "email"]).default_redirect_uri(CALLBACK).send().await.unwrap();
        let unnamed = [("redirect_uri", "-"), ("scope", "openid")];
        for brought in [&unnamed[..1], &[]] {
            assert_eq!(app.exchange(&code(&app, &unnamed).await, brought).await.0, 200, "{brought:?}");
        }
        let foreign = server.user_pool().await;
        foreign.confirmed_user("ada").await;
        let foreign = App::public(&foreign).await;
        refused(&foreign.exchange(&code(&app, &[]).await, &[]).await);

        let late = code(&app, &[]).await;
        server.clock.advance(chrono::Duration::minutes(5));
        refused(&app.exchange(&late, &[]).await);
        // One that was used comes again, however late.
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(app.userinfo(access).await.0, 200);
        refused(&app.exchange(&swapped, &[]).await);
        assert_eq!(app.userinfo(access).await.0, 401);
    })
    .await;
}

/// One wins, over two servers.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn of_many_exchanges_of_one_code_one_wins(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let code = app.signed_in(&mut browser, "ada", &[]).await.sent("code").unwrap();
        let answers = join_all((0..100).map(|_| app.exchange(&code, &[]))).await;
        let won: Vec<_> = answers.iter().filter(|(status, _)| *status == 200).collect();
        assert_eq!(won.len(), 1);
        answers.iter().filter(|(status, _)| *status != 200).for_each(refused);
        tokio::time::sleep(std::time::Duration::from_millis(1000)).await;
        assert_eq!(app.userinfo(won[0].1["access_token"].as_str().unwrap()).await.0, 401);
        // The browser is in as before, and other tokens of the user are good.
        let next = browser.get(&app.authorize(&[])).await.sent("code").unwrap();
        assert_eq!(app.exchange(&next, &[]).await.0, 200);
    })
    .await;
}

/// Whoever may not sign in any more gets no tokens for a code from before.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_code_dies_with_what_it_rests_on(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        let aws = &server.aws;

        let left = code(&app, &[]).await;
        aws.admin_user_global_sign_out().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        refused(&app.exchange(&left, &[]).await);

        let disabled = code(&app, &[]).await;
        aws.admin_disable_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        refused(&app.exchange(&disabled, &[]).await);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn codes_of_one_session_are_exchanged_at_once(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        app.signed_in(&mut browser, "ada", &[]).await;
        let mut codes = Vec::new();
        for _ in 0..24 {
            codes.push(browser.get(&app.authorize(&[])).await.sent("code").unwrap());
        }
        let exchanged = codes.iter().map(|code| app.exchange(code, &[]));
        for (status, tokens) in futures_util::future::join_all(exchanged).await {
            assert_eq!(status, 200, "{tokens}");
        }
    })
    .await;
}
