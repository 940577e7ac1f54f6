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

/// How long a side is driven, and what is kept of it.
#[derive(Clone, Copy)]
pub(super) struct Times {
    warm_up: Duration,
    window: Duration,
    keeps_answers: bool,
}

impl Times {
    pub(super) fn new(warm_up: Duration, window: Duration) -> Times {
        Times { warm_up, window, keeps_answers: false }
    }

    /// The same, and the answers are kept.
    pub(super) fn keeping_answers(self) -> Times {
        Times { keeps_answers: true, ..self }
    }
}

/// Keeps so many connections busy for a warm-up and a window, sending from the given request on.
pub(super) fn drive<P>(
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

/// What a loop has seen.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) latencies: Vec<Duration>,
    pub(super) answers: Vec<Vec<u8>>,
    pub(super) wrong: usize,
    pub(super) first_wrong: Option<String>,
}

impl Seen {
    pub(super) fn add(&mut self, other: Seen) {
        self.latencies.extend(other.latencies);
        self.answers.extend(other.answers);
        self.wrong += other.wrong;
        self.first_wrong = self.first_wrong.take().or(other.first_wrong);
    }
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
