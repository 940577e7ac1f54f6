//! What follows a proof: the second factor that is demanded, and the tokens.

use chrono::Duration;
use cognate_store::auth_event::Factor;
use cognate_store::challenge_session::SpentSession;
use cognate_store::device::Device;
use cognate_store::group::Membership;
use cognate_store::second_factor::{self, SecondFactors, SoftwareToken};
use cognate_store::{User, UserPool, password as stored_password};

use super::challenge::{self, ChallengeSession, Step};
use super::demand::{self, Demand};
use super::one_time_code::{self, CodeKind};
use super::{Challenge, Challenged, Method, Proven, SignIn, device, guess, risk};
use crate::app_client::{ClientContext, Door};
use crate::auth_event::Failed;
use crate::device::Claimed;
use crate::token::issue::{self, Proof};
use crate::{App, Error, Result, auth_event};

/// The first factor of a user who may sign in.
pub(super) struct FirstFactor<'a> {
    /// What they proved.
    pub proven: Proven,
    /// The device that they say they are on.
    pub device: &'a Claimed,
    /// The handshake or session that led here, which is spent with what follows.
    pub spent: Option<&'a SpentSession>,
    /// Whether it was a guess at the password that is still admitted; what follows settles it.
    pub is_admitted: bool,
    /// The groups they are in, where that is known.
    pub groups: Option<&'a [Membership]>,
}

impl<'a> FirstFactor<'a> {
    /// That of a user whose guess, if it was one, is settled.
    pub(super) fn settled(proven: Proven, device: &'a Claimed, spent: Option<&'a SpentSession>) -> Self {
        Self { proven, device, spent, is_admitted: false, groups: None }
    }
}

/// As [`after_first_factor`], for what was proven in a session that is spent with it.
pub(super) async fn after_session(
    app: &App,
    context: &ClientContext,
    user: &User,
    session: &ChallengeSession,
    proven: Proven,
) -> Result<SignIn> {
    let (device, spent) = (session.device(context), session.spent());
    after_first_factor(app, context, user, FirstFactor::settled(proven, device, Some(&spent))).await
}

/// What follows the first factor: the tokens, or the challenge for a second one or for the proof of the device.
///
/// # Errors
/// [`Error::MfaRequired`], [`Error::DeviceNotFound`]; [`Error::WrongPassword`] or [`Error::UsedSession`] when what led here is
/// spent, or the user or their password changed.
pub(super) async fn after_first_factor(
    app: &App,
    context: &ClientContext,
    user: &User,
    mut first: FirstFactor<'_>,
) -> Result<SignIn> {
    let pool = &context.pool;
    let is_admitted = first.is_admitted;
    if first.proven.judgement.is_none() && first.proven.methods.contains(&Method::Password) {
        first.proven.give(Factor::Password);
    }
    let looked = look_ahead(app, context, user, first.device, &mut first.proven).await;
    let Ahead { demand, factors, device } = match looked {
        Ok(ahead) => ahead,
        Err(error) => {
            if matches!(error, Error::LevelOutOfReach | Error::MfaRequired) {
                auth_event::failed(app, context, user.id, first.proven.judgement.as_ref(), Failed::Other);
            }
            return given_back(app, pool, user, is_admitted, error).await;
        }
    };
    let FirstFactor { proven, device: claimed, spent, groups, .. } = first;
    let mut proven = proven.with_credit(None);
    let now = app.clock.now();
    if demand.is_none() && device.is_none() {
        let proof =
            Proof { proven: &proven, spent, software_token: None, step: None, device: claimed, groups };
        return match issue::begin(app, context, user, &proof, now).await {
            Ok(begun) => issue::finish(app, context, user, &proof, begun).await,
            Err(error) => given_back(app, pool, user, is_admitted, error).await,
        };
    }
    match spent {
        _ if is_admitted => guess::succeeded(app, pool, user.id, spent).await?,
        Some(spent) => challenge::spend(app, pool, spent).await?,
        None => {}
    }
    // A device proves no level, and where a second factor is demanded for the risk, it is a second factor.
    let is_special =
        proven.step_up.is_some() || proven.judgement.as_ref().is_some_and(|it| it.demanded_second_factor);
    let can_replace = !is_special && matches!(demand, Some(Demand::Give { .. }));
    let in_place = can_replace && device::stands_for_factor(pool, device.as_ref());
    if in_place {
        proven = proven.and(Method::Device);
    }
    auth_event::goes_on(app, context, user, &mut proven).await;
    let mut session =
        ChallengeSession::new(context, user.id.as_uuid(), Step::SecondFactor(Vec::new()), proven, now);
    session.device = claimed.clone();
    match demand.filter(|_| !in_place) {
        Some(demand) => ask(app, context, user, &session, demand, &factors).await,
        None => device::ask(app, context, user, &session),
    }
}

/// What is still between a user and their tokens.
struct Ahead {
    demand: Option<Demand>,
    factors: SecondFactors,
    device: Option<Device>,
}

async fn look_ahead(
    app: &App,
    context: &ClientContext,
    user: &User,
    device: &Claimed,
    proven: &mut Proven,
) -> Result<Ahead> {
    let pool = &context.pool;
    let device = device::of_user(app, pool, user, device).await?;
    risk::assess(app, context, user, device.is_some(), proven).await?;
    let factors = demand::factors_of(app, pool, user).await?;
    let mut demanded = if demand::stands_for_two(pool, &factors, proven) {
        None
    } else {
        let demand = demand::of(app, pool, user, &factors)?;
        demand.map(|demand| demand.through(context)).transpose()?
    };
    demanded = risk::raise(app, context, user, proven, demanded, &factors).await?;
    if let Some(step_up) = &proven.step_up {
        let usable = demand::set_up(app, pool, user, &factors);
        let methods = proven.clone().with_credit(None).methods;
        demanded = step_up.raise(demanded, &methods, &usable, factors.preferred)?;
    }
    Ok(Ahead { demand: demanded, factors, device })
}

/// Refuses what could not be finished, before it is begun.
///
/// # Errors
/// As [`after_first_factor`], but for what is spent.
pub(super) async fn check_ahead(
    app: &App,
    context: &ClientContext,
    user: &User,
    device: &Claimed,
    proven: &mut Proven,
) -> Result<()> {
    look_ahead(app, context, user, device, proven).await.map(drop)
}

/// Takes the count of an admitted guess back, which was right whatever came after it, and passes the error on.
async fn given_back(
    app: &App,
    pool: &UserPool,
    user: &User,
    is_admitted: bool,
    error: Error,
) -> Result<SignIn> {
    if is_admitted {
        stored_password::guess::release(&app.db, &pool.id, user.id.as_uuid()).await?;
    }
    Err(error)
}

/// How long somebody may take over a second factor at the pages once it is asked for or to be set up, however they change their mind.
const LONGEST: Duration = Duration::minutes(15);

/// Asks for what is demanded, in a session that goes on from this one.
pub(super) async fn ask(
    app: &App,
    context: &ClientContext,
    user: &User,
    session: &ChallengeSession,
    demand: Demand,
    factors: &SecondFactors,
) -> Result<SignIn> {
    let mut session = session.clone();
    if context.door == Door::Pages {
        session.ends_at.get_or_insert(app.clock.now() + LONGEST);
    }
    let waiting = |session: &ChallengeSession, step: Step, challenge: Challenge| {
        let next = session.after(context, step, session.proven.clone(), app.clock.now());
        Ok(Challenged::by(next.seal(&context.pool)?, user.username.clone(), challenge))
    };
    let (first, of) = match demand {
        Demand::SetUp(of) => return waiting(&session, Step::MfaSetup, Challenge::MfaSetup(of)),
        Demand::Give { first: None, of } => {
            return waiting(&session, Step::SecondFactor(of.clone()), Challenge::SelectSecondFactor(of));
        }
        Demand::Give { first: Some(first), of } => (first, of),
    };
    session.factors.clone_from(&of);
    let asked = match CodeKind::of_second(first) {
        Some(kind) => one_time_code::send(app, context, user, &session, kind, None).await?,
        None => {
            let name = factors.software_token.as_ref().and_then(|token| token.name.clone());
            waiting(&session, Step::SoftwareToken, Challenge::SoftwareToken { name })?
        }
    };
    Ok(asked.beside(of))
}

/// The authenticator app that a sign-in rests on, and the time step of its code, if one was given now.
pub(super) type TokenCode<'a> = (&'a SoftwareToken, Option<i64>);

/// Goes on with a user who has given the second factor as well: to the proof of their device, if they named one, or else to their
/// tokens, which spends the session.
///
/// # Errors
/// [`Error::UsedSession`] when it is spent, or the user, their password or their app changed;
/// [`Error::UsedMfaCode`].
pub(super) async fn finish(
    app: &App,
    context: &ClientContext,
    session: &ChallengeSession,
    user: &User,
    method: Method,
    code: Option<TokenCode<'_>>,
) -> Result<SignIn> {
    let software_token = code.map(|(token, _)| token);
    let mut proven = session.proven.and(method).with_credit(software_token);
    proven.give(Factor::Mfa);
    let spent = session.spent();
    let (device, pool) = (session.device(context), &context.pool);
    if device::of_user(app, pool, user, device).await?.is_some() {
        if let Some((token, Some(step))) = code {
            // The session is spent with the proof of the device, the code now.
            second_factor::use_step(&app.db, &pool.id, user.id, token, step).await.map_err(used_code)?;
        }
        challenge::mark_second_factor(app, pool, session, method).await?;
        let mut proved = session.clone();
        proved.proven = proven;
        return device::ask(app, context, user, &proved);
    }
    let step = code.and_then(|(_, step)| step);
    let proof = Proof { proven: &proven, spent: Some(&spent), software_token, step, device, groups: None };
    match issue::sign_in(app, context, user, &proof, app.clock.now()).await {
        Ok(signed_in) => Ok(signed_in),
        Err(Error::WrongPassword) if is_used(app, &context.pool, user, step).await? => {
            Err(Error::UsedMfaCode)
        }
        Err(Error::WrongPassword) => Err(Error::UsedSession),
        Err(other) => Err(other),
    }
}

fn used_code(error: cognate_store::Error) -> Error {
    match error {
        cognate_store::Error::Stale => Error::UsedMfaCode,
        other => other.into(),
    }
}

/// Whether a code of that step was taken by somebody who was faster.
async fn is_used(app: &App, pool: &UserPool, user: &User, step: Option<i64>) -> Result<bool> {
    let factors = second_factor::get(&app.db, pool, user.id).await?;
    Ok(step.zip(factors.software_token).is_some_and(|(step, token)| step <= token.last_step))
}
