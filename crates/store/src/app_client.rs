//! App clients: the applications that sign a pool's users in.

mod settings;

use secrecy::{ExposeSecret as _, SecretString};
pub use settings::{
    Analytics, AppClientSettings, OauthSettings, RefreshRotation, Registration, TimeUnit, TokenValidity,
};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::logout_notice;
use crate::seal::{Place, PoolKey, Sealed};
use crate::{AppClientId, Db, Error, Result, Timestamp, UserPool, UserPoolId};

/// An app client with its secrets.
#[derive(Debug, Clone)]
pub struct AppClient {
    /// 26 letters and digits, or what its owner chose; the URL of its document where it describes itself.
    pub id: AppClientId,
    /// The pool it belongs to.
    pub user_pool: UserPoolId,
    /// What the owner calls it.
    pub name: String,
    /// What the owner has set.
    pub settings: AppClientSettings,
    /// The secrets in force, oldest first; none for a public client.
    pub secrets: Vec<ClientSecret>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its settings last changed.
    pub updated_at: Timestamp,
}

/// One of a client's secrets.
#[derive(Debug, Clone)]
pub struct ClientSecret {
    /// Its public id: the client's and the time it was made.
    pub id: String,
    /// The secret.
    pub value: SecretString,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A line of a listing of clients.
#[derive(Debug, Clone)]
pub struct AppClientSummary {
    /// The client's id.
    pub id: AppClientId,
    /// What the owner calls it.
    pub name: String,
    /// Whether it registered itself.
    pub registered: bool,
}

/// Creates a client, with its first secret if it has one.
///
/// # Errors
/// [`crate::Constraint::ParentGone`] when the pool is gone.
pub async fn insert(db: &Db, pool: &UserPool, client: &AppClient) -> Result<()> {
    let mut tx = db.begin().await?;
    let insert = sqlx::query!(
        "-- app_client::insert
        insert into app_clients (user_pool_id, id, name, settings, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $5)",
        pool.id.as_str(),
        client.id.as_str(),
        client.name,
        Json(&client.settings) as _,
        client.created_at
    );
    insert.execute(&mut *tx).await?;
    let insert = sqlx::query!(
        "-- app_client::insert_directory
        insert into app_client_directory (client_id, user_pool_id) values ($1, $2)",
        client.id.as_str(),
        pool.id.as_str()
    );
    insert.execute(&mut *tx).await?;
    for secret in &client.secrets {
        insert_secret(&mut tx, pool, &client.id, secret).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn insert_secret(
    connection: &mut PgConnection,
    pool: &UserPool,
    client: &AppClientId,
    secret: &ClientSecret,
) -> Result<()> {
    let sealed = pool.key.seal(place(&row(client, &secret.id)), secret.value.expose_secret().as_bytes())?;
    let insert = sqlx::query!(
        "-- app_client::insert_secret
        insert into app_client_secrets (user_pool_id, client_id, id, secret, created_at) values ($1, $2, $3, $4, $5)",
        pool.id.as_str(),
        client.as_str(),
        secret.id,
        sealed.as_bytes(),
        secret.created_at
    );
    insert.execute(connection).await?;
    Ok(())
}

/// Gives a client one more secret, unless it has as many as it may.
///
/// # Errors
/// [`Error::Stale`] when it has, or when the client is gone.
pub async fn add_secret(
    db: &Db,
    pool: &UserPool,
    client: &AppClientId,
    secret: &ClientSecret,
    most: i64,
) -> Result<()> {
    let mut tx = db.begin().await?;
    if count_secrets(&mut tx, &pool.id, client).await? >= most {
        return Err(Error::Stale);
    }
    insert_secret(&mut tx, pool, client, secret).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a secret away, unless it is the last one; says whether there was such a secret.
///
/// # Errors
/// [`Error::Stale`] when it is the last one, or when the client is gone.
pub async fn delete_secret(db: &Db, pool: &UserPoolId, client: &AppClientId, id: &str) -> Result<bool> {
    let mut tx = db.begin().await?;
    let count = count_secrets(&mut tx, pool, client).await?;
    let delete = sqlx::query!(
        "-- app_client::delete_secret
        delete from app_client_secrets where user_pool_id = $1 and client_id = $2 and id = $3",
        pool.as_str(),
        client.as_str(),
        id
    );
    if delete.execute(&mut *tx).await?.rows_affected() == 0 {
        return Ok(false);
    }
    if count <= 1 {
        return Err(Error::Stale);
    }
    tx.commit().await?;
    Ok(true)
}

/// How many secrets a client has. Locks the client, so that the number stays true until the transaction ends.
async fn count_secrets(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    client: &AppClientId,
) -> Result<i64> {
    let lock = sqlx::query!(
        "-- app_client::lock
        select id from app_clients where user_pool_id = $1 and id = $2 for update",
        pool.as_str(),
        client.as_str()
    );
    lock.fetch_optional(&mut *connection).await?.ok_or(Error::Stale)?;
    let count = sqlx::query_scalar!(
        r#"-- app_client::count_secrets
        select count(*) as "count!" from app_client_secrets where user_pool_id = $1 and client_id = $2"#,
        pool.as_str(),
        client.as_str()
    );
    Ok(count.fetch_one(connection).await?)
}

/// Keeps a client that describes itself as it is now. One that is kept as it is already is written once a day, by which those that
/// nobody uses any more are told from the others. Says whether anything was written.
///
/// # Errors
/// [`crate::Constraint::ParentGone`] when the pool is gone.
pub async fn keep_described(db: &Db, client: &AppClient, now: Timestamp) -> Result<bool> {
    let keep = sqlx::query!(
        "-- app_client::keep_described
        insert into app_clients as kept (user_pool_id, id, name, settings, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $5)
        on conflict (user_pool_id, id) do update
            set name = excluded.name, settings = excluded.settings, updated_at = excluded.updated_at
            where kept.name <> excluded.name or kept.settings <> excluded.settings
               or kept.updated_at < excluded.updated_at - interval '1 day'",
        client.user_pool.as_str(),
        client.id.as_str(),
        client.name,
        Json(&client.settings) as _,
        now
    );
    Ok(keep.execute(&db.pool).await?.rows_affected() == 1)
}

/// The pool that a public client id belongs to.
///
/// # Errors
/// When the database does not answer.
pub async fn pool_of(db: &Db, id: &AppClientId) -> Result<Option<UserPoolId>> {
    let pool = sqlx::query_scalar!(
        "-- app_client::pool_of (public identifier)
        select user_pool_id from app_client_directory where client_id = $1",
        id.as_str()
    );
    Ok(pool.fetch_optional(&db.pool).await?.map(UserPoolId::new))
}

/// A client of a pool.
///
/// # Errors
/// When the database does not answer, or a secret does not open.
pub async fn get(db: &Db, pool: &UserPool, id: &AppClientId) -> Result<Option<AppClient>> {
    let row = sqlx::query!(
        r#"-- app_client::get
        select name, settings as "settings: Json<AppClientSettings>", created_at, updated_at,
               array(select s.id from app_client_secrets s
                     where s.user_pool_id = $1 and s.client_id = $2 order by s.created_at, s.id) as "secret_ids!",
               array(select s.secret from app_client_secrets s
                     where s.user_pool_id = $1 and s.client_id = $2 order by s.created_at, s.id) as "secrets!",
               array(select s.created_at from app_client_secrets s
                     where s.user_pool_id = $1 and s.client_id = $2 order by s.created_at, s.id) as "secret_times!"
        from app_clients where user_pool_id = $1 and id = $2"#,
        pool.id.as_str(),
        id.as_str()
    );
    let Some(row) = row.fetch_optional(&db.pool).await? else { return Ok(None) };
    let parts = row.secret_ids.into_iter().zip(row.secrets).zip(row.secret_times);
    let secrets = parts.map(|((secret_id, sealed), created_at)| {
        let value = open_secret(&pool.key, &self::row(id, &secret_id), sealed)?;
        Ok(ClientSecret { id: secret_id, value, created_at })
    });
    Ok(Some(AppClient {
        id: id.clone(),
        user_pool: pool.id.clone(),
        name: row.name,
        settings: row.settings.0,
        secrets: secrets.collect::<Result<_>>()?,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }))
}

/// A pool's clients, by id, after the one given.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    db: &Db,
    pool: &UserPoolId,
    after: Option<&AppClientId>,
    limit: i64,
) -> Result<Vec<AppClientSummary>> {
    let rows = sqlx::query!(
        r#"-- app_client::list
        select id, name, coalesce(settings ->> 'registration', '') <> '' as "registered!" from app_clients
        where user_pool_id = $1 and id > $2 order by id limit $3"#,
        pool.as_str(),
        after.map_or("", AppClientId::as_str),
        limit
    );
    let rows = rows.fetch_all(&db.pool).await?;
    Ok(rows
        .into_iter()
        .map(|row| AppClientSummary {
            id: AppClientId::new(row.id),
            name: row.name,
            registered: row.registered,
        })
        .collect())
}

/// How many clients of a pool registered themselves that way.
///
/// # Errors
/// When the database does not answer.
pub async fn count_registered(db: &Db, pool: &UserPoolId, how: Registration) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"-- app_client::count_registered
        select count(*) as "count!" from app_clients
        where user_pool_id = $1 and settings ->> 'registration' = $2"#,
        pool.as_str(),
        match how {
            Registration::Open => "open",
            Registration::Authenticated => "authenticated",
            Registration::Described => "described",
        }
    );
    Ok(count.fetch_one(&db.pool).await?)
}

/// Replaces a client's name and settings, unless somebody else changed them since `client` was read.
///
/// # Errors
/// [`Error::Stale`] when they did, or when the client is gone.
pub async fn update(
    db: &Db,
    client: &AppClient,
    name: &str,
    settings: &AppClientSettings,
    now: Timestamp,
) -> Result<()> {
    let update = sqlx::query!(
        "-- app_client::update
        update app_clients set name = $4, settings = $5, updated_at = greatest($6, updated_at + interval '1 microsecond')
        where user_pool_id = $1 and id = $2 and updated_at = $3",
        client.user_pool.as_str(),
        client.id.as_str(),
        client.updated_at,
        name,
        Json(settings) as _,
        now
    );
    match update.execute(&db.pool).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// Deletes a client and its sessions; says whether there was one. Other clients are told of the browsers' sessions that began through it.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(db: &Db, pool: &UserPoolId, id: &AppClientId, now: Timestamp) -> Result<bool> {
    let mut tx = db.begin().await?;
    let end = sqlx::query_scalar!(
        "-- app_client::end_browsers
        update user_sessions set revoked_at = $3
        where user_pool_id = $1 and client_id = $2 and kind = 'browser' and revoked_at is null and expires_at > $3
        returning id",
        pool.as_str(),
        id.as_str(),
        now
    );
    let ended = end.fetch_all(&mut *tx).await?;
    if !ended.is_empty() {
        logout_notice::of_sessions(&mut tx, pool, &ended, now).await?;
    }
    let delete = sqlx::query!(
        "-- app_client::delete
        with of_directory as (delete from app_client_directory where user_pool_id = $1 and client_id = $2)
        delete from app_clients where user_pool_id = $1 and id = $2",
        pool.as_str(),
        id.as_str()
    );
    let found = delete.execute(&mut *tx).await?.rows_affected() == 1;
    tx.commit().await?;
    Ok(found)
}

/// Deletes clients that anybody may have registered or described, that were last written before then, and that nobody is signed in
/// to; how many, at most so many.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_idle(db: &Db, written_before: Timestamp, most: i64) -> Result<u64> {
    let delete = sqlx::query_scalar!(
        r#"-- app_client::delete_idle (all tenants)
        with idle as (
            delete from app_clients c
            using (
                select user_pool_id, id from app_clients a
                where settings ->> 'registration' in ('open', 'described') and updated_at < $1
                  and not exists (select from user_sessions s where s.user_pool_id = a.user_pool_id and s.client_id = a.id)
                order by updated_at limit $2
            ) as found
            where c.user_pool_id = found.user_pool_id and c.id = found.id and c.updated_at < $1
            returning c.user_pool_id, c.id
        ), of_directory as (
            delete from app_client_directory d using idle
            where d.user_pool_id = idle.user_pool_id and d.client_id = idle.id
        )
        select count(*) as "count!" from idle"#,
        written_before,
        most
    );
    Ok(delete.fetch_one(&db.pool).await?.unsigned_abs())
}

fn open_secret(key: &PoolKey, row: &str, sealed: Vec<u8>) -> Result<SecretString> {
    let opened = key.open(place(row), &Sealed::from_stored(sealed))?;
    let secret = String::from_utf8(opened.to_vec());
    Ok(secret.map_err(|_| Error::Unreadable("app_client_secrets.secret".into()))?.into())
}

fn row(client: &AppClientId, secret_id: &str) -> String {
    format!("{client}/{secret_id}")
}

fn place(row: &str) -> Place<'_> {
    Place { table: "app_client_secrets", column: "secret", row }
}
