//! Pools and clients: what they keep, show, refuse and reset.

use aws_sdk_cognitoidentityprovider::types::{
    AdminCreateUserConfigType, AliasAttributeType, AttributeDataType, DefaultEmailOptionType,
    DeletionProtectionType, DeliveryMediumType, EmailConfigurationType, ExplicitAuthFlowsType,
    NumberAttributeConstraintsType, PasswordPolicyType, SchemaAttributeType, UserPoolPolicyType,
    UsernameAttributeType, VerificationMessageTemplateType, VerifiedAttributeType,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{TestServer, attribute, said};

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_pool_is_described_as_it_was_created(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let policy = PasswordPolicyType::builder().minimum_length(12).require_numbers(true).build();
        let level =
            SchemaAttributeType::builder().name("level").attribute_data_type(AttributeDataType::Number);
        let bounds = NumberAttributeConstraintsType::builder().min_value("1").max_value("9").build();
        let template = VerificationMessageTemplateType::builder()
            .email_message("Your code: {####}")
            .email_subject("Hello");
        let create = server
            .aws
            .create_user_pool()
            .pool_name("full")
            .auto_verified_attributes(VerifiedAttributeType::Email);
        let create = create
            .policies(UserPoolPolicyType::builder().password_policy(policy).build())
            .alias_attributes(AliasAttributeType::Email)
            .schema(level.number_attribute_constraints(bounds).build())
            .verification_message_template(template.build())
            .deletion_protection(DeletionProtectionType::Active)
            .user_pool_tags("team", "a");
        let created = create.send().await.unwrap().user_pool.unwrap();
        let id = created.id.clone().unwrap();
        assert!(id.starts_with("us-east-1_") && id.len() == 19);
        assert_eq!(
            created.arn,
            Some(format!("arn:aws:cognito-idp:us-east-1:{}:userpool/{id}", server.account))
        );
        let described =
            server.aws.describe_user_pool().user_pool_id(&id).send().await.unwrap().user_pool.unwrap();
        assert_eq!(created, described);
        let policy = described.policies.unwrap().password_policy.unwrap();
        assert_eq!(
            (policy.minimum_length, policy.require_numbers, policy.require_symbols),
            (Some(12), true, false)
        );
        let schema = described.schema_attributes.unwrap();
        assert_eq!(schema.len(), 22);
        assert_eq!((schema[0].name(), schema[0].mutable()), (Some("sub"), Some(false)));
        assert_eq!(schema[21].name(), Some("custom:level"));
        assert_eq!(described.email_verification_subject.as_deref(), Some("Hello"));
        let refused = said(server.aws.delete_user_pool().user_pool_id(&id).send().await.unwrap_err());
        assert!(
            refused.1.starts_with("The user pool cannot be deleted because deletion protection"),
            "{refused:?}"
        );
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_update_resets_what_it_leaves_out_except_policies_and_tier(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let policy = PasswordPolicyType::builder().minimum_length(12).build();
        let create = server
            .aws
            .create_user_pool()
            .pool_name("old")
            .auto_verified_attributes(VerifiedAttributeType::Email);
        let create = create
            .policies(UserPoolPolicyType::builder().password_policy(policy).build())
            .admin_create_user_config(
                AdminCreateUserConfigType::builder().allow_admin_create_user_only(true).build(),
            )
            .user_pool_tags("team", "a");
        let id = create.send().await.unwrap().user_pool.unwrap().id.unwrap();
        server.aws.update_user_pool().user_pool_id(&id).pool_name("new").send().await.unwrap();
        let pool = server.aws.describe_user_pool().user_pool_id(&id).send().await.unwrap().user_pool.unwrap();
        assert_eq!(pool.name(), Some("new"));
        assert!(pool.auto_verified_attributes().is_empty());
        assert!(!pool.admin_create_user_config().unwrap().allow_admin_create_user_only());
        // Tools leave tags to TagResource.
        assert_eq!(pool.user_pool_tags().unwrap()["team"], "a");
        assert_eq!(pool.policies().unwrap().password_policy().unwrap().minimum_length(), Some(12));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn contradicting_settings_are_refused(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let both = server.aws.create_user_pool().pool_name("x").alias_attributes(AliasAttributeType::Email);
        let both = both.username_attributes(UsernameAttributeType::Email).send().await.unwrap_err();
        assert_eq!(
            said(both).1,
            "Only one of the aliasAttributes or usernameAttributes can be set in an user pool."
        );
        let pool = server.user_pool().await;
        let client = || server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("x");
        let mixed = client()
            .explicit_auth_flows(ExplicitAuthFlowsType::UserPasswordAuth)
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth);
        assert_eq!(said(mixed.send().await.unwrap_err()).0, "InvalidParameterException");
        assert_eq!(
            said(client().access_token_validity(48).send().await.unwrap_err()).1,
            "Invalid range for token validity."
        );
        let unknown = client().read_attributes("custom:none").send().await.unwrap_err();
        assert_eq!(said(unknown).1, "Invalid read attributes specified while creating a client");
        let secret = client().generate_secret(true).client_secret("a".repeat(30)).send().await.unwrap_err();
        assert_eq!(said(secret).0, "InvalidParameterException");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn pools_and_clients_are_listed_in_pages_and_deleted(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let mut ids = Vec::new();
        for number in 0..5 {
            let created =
                server.aws.create_user_pool().pool_name(format!("pool {number}")).send().await.unwrap();
            ids.push(created.user_pool.unwrap().id.unwrap());
        }
        ids.sort();
        let mut listed = Vec::new();
        let mut pages = server.aws.list_user_pools().max_results(2).into_paginator().send();
        while let Some(page) = pages.next().await {
            listed.extend(page.unwrap().user_pools.unwrap().into_iter().map(|pool| pool.id.unwrap()));
        }
        assert_eq!(listed, ids);
        let forged =
            server.aws.list_user_pools().max_results(2).next_token("forged").send().await.unwrap_err();
        assert_eq!(said(forged), ("InvalidParameterException".into(), "Invalid pagination token".into()));

        for name in ["a", "b", "c"] {
            server
                .aws
                .create_user_pool_client()
                .user_pool_id(&ids[0])
                .client_name(name)
                .send()
                .await
                .unwrap();
        }
        let mut clients = Vec::new();
        let mut pages =
            server.aws.list_user_pool_clients().user_pool_id(&ids[0]).max_results(1).into_paginator().send();
        while let Some(page) = pages.next().await {
            clients.extend(page.unwrap().user_pool_clients.unwrap());
        }
        assert_eq!(clients.len(), 3);
        let client = clients[0].client_id().unwrap();
        server.aws.delete_user_pool_client().user_pool_id(&ids[0]).client_id(client).send().await.unwrap();
        let gone = server
            .aws
            .describe_user_pool_client()
            .user_pool_id(&ids[0])
            .client_id(client)
            .send()
            .await
            .unwrap_err();
        assert_eq!(
            said(gone),
            ("ResourceNotFoundException".into(), format!("User pool client {client} does not exist."))
        );
        server.aws.delete_user_pool().user_pool_id(&ids[0]).send().await.unwrap();
        let gone = server.aws.describe_user_pool().user_pool_id(&ids[0]).send().await.unwrap_err();
        assert_eq!(
            said(gone),
            ("ResourceNotFoundException".into(), format!("User pool {} does not exist.", ids[0]))
        );
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn concurrent_updates_lose_nothing_silently(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let by_link = VerificationMessageTemplateType::builder()
            .default_email_option(DefaultEmailOptionType::ConfirmWithLink);
        let template = by_link.build();
        let updates = (0..10).map(|_| {
            let update = server.aws.update_user_pool().user_pool_id(&pool.id);
            update.verification_message_template(template.clone()).send()
        });
        let outcomes = futures_util::future::join_all(updates).await;
        assert!(outcomes.iter().any(Result::is_ok));
        for error in outcomes.into_iter().filter_map(Result::err) {
            assert_eq!(said(error).0, "TooManyRequestsException");
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn pools_send_email_from_domains_the_operator_allows(_: PgPoolOptions, db: PgConnectOptions) {
    use aws_sdk_cognitoidentityprovider::types::EmailSendingAccountType::Developer;
    TestServer::run(db, async |server| {
        let create = async |from: &str, developer: bool| {
            let mut email = EmailConfigurationType::builder().from(from);
            if developer {
                let arn = "arn:aws:ses:us-east-1:123456789012:identity/tenant.example";
                email = email.email_sending_account(Developer).source_arn(arn);
            }
            let create =
                server.aws.create_user_pool().pool_name("x").email_configuration(email.build()).send().await;
            create.map(|_| ()).map_err(|error| said(error).1)
        };
        create("Tenant <hello@tenant.example>", true).await.unwrap();
        assert_eq!(
            create("hello@bank.example", true).await.unwrap_err(),
            "This server does not let user pools send email from bank.example."
        );
        assert!(create("nonsense", true).await.is_err());
        assert!(create("hello@tenant.example", false).await.unwrap_err().contains("SourceArn"));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_would_need_a_text_message_is_refused(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let create = server
            .aws
            .create_user_pool()
            .pool_name("x")
            .auto_verified_attributes(VerifiedAttributeType::PhoneNumber);
        let refused = said(create.send().await.unwrap_err()).1;
        assert_eq!(refused, "AutoVerifiedAttributes phone_number is not supported by this server yet.");
        let pool = server.user_pool().await;
        let create = server.aws.admin_create_user().user_pool_id(&pool.id).username("ada");
        let refused = create.desired_delivery_mediums(DeliveryMediumType::Sms).send().await.unwrap_err();
        assert_eq!(said(refused).0, "InvalidParameterException");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn custom_attributes_are_added_once_and_never_changed(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let add = |name: &str| {
            let attribute =
                SchemaAttributeType::builder().name(name).attribute_data_type(AttributeDataType::String);
            server
                .aws
                .add_custom_attributes()
                .user_pool_id(&pool.id)
                .custom_attributes(attribute.build())
                .send()
        };
        add("team").await.unwrap();
        add("email").await.unwrap();
        let refused = said(add("custom:team").await.unwrap_err());
        assert_eq!(refused.1, "custom:team: Existing attribute already has name custom:team.");
        let described =
            server.aws.describe_user_pool().user_pool_id(&pool.id).send().await.unwrap().user_pool.unwrap();
        let names: Vec<_> = described.schema_attributes().iter().filter_map(|it| it.name()).collect();
        assert!(names.ends_with(&["custom:team", "custom:email"]), "{names:?}");
        let create = server.aws.admin_create_user().user_pool_id(&pool.id).username("ada");
        let user = create.user_attributes(attribute("custom:team", "a")).send().await.unwrap().user.unwrap();
        assert!(user.attributes().iter().any(|it| it.name() == "custom:team" && it.value() == Some("a")));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_pool_is_tagged_by_its_arn(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let arn = format!("arn:aws:cognito-idp:us-east-1:{}:userpool/{}", server.account, pool.id);
        server
            .aws
            .tag_resource()
            .resource_arn(&arn)
            .tags("team", "a")
            .tags("stage", "test")
            .send()
            .await
            .unwrap();
        server.aws.untag_resource().resource_arn(&arn).tag_keys("stage").send().await.unwrap();
        let tags = server.aws.list_tags_for_resource().resource_arn(&arn).send().await.unwrap().tags.unwrap();
        assert_eq!(tags.into_iter().collect::<Vec<_>>(), [("team".to_owned(), "a".to_owned())]);
        let foreign = arn.replace(server.account.as_str(), "123456789012");
        let refused = server.aws.list_tags_for_resource().resource_arn(foreign).send().await.unwrap_err();
        assert_eq!(said(refused).0, "ResourceNotFoundException");
        let (_, other) = server.other_account().await;
        let refused = other.list_tags_for_resource().resource_arn(&arn).send().await.unwrap_err();
        assert_eq!(said(refused).0, "ResourceNotFoundException");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn tags_set_at_the_same_time_are_all_there(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let arn = format!("arn:aws:cognito-idp:us-east-1:{}:userpool/{}", server.account, pool.id);
        let tag = |key: &'static str| server.aws.tag_resource().resource_arn(&arn).tags(key, "1").send();
        let (first, second) = tokio::join!(tag("a"), tag("b"));
        first.unwrap();
        second.unwrap();
        let tags = server.aws.list_tags_for_resource().resource_arn(&arn).send().await.unwrap().tags.unwrap();
        assert_eq!(tags.len(), 2);
    })
    .await;
}
