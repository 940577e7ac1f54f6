//! `/account`: what people see and change of their own account at the pages.

use std::time::Duration;

use aws_sdk_cognitoidentityprovider::types::{
    AttributeDataType, EmailMfaConfigType, OAuthFlowType, SchemaAttributeType, SoftwareTokenMfaConfigType,
    UserPoolMfaType, VerifiedAttributeType,
};
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::authorization::{App, CALLBACK};
use crate::browser::{Browser, Page};
use crate::second_factors::App as Authenticator;
use crate::security::signing::{Key, call};
use crate::server::{OTHER_PASSWORD, PASSWORD, Setup, TestPool, TestServer, attribute, email_of, own_sender};

/// Longer than a server remembers a pool's settings.
const MEMORY: Duration = Duration::from_millis(900);
const SELF_SERVICE: &str = "aws.cognito.signin.user.admin";

/// A client whose users may change what they say of themselves.
async fn app<'a>(pool: &TestPool<'a>) -> App<'a> {
    App::with(pool, &[OAuthFlowType::Code], &["openid", SELF_SERVICE], false).await
}

fn own(app: &App<'_>, page: &str) -> String {
    format!("/{}/{page}?client_id={}", app.pool.id, app.pool.client)
}

/// Opens an account by way of the sign-in page.
async fn opened(app: &App<'_>, browser: &mut Browser, username: &str, password: &str) -> Page {
    let sent = browser.get(&own(app, "account")).await;
    let page = browser.get(sent.location()).await;
    let sent = browser.submit(&page, &[("username", username), ("password", password)]).await;
    assert!(sent.location().contains("/account?"), "{}", sent.location());
    let page = browser.get(sent.location()).await;
    assert!(page.text().contains(&format!("You are signed in as {username}.")), "{}", page.text());
    page
}

/// Sends a form of an account's, with the token of a page of it.
async fn act(browser: &mut Browser, page: &Page, to: &str, fields: &[(&str, &str)]) -> Page {
    let (action, mut all) = page.form();
    all.retain(|(name, _)| name == "_csrf");
    all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let (path, query) = action.split_once('?').unwrap();
    let pool = path.split('/').nth(1).unwrap();
    browser.post(&format!("/{pool}/account/{to}?{query}"), &all).await
}

fn assert_says(page: &Page, words: &str) {
    assert!(page.status == 200 && page.text().contains(words), "{words}: {} {}", page.status, page.text());
}

async fn attribute_of(app: &App<'_>, username: &str, name: &str) -> Option<String> {
    let aws = &app.pool.server.aws;
    let user = aws.admin_get_user().user_pool_id(&app.pool.id).username(username).send().await.unwrap();
    let found = user.user_attributes().iter().find(|it| it.name() == name)?;
    found.value().map(str::to_owned)
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_account_is_its_users_alone(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        for name in ["ada", "bob"] {
            pool.confirmed_user(name).await;
        }
        let app = app(&pool).await;
        let nobody = Browser::new(&pool).get(&format!("/{}/account", pool.id)).await;
        assert_eq!(nobody.status, 400, "{}", nobody.text());
        let mut browser = Browser::new(&pool);
        let page = opened(&app, &mut browser, "ada", PASSWORD).await;
        assert_says(&page, &email_of("ada"));
        assert!(page.headers["cache-control"].to_str().unwrap().contains("no-store"));
        // Who names no client comes to the one that they signed in through.
        let sent = browser.get(&format!("/{}/account", pool.id)).await;
        assert!(sent.location().ends_with(&own(&app, "account")), "{}", sent.location());
        // A request of an app's leads back to the app, whatever it says of pages; the account stays what it is.
        let sent = browser.get(&app.authorize(&[("page", "account")])).await;
        assert!(sent.sent("code").is_some(), "{}", sent.location());
        let sent = browser.get(&app.authorize(&[("page", "account"), ("response_type", "-")])).await;
        assert_eq!((sent.sent("code"), sent.sent("error").as_deref()), (None, Some("invalid_request")));
        let more = [("page", "account"), ("response_type", "-"), ("id_token_hint", "none"), ("max_age", "0")];
        assert_says(&browser.get(&app.page("account", &more)).await, "Your account");
        assert!(browser.get(&own(&app, "account/remove")).await.location().contains("/account?"));
        let page = browser.get(&app.page("account", &[])).await;
        assert_says(&page, "Your account");

        // HUI-3: the form of another browser, or of another page, is not taken.
        let mut other = Browser::new(&pool);
        let theirs = opened(&app, &mut other, "bob", PASSWORD).await;
        let removal = [("kind", "everywhere"), ("confirmed", "1")];
        let refused = act(&mut browser, &theirs, "remove", &removal).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
        assert_says(&browser.get(&own(&app, "account")).await, "Your account");
        // Nobody who is signed out changes anything.
        let (action, form) = page.form();
        let signed_out = Browser::new(&pool);
        let answer = signed_out.request(&action.replace("/account/profile", "/account/remove")).form(&form);
        assert_eq!(answer.send().await.unwrap().status(), 403);
    })
    .await;
}

/// COD-4: at the page, too, a client's users read and write what it may, and only where their tokens would entitle to it.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn people_change_what_their_client_lets_them(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let role = SchemaAttributeType::builder()
            .name("role")
            .attribute_data_type(AttributeDataType::String)
            .mutable(true)
            .build();
        let create = server.aws.create_user_pool().pool_name("own").schema(role);
        let made = create.auto_verified_attributes(VerifiedAttributeType::Email).send().await.unwrap();
        let id = made.user_pool.unwrap().id.unwrap();
        let pool = TestPool { server, id, client: String::new() };
        pool.admin_user("ada").await;
        let update = server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username("ada");
        let update = update.user_attributes(attribute("nickname", "Countess"));
        let update = update.user_attributes(attribute("email", &email_of("ada")));
        let update = update.user_attributes(attribute("email_verified", "true"));
        update.user_attributes(attribute("custom:role", "reader")).send().await.unwrap();
        let app = app(&pool).await;
        let mut browser = Browser::new(&pool);
        let page = opened(&app, &mut browser, "ada", PASSWORD).await;
        assert_says(&page, "Countess");
        let profile = browser.get(&own(&app, "account/profile")).await;
        // What an owner invented is theirs to set, unless they say otherwise.
        assert!(profile.body.contains("attribute.nickname") && !profile.body.contains("custom:role"));
        let email = email_of("ada");
        let fields = [("attribute.email", &*email), ("attribute.custom:role", "owner")];
        let saved = browser.submit(&profile, &fields).await;
        assert_says(&saved, "Your changes were saved.");
        assert_eq!(attribute_of(&app, "ada", "nickname").await, None, "the field was empty");
        // What changed since the form was shown stays, if the form leaves it as it was.
        let update = server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username("ada");
        update.user_attributes(attribute("nickname", "Lady")).send().await.unwrap();
        let profile = browser.get(&own(&app, "account/profile")).await;
        let update = server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username("ada");
        update.user_attributes(attribute("nickname", "Enchantress")).send().await.unwrap();
        let fields =
            [("attribute.email", &*email), ("attribute.nickname", "Lady"), ("attribute.name", "Ada")];
        assert_says(&browser.submit(&profile, &fields).await, "Your changes were saved.");
        assert_eq!(attribute_of(&app, "ada", "nickname").await.as_deref(), Some("Enchantress"));
        assert_eq!(attribute_of(&app, "ada", "name").await.as_deref(), Some("Ada"));
        assert_eq!(attribute_of(&app, "ada", "custom:role").await.as_deref(), Some("reader"));

        // A new address is proven by its code.
        let wrong = browser.submit(&profile, &[("attribute.email", "no address")]).await;
        assert_says(&wrong, "Email address: please enter an address such as ada@example.com.");
        let sent = browser.submit(&profile, &[("attribute.email", "new@example.com")]).await;
        assert_says(&sent, "Confirm your address");
        let wrong = browser.submit(&sent, &[("code", "000000")]).await;
        assert_says(&wrong, "That code is not right");
        let code = server.code_to("new@example.com").await;
        let proven = browser.submit(&wrong, &[("code", &code)]).await;
        assert_says(&proven, "Your address is confirmed.");
        assert_eq!(attribute_of(&app, "ada", "email_verified").await.as_deref(), Some("true"));

        // A client that names what may be written and read, and one whose users' tokens entitle to nothing of it.
        let listing = server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("Listing");
        let listing = listing
            .allowed_o_auth_flows_user_pool_client(true)
            .allowed_o_auth_flows(OAuthFlowType::Code)
            .allowed_o_auth_scopes(SELF_SERVICE)
            .callback_urls("https://app.example.com/cb")
            .supported_identity_providers("COGNITO")
            .set_read_attributes(Some(vec!["custom:role".into(), "email".into()]))
            .set_write_attributes(Some(vec!["custom:role".into(), "name".into()]));
        let client = listing.send().await.unwrap().user_pool_client.unwrap().client_id.unwrap();
        let listing = App { pool: TestPool { server, id: pool.id.clone(), client }, secret: None };
        let profile = browser.get(&own(&listing, "account/profile")).await;
        let offered = |name: &str| profile.body.contains(&format!("name=\"attribute.{name}\""));
        assert!(offered("custom:role") && !offered("email") && !offered("name"), "{}", profile.body);
        // Whoever signs up may say it there as well, and through no other client.
        let page = browser.get(&app.page("signup", &[])).await;
        assert!(page.status == 200 && !page.body.contains("custom:role"), "{}", page.text());
        let page = browser.get(&listing.page("signup", &[])).await;
        let fields = [("username", "eve"), ("attribute.custom:role", "writer"), ("password", PASSWORD)];
        let made = browser.submit(&page, &fields).await;
        assert_eq!(made.status, 200, "{}", made.text());
        assert_eq!(attribute_of(&app, "eve", "custom:role").await.as_deref(), Some("writer"));
        // A client whose tokens may do nothing of it shows no account, unless its owner says so.
        let plain = App::public(&pool).await;
        for page in ["account", "account/profile", "account/password"] {
            let page = browser.get(&own(&plain, page)).await;
            assert!(page.status == 403 && page.text().contains("No account page here"), "{}", page.text());
        }
        plain.configure("account", "on").await;
        assert_says(&browser.get(&own(&plain, "account")).await, "Your account");
    })
    .await;
}

/// A sign-in of a while ago shows an account, and changes nothing of it.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn who_changes_something_has_just_signed_in(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = app(&pool).await;
        let mut browser = Browser::new(&pool);
        opened(&app, &mut browser, "ada", PASSWORD).await;
        server.clock.advance(chrono::Duration::minutes(16));
        let page = browser.get(&own(&app, "account")).await;
        assert_says(&page, "You are signed in as ada.");
        let removal = [("kind", "everywhere"), ("confirmed", "1")];
        let password = [("current", PASSWORD), ("password", OTHER_PASSWORD)];
        for (to, fields) in [("remove", &removal), ("password", &password)] {
            let sent = act(&mut browser, &page, to, fields).await;
            assert!(sent.location().contains("/login?") && sent.location().contains("prompt=login"));
        }
        // They come back to the form that they were at.
        let passkey = format!("{}&redirect_uri={CALLBACK}", own(&app, "passkeys/add"));
        for (form, back) in [
            (own(&app, "account/profile"), "/account/profile?"),
            (own(&app, "account/password"), "/account/password?"),
            (format!("{passkey}&page=account"), "/account?"),
            (passkey, "/passkeys/add?"),
        ] {
            server.clock.advance(chrono::Duration::minutes(16));
            let sent = browser.get(&form).await;
            assert!(sent.location().contains("/login?"), "{form}: {}", sent.location());
            let login = browser.get(sent.location()).await;
            let sent = browser.submit(&login, &[("username", "ada"), ("password", PASSWORD)]).await;
            assert!(sent.location().contains(back), "{}", sent.location());
            assert!(!sent.location().contains("prompt"), "{}", sent.location());
        }
        let page = browser.get(&own(&app, "account/password")).await;
        assert_says(&act(&mut browser, &page, "password", &password).await, "Your password was changed.");
    })
    .await;
}

/// TOK-7: whoever changes a password is signed out everywhere but where they did.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn passwords_are_changed_by_who_knows_them(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = app(&pool).await;
        let (mut browser, mut other) = (Browser::new(&pool), Browser::new(&pool));
        opened(&app, &mut other, "ada", PASSWORD).await;
        opened(&app, &mut browser, "ada", PASSWORD).await;
        let form = browser.get(&own(&app, "account/password")).await;
        for (current, new, said) in [
            ("wrong", OTHER_PASSWORD, "That is not your current password"),
            (PASSWORD, "weak", "That password is not"),
        ] {
            let refused = browser.submit(&form, &[("current", current), ("password", new)]).await;
            assert!(refused.status == 200 && refused.body.contains("aria-invalid"), "{}", refused.text());
            assert!(refused.text().contains(said) || new == "weak", "{}", refused.text());
        }
        let changed = browser.submit(&form, &[("current", PASSWORD), ("password", OTHER_PASSWORD)]).await;
        assert_says(&changed, "Your password was changed.");
        assert_says(&browser.get(&own(&app, "account")).await, "You are signed in as ada.");
        assert!(other.get(&own(&app, "account")).await.location().contains("/login?"));

        let asked = act(&mut browser, &changed, "remove", &[("kind", "everywhere")]).await;
        assert_says(&asked, "Sign out everywhere?");
        assert_says(&browser.get(&own(&app, "account")).await, "You are signed in as ada.");
        let gone = browser.submit(&asked, &[]).await;
        assert_says(&gone, "You are signed out");
        assert!(browser.get(&own(&app, "account")).await.location().contains("/login?"));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn second_factors_are_set_up_and_the_last_stays_where_one_is_demanded(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        // Codes for second factors need a sender of the owner's.
        let update = server.aws.update_user_pool().user_pool_id(&pool.id);
        update.email_configuration(own_sender()).send().await.unwrap();
        let demand = async |requirement: UserPoolMfaType| {
            let set = server.aws.set_user_pool_mfa_config().user_pool_id(&pool.id);
            let app = SoftwareTokenMfaConfigType::builder().enabled(true).build();
            let email = EmailMfaConfigType::builder().build();
            let set = set.software_token_mfa_configuration(app).email_mfa_configuration(email);
            set.mfa_configuration(requirement).send().await.unwrap();
            tokio::time::sleep(MEMORY).await;
        };
        demand(UserPoolMfaType::Optional).await;
        let app = app(&pool).await;
        let mut browser = Browser::new(&pool);
        let page = opened(&app, &mut browser, "ada", PASSWORD).await;
        let setting_up = act(&mut browser, &page, "app", &[]).await;
        assert!(setting_up.body.contains("<svg"), "{}", setting_up.text());
        let wrong = browser.submit(&setting_up, &[("code", "000000")]).await;
        assert_says(&wrong, "That code is not right");
        let key = wrong.form().1.into_iter().find(|(name, _)| name == "key").unwrap().1;
        let authenticator = Authenticator::new(&key);
        let on = browser.submit(&wrong, &[("code", &authenticator.code(server))]).await;
        assert_says(&on, "asked for a second step");
        let on = act(&mut browser, &on, "factor", &[("factor", "EMAIL_OTP"), ("act", "on")]).await;
        assert_says(&on, "Ask for this first");
        let first = act(&mut browser, &on, "factor", &[("factor", "EMAIL_OTP"), ("act", "first")]).await;
        assert_says(&first, "Asked for first");

        let profile = browser.get(&own(&app, "account/profile")).await;
        let gone = browser.submit(&profile, &[("attribute.email", "")]).await;
        assert_says(&gone, "Codes at sign-in go to that address.");

        demand(UserPoolMfaType::On).await;
        // The session is of one factor: the pool demands two now.
        assert!(browser.get(&own(&app, "account")).await.location().contains("/login?"));
        server.clock.advance(chrono::Duration::seconds(60));
        let sent = browser.get(&own(&app, "account")).await;
        let login = browser.get(sent.location()).await;
        let code = browser.submit(&login, &[("username", "ada"), ("password", PASSWORD)]).await;
        let sent = browser.submit(&code, &[("code", &server.code_to(&email_of("ada")).await)]).await;
        let page = browser.get(sent.location()).await;
        let off = [("kind", "factor"), ("id", "EMAIL_OTP"), ("confirmed", "1")];
        assert_says(&act(&mut browser, &page, "remove", &off).await, "no longer be asked for that");
        let last = [("kind", "factor"), ("id", "SOFTWARE_TOKEN_MFA"), ("confirmed", "1")];
        assert_says(&act(&mut browser, &page, "remove", &last).await, "Turn on another one first.");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn sessions_elsewhere_are_seen_and_ended(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        for name in ["ada", "bob"] {
            pool.confirmed_user(name).await;
        }
        let body = json!({
            "UserPoolId": pool.id, "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": 20 },
        });
        let track = call(server, "SetUserPoolSessionConfiguration", body);
        assert_eq!(track.send(server, &Key::new(server).await).await.status, 200);
        tokio::time::sleep(MEMORY).await;
        let app = app(&pool).await;
        let (mut browser, mut other, mut bobs) =
            (Browser::new(&pool), Browser::new(&pool), Browser::new(&pool));
        let sent = app.signed_in(&mut other, "ada", &[]).await;
        let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
        let page = opened(&app, &mut browser, "ada", PASSWORD).await;
        assert_eq!(page.body.matches("This browser").count(), 1);
        let ids = regex::Regex::new(r#"name="id" value="(sso\w+)""#).unwrap();
        let listed: Vec<_> = ids.captures_iter(&page.body).map(|it| it[1].to_owned()).collect();
        assert_eq!(listed.len(), 1, "the app's session is its browser's: {}", page.body);

        // A2: another user's session is none of theirs.
        let bobs_page = opened(&app, &mut bobs, "bob", PASSWORD).await;
        let ended = [("kind", "session"), ("id", &*listed[0]), ("confirmed", "1")];
        act(&mut bobs, &bobs_page, "remove", &ended).await;
        assert!(other.get(&app.authorize(&[])).await.sent("code").is_some());
        let done = act(&mut browser, &page, "remove", &ended).await;
        assert_says(&done, "You are signed out there.");
        assert!(other.get(&app.authorize(&[])).await.location().contains("/login?"));
        assert_eq!(app.userinfo(tokens["access_token"].as_str().unwrap()).await.0, 401);
    })
    .await;
}
