//! The database's statistics of tables that begin to fill.

use std::time::{Duration, Instant};

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::TestServer;

/// Well before Postgres comes to look by itself, which it does once in a minute.
const SOON: Duration = Duration::from_secs(30);

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_table_that_begins_to_fill_is_looked_at(_: PgPoolOptions, db: PgConnectOptions) {
    let mut connection = db.connect().await.unwrap();
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let mut rows = async || {
            let rows =
                sqlx::query_scalar::<_, f32>("select reltuples from pg_class where relname = 'groups'");
            rows.fetch_one(&mut connection).await.unwrap()
        };
        assert!(rows().await < 0.0, "nobody has looked yet");
        for number in 0..60 {
            let create =
                server.aws.create_group().user_pool_id(&pool.id).group_name(format!("group-{number}"));
            create.send().await.unwrap();
        }
        let until = Instant::now() + SOON;
        while rows().await < 50.0 {
            assert!(Instant::now() < until, "nobody has looked");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    })
    .await;
}
