//! A device that proves itself by SRP, with a password of its own, before its user gets tokens (MFA-5). The handshake is that of
//! `srp.rs`, with the pool's group key for the pool's name and the device's key for the username.

use cognate_store::device::{self, Device};
use cognate_store::{User, UserPool, challenge_session};
use secrecy::SecretString;
use uuid::Uuid;

use super::challenge::{self, ChallengeSession, Step};
use super::srp;
use super::{Challenge, Challenged, Method, SignIn};
use crate::app_client::{ClientContext, Hashed, secret_hash};
use crate::auth_event::{self, Failed};
use crate::device::{Claimed, group_key};
use crate::token::issue::{self, Proof};
use crate::user::look_up;
use crate::{App, Error, Result};

/// The confirmed device that a request says it comes from; none where it says nothing, or the pool tracks none.
///
/// # Errors
/// [`Error::DeviceNotFound`], which makes clients forget their key and try again.
pub(super) async fn of_user(
    app: &App,
    pool: &UserPool,
    user: &User,
    claimed: &Claimed,
) -> Result<Option<Device>> {
    match claimed {
        Claimed::Known(key) if pool.settings.devices.is_some() => {
            let found = device::get(&app.db, &pool.id, user.id, key).await?;
            found.map(Some).ok_or(Error::DeviceNotFound)
        }
        _ => Ok(None),
    }
}

/// Whether a device takes the place of a second factor.
pub(super) fn stands_for_factor(pool: &UserPool, device: Option<&Device>) -> bool {
    counts(pool) && device.is_some_and(|device| device.is_remembered)
}

/// Whether remembered devices take the place of a second factor in a pool.
pub(super) fn counts(pool: &UserPool) -> bool {
    pool.settings.devices.is_some_and(|it| it.challenge_required_on_new_device)
}

/// Asks for the proof of the device, in a session that goes on from this one.
pub(super) fn ask(
    app: &App,
    context: &ClientContext,
    user: &User,
    session: &ChallengeSession,
) -> Result<SignIn> {
    let next = session.after(context, Step::Device, session.proven.clone(), app.clock.now());
    Ok(Challenged::by(next.seal(&context.pool)?, user.username.clone(), Challenge::Device))
}

/// What an answer of a device carries.
#[derive(Debug)]
pub struct DeviceAnswer {
    /// The token of the challenge.
    pub session: SecretString,
    /// Who answers, where it says so; must be the user of the session.
    pub username: Option<String>,
    /// Proof of the client's secret.
    pub secret_hash: Option<String>,
    /// The device's key; must be the session's.
    pub key: String,
}

/// Begins the handshake.
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`], [`Error::DeviceNotFound`];
/// [`Error::InvalidParameter`] for a public value that is none; [`Error::Busy`].
pub async fn begin(
    app: &App,
    context: &ClientContext,
    answer: DeviceAnswer,
    client_public: String,
) -> Result<SignIn> {
    let pool = &context.pool;
    let accepts = |step: &Step| matches!(step, Step::Device | Step::SoftwareToken | Step::Code(_));
    let (session, user, device) = answered(app, context, &answer, accepts).await?;
    let session = challenge::after_second_factor(app, context, session).await?;
    let next = session.after(context, Step::DeviceVerifier, session.proven.clone(), app.clock.now());
    let handshake = srp::Begun {
        id: session.id,
        exists: true,
        in_session: true,
        subject: session.subject,
        username: device.key.clone(),
        salt: device.srp_salt.clone(),
        verifier: device.verifier(&pool.key)?,
    };
    let verifier = srp::challenge(app, context, handshake, client_public).await?;
    let challenge = Challenge::DeviceVerifier { key: device.key, verifier };
    Ok(Challenged::by(next.seal(pool)?, user.username, challenge))
}

/// Takes the proof and signs the user in. A wrong proof uses the session up.
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`], [`Error::DeviceNotFound`];
/// [`Error::WrongPassword`] whatever is wrong with the proof; [`Error::Busy`].
pub async fn finish(
    app: &App,
    context: &ClientContext,
    answer: DeviceAnswer,
    signed: &srp::Signed,
) -> Result<SignIn> {
    let (pool, now) = (&context.pool, app.clock.now());
    let accepts = |step: &Step| *step == Step::DeviceVerifier;
    let (session, user, device) = answered(app, context, &answer, accepts).await?;
    if session.proven.methods.contains(&Method::Device) && !stands_for_factor(pool, Some(&device)) {
        return Err(Error::InvalidSession);
    }
    let opened = srp::open(context, signed, now)?;
    if opened.id() != session.id || opened.subject() != session.subject || opened.username() != device.key {
        return Err(Error::WrongPassword);
    }
    let verifier = device.verifier(&pool.key)?;
    let spent = session.spent();
    if !srp::prove(app, context, opened, &group_key(pool), verifier, signed).await? {
        challenge_session::spend(&app.db, &pool.id, &spent).await?;
        auth_event::failed(app, context, user.id, session.proven.judgement.as_ref(), Failed::Other);
        return Err(Error::WrongPassword);
    }
    let address = context.origin.address().map(|address| address.to_string());
    device::authenticated(&app.db, &pool.id, &device, address, now).await.map_err(|error| match error {
        cognate_store::Error::Stale => Error::DeviceNotFound,
        other => other.into(),
    })?;
    let claimed = Claimed::Known(device.key);
    let proof = Proof {
        proven: &session.proven,
        spent: Some(&spent),
        software_token: None,
        step: None,
        device: &claimed,
        groups: None,
    };
    let signed_in = issue::sign_in(app, context, &user, &proof, now).await;
    signed_in.map_err(|error| match error {
        Error::WrongPassword => Error::UsedSession,
        other => other,
    })
}

/// The session of an answer, its user and their device.
async fn answered(
    app: &App,
    context: &ClientContext,
    answer: &DeviceAnswer,
    accepts: impl FnOnce(&Step) -> bool,
) -> Result<(ChallengeSession, User, Device)> {
    let pool = &context.pool;
    let session = challenge::open(app, context, &answer.session, accepts, app.clock.now()).await?;
    let id = session.subject;
    let user = cognate_store::user::get(&app.db, &pool.id, id.into()).await?.ok_or(Error::InvalidSession)?;
    let (name, hash) = (answer.username.as_deref(), answer.secret_hash.as_deref());
    secret_hash::check(context, Hashed::SignIn(name.unwrap_or(&user.username)), hash)?;
    if let Some(name) = name {
        let named: Option<Uuid> = look_up(app, pool, name).await?.map(|(user, _)| user.id.as_uuid());
        // Some clients answer in the device's name, whose key is compared below.
        if named != Some(id) && name != answer.key {
            return Err(Error::InvalidSession);
        }
    }
    if session.device != Claimed::Known(answer.key.clone()) {
        return Err(Error::DeviceNotFound);
    }
    if !user.enabled {
        return Err(Error::UserDisabled);
    }
    let device = of_user(app, pool, &user, &session.device).await?.ok_or(Error::DeviceNotFound)?;
    Ok((session, user, device))
}
