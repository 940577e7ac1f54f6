//! What the columns of an import mean, and the user that a row makes.

use std::borrow::Cow;

use chrono::NaiveDate;
use cognate_store::user::Attributes;
use cognate_store::user_import::{HashAlgorithm, ImportedUser};
use cognate_store::user_pool::MfaRequirement;
use cognate_store::{UserId, UserPoolSettings, UserStatus};

use super::csv;
use crate::password_hash::check_imported;
use crate::user::{attribute, username};
use crate::{Error, Result};

const USERNAME: &str = "cognito:username";
const MFA_ENABLED: &str = "cognito:mfa_enabled";
const PASSWORD_HASH: &str = "cognito:password_hash";

/// The longest username and the longest value, in characters, as in requests.
const LONGEST_USERNAME: usize = 128;
const LONGEST_VALUE: usize = 2048;

/// The columns of a pool's file, as its owner may fetch them.
pub fn header(settings: &UserPoolSettings) -> Vec<String> {
    let attributes = settings.schema.iter().map(|attribute| attribute.name.as_str());
    let ours = attributes.filter(|name| !matches!(*name, "sub" | "identities"));
    ours.chain([MFA_ENABLED, USERNAME]).map(str::to_owned).collect()
}

/// The columns of a file, by its first line.
#[derive(Debug)]
pub(super) struct Columns {
    names: Vec<String>,
    hash_algorithm: Option<HashAlgorithm>,
}

impl Columns {
    /// Reads the header: known columns in any order, each at most once, and the two that every row needs.
    ///
    /// # Errors
    /// What is wrong with it, for the log.
    pub(super) fn read(
        settings: &UserPoolSettings,
        hash_algorithm: Option<HashAlgorithm>,
        line: &str,
    ) -> std::result::Result<Self, String> {
        let names = csv::fields(line.strip_prefix('\u{feff}').unwrap_or(line));
        let known = header(settings);
        let is_known =
            |name: &String| known.contains(name) || (name == PASSWORD_HASH && hash_algorithm.is_some());
        for (number, name) in names.iter().enumerate() {
            if !is_known(name) {
                return Err(format!("Column {} is not one of the user pool's columns.", number + 1));
            }
            if names[..number].contains(name) {
                return Err(format!("Column {} was there before.", number + 1));
            }
        }
        match [USERNAME, MFA_ENABLED].into_iter().find(|name| !names.iter().any(|it| it == name)) {
            Some(missing) => Err(format!("The column {missing} is missing.")),
            None => Ok(Self { names, hash_algorithm }),
        }
    }

    /// The user that a row makes.
    ///
    /// # Errors
    /// What is wrong with it, for the log: in words that hold nothing of the user (LOG-1).
    pub(super) fn user(
        &self,
        settings: &UserPoolSettings,
        row: &str,
    ) -> std::result::Result<ImportedUser, Cow<'static, str>> {
        let fields = csv::fields(row);
        if fields.len() != self.names.len() {
            let (has, wants) = (fields.len(), self.names.len());
            return Err(format!("The row has {has} columns where the header has {wants}.").into());
        }
        let (mut name, mut mfa_enabled, mut hash) = (None, None, None);
        let mut attributes = Attributes::new();
        for (column, value) in self.names.iter().zip(fields).filter(|(_, value)| !value.is_empty()) {
            match column.as_str() {
                USERNAME => name = Some(value),
                MFA_ENABLED => mfa_enabled = Some(value),
                PASSWORD_HASH => hash = Some(value),
                _ => {
                    attributes.insert(column.clone(), attribute_value(column, value)?);
                }
            }
        }
        check_mfa(settings.mfa.requirement, mfa_enabled.as_deref())?;
        check_verified(settings, &attributes)?;
        let name = name.ok_or("The row has no cognito:username.")?;
        if name.chars().count() > LONGEST_USERNAME {
            return Err("The username has more than 128 characters.".into());
        }
        if let (Some(algorithm), Some(hash)) = (self.hash_algorithm, &hash) {
            check_imported(algorithm, hash)?;
        }
        let status = if hash.is_some() { UserStatus::Confirmed } else { UserStatus::ResetRequired };
        let (id, hash) = (UserId::random(), hash.map(Into::into));
        let made = make(settings, id, &name, attributes);
        let (username, attributes, names) = made.map_err(|error| match error {
            Error::InvalidParameter(_) | Error::AttributeUnfit(_) => {
                Cow::from(error.to_string().replace('\n', "; "))
            }
            other => other.to_string().into(),
        })?;
        Ok(ImportedUser { id, username, status, attributes, names, hash })
    }
}

type Made = (String, Attributes, Vec<cognate_store::login_name::LoginName>);

/// The same rules as for a user whom an administrator creates, and all that is required.
fn make(settings: &UserPoolSettings, id: UserId, name: &str, attributes: Attributes) -> Result<Made> {
    let names = username::of_new_user(settings, id, name, attributes)?;
    let attributes = attribute::conform(settings, names.attributes)?;
    attribute::check_required(settings, &attributes)?;
    Ok((names.username, attributes, names.login))
}

/// A value as it is kept: dates in the order of OpenID Connect, truth values as spreadsheets write them in small letters.
fn attribute_value(column: &str, value: String) -> std::result::Result<String, &'static str> {
    match column {
        "birthdate" => {
            let date = NaiveDate::parse_from_str(&value, "%m/%d/%Y").ok().filter(|_| value.len() == 10);
            let date = date.ok_or("The birthdate is not a date in the format mm/dd/yyyy.")?;
            Ok(date.format("%Y-%m-%d").to_string())
        }
        "email_verified" | "phone_number_verified" => Ok(value.to_ascii_lowercase()),
        _ if value.len() > LONGEST_VALUE && value.chars().count() > LONGEST_VALUE => {
            Err("A value has more than 2048 characters.")
        }
        _ => Ok(value),
    }
}

/// Whether a user's second factor fits the pool. Where the pool leaves it to its users, none can have one on yet.
fn check_mfa(pool: MfaRequirement, enabled: Option<&str>) -> std::result::Result<(), &'static str> {
    match (pool, enabled.map(str::to_ascii_lowercase).as_deref()) {
        (MfaRequirement::Off | MfaRequirement::Optional, Some("false"))
        | (MfaRequirement::On, Some("true")) => Ok(()),
        (MfaRequirement::Off, Some("true")) => {
            Err("cognito:mfa_enabled is true, but MFA is off in the user pool.")
        }
        (MfaRequirement::Optional, Some("true")) => {
            Err("cognito:mfa_enabled is true, but users cannot be imported with MFA on yet.")
        }
        (MfaRequirement::On, Some("false")) => {
            Err("cognito:mfa_enabled is false, but MFA is required in the user pool.")
        }
        _ => Err("cognito:mfa_enabled is neither true nor false."),
    }
}

/// Users reset their password by an address that is verified from the start.
fn check_verified(
    settings: &UserPoolSettings,
    attributes: &Attributes,
) -> std::result::Result<(), &'static str> {
    let is_true = |name: &str| attributes.get(name).is_some_and(|value| value == "true");
    let mut contacts = settings.auto_verified_attributes.iter();
    match contacts.any(|contact| is_true(contact.verified_attribute())) {
        true => Ok(()),
        false => Err("The User Record does not set any of the auto verified attributes to true. (Example: \
                      email_verified to true)."),
    }
}

#[cfg(test)]
mod tests {
    use cognate_store::user_pool::{Alias, Contact};

    use super::*;
    use crate::user_pool::schema;

    fn settings() -> UserPoolSettings {
        UserPoolSettings {
            schema: schema::standard(),
            auto_verified_attributes: vec![Contact::Email],
            ..UserPoolSettings::default()
        }
    }

    const HEADER: &str =
        "cognito:username,cognito:mfa_enabled,email,email_verified,birthdate,updated_at,phone_number,name";

    fn user(row: &str) -> std::result::Result<ImportedUser, String> {
        let columns = Columns::read(&settings(), None, HEADER).unwrap();
        columns.user(&settings(), row).map_err(Cow::into_owned)
    }

    #[test]
    fn the_header_is_that_of_cognito() {
        let mut settings = settings();
        schema::extend(
            &mut settings.schema,
            vec![schema::Definition {
                name: "team".into(),
                data_type: None,
                mutable: None,
                required: None,
                developer_only: None,
                minimum: None,
                maximum: None,
            }],
        )
        .unwrap();
        assert_eq!(
            header(&settings).join(","),
            "name,given_name,family_name,middle_name,nickname,preferred_username,profile,picture,website,email,\
             email_verified,gender,birthdate,zoneinfo,locale,phone_number,phone_number_verified,address,updated_at,\
             custom:team,cognito:mfa_enabled,cognito:username"
        );
    }

    #[test]
    fn a_header_has_known_columns_in_any_order() {
        let read = |line: &str, algorithm| Columns::read(&settings(), algorithm, line);
        assert!(read("\u{feff}email, cognito:mfa_enabled ,cognito:username", None).is_ok());
        let hashed = "cognito:username,cognito:mfa_enabled,cognito:password_hash";
        assert!(read(hashed, Some(HashAlgorithm::Bcrypt)).is_ok());
        for (bad, reason) in [
            (hashed, "Column 3 is not one of the user pool's columns."),
            ("", "Column 1 is not one of the user pool's columns."),
            ("cognito:username,cognito:mfa_enabled,sub", "Column 3 is not one of the user pool's columns."),
            (
                "cognito:username,cognito:mfa_enabled,custom:x",
                "Column 3 is not one of the user pool's columns.",
            ),
            ("email,email,cognito:username,cognito:mfa_enabled", "Column 2 was there before."),
            ("cognito:mfa_enabled,email", "The column cognito:username is missing."),
            ("cognito:username,email", "The column cognito:mfa_enabled is missing."),
        ] {
            assert_eq!(read(bad, None).unwrap_err(), reason, "{bad}");
        }
    }

    #[test]
    fn a_row_makes_a_user() {
        let ada = user(r"ada, FALSE ,ada@example.com,TRUE,12/10/1815,1700000000,,Lovelace\, Ada").unwrap();
        assert_eq!((ada.username.as_str(), ada.status), ("ada", UserStatus::ResetRequired));
        let expected = [
            ("birthdate", "1815-12-10"),
            ("email", "ada@example.com"),
            ("email_verified", "true"),
            ("name", "Lovelace, Ada"),
            ("updated_at", "1700000000"),
        ];
        let expected: Attributes =
            expected.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        assert_eq!(ada.attributes, expected);
        assert_eq!(ada.names.len(), 1);
    }

    #[test]
    fn what_is_wrong_with_a_row_is_said_without_what_it_holds() {
        let unverified = "The User Record does not set any of the auto verified attributes to true. (Example: \
                          email_verified to true).";
        let schema = "Attributes did not conform to the schema: ";
        for (row, reason) in [
            ("ada,false,a@b.co,true", "The row has 4 columns where the header has 8.".to_owned()),
            (",false,a@b.co,true,,,,", "The row has no cognito:username.".to_owned()),
            ("ada,,a@b.co,true,,,,", "cognito:mfa_enabled is neither true nor false.".to_owned()),
            (
                "ada,true,a@b.co,true,,,,",
                "cognito:mfa_enabled is true, but MFA is off in the user pool.".to_owned(),
            ),
            ("ada,false,a@b.co,false,,,,", unverified.to_owned()),
            ("ada,false,a@b.co,,,,,", unverified.to_owned()),
            (
                "ada,false,,true,,,,",
                "Email should be provided and must be non-empty when email_verified is set to true"
                    .to_owned(),
            ),
            ("ada,false,nonsense,true,,,,", "Invalid email address format.".to_owned()),
            (
                "ada,false,a@b.co,true,1815-12-10,,,",
                "The birthdate is not a date in the format mm/dd/yyyy.".to_owned(),
            ),
            (
                "ada,false,a@b.co,true,13/01/1999,,,",
                "The birthdate is not a date in the format mm/dd/yyyy.".to_owned(),
            ),
            ("ada,false,a@b.co,true,,yesterday,,", format!("{schema}updated_at: Not a number")),
            ("ada,false,a@b.co,true,,,123,", "Invalid phone number format.".to_owned()),
            (
                "a da,false,a@b.co,true,,,,",
                "Usernames and aliases must be of 1 to 256 visible characters.".to_owned(),
            ),
        ] {
            assert_eq!(user(row).unwrap_err(), reason, "{row}");
        }
        let long = |what: &str| format!("{what},false,a@b.co,true,,,,");
        assert_eq!(user(&long(&"x".repeat(129))).unwrap_err(), "The username has more than 128 characters.");
        let row = format!("ada,false,a@b.co,true,,,,{}", "x".repeat(2049));
        assert_eq!(user(&row).unwrap_err(), "A value has more than 2048 characters.");
    }

    #[test]
    fn a_second_factor_is_what_the_pool_says() {
        use MfaRequirement::{Off, On, Optional};
        for (pool, enabled, fits) in [
            (Off, "false", true),
            (Off, "TRUE", false),
            (Optional, "False", true),
            (Optional, "true", false),
            (On, "true", true),
            (On, "false", false),
            (On, "perhaps", false),
        ] {
            assert_eq!(check_mfa(pool, Some(enabled)).is_ok(), fits, "{pool:?} {enabled}");
            assert!(check_mfa(pool, None).is_err());
        }
    }

    #[test]
    fn required_attributes_and_the_kind_of_username_count() {
        let mut settings = settings();
        for name in ["name", "nickname"] {
            settings.schema.iter_mut().find(|it| it.name == name).unwrap().required = true;
        }
        let columns = Columns::read(&settings, None, HEADER).unwrap();
        assert_eq!(
            columns.user(&settings, "ada,false,a@b.co,true,,,,").unwrap_err(),
            "Attributes did not conform to the schema: name: The attribute is required; nickname: The attribute is \
             required"
        );
        let settings = UserPoolSettings { username_attributes: vec![Contact::Email], ..self::settings() };
        let user = columns.user(&settings, "a@b.co,false,,true,,,,").unwrap();
        assert_eq!((user.username, user.attributes["email"].as_str()), (user.id.to_string(), "a@b.co"));
        assert_eq!(
            columns.user(&settings, "ada,false,a@b.co,true,,,,").unwrap_err(),
            "Username should be an email."
        );
        let settings = UserPoolSettings { alias_attributes: vec![Alias::Email], ..self::settings() };
        assert_eq!(columns.user(&settings, "ada,false,a@b.co,true,,,,").unwrap().names.len(), 2);
    }

    #[test]
    fn a_hash_confirms_its_user_and_a_bad_one_is_refused() {
        let (settings, line) = (settings(), format!("{HEADER},{PASSWORD_HASH}"));
        let columns = Columns::read(&settings, Some(HashAlgorithm::Pbkdf2Sha256), &line).unwrap();
        let row = |hash: &str| format!("ada,false,a@b.co,true,,,,,{hash}");
        let hash = "$pbkdf2-sha256$i=1000$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODw";
        let ada = columns.user(&settings, &row(hash)).unwrap();
        assert_eq!((ada.status, ada.hash.is_some()), (UserStatus::Confirmed, true));
        let without = columns.user(&settings, &row("")).unwrap();
        assert_eq!((without.status, without.hash.is_some()), (UserStatus::ResetRequired, false));
        let dear = hash.replace("i=1000", "i=9000000");
        assert_eq!(
            columns.user(&settings, &row(&dear)).unwrap_err(),
            "The password hash is too costly to check."
        );
        assert_eq!(columns.user(&settings, &row("secret")).unwrap_err(), "The password hash cannot be read.");
    }
}
