//! Sessions as their user and the pool's administrators see them, where the pool tracks them.
//!
//! A pool that does not track sessions answers [`Error::SessionsNotTracked`] to everything here, rather than an empty list,
//! which would say that nobody is signed in.

pub(crate) mod activity;

use cognate_store::user_session::SessionKind;
use cognate_store::user_session::tracking::{self, TrackedSession};
use cognate_store::{User, UserPool, UserSessionId};

use crate::token::verify::TokenHolder;
use crate::{App, Error, Result};

/// The most sessions that are shown; all fit on one page.
const MOST_SHOWN: i64 = 125;

/// The sessions of a user that go on, in all clients of the pool, the one in use last first.
///
/// # Errors
/// [`Error::SessionsNotTracked`].
pub async fn list(app: &App, pool: &UserPool, user: &User) -> Result<Vec<TrackedSession>> {
    check_tracked(pool)?;
    Ok(tracking::list(&app.db, &pool.id, user.id, app.clock.now(), MOST_SHOWN).await?)
}

/// Ends another session of the user who asks.
///
/// # Errors
/// [`Error::SessionsNotTracked`], [`Error::SessionNotFound`], [`Error::InvalidParameter`] for the session they ask in.
pub async fn revoke_other(app: &App, holder: &TokenHolder, session: Named, linked: bool) -> Result<()> {
    check_tracked(&holder.pool)?;
    let ends_own = linked && holder.session.opened_by == Some(session.1);
    if session.1 == holder.session.id || ends_own {
        return Err(Error::invalid("The session of the access token cannot be revoked with it."));
    }
    revoke(app, &holder.pool, &holder.user, session, linked).await
}

/// A session by its kind and id.
pub type Named = (SessionKind, UserSessionId);

/// Ends a session of a user: its refresh token and every token of its origin. With what is linked: a browser's session with the
/// tokens that came of it, and those with the browser's.
///
/// # Errors
/// [`Error::SessionsNotTracked`]; [`Error::SessionNotFound`], which a session that has ended or is another user's is too.
pub async fn revoke(app: &App, pool: &UserPool, user: &User, session: Named, linked: bool) -> Result<()> {
    check_tracked(pool)?;
    let ended = tracking::revoke(&app.db, &pool.id, user.id, session, linked, app.clock.now()).await?;
    if ended.is_empty() {
        return Err(Error::SessionNotFound);
    }
    for id in ended {
        app.caches.forget_session(&pool.id, id).await;
    }
    Ok(())
}

/// Refuses what a pool cannot do that does not track sessions.
pub(crate) fn check_tracked(pool: &UserPool) -> Result<()> {
    if pool.settings.session_tracking.enabled { Ok(()) } else { Err(Error::SessionsNotTracked) }
}
