//! Challenge sessions: what has been proven so far, sealed into the token that the client holds between two steps
//! (TOK-9). Nothing is stored until a session is used up.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use chrono::Duration;
use cognate_store::challenge_session::{self, SpentSession};
use cognate_store::seal::{Place, Sealed};
use cognate_store::{AppClientId, Timestamp, UserId, UserPool, UserPoolId};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::{Zeroize as _, Zeroizing};

use crate::app_client::ClientContext;
use crate::{App, Error, Result};

/// The step a session waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// A new password in place of the temporary one.
    NewPassword,
    /// A code of the user's authenticator app.
    SoftwareToken,
    /// A second factor that has to be set up.
    MfaSetup,
    /// The first code of the authenticator app that is being set up.
    MfaEnrolment,
    /// The second factor is set up: nothing but the end.
    MfaSetUp,
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
    /// The secret of the authenticator app that is being set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Vec<u8>>,
}

impl Drop for ChallengeSession {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
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
            secret: None,
        }
    }

    /// The session of the next step. It keeps its id, so that all of them are spent together.
    pub(crate) fn after(
        &self,
        context: &ClientContext,
        step: Step,
        secret: Option<Vec<u8>>,
        now: Timestamp,
    ) -> Self {
        Self {
            id: self.id,
            client: self.client.clone(),
            user: self.user,
            step,
            password_changed_at: self.password_changed_at,
            expires_at: expiry(context, now),
            secret,
        }
    }

    /// The token for the client.
    pub(crate) fn seal(&self, pool: &UserPool) -> Result<SecretString> {
        let bytes = Zeroizing::new(serde_json::to_vec(self).map_err(Error::internal)?);
        let sealed = pool.key.seal(PLACE, &bytes)?;
        let token = [pool.id.as_str().as_bytes(), b" ", sealed.as_bytes()].concat();
        Ok(format!("{PREFIX}{}", URL_SAFE.encode(token)).into())
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
    check(app, context, &session, &[step], now).await?;
    Ok(session)
}

/// Opens a session in an operation that names no client: the session does.
///
/// # Errors
/// As [`open`].
pub(crate) async fn open_alone(
    app: &App,
    token: &SecretString,
    steps: &[Step],
    now: Timestamp,
) -> Result<(ClientContext, ChallengeSession)> {
    let (pool, _) = parts(token).ok_or(Error::InvalidSession)?;
    let pool = app.caches.user_pool(&app.db, &pool).await?.ok_or(Error::InvalidSession)?;
    let session = unseal(&pool, token).ok_or(Error::InvalidSession)?;
    let client = app.caches.client(&app.db, &session.client).await?;
    let (_, client) = client.filter(|(owner, _)| owner.id == pool.id).ok_or(Error::InvalidSession)?;
    let context = ClientContext { pool, client };
    check(app, &context, &session, steps, now).await?;
    Ok((context, session))
}

async fn check(
    app: &App,
    context: &ClientContext,
    session: &ChallengeSession,
    steps: &[Step],
    now: Timestamp,
) -> Result<()> {
    if session.client != context.client.id || !steps.contains(&session.step) {
        return Err(Error::InvalidSession);
    }
    if session.expires_at <= now {
        return Err(Error::ExpiredSession);
    }
    if challenge_session::is_spent(&app.db, &context.pool.id, session.id).await? {
        return Err(Error::UsedSession);
    }
    Ok(())
}

/// The pool that a session says it is of, and what is sealed with that pool's key.
fn parts(token: &SecretString) -> Option<(UserPoolId, Vec<u8>)> {
    let token = URL_SAFE.decode(token.expose_secret().strip_prefix(PREFIX)?).ok()?;
    let (pool, sealed) = token.split_at_checked(token.iter().position(|byte| *byte == b' ')?)?;
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let pool =
        std::str::from_utf8(pool).ok().filter(|pool| pool.len() <= 55 && pool.as_bytes().iter().all(fits))?;
    Some((UserPoolId::new(pool), sealed[1..].to_vec()))
}

fn unseal(pool: &UserPool, token: &SecretString) -> Option<ChallengeSession> {
    let (of, sealed) = parts(token)?;
    if of != pool.id {
        return None;
    }
    let opened = pool.key.open(PLACE, &Sealed::from_stored(sealed)).ok()?;
    serde_json::from_slice(&opened).ok()
}
