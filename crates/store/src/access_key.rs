//! Access keys: what an account's callers sign their requests with.

use secrecy::{ExposeSecret as _, SecretString};

use crate::seal::{Place, Sealed};
use crate::{AccountId, Db, Error, Result, Timestamp};

/// An access key without its secret.
#[derive(Debug, Clone)]
pub struct AccessKey {
    /// The account it acts for.
    pub account: AccountId,
    /// `AKIA` and sixteen letters and digits.
    pub id: String,
    /// Whether it may be used.
    pub enabled: bool,
    /// When it was created.
    pub created_at: Timestamp,
}

/// An enabled key, with what is needed to check a signature.
#[derive(Debug, Clone)]
pub struct Signer {
    /// The account the key acts for.
    pub account: AccountId,
    /// The secret the request was signed with.
    pub secret: SecretString,
}

/// Creates a key; its secret is sealed.
///
/// # Errors
/// [`crate::Constraint::ParentGone`] when there is no such account.
pub async fn insert(db: &Db, key: &AccessKey, secret: &SecretString) -> Result<()> {
    let sealed = db.root.seal(place(&row(&key.account, &key.id)), secret.expose_secret().as_bytes())?;
    let insert = sqlx::query!(
        "-- access_key::insert
        insert into access_keys (account_id, id, secret, enabled, created_at) values ($1, $2, $3, $4, $5)",
        key.account.as_str(),
        key.id,
        sealed.as_bytes(),
        key.enabled,
        key.created_at
    );
    insert.execute(&db.pool).await?;
    Ok(())
}

/// The enabled key of that public id.
///
/// # Errors
/// When the database does not answer, or the secret does not open.
pub async fn signer(db: &Db, id: &str) -> Result<Option<Signer>> {
    let row = sqlx::query!(
        "-- access_key::signer (public identifier)
        select account_id, secret from access_keys where id = $1 and enabled",
        id
    );
    let Some(found) = row.fetch_optional(&db.pool).await? else { return Ok(None) };
    let account = AccountId::new(found.account_id);
    let opened = db.root.open(place(&self::row(&account, id)), &Sealed::from_stored(found.secret))?;
    let secret =
        String::from_utf8(opened.to_vec()).map_err(|_| Error::Unreadable("access_keys.secret".into()))?;
    Ok(Some(Signer { account, secret: secret.into() }))
}

/// An account's keys, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &Db, account: &AccountId) -> Result<Vec<AccessKey>> {
    let rows = sqlx::query!(
        "-- access_key::list
        select id, enabled, created_at from access_keys where account_id = $1 order by created_at, id",
        account.as_str()
    );
    let rows = rows.fetch_all(&db.pool).await?;
    let key = |id, enabled, created_at| AccessKey { account: account.clone(), id, enabled, created_at };
    Ok(rows.into_iter().map(|row| key(row.id, row.enabled, row.created_at)).collect())
}

/// Switches a key off or on again; says whether there is such a key.
///
/// # Errors
/// When the database does not answer.
pub async fn set_enabled(db: &Db, account: &AccountId, id: &str, enabled: bool) -> Result<bool> {
    let update = sqlx::query!(
        "-- access_key::set_enabled
        update access_keys set enabled = $3 where account_id = $1 and id = $2",
        account.as_str(),
        id,
        enabled
    );
    Ok(update.execute(&db.pool).await?.rows_affected() == 1)
}

/// Deletes a key; says whether there was such a key.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(db: &Db, account: &AccountId, id: &str) -> Result<bool> {
    let delete = sqlx::query!(
        "-- access_key::delete
        delete from access_keys where account_id = $1 and id = $2",
        account.as_str(),
        id
    );
    Ok(delete.execute(&db.pool).await?.rows_affected() == 1)
}

fn row(account: &AccountId, id: &str) -> String {
    format!("{account}/{id}")
}

fn place(row: &str) -> Place<'_> {
    Place { table: "access_keys", column: "secret", row }
}
