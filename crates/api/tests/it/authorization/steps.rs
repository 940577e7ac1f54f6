//! The steps between the first proof and the way back, at the pages.

use aws_sdk_cognitoidentityprovider::types::{
    AuthFactorType, ChallengeNameType, EmailMfaConfigType, SignInPolicyType, SoftwareTokenMfaConfigType,
    UserPoolMfaType, UserPoolPolicyType, UsernameAttributeType,
};

use super::*;
use crate::second_factors::App as Authenticator;
use crate::server::{OTHER_PASSWORD, Setup, attribute, email_of};

fn code_of(page: &Page, server: &TestServer) -> String {
    let key = page.form().1.into_iter().find(|(name, _)| name == "key").unwrap().1;
    code_at(&key, server)
}

fn code_at(key: &str, server: &TestServer) -> String {
    Authenticator::new(key).code(server)
}

/// MFA-1: nobody is in before every factor, which is set up on the way where it has to be.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_authenticator_app_is_set_up_and_asked_for(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let enabled = SoftwareTokenMfaConfigType::builder().enabled(true).build();
        let set = server.aws.set_user_pool_mfa_config().user_pool_id(&pool.id);
        set.software_token_mfa_configuration(enabled)
            .mfa_configuration(UserPoolMfaType::On)
            .send()
            .await
            .unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let page = app.opened(&mut browser, &[]).await;
        let page = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        assert!(page.text().contains("Set up your authenticator app"), "{}", page.text());
        assert!(page.body.contains("<svg") && !browser.cookies.keys().any(|it| it.starts_with("cognate-")));
        let wrong = browser.submit(&page, &[("code", "000000")]).await;
        assert!(wrong.text().contains("That code is not right"), "{}", wrong.text());
        let key = wrong.form().1.into_iter().find(|(name, _)| name == "key").unwrap().1;
        let sent = browser.submit(&wrong, &[("code", &code_of(&wrong, server))]).await;
        assert!(sent.sent("code").is_some(), "{}", sent.text());

        let mut browser = Browser::new(&pool);
        server.clock.advance(chrono::Duration::seconds(60));
        let first = app.opened(&mut browser, &[]).await;
        let page = browser.submit(&first, &[("username", "ada"), ("password", PASSWORD)]).await;
        assert!(page.text().contains("Enter the code that your authenticator app shows"), "{}", page.text());
        let page = browser.submit(&page, &[("code", "12 34 56")]).await;
        assert!(page.text().contains("That code is not right"), "{}", page.text());
        let code = code_at(&key, server);
        let sent = browser.submit(&page, &[("code", &code)]).await;
        assert!(sent.sent("code").is_some(), "{}", sent.text());
        // Sent twice.
        let again = browser.submit(&page, &[("code", &code)]).await;
        assert!(again.status == 200 && again.text().contains("sign in again"), "{}", again.text());

        // Where the pool has come to demand more, a browser that gave less is asked.
        let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
        assert!(tokens["access_token"].is_string());
    })
    .await;
}

/// A session that begins at a page ends at one, and one of the API's there (the two prove different things about the client).
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_began_at_a_page_ends_there(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        pool.set_password("ada", PASSWORD, false).await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let page = app.opened(&mut browser, &[]).await;
        let page = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        assert!(page.text().contains("Choose a new password"), "{}", page.text());
        let session = page.form().1.into_iter().find(|(name, _)| name == "session").unwrap().1;
        let respond = server.aws.respond_to_auth_challenge().client_id(&app.pool.client).session(session);
        let respond = respond.challenge_name(ChallengeNameType::NewPasswordRequired);
        let respond = respond.challenge_responses("USERNAME", "ada");
        let refused = respond.challenge_responses("NEW_PASSWORD", OTHER_PASSWORD).send().await.unwrap_err();
        assert_eq!(crate::server::said(refused).0, "NotAuthorizedException");

        let weak = browser.submit(&page, &[("password", "short")]).await;
        assert!(weak.text().contains("does not follow the rules below"), "{}", weak.text());
        assert!(weak.body.contains(r#"aria-describedby="newPassword-error""#));
        let sent = browser.submit(&weak, &[("password", OTHER_PASSWORD)]).await;
        assert!(sent.sent("code").is_some(), "{}", sent.text());

        let start = pool.password_auth("ada", OTHER_PASSWORD).send().await.unwrap();
        assert!(start.authentication_result.is_some());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn somebody_makes_an_account_and_comes_in(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = server.user_pool().await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let page = browser.get(&app.page("signup", &[])).await;
        assert!(page.text().contains("Create your account"), "{}", page.text());
        let email = email_of("carol");
        let fields = [("username", "carol"), ("attribute.email", email.as_str()), ("password", "weak")];
        let again = browser.submit(&page, &fields).await;
        assert!(again.text().contains("does not follow the rules"), "{}", again.text());
        assert!(
            again.body.contains(r#"value="carol""#) && again.body.contains(&format!("value=\"{email}\""))
        );
        let fields = [fields[0], fields[1], ("password", PASSWORD)];
        let confirm = browser.submit(&again, &fields).await;
        assert!(confirm.text().contains("We sent a code to c***@e***"), "{}", confirm.text());
        let taken = browser.submit(&again, &fields).await;
        assert!(taken.text().contains("There is an account of that name already"), "{}", taken.text());

        let wrong = browser.submit(&confirm, &[("code", "000000")]).await;
        assert!(wrong.text().contains("That code is not right"), "{}", wrong.text());
        let done = browser.submit(&wrong, &[("code", &server.code_to(&email).await)]).await;
        assert!(done.sent("code").is_some(), "{}", done.text());
        let (_, tokens) = app.exchange(&done.sent("code").unwrap(), &[]).await;
        assert!(tokens["access_token"].is_string(), "{tokens}");
        // The code was good once, for this browser and for every other.
        let again = browser.submit(&wrong, &[("code", &server.code_to(&email).await)]).await;
        assert!(again.text().contains("This account is confirmed already"), "{}", again.text());

        // Who has not confirmed is taken there when they sign in.
        let fields = [("username", "dave"), ("attribute.email", "dave@example.com"), ("password", PASSWORD)];
        browser.submit(&page, &fields).await;
        let page = app.opened(&mut browser, &[("prompt", "login")]).await;
        let page = browser.submit(&page, &[("username", "dave"), ("password", PASSWORD)]).await;
        assert!(page.text().contains("Confirm your account"), "{}", page.text());
        let done = browser.submit(&page, &[("code", &server.code_to("dave@example.com").await)]).await;
        assert!(done.text().contains("Your account is ready"), "{}", done.text());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn who_opens_the_address_of_a_step_begins_anew(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let app = App::public(&pool).await;
        for step in [
            "confirm",
            "resendcode",
            "confirmforgotPassword",
            "mfa",
            "selectMFA",
            "setupMFA",
            "newPassword",
            "selectChallenge",
            "passkey",
        ] {
            let mut browser = Browser::new(&pool);
            let sent = browser.get(&app.page(step, &[("state", "s")])).await;
            assert_eq!(sent.status, 302, "{step}");
            let page = browser.get(sent.location()).await;
            assert!(page.text().contains("Password") && sent.location().contains("state=s"), "{step}");
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_forgotten_password_is_replaced_by_a_code(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let page = browser.get(&app.page("forgotPassword", &[])).await;
        let page = browser.submit(&page, &[("username", "ada")]).await;
        assert!(page.text().contains("a***@e***"), "{}", page.text());
        let code = server.code_to(&email_of("ada")).await;
        let weak = browser.submit(&page, &[("code", &code), ("password", "weak")]).await;
        assert!(weak.text().contains("does not follow the rules"), "{}", weak.text());
        let wrong = browser.submit(&weak, &[("code", "000000"), ("password", OTHER_PASSWORD)]).await;
        assert!(wrong.text().contains("That code is not right"), "{}", wrong.text());
        let done = browser.submit(&wrong, &[("code", &code), ("password", OTHER_PASSWORD)]).await;
        assert!(done.text().contains("Your password was changed"), "{}", done.text());
        let sent = browser.submit(&done, &[("username", "ada"), ("password", OTHER_PASSWORD)]).await;
        assert!(sent.sent("code").is_some(), "{}", sent.text());
    })
    .await;
}

/// Sign-in by choice, where the client's users have one.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_user_chooses_a_code_by_email(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = server.user_pool().await;
        let policy = SignInPolicyType::builder();
        let policy = policy.allowed_first_auth_factors(AuthFactorType::Password);
        let policy = policy.allowed_first_auth_factors(AuthFactorType::EmailOtp).build();
        let policies = UserPoolPolicyType::builder().sign_in_policy(policy).build();
        let update = server.aws.update_user_pool().user_pool_id(&pool.id).policies(policies);
        update
            .auto_verified_attributes(aws_sdk_cognitoidentityprovider::types::VerifiedAttributeType::Email)
            .send()
            .await
            .unwrap();
        pool.confirmed_user("ada").await;
        let verified = server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username("ada");
        verified.user_attributes(attribute("email_verified", "true")).send().await.unwrap();
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let page = app.opened(&mut browser, &[]).await;
        assert!(!page.text().contains("Sign in another way"), "the client does not allow it");

        app.allow_choice().await;
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        let page = app.opened(&mut browser, &[]).await;
        assert!(page.text().contains("Sign in another way"), "{}", page.text());
        let (_, mut fields) = page.form();
        fields.push(("username".into(), "ada".into()));
        let choose = browser.post(&app.page("selectChallenge", &[]), &fields).await;
        assert!(choose.text().contains("Code by email"), "{}", choose.text());

        let password = browser.submit(&choose, &[("choice", "PASSWORD")]).await;
        assert!(password.text().contains("Enter your password"), "{}", password.text());
        let wrong = browser.submit(&password, &[("password", "wrong")]).await;
        assert!(wrong.text().contains("do not go together"), "{}", wrong.text());

        let code = browser.submit(&choose, &[("choice", "EMAIL_OTP")]).await;
        assert!(code.text().contains("We sent a code to a***@e***"), "{}", code.text());
        let sent = browser.submit(&code, &[("code", &server.code_to(&email_of("ada")).await)]).await;
        assert!(sent.sent("code").is_some(), "{}", sent.text());
    })
    .await;
}

/// Nobody is called a number at the pages who signs in with an address, and what they typed stays.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn people_are_called_what_they_sign_in_with(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let policy = SignInPolicyType::builder();
        let policy = policy.allowed_first_auth_factors(AuthFactorType::Password);
        let policy = policy.allowed_first_auth_factors(AuthFactorType::EmailOtp).build();
        let create = server.aws.create_user_pool().pool_name("addresses");
        let create = create.policies(UserPoolPolicyType::builder().sign_in_policy(policy).build());
        let made = create.username_attributes(UsernameAttributeType::Email).send().await.unwrap();
        let id = made.user_pool.unwrap().id.unwrap();
        let pool = TestPool { server, id, client: String::new() };
        let email = email_of("ada");
        pool.admin_user(&email).await;
        let verified = server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username(&email);
        verified.user_attributes(attribute("email_verified", "true")).send().await.unwrap();
        let app = App::public(&pool).await;
        app.allow_choice().await;
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;

        let mut browser = Browser::new(&pool);
        let page = app.opened(&mut browser, &[]).await;
        let (_, mut fields) = page.form();
        fields.push(("username".into(), email.clone()));
        let choose = browser.post(&app.page("selectChallenge", &[]), &fields).await;
        let password = browser.submit(&choose, &[("choice", "PASSWORD")]).await;
        assert!(password.text().contains(&format!("Enter your password {email}")), "{}", password.text());
        let wrong = browser.submit(&password, &[("password", "wrong")]).await;
        assert!(wrong.text().contains(&email), "{}", wrong.text());
        let code = browser.submit(&choose, &[("choice", "EMAIL_OTP")]).await;
        server.clock.advance(chrono::Duration::minutes(20));
        let over = browser.submit(&code, &[("code", "00000000")]).await;
        assert!(over.body.contains(&format!("value=\"{email}\"")), "{}", over.body);
        let sent = browser.submit(&over, &[("username", &email), ("password", PASSWORD)]).await;
        assert!(sent.sent("code").is_some(), "{}", sent.text());
        let known = browser.get(&app.page("login", &[])).await;
        assert!(known.text().contains(&format!("You are signed in as {email}.")), "{}", known.text());
    })
    .await;
}

/// Where codes by email are demanded, they go to a proven address.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn codes_by_email_are_asked_for(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let own = server.aws.update_user_pool().user_pool_id(&pool.id);
        let verified = aws_sdk_cognitoidentityprovider::types::VerifiedAttributeType::Email;
        let own = own.email_configuration(crate::server::own_sender()).auto_verified_attributes(verified);
        own.send().await.unwrap();
        let set = server.aws.set_user_pool_mfa_config().user_pool_id(&pool.id);
        let set = set
            .email_mfa_configuration(EmailMfaConfigType::builder().build())
            .software_token_mfa_configuration(SoftwareTokenMfaConfigType::builder().enabled(true).build());
        set.mfa_configuration(UserPoolMfaType::On).send().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let page = app.opened(&mut browser, &[]).await;
        let page = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        // Her address is proven, so codes go there at once.
        assert!(page.text().contains("We sent a code to a***@e***"), "{}", page.text());
        let sent = browser.submit(&page, &[("code", &server.code_to(&email_of("ada")).await)]).await;
        assert!(sent.sent("code").is_some(), "{}", sent.text());
    })
    .await;
}
