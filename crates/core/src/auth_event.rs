//! What happened at the door of pools with threat protection: keeping it, listing it, and what people say about it.
//!
//! What failed is written behind the answer, so that its time does not tell whether there is such a user (ENU-1).

mod behind;
pub mod feedback;

use cognate_store::auth_event::{
    self, AuthEvent, EventChallenge, EventKind, EventResponse, Factor, JudgedEvent, Position, RiskLevel,
};
use cognate_store::message::NoticeOf;
use cognate_store::user_pool::ThreatMode;
use cognate_store::{Timestamp, User, UserId, UserPool};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app_client::ClientContext;
use crate::auth::Proven;
use crate::origin::Origin;
use crate::user_pool::risk::{check_on, mode};
use crate::{App, PageToken, Result, page, risk_notice};

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

    /// What was given since the event was kept last, as it is kept.
    fn challenges(&self) -> Vec<EventChallenge> {
        self.given.iter().map(|factor| EventChallenge { factor: *factor, passed: true }).collect()
    }
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
    if mode(pool, false) != ThreatMode::Off {
        behind::write(app, pool, event(Uuid::new_v4(), user, kind, response, from, app.clock.now()));
    }
}

/// Why a sign-in failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failed {
    /// The password was wrong.
    Password,
    /// The second factor was wrong.
    SecondFactor,
    /// The answer to a challenge of the pool's own making was.
    Custom,
    /// Something else was wrong, or could not be given.
    Other,
    /// The password was right, and has leaked.
    LeakedPassword,
    /// It looked too much like somebody else's.
    Risk,
}

/// Notes that a sign-in failed, behind the answer.
pub(crate) fn failed(
    app: &App,
    context: &ClientContext,
    user: UserId,
    judgement: Option<&Judgement>,
    why: Failed,
) {
    // What was judged is kept already.
    if judgement.is_none() && mode(&context.pool, why == Failed::Custom) == ThreatMode::Off {
        return;
    }
    let (id, now) = (judgement.map_or_else(Uuid::new_v4, |judgement| judgement.id), app.clock.now());
    let mut challenges = judgement.map_or_else(Vec::new, Judgement::challenges);
    challenges.extend(match why {
        Failed::Password => Some(EventChallenge { factor: Factor::Password, passed: false }),
        Failed::LeakedPassword => Some(EventChallenge { factor: Factor::Password, passed: true }),
        Failed::SecondFactor => Some(EventChallenge { factor: Factor::Mfa, passed: false }),
        Failed::Custom | Failed::Other | Failed::Risk => None,
    });
    let failed = AuthEvent {
        challenges,
        risk_level: judgement.and_then(|judgement| judgement.level),
        blocked: why == Failed::Risk,
        leaked_password: why == Failed::LeakedPassword,
        ..event(id, user, EventKind::SignIn, EventResponse::Fail, &context.origin, now)
    };
    behind::write(app, &context.pool, failed);
}

/// Notes that a sign-in waits for something more. It goes on whether or not that can be kept.
pub(crate) async fn goes_on(app: &App, context: &ClientContext, user: &User, proven: &mut Proven) {
    let Some(judgement) = &mut proven.judgement else { return };
    match keep(app, context, user, judgement, EventResponse::InProgress).await {
        Ok(()) => judgement.given.clear(),
        Err(error) => not_kept(&error),
    }
}

/// Notes that a sign-in passed, and tells its user where the pool says so. The user is in whether or not that can be kept.
pub(crate) async fn passed(app: &App, context: &ClientContext, user: &User, proven: &Proven) {
    let Some(judgement) = &proven.judgement else { return };
    if let Err(error) = keep(app, context, user, judgement, EventResponse::Pass).await {
        not_kept(&error);
    }
    let of = if judgement.demanded_second_factor { NoticeOf::SecondFactor } else { NoticeOf::Passed };
    risk_notice::queue(app, context, user, judgement, of).await;
}

fn not_kept(error: &cognate_store::Error) {
    tracing::warn!(error = error as &dyn std::error::Error, "an event was not kept");
}

async fn keep(
    app: &App,
    context: &ClientContext,
    user: &User,
    judgement: &Judgement,
    response: EventResponse,
) -> cognate_store::Result<()> {
    let kept = AuthEvent {
        challenges: judgement.challenges(),
        risk_level: judgement.level,
        ..event(judgement.id, user.id, EventKind::SignIn, response, &context.origin, app.clock.now())
    };
    auth_event::record(&app.db, &context.pool.id, &kept).await
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
