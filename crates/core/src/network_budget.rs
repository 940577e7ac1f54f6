//! How often something may be done in an hour from one network, where nobody is known by name (LCK-4).

use chrono::Duration;
use cognate_store::{UserPool, attempt};
use uuid::Uuid;

use crate::origin::{self, Origin};
use crate::{App, Error, Result};

/// Counts something that is done at a pool against the budget of the network that it comes from.
///
/// # Errors
/// [`Error::AttemptLimit`] when that is spent.
pub(crate) async fn count(app: &App, pool: &UserPool, from: &Origin, action: &str, most: i32) -> Result<()> {
    let (subject, now) = (subject(pool, from), app.clock.now());
    match attempt::count(&app.db, &pool.id, subject, action, Duration::hours(1), now).await? {
        count if count > most => Err(Error::AttemptLimit),
        _ => Ok(()),
    }
}

/// Counts something that nobody knows who does, of which the pool has a budget too: first against that of the network, so that one
/// network does not use up that of all.
///
/// # Errors
/// [`Error::AttemptLimit`] when either is spent.
pub(crate) async fn count_with_all(
    app: &App,
    pool: &UserPool,
    from: &Origin,
    action: &str,
    (of_network, of_all): (i32, i32),
) -> Result<()> {
    count(app, pool, from, action, of_network).await?;
    let (hour, now) = (Duration::hours(1), app.clock.now());
    match attempt::count(&app.db, &pool.id, Uuid::nil(), action, hour, now).await? {
        count if count > of_all => Err(Error::AttemptLimit),
        _ => Ok(()),
    }
}

/// Takes back what turned out not to count.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn give_back(app: &App, pool: &UserPool, from: &Origin, action: &str) -> Result<()> {
    Ok(attempt::give_back(&app.db, &pool.id, subject(pool, from), action).await?)
}

/// What stands for a network; those whose address is not known are one.
fn subject(pool: &UserPool, from: &Origin) -> Uuid {
    let network = from.address().map(|address| origin::network(address).to_string());
    let digest = pool.key.digest("network", &[network.unwrap_or_default().as_bytes()]);
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(id)
}
