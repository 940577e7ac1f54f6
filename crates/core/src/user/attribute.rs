//! Attributes: who may read and write which, and what values they take.

use cognate_store::user::Attributes;
use cognate_store::user_pool::{Contact, DataType, SchemaAttribute};
use cognate_store::{AppClient, UserPoolSettings};

use crate::{Error, Result, name};

/// What stands in an [`Unfit`] for what somebody new wants to be called.
pub const USERNAME: &str = "username";
/// What stands in it for the password that they want.
pub const PASSWORD: &str = "password";

/// What somebody says of themselves that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// Of which attribute, or [`USERNAME`], or [`PASSWORD`].
    pub attribute: String,
    /// Why.
    pub why: Misfit,
    /// The same for a caller of the API.
    pub message: String,
}

impl std::fmt::Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// Why a value of an attribute does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// There is none, and there must be one.
    Missing,
    /// It is no email address.
    Email,
    /// It is no phone number in the form of E.164.
    PhoneNumber,
    /// It is neither of both.
    Address,
    /// It is no name: blanks, characters that nobody sees, or too many.
    NoName,
    /// It looks like an email address, which is not what it is for.
    LikeEmail,
    /// It looks like a phone number, which is not what it is for.
    LikePhoneNumber,
    /// It cannot be changed, or not there.
    Fixed,
    /// It has fewer characters than this.
    TooShort(i64),
    /// It has more characters than this.
    TooLong(i64),
    /// It is no whole number.
    NoNumber,
    /// It is smaller than this.
    TooSmall(i64),
    /// It is larger than this.
    TooLarge(i64),
    /// It is neither `true` nor `false`.
    NoBoolean,
    /// It is no date and time in the form of RFC 3339.
    NoDateTime,
}

/// Whether only administrators may set an attribute, whatever a client's list says (COD-2).
pub fn only_administrators_write(attribute: &str) -> bool {
    matches!(attribute, "sub" | "email_verified" | "phone_number_verified" | "identities" | "updated_at")
}

/// Whether a client's users may read an attribute (COD-4).
pub fn is_readable(settings: &UserPoolSettings, client: &AppClient, attribute: &str) -> bool {
    let listed =
        client.settings.read_attributes.as_ref().is_none_or(|names| names.iter().any(|it| it == attribute));
    listed && settings.attribute(attribute).is_some_and(|definition| !definition.developer_only)
}

/// Whether a client's users may write an attribute (COD-4).
pub fn is_writable(settings: &UserPoolSettings, client: &AppClient, attribute: &str) -> bool {
    let listed =
        client.settings.write_attributes.as_ref().is_none_or(|names| names.iter().any(|it| it == attribute));
    let developer_only = settings.attribute(attribute).is_some_and(|definition| definition.developer_only);
    listed && !developer_only && !only_administrators_write(attribute)
}

/// Refuses attributes that a client's users may not write (COD-4).
pub(crate) fn check_writable(
    settings: &UserPoolSettings,
    client: &AppClient,
    attributes: &Attributes,
) -> Result<()> {
    if attributes.keys().all(|name| is_writable(settings, client, name)) {
        Ok(())
    } else {
        Err(Error::AttributeNotWritable)
    }
}

/// Checks attributes against the schema. An empty email or phone number counts as not given, and is left out.
pub(crate) fn conform(settings: &UserPoolSettings, mut attributes: Attributes) -> Result<Attributes> {
    attributes.retain(|name, value| !value.is_empty() || !matches!(name.as_str(), "email" | "phone_number"));
    if attributes.contains_key("sub") {
        return Err(Error::invalid("Cannot modify the non-mutable attribute sub"));
    }
    for (name, value) in &attributes {
        let definition = settings.attribute(name).ok_or_else(|| {
            Error::invalid(does_not_conform(&format!(
                "Type for attribute {{{name}}} could not be determined"
            )))
        })?;
        check_value(definition, value)?;
    }
    for contact in [Contact::Email, Contact::PhoneNumber] {
        let (name, flag) = (contact.attribute(), contact.verified_attribute());
        if attributes.get(flag).is_some_and(|value| value == "true") && !attributes.contains_key(name) {
            let title = if contact == Contact::Email { "Email" } else { "Phone number" };
            return Err(Error::invalid(format!(
                "{title} should be provided and must be non-empty when {flag} is set to true"
            )));
        }
    }
    Ok(attributes)
}

/// Refuses a user without the attributes that the pool requires.
pub(crate) fn check_required(settings: &UserPoolSettings, attributes: &Attributes) -> Result<()> {
    let missing: Vec<_> = missing_required(settings, attributes).collect();
    let Some(first) = missing.first() else { return Ok(()) };
    let lines: Vec<_> = missing.iter().map(|name| format!("{name}: The attribute is required")).collect();
    Err(Error::unfit(first, Misfit::Missing, does_not_conform(&lines.join("\n"))))
}

/// The attributes that the pool requires and a user does not have.
pub(crate) fn missing_required<'a>(
    settings: &'a UserPoolSettings,
    attributes: &'a Attributes,
) -> impl Iterator<Item = &'a str> {
    let required = settings.schema.iter().filter(|attribute| attribute.required && attribute.name != "sub");
    required.map(|attribute| attribute.name.as_str()).filter(|name| !attributes.contains_key(*name))
}

/// All that does not fit of what somebody says of themselves, in the order of the schema. What is empty is missing where there must be
/// something, and no matter otherwise.
pub fn misfits(settings: &UserPoolSettings, given: &Attributes) -> Vec<Unfit> {
    let misfit = |definition: &SchemaAttribute| {
        let (name, value) = given.get_key_value(&definition.name)?;
        if value.is_empty() {
            let message = format!("{name}: The attribute is required");
            let unfit = Unfit { attribute: name.clone(), why: Misfit::Missing, message };
            return definition.required.then_some(unfit);
        }
        match check_value(definition, value) {
            Err(Error::AttributeUnfit(unfit)) => Some(*unfit),
            _ => None,
        }
    };
    settings.schema.iter().filter_map(misfit).collect()
}

fn check_value(definition: &SchemaAttribute, value: &str) -> Result<()> {
    let name = &definition.name;
    match name.as_str() {
        "email" if !name::is_email(value) => {
            return Err(Error::unfit(name, Misfit::Email, "Invalid email address format."));
        }
        "phone_number" if !name::is_phone_number(value) => {
            return Err(Error::unfit(name, Misfit::PhoneNumber, "Invalid phone number format."));
        }
        _ => {}
    }
    let bound = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<i64>().ok());
    let (minimum, maximum) = (bound(&definition.minimum), bound(&definition.maximum));
    let below = |value: i64| minimum.filter(|least| value < *least);
    let above = |value: i64| maximum.filter(|most| value > *most);
    let misfit = match definition.data_type {
        DataType::String => {
            let length = value.chars().count() as i64;
            below(length).map(Misfit::TooShort).or(above(length).map(Misfit::TooLong))
        }
        DataType::Number => match value.parse::<i64>() {
            Err(_) => Some(Misfit::NoNumber),
            Ok(number) => below(number).map(Misfit::TooSmall).or(above(number).map(Misfit::TooLarge)),
        },
        DataType::Boolean => (!matches!(value, "true" | "false")).then_some(Misfit::NoBoolean),
        DataType::DateTime => {
            chrono::DateTime::parse_from_rfc3339(value).is_err().then_some(Misfit::NoDateTime)
        }
    };
    let Some(misfit) = misfit else { return Ok(()) };
    let problem = match misfit {
        Misfit::TooShort(_) | Misfit::TooLong(_) => "String length is outside its bounds",
        Misfit::NoNumber => "Not a number",
        Misfit::TooSmall(_) | Misfit::TooLarge(_) => "Number is outside its bounds",
        Misfit::NoBoolean => "Not a boolean",
        _ => "Not a date and time",
    };
    Err(Error::unfit(name, misfit, does_not_conform(&format!("{name}: {problem}"))))
}

fn does_not_conform(detail: &str) -> String {
    format!("Attributes did not conform to the schema: {detail}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user_pool::schema;

    fn settings() -> UserPoolSettings {
        UserPoolSettings { schema: schema::standard(), ..UserPoolSettings::default() }
    }

    fn given(name: &str, value: &str) -> Attributes {
        Attributes::from([(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn unknown_and_malformed_attributes_are_refused_in_cognitos_words() {
        let refusal = |name, value| conform(&settings(), given(name, value)).unwrap_err().to_string();
        assert_eq!(
            refusal("custom:foo", "x"),
            "Attributes did not conform to the schema: Type for attribute {custom:foo} could not be determined"
        );
        assert_eq!(refusal("email", "no address"), "Invalid email address format.");
        assert_eq!(refusal("phone_number", "123"), "Invalid phone number format.");
        assert!(refusal("birthdate", "1815").contains("birthdate"));
        assert!(refusal("email_verified", "perhaps").contains("Not a boolean"));
        assert!(refusal("email_verified", "true").starts_with("Email should be provided"));
    }

    #[test]
    fn an_empty_address_counts_as_not_given() {
        assert!(conform(&settings(), given("email", "")).unwrap().is_empty());
    }

    #[test]
    fn every_missing_required_attribute_has_its_line() {
        let mut settings = settings();
        for attribute in settings.schema.iter_mut().filter(|a| a.name == "email" || a.name == "name") {
            attribute.required = true;
        }
        assert_eq!(
            check_required(&settings, &Attributes::new()).unwrap_err().to_string(),
            "Attributes did not conform to the schema: name: The attribute is required\nemail: The attribute is required"
        );
    }
}
