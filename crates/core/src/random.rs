//! Random values, from the operating system only (KEY-7).

use aws_lc_rs::rand;

use crate::{Error, Result};

/// Random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| Error::internal("no randomness"))?;
    Ok(bytes)
}

/// A text of random characters of an alphabet, each equally likely.
pub(crate) fn text(alphabet: &[u8], length: usize) -> Result<String> {
    let fair = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(length);
    while text.len() < length {
        for byte in bytes::<32>()? {
            if usize::from(byte) < fair && text.len() < length {
                text.push(char::from(alphabet[usize::from(byte) % alphabet.len()]));
            }
        }
    }
    Ok(text)
}

/// Digits and capital and small letters.
pub(crate) const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The digits of base 32 as client ids and secrets use them.
pub(crate) const BASE32: &[u8] = b"0123456789abcdefghijklmnopqrstuv";
/// Decimal digits.
pub(crate) const DIGITS: &[u8] = b"0123456789";
