//! Groups, who is in them, and what tokens tell of them.

use std::time::Duration;

use aws_sdk_cognitoidentityprovider::types::AuthenticationResultType;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgConnection};
use tokio::time::{sleep, timeout};

use crate::server::{PASSWORD, TestPool, TestServer, said};
use crate::tokens::verified;

const ROLE: &str = "arn:aws:iam::123456789012:role/";

async fn create(pool: &TestPool<'_>, name: &str, role: Option<&str>, precedence: Option<i32>) {
    let create = pool.server.aws.create_group().user_pool_id(&pool.id).group_name(name);
    let role = role.map(|role| format!("{ROLE}{role}"));
    create.set_role_arn(role).set_precedence(precedence).send().await.unwrap();
}

async fn add(pool: &TestPool<'_>, name: &str, username: &str) -> Result<(), (String, String)> {
    let add = pool.server.aws.admin_add_user_to_group().user_pool_id(&pool.id).group_name(name);
    add.username(username).send().await.map(|_| ()).map_err(said)
}

/// The claims of a pair of tokens: access, then ID.
async fn claims(pool: &TestPool<'_>, tokens: &AuthenticationResultType) -> (Value, Value) {
    let (access, id) = (tokens.access_token().unwrap(), tokens.id_token().unwrap());
    (verified(pool, access).await.1, verified(pool, id).await.1)
}

fn not_found() -> (String, String) {
    ("ResourceNotFoundException".to_owned(), "Group not found.".to_owned())
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_group_keeps_what_an_update_does_not_name(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let created = server.aws.create_group().user_pool_id(&pool.id).group_name("editors");
        let created = created.description("edit").precedence(7).role_arn(format!("{ROLE}editor"));
        let group = created.clone().send().await.unwrap().group.unwrap();
        assert_eq!(group.user_pool_id(), Some(&*pool.id));
        assert_eq!(said(created.send().await.unwrap_err()).0, "GroupExistsException");

        let update = server.aws.update_group().user_pool_id(&pool.id).group_name("editors").precedence(0);
        let updated = update.send().await.unwrap().group.unwrap();
        assert_eq!((updated.description(), updated.precedence()), (Some("edit"), Some(0)));
        assert!(updated.last_modified_date() > group.last_modified_date());
        let get = server.aws.get_group().user_pool_id(&pool.id).group_name("editors");
        assert_eq!(get.send().await.unwrap().group.unwrap(), updated);

        let bare = server.aws.create_group().user_pool_id(&pool.id).group_name("bare");
        let bare = bare.send().await.unwrap().group.unwrap();
        assert_eq!((bare.description(), bare.precedence(), bare.role_arn()), (None, None, None));

        let missing = server.aws.update_group().user_pool_id(&pool.id).group_name("nobody");
        assert_eq!(said(missing.send().await.unwrap_err()), not_found());
        let delete = || server.aws.delete_group().user_pool_id(&pool.id).group_name("editors").send();
        delete().await.unwrap();
        assert_eq!(said(delete().await.unwrap_err()), not_found());
        let get = server.aws.get_group().user_pool_id(&pool.id).group_name("editors");
        assert_eq!(said(get.send().await.unwrap_err()), not_found());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn members_come_and_go_and_are_listed_both_ways(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        for username in ["ada", "bob", "eve"] {
            pool.admin_user(username).await;
        }
        for name in ["Zulu", "alpha", "beta"] {
            create(&pool, name, None, None).await;
            add(&pool, name, "ada").await.unwrap();
        }
        create(&other, "elsewhere", None, None).await;
        add(&pool, "alpha", "bob").await.unwrap();
        let (again, and_again) = tokio::join!(add(&pool, "alpha", "ada"), add(&pool, "alpha", "ada"));
        assert!(again.is_ok() && and_again.is_ok());
        let (first, second) = tokio::join!(add(&pool, "beta", "eve"), add(&pool, "beta", "eve"));
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(add(&pool, "nobody", "ada").await, Err(not_found()));
        assert_eq!(add(&pool, "elsewhere", "ada").await, Err(not_found()));
        assert_eq!(add(&pool, "alpha", "nobody").await.unwrap_err().0, "UserNotFoundException");

        let groups = server.aws.admin_list_groups_for_user().user_pool_id(&pool.id).username("ada").limit(2);
        let groups = groups.into_paginator().items().send().try_collect().await.unwrap();
        let names: Vec<_> = groups.iter().map(|group| group.group_name().unwrap()).collect();
        assert_eq!(names, ["Zulu", "alpha", "beta"]);
        let groups = server.aws.list_groups().user_pool_id(&pool.id).limit(2);
        let groups = groups.into_paginator().items().send().try_collect().await.unwrap();
        assert_eq!(groups.len(), 3);

        let members = || async {
            let users = server.aws.list_users_in_group().user_pool_id(&pool.id).group_name("alpha").limit(1);
            let users = users.into_paginator().items().send().try_collect().await.unwrap();
            let mut names: Vec<_> = users.iter().map(|user| user.username().unwrap().to_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(members().await, ["ada", "bob"]);
        let remove = |username: &str| {
            let remove = server.aws.admin_remove_user_from_group().user_pool_id(&pool.id).group_name("alpha");
            remove.username(username).send()
        };
        remove("bob").await.unwrap();
        remove("bob").await.unwrap();
        assert_eq!(said(remove("nobody").await.unwrap_err()).0, "UserNotFoundException");
        assert_eq!(members().await, ["ada"]);
        // A deleted user leaves their groups, and a deleted group its users.
        server.aws.admin_delete_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert!(members().await.is_empty());
        let users = server.aws.list_users_in_group().user_pool_id(&pool.id).group_name("nobody");
        assert_eq!(said(users.send().await.unwrap_err()), not_found());
        let users = server.aws.list_users_in_group().user_pool_id(&pool.id).group_name("alpha");
        let forged = users.next_token("Pnonsense").send().await.unwrap_err();
        assert_eq!(said(forged).1, "Invalid pagination token");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn tokens_tell_the_groups_of_the_moment(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let (access, id) = claims(&pool, &tokens).await;
        for claim in ["cognito:groups", "cognito:roles", "cognito:preferred_role"] {
            assert!(access[claim].is_null() && id[claim].is_null(), "{claim}");
        }

        create(&pool, "staff", Some("staff"), Some(10)).await;
        create(&pool, "admins", Some("admin"), Some(1)).await;
        create(&pool, "plain", None, None).await;
        create(&pool, "Zoo", None, None).await;
        create(&pool, "sales", None, Some(10)).await;
        for name in ["plain", "staff", "admins", "Zoo", "sales"] {
            add(&pool, name, "ada").await.unwrap();
        }
        let refreshed = pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap();
        let refreshed = refreshed.authentication_result.unwrap();
        let signed_in = pool.sign_in("ada", PASSWORD).await;
        for tokens in [&refreshed, &signed_in] {
            let (access, id) = claims(&pool, tokens).await;
            assert_eq!(access["cognito:groups"], json!(["admins", "sales", "staff", "Zoo", "plain"]));
            assert_eq!(
                (&access["cognito:roles"], &access["cognito:preferred_role"]),
                (&Value::Null, &Value::Null)
            );
            assert_eq!(id["cognito:groups"], access["cognito:groups"]);
            assert_eq!(id["cognito:roles"], json!([format!("{ROLE}admin"), format!("{ROLE}staff")]));
            assert_eq!(id["cognito:preferred_role"], format!("{ROLE}admin"));
        }

        server.aws.delete_group().user_pool_id(&pool.id).group_name("admins").send().await.unwrap();
        let refreshed = pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap();
        let (_, id) = claims(&pool, &refreshed.authentication_result.unwrap()).await;
        assert_eq!(id["cognito:groups"], json!(["sales", "staff", "Zoo", "plain"]));
        assert_eq!(id["cognito:preferred_role"], format!("{ROLE}staff"));
    })
    .await;
}

/// Tokens are signed while their session is saved, for the groups that the user was found with.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_group_that_is_joined_while_its_user_signs_in_is_in_their_tokens(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db.clone(), async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        create(&pool, "staff", None, None).await;

        let (mut aside, mut watch) =
            (PgConnection::connect_with(&db).await.unwrap(), PgConnection::connect_with(&db).await.unwrap());
        // They are found, and their session cannot be saved yet.
        let mut barrier = aside.begin().await.unwrap();
        sqlx::query("lock table second_factors").execute(&mut *barrier).await.unwrap();
        let joining = async {
            let waiting = "select from pg_locks where not granted and relation = 'second_factors'::regclass";
            let is_reached = async {
                while sqlx::query(waiting).fetch_optional(&mut watch).await.unwrap().is_none() {
                    sleep(Duration::from_millis(10)).await;
                }
            };
            timeout(Duration::from_secs(10), is_reached).await.expect("nothing waits for the lock");
            add(&pool, "staff", "ada").await.unwrap();
            barrier.commit().await.unwrap();
        };
        let (tokens, ()) = tokio::join!(pool.sign_in("ada", PASSWORD), joining);
        let (access, id) = claims(&pool, &tokens).await;
        assert_eq!(
            (&access["cognito:groups"], &id["cognito:groups"]),
            (&json!(["staff"]), &json!(["staff"]))
        );
    })
    .await;
}
