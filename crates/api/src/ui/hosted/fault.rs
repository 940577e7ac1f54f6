//! What a page says when something did not work, in words that say what to do.

use std::borrow::Cow;
use std::collections::BTreeMap;

use cognate_core::Error;
use cognate_core::user::attribute::{Misfit, PASSWORD, USERNAME, Unfit, misfits};

use super::super::words::Words;
use super::form::Problem;
use super::{Visit, attribute};

/// What people read about an error, and nothing for what is ours to mend.
pub(super) fn told(words: &Words, error: &Error) -> Option<String> {
    let id = match error {
        Error::WrongPassword => "wrong-password",
        Error::UserNotFound | Error::UserNotFoundForClient => "unknown-user",
        Error::PasswordLocked | Error::AttemptLimit => "too-many",
        Error::UserDisabled => "user-disabled",
        Error::PasswordResetRequired => "must-reset",
        Error::TemporaryPasswordExpired => "temporary-expired",
        Error::WrongCode | Error::WrongFirstCode | Error::WrongMfaCode | Error::WrongSignInCode => {
            "wrong-code"
        }
        Error::ExpiredCode => "expired-code",
        Error::UsedMfaCode => "used-code",
        Error::InvalidSession | Error::ExpiredSession | Error::UsedSession => "session-expired",
        Error::SignUpNotPermitted => "not-permitted",
        Error::UsernameTaken => "name-taken",
        Error::AliasTaken(_) | Error::AddressTaken(_) => "address-taken",
        Error::PasswordPolicy(_) => "password-rules",
        Error::LeakedPassword => "password-leaked",
        Error::PasswordUsedBefore => "password-used",
        Error::CannotResetPassword | Error::NoVerifiedContact | Error::OnlyAdministratorResets => {
            "cannot-send"
        }
        Error::MfaRequired => "not-set-up",
        Error::RiskBlocked => "blocked",
        Error::AlreadyConfirmed | Error::CannotConfirm(_) => "already-confirmed",
        Error::Busy => "error-busy",
        Error::TriggerRefused(trigger, reason) => {
            let reason = format!("{} failed with error {reason}.", trigger.name());
            return Some(words.with("refused", &[("reason", &reason)]));
        }
        Error::AttributeUnfit(what) => return Some(unfit(words, what)),
        Error::InvalidParameter(reason) => return Some(words.with("field-wrong", &[("reason", reason)])),
        _ => return None,
    };
    Some(words.of(id))
}

/// The id of the field that an error is about, on a page that has it.
pub(super) fn field(error: &Error) -> Option<Cow<'static, str>> {
    match error {
        Error::UsernameTaken => Some(Cow::from(USERNAME)),
        Error::AttributeUnfit(unfit) => Some(match unfit.attribute.as_str() {
            USERNAME => Cow::from(USERNAME),
            PASSWORD => Cow::from("newPassword"),
            name => attribute::id_of_field(name).into(),
        }),
        Error::AliasTaken(name) | Error::AddressTaken(name) => Some(attribute::id_of_field(name).into()),
        Error::PasswordPolicy(_) | Error::LeakedPassword | Error::PasswordUsedBefore => {
            Some(Cow::from("newPassword"))
        }
        _ => None,
    }
}

/// What else does not fit of what somebody gave, where an error is about one thing of it.
pub(super) fn besides(visit: &Visit, error: &Error, given: &BTreeMap<String, String>) -> Vec<Problem> {
    let Error::AttributeUnfit(first) = error else { return Vec::new() };
    let others = misfits(&visit.authorization.context.pool.settings, given).into_iter();
    let others = others.filter(|it| it.attribute != first.attribute).map(|it| Problem {
        text: unfit(&visit.words, &it),
        field: Some(attribute::id_of_field(&it.attribute).into()),
    });
    others.collect()
}

/// What does not fit, by the name of the field.
fn unfit(words: &Words, Unfit { attribute, why, .. }: &Unfit) -> String {
    let label = match (attribute.as_str(), why) {
        (USERNAME, Misfit::Email) => words.of("label-email"),
        (USERNAME, Misfit::PhoneNumber) => words.of("label-phone"),
        (USERNAME, Misfit::Address) => words.of("label-email-or-phone"),
        (USERNAME, _) => words.of("label-username"),
        (PASSWORD, _) => words.of("label-password"),
        (name, _) => attribute::label(words, name),
    };
    let (id, count) = match *why {
        Misfit::Missing => ("unfit-missing", None),
        Misfit::Email => ("unfit-email", None),
        Misfit::PhoneNumber => ("unfit-phone", None),
        Misfit::Address => ("unfit-address", None),
        Misfit::NoName => ("unfit-name", None),
        Misfit::LikeEmail => ("unfit-like-email", None),
        Misfit::LikePhoneNumber => ("unfit-like-phone", None),
        Misfit::Fixed => ("unfit-fixed", None),
        Misfit::TooShort(_) | Misfit::TooLong(_) if attribute == "birthdate" => ("unfit-date", None),
        Misfit::TooShort(1) => ("unfit-missing", None),
        Misfit::TooShort(least) => ("unfit-short", Some(least)),
        Misfit::TooLong(most) => ("unfit-long", Some(most)),
        Misfit::NoNumber => ("unfit-number", None),
        Misfit::TooSmall(least) => ("unfit-small", Some(least)),
        Misfit::TooLarge(most) => ("unfit-large", Some(most)),
        Misfit::NoBoolean => ("unfit-boolean", None),
        Misfit::NoDateTime => ("unfit-time", None),
    };
    let count = count.map(|count| count.to_string()).unwrap_or_default();
    words.with(id, &[("label", &label), ("count", &count)])
}
