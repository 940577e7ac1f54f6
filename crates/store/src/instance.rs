//! Facts about this installation as a whole.

use crate::{Db, Result, Timestamp};

/// Remembers the root key's fingerprint at the first start and compares it ever after (OPS-3).
///
/// Returns whether the root key is the one this database was set up with.
///
/// # Errors
/// When the database does not answer.
pub async fn root_key_matches(db: &Db, now: Timestamp) -> Result<bool> {
    let fingerprint = db.root.fingerprint();
    let insert = sqlx::query!(
        "-- instance::remember_root_key
        insert into instance (root_key_fingerprint, created_at) values ($1, $2) on conflict do nothing",
        fingerprint.as_slice(),
        now
    );
    insert.execute(&db.pool).await?;
    let stored = sqlx::query_scalar!(
        "-- instance::root_key_fingerprint
        select root_key_fingerprint from instance"
    );
    Ok(stored.fetch_one(&db.pool).await? == fingerprint)
}
