//! One normal form for usernames and aliases (COD-6), and the checks of addresses (COD-5).

use cognate_store::UserPoolSettings;
use unicode_normalization::UnicodeNormalization as _;

/// The form in which a name is compared: NFKC, lower case where the pool does not tell cases apart.
pub(crate) fn normalise(settings: &UserPoolSettings, name: &str) -> String {
    if settings.is_case_sensitive() { name.nfkc().collect() } else { folded(name) }
}

/// The form in which names that differ in case or width alone are one.
pub(crate) fn folded(name: &str) -> String {
    name.nfkc().collect::<String>().to_lowercase()
}

/// The longest name that anybody signs in with, in characters: an email address fits.
pub(crate) const LONGEST: usize = 256;

/// Whether a normalised name can be one at all: of a sensible length, without control or invisible characters.
pub(crate) fn is_acceptable(name: &str) -> bool {
    !name.is_empty() && name.chars().count() <= LONGEST && !name.chars().any(is_invisible)
}

/// Whether a character shows nothing, or changes how others are shown.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a text is an email address: one `@`, a dot-atom before it, a host name after it. No quoted local parts,
/// comments, routes, encoded words or control characters.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let atom = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || is_letter(c))
    };
    text.len() <= 254
        && local.len() <= 64
        && local.split('.').all(atom)
        && domain.split('.').count() >= 2
        && is_host(domain)
}

/// Whether a text is a host name, in ASCII or not.
pub fn is_host(text: &str) -> bool {
    let label = |part: &str| {
        !part.is_empty()
            && part.len() <= 63
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || is_letter(c))
    };
    text.split('.').all(label)
}

fn is_letter(c: char) -> bool {
    !c.is_ascii() && c.is_alphanumeric()
}

/// Whether a text is a phone number in E.164: `+`, then 8 to 15 digits, the first not 0.
pub(crate) fn is_phone_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (8..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0')
    })
}

/// An email address as it may be shown to someone who is not signed in: `a***@e***`.
pub(crate) fn mask_email(email: &str) -> String {
    let email = email.nfkc().collect::<String>().to_lowercase();
    let (local, domain) = email.split_once('@').unwrap_or((&email, ""));
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    format!("{}***@{}***", first(local), first(domain))
}

/// A phone number as it may be shown to someone who is not signed in: all but the last four digits hidden.
pub(crate) fn mask_phone_number(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let hidden = digits.len().saturating_sub(4);
    let shown: String = digits[hidden..].iter().collect();
    format!("+{}{shown}", "*".repeat(hidden))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_follow_one_strict_grammar() {
        for good in ["a@b.co", "first.last+tag@sub.example.com", "o'hara@example.org", "用户@例子.中国"]
        {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@b",
            "@b.co",
            "a@",
            "a@@b.co",
            "a b@c.co",
            "\"a b\"@c.co",
            "a@b.co\n",
            "a@[1.2.3.4]",
            ".a@b.co",
            "a..b@c.co",
            "a@-b.co",
            "a@b..co",
            "(x)a@b.co",
            "<a@b.co>",
            "a@b.co,c@d.co",
        ] {
            assert!(!is_email(bad), "{bad:?}");
        }
        assert!(is_phone_number("+14155552671"));
        for bad in ["14155552671", "+123", "+12345678901234567890", "+1415555267a", "+0123456789", "+"] {
            assert!(!is_phone_number(bad), "{bad}");
        }
    }

    #[test]
    fn masked_addresses_keep_only_what_cognito_shows() {
        assert_eq!(mask_email("ada@example.com"), "a***@e***");
        assert_eq!(mask_email("ADA@EXAMPLE.COM"), "a***@e***");
        assert_eq!(mask_phone_number("+14155552671"), "+*******2671");
    }

    #[test]
    fn names_fold_case_only_where_the_pool_says_so() {
        let mut settings = UserPoolSettings::default();
        assert_eq!(normalise(&settings, "Ada"), "Ada");
        assert_eq!(normalise(&settings, "ｆｕｌｌ"), "full");
        assert!(
            is_acceptable("ada")
                && !is_acceptable("a\u{200b}da")
                && !is_acceptable("a\0")
                && !is_acceptable("")
        );
        settings.case_sensitive = Some(false);
        assert_eq!(normalise(&settings, "Ada@X.test"), "ada@x.test");
    }
}
