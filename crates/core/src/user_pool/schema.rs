//! The attributes that users of a pool can have.

use cognate_store::user_pool::{DataType, SchemaAttribute};

use crate::{Error, Result};

/// The most custom attributes a pool can have.
const MOST_CUSTOM: usize = 50;

/// The standard attributes in Cognito's order.
pub fn standard() -> Vec<SchemaAttribute> {
    let text = |name: &str, minimum: &str, maximum: &str| SchemaAttribute {
        name: name.into(),
        data_type: DataType::String,
        mutable: true,
        required: false,
        developer_only: false,
        minimum: Some(minimum.into()),
        maximum: Some(maximum.into()),
    };
    let plain = |name: &str| text(name, "0", "2048");
    let boolean = |name: &str| SchemaAttribute {
        data_type: DataType::Boolean,
        minimum: None,
        maximum: None,
        ..plain(name)
    };
    vec![
        SchemaAttribute { mutable: false, required: true, ..text("sub", "1", "2048") },
        plain("name"),
        plain("given_name"),
        plain("family_name"),
        plain("middle_name"),
        plain("nickname"),
        plain("preferred_username"),
        plain("profile"),
        plain("picture"),
        plain("website"),
        plain("email"),
        boolean("email_verified"),
        plain("gender"),
        text("birthdate", "10", "10"),
        plain("zoneinfo"),
        plain("locale"),
        plain("phone_number"),
        boolean("phone_number_verified"),
        plain("address"),
        SchemaAttribute {
            data_type: DataType::Number,
            maximum: None,
            minimum: Some("0".into()),
            ..plain("updated_at")
        },
        SchemaAttribute { minimum: None, maximum: None, ..plain("identities") },
    ]
}

/// A definition as a tenant gives it.
#[derive(Debug, Clone)]
pub struct Definition {
    /// The name, with or without `custom:`.
    pub name: String,
    /// The type; text unless said.
    pub data_type: Option<DataType>,
    /// Whether values may change later; yes unless said.
    pub mutable: Option<bool>,
    /// Whether users must have it; no unless said.
    pub required: Option<bool>,
    /// Whether only administrators see it.
    pub developer_only: Option<bool>,
    /// Smallest length or value.
    pub minimum: Option<String>,
    /// Largest length or value.
    pub maximum: Option<String>,
}

/// Adds definitions to a schema: standard attributes are adjusted, others become custom ones.
///
/// # Errors
/// [`Error::InvalidParameter`] in Cognito's words.
pub fn define(schema: &mut Vec<SchemaAttribute>, definitions: Vec<Definition>) -> Result<()> {
    for definition in definitions {
        check_bounds(&definition)?;
        let is_custom = definition.name.starts_with("custom:");
        match schema.iter_mut().find(|known| !is_custom && known.name == definition.name) {
            Some(standard) => adjust(standard, definition)?,
            None => add_custom(schema, definition)?,
        }
    }
    if schema.iter().filter(|attribute| attribute.name.starts_with("custom:")).count() > MOST_CUSTOM {
        return Err(Error::invalid("Number of custom attributes exceeds the limit of 50."));
    }
    Ok(())
}

/// Adds custom attributes to the schema of a pool that exists. A standard attribute's name makes a custom one.
///
/// # Errors
/// [`Error::InvalidParameter`] in Cognito's words.
pub fn extend(schema: &mut Vec<SchemaAttribute>, definitions: Vec<Definition>) -> Result<()> {
    let custom = definitions.into_iter().map(|definition| {
        let bare = definition.name.strip_prefix("custom:").unwrap_or(&definition.name);
        Definition { name: format!("custom:{bare}"), ..definition }
    });
    define(schema, custom.collect())
}

fn adjust(standard: &mut SchemaAttribute, definition: Definition) -> Result<()> {
    let retyped = definition.data_type.is_some_and(|data_type| data_type != standard.data_type);
    if retyped || definition.developer_only == Some(true) {
        return Err(Error::invalid(format!(
            "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute {}",
            standard.name
        )));
    }
    if standard.name == "sub" {
        return Ok(());
    }
    standard.mutable = definition.mutable.unwrap_or(standard.mutable);
    standard.required = definition.required.unwrap_or(standard.required);
    standard.minimum = definition.minimum.or(standard.minimum.take());
    standard.maximum = definition.maximum.or(standard.maximum.take());
    Ok(())
}

fn add_custom(schema: &mut Vec<SchemaAttribute>, definition: Definition) -> Result<()> {
    let bare = definition.name.strip_prefix("custom:").unwrap_or(&definition.name);
    let name = format!("custom:{bare}");
    if schema.iter().any(|known| known.name == name) {
        return Err(Error::invalid(format!("{name}: Existing attribute already has name {name}.")));
    }
    if definition.required == Some(true) {
        return Err(Error::invalid("Required custom attributes are not supported currently."));
    }
    schema.push(SchemaAttribute {
        name,
        data_type: definition.data_type.unwrap_or(DataType::String),
        mutable: definition.mutable.unwrap_or(true),
        required: false,
        developer_only: definition.developer_only.unwrap_or(false),
        minimum: definition.minimum,
        maximum: definition.maximum,
    });
    Ok(())
}

fn check_bounds(definition: &Definition) -> Result<()> {
    let name = &definition.name;
    let number = |bound: &Option<String>| match bound {
        None => Ok(None),
        Some(text) => text.parse::<i64>().map(Some).map_err(|_| {
            Error::invalid(format!("Invalid StringAttributeConstraints for schema attribute {name}"))
        }),
    };
    let (minimum, maximum) = (number(&definition.minimum)?, number(&definition.maximum)?);
    let is_number = definition.data_type == Some(DataType::Number);
    if !is_number && (minimum.is_some_and(|value| value > 2048) || maximum.is_some_and(|value| value > 2048))
    {
        return Err(Error::invalid(format!(
            "user.{name}: String attributes cannot have a length of more than 2048"
        )));
    }
    if let (Some(minimum), Some(maximum)) = (minimum, maximum)
        && maximum < minimum
    {
        let what = if is_number { "value" } else { "length" };
        return Err(Error::invalid(format!("user.{name}: Max {what} cannot be less than min {what}.")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(name: &str) -> Definition {
        Definition {
            name: name.into(),
            data_type: None,
            mutable: None,
            required: None,
            developer_only: None,
            minimum: None,
            maximum: None,
        }
    }

    #[test]
    fn custom_attributes_get_their_prefix_once() {
        let mut schema = standard();
        define(&mut schema, vec![definition("team"), definition("custom:grade")]).unwrap();
        assert!(schema.iter().any(|attribute| attribute.name == "custom:team"));
        assert!(schema.iter().any(|attribute| attribute.name == "custom:grade"));
        for again in ["team", "custom:team"] {
            let refusal = define(&mut schema, vec![definition(again)]).unwrap_err().to_string();
            assert_eq!(refusal, "custom:team: Existing attribute already has name custom:team.");
        }
    }

    #[test]
    fn standard_attributes_can_be_required_but_not_retyped() {
        let mut schema = standard();
        define(&mut schema, vec![Definition { required: Some(true), ..definition("email") }]).unwrap();
        assert!(schema.iter().any(|attribute| attribute.name == "email" && attribute.required));
        let retyped = Definition { data_type: Some(DataType::Number), ..definition("email") };
        assert!(define(&mut schema, vec![retyped]).is_err());
    }

    #[test]
    fn contradicting_bounds_are_refused() {
        let bounded = |minimum: &str, maximum: &str| Definition {
            minimum: Some(minimum.into()),
            maximum: Some(maximum.into()),
            ..definition("team")
        };
        for bad in [bounded("5", "4"), bounded("0", "2049"), bounded("x", "4")] {
            assert!(define(&mut standard(), vec![bad]).is_err());
        }
    }
}
