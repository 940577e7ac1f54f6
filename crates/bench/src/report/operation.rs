//! Operations, and what they are held against.

use std::fmt::{Display, Formatter};
use std::time::Duration;

use super::Reading;
use super::format::millis;
use crate::load::{Row, Sample};
use crate::raw::Speed;

/// What an operation is held against.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Yardstick {
    /// Hashes.
    H,
    /// So many signatures.
    S(u8),
    /// So many powers.
    M(u8),
    /// A bare handler's answers.
    W,
}

impl Display for Yardstick {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::H => f.write_str("H"),
            Self::S(1) => f.write_str("S"),
            Self::S(signatures) => write!(f, "S/{signatures}"),
            Self::M(1) => f.write_str("M"),
            Self::M(powers) => write!(f, "M/{powers}"),
            Self::W => f.write_str("W"),
        }
    }
}

/// One operation at every connection count.
pub(crate) struct Operation {
    /// What a reader calls it.
    pub(crate) name: &'static str,
    /// What it is held against.
    pub(crate) yardstick: Yardstick,
    /// The share of the yardstick it should reach, where it is held to one by itself.
    pub(crate) share: Option<f64>,
    /// The rows.
    pub(crate) rows: Vec<Row<Reading>>,
}

impl Operation {
    /// The best share of a row. A bare handler has a number of connections that suits it, as the server has: there it is the best
    /// rate over the handler's best.
    pub(super) fn best_share(&self) -> f64 {
        let most = |of: fn(&Row<Reading>) -> f64| self.rows.iter().map(of).fold(0.0, f64::max);
        match self.yardstick {
            Yardstick::W => most(|row| row.sample.rate) / most(|row| row.bound),
            _ => most(|row| row.sample.rate / row.bound),
        }
    }

    fn lone(&self) -> Option<&Sample<Reading>> {
        self.rows.iter().map(|row| &row.sample).find(|sample| sample.connections == 1)
    }

    /// The mean latency of a lone caller, who always waits for the answer before.
    pub(super) fn alone(&self) -> Duration {
        self.lone().map(|sample| Duration::from_secs_f64(1.0 / sample.rate)).unwrap_or_default()
    }

    /// The server's own time for each of a lone caller's requests.
    pub(crate) fn server_alone(&self) -> Duration {
        self.lone().map(|sample| sample.each(|reading| reading.server)).unwrap_or_default()
    }

    /// How long the server itself hashed for each of a lone caller's requests: a hash takes longer beside a database
    /// and a client than it does alone.
    pub(super) fn hash_alone(&self) -> Duration {
        let Some(sample) = self.lone() else { return Duration::ZERO };
        let hashes = sample.probes.iter().map(|(before, after)| after.hashing.0 - before.hashing.0);
        sample.spent(|reading| reading.hashing.1).div_f64(hashes.sum::<f64>().max(1.0))
    }
}

impl Sample<Reading> {
    /// How much of something its windows took.
    fn spent(&self, of: impl Fn(&Reading) -> Duration) -> Duration {
        self.probes.iter().map(|(before, after)| of(after).saturating_sub(of(before))).sum()
    }

    /// How much of it each answer took.
    pub(super) fn each(&self, of: impl Fn(&Reading) -> Duration) -> Duration {
        self.spent(of).div_f64(self.answers.max(1) as f64)
    }
}

/// Sign-in by SRP, and the refresh of what it yields.
pub(crate) struct Srp {
    /// M.
    pub(crate) powers: Speed,
    /// The call that begins a handshake.
    pub(crate) openings: Operation,
    /// The call that proves the password.
    pub(crate) proofs: Operation,
    /// The exchange of a refresh token for the next.
    pub(crate) rotation: Operation,
}

impl Srp {
    /// Both calls' best rates together over that of the powers that they take.
    pub(super) fn share(&self) -> f64 {
        let (opening, proof) = (self.openings.best_share(), self.proofs.best_share());
        // Of the time that the powers alone would take, one part is the first call's and two are the second's.
        POWERS / (1.0 / opening + (POWERS - 1.0) / proof)
    }

    /// How long the server's arithmetic took for each sign-in of a lone caller.
    pub(super) fn arithmetic_alone(&self) -> Duration {
        self.openings.hash_alone() + self.proofs.hash_alone()
    }

    /// What a lone caller waits for beside arithmetic, half of the time at most.
    pub(super) fn outside(&self, signing: &Speed) -> f64 {
        let median =
            |operation: &Operation| operation.rows.first().map(|it| it.sample.p50).unwrap_or_default();
        let both = millis(median(&self.openings)) + millis(median(&self.proofs));
        both - millis(self.arithmetic_alone()) - 2.0 * millis(signing.alone)
    }
}

/// How many powers a sign-in by SRP takes at the server.
const POWERS: f64 = 3.0;
