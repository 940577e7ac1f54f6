//! What is noted of sessions, where their pool tracks them: that one began, and that one is in use.

use chrono::Duration;
use cognate_store::user_session::UserSession;
use cognate_store::user_session::tracking::{self, Activity};
use cognate_store::{Timestamp, UserId, UserSessionId};

use crate::app_client::ClientContext;
use crate::{App, Result};

/// How long a session is taken to be in use without another note: a refresh writes nothing more meanwhile.
const NOTED_FOR: Duration = Duration::minutes(1);

/// A session began. Those of its user that were in use least recently end, if there are more than there may be.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn started(
    app: &App,
    context: &ClientContext,
    user: UserId,
    session: UserSessionId,
    now: Timestamp,
) -> Result<()> {
    let (pool, tracking) = (&context.pool.id, context.pool.settings.session_tracking);
    if !tracking.enabled {
        return Ok(());
    }
    let new = activity(context, session, now);
    for ended in tracking::started(&app.db, pool, user, &new, tracking.most_per_user.into()).await? {
        app.caches.forget_session(pool, ended).await;
    }
    Ok(())
}

/// A session was refreshed.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn refreshed(
    app: &App,
    context: &ClientContext,
    session: &UserSession,
    now: Timestamp,
) -> Result<()> {
    let since = now - NOTED_FOR;
    let is_noted = session.last_active_at.is_some_and(|at| at > since);
    if is_noted || !context.pool.settings.session_tracking.enabled {
        return Ok(());
    }
    Ok(tracking::active(&app.db, &context.pool.id, &activity(context, session.id, now), since).await?)
}

fn activity(context: &ClientContext, id: UserSessionId, at: Timestamp) -> Activity {
    let origin = &context.origin;
    Activity { id, at, device: origin.device(), address: origin.address() }
}
