//! SRP-6a as Cognito's clients do it: the salt and verifier that stand for a password.
//!
//! Numbers are hashed as Java's `BigInteger.toByteArray()` writes them: shortest big-endian bytes, with a zero byte in
//! front when the top bit is set.

use openssl::bn::{BigNum, BigNumContext};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::{Error, Result, random};

/// The 3072-bit group of RFC 3526, section 4.
const N: &str = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A43\
1B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE64928\
6651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4A\
BC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE5\
15D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE\
8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD9\
46E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";

pub(super) const SALT_BYTES: usize = 16;

/// A fresh salt. Its first byte is 01 to 7f, so that it reads the same as a number and as bytes.
pub(super) fn new_salt() -> Result<[u8; SALT_BYTES]> {
    let mut salt = random::bytes::<SALT_BYTES>()?;
    salt[0] = salt[0] % 0x7f + 1;
    Ok(salt)
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
    let power = || -> std::result::Result<Zeroizing<Vec<u8>>, openssl::error::ErrorStack> {
        let (n, g) = (BigNum::from_hex_str(N)?, BigNum::from_u32(2)?);
        let mut x = BigNum::from_slice(hash.as_slice())?;
        x.set_const_time();
        let (mut v, mut context) = (BigNum::new()?, BigNumContext::new_secure()?);
        v.mod_exp(&g, &x, &n, &mut context)?;
        x.clear();
        Ok(Zeroizing::new(v.to_vec()))
    };
    power().map_err(Error::internal)
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
    use super::*;

    /// Computed independently with Python's integers for pool `AbCdEfGhI`, user `alice`, password `Passw0rd!`.
    #[test]
    fn the_verifier_is_the_one_cognitos_clients_expect() {
        let salt = hex("a1b2c3d4e5f60718293a4b5c6d7e8f");
        let v = verifier("AbCdEfGhI", "alice", "Passw0rd!", &salt).unwrap();
        let text: String = v.iter().map(|byte| format!("{byte:02x}")).collect();
        let digest: String =
            Sha256::digest(text.trim_start_matches('0')).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(digest, "deb7af522afad3335c38680e1c9d78a041dc1fb82dc7c3f2f6e9bac700a23e5e");
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

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
    }
}
