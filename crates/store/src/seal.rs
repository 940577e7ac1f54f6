//! Envelope encryption (KEY-1…3): a root key wraps each pool's data key, a data key seals the pool's secrets.
//!
//! Every sealed value is bound to its place (tenant, pool, table, column, row, key version), so a value copied to
//! another row does not open. AES-256-GCM; the stored form is `nonce || ciphertext || tag`.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::{hmac, rand};
use zeroize::Zeroizing;

use crate::{AccountId, Error, Result, UserPoolId};

const KEY_BYTES: usize = 32;
const VERSION: &str = "1";

/// A value as it is stored: unreadable without its key and its place.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes bytes read from a sealed column.
    pub fn from_stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

/// Where a sealed value lives.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The row's key within its pool or account.
    pub row: &'a str,
}

/// The key outside the database that everything at rest depends on.
#[derive(Clone)]
pub struct RootKey(Arc<Inner>);

/// A pool's data key, unwrapped: seals its secrets and keys its digests.
#[derive(Clone)]
pub struct PoolKey(Arc<Inner>);

struct Inner {
    scope: String,
    aead: RandomizedNonceKey,
    mac: hmac::Key,
}

impl Inner {
    fn new(scope: String, key: &[u8; KEY_BYTES]) -> Result<Self> {
        let derive = |purpose: &str| -> Result<Zeroizing<[u8; KEY_BYTES]>> {
            let mut out = Zeroizing::new([0; KEY_BYTES]);
            let salt = Salt::new(HKDF_SHA256, b"cognate");
            let info = [purpose.as_bytes()];
            let derived = salt.extract(key).expand(&info, HKDF_SHA256).and_then(|okm| okm.fill(out.as_mut()));
            derived.map_err(|_| Error::Internal("key derivation failed".into()))?;
            Ok(out)
        };
        let aead = RandomizedNonceKey::new(&AES_256_GCM, derive("seal")?.as_ref())
            .map_err(|_| Error::Internal("not an AES-256 key".into()))?;
        let mac = hmac::Key::new(hmac::HMAC_SHA256, derive("digest")?.as_ref());
        Ok(Self { scope, aead, mac })
    }

    fn aad(&self, place: Place<'_>) -> Vec<u8> {
        let mut aad = Vec::with_capacity(128);
        for part in [VERSION, &self.scope, place.table, place.column, place.row] {
            aad.extend_from_slice(&(part.len() as u32).to_be_bytes());
            aad.extend_from_slice(part.as_bytes());
        }
        aad
    }

    fn seal(&self, place: Place<'_>, value: &[u8]) -> Result<Sealed> {
        let mut sealed = value.to_vec();
        let nonce = self.aead.seal_in_place_append_tag(Aad::from(self.aad(place)), &mut sealed);
        let nonce = nonce.map_err(|_| Error::Internal("sealing failed".into()))?;
        sealed.splice(0..0, nonce.as_ref().iter().copied());
        Ok(Sealed(sealed))
    }

    fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>> {
        let unreadable = || Error::Unreadable(format!("{}.{}", place.table, place.column));
        let (nonce, ciphertext) = sealed.0.split_at_checked(NONCE_LEN).ok_or_else(unreadable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| unreadable())?;
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        let opened = self.aead.open_in_place(nonce, Aad::from(self.aad(place)), &mut buffer);
        let length = opened.map_err(|_| unreadable())?.len();
        buffer.truncate(length);
        Ok(buffer)
    }

    fn digest(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.mac);
        for part in [self.scope.as_bytes(), purpose.as_bytes()].iter().chain(parts) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(context.sign().as_ref());
        digest
    }
}

impl RootKey {
    /// Takes 32 bytes of key.
    ///
    /// # Errors
    /// When the key is all of one byte: nobody's random key, somebody's placeholder (KEY-1).
    pub fn new(bytes: &[u8; KEY_BYTES]) -> Result<Self> {
        if bytes.iter().all(|byte| *byte == bytes[0]) {
            return Err(Error::RootKey("the root key is a placeholder, not a random key"));
        }
        Ok(Self(Arc::new(Inner::new("root".into(), bytes)?)))
    }

    /// 32 fresh bytes for a root key.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn generate() -> Result<Zeroizing<[u8; KEY_BYTES]>> {
        random_key()
    }

    /// What may be stored to recognise this key again.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.0.digest("fingerprint", &[])
    }

    /// Seals a value that belongs to an account rather than a pool.
    pub(crate) fn seal(&self, place: Place<'_>, value: &[u8]) -> Result<Sealed> {
        self.0.seal(place, value)
    }

    /// Opens what [`RootKey::seal`] sealed.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>> {
        self.0.open(place, sealed)
    }

    /// Makes a data key for a new pool: the key, and its wrapped form for the pool's row.
    pub(crate) fn new_pool_key(&self, account: &AccountId, pool: &UserPoolId) -> Result<(PoolKey, Sealed)> {
        let bytes = random_key()?;
        let row = format!("{account}/{pool}");
        let wrapped =
            self.seal(Place { table: "user_pools", column: "data_key", row: &row }, bytes.as_ref())?;
        Ok((PoolKey(Arc::new(Inner::new(row, &bytes)?)), wrapped))
    }

    /// Unwraps a pool's data key.
    pub(crate) fn pool_key(
        &self,
        account: &AccountId,
        pool: &UserPoolId,
        wrapped: &Sealed,
    ) -> Result<PoolKey> {
        let row = format!("{account}/{pool}");
        let opened = self.open(Place { table: "user_pools", column: "data_key", row: &row }, wrapped)?;
        let bytes: &[u8; KEY_BYTES] =
            opened.as_slice().try_into().map_err(|_| Error::Unreadable("data key".into()))?;
        Ok(PoolKey(Arc::new(Inner::new(row, bytes)?)))
    }
}

impl PoolKey {
    /// Seals a value for its place in this pool.
    ///
    /// # Errors
    /// When the cipher fails, which it does not.
    pub fn seal(&self, place: Place<'_>, value: &[u8]) -> Result<Sealed> {
        self.0.seal(place, value)
    }

    /// Opens a sealed value; only from the place it was sealed for.
    ///
    /// # Errors
    /// When the value was sealed for another place, under another key, or has been changed.
    pub fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>> {
        self.0.open(place, sealed)
    }

    /// HMAC-SHA256 under the pool's key: digests of codes, and values derived from names (KEY-4, ENU-1).
    pub fn digest(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        self.0.digest(purpose, parts)
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey([redacted])")
    }
}

impl fmt::Debug for PoolKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PoolKey([redacted])")
    }
}

fn random_key() -> Result<Zeroizing<[u8; KEY_BYTES]>> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    rand::fill(key.as_mut()).map_err(|_| Error::Internal("no randomness".into()))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool_key() -> PoolKey {
        let root = RootKey::new(&RootKey::generate().unwrap()).unwrap();
        root.new_pool_key(&AccountId::development(), &UserPoolId::new("us-east-1_AbCdEfGhI")).unwrap().0
    }

    #[test]
    fn a_value_opens_only_in_its_own_place() {
        let key = pool_key();
        let here = Place { table: "passwords", column: "srp_verifier", row: "1" };
        let sealed = key.seal(here, b"secret").unwrap();
        assert_eq!(key.open(here, &sealed).unwrap().as_slice(), b"secret");
        assert!(key.open(Place { row: "2", ..here }, &sealed).is_err());
        assert!(key.open(Place { column: "hash", ..here }, &sealed).is_err());
        assert!(pool_key().open(here, &sealed).is_err());
    }

    #[test]
    fn a_changed_or_short_value_does_not_open() {
        let key = pool_key();
        let here = Place { table: "t", column: "c", row: "r" };
        let mut bytes = key.seal(here, b"secret").unwrap().0;
        bytes[NONCE_LEN] ^= 1;
        assert!(key.open(here, &Sealed(bytes)).is_err());
        assert!(key.open(here, &Sealed(vec![1, 2, 3])).is_err());
    }

    #[test]
    fn a_wrapped_key_opens_only_for_its_pool_and_root() {
        let root = RootKey::new(&RootKey::generate().unwrap()).unwrap();
        let (account, pool) = (AccountId::development(), UserPoolId::new("us-east-1_AbCdEfGhI"));
        let (key, wrapped) = root.new_pool_key(&account, &pool).unwrap();
        let again = root.pool_key(&account, &pool, &wrapped).unwrap();
        assert_eq!(key.digest("x", &[b"y"]), again.digest("x", &[b"y"]));
        assert!(root.pool_key(&account, &UserPoolId::new("us-east-1_other"), &wrapped).is_err());
        let other = RootKey::new(&RootKey::generate().unwrap()).unwrap();
        assert!(other.pool_key(&account, &pool, &wrapped).is_err());
    }

    #[test]
    fn a_placeholder_is_no_root_key() {
        assert!(RootKey::new(&[0; 32]).is_err());
        assert!(RootKey::new(&[7; 32]).is_err());
    }
}
