//! Signing up, confirming it with a code, and asking for another code.

use chrono::Duration;
use cognate_store::auth_event::{EventKind, EventResponse};
use cognate_store::message::Occasion;
use cognate_store::user::{self, Attributes, Confirmation, NewUser};
use cognate_store::user_pool::{Alias, Contact, MfaRequirement, PasswordEvent, Trigger};
use cognate_store::verification_code::Purpose;
use cognate_store::{Constraint, User, UserId, UserPool, UserStatus};
use secrecy::{ExposeSecret as _, SecretString};

use super::attribute::{self, Misfit};
use super::code::{self, Delivery, Recipient};
use super::pool_budget::{self, Cause};
use super::{look_up, stand_in, username};
use crate::app_client::{ClientContext, Door, Hashed, secret_hash, settings};
use crate::auth::challenge::{self, ChallengeSession, Step};
use crate::auth::{Flow, Method, Proven, choice};
use crate::trigger::{Caller, PreSignUp, Subject};
use crate::user_pool::password_policy;
use crate::{App, Error, Result, auth_event, leaked_password, trigger};

/// A request to sign up.
#[derive(Debug)]
pub struct SignUp {
    /// The name the user wants.
    pub username: String,
    /// The password the user wants.
    pub password: Option<SecretString>,
    /// What the user says about themselves.
    pub attributes: Attributes,
    /// Proof of the client's secret.
    pub secret_hash: Option<String>,
}

/// A user who signed up.
#[derive(Debug)]
pub struct SignedUp {
    /// Their `sub`.
    pub user: UserId,
    /// Whether the pool's function confirmed them at once.
    pub is_confirmed: bool,
    /// Where the code went; none where nothing is verified.
    pub delivery: Option<Delivery>,
    /// What confirming takes, so that it signs the user in: at the pages, or where the client's users may choose how to.
    pub session: Option<SecretString>,
}

/// Registers a user and queues their confirmation code.
///
/// # Errors
/// What is wrong with the request, in the order of the checks below; [`Error::UsernameTaken`], [`Error::AddressTaken`].
pub async fn sign_up(app: &App, context: &ClientContext, request: SignUp) -> Result<SignedUp> {
    let now = app.clock.now();
    let (pool, client) = (&context.pool, &context.client);
    secret_hash::check(context, Hashed::SignUp(&request.username), request.secret_hash.as_deref())?;
    if pool.settings.admin_create_user.only_administrators {
        return Err(Error::SignUpNotPermitted);
    }
    let id = UserId::random();
    let names = username::of_new_user(&pool.settings, id, &request.username, request.attributes)?;
    let password = request.password.filter(|password| !password.expose_secret().is_empty());
    match &password {
        Some(password) => {
            password_policy::check(&pool.settings.password_policy, password.expose_secret())?;
            leaked_password::check(app, pool, client, PasswordEvent::SignUp, password).await?;
        }
        None if choice::takes_codes(pool) => {}
        None => return Err(Error::unfit(attribute::PASSWORD, Misfit::Missing, "Password is required.")),
    }
    attribute::check_writable(&pool.settings, client, &names.attributes)?;
    if pool.settings.alias_attributes.contains(&Alias::PreferredUsername)
        && names.attributes.contains_key("preferred_username")
    {
        let message = "preferred_username cannot be set at sign-up where it is an alias.";
        return Err(Error::unfit("preferred_username", Misfit::Fixed, message));
    }
    let attributes = attribute::conform(&pool.settings, names.attributes)?;
    attribute::check_required(&pool.settings, &attributes)?;

    // Before the work of hashing; the constraint decides when it is saved.
    if pool.settings.username_attributes.is_empty() && look_up(app, pool, &names.username).await?.is_some() {
        return Err(Error::UsernameTaken);
    }
    let caller = Caller::of(context);
    let said =
        trigger::pre_sign_up(app, pool, &caller, "PreSignUp_SignUp", &names.username, &attributes).await?;
    let attributes = verified_by(&said, attributes)?;
    let status = if said.confirm_user { UserStatus::Confirmed } else { UserStatus::Unconfirmed };
    let subject = Subject { name: &names.username, user: Some((id, status, &attributes)) };
    let to_verify = code::contact_to_verify(app, pool, &attributes);
    let issued = match to_verify.filter(|_| !said.confirm_user) {
        Some((contact, address)) => {
            code::count_message_to(app, pool, address, now).await?;
            pool_budget::count(app, pool, Cause::Anybody, now).await?;
            let recipient = Recipient { id, username: &names.username, contact, address, subject };
            let occasion = Occasion::SignUp;
            Some(code::issue(app, pool, &caller, &recipient, Purpose::SignUp, occasion, now).await?)
        }
        None => None,
    };
    let mut login = names.login;
    for name in username::in_force(&pool.settings, &attributes) {
        if login.iter().all(|it| it.name != name.name) {
            login.push(name);
        }
    }
    let password = match password {
        Some(password) => Some(app.hasher.new_password(&pool.id, &names.username, &password, None).await?),
        None => None,
    };

    let (code, messages, delivery) = match issued {
        Some(issued) => (Some(issued.code), vec![issued.message], Some(issued.delivery)),
        None => (None, Vec::new(), None),
    };
    let new = NewUser {
        id,
        username: names.username,
        status,
        attributes,
        names: login,
        password,
        code,
        messages,
        // The function vouches for what it has verified, as an administrator would.
        take_aliases: said.verifies() && pool.settings.username_attributes.is_empty(),
    };
    user::create(&app.db, pool, &new, now).await.map_err(|error| taken(pool, error, Error::UsernameTaken))?;
    app.outbox.notify_one();
    auth_event::note(app, pool, id, EventKind::SignUp, EventResponse::Pass, &context.origin);
    let is_confirmed = said.confirm_user;
    if is_confirmed {
        let subject = Subject { name: &new.username, user: Some((id, new.status, &new.attributes)) };
        trigger::post_confirmation(app, pool, &caller, CONFIRMED, subject).await?;
    }
    let at_pages = context.door == Door::Pages;
    let session = if !is_confirmed && (at_pages || settings::allows(&client.settings, Flow::UserAuth)) {
        // The epoch of a new user.
        let proven = Proven { epoch: Some(0), ..Proven::default() };
        let mut session = ChallengeSession::new(context, id.as_uuid(), Step::SignUp, proven, now);
        if at_pages {
            session.expires_at = session.expires_at.max(now + TO_CONFIRM);
        }
        Some(session.seal(pool)?)
    } else {
        None
    };
    Ok(SignedUp { user: id, is_confirmed, delivery, session })
}

/// How long somebody at a page may take to find the code and be signed in with it: as long as the page can be sent.
const TO_CONFIRM: Duration = Duration::hours(1);

/// What functions are told that a sign-up was confirmed by.
pub(super) const CONFIRMED: &str = "PostConfirmation_ConfirmSignUp";

/// The attributes with those proven that the pool's function vouches for.
fn verified_by(said: &PreSignUp, mut attributes: Attributes) -> Result<Attributes> {
    for (is_verified, contact) in
        [(said.verify_email, Contact::Email), (said.verify_phone_number, Contact::PhoneNumber)]
    {
        if is_verified && !attributes.contains_key(contact.attribute()) {
            return Err(Error::TriggerAnswer(Trigger::PreSignUp));
        }
        if is_verified {
            attributes.insert(contact.verified_attribute().to_owned(), "true".to_owned());
        }
    }
    Ok(attributes)
}

/// What a taken name means in this pool.
pub(super) fn taken(pool: &UserPool, error: cognate_store::Error, username_taken: Error) -> Error {
    match error {
        cognate_store::Error::Refused(Constraint::LoginNameTaken) => username_taken,
        cognate_store::Error::Refused(Constraint::AliasTaken(alias))
            if pool.settings.username_attributes.is_empty() =>
        {
            Error::AliasTaken(alias.attribute())
        }
        cognate_store::Error::Refused(Constraint::AliasTaken(alias)) => {
            Error::AddressTaken(alias.attribute())
        }
        other => other.into(),
    }
}

/// A request to confirm a sign-up.
pub struct Confirm {
    /// Who signed up.
    pub username: String,
    /// The code they got.
    pub code: String,
    /// Takes an alias away from whoever has it.
    pub force_alias_creation: bool,
    /// Proof of the client's secret.
    pub secret_hash: Option<String>,
    /// The session that signing up gave.
    pub session: Option<SecretString>,
}

/// Confirms a sign-up with its code; the address it went to is then verified. Where the session of the sign-up comes with
/// it and is still good, another one comes back, which signs the user in.
///
/// # Errors
/// [`Error::UserNotFoundForClient`], [`Error::CannotConfirm`], [`Error::AliasTaken`], the code's, or
/// [`Error::InvalidSession`].
pub async fn confirm(app: &App, context: &ClientContext, request: Confirm) -> Result<Option<SecretString>> {
    secret_hash::check(context, Hashed::SignUp(&request.username), request.secret_hash.as_deref())?;
    let accepts = |step: &Step| matches!(step, Step::SignUp);
    let session = match &request.session {
        Some(session) => match challenge::open(app, context, session, accepts, app.clock.now()).await {
            // Whoever took their time to find the code is confirmed all the same.
            Err(Error::ExpiredSession | Error::UsedSession) => None,
            opened => Some(opened?),
        },
        None => None,
    };
    let proof = LinkConfirmation { username: request.username, code: request.code };
    let confirming = confirm_now(app, context, proof, request.force_alias_creation);
    let (user, contact) = code::level(context.hides_users(), confirming).await?;
    // Where a second factor is demanded, an address alone signs nobody in.
    let requirement = context.pool.settings.mfa.requirement;
    let session = session.filter(|it| it.subject == user.as_uuid() && requirement != MfaRequirement::On);
    let Some(session) = session else { return Ok(None) };
    let proven = session.proven.and(match contact {
        Contact::Email => Method::EmailOtp,
        Contact::PhoneNumber => Method::Sms,
    });
    let next = session.after(context, Step::SignedUp, proven, app.clock.now());
    Ok(Some(next.seal(&context.pool)?))
}

/// What the link of a verification email carries.
pub struct LinkConfirmation {
    /// Who signed up.
    pub username: String,
    /// The code in the link.
    pub code: String,
}

/// Confirms a sign-up by its link. The browser that opens it has no client secret; the code is proof enough.
///
/// # Errors
/// As [`confirm`].
pub async fn confirm_by_link(app: &App, context: &ClientContext, link: LinkConfirmation) -> Result<()> {
    code::level(context.hides_users(), confirm_now(app, context, link, false)).await?;
    Ok(())
}

async fn confirm_now(
    app: &App,
    context: &ClientContext,
    request: LinkConfirmation,
    take_aliases: bool,
) -> Result<(UserId, Contact)> {
    let now = app.clock.now();
    let pool = &context.pool;
    let Some((user, _)) = look_up(app, pool, &request.username).await? else {
        if !context.hides_users() {
            return Err(Error::UserNotFoundForClient);
        }
        code::count_guess(app, pool, stand_in(pool, &request.username), Purpose::SignUp, now).await?;
        return Err(Error::ExpiredCode);
    };
    if user.status != UserStatus::Unconfirmed {
        if !context.hides_users() {
            return Err(Error::CannotConfirm(user.status));
        }
        code::count_guess(app, pool, user.id.as_uuid(), Purpose::SignUp, now).await?;
        return Err(Error::ExpiredCode);
    }
    let proven = code::check(app, pool, &user, Purpose::SignUp, &request.code, now).await?;

    let contact = [Contact::Email, Contact::PhoneNumber]
        .into_iter()
        .find(|contact| contact.attribute() == proven.attribute);
    // The code proves the address it was sent to, which must still be the user's (COD-1).
    let contact =
        contact.filter(|contact| user.attributes.get(contact.attribute()) == Some(&proven.destination));
    let contact = contact.ok_or(Error::ExpiredCode)?;
    let mut attributes = user.attributes.clone();
    attributes.insert(contact.verified_attribute().to_owned(), "true".to_owned());
    let names = username::in_force(&pool.settings, &attributes);
    let held = username::in_force(&pool.settings, &user.attributes);
    let gained: Vec<_> = names.into_iter().filter(|name| !held.contains(name)).collect();
    let confirmation = Confirmation {
        code: &proven.digest,
        verified_attribute: contact.verified_attribute(),
        names: &gained,
        take_aliases,
    };
    let confirmed = user::confirm(&app.db, &pool.id, user.id, &confirmation, now).await;
    confirmed.map_err(|error| match error {
        cognate_store::Error::Stale => Error::ExpiredCode,
        cognate_store::Error::Refused(Constraint::AliasTaken(alias)) => Error::AliasTaken(alias.attribute()),
        other => other.into(),
    })?;
    app.caches.forget_user(&pool.id, user.id).await;
    let id = user.id;
    let confirmed = User { status: UserStatus::Confirmed, attributes, ..user };
    trigger::post_confirmation(app, pool, &Caller::of(context), CONFIRMED, (&confirmed).into()).await?;
    Ok((id, contact))
}

/// Sends a new confirmation code; the older one no longer works.
///
/// # Errors
/// [`Error::UserNotFoundForClient`], [`Error::AlreadyConfirmed`], [`Error::AttemptLimit`].
pub async fn resend(
    app: &App,
    context: &ClientContext,
    username: &str,
    hash: Option<&str>,
) -> Result<Option<Delivery>> {
    code::level(context.hides_users(), resend_now(app, context, username, hash)).await
}

async fn resend_now(
    app: &App,
    context: &ClientContext,
    username: &str,
    hash: Option<&str>,
) -> Result<Option<Delivery>> {
    let now = app.clock.now();
    let pool = &context.pool;
    secret_hash::check(context, Hashed::SignUp(username), hash)?;
    let found = look_up(app, pool, username).await?.map(|(user, _)| user);
    let simulate = || {
        let verified =
            pool.settings.auto_verified_attributes.iter().filter(|contact| app.reaches(pool, **contact));
        verified.max().map(|contact| Delivery::simulated(app, pool, username, *contact))
    };
    let Some(user) = found else {
        if !context.hides_users() {
            return Err(Error::UserNotFoundForClient);
        }
        code::count_message(app, pool, stand_in(pool, username), Purpose::SignUp, now).await?;
        return Ok(simulate());
    };
    code::count_message(app, pool, user.id.as_uuid(), Purpose::SignUp, now).await?;
    if user.status != UserStatus::Unconfirmed {
        return if context.hides_users() { Ok(simulate()) } else { Err(Error::AlreadyConfirmed) };
    }
    let Some((contact, address)) = code::contact_to_verify(app, pool, &user.attributes) else {
        let refusal = Error::invalid("Auto verification not turned on.");
        return if context.hides_users() { Ok(simulate()) } else { Err(refusal) };
    };
    match code::count_message_to(app, pool, address, now).await {
        Err(Error::AttemptLimit) if context.hides_users() => return Ok(simulate()),
        counted => counted?,
    }
    let (subject, caller) = ((&user).into(), Caller::of(context));
    let recipient = Recipient { id: user.id, username: &user.username, contact, address, subject };
    let (purpose, occasion) = (Purpose::SignUp, Occasion::ResendCode);
    let issued = match code::issue(app, pool, &caller, &recipient, purpose, occasion, now).await {
        // The function is called for users alone, so what it says would tell that this is one (ENU-1).
        Err(error) if error.is_of_trigger() && context.hides_users() => return Ok(simulate()),
        issued => issued?,
    };
    user::send_code(&app.db, pool, user.id, &issued.code, &issued.message, now).await?;
    app.outbox.notify_one();
    auth_event::note(app, pool, user.id, EventKind::ResendCode, EventResponse::Pass, &context.origin);
    Ok(Some(issued.delivery))
}
