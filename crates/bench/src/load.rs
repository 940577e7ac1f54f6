//! How fast a server answers: its rows, in windows that take turns with their yardsticks'.

mod driver;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, ensure};

use self::driver::{Seen, Times, drive};
use crate::client::Request;
use crate::raw;

/// How many callers there are at once, row by row.
pub(crate) const CONNECTIONS: [usize; 3] = [1, 8, 32];

/// Load before anything counts.
const WARM_UP: Duration = Duration::from_secs(1);

/// The same where sides take turns, and each has been warm before.
const SHORT_WARM_UP: Duration = Duration::from_millis(300);

/// The same where every request takes making.
const PREPARED_WARM_UP: Duration = Duration::from_millis(100);

/// How many windows of a row take turns with its yardstick's.
const ROUNDS: u32 = 4;

/// What a row's windows saw.
pub(crate) struct Sample<P> {
    /// Connections kept busy.
    pub(crate) connections: usize,
    /// Right answers per second.
    pub(crate) rate: f64,
    /// How many right answers that were.
    pub(crate) answers: usize,
    /// Half of the answers took at most this long.
    pub(crate) p50: Duration,
    /// All but one in a hundred took at most this long.
    pub(crate) p99: Duration,
    /// The slowest answer.
    pub(crate) max: Duration,
    /// Answers that were not what the request deserves, warm-up included.
    pub(crate) wrong: usize,
    /// The first of them.
    pub(crate) first_wrong: Option<String>,
    /// The probe's readings as each window opened and as it closed.
    pub(crate) probes: Vec<(P, P)>,
}

/// A row, and what it is held against.
pub(crate) struct Row<P> {
    /// What its windows saw.
    pub(crate) sample: Sample<P>,
    /// The yardstick's rate, of windows between them.
    pub(crate) bound: f64,
}

/// Measures one row for each number of connections, in windows that take turns with the yardstick's: a shared machine's
/// speed drifts, and meets both alike. The yardstick is asked for its rate at so many connections.
pub(crate) fn rows<P>(
    server: SocketAddr,
    requests: &[Request],
    window: Duration,
    yardstick: impl Fn(usize, Duration) -> Result<f64>,
    probe: impl Fn() -> Result<P>,
) -> Result<Vec<Row<P>>> {
    let row = |&connections: &usize| {
        let mut row = Rounds::default();
        for round in 0..ROUNDS {
            row.bounds.push(yardstick(connections, window / (2 * ROUNDS))?);
            let first = requests.len() * round as usize / (ROUNDS as usize * raw::cores());
            let times = Times::new(if round == 0 { WARM_UP } else { SHORT_WARM_UP }, window / ROUNDS);
            row.add(drive(server, requests, first, connections, times, &probe)?);
        }
        Ok(row.whole(connections, window).0)
    };
    CONNECTIONS.iter().map(row).collect()
}

/// Measures a row whose requests work once each, in turns with its yardstick: those of each round are made beforehand, of the
/// answers to the round before. There must be enough of them, for [`prepared`] at least. Also returns all answers.
pub(crate) fn once<P>(
    server: SocketAddr,
    connections: usize,
    window: Duration,
    mut requests: impl FnMut(Vec<Vec<u8>>) -> Result<Vec<Request>>,
    yardstick: impl Fn(usize, Duration) -> Result<f64>,
    probe: impl Fn() -> Result<P>,
) -> Result<(Row<P>, Vec<Vec<u8>>)> {
    let (mut row, mut last) = (Rounds::default(), Vec::new());
    for _ in 0..ROUNDS {
        let requests = requests(last)?;
        row.bounds.push(yardstick(connections, window / (2 * ROUNDS))?);
        let times = Times::new(PREPARED_WARM_UP, window / ROUNDS).keeping_answers();
        let (seen, probe) = drive(server, &requests, 0, connections, times, &probe)?;
        last = seen.answers.clone();
        row.add((seen, probe));
    }
    Ok(row.whole(connections, window))
}

/// How many requests are enough for a round of [`once`] that is answered at no more than this rate.
pub(crate) fn prepared(rate: f64, window: Duration) -> usize {
    (rate * (window / ROUNDS + PREPARED_WARM_UP).as_secs_f64() * MARGIN) as usize
}

/// How long a window of [`once`] so many requests are enough for, which are answered at no more than this rate.
///
/// # Errors
/// When they are too few for any.
pub(crate) fn lasting(requests: usize, rate: f64) -> Result<Duration> {
    let round = Duration::from_secs_f64(requests as f64 / (f64::from(ROUNDS) * MARGIN * rate));
    ensure!(round > PREPARED_WARM_UP, "{requests} requests that work once are too few at {rate:.0} a second");
    Ok((round - PREPARED_WARM_UP) * ROUNDS)
}

/// How many more requests are made than should be needed.
const MARGIN: f64 = 1.1;

/// The windows of a row so far, and those of its yardstick.
struct Rounds<P> {
    seen: Seen,
    probes: Vec<(P, P)>,
    bounds: Vec<f64>,
}

impl<P> Default for Rounds<P> {
    fn default() -> Self {
        Self { seen: Seen::default(), probes: Vec::new(), bounds: Vec::new() }
    }
}

impl<P> Rounds<P> {
    fn add(&mut self, (seen, probe): (Seen, (P, P))) {
        self.seen.add(seen);
        self.probes.push(probe);
    }

    fn whole(mut self, connections: usize, window: Duration) -> (Row<P>, Vec<Vec<u8>>) {
        let answers = std::mem::take(&mut self.seen.answers);
        let bound = self.bounds.iter().sum::<f64>() / self.bounds.len() as f64;
        (Row { sample: Sample::new(connections, window, self.seen, self.probes), bound }, answers)
    }
}

/// How often per second a server that is always right answers one request, over and over.
pub(crate) fn rate(
    server: SocketAddr,
    request: &Request,
    connections: usize,
    window: Duration,
) -> Result<f64> {
    let times = Times::new(SHORT_WARM_UP, window);
    let (seen, _) = drive(server, std::slice::from_ref(request), 0, connections, times, || Ok(()))?;
    ensure!(seen.wrong == 0, "there were wrong answers: {}", seen.first_wrong.unwrap_or_default());
    Ok(seen.latencies.len() as f64 / window.as_secs_f64())
}

/// Measures several sides in turns, each in several short windows, so that a drift of the machine's speed meets all
/// alike. No window begins with the requests of the one before.
pub(crate) fn alternate(
    server: SocketAddr,
    sides: &[Vec<Request>],
    connections: usize,
    window: Duration,
    rounds: usize,
) -> Result<Vec<Sample<()>>> {
    let mut seen: Vec<_> = sides.iter().map(|_| Seen::default()).collect();
    for round in 0..rounds {
        for turn in 0..sides.len() {
            // Another side begins each round.
            let side = (round + turn) % sides.len();
            let first = round * sides[side].len() / (rounds * raw::cores());
            let times = Times::new(SHORT_WARM_UP, window);
            let (more, _) = drive(server, &sides[side], first, connections, times, || Ok(()))?;
            seen[side].add(more);
        }
    }
    let all = window * u32::try_from(rounds)?;
    Ok(seen.into_iter().map(|seen| Sample::new(connections, all, seen, Vec::new())).collect())
}

impl<P> Sample<P> {
    fn new(connections: usize, window: Duration, seen: Seen, probes: Vec<(P, P)>) -> Sample<P> {
        let Seen { mut latencies, wrong, first_wrong, .. } = seen;
        latencies.sort_unstable();
        Sample {
            connections,
            rate: latencies.len() as f64 / window.as_secs_f64(),
            answers: latencies.len(),
            p50: percentile(&latencies, 50),
            p99: percentile(&latencies, 99),
            max: percentile(&latencies, 100),
            wrong,
            first_wrong,
            probes,
        }
    }
}

/// The value that so many percent do not exceed (nearest rank); zero when there is none.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_taken_in_turns_with_its_yardstick() -> Result<()> {
        let host = SocketAddr::from(([127, 0, 0, 1], 80));
        let request = Request::new(crate::client::get(host, "/"), "\"kid\":", 2);
        let answer = |body: &'static str| raw::Bare::start(move |_| body.into());
        let (right, wrong) = (answer(r#"[{"kid":1},{"kid":2}]"#)?, answer(r#"[{"kid":1}]"#)?);
        let window = Duration::from_millis(100);
        let beside = |connections, window| rate(right.address, &request, connections, window);
        let rows = rows(right.address, std::slice::from_ref(&request), window, beside, || Ok(()))?;
        // How high they are is the machine's to say: on a busy one, a window may pass without an answer.
        assert_eq!(rows.iter().map(|row| row.sample.connections).collect::<Vec<_>>(), CONNECTIONS);
        assert!(rows.iter().all(|row| row.sample.wrong == 0 && row.sample.probes.len() == ROUNDS as usize));
        assert!(rate(wrong.address, &request, 1, window).is_err(), "a wrong answer is noticed");
        right.stop()?;
        wrong.stop()
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let sorted: Vec<_> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&sorted, 50), Duration::from_millis(100));
        assert_eq!(percentile(&sorted, 99), Duration::from_millis(198));
        assert_eq!(percentile(&sorted, 100), Duration::from_millis(200));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }
}
