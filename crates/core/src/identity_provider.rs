//! Identity providers: where a pool's users may sign in instead.

use cognate_store::UserPool;
use cognate_store::record::identity_provider::IdentityProvider;
use cognate_store::record::{self, Record};

use crate::{App, Error, Result};

/// A provider by its name.
///
/// # Errors
/// [`Error::IdentityProviderNotFound`].
pub async fn get(app: &App, pool: &UserPool, name: &str) -> Result<Record<IdentityProvider>> {
    let found = record::get(&app.db, pool, name).await?;
    found.ok_or_else(|| Error::IdentityProviderNotFound(name.to_owned()))
}

/// Whether the pool has a provider of that name.
///
/// # Errors
/// When the database does not answer.
pub async fn exists(app: &App, pool: &UserPool, name: &str) -> Result<bool> {
    Ok(record::get::<IdentityProvider>(&app.db, pool, name).await?.is_some())
}
