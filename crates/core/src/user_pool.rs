//! User pools: creating, reading, changing and deleting them.

pub mod password_policy;
pub mod risk;
pub mod schema;

use std::sync::Arc;

use cognate_store::user_pool::{NewUserPool, UserPoolSummary};
use cognate_store::{
    AccountId, Constraint, UserPool, UserPoolId, UserPoolSettings, domain, user_import, user_pool,
};

use crate::{App, Error, PageToken, Result, options, page, random};

/// A pool that the account owns. Another account's pool looks exactly like a missing one (TEN-4).
///
/// # Errors
/// [`Error::UserPoolNotFound`].
pub async fn get(app: &App, account: &AccountId, id: &UserPoolId) -> Result<UserPool> {
    let pool = user_pool::get(&app.db, id).await?.filter(|pool| pool.account == *account);
    pool.ok_or_else(|| Error::UserPoolNotFound(id.clone()))
}

/// A pool by its public id, for what it publishes (discovery and keys), and for what a token alone entitles to.
///
/// # Errors
/// [`Error::UserPoolNotFound`].
pub async fn published(app: &App, id: &UserPoolId) -> Result<Arc<UserPool>> {
    app.caches.user_pool(&app.db, id).await?.ok_or_else(|| Error::UserPoolNotFound(id.clone()))
}

/// The pool's public keys as a JSON Web Key Set.
///
/// # Errors
/// When the keys cannot be read.
pub async fn jwks(app: &App, pool: &UserPool) -> Result<bytes::Bytes> {
    Ok(app.caches.keys(&app.db, pool).await?.jwks.clone())
}

/// Creates a pool, with an id of its owner's where one is given.
///
/// # Errors
/// [`Error::InvalidParameter`] when the id is taken.
pub async fn create(
    app: &App,
    account: &AccountId,
    id: Option<UserPoolId>,
    name: &str,
    settings: UserPoolSettings,
) -> Result<UserPool> {
    app.functions.check(&settings.triggers).await?;
    let now = app.clock.now();
    let generated = format!("{}_{}", app.place.region, random::text(random::ALPHANUMERIC, 9)?);
    let id = id.unwrap_or_else(|| UserPoolId::new(generated));
    options::check_tags(&settings.tags)?;
    let signing_keys = app.key_supply.for_pool().await?;
    let new = NewUserPool { account, id: &id, name, settings: &settings, signing_keys: &signing_keys };
    Ok(user_pool::create(&app.db, &new, now).await?)
}

/// How often a change is decided anew because the pool changed meanwhile.
const ATTEMPTS: usize = 3;

/// As [`update`], for what imported users are checked against.
///
/// # Errors
/// [`Error::ImportInProgress`], or those of [`update`].
pub async fn reconfigure(
    app: &App,
    account: &AccountId,
    id: &UserPoolId,
    decide: impl Fn(&UserPool) -> Result<(String, UserPoolSettings)>,
) -> Result<()> {
    refuse_while_importing(app, &get(app, account, id).await?).await?;
    update(app, account, id, decide).await
}

/// Refuses to change or delete a pool that users are being imported into.
async fn refuse_while_importing(app: &App, pool: &UserPool) -> Result<()> {
    match user_import::is_active(&app.db, &pool.account, &pool.id).await? {
        true => Err(Error::ImportInProgress),
        false => Ok(()),
    }
}

/// Replaces a pool's name and settings, decided from the ones it has.
///
/// # Errors
/// [`Error::UserPoolNotFound`], [`Error::Busy`] when others keep changing it, or what the decision says.
pub async fn update(
    app: &App,
    account: &AccountId,
    id: &UserPoolId,
    decide: impl Fn(&UserPool) -> Result<(String, UserPoolSettings)>,
) -> Result<()> {
    for _ in 0..ATTEMPTS {
        let now = app.clock.now();
        let pool = get(app, account, id).await?;
        let (name, settings) = decide(&pool)?;
        if settings.tags != pool.settings.tags {
            options::check_tags(&settings.tags)?;
        }
        if settings.triggers != pool.settings.triggers {
            app.functions.check(&settings.triggers).await?;
        }
        match user_pool::update(&app.db, &pool, &name, &settings, now).await {
            Err(cognate_store::Error::Stale) => continue,
            Err(error) => return Err(error.into()),
            Ok(()) => {
                app.caches.forget_user_pool(id).await;
                return Ok(());
            }
        }
    }
    Err(Error::Busy)
}

/// Deletes a pool and all that is in it.
///
/// # Errors
/// [`Error::UserPoolNotFound`], [`Error::DeletionProtected`], [`Error::ImportInProgress`]; [`Error::InvalidParameter`] while
/// it has a domain.
pub async fn delete(app: &App, account: &AccountId, id: &UserPoolId) -> Result<()> {
    for _ in 0..ATTEMPTS {
        let pool = get(app, account, id).await?;
        if pool.settings.deletion_protection {
            return Err(Error::DeletionProtected);
        }
        refuse_while_importing(app, &pool).await?;
        // Asked first, because the constraint speaks only after everything else has been deleted.
        if !domain::of_pool(&app.db, id).await?.is_empty() {
            return Err(has_domain());
        }
        match user_pool::delete(&app.db, &pool).await {
            Err(cognate_store::Error::Stale) => continue,
            Err(cognate_store::Error::Refused(Constraint::PoolHasDomain)) => return Err(has_domain()),
            Err(error) => return Err(error.into()),
            Ok(()) => {
                app.caches.forget_user_pool(id).await;
                return Ok(());
            }
        }
    }
    Err(Error::Busy)
}

fn has_domain() -> Error {
    Error::invalid("User pool cannot be deleted. It has a domain configured that should be deleted first.")
}

/// One page of an account's pools.
///
/// # Errors
/// [`Error::InvalidParameter`] for a page token that is not ours.
pub async fn list(
    app: &App,
    account: &AccountId,
    limit: i32,
    token: Option<&str>,
) -> Result<(Vec<UserPoolSummary>, Option<PageToken>)> {
    let after: Option<UserPoolId> = page::position_in_account(&app.db, account, "user_pools", token)?;
    let pools = user_pool::list(&app.db, account, after.as_ref(), i64::from(limit) + 1).await?;
    page::cut(pools, limit, |last| page::in_account(&app.db, account, "user_pools", &last.id))
}

/// No pool's users are counted further than this each time it is described.
const MOST_COUNTED: i64 = 100_000;

/// About how many users a pool has: exact up to 100,000, and no more than that beyond.
///
/// # Errors
/// When the database does not answer.
pub async fn count_users(app: &App, pool: &UserPool) -> Result<i64> {
    Ok(user_pool::count_users(&app.db, &pool.id, MOST_COUNTED).await?)
}
