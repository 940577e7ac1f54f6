//! Users whom the pool's function brings over from elsewhere, at the moment they come.

use cognate_store::user::{self, NewUser};
use cognate_store::user_pool::Trigger;
use cognate_store::{Constraint, UserId, UserStatus};
use secrecy::SecretString;

use super::{attribute, stand_in, username};
use crate::app_client::ClientContext;
use crate::auth::guess::{self, Guesser};
use crate::{App, Error, Result, name, trigger};

/// Brings over who signs in with a name that nobody has. Each time counts as a guess at a password, which it is (LCK-1). Returns
/// whether they have to set another one.
///
/// # Errors
/// [`Error::UserNotFound`], or what the function says, where the client does not hide who exists; [`Error::WrongPassword`]
/// otherwise. [`Error::PasswordLocked`], [`Error::Busy`].
pub(crate) async fn at_sign_in(
    app: &App,
    context: &ClientContext,
    given: &str,
    password: &SecretString,
) -> Result<bool> {
    let (pool, mut refusal) = (&context.pool, None);
    let subject = stand_in(pool, given);
    let asking = async {
        match bring_over(app, context, "UserMigration_Authentication", given, Some(password)).await {
            // Whatever it answers in place of a user says that the password is not theirs.
            Err(refused) if refused.is_verdict() => {
                refusal = Some(refused);
                Ok(None)
            }
            brought => brought,
        }
    };
    match guess::counted(app, pool, Guesser::new(subject), asking, Option::is_some).await {
        Ok(status) => {
            guess::release(app, pool, subject).await?;
            Ok(status == Some(UserStatus::ResetRequired))
        }
        Err(Error::WrongPassword) if !context.hides_users() => Err(refusal.unwrap_or(Error::UserNotFound)),
        Err(error) if error.is_of_trigger() && context.hides_users() => Err(Error::WrongPassword),
        Err(error) => Err(error),
    }
}

/// Brings over who has forgotten the password of a name that nobody has; whether somebody was.
///
/// # Errors
/// What the function says, where the client does not hide who exists.
pub(crate) async fn at_reset(app: &App, context: &ClientContext, given: &str) -> Result<bool> {
    match bring_over(app, context, "UserMigration_ForgotPassword", given, None).await {
        Err(error) if error.is_of_trigger() && context.hides_users() => Ok(false),
        brought => brought.map(|status| status.is_some()),
    }
}

async fn bring_over(
    app: &App,
    context: &ClientContext,
    source: &str,
    given: &str,
    password: Option<&SecretString>,
) -> Result<Option<UserStatus>> {
    let (pool, settings) = (&context.pool, &context.pool.settings);
    let Some(found) = trigger::user_migration(app, context, source, given, password).await? else {
        return Ok(None);
    };
    let unreadable = |_| Error::TriggerAnswer(Trigger::UserMigration);
    let id = UserId::random();
    let wanted = found.username.as_deref().unwrap_or(given);
    let names = username::of_new_user(settings, id, wanted, found.attributes).map_err(unreadable)?;
    let attributes = attribute::conform(settings, names.attributes).map_err(unreadable)?;
    let asked_for = name::normalise(settings, given);
    if !names.login.iter().any(|name| name.name == asked_for) {
        return Err(Error::TriggerAnswer(Trigger::UserMigration));
    }
    // The password is theirs, whatever the policy says of new ones.
    let password = match password.filter(|_| found.is_confirmed) {
        Some(password) => Some(app.hasher.new_password(&pool.id, &names.username, password, None).await?),
        None => None,
    };
    let new = NewUser {
        id,
        username: names.username,
        status: if found.is_confirmed { UserStatus::Confirmed } else { UserStatus::ResetRequired },
        attributes,
        names: names.login,
        password,
        code: None,
        messages: Vec::new(),
        take_aliases: found.force_alias_creation && settings.username_attributes.is_empty(),
    };
    match user::create(&app.db, pool, &new, app.clock.now()).await {
        // Somebody else has just brought them over.
        Ok(()) | Err(cognate_store::Error::Refused(Constraint::LoginNameTaken)) => Ok(Some(new.status)),
        // The function gave them an address that signs somebody else in, and did not ask to take it away.
        Err(cognate_store::Error::Refused(Constraint::AliasTaken(_))) => {
            Err(Error::TriggerAnswer(Trigger::UserMigration))
        }
        Err(error) => Err(error.into()),
    }
}
