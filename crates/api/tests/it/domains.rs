//! The domains of user pools.

use aws_sdk_cognitoidentityprovider::types::{CustomDomainConfigType, DomainStatusType, SecurityPolicyType};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{TestPool, TestServer, said};

const CERTIFICATE: &str = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d";

fn custom(certificate: &str) -> CustomDomainConfigType {
    CustomDomainConfigType::builder().certificate_arn(certificate).build().unwrap()
}

impl TestPool<'_> {
    async fn prefix_domain(&self, domain: &str) -> Result<(), (String, String)> {
        let create = self.server.aws.create_user_pool_domain().user_pool_id(&self.id).domain(domain);
        create.send().await.map(|_| ()).map_err(said)
    }

    async fn custom_domain(&self, domain: &str) -> Result<(), (String, String)> {
        let create = self.server.aws.create_user_pool_domain().user_pool_id(&self.id).domain(domain);
        create.custom_domain_config(custom(CERTIFICATE)).send().await.map(|_| ()).map_err(said)
    }
}

fn invalid(message: &str) -> Result<(), (String, String)> {
    Err(("InvalidParameterException".into(), message.into()))
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_prefix_domain_is_active_at_once(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let create = server.aws.create_user_pool_domain().user_pool_id(&pool.id).domain("ours").send();
        let created = create.await.unwrap();
        assert_eq!((created.managed_login_version(), created.cloud_front_domain()), (Some(1), None));
        let describe = || server.aws.describe_user_pool_domain().domain("ours").send();
        let described = describe().await.unwrap().domain_description.unwrap();
        assert_eq!(described.status(), Some(&DomainStatusType::Active));
        assert_eq!(described.user_pool_id(), Some(&*pool.id));
        assert_eq!(described.aws_account_id(), Some(server.account.as_str()));
        assert_eq!((described.domain(), described.managed_login_version()), (Some("ours"), Some(1)));
        assert_eq!(described.version().map(str::len), Some(14));
        let shown = async || {
            let described = server.aws.describe_user_pool().user_pool_id(&pool.id).send().await.unwrap();
            let described = described.user_pool.unwrap();
            (described.domain, described.custom_domain)
        };
        assert_eq!(shown().await, (Some("ours".into()), None));

        let update = server.aws.update_user_pool_domain().user_pool_id(&pool.id).domain("ours");
        let updated = update.managed_login_version(2).send().await.unwrap();
        assert_eq!(updated.managed_login_version(), Some(2));
        assert_eq!(describe().await.unwrap().domain_description.unwrap().managed_login_version(), Some(2));

        let delete = || server.aws.delete_user_pool_domain().user_pool_id(&pool.id).domain("ours").send();
        delete().await.unwrap();
        assert_eq!(describe().await.unwrap().domain_description.unwrap().status(), None);
        assert_eq!(shown().await, (None, None));
        let gone = said(delete().await.unwrap_err());
        assert_eq!(gone, ("InvalidParameterException".into(), "No such domain or user pool exists.".into()));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_pool_has_one_prefix_and_any_number_of_host_names(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        pool.prefix_domain("ours").await.unwrap();
        pool.custom_domain("auth.example.org").await.unwrap();
        let second = "User pool already has a domain configured.";
        assert_eq!(pool.prefix_domain("ours-too").await, invalid(second));
        pool.custom_domain("auth2.example.org").await.unwrap();
        let taken = "Domain already associated with another user pool.";
        assert_eq!(other.prefix_domain("ours").await, invalid(taken));
        for (pool, domain) in [(&other, "auth.example.org"), (&pool, "auth2.example.org")] {
            assert_eq!(pool.custom_domain(domain).await, invalid(taken), "{domain}");
        }

        let describe = || server.aws.describe_user_pool_domain().domain("auth.example.org").send();
        let described = describe().await.unwrap().domain_description.unwrap();
        assert_eq!(described.custom_domain_config, Some(custom(CERTIFICATE)));
        assert_eq!(described.cloud_front_distribution(), Some("127.0.0.1"));
        let update = |domain: &str, config| {
            let update = server.aws.update_user_pool_domain().user_pool_id(&pool.id).domain(domain);
            update.custom_domain_config(config).send()
        };
        let renewed = CustomDomainConfigType::builder().certificate_arn(format!("{CERTIFICATE}-2"));
        let renewed = renewed.security_policy(SecurityPolicyType::TlsV122021).build().unwrap();
        let updated = update("auth.example.org", renewed.clone()).await.unwrap();
        assert_eq!(updated.cloud_front_domain(), Some("127.0.0.1"));
        assert_eq!(describe().await.unwrap().domain_description.unwrap().custom_domain_config, Some(renewed));
        assert_eq!(
            said(update("ours", custom(CERTIFICATE)).await.unwrap_err()).0,
            "InvalidParameterException"
        );

        let shown = async || {
            let described = server.aws.describe_user_pool().user_pool_id(&pool.id).send().await.unwrap();
            let described = described.user_pool.unwrap();
            (described.domain, described.custom_domain)
        };
        assert_eq!(shown().await, (Some("ours".into()), Some("auth.example.org".into())));
        let second = server.aws.describe_user_pool_domain().domain("auth2.example.org").send().await.unwrap();
        assert_eq!(second.domain_description.unwrap().custom_domain_config, Some(custom(CERTIFICATE)));
        let delete = server.aws.delete_user_pool_domain().user_pool_id(&pool.id).domain("auth.example.org");
        delete.send().await.unwrap();
        assert_eq!(
            shown().await,
            (Some("ours".into()), Some("auth2.example.org".into())),
            "the next is named"
        );
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_pool_has_so_many_domains(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        for number in 0..99 {
            let custom = cognate_store::domain::CustomDomain {
                certificate_arn: CERTIFICATE.into(),
                security_policy: None,
            };
            let domain = cognate_store::domain::Domain {
                name: format!("shop{number}.example.org"),
                user_pool: pool.pool_id(),
                settings: cognate_store::domain::DomainSettings {
                    custom: Some(custom),
                    ..Default::default()
                },
                created_at: server.clock.now(),
                updated_at: server.clock.now(),
            };
            cognate_store::domain::insert(&server.db, &domain, 100).await.unwrap();
        }
        pool.custom_domain("last.example.org").await.unwrap();
        for result in [pool.custom_domain("more.example.org").await, pool.prefix_domain("more").await] {
            assert_eq!(result.unwrap_err().0, "LimitExceededException");
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn names_and_versions_are_checked(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let reserved = invalid("Domain cannot contain reserved word: cognito");
        assert_eq!(pool.prefix_domain("my-cognito").await, reserved);
        for bad in ["Upper", "under_score", "-dash", "dash-", "auth.example.org", "amazonas"] {
            assert_eq!(pool.prefix_domain(bad).await.unwrap_err().0, "InvalidParameterException", "{bad}");
        }
        for bad in ["label", "10.0.0.1", "Auth.example.org", "127.0.0.1"] {
            assert_eq!(pool.custom_domain(bad).await.unwrap_err().0, "InvalidParameterException", "{bad}");
        }
        let create = server.aws.create_user_pool_domain().user_pool_id(&pool.id).domain("ours");
        let refused = said(create.managed_login_version(3).send().await.unwrap_err());
        assert_eq!(refused.0, "InvalidParameterException");
        let update = server.aws.update_user_pool_domain().user_pool_id(&pool.id).domain("ours");
        assert_eq!(said(update.send().await.unwrap_err()).1, "No such domain or user pool exists.");
    })
    .await;
}

/// TEN-4.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn another_accounts_domain_looks_like_one_that_is_not_there(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, mine) = (server.user_pool().await, server.user_pool().await);
        pool.prefix_domain("ours").await.unwrap();
        let (_, stranger) = server.other_account().await;
        let theirs = stranger.describe_user_pool_domain().domain("ours").send().await.unwrap();
        let nobodys = stranger.describe_user_pool_domain().domain("nobodys").send().await.unwrap();
        assert_eq!(theirs.domain_description, nobodys.domain_description);
        // Neither does one pool reach the domain of another.
        let delete = server.aws.delete_user_pool_domain().user_pool_id(&mine.id).domain("ours").send().await;
        assert_eq!(said(delete.unwrap_err()).1, "No such domain or user pool exists.");
        let update = server.aws.update_user_pool_domain().user_pool_id(&mine.id).domain("ours").send().await;
        assert_eq!(said(update.unwrap_err()).1, "No such domain or user pool exists.");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_pool_with_a_domain_is_not_deleted(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        pool.prefix_domain("ours").await.unwrap();
        let delete = || server.aws.delete_user_pool().user_pool_id(&pool.id).send();
        assert_eq!(
            said(delete().await.unwrap_err()).1,
            "User pool cannot be deleted. It has a domain configured that should be deleted first."
        );
        // Nor by somebody who did not ask first.
        let stored = cognate_store::user_pool::get(&server.db, &pool.pool_id()).await.unwrap().unwrap();
        let refused = cognate_store::user_pool::delete(&server.db, &stored).await.unwrap_err();
        assert!(
            matches!(refused, cognate_store::Error::Refused(cognate_store::Constraint::PoolHasDomain)),
            "{refused:?}"
        );
        server.aws.admin_get_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        let domain = server.aws.delete_user_pool_domain().user_pool_id(&pool.id).domain("ours");
        domain.send().await.unwrap();
        delete().await.unwrap();
    })
    .await;
}
