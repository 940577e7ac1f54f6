//! Users as administrators see them.

use aws_sdk_cognitoidentityprovider::types::{
    AttributeDataType, DeliveryMediumType, MessageActionType, SchemaAttributeType,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{PASSWORD, Setup, TestServer, attribute, email_of, said};

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_invited_user_gets_a_temporary_password_that_works(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let create = || {
            let create = server.aws.admin_create_user().user_pool_id(&pool.id).username("grace");
            create
                .user_attributes(attribute("email", &email_of("grace")))
                .desired_delivery_mediums(DeliveryMediumType::Email)
        };
        let user = create().send().await.unwrap().user.unwrap();
        assert_eq!(user.user_status.unwrap().as_str(), "FORCE_CHANGE_PASSWORD");
        assert_eq!(user.attributes.unwrap()[0].name(), "sub");
        let temporary = server.code_to(&email_of("grace")).await;
        assert!(pool.password_auth("grace", &temporary).send().await.unwrap().session.is_some());
        assert_eq!(
            said(create().send().await.unwrap_err()),
            ("UsernameExistsException".into(), "User account already exists".into())
        );
        create().message_action(MessageActionType::Resend).send().await.unwrap();
        let newer = server.code_to(&email_of("grace")).await;
        assert_ne!(temporary, newer);
        assert_eq!(
            said(pool.password_auth("grace", &temporary).send().await.unwrap_err()).0,
            "NotAuthorizedException"
        );
        pool.set_password("grace", PASSWORD, true).await;
        let resend = create().message_action(MessageActionType::Resend).send().await.unwrap_err();
        assert_eq!(said(resend).0, "UnsupportedUserStateException");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn users_are_found_listed_and_deleted(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        for (name, given) in [("ada", "Ada"), ("Alan", "Alan"), ("grace", "Grace"), ("linus", "Linus")] {
            let create = server.aws.admin_create_user().user_pool_id(&pool.id).username(name);
            let create = create.user_attributes(attribute("email", &email_of(&name.to_lowercase())));
            let create = create.user_attributes(attribute("given_name", given));
            create.message_action(MessageActionType::Suppress).send().await.unwrap();
        }
        pool.set_password("ada", PASSWORD, true).await;
        let list = |filter: &str| server.aws.list_users().user_pool_id(&pool.id).filter(filter).send();
        let names = async |filter: &str| {
            let mut names: Vec<_> = list(filter)
                .await
                .unwrap()
                .users
                .unwrap()
                .into_iter()
                .map(|user| user.username.unwrap())
                .collect();
            names.sort();
            names
        };
        assert_eq!(names("").await.len(), 4);
        assert_eq!(names(r#"email = "ADA@example.com""#).await, ["ada"]);
        assert_eq!(names(r#"email ^= "a""#).await, ["Alan", "ada"]);
        assert_eq!(names(r#"given_name ^= "gr""#).await, ["grace"]);
        assert_eq!(names(r#"username ^= "A""#).await, ["Alan"]);
        assert_eq!(names(r#"username = "alan""#).await, [""; 0]);
        assert_eq!(names(r#"cognito:user_status = "CONFIRMED""#).await, ["ada"]);
        assert_eq!(names(r#"status = "Enabled""#).await.len(), 4);
        assert_eq!(names(r#"status = "Disabled""#).await.len(), 0);
        let found =
            server.aws.admin_get_user().user_pool_id(&pool.id).username("grace").send().await.unwrap();
        let sub = found.user_attributes()[0].value().unwrap().to_owned();
        assert_eq!(names(&format!(r#"sub = "{sub}""#)).await, ["grace"]);
        assert_eq!(names(&format!(r#"sub ^= "{}""#, &sub[..10])).await, ["grace"]);
        for bad in ["email", r#"custom:x = "1""#, r#"email = "a" and name = "b""#] {
            assert_eq!(said(list(bad).await.unwrap_err()).0, "InvalidParameterException", "{bad}");
        }

        for filter in [r#"email ^= """#, ""] {
            let mut seen = Vec::new();
            let mut pages = server
                .aws
                .list_users()
                .user_pool_id(&pool.id)
                .filter(filter)
                .limit(1)
                .into_paginator()
                .send();
            while let Some(page) = pages.next().await {
                seen.extend(page.unwrap().users.unwrap().into_iter().map(|user| user.username.unwrap()));
            }
            seen.sort();
            assert_eq!(seen, ["Alan", "ada", "grace", "linus"], "{filter}");
        }
        let some =
            server.aws.list_users().user_pool_id(&pool.id).attributes_to_get("email").send().await.unwrap();
        assert!(some.users().iter().all(|user| user.attributes().len() == 1));

        // By sub, as everywhere a username is taken.
        server.aws.admin_delete_user().user_pool_id(&pool.id).username(&sub).send().await.unwrap();
        let gone =
            server.aws.admin_get_user().user_pool_id(&pool.id).username("grace").send().await.unwrap_err();
        assert_eq!(said(gone), ("UserNotFoundException".into(), "User does not exist.".into()));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_username_that_is_somebodys_subject_does_not_stand_for_them(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("victim").await;
        let victim =
            server.aws.admin_get_user().user_pool_id(&pool.id).username("victim").send().await.unwrap();
        let sub = victim.user_attributes()[0].value().unwrap().to_owned();
        let request =
            server.aws.sign_up().client_id(&pool.client).username(&sub).password(PASSWORD).send().await;
        assert_eq!(said(request.unwrap_err()).0, "UsernameExistsException");
        let found = server.aws.admin_get_user().user_pool_id(&pool.id).username(&sub).send().await.unwrap();
        assert_eq!(found.username, "victim");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn long_and_odd_attribute_values_are_kept_or_refused_but_never_a_fault(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let long: String = (0..2048u32).map(|n| char::from_u32(0x4e00 + n * 7 % 20_000).unwrap()).collect();
        let create = server.aws.admin_create_user().user_pool_id(&pool.id).username("long");
        create.user_attributes(attribute("name", &long)).send().await.unwrap();
        let found = server.aws.admin_get_user().user_pool_id(&pool.id).username("long").send().await.unwrap();
        assert!(found.user_attributes().iter().any(|it| it.value() == Some(&long)));
        let create = server.aws.admin_create_user().user_pool_id(&pool.id).username("nul");
        let refused = create.user_attributes(attribute("name", "a\0b")).send().await.unwrap_err();
        assert_eq!(said(refused).0, "InvalidParameterException");
        let auth = pool.password_auth("a\0b", PASSWORD).send().await.unwrap_err();
        assert_eq!(said(auth).0, "InvalidParameterException");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_disabled_user_is_out_at_once_and_stays_out_of_old_sessions(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let get = || server.aws.get_user().set_access_token(tokens.access_token.clone()).send();
        server.aws.admin_disable_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert_eq!(
            said(get().await.unwrap_err()),
            ("NotAuthorizedException".into(), "User is disabled.".into())
        );
        let refresh = || pool.refresh(tokens.refresh_token().unwrap()).send();
        assert_eq!(said(refresh().await.unwrap_err()).0, "NotAuthorizedException");
        // The state is told only to who knows the password (ENU-2).
        let wrong = said(pool.password_auth("ada", "Wrong-1234").send().await.unwrap_err());
        assert_eq!(wrong.1, "Incorrect username or password.");
        assert_eq!(
            said(pool.password_auth("ada", PASSWORD).send().await.unwrap_err()).1,
            "User is disabled."
        );
        let listed = server
            .aws
            .list_users()
            .user_pool_id(&pool.id)
            .filter(r#"status = "Disabled""#)
            .send()
            .await
            .unwrap();
        assert_eq!(listed.users().len(), 1);

        server.aws.admin_enable_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert_eq!(said(get().await.unwrap_err()).1, "Access Token has been revoked");
        assert_eq!(said(refresh().await.unwrap_err()).1, "Refresh Token has been revoked");
        pool.sign_in("ada", PASSWORD).await;
        let nobody = server.aws.admin_disable_user().user_pool_id(&pool.id).username("nobody").send().await;
        assert_eq!(said(nobody.unwrap_err()).0, "UserNotFoundException");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_administrator_confirms_and_a_user_deletes_themselves(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.sign_up("ada").await;
        let confirm = || server.aws.admin_confirm_sign_up().user_pool_id(&pool.id).username("ada").send();
        confirm().await.unwrap();
        assert_eq!(
            said(confirm().await.unwrap_err()),
            ("NotAuthorizedException".into(), "User cannot be confirmed. Current status is CONFIRMED".into())
        );
        let token = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        server.aws.delete_user().access_token(&token).send().await.unwrap();
        let gone = server.aws.get_user().access_token(&token).send().await.unwrap_err();
        assert_eq!(said(gone), ("UserNotFoundException".into(), "User does not exist.".into()));
        // The name is free again.
        pool.sign_up("ada").await;
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn users_are_found_by_custom_attributes_in_pages_as_large_as_allowed(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    let setup = Setup { largest_page: 100, ..Setup::default() };
    TestServer::run_as(setup, db, async |server| {
        let team = SchemaAttributeType::builder().name("team").attribute_data_type(AttributeDataType::String);
        let create = server.aws.create_user_pool().pool_name("x").schema(team.build()).send().await.unwrap();
        let pool = server.with_client(create.user_pool.unwrap().id.unwrap(), false).await;
        for (username, team) in [("ada", "Blue"), ("bob", "blueish"), ("eve", "red")] {
            let create = server.aws.admin_create_user().user_pool_id(&pool.id).username(username);
            create.user_attributes(attribute("custom:team", team)).send().await.unwrap();
        }
        pool.admin_user("none").await;
        let find = async |filter: &str| {
            let users = server.aws.list_users().user_pool_id(&pool.id).filter(filter).limit(1);
            let users = users.into_paginator().items().send().try_collect().await.map_err(said)?;
            let mut names: Vec<_> = users.iter().map(|user| user.username().unwrap().to_owned()).collect();
            names.sort();
            Ok(names)
        };
        assert_eq!(find(r#"custom:team = "blue""#).await, Ok(vec!["ada".to_owned()]));
        assert_eq!(find(r#"custom:team ^= "BLUE""#).await, Ok(vec!["ada".to_owned(), "bob".to_owned()]));
        assert_eq!(find(r#"custom:team = "gr%""#).await, Ok(Vec::<String>::new()));
        let unknown =
            ("InvalidParameterException".to_owned(), "Invalid search attribute: custom:none".to_owned());
        assert_eq!(find(r#"custom:none = "x""#).await, Err(unknown));

        let page = |limit: i32| server.aws.list_users().user_pool_id(&pool.id).limit(limit).send();
        assert_eq!(page(100).await.unwrap().users().len(), 4);
        assert!(said(page(101).await.unwrap_err()).1.contains("less than or equal to 100"));
    })
    .await;
}
