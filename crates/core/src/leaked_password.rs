//! Passwords that are known to have leaked: the operator's list, and what pools make of it.
//!
//! The list is a folder of range files, as the downloader of Have I Been Pwned writes them: `5BAA6` or `5BAA6.txt` holds, in
//! upper case, the rest of each SHA-1 hash that begins so, a colon, and how often it was seen. Nothing leaves the machine.

use std::io::{BufRead as _, BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use cognate_store::user_pool::{PasswordEvent, ThreatMode};
use cognate_store::{AppClient, UserPool};
use openssl::sha::sha1;
use secrecy::{ExposeSecret as _, SecretString};

use crate::user_pool::risk::{mode, of_client};
use crate::{App, Error, Result};

/// How many hexadecimal digits of a hash name its file.
const PREFIX: usize = 5;

/// A list of leaked passwords.
#[derive(Debug, Clone)]
pub struct LeakedPasswords {
    folder: PathBuf,
}

impl LeakedPasswords {
    /// The list in a folder.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn open(folder: &Path) -> std::io::Result<Self> {
        std::fs::read_dir(folder)?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Whether a password is in the list. Reads a file.
    ///
    /// # Errors
    /// When a file that is there cannot be read.
    pub fn contains(&self, password: &SecretString) -> std::io::Result<bool> {
        let hash = hex::encode_upper(sha1(password.expose_secret().as_bytes()));
        let (prefix, rest) = hash.split_at(PREFIX);
        for name in [prefix.to_owned(), format!("{prefix}.txt")] {
            let file = match std::fs::File::open(self.folder.join(name)) {
                Ok(file) => file,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            for line in BufReader::new(file).lines() {
                let line = line?;
                let (listed, seen) = line.split_once(':').unwrap_or((&line, "1"));
                // The service pads its answers with hashes that were never seen.
                if listed.eq_ignore_ascii_case(rest) && seen.trim() != "0" {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Whether a pool, or its client, refuses a password on an occasion because it has leaked.
///
/// # Errors
/// [`Error::Internal`] when the check broke off. A list that cannot be read is logged and refuses nothing.
pub(crate) async fn is_refused(
    app: &App,
    pool: &UserPool,
    client: &AppClient,
    event: PasswordEvent,
    password: &SecretString,
) -> Result<bool> {
    let Some(list) = app.leaked_passwords.clone().filter(|_| refuses(pool, client, event)) else {
        return Ok(false);
    };
    let password = password.clone();
    let looking = tokio::task::spawn_blocking(move || list.contains(&password));
    let found = looking.await.map_err(Error::internal)?;
    Ok(found.unwrap_or_else(|error| {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "the list of leaked passwords cannot be read"
        );
        false
    }))
}

/// Refuses a password that somebody wants from now on.
///
/// # Errors
/// [`Error::LeakedPassword`].
pub(crate) async fn check(
    app: &App,
    pool: &UserPool,
    client: &AppClient,
    event: PasswordEvent,
    password: &SecretString,
) -> Result<()> {
    match is_refused(app, pool, client, event, password).await? {
        true => Err(Error::LeakedPassword),
        false => Ok(()),
    }
}

fn refuses(pool: &UserPool, client: &AppClient, event: PasswordEvent) -> bool {
    let is_enforced = mode(pool, false) == ThreatMode::Enforced;
    let answer = of_client(pool, client).and_then(|risk| risk.leaked_passwords.as_ref());
    is_enforced && answer.is_some_and(|answer| answer.block && answer.events.contains(&event))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_found_by_its_hash_and_padding_is_not() {
        let folder = std::env::temp_dir().join(format!("cognate-leaked-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        // SHA-1 of `password` is 5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8, of `padding` AD22ECDE...
        let lines =
            "003D68EB55068C33ACE09247EE4C639306B:3\r\n1E4C9B93F3F0682250B6CF8331B7EE68FD8:10434004\r\n";
        std::fs::write(folder.join("5BAA6"), lines).unwrap();
        let padding = hex::encode_upper(sha1(b"padding"));
        std::fs::write(folder.join(format!("{}.txt", &padding[..5])), format!("{}:0\n", &padding[5..]))
            .unwrap();
        let list = LeakedPasswords::open(&folder).unwrap();
        let contains = |password: &str| list.contains(&password.to_owned().into()).unwrap();
        assert!(contains("password"));
        assert!(!contains("padding") && !contains("Correct-Horse-7"));
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(LeakedPasswords::open(&folder).is_err());
    }
}
