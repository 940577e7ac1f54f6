//! The key that signs a pool's SAML requests, and its certificate. There is one, made when it is first asked for.

use zeroize::Zeroizing;

use crate::seal::{Place, Sealed};
use crate::{Db, Result, Timestamp, UserPool};

const PLACE: Place<'static> = Place { table: "saml_signing_keys", column: "private_key", row: "" };

/// A key with its certificate.
pub struct SamlSigningKey {
    /// PKCS#8 DER.
    pub private_key: Zeroizing<Vec<u8>>,
    /// X.509 DER.
    pub certificate: Vec<u8>,
}

impl std::fmt::Debug for SamlSigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SamlSigningKey").finish_non_exhaustive()
    }
}

/// A pool's key, if it has been made.
///
/// # Errors
/// When the database does not answer, or the key does not open.
pub async fn get(db: &Db, pool: &UserPool) -> Result<Option<SamlSigningKey>> {
    let row = sqlx::query!(
        "-- saml_signing_key::get
        select private_key, certificate from saml_signing_keys where user_pool_id = $1",
        pool.id.as_str()
    );
    let Some(row) = row.fetch_optional(&db.pool).await? else { return Ok(None) };
    let private_key = pool.key.open(PLACE, &Sealed::from_stored(row.private_key))?;
    Ok(Some(SamlSigningKey { private_key, certificate: row.certificate }))
}

/// Gives a pool its key, unless it has one.
///
/// # Errors
/// [`crate::Constraint::ParentGone`] when the pool is gone.
pub async fn insert_if_absent(db: &Db, pool: &UserPool, key: &SamlSigningKey, now: Timestamp) -> Result<()> {
    let sealed = pool.key.seal(PLACE, &key.private_key)?;
    let insert = sqlx::query!(
        "-- saml_signing_key::insert_if_absent
        insert into saml_signing_keys (user_pool_id, private_key, certificate, created_at) values ($1, $2, $3, $4)
        on conflict (user_pool_id) do nothing",
        pool.id.as_str(),
        sealed.as_bytes(),
        key.certificate,
        now
    );
    insert.execute(&db.pool).await?;
    Ok(())
}
