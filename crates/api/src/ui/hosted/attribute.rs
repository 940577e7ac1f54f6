//! What users say of themselves, as fields of forms.

use std::collections::BTreeMap;

use cognate_store::AppClient;
use cognate_store::user_pool::{DataType, SchemaAttribute};

use super::form::Field;
use super::{Visit, Words};
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
    if name != "phone_number" {
        return typed.to_owned();
    }
    let text: String = typed.chars().map(western).collect();
    let is_dialled = |c: char| c.is_ascii_digit() || c == '+';
    if !text.chars().all(|c| is_dialled(c) || c.is_whitespace() || "()-./".contains(c)) {
        return typed.to_owned();
    }
    let dialled = |text: &str| text.chars().filter(|c| is_dialled(*c)).collect::<String>();
    let abroad = |whole: &str| whole.starts_with(['+']) || whole.starts_with("00");
    // A zero in brackets is dialled at home alone.
    let whole = match abroad(&dialled(&text)) {
        true => dialled(&text.replace("(0)", "")),
        false => dialled(&text),
    };
    whole.strip_prefix("00").map_or(whole.clone(), |digits| format!("+{digits}"))
}

/// A digit or a plus as the West writes it.
fn western(c: char) -> char {
    match c {
        '\u{ff0b}' => '+',
        '０'..='９' => offset(c, '０'),
        '\u{660}'..='\u{669}' => offset(c, '\u{660}'),
        '\u{6f0}'..='\u{6f9}' => offset(c, '\u{6f0}'),
        other => other,
    }
}

fn offset(digit: char, zero: char) -> char {
    char::from_digit(u32::from(digit) - u32::from(zero), 10).unwrap_or(digit)
}

/// The attributes that somebody gives who must have them.
pub(super) fn required(visit: &Visit, form: &Parameters) -> BTreeMap<String, String> {
    given(visit, form, must_have)
}

/// Whether an attribute is one that somebody must have.
pub(super) fn is_required(visit: &Visit, name: &str) -> bool {
    visit.authorization.context.pool.settings.attribute(name).is_some_and(must_have)
}

fn must_have(attribute: &SchemaAttribute) -> bool {
    attribute.required && !attribute.developer_only
}

/// Whether a client's users may say attributes of the owner's own making: where the client names what they write, and has no secret,
/// with which it would be the app that says it.
pub(super) fn says_owners(client: &AppClient) -> bool {
    client.settings.write_attributes.is_some() && client.secrets.is_empty()
}

/// Whether an attribute is one of the owner's own making.
pub(super) fn is_owners(attribute: &SchemaAttribute) -> bool {
    attribute.name.starts_with("custom:")
}

/// The id of an attribute's field.
pub(super) fn id_of_field(attribute: &str) -> String {
    format!("attribute-{}", attribute.replace(':', "-"))
}

/// What an attribute is called: what the owner named is called what they named it.
pub(super) fn label(words: &Words, name: &str) -> String {
    let id = format!("attribute-{name}");
    if words.has(&id) { words.of(&id) } else { name.trim_start_matches("custom:").to_owned() }
}

/// The field of an attribute.
pub(super) fn field(visit: &Visit, name: &str) -> Field {
    let words = &visit.words;
    let field = Field::text(&id_of_field(name), &name_of_field(name), label(words, name));
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
        "gender" => ("text", "sex", None, None),
        "locale" => ("text", "language", None, None),
        "picture" => ("text", "photo", Some("url"), None),
        "website" | "profile" => ("text", "url", Some("url"), None),
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
        for typed in [
            "+49 (0)151 23 456",
            "+49151-23.45/6",
            "0049 151 23456",
            "(+49) 15123456",
            "＋４９ 151 23456",
            "+٤٩١٥١٢٣٤٥٦",
        ] {
            assert_eq!(as_kept("phone_number", typed), "+4915123456", "{typed}");
        }
        assert_eq!(as_kept("phone_number", "+49 151 call me"), "+49 151 call me");
        assert_eq!(as_kept("nickname", "0049 - 1"), "0049 - 1");
    }
}
