//! Who is signed in by the code that confirms their sign-up, and who is not.

use aws_sdk_cognitoidentityprovider::types::{
    AcrLevelConfigType, SoftwareTokenMfaConfigType, UserPoolMfaType, VerifiedAttributeType,
};

use super::*;
use crate::server::{Setup, email_of, said};

impl App<'_> {
    /// The page that asks for the code of somebody who signs up.
    async fn signs_up(&self, browser: &mut Browser, name: &str, more: &[(&str, &str)]) -> Page {
        let page = browser.get(&self.page("signup", more)).await;
        let email = email_of(name);
        let fields = [("username", name), ("attribute.email", &*email), ("password", PASSWORD)];
        let confirm = browser.submit(&page, &fields).await;
        assert!(confirm.text().contains("We sent a code"), "{}", confirm.text());
        confirm
    }

    /// What follows the right code.
    async fn confirms(&self, browser: &mut Browser, page: &Page, name: &str) -> Page {
        let code = self.pool.server.code_to(&email_of(name)).await;
        browser.submit(page, &[("code", &code)]).await
    }
}

fn session_of(page: &Page) -> String {
    page.form().1.into_iter().find(|(name, _)| name == "session").unwrap().1
}

/// Nobody goes on to an app that nobody looked at before they were told of it.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_strangers_app_gets_nobody_in_silence(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let mut pool = server.user_pool().await;
        pool.admit(true, &[]).await;
        let metadata = json!({
            "client_name": "An agent", "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none",
        });
        let register = server.http.post(format!("{}/{}/oauth2/register", server.url, pool.id));
        let made: Value = register.json(&metadata).send().await.unwrap().json().await.unwrap();
        pool.client = made["client_id"].as_str().unwrap().to_owned();
        let app =
            App { pool: TestPool { server, id: pool.id.clone(), client: pool.client.clone() }, secret: None };
        let mut browser = Browser::new(&pool);
        let page = browser.get(&app.page("signup", &[])).await;
        assert!(page.text().contains("An agent has registered itself"), "{}", page.text());
        let confirm = app.signs_up(&mut browser, "ada", &[]).await;
        assert!(confirm.text().contains("An agent has registered itself"), "{}", confirm.text());
        let ready = app.confirms(&mut browser, &confirm, "ada").await;
        assert!(ready.text().contains("Your account is ready"), "{} {:?}", ready.text(), ready.headers);
        assert!(ready.text().contains("An agent has registered itself"), "{}", ready.text());
    })
    .await;
}

/// Where the pool demands a second factor, a code to one address is not two.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn one_code_is_not_two_factors(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let enabled = SoftwareTokenMfaConfigType::builder().enabled(true).build();
        let set = server.aws.set_user_pool_mfa_config().user_pool_id(&pool.id);
        let set = set.software_token_mfa_configuration(enabled).mfa_configuration(UserPoolMfaType::On);
        set.send().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(900)).await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let confirm = app.signs_up(&mut browser, "ada", &[]).await;
        let ready = app.confirms(&mut browser, &confirm, "ada").await;
        assert!(ready.text().contains("Your account is ready"), "{}", ready.text());
    })
    .await;
}

/// A level that is asked for is reached, or the password is asked for.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_code_counts_for_the_level_that_it_is(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let gold = AcrLevelConfigType::builder().acr_value("gold").build().unwrap();
        let create = server.aws.create_user_pool().pool_name("levels").acr_configuration("Level4", gold);
        let create = create.auto_verified_attributes(VerifiedAttributeType::Email);
        let id = create.send().await.unwrap().user_pool.unwrap().id.unwrap();
        let pool = TestPool { server, id, client: String::new() };
        let app = App::public(&pool).await;
        for (name, level, is_in) in [("ada", "urn:cognito:loa:2", true), ("grace", "gold", false)] {
            let mut browser = Browser::new(&pool);
            let asked = [("acr_values", level)];
            let confirm = app.signs_up(&mut browser, name, &asked).await;
            let next = app.confirms(&mut browser, &confirm, name).await;
            if !is_in {
                assert!(next.text().contains("Your account is ready"), "{level} {}", next.text());
                continue;
            }
            let (_, tokens) = app.exchange(&next.sent("code").unwrap(), &[]).await;
            let (_, id) = verified(&app.pool, tokens["id_token"].as_str().unwrap()).await;
            assert_eq!(id["acr"], level);
        }
    })
    .await;
}

/// TOK-9: what signs somebody in is theirs, for an hour, at the pages alone, and good for nothing without the code.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_session_of_a_sign_up_is_good_for_that_alone(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let (ada, eve) =
            (app.signs_up(&mut browser, "ada", &[]).await, app.signs_up(&mut browser, "eve", &[]).await);
        // Another's code with one's own session confirms them and signs nobody in.
        let code = server.code_to(&email_of("ada")).await;
        let fields = [("code", code.as_str()), ("session", &session_of(&eve))];
        let swapped = browser.submit(&ada, &fields).await;
        assert!(swapped.text().contains("Your account is ready"), "{}", swapped.text());
        // In no step but its own, and not at the API.
        for step in ["mfa", "selectMFA", "setupMFA", "newPassword", "selectChallenge"] {
            let fields =
                [("session", session_of(&eve)), ("username", "eve".into()), ("code", "000000".into())];
            let (_, mut all) = eve.form();
            all.retain(|(name, _)| fields.iter().all(|(given, _)| given != name));
            all.extend(fields.map(|(name, value)| (name.to_owned(), value)));
            for (name, value) in [("choice", "SMS_MFA"), ("kind", "email"), ("password", PASSWORD)] {
                all.push((name.to_owned(), value.to_owned()));
            }
            let refused = browser.post(&app.page(step, &[]), &all).await;
            assert!(refused.text().contains("sign in again"), "{step} {}", refused.text());
        }
        let code = server.code_to(&email_of("eve")).await;
        let confirm = server.aws.confirm_sign_up().client_id(&app.pool.client).username("eve");
        let refused = confirm.confirmation_code(&code).session(session_of(&eve)).send().await.unwrap_err();
        assert_eq!(said(refused).0, "NotAuthorizedException");
        // Who takes longer is confirmed all the same; the page itself is as old as the session then.
        server.clock.advance(chrono::Duration::minutes(61));
        let page = app.opened(&mut browser, &[]).await;
        let page = browser.submit(&page, &[("username", "eve"), ("password", PASSWORD)]).await;
        let late = browser.submit(&page, &[("code", &code), ("session", &session_of(&eve))]).await;
        assert!(late.text().contains("Your account is ready"), "{}", late.text());
    })
    .await;
}
