//! What the run found, as tables that read well in a terminal and on a docs page.

mod format;
mod operation;
mod scale;

use std::fs;
use std::time::{Duration, SystemTime};

use anyhow::Result;
use chrono::{DateTime, Utc};

use self::format::{Target, duration, megabytes, millis, seen, table};
pub(crate) use self::operation::{Operation, Srp, Yardstick};
use crate::load::Row;
use crate::oauth::Oauth;
use crate::raw::{self, Speed};
use crate::scale::Scale;
use crate::server::Memory;
use crate::triggers::Triggers;

/// What was read off the processes on an edge of a window.
pub(crate) struct Reading {
    /// The server's CPU time so far.
    pub(crate) server: Duration,
    /// Postgres' CPU time so far.
    pub(crate) postgres: Duration,
    /// The server's memory.
    pub(crate) memory: Memory,
    /// How many passwords the server has hashed so far, and how long that took.
    pub(crate) hashing: (f64, Duration),
}

/// Where the numbers come from.
pub(crate) struct Machine {
    cpu: String,
    memory: u64,
    kernel: String,
    date: DateTime<Utc>,
    postgres: String,
}

impl Machine {
    /// Looks around.
    #[expect(clippy::disallowed_methods, reason = "the page's date; no rule depends on it")]
    pub(crate) fn describe(postgres: String) -> Machine {
        let field = |file: &str, name: &str| {
            let text = fs::read_to_string(file).unwrap_or_default();
            let value =
                text.lines().find(|line| line.starts_with(name)).and_then(|line| line.split_once(':'));
            value.map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
        };
        let memory = field("/proc/meminfo", "MemTotal").trim_end_matches(" kB").parse().unwrap_or(0);
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned();
        let cpu = field("/proc/cpuinfo", "model name");
        Machine { cpu, memory: memory * 1024, kernel, date: SystemTime::now().into(), postgres }
    }
}

/// Everything the run found.
pub(crate) struct Report {
    /// Where.
    pub(crate) machine: Machine,
    /// How many users took turns.
    pub(crate) users: usize,
    /// How long each row was measured.
    pub(crate) window: Duration,
    /// Start to ready, fastest first.
    pub(crate) ready: Vec<Duration>,
    /// The server's memory before any load.
    pub(crate) idle: Memory,
    /// The server's memory after all of it.
    pub(crate) loaded: Memory,
    /// H.
    pub(crate) hashing: Speed,
    /// S.
    pub(crate) signing: Speed,
    /// Sign-in.
    pub(crate) sign_in: Operation,
    /// How long a lone caller's waits for anything but its own hash, half of the time at most.
    pub(crate) sign_in_outside: Duration,
    /// Refresh.
    pub(crate) refresh: Operation,
    /// Sign-in with functions called before and after.
    pub(crate) triggers: Triggers,
    /// Sign-in by SRP.
    pub(crate) srp: Srp,
    /// GetUser.
    pub(crate) get_user: Operation,
    /// JWKS.
    pub(crate) jwks: Operation,
    /// The OAuth endpoints.
    pub(crate) oauth: Oauth,
    /// Where there is a lot.
    pub(crate) scale: Scale,
}

impl Report {
    fn operations(&self) -> impl Iterator<Item = &Operation> + Clone {
        let Srp { openings, proofs, rotation, .. } = &self.srp;
        let api = [&self.sign_in, openings, proofs, &self.refresh, rotation, &self.get_user, &self.jwks];
        api.into_iter().chain(self.oauth.operations())
    }

    fn targets(&self) -> Vec<Target> {
        let mut targets: Vec<_> = self
            .operations()
            .filter_map(|operation| Some((operation, operation.share?)))
            .map(|(operation, share)| Target {
                name: format!("{} / {}", operation.name, operation.yardstick),
                measured: format!("{:.2}", operation.best_share()),
                required: format!("≥ {share}"),
                met: operation.best_share() >= share,
            })
            .collect();
        let share = self.triggers.share();
        targets.push(Target {
            name: "sign-in with two triggers / without".to_owned(),
            measured: format!("{share:.2}"),
            required: "≥ 0.9".to_owned(),
            met: share >= 0.9,
        });
        targets.push(Target {
            name: "sign-in by SRP, both calls / M/3".to_owned(),
            measured: format!("{:.2}", self.srp.share()),
            required: "≥ 0.7".to_owned(),
            met: self.srp.share() >= 0.7,
        });

        let signatures = 2.0 * millis(self.signing.alone);
        let (sign_in, refresh) = (millis(self.sign_in_outside), millis(self.refresh.alone()));
        let outside = [
            ("one sign-in outside hashing and signing, p50", sign_in - signatures),
            ("one sign-in by SRP outside arithmetic and signing, p50", self.srp.outside(&self.signing)),
            ("one refresh outside signing", refresh - signatures),
        ];
        targets.extend(outside.map(|(name, rest)| Target {
            name: name.to_owned(),
            measured: format!("{rest:.2} ms"),
            required: "< 2 ms".to_owned(),
            met: rest < 2.0,
        }));
        let page = millis(self.oauth.page_time());
        targets.push(Target {
            name: "one sign-in page, time of the server's processor".to_owned(),
            measured: format!("{page:.2} ms"),
            required: "< 2 ms".to_owned(),
            met: page < 2.0,
        });
        targets.push(Target {
            name: "memory when idle".to_owned(),
            measured: megabytes(self.idle.resident),
            required: "< 60 MB".to_owned(),
            met: self.idle.resident < 60_000_000,
        });
        let median = median(&self.ready);
        targets.push(Target {
            name: "start to ready, median".to_owned(),
            measured: duration(median),
            required: "≤ 500 ms".to_owned(),
            met: median <= Duration::from_millis(500),
        });
        targets.extend(scale::targets(&self.scale));
        targets
    }

    /// Whether every target is met.
    pub(crate) fn is_on_target(&self) -> bool {
        self.targets().iter().all(|target| target.met)
    }

    /// How many answers were wrong, and the first one.
    pub(crate) fn wrong(&self) -> (usize, Option<&str>) {
        let samples = self.operations().flat_map(|operation| &operation.rows).map(|row| &row.sample);
        let here = samples.map(|sample| (sample.wrong, sample.first_wrong.as_deref()));
        let Triggers { without, with } = &self.triggers;
        let triggers = without.iter().chain(with);
        let triggers = triggers.map(|sample| (sample.wrong, sample.first_wrong.as_deref()));
        let seen = || here.clone().chain(triggers.clone()).chain(scale::wrong(&self.scale));
        (seen().map(|(wrong, _)| wrong).sum(), seen().find_map(|(_, first)| first))
    }

    /// The tables, for the terminal.
    pub(crate) fn tables(&self) -> Result<String> {
        let targets = self.targets();
        let targets = targets.iter().map(|target| {
            let verdict = if target.met { "met" } else { "missed" };
            vec![target.name.clone(), target.measured.clone(), target.required.clone(), verdict.to_owned()]
        });
        let targets = table(&["target", "measured", "required", ""], targets.collect())?;
        let rows = self.operations().flat_map(rows).collect();
        let header = [
            "operation",
            "connections",
            "requests/s",
            "of yardstick",
            "p50",
            "p99",
            "max",
            "server CPU",
            "Postgres CPU",
            "memory",
            "wrong",
        ];
        let rows = table(&header, rows)?;
        let (triggers, scale) = (self.triggers()?, scale::tables(&self.scale)?);
        Ok(format!("{targets}\n{rows}\n{triggers}\n{scale}\n{}\n{}", self.yardsticks()?, self.process()?))
    }

    fn triggers(&self) -> Result<String> {
        let Triggers { without, with } = &self.triggers;
        let sides = [("none", without), ("PreAuthentication and PostAuthentication", with)];
        let rows = sides.into_iter().flat_map(|(name, samples)| {
            samples.iter().map(move |sample| [name.to_owned()].into_iter().chain(seen(sample)).collect())
        });
        let header = ["triggers of a sign-in", "connections", "requests/s", "p50", "p99", "max", "wrong"];
        table(&header, rows.collect())
    }

    fn yardsticks(&self) -> Result<String> {
        let speed = |name: &str, speed: &Speed| {
            let alone = format!("{} for one alone", duration(speed.alone));
            vec![name.to_owned(), format!("{:.0}/s", speed.rate), alone]
        };
        let bare = |name: &str, operation: &Operation| {
            let rate = |row: &Row<_>| format!("{:.0} at {}", row.bound, row.sample.connections);
            let rates: Vec<_> = operation.rows.iter().map(rate).collect();
            let best = operation.rows.iter().map(|row| row.bound).fold(0.0, f64::max);
            vec![name.to_owned(), format!("{best:.0}/s"), rates.join(", ")]
        };
        let rows = vec![
            speed("H: argon2id, 19 MiB, two passes", &self.hashing),
            speed("S: RSA-2048 signature, SHA-256", &self.signing),
            speed("M: power of 256 bits modulo 3072 bits, by OpenSSL", &self.srp.powers),
            vec![
                "the server's three powers of a sign-in by SRP".to_owned(),
                String::new(),
                format!("{} for one alone", duration(self.srp.arithmetic_alone())),
            ],
            bare("W: bare handler, GetUser's answer", &self.get_user),
            bare("W: bare handler, JWKS' answer", &self.jwks),
            bare("W: bare handler, userInfo's answer", &self.oauth.userinfo),
            bare("W: bare handler, introspection's answer", &self.oauth.introspection),
            bare("W: bare handler, the sign-in page", &self.oauth.page),
        ];
        table(&["yardstick", "best", ""], rows)
    }

    fn process(&self) -> Result<String> {
        let best = self.ready.first().copied().unwrap_or_default();
        let rows = [
            ("start to ready, best", duration(best)),
            ("start to ready, median", duration(median(&self.ready))),
            ("memory when idle", megabytes(self.idle.resident)),
            ("memory after load", megabytes(self.loaded.resident)),
            ("memory at its peak", megabytes(self.loaded.peak)),
        ];
        table(&["process", ""], rows.map(|(name, value)| vec![name.to_owned(), value]).into())
    }

    /// The docs page: the machine, how to read the numbers, and the tables.
    pub(crate) fn markdown(&self) -> Result<String> {
        let Machine { cpu, memory, kernel, date, postgres } = &self.machine;
        let gigabytes = *memory as f64 / 1e9;
        Ok(format!(
            "# Benchmark\n\n\
             `just bench --markdown docs/benchmark.md` measures the release server on its own Postgres and rewrites\n\
             this page.\n\n\
             Measured on {date} with {cores} cores of {cpu}, {gigabytes:.1} GB of memory, Linux {kernel} and\n\
             {postgres} with `fsync` on. Client, server and database share the machine.\n\n\
             Each connection sends its next request as soon as the last is answered, for {seconds} seconds after\n\
             one of warm-up. {users} users take turns, and every answer is checked. A rate alone says more about\n\
             the machine than about the server, so each is held against a yardstick, and as a shared machine's\n\
             speed drifts, both take turns in short windows: H is how many passwords all cores hash per second, S\n\
             how many tokens they sign, M how many powers of 256 bits modulo 3072 bits they raise with OpenSSL, and W\n\
             how often a bare actix-web handler gives the same answer to the same client. The server raises powers by\n\
             arithmetic of its own where the processor has AVX-512 IFMA: what it takes stands beside the yardsticks, and\n\
             M says what a library allows for. A sign-in takes one hash and two\n\
             signatures, by SRP three powers and two signatures, a refresh two signatures, a machine's token one,\n\
             and a code is held against three. The proofs of the second call, the tokens that rotate and the codes\n\
             are used once each, and made before they are timed; Postgres has counted the codes' table by then, as it does\n\
             within a minute by itself. Each row is held against its own yardstick, and\n\
             the targets take the best of them; with W, the best rate over the bare handler's best. CPU is per\n\
             request. What a lone sign-in waits for outside hashing and signing is its latency less its own hash, call by\n\
             call, and less the time of two signatures, though those are made while the disk saves its session.\n\n\
             Sign-ins with two triggers and without take turns in short windows; the receiver, in the client's process, answers\n\
             at once.\n\n\
             {scale}\n\
             {tables}",
            date = date.format("%Y-%m-%d"),
            cores = raw::cores(),
            seconds = self.window.as_secs(),
            users = self.users,
            scale = scale::explained(&self.scale),
            tables = self.tables()?,
        ))
    }
}

fn rows(operation: &Operation) -> Vec<Vec<String>> {
    let row = |Row { sample, bound }: &Row<Reading>| {
        let memory = sample.probes.last().map(|(_, after)| after.memory.resident).unwrap_or_default();
        vec![
            operation.name.to_owned(),
            sample.connections.to_string(),
            format!("{:.0}", sample.rate),
            format!("{:.2} {}", sample.rate / bound, operation.yardstick),
            duration(sample.p50),
            duration(sample.p99),
            duration(sample.max),
            duration(sample.each(|reading| reading.server)),
            duration(sample.each(|reading| reading.postgres)),
            megabytes(memory),
            sample.wrong.to_string(),
        ]
    };
    operation.rows.iter().map(row).collect()
}

fn median(sorted: &[Duration]) -> Duration {
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
