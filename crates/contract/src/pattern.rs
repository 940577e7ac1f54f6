//! Patterns of the model, compiled when first needed.

use std::sync::OnceLock;

use regex::Regex;

/// A pattern as the model writes it, and as the `regex` crate understands it.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    translated: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(crate) const fn new(text: &'static str, translated: &'static str) -> Self {
        Self { text, translated, compiled: OnceLock::new() }
    }

    /// The pattern in the words of the model, for messages.
    pub(crate) const fn text(&self) -> &'static str {
        self.text
    }

    /// Whether a whole value matches. A pattern that does not compile, which a test rules out, matches nothing.
    pub(crate) fn matches(&self, value: &str) -> bool {
        self.compiled().is_some_and(|regex| regex.is_match(value))
    }

    fn compiled(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(self.translated).ok()).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cognito_identity, cognito_idp};

    fn of_the_models() -> impl Iterator<Item = &'static Pattern> {
        cognito_idp::PATTERNS.iter().chain(cognito_identity::PATTERNS).copied()
    }

    fn pattern(text: &str) -> &'static Pattern {
        of_the_models().find(|pattern| pattern.text == text).unwrap()
    }

    #[test]
    fn every_pattern_of_the_models_compiles() {
        assert!(of_the_models().count() > 30);
        for pattern in of_the_models() {
            assert!(pattern.compiled().is_some(), "{}", pattern.text);
        }
    }

    #[test]
    fn a_pattern_matches_whole_values_in_ascii() {
        let id = pattern(r"[\w-]+_[0-9a-zA-Z]+");
        assert!(id.matches("eu-west-1_aB3"));
        assert!(!id.matches("eu-west-1_aB3\n"));
        assert!(!id.matches("ü_aB3"));
        assert!(!id.matches(" eu_a"));
    }

    #[test]
    fn unicode_classes_refuse_blanks_and_control_characters() {
        let username = pattern(r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+");
        assert!(username.matches("Zoë+1@example.com"));
        assert!(!username.matches("two words"));
        assert!(!username.matches("bell\u{7}"));
    }

    #[test]
    fn a_password_may_have_spaces_inside_only() {
        let password = of_the_models().find(|pattern| pattern.translated.contains("(?s:")).unwrap();
        assert_eq!(password.text, r"[\S]+");
        for good in ["", "x", "correct horse battery staple", "tab\tand\nline", "ÄÖ"] {
            assert!(password.matches(good), "{good}");
        }
        for bad in [" ", " lead", "trail ", "\n"] {
            assert!(!password.matches(bad), "{bad:?}");
        }
    }
}
