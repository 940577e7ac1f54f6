//! The server under test: its process, and what the kernel says about it and its database.

use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use cognate_store::embedded::Embedded;
use cognate_store::seal::RootKey;
use cognate_store::{Db, Options};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, SysconfVar, sysconf};
use zeroize::Zeroizing;

use crate::client::{self, Connection};

const READY: &str = "/_cognate/health/ready";
const PATIENCE: Duration = Duration::from_secs(60);

/// A directory that is gone when the run is over.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// Makes one that an unprivileged database can reach.
    pub(crate) fn create() -> Result<Scratch> {
        let path = PathBuf::from(format!("/var/tmp/cognate-bench-{}", std::process::id()));
        fs::create_dir(&path).with_context(|| format!("cannot create {}", path.display()))?;
        let scratch = Scratch(path);
        fs::set_permissions(&scratch.0, Permissions::from_mode(0o755))?;
        Ok(scratch)
    }

    /// A place inside.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// How to start the server, again and again on the same database and ports.
pub(crate) struct Launcher {
    program: PathBuf,
    database: String,
    root_key: Zeroizing<[u8; 32]>,
    data: PathBuf,
    address: SocketAddr,
    metrics: SocketAddr,
}

impl Launcher {
    /// Settles on two free ports.
    pub(crate) fn new(program: PathBuf, database: String, data: PathBuf) -> Result<Launcher> {
        fs::create_dir(&data).with_context(|| format!("cannot create {}", data.display()))?;
        ensure!(program.is_file(), "there is no server at {}; build it with --release", program.display());
        let (one, other) = (TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?);
        let (address, metrics) = (one.local_addr()?, other.local_addr()?);
        Ok(Launcher { program, database, root_key: RootKey::generate()?, data, address, metrics })
    }

    /// The server's database, behind its back.
    pub(crate) fn db(&self) -> Result<Db> {
        let options = Options { url: self.database.clone().into(), max_connections: 16, threads: 0 };
        Ok(Db::new(&options, RootKey::new(&self.root_key)?)?)
    }

    /// Starts the server and waits until it says it is ready; also tells how long that took.
    pub(crate) fn start(&self) -> Result<(Server, Duration)> {
        let log = self.data.join("server.log");
        let output = File::create(&log).context("cannot write the server's log")?;
        let mut command = Command::new(&self.program);
        for (name, _) in
            std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"COGNATE_"))
        {
            command.env_remove(name);
        }
        command
            .arg("serve")
            .env("COGNATE_DATABASE_URL", &self.database)
            .env("COGNATE_DEV", "true")
            .env("COGNATE_LISTEN", self.address.to_string())
            .env("COGNATE_METRICS_LISTEN", self.metrics.to_string())
            .env("COGNATE_DATA_DIR", &self.data)
            .env(
                "COGNATE_ROOT_KEY",
                self.root_key.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
            )
            .env("COGNATE_PUBLIC_URL", format!("http://{}", self.address))
            .env("RUST_LOG", "warn")
            .stdout(output.try_clone()?)
            .stderr(output);

        let started = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {}", self.program.display()))?;
        let mut server = Server { child, address: self.address, metrics: self.metrics };
        while !is_ready(self.address) {
            let over = server.child.try_wait()?;
            if over.is_some() || started.elapsed() > PATIENCE {
                let log = fs::read_to_string(&log).unwrap_or_default();
                bail!("the server did not become ready ({over:?}); it said:\n{log}");
            }
            sleep(Duration::from_millis(1));
        }
        Ok((server, started.elapsed()))
    }
}

fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut connection) = Connection::open(address) else { return false };
    matches!(connection.exchange(&client::get(address, READY)), Ok((200, _)))
}

/// A running server; dropping it ends the process.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    metrics: SocketAddr,
}

impl Server {
    /// Asks the server to finish, and waits until it has.
    pub(crate) fn stop(mut self) -> Result<()> {
        kill(Pid::from_raw(i32::try_from(self.child.id())?), Signal::SIGTERM)?;
        let asked = Instant::now();
        while self.child.try_wait()?.is_none() {
            ensure!(asked.elapsed() < PATIENCE, "the server did not stop when asked to");
            sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Resident memory now and at its peak, in bytes.
    pub(crate) fn memory(&self) -> Result<Memory> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name: &str| -> Result<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
            kib.map(|kib| kib * 1024).with_context(|| format!("the kernel does not tell {name}"))
        };
        Ok(Memory { resident: field("VmRSS")?, peak: field("VmHWM")? })
    }

    /// Makes the kernel forget the peak, so that the next one is that of what comes now.
    pub(crate) fn forget_peak(&self) -> Result<()> {
        let file = format!("/proc/{}/clear_refs", self.child.id());
        fs::write(&file, "5").with_context(|| format!("cannot write {file}"))
    }

    /// How many passwords it has hashed so far, and how long that took: from its own metrics.
    pub(crate) fn hashing(&self) -> Result<(f64, Duration)> {
        let mut connection = Connection::open(self.metrics)?;
        let (_, text) = connection.exchange(&client::get(self.metrics, "/metrics"))?;
        let text = String::from_utf8_lossy(text);
        let value = |name: &str| -> Result<f64> {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.with_context(|| format!("there is no metric {name}"))?.trim().parse().context("not a number")
        };
        let seconds = value("cognate_password_hash_seconds_total ")?;
        Ok((value("cognate_password_hashes_total ")?, Duration::from_secs_f64(seconds)))
    }

    /// CPU time spent so far.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        Ok(ProcessTimes::of(self.child.id())?.own)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Resident memory in bytes.
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    /// At this moment.
    pub(crate) resident: u64,
    /// The most there ever was.
    pub(crate) peak: u64,
}

/// A Postgres of the run's own. Left to itself it would go on running, so dropping it shuts it down.
pub(crate) struct Postgres {
    embedded: Option<Embedded>,
    data: PathBuf,
    postmaster: u32,
}

impl Postgres {
    /// Starts one in a directory, which is made on the way.
    pub(crate) fn start(dir: &Path) -> Result<Postgres> {
        let embedded = Some(Embedded::start(dir).context("cannot start Postgres")?);
        let data = dir.join("postgres/data");
        let mut postgres = Postgres { embedded, data, postmaster: 0 };
        let pid = postgres.read("postmaster.pid")?;
        let pid = pid.lines().next().and_then(|line| line.parse().ok());
        postgres.postmaster = pid.context("postmaster.pid holds no process id")?;
        postgres.ensure_durable()?;
        Ok(postgres)
    }

    /// Where to connect.
    pub(crate) fn url(&self) -> String {
        self.embedded.as_ref().map(Embedded::url).unwrap_or_default()
    }

    /// The version it reports.
    pub(crate) fn version(&self) -> Result<String> {
        self.ask(&["--version"])
    }

    /// Refuses a database that would not survive a power cut, since its speed would prove nothing.
    fn ensure_durable(&self) -> Result<()> {
        let (data, options) = (self.data.to_string_lossy(), self.read("postmaster.opts")?);
        for setting in ["fsync", "synchronous_commit"] {
            let value = self.ask(&["-C", setting, "-D", &data])?;
            ensure!(value == "on" && !options.contains(setting), "Postgres must run with {setting} = on");
        }
        Ok(())
    }

    /// Runs SQL with the variables it names as psql names them.
    pub(crate) fn run(&self, script: &str, variables: &[(&str, &str)]) -> Result<()> {
        let mut psql = Command::new(self.program()?.with_file_name("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", &self.url()]);
        psql.args(variables.iter().map(|(name, value)| format!("--set={name}={value}")));
        let mut running = psql.stdin(Stdio::piped()).spawn().context("cannot run psql")?;
        running.stdin.take().context("psql has no input")?.write_all(script.as_bytes())?;
        ensure!(running.wait()?.success(), "psql failed");
        Ok(())
    }

    /// Runs the server's own program.
    fn ask(&self, arguments: &[&str]) -> Result<String> {
        let answer = Command::new(self.program()?).args(arguments).output().context("cannot run postgres")?;
        ensure!(answer.status.success(), "postgres: {}", String::from_utf8_lossy(&answer.stderr));
        Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
    }

    /// The server's program, which heads the command line it was started with.
    fn program(&self) -> Result<PathBuf> {
        let options = self.read("postmaster.opts")?;
        Ok(options.split(" \"").next().unwrap_or_default().trim().into())
    }

    fn read(&self, name: &str) -> Result<String> {
        let path = self.data.join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// CPU time spent so far by the postmaster, its children, and those that have ended.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let postmaster = ProcessTimes::of(self.postmaster)?;
        let processes =
            fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let children = processes.filter_map(|pid| ProcessTimes::of(pid).ok());
        let children = children.filter(|process| process.parent == self.postmaster).map(|child| child.own);
        Ok(postmaster.own + postmaster.ended_children + children.sum::<Duration>())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.embedded.take().map(Embedded::stop);
    }
}

/// The times in `/proc/PID/stat`.
struct ProcessTimes {
    parent: u32,
    own: Duration,
    ended_children: Duration,
}

impl ProcessTimes {
    fn of(pid: u32) -> Result<ProcessTimes> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The name in parentheses may hold anything, so the fields are counted from its end: state is the
        // third.
        let (_, fields) = stat.rsplit_once(')').context("cannot read a process's times")?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let field = |number: usize| -> Result<u64> {
            fields.get(number - 3).and_then(|text| text.parse().ok()).context("cannot read a process's times")
        };
        let ticks = sysconf(SysconfVar::CLK_TCK)?.context("the kernel does not tell its clock ticks")?;
        let time = |first: usize| {
            anyhow::Ok(Duration::from_millis(
                (field(first)? + field(first + 1)?) * 1000 / u64::try_from(ticks)?,
            ))
        };
        Ok(ProcessTimes { parent: u32::try_from(field(4)?)?, own: time(14)?, ended_children: time(16)? })
    }
}
