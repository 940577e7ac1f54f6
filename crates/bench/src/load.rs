//! The closed loop: every connection sends its next request as soon as the last one is answered.
//!
//! Client and server share the machine's cores, so the client has to be cheap. An epoll loop per core drives
//! an equal share of the connections: a request costs one `write` and one `read`, and a single `epoll_wait`
//! collects every answer that has come in meanwhile. A thread per connection would save that call but pay a
//! wake-up and a context switch for each answer; against the bare handler at 32 connections that made 17 to
//! 20 µs of CPU per request, both sides together, where this makes 11 to 13. A single loop costs no less, and
//! left a fifth of two cores idle.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::client::{self, Request};
use crate::raw;

/// How long the server may stay silent before the run is given up.
const SILENCE: Duration = Duration::from_secs(30);

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
        let times = Times { keeps_answers: true, ..Times::new(PREPARED_WARM_UP, window / ROUNDS) };
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
pub(crate) fn lasting(requests: usize, rate: f64) -> Duration {
    let round = Duration::from_secs_f64(requests as f64 / (f64::from(ROUNDS) * MARGIN * rate));
    round.saturating_sub(PREPARED_WARM_UP) * ROUNDS
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

/// How long a side is driven, and what is kept of it.
#[derive(Clone, Copy)]
struct Times {
    warm_up: Duration,
    window: Duration,
    keeps_answers: bool,
}

impl Times {
    fn new(warm_up: Duration, window: Duration) -> Times {
        Times { warm_up, window, keeps_answers: false }
    }
}

/// Keeps so many connections busy for a warm-up and a window, sending from the given request on.
fn drive<P>(
    server: SocketAddr,
    requests: &[Request],
    first: usize,
    connections: usize,
    times: Times,
    probe: impl Fn() -> Result<P>,
) -> Result<(Seen, (P, P))> {
    ensure!(!requests.is_empty(), "there is nothing to send");
    let opens = Instant::now() + times.warm_up;
    let closes = opens + times.window;
    let loops = raw::cores().min(connections);

    thread::scope(|scope| {
        let share = |index: usize| (connections + index) / loops;
        let threads: Vec<_> = (0..loops)
            .map(|index| {
                let first = (first + index * requests.len() / loops) % requests.len();
                scope.spawn(move || {
                    Driver::connect(server, requests, first, share(index), times.keeps_answers)?
                        .run(opens, closes)
                })
            })
            .collect();
        thread::sleep(opens.saturating_duration_since(Instant::now()));
        let before = probe();
        thread::sleep(closes.saturating_duration_since(Instant::now()));
        let after = probe();
        let mut seen = Seen::default();
        for thread in threads {
            seen.add(thread.join().map_err(|_| anyhow!("a client thread gave up"))??);
        }
        Ok((seen, (before?, after?)))
    })
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

/// What a loop has seen.
#[derive(Default)]
struct Seen {
    latencies: Vec<Duration>,
    answers: Vec<Vec<u8>>,
    wrong: usize,
    first_wrong: Option<String>,
}

impl Seen {
    fn add(&mut self, other: Seen) {
        self.latencies.extend(other.latencies);
        self.answers.extend(other.answers);
        self.wrong += other.wrong;
        self.first_wrong = self.first_wrong.take().or(other.first_wrong);
    }
}

/// The value that so many percent do not exceed (nearest rank); zero when there is none.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

/// One loop's connections and what they have seen so far.
struct Driver<'a> {
    poll: Poll,
    events: Events,
    lines: Vec<Line>,
    requests: &'a [Request],
    next: usize,
    in_flight: usize,
    keeps_answers: bool,
    seen: Seen,
}

/// One connection with at most one request under way.
struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
    request: usize,
    sent: Instant,
}

impl<'a> Driver<'a> {
    /// Opens all connections and sends a request on each, from the given one on.
    fn connect(
        server: SocketAddr,
        requests: &'a [Request],
        first: usize,
        connections: usize,
        keeps_answers: bool,
    ) -> Result<Driver<'a>> {
        let mut driver = Driver {
            poll: Poll::new()?,
            events: Events::with_capacity(connections),
            lines: Vec::with_capacity(connections),
            requests,
            next: first,
            in_flight: 0,
            keeps_answers,
            seen: Seen { latencies: Vec::with_capacity(1 << 20), ..Seen::default() },
        };
        for token in 0..connections {
            let stream = std::net::TcpStream::connect(server).context("cannot connect")?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            driver.poll.registry().register(&mut stream, Token(token), Interest::READABLE)?;
            let buffer = vec![0; 16 * 1024];
            driver.lines.push(Line { stream, buffer, filled: 0, request: 0, sent: Instant::now() });
        }
        for token in 0..connections {
            driver.send(token, Instant::now())?;
        }
        Ok(driver)
    }

    /// Keeps every connection busy, and tells what came in between the two moments.
    fn run(mut self, opens: Instant, closes: Instant) -> Result<Seen> {
        self.until(opens)?;
        self.seen.latencies.clear();
        self.until(closes)?;
        let latencies = std::mem::take(&mut self.seen.latencies);
        self.drain()?;
        Ok(Seen { latencies, ..self.seen })
    }

    /// Keeps every connection busy until the deadline.
    fn until(&mut self, deadline: Instant) -> Result<()> {
        loop {
            let now = Instant::now();
            if now >= deadline {
                return Ok(());
            }
            self.turn(deadline - now, true)?;
        }
    }

    /// Waits for what is still under way, so that the next row starts on an idle server.
    fn drain(&mut self) -> Result<()> {
        let deadline = Instant::now() + SILENCE;
        while self.in_flight > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                bail!("{} requests were never answered", self.in_flight);
            }
            self.turn(left, false)?;
        }
        Ok(())
    }

    /// Takes in whatever has arrived, and answers it with the next requests.
    fn turn(&mut self, patience: Duration, again: bool) -> Result<()> {
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        let polled = self.poll.poll(&mut events, Some(patience.min(SILENCE)));
        match polled {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error.into()),
            _ => {}
        }
        for event in &events {
            self.receive(event.token().0, again)?;
        }
        self.events = events;
        Ok(())
    }

    /// Reads until the answer is whole or nothing is left; readiness is edge-triggered.
    fn receive(&mut self, token: usize, again: bool) -> Result<()> {
        let line = &mut self.lines[token];
        loop {
            if line.filled == line.buffer.len() {
                line.buffer.resize(2 * line.filled, 0);
            }
            match line.stream.read(&mut line.buffer[line.filled..]) {
                Ok(0) => bail!("the server closed a connection under load"),
                Ok(read) => line.filled += read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).context("cannot read an answer"),
            }
            let Some(head) = client::head(&line.buffer[..line.filled])? else { continue };
            if line.filled < head.end {
                continue;
            }
            ensure!(line.filled == head.end, "the server sent more than one answer");
            let now = Instant::now();
            let body = &line.buffer[head.body..head.end];
            if self.requests[line.request].accepts(head.status, body) {
                self.seen.latencies.push(now - line.sent);
                if self.keeps_answers {
                    self.seen.answers.push(body.to_vec());
                }
            } else {
                self.seen.wrong += 1;
                self.seen
                    .first_wrong
                    .get_or_insert_with(|| format!("{} {}", head.status, String::from_utf8_lossy(body)));
            }
            self.in_flight -= 1;
            return if again { self.send(token, now) } else { Ok(()) };
        }
    }

    /// Sends the next request of the round. The last one on this connection has been answered, so the
    /// socket's buffer is empty and takes these few kilobytes whole.
    fn send(&mut self, token: usize, now: Instant) -> Result<()> {
        let line = &mut self.lines[token];
        (line.request, line.filled, line.sent) = (self.next, 0, now);
        let bytes = &self.requests[self.next].bytes;
        let written = line.stream.write(bytes).context("cannot send a request")?;
        ensure!(written == bytes.len(), "a request did not fit into the socket's buffer");
        self.next = (self.next + 1) % self.requests.len();
        self.in_flight += 1;
        Ok(())
    }
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
