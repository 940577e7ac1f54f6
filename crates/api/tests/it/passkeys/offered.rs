//! Passkeys at the sign-in page, before anybody has said who they are.

use aws_sdk_cognitoidentityprovider::types::OAuthFlowType;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use regex::Regex;

use super::*;
use crate::authorization::App;
use crate::browser::{Browser as Page, Page as Shown};
use crate::server::email_of;

/// The machine itself, which a test server is on.
const HERE: &str = "http://localhost:4566";

/// A pool whose passkeys are made for this machine, and an app of it.
async fn app<'a>(pool: &TestPool<'a>, requirement: UserPoolMfaType) -> App<'a> {
    let passkeys = WebAuthnConfigurationType::builder().relying_party_id("localhost").build();
    let mut set = pool.server.aws.set_user_pool_mfa_config().user_pool_id(&pool.id);
    if requirement != UserPoolMfaType::Off {
        let token = SoftwareTokenMfaConfigType::builder().enabled(true).build();
        set = set.software_token_mfa_configuration(token);
    }
    set.mfa_configuration(requirement).web_authn_configuration(passkeys).send().await.unwrap();
    let app = App::with(pool, &[OAuthFlowType::Code], &["openid"], false).await;
    app.allow_choice().await;
    tokio::time::sleep(std::time::Duration::from_millis(900)).await;
    app
}

/// What the page asks any passkey, and its form.
fn offer(page: &Shown) -> (Value, Vec<(String, String)>) {
    let form = Regex::new(
        r#"(?s)<form method="post" action="[^"]*" data-passkey="offer" data-options="([^"]*)".*?</form>"#,
    );
    let form = form.unwrap().captures(&page.body).unwrap_or_else(|| panic!("no offer: {}", page.body));
    let options = form[1].replace("&#34;", "\"").replace("&quot;", "\"");
    let field = Regex::new(r#"<input type="hidden" name="([^"]*)" value="([^"]*)""#).unwrap();
    let fields = field.captures_iter(&form[0]).map(|it| (it[1].to_owned(), it[2].to_owned()));
    (serde_json::from_str(&options).unwrap(), fields.collect())
}

/// Sends the offer's form with what an authenticator signed.
async fn send(browser: &mut Page, app: &App<'_>, fields: &[(String, String)], signed: &Value) -> Shown {
    let mut fields = fields.to_vec();
    fields.retain(|(name, _)| name != "credential");
    fields.push(("credential".to_owned(), signed.to_string()));
    browser.post(&app.page("passkey", &[]), &fields).await
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_passkey_says_who_it_is(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = pool(server).await;
        let app = app(&pool, UserPoolMfaType::Off).await;
        for name in ["ada", "eve"] {
            pool.admin_user(name).await;
        }
        let access = pool.sign_in("ada", PASSWORD).await.access_token().unwrap().to_owned();
        let mut authenticator = Browser::new(true);
        let created = authenticator.create(HERE, &begin(&pool, &access).await.unwrap()).await;
        complete(&pool, &access, &created).await.unwrap();

        let mut browser = Page::new(&pool);
        let page = browser.get(&app.page("login", &[])).await;
        assert!(page.body.contains(r#"autocomplete="username webauthn""#), "{}", page.body);
        let (options, fields) = offer(&page);
        assert_eq!((&options["rpId"], &options["allowCredentials"]), (&json!("localhost"), &json!([])));
        assert!(
            !page.text().contains("ada")
                && !page.body.contains(r#""ada""#)
                && !page.body.contains(&email_of("ada"))
        );
        let signed = authenticator.get_at(HERE, &options).await;
        // What is changed in it, whose it is said to be, and another browser's form are refused.
        let mut others = signed.clone();
        let eve = server.aws.admin_get_user().user_pool_id(&pool.id).username("eve").send().await.unwrap();
        let eve =
            eve.user_attributes().iter().find(|it| it.name() == "sub").unwrap().value().unwrap().to_owned();
        others["response"]["userHandle"] = json!(URL_SAFE_NO_PAD.encode(eve));
        let mut nobodys = signed.clone();
        nobodys["response"]["userHandle"] = json!(URL_SAFE_NO_PAD.encode(uuid::Uuid::new_v4().to_string()));
        let mut silent = signed.clone();
        silent["response"].as_object_mut().unwrap().remove("userHandle");
        for wrong in [&others, &nobodys, &silent] {
            let refused = send(&mut browser, &app, &fields, wrong).await;
            assert!(refused.text().contains("That passkey did not work"), "{}", refused.text());
        }
        let elsewhere = send(&mut Page::new(&pool), &app, &fields, &signed).await;
        assert_eq!(elsewhere.status, 403);
        let sent = send(&mut browser, &app, &fields, &signed).await;
        let (status, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
        assert_eq!(status, 200, "{tokens}");
        let again = send(&mut browser, &app, &fields, &signed).await;
        assert!(again.text().contains("That took a little too long"), "{}", again.text());

        // A form that was open for long still takes one, but not for ever.
        let mut browser = Page::new(&pool);
        let (options, fields) = offer(&browser.get(&app.page("login", &[])).await);
        server.clock.advance(chrono::Duration::minutes(55));
        let signed = authenticator.get_at(HERE, &options).await;
        assert!(send(&mut browser, &app, &fields, &signed).await.sent("code").is_some());
        let mut browser = Page::new(&pool);
        let (options, fields) = offer(&browser.get(&app.page("login", &[])).await);
        server.clock.advance(chrono::Duration::minutes(65));
        let signed = authenticator.get_at(HERE, &options).await;
        let late = send(&mut browser, &app, &fields, &signed).await;
        assert!(late.text().contains("This page was open for a while"), "{}", late.text());
    })
    .await;
}

/// Opens the page, and takes its offer.
async fn offered(app: &App<'_>, authenticator: &mut Browser) -> Shown {
    let mut browser = Page::new(&app.pool);
    let (options, fields) = offer(&browser.get(&app.page("login", &[])).await);
    let signed = authenticator.get_at(HERE, &options).await;
    send(&mut browser, app, &fields, &signed).await
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_passkey_alone_is_not_enough_where_two_factors_are_demanded(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    // MFA-1
    TestServer::run(db, async |server| {
        let pool = pool(server).await;
        let app = app(&pool, UserPoolMfaType::Optional).await;
        pool.admin_user("ada").await;
        let access = pool.sign_in("ada", PASSWORD).await.access_token().unwrap().to_owned();
        let mut authenticator = Browser::new(true);
        let created = authenticator.create(HERE, &begin(&pool, &access).await.unwrap()).await;
        complete(&pool, &access, &created).await.unwrap();
        let disabled = async |disable: bool| {
            let (aws, id) = (&server.aws, &pool.id);
            match disable {
                true => drop(aws.admin_disable_user().user_pool_id(id).username("ada").send().await.unwrap()),
                false => drop(aws.admin_enable_user().user_pool_id(id).username("ada").send().await.unwrap()),
            }
        };
        assert!(offered(&app, &mut authenticator).await.sent("code").is_some());
        disabled(true).await;
        let refused = offered(&app, &mut authenticator).await;
        assert!(refused.status == 200 && refused.text().contains("switched off"), "{}", refused.text());
        offer(&refused);
        let mut browser = Page::new(&pool);
        let (options, fields) = offer(&browser.get(&app.page("login", &[])).await);
        let signed = authenticator.get_at(HERE, &options).await;
        assert!(send(&mut browser, &app, &fields, &signed).await.text().contains("switched off"));
        disabled(false).await;
        // What was signed has served once, whatever came of it.
        let again = send(&mut browser, &app, &fields, &signed).await;
        assert!(again.text().contains("That took a little too long"), "{}", again.text());
        let access = pool.sign_in("ada", PASSWORD).await.access_token().unwrap().to_owned();
        crate::levels::set_up_app(&pool, &access).await;
        let on = SoftwareTokenMfaSettingsType::builder().enabled(true).build();
        let set = server.aws.set_user_mfa_preference().access_token(&access);
        set.software_token_mfa_settings(on).send().await.unwrap();
        let refused = offered(&app, &mut authenticator).await;
        assert!(refused.text().contains("That passkey did not work"), "{}", refused.text());
        // Where it is enough for nobody, it is not offered.
        let app = self::app(&pool, UserPoolMfaType::On).await;
        let page = Page::new(&pool).get(&app.page("login", &[])).await;
        assert!(page.status == 200 && !page.body.contains("data-passkey"), "{}", page.body);
    })
    .await;
}
