//! Accounts and their access keys, as an operator manages them.

use std::sync::Arc;

use cognate_store::access_key::{self, AccessKey, Signer};
use cognate_store::account::{self, Account};
use cognate_store::{AccountId, Constraint, Db};
use secrecy::SecretString;

use crate::{App, Clock, Error, Result, random};

/// Creates an account, with the id given or a random one.
///
/// # Errors
/// [`Error::InvalidParameter`] when the id is not twelve digits or is taken.
pub async fn create(db: &Db, clock: &Clock, id: Option<String>, name: &str) -> Result<Account> {
    let id = match id {
        Some(id) if id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()) => id,
        Some(id) => return Err(Error::invalid(format!("{id} is not an account id: twelve digits"))),
        None => random::text(random::DIGITS, 12)?,
    };
    if id == AccountId::development().as_str() {
        return Err(Error::invalid(format!("{id} is development mode's account")));
    }
    let account = Account { id: AccountId::new(id), name: name.to_owned(), created_at: clock.now() };
    account::insert(db, &account).await.map_err(|error| match error {
        cognate_store::Error::Refused(Constraint::AccountExists) => {
            Error::invalid(format!("account {} exists already", account.id))
        }
        other => other.into(),
    })?;
    Ok(account)
}

/// Makes sure that development mode's account exists.
///
/// # Errors
/// When the database does not answer.
pub async fn ensure_development(db: &Db, clock: &Clock) -> Result<()> {
    let id = AccountId::development();
    Ok(account::ensure(db, &Account { id, name: "development".into(), created_at: clock.now() }).await?)
}

/// Creates an access key; the secret is shown this once.
///
/// # Errors
/// [`Error::InvalidParameter`] when there is no such account.
pub async fn create_access_key(
    db: &Db,
    clock: &Clock,
    account: &AccountId,
) -> Result<(AccessKey, SecretString)> {
    let id = format!("AKIA{}", random::text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)?);
    let secret = SecretString::from(random::text(random::ALPHANUMERIC, 40)?);
    let key = AccessKey { account: account.clone(), id, enabled: true, created_at: clock.now() };
    access_key::insert(db, &key, &secret).await.map_err(|error| match error {
        cognate_store::Error::Refused(Constraint::ParentGone) => {
            Error::invalid(format!("there is no account {account}"))
        }
        other => other.into(),
    })?;
    Ok((key, secret))
}

/// The enabled access key of that public id, as of at most a second ago.
///
/// # Errors
/// When the database does not answer.
pub async fn signer(app: &App, access_key_id: &str) -> Result<Option<Arc<Signer>>> {
    app.caches.signer(&app.db, access_key_id).await
}
