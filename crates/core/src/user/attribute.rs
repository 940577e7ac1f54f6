//! Attributes: who may read and write which, and what values they take.

use cognate_store::user::Attributes;
use cognate_store::user_pool::{Contact, DataType, SchemaAttribute};
use cognate_store::{AppClient, UserPoolSettings};

use crate::{Error, Result, name};

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
            does_not_conform(format!("Type for attribute {{{name}}} could not be determined"))
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
    if missing.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = missing.iter().map(|name| format!("{name}: The attribute is required")).collect();
    Err(does_not_conform(lines.join("\n")))
}

/// The attributes that the pool requires and a user does not have.
pub(crate) fn missing_required<'a>(
    settings: &'a UserPoolSettings,
    attributes: &'a Attributes,
) -> impl Iterator<Item = &'a str> {
    let required = settings.schema.iter().filter(|attribute| attribute.required && attribute.name != "sub");
    required.map(|attribute| attribute.name.as_str()).filter(|name| !attributes.contains_key(*name))
}

fn check_value(definition: &SchemaAttribute, value: &str) -> Result<()> {
    let name = &definition.name;
    match name.as_str() {
        "email" if !name::is_email(value) => return Err(Error::invalid("Invalid email address format.")),
        "phone_number" if !name::is_phone_number(value) => {
            return Err(Error::invalid("Invalid phone number format."));
        }
        _ => {}
    }
    let bound = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<i64>().ok());
    let (minimum, maximum) = (bound(&definition.minimum), bound(&definition.maximum));
    let outside =
        |value: i64| minimum.is_some_and(|least| value < least) || maximum.is_some_and(|most| value > most);
    let problem = match definition.data_type {
        DataType::String if outside(value.chars().count() as i64) => {
            Some("String length is outside its bounds")
        }
        DataType::Number => match value.parse::<i64>() {
            Err(_) => Some("Not a number"),
            Ok(number) if outside(number) => Some("Number is outside its bounds"),
            Ok(_) => None,
        },
        DataType::Boolean if !matches!(value, "true" | "false") => Some("Not a boolean"),
        DataType::DateTime if chrono::DateTime::parse_from_rfc3339(value).is_err() => {
            Some("Not a date and time")
        }
        _ => None,
    };
    problem.map_or(Ok(()), |problem| Err(does_not_conform(format!("{name}: {problem}"))))
}

fn does_not_conform(detail: impl std::fmt::Display) -> Error {
    Error::invalid(format!("Attributes did not conform to the schema: {detail}"))
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
