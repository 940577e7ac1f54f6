//! Signing in by what the user chooses (USER_AUTH): a password, with or without sending it, a code or a passkey.

use cognate_store::password::Password;
use cognate_store::second_factor::SecondFactor;
use cognate_store::user_pool::{Contact, FirstFactor, MfaRequirement};
use cognate_store::{User, UserPool, UserStatus};
use secrecy::{ExposeSecret as _, SecretString};

use super::challenge::{self, Answer, ChallengeSession, Step};
use super::demand::{self, Demand};
use super::one_time_code::{self, CodeKind};
use super::passkey as auth_passkey;
use super::person::Person;
use super::sign_in::Approach;
use super::step_up::{StepUp, StepUpRequest};
use super::{Challenge, Challenged, Choice, Flow, Proven, SignIn, device, next, risk, sign_in, srp};
use crate::app_client::{ClientContext, Door, Hashed, secret_hash, settings};
use crate::user::code::{self, level};
use crate::user_pool::password_policy;
use crate::{App, Error, Result, name, passkey, trigger};

/// What proves a choice right away, where it comes with it.
#[derive(Debug, Default)]
pub struct Evidence {
    /// The password.
    pub password: Option<SecretString>,
    /// The client's public value of SRP, in hexadecimal digits.
    pub client_public: Option<String>,
}

/// A request to sign in.
#[derive(Debug)]
pub struct Opening {
    /// Username, alias or address.
    pub username: String,
    /// What the user would rather prove themselves by.
    pub preferred: Option<Choice>,
    /// What comes with it.
    pub evidence: Evidence,
    /// The session of a sign-up that was just confirmed.
    pub session: Option<SecretString>,
    /// The level that is to be reached.
    pub step_up: StepUpRequest,
    /// Proof of the client's secret.
    pub secret_hash: Option<String>,
}

/// Whether a client's users may prove who they are by something else than a password.
pub fn is_offered(context: &ClientContext) -> bool {
    let (pool, settings) = (&context.pool, &context.client.settings);
    settings::allows(settings, Flow::UserAuth) && (takes_codes(pool) || passkey::is_offered(pool))
}

/// Begins to sign a user in. A name that nobody has gets as far as one that somebody has (ENU-1).
///
/// # Errors
/// [`Error::FlowNotEnabled`], [`Error::UserNotFound`] where the client does not hide it, [`Error::WrongPassword`] for who
/// has no way in, the session's, or what the preferred way leads to.
pub async fn begin(app: &App, context: &ClientContext, opening: Opening) -> Result<SignIn> {
    let (pool, client) = (&context.pool, &context.client);
    if !settings::allows(&client.settings, Flow::UserAuth) {
        return Err(Error::FlowNotEnabled(Flow::UserAuth));
    }
    let Opening { username, preferred, evidence, session, step_up, secret_hash } = opening;
    check_lengths(&username, &evidence)?;
    secret_hash::check(context, Hashed::SignIn(&username), secret_hash.as_deref())?;
    if let Some(session) = session {
        if step_up.is_asked() {
            return Err(Error::invalid("A sign-in that follows a sign-up reaches no other level."));
        }
        return after_sign_up(app, context, Answer { session, username, secret_hash }, None).await;
    }
    let choosing = async {
        let mut person = Person::named(app, pool, username).await?;
        person.check_known(context)?;
        person.may_try(app, context).await?;
        let step_up = StepUp::asked(app, context, &person, step_up).await?;
        let (subject, proven) =
            (person.subject(pool), Proven::nothing(person.user()).towards(step_up.clone()));
        let session = ChallengeSession::new(context, subject, Step::FirstFactor, proven, app.clock.now());
        if let (None, Some(step_up), Some(user)) = (preferred, &step_up, person.user())
            && let Some(factors) = step_up.completed_by_app(app, pool, user).await?
            && let Some(session) = unsuspicious(app, context, user, &session).await?
        {
            sign_in::without_password(user)?;
            let of = vec![SecondFactor::SoftwareToken];
            let demand = Demand::Give { first: Some(SecondFactor::SoftwareToken), of };
            return next::ask(app, context, user, &session, demand, &factors).await;
        }
        let offer = Offer::to(app, context, &person, step_up.as_ref()).await?;
        let choice = match offer.shown.as_slice() {
            [] => return Err(Error::WrongPassword),
            [only] => Some(*only),
            several => preferred.filter(|choice| several.contains(choice)),
        };
        let Some(choice) = choice else {
            let (shown, step) = (person.shown(pool), Challenge::SelectFirstFactor);
            return Ok(offering(Challenged::by(session.seal(pool)?, shown, step), offer.shown));
        };
        let taken = take(app, context, person, &session, choice, &offer, evidence).await?;
        Ok(offering(taken, offer.shown))
    };
    level(context.hides_users(), Box::pin(choosing)).await
}

/// The session with the judgement of a sign-in that begins with a second factor; none where anything is unusual, which takes the
/// first one as well.
async fn unsuspicious(
    app: &App,
    context: &ClientContext,
    user: &User,
    session: &ChallengeSession,
) -> Result<Option<ChallengeSession>> {
    let device = device::of_user(app, &context.pool, user, session.device(context)).await?;
    let judgement = risk::judge(app, context, user, device.is_some(), &session.proven).await?;
    let mut session = session.clone();
    let is_unusual = judgement.as_ref().is_some_and(|judgement| judgement.level.is_some());
    session.proven.judgement = judgement;
    Ok((!is_unusual).then_some(session))
}

/// Goes on with what the user chose; where the challenge asked for one thing, it is that.
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`]; [`Error::InvalidParameter`] for what was
/// not offered; and what the choice leads to.
pub async fn select(
    app: &App,
    context: &ClientContext,
    answer: Answer,
    choice: Option<Choice>,
    evidence: Evidence,
) -> Result<SignIn> {
    check_lengths(&answer.username, &evidence)?;
    let choosing = async {
        // At the pages another code may be had in place of one that did not come.
        let accepts = |step: &Step| match step {
            Step::FirstFactor => true,
            Step::Code(sent) => context.door == Door::Pages && sent.is_first_factor(),
            _ => false,
        };
        let (session, person) = challenge::answered_by_anybody(app, context, &answer, accepts).await?;
        let offer = Offer::to(app, context, &person, session.proven.step_up.as_ref()).await?;
        let choice = choice.filter(|choice| offer.shown.contains(choice));
        let choice = choice.ok_or_else(|| Error::invalid("Invalid challenge given as ANSWER."))?;
        let taken = take(app, context, person, &session, choice, &offer, evidence).await?;
        // Cognito's API does not say it again.
        Ok(if context.door == Door::Pages { offering(taken, offer.shown) } else { taken })
    };
    level(context.hides_users(), Box::pin(choosing)).await
}

fn check_lengths(name: &str, evidence: &Evidence) -> Result<()> {
    let too_long =
        |password: &SecretString| password.expose_secret().chars().count() > password_policy::LONGEST;
    if name.chars().count() > name::LONGEST || evidence.password.as_ref().is_some_and(too_long) {
        return Err(Error::WrongPassword);
    }
    Ok(())
}

/// Shows what could have been chosen beside a challenge that asks for one of them.
fn offering(outcome: SignIn, available: Vec<Choice>) -> SignIn {
    match outcome {
        SignIn::Challenged(mut challenged) if is_of_first_factor(&challenged.challenge) => {
            challenged.available = available;
            SignIn::Challenged(challenged)
        }
        other => other,
    }
}

fn is_of_first_factor(challenge: &Challenge) -> bool {
    match challenge {
        Challenge::SelectFirstFactor
        | Challenge::Password
        | Challenge::PasswordSrp
        | Challenge::Passkey { .. } => true,
        Challenge::Code { kind, .. } => kind.is_first_factor(),
        _ => false,
    }
}

/// Signs in who has just confirmed their sign-up: the code was proof enough, once, or begins a sign-in to one of the levels named.
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`]; what the user's state says, the pool's function,
/// or what follows.
pub async fn after_sign_up(
    app: &App,
    context: &ClientContext,
    answer: Answer,
    levels: Option<&str>,
) -> Result<SignIn> {
    let accepts = |step: &Step| matches!(step, Step::SignedUp);
    let (session, user) = challenge::answered(app, context, &answer, accepts).await?;
    trigger::pre_authentication(app, context, (&user).into()).await?;
    // What may have changed while the function was asked is read again (TRG-2).
    let user = cognate_store::user::get(&app.db, &context.pool.id, user.id).await?;
    let user = user.ok_or(Error::InvalidSession)?;
    sign_in::without_password(&user)?;
    let step_up = levels.and_then(|names| StepUp::named(&context.pool, names));
    next::after_session(app, context, &user, &session, session.proven.clone().towards(step_up)).await
}

/// By what somebody may prove who they are: what they are shown, and what of it is really theirs.
struct Offer {
    shown: Vec<Choice>,
    theirs: Vec<Choice>,
}

impl Offer {
    /// Where the client hides who exists, codes and passwords are offered to everybody alike, whatever they have and whatever
    /// state they are in (ENU-2): what is not theirs leads nowhere.
    ///
    /// # Errors
    /// [`Error::LevelOutOfReach`] for who has no way to a level that is asked for.
    async fn to(
        app: &App,
        context: &ClientContext,
        person: &Person,
        step_up: Option<&StepUp>,
    ) -> Result<Self> {
        let pool = &context.pool;
        let of_anybody = |shown: Vec<Choice>| match step_up {
            Some(step_up) => step_up.choices_of_anybody(&shown),
            None => shown,
        };
        let Some((user, kept)) = &person.found else {
            let shown = of_anybody(available_to_nobody(app, pool, &person.name));
            return Ok(Self { shown, theirs: Vec::new() });
        };
        if !context.hides_users() {
            let theirs = theirs_towards(app, pool, user, kept.as_ref(), step_up).await?;
            return Ok(Self { shown: theirs.clone(), theirs });
        }
        let theirs = theirs(app, pool, user, kept.as_ref()).await?;
        let mut shown = available_to_nobody(app, pool, &person.name);
        if kept.as_ref().is_some_and(|kept| kept.srp.is_none()) {
            // A password that was imported as a hash is proven by sending it, once.
            shown.retain(|choice| *choice != Choice::PasswordSrp);
        }
        for choice in &theirs {
            if !shown.contains(choice) {
                shown.push(*choice);
            }
        }
        Ok(Self { shown: of_anybody(shown), theirs })
    }
}

/// By what a user can prove who they are.
async fn theirs(app: &App, pool: &UserPool, user: &User, kept: Option<&Password>) -> Result<Vec<Choice>> {
    let mut choices = Vec::new();
    if let Some(kept) = kept.filter(|_| offers(pool, FirstFactor::Password)) {
        // A password that was imported as a hash has no verifier before it was given once.
        choices.extend(kept.srp.is_some().then_some(Choice::PasswordSrp));
        choices.push(Choice::Password);
    }
    if user.status != UserStatus::Confirmed || !takes_codes(pool) && !passkey::is_offered(pool) {
        return Ok(choices);
    }
    // Codes stand alone, and passkeys unless they are two factors in one: who has to give a second factor begins with a
    // password (MFA-1).
    let factors = demand::factors_of(app, pool, user).await?;
    let is_enough = matches!(demand::of(app, pool, user, &factors), Ok(None));
    if is_enough {
        choices.extend(codes_of(app, pool, user).map(|factor| match factor {
            FirstFactor::SmsOtp => Choice::SmsOtp,
            _ => Choice::EmailOtp,
        }));
    }
    let has_passkey = auth_passkey::of_user(app, pool, user).await?.is_some();
    if has_passkey && (is_enough || demand::passkey_counts(pool, &factors)) {
        choices.push(Choice::Passkey);
    }
    Ok(choices)
}

/// Whether a user may begin with a passkey, on the way to a level where one is asked for.
///
/// # Errors
/// [`Error::LevelOutOfReach`].
pub(super) async fn begins_with_passkey(
    app: &App,
    pool: &UserPool,
    user: &User,
    step_up: Option<&StepUp>,
) -> Result<bool> {
    Ok(theirs_towards(app, pool, user, None, step_up).await?.contains(&Choice::Passkey))
}

/// Those of a user's ways that lead to the level that is asked for, if one is.
///
/// # Errors
/// [`Error::LevelOutOfReach`].
async fn theirs_towards(
    app: &App,
    pool: &UserPool,
    user: &User,
    kept: Option<&Password>,
    step_up: Option<&StepUp>,
) -> Result<Vec<Choice>> {
    let theirs = theirs(app, pool, user, kept).await?;
    let Some(step_up) = step_up else { return Ok(theirs) };
    let factors = demand::factors_of(app, pool, user).await?;
    step_up.choices(&theirs, &demand::set_up(app, pool, user, &factors))
}

/// What nobody is offered: what a user of that name would most likely be.
fn available_to_nobody(app: &App, pool: &UserPool, name: &str) -> Vec<Choice> {
    let mut choices = vec![Choice::PasswordSrp, Choice::Password];
    if pool.settings.mfa.requirement != MfaRequirement::On {
        let (code, choice) = match name::is_phone_number(name) {
            true => ((FirstFactor::SmsOtp, Contact::PhoneNumber), Choice::SmsOtp),
            false => ((FirstFactor::EmailOtp, Contact::Email), Choice::EmailOtp),
        };
        choices.extend((offers(pool, code.0) && app.reaches(pool, code.1)).then_some(choice));
    }
    choices
}

/// The codes that a user can begin with, at the addresses that they have proven.
pub(crate) fn codes_of(app: &App, pool: &UserPool, user: &User) -> impl Iterator<Item = FirstFactor> {
    let codes = [(FirstFactor::EmailOtp, Contact::Email), (FirstFactor::SmsOtp, Contact::PhoneNumber)];
    let is_proven =
        |contact: Contact| user.attributes.contains_key(contact.attribute()) && user.is_verified(contact);
    let offered = codes.map(|(factor, contact)| {
        (offers(pool, factor) && app.reaches(pool, contact) && is_proven(contact)).then_some(factor)
    });
    offered.into_iter().flatten()
}

/// Whether a pool lets users begin with a factor: with a password, unless it says otherwise.
fn offers(pool: &UserPool, factor: FirstFactor) -> bool {
    let offered = &pool.settings.first_factors;
    offered.contains(&factor) || offered.is_empty() && factor == FirstFactor::Password
}

/// Whether users of a pool may have no password, because they can sign in with a code.
pub(crate) fn takes_codes(pool: &UserPool) -> bool {
    let is_code = |factor: &FirstFactor| matches!(factor, FirstFactor::EmailOtp | FirstFactor::SmsOtp);
    pool.settings.first_factors.iter().any(is_code)
}

/// Begins with a choice that is available.
async fn take(
    app: &App,
    context: &ClientContext,
    person: Person,
    session: &ChallengeSession,
    choice: Choice,
    offer: &Offer,
    evidence: Evidence,
) -> Result<SignIn> {
    let pool = &context.pool;
    let waiting = |person: &Person, challenge| {
        let shown = person.shown(pool);
        Ok(Challenged::by(session.seal(pool)?, shown, challenge))
    };
    let kind = match choice {
        Choice::EmailOtp => CodeKind::EmailOtp,
        Choice::SmsOtp => CodeKind::SmsOtp,
        Choice::Passkey => {
            let user = person.user().ok_or(Error::WrongPassword)?;
            return auth_passkey::ask(app, context, user, session).await;
        }
        Choice::Password => {
            let Some(password) = evidence.password else { return waiting(&person, Challenge::Password) };
            let (device, spent) = (session.device(context), session.spent());
            let step_up = session.proven.step_up.as_ref();
            let approach = Approach { device, spent: Some(&spent), step_up };
            return sign_in::check(app, context, person, &password, approach).await;
        }
        Choice::PasswordSrp => {
            let Some(public) = evidence.client_public else {
                return waiting(&person, Challenge::PasswordSrp);
            };
            return srp::begin_in(app, context, session, Step::PasswordVerifier, person, public).await;
        }
    };
    code::count_first_factor(app, pool, person.subject(pool), app.clock.now()).await?;
    let is_sent = |user: &&User| offer.theirs.contains(&choice) && (user.enabled || !context.hides_users());
    match person.user().filter(is_sent) {
        Some(user) => one_time_code::send(app, context, user, session, kind, None).await,
        None => {
            let shown = person.shown(pool);
            one_time_code::simulate(app, context, &person.name, shown, session, kind)
        }
    }
}
