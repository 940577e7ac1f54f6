//! The data directory: found, and made with the right permissions.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Where the private Postgres and the development root key live.
#[derive(Debug, Clone)]
pub struct DataDir(PathBuf);

impl DataDir {
    pub(super) fn locate(configured: Option<&Path>) -> anyhow::Result<Self> {
        if let Some(configured) = configured {
            return Ok(Self(std::path::absolute(configured)?));
        }
        // An unprivileged Postgres cannot reach into root's home.
        if nix::unistd::geteuid().is_root() {
            return Ok(Self(PathBuf::from("/var/lib/cognate")));
        }
        let data_home =
            std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
        let base = data_home.or_else(home).context("there is no HOME to keep data in: set data_dir")?;
        Ok(Self(base.join("cognate")))
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Reads a file of the directory, or makes it with what `make` gives, readable by its owner alone.
    pub(super) fn read_or_create(
        &self,
        name: &str,
        make: impl FnOnce() -> anyhow::Result<String>,
    ) -> anyhow::Result<String> {
        let path = self.0.join(name);
        if let Ok(text) = fs::read_to_string(&path) {
            return Ok(text);
        }
        // The unprivileged Postgres of a root user passes through on its way to its own folder.
        let mut directory = fs::DirBuilder::new();
        directory.recursive(true).mode(if nix::unistd::geteuid().is_root() { 0o711 } else { 0o700 });
        directory.create(&self.0).with_context(|| format!("cannot create {}", self.0.display()))?;
        // Written whole under another name first: neither a crash nor a second start finds half of it.
        let (text, unfinished) = (make()?, self.0.join(format!("{name}.{}", std::process::id())));
        let mut file = fs::OpenOptions::new();
        let opened = file.write(true).create(true).truncate(true).mode(0o600).open(&unfinished);
        let mut file = opened.with_context(|| format!("cannot write {}", unfinished.display()))?;
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        file.sync_all()?;
        let linked = fs::hard_link(&unfinished, &path);
        fs::remove_file(&unfinished)?;
        match linked {
            Ok(()) => Ok(text),
            // Somebody made it at the same moment.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(fs::read_to_string(&path)?),
            Err(error) => Err(error).with_context(|| format!("cannot write {}", path.display())),
        }
    }
}
