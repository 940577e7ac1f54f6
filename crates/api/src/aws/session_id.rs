//! Ids of sessions as the API names them: `tkn` and the session's UUID in 25 digits of base 36. Only those of sessions with
//! tokens are ever given: `sso` sessions are the hosted pages', and there are none.

use cognate_core::{Error, Result};
use cognate_store::UserSessionId;
use uuid::Uuid;

const PREFIX: &str = "tkn";
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// As many as the largest UUID takes.
const LENGTH: usize = 25;

/// The name of a session.
pub(super) fn of(session: UserSessionId) -> String {
    let mut rest = session.as_uuid().as_u128();
    let mut digits = [0; LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 36) as usize];
        rest /= 36;
    }
    PREFIX.chars().chain(digits.map(char::from)).collect()
}

/// The session of a name.
///
/// # Errors
/// [`Error::SessionNotFound`] for a name that no session has.
pub(super) fn session(name: &str) -> Result<UserSessionId> {
    let digits = name.strip_prefix(PREFIX).filter(|digits| digits.len() == LENGTH);
    let number = digits.and_then(|digits| u128::from_str_radix(digits, 36).ok());
    number.map(|number| Uuid::from_u128(number).into()).ok_or(Error::SessionNotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_28_letters_and_leads_back() {
        for number in [0, 1, 35, 36, 0x6f8b_5a1e_0c3d_4f5e_9a7b_1c2d_3e4f_5a6b, u128::MAX] {
            let id = UserSessionId::from(Uuid::from_u128(number));
            let name = of(id);
            assert_eq!(name.len(), 28);
            assert!(
                name.strip_prefix("tkn")
                    .unwrap()
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            );
            assert_eq!(session(&name).unwrap(), id);
        }
        for none in [
            "tknzzzzzzzzzzzzzzzzzzzzzzzzz",
            "sso0000000000000000000000000",
            "tkn",
            "tkn+000000000000000000000000x",
        ] {
            assert!(session(none).is_err(), "{none}");
        }
    }
}
