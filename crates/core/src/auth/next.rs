//! What follows a proof: the second factor that is demanded, and the tokens.

use cognate_store::auth_event::Factor;
use cognate_store::challenge_session::SpentSession;
use cognate_store::device::Device;
use cognate_store::second_factor::{self, SecondFactor, SecondFactors, SoftwareToken};
use cognate_store::user_pool::{Contact, MfaRequirement};
use cognate_store::user_session::UserSession;
use cognate_store::{User, UserPool, password as stored_password};

use super::challenge::{self, ChallengeSession, Step};
use super::one_time_code::{self, CodeKind};
use super::{Challenge, Challenged, Method, Proven, SignIn, device, guess, risk};
use crate::app_client::ClientContext;
use crate::auth_event::Failed;
use crate::device::Claimed;
use crate::token::issue::{self, Proof};
use crate::{App, Error, Result, auth_event, passkey};

/// The second factor that a user has to give.
#[derive(Debug)]
pub(crate) enum Demand {
    /// This one.
    Give(SecondFactor),
    /// One of these.
    Select(Vec<SecondFactor>),
    /// One that is still to be set up, of these.
    SetUp(Vec<SecondFactor>),
}

impl Demand {
    /// One of these factors, or the one that comes first where it is among them.
    pub(super) fn any_of(factors: Vec<SecondFactor>, preferred: Option<SecondFactor>) -> Option<Self> {
        let first = factors.iter().find(|factor| Some(**factor) == preferred);
        match (first, factors.as_slice()) {
            (_, []) => None,
            (Some(factor), _) | (None, [factor]) => Some(Self::Give(*factor)),
            _ => Some(Self::Select(factors)),
        }
    }
}

/// The method that a second factor is proven by.
pub(super) fn method_of(factor: SecondFactor) -> Method {
    match factor {
        SecondFactor::Sms => Method::Sms,
        SecondFactor::SoftwareToken => Method::SoftwareToken,
        SecondFactor::Email => Method::EmailOtp,
    }
}

/// What a pool demands of a user, if anything. Who wants to be asked for something is asked for it where the pool has second factors at
/// all, and everybody for something where it demands one. There an app that works counts even while it is switched off, so
/// that nobody sets up another in its place (MFA-2).
///
/// # Errors
/// [`Error::MfaRequired`] when one is demanded that cannot be given.
pub(super) fn demand(
    app: &App,
    pool: &UserPool,
    user: &User,
    factors: &SecondFactors,
) -> Result<Option<Demand>> {
    let mfa = &pool.settings.mfa;
    if mfa.requirement == MfaRequirement::Off {
        return Ok(None);
    }
    let mut asked = usable(app, pool, user, factors, &factors.enabled);
    if asked.is_empty() && mfa.requirement == MfaRequirement::On {
        asked = usable(app, pool, user, factors, &STRONGEST_FIRST);
        asked.truncate(1);
    }
    match Demand::any_of(asked, factors.preferred) {
        None => without_any(pool, user, factors),
        demand => Ok(demand),
    }
}

/// The second factors, those first that are the hardest to come by.
const STRONGEST_FIRST: [SecondFactor; 3] =
    [SecondFactor::SoftwareToken, SecondFactor::Sms, SecondFactor::Email];

/// The second factors that a user has set up, whether or not they want to be asked for them: an app that works, and the codes that
/// they switched on. An address alone is none: their password may be reset by a code to it (MFA-1).
pub(super) fn set_up(app: &App, pool: &UserPool, user: &User, factors: &SecondFactors) -> Vec<SecondFactor> {
    if pool.settings.mfa.requirement == MfaRequirement::Off {
        return Vec::new();
    }
    let is_set_up =
        |factor: &SecondFactor| *factor == SecondFactor::SoftwareToken || factors.enabled.contains(factor);
    let set_up: Vec<_> = STRONGEST_FIRST.into_iter().filter(is_set_up).collect();
    usable(app, pool, user, factors, &set_up)
}

/// What is demanded of a user who can give none of the factors they are to be asked for.
fn without_any(pool: &UserPool, user: &User, factors: &SecondFactors) -> Result<Option<Demand>> {
    let mfa = &pool.settings.mfa;
    if mfa.requirement == MfaRequirement::On {
        let has_email = user.attributes.contains_key(Contact::Email.attribute());
        let can_set_up = [
            (SecondFactor::SoftwareToken, mfa.software_token),
            (SecondFactor::Email, mfa.email.is_some() && !has_email),
        ];
        let can_set_up: Vec<_> =
            can_set_up.into_iter().filter_map(|(factor, can)| can.then_some(factor)).collect();
        return if can_set_up.is_empty() {
            Err(Error::MfaRequired)
        } else {
            Ok(Some(Demand::SetUp(can_set_up)))
        };
    }
    // What the pool offers no longer is not asked for; an address that is gone does not switch a factor off.
    let is_offered = |factor: &SecondFactor| match factor {
        SecondFactor::Sms => mfa.sms,
        SecondFactor::Email => mfa.email.is_some(),
        SecondFactor::SoftwareToken => false,
    };
    if factors.enabled.iter().any(is_offered) { Err(Error::MfaRequired) } else { Ok(None) }
}

/// Those of these factors that a user can give.
pub(crate) fn usable(
    app: &App,
    pool: &UserPool,
    user: &User,
    factors: &SecondFactors,
    of: &[SecondFactor],
) -> Vec<SecondFactor> {
    let mfa = &pool.settings.mfa;
    let has = |contact: Contact| app.reaches(contact) && user.attributes.contains_key(contact.attribute());
    let can_give = |factor: &SecondFactor| match factor {
        SecondFactor::SoftwareToken => factors.software_token.is_some(),
        SecondFactor::Sms => mfa.sms && has(Contact::PhoneNumber),
        SecondFactor::Email => mfa.email.is_some() && has(Contact::Email),
    };
    of.iter().copied().filter(can_give).collect()
}

/// What a user set up: nothing is read where the pool has no second factors.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn factors_of(app: &App, pool: &UserPool, user: &User) -> Result<SecondFactors> {
    match pool.settings.mfa.requirement {
        MfaRequirement::Off => Ok(SecondFactors::default()),
        _ => Ok(second_factor::get(&app.db, pool, user.id).await?),
    }
}

/// What is demanded of a user, with what they set up.
///
/// # Errors
/// [`Error::MfaRequired`] when one is demanded that cannot be given.
pub(crate) async fn demand_of(
    app: &App,
    pool: &UserPool,
    user: &User,
) -> Result<(Option<Demand>, SecondFactors)> {
    let factors = factors_of(app, pool, user).await?;
    Ok((demand(app, pool, user, &factors)?, factors))
}

/// Where codes for a user's second factor go, as it is demanded of them.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn contacts_of_factors(app: &App, pool: &UserPool, user: &User) -> Result<Vec<Contact>> {
    let demanded = match demand_of(app, pool, user).await {
        Ok((Some(Demand::Give(factor)), _)) => vec![factor],
        Ok((Some(Demand::Select(factors)), _)) => factors,
        Ok(_) | Err(Error::MfaRequired) => Vec::new(),
        Err(other) => return Err(other),
    };
    let contact = |factor| match factor {
        SecondFactor::Sms => Some(Contact::PhoneNumber),
        SecondFactor::Email => Some(Contact::Email),
        SecondFactor::SoftwareToken => None,
    };
    Ok(demanded.into_iter().filter_map(contact).collect())
}

/// Refuses to go on setting a factor up for a user who has one by now, or of whom none is demanded any more (MFA-2).
///
/// # Errors
/// [`Error::InvalidSession`].
pub(crate) async fn still_sets_up(
    app: &App,
    pool: &UserPool,
    user: &User,
    factor: SecondFactor,
) -> Result<()> {
    match demand_of(app, pool, user).await?.0 {
        Some(Demand::SetUp(offered)) if offered.contains(&factor) => Ok(()),
        _ => Err(Error::InvalidSession),
    }
}

/// Whether a passkey was proven whose authenticator verified its user, where that stands for two factors.
pub(super) fn stands_for_two(pool: &UserPool, factors: &SecondFactors, proven: &Proven) -> bool {
    passkey_counts(pool, factors) && proven.methods.contains(&Method::UserVerification)
}

/// Whether a passkey whose authenticator verified its user is two factors for who set these up: where the pool says so, unless
/// the user does not want it.
pub(super) fn passkey_counts(pool: &UserPool, factors: &SecondFactors) -> bool {
    passkey::is_multi_factor(pool) && factors.passkey != Some(false)
}

/// Whether a session may be refreshed where the pool demands a second factor.
pub(crate) fn suffices(pool: &UserPool, session: &UserSession) -> bool {
    let has = |method: Method| session.methods.iter().any(|it| it == method.as_str());
    let second = [Method::SoftwareToken, Method::Sms, Method::EmailOtp];
    let is_second = |method: &String| second.iter().any(|it| it.as_str() == method);
    pool.settings.mfa.requirement != MfaRequirement::On
        || session.methods.iter().skip(1).any(is_second)
        || has(Method::UserVerification) && passkey::is_multi_factor(pool)
        || has(Method::Device) && device::counts(pool)
}

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
    let first = FirstFactor { proven, device, spent: Some(&spent), is_admitted: false };
    after_first_factor(app, context, user, first).await
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
    first: FirstFactor<'_>,
) -> Result<SignIn> {
    let pool = &context.pool;
    let is_admitted = first.is_admitted;
    let mut first = first;
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
    let FirstFactor { proven, device: claimed, spent, .. } = first;
    let mut proven = proven.with_credit(None);
    let now = app.clock.now();
    if demand.is_none() && device.is_none() {
        let proof = Proof { proven: &proven, spent, software_token: None, step: None, device: claimed };
        return match issue::sign_in(app, context, user, &proof, now).await {
            Ok(tokens) => Ok(SignIn::Done(tokens)),
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
    let can_replace = !is_special && matches!(demand, Some(Demand::Give(_) | Demand::Select(_)));
    let in_place = can_replace && device::stands_for_factor(pool, device.as_ref());
    if in_place {
        proven = proven.and(Method::Device);
    }
    auth_event::goes_on(app, context, user, &mut proven).await?;
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
    let factors = factors_of(app, pool, user).await?;
    let mut demanded =
        if stands_for_two(pool, &factors, proven) { None } else { demand(app, pool, user, &factors)? };
    demanded = risk::raise(app, context, user, proven, demanded, &factors).await?;
    if let Some(step_up) = &proven.step_up {
        let usable = set_up(app, pool, user, &factors);
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

/// Asks for what is demanded, in a session that goes on from this one.
pub(super) async fn ask(
    app: &App,
    context: &ClientContext,
    user: &User,
    session: &ChallengeSession,
    demand: Demand,
    factors: &SecondFactors,
) -> Result<SignIn> {
    let (step, challenge) = match demand {
        Demand::Give(SecondFactor::Sms) => {
            return one_time_code::send(app, context, user, session, CodeKind::SmsMfa, None).await;
        }
        Demand::Give(SecondFactor::Email) => {
            return one_time_code::send(app, context, user, session, CodeKind::EmailMfa, None).await;
        }
        Demand::Give(SecondFactor::SoftwareToken) => {
            let name = factors.software_token.as_ref().and_then(|token| token.name.clone());
            (Step::SoftwareToken, Challenge::SoftwareToken { name })
        }
        Demand::Select(factors) => {
            (Step::SecondFactor(factors.clone()), Challenge::SelectSecondFactor(factors))
        }
        Demand::SetUp(factors) => (Step::MfaSetup, Challenge::MfaSetup(factors)),
    };
    let next = session.after(context, step, session.proven.clone(), app.clock.now());
    Ok(Challenged::by(next.seal(&context.pool)?, user.username.clone(), challenge))
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
    let proof = Proof { proven: &proven, spent: Some(&spent), software_token, step, device };
    match issue::sign_in(app, context, user, &proof, app.clock.now()).await {
        Ok(tokens) => Ok(SignIn::Done(tokens)),
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
