//! The time, read once at the top of a use case.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, SubsecRound as _, Utc};

/// Tells the time, to the microsecond as the database keeps it. Tests can move it on.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    ahead_by_micros: Arc<AtomicI64>,
}

impl Clock {
    /// The present moment.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn now(&self) -> DateTime<Utc> {
        let ahead = Duration::microseconds(self.ahead_by_micros.load(Ordering::Relaxed));
        (Utc::now() + ahead).trunc_subsecs(6)
    }

    /// Moves this clock, and every clone of it, into the future.
    pub fn advance(&self, by: Duration) {
        self.ahead_by_micros.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::Relaxed);
    }
}
