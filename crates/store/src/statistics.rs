//! The database's statistics of tables that have begun to fill.

use sqlx::AssertSqlSafe;

use crate::{Db, Result};

/// The tables that have come to hold rows and that Postgres has never looked at.
///
/// Without statistics it takes every index that begins with the pool for as good as the one that names a row, and connections keep the
/// plans that they have. It comes to look by itself, but after a minute in which a new installation may have got many rows.
///
/// # Errors
/// When the database does not answer.
pub async fn missing(db: &Db) -> Result<Vec<String>> {
    // The catalogue outlives a failover; when a table was last looked at is forgotten by it.
    let tables = sqlx::query_scalar!(
        r#"-- statistics::missing (all tenants)
        select format('%I', c.relname) as "name!"
        from pg_stat_user_tables s join pg_class c on c.oid = s.relid
        where s.schemaname = current_schema() and s.n_mod_since_analyze >= 50 and pg_has_role(c.relowner, 'usage')
          and not exists (select from pg_stats p where p.schemaname = s.schemaname and p.tablename = s.relname)"#
    );
    Ok(tables.fetch_all(&db.pool).await?)
}

/// Has Postgres look at one of [`missing`].
///
/// # Errors
/// When the database does not answer.
pub async fn gather(db: &Db, table: &str) -> Result<()> {
    // Another replica may be at it.
    let statement = format!("-- statistics::gather (all tenants)\nanalyze (skip_locked) {table}");
    sqlx::query(AssertSqlSafe(statement)).execute(&db.pool).await?;
    Ok(())
}
