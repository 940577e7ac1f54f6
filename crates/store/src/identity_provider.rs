//! Identity providers together with what hangs on them: their identifiers, and the clients that offer them.

use sqlx::PgConnection;

use crate::record::identity_provider::IdentityProvider;
use crate::record::{self, Record};
use crate::{AppClientId, Db, Result, Timestamp, UserPool, UserPoolId};

/// Creates a provider, unless the pool has as many as it may.
///
/// # Errors
/// As [`record::insert`]; [`crate::Constraint::IdentifierTaken`].
pub async fn insert(
    db: &Db,
    pool: &UserPool,
    name: &str,
    provider: IdentityProvider,
    most: i64,
    now: Timestamp,
) -> Result<Record<IdentityProvider>> {
    let mut tx = db.begin().await?;
    let record = record::insert_with(&mut *tx, pool, name, None, provider, most, now).await?;
    claim(&mut tx, &pool.id, &record).await?;
    tx.commit().await?;
    Ok(record)
}

/// Replaces a provider, unless somebody else changed it since it was read. Returns it as it is then.
///
/// # Errors
/// As [`record::update`]; [`crate::Constraint::IdentifierTaken`].
pub async fn update(
    db: &Db,
    pool: &UserPool,
    record: &Record<IdentityProvider>,
    provider: IdentityProvider,
    now: Timestamp,
) -> Result<Record<IdentityProvider>> {
    let mut tx = db.begin().await?;
    let record = record::update_with(&mut *tx, pool, record, provider, now).await?;
    let release = sqlx::query!(
        "-- identity_provider::release
        delete from identity_provider_identifiers where user_pool_id = $1 and provider = $2",
        pool.id.as_str(),
        record.id
    );
    release.execute(&mut *tx).await?;
    claim(&mut tx, &pool.id, &record).await?;
    tx.commit().await?;
    Ok(record)
}

async fn claim(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    record: &Record<IdentityProvider>,
) -> Result<()> {
    let claim = sqlx::query!(
        "-- identity_provider::claim
        insert into identity_provider_identifiers (user_pool_id, identifier, provider)
        select $1, unnest($3::text[]), $2",
        pool.as_str(),
        record.id,
        &record.body.identifiers
    );
    claim.execute(connection).await?;
    Ok(())
}

/// The name of the provider that has an identifier.
///
/// # Errors
/// When the database does not answer.
pub async fn by_identifier(db: &Db, pool: &UserPoolId, identifier: &str) -> Result<Option<String>> {
    let provider = sqlx::query_scalar!(
        "-- identity_provider::by_identifier
        select provider from identity_provider_identifiers where user_pool_id = $1 and identifier = $2",
        pool.as_str(),
        identifier
    );
    Ok(provider.fetch_optional(&db.pool).await?)
}

/// Deletes a provider, and takes it from the clients that offer it. Returns those, or `None` when there is no such
/// provider.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(
    db: &Db,
    pool: &UserPoolId,
    name: &str,
    now: Timestamp,
) -> Result<Option<Vec<AppClientId>>> {
    let mut tx = db.begin().await?;
    if !record::delete_with::<IdentityProvider>(&mut *tx, pool, name).await? {
        return Ok(None);
    }
    let leave = sqlx::query_scalar!(
        "-- identity_provider::leave_clients
        update app_clients
        set settings = jsonb_set(settings, '{identity_providers}',
                                 (settings -> 'identity_providers') - $2::text),
            updated_at = greatest($3, updated_at + interval '1 microsecond')
        where user_pool_id = $1 and settings -> 'identity_providers' ? $2
        returning id",
        pool.as_str(),
        name,
        now
    );
    let clients = leave.fetch_all(&mut *tx).await?;
    tx.commit().await?;
    Ok(Some(clients.into_iter().map(AppClientId::new).collect()))
}
