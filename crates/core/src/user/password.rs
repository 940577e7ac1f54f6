//! Changing a password: knowing the old one, or by a code that was sent.

use cognate_store::auth_event::{EventKind, EventResponse};
use cognate_store::message::Occasion;
use cognate_store::password::{self, PasswordChange, Proof};
use cognate_store::user;
use cognate_store::user_pool::{Contact, PasswordEvent, RecoveryOption, Trigger};
use cognate_store::verification_code::Purpose;
use cognate_store::{User, UserPool, UserStatus, attempt};
use secrecy::{ExposeSecret as _, SecretString};

use super::code::{self, Delivery, Issued, Proven, Recipient};
use super::{find, look_up, migration, stand_in};
use crate::app_client::{ClientContext, Hashed, secret_hash};
use crate::auth::demand;
use crate::auth::guess::{self, Guesser};
use crate::token::verify::TokenHolder;
use crate::trigger::Caller;
use crate::user_pool::password_policy;
use crate::{App, Error, Result, auth_event, leaked_password, trigger};

/// Changes the password of a signed-in user. Every other session ends (TOK-7).
///
/// # Errors
/// [`Error::WrongPassword`], [`Error::AttemptLimit`], [`Error::PasswordPolicy`].
pub async fn change(
    app: &App,
    holder: &TokenHolder,
    previous: Option<&SecretString>,
    proposed: &SecretString,
) -> Result<()> {
    let (pool, from) = (&holder.pool, &holder.origin);
    password_policy::check(&pool.settings.password_policy, proposed.expose_secret())?;
    leaked_password::check(app, pool, &holder.client, PasswordEvent::PasswordChange, proposed).await?;
    let (user, current) =
        look_up(app, pool, &holder.user.id.to_string()).await?.ok_or(Error::UserNotFound)?;
    let proof = match (&current, previous) {
        (Some(current), Some(previous)) => {
            let checked =
                guess::check(app, pool, Guesser::new(user.id.as_uuid()), previous, Some(current)).await;
            checked.map_err(|error| match error {
                Error::WrongPassword => {
                    auth_event::note(
                        app,
                        pool,
                        user.id,
                        EventKind::PasswordChange,
                        EventResponse::Fail,
                        from,
                    );
                    error
                }
                Error::PasswordLocked => Error::AttemptLimit,
                other => other,
            })?;
            guess::succeeded(app, pool, user.id, None).await?;
            Proof::Password(current.changed_at)
        }
        // Who signs in by code may set a first password.
        (None, None) => Proof::NoPassword,
        _ => return Err(Error::WrongPassword),
    };
    refuse_used(app, pool, &user, proposed).await?;
    let password = app.hasher.new_password(&pool.id, &user.username, proposed, None).await?;
    let change = PasswordChange {
        remembered: remembered(pool),
        keep_session: Some(holder.session.id),
        ..PasswordChange::new(proof, password)
    };
    let changed = password::change(&app.db, pool, user.id, &change, app.clock.now()).await;
    // Somebody else changed it meanwhile: the old password is no longer the one that was proven.
    changed.map_err(|error| match error {
        cognate_store::Error::Stale => Error::WrongPassword,
        other => other.into(),
    })?;
    app.caches.forget_user(&pool.id, user.id).await;
    auth_event::note(app, pool, user.id, EventKind::PasswordChange, EventResponse::Pass, from);
    Ok(())
}

/// Whether a user has a password: one who signs in by code may have none.
///
/// # Errors
/// When the database does not answer.
pub async fn is_set(app: &App, holder: &TokenHolder) -> Result<bool> {
    let found = look_up(app, &holder.pool, &holder.user.id.to_string()).await?;
    Ok(found.is_some_and(|(_, password)| password.is_some()))
}

/// How many of a user's passwords are kept: the current one, and those that the policy forbids to use again.
pub(crate) fn remembered(pool: &UserPool) -> i32 {
    pool.settings.password_policy.history_size.unwrap_or(0).max(1)
}

/// Refuses a password that is one of the user's last, as many as the policy says.
pub(crate) async fn refuse_used(
    app: &App,
    pool: &UserPool,
    user: &User,
    proposed: &SecretString,
) -> Result<()> {
    let size = pool.settings.password_policy.history_size.unwrap_or(0);
    if size == 0 {
        return Ok(());
    }
    for hash in password::recent(&app.db, &pool.id, user.id, i64::from(size)).await? {
        if app.hasher.verify(&pool.id, proposed, &hash).await?.matches {
            return Err(Error::PasswordUsedBefore);
        }
    }
    Ok(())
}

/// Sends a code that entitles to a new password, to a verified address (COD-2).
///
/// # Errors
/// [`Error::UserNotFoundForClient`], [`Error::AttemptLimit`], or why this user cannot reset the password; where the
/// client hides who exists, those are answered like a success.
pub async fn forgot(
    app: &App,
    context: &ClientContext,
    username: &str,
    hash: Option<&str>,
) -> Result<Delivery> {
    code::level(context.hides_users(), forgot_now(app, context, username, hash)).await
}

async fn forgot_now(
    app: &App,
    context: &ClientContext,
    username: &str,
    hash: Option<&str>,
) -> Result<Delivery> {
    let now = app.clock.now();
    let pool = &context.pool;
    secret_hash::check(context, Hashed::SignUp(username), hash)?;
    let mut found = look_up(app, pool, username).await?.map(|(user, _)| user);
    let mut is_counted = false;
    if found.is_none() && trigger::has(pool, Trigger::UserMigration) {
        is_counted = true;
        code::count_message(app, pool, stand_in(pool, username), Purpose::ResetPassword, now).await?;
        if migration::at_reset(app, context, username).await? {
            found = look_up(app, pool, username).await?.map(|(user, _)| user);
        }
    }
    let subject = found.as_ref().map_or_else(|| stand_in(pool, username), |user| user.id.as_uuid());
    if found.is_none() && !context.hides_users() {
        return Err(Error::UserNotFoundForClient);
    }
    if !is_counted {
        code::count_message(app, pool, subject, Purpose::ResetPassword, now).await?;
    } else if found.is_some() {
        // The pool's budget has been counted.
        code::count_message_of_user(app, pool, subject, Purpose::ResetPassword, now).await?;
    }

    let issuing = async {
        let (user, contact, address) = reset_address(app, pool, found.as_ref()).await?;
        let issued = reset_code(app, pool, &Caller::of(context), user, (contact, address)).await?;
        Ok((user, issued))
    };
    let (user, issued) = match issuing.await {
        Ok(issued) => issued,
        Err(error) if context.hides_users() && tells_of_the_user(&error) => {
            let until = now + app.limits.reset_code_lifetime;
            attempt::note(&app.db, &pool.id, subject, SIMULATED, until).await?;
            let preferred = likely_contact(app, pool);
            return Ok(Delivery::simulated(app, pool, username, preferred));
        }
        Err(error) => return Err(error),
    };
    user::send_code(&app.db, pool, user.id, &issued.code, &issued.message, now).await?;
    app.outbox.notify_one();
    auth_event::note(
        app,
        pool,
        user.id,
        EventKind::ForgotPassword,
        EventResponse::InProgress,
        &context.origin,
    );
    Ok(issued.delivery)
}

/// A code for a new password, and its message.
async fn reset_code(
    app: &App,
    pool: &UserPool,
    caller: &Caller<'_>,
    user: &User,
    (contact, address): (Contact, &str),
) -> Result<Issued> {
    let recipient =
        Recipient { id: user.id, username: &user.username, contact, address, subject: user.into() };
    let (purpose, occasion) = (Purpose::ResetPassword, Occasion::ForgotPassword);
    code::issue(app, pool, caller, &recipient, purpose, occasion, app.clock.now()).await
}

/// Whether an error would tell that a user exists, or what state they are in. Messages are worded by a function for users alone.
fn tells_of_the_user(error: &Error) -> bool {
    let is_of_the_user = matches!(
        error,
        Error::UserNotFoundForClient
            | Error::UserDisabled
            | Error::CannotResetPassword
            | Error::NoVerifiedContact
            | Error::OnlyAdministratorResets
            | Error::AttemptLimit
    );
    is_of_the_user || error.is_of_trigger()
}

/// Whose reset code goes where, counted against what that address may get.
async fn reset_address<'a>(
    app: &App,
    pool: &UserPool,
    found: Option<&'a User>,
) -> Result<(&'a User, Contact, &'a str)> {
    let user = found.ok_or(Error::UserNotFoundForClient)?;
    let (contact, address) = recovery_contact(app, pool, user).await?;
    code::count_message_to(app, pool, address, app.clock.now()).await?;
    Ok((user, contact, address))
}

/// Notes that a reset code was said to be on its way although none was.
const SIMULATED: &str = "simulated reset code";

/// Where most users of a pool would be sent a reset code: what an unknown one is answered with.
fn likely_contact(app: &App, pool: &UserPool) -> Contact {
    let order = recovery_order(app, pool).unwrap_or_default();
    let verified = |contact: &&Contact| pool.settings.auto_verified_attributes.contains(contact);
    order.iter().find(verified).or(order.first()).copied().unwrap_or(Contact::Email)
}

/// Whether there is a way for a pool's users to reset their passwords themselves.
pub fn can_recover(app: &App, pool: &UserPool) -> bool {
    recovery_order(app, pool).is_ok_and(|order| !order.is_empty())
}

/// The addresses a reset may go to, best first.
fn recovery_order(app: &App, pool: &UserPool) -> Result<Vec<Contact>> {
    let legacy = [RecoveryOption::VerifiedPhoneNumber, RecoveryOption::VerifiedEmail];
    let options = pool.settings.account_recovery.as_deref().unwrap_or(&legacy);
    let contact = |option: &RecoveryOption| match option {
        RecoveryOption::VerifiedEmail => Ok(Contact::Email),
        RecoveryOption::VerifiedPhoneNumber => Ok(Contact::PhoneNumber),
        RecoveryOption::AdminOnly => Err(Error::OnlyAdministratorResets),
    };
    let mut order = options.iter().map(contact).collect::<Result<Vec<_>>>()?;
    order.retain(|contact| app.reaches(pool, *contact));
    Ok(order)
}

/// Where this user's reset code goes: never where a code for their second factor would, which would then be no second one
/// (MFA-1).
async fn recovery_contact<'a>(app: &App, pool: &UserPool, user: &'a User) -> Result<(Contact, &'a str)> {
    if !user.enabled {
        return Err(Error::UserDisabled);
    }
    if matches!(user.status, UserStatus::ForceChangePassword | UserStatus::ExternalProvider) {
        return Err(Error::CannotResetPassword);
    }
    let verified = |contact: &Contact| user.is_verified(*contact);
    let second = demand::contacts_of_factors(app, pool, user).await?;
    let order = recovery_order(app, pool)?.into_iter().filter(verified);
    let order = order.filter(|contact| !second.contains(contact));
    let mut addresses =
        order.filter_map(|contact| Some((contact, user.attributes.get(contact.attribute())?.as_str())));
    addresses.next().ok_or(Error::NoVerifiedContact)
}

/// Demands a new password of a user, for an administrator: every session ends, the old password signs nobody in, and a
/// code goes to a verified address (COD-2, TOK-7).
///
/// # Errors
/// [`Error::UserNotFound`], [`Error::CannotResetPassword`], [`Error::NoVerifiedContact`], [`Error::AttemptLimit`].
pub async fn admin_reset(app: &App, pool: &UserPool, caller: &Caller<'_>, username: &str) -> Result<()> {
    let now = app.clock.now();
    let user = find(app, pool, username).await?;
    if user.status == UserStatus::Unconfirmed {
        return Err(Error::CannotResetPassword);
    }
    let (contact, address) = recovery_contact(app, pool, &user).await?;
    code::count_message_to(app, pool, address, now).await?;
    let issued = reset_code(app, pool, caller, &user, (contact, address)).await?;
    let demanded = user::require_reset(&app.db, pool, user.id, &issued.code, &issued.message, now).await;
    demanded.map_err(|error| match error {
        cognate_store::Error::Stale => Error::CannotResetPassword,
        other => other.into(),
    })?;
    app.caches.forget_user(&pool.id, user.id).await;
    app.outbox.notify_one();
    Ok(())
}

/// A new password with the code that entitles to it.
pub struct ConfirmForgot {
    /// Whose password.
    pub username: String,
    /// The code they got.
    pub code: String,
    /// The new password.
    pub password: SecretString,
    /// Proof of the client's secret.
    pub secret_hash: Option<String>,
}

/// Sets a new password by code. Every session ends (TOK-7).
///
/// # Errors
/// [`Error::PasswordPolicy`], [`Error::UserNotFoundForClient`], [`Error::UserNotConfirmed`], or the code's.
pub async fn confirm_forgot(app: &App, context: &ClientContext, request: ConfirmForgot) -> Result<()> {
    code::level(context.hides_users(), confirm_forgot_now(app, context, request)).await
}

async fn confirm_forgot_now(app: &App, context: &ClientContext, request: ConfirmForgot) -> Result<()> {
    let now = app.clock.now();
    let (pool, client) = (&context.pool, &context.client);
    secret_hash::check(context, Hashed::SignUp(&request.username), request.secret_hash.as_deref())?;
    password_policy::check(&pool.settings.password_policy, request.password.expose_secret())?;
    leaked_password::check(app, pool, client, PasswordEvent::PasswordChange, &request.password).await?;
    let Some((user, _)) = look_up(app, pool, &request.username).await? else {
        return Err(refuse_unknown(app, context, &request.username).await?);
    };
    let checked = code::check(app, pool, &user, Purpose::ResetPassword, &request.code, now).await;
    let proven = match checked {
        // A user without an address to send to was answered as if a code were on its way.
        Err(Error::ExpiredCode) if context.hides_users() => {
            return Err(as_if_sent(app, context, user.id.as_uuid()).await?);
        }
        Err(error @ (Error::WrongCode | Error::ExpiredCode)) => {
            auth_event::note(
                app,
                pool,
                user.id,
                EventKind::ForgotPassword,
                EventResponse::Fail,
                &context.origin,
            );
            return Err(error);
        }
        other => other?,
    };
    may_reset_by_code(&user, &proven)?;
    refuse_used(app, pool, &user, &request.password).await?;
    let password = app.hasher.new_password(&pool.id, &user.username, &request.password, None).await?;
    let change = PasswordChange {
        status: Some(UserStatus::Confirmed),
        remembered: remembered(pool),
        ..PasswordChange::new(Proof::Code(&proven.digest), password)
    };
    let changed = password::change(&app.db, pool, user.id, &change, app.clock.now()).await;
    changed.map_err(|error| match error {
        cognate_store::Error::Stale => Error::ExpiredCode,
        other => other.into(),
    })?;
    app.caches.forget_user(&pool.id, user.id).await;
    auth_event::note(app, pool, user.id, EventKind::ForgotPassword, EventResponse::Pass, &context.origin);
    let confirmed = User { status: UserStatus::Confirmed, ..user };
    let source = "PostConfirmation_ConfirmForgotPassword";
    trigger::post_confirmation(app, pool, &Caller::of(context), source, (&confirmed).into()).await
}

/// Whether a right code may still set a password: the address it went to must be the user's and proven, and the user in
/// a state that codes are for.
fn may_reset_by_code(user: &User, proven: &Proven) -> Result<()> {
    let is = |name: &str, value: &str| user.attributes.get(name).is_some_and(|it| it == value);
    if !is(&proven.attribute, &proven.destination) || !is(&format!("{}_verified", proven.attribute), "true") {
        return Err(Error::ExpiredCode);
    }
    match user.status {
        _ if !user.enabled => Err(Error::UserDisabled),
        UserStatus::Unconfirmed => Err(Error::UserNotConfirmed),
        UserStatus::ForceChangePassword | UserStatus::ExternalProvider => Err(Error::CannotResetPassword),
        UserStatus::Confirmed | UserStatus::ResetRequired => Ok(()),
    }
}

/// How a guess for a name that nobody has is refused: like one for a user, counted guesses and all.
async fn refuse_unknown(app: &App, context: &ClientContext, username: &str) -> Result<Error> {
    if !context.hides_users() {
        return Ok(Error::UserNotFoundForClient);
    }
    let subject = stand_in(&context.pool, username);
    code::count_guess(app, &context.pool, subject, Purpose::ResetPassword, app.clock.now()).await?;
    as_if_sent(app, context, subject).await
}

/// A wrong code where one was asked for of late, an expired one otherwise.
async fn as_if_sent(app: &App, context: &ClientContext, subject: uuid::Uuid) -> Result<Error> {
    let asked = attempt::current(&app.db, &context.pool.id, subject, SIMULATED, app.clock.now()).await?;
    Ok(if asked > 0 { Error::WrongCode } else { Error::ExpiredCode })
}
