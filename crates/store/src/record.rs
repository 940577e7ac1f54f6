//! Records: a pool's configuration beside its settings (resource servers, identity providers, terms, branding), each a
//! sealed document with a name.

pub mod identity_provider;
pub mod resource_server;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::PgExecutor;

use crate::seal::{Place, PoolKey, Sealed};
use crate::{AppClientId, Db, Error, Result, Timestamp, UserPool, UserPoolId};

/// What a kind of record holds. Stored as JSON; a new member needs a default, not a migration.
pub trait Kind: Serialize + DeserializeOwned {
    /// The kind's name in the table.
    const NAME: &'static str;

    /// What the record takes at its client: no two of a client's records of a kind have the same slot.
    fn slot(&self) -> Option<&str> {
        None
    }
}

/// A record as stored.
#[derive(Debug, Clone)]
pub struct Record<T> {
    /// What names it among the pool's records of its kind.
    pub id: String,
    /// The client it is about, and goes with.
    pub client: Option<AppClientId>,
    /// What it says.
    pub body: T,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A row as the statements return it.
struct Row {
    id: String,
    client_id: Option<String>,
    body: Vec<u8>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Row {
    fn open<T: Kind>(self, key: &PoolKey) -> Result<Record<T>> {
        let opened = key.open(place(&row::<T>(&self.id)), &Sealed::from_stored(self.body))?;
        let body = serde_json::from_slice(&opened);
        Ok(Record {
            body: body.map_err(|_| Error::Unreadable("records.body".into()))?,
            id: self.id,
            client: self.client_id.map(AppClientId::new),
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

fn row<T: Kind>(id: &str) -> String {
    format!("{}/{id}", T::NAME)
}

fn place(row: &str) -> Place<'_> {
    Place { table: "records", column: "body", row }
}

fn seal<T: Kind>(key: &PoolKey, id: &str, body: &T) -> Result<Sealed> {
    let json = serde_json::to_vec(body).map_err(|error| Error::Internal(error.to_string()))?;
    key.seal(place(&row::<T>(id)), &json)
}

/// Creates a record, unless the pool has as many of its kind as it may.
///
/// # Errors
/// [`crate::Constraint::RecordExists`] when the pool has one of that kind and id, or the client one in its slot;
/// [`Error::Stale`] when the pool has as many as it may; [`crate::Constraint::ParentGone`] when the pool or the client is gone.
pub async fn insert<T: Kind>(
    db: &Db,
    pool: &UserPool,
    id: &str,
    client: Option<&AppClientId>,
    body: T,
    most: i64,
    now: Timestamp,
) -> Result<Record<T>> {
    insert_with(&db.pool, pool, id, client, body, most, now).await
}

/// As [`insert`], where a record is saved together with something else.
pub(crate) async fn insert_with<T: Kind>(
    executor: impl PgExecutor<'_>,
    pool: &UserPool,
    id: &str,
    client: Option<&AppClientId>,
    body: T,
    most: i64,
    now: Timestamp,
) -> Result<Record<T>> {
    let sealed = seal(&pool.key, id, &body)?;
    let insert = sqlx::query!(
        "-- record::insert
        insert into records (user_pool_id, kind, id, client_id, body, slot, created_at, updated_at)
        select $1, $2, $3, $4, $5, $8, $6, $6
        where (select count(*) from records where user_pool_id = $1 and kind = $2) < $7",
        pool.id.as_str(),
        T::NAME,
        id,
        client.map(AppClientId::as_str),
        sealed.as_bytes(),
        now,
        most,
        body.slot()
    );
    match insert.execute(executor).await?.rows_affected() {
        1 => {
            Ok(Record { id: id.to_owned(), client: client.cloned(), body, created_at: now, updated_at: now })
        }
        _ => Err(Error::Stale),
    }
}

/// Creates a record, or replaces the one that is there.
///
/// # Errors
/// [`crate::Constraint::ParentGone`] when the pool or the client is gone.
pub async fn put<T: Kind>(
    db: &Db,
    pool: &UserPool,
    id: &str,
    client: Option<&AppClientId>,
    body: T,
    now: Timestamp,
) -> Result<Record<T>> {
    let sealed = seal(&pool.key, id, &body)?;
    let upsert = sqlx::query_scalar!(
        "-- record::put
        insert into records (user_pool_id, kind, id, client_id, body, slot, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $7, $6, $6)
        on conflict (user_pool_id, kind, id) do update
        set body = $5, slot = $7, updated_at = greatest($6, records.updated_at + interval '1 microsecond')
        returning created_at",
        pool.id.as_str(),
        T::NAME,
        id,
        client.map(AppClientId::as_str),
        sealed.as_bytes(),
        now,
        body.slot()
    );
    let created_at = upsert.fetch_one(&db.pool).await?;
    Ok(Record { id: id.to_owned(), client: client.cloned(), body, created_at, updated_at: now })
}

/// A record by its id.
///
/// # Errors
/// When the database does not answer, or the record does not open.
pub async fn get<T: Kind>(db: &Db, pool: &UserPool, id: &str) -> Result<Option<Record<T>>> {
    let row = sqlx::query_as!(
        Row,
        "-- record::get
        select id, client_id, body, created_at, updated_at from records
        where user_pool_id = $1 and kind = $2 and id = $3",
        pool.id.as_str(),
        T::NAME,
        id
    );
    row.fetch_optional(&db.pool).await?.map(|row| row.open(&pool.key)).transpose()
}

/// The records of a kind that are about a client, oldest first.
///
/// # Errors
/// When the database does not answer, or a record does not open.
pub async fn of_client<T: Kind>(db: &Db, pool: &UserPool, client: &AppClientId) -> Result<Vec<Record<T>>> {
    let rows = sqlx::query_as!(
        Row,
        "-- record::of_client
        select id, client_id, body, created_at, updated_at from records
        where user_pool_id = $1 and client_id = $2 and kind = $3 order by created_at, id",
        pool.id.as_str(),
        client.as_str(),
        T::NAME
    );
    rows.fetch_all(&db.pool).await?.into_iter().map(|row| row.open(&pool.key)).collect()
}

/// When a record last changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// Its kind ([`Kind::NAME`]).
    pub kind: String,
    /// Its name among those.
    pub id: String,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// When the records of these kinds last changed that are about a client, or about none.
///
/// # Errors
/// When the database does not answer.
pub async fn stamps(db: &Db, pool: &UserPoolId, client: &AppClientId, kinds: &[&str]) -> Result<Vec<Stamp>> {
    let rows = sqlx::query_as!(
        Stamp,
        "-- record::stamps
        select kind, id, updated_at from records
        where user_pool_id = $1 and (client_id = $2 or client_id is null) and kind = any($3::text[])",
        pool.as_str(),
        client.as_str(),
        kinds as _
    );
    Ok(rows.fetch_all(&db.pool).await?)
}

/// A pool's records of a kind, by id, after the one given.
///
/// # Errors
/// When the database does not answer, or a record does not open.
pub async fn list<T: Kind>(
    db: &Db,
    pool: &UserPool,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Record<T>>> {
    let rows = sqlx::query_as!(
        Row,
        "-- record::list
        select id, client_id, body, created_at, updated_at from records
        where user_pool_id = $1 and kind = $2 and id > $3 order by id limit $4",
        pool.id.as_str(),
        T::NAME,
        after.unwrap_or(""),
        limit
    );
    rows.fetch_all(&db.pool).await?.into_iter().map(|row| row.open(&pool.key)).collect()
}

/// Replaces what a record says, unless somebody else changed it since it was read. Returns it as it is then.
///
/// # Errors
/// [`Error::Stale`] when they did, or when it is gone; [`crate::Constraint::RecordExists`] when another one has its slot.
pub async fn update<T: Kind>(
    db: &Db,
    pool: &UserPool,
    record: &Record<T>,
    body: T,
    now: Timestamp,
) -> Result<Record<T>> {
    update_with(&db.pool, pool, record, body, now).await
}

/// As [`update`], where a record is saved together with something else.
pub(crate) async fn update_with<T: Kind>(
    executor: impl PgExecutor<'_>,
    pool: &UserPool,
    record: &Record<T>,
    body: T,
    now: Timestamp,
) -> Result<Record<T>> {
    let sealed = seal(&pool.key, &record.id, &body)?;
    let update = sqlx::query_scalar!(
        "-- record::update
        update records set body = $5, slot = $7, updated_at = greatest($6, updated_at + interval '1 microsecond')
        where user_pool_id = $1 and kind = $2 and id = $3 and updated_at = $4
        returning updated_at",
        pool.id.as_str(),
        T::NAME,
        record.id,
        record.updated_at,
        sealed.as_bytes(),
        now,
        body.slot()
    );
    let updated_at = update.fetch_optional(executor).await?.ok_or(Error::Stale)?;
    Ok(Record {
        id: record.id.clone(),
        client: record.client.clone(),
        body,
        created_at: record.created_at,
        updated_at,
    })
}

/// Deletes a record; says whether there was one.
///
/// # Errors
/// When the database does not answer.
pub async fn delete<T: Kind>(db: &Db, pool: &UserPoolId, id: &str) -> Result<bool> {
    delete_with::<T>(&db.pool, pool, id).await
}

/// As [`delete`], where something else is saved with it.
pub(crate) async fn delete_with<T: Kind>(
    executor: impl PgExecutor<'_>,
    pool: &UserPoolId,
    id: &str,
) -> Result<bool> {
    let delete = sqlx::query!(
        "-- record::delete
        delete from records where user_pool_id = $1 and kind = $2 and id = $3",
        pool.as_str(),
        T::NAME,
        id
    );
    Ok(delete.execute(executor).await?.rows_affected() == 1)
}
