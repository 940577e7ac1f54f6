//! Settings from the environment.

use figment::Figment;
use figment::providers::Env;

/// Adds the `COGNATE_*` variables. Only what is a number or a switch is read as one: a key of digits stays a text.
pub(super) fn merged(figment: Figment) -> Figment {
    const TYPED: [&str; 18] = [
        "code_digits",
        "database_connections",
        "dev",
        "drain_seconds",
        "guesses_per_code",
        "guesses_per_hour",
        "largest_page",
        "longest_lock_seconds",
        "messages_per_address",
        "messages_per_hour",
        "messages_per_pool",
        "outbound_http",
        "password_failures",
        "reset_code_minutes",
        "sign_in_code_digits",
        "sign_up_code_minutes",
        "trigger_attempts",
        "trigger_timeout_seconds",
    ];
    let prefixed = Env::prefixed("COGNATE_");
    let texts = prefixed.clone().ignore(&TYPED);
    let figment = figment.merge(prefixed.only(&TYPED));
    texts.iter().fold(figment, |figment, (name, value)| figment.merge((name.as_str(), value)))
}
