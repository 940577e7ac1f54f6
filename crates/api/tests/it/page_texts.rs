//! What the pages say in an owner's words, of a pool and of one of its clients.

use std::time::Duration;

use cognate_api::ui::own_words;
use cognate_store::{AppClientId, UserPoolId, user_pool};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::authorization::App;
use crate::browser::Browser;
use crate::server::{PASSWORD, TestServer, attribute};

/// How long words may be remembered.
const MEMORY: Duration = Duration::from_millis(900);

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn pages_say_what_their_owner_says(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let (shop, other) = (App::public(&pool).await, App::public(&pool).await);
        let found = user_pool::get(&server.db, &UserPoolId::new(&*pool.id)).await.unwrap().unwrap();
        let (domain, client) = (server.app(), AppClientId::new(&*shop.pool.client));
        let set = async |client: Option<&AppClientId>, language: &str, texts: &str| {
            own_words::set(&domain, &found, client, language, texts.into()).await
        };
        set(None, "en", "sign-in-title = Hello\nbutton-sign-in = Go on\n").await.unwrap();
        set(None, "de", "sign-in-title = Guten Tag\n").await.unwrap();
        set(Some(&client), "en", "sign-in-title = Welcome to <b>{ $app }</b>\n").await.unwrap_err();
        set(Some(&client), "en", "sign-in-title = Welcome <b>back</b>\nsign-in-lead = { $app } waits\n")
            .await
            .unwrap();
        tokio::time::sleep(MEMORY).await;
        let said = async |app: &App<'_>, lang: &str| {
            app.opened(&mut Browser::new(&pool), &[("lang", lang)]).await.text()
        };
        // Its own words before the pool's before ours, and none of them is markup.
        let own = said(&shop, "en").await;
        for words in ["Welcome &#60;b&#62;back&#60;/b&#62;", "An app waits", "Go on", "Password"] {
            assert!(own.contains(words), "{words}: {own}");
        }
        let pools = said(&other, "en").await;
        assert!(pools.contains("Hello") && pools.contains("to continue to An app"), "{pools}");
        assert!(said(&shop, "de").await.contains("Guten Tag"));
        let neither = said(&shop, "fr").await;
        assert!(!neither.contains("Hello") && !neither.contains("Welcome"), "{neither}");
        let left = Browser::new(&pool).get(&format!("/{}/logout", pool.id)).await;
        assert!(left.text().contains("Sign out?"), "{}", left.text());

        // Messages are in these words too, through the API as well; elsewhere they are Cognito's.
        let sent = async |client: &str, name: &str| {
            let email = crate::server::email_of(name);
            let sign_up = server.aws.sign_up().client_id(client).username(name).password(PASSWORD);
            sign_up.user_attributes(attribute("email", &email)).send().await.unwrap();
            server.message_to(&email).await.unwrap().page_words.clone().and_then(|words| words.body)
        };
        assert_eq!(sent(&shop.pool.client, "ada").await, None);
        set(None, "en", "message-code = { $code } it is.\n").await.unwrap();
        set(Some(&client), "en", "message-code = The shop says { $code }.\n").await.unwrap();
        tokio::time::sleep(MEMORY).await;
        assert_eq!(sent(&shop.pool.client, "eve").await.as_deref(), Some("The shop says {####}."));
        assert_eq!(sent(&other.pool.client, "joan").await.as_deref(), Some("{####} it is."));

        // A page that leads nowhere says it in the words of the app that it is about, or of the pool where there is none.
        set(None, "en", "error-redirect-lead = Ask the help desk.\nerror-client-lead = Which app?\n")
            .await
            .unwrap();
        set(Some(&client), "en", "error-redirect-lead = Ask the shop.\n").await.unwrap();
        tokio::time::sleep(MEMORY).await;
        let elsewhere = [("redirect_uri", "https://elsewhere.example/")];
        for (url, words) in [
            (shop.authorize(&elsewhere), "Ask the shop."),
            (other.authorize(&elsewhere), "Ask the help desk."),
            (shop.page("login", &elsewhere), "Ask the shop."),
            (shop.authorize(&[("client_id", "nobody")]), "Which app?"),
        ] {
            let refused = Browser::new(&pool).get(&url).await;
            assert!(refused.status == 400 && refused.text().contains(words), "{words} {}", refused.text());
        }

        // What replaces and what takes away shows as well.
        set(None, "en", "sign-out-title = Leaving?\n").await.unwrap();
        own_words::remove(&domain, &found, Some(&client), "EN").await.unwrap();
        own_words::remove(&domain, &found, Some(&client), "en").await.unwrap_err();
        tokio::time::sleep(MEMORY).await;
        assert!(said(&shop, "en").await.contains("Sign in to continue"), "the pool's were replaced");
        let left = Browser::new(&pool).get(&format!("/{}/logout", pool.id)).await;
        assert!(left.text().contains("Leaving?"), "{}", left.text());

        // They go with their client.
        set(Some(&client), "it", "sign-in-title = Ciao\n").await.unwrap();
        assert_eq!(own_words::list(&domain, &found).await.unwrap().len(), 3);
        let delete = server.aws.delete_user_pool_client().user_pool_id(&pool.id);
        delete.client_id(&shop.pool.client).send().await.unwrap();
        assert_eq!(own_words::list(&domain, &found).await.unwrap().len(), 2);
    })
    .await;
}
