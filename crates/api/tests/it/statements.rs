//! The store as a whole: every statement keeps to its tenant, and one connection is enough.

use std::path::Path;

use aws_sdk_cognitoidentityprovider::types::AttributeType;
use futures_util::future::join_all;
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};

use crate::server::{PASSWORD, Setup, TestServer, email_of};

/// The checked statements, as the macros recorded them.
fn statements() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.sqlx");
    let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    let query = |file: Vec<u8>| {
        serde_json::from_slice::<serde_json::Value>(&file).unwrap()["query"].as_str().unwrap().to_owned()
    };
    files.map(query).collect()
}

/// TEN-3: a statement on a tenant's table is restricted by pool or account. What works for all tenants (purging, the
/// outbox) and what starts from a public identifier says so in its name.
#[test]
fn every_statement_is_named_and_restricted_to_its_tenant() {
    const TENANT_TABLES: &[&str] = &[
        "access_keys",
        "domains",
        "identity_provider_identifiers",
        "records",
        "saml_signing_keys",
        "groups",
        "group_members",
        "user_pools",
        "signing_keys",
        "app_clients",
        "app_client_directory",
        "app_client_secrets",
        "users",
        "login_names",
        "passwords",
        "password_history",
        "password_guesses",
        "attempts",
        "user_sessions",
        "verification_codes",
        "spent_challenge_sessions",
        "user_import_jobs",
        "user_import_files",
        "user_import_log",
        "logout_notices",
        "messages",
        "message_templates",
    ];
    let statements = statements();
    assert!(statements.len() > 60, "{}", statements.len());
    for statement in statements {
        let name = statement.lines().next().unwrap().trim();
        assert!(name.starts_with("-- ") && name.contains("::"), "a statement without a name: {statement}");
        let of_a_tenant = TENANT_TABLES.iter().any(|table| {
            let mut words = statement.split(|c: char| !c.is_alphanumeric() && c != '_');
            words.any(|word| word == *table)
        });
        let inserts_with_key = statement.contains("(user_pool_id, ")
            || statement.contains("(account_id, ")
            || statement.contains("(id, account_id, ")
            || statement.contains("(client_id, user_pool_id)");
        let restricted = ["user_pool_id = $1", "account_id = $1", "u.user_pool_id = $1", "where id = $1"]
            .iter()
            .any(|restriction| statement.contains(restriction))
            || (statement.contains("insert into") && inserts_with_key);
        let excepted = name.contains("(all tenants)") || name.contains("(public identifier)");
        assert!(!of_a_tenant || restricted || excepted, "not restricted to a tenant: {statement}");
    }
}

/// No connection is held across hashing or delivery: with a single one, many users still get in at once.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn one_connection_serves_many_sign_ups_and_sign_ins_at_once(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup { connections: 1, ..Setup::default() }, db, async |server| {
        let pool = server.user_pool().await;
        let names: Vec<_> = (0..8).map(|number| format!("user{number}")).collect();
        join_all(names.iter().map(|name| pool.sign_up(name))).await;
        for name in &names {
            let code = server.code_to(&email_of(name)).await;
            let confirm =
                server.aws.confirm_sign_up().client_id(&pool.client).username(name).confirmation_code(code);
            confirm.send().await.unwrap();
        }
        let tokens = join_all(names.iter().map(|name| pool.sign_in(name, PASSWORD))).await;
        let refreshes =
            join_all(tokens.iter().map(|tokens| pool.refresh(tokens.refresh_token().unwrap()).send())).await;
        assert!(refreshes.iter().all(Result::is_ok));
    })
    .await;
}

/// However many threads and callers share the connections, there are no more than the process may open.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn no_more_connections_are_open_than_allowed(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup { connections: 5, ..Setup::default() }, db.clone(), async |server| {
        let pool = server.user_pool().await;
        let mut aside = PgConnection::connect_with(&db).await.unwrap();
        let list = async || server.aws.list_users().user_pool_id(&pool.id).send().await.unwrap();
        for _ in 0..8 {
            join_all((0..24).map(|_| list())).await;
        }
        let open = sqlx::query(
            "select from pg_stat_activity where datname = current_database() and application_name = 'cognate'",
        );
        let open = open.fetch_all(&mut aside).await.unwrap().len();
        assert!((1..=5).contains(&open), "{open}");
    })
    .await;
}

/// DUR-2: what was refused is rolled back before its connection is lent again, and a connection that the database ended costs one
/// statement at most.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_connection_comes_back_ready_or_not_at_all(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup { connections: 1, ..Setup::default() }, db.clone(), async |server| {
        let pool = server.user_pool().await;
        let mut aside = PgConnection::connect_with(&db).await.unwrap();
        pool.sign_up("first").await;
        for round in 0..3 {
            let name = format!("round{round}");
            let again = server.aws.sign_up().client_id(&pool.client).username("first").password(PASSWORD);
            let address = AttributeType::builder().name("email").value(email_of("first")).build().unwrap();
            let refused = again.user_attributes(address).send().await.unwrap_err();
            let exists = refused.as_service_error().is_some_and(|error| error.is_username_exists_exception());
            assert!(exists, "{round}: {refused:?}");
            pool.sign_up(&name).await;
            let saved = sqlx::query("select from users where username = $1").bind(&name);
            assert_eq!(
                saved.fetch_all(&mut aside).await.unwrap().len(),
                1,
                "it waits in somebody's transaction"
            );

            let end = sqlx::query(
                "select pg_terminate_backend(pid) from pg_stat_activity
                 where datname = current_database() and application_name = 'cognate'",
            );
            assert_eq!(end.fetch_all(&mut aside).await.unwrap().len(), 1);
            let _ = server.aws.list_users().user_pool_id(&pool.id).send().await;
        }
    })
    .await;
}
