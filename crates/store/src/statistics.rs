//! The database's statistics of tables that have begun to fill.

use sqlx::AssertSqlSafe;

use crate::{Db, Result};

/// Has Postgres look at the tables that have come to hold rows and that it has no statistics of; returns which.
///
/// Without them it takes every index that begins with the pool for as good as the one that names a row, and connections keep the plans
/// that they have. It comes to look by itself, but after a minute in which a new installation may have got many rows.
///
/// # Errors
/// When the database does not answer.
pub async fn gather(db: &Db) -> Result<Vec<String>> {
    let tables = sqlx::query_scalar!(
        r#"-- statistics::unknown (all tenants)
        select format('%I', relname) as "name!" from pg_stat_user_tables
        where schemaname = current_schema() and n_mod_since_analyze >= 50
          and last_analyze is null and last_autoanalyze is null"#
    );
    let tables = tables.fetch_all(&db.pool).await?;
    for table in &tables {
        // Another replica may be at it.
        let statement = format!("-- statistics::gather (all tenants)\nanalyze (skip_locked) {table}");
        sqlx::query(AssertSqlSafe(statement)).execute(&db.pool).await?;
    }
    Ok(tables)
}
