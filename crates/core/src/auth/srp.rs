//! Signing in by SRP: the password is proven without being sent (MFA-4). Nothing is stored between the two steps; what the
//! server has to remember is sealed into the secret block that the client brings back.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use chrono::{Duration, NaiveDateTime};
use cognate_store::challenge_session::{self, SpentSession};
use cognate_store::password::SrpVerifier;
use cognate_store::seal::{Place, Sealed};
use cognate_store::{AppClientId, Timestamp, UserId, UserPool};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::challenge::{self, ChallengeSession, Step, expiry};
use super::person::Person;
use super::sign_in::Approach;
use super::{Challenge, Challenged, Flow, SignIn, custom, guess, sign_in};
use crate::app_client::{ClientContext, Hashed, secret_hash, settings};
use crate::auth_event::{self, Failed};
use crate::device::Claimed;
use crate::password_hash::srp::{self, Handshake};
use crate::{App, Error, Result, name};

/// How far a client's clock may be off.
const TOLERANCE: Duration = Duration::minutes(5);

/// A client's first message.
#[derive(Debug)]
pub struct Opening {
    /// Username, alias or address.
    pub username: String,
    /// The client's public value `A`, in hexadecimal digits.
    pub client_public: String,
    /// Proof of the client's secret.
    pub secret_hash: Option<String>,
}

/// The server's answer to it.
#[derive(Debug)]
pub struct PasswordVerifier {
    /// The salt, in hexadecimal digits.
    pub salt: String,
    /// The server's public value `B`, in hexadecimal digits.
    pub server_public: String,
    /// What the client must bring back, in base64.
    pub secret_block: String,
}

/// What a client signed with the key of a handshake.
#[derive(Debug)]
pub struct Signed {
    /// The secret block, in either alphabet of base64.
    pub secret_block: String,
    /// The signature, in base64.
    pub signature: String,
    /// When it was made, as the client wrote it.
    pub timestamp: String,
}

/// A client's proof that it knew the password.
#[derive(Debug)]
pub struct Claim {
    /// Who answers; must be the user of the secret block.
    pub username: String,
    /// What the client signed.
    pub signed: Signed,
    /// Proof of the client's secret.
    pub secret_hash: Option<String>,
    /// The session that the handshake was chosen in, where it was.
    pub session: Option<SecretString>,
}

/// What the secret block holds. Bound to pool (by its key), client, user and both public values. It is as long for nobody as
/// for a user (ENU-1): only the client's own words make it longer.
#[derive(Serialize, Deserialize)]
struct SecretBlock {
    id: Uuid,
    client: AppClientId,
    /// Whether there is such a user: 0 or 1.
    exists: u8,
    /// Whether it began in a session, without which it then leads nowhere: 0 or 1.
    in_session: u8,
    /// The device that the sign-in began from.
    device: Claimed,
    /// Whose guesses are counted: the user, or who stands in for nobody.
    subject: Uuid,
    username: String,
    handshake: Handshake,
    expires_at: Timestamp,
}

/// Whose handshake begins.
pub(super) struct Begun {
    pub id: Uuid,
    pub exists: bool,
    pub in_session: bool,
    pub subject: Uuid,
    pub username: String,
    pub salt: Vec<u8>,
    pub verifier: Zeroizing<Vec<u8>>,
}

/// A handshake that a client brought back.
pub(super) struct Opened {
    block: SecretBlock,
    sealed: Vec<u8>,
}

impl Opened {
    pub(super) fn id(&self) -> Uuid {
        self.block.id
    }

    pub(super) fn subject(&self) -> Uuid {
        self.block.subject
    }

    pub(super) fn username(&self) -> &str {
        &self.block.username
    }
}

const PLACE: Place<'static> = Place { table: "srp_handshake", column: "secret_block", row: "" };

/// Both alphabets of base64, once the letters are those of the first.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Begins a handshake. A name that nobody has gets one too, which no answer passes (ENU-1).
///
/// # Errors
/// [`Error::FlowNotEnabled`], [`Error::UserNotFound`] where the client does not hide it, [`Error::Busy`], or the secret
/// hash's.
pub async fn begin(app: &App, context: &ClientContext, opening: Opening) -> Result<SignIn> {
    let (pool, client) = (&context.pool, &context.client);
    if !settings::allows(&client.settings, Flow::UserSrp) {
        return Err(Error::FlowNotEnabled(Flow::UserSrp));
    }
    let given = &opening.username;
    if given.chars().count() > name::LONGEST {
        return Err(Error::WrongPassword);
    }
    check_public_value(&opening.client_public)?;
    secret_hash::check(context, Hashed::SignIn(given), opening.secret_hash.as_deref())?;
    let mut person = Person::named(app, pool, opening.username).await?;
    person.check_known(context)?;
    person.may_try(app, context).await?;
    // What the server has to remember is in the secret block: there is no session.
    begin_as(app, context, Uuid::new_v4(), person, opening.client_public, None).await
}

/// Begins a handshake for somebody who was looked for and chose it, in a session that goes on with it.
///
/// # Errors
/// As [`challenge`].
pub(super) async fn begin_in(
    app: &App,
    context: &ClientContext,
    session: &ChallengeSession,
    step: Step,
    person: Person,
    client_public: String,
) -> Result<SignIn> {
    let next = session.after(context, step, session.proven.clone(), app.clock.now());
    let token = next.seal(&context.pool)?;
    begin_as(app, context, session.id, person, client_public, Some(token)).await
}

fn check_public_value(client_public: &str) -> Result<()> {
    if srp::is_public_value(client_public) { Ok(()) } else { Err(Error::invalid("Invalid SRP_A.")) }
}

async fn begin_as(
    app: &App,
    context: &ClientContext,
    id: Uuid,
    person: Person,
    client_public: String,
    session: Option<SecretString>,
) -> Result<SignIn> {
    let pool = &context.pool;
    let (subject, username) = (person.subject(pool), person.shown(pool));
    let exists = person.found.is_some();
    let kept = person.found.and_then(|(_, kept)| kept?.srp);
    let begun = Begun {
        id,
        exists,
        in_session: session.is_some(),
        subject,
        username: username.clone(),
        salt: kept.as_ref().map_or_else(|| salt_of_nobody(pool, subject), |kept| kept.salt.clone()),
        verifier: verifier(pool, subject, kept.as_ref())?,
    };
    let challenge = Challenge::PasswordVerifier(challenge(app, context, begun, client_public).await?);
    let (available, factors) = (Vec::new(), Vec::new());
    Ok(SignIn::Challenged(Box::new(Challenged { session, username, challenge, available, factors })))
}

/// Answers a client's public value, and seals what has to be remembered.
///
/// # Errors
/// [`Error::InvalidParameter`] for a public value that is none, [`Error::Busy`].
pub(super) async fn challenge(
    app: &App,
    context: &ClientContext,
    begun: Begun,
    client_public: String,
) -> Result<PasswordVerifier> {
    check_public_value(&client_public)?;
    let pool = &context.pool;
    let handshake = app.hasher.begin_srp(&pool.id, client_public, begun.verifier).await?;
    let server_public = handshake.server_public.clone();
    let block = SecretBlock {
        id: begun.id,
        client: context.client.id.clone(),
        exists: u8::from(begun.exists),
        in_session: u8::from(begun.in_session),
        device: context.device.clone(),
        subject: begun.subject,
        username: begun.username,
        handshake,
        expires_at: expiry(context, app.clock.now()),
    };
    let mut block = Zeroizing::new(serde_json::to_vec(&block).map_err(Error::internal)?);
    // Numbers are written with as many digits as they have: blanks make up for that.
    let length = block.len().next_multiple_of(256);
    block.resize(length, b' ');
    Ok(PasswordVerifier {
        salt: srp::unpadded(&begun.salt),
        server_public,
        secret_block: STANDARD.encode(pool.key.seal(PLACE, &block)?.as_bytes()),
    })
}

/// Opens the handshake of a proof, which must be this client's and recent.
///
/// # Errors
/// [`Error::WrongPassword`] whatever is wrong.
pub(super) fn open(context: &ClientContext, signed: &Signed, now: Timestamp) -> Result<Opened> {
    let sealed = decode(&signed.secret_block).ok_or(Error::WrongPassword)?;
    let block = unseal(&context.pool, &sealed).ok_or(Error::WrongPassword)?;
    let is_recent = time(&signed.timestamp).is_some_and(|time| (now - time).abs() <= TOLERANCE);
    if block.client != context.client.id || block.expires_at <= now || !is_recent {
        return Err(Error::WrongPassword);
    }
    Ok(Opened { block, sealed })
}

/// Whether a signature proves that the client knew the password. The pool's name, or what stands for it, is part of what is
/// signed.
///
/// # Errors
/// [`Error::Busy`].
pub(super) async fn prove(
    app: &App,
    context: &ClientContext,
    opened: Opened,
    pool_name: &str,
    verifier: Zeroizing<Vec<u8>>,
    signed: &Signed,
) -> Result<bool> {
    let Opened { block, sealed } = opened;
    let names = [pool_name, &block.username].map(str::as_bytes);
    let message = [names[0], names[1], &sealed, signed.timestamp.as_bytes()].concat();
    let signature = decode(&signed.signature).unwrap_or_default();
    app.hasher.verify_srp(&context.pool.id, block.handshake, verifier, message, signature).await
}

/// Takes the proof and signs the user in. A handshake signs in once, and a wrong proof uses it up; a proof that was not
/// looked at, because of a lock or of what it was sent for, does not.
///
/// # Errors
/// [`Error::WrongPassword`] whatever is wrong with the proof, [`Error::PasswordLocked`], [`Error::Busy`], the secret
/// hash's; and, only once the password is proven (ENU-2), what the user's state says.
pub async fn finish(app: &App, context: &ClientContext, claim: Claim) -> Result<SignIn> {
    let (pool, now) = (&context.pool, app.clock.now());
    secret_hash::check(context, Hashed::SignIn(&claim.username), claim.secret_hash.as_deref())?;
    let opened = open(context, &claim.signed, now)?;
    let block = &opened.block;
    let session = match &claim.session {
        Some(token) => {
            let accepts = |step: &Step| matches!(step, Step::PasswordVerifier | Step::CustomPassword(_));
            Some(challenge::open(app, context, token, accepts, now).await?)
        }
        None => None,
    };
    let fits = session.as_ref().map_or(block.in_session == 0, |session| session.id == block.id);
    if !fits {
        return Err(Error::InvalidSession);
    }
    let before = session.as_ref().map_or(&block.device, |session| &session.device);
    let device = context.device.or(before).clone();
    let person = Person::guessing(app, context, claim.username).await?;
    let guesser = person.guesser(pool);
    // Whoever answers for nobody must be the same nobody: otherwise one more guess would count than for a real user.
    let is_theirs = guesser.subject == block.subject && person.found.is_some() == (block.exists == 1);
    if !is_theirs {
        if guesser.is_admitted {
            guess::release(app, pool, guesser.subject).await?;
        }
        return Err(Error::WrongPassword);
    }

    let spent = SpentSession { id: block.id, expires_at: block.expires_at };
    let found = person.found;
    let kept = found.as_ref().and_then(|(_, kept)| kept.as_ref());
    let srp = kept.and_then(|kept| kept.srp.as_ref());
    let check = async {
        let verifier = verifier(pool, guesser.subject, srp)?;
        prove(app, context, opened, pool.id.short_name(), verifier, &claim.signed).await
    };
    let checked = guess::counted(app, pool, guesser, check, |proven| *proven && srp.is_some()).await;
    if let Err(error) = checked {
        if matches!(error, Error::WrongPassword) {
            challenge_session::spend(&app.db, &pool.id, &spent).await?;
            if let Some((user, _)) = &found {
                auth_event::failed(app, context, user.id, None, Failed::Password);
            }
        }
        return Err(match found {
            Some((user, None)) => sign_in::must_set_password(context, &user, error),
            _ => error,
        });
    }
    let (user, kept) = found.ok_or(Error::WrongPassword)?;
    let kept = kept.ok_or(Error::WrongPassword)?;
    let step_up = session.as_ref().and_then(|session| session.proven.step_up.clone());
    match session.filter(|session| matches!(session.step, Step::CustomPassword(_))) {
        Some(session) => custom::after_password(app, context, &user, &kept, &device, &session).await,
        None => {
            let approach = Approach { device: &device, spent: Some(&spent), step_up: step_up.as_ref() };
            sign_in::proven(app, context, &user, &kept, person.groups.as_deref(), approach).await
        }
    }
}

/// The verifier of a user, or one that nobody knows a password to.
fn verifier(pool: &UserPool, subject: Uuid, kept: Option<&SrpVerifier>) -> Result<Zeroizing<Vec<u8>>> {
    match kept {
        Some(kept) => Ok(kept.open(&pool.key, UserId::from(subject))?),
        None => {
            let block = |number: u8| pool.key.digest("srp-verifier", &[subject.as_bytes(), &[number]]);
            Ok(Zeroizing::new((0..12).flat_map(block).collect()))
        }
    }
}

/// The salt of somebody without a verifier, the same each time.
fn salt_of_nobody(pool: &UserPool, subject: Uuid) -> Vec<u8> {
    srp::salt_of(&pool.key.digest("srp-salt", &[subject.as_bytes()])).to_vec()
}

fn unseal(pool: &UserPool, sealed: &[u8]) -> Option<SecretBlock> {
    let opened = pool.key.open(PLACE, &Sealed::from_stored(sealed.to_vec())).ok()?;
    serde_json::from_slice(&opened).ok()
}

fn decode(text: &str) -> Option<Vec<u8>> {
    LENIENT.decode(text.replace('-', "+").replace('_', "/")).ok()
}

/// A time as clients write it: `Tue Jan 6 03:04:05 UTC 2026`.
fn time(text: &str) -> Option<Timestamp> {
    Some(NaiveDateTime::parse_from_str(text, "%a %b %d %H:%M:%S UTC %Y").ok()?.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_clients_write_them() {
        for text in ["Tue Jan 6 03:04:05 UTC 2026", "Tue Jan 06 03:04:05 UTC 2026"] {
            assert_eq!(time(text).unwrap().to_rfc3339(), "2026-01-06T03:04:05+00:00", "{text}");
        }
        for text in ["", "Wed Jan 6 03:04:05 UTC 2026", "Tue Jan 6 03:04:05 CET 2026", "2026-01-06T03:04:05Z"]
        {
            assert!(time(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_secret_block_is_read_in_either_alphabet() {
        for text in ["+/+/", "-_-_", "-_-_+w==", "-_-_-w"] {
            assert!(decode(text).is_some(), "{text}");
        }
        assert!(decode("?").is_none());
    }
}
