//! Changing a user's attributes, and proving addresses by code.

use cognate_store::message::Occasion;
use cognate_store::user::{self, AttributeChange, Attributes};
use cognate_store::user_pool::Contact;
use cognate_store::verification_code::{self, Purpose};
use cognate_store::{AppClient, Constraint, Timestamp, User, UserId, UserPool, UserStatus};

use super::attribute::{self, Misfit};
use super::code::{self, Delivery, Issued, Recipient};
use super::username;
use crate::token::verify::TokenHolder;
use crate::trigger::{Caller, Metadata};
use crate::{App, Error, Result};

/// Who changes attributes: a user through a client keeps to its write list, an administrator to the schema alone.
#[derive(Debug, Clone, Copy)]
pub enum Writer<'a> {
    /// The user, through a client.
    User(&'a AppClient),
    /// An administrator.
    Administrator,
}

impl Writer<'_> {
    fn is_user(self) -> bool {
        matches!(self, Self::User(_))
    }
}

/// How often a change is worked out anew because the user changed meanwhile.
const ATTEMPTS: usize = 3;

/// Changes attributes; an empty value takes one away. A new address is unproven until its code is given, unless an
/// administrator says otherwise; where the pool says so, the old one stays in force until then (COD-3). Returns where
/// codes went.
///
/// # Errors
/// [`Error::AttributeNotWritable`], [`Error::AliasTaken`], or what is wrong with the attributes.
pub async fn update(
    app: &App,
    pool: &UserPool,
    id: UserId,
    writer: Writer<'_>,
    caller: &Caller<'_>,
    changes: &Attributes,
) -> Result<Vec<Delivery>> {
    if let Writer::User(client) = writer {
        attribute::check_writable(&pool.settings, client, changes)?;
    }
    for _ in 0..ATTEMPTS {
        let now = app.clock.now();
        let user = user::get(&app.db, &pool.id, id).await?.ok_or(Error::UserNotFound)?;
        let (changes, pending) = set_apart(pool, &user, writer, changes);
        let attributes = merged(pool, &user, &changes)?;
        let mut codes = codes_for(app, pool, &user, &attributes, &changes, writer, caller).await?;
        codes.extend(codes_to_pending(app, pool, &user, &pending, writer, caller).await?);
        let deliveries = codes.iter().map(|issued| issued.delivery.clone()).collect();
        let codes = codes.into_iter().map(|issued| (issued.code, issued.message)).collect();
        let restated = pool.settings.prove_before_update.iter().map(|contact| contact.attribute());
        let restated = restated.filter(|name| changes.contains_key(*name)).collect();
        match save(app, pool, &user, attributes, restated, None, codes, now).await {
            Err(Error::ConcurrentModification) => continue,
            Err(error) => return Err(error),
            Ok(()) => return Ok(deliveries),
        }
    }
    Err(Error::Busy)
}

/// Takes attributes away.
///
/// # Errors
/// As [`update`], and [`Error::InvalidParameter`] for attributes that the schema does not have.
pub async fn delete(
    app: &App,
    pool: &UserPool,
    id: UserId,
    writer: Writer<'_>,
    caller: &Caller<'_>,
    names: Vec<String>,
) -> Result<()> {
    let unknown = names.iter().filter(|name| pool.settings.attribute(name).is_none());
    let lines: String =
        unknown.map(|name| format!("user.{name}: Attribute does not exist in the schema.\n")).collect();
    if !lines.is_empty() {
        return Err(Error::invalid(format!("Invalid user attributes: {lines}")));
    }
    let changes = names.into_iter().map(|name| (name, String::new())).collect();
    update(app, pool, id, writer, caller, &changes).await.map(|_| ())
}

/// Takes the addresses that come into force only once they are proven out of a change (COD-3). Somebody who has not
/// confirmed yet has no proven address to keep, and an administrator may vouch for the new one.
fn set_apart(
    pool: &UserPool,
    user: &User,
    writer: Writer<'_>,
    changes: &Attributes,
) -> (Attributes, Vec<(Contact, String)>) {
    let (mut now, mut pending) = (changes.clone(), Vec::new());
    for contact in pool.settings.prove_before_update.iter().copied() {
        let (address, flag) = (contact.attribute(), contact.verified_attribute());
        let vouched = matches!(writer, Writer::Administrator)
            && changes.get(flag).is_some_and(|proven| proven == "true");
        let new = changes
            .get(address)
            .filter(|new| !new.is_empty() && user.attributes.get(address) != Some(*new) && !vouched);
        if let Some(new) = new.filter(|_| user.status != UserStatus::Unconfirmed) {
            pending.push((contact, new.clone()));
            now.remove(address);
            now.remove(flag);
        }
    }
    (now, pending)
}

/// Codes to addresses that are the user's only once they are proven.
async fn codes_to_pending(
    app: &App,
    pool: &UserPool,
    user: &User,
    pending: &[(Contact, String)],
    writer: Writer<'_>,
    caller: &Caller<'_>,
) -> Result<Vec<Issued>> {
    let (mut codes, now) = (Vec::new(), app.clock.now());
    for (contact, address) in pending {
        contact_of(app, pool, contact.attribute())?;
        let proposed = Attributes::from([(contact.attribute().to_owned(), address.clone())]);
        attribute::conform(&pool.settings, proposed)?;
        let name = contact.attribute();
        if pool.settings.attribute(name).is_some_and(|it| !it.mutable) {
            let message = format!("user.{name}: Attribute cannot be updated.\n");
            return Err(Error::unfit(name, Misfit::Fixed, message));
        }
        if writer.is_user() {
            count(app, pool, user, *contact, address, now).await?;
        }
        let occasion = Occasion::UpdateAttribute;
        let issued = issue(app, pool, caller, user, (*contact, address), occasion, now).await?;
        codes.push(pending_until_proven(issued));
    }
    Ok(codes)
}

fn pending_until_proven(mut issued: Issued) -> Issued {
    issued.code.pending = true;
    issued
}

/// The attributes after a change.
fn merged(pool: &UserPool, user: &User, changes: &Attributes) -> Result<Attributes> {
    let settings = &pool.settings;
    let fixed = changes.keys().filter(|name| settings.attribute(name).is_some_and(|it| !it.mutable));
    let fixed: Vec<_> = fixed.collect();
    if let Some(first) = fixed.first() {
        let lines = fixed.iter().map(|name| format!("user.{name}: Attribute cannot be updated.\n"));
        return Err(Error::unfit(first, Misfit::Fixed, lines.collect::<String>()));
    }
    let mut attributes = user.attributes.clone();
    for (name, value) in changes {
        match value.as_str() {
            "" => attributes.remove(name),
            value => attributes.insert(name.clone(), value.to_owned()),
        };
    }
    for contact in [Contact::Email, Contact::PhoneNumber] {
        let (address, flag) = (contact.attribute(), contact.verified_attribute());
        let changed = attributes.get(address) != user.attributes.get(address);
        if !attributes.contains_key(address) {
            attributes.remove(flag);
        } else if changed && !changes.contains_key(flag) {
            attributes.insert(flag.to_owned(), "false".to_owned());
        }
    }
    // An address that is the username cannot go without another one.
    let usernames = &settings.username_attributes;
    let named =
        usernames.is_empty() || usernames.iter().any(|contact| attributes.contains_key(contact.attribute()));
    let missing = attribute::missing_required(settings, &attributes).find(|name| changes.contains_key(*name));
    match (named, missing) {
        (true, None) => attribute::conform(settings, attributes),
        (_, missing) => {
            let name = missing.or(usernames.first().map(|contact| contact.attribute())).unwrap_or_default();
            let message = format!("Invalid user attributes: user.{name}: The attribute is required\n");
            Err(Error::unfit(name, Misfit::Missing, message))
        }
    }
}

/// Codes for the addresses that are new, unproven, and verified by the pool.
async fn codes_for(
    app: &App,
    pool: &UserPool,
    user: &User,
    attributes: &Attributes,
    changes: &Attributes,
    writer: Writer<'_>,
    caller: &Caller<'_>,
) -> Result<Vec<Issued>> {
    let (mut codes, now) = (Vec::new(), app.clock.now());
    for contact in
        pool.settings.auto_verified_attributes.iter().copied().filter(|contact| app.reaches(pool, *contact))
    {
        let proven = attributes.get(contact.verified_attribute()).is_some_and(|flag| flag == "true");
        let address =
            attributes.get(contact.attribute()).filter(|_| changes.contains_key(contact.attribute()));
        let Some(address) =
            address.filter(|address| !proven && user.attributes.get(contact.attribute()) != Some(address))
        else {
            continue;
        };
        // Who has not confirmed yet does so by the one address that sign-up would have chosen.
        let confirms = code::contact_to_verify(app, pool, attributes).map(|(contact, _)| contact);
        if user.status == UserStatus::Unconfirmed && confirms != Some(contact) {
            continue;
        }
        if writer.is_user() {
            count(app, pool, user, contact, address, now).await?;
        }
        let occasion = Occasion::UpdateAttribute;
        codes.push(issue(app, pool, caller, user, (contact, address), occasion, now).await?);
    }
    Ok(codes)
}

async fn issue(
    app: &App,
    pool: &UserPool,
    caller: &Caller<'_>,
    user: &User,
    (contact, address): (Contact, &str),
    occasion: Occasion,
    now: Timestamp,
) -> Result<Issued> {
    let subject = user.into();
    let recipient = Recipient { id: user.id, username: &user.username, contact, address, subject };
    let (purpose, occasion) = match user.status {
        UserStatus::Unconfirmed => (Purpose::SignUp, Occasion::ResendCode),
        _ => (purpose(contact), occasion),
    };
    code::issue(app, pool, caller, &recipient, purpose, occasion, now).await
}

/// Counts a message that a change of attributes sends, which has no error of its own for a spent budget.
async fn count(
    app: &App,
    pool: &UserPool,
    user: &User,
    contact: Contact,
    address: &str,
    now: Timestamp,
) -> Result<()> {
    code::count_message(app, pool, user.id.as_uuid(), purpose(contact), now).await.map_err(code::busy)?;
    code::count_message_to(app, pool, address, now).await.map_err(code::busy)
}

fn purpose(contact: Contact) -> Purpose {
    match contact {
        Contact::Email => Purpose::VerifyEmail,
        Contact::PhoneNumber => Purpose::VerifyPhoneNumber,
    }
}

/// Saves attributes. Codes under way to addresses that change are void, and those to addresses that were stated again,
/// which calls a pending change off.
#[expect(clippy::too_many_arguments, reason = "what is saved together comes together")]
async fn save(
    app: &App,
    pool: &UserPool,
    user: &User,
    attributes: Attributes,
    restated: Vec<&'static str>,
    proof: Option<&[u8]>,
    codes: Vec<(cognate_store::verification_code::NewCode, cognate_store::message::NewMessage)>,
    now: Timestamp,
) -> Result<()> {
    let (old, new) = (
        username::in_force(&pool.settings, &user.attributes),
        username::in_force(&pool.settings, &attributes),
    );
    let gained: Vec<_> = new.iter().filter(|name| !old.contains(name)).cloned().collect();
    let lost = old.into_iter().filter(|name| !new.contains(name)).collect();
    username::check(&pool.settings, &gained)?;
    let addresses = [Contact::Email, Contact::PhoneNumber].map(Contact::attribute).into_iter();
    let changed =
        |name: &&str| attributes.get(*name) != user.attributes.get(*name) || restated.contains(name);
    let changed_addresses = addresses.filter(changed).map(str::to_owned).collect();
    let queued = !codes.is_empty();
    let change = AttributeChange { attributes, lost, gained, changed_addresses, proof, codes };
    let saved = user::change_attributes(&app.db, pool, user, &change, now).await;
    saved.map_err(|error| match error {
        cognate_store::Error::Refused(Constraint::AliasTaken(alias)) => Error::AliasTaken(alias.attribute()),
        other => other.into(),
    })?;
    app.caches.forget_user(&pool.id, user.id).await;
    if queued {
        app.outbox.notify_one();
    }
    Ok(())
}

/// Sends a code to an address that a signed-in user wants to prove: the one that is to become theirs, or the one they
/// have.
///
/// # Errors
/// [`Error::InvalidParameter`] for what is no address of theirs; [`Error::AttemptLimit`].
pub async fn send_code(
    app: &App,
    holder: &TokenHolder,
    metadata: &Metadata,
    attribute: &str,
) -> Result<Delivery> {
    let now = app.clock.now();
    let pool = &holder.pool;
    let contact = contact_of(app, pool, attribute)?;
    let user = user::get(&app.db, &pool.id, holder.user.id).await?.ok_or(Error::UserNotFound)?;
    let pending = verification_code::get(&app.db, &pool.id, user.id, purpose(contact)).await?;
    let pending = pending.filter(|code| code.pending && code.expires_at > now).map(|code| code.destination);
    let address = pending.as_ref().or(user.attributes.get(contact.attribute()));
    let address = address.ok_or_else(|| Error::invalid(format!("User has no {attribute} to verify.")))?;
    code::count_message(app, pool, user.id.as_uuid(), purpose(contact), now).await?;
    code::count_message_to(app, pool, address, now).await?;
    let (caller, occasion) = (holder.caller(metadata), Occasion::VerifyAttribute);
    let issued = issue(app, pool, &caller, &user, (contact, address), occasion, now).await?;
    let issued = if pending.is_some() { pending_until_proven(issued) } else { issued };
    user::send_code(&app.db, pool, user.id, &issued.code, &issued.message, now).await?;
    app.outbox.notify_one();
    Ok(issued.delivery)
}

/// Proves an address with its code; a pending address and an alias come into force with it.
///
/// # Errors
/// The code's, or [`Error::AliasTaken`].
pub async fn verify(app: &App, holder: &TokenHolder, attribute: &str, guess: &str) -> Result<()> {
    let now = app.clock.now();
    let pool = &holder.pool;
    let contact = contact_of(app, pool, attribute)?;
    let user = user::get(&app.db, &pool.id, holder.user.id).await?.ok_or(Error::UserNotFound)?;
    let proven = code::check(app, pool, &user, purpose(contact), guess, now).await?;
    // The code proves the address it was sent to, which must still be the user's, or become it now (COD-1).
    if !proven.pending && user.attributes.get(contact.attribute()) != Some(&proven.destination) {
        return Err(Error::ExpiredCode);
    }
    let mut attributes = user.attributes.clone();
    attributes.insert(contact.attribute().to_owned(), proven.destination);
    attributes.insert(contact.verified_attribute().to_owned(), "true".to_owned());
    let saved = save(app, pool, &user, attributes, Vec::new(), Some(&proven.digest), Vec::new(), now).await;
    saved.map_err(|error| match error {
        Error::ConcurrentModification => Error::ExpiredCode,
        other => other,
    })
}

/// Has an address proven that a code was answered from; it becomes the user's if it was not theirs.
///
/// # Errors
/// [`Error::AliasTaken`], [`Error::ConcurrentModification`].
pub(crate) async fn prove(
    app: &App,
    pool: &UserPool,
    user: &User,
    contact: Contact,
    address: &str,
) -> Result<()> {
    let mut attributes = user.attributes.clone();
    attributes.insert(contact.attribute().to_owned(), address.to_owned());
    attributes.insert(contact.verified_attribute().to_owned(), "true".to_owned());
    save(app, pool, user, attributes, Vec::new(), None, Vec::new(), app.clock.now()).await
}

fn contact_of(app: &App, pool: &UserPool, attribute: &str) -> Result<Contact> {
    let contact =
        [Contact::Email, Contact::PhoneNumber].into_iter().find(|contact| contact.attribute() == attribute);
    match contact {
        Some(contact) if app.reaches(pool, contact) => Ok(contact),
        _ => Err(Error::invalid(format!("{attribute} cannot be verified."))),
    }
}
