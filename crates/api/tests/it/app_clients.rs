//! App clients: their providers and their secrets.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{TestServer, said};

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
        let last = delete(added.client_secret_id.as_deref().unwrap()).await.unwrap_err();
        assert_eq!(said(last).0, "InvalidParameterException");
    })
    .await;
}
