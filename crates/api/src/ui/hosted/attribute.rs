//! What users say of themselves, as fields of forms.

use std::collections::BTreeMap;

use cognate_store::user_pool::{DataType, SchemaAttribute};

use super::Visit;
use super::form::Field;
use crate::parameters::Parameters;

/// What the names of these fields begin with.
const PREFIX: &str = "attribute.";

/// The name of an attribute's field.
pub(super) fn name_of_field(attribute: &str) -> String {
    format!("{PREFIX}{attribute}")
}

/// The attributes that a form gives, of those that it may: what is not asked for is an owner's or an app's to set.
pub(super) fn given(
    visit: &Visit,
    form: &Parameters,
    may: impl Fn(&SchemaAttribute) -> bool,
) -> BTreeMap<String, String> {
    let settings = &visit.authorization.context.pool.settings;
    let may = |name: &str| settings.attribute(name).is_some_and(&may);
    let pairs = form.all().iter().filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?, value)));
    pairs.filter(|(name, _)| may(name)).map(|(name, value)| (name.to_owned(), as_kept(name, value))).collect()
}

/// A value as it is kept: of phone numbers what people put between the digits is left out.
pub(super) fn as_kept(name: &str, typed: &str) -> String {
    let is_dialled = |c: char| c.is_ascii_digit() || c == '+';
    let may_be_between = |c: char| is_dialled(c) || c.is_whitespace() || "()-./".contains(c);
    if name != "phone_number" || !typed.chars().all(may_be_between) {
        return typed.to_owned();
    }
    let dialled: String = typed.chars().filter(|c| is_dialled(*c)).collect();
    dialled.strip_prefix("00").map_or(dialled.clone(), |digits| format!("+{digits}"))
}

/// The attributes that somebody gives who must have them.
pub(super) fn required(visit: &Visit, form: &Parameters) -> BTreeMap<String, String> {
    given(visit, form, |attribute| attribute.required && !attribute.developer_only)
}

/// The field of an attribute.
pub(super) fn field(visit: &Visit, name: &str) -> Field {
    let words = &visit.words;
    let id = format!("attribute-{name}");
    // What the owner named is called what they named it.
    let label = if words.has(&id) { words.of(&id) } else { name.trim_start_matches("custom:").to_owned() };
    let field = Field::text(&id.replace(':', "-"), &name_of_field(name), label);
    let (kind, autocomplete, inputmode, hint) = match name {
        "email" => ("email", "email", None, None),
        "phone_number" => ("tel", "tel", None, Some("hint-phone")),
        "birthdate" => ("text", "bday", Some("numeric"), Some("hint-date")),
        "given_name" => ("text", "given-name", None, None),
        "family_name" => ("text", "family-name", None, None),
        "middle_name" => ("text", "additional-name", None, None),
        "name" => ("text", "name", None, None),
        "nickname" => ("text", "nickname", None, None),
        "address" => ("text", "street-address", None, None),
        "website" | "profile" | "picture" => ("text", "url", Some("url"), None),
        _ => {
            let settings = &visit.authorization.context.pool.settings;
            let is_number = settings.attribute(name).is_some_and(|it| it.data_type == DataType::Number);
            ("text", "off", is_number.then_some("numeric"), None)
        }
    };
    Field { kind, autocomplete, inputmode, hint: hint.map(|id| words.of(id)), ..field }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_kept_as_it_is_dialled() {
        for typed in ["+49 (0)", "+49151-23.45/6", "0049 151 23456"] {
            assert!(as_kept("phone_number", typed).starts_with("+49"), "{typed}");
        }
        assert_eq!(as_kept("phone_number", "00 49 151 23 45"), "+491512345");
        assert_eq!(as_kept("phone_number", "+49 151 call me"), "+49 151 call me");
        assert_eq!(as_kept("nickname", "0049 - 1"), "0049 - 1");
    }
}
