//! Java patterns, rewritten for the `regex` crate.
//!
//! Java matches the whole string, its `\w`, `\d` and `\s` are ASCII, and its `.` stops at more line ends than Rust's.

use anyhow::{Result, bail};

/// Patterns that no rule can translate, because `regex` has no lookaround.
const BY_HAND: &[(&str, &str)] = &[(r"^[0-9A-Za-z\.\-_]*(?<!\.)$", r"(?:[0-9A-Za-z\.\-_]*[0-9A-Za-z\-_])?")];

/// A password may contain spaces inside, though not at its ends; and an empty one asks for none at all.
const PASSWORD: &str = r"(?s:[[:^space:]](?:.*[[:^space:]])?)?";

/// The model's pattern is that of a prefix, but a whole host name is a domain too.
const DOMAIN: &str = r"LABEL(?:\.LABEL)*";
const DOMAIN_LABEL: &str = r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?";

/// Rewrites the pattern of one shape so that `regex` accepts exactly what Cognito accepts.
pub(crate) fn translate(shape: &str, java: &str) -> Result<String> {
    if shape == "PasswordType" && java == r"[\S]+" {
        return Ok(whole(PASSWORD));
    }
    if shape == "DomainType" && java == format!("^{DOMAIN_LABEL}$") {
        return Ok(whole(&DOMAIN.replace("LABEL", DOMAIN_LABEL)));
    }
    if let Some((_, rust)) = BY_HAND.iter().find(|(by_hand, _)| *by_hand == java) {
        return Ok(whole(rust));
    }
    if java.contains("(?<!") || java.contains("(?<=") || java.contains("(?!") || java.contains("(?=") {
        bail!("the pattern {java:?} of {shape} looks around: translate it in pattern.rs by hand");
    }
    Ok(whole(&rewrite(java)))
}

fn whole(pattern: &str) -> String {
    format!(r"\A(?:{pattern})\z")
}

fn rewrite(java: &str) -> String {
    let mut rust = String::new();
    let dot_is_all = java.starts_with("(?s)");
    let mut in_class = false;
    let mut chars = java.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let escaped = chars.next().unwrap_or('\\');
                match ascii_class(escaped) {
                    Some(class) if in_class => rust.push_str(class),
                    Some(class) => rust.push_str(&format!("[{class}]")),
                    None => rust.extend(['\\', escaped]),
                }
            }
            '.' if !in_class && !dot_is_all => rust.push_str(r"[^\n\r\x{85}\x{2028}\x{2029}]"),
            _ => {
                match c {
                    '[' => in_class = true,
                    ']' => in_class = false,
                    _ => {}
                }
                // Rust reads a doubled sign inside a class as a set operation.
                if in_class && matches!(c, '-' | '&' | '~') && chars.peek() == Some(&c) {
                    rust.push('\\');
                }
                rust.push(c);
            }
        }
    }
    rust
}

fn ascii_class(escaped: char) -> Option<&'static str> {
    Some(match escaped {
        'w' => "[:word:]",
        'W' => "[:^word:]",
        'd' => "[:digit:]",
        'D' => "[:^digit:]",
        's' => "[:space:]",
        'S' => "[:^space:]",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    #[test]
    fn java_classes_become_ascii_classes_in_and_outside_brackets() {
        assert_eq!(translate("X", r"[\w-]+_\d").unwrap(), r"\A(?:[[:word:]-]+_[[:digit:]])\z");
        assert_eq!(translate("X", r"[\p{L}\s*]*").unwrap(), r"\A(?:[\p{L}[:space:]*]*)\z");
    }

    #[test]
    fn the_dot_stops_at_javas_line_ends_unless_told_otherwise() {
        assert_eq!(translate("X", "a.b").unwrap(), r"\A(?:a[^\n\r\x{85}\x{2028}\x{2029}]b)\z");
        assert_eq!(translate("X", "(?s).*").unwrap(), r"\A(?:(?s).*)\z");
    }

    #[test]
    fn a_name_may_not_end_in_a_dot_where_java_would_look_behind() {
        let name = Regex::new(&translate("X", r"^[0-9A-Za-z\.\-_]*(?<!\.)$").unwrap()).unwrap();
        for good in ["", "a", "a.b", ".a", "-"] {
            assert!(name.is_match(good), "{good}");
        }
        for bad in [".", "a.", "a b"] {
            assert!(!name.is_match(bad), "{bad}");
        }
    }

    #[test]
    fn every_pattern_of_the_models_compiles() {
        for service in crate::generate::SERVICES {
            for shape in service.model().unwrap().shapes {
                if let Some(java) = &shape.pattern {
                    Regex::new(&translate(&shape.name, java).unwrap()).unwrap();
                }
            }
        }
    }

    #[test]
    fn an_unknown_lookaround_is_refused() {
        assert!(translate("X", "(?!no)yes").is_err());
    }
}
