//! Signing up, confirming, asking again.

use aws_sdk_cognitoidentityprovider::types::{
    AliasAttributeType, UsernameAttributeType, UsernameConfigurationType,
};
use chrono::Duration;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{PASSWORD, TestServer, attribute, email_of, said};

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_user_signs_up_confirms_and_signs_in(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let request = server.aws.sign_up().client_id(&pool.client).username("ada").password(PASSWORD);
        let signed_up = request.user_attributes(attribute("email", "ada@example.com")).send().await.unwrap();
        assert!(!signed_up.user_confirmed);
        let delivery = signed_up.code_delivery_details.unwrap();
        assert_eq!(delivery.destination.unwrap(), "a***@e***");

        let early = said(pool.password_auth("ada", PASSWORD).send().await.unwrap_err());
        assert_eq!(early, ("UserNotConfirmedException".into(), "User is not confirmed.".into()));

        let code = server.code_to("ada@example.com").await;
        let confirm =
            server.aws.confirm_sign_up().client_id(&pool.client).username("ada").confirmation_code(code);
        confirm.send().await.unwrap();
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let user = server.aws.get_user().access_token(tokens.access_token.unwrap()).send().await.unwrap();
        let attributes: Vec<_> =
            user.user_attributes.iter().map(|a| (a.name(), a.value().unwrap())).collect();
        assert_eq!(attributes[0], ("sub", signed_up.user_sub.as_str()));
        assert!(attributes.contains(&("email_verified", "true")));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_taken_username_is_refused(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.sign_up("ada").await;
        let again =
            server.aws.sign_up().client_id(&pool.client).username("ada").password(PASSWORD).send().await;
        assert_eq!(
            said(again.unwrap_err()),
            ("UsernameExistsException".into(), "User already exists".into())
        );
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn of_many_sign_ups_with_one_name_exactly_one_wins(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let attempts = (0..12)
            .map(|_| server.aws.sign_up().client_id(&pool.client).username("ada").password(PASSWORD).send());
        let outcomes = futures_util::future::join_all(attempts).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        for error in outcomes.into_iter().filter_map(Result::err) {
            assert_eq!(said(error).0, "UsernameExistsException");
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_code_works_once_and_not_beyond_its_day(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.sign_up("ada").await;
        let code = server.code_to(&email_of("ada")).await;
        let confirm = |code: String| {
            server
                .aws
                .confirm_sign_up()
                .client_id(&pool.client)
                .username("ada")
                .confirmation_code(code)
                .send()
        };
        server.clock.advance(Duration::hours(25));
        assert_eq!(said(confirm(code.clone()).await.unwrap_err()).0, "ExpiredCodeException");

        let resend = server
            .aws
            .resend_confirmation_code()
            .client_id(&pool.client)
            .username("ada")
            .send()
            .await
            .unwrap();
        assert_eq!(resend.code_delivery_details.unwrap().destination.unwrap(), "a***@e***");
        let newer = server.code_to(&email_of("ada")).await;
        if code != newer {
            assert_eq!(said(confirm(code).await.unwrap_err()).0, "CodeMismatchException");
        }
        confirm(newer.clone()).await.unwrap();
        let again = said(confirm(newer).await.unwrap_err());
        assert_eq!(
            again,
            ("NotAuthorizedException".into(), "User cannot be confirmed. Current status is CONFIRMED".into())
        );
        let resend =
            server.aws.resend_confirmation_code().client_id(&pool.client).username("ada").send().await;
        assert_eq!(
            said(resend.unwrap_err()),
            ("InvalidParameterException".into(), "User is already confirmed.".into())
        );
    })
    .await;
}

/// LCK-2, case 35.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn wrong_codes_run_out_and_a_new_code_brings_none_back(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.sign_up("ada").await;
        let code = server.code_to(&email_of("ada")).await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let confirm = |code: &str| {
            server
                .aws
                .confirm_sign_up()
                .client_id(&pool.client)
                .username("ada")
                .confirmation_code(code)
                .send()
        };
        for _ in 0..10 {
            assert_eq!(said(confirm(wrong).await.unwrap_err()).0, "CodeMismatchException");
        }
        assert_eq!(said(confirm(&code).await.unwrap_err()).0, "LimitExceededException");
        server.aws.resend_confirmation_code().client_id(&pool.client).username("ada").send().await.unwrap();
        let newer = server.code_to(&email_of("ada")).await;
        assert_eq!(said(confirm(&newer).await.unwrap_err()).0, "LimitExceededException");
        server.clock.advance(Duration::minutes(61));
        confirm(&newer).await.unwrap();
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_address_as_username_signs_in_whatever_its_case(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let created = server
            .aws
            .create_user_pool()
            .pool_name("addresses")
            .username_attributes(UsernameAttributeType::Email)
            .username_configuration(
                UsernameConfigurationType::builder().case_sensitive(false).build().unwrap(),
            )
            .send()
            .await
            .unwrap();
        let pool = server.with_client(created.user_pool.unwrap().id.unwrap(), false).await;
        let sign_up = |name: &str| {
            server.aws.sign_up().client_id(&pool.client).username(name).password(PASSWORD).send()
        };
        let sub = sign_up("User@X.test").await.unwrap().user_sub;
        // Case 47.
        assert_eq!(
            said(sign_up("user@x.test").await.unwrap_err()),
            ("UsernameExistsException".into(), "An account with the given email already exists.".into())
        );
        assert_eq!(said(sign_up("user").await.unwrap_err()).1, "Username should be an email.");
        pool.set_password("user@x.test", PASSWORD, true).await;
        let tokens = pool.sign_in("USER@x.test", PASSWORD).await;
        let user = server.aws.get_user().access_token(tokens.access_token.unwrap()).send().await.unwrap();
        assert_eq!(user.username, sub);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_alias_belongs_to_whoever_proves_it_and_nobody_can_shadow_it(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        use aws_sdk_cognitoidentityprovider::types::VerifiedAttributeType::Email;
        let create =
            server.aws.create_user_pool().pool_name("aliases").alias_attributes(AliasAttributeType::Email);
        let created = create.auto_verified_attributes(Email).send().await.unwrap();
        let pool = server.with_client(created.user_pool.unwrap().id.unwrap(), false).await;
        let sign_up = |name: &str| {
            let request = server.aws.sign_up().client_id(&pool.client).username(name).password(PASSWORD);
            request.user_attributes(attribute("email", "shared@example.com")).send()
        };
        for shadow in ["shared@example.com", "shared＠example.com"] {
            assert_eq!(said(sign_up(shadow).await.unwrap_err()).0, "InvalidParameterException", "{shadow}");
        }
        sign_up("first").await.unwrap();
        let first = server.code_to("shared@example.com").await;
        sign_up("second").await.unwrap();
        let second = server.code_to("shared@example.com").await;
        let confirm = |name: &str, code: &str, force: bool| {
            let request =
                server.aws.confirm_sign_up().client_id(&pool.client).username(name).confirmation_code(code);
            request.force_alias_creation(force).send()
        };
        confirm("first", &first, false).await.unwrap();
        pool.sign_in("shared@example.com", PASSWORD).await;
        assert_eq!(
            said(confirm("second", &second, false).await.unwrap_err()),
            ("AliasExistsException".into(), "An account with the email already exists.".into())
        );
        confirm("second", &second, true).await.unwrap();
        let user = server
            .aws
            .admin_get_user()
            .user_pool_id(&pool.id)
            .username("shared@example.com")
            .send()
            .await
            .unwrap();
        assert_eq!(user.username, "second");
        let loser =
            server.aws.admin_get_user().user_pool_id(&pool.id).username("first").send().await.unwrap();
        let flag = loser.user_attributes().iter().find(|a| a.name() == "email_verified").unwrap();
        assert_eq!(flag.value(), Some("false"));
    })
    .await;
}

/// Cases 45 and 48, and the schema.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn sign_up_keeps_to_schema_policy_and_write_list(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        use aws_sdk_cognitoidentityprovider::types::AdminCreateUserConfigType;
        let pool = server.user_pool().await;
        let with = |name: &str, value: &str| {
            let request = server.aws.sign_up().client_id(&pool.client).username("ada").password(PASSWORD);
            request.user_attributes(attribute(name, value)).send()
        };
        assert_eq!(said(with("email_verified", "true").await.unwrap_err()).0, "NotAuthorizedException");
        assert_eq!(said(with("email", "nonsense").await.unwrap_err()).1, "Invalid email address format.");
        let unknown = said(with("custom:x", "1").await.unwrap_err()).1;
        assert!(unknown.ends_with("Type for attribute {custom:x} could not be determined"), "{unknown}");
        let weak =
            server.aws.sign_up().client_id(&pool.client).username("ada").password("short").send().await;
        assert_eq!(
            said(weak.unwrap_err()),
            (
                "InvalidPasswordException".into(),
                "Password did not conform with policy: Password not long enough".into()
            )
        );
        let narrow = server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("narrow");
        let narrow = narrow
            .write_attributes("name")
            .send()
            .await
            .unwrap()
            .user_pool_client
            .unwrap()
            .client_id
            .unwrap();
        let request = server.aws.sign_up().client_id(narrow).username("ada").password(PASSWORD);
        let refused = request.user_attributes(attribute("nickname", "a")).send().await.unwrap_err();
        assert_eq!(said(refused).1, "A client attempted to write unauthorized attribute");

        let only_administrators =
            AdminCreateUserConfigType::builder().allow_admin_create_user_only(true).build();
        let update = server
            .aws
            .update_user_pool()
            .user_pool_id(&pool.id)
            .admin_create_user_config(only_administrators);
        update.send().await.unwrap();
        assert_eq!(
            said(with("name", "Ada").await.unwrap_err()).1,
            "SignUp is not permitted for this user pool"
        );
    })
    .await;
}
