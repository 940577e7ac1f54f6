//! Codes that stand for a password, at the pages.

use aws_sdk_cognitoidentityprovider::types::{
    AuthFactorType, ExplicitAuthFlowsType, PreventUserExistenceErrorTypes, SignInPolicyType,
    UserPoolPolicyType, UsernameAttributeType, VerifiedAttributeType,
};

use super::*;
use crate::server::{Setup, attribute, email_of};

/// How long a server may go by a pool's settings of before.
const MEMORY: std::time::Duration = std::time::Duration::from_millis(900);

/// Policies that let users begin with a password or with something else.
fn beginning_with(factor: AuthFactorType) -> UserPoolPolicyType {
    let factors = SignInPolicyType::builder().allowed_first_auth_factors(AuthFactorType::Password);
    UserPoolPolicyType::builder().sign_in_policy(factors.allowed_first_auth_factors(factor).build()).build()
}

/// Lets the users of an app choose, and hides who is there.
async fn lets_choose(app: &App<'_>) {
    let update = app.update(&["openid"]).explicit_auth_flows(ExplicitAuthFlowsType::AllowUserAuth);
    let update = update.explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth);
    let hides = PreventUserExistenceErrorTypes::Enabled;
    update.prevent_user_existence_errors(hides).send().await.unwrap();
    tokio::time::sleep(MEMORY).await;
}

/// A code that stands for a password comes again as well, and where no more are sent, there is another way still.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn another_code_to_begin_with_may_be_had(_: PgPoolOptions, db: PgConnectOptions) {
    let setup = Setup { messages_per_pool: Some(16), ..Setup::development() };
    TestServer::run_as(setup, db, async |server| {
        let pool = server.user_pool().await;
        let update = server.aws.update_user_pool().user_pool_id(&pool.id);
        let update = update.policies(beginning_with(AuthFactorType::EmailOtp));
        update.auto_verified_attributes(VerifiedAttributeType::Email).send().await.unwrap();
        pool.confirmed_user("ada").await;
        let prove = server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username("ada");
        prove.user_attributes(attribute("email_verified", "true")).send().await.unwrap();
        let app = App::public(&pool).await;
        lets_choose(&app).await;
        let mut browser = Browser::new(&pool);
        // Somebody who is not there gets the same (ENU-1).
        for name in ["ada", "nobody"] {
            let page = app.opened(&mut browser, &[]).await;
            let (_, mut fields) = page.form();
            fields.push(("username".into(), name.into()));
            let choose = browser.post(&app.page("selectChallenge", &[]), &fields).await;
            let code = browser.submit(&choose, &[("choice", "EMAIL_OTP")]).await;
            let again = browser.press(&code, "Send a new code").await;
            assert!(again.text().contains("A new code is on its way"), "{name} {}", again.text());
            assert!(again.text().contains("We sent a code to"), "{name} {}", again.text());
            let wrong = browser.submit(&again, &[("code", "00000000")]).await;
            assert!(wrong.text().contains("That code is not right"), "{name} {}", wrong.text());
            if name == "ada" {
                let code = server.code_to(&email_of("ada")).await;
                let sent = browser.submit(&wrong, &[("code", &code)]).await;
                assert!(sent.sent("code").is_some(), "{}", sent.text());
                browser.cookies.retain(|name, _| !name.starts_with("cognate"));
                continue;
            }
            let mut refused = wrong;
            for _ in 0..20 {
                refused = browser.press(&refused, "Send a new code").await;
                if !refused.text().contains("A new code is on its way") {
                    break;
                }
            }
            assert!(refused.text().contains("Send a new code"), "{}", refused.text());
            assert!(!refused.text().contains("A new code is on its way"), "{}", refused.text());
            assert!(refused.text().contains("Sign in another way"), "{}", refused.text());
        }
    })
    .await;
}

/// ENU-1: what is said of somebody who is not there is made of the name that was given, whatever a pool's names are.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn codes_by_choice_do_not_tell_who_is_there(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        for (kind, factor, names, choice, masked) in [
            (
                UsernameAttributeType::Email,
                AuthFactorType::EmailOtp,
                ["ada@example.com", "amy@example.com"],
                "EMAIL_OTP",
                "a***@e***",
            ),
            (
                UsernameAttributeType::PhoneNumber,
                AuthFactorType::SmsOtp,
                ["+358401234567", "+358407654567"],
                "SMS_OTP",
                "+********4567",
            ),
        ] {
            let create = server.aws.create_user_pool().pool_name("names").username_attributes(kind.clone());
            let id =
                create.policies(beginning_with(factor)).send().await.unwrap().user_pool.unwrap().id.unwrap();
            let pool = TestPool { server, id, client: String::new() };
            let verified = match kind {
                UsernameAttributeType::Email => "email_verified",
                _ => "phone_number_verified",
            };
            let create = server.aws.admin_create_user().user_pool_id(&pool.id).username(names[0]);
            let create = create.user_attributes(attribute(verified, "true"));
            create.message_action("SUPPRESS".into()).send().await.unwrap();
            pool.set_password(names[0], PASSWORD, true).await;
            let app = App::public(&pool).await;
            lets_choose(&app).await;
            let mut browser = Browser::new(&pool);
            let mut said = Vec::new();
            for name in names {
                let page = app.opened(&mut browser, &[]).await;
                let (_, mut fields) = page.form();
                fields.push(("username".into(), name.into()));
                let choose = browser.post(&app.page("selectChallenge", &[]), &fields).await;
                let code = browser.submit(&choose, &[("choice", choice)]).await;
                assert!(
                    code.text().contains(&format!("We sent a code to {masked}")),
                    "{name} {}",
                    code.text()
                );
                let again = browser.press(&code, "Send a new code").await;
                said.push([choose, code, again].map(|page| page.text()));
            }
            assert_eq!(said[0], said[1]);
        }
    })
    .await;
}
