//! Ids of sessions as the API names them: `tkn`, or `sso` for a browser's at the pool's pages, and the session's UUID in 25 digits
//! of base 36.

use cognate_core::{Error, Result};
use cognate_store::UserSessionId;
use cognate_store::user_session::SessionKind;
use uuid::Uuid;

const PREFIXES: [(SessionKind, &str); 2] = [(SessionKind::Tokens, "tkn"), (SessionKind::Browser, "sso")];
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// As many as the largest UUID takes.
const LENGTH: usize = 25;

/// The name of a session.
pub(crate) fn of(kind: SessionKind, session: UserSessionId) -> String {
    let mut rest = session.as_uuid().as_u128();
    let mut digits = [0; LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 36) as usize];
        rest /= 36;
    }
    let prefix = PREFIXES.iter().find(|(of, _)| *of == kind).map_or("", |(_, prefix)| prefix);
    prefix.chars().chain(digits.map(char::from)).collect()
}

/// The session of a name.
///
/// # Errors
/// [`Error::SessionNotFound`] for a name that no session has.
pub(crate) fn session(name: &str) -> Result<(SessionKind, UserSessionId)> {
    let found = PREFIXES.iter().find_map(|(kind, prefix)| Some((*kind, name.strip_prefix(prefix)?)));
    let number = found.filter(|(_, digits)| digits.len() == LENGTH).and_then(|(kind, digits)| {
        let number = u128::from_str_radix(digits, 36).ok()?;
        Some((kind, Uuid::from_u128(number).into()))
    });
    number.ok_or(Error::SessionNotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_28_letters_and_leads_back() {
        for number in [0, 1, 35, 36, 0x6f8b_5a1e_0c3d_4f5e_9a7b_1c2d_3e4f_5a6b, u128::MAX] {
            let id = UserSessionId::from(Uuid::from_u128(number));
            for (kind, prefix) in PREFIXES {
                let name = of(kind, id);
                assert_eq!(name.len(), 28);
                let digits = name.strip_prefix(prefix).unwrap();
                assert!(digits.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
                assert_eq!(session(&name).unwrap(), (kind, id));
            }
        }
        for none in [
            "tknzzzzzzzzzzzzzzzzzzzzzzzzz",
            "sso000000000000000000000000",
            "abc0000000000000000000000000",
            "tkn",
            "tkn+000000000000000000000000x",
        ] {
            assert!(session(none).is_err(), "{none}");
        }
    }
}
