//! What happened at the door of pools with threat protection: keeping it, listing it, and what people say about it.
//!
//! What failed is written behind the answer, so that its time does not tell whether there is such a user (ENU-1).

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use cognate_store::auth_event::{
    self, AuthEvent, EventChallenge, EventKind, EventResponse, Factor, Feedback, JudgedEvent, Position,
    RiskLevel,
};
use cognate_store::message::NoticeOf;
use cognate_store::seal::{self, Sealed};
use cognate_store::user_pool::ThreatMode;
use cognate_store::{Timestamp, User, UserId, UserPool, UserPoolId};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

use crate::app_client::ClientContext;
use crate::auth::Proven;
use crate::origin::Origin;
use crate::user_pool::risk::check_on;
use crate::{App, Error, PageToken, Result, page, risk_notice};

/// How long somebody may say whether it was them.
const FEEDBACK_FOR: Duration = Duration::days(7);

/// How many events may wait to be written behind their answers, of a process and of one pool; the rest is dropped, and said in
/// the log.
static BEHIND: Semaphore = Semaphore::const_new(64);
const BEHIND_OF_POOL: usize = 16;
static WAITING: LazyLock<Mutex<HashMap<UserPoolId, usize>>> = LazyLock::new(Mutex::default);

/// A sign-in on its way: its event, and what was made of it as it began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Judgement {
    /// The event's id, which becomes the session's.
    pub id: Uuid,
    /// How likely it is somebody else, where anything is unusual.
    pub level: Option<RiskLevel>,
    /// Whether the pool does something about that, rather than only note it.
    pub is_enforced: bool,
    /// Whether a second factor was demanded for that.
    pub demanded_second_factor: bool,
    /// What was given since the event was kept last.
    pub given: Vec<Factor>,
}

impl Judgement {
    /// A judgement of a sign-in that begins.
    pub(crate) fn new(level: Option<RiskLevel>, is_enforced: bool) -> Self {
        let (id, given) = (Uuid::new_v4(), Vec::new());
        Self { id, level, is_enforced, demanded_second_factor: false, given }
    }
}

/// Whether a pool's events are kept.
pub(crate) fn keeps(pool: &UserPool) -> bool {
    pool.settings.threat_protection.is_some_and(|it| it.mode != ThreatMode::Off)
}

fn event(
    id: Uuid,
    user: UserId,
    kind: EventKind,
    response: EventResponse,
    from: &Origin,
    at: Timestamp,
) -> AuthEvent {
    AuthEvent {
        id,
        user,
        kind,
        response,
        risk_level: None,
        blocked: false,
        leaked_password: false,
        challenges: Vec::new(),
        address: from.address().map(|address| address.to_string()),
        device: from.device(),
        created_at: at,
    }
}

/// Notes something other than a sign-in, behind the answer.
pub(crate) fn note(
    app: &App,
    pool: &UserPool,
    user: UserId,
    kind: EventKind,
    response: EventResponse,
    from: &Origin,
) {
    if keeps(pool) {
        behind(app, pool, event(Uuid::new_v4(), user, kind, response, from, app.clock.now()));
    }
}

/// Why a sign-in failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failed {
    /// The password was wrong.
    Password,
    /// The second factor was wrong.
    SecondFactor,
    /// Something else was wrong, or could not be given.
    Other,
    /// The password was right, and has leaked.
    LeakedPassword,
    /// It looked too much like somebody else's.
    Risk(RiskLevel),
}

/// Notes that a sign-in failed, behind the answer.
pub(crate) fn failed(
    app: &App,
    context: &ClientContext,
    user: UserId,
    judgement: Option<&Judgement>,
    why: Failed,
) {
    if !keeps(&context.pool) {
        return;
    }
    let (id, now) = (judgement.map_or_else(Uuid::new_v4, |judgement| judgement.id), app.clock.now());
    let challenge = |factor, passed| vec![EventChallenge { factor, passed }];
    let mut challenges: Vec<_> = judgement.map_or_else(Vec::new, |judgement| {
        judgement.given.iter().map(|factor| EventChallenge { factor: *factor, passed: true }).collect()
    });
    challenges.extend(match why {
        Failed::Password => challenge(Factor::Password, false),
        Failed::LeakedPassword => challenge(Factor::Password, true),
        Failed::SecondFactor => challenge(Factor::Mfa, false),
        Failed::Other | Failed::Risk(_) => Vec::new(),
    });
    let level = match why {
        Failed::Risk(level) => Some(level),
        _ => judgement.and_then(|judgement| judgement.level),
    };
    let failed = AuthEvent {
        challenges,
        risk_level: level,
        blocked: matches!(why, Failed::Risk(_)),
        leaked_password: why == Failed::LeakedPassword,
        ..event(id, user, EventKind::SignIn, EventResponse::Fail, &context.origin, now)
    };
    behind(app, &context.pool, failed);
}

fn behind(app: &App, pool: &UserPool, event: AuthEvent) {
    let Some(turn) = Turn::of(&pool.id) else {
        tracing::warn!(user_pool = %pool.id, "too many events wait to be written: one is lost");
        return;
    };
    let db = app.db.clone();
    tokio::spawn(async move {
        if let Err(error) = auth_event::record(&db, &turn.pool, &event).await {
            tracing::warn!(error = &error as &dyn std::error::Error, user_pool = %turn.pool, "an event was not kept");
        }
    });
}

/// A turn among those that wait.
struct Turn {
    pool: UserPoolId,
    _permit: SemaphorePermit<'static>,
}

impl Turn {
    fn of(pool: &UserPoolId) -> Option<Self> {
        let permit = BEHIND.try_acquire().ok()?;
        let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
        let of_pool = waiting.entry(pool.clone()).or_default();
        if *of_pool >= BEHIND_OF_POOL {
            return None;
        }
        *of_pool += 1;
        Some(Self { pool: pool.clone(), _permit: permit })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_pool) = waiting.get_mut(&self.pool) {
            *of_pool -= 1;
            if *of_pool == 0 {
                waiting.remove(&self.pool);
            }
        }
    }
}

/// Notes that a sign-in waits for something more.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn goes_on(
    app: &App,
    context: &ClientContext,
    user: &User,
    proven: &mut Proven,
) -> Result<()> {
    let Some(judgement) = &mut proven.judgement else { return Ok(()) };
    keep(app, context, user, judgement, EventResponse::InProgress).await?;
    judgement.given.clear();
    Ok(())
}

/// Notes that a sign-in passed, and tells its user where the pool says so. The user is in: what goes wrong here is logged.
pub(crate) async fn passed(app: &App, context: &ClientContext, user: &User, proven: &Proven) {
    let Some(judgement) = &proven.judgement else { return };
    let of = if judgement.demanded_second_factor { NoticeOf::SecondFactor } else { NoticeOf::Passed };
    let noting = async {
        keep(app, context, user, judgement, EventResponse::Pass).await?;
        risk_notice::queue(app, context, user, judgement, of).await
    };
    if let Err(error) = noting.await {
        tracing::warn!(error = &error as &dyn std::error::Error, "a sign-in was not noted");
    }
}

async fn keep(
    app: &App,
    context: &ClientContext,
    user: &User,
    judgement: &Judgement,
    response: EventResponse,
) -> Result<()> {
    let given = judgement.given.iter().map(|factor| EventChallenge { factor: *factor, passed: true });
    let kept = AuthEvent {
        challenges: given.collect(),
        risk_level: judgement.level,
        ..event(judgement.id, user.id, EventKind::SignIn, response, &context.origin, app.clock.now())
    };
    Ok(auth_event::record(&app.db, &context.pool.id, &kept).await?)
}

/// A user's events, the latest first.
///
/// # Errors
/// [`Error::ThreatProtectionOff`]; [`Error::InvalidParameter`] for a page token that is not ours.
pub async fn list(
    app: &App,
    pool: &UserPool,
    user: &User,
    limit: i32,
    token: Option<&str>,
) -> Result<(Vec<JudgedEvent>, Option<PageToken>)> {
    check_on(pool)?;
    let listing = format!("auth_events {}", user.id);
    let after: Option<Position> = page::position_in_pool(pool, &listing, token)?;
    let events = auth_event::list(&app.db, &pool.id, user.id, after, i64::from(limit) + 1).await?;
    page::cut(events, limit, |JudgedEvent { event, .. }| {
        page::in_pool(pool, &listing, &(event.created_at, event.id))
    })
}

/// Keeps what an administrator says about an event.
///
/// # Errors
/// [`Error::ThreatProtectionOff`], [`Error::AuthEventNotFound`].
pub async fn judge(app: &App, pool: &UserPool, user: &User, id: &str, said: Feedback) -> Result<()> {
    check_on(pool)?;
    let id = Uuid::parse_str(id).map_err(|_| Error::AuthEventNotFound)?;
    keep_feedback(app, pool, user.id, id, (said, auth_event::ADMINISTRATOR)).await
}

async fn keep_feedback(
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

const PLACE: seal::Place<'static> = seal::Place { table: "auth_events", column: "feedback", row: "" };

/// The token that lets its holder say of an event whether it was its user.
pub(crate) fn feedback_token(
    pool: &UserPool,
    user: UserId,
    event: Uuid,
    now: Timestamp,
) -> Result<SecretString> {
    let judge = Judge { event, user, expires_at: now + FEEDBACK_FOR };
    let sealed = pool.key.seal(PLACE, &serde_json::to_vec(&judge).map_err(Error::internal)?)?;
    Ok(URL_SAFE_NO_PAD.encode(sealed.as_bytes()).into())
}

/// Keeps what the holder of a token says about its event; where the caller names the event and its user, they must be those.
///
/// # Errors
/// [`Error::InvalidFeedbackToken`], [`Error::ThreatProtectionOff`], [`Error::AuthEventNotFound`].
pub async fn judge_by_token(
    app: &App,
    pool: &UserPool,
    token: &SecretString,
    named: Option<(&str, &str)>,
    said: Feedback,
) -> Result<()> {
    let judge = open(pool, token, app.clock.now()).ok_or(Error::InvalidFeedbackToken)?;
    check_on(pool)?;
    if let Some((username, event)) = named {
        let user = crate::user::look_up(app, pool, username).await?.map(|(user, _)| user.id);
        if user != Some(judge.user) || Uuid::parse_str(event).ok() != Some(judge.event) {
            return Err(Error::InvalidFeedbackToken);
        }
    }
    keep_feedback(app, pool, judge.user, judge.event, (said, "User")).await
}

fn open(pool: &UserPool, token: &SecretString, now: Timestamp) -> Option<Judge> {
    let sealed = URL_SAFE_NO_PAD.decode(token.expose_secret()).ok()?;
    let opened = pool.key.open(PLACE, &Sealed::from_stored(sealed)).ok()?;
    serde_json::from_slice::<Judge>(&opened).ok().filter(|judge| judge.expires_at > now)
}

/// The pool of that public id, for whoever holds a token of one of its events.
///
/// # Errors
/// [`Error::UserPoolNotFound`].
pub async fn pool(app: &App, id: &UserPoolId) -> Result<Arc<UserPool>> {
    let pool = app.caches.user_pool(&app.db, id).await?;
    pool.ok_or_else(|| Error::UserPoolNotFound(id.clone()))
}
