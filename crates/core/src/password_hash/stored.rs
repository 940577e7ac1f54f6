//! Hashes as they are stored: our own, and those of other systems that a user import brought (KEY-5).
//!
//! What checking a hash may cost is bounded as it is read: when it is imported, and again each time it is checked.

use std::num::NonZeroU32;

use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::{Block, Params, Version};
use aws_lc_rs::pbkdf2;
use bcrypt::HashParts;
use cognate_store::user_import::HashAlgorithm;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{MEMORY_KIB, PASSES, raw};
use crate::{Error, Result};

/// The most that an argon2id hash may cost: four times the memory of our own.
const MOST_MEMORY_KIB: u32 = 4 * MEMORY_KIB;
const MOST_PASSES: u32 = 10;
const MOST_LANES: u32 = 4;
/// The most that a bcrypt hash may cost: about a second.
const MOST_BCRYPT_COST: u32 = 14;
/// The most that a scrypt hash may cost, as `N * r * p`: 128 MiB, or less memory more often.
const MOST_SCRYPT_BLOCKS: u64 = 1 << 20;
/// What OpenSSL may take for that, with its own needs.
const MOST_SCRYPT_BYTES: u64 = 160 * 1024 * 1024;
/// The most iterations of PBKDF2: about half a second.
const MOST_ITERATIONS: u32 = 2_000_000;
/// How long the outcome of a hash function may be, in bytes. phc allows at most 64.
const SHORTEST_OUTPUT: usize = 16;

/// A hash that can be checked, at a cost within bounds.
pub(super) enum StoredHash {
    Argon2id { version: Version, parameters: Params, salt: Salt, output: Output },
    Bcrypt { cost: u32, text: String },
    Scrypt { n: u64, r: u64, p: u64, salt: Salt, output: Output },
    Pbkdf2 { iterations: NonZeroU32, salt: Salt, output: Output },
}

/// Why a hash cannot be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unusable {
    Malformed,
    TooCostly,
}

impl StoredHash {
    /// Reads a hash in the notation it is stored in.
    pub(super) fn parse(text: &str) -> std::result::Result<Self, Unusable> {
        if text.starts_with("$2") {
            return bcrypt_hash(text);
        }
        let parsed = PasswordHash::new(text).map_err(|_| Unusable::Malformed)?;
        let (Some(salt), Some(output)) = (parsed.salt, parsed.hash) else { return Err(Unusable::Malformed) };
        if output.as_bytes().len() < SHORTEST_OUTPUT {
            return Err(Unusable::Malformed);
        }
        let only = |known: &[&str]| parsed.params.iter().all(|(name, _)| known.contains(&name.as_str()));
        let number = |name: &str| parsed.params.get_decimal(name).ok_or(Unusable::Malformed);
        match parsed.algorithm.as_str() {
            "argon2id" => {
                let version = Version::try_from(parsed.version.unwrap_or(Version::V0x10.into()));
                let version = version.map_err(|_| Unusable::Malformed)?;
                let parameters = Params::try_from(&parsed).map_err(|_| Unusable::Malformed)?;
                let costly = parameters.m_cost() > MOST_MEMORY_KIB
                    || parameters.t_cost() > MOST_PASSES
                    || parameters.p_cost() > MOST_LANES;
                if costly {
                    return Err(Unusable::TooCostly);
                }
                Ok(Self::Argon2id { version, parameters, salt, output })
            }
            "scrypt" if parsed.version.is_none() && only(&["ln", "r", "p"]) => {
                let (ln, r, p) = (number("ln")?, u64::from(number("r")?), u64::from(number("p")?));
                let n = 1_u64.checked_shl(ln).filter(|n| *n > 1).ok_or(Unusable::TooCostly)?;
                if r == 0 || p == 0 {
                    return Err(Unusable::Malformed);
                }
                if n.saturating_mul(r).saturating_mul(p) > MOST_SCRYPT_BLOCKS {
                    return Err(Unusable::TooCostly);
                }
                Ok(Self::Scrypt { n, r, p, salt, output })
            }
            "pbkdf2-sha256" if parsed.version.is_none() && only(&["i", "l"]) => {
                let length = parsed.params.get_decimal("l").map(|length| length as usize);
                if length.is_some_and(|length| length != output.as_bytes().len()) {
                    return Err(Unusable::Malformed);
                }
                let iterations = NonZeroU32::new(number("i")?).ok_or(Unusable::Malformed)?;
                if iterations.get() > MOST_ITERATIONS {
                    return Err(Unusable::TooCostly);
                }
                Ok(Self::Pbkdf2 { iterations, salt, output })
            }
            _ => Err(Unusable::Malformed),
        }
    }

    /// Whether this is the hash of a password.
    pub(super) fn matches(&self, memory: &mut Vec<Block>, password: &str) -> Result<bool> {
        match self {
            Self::Argon2id { version, parameters, salt, output } => {
                let mut out = Zeroizing::new(vec![0; output.as_bytes().len()]);
                raw(memory, *version, parameters.clone(), password, salt.as_ref(), &mut out)?;
                Ok(out.ct_eq(output.as_bytes()).into())
            }
            // bcrypt reads 72 bytes of a password and no more, here as where the hash was made.
            Self::Bcrypt { text, .. } => bcrypt::verify(password, text).map_err(|_| unreadable()),
            Self::Scrypt { n, r, p, salt, output } => {
                let mut out = Zeroizing::new(vec![0; output.as_bytes().len()]);
                let (password, salt) = (password.as_bytes(), salt.as_ref());
                openssl::pkcs5::scrypt(password, salt, *n, *r, *p, MOST_SCRYPT_BYTES, &mut out)
                    .map_err(Error::internal)?;
                Ok(out.ct_eq(output.as_bytes()).into())
            }
            Self::Pbkdf2 { iterations, salt, output } => Ok(pbkdf2::verify(
                pbkdf2::PBKDF2_HMAC_SHA256,
                *iterations,
                salt.as_ref(),
                password.as_bytes(),
                output.as_bytes(),
            )
            .is_ok()),
        }
    }

    /// How many hashes of ours checking it takes the time of, roughly.
    pub(super) fn weight(&self) -> usize {
        let ours = f64::from(MEMORY_KIB * PASSES);
        let times = match self {
            Self::Argon2id { parameters, .. } => {
                f64::from(parameters.m_cost()) * f64::from(parameters.t_cost()) / ours
            }
            // About 50 ms at cost 10, where ours takes 14.
            Self::Bcrypt { cost, .. } => 3.5 * 2_f64.powi(*cost as i32 - 10),
            // 8 blocks of 128 bytes are a KiB, written and read.
            Self::Scrypt { n, r, p, .. } => 2.0 * (*n * *r * *p) as f64 / 8.0 / ours * 4.0,
            // 2,000,000 in half a second.
            Self::Pbkdf2 { iterations, .. } => f64::from(iterations.get()) / 56_000.0,
        };
        (times.ceil() as usize).max(1)
    }

    /// Whether it was made otherwise than we make hashes today.
    pub(super) fn is_outdated(&self, today: &Params) -> bool {
        match self {
            Self::Argon2id { version, parameters, .. } => {
                let costs = |it: &Params| (it.m_cost(), it.t_cost(), it.p_cost(), it.output_len());
                *version != Version::V0x13 || costs(parameters) != costs(today)
            }
            Self::Bcrypt { .. } | Self::Scrypt { .. } | Self::Pbkdf2 { .. } => true,
        }
    }

    fn algorithm(&self) -> HashAlgorithm {
        match self {
            Self::Argon2id { .. } => HashAlgorithm::Argon2id,
            Self::Bcrypt { .. } => HashAlgorithm::Bcrypt,
            Self::Scrypt { .. } => HashAlgorithm::Scrypt,
            Self::Pbkdf2 { .. } => HashAlgorithm::Pbkdf2Sha256,
        }
    }
}

fn bcrypt_hash(text: &str) -> std::result::Result<StoredHash, Unusable> {
    let notation = ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| text.starts_with(prefix));
    let parts = text.parse::<HashParts>().map_err(|_| Unusable::Malformed)?;
    match parts.get_cost() {
        _ if !notation => Err(Unusable::Malformed),
        ..4 => Err(Unusable::Malformed),
        cost @ 4..=MOST_BCRYPT_COST => Ok(StoredHash::Bcrypt { cost, text: text.to_owned() }),
        _ => Err(Unusable::TooCostly),
    }
}

pub(super) fn unreadable() -> Error {
    Error::internal("a stored password hash cannot be read")
}

/// Whether a hash of another system can be kept: of the algorithm that was named, and not too dear to check. Says what
/// is wrong with it otherwise, and nothing of what it holds (LOG-1).
///
/// # Errors
/// In words for the log of an import.
pub(crate) fn check_imported(algorithm: HashAlgorithm, text: &str) -> std::result::Result<(), &'static str> {
    match StoredHash::parse(text) {
        Ok(hash) if hash.algorithm() == algorithm => Ok(()),
        Ok(_) => Err("The password hash is not of the algorithm that the job names."),
        Err(Unusable::Malformed) => Err("The password hash cannot be read."),
        Err(Unusable::TooCostly) => Err("The password hash is too costly to check."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with Python: `bcrypt`, `hashlib.scrypt` and `hashlib.pbkdf2_hmac`.
    const BCRYPT: &str = "$2b$04$f22Dw.JaWe9AAAKDwPHGUu9c75vW0LJIp5eJBcRYZ6crI5JwwN94O";
    const SCRYPT: &str =
        "$scrypt$ln=10,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$RdgaPtkTtEq6ayC5Tyhanu883vIZf8kNQ2SxXEti5mM";
    const PBKDF2: &str =
        "$pbkdf2-sha256$i=1000$AAECAwQFBgcICQoLDA0ODw$+bBIX3PcwZJzR09g5gGFDZEhWG+zYWl2e9S2Ep0+5qM";

    #[test]
    fn a_dear_hash_weighs_more_than_ours() {
        let weight = |hash: &str| StoredHash::parse(hash).unwrap().weight();
        assert_eq!((weight(BCRYPT), weight(SCRYPT), weight(PBKDF2)), (1, 1, 1));
        assert_eq!(weight(&BCRYPT.replace("$04$", "$14$")), 56);
        assert!((20..=60).contains(&weight(&SCRYPT.replace("ln=10", "ln=17"))));
        assert_eq!(weight(&PBKDF2.replace("i=1000", "i=2000000")), 36);
    }

    fn matches(hash: &str, password: &str) -> bool {
        StoredHash::parse(hash).unwrap().matches(&mut Vec::new(), password).unwrap()
    }

    #[test]
    fn hashes_of_other_systems_know_their_password() {
        for hash in [BCRYPT, SCRYPT, PBKDF2, &PBKDF2.replace("$i=1000", "$i=1000,l=32")] {
            assert!(matches(hash, "Passw0rd!"), "{hash}");
            assert!(!matches(hash, "passw0rd!"), "{hash}");
            assert!(StoredHash::parse(hash).unwrap().is_outdated(&Params::DEFAULT));
        }
        for version in ["$2a$", "$2y$"] {
            assert!(matches(&BCRYPT.replace("$2b$", version), "Passw0rd!"));
        }
    }

    #[test]
    fn bcrypt_knows_the_first_72_bytes_of_a_longer_password() {
        let long = "a".repeat(80);
        let hash = bcrypt::hash(&long, 4).unwrap();
        assert!(matches(&hash, &long));
        assert!(matches(&hash, &long[..72]));
        assert!(!matches(&hash, &long[..71]));
    }

    #[test]
    fn what_would_cost_too_much_is_refused() {
        let salt_and_output = SCRYPT.rsplit_once("p=1").unwrap().1;
        let refusal = |text: &str| StoredHash::parse(text).err();
        for dear in [
            &BCRYPT.replace("$04$", "$15$"),
            &format!("$scrypt$ln=18,r=8,p=1{salt_and_output}"),
            &format!("$scrypt$ln=17,r=8,p=2{salt_and_output}"),
            &format!("$scrypt$ln=63,r=4294967295,p=4294967295{salt_and_output}"),
            &format!("$scrypt$ln=64,r=8,p=1{salt_and_output}"),
            &PBKDF2.replace("i=1000", "i=2000001"),
            &format!("$argon2id$v=19$m=77825,t=1,p=1{salt_and_output}"),
            &format!("$argon2id$v=19$m=1024,t=11,p=1{salt_and_output}"),
            &format!("$argon2id$v=19$m=1024,t=1,p=5{salt_and_output}"),
        ] {
            assert_eq!(refusal(dear), Some(Unusable::TooCostly), "{dear}");
        }
        for sane in [
            &BCRYPT.replace("$04$", "$14$"),
            &format!("$scrypt$ln=17,r=8,p=1{salt_and_output}"),
            &format!("$scrypt$ln=13,r=8,p=10{salt_and_output}"),
            &PBKDF2.replace("i=1000", "i=2000000"),
            &format!("$argon2id$v=19$m=65536,t=3,p=4{salt_and_output}"),
        ] {
            assert_eq!(refusal(sane), None, "{sane}");
        }
    }

    #[test]
    fn what_is_no_hash_is_refused_without_a_panic() {
        let salt_and_output = SCRYPT.rsplit_once("p=1").unwrap().1;
        for bad in [
            "",
            "$",
            "$2b$",
            "plain text",
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "{SSHA}abcdef",
            &BCRYPT.replace("$04$", "$03$"),
            &BCRYPT.replace("$2b$", "$2x$"),
            &BCRYPT[..59],
            &format!("{BCRYPT}x"),
            &format!("$scrypt$ln=0,r=8,p=1{salt_and_output}x"),
            &format!("$scrypt$ln=14,r=0,p=1{salt_and_output}"),
            &format!("$scrypt$ln=14,r=8{salt_and_output}"),
            &format!("$scrypt$ln=14,r=8,p=1,x=1{salt_and_output}"),
            &format!("$argon2i$v=19$m=1024,t=1,p=1{salt_and_output}"),
            &format!("$argon2id$v=99$m=1024,t=1,p=1{salt_and_output}"),
            &PBKDF2.replace("i=1000", "i=0"),
            &PBKDF2.replace("i=1000", "i=1000,l=31"),
            &PBKDF2.replace("pbkdf2-sha256", "pbkdf2-sha1"),
            "$scrypt$ln=14,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
        ] {
            assert!(StoredHash::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_hash_must_be_of_the_algorithm_that_was_named() {
        assert_eq!(check_imported(HashAlgorithm::Bcrypt, BCRYPT), Ok(()));
        assert_eq!(check_imported(HashAlgorithm::Scrypt, SCRYPT), Ok(()));
        assert_eq!(check_imported(HashAlgorithm::Pbkdf2Sha256, PBKDF2), Ok(()));
        assert!(check_imported(HashAlgorithm::Argon2id, BCRYPT).is_err());
        assert!(check_imported(HashAlgorithm::Bcrypt, "Passw0rd!").is_err());
    }
}
