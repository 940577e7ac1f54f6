//! Changing attributes, and proving addresses.

use aws_sdk_cognitoidentityprovider::types::{
    AliasAttributeType, AttributeDataType, AttributeType, SchemaAttributeType,
    UserAttributeUpdateSettingsType, UsernameAttributeType, VerifiedAttributeType,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{OTHER_PASSWORD, PASSWORD, TestPool, TestServer, attribute, email_of, said};

/// A user's attribute, as administrators see it.
async fn value(pool: &TestPool<'_>, username: &str, name: &str) -> Option<String> {
    let user =
        pool.server.aws.admin_get_user().user_pool_id(&pool.id).username(username).send().await.unwrap();
    user.user_attributes().iter().find(|it| it.name() == name).map(|it| it.value().unwrap().to_owned())
}

async fn admin_update(
    pool: &TestPool<'_>,
    username: &str,
    changes: &[AttributeType],
) -> Result<(), (String, String)> {
    let update = pool.server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username(username);
    update.set_user_attributes(Some(changes.to_vec())).send().await.map(|_| ()).map_err(said)
}

/// COD-1, COD-2, and case 43.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_new_address_is_unproven_until_its_code_is_given(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let token = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        let update = |name: &str, value: &str| {
            let update = server.aws.update_user_attributes().access_token(&token);
            update.user_attributes(attribute(name, value)).send()
        };
        let verify = |code: &str| {
            server.aws.verify_user_attribute().access_token(&token).attribute_name("email").code(code).send()
        };
        assert_eq!(said(update("email_verified", "true").await.unwrap_err()).0, "NotAuthorizedException");
        assert_eq!(said(update("email", "nonsense").await.unwrap_err()).0, "InvalidParameterException");
        // A reset code on its way to the old address is void once the address is another one.
        server.aws.forgot_password().client_id(&pool.client).username("ada").send().await.unwrap();
        let old_code = server.code_to(&email_of("ada")).await;
        let sent = update("email", "new@example.com").await.unwrap();
        assert_eq!(sent.code_delivery_details_list()[0].destination(), Some("n***@e***"));
        assert_eq!(value(&pool, "ada", "email").await.as_deref(), Some("new@example.com"));
        assert_eq!(value(&pool, "ada", "email_verified").await.as_deref(), Some("false"));
        let confirm = server.aws.confirm_forgot_password().client_id(&pool.client).username("ada");
        let late = confirm.confirmation_code(old_code).password(PASSWORD).send().await.unwrap_err();
        assert_eq!(said(late).0, "ExpiredCodeException");

        let code = server.code_to("new@example.com").await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        assert_eq!(said(verify(wrong).await.unwrap_err()).0, "CodeMismatchException");
        verify(&code).await.unwrap();
        assert_eq!(value(&pool, "ada", "email_verified").await.as_deref(), Some("true"));
        assert_eq!(said(verify(&code).await.unwrap_err()).0, "ExpiredCodeException");

        // Asked for again, and proven again; a code to an address that has changed since proves nothing.
        let ask =
            server.aws.get_user_attribute_verification_code().access_token(&token).attribute_name("email");
        ask.send().await.unwrap();
        let stale = server.code_to("new@example.com").await;
        admin_update(&pool, "ada", &[attribute("email", "third@example.com")]).await.unwrap();
        assert!(
            ["CodeMismatchException", "ExpiredCodeException"]
                .contains(&said(verify(&stale).await.unwrap_err()).0.as_str())
        );
        let ask =
            server.aws.get_user_attribute_verification_code().access_token(&token).attribute_name("name");
        assert_eq!(said(ask.send().await.unwrap_err()).0, "InvalidParameterException");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn attributes_are_set_changed_and_taken_away_within_the_schema(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let schema = |name: &str, mutable: bool| {
            let attribute =
                SchemaAttributeType::builder().name(name).attribute_data_type(AttributeDataType::String);
            attribute.mutable(mutable).build()
        };
        let required = SchemaAttributeType::builder().name("given_name").required(true).build();
        let create =
            server.aws.create_user_pool().pool_name("x").schema(required).schema(schema("fixed", false));
        let pool =
            server.with_client(create.send().await.unwrap().user_pool.unwrap().id.unwrap(), false).await;
        let create = server.aws.admin_create_user().user_pool_id(&pool.id).username("ada");
        let create = create
            .user_attributes(attribute("given_name", "Ada"))
            .user_attributes(attribute("custom:fixed", "1"));
        create.send().await.unwrap();
        pool.set_password("ada", PASSWORD, true).await;
        admin_update(
            &pool,
            "ada",
            &[
                attribute("nickname", "a"),
                attribute("email", "a@example.com"),
                attribute("email_verified", "true"),
            ],
        )
        .await
        .unwrap();
        assert_eq!(value(&pool, "ada", "email_verified").await.as_deref(), Some("true"));
        let refused = admin_update(&pool, "ada", &[attribute("custom:fixed", "2")]).await.unwrap_err();
        assert_eq!(refused.1, "user.custom:fixed: Attribute cannot be updated.\n");
        assert!(admin_update(&pool, "ada", &[attribute("custom:none", "2")]).await.is_err());
        assert!(admin_update(&pool, "ada", &[attribute("sub", "2")]).await.is_err());
        let refused = admin_update(&pool, "ada", &[attribute("given_name", "")]).await.unwrap_err();
        assert!(refused.1.contains("given_name: The attribute is required"), "{refused:?}");
        // Nothing of a refused change is kept.
        assert!(
            admin_update(&pool, "ada", &[attribute("nickname", "b"), attribute("email", "x")]).await.is_err()
        );
        assert_eq!(value(&pool, "ada", "nickname").await.as_deref(), Some("a"));
        admin_update(&pool, "ada", &[attribute("nickname", "")]).await.unwrap();
        assert_eq!(value(&pool, "ada", "nickname").await, None);

        let token = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        let delete = |name: &str| {
            server.aws.delete_user_attributes().access_token(&token).user_attribute_names(name).send()
        };
        delete("email").await.unwrap();
        assert_eq!(value(&pool, "ada", "email").await, None);
        assert_eq!(value(&pool, "ada", "email_verified").await, None);
        assert!(said(delete("custom:none").await.unwrap_err()).1.contains("does not exist in the schema"));
        let delete = server.aws.admin_delete_user_attributes().user_pool_id(&pool.id).username("ada");
        let refused = delete.user_attribute_names("given_name").send().await.unwrap_err();
        assert_eq!(said(refused).0, "InvalidParameterException");
    })
    .await;
}

/// COD-1, COD-3: the old address stays in force, to sign in and to be reached, until the new one is proven.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn where_the_pool_says_so_a_new_address_waits_for_its_proof(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let proof = UserAttributeUpdateSettingsType::builder()
            .attributes_require_verification_before_update(VerifiedAttributeType::Email);
        let create = server.aws.create_user_pool().pool_name("x").alias_attributes(AliasAttributeType::Email);
        let create = create.auto_verified_attributes(VerifiedAttributeType::Email);
        let create = create.user_attribute_update_settings(proof.build()).send().await.unwrap();
        let pool = server.with_client(create.user_pool.unwrap().id.unwrap(), false).await;
        for name in ["ada", "grace"] {
            pool.confirmed_user(name).await;
        }
        let token = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        let update = |address: &str| {
            let update = server.aws.update_user_attributes().access_token(&token);
            update
                .user_attributes(attribute("email", address))
                .user_attributes(attribute("name", "Ada"))
                .send()
        };
        let verify = |code: &str| {
            server.aws.verify_user_attribute().access_token(&token).attribute_name("email").code(code).send()
        };
        let email = async || {
            let both = ["email", "email_verified"].map(|name| value(&pool, "ada", name));
            let [address, verified] = both;
            (address.await.unwrap(), verified.await.unwrap())
        };
        let old = (email_of("ada"), "true".to_owned());

        let sent = update("new@example.com").await.unwrap();
        assert_eq!(sent.code_delivery_details_list()[0].destination(), Some("n***@e***"));
        assert_eq!(email().await, old);
        assert_eq!(value(&pool, "ada", "name").await.as_deref(), Some("Ada"));
        pool.sign_in(&email_of("ada"), PASSWORD).await;
        let early = pool.password_auth("new@example.com", PASSWORD).send().await.unwrap_err();
        assert_eq!(said(early).0, "UserNotFoundException");
        server.aws.forgot_password().client_id(&pool.client).username("ada").send().await.unwrap();
        assert!(server.message_to(&email_of("ada")).await.is_some());

        // Sent once more, to the address that waits.
        let first = server.code_to("new@example.com").await;
        let again = server.aws.get_user_attribute_verification_code().access_token(&token);
        let again = again.attribute_name("email").send().await.unwrap().code_delivery_details.unwrap();
        assert_eq!(again.destination(), Some("n***@e***"));
        let code = server.code_to("new@example.com").await;
        if first != code {
            assert_eq!(said(verify(&first).await.unwrap_err()).0, "CodeMismatchException");
        }
        verify(&code).await.unwrap();
        assert_eq!(email().await, ("new@example.com".to_owned(), "true".to_owned()));
        pool.sign_in("new@example.com", PASSWORD).await;
        let gone = pool.password_auth(&email_of("ada"), PASSWORD).send().await.unwrap_err();
        assert_eq!(said(gone).0, "UserNotFoundException");

        // Called off by naming the address that is in force; replaced by another; refused where it is somebody's.
        update("third@example.com").await.unwrap();
        let third = server.code_to("third@example.com").await;
        update("new@example.com").await.unwrap();
        assert_eq!(said(verify(&third).await.unwrap_err()).0, "ExpiredCodeException");
        assert_eq!(said(update("nonsense").await.unwrap_err()).0, "InvalidParameterException");
        update(&email_of("grace")).await.unwrap();
        let code = server.code_to(&email_of("grace")).await;
        assert_eq!(said(verify(&code).await.unwrap_err()).0, "AliasExistsException");
        assert_eq!(email().await.0, "new@example.com");

        // A changed password calls off what somebody else may have asked for.
        update("stolen@example.com").await.unwrap();
        let stolen = server.code_to("stolen@example.com").await;
        let change = server.aws.change_password().access_token(&token).previous_password(PASSWORD);
        change.proposed_password(OTHER_PASSWORD).send().await.unwrap();
        assert_eq!(said(verify(&stolen).await.unwrap_err()).0, "ExpiredCodeException");

        // An administrator's change waits too, unless they vouch for it.
        admin_update(&pool, "ada", &[attribute("email", "fifth@example.com")]).await.unwrap();
        assert_eq!(email().await.0, "new@example.com");
        let vouched = [attribute("email", "sixth@example.com"), attribute("email_verified", "true")];
        admin_update(&pool, "ada", &vouched).await.unwrap();
        assert_eq!(email().await, ("sixth@example.com".to_owned(), "true".to_owned()));
        let fifth = server.code_to("fifth@example.com").await;
        assert_eq!(said(verify(&fifth).await.unwrap_err()).0, "ExpiredCodeException");
    })
    .await;
}

/// COD-3, COD-6.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn sign_in_names_follow_the_attributes_they_come_from(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let create = server
            .aws
            .create_user_pool()
            .pool_name("names")
            .username_attributes(UsernameAttributeType::Email);
        let pool =
            server.with_client(create.send().await.unwrap().user_pool.unwrap().id.unwrap(), false).await;
        for name in ["ada@example.com", "grace@example.com"] {
            pool.admin_user(name).await;
        }
        admin_update(&pool, "ada@example.com", &[attribute("email", "new@example.com")]).await.unwrap();
        pool.sign_in("new@example.com", PASSWORD).await;
        let old = pool.password_auth("ada@example.com", PASSWORD).send().await.unwrap_err();
        assert_eq!(said(old).0, "UserNotFoundException");
        let taken = admin_update(&pool, "new@example.com", &[attribute("email", "grace@example.com")])
            .await
            .unwrap_err();
        assert_eq!(taken.0, "AliasExistsException");
        assert!(admin_update(&pool, "new@example.com", &[attribute("email", "")]).await.is_err());

        let create =
            server.aws.create_user_pool().pool_name("aliases").alias_attributes(AliasAttributeType::Email);
        let create = create.auto_verified_attributes(VerifiedAttributeType::Email);
        let pool =
            server.with_client(create.send().await.unwrap().user_pool.unwrap().id.unwrap(), false).await;
        pool.admin_user("ada").await;
        admin_update(&pool, "ada", &[attribute("email", "alias@example.com")]).await.unwrap();
        let unproven = pool.password_auth("alias@example.com", PASSWORD).send().await.unwrap_err();
        assert_eq!(said(unproven).0, "UserNotFoundException");
        let token = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        let code = server.code_to("alias@example.com").await;
        let verify =
            server.aws.verify_user_attribute().access_token(token).attribute_name("email").code(code);
        verify.send().await.unwrap();
        pool.sign_in("alias@example.com", PASSWORD).await;
    })
    .await;
}

/// COD-1: a mistyped address that an administrator corrects confirms nobody any more.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_corrected_address_gets_the_code_that_confirms(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.sign_up("ada").await;
        let to_the_typo = server.code_to(&email_of("ada")).await;
        admin_update(&pool, "ada", &[attribute("email", "right@example.com")]).await.unwrap();
        let code = server.code_to("right@example.com").await;
        let confirm = |code: &str| {
            server
                .aws
                .confirm_sign_up()
                .client_id(&pool.client)
                .username("ada")
                .confirmation_code(code)
                .send()
        };
        if to_the_typo != code {
            assert_eq!(said(confirm(&to_the_typo).await.unwrap_err()).0, "CodeMismatchException");
        }
        confirm(&code).await.unwrap();
        assert_eq!(value(&pool, "ada", "email_verified").await.as_deref(), Some("true"));
    })
    .await;
}

/// COD-2, LCK-2.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn codes_end_with_the_state_they_were_sent_in(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        for name in ["ada", "grace"] {
            pool.confirmed_user(name).await;
            server.aws.forgot_password().client_id(&pool.client).username(name).send().await.unwrap();
        }
        let reset = async |name: &str| {
            let confirm = server.aws.confirm_forgot_password().client_id(&pool.client).username(name);
            let code = server.code_to(&email_of(name)).await;
            said(confirm.confirmation_code(code).password(PASSWORD).send().await.unwrap_err()).0
        };
        server.aws.admin_disable_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        server.aws.admin_enable_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert_eq!(reset("ada").await, "ExpiredCodeException");
        admin_update(&pool, "grace", &[attribute("email_verified", "false")]).await.unwrap();
        assert_eq!(reset("grace").await, "ExpiredCodeException");

        // A user cannot have messages sent without end by changing the address again and again.
        let token = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        let update = |number: usize| {
            let update = server.aws.update_user_attributes().access_token(&token);
            update.user_attributes(attribute("email", &format!("a{number}@example.com"))).send()
        };
        for number in 0..5 {
            update(number).await.unwrap();
        }
        assert_eq!(said(update(5).await.unwrap_err()).0, "TooManyRequestsException");
    })
    .await;
}

/// A user may be called what they picked, and goes on to sign in by the username when they pick another name.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_username_may_be_the_preferred_username_too(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let create = server.aws.create_user_pool().pool_name("x");
        let create = create.alias_attributes(AliasAttributeType::PreferredUsername).send().await.unwrap();
        let pool = server.with_client(create.user_pool.unwrap().id.unwrap(), false).await;
        pool.admin_user("ada").await;
        pool.admin_user("bob").await;
        let prefer = |username: &'static str, name: &'static str| {
            let change = [attribute("preferred_username", name)];
            let pool = &pool;
            async move { admin_update(pool, username, &change).await.map_err(|error| error.0) }
        };
        prefer("ada", "ada").await.unwrap();
        assert_eq!(prefer("bob", "ada").await, Err("AliasExistsException".to_owned()));
        prefer("ada", "countess").await.unwrap();
        for name in ["ada", "countess"] {
            pool.sign_in(name, PASSWORD).await;
        }
        assert_eq!(prefer("bob", "countess").await, Err("AliasExistsException".to_owned()));
    })
    .await;
}
