//! Challenge sessions: what has been proven so far, sealed into the token that the client holds between two steps
//! (TOK-9). Nothing is stored until a session is used up.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use chrono::Duration;
use cognate_store::auth_event::Factor;
use cognate_store::challenge_session::{self, SpentSession};
use cognate_store::seal::{Place, Sealed};
use cognate_store::second_factor::SecondFactor;
use cognate_store::{AppClientId, Timestamp, User, UserPool, UserPoolId};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::{Zeroize as _, Zeroizing};

use super::custom::{Answered, Made};
use super::one_time_code::SentCode;
use super::person::Person;
use super::{Method, Proven};
use crate::app_client::{ClientContext, Door, Hashed, secret_hash};
use crate::device::Claimed;
use crate::origin::Origin;
use crate::{App, Error, Result, app_client};

/// The step a session waits for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    /// By what the user will prove who they are.
    FirstFactor,
    /// The proof that a handshake by SRP waits for.
    PasswordVerifier,
    /// What a passkey's authenticator signs for this state.
    Passkey(String),
    /// The same for whoever has one, who has not said who they are.
    AnyPasskey(String),
    /// The proof of the password that a function of the pool's asked for, after these steps.
    CustomPassword(Vec<Answered>),
    /// The answer to a challenge of the pool's own making.
    Custom(Made),
    /// A new password in place of the temporary one.
    NewPassword,
    /// A code that was sent.
    Code(SentCode),
    /// A code of the user's authenticator app.
    SoftwareToken,
    /// Which of these second factors it is to be.
    SecondFactor(Vec<SecondFactor>),
    /// A second factor that has to be set up.
    MfaSetup,
    /// The first code of the authenticator app of this secret, which is being set up.
    MfaEnrolment(Vec<u8>),
    /// The second factor is set up: nothing but the end.
    MfaSetUp,
    /// The opening of a proof of the device.
    Device,
    /// The proof of the device.
    DeviceVerifier,
    /// The code that confirms a sign-up.
    SignUp,
    /// The sign-up is confirmed, and the address proven: nothing but the end.
    SignedUp,
}

/// What a session says. Bound to pool (by its key), client, user and step.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ChallengeSession {
    pub id: Uuid,
    pub client: AppClientId,
    /// The user, or who stands in for nobody.
    pub subject: Uuid,
    pub step: Step,
    pub proven: Proven,
    /// The second factors that would do as well as the one that it waits for.
    #[serde(default)]
    pub factors: Vec<SecondFactor>,
    /// When it ends however often its user asks for another factor or another code.
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
    /// The device that the sign-in began from.
    pub device: Claimed,
    /// Where it began: it is finished there.
    #[serde(default)]
    pub door: Door,
    pub expires_at: Timestamp,
}

impl Drop for ChallengeSession {
    fn drop(&mut self) {
        if let Step::MfaEnrolment(secret) = &mut self.step {
            secret.zeroize();
        }
    }
}

/// How every session begins, as Cognito's do: a letter, so that no command line takes it for an option.
const PREFIX: &str = "AYABe";

/// What is sealed is as long as a multiple of this, so that its length does not tell what it says (ENU-1).
const PADDING: usize = 256;

/// What a session is sealed for: one of the pages' opens nowhere else.
fn place(door: Door) -> Place<'static> {
    let column = match door {
        Door::Api => "token",
        Door::Pages => "page_token",
    };
    Place { table: "challenge_session", column, row: "" }
}

impl ChallengeSession {
    /// A session of a client for a user, living as long as the client's settings say.
    pub(crate) fn new(
        context: &ClientContext,
        subject: Uuid,
        step: Step,
        proven: Proven,
        now: Timestamp,
    ) -> Self {
        let (id, client) = (Uuid::new_v4(), context.client.id.clone());
        let (device, door) = (context.device.clone(), context.door);
        let (factors, ends_at, expires_at) = (Vec::new(), None, expiry(context, now));
        Self { id, client, subject, step, proven, factors, ends_at, device, door, expires_at }
    }

    /// The session of the next step. It keeps its id, so that all of them are spent together.
    pub(crate) fn after(&self, context: &ClientContext, step: Step, proven: Proven, now: Timestamp) -> Self {
        let mut next = Self::new(context, self.subject, step, proven, now);
        next.id = self.id;
        next.factors.clone_from(&self.factors);
        next.ends_at = self.ends_at;
        next.expires_at = self.ends_at.map_or(next.expires_at, |end| next.expires_at.min(end));
        next.device = self.device(context).clone();
        next
    }

    /// The device that the sign-in comes from: what the request says, or else what was said as it began.
    pub(crate) fn device<'a>(&'a self, context: &'a ClientContext) -> &'a Claimed {
        context.device.or(&self.device)
    }

    /// The token for the client.
    pub(crate) fn seal(&self, pool: &UserPool) -> Result<SecretString> {
        let mut bytes = Zeroizing::new(serde_json::to_vec(self).map_err(Error::internal)?);
        let length = bytes.len().next_multiple_of(PADDING);
        bytes.resize(length, b' ');
        let sealed = pool.key.seal(place(self.door), &bytes)?;
        let token = [pool.id.as_str().as_bytes(), b" ", sealed.as_bytes()].concat();
        Ok(format!("{PREFIX}{}", URL_SAFE.encode(token)).into())
    }

    /// What giving its second factor leaves behind.
    fn second_factor_given(&self, pool: &UserPool, method: Method) -> SpentSession {
        let parts = [self.id.as_bytes(), method.as_str().as_bytes()];
        let digest = pool.key.digest("second factor given", &parts);
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        SpentSession { id: Uuid::from_bytes(id), expires_at: self.expires_at }
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

/// What every answer to a challenge carries.
#[derive(Debug)]
pub struct Answer {
    /// The token of the challenge.
    pub session: SecretString,
    /// Who answers; must be the user of the session.
    pub username: String,
    /// Proof of the client's secret.
    pub secret_hash: Option<String>,
}

/// The session of an answer, which must wait for such a step, and its user.
///
/// # Errors
/// The secret hash's; [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`],
/// [`Error::UserDisabled`].
pub(super) async fn answered(
    app: &App,
    context: &ClientContext,
    answer: &Answer,
    accepts: impl FnOnce(&Step) -> bool,
) -> Result<(ChallengeSession, User)> {
    let (session, person) = answered_by_anybody(app, context, answer, accepts).await?;
    let (user, _) = person.found.ok_or(Error::InvalidSession)?;
    if user.enabled { Ok((session, user)) } else { Err(Error::UserDisabled) }
}

/// As [`answered`], in a step that nobody gets to as well as users do (ENU-1). Whether the user is enabled is not looked at.
pub(super) async fn answered_by_anybody(
    app: &App,
    context: &ClientContext,
    answer: &Answer,
    accepts: impl FnOnce(&Step) -> bool,
) -> Result<(ChallengeSession, Person)> {
    let (pool, name) = (&context.pool, &answer.username);
    secret_hash::check(context, Hashed::SignIn(name), answer.secret_hash.as_deref())?;
    let session = open(app, context, &answer.session, accepts, app.clock.now()).await?;
    let person = Person::named(app, pool, name.clone()).await?;
    let is_theirs = person.subject(pool) == session.subject;
    let began = session.proven.epoch;
    let goes_on = person.user().is_none_or(|user| began.is_none_or(|epoch| epoch == user.session_epoch));
    match (is_theirs, goes_on) {
        (true, true) => Ok((session, person)),
        (true, false) => Err(Error::UsedSession),
        (false, _) => Err(Error::InvalidSession),
    }
}

/// Spends a session where nothing is saved with it.
///
/// # Errors
/// [`Error::UsedSession`] when it is spent already.
pub(super) async fn spend(app: &App, pool: &UserPool, session: &SpentSession) -> Result<()> {
    let spent = challenge_session::spend_once(&app.db, &pool.id, session).await;
    spent.map_err(|error| match error {
        cognate_store::Error::Stale => Error::UsedSession,
        other => other.into(),
    })
}

/// Remembers that the second factor was given that a session waited for, where the proof of the device comes next: some clients
/// bring that in the session before (see [`after_second_factor`]).
///
/// # Errors
/// When the database does not answer.
pub(super) async fn mark_second_factor(
    app: &App,
    pool: &UserPool,
    session: &ChallengeSession,
    method: Method,
) -> Result<()> {
    Ok(challenge_session::spend(&app.db, &pool.id, &session.second_factor_given(pool, method)).await?)
}

/// The session in which the proof of the device is to come, for a client that brings the one before, in which it gave the
/// second factor. amazon-cognito-identity-js does.
///
/// # Errors
/// [`Error::InvalidSession`] when it did not.
pub(super) async fn after_second_factor(
    app: &App,
    context: &ClientContext,
    session: ChallengeSession,
) -> Result<ChallengeSession> {
    let pool = &context.pool;
    let method = match &session.step {
        Step::Device => return Ok(session),
        Step::SoftwareToken => Method::SoftwareToken,
        Step::Code(sent) => sent.method(),
        _ => return Err(Error::InvalidSession),
    };
    let given = session.second_factor_given(pool, method);
    if !challenge_session::is_spent(&app.db, &pool.id, given.id).await? {
        return Err(Error::InvalidSession);
    }
    let mut proven = session.proven.and(method);
    proven.give(Factor::Mfa);
    Ok(session.after(context, Step::Device, proven, app.clock.now()))
}

/// Opens a session that must be this client's, wait for such a step, and be unused.
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`].
pub(crate) async fn open(
    app: &App,
    context: &ClientContext,
    token: &SecretString,
    accepts: impl FnOnce(&Step) -> bool,
    now: Timestamp,
) -> Result<ChallengeSession> {
    let session = unseal(&context.pool, token).ok_or(Error::InvalidSession)?;
    check(app, context, &session, accepts, now).await?;
    Ok(session)
}

/// Opens a session in an operation that names no client: the session does.
///
/// # Errors
/// As [`open`].
pub(crate) async fn open_alone(
    app: &App,
    token: &SecretString,
    accepts: impl FnOnce(&Step) -> bool,
    now: Timestamp,
) -> Result<(ClientContext, ChallengeSession)> {
    let (pool, _) = parts(token).ok_or(Error::InvalidSession)?;
    let pool = app.caches.user_pool(&app.db, &pool).await?.ok_or(Error::InvalidSession)?;
    let session = unseal(&pool, token).ok_or(Error::InvalidSession)?;
    let context = app_client::asking(app, &pool.id, &session.client, Origin::default()).await;
    let context = context.map_err(|error| match error {
        Error::AppClientNotFound(_) => Error::InvalidSession,
        other => other,
    })?;
    let context = ClientContext { door: session.door, ..context };
    check(app, &context, &session, accepts, now).await?;
    Ok((context, session))
}

async fn check(
    app: &App,
    context: &ClientContext,
    session: &ChallengeSession,
    accepts: impl FnOnce(&Step) -> bool,
    now: Timestamp,
) -> Result<()> {
    if session.client != context.client.id || session.door != context.door || !accepts(&session.step) {
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
    let sealed = Sealed::from_stored(sealed);
    let open = |door| pool.key.open(place(door), &sealed).ok();
    let opened = open(Door::Api).or_else(|| open(Door::Pages))?;
    serde_json::from_slice(&opened).ok()
}
