//! From wire names to Rust names.

/// Splits a wire name into words: `UserMFASettingList`, `CallbackURLs`, `FORCE_CHANGE_PASSWORD`, `phone_number`.
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1).copied();
        if c.is_ascii_uppercase() && starts_word(before, after, chars.get(at + 2).copied()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    words.retain(|word| !word.is_empty());
    join_oauth(words)
}

/// Whether an upper-case letter between these neighbours opens a new word.
fn starts_word(before: Option<char>, after: Option<char>, second: Option<char>) -> bool {
    let lower_follows = after.is_some_and(|c| c.is_ascii_lowercase());
    // The `s` of `URLs` belongs to the acronym.
    let plural = after == Some('s') && second.is_none_or(|c| !c.is_ascii_lowercase());
    match before {
        Some(c) if c.is_ascii_lowercase() => true,
        Some(c) if c.is_ascii_uppercase() => lower_follows && !plural,
        Some(c) if c.is_ascii_digit() => lower_follows,
        _ => false,
    }
}

fn join_oauth(words: Vec<String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    for word in words {
        match joined.last_mut() {
            Some(last) if last == "O" && word == "Auth" => last.push_str("Auth"),
            _ => joined.push(word),
        }
    }
    joined
}

/// The name of a struct field or module.
pub(crate) fn snake(name: &str) -> String {
    let name = words(name).join("_").to_ascii_lowercase();
    match name.as_str() {
        "as" | "const" | "else" | "enum" | "false" | "fn" | "for" | "if" | "impl" | "in" | "let" | "loop"
        | "match" | "mod" | "move" | "mut" | "pub" | "ref" | "return" | "static" | "struct" | "trait"
        | "true" | "type" | "unsafe" | "use" | "where" | "while" | "async" | "await" | "dyn" => {
            format!("r#{name}")
        }
        _ => name,
    }
}

/// The name of a static.
pub(crate) fn screaming(name: &str) -> String {
    words(name).join("_").to_ascii_uppercase()
}

/// The name of an enum variant. Two numbers keep the underscore between them: `V1_0`.
pub(crate) fn camel(name: &str) -> String {
    let mut camel = String::new();
    for word in words(name) {
        let ends_in_digit = camel.ends_with(|c: char| c.is_ascii_digit());
        if ends_in_digit && word.starts_with(|c: char| c.is_ascii_digit()) {
            camel.push('_');
        }
        let (head, tail) = word.split_at(1);
        camel.push_str(&head.to_ascii_uppercase());
        camel.push_str(&tail.to_ascii_lowercase());
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_snake_case_and_acronyms_stay_whole() {
        let names = [
            "ClientId",
            "UserMFASettingList",
            "CallbackURLs",
            "AllowedOAuthFlows",
            "CSS",
            "Type",
            "SourceIp",
        ];
        let fields = names.map(snake);
        let expected = [
            "client_id",
            "user_mfa_setting_list",
            "callback_urls",
            "allowed_oauth_flows",
            "css",
            "r#type",
            "source_ip",
        ];
        assert_eq!(fields, expected);
        assert_eq!(snake("OpenIdConnectProviderARNs"), "open_id_connect_provider_arns");
    }

    #[test]
    fn variants_are_camel_case_whatever_the_wire_says() {
        let values =
            ["FORCE_CHANGE_PASSWORD", "phone_number", "InProgress", "V1_0", "ARGON2ID", "PBKDF2_SHA256"];
        let expected =
            ["ForceChangePassword", "PhoneNumber", "InProgress", "V1_0", "Argon2id", "Pbkdf2Sha256"];
        assert_eq!(values.map(camel), expected);
    }
}
