//! SRP-6a (RFC 5054, section 2) as Cognito's clients do it: the salt and verifier that stand for a password, and the
//! server's half of a handshake.
//!
//! Numbers are hashed as Java's `BigInteger.toByteArray()` writes them: shortest big-endian bytes, with a zero byte in
//! front when the top bit is set.

mod group;
#[cfg(target_arch = "x86_64")]
mod montgomery;

use hmac::{Hmac, KeyInit as _, Mac as _};
use openssl::bn::BigNum;
use openssl::error::ErrorStack;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use self::group::{GROUP_BYTES, Group};
use crate::{Error, Result, random};

/// How many hexadecimal digits a number of the group has at most.
const GROUP_DIGITS: usize = 2 * GROUP_BYTES;

/// SHA-256 of N and g.
const K: &str = "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6";

/// What the key of a handshake is derived for (HKDF, RFC 5869, its only block).
const KEY_INFO: &[u8] = b"Caldera Derived Key\x01";

pub(super) const SALT_BYTES: usize = 16;
const SECRET_BYTES: usize = 32;
const KEY_BYTES: usize = 16;

/// A fresh salt.
pub(super) fn new_salt() -> Result<[u8; SALT_BYTES]> {
    Ok(salt_of(&random::bytes::<32>()?))
}

/// A salt of these random bytes. Its first one is 01 to 7f, so that it reads the same as a number and as bytes.
pub(crate) fn salt_of(random: &[u8; 32]) -> [u8; SALT_BYTES] {
    let mut salt = [0; SALT_BYTES];
    salt.copy_from_slice(&random[..SALT_BYTES]);
    salt[0] = salt[0] % 0x7f + 1;
    salt
}

/// `g^x mod N` with `x = H(salt, H(pool, username, ":", password))`.
pub(super) fn verifier(
    pool: &str,
    username: &str,
    password: &str,
    salt: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    let inner =
        Sha256::new().chain_update(pool).chain_update(username).chain_update(":").chain_update(password);
    let inner: Zeroizing<[u8; 32]> = Zeroizing::new(inner.finalize().into());
    let hash = Sha256::new().chain_update(padded(salt)).chain_update(inner.as_slice());
    let hash: Zeroizing<[u8; 32]> = Zeroizing::new(hash.finalize().into());
    let mut group = Group::new().map_err(Error::internal)?;
    let mut v = group.power_of_generator(hash.as_slice()).map_err(Error::internal)?;
    let bytes = Zeroizing::new(v.to_vec());
    v.clear();
    Ok(bytes)
}

/// A handshake that has begun, as the server has to remember it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Handshake {
    /// `A`, in hexadecimal digits.
    client_public: String,
    /// `B`, in hexadecimal digits without leading zeros.
    pub server_public: String,
    /// `b`: twice as long as the group is strong (RFC 5054, section 2.5.4).
    secret: [u8; SECRET_BYTES],
}

impl Drop for Handshake {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl Handshake {
    /// Answers a client's public value.
    pub(super) fn begin(client_public: String, verifier: &[u8]) -> Result<Self> {
        let secret = random::bytes::<SECRET_BYTES>()?;
        let server_public = unpadded(&public_value(verifier, &secret).map_err(Error::internal)?);
        Ok(Self { client_public, server_public, secret })
    }

    /// Whether a signature over a message proves that the client knew the password.
    pub(super) fn proves(&self, verifier: &[u8], message: &[u8], signature: &[u8]) -> Result<bool> {
        let (a, b) = (number(&self.client_public)?, number(&self.server_public)?);
        let Some(key) = shared_key(&a, &b, &self.secret, verifier)? else { return Ok(false) };
        Ok(mac(key.as_slice(), message)?.verify_slice(signature).is_ok())
    }
}

/// Whether a client's public value is one: hexadecimal digits, no more than the group has room for and two zeros before
/// them, and not a multiple of its prime (RFC 5054, section 2.5.4).
pub(crate) fn is_public_value(text: &str) -> bool {
    let is_multiple = || -> std::result::Result<bool, ErrorStack> {
        Ok(Group::new()?.rest(&*BigNum::from_hex_str(text)?)?.num_bits() == 0)
    };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits && text.len() <= GROUP_DIGITS + 2 && matches!(is_multiple(), Ok(false))
}

/// Whether bytes that a client made are a verifier: a number of the group that nobody can guess the password to. 0, 1 and -1
/// stay what they are to any power.
pub(crate) fn is_verifier(bytes: &[u8]) -> bool {
    let is_number = || -> std::result::Result<bool, ErrorStack> {
        let (number, group) = (BigNum::from_slice(bytes)?, Group::new()?);
        let (mut last, one) = (BigNum::new()?, BigNum::from_u32(1)?);
        last.checked_sub(group.n(), &one)?;
        Ok(number > one && number < last)
    };
    bytes.len() <= GROUP_BYTES + 1 && matches!(is_number(), Ok(true))
}

/// A number in hexadecimal digits as Cognito writes it.
pub(crate) fn unpadded(bytes: &[u8]) -> String {
    hex::encode(bytes).trim_start_matches('0').to_owned()
}

fn number(digits: &str) -> Result<Vec<u8>> {
    let even = format!("{}{digits}", if digits.len().is_multiple_of(2) { "" } else { "0" });
    hex::decode(even).map_err(Error::internal)
}

/// `B = k*v + g^b mod N`.
fn public_value(verifier: &[u8], secret: &[u8]) -> std::result::Result<Vec<u8>, ErrorStack> {
    let mut group = Group::new()?;
    let masked = group.product(&*BigNum::from_hex_str(K)?, &*BigNum::from_slice(verifier)?)?;
    let power = group.power_of_generator(secret)?;
    Ok(group.sum(&masked, &power)?.to_vec())
}

/// The key that client and server share when the client knew the password; none where the handshake must be broken off,
/// as `A` or `u` is zero (RFC 5054, sections 2.5.4 and 2.6).
fn shared_key(
    client_public: &[u8],
    server_public: &[u8],
    secret: &[u8],
    verifier: &[u8],
) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let u = Sha256::new().chain_update(padded(client_public)).chain_update(padded(server_public)).finalize();
    let premaster = premaster(client_public, &u, secret, verifier).map_err(Error::internal)?;
    let Some(premaster) = premaster else { return Ok(None) };
    let extracted = Zeroizing::new(mac(&padded(&u), &premaster)?.finalize().into_bytes().to_vec());
    let mut key = Zeroizing::new(mac(&extracted, KEY_INFO)?.finalize().into_bytes().to_vec());
    key.truncate(KEY_BYTES);
    Ok(Some(key))
}

/// `S = (A * v^u)^b mod N`, padded.
fn premaster(
    client_public: &[u8],
    u: &[u8],
    secret: &[u8],
    verifier: &[u8],
) -> std::result::Result<Option<Zeroizing<Vec<u8>>>, ErrorStack> {
    let (mut group, v) = (Group::new()?, BigNum::from_slice(verifier)?);
    let a = group.rest(&*BigNum::from_slice(client_public)?)?;
    if a.num_bits() == 0 || u.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let power = group.power(&v, u)?;
    let base = group.product(&a, &power)?;
    let mut s = group.power(&base, secret)?;
    let bytes = Zeroizing::new(padded(&s.to_vec()));
    s.clear();
    Ok(Some(bytes))
}

fn mac(key: &[u8], message: &[u8]) -> Result<Hmac<Sha256>> {
    Ok(Hmac::<Sha256>::new_from_slice(key).map_err(Error::internal)?.chain_update(message))
}

/// The bytes of a number as Java writes them.
fn padded(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let mut padded = Vec::with_capacity(bytes.len() + 1);
    if bytes.get(start).is_none_or(|byte| *byte >= 0x80) {
        padded.push(0);
    }
    padded.extend_from_slice(&bytes[start..]);
    padded
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    const SALT: &str = "a1b2c3d4e5f60718293a4b5c6d7e8f";

    fn n() -> Vec<u8> {
        BigNum::get_rfc3526_prime_3072().unwrap().to_vec()
    }

    fn digest(text: impl AsRef<[u8]>) -> String {
        hex::encode(Sha256::digest(text))
    }

    /// Computed independently with Python's integers for pool `AbCdEfGhI`, user `alice`, password `Passw0rd!`.
    #[test]
    fn the_verifier_is_the_one_cognitos_clients_expect() {
        let v = verifier("AbCdEfGhI", "alice", "Passw0rd!", &hex::decode(SALT).unwrap()).unwrap();
        assert_eq!(digest(unpadded(&v)), "deb7af522afad3335c38680e1c9d78a041dc1fb82dc7c3f2f6e9bac700a23e5e");
    }

    /// The same, for `a` and `b` the SHA-256 of `a` and `b`, four times in a row.
    #[test]
    fn a_handshake_comes_to_the_key_that_cognitos_clients_come_to() {
        let repeated = |letter: &str| Sha256::digest(letter).repeat(4);
        let v = verifier("AbCdEfGhI", "alice", "Passw0rd!", &hex::decode(SALT).unwrap()).unwrap();
        let a = Group::new().unwrap().power_of_generator(&repeated("a")).unwrap().to_vec();
        assert_eq!(digest(unpadded(&a)), "beee990bbc56d44949fcaf8f3f1eb77cc8d1b09d87723a902acbf00d02ab627f");
        let b = public_value(&v, &repeated("b")).unwrap();
        let text = unpadded(&b);
        assert_eq!(text.len(), 767);
        assert_eq!(digest(&text), "14205c5907cc2ca0cbcbdb319666d9f5d1997def715130e5d8602e54ca2c29ae");
        let u = Sha256::new().chain_update(padded(&a)).chain_update(padded(&b)).finalize();
        assert_eq!(hex::encode(u), "7ecae6b92e46809c3a9baa8ae0811d2917293e3f7c0931b3e17e17004070ba76");
        let s = premaster(&a, &u, &repeated("b"), &v).unwrap().unwrap();
        assert_eq!(digest(&*s), "25d5cc9539502dd9473692a76790f18981253acb87ecae8ad1618f7787aa3493");
        let key = shared_key(&a, &b, &repeated("b"), &v).unwrap().unwrap();
        assert_eq!(hex::encode(&*key), "11479fcfebf3582f425f0273cf36c9ae");
        let block = STANDARD.decode("AAECc2VjcmV0LWJsb2Nr").unwrap();
        let message = [b"AbCdEfGhIalice", &*block, b"Tue Jan 6 03:04:05 UTC 2026"].concat();
        let signature = STANDARD.encode(mac(&key, &message).unwrap().finalize().into_bytes());
        assert_eq!(signature, "td7HXNhBpAjveeDcpUyIHqUliSZ90uEgTqsUGyYsHSQ=");
    }

    #[test]
    fn k_is_the_hash_of_the_group() {
        let k = Sha256::new().chain_update(padded(&n())).chain_update([2]).finalize();
        assert_eq!(hex::encode(k), K);
    }

    /// RFC 5054, section 2.5.4.
    #[test]
    fn a_public_value_that_is_nothing_modulo_n_breaks_the_handshake_off() {
        let v = [7; 384];
        let nothing = [vec![0; 384], n()];
        for a in nothing {
            assert!(!is_public_value(&hex::encode(&a)));
            assert!(shared_key(&a, &[1], &[7; 32], &v).unwrap().is_none());
        }
        for text in ["", "0", "xyz", "-1", &format!("111{}", hex::encode(n()))] {
            assert!(!is_public_value(text), "{text}");
        }
        for text in ["2", "02", "ABC", &format!("00{}", "f".repeat(767))] {
            assert!(is_public_value(text), "{text}");
        }
    }

    #[test]
    fn numbers_are_padded_as_java_does() {
        assert_eq!(padded(&[0x80]), [0, 0x80]);
        assert_eq!(padded(&[0, 0, 0x7f]), [0x7f]);
        assert_eq!(padded(&[]), [0]);
    }

    #[test]
    fn salts_read_the_same_as_number_and_as_bytes() {
        for _ in 0..1000 {
            let salt = new_salt().unwrap();
            assert!((1..=0x7f).contains(&salt[0]));
        }
    }
}
