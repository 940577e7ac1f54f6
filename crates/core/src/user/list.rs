//! Listing a pool's users.

use cognate_store::user::{self, Page};
use cognate_store::{User, UserPool};
use uuid::Uuid;

use super::filter;
use crate::{App, PageToken, Result, page};

/// One page of a pool's users.
///
/// # Errors
/// [`crate::Error::InvalidParameter`] for a filter that cannot be read or a page token that is not ours.
pub async fn list(
    app: &App,
    pool: &UserPool,
    filter: &str,
    limit: i32,
    token: Option<&str>,
) -> Result<(Vec<User>, Option<PageToken>)> {
    let parsed = filter::parse(&pool.settings, filter)?;
    // A token goes on with the listing it came from: another filter has another order.
    let listing = format!("users {filter}");
    let after: Option<(String, Uuid)> = page::position_in_pool(pool, &listing, token)?;
    let page = Page { after, limit: i64::from(limit) + 1 };
    let (users, looked_at) = user::list(&app.db, &pool.id, &parsed, &page).await?;
    let (users, next) =
        page::cut(users, limit, |(key, last)| page::in_pool(pool, &listing, &(key, last.id.as_uuid())))?;
    // A page may be short although there is more to look at.
    let next = match (next, looked_at) {
        (None, Some(id)) => Some(page::in_pool(pool, &listing, &("", id))?),
        (next, _) => next,
    };
    Ok((users.into_iter().map(|(_, user)| user).collect(), next))
}
