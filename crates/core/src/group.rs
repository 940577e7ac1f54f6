//! Groups: what administrators do with them, and what tokens tell of them.

use cognate_store::group::{self, Group};
use cognate_store::{Constraint, User, UserPool};
use uuid::Uuid;

use crate::{App, Error, PageToken, Result, page, user};

/// The most groups of a pool.
const MOST: i64 = 10_000;
/// The most groups that a user is in.
const MOST_OF_A_USER: i64 = 100;

/// A group as an administrator describes it.
#[derive(Debug)]
pub struct Description {
    /// What names it in the pool.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The role its members may take on in AWS.
    pub role_arn: Option<String>,
    /// Which group's role counts first.
    pub precedence: Option<i32>,
}

/// Creates a group.
///
/// # Errors
/// [`Error::GroupExists`], [`Error::TooMany`].
pub async fn create(app: &App, pool: &UserPool, new: Description) -> Result<Group> {
    let now = app.clock.now();
    let Description { name, description, role_arn, precedence } = new;
    let group = Group { name, description, role_arn, precedence, created_at: now, updated_at: now };
    let inserted = group::insert(&app.db, &pool.id, &group, MOST).await;
    inserted.map_err(|error| match error {
        cognate_store::Error::Stale => Error::TooMany("groups"),
        cognate_store::Error::Refused(Constraint::GroupExists) => Error::GroupExists,
        other => other.into(),
    })?;
    Ok(group)
}

/// A group by its name.
///
/// # Errors
/// [`Error::GroupNotFound`].
pub async fn get(app: &App, pool: &UserPool, name: &str) -> Result<Group> {
    group::get(&app.db, &pool.id, name).await?.ok_or(Error::GroupNotFound)
}

/// One page of a pool's groups.
///
/// # Errors
/// [`Error::InvalidParameter`] for a page token that is not ours.
pub async fn list(
    app: &App,
    pool: &UserPool,
    limit: i32,
    token: Option<&str>,
) -> Result<(Vec<Group>, Option<PageToken>)> {
    let after: Option<String> = page::position_in_pool(pool, "groups", token)?;
    let groups = group::list(&app.db, &pool.id, after.as_deref(), i64::from(limit) + 1).await?;
    page::cut(groups, limit, |last| page::in_pool(pool, "groups", &last.name))
}

/// Changes what is given of a group, and keeps the rest.
///
/// # Errors
/// [`Error::GroupNotFound`].
pub async fn update(app: &App, pool: &UserPool, change: Description) -> Result<Group> {
    let Description { name, description, role_arn, precedence } = change;
    let updated = group::update(
        &app.db,
        &pool.id,
        &name,
        description.as_deref(),
        role_arn.as_deref(),
        precedence,
        app.clock.now(),
    );
    updated.await?.ok_or(Error::GroupNotFound)
}

/// Deletes a group, whoever is in it.
///
/// # Errors
/// [`Error::GroupNotFound`].
pub async fn delete(app: &App, pool: &UserPool, name: &str) -> Result<()> {
    if group::delete(&app.db, &pool.id, name).await? { Ok(()) } else { Err(Error::GroupNotFound) }
}

/// Puts a user into a group; who is in it already stays.
///
/// # Errors
/// [`Error::GroupNotFound`], [`Error::UserNotFound`], [`Error::InvalidParameter`] when they are in a hundred already.
pub async fn add_user(app: &App, pool: &UserPool, name: &str, username: &str) -> Result<()> {
    let (user, group) = (user::find(app, pool, username).await?, get(app, pool, name).await?);
    let added =
        group::add_member(&app.db, &pool.id, &group.name, user.id, MOST_OF_A_USER, app.clock.now()).await;
    added.map_err(|error| match error {
        cognate_store::Error::Stale => {
            Error::invalid(format!("A user can be in at most {MOST_OF_A_USER} groups."))
        }
        // Deleted in between.
        cognate_store::Error::Refused(Constraint::ParentGone) => Error::GroupNotFound,
        other => other.into(),
    })
}

/// Takes a user out of a group; who is not in it stays out.
///
/// # Errors
/// [`Error::GroupNotFound`], [`Error::UserNotFound`].
pub async fn remove_user(app: &App, pool: &UserPool, name: &str, username: &str) -> Result<()> {
    let (user, group) = (user::find(app, pool, username).await?, get(app, pool, name).await?);
    Ok(group::remove_member(&app.db, &pool.id, &group.name, user.id).await?)
}

/// One page of the groups a user is in.
///
/// # Errors
/// [`Error::UserNotFound`], or [`Error::InvalidParameter`] for a page token that is not ours.
pub async fn of_user(
    app: &App,
    pool: &UserPool,
    username: &str,
    limit: i32,
    token: Option<&str>,
) -> Result<(Vec<Group>, Option<PageToken>)> {
    let user = user::find(app, pool, username).await?;
    let listing = format!("groups of {}", user.id);
    let after: Option<String> = page::position_in_pool(pool, &listing, token)?;
    let groups = group::of_user(&app.db, &pool.id, user.id, after.as_deref(), i64::from(limit) + 1).await?;
    page::cut(groups, limit, |last| page::in_pool(pool, &listing, &last.name))
}

/// One page of the users in a group.
///
/// # Errors
/// [`Error::GroupNotFound`], or [`Error::InvalidParameter`] for a page token that is not ours.
pub async fn members(
    app: &App,
    pool: &UserPool,
    name: &str,
    limit: i32,
    token: Option<&str>,
) -> Result<(Vec<User>, Option<PageToken>)> {
    let listing = format!("users in {name}");
    let after: Option<Uuid> = page::position_in_pool(pool, &listing, token)?;
    let group = get(app, pool, name).await?;
    let users = group::members(&app.db, &pool.id, &group.name, after, i64::from(limit) + 1).await?;
    page::cut(users, limit, |last| page::in_pool(pool, &listing, &last.id.as_uuid()))
}
