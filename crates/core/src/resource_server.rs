//! Resource servers: the APIs that a pool's access tokens open, and their scopes.

use std::collections::BTreeMap;
use std::sync::Arc;

use cognate_store::record::resource_server::{ResourceServer, Scope};
use cognate_store::record::{self, Record};
use cognate_store::{Constraint, UserPool};

use crate::{App, Error, PageToken, Result, page};

/// The most resource servers of a pool.
const MOST: i64 = 25;

/// How often a change is decided anew because the server changed meanwhile.
const ATTEMPTS: usize = 3;

/// Creates a resource server.
///
/// # Errors
/// [`Error::InvalidParameter`] when the identifier is taken or reserved, or a scope is given twice; [`Error::TooMany`].
pub async fn create(
    app: &App,
    pool: &UserPool,
    identifier: &str,
    server: ResourceServer,
) -> Result<Record<ResourceServer>> {
    let now = app.clock.now();
    check(identifier, &server.scopes)?;
    record::insert(&app.db, pool, identifier, None, server, MOST, now).await.map_err(|error| match error {
        cognate_store::Error::Stale => Error::TooMany("resource servers"),
        cognate_store::Error::Refused(Constraint::RecordExists) => {
            Error::invalid(format!("{identifier} already exists in user pool {}.", pool.id))
        }
        cognate_store::Error::Refused(Constraint::ParentGone) => Error::UserPoolNotFound(pool.id.clone()),
        other => other.into(),
    })
}

/// Cognito's own scopes begin with this; so would those of a resource server of that name.
const RESERVED: &str = "aws.cognito";

fn check(identifier: &str, scopes: &[Scope]) -> Result<()> {
    if identifier == RESERVED
        || identifier.starts_with("aws.cognito.")
        || identifier.starts_with("aws.cognito/")
    {
        return Err(Error::invalid(format!("A resource server identifier cannot begin with {RESERVED}.")));
    }
    for (index, scope) in scopes.iter().enumerate() {
        if scopes[..index].iter().any(|earlier| earlier.name == scope.name) {
            return Err(Error::invalid(format!("Scope {} is given more than once.", scope.name)));
        }
    }
    Ok(())
}

/// A resource server by its identifier.
///
/// # Errors
/// [`Error::ResourceServerNotFound`].
pub async fn get(app: &App, pool: &UserPool, identifier: &str) -> Result<Record<ResourceServer>> {
    let found = record::get(&app.db, pool, identifier).await?;
    found.ok_or_else(|| Error::ResourceServerNotFound(identifier.to_owned()))
}

/// Those of these scopes that the pool's resource servers have now, each once. The scopes that every pool has are none of
/// them.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn existing(app: &App, pool: &UserPool, scopes: &[String]) -> Result<Vec<String>> {
    let mut servers: BTreeMap<&str, Option<Arc<Record<ResourceServer>>>> = BTreeMap::new();
    let mut found: Vec<String> = Vec::new();
    for scope in scopes {
        // An identifier may hold slashes, a scope's name may not.
        let Some((identifier, name)) = scope.rsplit_once('/') else { continue };
        if !servers.contains_key(identifier) {
            servers.insert(identifier, app.caches.resource_server(&app.db, pool, identifier).await?);
        }
        let has = |server: &Arc<Record<ResourceServer>>| server.body.scopes.iter().any(|it| it.name == name);
        let exists = servers[identifier].as_ref().is_some_and(has);
        if exists && !found.contains(scope) {
            found.push(scope.clone());
        }
    }
    Ok(found)
}

/// One page of a pool's resource servers.
///
/// # Errors
/// [`Error::InvalidParameter`] for a page token that is not ours.
pub async fn list(
    app: &App,
    pool: &UserPool,
    limit: i32,
    token: Option<&str>,
) -> Result<(Vec<Record<ResourceServer>>, Option<PageToken>)> {
    let after: Option<String> = page::position_in_pool(pool, "resource_servers", token)?;
    let servers = record::list(&app.db, pool, after.as_deref(), i64::from(limit) + 1).await?;
    page::cut(servers, limit, |last| page::in_pool(pool, "resource_servers", &last.id))
}

/// Replaces a resource server's name and scopes. Clients keep the scopes they have; one that is gone opens nothing.
///
/// # Errors
/// [`Error::ResourceServerNotFound`], [`Error::InvalidParameter`] when a scope is given twice, [`Error::Busy`] when
/// others keep changing it.
pub async fn update(
    app: &App,
    pool: &UserPool,
    identifier: &str,
    server: ResourceServer,
) -> Result<Record<ResourceServer>> {
    check(identifier, &server.scopes)?;
    for _ in 0..ATTEMPTS {
        let now = app.clock.now();
        let current = get(app, pool, identifier).await?;
        match record::update(&app.db, pool, &current, server.clone(), now).await {
            Err(cognate_store::Error::Stale) => continue,
            updated => {
                app.caches.forget_resource_server(&pool.id, identifier).await;
                return Ok(updated?);
            }
        }
    }
    Err(Error::Busy)
}

/// Deletes a resource server.
///
/// # Errors
/// [`Error::ResourceServerNotFound`].
pub async fn delete(app: &App, pool: &UserPool, identifier: &str) -> Result<()> {
    if !record::delete::<ResourceServer>(&app.db, &pool.id, identifier).await? {
        return Err(Error::ResourceServerNotFound(identifier.to_owned()));
    }
    app.caches.forget_resource_server(&pool.id, identifier).await;
    Ok(())
}
