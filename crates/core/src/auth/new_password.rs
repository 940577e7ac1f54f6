//! The new password that a temporary one demands.

use cognate_store::password::{self, PasswordChange, Proof};
use cognate_store::user::Attributes;
use cognate_store::user_pool::PasswordEvent;
use cognate_store::{Constraint, User, UserStatus};
use secrecy::{ExposeSecret as _, SecretString};

use super::challenge::{self, Answer, Step};
use super::next::{self, FirstFactor};
use super::{Proven, SignIn};
use crate::app_client::ClientContext;
use crate::user::attribute::{self, Misfit};
use crate::user::password::{refuse_used, remembered};
use crate::user::{look_up, username};
use crate::user_pool::password_policy;
use crate::{App, Error, Result, leaked_password};

/// Takes the new password, confirms the user and signs them in.
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`], [`Error::PasswordPolicy`], or what is
/// wrong with the attributes. A refused answer leaves the session usable.
pub async fn set(
    app: &App,
    context: &ClientContext,
    answer: Answer,
    password: SecretString,
    attributes: Attributes,
) -> Result<SignIn> {
    let pool = &context.pool;
    let (session, user) =
        challenge::answered(app, context, &answer, |step| matches!(step, Step::NewPassword)).await?;
    // What could not be finished is not begun.
    let mut ahead = session.proven.clone();
    next::check_ahead(app, context, &user, session.device(context), &mut ahead).await?;
    password_policy::check(&pool.settings.password_policy, password.expose_secret())?;
    leaked_password::check(app, pool, &context.client, PasswordEvent::PasswordChange, &password).await?;
    refuse_used(app, pool, &user, &password).await?;
    let added = added_attributes(context, &user, attributes)?;
    let mut attributes = user.attributes.clone();
    attributes.extend(added.clone());
    let held = username::in_force(&pool.settings, &user.attributes);
    let in_force = username::in_force(&pool.settings, &attributes);
    let names: Vec<_> = in_force.into_iter().filter(|name| !held.contains(name)).collect();
    username::check(&pool.settings, &names)?;

    let password = app.hasher.new_password(&pool.id, &user.username, &password, None).await?;
    let spent = session.spent();
    let proven_at = session.proven.password_changed_at.ok_or(Error::InvalidSession)?;
    let change = PasswordChange {
        status: Some(UserStatus::Confirmed),
        remembered: remembered(pool),
        user_as_of: Some(user.updated_at),
        attributes: added,
        names,
        ..PasswordChange::new(Proof::Challenge(proven_at, &spent), password)
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
    let (proven, device) = (Proven::password(&user, kept.changed_at), session.device(context));
    let mut proven = proven.towards(ahead.step_up);
    proven.judgement = ahead.judgement;
    proven.new_password = true;
    // The session was spent with the change, which forgot the guesses.
    let first = FirstFactor::settled(proven, device, None);
    next::after_first_factor(app, context, &user, first).await
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
        Some(missing) => {
            let message = format!("Invalid attributes given, {missing} is missing");
            Err(Error::unfit(missing, Misfit::Missing, message))
        }
        None => Ok(added),
    }
}
