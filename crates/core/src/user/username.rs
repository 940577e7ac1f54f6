//! Usernames and the names a user signs in with, as the pool's kind has them.

use cognate_store::login_name::LoginName;
use cognate_store::user::Attributes;
use cognate_store::user_pool::{Alias, Contact};
use cognate_store::{User, UserId, UserPool, UserPoolSettings};

use super::attribute::{Misfit, USERNAME};
use super::stand_in;
use crate::{Error, Result, name};

/// A new user's names.
#[derive(Debug)]
pub(crate) struct Names {
    /// The username to show.
    pub username: String,
    /// The attributes, with the address that served as username among them.
    pub attributes: Attributes,
    /// What signs the user in from the start.
    pub login: Vec<LoginName>,
}

/// Works out a new user's names. Addresses sign in at once where they are the username; aliases only once verified.
pub(crate) fn of_new_user(
    settings: &UserPoolSettings,
    id: UserId,
    given: &str,
    mut attributes: Attributes,
) -> Result<Names> {
    let mut login = Vec::new();
    let username = if settings.username_attributes.is_empty() {
        given.to_owned()
    } else {
        let contact = contact_of(settings, given)?;
        match attributes.get(contact.attribute()) {
            Some(address) if address != given => {
                return Err(Error::invalid(format!("Username and {} do not match", contact.attribute())));
            }
            _ => attributes.insert(contact.attribute().to_owned(), given.to_owned()),
        };
        id.to_string()
    };
    login.push(LoginName { name: name::normalise(settings, &username), alias: None });
    for name in in_force(settings, &attributes) {
        // Who picks the username for preferred_username too signs in with it all the same.
        if login.iter().all(|it| it.name != name.name) {
            login.push(name);
        }
    }
    check(settings, &login)?;
    Ok(Names { username, attributes, login })
}

/// The names beside the username that sign a user with these attributes in.
pub(crate) fn in_force(settings: &UserPoolSettings, attributes: &Attributes) -> Vec<LoginName> {
    let of = |alias: Alias| {
        let name = name::normalise(settings, attributes.get(alias.attribute())?);
        Some(LoginName { name, alias: Some(alias) })
    };
    let usernames = settings.username_attributes.iter().map(|contact| Alias::from(*contact)).filter_map(of);
    let proven = |alias: &&Alias| match alias {
        Alias::PreferredUsername => true,
        Alias::Email => is_true(attributes, Contact::Email),
        Alias::PhoneNumber => is_true(attributes, Contact::PhoneNumber),
    };
    usernames.chain(settings.alias_attributes.iter().filter(proven).copied().filter_map(of)).collect()
}

fn is_true(attributes: &Attributes, contact: Contact) -> bool {
    attributes.get(contact.verified_attribute()).is_some_and(|value| value == "true")
}

/// The username that is shown for a name that nobody has, as a real user's would be (ENU-1): the name itself where
/// usernames are chosen, an id where they are not, or where the name is an alias.
pub(crate) fn of_nobody(pool: &UserPool, given: &str) -> String {
    let settings = &pool.settings;
    let has = |alias| settings.alias_attributes.contains(&alias);
    let is_alias =
        has(Alias::Email) && name::is_email(given) || has(Alias::PhoneNumber) && name::is_phone_number(given);
    if settings.username_attributes.is_empty() && !is_alias {
        // As most users of a pool that does not tell cases apart write theirs.
        name::normalise(settings, given)
    } else {
        stand_in(pool, given).to_string()
    }
}

/// Refuses names that cannot be told from others, and, where addresses are aliases, chosen names that look like an
/// address: they could shadow somebody's. What counts is the normal form, which is what names are compared in.
pub(crate) fn check(settings: &UserPoolSettings, names: &[LoginName]) -> Result<()> {
    let has = |alias| settings.alias_attributes.contains(&alias);
    for name in names {
        let (chosen, attribute, what) = match name.alias {
            None => (true, USERNAME, "Username"),
            Some(alias @ Alias::PreferredUsername) => (true, alias.attribute(), "preferred_username"),
            Some(alias @ (Alias::Email | Alias::PhoneNumber)) => (false, alias.attribute(), ""),
        };
        if !name::is_acceptable(&name.name) {
            let message = "Usernames and aliases must be of 1 to 256 visible characters.";
            return Err(Error::unfit(attribute, Misfit::NoName, message));
        }
        if chosen && has(Alias::Email) && name::is_email(&name.name) {
            let message =
                format!("{what} cannot be of email format, since user pool is configured for email alias.");
            return Err(Error::unfit(attribute, Misfit::LikeEmail, message));
        }
        if chosen && has(Alias::PhoneNumber) && name::is_phone_number(&name.name) {
            let message = format!(
                "{what} cannot be of phone number format, since user pool is configured for phone number alias."
            );
            return Err(Error::unfit(attribute, Misfit::LikePhoneNumber, message));
        }
    }
    Ok(())
}

fn contact_of(settings: &UserPoolSettings, username: &str) -> Result<Contact> {
    let has = |contact| settings.username_attributes.contains(&contact);
    if has(Contact::Email) && name::is_email(username) {
        return Ok(Contact::Email);
    }
    if has(Contact::PhoneNumber) && name::is_phone_number(username) {
        return Ok(Contact::PhoneNumber);
    }
    let (why, message) = match (has(Contact::Email), has(Contact::PhoneNumber)) {
        (true, false) => (Misfit::Email, "Username should be an email."),
        (false, _) => (Misfit::PhoneNumber, "Username should be a phone number."),
        (true, true) => (Misfit::Address, "Username should be either an email or a phone number."),
    };
    Err(Error::unfit(USERNAME, why, message))
}

/// What people are called to themselves: by the address that they sign in with, where their username is a number of ours.
pub fn shown<'a>(settings: &UserPoolSettings, user: &'a User) -> &'a str {
    let mut addresses = settings.username_attributes.iter().map(|contact| contact.attribute());
    let address = addresses.find_map(|name| user.attributes.get(name));
    address.unwrap_or(&user.username)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_addresses_are_usernames_the_sub_is_the_username() {
        let settings =
            UserPoolSettings { username_attributes: vec![Contact::Email], ..UserPoolSettings::default() };
        let id = UserId::random();
        let names = of_new_user(&settings, id, "ada@example.com", Attributes::new()).unwrap();
        assert_eq!(names.username, id.to_string());
        assert_eq!(names.attributes["email"], "ada@example.com");
        assert_eq!(names.login.len(), 2);
        assert!(of_new_user(&settings, id, "ada", Attributes::new()).is_err());
    }

    #[test]
    fn one_name_for_two_things_of_a_user_is_one_name() {
        let settings = UserPoolSettings {
            alias_attributes: vec![Alias::PreferredUsername],
            case_sensitive: Some(false),
            ..UserPoolSettings::default()
        };
        let attributes = Attributes::from([("preferred_username".to_owned(), "ADA".to_owned())]);
        let names = of_new_user(&settings, UserId::random(), "ada", attributes).unwrap();
        assert_eq!(names.login, [LoginName { name: "ada".to_owned(), alias: None }]);
    }

    #[test]
    fn an_unverified_alias_signs_nobody_in_and_blocks_nobody() {
        let settings =
            UserPoolSettings { alias_attributes: vec![Alias::Email], ..UserPoolSettings::default() };
        let mut attributes = Attributes::from([("email".to_owned(), "ada@example.com".to_owned())]);
        assert!(in_force(&settings, &attributes).is_empty());
        attributes.insert("email_verified".into(), "true".into());
        assert_eq!(in_force(&settings, &attributes).len(), 1);
        for shadow in ["x@example.com", "x＠example.com", "a\u{200b}da"] {
            assert!(of_new_user(&settings, UserId::random(), shadow, Attributes::new()).is_err(), "{shadow}");
        }
    }
}
