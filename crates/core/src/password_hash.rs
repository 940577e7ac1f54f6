//! Password hashes (argon2id, KEY-5) and SRP verifiers, made together on the worker threads; hashes of other systems and
//! SRP handshakes are checked there too.

pub(crate) mod srp;
mod stored;

use argon2::password_hash::phc::{ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use cognate_store::password::NewPassword;
use cognate_store::{Timestamp, UserPoolId};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use self::srp::Handshake;
use self::stored::StoredHash;
use crate::worker_pool::WorkerPool;
use crate::{Error, Result, random};

pub(crate) use self::stored::check_imported;

/// What a hash costs: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// Hashes and checks passwords, and does the arithmetic of SRP, a bounded number at a time.
pub struct Hasher {
    threads: WorkerPool<UserPoolId, Vec<Block>>,
}

/// The outcome of checking a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is the right one.
    pub matches: bool,
    /// Whether the stored hash was made otherwise than we make them today.
    pub outdated: bool,
}

impl Hasher {
    /// Starts the threads; memory is kept for the next hash.
    ///
    /// # Errors
    /// When the operating system gives no threads.
    pub fn start() -> std::io::Result<Self> {
        Ok(Self { threads: WorkerPool::start("hash", Vec::new)? })
    }

    /// How many hashes were made and checked so far, and how long they took together.
    pub fn done(&self) -> (u64, std::time::Duration) {
        self.threads.done()
    }

    /// Hashes a password, and computes the SRP verifier that lets its owner sign in without sending it.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many hashes wait.
    pub async fn new_password(
        &self,
        pool: &UserPoolId,
        username: &str,
        password: &SecretString,
        expires_at: Option<Timestamp>,
    ) -> Result<NewPassword> {
        let salt = random::bytes::<SALT_BYTES>()?;
        let srp_salt = srp::new_salt()?;
        let key = pool.clone();
        let (pool, username, password) =
            (pool.short_name().to_owned(), username.to_owned(), password.clone());
        let work = move |memory: &mut Vec<Block>| {
            let password = password.expose_secret();
            let hash = phc_string(memory, password, &salt)?;
            let srp_verifier = srp::verifier(&pool, &username, password, &srp_salt)?;
            Ok(NewPassword { hash: hash.into(), srp_salt: srp_salt.to_vec(), srp_verifier, expires_at })
        };
        self.threads.run(&key, work).await?
    }

    /// Checks a password against a stored hash.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many hashes wait.
    pub async fn verify(
        &self,
        pool: &UserPoolId,
        password: &SecretString,
        stored: &SecretString,
    ) -> Result<Verdict> {
        let stored = StoredHash::parse(stored.expose_secret()).map_err(|_| stored::unreadable())?;
        let (weight, password) = (stored.weight(), password.clone());
        let work = move |memory: &mut Vec<Block>| check(memory, password.expose_secret(), &stored);
        self.threads.run_heavy(pool, weight, work).await?
    }

    /// Begins an SRP handshake over a client's public value, which must be one.
    ///
    /// # Errors
    /// [`Error::Busy`] when too much work waits.
    pub(crate) async fn begin_srp(
        &self,
        pool: &UserPoolId,
        client_public: String,
        verifier: Zeroizing<Vec<u8>>,
    ) -> Result<Handshake> {
        self.threads.run(pool, move |_| Handshake::begin(client_public, &verifier)).await?
    }

    /// Whether a signature over a message proves, in this handshake, that the client knew the password.
    ///
    /// # Errors
    /// [`Error::Busy`] when too much work waits.
    pub(crate) async fn verify_srp(
        &self,
        pool: &UserPoolId,
        handshake: Handshake,
        verifier: Zeroizing<Vec<u8>>,
        message: Vec<u8>,
        signature: Vec<u8>,
    ) -> Result<bool> {
        self.threads.run(pool, move |_| handshake.proves(&verifier, &message, &signature)).await?
    }

    /// Does the work of a check for somebody who does not exist (ENU-1).
    ///
    /// # Errors
    /// [`Error::Busy`] when too many hashes wait.
    pub async fn verify_nothing(&self, pool: &UserPoolId, password: &SecretString) -> Result<()> {
        let password = password.clone();
        let work = move |memory: &mut Vec<Block>| {
            hash_raw(memory, password.expose_secret(), &[0; SALT_BYTES]).map(|_| ())
        };
        self.threads.run(pool, work).await?
    }
}

fn parameters() -> Result<Params> {
    Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES)).map_err(Error::internal)
}

/// argon2id of any parameters, in memory that is kept.
fn raw(
    memory: &mut Vec<Block>,
    version: Version,
    parameters: Params,
    password: &str,
    salt: &[u8],
    out: &mut [u8],
) -> Result<()> {
    let blocks = parameters.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::new());
    }
    let hashed = Argon2::new(Algorithm::Argon2id, version, parameters).hash_password_into_with_memory(
        password.as_bytes(),
        salt,
        out,
        &mut memory[..blocks],
    );
    // What a hash of another system took beyond ours is given back.
    let kept = self::parameters()?.block_count();
    if memory.len() > kept {
        memory.truncate(kept);
        memory.shrink_to_fit();
    }
    hashed.map_err(Error::internal)
}

fn hash_raw(memory: &mut Vec<Block>, password: &str, salt: &[u8]) -> Result<Zeroizing<[u8; HASH_BYTES]>> {
    let mut out = Zeroizing::new([0; HASH_BYTES]);
    raw(memory, Version::V0x13, parameters()?, password, salt, out.as_mut())?;
    Ok(out)
}

fn phc_string(memory: &mut Vec<Block>, password: &str, salt: &[u8]) -> Result<String> {
    let out = hash_raw(memory, password, salt)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&parameters()?).map_err(Error::internal)?,
        salt: Some(Salt::new(salt).map_err(Error::internal)?),
        hash: Some(out.as_slice().try_into().map_err(Error::internal)?),
    };
    Ok(hash.to_string())
}

fn check(memory: &mut Vec<Block>, password: &str, stored: &StoredHash) -> Result<Verdict> {
    Ok(Verdict { matches: stored.matches(memory, password)?, outdated: stored.is_outdated(&parameters()?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(memory: &mut Vec<Block>, password: &str, stored: &str) -> Result<Verdict> {
        super::check(memory, password, &StoredHash::parse(stored).map_err(|_| stored::unreadable())?)
    }

    #[test]
    fn the_right_password_matches_and_no_other() {
        let mut memory = Vec::new();
        let stored = phc_string(&mut memory, "Passw0rd!", &[7; 16]).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_eq!(
            check(&mut memory, "Passw0rd!", &stored).unwrap(),
            Verdict { matches: true, outdated: false }
        );
        assert!(!check(&mut memory, "passw0rd!", &stored).unwrap().matches);
    }

    #[test]
    fn the_whole_of_a_long_password_counts() {
        let mut memory = Vec::new();
        let long = "ä".repeat(256);
        let stored = phc_string(&mut memory, &long, &[7; 16]).unwrap();
        assert!(check(&mut memory, &long, &stored).unwrap().matches);
        assert!(!check(&mut memory, &long[..long.len() - 2], &stored).unwrap().matches);
    }

    #[test]
    fn a_hash_of_other_parameters_is_checked_and_called_outdated_within_bounds() {
        use argon2::password_hash::PasswordHasher as _;
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(1024, 1, 1, None).unwrap());
        let stored = weak.hash_password(b"Passw0rd!").unwrap().to_string();
        let verdict = check(&mut Vec::new(), "Passw0rd!", &stored).unwrap();
        assert_eq!(verdict, Verdict { matches: true, outdated: true });
        let greedy = stored.replace("m=1024", "m=4194304");
        assert!(check(&mut Vec::new(), "Passw0rd!", &greedy).is_err());
    }

    #[test]
    fn memory_is_reused_between_hashes_of_different_cost() {
        let mut memory = Vec::new();
        let first = phc_string(&mut memory, "one", &[1; 16]).unwrap();
        let again = phc_string(&mut memory, "one", &[1; 16]).unwrap();
        assert_eq!(first, again);
    }
}
