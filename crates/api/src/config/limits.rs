//! How often what may be tried, and how long codes live: what the operator set, or Cognito's values.

use chrono::Duration;
use cognate_core::limits::{Limits, Lockout};

use super::Config;

/// Refuses values that protect nobody, or nobody could live with.
pub(super) fn check(config: &Config) -> anyhow::Result<()> {
    let within = |name: &str, value: i32, least: i32, most: i32| {
        anyhow::ensure!((least..=most).contains(&value), "{name} must be between {least} and {most}");
        Ok(())
    };
    within("password_failures", config.password_failures, 1, 100)?;
    within("longest_lock_seconds", config.longest_lock_seconds, 1, 86_400)?;
    within("guesses_per_code", config.guesses_per_code, 1, 100)?;
    within("guesses_per_hour", config.guesses_per_hour, 1, 1000)?;
    within("messages_per_hour", config.messages_per_hour.unwrap_or(1), 1, 1_000_000)?;
    within("messages_per_address", config.messages_per_address.unwrap_or(1), 1, 1_000_000)?;
    within("messages_per_pool", config.messages_per_pool.unwrap_or(1), 1, 10_000_000)?;
    within("sign_up_code_minutes", config.sign_up_code_minutes, 1, 10_080)?;
    within("reset_code_minutes", config.reset_code_minutes, 1, 1440)?;
    within("code_digits", config.code_digits.into(), 6, 12)?;
    within("sign_in_code_digits", config.sign_in_code_digits.into(), 6, 12)?;
    within("largest_page", config.largest_page, 60, 1000)
}

/// The limits in force.
pub(super) fn of(config: &Config) -> Limits {
    let defaults = if config.is_development() { Limits::development() } else { Limits::default() };
    Limits {
        lockout: Lockout {
            free_failures: config.password_failures,
            longest: Duration::seconds(config.longest_lock_seconds.into()),
        },
        guesses_per_code: config.guesses_per_code,
        guesses_per_hour: config.guesses_per_hour,
        messages_per_hour: config.messages_per_hour.unwrap_or(defaults.messages_per_hour),
        messages_per_address: config.messages_per_address.unwrap_or(defaults.messages_per_address),
        messages_per_pool: config.messages_per_pool.unwrap_or(defaults.messages_per_pool),
        sign_up_code_lifetime: Duration::minutes(config.sign_up_code_minutes.into()),
        reset_code_lifetime: Duration::minutes(config.reset_code_minutes.into()),
        code_digits: config.code_digits.into(),
        sign_in_code_digits: config.sign_in_code_digits.into(),
        largest_page: config.largest_page,
    }
}
