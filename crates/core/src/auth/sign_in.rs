//! Signing in with a password, and the new password that a temporary one demands.

use cognate_store::challenge_session::SpentSession;
use cognate_store::password::{self, Password, PasswordChange, Proof};
use cognate_store::user::Attributes;
use cognate_store::user_pool::Trigger;
use cognate_store::{Constraint, Timestamp, User, UserStatus};
use secrecy::{ExposeSecret as _, SecretString};

use super::challenge::{self, ChallengeSession, Step};
use super::second_factor::{self, MfaSetup, SoftwareTokenMfa};
use super::{Flow, guess};
use crate::app_client::{ClientContext, Hashed, secret_hash, settings};
use crate::token::Tokens;
use crate::user::password::{refuse_used, remembered};
use crate::user::{attribute, look_up, stand_in, username};
use crate::user_pool::password_policy;
use crate::{App, Error, Result, name, trigger};

/// What a step of signing in leads to.
#[derive(Debug)]
pub enum SignIn {
    /// The user is in.
    Done(Tokens),
    /// The password was a temporary one.
    NewPasswordRequired(NewPasswordRequired),
    /// A code of the user's authenticator app is wanted.
    SoftwareTokenMfa(SoftwareTokenMfa),
    /// A second factor must be set up.
    MfaSetup(MfaSetup),
}

/// What a client needs to ask for a new password.
#[derive(Debug)]
pub struct NewPasswordRequired {
    /// The token that the answer must carry.
    pub session: SecretString,
    /// The user's real username.
    pub username: String,
    /// The attributes the user must add.
    pub required: Vec<String>,
    /// The attributes the user has.
    pub attributes: Attributes,
}

/// Name and password.
#[derive(Debug)]
pub struct Credentials {
    /// Username, alias or address.
    pub username: String,
    /// Password.
    pub password: SecretString,
    /// Proof of the client's secret.
    pub secret_hash: Option<String>,
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
    secret_hash::check(client, Hashed::SignIn(name), credentials.secret_hash.as_deref())?;
    trigger::none_of(pool, &trigger::SIGN_IN)?;
    let Some((user, kept)) = look_up(app, pool, name).await? else {
        if !context.hides_users() {
            trigger::none_of(pool, &[Trigger::UserMigration])?;
            return Err(Error::UserNotFound);
        }
        guess::check(app, pool, stand_in(pool, name), &credentials.password, None).await?;
        return Err(Error::WrongPassword);
    };
    let checked = guess::check(app, pool, user.id.as_uuid(), &credentials.password, kept.as_ref()).await;
    checked.map_err(|error| if kept.is_none() { without_password(context, &user, error) } else { error })?;
    let kept = kept.ok_or(Error::WrongPassword)?;
    proven(app, context, &user, &kept, None).await
}

/// What a user without a password is told instead of an error. Who was imported without one has none to prove, and learns
/// only this way that one is to be set: not where the client hides who exists.
pub(super) fn without_password(context: &ClientContext, user: &User, error: Error) -> Error {
    let must_set = user.enabled && user.status == UserStatus::ResetRequired && !context.hides_users();
    if must_set && matches!(error, Error::WrongPassword) { Error::PasswordResetRequired } else { error }
}

/// What follows a password that was proven, in a handshake that is spent with it if there was one.
///
/// # Errors
/// What the user's state says; [`Error::WrongPassword`] when the handshake is spent already.
pub(super) async fn proven(
    app: &App,
    context: &ClientContext,
    user: &User,
    kept: &Password,
    handshake: Option<&SpentSession>,
) -> Result<SignIn> {
    let (pool, now) = (&context.pool, app.clock.now());
    let state = may_sign_in(context, user, kept, now);
    if state.is_ok() && user.status != UserStatus::ForceChangePassword {
        let outcome = second_factor::after_password(app, context, user, kept.changed_at, handshake).await;
        if outcome.is_err() {
            // The guess was right, whatever came after it.
            password::guess::release(&app.db, &pool.id, user.id.as_uuid()).await?;
        }
        return outcome;
    }
    guess::succeeded(app, pool, user.id, handshake).await?;
    state?;
    let session = ChallengeSession::new(context, user.id, Step::NewPassword, kept.changed_at, now);
    Ok(SignIn::NewPasswordRequired(NewPasswordRequired {
        session: session.seal(pool)?,
        username: user.username.clone(),
        required: attribute::missing_required(&pool.settings, &user.attributes).map(str::to_owned).collect(),
        attributes: user.attributes.clone(),
    }))
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

/// An answer to [`SignIn::NewPasswordRequired`].
#[derive(Debug)]
pub struct NewPassword {
    /// The token of the challenge.
    pub session: SecretString,
    /// Who answers; must be the user of the session.
    pub username: String,
    /// The new password.
    pub password: SecretString,
    /// Attributes the user adds.
    pub attributes: Attributes,
    /// Proof of the client's secret.
    pub secret_hash: Option<String>,
}

/// Takes the new password, confirms the user and signs them in.
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`], [`Error::PasswordPolicy`], or what is
/// wrong with the attributes. A refused answer leaves the session usable.
pub async fn new_password(app: &App, context: &ClientContext, answer: NewPassword) -> Result<SignIn> {
    let now = app.clock.now();
    let (pool, client) = (&context.pool, &context.client);
    secret_hash::check(client, Hashed::SignIn(&answer.username), answer.secret_hash.as_deref())?;
    trigger::none_of(pool, &trigger::SIGN_IN)?;
    let session = challenge::open(app, context, &answer.session, Step::NewPassword, now).await?;
    let found = look_up(app, pool, &answer.username).await?.filter(|(user, _)| user.id == session.user);
    let (user, _) = found.ok_or(Error::InvalidSession)?;
    if !user.enabled {
        return Err(Error::UserDisabled);
    }
    second_factor::can_be_met(app, pool, user.id).await?;
    password_policy::check(&pool.settings.password_policy, answer.password.expose_secret())?;
    refuse_used(app, pool, &user, &answer.password).await?;
    let added = added_attributes(context, &user, answer.attributes)?;
    let mut attributes = user.attributes.clone();
    attributes.extend(added.clone());
    let held = username::in_force(&pool.settings, &user.attributes);
    let in_force = username::in_force(&pool.settings, &attributes);
    let names: Vec<_> = in_force.into_iter().filter(|name| !held.contains(name)).collect();
    username::check(&pool.settings, &names)?;

    let password = app.hasher.new_password(&pool.id, &user.username, &answer.password, None).await?;
    let spent = session.spent();
    let change = PasswordChange {
        status: Some(UserStatus::Confirmed),
        remembered: remembered(pool),
        user_as_of: Some(user.updated_at),
        attributes: added,
        names,
        ..PasswordChange::new(Proof::Challenge(session.password_changed_at, &spent), password)
    };
    let now = app.clock.now();
    let changed = password::change(&app.db, pool, user.id, &change, now).await;
    changed.map_err(|error| match error {
        cognate_store::Error::Stale => Error::UsedSession,
        cognate_store::Error::Refused(Constraint::AliasTaken(alias)) => Error::AliasTaken(alias.attribute()),
        other => other.into(),
    })?;
    app.caches.forget_user(&pool.id, user.id).await;

    let found = look_up(app, pool, &user.id.to_string()).await?;
    let (user, kept) = found.ok_or(Error::UserNotFound)?;
    let kept = kept.ok_or(Error::WrongPassword)?;
    second_factor::after_password(app, context, &user, kept.changed_at, None).await
}

/// The attributes that come with a new password: all that are missing, none that are there already.
fn added_attributes(context: &ClientContext, user: &User, added: Attributes) -> Result<Attributes> {
    let settings = &context.pool.settings;
    if let Some(name) = added.keys().find(|name| user.attributes.contains_key(*name)) {
        return Err(Error::AttributeAlreadyProvided(name.clone()));
    }
    // What cannot change is settable only when the user is created; what is required and missing must come now.
    let fixed = |name: &String| settings.attribute(name).is_some_and(|it| !it.mutable && !it.required);
    if added.keys().any(fixed) {
        return Err(Error::AttributeNotWritable);
    }
    attribute::check_writable(settings, &context.client, &added)?;
    let added = attribute::conform(settings, added)?;
    let mut all = user.attributes.clone();
    all.extend(added.clone());
    match attribute::missing_required(settings, &all).next() {
        Some(missing) => Err(Error::invalid(format!("Invalid attributes given, {missing} is missing"))),
        None => Ok(added),
    }
}
