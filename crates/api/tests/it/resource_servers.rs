//! Resource servers and their scopes.

use aws_sdk_cognitoidentityprovider::types::ResourceServerScopeType;
use futures_util::future::join_all;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{TestServer, said};

fn scope(name: &str) -> ResourceServerScopeType {
    ResourceServerScopeType::builder().scope_name(name).scope_description("What it is for").build().unwrap()
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_resource_server_is_kept_changed_and_deleted(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        let id = "https://api.example.com/v1";
        let create =
            |pool: &str| server.aws.create_resource_server().user_pool_id(pool).identifier(id).name("API");
        let created = create(&pool.id).scopes(scope("read")).scopes(scope("write")).send().await.unwrap();
        let created = created.resource_server.unwrap();
        assert_eq!((created.identifier(), created.name()), (Some(id), Some("API")));
        let describe =
            |pool: &str| server.aws.describe_resource_server().user_pool_id(pool).identifier(id).send();
        assert_eq!(describe(&pool.id).await.unwrap().resource_server.unwrap(), created);
        assert_eq!(created.scopes(), [scope("read"), scope("write")]);

        let taken = said(create(&pool.id).send().await.unwrap_err());
        let words = format!("{id} already exists in user pool {}.", pool.id);
        assert_eq!(taken, ("InvalidParameterException".into(), words));
        let missing = ("ResourceNotFoundException".into(), format!("Resource server {id} does not exist."));
        assert_eq!(said(describe(&other.id).await.unwrap_err()), missing);
        create(&other.id).send().await.unwrap();

        // Scopes that are left out are gone.
        let update =
            |pool: &str| server.aws.update_resource_server().user_pool_id(pool).identifier(id).name("New");
        let updated = update(&pool.id).send().await.unwrap().resource_server.unwrap();
        assert_eq!((updated.name(), updated.scopes().len()), (Some("New"), 0));
        assert_eq!(describe(&pool.id).await.unwrap().resource_server.unwrap(), updated);

        let delete = || server.aws.delete_resource_server().user_pool_id(&pool.id).identifier(id).send();
        delete().await.unwrap();
        assert_eq!(said(delete().await.unwrap_err()), missing);
        assert_eq!(said(update(&pool.id).send().await.unwrap_err()), missing);
        assert_eq!(said(describe(&pool.id).await.unwrap_err()), missing);
        describe(&other.id).await.unwrap();
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn scopes_and_identifiers_are_checked(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let create = |identifier: &str, scopes: &[&str]| {
            let create = server.aws.create_resource_server().user_pool_id(&pool.id).identifier(identifier);
            create.name("API").set_scopes(Some(scopes.iter().map(|name| scope(name)).collect())).send()
        };
        for (identifier, scopes) in
            [("api", &["a/b"][..]), ("api", &["a", "a"]), ("a b", &[]), ("a\"b", &[]), ("aws.cognito", &[])]
        {
            let refused = said(create(identifier, scopes).await.unwrap_err());
            assert_eq!(refused.0, "InvalidParameterException", "{identifier} {scopes:?}");
        }
        let names: Vec<_> = (0..101).map(|number| format!("scope{number}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        assert_eq!(said(create("many", &names).await.unwrap_err()).0, "InvalidParameterException");
        let created = create("many", &names[..100]).await.unwrap().resource_server.unwrap();
        assert_eq!(created.scopes().len(), 100);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_pool_has_25_resource_servers_at_most_and_lists_them_in_pages(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        let create = |pool: &str, number: u32| {
            let identifier = format!("api{number:02}");
            server.aws.create_resource_server().user_pool_id(pool).identifier(identifier).name("API").send()
        };
        let created = join_all((0..25).map(|number| create(&pool.id, number))).await;
        assert!(created.iter().all(Result::is_ok));
        assert_eq!(said(create(&pool.id, 25).await.unwrap_err()).0, "LimitExceededException");
        create(&other.id, 25).await.unwrap();

        let list = || server.aws.list_resource_servers().user_pool_id(&pool.id);
        let pages =
            list().max_results(10).into_paginator().send().collect::<Result<Vec<_>, _>>().await.unwrap();
        assert_eq!(pages.iter().map(|page| page.resource_servers().len()).collect::<Vec<_>>(), [10, 10, 5]);
        let all = list().send().await.unwrap();
        assert_eq!((all.resource_servers().len(), all.next_token()), (25, None));
        let token = pages[0].next_token().unwrap();
        let foreign =
            server.aws.list_resource_servers().user_pool_id(&other.id).next_token(token).send().await;
        assert_eq!(said(foreign.unwrap_err()).0, "InvalidParameterException");
        assert_eq!(said(list().max_results(51).send().await.unwrap_err()).0, "InvalidParameterException");
    })
    .await;
}
