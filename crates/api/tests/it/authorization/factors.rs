//! Second factors at the pages: those that are set up on the way in, another one than the first, and another code.

use aws_sdk_cognitoidentityprovider::types::{
    AttributeType, ChallengeNameType, EmailMfaConfigType, EmailMfaSettingsType, SmsConfigurationType,
    SmsMfaConfigType, SmsMfaSettingsType, SoftwareTokenMfaConfigType, SoftwareTokenMfaSettingsType,
    UserPoolMfaType, VerifiedAttributeType,
};

use super::*;
use crate::second_factors::App as Authenticator;
use crate::server::{Setup, attribute, email_of, own_sender};

const NUMBER: &str = "+358401234567";

/// How long a server may go by a pool's settings of before.
const MEMORY: std::time::Duration = std::time::Duration::from_millis(900);

impl TestPool<'_> {
    /// A second factor by text message, and others.
    async fn with_factors(&self, demanded: UserPoolMfaType, has_app: bool, has_email: bool) {
        let sms = SmsConfigurationType::builder().sns_caller_arn("arn:aws:iam::000000000000:role/sms");
        let sms = SmsMfaConfigType::builder().sms_configuration(sms.build()).build();
        let email = EmailMfaConfigType::builder().build();
        let app = SoftwareTokenMfaConfigType::builder().enabled(true).build();
        let update = self.server.aws.update_user_pool().user_pool_id(&self.id);
        let update = update.email_configuration(own_sender());
        update.auto_verified_attributes(VerifiedAttributeType::Email).send().await.unwrap();
        let set = self.server.aws.set_user_pool_mfa_config().user_pool_id(&self.id);
        let set = set.mfa_configuration(demanded).sms_mfa_configuration(sms);
        let set = set.set_software_token_mfa_configuration(has_app.then_some(app));
        set.set_email_mfa_configuration(has_email.then_some(email)).send().await.unwrap();
        tokio::time::sleep(MEMORY).await;
    }

    async fn attribute_of(&self, name: &str, attribute: &str) -> Option<String> {
        let user = self.server.aws.admin_get_user().user_pool_id(&self.id).username(name).send();
        let attributes = user.await.unwrap().user_attributes.unwrap();
        attributes.into_iter().find(|it: &AttributeType| it.name() == attribute)?.value
    }
}

/// A telephone is set up with a code to it, which proves it. The API has administrators give numbers, as Cognito's has.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_telephone_is_set_up_on_the_way_in(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        pool.with_factors(UserPoolMfaType::On, true, false).await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let page = app.opened(&mut browser, &[]).await;
        let page = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        assert!(page.text().contains("Authenticator app Text message"), "{}", page.text());
        let page = browser.submit(&page, &[("choice", "SMS_MFA")]).await;
        assert!(page.text().contains("Which phone number should we send codes to?"), "{}", page.text());
        let wrong = browser.submit(&page, &[("address", "0401234567")]).await;
        assert!(wrong.text().contains("a number with its country code"), "{}", wrong.text());
        assert!(wrong.body.contains(r#"value="0401234567""#), "{}", wrong.body);
        assert!(wrong.body.contains(r#"aria-describedby="address-error address-hint""#), "{}", wrong.body);
        let code = browser.submit(&wrong, &[("address", "+358 40 123 45 67")]).await;
        assert!(code.text().contains("We sent a code to +********4567"), "{}", code.text());
        let first = server.code_to(NUMBER).await;
        let another = browser.press(&code, "Send a new code").await;
        assert!(another.text().contains("A new code is on its way"), "{}", another.text());
        let second = server.code_to(NUMBER).await;
        assert_ne!(first, second);
        assert_eq!(pool.attribute_of("ada", "phone_number").await, None, "nothing is proven yet");
        let wrong = browser.submit(&another, &[("code", &first)]).await;
        assert!(wrong.text().contains("That code is not right"), "{}", wrong.text());
        let sent = browser.submit(&wrong, &[("code", &second)]).await;
        assert!(sent.sent("code").is_some(), "{}", sent.text());
        assert_eq!(pool.attribute_of("ada", "phone_number").await.as_deref(), Some(NUMBER));
        assert_eq!(pool.attribute_of("ada", "phone_number_verified").await.as_deref(), Some("true"));

        // From now on she is asked for it, and sets up nothing in its place (MFA-2).
        let page = app.opened(&mut browser, &[("prompt", "login")]).await;
        let page = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        assert!(page.text().contains("We sent a code to +********4567"), "{}", page.text());
        assert!(!page.text().contains("Another way"), "{}", page.text());

        pool.admin_user("grace").await;
        let challenged = pool.password_auth("grace", PASSWORD).send().await.unwrap();
        assert_eq!(challenged.challenge_name, Some(ChallengeNameType::MfaSetup));
        let offered = &challenged.challenge_parameters.unwrap()["MFAS_CAN_SETUP"];
        assert_eq!(offered, r#"["SOFTWARE_TOKEN_MFA"]"#);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn where_a_telephone_is_all_there_is_it_is_set_up_at_the_pages(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        pool.with_factors(UserPoolMfaType::On, false, false).await;
        let refused = crate::server::said(pool.password_auth("ada", PASSWORD).send().await.unwrap_err());
        assert_eq!(refused.0, "InvalidUserPoolConfigurationException");
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let page = app.opened(&mut browser, &[]).await;
        let page = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        let code = browser.submit(&page, &[("address", NUMBER)]).await;
        let sent = browser.submit(&code, &[("code", &server.code_to(NUMBER).await)]).await;
        assert!(sent.sent("code").is_some(), "{}", sent.text());
    })
    .await;
}

/// Who has several factors may give another one than the one that they are asked for first, and have another code sent.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn another_factor_or_another_code_may_be_had(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let prove = server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username("ada");
        let prove = prove.user_attributes(attribute("email_verified", "true"));
        let prove = prove.user_attributes(attribute("phone_number", NUMBER));
        prove.user_attributes(attribute("phone_number_verified", "true")).send().await.unwrap();
        pool.with_factors(UserPoolMfaType::Optional, true, true).await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let access = tokens.access_token().unwrap();
        let key = server.aws.associate_software_token().access_token(access).send().await.unwrap();
        let authenticator = Authenticator::new(&key.secret_code.unwrap());
        let verify = server.aws.verify_software_token().access_token(access);
        verify.user_code(authenticator.code(server)).send().await.unwrap();
        let prefers = server.aws.set_user_mfa_preference().access_token(access);
        let token = SoftwareTokenMfaSettingsType::builder().enabled(true).preferred_mfa(true).build();
        let prefers = prefers.software_token_mfa_settings(token);
        prefers.sms_mfa_settings(SmsMfaSettingsType::builder().enabled(true).build()).send().await.unwrap();

        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let first = app.opened(&mut browser, &[]).await;
        let page = browser.submit(&first, &[("username", "ada"), ("password", PASSWORD)]).await;
        assert!(page.text().contains("your authenticator app shows"), "{}", page.text());
        assert!(page.text().contains("Another way: Text message"), "{}", page.text());
        assert!(!page.text().contains("Send a new code"), "{}", page.text());
        // What was not switched on is not offered, and an app has no other code.
        let (_, fields) = page.form();
        for choice in ["EMAIL_OTP", "SOFTWARE_TOKEN_MFA", ""] {
            let mut fields = fields.clone();
            fields.push(("choice".into(), choice.into()));
            let refused = browser.post(&app.page("selectMFA", &[]), &fields).await;
            assert!(refused.text().contains("sign in again"), "{choice} {}", refused.text());
        }
        let wrong = browser.submit(&page, &[("code", "000000")]).await;
        assert!(wrong.text().contains("Another way: Text message"), "{}", wrong.text());
        let code = browser.press(&wrong, "Text message").await;
        assert!(code.text().contains("We sent a code to +********4567"), "{}", code.text());
        assert!(code.text().contains("Another way: Authenticator app"), "{}", code.text());
        let old = server.code_to(NUMBER).await;
        let again = browser.press(&code, "Send a new code").await;
        assert!(again.text().contains("A new code is on its way"), "{}", again.text());
        let new = server.code_to(NUMBER).await;
        let refused = browser.submit(&again, &[("code", &old)]).await;
        assert!(refused.text().contains("That code is not right"), "{}", refused.text());
        let back = browser.press(&refused, "Authenticator app").await;
        assert!(back.text().contains("your authenticator app shows"), "{}", back.text());
        let code = browser.press(&back, "Text message").await;
        assert_ne!(server.code_to(NUMBER).await, new);
        let sent = browser.submit(&code, &[("code", &server.code_to(NUMBER).await)]).await;
        assert!(sent.sent("code").is_some(), "{}", sent.text());
        // The pages of that sign-in are of no use any more.
        let late = browser.press(&again, "Authenticator app").await;
        assert!(late.text().contains("sign in again"), "{}", late.text());

        // Sessions of the API do not go back.
        let challenged = pool.password_auth("ada", PASSWORD).send().await.unwrap();
        assert_eq!(challenged.challenge_name, Some(ChallengeNameType::SoftwareTokenMfa));
        let respond = server.aws.respond_to_auth_challenge().client_id(&pool.client);
        let respond = respond.set_session(challenged.session).challenge_responses("USERNAME", "ada");
        let respond = respond.challenge_name(ChallengeNameType::SelectMfaType);
        let refused = respond.challenge_responses("ANSWER", "SMS_MFA").send().await.unwrap_err();
        assert_eq!(crate::server::said(refused).0, "NotAuthorizedException");
    })
    .await;
}

/// What is switched off meanwhile is not taken any more, and nobody holds a sign-in open by changing their mind.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_sign_in_ends_however_often_its_user_changes_their_mind(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let prove = server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username("ada");
        let prove = prove.user_attributes(attribute("email_verified", "true"));
        prove.user_attributes(attribute("phone_number", NUMBER)).send().await.unwrap();
        pool.with_factors(UserPoolMfaType::Optional, true, true).await;
        let prefer = async |sms: bool| {
            let sms = SmsMfaSettingsType::builder().enabled(sms).build();
            let email = EmailMfaSettingsType::builder().enabled(true).preferred_mfa(true).build();
            let prefer = server.aws.admin_set_user_mfa_preference().user_pool_id(&pool.id).username("ada");
            prefer.sms_mfa_settings(sms).email_mfa_settings(email).send().await.unwrap();
        };
        prefer(true).await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let first = app.opened(&mut browser, &[]).await;
        let start = async |browser: &mut Browser| {
            browser.submit(&first, &[("username", "ada"), ("password", PASSWORD)]).await
        };
        let page = start(&mut browser).await;
        assert!(page.text().contains("Another way: Text message"), "{}", page.text());
        prefer(false).await;
        let refused = browser.press(&page, "Text message").await;
        assert!(refused.text().contains("sign in again"), "{}", refused.text());
        prefer(true).await;
        let mut page = start(&mut browser).await;
        for minutes in 1.. {
            server.clock.advance(chrono::Duration::minutes(2));
            let way = if minutes % 2 == 1 { "Text message" } else { "Email" };
            page = browser.press(&page, way).await;
            if page.text().contains("sign in again") {
                assert_eq!(minutes, 8, "two minutes each, and a quarter of an hour in all");
                break;
            }
        }
    })
    .await;
}

/// Where the factor that somebody wants cannot be given, another one is asked for, of which another code may be had as well.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn another_code_of_a_factor_that_stands_in_may_be_had(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let prove = server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username("ada");
        prove.user_attributes(attribute("phone_number", NUMBER)).send().await.unwrap();
        pool.with_factors(UserPoolMfaType::On, false, true).await;
        let prefer = server.aws.admin_set_user_mfa_preference().user_pool_id(&pool.id).username("ada");
        let sms = SmsMfaSettingsType::builder().enabled(true).build();
        prefer.sms_mfa_settings(sms).send().await.unwrap();
        let gone = server.aws.admin_delete_user_attributes().user_pool_id(&pool.id).username("ada");
        gone.user_attribute_names("phone_number").send().await.unwrap();
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let page = app.opened(&mut browser, &[]).await;
        let page = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        assert!(page.text().contains("We sent a code to a***@e***"), "{}", page.text());
        let again = browser.press(&page, "Send a new code").await;
        assert!(again.text().contains("A new code is on its way"), "{}", again.text());
        let sent = browser.submit(&again, &[("code", &server.code_to(&email_of("ada")).await)]).await;
        assert!(sent.sent("code").is_some(), "{}", sent.text());
    })
    .await;
}

/// COD-4: a number is given by who may write it.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_number_is_given_by_who_may_write_it(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        pool.with_factors(UserPoolMfaType::On, true, false).await;
        let app = App::public(&pool).await;
        app.update(&["openid"]).write_attributes("name").send().await.unwrap();
        tokio::time::sleep(MEMORY).await;
        let mut browser = Browser::new(&pool);
        let page = app.opened(&mut browser, &[]).await;
        let page = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        assert!(page.text().contains("Set up your authenticator app"), "{}", page.text());
        let (_, mut fields) = page.form();
        for (name, value) in [("choice", "SMS_MFA"), ("address", NUMBER)] {
            fields.push((name.into(), value.into()));
        }
        let refused = browser.post(&app.page("setupMFA", &[]), &fields).await;
        assert!(!refused.text().contains("We sent a code"), "{}", refused.text());
        assert!(server.message_to(NUMBER).await.is_none());
    })
    .await;
}

/// Where no more codes are sent, the one that was is still taken.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_code_is_still_taken_where_no_more_are_sent(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let prove = server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username("ada");
        prove.user_attributes(attribute("email_verified", "true")).send().await.unwrap();
        let update = server.aws.update_user_pool().user_pool_id(&pool.id);
        let update = update.email_configuration(own_sender());
        update.auto_verified_attributes(VerifiedAttributeType::Email).send().await.unwrap();
        let set = server.aws.set_user_pool_mfa_config().user_pool_id(&pool.id);
        let set = set.email_mfa_configuration(EmailMfaConfigType::builder().build());
        set.mfa_configuration(UserPoolMfaType::On).send().await.unwrap();
        tokio::time::sleep(MEMORY).await;
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let page = app.opened(&mut browser, &[]).await;
        let mut page = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        let mut sent = 1;
        while !page.text().contains("A lot is going on") {
            assert!(page.text().contains("We sent a code to"), "{}", page.text());
            page = browser.press(&page, "Send a new code").await;
            sent += 1;
        }
        assert_eq!(sent, 16, "fifteen an hour");
        assert!(page.text().contains("We sent a code to a***@e***"), "{}", page.text());
        let code = server.code_to(&email_of("ada")).await;
        let sent = browser.submit(&page, &[("code", &code)]).await;
        assert!(sent.sent("code").is_some(), "{}", sent.text());
    })
    .await;
}
