//! Codes: issuing them, checking guesses, and what callers may know about where they went.

use chrono::Duration;
use cognate_store::message::{Medium, MessageBody, NewMessage, Occasion};
use cognate_store::user::Attributes;
use cognate_store::user_pool::Contact;
use cognate_store::verification_code::{self, NewCode, Purpose};
use cognate_store::{Timestamp, User, UserId, UserPool, attempt};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::pool_budget::{self, Cause};
use super::stand_in;
use crate::trigger::{Caller, Subject};
use crate::{App, Error, Result, name, random, site, trigger};

/// Where a code was sent, as far as the caller may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The kind of address.
    pub contact: Contact,
    /// The address with most of it hidden.
    pub masked: String,
}

impl Delivery {
    pub(crate) fn to(contact: Contact, address: &str) -> Self {
        let masked = match contact {
            Contact::Email => name::mask_email(address),
            Contact::PhoneNumber => name::mask_phone_number(address),
        };
        Self { contact, masked }
    }

    /// What would be said of a user who does not exist: the same for the same name each time (ENU-1).
    pub(crate) fn simulated(app: &App, pool: &UserPool, username: &str, preferred: Contact) -> Self {
        if name::is_email(username) {
            return Self::to(Contact::Email, username);
        }
        if name::is_phone_number(username) && app.reaches(pool, Contact::PhoneNumber) {
            return Self::to(Contact::PhoneNumber, username);
        }
        let name = name::normalise(&pool.settings, username);
        let digest = pool.key.digest("simulated delivery", &[name.as_bytes()]);
        let masked = match preferred {
            Contact::Email => {
                let letter = |byte: u8| char::from(b'a' + byte % 26);
                format!("{}***@{}***", letter(digest[0]), letter(digest[1]))
            }
            Contact::PhoneNumber => {
                format!("+*******{:04}", u16::from_be_bytes([digest[0], digest[1]]) % 10_000)
            }
        };
        Self { contact: preferred, masked }
    }
}

/// The address a new user is verified by: the phone number before the email address, as Cognito has it.
pub(crate) fn contact_to_verify<'a>(
    app: &App,
    pool: &UserPool,
    attributes: &'a Attributes,
) -> Option<(Contact, &'a str)> {
    let auto = |contact: &Contact| {
        pool.settings.auto_verified_attributes.contains(contact) && app.reaches(pool, *contact)
    };
    let contacts = [Contact::PhoneNumber, Contact::Email].into_iter().filter(auto);
    let mut addresses =
        contacts.filter_map(|contact| Some((contact, attributes.get(contact.attribute())?.as_str())));
    addresses.next()
}

/// A code that was made and the message that carries it, to be saved together.
#[derive(Debug)]
pub(crate) struct Issued {
    pub code: NewCode,
    pub message: NewMessage,
    pub delivery: Delivery,
}

/// Who a code is for, and why.
#[derive(Debug)]
pub(crate) struct Recipient<'a> {
    pub id: UserId,
    pub username: &'a str,
    pub contact: Contact,
    pub address: &'a str,
    /// What functions are told of them.
    pub subject: Subject<'a>,
}

/// Makes a code and its message, in the words of the pool's function where it has one.
///
/// # Errors
/// What the function says.
pub(crate) async fn issue(
    app: &App,
    pool: &UserPool,
    caller: &Caller<'_>,
    recipient: &Recipient<'_>,
    purpose: Purpose,
    occasion: Occasion,
    now: Timestamp,
) -> Result<Issued> {
    let digits = random::text(random::DIGITS, app.limits.code_digits)?;
    let expires_at = now
        + match purpose {
            Purpose::SignUp | Purpose::VerifyEmail | Purpose::VerifyPhoneNumber => {
                app.limits.sign_up_code_lifetime
            }
            Purpose::ResetPassword => app.limits.reset_code_lifetime,
        };
    let code = NewCode {
        purpose,
        digest: digest(pool, recipient.id, purpose, recipient.address, &digits),
        attribute: recipient.contact.attribute(),
        destination: recipient.address.to_owned(),
        pending: false,
        expires_at,
    };
    let body = MessageBody {
        occasion,
        medium: medium(recipient.contact),
        destination: recipient.address.to_owned(),
        username: recipient.username.to_owned(),
        code: digits,
        client: caller.client.map(ToString::to_string),
        site: Some(site::of_pool(app, pool).await?.url),
        languages: recipient.subject.languages(caller.origin),
        notice: None,
        words: None,
        page_words: None,
        event: None,
    };
    let mut message = NewMessage { id: Uuid::now_v7(), body, expires_at };
    trigger::see_to(app, pool, caller, recipient.subject, &mut message).await?;
    Ok(Issued { code, message, delivery: Delivery::to(recipient.contact, recipient.address) })
}

/// How a message reaches a kind of address.
pub(crate) fn medium(contact: Contact) -> Medium {
    match contact {
        Contact::Email => Medium::Email,
        Contact::PhoneNumber => Medium::Sms,
    }
}

fn digest(pool: &UserPool, user: UserId, purpose: Purpose, destination: &str, code: &str) -> [u8; 32] {
    let user = user.as_uuid();
    pool.key.digest(
        "code",
        &[user.as_bytes(), purpose.as_str().as_bytes(), destination.as_bytes(), code.as_bytes()],
    )
}

/// A guess that was right: the code's digest, to be spent, and the attribute that it proves.
#[derive(Debug)]
pub(crate) struct Proven {
    pub digest: Vec<u8>,
    pub attribute: String,
    pub destination: String,
    /// Whether the address becomes the user's with this proof.
    pub pending: bool,
}

/// Checks a guess at a user's code. Guesses are counted before the verdict (LCK-2).
///
/// # Errors
/// [`Error::AttemptLimit`], [`Error::ExpiredCode`], [`Error::WrongCode`].
pub(crate) async fn check(
    app: &App,
    pool: &UserPool,
    user: &User,
    purpose: Purpose,
    guess: &str,
    now: Timestamp,
) -> Result<Proven> {
    count_guess(app, pool, user.id.as_uuid(), purpose, now).await?;
    let code =
        verification_code::get(&app.db, &pool.id, user.id, purpose).await?.ok_or(Error::ExpiredCode)?;
    if code.expires_at <= now {
        return Err(Error::ExpiredCode);
    }
    if purpose != Purpose::ResetPassword {
        // A reset code lives no longer than the hourly budget, which unknown users have too.
        let of_this_code = format!("guess {} {}", purpose.as_str(), hex::encode(&code.digest[..8]));
        let (subject, lifetime) = (user.id.as_uuid(), code.expires_at - now);
        let guesses = attempt::count(&app.db, &pool.id, subject, &of_this_code, lifetime, now).await?;
        if guesses > app.limits.guesses_per_code {
            return Err(Error::AttemptLimit);
        }
    }
    let guessed = digest(pool, user.id, purpose, &code.destination, guess);
    if bool::from(guessed.as_slice().ct_eq(&code.digest)) {
        Ok(Proven {
            digest: code.digest,
            attribute: code.attribute,
            destination: code.destination,
            pending: code.pending,
        })
    } else {
        Err(Error::WrongCode)
    }
}

/// Counts a guess against the hourly budget, for real and stand-in users alike.
pub(crate) async fn count_guess(
    app: &App,
    pool: &UserPool,
    subject: Uuid,
    purpose: Purpose,
    now: Timestamp,
) -> Result<()> {
    let action = format!("guess {}", purpose.as_str());
    within(app, pool, subject, &action, app.limits.guesses_per_hour, now).await
}

/// Counts a message against the hourly budgets of its user and of the pool, for real and stand-in users alike.
pub(crate) async fn count_message(
    app: &App,
    pool: &UserPool,
    subject: Uuid,
    purpose: Purpose,
    now: Timestamp,
) -> Result<()> {
    count_message_of_user(app, pool, subject, purpose, now).await?;
    pool_budget::count(app, pool, Cause::Anybody, now).await
}

/// Counts a message against the hourly budget of its user alone.
pub(crate) async fn count_message_of_user(
    app: &App,
    pool: &UserPool,
    subject: Uuid,
    purpose: Purpose,
    now: Timestamp,
) -> Result<()> {
    let action = format!("send {}", purpose.as_str());
    within(app, pool, subject, &action, app.limits.messages_per_hour, now).await
}

/// Counts a notice against a budget of its own: whoever brings notices about keeps no code from a user.
pub(crate) async fn count_notice(app: &App, pool: &UserPool, user: Uuid, now: Timestamp) -> Result<()> {
    within(app, pool, user, "send notice", app.limits.messages_per_hour, now).await?;
    pool_budget::count(app, pool, Cause::Anybody, now).await
}

/// Counts a message against the hourly budget of the address it goes to, so that nobody's mailbox is flooded through
/// accounts of many names.
pub(crate) async fn count_message_to(
    app: &App,
    pool: &UserPool,
    address: &str,
    now: Timestamp,
) -> Result<()> {
    // In one spelling, whatever the pool makes of case.
    let subject = stand_in(pool, &address.to_lowercase());
    within(app, pool, subject, "send to address", app.limits.messages_per_address, now).await
}

/// Counts a code for a user's second factor; one to an address that is not theirs yet against that address as well, and as anybody's:
/// an account of one's own is all it takes. Signing in has no error of its own for a spent budget.
pub(crate) async fn count_second_factor(
    app: &App,
    pool: &UserPool,
    subject: Uuid,
    new_address: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    let counting = async {
        let most = app.limits.messages_per_address;
        within(app, pool, subject, "send second factor", most, now).await?;
        match new_address {
            Some(address) => {
                count_message_to(app, pool, address, now).await?;
                pool_budget::count(app, pool, Cause::Anybody, now).await
            }
            None => pool_budget::count(app, pool, Cause::SecondFactor, now).await,
        }
    };
    counting.await.map_err(busy)
}

/// Counts a code that a sign-in begins with against the budgets of its user and of the pool. Nobody's name counts like a user's
/// (ENU-1).
pub(crate) async fn count_first_factor(
    app: &App,
    pool: &UserPool,
    subject: Uuid,
    now: Timestamp,
) -> Result<()> {
    let counting = async {
        within(app, pool, subject, "send first factor", app.limits.messages_per_address, now).await?;
        pool_budget::count(app, pool, Cause::Anybody, now).await
    };
    counting.await.map_err(busy)
}

/// What a spent budget is where there is no error of its own for it.
pub(crate) fn busy(error: Error) -> Error {
    match error {
        Error::AttemptLimit => Error::Busy,
        other => other,
    }
}

async fn within(
    app: &App,
    pool: &UserPool,
    subject: Uuid,
    action: &str,
    most: i32,
    now: Timestamp,
) -> Result<()> {
    let count = attempt::count(&app.db, &pool.id, subject, action, Duration::hours(1), now).await?;
    if count > most { Err(Error::AttemptLimit) } else { Ok(()) }
}

/// How long an answer about a name takes at the least, so that the extra work for a real one does not show (ENU-1).
const FLOOR: std::time::Duration = std::time::Duration::from_millis(60);

/// Runs a use case whose work differs between known and unknown names, and answers no sooner than the floor.
pub(crate) async fn level<T>(hides_users: bool, work: impl Future<Output = Result<T>>) -> Result<T> {
    if !hides_users {
        return work.await;
    }
    let start = tokio::time::Instant::now();
    let outcome = work.await;
    tokio::time::sleep_until(start + FLOOR).await;
    outcome
}
