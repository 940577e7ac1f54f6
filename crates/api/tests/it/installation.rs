//! Certificates, limits, replicas, and the user settings of old.

use aws_sdk_cognitoidentityprovider::types::{
    DeliveryMediumType, LimitClass, LimitDefinitionType, MfaOptionType, ReplicaRoleType, ReplicaStatusType,
    UpdateReplicaStatusType, UserPoolMfaType,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use openssl::asn1::Asn1Time;
use openssl::x509::X509;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{PASSWORD, TestServer, said};

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_pool_has_one_certificate_for_ten_years_whoever_asks_first(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        let get = async |pool: &str| {
            let get = server.aws.get_signing_certificate().user_pool_id(pool).send().await;
            get.unwrap().certificate.unwrap()
        };
        let certificates = join_all((0..6).map(|_| get(&pool.id))).await;
        assert!(certificates.iter().all(|it| *it == certificates[0]));
        assert_ne!(get(&other.id).await, certificates[0]);

        let certificate = X509::from_der(&STANDARD.decode(&certificates[0]).unwrap()).unwrap();
        let key = certificate.public_key().unwrap();
        assert!(certificate.verify(&key).unwrap());
        assert_eq!(key.rsa().unwrap().size(), 256);
        let name = certificate.subject_name().entries().next().unwrap().data().to_string().unwrap();
        assert_eq!(name, pool.id);
        let now = Asn1Time::from_unix(server.clock.now().timestamp()).unwrap();
        assert!(certificate.not_before() <= now.as_ref());
        assert_eq!(certificate.not_before().diff(certificate.not_after()).unwrap().days, 3652);
        server.aws.delete_user_pool().user_pool_id(&pool.id).send().await.unwrap();
        let gone = server.aws.get_signing_certificate().user_pool_id(&pool.id).send().await;
        assert_eq!(said(gone.unwrap_err()).0, "ResourceNotFoundException");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn no_request_is_limited_by_its_category_and_no_limit_can_be_set(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let definition = |name: &str, category: &str| {
            let definition = LimitDefinitionType::builder().limit_class(LimitClass::ApiCategory);
            definition.attributes(name, category).build().unwrap()
        };
        let get = |definition| server.aws.get_provisioned_limit().limit_definition(definition).send();
        let update = |category: &str, value| {
            let update =
                server.aws.update_provisioned_limit().limit_definition(definition("Category", category));
            update.requested_limit_value(value).send()
        };
        let limit = get(definition("Category", "UserAuthentication")).await.unwrap().limit.unwrap();
        assert_eq!((limit.provisioned_limit_value(), limit.free_limit_value()), (i32::MAX, i32::MAX));
        assert_eq!(limit.limit_definition(), Some(&definition("Category", "UserAuthentication")));
        for (name, category) in [("Category", "Nonsense"), ("Kind", "UserAuthentication")] {
            let refused = said(get(definition(name, category)).await.unwrap_err());
            assert_eq!(refused.0, "InvalidParameterException", "{refused:?}");
        }
        let refused = said(update("UserCreation", 100).await.unwrap_err());
        let message = "This server does not limit requests by category, so there is no limit to change.";
        assert_eq!(refused, ("InvalidParameterException".into(), message.into()));
        update("UserCreation", i32::MAX).await.unwrap();
        assert_eq!(said(update("Nonsense", 1).await.unwrap_err()).1, "There is no API category Nonsense.");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_pool_is_in_one_region(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let list = || server.aws.list_user_pool_replicas().user_pool_id(&pool.id);
        let replicas = list().send().await.unwrap().user_pool_replicas.unwrap();
        let [primary] = &replicas[..] else { panic!("{replicas:?}") };
        assert_eq!(
            (primary.region_name(), primary.role()),
            (Some("us-east-1"), Some(&ReplicaRoleType::Primary))
        );
        assert_eq!(primary.status(), Some(&ReplicaStatusType::Active));
        let described = server.aws.describe_user_pool().user_pool_id(&pool.id).send().await.unwrap();
        assert_eq!(primary.user_pool_arn(), described.user_pool.unwrap().arn());
        assert_eq!(said(list().next_token("P").send().await.unwrap_err()).1, "Invalid pagination token");

        let region = "eu-west-1";
        let create = server.aws.create_user_pool_replica().user_pool_id(&pool.id).region_name(region);
        let update = server.aws.update_user_pool_replica().user_pool_id(&pool.id).region_name(region);
        let delete = server.aws.delete_user_pool_replica().user_pool_id(&pool.id).region_name(region);
        for (name, _) in [
            said(create.send().await.unwrap_err()),
            said(update.status(UpdateReplicaStatusType::Active).send().await.unwrap_err()),
            said(delete.send().await.unwrap_err()),
        ] {
            assert_eq!(name, "OperationNotEnabledException");
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn codes_by_text_message_cannot_be_asked_for_where_none_are_sent(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let access = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        let option = |medium, attribute: &str| {
            MfaOptionType::builder().delivery_medium(medium).attribute_name(attribute).build()
        };
        let set = |options| {
            server.aws.set_user_settings().access_token(&access).set_mfa_options(Some(options)).send()
        };
        let set_for = |username: &str, options| {
            let set = server.aws.admin_set_user_settings().user_pool_id(&pool.id).username(username);
            set.set_mfa_options(Some(options)).send()
        };
        set(vec![]).await.unwrap();
        set_for("ada", vec![]).await.unwrap();
        let sms = || vec![option(DeliveryMediumType::Sms, "phone_number")];
        let message = "SMS MFA cannot be switched on for a user while MFA is off for the user pool.";
        let expected = ("InvalidParameterException".to_owned(), message.to_owned());
        assert_eq!(said(set(sms()).await.unwrap_err()), expected);
        assert_eq!(said(set_for("ada", sms()).await.unwrap_err()), expected);
        assert_eq!(said(set_for("nobody", vec![]).await.unwrap_err()).0, "UserNotFoundException");
        for options in [
            vec![option(DeliveryMediumType::Email, "email")],
            vec![option(DeliveryMediumType::Sms, "email")],
            [sms(), sms()].concat(),
        ] {
            let message = "MFAOptions can hold nothing but SMS to the phone_number.";
            assert_eq!(said(set(options.clone()).await.unwrap_err()).1, message);
            assert_eq!(said(set_for("ada", options).await.unwrap_err()).1, message);
        }
        // Nor where the pool lets users have second factors, as long as there are none to have.
        let mfa = server.aws.set_user_pool_mfa_config().user_pool_id(&pool.id);
        let optional = mfa.mfa_configuration(UserPoolMfaType::Optional).software_token_mfa_configuration(
            aws_sdk_cognitoidentityprovider::types::SoftwareTokenMfaConfigType::builder()
                .enabled(true)
                .build(),
        );
        optional.send().await.unwrap();
        assert_eq!(said(set_for("ada", sms()).await.unwrap_err()).0, "InvalidParameterException");
        let user = server.aws.get_user().access_token(&access).send().await.unwrap();
        assert!(user.mfa_options().is_empty());
    })
    .await;
}
