//! A device's half of SRP, as Cognito's clients do it (RFC 5054): the group's key and the device's key take the places of the
//! pool's name and the username.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sha::Sha256;
use openssl::sign::Signer;

const K: &str = "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6";
const PASSWORD: &str = "forty random bytes of the device's own";

/// A device that was given a key.
pub(super) struct DeviceClient {
    pub(super) key: String,
    pub(super) group: String,
    salt: BigNum,
    secret: BigNum,
}

impl DeviceClient {
    pub(super) fn new(key: &str, group: &str) -> Self {
        let salt = BigNum::from_hex_str("a1b2c3d4e5f60718293a4b5c6d7e8f90").unwrap();
        let mut secret = BigNum::new().unwrap();
        secret.rand(256, openssl::bn::MsbOption::ONE, false).unwrap();
        Self { key: key.to_owned(), group: group.to_owned(), salt, secret }
    }

    fn hash(&self) -> BigNum {
        let inner = sha256(&[format!("{}{}:{PASSWORD}", self.group, self.key).as_bytes()]);
        BigNum::from_slice(&sha256(&[&padded(&self.salt), &inner])).unwrap()
    }

    /// Verifier and salt, in base64.
    pub(super) fn verifier(&self) -> (String, String) {
        (STANDARD.encode(padded(&power(&two(), &self.hash()))), STANDARD.encode(padded(&self.salt)))
    }

    /// `A`.
    pub(super) fn public(&self) -> String {
        power(&two(), &self.secret).to_hex_str().unwrap().to_lowercase()
    }

    /// The signature over a challenge.
    pub(super) fn sign(&self, challenge: &HashMap<String, String>, timestamp: &str) -> String {
        let (n, mut context) = (prime(), BigNumContext::new().unwrap());
        let public = BigNum::from_hex_str(&challenge["SRP_B"]).unwrap();
        let mine = power(&two(), &self.secret);
        let u = BigNum::from_slice(&sha256(&[&padded(&mine), &padded(&public)])).unwrap();
        let x = self.hash();
        let (mut masked, mut base) = (BigNum::new().unwrap(), BigNum::new().unwrap());
        let k = BigNum::from_hex_str(K).unwrap();
        masked.mod_mul(&k, &power(&two(), &x), &n, &mut context).unwrap();
        base.mod_sub(&public, &masked, &n, &mut context).unwrap();
        let exponent = &self.secret + &(&u * &x);
        let premaster = padded(&power(&base, &exponent));
        let extracted = mac(&padded(&u), &[&premaster]);
        let key = &mac(&extracted, &[b"Caldera Derived Key\x01"])[..16];
        let block = STANDARD.decode(&challenge["SECRET_BLOCK"]).unwrap();
        let parts = [self.group.as_bytes(), self.key.as_bytes(), &block, timestamp.as_bytes()];
        STANDARD.encode(mac(key, &parts))
    }
}

fn two() -> BigNum {
    BigNum::from_u32(2).unwrap()
}

fn prime() -> BigNum {
    BigNum::get_rfc3526_prime_3072().unwrap()
}

fn power(base: &BigNum, exponent: &BigNum) -> BigNum {
    let mut power = BigNum::new().unwrap();
    power.mod_exp(base, exponent, &prime(), &mut BigNumContext::new().unwrap()).unwrap();
    power
}

/// As Java writes it: with a zero byte in front when the top bit is set.
fn padded(number: &BigNum) -> Vec<u8> {
    let bytes = number.to_vec();
    if bytes[0] >= 0x80 { [&[0], bytes.as_slice()].concat() } else { bytes }
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finish()
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let key = PKey::hmac(key).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
    parts.iter().for_each(|part| signer.update(part).unwrap());
    signer.sign_to_vec().unwrap()
}
