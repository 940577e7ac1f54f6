//! Levels that a client asks for (`acr_values`).

use super::*;
use crate::levels::{pool_with, set_up_app, user};

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_level_that_is_asked_for_is_reached(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(crate::server::Setup::development(), db, async |server| {
        let pool = pool_with(server, true).await;
        user(&pool, "ada").await;
        let access = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        let authenticator = set_up_app(&pool, &access).await;
        let app = App::public(&pool).await;
        app.allow_choice().await;
        let mut browser = Browser::new(&pool);
        // Nobody prefers it, so a password alone signs in.
        app.signed_in(&mut browser, "ada", &[("acr_values", "unheard-of")]).await;
        assert!(browser.get(&app.authorize(&[])).await.sent("code").is_some());
        let silent = browser.get(&app.authorize(&[("acr_values", "gold"), ("prompt", "none")])).await;
        assert_eq!(silent.sent("error").as_deref(), Some("login_required"));

        let page = app.opened(&mut browser, &[("acr_values", "gold x")]).await;
        let page = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        assert!(page.text().contains("authenticator app"), "{}", page.text());
        let sent = browser.submit(&page, &[("code", &authenticator.next_code(server))]).await;
        let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
        let (_, id) = verified(&app.pool, tokens["id_token"].as_str().unwrap()).await;
        assert_eq!(id["acr"], json!("gold"));
        let silent = browser.get(&app.authorize(&[("acr_values", "gold"), ("prompt", "none")])).await;
        assert!(silent.sent("code").is_some());

        // A sign-in that began for another request does not serve this one.
        let mut other = Browser::new(&pool);
        let (plain, gold) = ([], [("acr_values", "gold")]);
        let begun = app.opened(&mut other, &plain).await;
        let (_, mut fields) = begun.form();
        fields.push(("username".into(), "ada".into()));
        let chosen = other.post(&app.page("selectChallenge", &plain), &fields).await;
        let session = chosen.form().1.into_iter().find(|(name, _)| name == "session").unwrap();
        let (_, mut fields) = app.opened(&mut other, &gold).await.form();
        let given = [("username", "ada"), ("choice", "PASSWORD"), ("password", PASSWORD)];
        fields.extend(given.map(|(name, value)| (name.to_owned(), value.to_owned())));
        fields.push(session);
        let sent = other.post(&app.page("selectChallenge", &gold), &fields).await;
        assert_eq!(
            sent.sent("error").as_deref(),
            Some("unmet_authentication_requirements"),
            "{}",
            sent.text()
        );
    })
    .await;
}
