//! Changing and resetting passwords.

use aws_sdk_cognitoidentityprovider::types::{
    AccountRecoverySettingType, PasswordPolicyType, RecoveryOptionNameType, RecoveryOptionType,
    UserPoolPolicyType, VerifiedAttributeType,
};
use chrono::Duration;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{OTHER_PASSWORD, PASSWORD, TestPool, TestServer, email_of, said};

async fn reset(pool: &TestPool<'_>, username: &str, code: &str) -> Result<(), (String, String)> {
    let confirm = pool.server.aws.confirm_forgot_password().client_id(&pool.client).username(username);
    let confirmed = confirm.confirmation_code(code).password(OTHER_PASSWORD).send().await;
    confirmed.map(|_| ()).map_err(said)
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_signed_in_user_changes_their_password_knowing_the_old_one(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let token = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        let change = |previous: &str, proposed: &str| {
            let change = server.aws.change_password().access_token(&token);
            change.previous_password(previous).proposed_password(proposed).send()
        };
        assert_eq!(said(change("Wrong-1x", OTHER_PASSWORD).await.unwrap_err()).0, "NotAuthorizedException");
        assert_eq!(said(change(PASSWORD, "weak").await.unwrap_err()).0, "InvalidPasswordException");
        change(PASSWORD, OTHER_PASSWORD).await.unwrap();
        assert_eq!(
            said(pool.password_auth("ada", PASSWORD).send().await.unwrap_err()).0,
            "NotAuthorizedException"
        );
        pool.sign_in("ada", OTHER_PASSWORD).await;
        // The caller's own session goes on.
        server.aws.get_user().access_token(&token).send().await.unwrap();
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_forgotten_password_is_reset_by_code_once(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let forgot = || server.aws.forgot_password().client_id(&pool.client).username("ada").send();
        let delivery = forgot().await.unwrap().code_delivery_details.unwrap();
        assert_eq!(
            (delivery.destination.unwrap().as_str(), delivery.attribute_name.unwrap().as_str()),
            ("a***@e***", "email")
        );
        let code = server.code_to(&email_of("ada")).await;
        server.clock.advance(Duration::minutes(61));
        assert_eq!(reset(&pool, "ada", &code).await.unwrap_err().0, "ExpiredCodeException");

        forgot().await.unwrap();
        let code = server.code_to(&email_of("ada")).await;
        let confirm = server
            .aws
            .confirm_forgot_password()
            .client_id(&pool.client)
            .username("ada")
            .confirmation_code(&code);
        assert_eq!(said(confirm.password("weak").send().await.unwrap_err()).0, "InvalidPasswordException");
        reset(&pool, "ada", &code).await.unwrap();
        assert_eq!(reset(&pool, "ada", &code).await.unwrap_err().0, "ExpiredCodeException");
        pool.sign_in("ada", OTHER_PASSWORD).await;
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn messages_have_an_hourly_budget(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let forgot = || server.aws.forgot_password().client_id(&pool.client).username("ada").send();
        for _ in 0..5 {
            forgot().await.unwrap();
        }
        assert_eq!(
            said(forgot().await.unwrap_err()),
            ("LimitExceededException".into(), "Attempt limit exceeded, please try after some time.".into())
        );
        server.clock.advance(Duration::minutes(61));
        forgot().await.unwrap();
    })
    .await;
}

/// COD-2.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn reset_codes_go_to_verified_addresses_the_pool_allows(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.sign_up("ada").await;
        let forgot = || server.aws.forgot_password().client_id(&pool.client).username("ada").send();
        assert_eq!(
            said(forgot().await.unwrap_err()),
            (
                "InvalidParameterException".into(),
                "Cannot reset password for the user as there is no registered/verified email or phone_number"
                    .into()
            )
        );
        let only_admin = RecoveryOptionType::builder()
            .priority(1)
            .name(RecoveryOptionNameType::AdminOnly)
            .build()
            .unwrap();
        let recovery = AccountRecoverySettingType::builder().recovery_mechanisms(only_admin).build();
        let update = server.aws.update_user_pool().user_pool_id(&pool.id).account_recovery_setting(recovery);
        update.auto_verified_attributes(VerifiedAttributeType::Email).send().await.unwrap();
        assert_eq!(said(forgot().await.unwrap_err()).1, "Contact administrator to reset password.");
        let unknown = server.aws.forgot_password().client_id(&pool.client).username("nobody").send().await;
        assert_eq!(
            said(unknown.unwrap_err()),
            ("UserNotFoundException".into(), "Username/client id combination not found.".into())
        );
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_administrator_sets_passwords_for_good_or_for_now(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.sign_up("ada").await;
        pool.set_password("ada", OTHER_PASSWORD, true).await;
        pool.sign_in("ada", OTHER_PASSWORD).await;
        pool.set_password("ada", PASSWORD, false).await;
        let user = server.aws.admin_get_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert_eq!(user.user_status.unwrap().as_str(), "FORCE_CHANGE_PASSWORD");
        assert!(pool.password_auth("ada", PASSWORD).send().await.unwrap().session.is_some());
        let forgot =
            server.aws.forgot_password().client_id(&pool.client).username("ada").send().await.unwrap_err();
        assert_eq!(said(forgot).1, "User password cannot be reset in the current state.");
        let set =
            server.aws.admin_set_user_password().user_pool_id(&pool.id).username("nobody").password(PASSWORD);
        assert_eq!(said(set.send().await.unwrap_err()).1, "User does not exist.");
    })
    .await;
}

/// COD-2, TOK-7.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_administrator_demands_a_new_password(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        pool.admin_user("unreachable").await;
        let token = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        let reset_password =
            |name: &str| server.aws.admin_reset_user_password().user_pool_id(&pool.id).username(name).send();
        reset_password("ada").await.unwrap();
        let old = server.aws.get_user().access_token(&token).send().await.unwrap_err();
        assert_eq!(said(old).1, "Access Token has been revoked");
        // The demand is told to who knows the old password, which signs nobody in.
        assert_eq!(
            said(pool.password_auth("ada", PASSWORD).send().await.unwrap_err()),
            ("PasswordResetRequiredException".into(), "Password reset required for the user".into())
        );
        let wrong = said(pool.password_auth("ada", "Wrong-1234").send().await.unwrap_err());
        assert_eq!(wrong.1, "Incorrect username or password.");
        let code = server.code_to(&email_of("ada")).await;
        reset(&pool, "ada", &code).await.unwrap();
        pool.sign_in("ada", OTHER_PASSWORD).await;

        let refused = said(reset_password("unreachable").await.unwrap_err());
        assert_eq!(refused.0, "InvalidParameterException");
        pool.set_password("ada", PASSWORD, false).await;
        let refused = said(reset_password("ada").await.unwrap_err());
        assert_eq!(refused.1, "User password cannot be reset in the current state.");
        assert_eq!(said(reset_password("nobody").await.unwrap_err()).0, "UserNotFoundException");
    })
    .await;
}

/// The last passwords, current one included, are refused wherever a user or an administrator sets one for good.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_last_passwords_cannot_be_used_again(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let remember = |size: i32| {
            let policy = PasswordPolicyType::builder().minimum_length(8).password_history_size(size).build();
            let policies = UserPoolPolicyType::builder().password_policy(policy).build();
            let update = server.aws.update_user_pool().user_pool_id(&pool.id).policies(policies);
            update.auto_verified_attributes(VerifiedAttributeType::Email).send()
        };
        remember(3).await.unwrap();
        pool.confirmed_user("ada").await;
        let set = async |password: &str, permanent: bool| {
            let set = server.aws.admin_set_user_password().user_pool_id(&pool.id).username("ada");
            let set = set.password(password).permanent(permanent).send().await;
            set.map(|_| ()).map_err(|error| said(error).0)
        };
        let used = Err("PasswordHistoryPolicyViolationException".to_owned());
        set("Second-Horse-2", true).await.unwrap();
        set("Third-Horse-3", true).await.unwrap();
        for password in [PASSWORD, "Second-Horse-2", "Third-Horse-3"] {
            assert_eq!(set(password, true).await, used, "{password}");
        }
        let token = pool.sign_in("ada", "Third-Horse-3").await.access_token.unwrap();
        let change = server.aws.change_password().access_token(&token);
        let change = change.previous_password("Third-Horse-3").proposed_password(PASSWORD).send().await;
        assert_eq!(said(change.unwrap_err()).0, "PasswordHistoryPolicyViolationException");
        server.aws.forgot_password().client_id(&pool.client).username("ada").send().await.unwrap();
        let code = server.code_to(&email_of("ada")).await;
        let confirm = |password: &str| {
            let confirm = server.aws.confirm_forgot_password().client_id(&pool.client).username("ada");
            confirm.confirmation_code(&code).password(password).send()
        };
        let refused = said(confirm("Second-Horse-2").await.unwrap_err()).0;
        assert_eq!(refused, "PasswordHistoryPolicyViolationException");
        // The refused password cost the code nothing.
        confirm("Fourth-Horse-4").await.unwrap();
        set(PASSWORD, true).await.unwrap();
        assert_eq!(set("Third-Horse-3", true).await, used);
        set("Second-Horse-2", true).await.unwrap();

        // A temporary password is not checked, but counts.
        set(PASSWORD, false).await.unwrap();
        assert_eq!(set(PASSWORD, true).await, used);
        remember(0).await.unwrap();
        set(PASSWORD, true).await.unwrap();
    })
    .await;
}
