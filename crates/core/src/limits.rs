//! What callers may do how often, and how long codes live.

use chrono::Duration;
pub use cognate_store::password::guess::Lockout;

/// Budgets and lifetimes.
#[derive(Debug, Clone)]
pub struct Limits {
    /// What wrong passwords lead to (LCK-1).
    pub lockout: Lockout,
    /// Guesses at one issued code that outlives the hourly budget (LCK-2).
    pub guesses_per_code: i32,
    /// Guesses at codes of one purpose, per user and hour.
    pub guesses_per_hour: i32,
    /// Messages of one purpose, per user and hour.
    pub messages_per_hour: i32,
    /// Messages to one address, per pool and hour, whoever asks for them (LCK-4).
    pub messages_per_address: i32,
    /// Messages of a pool, per hour, that others than administrators bring about (LCK-4).
    pub messages_per_pool: i32,
    /// How long a code that confirms a sign-up or proves an address works.
    pub sign_up_code_lifetime: Duration,
    /// How long a reset code works.
    pub reset_code_lifetime: Duration,
    /// How many digits codes have.
    pub code_digits: usize,
    /// How many digits codes have that sign somebody in without a password.
    pub sign_in_code_digits: usize,
    /// The most users or groups on a page that a request may ask for.
    pub largest_page: i32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lockout: Lockout::default(),
            guesses_per_code: 10,
            guesses_per_hour: 10,
            messages_per_hour: 5,
            messages_per_address: 15,
            messages_per_pool: 10_000,
            sign_up_code_lifetime: Duration::hours(24),
            reset_code_lifetime: Duration::hours(1),
            code_digits: 6,
            sign_in_code_digits: 8,
            largest_page: 60,
        }
    }
}

impl Limits {
    /// Development mode's limits: as the defaults, but a test suite may ask for as many messages as it likes.
    pub fn development() -> Self {
        Self {
            messages_per_hour: i32::MAX,
            messages_per_address: i32::MAX,
            messages_per_pool: i32::MAX,
            ..Self::default()
        }
    }
}
