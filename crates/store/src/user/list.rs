//! Listing users: one indexed query for each thing they can be searched by.

use sqlx::types::Json;
use uuid::Uuid;

use super::{Attributes, User, UserStatus};
use crate::{Db, Result, Timestamp, UserPoolId};

/// What a listing is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserFilter {
    /// Everybody.
    All,
    /// By username, exact in case.
    Username(Match),
    /// By an indexed attribute, whatever the case.
    Attribute(SearchAttribute, Match),
    /// By another attribute, whatever the case.
    Custom(String, Match),
    /// By `sub`, between two ids inclusive.
    Sub(Uuid, Uuid),
    /// By status.
    Status(UserStatus),
    /// By whether they may sign in.
    Enabled(bool),
}

/// How a value is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// The whole value.
    Equals(String),
    /// How it begins.
    StartsWith(String),
}

impl Match {
    /// The smallest matching text, and what has to be appended to it for the largest.
    fn range(&self) -> (&str, &'static str) {
        match self {
            Self::Equals(value) => (value, ""),
            Self::StartsWith(value) => (value, "\u{10FFFF}"),
        }
    }
}

/// The attributes with an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchAttribute {
    /// `email`
    Email,
    /// `phone_number`
    PhoneNumber,
    /// `name`
    Name,
    /// `given_name`
    GivenName,
    /// `family_name`
    FamilyName,
    /// `preferred_username`
    PreferredUsername,
}

/// Where a page begins and how long it is. The key is the value the listing is ordered by.
#[derive(Debug, Clone)]
pub struct Page {
    /// The last user of the page before: their key and id.
    pub after: Option<(String, Uuid)>,
    /// The most users to return.
    pub limit: i64,
}

struct Row {
    key: String,
    id: Uuid,
    username: String,
    status: UserStatus,
    enabled: bool,
    attributes: Json<Attributes>,
    session_epoch: i32,
    kept_session: Option<Uuid>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Row {
    fn into_user(self) -> (String, User) {
        let user = user_of_row!(self, self.id);
        (self.key, user)
    }
}

/// The users by an indexed expression, in its order. There is one bound for them to begin after: of two, the scan of the
/// index would begin at either, and the end of the page before is at first the beginning of the pool.
macro_rules! by_text {
    ($db:expr, $pool:expr, $page:expr, $matching:expr, $name:tt, $column:tt, $full:tt, $fold:tt) => {{
        let (value, last) = $matching.range();
        let (after_key, after_id) = $page.after.clone().unwrap_or_default();
        let rows = sqlx::query_as!(
            Row,
            "-- user::list_" + $name + "\n
            select " + $column + r#" as "key!", id, username, status, enabled,
                   attributes as "attributes: Json<Attributes>", session_epoch, kept_session, created_at, updated_at
            from users where user_pool_id = $1 and "# + $column + " <= " + $fold + "($2::text) || $3::text
              and (" + $column + r#", id) > (greatest($4::text collate "C", left("# + $fold + "($2::text), 256)), $5)
              and starts_with(" + $full + ", " + $fold + "($2::text))
              and ($3::text <> '' or " + $full + " = " + $fold + "($2::text))
            order by " + $column + ", id limit $6",
            $pool.as_str(),
            value,
            last,
            after_key,
            after_id,
            $page.limit
        );
        rows.fetch_all(&$db.pool).await?
    }};
}

/// How many users a page looks at to find those that match what has no index: few at first, and in the end so many.
const LOOKED_AT: [i64; 2] = [2_000, 50_000];

/// One page of a pool's users, each with the key that the page's order goes by. Where no index leads to them, a page ends
/// after so many users have been looked at, and the last one's id comes with it.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    db: &Db,
    pool: &UserPoolId,
    filter: &UserFilter,
    page: &Page,
) -> Result<(Vec<(String, User)>, Option<Uuid>)> {
    let rows = match filter {
        UserFilter::Username(by) => {
            by_text!(db, pool, page, by, "username", r#"username collate "C""#, "username", "")
        }
        UserFilter::Attribute(attribute, by) => match attribute {
            SearchAttribute::Email => {
                by_text!(
                    db,
                    pool,
                    page,
                    by,
                    "email",
                    r#"left(lower(attributes ->> 'email'), 256) collate "C""#,
                    "lower(attributes ->> 'email')",
                    "lower"
                )
            }
            SearchAttribute::PhoneNumber => {
                by_text!(
                    db,
                    pool,
                    page,
                    by,
                    "phone_number",
                    r#"left(lower(attributes ->> 'phone_number'), 256) collate "C""#,
                    "lower(attributes ->> 'phone_number')",
                    "lower"
                )
            }
            SearchAttribute::Name => {
                by_text!(
                    db,
                    pool,
                    page,
                    by,
                    "name",
                    r#"left(lower(attributes ->> 'name'), 256) collate "C""#,
                    "lower(attributes ->> 'name')",
                    "lower"
                )
            }
            SearchAttribute::GivenName => {
                by_text!(
                    db,
                    pool,
                    page,
                    by,
                    "given_name",
                    r#"left(lower(attributes ->> 'given_name'), 256) collate "C""#,
                    "lower(attributes ->> 'given_name')",
                    "lower"
                )
            }
            SearchAttribute::FamilyName => {
                by_text!(
                    db,
                    pool,
                    page,
                    by,
                    "family_name",
                    r#"left(lower(attributes ->> 'family_name'), 256) collate "C""#,
                    "lower(attributes ->> 'family_name')",
                    "lower"
                )
            }
            SearchAttribute::PreferredUsername => {
                by_text!(
                    db,
                    pool,
                    page,
                    by,
                    "preferred_username",
                    r#"left(lower(attributes ->> 'preferred_username'), 256) collate "C""#,
                    "lower(attributes ->> 'preferred_username')",
                    "lower"
                )
            }
        },
        UserFilter::All | UserFilter::Sub(..) => by_id(db, pool, filter, page, None).await?,
        UserFilter::Custom(..) | UserFilter::Status(_) | UserFilter::Enabled(_) => {
            return searched(db, pool, filter, page).await;
        }
    };
    Ok((rows.into_iter().map(Row::into_user).collect(), None))
}

/// The users of a page that no index leads to, and the last one that was looked at, unless all were.
async fn searched(
    db: &Db,
    pool: &UserPoolId,
    filter: &UserFilter,
    page: &Page,
) -> Result<(Vec<(String, User)>, Option<Uuid>)> {
    let after = page.after.as_ref().map(|(_, id)| *id);
    let (mut rows, mut last) = (Vec::new(), None);
    for looked_at in LOOKED_AT {
        last = horizon(db, pool, after, looked_at).await?;
        rows = by_id(db, pool, filter, page, last).await?;
        if last.is_none() || i64::try_from(rows.len()).is_ok_and(|found| found >= page.limit) {
            break;
        }
    }
    Ok((rows.into_iter().map(Row::into_user).collect(), last))
}

/// The last of the users that a page looks at, unless there are fewer.
async fn horizon(db: &Db, pool: &UserPoolId, after: Option<Uuid>, looked_at: i64) -> Result<Option<Uuid>> {
    let last = sqlx::query_scalar!(
        "-- user::list_horizon
        select id from users where user_pool_id = $1 and id > $2 order by id offset $3 limit 1",
        pool.as_str(),
        after.unwrap_or(Uuid::nil()),
        looked_at - 1
    );
    Ok(last.fetch_optional(&db.pool).await?)
}

/// The users in the order of their ids, narrowed by what needs no index of its own.
async fn by_id(
    db: &Db,
    pool: &UserPoolId,
    filter: &UserFilter,
    page: &Page,
    horizon: Option<Uuid>,
) -> Result<Vec<Row>> {
    let (first, last) = match filter {
        UserFilter::Sub(first, last) => (*first, *last),
        _ => (Uuid::nil(), horizon.unwrap_or(Uuid::max())),
    };
    let (attribute, value, is_prefix) = match filter {
        UserFilter::Custom(attribute, Match::Equals(value)) => (Some(attribute), Some(value), false),
        UserFilter::Custom(attribute, Match::StartsWith(value)) => (Some(attribute), Some(value), true),
        _ => (None, None, false),
    };
    let status = if let UserFilter::Status(status) = filter { Some(*status) } else { None };
    let enabled = if let UserFilter::Enabled(enabled) = filter { Some(*enabled) } else { None };
    let rows = sqlx::query_as!(
        Row,
        r#"-- user::list_by_id
        select '' as "key!", id, username, status, enabled, attributes as "attributes: Json<Attributes>",
               session_epoch, kept_session, created_at, updated_at
        from users
        where user_pool_id = $1 and id >= $2 and id <= $3 and ($4::uuid is null or id > $4)
          and ($5::user_status is null or status = $5) and ($6::boolean is null or enabled = $6)
          and ($8::text is null or (starts_with(lower(attributes ->> $8), lower($9::text))
                                    and ($10::boolean or lower(attributes ->> $8) = lower($9::text))))
        order by id limit $7"#,
        pool.as_str(),
        first,
        last,
        page.after.as_ref().map(|(_, id)| *id),
        status as _,
        enabled,
        page.limit,
        attribute,
        value,
        is_prefix
    );
    Ok(rows.fetch_all(&db.pool).await?)
}
