//! App clients: their settings, their providers and their secrets.

use aws_sdk_cognitoidentityprovider::types::{
    AnalyticsConfigurationType, ExplicitAuthFlowsType, FeatureType, OAuthFlowType, RefreshTokenRotationType,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{PASSWORD, TestServer, said};

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_client_may_name_the_pools_own_users_as_its_provider(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let client = |provider: &str| {
            let create = server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("x");
            create.supported_identity_providers(provider).send()
        };
        let created = client("COGNITO").await.unwrap().user_pool_client.unwrap();
        assert_eq!(created.supported_identity_providers(), ["COGNITO"]);
        let refused = said(client("Google").await.unwrap_err()).1;
        assert_eq!(refused, format!("The provider Google does not exist for User Pool {}.", pool.id));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_client_changes_from_one_secret_to_another(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let create = server
            .aws
            .create_user_pool_client()
            .user_pool_id(&pool.id)
            .client_name("x")
            .generate_secret(true);
        let client = create.send().await.unwrap().user_pool_client.unwrap();
        let (id, first) = (client.client_id.unwrap(), client.client_secret.unwrap());
        let add = || server.aws.add_user_pool_client_secret().user_pool_id(&pool.id).client_id(&id).send();
        let added = add().await.unwrap().client_secret_descriptor.unwrap();
        let second = added.client_secret_value.unwrap();
        assert_eq!(said(add().await.unwrap_err()).0, "LimitExceededException");
        let revoke = |secret: &str| {
            server.aws.revoke_token().client_id(&id).client_secret(secret).token("a.b.c.d.e").send()
        };
        revoke(&first).await.unwrap();
        revoke(&second).await.unwrap();
        let list = server
            .aws
            .list_user_pool_client_secrets()
            .user_pool_id(&pool.id)
            .client_id(&id)
            .send()
            .await
            .unwrap();
        assert_eq!(list.client_secrets().len(), 2);
        assert!(list.client_secrets().iter().all(|it| it.client_secret_value().is_none()));
        let delete = |secret: &str| {
            let delete = server.aws.delete_user_pool_client_secret().user_pool_id(&pool.id).client_id(&id);
            delete.client_secret_id(secret).send()
        };
        let old = list.client_secrets()[0].client_secret_id().unwrap();
        delete(old).await.unwrap();
        assert_eq!(said(revoke(&first).await.unwrap_err()).0, "UnauthorizedException");
        revoke(&second).await.unwrap();
        assert_eq!(said(delete(old).await.unwrap_err()).0, "ResourceNotFoundException");
        let public = server.aws.add_user_pool_client_secret().user_pool_id(&pool.id).client_id(&pool.client);
        assert_eq!(said(public.send().await.unwrap_err()).0, "InvalidParameterException");
        let last = delete(added.client_secret_id.as_deref().unwrap()).await.unwrap_err();
        assert_eq!(said(last).0, "InvalidParameterException");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn oauth_settings_come_back_and_an_update_resets_them(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let create = server
            .aws
            .create_user_pool_client()
            .user_pool_id(&pool.id)
            .client_name("x")
            .generate_secret(true)
            .allowed_o_auth_flows_user_pool_client(true)
            .allowed_o_auth_flows(OAuthFlowType::Code)
            .allowed_o_auth_scopes("openid")
            .callback_urls("https://app.example.com/cb")
            .callback_urls("myapp://cb")
            .default_redirect_uri("myapp://cb")
            .logout_urls("http://localhost:3000/")
            .enable_propagate_additional_user_context_data(true)
            .refresh_token_rotation(
                RefreshTokenRotationType::builder()
                    .feature(FeatureType::Enabled)
                    .retry_grace_period_seconds(10)
                    .build()
                    .unwrap(),
            )
            .analytics_configuration(AnalyticsConfigurationType::builder().user_data_shared(true).build());
        let created = create.send().await.unwrap().user_pool_client.unwrap();
        let id = created.client_id().unwrap();
        let describe = || async {
            let describe = server.aws.describe_user_pool_client().user_pool_id(&pool.id).client_id(id);
            describe.send().await.unwrap().user_pool_client.unwrap()
        };
        assert_eq!(describe().await, created);
        assert_eq!(created.callback_urls(), ["https://app.example.com/cb", "myapp://cb"]);
        assert_eq!(created.default_redirect_uri(), Some("myapp://cb"));
        assert_eq!(created.allowed_o_auth_flows(), [OAuthFlowType::Code]);
        let rotation = created.refresh_token_rotation().unwrap();
        assert_eq!(
            (rotation.feature(), rotation.retry_grace_period_seconds()),
            (&FeatureType::Enabled, Some(10))
        );

        server.aws.update_user_pool_client().user_pool_id(&pool.id).client_id(id).send().await.unwrap();
        let reset = describe().await;
        assert!(reset.callback_urls().is_empty() && reset.allowed_o_auth_scopes().is_empty());
        assert_eq!((reset.refresh_token_rotation(), reset.analytics_configuration()), (None, None));
        assert_eq!(reset.allowed_o_auth_flows_user_pool_client(), Some(false));
        assert_eq!(reset.client_secret(), created.client_secret());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn oauth_settings_that_cannot_be_are_refused(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let client = || {
            let create = server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("x");
            create.allowed_o_auth_flows_user_pool_client(true)
        };
        for (request, error) in [
            (
                client()
                    .allowed_o_auth_flows(OAuthFlowType::ClientCredentials)
                    .allowed_o_auth_scopes("openid"),
                "InvalidOAuthFlowException",
            ),
            (
                client()
                    .generate_secret(true)
                    .allowed_o_auth_flows(OAuthFlowType::ClientCredentials)
                    .allowed_o_auth_flows(OAuthFlowType::Code),
                "InvalidOAuthFlowException",
            ),
            (
                client().allowed_o_auth_flows(OAuthFlowType::Code).allowed_o_auth_scopes("api/read"),
                "ScopeDoesNotExistException",
            ),
            (client().allowed_o_auth_flows(OAuthFlowType::Code), "InvalidParameterException"),
            (
                client().allowed_o_auth_flows_user_pool_client(false).callback_urls("http://a.test"),
                "InvalidParameterException",
            ),
            (
                client().allowed_o_auth_flows_user_pool_client(false).default_redirect_uri("https://a.test"),
                "InvalidParameterException",
            ),
            (
                client()
                    .allowed_o_auth_flows_user_pool_client(false)
                    .enable_propagate_additional_user_context_data(true),
                "InvalidParameterException",
            ),
        ] {
            assert_eq!(said(request.send().await.unwrap_err()).0, error);
        }
        let clients = server.aws.list_user_pool_clients().user_pool_id(&pool.id).send().await.unwrap();
        assert_eq!(clients.user_pool_clients().len(), 1);
    })
    .await;
}

/// Where refresh tokens rotate, the flow that cannot hand out the next one is closed.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn rotating_refresh_tokens_are_not_refreshed_without_rotation(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let token = pool.sign_in("ada", PASSWORD).await.refresh_token.unwrap();
        let rotation = RefreshTokenRotationType::builder().feature(FeatureType::Enabled).build().unwrap();
        let update = server.aws.update_user_pool_client().user_pool_id(&pool.id).client_id(&pool.client);
        let update = update.explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth);
        update.refresh_token_rotation(rotation).send().await.unwrap();
        let refused = said(pool.refresh(&token).send().await.unwrap_err());
        assert_eq!(refused.1, "Auth flow not enabled for this client");
    })
    .await;
}
