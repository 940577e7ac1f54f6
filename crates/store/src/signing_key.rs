//! The RSA keys a pool signs its tokens with.

use sqlx::PgConnection;
use zeroize::Zeroizing;

use crate::seal::{Place, PoolKey, Sealed};
use crate::{Db, Result, Timestamp, UserPool, UserPoolId};

/// Which tokens a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenUse {
    /// ID tokens.
    Id,
    /// Access tokens.
    Access,
}

impl TokenUse {
    /// The `token_use` claim.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Access => "access",
        }
    }
}

/// A key about to be stored.
pub struct NewSigningKey {
    /// The public id in token headers and the JWKS.
    pub kid: String,
    /// Which tokens it signs.
    pub token_use: TokenUse,
    /// PKCS#8 DER.
    pub private_key: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for NewSigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// A stored key, opened.
pub struct SigningKey {
    /// The public id in token headers and the JWKS.
    pub kid: String,
    /// Which tokens it signs.
    pub token_use: TokenUse,
    /// PKCS#8 DER.
    pub private_key: Zeroizing<Vec<u8>>,
}

/// A pool's keys, by age.
///
/// # Errors
/// When the database does not answer, or a key does not open.
pub async fn list(db: &Db, pool: &UserPool) -> Result<Vec<SigningKey>> {
    let rows = sqlx::query!(
        "-- signing_key::list
        select kid, token_use, private_key from signing_keys where user_pool_id = $1 order by created_at, kid",
        pool.id.as_str()
    );
    let rows = rows.fetch_all(&db.pool).await?;
    rows.into_iter()
        .map(|row| {
            let private_key = pool.key.open(place(&row.kid), &Sealed::from_stored(row.private_key))?;
            let token_use = if row.token_use == "id" { TokenUse::Id } else { TokenUse::Access };
            Ok(SigningKey { kid: row.kid, token_use, private_key })
        })
        .collect()
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    key: &PoolKey,
    new: &NewSigningKey,
    now: Timestamp,
) -> Result<()> {
    let sealed = key.seal(place(&new.kid), &new.private_key)?;
    let insert = sqlx::query!(
        "-- signing_key::insert
        insert into signing_keys (user_pool_id, kid, token_use, private_key, created_at) values ($1, $2, $3, $4, $5)",
        pool.as_str(),
        new.kid,
        new.token_use.as_str(),
        sealed.as_bytes(),
        now
    );
    insert.execute(connection).await?;
    Ok(())
}

fn place(kid: &str) -> Place<'_> {
    Place { table: "signing_keys", column: "private_key", row: kid }
}
