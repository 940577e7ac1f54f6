//! Login names: every name a user signs in with, each of one user of the pool.

use sqlx::PgConnection;

use crate::user_pool::Alias;
use crate::{Constraint, Error, Result, Timestamp, UserId, UserPoolId};

/// A name that signs a user in, already normalised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginName {
    /// The normalised name.
    pub name: String,
    /// The attribute it stands for; `None` for the username.
    pub alias: Option<Alias>,
}

impl LoginName {
    pub(crate) fn kind(&self) -> &'static str {
        self.alias.map_or("username", Alias::attribute)
    }
}

/// Gives a user names to sign in with.
pub(crate) async fn claim(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    id: UserId,
    names: &[LoginName],
    take: bool,
    now: Timestamp,
) -> Result<()> {
    for name in names {
        // What a user picked for themselves is not taken from them.
        if let (true, Some(alias @ (Alias::Email | Alias::PhoneNumber))) = (take, name.alias) {
            take_alias(connection, pool, id, &name.name, alias, now).await?;
        }
        let insert = sqlx::query!(
            "-- login_name::claim
            insert into login_names (user_pool_id, name, kind, user_id) values ($1, $2, $3, $4)
            on conflict (user_pool_id, name) do update set kind = login_names.kind where login_names.user_id = $4",
            pool.as_str(),
            name.name,
            name.kind(),
            id.as_uuid()
        );
        // One name may stand for two things of the same user.
        if insert.execute(&mut *connection).await?.rows_affected() == 0 {
            let constraint = name.alias.map_or(Constraint::LoginNameTaken, Constraint::AliasTaken);
            return Err(Error::Refused(constraint));
        }
    }
    Ok(())
}

/// Takes names away from a user.
pub(crate) async fn release(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    id: UserId,
    names: &[LoginName],
) -> Result<()> {
    for name in names {
        let delete = sqlx::query!(
            "-- login_name::release
            delete from login_names where user_pool_id = $1 and name = $2 and kind = $3 and user_id = $4",
            pool.as_str(),
            name.name,
            name.kind(),
            id.as_uuid()
        );
        delete.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Takes an alias from whoever else holds it; the address is no longer proven theirs.
async fn take_alias(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    new_owner: UserId,
    name: &str,
    alias: Alias,
    now: Timestamp,
) -> Result<()> {
    let delete = sqlx::query_scalar!(
        "-- login_name::take_alias
        delete from login_names where user_pool_id = $1 and name = $2 and kind = $3 and user_id <> $4
        returning user_id",
        pool.as_str(),
        name,
        alias.attribute(),
        new_owner.as_uuid()
    );
    let Some(owner) = delete.fetch_optional(&mut *connection).await? else { return Ok(()) };
    let update = sqlx::query!(
        "-- login_name::unverify
        update users set attributes = attributes || jsonb_build_object($3::text, 'false'),
            updated_at = greatest($4, updated_at + interval '1 microsecond')
        where user_pool_id = $1 and id = $2",
        pool.as_str(),
        owner,
        format!("{}_verified", alias.attribute()),
        now
    );
    update.execute(connection).await?;
    Ok(())
}
