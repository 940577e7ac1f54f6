//! What administrators do with users.

use chrono::Duration;
use cognate_store::message::{Medium, MessageBody, NewMessage, Occasion};
use cognate_store::password::{self, PasswordChange, Proof};
use cognate_store::user::{self, Attributes, NewUser};
use cognate_store::user_pool::Contact;
use cognate_store::{Timestamp, User, UserId, UserPool, UserStatus};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::password::{refuse_used, remembered};
use super::{attribute, code, find, look_up, sign_up, username};
use crate::auth::choice;
use crate::trigger::{Caller, Subject};
use crate::user_pool::password_policy;
use crate::{App, Error, Result, trigger};

/// A user as an administrator wants them.
#[derive(Debug)]
pub struct CreateUser {
    /// Their `sub`; a random one otherwise.
    pub id: Option<UserId>,
    /// Their username, or the address that serves as one.
    pub username: String,
    /// A temporary password; a random one otherwise.
    pub temporary_password: Option<SecretString>,
    /// Their attributes.
    pub attributes: Attributes,
    /// How they hear of it; nobody is told where this is empty.
    pub invite_by: Vec<Medium>,
    /// Takes aliases away from whoever has them.
    pub force_alias_creation: bool,
}

/// Creates a user with a temporary password, and queues their invitation. Where users may begin with a code, one for whom no
/// password is given has none, and nothing to be told.
///
/// # Errors
/// [`Error::AccountExists`], [`Error::AddressTaken`], [`Error::AliasTaken`], [`Error::PasswordPolicy`], or what is wrong
/// with the attributes.
pub async fn create(app: &App, pool: &UserPool, caller: &Caller<'_>, request: CreateUser) -> Result<User> {
    let now = app.clock.now();
    let id = request.id.unwrap_or_else(UserId::random);
    let names = username::of_new_user(&pool.settings, id, &request.username, request.attributes)?;
    let attributes = attribute::conform(&pool.settings, names.attributes)?;
    let without_password = request.temporary_password.is_none() && choice::takes_codes(pool);
    let temporary = match without_password {
        true => None,
        false => Some(temporary_password(pool, request.temporary_password)?),
    };
    // Before the work of hashing; the constraint decides when it is saved.
    if look_up(app, pool, &names.username).await?.is_some() {
        return Err(Error::AccountExists);
    }
    // What it says of confirming and verifying is for those who sign up themselves.
    let source = "PreSignUp_AdminCreateUser";
    trigger::pre_sign_up(app, pool, caller, source, &names.username, &attributes).await?;
    let plain = pool.settings.username_attributes.is_empty();
    let shown = if plain { &names.username } else { &request.username };
    let (status, password, messages) = match &temporary {
        Some(temporary) => {
            let status = UserStatus::ForceChangePassword;
            let subject = Subject { name: &names.username, user: Some((id, status, &attributes)) };
            let whom = Invited { shown, subject, attributes: &attributes };
            let messages = invitations(app, pool, caller, whom, temporary, &request.invite_by, now).await?;
            let expires_at = Some(expiry(pool, now));
            let password = app.hasher.new_password(&pool.id, &names.username, temporary, expires_at).await?;
            (UserStatus::ForceChangePassword, Some(password), messages)
        }
        None => (UserStatus::Confirmed, None, Vec::new()),
    };

    let new = NewUser {
        id,
        username: names.username,
        status,
        attributes,
        names: names.login,
        password,
        code: None,
        messages,
        // An address that is somebody's username is never taken from them.
        take_aliases: request.force_alias_creation && pool.settings.username_attributes.is_empty(),
    };
    let created = user::create(&app.db, pool, &new, now).await;
    created.map_err(|error| sign_up::taken(pool, error, Error::AccountExists))?;
    app.outbox.notify_one();
    Ok(User {
        id,
        username: new.username,
        status: new.status,
        enabled: true,
        attributes: new.attributes,
        session_epoch: 0,
        kept_session: None,
        created_at: now,
        updated_at: now,
    })
}

/// Gives a user who never came a new temporary password, and invites them again.
///
/// # Errors
/// [`Error::UserNotFound`], [`Error::CannotResendInvitation`].
pub async fn invite_again(
    app: &App,
    pool: &UserPool,
    caller: &Caller<'_>,
    username: &str,
    temporary_password_given: Option<SecretString>,
    invite_by: &[Medium],
) -> Result<User> {
    let now = app.clock.now();
    let (user, kept) = look_up(app, pool, username).await?.ok_or(Error::UserNotFound)?;
    let kept = kept.filter(|_| user.status == UserStatus::ForceChangePassword);
    let kept = kept.ok_or_else(|| Error::CannotResendInvitation(username.to_owned()))?;
    // The name the user knows, where the address is the username.
    let contact = pool.settings.username_attributes.iter().find_map(|it| user.attributes.get(it.attribute()));
    let shown = contact.unwrap_or(&user.username).clone();
    let temporary = temporary_password(pool, temporary_password_given)?;
    let whom = Invited { shown: &shown, subject: (&user).into(), attributes: &user.attributes };
    let messages = invitations(app, pool, caller, whom, &temporary, invite_by, now).await?;
    let password =
        app.hasher.new_password(&pool.id, &user.username, &temporary, Some(expiry(pool, now))).await?;
    // Unless the user has just answered the first invitation.
    let change = PasswordChange {
        messages,
        remembered: remembered(pool),
        ..PasswordChange::new(Proof::Password(kept.changed_at), password)
    };
    password::change(&app.db, pool, user.id, &change, app.clock.now()).await?;
    app.caches.forget_user(&pool.id, user.id).await;
    app.outbox.notify_one();
    Ok(user)
}

/// Sets a user's password: for good, or as a temporary one. Every session ends (TOK-7).
///
/// # Errors
/// [`Error::UserNotFound`], [`Error::PasswordPolicy`].
pub async fn set_password(
    app: &App,
    pool: &UserPool,
    username: &str,
    password: &SecretString,
    permanent: bool,
) -> Result<()> {
    let user = find(app, pool, username).await?;
    password_policy::check(&pool.settings.password_policy, password.expose_secret())?;
    if permanent {
        refuse_used(app, pool, &user, password).await?;
    }
    let expires_at = (!permanent).then(|| expiry(pool, app.clock.now()));
    let password = app.hasher.new_password(&pool.id, &user.username, password, expires_at).await?;
    let status = if permanent { UserStatus::Confirmed } else { UserStatus::ForceChangePassword };
    let change = PasswordChange {
        status: Some(status),
        remembered: remembered(pool),
        ..PasswordChange::new(Proof::Administrator, password)
    };
    let changed = password::change(&app.db, pool, user.id, &change, app.clock.now()).await;
    changed.map_err(|error| match error {
        cognate_store::Error::Stale => Error::UserNotFound,
        other => other.into(),
    })?;
    app.caches.forget_user(&pool.id, user.id).await;
    Ok(())
}

/// Confirms a user who signed up, without a code.
///
/// # Errors
/// [`Error::UserNotFound`], [`Error::CannotConfirm`].
pub async fn confirm(app: &App, pool: &UserPool, caller: &Caller<'_>, username: &str) -> Result<()> {
    let user = find(app, pool, username).await?;
    if user.status != UserStatus::Unconfirmed {
        return Err(Error::CannotConfirm(user.status));
    }
    let confirmed = user::confirm_by_administrator(&app.db, &pool.id, user.id, app.clock.now()).await;
    confirmed.map_err(|error| match error {
        // Somebody else did at the same moment.
        cognate_store::Error::Stale => Error::CannotConfirm(UserStatus::Confirmed),
        other => other.into(),
    })?;
    app.caches.forget_user(&pool.id, user.id).await;
    let confirmed = User { status: UserStatus::Confirmed, ..user };
    trigger::post_confirmation(app, pool, caller, sign_up::CONFIRMED, (&confirmed).into()).await
}

/// Lets a user sign in again, or no longer; then their sessions end too (TOK-7).
///
/// # Errors
/// [`Error::UserNotFound`].
pub async fn set_enabled(app: &App, pool: &UserPool, username: &str, enabled: bool) -> Result<()> {
    let user = find(app, pool, username).await?;
    if !user::set_enabled(&app.db, &pool.id, user.id, enabled, app.clock.now()).await? {
        return Err(Error::UserNotFound);
    }
    app.caches.forget_user(&pool.id, user.id).await;
    Ok(())
}

/// Deletes a user and all that belongs to them.
///
/// # Errors
/// [`Error::UserNotFound`].
pub async fn delete(app: &App, pool: &UserPool, username: &str) -> Result<()> {
    let user = find(app, pool, username).await?;
    super::delete(app, pool, user.id).await
}

fn temporary_password(pool: &UserPool, given: Option<SecretString>) -> Result<SecretString> {
    let policy = &pool.settings.password_policy;
    match given.filter(|password| !password.expose_secret().is_empty()) {
        Some(password) => {
            password_policy::check(policy, password.expose_secret())?;
            Ok(password)
        }
        None => Ok(password_policy::generate(policy)?.into()),
    }
}

fn expiry(pool: &UserPool, now: Timestamp) -> Timestamp {
    now + Duration::days(i64::from(pool.settings.password_policy.temporary_password_validity_days))
}

/// Whom an invitation is for.
struct Invited<'a> {
    /// The name that they know themselves by.
    shown: &'a str,
    subject: Subject<'a>,
    attributes: &'a Attributes,
}

/// The invitations for the media whose address the user has.
async fn invitations(
    app: &App,
    pool: &UserPool,
    caller: &Caller<'_>,
    whom: Invited<'_>,
    temporary: &SecretString,
    media: &[Medium],
    now: Timestamp,
) -> Result<Vec<NewMessage>> {
    let contacts = [Contact::Email, Contact::PhoneNumber].into_iter();
    let wanted =
        contacts.filter(|contact| media.contains(&code::medium(*contact)) && app.reaches(pool, *contact));
    let addressed = wanted.filter_map(|contact| Some((contact, whom.attributes.get(contact.attribute())?)));
    let mut invitations = Vec::new();
    for (contact, address) in addressed {
        let body = MessageBody {
            occasion: Occasion::Invitation,
            medium: code::medium(contact),
            destination: address.clone(),
            username: whom.shown.to_owned(),
            code: temporary.expose_secret().to_owned(),
            client: None,
            site: None,
            languages: whom.subject.languages(caller.origin),
            notice: None,
            words: None,
            page_words: None,
            event: None,
        };
        let mut message = NewMessage { id: Uuid::now_v7(), body, expires_at: expiry(pool, now) };
        trigger::see_to(app, pool, caller, whom.subject, &mut message).await?;
        invitations.push(message);
    }
    Ok(invitations)
}
