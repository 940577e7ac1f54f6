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
    pairs.filter(|(name, _)| may(name)).map(|(name, value)| (name.to_owned(), value.clone())).collect()
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
