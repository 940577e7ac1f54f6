//! Measures the release server, on a Postgres that survives power cuts, against what the same machine can do
//! at most.
#![expect(clippy::print_stdout, reason = "a command line tool")]

mod client;
mod load;
mod oauth;
mod raw;
mod report;
mod scale;
mod seed;
mod server;
mod srp;
mod triggers;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

use actix_web::web::Bytes;
use anyhow::{Context, Result, bail, ensure};
use clap::Parser;

use crate::client::{Connection, Request};
use crate::load::Row;
use crate::raw::{Bare, Speed, Work};
use crate::report::{Machine, Operation, Reading, Report, Srp, Yardstick};
use crate::scale::Sizes;
use crate::seed::Seeded;
use crate::server::{Launcher, Memory, Postgres, Scratch, Server};

/// How many callers exchange rotating refresh tokens, row by row. There are not enough tokens for a lone one as well.
const ROTATION_CONNECTIONS: [usize; 2] = [8, 32];

/// What share of the yardstick rotation cannot exceed: tokens are prepared for so much.
const MOST_OF_ROTATION: f64 = 0.8;

/// Measures Cognate against the raw rates of this machine.
#[derive(Parser)]
struct Arguments {
    /// The server's program; by default the one beside this program.
    #[arg(long)]
    server: Option<PathBuf>,
    /// Seconds each row is measured; 8 by default, 2 when quick.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: Option<u64>,
    /// Users who take turns; 2000 by default, 100 when quick.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    users: Option<u32>,
    /// Proves that everything works rather than how fast it is.
    #[arg(long)]
    quick: bool,
    /// Also writes a docs page.
    #[arg(long)]
    markdown: Option<PathBuf>,
    /// Fails when a target is missed.
    #[arg(long)]
    strict: bool,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let report = run(&arguments)?;
    println!("\n{}", report.tables()?);
    if let Some(file) = &arguments.markdown {
        fs::write(file, report.markdown()?).with_context(|| format!("cannot write {}", file.display()))?;
    }

    if let (wrong @ 1.., first) = report.wrong() {
        println!("{wrong} answers were wrong, the first was: {}", first.unwrap_or_default());
        return Ok(ExitCode::from(1));
    }
    if arguments.strict && !report.is_on_target() {
        println!("A target was missed.");
        return Ok(ExitCode::from(2));
    }
    Ok(ExitCode::SUCCESS)
}

/// The run from an empty directory to the last row.
fn run(arguments: &Arguments) -> Result<Report> {
    let window = Duration::from_secs(arguments.seconds.unwrap_or(if arguments.quick { 2 } else { 8 }));
    let users = usize::try_from(arguments.users.unwrap_or(if arguments.quick { 100 } else { 2000 }))?;

    let scratch = Scratch::create()?;
    let postgres = Postgres::start(&scratch.join("database"))?;
    let launcher = Launcher::new(program(arguments)?, postgres.url(), scratch.join("server"))?;

    println!("Starting the server ...");
    let Started { server, ready, idle } = start(&launcher)?;
    println!("Seeding {users} users ...");
    let pool = seed::fill(server.address, users)?;

    let probe = || {
        let (server_cpu, postgres_cpu) = (server.cpu()?, postgres.cpu()?);
        let (memory, hashing) = (server.memory()?, server.hashing()?);
        Ok(Reading { server: server_cpu, postgres: postgres_cpu, memory, hashing })
    };
    let work = Works { hashing: raw::hashing()?, signing: raw::signing()?, powers: raw::powers() };
    let (hashing, signing) = (work.hashing.speed(window)?, work.signing.speed(window)?);
    let powers = work.powers.speed(window)?;
    let bench =
        Bench { server: &server, postgres: &postgres, pool: &pool, work: &work, window, probe: &probe };

    let sign_in = bench.operation("sign-in", &pool.sign_in(), Yardstick::H, Some(0.75))?;
    let sign_in_outside = bench.outside_hashing(&pool.sign_in())?;
    let refresh = bench.operation("refresh", &pool.refresh(), Yardstick::S(2), Some(0.6))?;
    let triggers = triggers::measure(&server, &pool, users, window)?;
    let srp = measure_srp(&bench, powers, &signing)?;
    let get_user = bench.operation("GetUser", &pool.get_user(), Yardstick::W, Some(0.3))?;
    let jwks = bench.operation("JWKS", &pool.jwks(), Yardstick::W, Some(0.7))?;
    let oauth = oauth::measure(&bench, &signing)?;

    let machine = Machine::describe(postgres.version()?);
    let loaded = server.memory()?;
    let sizes = if arguments.quick { Sizes::quick() } else { Sizes::full() };
    let scale = scale::measure(&launcher, &postgres, &server, &sizes)?;
    server.stop()?;
    Ok(Report {
        machine,
        users,
        window,
        ready,
        idle,
        loaded,
        hashing,
        signing,
        sign_in,
        sign_in_outside,
        refresh,
        triggers,
        srp,
        get_user,
        jwks,
        oauth,
        scale,
    })
}

/// What the processors are asked to do at least.
struct Works {
    hashing: Work,
    signing: Work,
    powers: Work,
}

/// What every operation is measured with.
struct Bench<'a> {
    server: &'a Server,
    postgres: &'a Postgres,
    pool: &'a Seeded,
    work: &'a Works,
    window: Duration,
    probe: &'a dyn Fn() -> Result<Reading>,
}

impl Bench<'_> {
    /// An operation at every number of connections, in turns with what it is held against.
    fn operation(
        &self,
        name: &'static str,
        requests: &[Request],
        yardstick: Yardstick,
        share: Option<f64>,
    ) -> Result<Operation> {
        println!("Measuring {name} ...");
        let address = self.server.address;
        let rows = if yardstick == Yardstick::W {
            let first = &requests[0];
            let answer = Bytes::copy_from_slice(Connection::open(address)?.exchange(&first.bytes)?.1);
            let bare = Bare::start(move |_| answer.clone())?;
            let beside = |connections, window| load::rate(bare.address, first, connections, window);
            let rows = load::rows(address, requests, self.window, beside, self.probe);
            bare.stop()?;
            rows?
        } else {
            load::rows(address, requests, self.window, |_, window| self.rate(yardstick, window), self.probe)?
        };
        Ok(Operation { name, yardstick, share, rows })
    }

    /// A row whose requests work once each: those of each round are made of the answers to the round before.
    fn once(
        &self,
        connections: usize,
        window: Duration,
        yardstick: Yardstick,
        requests: impl FnMut(Vec<Vec<u8>>) -> Result<Vec<Request>>,
    ) -> Result<(Row<Reading>, Vec<Vec<u8>>)> {
        let beside = |_, window| self.rate(yardstick, window);
        load::once(self.server.address, connections, window, requests, beside, self.probe)
    }

    /// How long a lone caller waits for an answer beside what the server hashes for it, half of the time at most. A hash takes
    /// longer in one moment than in another, so what it takes is told apart request by request.
    fn outside_hashing(&self, requests: &[Request]) -> Result<Duration> {
        println!("Measuring one call at a time ...");
        let mut connection = Connection::open(self.server.address)?;
        let (start, mut outside) = (Instant::now(), Vec::new());
        let (_, mut hashed) = self.server.hashing()?;
        for request in requests.iter().cycle().take_while(|_| start.elapsed() < self.window) {
            let sent = Instant::now();
            let (status, body) = connection.exchange(&request.bytes)?;
            let took = sent.elapsed();
            ensure!(request.accepts(status, body), "{status} {}", String::from_utf8_lossy(body));
            let before = hashed;
            (_, hashed) = self.server.hashing()?;
            outside.push(took.saturating_sub(hashed - before));
        }
        outside.sort_unstable();
        Ok(load::percentile(&outside, 50))
    }

    /// How often per second the processors do the work that a yardstick stands for.
    fn rate(&self, yardstick: Yardstick, window: Duration) -> Result<f64> {
        let (work, times) = match yardstick {
            Yardstick::H => (&self.work.hashing, 1),
            Yardstick::S(times) => (&self.work.signing, times),
            Yardstick::M(times) => (&self.work.powers, times),
            Yardstick::W => bail!("a bare handler is asked, and not the processors"),
        };
        Ok(work.rate(window)? / f64::from(times))
    }
}

/// Sign-in by SRP, call by call: the proofs of the second are prepared before it is timed, because the client's half
/// costs more than the server's. What the sign-ins yield is then exchanged, each refresh token once.
fn measure_srp(bench: &Bench<'_>, powers: Speed, signing: &Speed) -> Result<Srp> {
    let (address, pool) = (bench.server.address, bench.pool);
    let clients = pool.srp_clients()?;
    let openings = bench.operation("SRP, first call", &pool.srp_openings(&clients), Yardstick::M(1), None)?;
    println!("Measuring SRP, second call ...");
    let (mut rows, mut answers) = (Vec::new(), Vec::new());
    for Row { sample, .. } in &openings.rows {
        // A proof takes longer than an opening, so there are enough.
        let count = load::prepared(sample.rate, bench.window);
        let prepare = |_| srp::proofs(address, &clients, count);
        let (row, seen) = bench.once(sample.connections, bench.window, Yardstick::M(2), prepare)?;
        rows.push(row);
        answers.extend(seen);
    }
    let proofs = Operation { name: "SRP, second call", yardstick: Yardstick::M(2), share: None, rows };

    println!("Measuring refresh with rotation ...");
    let (mut all, most) = (pool.rotations(&answers)?, MOST_OF_ROTATION * signing.rate / 2.0);
    let each = all.len() / ROTATION_CONNECTIONS.len();
    let window = bench.window.min(load::lasting(each, most)?);
    let rows = ROTATION_CONNECTIONS.into_iter().map(|connections| {
        let mut tokens = all.split_off(all.len() - each);
        let next = |answers: Vec<Vec<u8>>| {
            tokens.extend(pool.rotations(&answers)?);
            let enough = load::prepared(most, window).min(tokens.len());
            Ok(tokens.drain(..enough).collect())
        };
        Ok(bench.once(connections, window, Yardstick::S(2), next)?.0)
    });
    let rows = rows.collect::<Result<_>>()?;
    let (name, yardstick) = ("refresh, rotating", Yardstick::S(2));
    let rotation = Operation { name, yardstick, share: Some(0.5), rows };
    Ok(Srp { openings, proofs, rotation, powers })
}

/// The program to measure.
fn program(arguments: &Arguments) -> Result<PathBuf> {
    match &arguments.server {
        Some(path) => Ok(path.clone()),
        None => Ok(std::env::current_exe()?.with_file_name("cognate")),
    }
}

/// A server that has had nothing to do yet.
struct Started {
    server: Server,
    ready: Vec<Duration>,
    idle: Memory,
}

/// Migrates the database with a first start, times five more, and lets the last one settle.
fn start(launcher: &Launcher) -> Result<Started> {
    let (mut server, _) = launcher.start()?;
    let mut ready = Vec::new();
    for _ in 0..5 {
        server.stop()?;
        let time;
        (server, time) = launcher.start()?;
        ready.push(time);
    }
    ready.sort_unstable();
    sleep(Duration::from_secs(2));
    let idle = server.memory()?;
    Ok(Started { server, ready, idle })
}
