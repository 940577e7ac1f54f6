//! What a page says when something did not work, in words that say what to do.

use cognate_core::Error;

use super::super::words::Words;

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
        Error::InvalidParameter(reason) => return Some(words.with("field-wrong", &[("reason", reason)])),
        _ => return None,
    };
    Some(words.of(id))
}
