//! The domains of user pools: where their pages and OAuth endpoints are.

use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use crate::{Db, Error, Result, Timestamp, UserPoolId};

/// A domain of a pool.
#[derive(Debug, Clone)]
pub struct Domain {
    /// A prefix, or a whole host name where it is the owner's.
    pub name: String,
    /// The pool it leads to.
    pub user_pool: UserPoolId,
    /// What the owner has set.
    pub settings: DomainSettings,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Domain {
    /// Whether it is a host name of the owner's.
    pub fn is_custom(&self) -> bool {
        self.settings.custom.is_some()
    }
}

/// What a pool's owner sets on a domain.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DomainSettings {
    /// Which pages it shows.
    pub managed_login: ManagedLoginVersion,
    /// What makes it a host name of the owner's.
    pub custom: Option<CustomDomain>,
}

/// Which pages a domain shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ManagedLoginVersion {
    /// The hosted UI (1).
    #[default]
    Classic,
    /// Managed login (2).
    Managed,
}

/// What an owner's host name comes with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CustomDomain {
    /// The certificate for it.
    pub certificate_arn: String,
    /// The oldest TLS it accepts, where it was said.
    pub security_policy: Option<SecurityPolicy>,
}

/// The oldest TLS that a domain accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityPolicy {
    /// TLS 1.0.
    Tls1,
    /// TLS 1.2, with the ciphers of 2021.
    Tls12,
    /// TLS 1.3, with the ciphers of 2025.
    Tls13,
}

/// A row as the statements return it.
struct Row {
    domain: String,
    user_pool_id: String,
    settings: Json<DomainSettings>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for Domain {
    fn from(row: Row) -> Self {
        Self {
            name: row.domain,
            user_pool: UserPoolId::new(row.user_pool_id),
            settings: row.settings.0,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Creates a domain.
///
/// # Errors
/// [`Error::Stale`] when the pool has as many as it may;
/// [`crate::Constraint::DomainTaken`] when it leads somewhere; [`crate::Constraint::PoolHasDomain`] when it is a second
/// prefix; [`crate::Constraint::ParentGone`] when the pool is gone.
pub async fn insert(db: &Db, domain: &Domain, most: i64) -> Result<()> {
    let insert = sqlx::query!(
        "-- domain::insert
        insert into domains (user_pool_id, kind, domain, settings, created_at, updated_at)
        select $1, case when $2 then 'custom' else 'prefix' end, $3, $4, $5, $5
        where (select count(*) from domains where user_pool_id = $1) < $6",
        domain.user_pool.as_str(),
        domain.is_custom(),
        domain.name,
        Json(&domain.settings) as _,
        domain.created_at,
        most
    );
    match insert.execute(&db.pool).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// A domain by its name, whosever it is.
///
/// # Errors
/// When the database does not answer.
pub async fn by_name(db: &Db, name: &str) -> Result<Option<Domain>> {
    let row = sqlx::query_as!(
        Row,
        r#"-- domain::by_name (public identifier)
        select domain, user_pool_id, settings as "settings: Json<DomainSettings>", created_at, updated_at
        from domains where domain = $1"#,
        name
    );
    Ok(row.fetch_optional(&db.pool).await?.map(Domain::from))
}

/// The domains of a pool that its links may lead to: its prefix, and the oldest of the owner's host names.
///
/// # Errors
/// When the database does not answer.
pub async fn of_pool(db: &Db, pool: &UserPoolId) -> Result<Vec<Domain>> {
    let rows = sqlx::query_as!(
        Row,
        r#"-- domain::of_pool
        select distinct on (kind) domain, user_pool_id, settings as "settings: Json<DomainSettings>", created_at, updated_at
        from domains where user_pool_id = $1 order by kind, created_at, domain"#,
        pool.as_str()
    );
    Ok(rows.fetch_all(&db.pool).await?.into_iter().map(Domain::from).collect())
}

/// Replaces a domain's settings, unless somebody else changed them since it was read.
///
/// # Errors
/// [`Error::Stale`] when they did, or when the domain is gone.
pub async fn update(db: &Db, domain: &Domain, settings: &DomainSettings, now: Timestamp) -> Result<()> {
    let update = sqlx::query!(
        "-- domain::update
        update domains set settings = $4, updated_at = greatest($5, updated_at + interval '1 microsecond')
        where user_pool_id = $1 and domain = $2 and updated_at = $3",
        domain.user_pool.as_str(),
        domain.name,
        domain.updated_at,
        Json(settings) as _,
        now
    );
    match update.execute(&db.pool).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// Deletes a domain of a pool; says whether there was one.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(db: &Db, pool: &UserPoolId, name: &str) -> Result<bool> {
    let delete = sqlx::query!(
        "-- domain::delete
        delete from domains where user_pool_id = $1 and domain = $2",
        pool.as_str(),
        name
    );
    Ok(delete.execute(&db.pool).await?.rows_affected() == 1)
}
