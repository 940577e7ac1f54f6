//! The private Postgres: with no database configured, Cognate runs one in its data directory.
//! A socket in a directory of mode 0700 is the only way in. What connects to it is in `lib.rs`.

mod memory;

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::unistd::{User, geteuid};
use sha2::{Digest, Sha256};

const INSTALLED: &str = "/usr/lib/postgresql";
const SOCKET: &str = ".s.PGSQL.5432";
const PATIENCE: Duration = Duration::from_secs(30);
/// Modest, durable, and quiet: errors reach Cognate anyway, and their details may hold addresses.
const SETTINGS: &str = "-c listen_addresses='' -c unix_socket_permissions=0700 -c port=5432 \
    -c max_connections=200 -c jit=off -c cluster_name=cognate \
    -c timezone=UTC -c log_timezone=UTC -c log_min_messages=log -c log_error_verbosity=terse \
    -c log_checkpoints=off";

/// A Postgres of Cognate's own, in its data directory, which it holds for as long as this lives.
///
/// Dropping it gives the directory back and leaves Postgres running for the next start to find;
/// only [`Embedded::stop`] shuts it down.
#[derive(Debug)]
pub struct Embedded {
    cluster: Cluster,
    _lock: File,
}

impl Embedded {
    /// Starts the Postgres of a data directory, or finds it running; creates it on first use.
    ///
    /// Blocks for as long as that takes: seconds, and at most about a minute.
    pub fn start(data_dir: &Path) -> Result<Self, EmbeddedError> {
        let account = Account::choose()?;
        let data_dir = data_directory(data_dir).map_err(unusable(data_dir))?;
        let lock = lock(&data_dir)?;
        let home = data_dir.join("postgres");
        let bin = binaries(&home.join("data/PG_VERSION"))?;
        account.check_reach(&data_dir, &bin)?;

        let socket = socket_directory(&home);
        for path in [&home, &socket] {
            account.own(path)?;
        }
        let cluster = Cluster { account, bin, home, socket };
        cluster.start()?;
        Ok(Self { cluster, _lock: lock })
    }

    /// Where to connect: a Postgres URL that names the socket's directory as its host.
    pub fn url(&self) -> String {
        // Its other characters need no escape: see `socket_directory`.
        let host = self.cluster.socket.display().to_string().replace('/', "%2F");
        format!("postgres://cognate@localhost/postgres?host={host}&sslmode=disable")
    }

    /// Shuts Postgres down, waits until it has, and gives the directory back.
    pub fn stop(self) -> Result<(), EmbeddedError> {
        if self.cluster.state()? == State::Gone {
            return Ok(());
        }
        self.cluster.run("pg_ctl", &["-D", "data", "-m", "fast", "-w", "-t", "60", "stop"])
    }
}

/// Why there is no private Postgres, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No server programs on this machine.
    #[error("no Postgres found: run `apt-get install postgresql` or `deploy/dev.sh install`")]
    NotInstalled,
    /// The cluster was made by a major version that is not installed.
    #[error("{0} says Postgres {1}, which is not installed: run `apt-get install postgresql-{1}`")]
    OtherVersion(PathBuf, String),
    /// Postgres refuses to run as root, and there is nobody else to run it.
    #[error("there is no user `postgres`: run `useradd -r postgres`, or Cognate without root")]
    NoAccount,
    /// A directory on the way to this one is closed to the user Postgres runs as.
    #[error("the user `{1}` cannot enter {2} to reach {0}: set COGNATE_DATA_DIR=/var/lib/cognate")]
    OutOfReach(PathBuf, String, PathBuf),
    /// Another process holds the data directory.
    #[error("another Cognate runs on {0}: stop it, or set COGNATE_DATA_DIR to another directory")]
    Taken(PathBuf),
    /// A directory that ought to be private belongs to another user.
    #[error("{0} belongs to another user: run Cognate as that user, or remove it")]
    Foreign(PathBuf),
    /// The place of the cluster is taken by something else.
    #[error("{0} holds no Postgres cluster: move it out of the way")]
    NotACluster(PathBuf),
    /// A file, directory or program could not be used, for a reason the system gave.
    #[error("{0} cannot be used: see to its owner and mode, or set COGNATE_DATA_DIR")]
    Unusable(PathBuf, #[source] io::Error),
    /// A program of Postgres failed, or did not finish in time.
    #[error("{0} failed ({1}): see {2}")]
    Failed(&'static str, String, PathBuf),
}

fn unusable(path: &Path) -> impl FnOnce(io::Error) -> EmbeddedError {
    let path = path.to_owned();
    |error| EmbeddedError::Unusable(path, error)
}

/// Whom Postgres runs as: this process's own user, or `postgres` when that is root.
#[derive(Debug)]
struct Account {
    uid: u32,
    /// Set when the programs have to change to it.
    other: Option<User>,
}

impl Account {
    fn choose() -> Result<Self, EmbeddedError> {
        if !geteuid().is_root() {
            return Ok(Self { uid: geteuid().as_raw(), other: None });
        }
        let user = User::from_name("postgres").ok().flatten().ok_or(EmbeddedError::NoAccount)?;
        Ok(Self { uid: user.uid.as_raw(), other: Some(user) })
    }

    /// A program that runs as this user, in `dir`, with nothing of Cognate's environment.
    fn command(&self, program: impl AsRef<Path>, dir: &Path) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(dir).stdin(Stdio::null());
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C");
        if let Some(user) = &self.other {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw()); // also clears the groups
        }
        command
    }

    /// Whether this user can enter the data directory. Tried, as modes are not the whole story.
    fn check_reach(&self, data_dir: &Path, bin: &Path) -> Result<(), EmbeddedError> {
        let tried = self.command(bin.join("pg_ctl"), data_dir).arg("--version").output();
        match (tried, &self.other) {
            (Err(error), Some(user)) if error.kind() == ErrorKind::PermissionDenied => {
                let closed = |dir: &&Path| {
                    fs::metadata(dir).is_ok_and(|dir| match dir.uid() == self.uid {
                        true => dir.mode() & 0o100 == 0,
                        false if dir.gid() == user.gid.as_raw() => dir.mode() & 0o010 == 0,
                        false => dir.mode() & 0o001 == 0,
                    })
                };
                let closed = data_dir.ancestors().filter(closed).last().unwrap_or(data_dir);
                let (data_dir, user) = (data_dir.to_owned(), user.name.clone());
                Err(EmbeddedError::OutOfReach(data_dir, user, closed.to_owned()))
            }
            (tried, _) => tried.map(|_| ()).map_err(unusable(data_dir)),
        }
    }

    /// Makes a directory this user's alone, through a handle that nobody can swap meanwhile.
    fn own(&self, path: &Path) -> Result<(), EmbeddedError> {
        let made = DirBuilder::new().mode(0o700).create(path);
        if let Some(error) = made.err().filter(|error| error.kind() != ErrorKind::AlreadyExists) {
            return Err(unusable(path)(error));
        }
        let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW;
        let dir = OpenOptions::new().read(true).custom_flags(flags.bits()).open(path);
        let dir = dir.map_err(unusable(path))?;
        let owner = dir.metadata().map_err(unusable(path))?.uid();
        if owner != self.uid && owner != geteuid().as_raw() {
            return Err(EmbeddedError::Foreign(path.to_owned()));
        }
        if let Some(user) = &self.other {
            fchown(&dir, Some(self.uid), Some(user.gid.as_raw())).map_err(unusable(path))?;
        }
        dir.set_permissions(Permissions::from_mode(0o700)).map_err(unusable(path))
    }
}

/// Makes the data directory if need be: root's own, but open for `postgres` to pass through.
fn data_directory(path: &Path) -> io::Result<PathBuf> {
    if !path.try_exists()? {
        fs::create_dir_all(path)?;
        let mode = if geteuid().is_root() { 0o711 } else { 0o700 };
        fs::set_permissions(path, Permissions::from_mode(mode))?;
    }
    path.canonicalize()
}

fn lock(data_dir: &Path) -> Result<File, EmbeddedError> {
    let path = data_dir.join("cognate.lock");
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true).mode(0o600);
    let lock = options.custom_flags(OFlag::O_NOFOLLOW.bits()).open(&path).map_err(unusable(&path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(EmbeddedError::Taken(data_dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(&path)(error)),
    }
}

/// In the cluster's home, or in `/tmp` when the path is too long for a socket or needs quoting.
fn socket_directory(home: &Path) -> PathBuf {
    let socket = home.join("socket");
    let path = socket.join(SOCKET);
    let path = path.as_os_str().as_bytes();
    if path.len() <= 100 && path.iter().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(b)) {
        return socket;
    }
    let hash = Sha256::digest(home.as_os_str().as_bytes());
    let hex: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    Path::new("/tmp").join(format!("cognate-{hex}"))
}

/// The programs of the version that made the cluster; without a cluster, of the newest installed.
fn binaries(version_file: &Path) -> Result<PathBuf, EmbeddedError> {
    let version = fs::read_to_string(version_file).ok().map(|version| version.trim().to_owned());
    let entries = fs::read_dir(INSTALLED).into_iter().flatten().flatten();
    let packaged = entries.map(|e| (major(&e.file_name().to_string_lossy()), e.path().join("bin")));
    let mut packaged: Vec<_> = packaged.collect();
    packaged.sort_by(|a, b| b.cmp(a));

    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).filter_map(|bin| {
        let said = Command::new(bin.join("postgres")).arg("--version").output().ok()?.stdout;
        Some((major(String::from_utf8_lossy(&said).split_whitespace().nth(2)?), bin))
    });
    let fits = |(major_version, bin): &(Vec<u32>, PathBuf)| {
        version.as_deref().is_none_or(|version| major(version) == *major_version)
            && ["postgres", "initdb", "pg_ctl"].iter().all(|program| bin.join(program).is_file())
    };
    match (packaged.into_iter().chain(in_path).find(fits), version) {
        (Some((_, bin)), _) => Ok(bin),
        (None, None) => Err(EmbeddedError::NotInstalled),
        (None, Some(version)) => Err(EmbeddedError::OtherVersion(version_file.into(), version)),
    }
}

/// `15.18` is of major version 15, `9.6.24` of 9.6.
fn major(version: &str) -> Vec<u32> {
    let numbers = version.split(|c: char| !c.is_ascii_digit()).map_while(|n| n.parse().ok());
    let mut numbers: Vec<u32> = numbers.take(2).collect();
    if numbers.first().is_some_and(|first| *first >= 10) {
        numbers.truncate(1);
    }
    numbers
}

#[derive(Debug)]
struct Cluster {
    account: Account,
    bin: PathBuf,
    /// Holds `data`, `log` and mostly the socket; programs run here, so no path needs quoting.
    home: PathBuf,
    socket: PathBuf,
}

#[derive(PartialEq)]
enum State {
    Gone,
    /// Being made, starting, recovering or stopping.
    Busy,
    Ready,
}

impl Cluster {
    fn start(&self) -> Result<(), EmbeddedError> {
        let begun = Instant::now();
        while self.state()? == State::Busy {
            if begun.elapsed() > PATIENCE {
                return Err(self.failed("postgres", "still starting or stopping"));
            }
            sleep(Duration::from_millis(100));
        }
        if self.state()? == State::Ready {
            return Ok(());
        }
        self.create()?;
        // Nobody is left to own these, yet the number in them may be a stranger's or a zombie's.
        self.remove("data/postmaster.pid".as_ref())?;
        self.remove(&self.socket.join(format!("{SOCKET}.lock")))?;
        let (socket, buffers) = (self.socket.display(), memory::shared_buffers());
        let options = format!("-k {socket} -c shared_buffers={buffers}MB {SETTINGS}");
        self.run("pg_ctl", &["-D", "data", "-w", "-t", "30", "-l", "log", "-o", &options, "start"])
    }

    /// What is running here: a Cognate that was killed leaves things behind.
    fn state(&self) -> Result<State, EmbeddedError> {
        // Asked as the other user: without CAP_SYS_PTRACE not even root may read its links.
        let mut ls = self.account.command("/bin/sh", &self.home);
        let links = ls.args(["-c", "exec ls -l /proc/[0-9]*/cwd"]).output();
        let links = links.map_err(unusable("/bin/sh".as_ref()))?.stdout;
        let links = String::from_utf8_lossy(&links);
        let links = links.lines().filter_map(|line| line.split_once("/proc/"));
        let links = links.filter_map(|(_, link)| link.split_once("/cwd -> "));
        let here = links.filter(|(_, dir)| Path::new(dir).starts_with(&self.home));
        let here = here.map(|(pid, _)| fs::read_to_string(format!("/proc/{pid}/comm")));
        let here: Vec<_> = here.map(Result::unwrap_or_default).collect();
        if here.is_empty() {
            return Err(self.failed("ls", "not even itself was to be seen in /proc"));
        }
        let programs = ["postgres", "initdb", "pg_ctl"];
        let ours = |name: &String| programs.iter().any(|program| name.contains(program));
        let file = fs::read_to_string(self.home.join("data/postmaster.pid")).unwrap_or_default();
        let ready = file.lines().nth(7).is_some_and(|status| status.trim() == "ready");
        Ok(match UnixStream::connect(self.socket.join(SOCKET)).is_ok() {
            true if ready => State::Ready,
            false if !here.iter().any(ours) => State::Gone,
            true | false => State::Busy,
        })
    }

    /// Makes the cluster under another name first, so that half of one is never taken for whole.
    fn create(&self) -> Result<(), EmbeddedError> {
        let (data, new) = (self.home.join("data"), self.home.join("new"));
        match (data.join("PG_VERSION").is_file(), data.exists()) {
            (true, _) => return Ok(()),
            (false, true) => return Err(EmbeddedError::NotACluster(data)),
            (false, false) => self.remove("new".as_ref())?,
        }
        let args = ["-D", "new", "-U", "cognate", "-A", "trust", "-E", "UTF8", "--locale"];
        match self.run("initdb", &[&args[..], &["C.UTF-8"]].concat()) {
            Err(EmbeddedError::Failed(_, said, _)) if said.contains("invalid locale") => {
                self.run("initdb", &[&args[..], &["C"]].concat())?;
            }
            other => other?,
        }
        fs::rename(&new, &data).map_err(unusable(&data))?;
        File::open(&self.home).and_then(|dir| dir.sync_all()).map_err(unusable(&self.home))
    }

    fn remove(&self, name: &Path) -> Result<(), EmbeddedError> {
        let path = self.home.join(name);
        match if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) } {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(unusable(&path)(error)),
            _ => Ok(()),
        }
    }

    fn run(&self, program: &'static str, args: &[&str]) -> Result<(), EmbeddedError> {
        let output = self.account.command(self.bin.join(program), &self.home).args(args).output();
        let output = output.map_err(unusable(&self.bin))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(self.failed(program, &String::from_utf8_lossy(&output.stderr))),
        }
    }

    fn failed(&self, program: &'static str, said: &str) -> EmbeddedError {
        EmbeddedError::Failed(program, said.trim().replace('\n', "; "), self.home.join("log"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn the_newest_major_version_counts_as_a_number() {
        let versions = ["15.18", "17beta1", "9.6.24"].map(major);
        assert_eq!(versions, [vec![15], vec![17], vec![9, 6]]);
        assert!(major("10") > major("9.6") && major("contrib").is_empty());
    }

    #[test]
    fn a_long_or_odd_path_has_its_socket_in_tmp() {
        let near = socket_directory(Path::new("/var/lib/cognate/postgres"));
        assert_eq!(near, Path::new("/var/lib/cognate/postgres/socket"));
        for home in [format!("/{}", "a".repeat(90)), "/srv/it's mine".to_owned()] {
            let socket = socket_directory(Path::new(&home));
            assert!(socket.starts_with("/tmp") && socket.as_os_str().len() == 37, "{socket:?}");
        }
    }

    #[test]
    fn postgres_outlives_a_killed_cognate_and_comes_back_after_its_own_death() {
        let dir = PathBuf::from(format!("/tmp/cognate-test-{}", std::process::id()));
        let file = dir.join("postgres/data/postmaster.pid");
        let postmaster = || fs::read_to_string(&file).unwrap().lines().next().unwrap().to_owned();

        let first = Embedded::start(&dir).unwrap();
        assert!(matches!(Embedded::start(&dir), Err(EmbeddedError::Taken(_))));
        let (url, pid) = (first.url(), postmaster());
        drop(first);
        let second = Embedded::start(&dir).unwrap();
        assert_eq!((second.url(), postmaster()), (url, pid.clone()));
        drop(second);
        assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
        while Path::new(&format!("/proc/{pid}/cwd")).exists() {
            sleep(Duration::from_millis(10));
        }
        let third = Embedded::start(&dir).unwrap();
        assert_ne!(postmaster(), pid);
        third.stop().unwrap();
        assert!(!file.exists());
        // A living stranger's number in a stale file.
        fs::write(&file, format!("{}\n", std::process::id())).unwrap();
        Embedded::start(&dir).unwrap().stop().unwrap();
        fs::remove_dir_all(&dir).unwrap();
    }
}
