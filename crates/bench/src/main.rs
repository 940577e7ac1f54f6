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
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;

use crate::client::{Connection, Request};
use crate::raw::Speed;
use crate::report::{Machine, Operation, Reading, Report, Srp};
use crate::scale::Sizes;
use crate::seed::Seeded;
use crate::server::{Launcher, Memory, Postgres, Scratch, Server};

/// How long prepared proofs last at most.
const MOST_PREPARED: Duration = Duration::from_secs(3);

/// How many callers exchange rotating refresh tokens.
const ROTATION_CONNECTIONS: usize = 8;

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

    // Each yardstick is taken just before what it is held against, as a shared machine's speed drifts.
    let probe = || {
        let (server_cpu, postgres_cpu) = (server.cpu()?, postgres.cpu()?);
        let (memory, hashing) = (server.memory()?, server.hashing()?);
        Ok(Reading { server: server_cpu, postgres: postgres_cpu, memory, hashing })
    };
    let measure = |name: &str, requests: &[Request]| {
        println!("Measuring {name} ...");
        load::rows(server.address, requests, window, probe)
    };
    let against = |yardstick: f64| vec![yardstick; load::CONNECTIONS.len()];
    let bare = |requests: &[Request]| bare(&server, requests, window);

    let hashing = raw::hashing(window)?;
    let (name, samples) = ("sign-in", measure("sign-in", &pool.sign_in())?);
    let sign_in =
        Operation { name, yardstick: "H", bounds: against(hashing.rate), share: Some(0.75), samples };

    let signing = raw::signing(window)?;
    let (name, samples) = ("refresh", measure("refresh", &pool.refresh())?);
    let refresh =
        Operation { name, yardstick: "S/2", bounds: against(signing.rate / 2.0), share: Some(0.6), samples };

    let triggers = triggers::measure(&server, &pool, users, window)?;

    let srp = measure_srp(&server, &pool, &signing, window, &probe)?;

    let requests = pool.get_user();
    let bounds = bare(&requests)?;
    let (name, samples) = ("GetUser", measure("GetUser", &requests)?);
    let get_user = Operation { name, yardstick: "W", bounds, share: Some(0.3), samples };

    let requests = pool.jwks();
    let bounds = bare(&requests)?;
    let (name, samples) = ("JWKS", measure("JWKS", &requests)?);
    let jwks = Operation { name, yardstick: "W", bounds, share: Some(0.7), samples };

    let oauth = oauth::measure(&server, &pool, &signing, window, &probe)?;

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
        refresh,
        triggers,
        srp,
        get_user,
        jwks,
        oauth,
        scale,
    })
}

/// Sign-in by SRP, call by call: the proofs of the second are prepared before it is timed, because the client's half
/// costs more than the server's. What the sign-ins yield is then exchanged, each refresh token once.
fn measure_srp(
    server: &Server,
    pool: &Seeded,
    signing: &Speed,
    window: Duration,
    probe: &impl Fn() -> Result<Reading>,
) -> Result<Srp> {
    let powers = raw::powers(window)?;
    println!("Measuring SRP ...");
    let clients = pool.srp_clients()?;
    let openings = load::rows(server.address, &pool.srp_openings(&clients), window, probe)?;
    let window = window.min(MOST_PREPARED);
    let (mut proofs, mut answers) = (Vec::new(), Vec::new());
    for opening in &openings {
        // A proof takes longer than an opening, so there are enough; a tenth more is for the warm-up.
        let count = (opening.rate * (window.as_secs_f64() + 0.5) * 1.1) as usize;
        let prepared = srp::proofs(server.address, &clients, count)?;
        let (sample, seen) = load::once(server.address, &prepared, opening.connections, window, probe)?;
        proofs.push(sample);
        answers.extend(seen);
    }
    println!("Measuring refresh with rotation ...");
    let rotations = pool.rotations(&answers)?;
    let window = window.min(Duration::from_secs_f64(rotations.len() as f64 / signing.rate));
    let (rotation, _) = load::once(server.address, &rotations, ROTATION_CONNECTIONS, window, probe)?;
    let operation = |name, yardstick, bound: f64, share, samples: Vec<_>| {
        let bounds = vec![bound; samples.len()];
        Operation { name, yardstick, bounds, share, samples }
    };
    Ok(Srp {
        openings: operation("SRP, first call", "M", powers.rate, None, openings),
        proofs: operation("SRP, second call", "M/2", powers.rate / 2.0, None, proofs),
        rotation: operation("refresh, rotating", "S/2", signing.rate / 2.0, Some(0.5), vec![rotation]),
        powers,
    })
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

/// What a bare handler makes of the first of these requests when it gives the server's own answer.
fn bare(server: &Server, requests: &[Request], window: Duration) -> Result<Vec<f64>> {
    let first = &requests[..1];
    let mut connection = Connection::open(server.address)?;
    let (_, answer) = connection.exchange(&first[0].bytes)?;
    raw::http(answer, first, window)
}
