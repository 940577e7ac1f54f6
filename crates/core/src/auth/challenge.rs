//! Challenge sessions: what has been proven so far, sealed into the token that the client holds between two steps
//! (TOK-9). Nothing is stored until a session is used up.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use chrono::Duration;
use cognate_store::challenge_session::{self, SpentSession};
use cognate_store::seal::{Place, Sealed};
use cognate_store::{AppClientId, Timestamp, UserId, UserPool};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app_client::ClientContext;
use crate::{App, Error, Result};

/// The step a session waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// A new password in place of the temporary one.
    NewPassword,
}

/// What a session says. Bound to pool (by its key), client, user and step.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ChallengeSession {
    pub id: Uuid,
    pub client: AppClientId,
    pub user: UserId,
    pub step: Step,
    /// When the password that was proven had been set.
    pub password_changed_at: Timestamp,
    pub expires_at: Timestamp,
}

/// How every session begins, as Cognito's do: a letter, so that no command line takes it for an option.
const PREFIX: &str = "AYABe";

const PLACE: Place<'static> = Place { table: "challenge_session", column: "token", row: "" };

impl ChallengeSession {
    /// A session of a client for a user, living as long as the client's settings say.
    pub(crate) fn new(
        context: &ClientContext,
        user: UserId,
        step: Step,
        password_changed_at: Timestamp,
        now: Timestamp,
    ) -> Self {
        Self {
            id: Uuid::new_v4(),
            client: context.client.id.clone(),
            user,
            step,
            password_changed_at,
            expires_at: expiry(context, now),
        }
    }

    /// The token for the client.
    pub(crate) fn seal(&self, pool: &UserPool) -> Result<SecretString> {
        let bytes = serde_json::to_vec(self).map_err(Error::internal)?;
        Ok(format!("{PREFIX}{}", URL_SAFE.encode(pool.key.seal(PLACE, &bytes)?.as_bytes())).into())
    }

    /// What answering it leaves behind.
    pub(crate) fn spent(&self) -> SpentSession {
        SpentSession { id: self.id, expires_at: self.expires_at }
    }
}

/// When what a client is given between two steps expires.
pub(super) fn expiry(context: &ClientContext, now: Timestamp) -> Timestamp {
    let minutes = context.client.settings.auth_session_validity_minutes.unwrap_or(3);
    now + Duration::minutes(i64::from(minutes))
}

/// Opens a session that must be this client's, wait for this step, and be unused.
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`].
pub(crate) async fn open(
    app: &App,
    context: &ClientContext,
    token: &SecretString,
    step: Step,
    now: Timestamp,
) -> Result<ChallengeSession> {
    let session = unseal(&context.pool, token).ok_or(Error::InvalidSession)?;
    if session.client != context.client.id || session.step != step {
        return Err(Error::InvalidSession);
    }
    if session.expires_at <= now {
        return Err(Error::ExpiredSession);
    }
    if challenge_session::is_spent(&app.db, &context.pool.id, session.id).await? {
        return Err(Error::UsedSession);
    }
    Ok(session)
}

fn unseal(pool: &UserPool, token: &SecretString) -> Option<ChallengeSession> {
    let sealed = URL_SAFE.decode(token.expose_secret().strip_prefix(PREFIX)?).ok()?;
    let opened = pool.key.open(PLACE, &Sealed::from_stored(sealed)).ok()?;
    serde_json::from_slice(&opened).ok()
}
