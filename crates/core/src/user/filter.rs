//! The filter language of ListUsers: `name op "value"`, one term.

use cognate_store::user::{Match, SearchAttribute, UserFilter};
use cognate_store::{UserPoolSettings, UserStatus};
use uuid::Uuid;

use crate::{Error, Result};

/// Reads a filter. An empty one means everybody. Beyond Cognito's attributes, the pool's custom ones can be searched.
///
/// # Errors
/// [`Error::InvalidParameter`].
pub fn parse(settings: &UserPoolSettings, text: &str) -> Result<UserFilter> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(UserFilter::All);
    }
    let (name, is_prefix, value) = term(text).ok_or_else(|| Error::invalid("Error while parsing filter"))?;
    let by = if is_prefix { Match::StartsWith } else { Match::Equals };
    let attribute = match name {
        "username" => return Ok(UserFilter::Username(by(value))),
        "sub" => return Ok(sub(&value, is_prefix)),
        "cognito:user_status" => return Ok(status(&value, is_prefix)),
        "status" => return Ok(enabled(&value, is_prefix)),
        "email" => SearchAttribute::Email,
        "phone_number" => SearchAttribute::PhoneNumber,
        "name" => SearchAttribute::Name,
        "given_name" => SearchAttribute::GivenName,
        "family_name" => SearchAttribute::FamilyName,
        "preferred_username" => SearchAttribute::PreferredUsername,
        custom if custom.starts_with("custom:") && settings.attribute(custom).is_some() => {
            return Ok(UserFilter::Custom(custom.to_owned(), by(value)));
        }
        other => return Err(Error::invalid(format!("Invalid search attribute: {other}"))),
    };
    Ok(UserFilter::Attribute(attribute, by(value)))
}

/// Splits `name op "value"`; says whether the operator is `^=`.
fn term(text: &str) -> Option<(&str, bool, String)> {
    let operator = text.find(['=', '^'])?;
    let name = text[..operator].trim_end().trim_matches('"');
    let rest = &text[operator..];
    let (is_prefix, rest) = match rest.strip_prefix("^=") {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix('=')?),
    };
    let quoted = rest.trim().strip_prefix('"')?;
    let mut value = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '"' => break,
            '\\' => value.push(characters.next().filter(|c| matches!(c, '"' | '\\'))?),
            other => value.push(other),
        }
    }
    (!name.is_empty() && characters.as_str().is_empty()).then_some((name, is_prefix, value))
}

/// Nobody: a range that holds no id.
const NOBODY: UserFilter = UserFilter::Sub(Uuid::max(), Uuid::nil());

fn sub(value: &str, is_prefix: bool) -> UserFilter {
    const SHAPE: &str = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if !is_prefix && value.len() != SHAPE.len() || value.len() > SHAPE.len() {
        return NOBODY;
    }
    let filled =
        |digit: &str| Uuid::try_parse(&format!("{value}{}", SHAPE[value.len()..].replace('x', digit)));
    match (value.is_ascii(), filled("0"), filled("f")) {
        (true, Ok(first), Ok(last)) => UserFilter::Sub(first, last),
        _ => NOBODY,
    }
}

fn status(value: &str, is_prefix: bool) -> UserFilter {
    let fits =
        |name: &str| if is_prefix { !value.is_empty() && name.starts_with(value) } else { name == value };
    UserStatus::ALL.into_iter().find(|status| fits(status.as_str())).map_or(NOBODY, UserFilter::Status)
}

fn enabled(value: &str, is_prefix: bool) -> UserFilter {
    match value {
        "Enabled" => UserFilter::Enabled(true),
        "Disabled" => UserFilter::Enabled(false),
        _ if is_prefix && !value.is_empty() && "Enabled".starts_with(value) => UserFilter::Enabled(true),
        _ if is_prefix && !value.is_empty() && "Disabled".starts_with(value) => UserFilter::Enabled(false),
        _ => NOBODY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<UserFilter> {
        super::parse(&UserPoolSettings::default(), text)
    }

    #[test]
    fn one_term_with_optional_spaces_and_escapes() {
        let email = |by| UserFilter::Attribute(SearchAttribute::Email, by);
        assert_eq!(parse("").unwrap(), UserFilter::All);
        assert_eq!(parse(r#"email = "a@b.co""#).unwrap(), email(Match::Equals("a@b.co".into())));
        assert_eq!(parse(r#"email^="a""#).unwrap(), email(Match::StartsWith("a".into())));
        assert_eq!(
            parse(r#"username = "a\"b\\c""#).unwrap(),
            UserFilter::Username(Match::Equals(r#"a"b\c"#.into()))
        );
        assert_eq!(parse(r#"status = "Disabled""#).unwrap(), UserFilter::Enabled(false));
        assert_eq!(
            parse(r#"cognito:user_status = "CONFIRMED""#).unwrap(),
            UserFilter::Status(UserStatus::Confirmed)
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            "email",
            "email =",
            "email = a",
            r#"email = "a"#,
            r#"email = "a" and x = "b""#,
            r#"= "a""#,
            r#"email ~ "a""#,
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert_eq!(parse(r#"custom:x = "a""#).unwrap_err().to_string(), "Invalid search attribute: custom:x");
    }

    #[test]
    fn subjects_are_found_by_their_beginning() {
        let UserFilter::Sub(first, last) = parse(r#"sub ^= "74785488-4""#).unwrap() else { panic!() };
        assert!(first.to_string().starts_with("74785488-4000"));
        assert!(last.to_string().starts_with("74785488-4fff"));
        assert_eq!(parse(r#"sub = "x""#).unwrap(), NOBODY);
        assert_eq!(parse(r#"sub ^= "ä""#).unwrap(), NOBODY);
    }
}
