//! User pools.

mod log_delivery;
mod mfa;
mod risk;
mod settings;
mod trigger;

pub use log_delivery::*;
pub use mfa::*;
pub use risk::*;
pub use settings::*;
use sqlx::types::Json;
pub use trigger::*;

use crate::seal::{PoolKey, Sealed};
use crate::{AccountId, Constraint, Db, Error, Result, Timestamp, UserPoolId, signing_key};

/// A user pool with its data key. Holding one is the right to reach the pool's rows (TEN-2).
#[derive(Debug, Clone)]
pub struct UserPool {
    /// `{region}_{name}`.
    pub id: UserPoolId,
    /// The tenant it belongs to.
    pub account: AccountId,
    /// What the owner calls it.
    pub name: String,
    /// What the owner has set.
    pub settings: UserPoolSettings,
    /// Seals and digests the pool's secrets.
    pub key: PoolKey,
    /// What calls of its functions are signed with.
    pub webhook_keys: WebhookKeys,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its settings last changed.
    pub updated_at: Timestamp,
}

/// Which of the secrets that are derived from a pool's key its functions know.
#[derive(Debug, Clone, Copy, Default)]
pub struct WebhookKeys {
    /// The number of the newest.
    pub generation: i32,
    /// Until when the one before is used as well.
    pub overlap_until: Option<Timestamp>,
}

/// A line of a listing of pools.
#[derive(Debug, Clone)]
pub struct UserPoolSummary {
    /// The pool's id.
    pub id: UserPoolId,
    /// What the owner calls it.
    pub name: String,
    /// The functions that are called at certain points.
    pub triggers: Triggers,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its settings last changed.
    pub updated_at: Timestamp,
}

/// A pool about to be created.
#[derive(Debug)]
pub struct NewUserPool<'a> {
    /// The tenant it will belong to.
    pub account: &'a AccountId,
    /// Its id, made by the caller.
    pub id: &'a UserPoolId,
    /// What the owner calls it.
    pub name: &'a str,
    /// What the owner has set.
    pub settings: &'a UserPoolSettings,
    /// Its signing keys.
    pub signing_keys: &'a [signing_key::NewSigningKey],
}

/// Creates a pool with its data key and signing keys.
///
/// # Errors
/// [`crate::Constraint::ParentGone`] when there is no such account.
pub async fn create(db: &Db, new: &NewUserPool<'_>, now: Timestamp) -> Result<UserPool> {
    let (key, wrapped) = db.root.new_pool_key(new.account, new.id)?;
    let mut tx = db.begin().await?;
    let insert = sqlx::query!(
        "-- user_pool::create
        insert into user_pools (id, account_id, name, settings, data_key, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $6)",
        new.id.as_str(),
        new.account.as_str(),
        new.name,
        Json(new.settings) as _,
        wrapped.as_bytes(),
        now
    );
    insert.execute(&mut *tx).await?;
    for signing_key in new.signing_keys {
        signing_key::insert(&mut tx, new.id, &key, signing_key, now).await?;
    }
    tx.commit().await?;
    Ok(UserPool {
        id: new.id.clone(),
        account: new.account.clone(),
        name: new.name.to_owned(),
        settings: new.settings.clone(),
        key,
        webhook_keys: WebhookKeys::default(),
        created_at: now,
        updated_at: now,
    })
}

/// A pool by its public id, whoever it belongs to: for callers that are authorised by something of the pool's own.
///
/// # Errors
/// When the database does not answer, or the data key does not open under this root key.
pub async fn get(db: &Db, id: &UserPoolId) -> Result<Option<UserPool>> {
    let row = sqlx::query!(
        r#"-- user_pool::get
        select account_id, name, settings as "settings: Json<UserPoolSettings>", data_key, webhook_generation,
            webhook_overlap_until, created_at, updated_at
        from user_pools where id = $1"#,
        id.as_str()
    );
    let Some(row) = row.fetch_optional(&db.pool).await? else { return Ok(None) };
    let account = AccountId::new(row.account_id);
    let key = db.root.pool_key(&account, id, &Sealed::from_stored(row.data_key))?;
    Ok(Some(UserPool {
        id: id.clone(),
        account,
        name: row.name,
        settings: row.settings.0,
        key,
        webhook_keys: WebhookKeys {
            generation: row.webhook_generation,
            overlap_until: row.webhook_overlap_until,
        },
        created_at: row.created_at,
        updated_at: row.updated_at,
    }))
}

/// An account's pools, by id, after the one given.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    db: &Db,
    account: &AccountId,
    after: Option<&UserPoolId>,
    limit: i64,
) -> Result<Vec<UserPoolSummary>> {
    let rows = sqlx::query!(
        r#"-- user_pool::list
        select id, name, settings -> 'triggers' as "triggers: Json<Triggers>", created_at, updated_at from user_pools
        where account_id = $1 and id > $2 order by id limit $3"#,
        account.as_str(),
        after.map_or("", UserPoolId::as_str),
        limit
    );
    let rows = rows.fetch_all(&db.pool).await?;
    Ok(rows
        .into_iter()
        .map(|row| UserPoolSummary {
            id: UserPoolId::new(row.id),
            name: row.name,
            triggers: row.triggers.map(|triggers| triggers.0).unwrap_or_default(),
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
        .collect())
}

/// The pools that have functions, of whatever account, with those.
///
/// # Errors
/// When the database does not answer.
pub async fn with_functions(db: &Db) -> Result<Vec<(AccountId, UserPoolId, Triggers)>> {
    let rows = sqlx::query!(
        r#"-- user_pool::with_functions (all tenants)
        select id, account_id, settings -> 'triggers' as "triggers!: Json<Triggers>" from user_pools
        where settings -> 'triggers' -> 'functions' <> '{}' order by id"#
    );
    let rows = rows.fetch_all(&db.pool).await?;
    Ok(rows
        .into_iter()
        .map(|row| (AccountId::new(row.account_id), UserPoolId::new(row.id), row.triggers.0))
        .collect())
}

/// Replaces a pool's name and settings, unless somebody else changed them since `pool` was read.
///
/// # Errors
/// [`Error::Stale`] when they did, or when the pool is gone.
pub async fn update(
    db: &Db,
    pool: &UserPool,
    name: &str,
    settings: &UserPoolSettings,
    now: Timestamp,
) -> Result<()> {
    let update = sqlx::query!(
        "-- user_pool::update
        update user_pools set name = $4, settings = $5, updated_at = greatest($6, updated_at + interval '1 microsecond')
        where id = $1 and account_id = $2 and updated_at = $3",
        pool.id.as_str(),
        pool.account.as_str(),
        pool.updated_at,
        name,
        Json(settings) as _,
        now
    );
    match update.execute(&db.pool).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// Gives a pool's functions a new secret; the one before is used as well until then.
///
/// # Errors
/// When the database does not answer.
pub async fn rotate_webhook_secret(
    db: &Db,
    pool: &UserPool,
    overlap_until: Timestamp,
) -> Result<Option<WebhookKeys>> {
    let update = sqlx::query!(
        "-- user_pool::rotate_webhook_secret
        update user_pools set webhook_generation = webhook_generation + 1, webhook_overlap_until = $3
        where id = $1 and account_id = $2 returning webhook_generation",
        pool.id.as_str(),
        pool.account.as_str(),
        overlap_until
    );
    let row = update.fetch_optional(&db.pool).await?;
    Ok(row.map(|row| WebhookKeys { generation: row.webhook_generation, overlap_until: Some(overlap_until) }))
}

/// Deletes a pool and all that is in it, unless its deletion protection was switched on meanwhile.
///
/// # Errors
/// [`Error::Stale`] when the pool is gone or protected; [`Constraint::PoolHasDomain`].
pub async fn delete(db: &Db, pool: &UserPool) -> Result<()> {
    let mut tx = db.begin().await?;
    // The users of a large pool take longer than a request's statements may.
    sqlx::query("-- user_pool::delete_timeout\n set local statement_timeout = '120s'")
        .execute(&mut *tx)
        .await?;
    let delete = sqlx::query!(
        "-- user_pool::delete
        delete from user_pools
        where id = $1 and account_id = $2 and coalesce((settings ->> 'deletion_protection')::boolean, false) = false",
        pool.id.as_str(),
        pool.account.as_str()
    );
    // All that is in a pool goes with it, except a domain.
    let deleted = delete.execute(&mut *tx).await.map_err(|error| match error.into() {
        Error::Refused(Constraint::ParentGone) => Error::Refused(Constraint::PoolHasDomain),
        other => other,
    })?;
    if deleted.rows_affected() != 1 {
        return Err(Error::Stale);
    }
    tx.commit().await?;
    Ok(())
}

/// How many users a pool has, counted no further than a limit.
///
/// # Errors
/// When the database does not answer.
pub async fn count_users(db: &Db, pool: &UserPoolId, limit: i64) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"-- user_pool::count_users
        select count(*) as "count!" from (select from users where user_pool_id = $1 limit $2) as counted"#,
        pool.as_str(),
        limit
    );
    Ok(count.fetch_one(&db.pool).await?)
}
