//! What people who must know say about an event: whether it was its user.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use cognate_store::auth_event::{self, Feedback};
use cognate_store::seal::{Place, Sealed};
use cognate_store::{Timestamp, User, UserId, UserPool};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::user::look_up;
use crate::user_pool::risk::check_on;
use crate::{App, Error, Result};

/// How long somebody may say whether it was them.
const FEEDBACK_FOR: Duration = Duration::days(7);

/// Keeps what an administrator says about an event.
///
/// # Errors
/// [`Error::ThreatProtectionOff`], [`Error::AuthEventNotFound`].
pub async fn by_administrator(
    app: &App,
    pool: &UserPool,
    user: &User,
    id: &str,
    said: Feedback,
) -> Result<()> {
    check_on(pool)?;
    let id = Uuid::parse_str(id).map_err(|_| Error::AuthEventNotFound)?;
    keep(app, pool, user.id, id, (said, auth_event::ADMINISTRATOR)).await
}

async fn keep(
    app: &App,
    pool: &UserPool,
    user: UserId,
    id: Uuid,
    (said, by): (Feedback, &str),
) -> Result<()> {
    let feedback = (said, by, app.clock.now());
    match auth_event::judge(&app.db, &pool.id, user, id, feedback).await? {
        true => Ok(()),
        false => Err(Error::AuthEventNotFound),
    }
}

/// What a token says whose holder may judge an event.
#[derive(Serialize, Deserialize)]
struct Judge {
    event: Uuid,
    user: UserId,
    expires_at: Timestamp,
}

const PLACE: Place<'static> = Place { table: "auth_events", column: "feedback", row: "" };

/// The token that lets its holder say of an event whether it was its user.
pub(crate) fn token(pool: &UserPool, user: UserId, event: Uuid, now: Timestamp) -> Result<SecretString> {
    let judge = Judge { event, user, expires_at: now + FEEDBACK_FOR };
    let sealed = pool.key.seal(PLACE, &serde_json::to_vec(&judge).map_err(Error::internal)?)?;
    Ok(URL_SAFE_NO_PAD.encode(sealed.as_bytes()).into())
}

/// Keeps what the holder of a token says about its event; where the caller names the event and its user, they must be those.
///
/// # Errors
/// [`Error::InvalidFeedbackToken`], also when the event is gone or an administrator has judged it;
/// [`Error::ThreatProtectionOff`].
pub async fn by_token(
    app: &App,
    pool: &UserPool,
    token: &SecretString,
    named: Option<(&str, &str)>,
    said: Feedback,
) -> Result<()> {
    let judge = open(pool, token, app.clock.now()).ok_or(Error::InvalidFeedbackToken)?;
    check_on(pool)?;
    if let Some((username, event)) = named {
        let user = look_up(app, pool, username).await?.map(|(user, _)| user.id);
        if user != Some(judge.user) || Uuid::parse_str(event).ok() != Some(judge.event) {
            return Err(Error::InvalidFeedbackToken);
        }
    }
    let kept = keep(app, pool, judge.user, judge.event, (said, "User")).await;
    kept.map_err(|error| match error {
        Error::AuthEventNotFound => Error::InvalidFeedbackToken,
        other => other,
    })
}

fn open(pool: &UserPool, token: &SecretString, now: Timestamp) -> Option<Judge> {
    let sealed = URL_SAFE_NO_PAD.decode(token.expose_secret()).ok()?;
    let opened = pool.key.open(PLACE, &Sealed::from_stored(sealed)).ok()?;
    serde_json::from_slice::<Judge>(&opened).ok().filter(|judge| judge.expires_at > now)
}
