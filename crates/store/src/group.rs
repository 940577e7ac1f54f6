//! Groups of users, and who is in them.

use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

use crate::user::{Attributes, user_of_row};
use crate::{Db, Error, Result, Timestamp, User, UserId, UserPoolId, UserStatus};

/// A group of a pool.
#[derive(Debug, Clone)]
pub struct Group {
    /// What names it in the pool.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The role its members may take on in AWS.
    pub role_arn: Option<String>,
    /// Which group's role counts first: the lowest number's. A group without one comes last.
    pub precedence: Option<i32>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What tokens tell of a group that their user is in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Membership {
    /// The group's name.
    pub name: String,
    /// The group's role.
    pub role_arn: Option<String>,
    /// The group's precedence.
    pub precedence: Option<i32>,
}

/// A user's groups in the order that tokens name them in: by precedence, those without one last, and by name.
pub(crate) fn in_order(groups: Vec<Json<Membership>>) -> Vec<Membership> {
    let mut groups: Vec<_> = groups.into_iter().map(|group| group.0).collect();
    groups.sort_by(|a, b| {
        let rank = |group: &Membership| (group.precedence.is_none(), group.precedence);
        rank(a).cmp(&rank(b)).then_with(|| a.name.cmp(&b.name))
    });
    groups
}

/// Creates a group, unless the pool has as many as it may.
///
/// # Errors
/// [`crate::Constraint::GroupExists`]; [`Error::Stale`] when the pool has as many as it may;
/// [`crate::Constraint::ParentGone`] when the pool is gone.
pub async fn insert(db: &Db, pool: &UserPoolId, group: &Group, most: i64) -> Result<()> {
    let insert = sqlx::query!(
        "-- group::insert
        insert into groups (user_pool_id, name, description, role_arn, precedence, created_at, updated_at)
        select $1, $2, $3, $4, $5, $6, $6
        where (select count(*) from groups where user_pool_id = $1) < $7",
        pool.as_str(),
        group.name,
        group.description,
        group.role_arn,
        group.precedence,
        group.created_at,
        most
    );
    match insert.execute(&db.pool).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// A group by its name.
///
/// # Errors
/// When the database does not answer.
pub async fn get(db: &Db, pool: &UserPoolId, name: &str) -> Result<Option<Group>> {
    let group = sqlx::query_as!(
        Group,
        "-- group::get
        select name, description, role_arn, precedence, created_at, updated_at from groups
        where user_pool_id = $1 and name = $2",
        pool.as_str(),
        name
    );
    Ok(group.fetch_optional(&db.pool).await?)
}

/// A pool's groups, by name, after the one given.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &Db, pool: &UserPoolId, after: Option<&str>, limit: i64) -> Result<Vec<Group>> {
    let groups = sqlx::query_as!(
        Group,
        "-- group::list
        select name, description, role_arn, precedence, created_at, updated_at from groups
        where user_pool_id = $1 and name > $2 order by name limit $3",
        pool.as_str(),
        after.unwrap_or(""),
        limit
    );
    Ok(groups.fetch_all(&db.pool).await?)
}

/// Changes what is given of a group, and keeps the rest; returns the group as it is then.
///
/// # Errors
/// When the database does not answer.
pub async fn update(
    db: &Db,
    pool: &UserPoolId,
    name: &str,
    description: Option<&str>,
    role_arn: Option<&str>,
    precedence: Option<i32>,
    now: Timestamp,
) -> Result<Option<Group>> {
    let group = sqlx::query_as!(
        Group,
        "-- group::update
        update groups set description = coalesce($3, description), role_arn = coalesce($4, role_arn),
            precedence = coalesce($5, precedence), updated_at = greatest($6, updated_at + interval '1 microsecond')
        where user_pool_id = $1 and name = $2
        returning name, description, role_arn, precedence, created_at, updated_at",
        pool.as_str(),
        name,
        description,
        role_arn,
        precedence,
        now
    );
    Ok(group.fetch_optional(&db.pool).await?)
}

/// Deletes a group, whoever is in it; says whether there was one.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(db: &Db, pool: &UserPoolId, name: &str) -> Result<bool> {
    let delete = sqlx::query!(
        "-- group::delete
        delete from groups where user_pool_id = $1 and name = $2",
        pool.as_str(),
        name
    );
    Ok(delete.execute(&db.pool).await?.rows_affected() == 1)
}

/// Puts a user into a group, unless they are in as many as a user may be. Who is in it already stays.
///
/// # Errors
/// [`Error::Stale`] when they are in as many; [`crate::Constraint::ParentGone`] when the group or the user is gone.
pub async fn add_member(
    db: &Db,
    pool: &UserPoolId,
    group: &str,
    user: UserId,
    most: i64,
    now: Timestamp,
) -> Result<()> {
    let added = sqlx::query_scalar!(
        r#"-- group::add_member
        with member as (
            select from group_members where user_pool_id = $1 and group_name = $2 and user_id = $3
        ), added as (
            insert into group_members (user_pool_id, group_name, user_id, created_at)
            select $1, $2, $3, $4
            where not exists (select from member)
              and (select count(*) from group_members where user_pool_id = $1 and user_id = $3) < $5
            on conflict (user_pool_id, group_name, user_id) do update set created_at = group_members.created_at
            returning user_id
        )
        select exists (select from member) or exists (select from added) as "added!""#,
        pool.as_str(),
        group,
        user.as_uuid(),
        now,
        most
    );
    if added.fetch_one(&db.pool).await? { Ok(()) } else { Err(Error::Stale) }
}

/// Takes a user out of a group.
///
/// # Errors
/// When the database does not answer.
pub async fn remove_member(db: &Db, pool: &UserPoolId, group: &str, user: UserId) -> Result<()> {
    let delete = sqlx::query!(
        "-- group::remove_member
        delete from group_members where user_pool_id = $1 and group_name = $2 and user_id = $3",
        pool.as_str(),
        group,
        user.as_uuid()
    );
    delete.execute(&db.pool).await?;
    Ok(())
}

/// The groups a user is in, by name, after the one given.
///
/// # Errors
/// When the database does not answer.
pub async fn of_user(
    db: &Db,
    pool: &UserPoolId,
    user: UserId,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Group>> {
    let groups = sqlx::query_as!(
        Group,
        "-- group::of_user
        select g.name, g.description, g.role_arn, g.precedence, g.created_at, g.updated_at
        from group_members m
        join groups g on g.user_pool_id = m.user_pool_id and g.name = m.group_name
        where m.user_pool_id = $1 and m.user_id = $2 and m.group_name > $3 order by m.group_name limit $4",
        pool.as_str(),
        user.as_uuid(),
        after.unwrap_or(""),
        limit
    );
    Ok(groups.fetch_all(&db.pool).await?)
}

/// The users in a group, by id, after the one given.
///
/// # Errors
/// When the database does not answer.
pub async fn members(
    db: &Db,
    pool: &UserPoolId,
    group: &str,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<User>> {
    let rows = sqlx::query!(
        r#"-- group::members
        select u.id, u.username, u.status as "status: UserStatus", u.enabled,
               u.attributes as "attributes: Json<Attributes>", u.session_epoch, u.kept_session, u.created_at,
               u.updated_at
        from group_members m
        join users u on u.user_pool_id = m.user_pool_id and u.id = m.user_id
        where m.user_pool_id = $1 and m.group_name = $2 and m.user_id > $3 order by m.user_id limit $4"#,
        pool.as_str(),
        group,
        after.unwrap_or(Uuid::nil()),
        limit
    );
    let rows = rows.fetch_all(&db.pool).await?;
    Ok(rows.into_iter().map(|row| user_of_row!(row, row.id)).collect())
}
