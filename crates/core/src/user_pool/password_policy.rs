//! Whether a password is good enough for a pool.

use cognate_store::user_pool::PasswordPolicy;

use crate::{Error, Result, random};

/// Cognito's symbols; a space counts too, but not at either end.
const SYMBOLS: &str = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-";

/// The longest password, in characters (RES-2); longer ones are refused before they are hashed.
pub const LONGEST: usize = 256;

/// The first rule that a password breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// More characters than anybody's password has.
    TooLong,
    /// Fewer characters than the policy asks for.
    TooShort,
    /// No small letter.
    NoLowercase,
    /// No capital letter.
    NoUppercase,
    /// No digit.
    NoNumber,
    /// No symbol.
    NoSymbol,
}

/// Checks a password against the policy.
///
/// # Errors
/// [`Error::PasswordPolicy`] with the first rule it breaks.
pub fn check(policy: &PasswordPolicy, password: &str) -> Result<()> {
    violation(policy, password).map_or(Ok(()), |violation| Err(Error::PasswordPolicy(violation)))
}

fn violation(policy: &PasswordPolicy, password: &str) -> Option<Violation> {
    let has = |is: fn(&char) -> bool| password.chars().any(|c| is(&c));
    let has_symbol = password.chars().any(|c| SYMBOLS.contains(c)) || password.trim().contains(' ');
    let length = password.chars().count();
    let rules = [
        (length <= LONGEST, Violation::TooLong),
        (length >= policy.minimum_length, Violation::TooShort),
        (!policy.require_lowercase || has(char::is_ascii_lowercase), Violation::NoLowercase),
        (!policy.require_uppercase || has(char::is_ascii_uppercase), Violation::NoUppercase),
        (!policy.require_numbers || has(char::is_ascii_digit), Violation::NoNumber),
        (!policy.require_symbols || has_symbol, Violation::NoSymbol),
    ];
    rules.into_iter().find(|(holds, _)| !holds).map(|(_, violation)| violation)
}

/// A random temporary password that satisfies every policy of that length, without look-alike characters.
pub(crate) fn generate(policy: &PasswordPolicy) -> Result<String> {
    const LOWER: &[u8] = b"abcdefghijkmnpqrstuvwxyz";
    const UPPER: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
    const NUMBERS: &[u8] = b"23456789";
    const MARKS: &[u8] = b"!@#%*?+-=";
    let all = [LOWER, UPPER, NUMBERS, MARKS].concat();
    let length = policy.minimum_length.max(14);
    // One of each kind, then anything, and the first four moved to random places.
    let mut password: Vec<u8> = Vec::with_capacity(length);
    for kind in [LOWER, UPPER, NUMBERS, MARKS] {
        password.extend(random::text(kind, 1)?.bytes());
    }
    password.extend(random::text(&all, length - password.len())?.bytes());
    for (index, byte) in random::bytes::<4>()?.into_iter().enumerate() {
        password.swap(index, usize::from(byte) % length);
    }
    String::from_utf8(password).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_broken_rule_is_reported() {
        let policy = PasswordPolicy::default();
        for (password, expected) in [
            ("Aa1!", Some(Violation::TooShort)),
            ("PASSW0RD!", Some(Violation::NoLowercase)),
            ("passw0rd!", Some(Violation::NoUppercase)),
            ("Password!", Some(Violation::NoNumber)),
            ("Passw0rdx", Some(Violation::NoSymbol)),
            ("Passw0rd x", None),
            ("Passw0rdx ", Some(Violation::NoSymbol)),
            ("Passw0rd!", None),
        ] {
            assert_eq!(violation(&policy, password), expected, "{password}");
        }
    }

    #[test]
    fn generated_passwords_satisfy_the_policy() {
        for minimum_length in [6, 8, 40, 99] {
            let policy = PasswordPolicy { minimum_length, ..PasswordPolicy::default() };
            for _ in 0..200 {
                let password = generate(&policy).unwrap();
                assert_eq!(violation(&policy, &password), None, "{password}");
            }
        }
    }
}
