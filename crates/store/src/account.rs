//! Accounts: the tenants.

use crate::{AccountId, Db, Result, Timestamp};

/// A tenant: owns pools and access keys.
#[derive(Debug, Clone)]
pub struct Account {
    /// Twelve digits.
    pub id: AccountId,
    /// What the operator calls it.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Creates an account.
///
/// # Errors
/// [`crate::Constraint::AccountExists`] when the id is taken.
pub async fn insert(db: &Db, account: &Account) -> Result<()> {
    let insert = sqlx::query!(
        "-- account::insert
        insert into accounts (id, name, created_at) values ($1, $2, $3)",
        account.id.as_str(),
        account.name,
        account.created_at
    );
    insert.execute(&db.pool).await?;
    Ok(())
}

/// Makes sure that an account exists.
///
/// # Errors
/// When the database does not answer.
pub async fn ensure(db: &Db, account: &Account) -> Result<()> {
    let insert = sqlx::query!(
        "-- account::ensure
        insert into accounts (id, name, created_at) values ($1, $2, $3) on conflict (id) do nothing",
        account.id.as_str(),
        account.name,
        account.created_at
    );
    insert.execute(&db.pool).await?;
    Ok(())
}

/// All accounts, by id.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &Db) -> Result<Vec<Account>> {
    let rows = sqlx::query!(
        "-- account::list
        select id, name, created_at from accounts order by id"
    );
    let rows = rows.fetch_all(&db.pool).await?;
    Ok(rows
        .into_iter()
        .map(|row| Account { id: AccountId::new(row.id), name: row.name, created_at: row.created_at })
        .collect())
}
