//! Signing in with a password, and what a user's state says to whoever proved who they are.

use cognate_store::auth_event::Factor;
use cognate_store::challenge_session::SpentSession;
use cognate_store::group::Membership;
use cognate_store::password::Password;
use cognate_store::user_pool::{PasswordEvent, Trigger};
use cognate_store::{Timestamp, User, UserStatus, user};
use secrecy::{ExposeSecret as _, SecretString};

use super::challenge::{ChallengeSession, Step};
use super::next::{self, FirstFactor};
use super::person::Person;
use super::step_up::StepUp;
use super::{Challenge, Challenged, Flow, Proven, SignIn, guess};
use crate::app_client::{ClientContext, Hashed, secret_hash, settings};
use crate::auth_event::{self, Failed};
use crate::device::Claimed;
use crate::user::{attribute, migration};
use crate::user_pool::password_policy;
use crate::{App, Error, Result, leaked_password, name, trigger};

/// Name and password.
#[derive(Debug)]
pub struct Credentials {
    /// Username, alias or address.
    pub username: String,
    /// Password.
    pub password: SecretString,
    /// Proof of the client's secret.
    pub secret_hash: Option<String>,
    /// The names of the levels that will do, between blanks. Those that the pool does not have are passed over.
    pub acr_values: Option<String>,
}

/// Signs a user in with name and password.
///
/// # Errors
/// [`Error::FlowNotEnabled`], [`Error::WrongPassword`], [`Error::PasswordLocked`], [`Error::UserNotFound`] where the
/// client does not hide it; and, only once the password is proven (ENU-2), what the user's state says.
pub async fn with_password(
    app: &App,
    context: &ClientContext,
    flow: Flow,
    credentials: Credentials,
) -> Result<SignIn> {
    let (pool, client) = (&context.pool, &context.client);
    if !settings::allows(&client.settings, flow) {
        return Err(Error::FlowNotEnabled(flow));
    }
    let name = &credentials.username;
    if name.chars().count() > name::LONGEST
        || credentials.password.expose_secret().chars().count() > password_policy::LONGEST
    {
        return Err(Error::WrongPassword);
    }
    secret_hash::check(context, Hashed::SignIn(name), credentials.secret_hash.as_deref())?;
    let asks = [Trigger::UserMigration, Trigger::PreAuthentication];
    let mut person = if asks.into_iter().any(|asked| trigger::has(pool, asked)) {
        Person::named(app, pool, credentials.username).await?
    } else {
        Person::guessing(app, context, credentials.username).await?
    };
    let mut must_reset = false;
    if person.found.is_none() && trigger::has(pool, Trigger::UserMigration) {
        must_reset = migration::at_sign_in(app, context, &person.name, &credentials.password).await?;
        person = Person::named(app, pool, person.name).await?;
    }
    person.check_known(context)?;
    person.may_try(app, context).await?;
    if must_reset {
        // The password was right where they come from.
        return Err(Error::PasswordResetRequired);
    }
    let step_up = credentials.acr_values.as_deref().and_then(|names| StepUp::named(pool, names));
    let approach = Approach { device: &context.device, spent: None, step_up: step_up.as_ref() };
    check(app, context, person, &credentials.password, approach).await
}

/// How somebody came to prove their password.
#[derive(Clone, Copy)]
pub(super) struct Approach<'a> {
    /// The device that they say they are on.
    pub device: &'a Claimed,
    /// The handshake or session that led here, which is spent with what follows.
    pub spent: Option<&'a SpentSession>,
    /// The levels that they are on the way to.
    pub step_up: Option<&'a StepUp>,
}

/// Checks the password of somebody who was looked for. For nobody it does the same work (ENU-1).
///
/// # Errors
/// As [`with_password`].
pub(super) async fn check(
    app: &App,
    context: &ClientContext,
    person: Person,
    given: &SecretString,
    approach: Approach<'_>,
) -> Result<SignIn> {
    let pool = &context.pool;
    let guesser = person.guesser(pool);
    let Some((user, kept)) = person.found else {
        guess::check(app, pool, guesser, given, None).await?;
        return Err(Error::WrongPassword);
    };
    if let Err(error) = guess::check(app, pool, guesser, given, kept.as_ref()).await {
        if matches!(error, Error::WrongPassword) {
            auth_event::failed(app, context, user.id, None, Failed::Password);
        }
        return Err(if kept.is_none() { must_set_password(context, &user, error) } else { error });
    }
    let kept = kept.ok_or(Error::WrongPassword)?;
    if leaked_password::is_refused(app, pool, &context.client, PasswordEvent::SignIn, given).await? {
        guess::succeeded(app, pool, user.id, approach.spent).await?;
        auth_event::failed(app, context, user.id, None, Failed::LeakedPassword);
        return Err(refuse_leaked(app, context, user, &kept).await?);
    }
    proven(app, context, &user, &kept, person.groups.as_deref(), approach).await
}

/// Demands another password of a user whose right one has leaked, and says what they are told from then on.
async fn refuse_leaked(app: &App, context: &ClientContext, mut user: User, kept: &Password) -> Result<Error> {
    let (pool, now) = (&context.pool, app.clock.now());
    if user.status == UserStatus::Confirmed && user::demand_reset(&app.db, &pool.id, user.id, now).await? {
        app.caches.forget_user(&pool.id, user.id).await;
        user.status = UserStatus::ResetRequired;
    }
    Ok(may_sign_in(context, &user, kept, now).err().unwrap_or(Error::PasswordResetRequired))
}

/// What a user without a password is told instead of an error. Who was imported without one has none to prove, and learns
/// only this way that one is to be set: not where the client hides who exists.
pub(super) fn must_set_password(context: &ClientContext, user: &User, error: Error) -> Error {
    let must_set = user.enabled && user.status == UserStatus::ResetRequired && !context.hides_users();
    if must_set && matches!(error, Error::WrongPassword) { Error::PasswordResetRequired } else { error }
}

/// What follows a password that was proven; the groups of its user, where they are known.
///
/// # Errors
/// What the user's state says; [`Error::WrongPassword`] when the handshake is spent already.
pub(super) async fn proven(
    app: &App,
    context: &ClientContext,
    user: &User,
    kept: &Password,
    groups: Option<&[Membership]>,
    approach: Approach<'_>,
) -> Result<SignIn> {
    let (pool, now) = (&context.pool, app.clock.now());
    let state = may_sign_in(context, user, kept, now);
    let Approach { device, spent, step_up } = approach;
    let mut proven = Proven::password(user, kept.changed_at).towards(step_up.cloned());
    if state.is_ok() && user.status != UserStatus::ForceChangePassword {
        let first = FirstFactor { proven, device, spent, is_admitted: true, groups };
        return next::after_first_factor(app, context, user, first).await;
    }
    if state.is_ok() {
        // What could not be finished is not begun.
        proven.give(Factor::Password);
        match next::check_ahead(app, context, user, device, &mut proven).await {
            // An attribute that comes with the new password may be where a code can go.
            Ok(()) | Err(Error::MfaRequired) => {}
            Err(error) => {
                guess::succeeded(app, pool, user.id, spent).await?;
                return Err(error);
            }
        }
        auth_event::goes_on(app, context, user, &mut proven).await;
    }
    guess::succeeded(app, pool, user.id, spent).await?;
    state?;
    let mut session = ChallengeSession::new(context, user.id.as_uuid(), Step::NewPassword, proven, now);
    session.device = device.clone();
    let challenge = Challenge::NewPassword {
        required: attribute::missing_required(&pool.settings, &user.attributes).map(str::to_owned).collect(),
        attributes: user.attributes.clone(),
    };
    Ok(Challenged::by(session.seal(pool)?, user.username.clone(), challenge))
}

/// Whether a user whose password is proven may go on.
fn may_sign_in(context: &ClientContext, user: &User, kept: &Password, now: Timestamp) -> Result<()> {
    if !user.enabled {
        return Err(Error::UserDisabled);
    }
    match user.status {
        UserStatus::Unconfirmed => Err(Error::UserNotConfirmed),
        UserStatus::ResetRequired if context.hides_users() => Err(Error::WrongPassword),
        UserStatus::ResetRequired => Err(Error::PasswordResetRequired),
        UserStatus::ExternalProvider => Err(Error::WrongPassword),
        UserStatus::ForceChangePassword if kept.expires_at.is_some_and(|expires_at| expires_at <= now) => {
            Err(Error::TemporaryPasswordExpired)
        }
        UserStatus::ForceChangePassword | UserStatus::Confirmed => Ok(()),
    }
}

/// Whether a user who proved who they are by something else than a password may go on.
///
/// # Errors
/// [`Error::UserDisabled`], [`Error::UserNotConfirmed`], or [`Error::WrongPassword`] for who has no such way in.
pub(super) fn without_password(user: &User) -> Result<()> {
    match user.status {
        _ if !user.enabled => Err(Error::UserDisabled),
        UserStatus::Confirmed => Ok(()),
        UserStatus::Unconfirmed => Err(Error::UserNotConfirmed),
        UserStatus::ResetRequired | UserStatus::ForceChangePassword | UserStatus::ExternalProvider => {
            Err(Error::WrongPassword)
        }
    }
}
