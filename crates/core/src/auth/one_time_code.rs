//! Codes that are sent at sign-in, as a first factor or a second one. What is sent is remembered by its digest in the
//! session alone, so asking for one costs no write but its message.

use cognate_store::message::{self, MessageBody, NewMessage, Occasion};
use cognate_store::second_factor::{self, SecondFactor};
use cognate_store::user_pool::Contact;
use cognate_store::{User, UserPool};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::challenge::{self, Answer, ChallengeSession, Step};
use super::{Challenge, Challenged, Method, SignIn, demand, guess, next, sign_in};
use crate::app_client::ClientContext;
use crate::auth_event::{self, Failed};
use crate::limits::Limits;
use crate::trigger::{Caller, Subject};
use crate::user::code::{self, Delivery};
use crate::{App, Error, Result, random, trigger, user};

/// What a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeKind {
    /// By text message, after the password.
    SmsMfa,
    /// By email, after the password.
    EmailMfa,
    /// By text message, instead of a password.
    SmsOtp,
    /// By email, instead of a password.
    EmailOtp,
}

impl CodeKind {
    /// The codes that are a second factor, if it is one of codes.
    pub(super) fn of_second(factor: SecondFactor) -> Option<Self> {
        match factor {
            SecondFactor::Sms => Some(Self::SmsMfa),
            SecondFactor::Email => Some(Self::EmailMfa),
            SecondFactor::SoftwareToken => None,
        }
    }

    /// How it is sent.
    pub fn contact(self) -> Contact {
        match self {
            Self::SmsMfa | Self::SmsOtp => Contact::PhoneNumber,
            Self::EmailMfa | Self::EmailOtp => Contact::Email,
        }
    }

    pub(super) fn is_first_factor(self) -> bool {
        matches!(self, Self::SmsOtp | Self::EmailOtp)
    }

    /// A code that stands alone is longer than one beside a password, as Cognito's are.
    fn digits(self, limits: &Limits) -> usize {
        if self.is_first_factor() { limits.sign_in_code_digits } else { limits.code_digits }
    }

    /// What wrong ones are counted as: a first factor's are anybody's, a second one's come after a password.
    fn guesses(self) -> &'static str {
        if self.is_first_factor() { "sign_in_code" } else { "second_factor_code" }
    }

    fn method(self) -> Method {
        demand::method_of(self.factor())
    }

    fn factor(self) -> SecondFactor {
        match self.contact() {
            Contact::PhoneNumber => SecondFactor::Sms,
            Contact::Email => SecondFactor::Email,
        }
    }
}

/// A code that was sent, as the session remembers it. It is bound to the session and the address, so it is void when either
/// is another one (COD-1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SentCode {
    kind: CodeKind,
    digest: String,
    /// The address that becomes the user's with the proof, where it is not theirs already.
    new_address: Option<String>,
}

impl SentCode {
    pub(super) fn is_first_factor(&self) -> bool {
        self.kind.is_first_factor()
    }

    /// The address that it sets that factor up with.
    pub(super) fn sets_up(&self, factor: SecondFactor) -> Option<&str> {
        self.new_address.as_deref().filter(|_| self.kind.factor() == factor)
    }

    /// What giving it proves.
    pub(super) fn method(&self) -> Method {
        self.kind.method()
    }

    fn is(&self, pool: &UserPool, session: Uuid, address: &str, guess: &SecretString) -> bool {
        let guessed = digest(pool, session, address, guess.expose_secret());
        bool::from(guessed.as_bytes().ct_eq(self.digest.as_bytes()))
    }
}

fn digest(pool: &UserPool, session: Uuid, address: &str, digits: &str) -> String {
    hex::encode(pool.key.digest("sign-in code", &[session.as_bytes(), address.as_bytes(), digits.as_bytes()]))
}

/// Sends a code to a user, to the address they have or to one that is to become theirs.
///
/// # Errors
/// [`Error::Busy`] when the user or the address was sent too many; [`Error::MfaRequired`] when the user has none.
pub(super) async fn send(
    app: &App,
    context: &ClientContext,
    user: &User,
    session: &ChallengeSession,
    kind: CodeKind,
    new_address: Option<String>,
) -> Result<SignIn> {
    let (pool, now, contact) = (&context.pool, app.clock.now(), kind.contact());
    let address = new_address.as_ref().or(user.attributes.get(contact.attribute()));
    let address = address.ok_or(Error::MfaRequired)?.clone();
    if kind.is_first_factor() {
        match code::count_message_to(app, pool, &address, now).await {
            Err(Error::AttemptLimit) if context.hides_users() => {
                // As for a name that nobody has: neither is told how many there were.
                let shown = user.username.clone();
                return simulate(app, context, &address, shown, session, kind);
            }
            Err(Error::AttemptLimit) => return Err(Error::Busy),
            counted => counted?,
        }
    } else {
        // Only who knows the password asks for these: nobody else can use the budget up.
        code::count_second_factor(app, pool, user.id.as_uuid(), new_address.as_deref(), now).await?;
    }
    let digits = random::text(random::DIGITS, kind.digits(&app.limits))?;
    let sent = SentCode { kind, digest: digest(pool, session.id, &address, &digits), new_address };
    let next = session.after(context, Step::Code(sent), session.proven.clone(), now);
    let body = MessageBody {
        occasion: if kind.is_first_factor() { Occasion::SignIn } else { Occasion::SecondFactor },
        medium: code::medium(contact),
        destination: address.clone(),
        username: user.username.clone(),
        code: digits,
        client: Some(context.client.id.to_string()),
        site: None,
        languages: Subject::from(user).languages(&context.origin),
        notice: None,
        words: None,
        page_words: None,
        event: None,
    };
    let mut message = NewMessage { id: Uuid::now_v7(), body, expires_at: next.expires_at };
    match trigger::see_to(app, pool, &Caller::of(context), user.into(), &mut message).await {
        // The function is called for users alone, so what it says would tell that this is one (ENU-1).
        Err(error) if error.is_of_trigger() && kind.is_first_factor() && context.hides_users() => {
            return simulate(app, context, &address, user.username.clone(), session, kind);
        }
        worded => worded?,
    }
    message::queue(&app.db, pool, &message, now).await?;
    app.outbox.notify_one();
    let challenge = Challenge::Code { kind, delivery: Delivery::to(contact, &address) };
    Ok(Challenged::by(next.seal(pool)?, user.username.clone(), challenge))
}

/// What is answered where no code is sent: as if one had been (ENU-1).
pub(super) fn simulate(
    app: &App,
    context: &ClientContext,
    username: &str,
    shown: String,
    session: &ChallengeSession,
    kind: CodeKind,
) -> Result<SignIn> {
    let (pool, now, contact) = (&context.pool, app.clock.now(), kind.contact());
    // No code has this digest.
    let sent = SentCode { kind, digest: hex::encode(session.id.as_bytes().repeat(2)), new_address: None };
    let next = session.after(context, Step::Code(sent), session.proven.clone(), now);
    let delivery = Delivery::simulated(app, pool, username, contact);
    Ok(Challenged::by(next.seal(pool)?, shown, Challenge::Code { kind, delivery }))
}

/// Takes a code that was sent, of one of these kinds.
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`]; [`Error::WrongSignInCode`], which leaves
/// the session usable; [`Error::PasswordLocked`] after too many of those; what the user's state says.
pub async fn check(
    app: &App,
    context: &ClientContext,
    answer: Answer,
    kinds: &[CodeKind],
    guess: SecretString,
) -> Result<SignIn> {
    let (pool, now) = (&context.pool, app.clock.now());
    let accepts = |step: &Step| matches!(step, Step::Code(sent) if kinds.contains(&sent.kind));
    let (session, person) = challenge::answered_by_anybody(app, context, &answer, accepts).await?;
    let found = person.found.map(|(user, _)| user);
    let Step::Code(sent) = &session.step else { return Err(Error::InvalidSession) };
    let contact = sent.kind.contact();
    let theirs = found.as_ref().and_then(|user| user.attributes.get(contact.attribute()));
    let address = sent.new_address.as_ref().or(theirs).cloned();
    let proven = guess::counted_code(app, pool, session.subject, sent.kind.guesses(), now, async {
        Ok(address.filter(|address| sent.is(pool, session.id, address, &guess)))
    });
    let Some(address) = proven.await? else {
        if let Some(user) = &found {
            let why = if sent.kind.is_first_factor() { Failed::Other } else { Failed::SecondFactor };
            auth_event::failed(app, context, user.id, session.proven.judgement.as_ref(), why);
        }
        return Err(Error::WrongSignInCode);
    };
    let user = found.ok_or(Error::InvalidSession)?;
    if sent.kind.is_first_factor() {
        sign_in::without_password(&user)?;
        let proven = session.proven.and(sent.kind.method());
        return next::after_session(app, context, &user, &session, proven).await;
    }
    if !user.enabled {
        return Err(Error::UserDisabled);
    }
    if sent.new_address.is_some() {
        demand::still_sets_up(app, pool, &user, sent.kind.factor()).await?;
    }
    // The user is as they were when the session was found to go on, or nothing is changed.
    let user = prove(app, pool, user, contact, &address).await.map_err(|error| match error {
        Error::ConcurrentModification => Error::UsedSession,
        other => other,
    })?;
    if sent.new_address.is_some() {
        second_factor::switch_on(&app.db, &pool.id, user.id, sent.kind.factor()).await?;
    }
    next::finish(app, context, &session, &user, sent.kind.method(), None).await
}

/// Has the user's address proven, where it is not already.
async fn prove(app: &App, pool: &UserPool, user: User, contact: Contact, address: &str) -> Result<User> {
    if user.is_verified(contact) && user.attributes.get(contact.attribute()).is_some_and(|it| it == address) {
        return Ok(user);
    }
    user::change::prove(app, pool, &user, contact, address).await?;
    cognate_store::user::get(&app.db, &pool.id, user.id).await?.ok_or(Error::UserNotFound)
}
