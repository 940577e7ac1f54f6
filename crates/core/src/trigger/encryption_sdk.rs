//! Messages of the AWS Encryption SDK, which custom senders get codes in: its format 2 with one data key, whose wrapped form
//! travels along, and the algorithm suite AES-256-GCM with HKDF-SHA-512 and key commitment.
//!
//! AWS's own crate brings a TLS stack, a database client and two hundred thousand lines with it for these hundred bytes.

use std::collections::BTreeMap;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA512, KeyType, Prk, Salt};
use zeroize::Zeroizing;

use crate::random;
use crate::{Error, Result};

/// What a message is bound to, readable to all; whoever decrypts it can look at it.
pub(super) type Context<'a> = BTreeMap<&'a str, &'a str>;

/// The key of one message, in the clear and wrapped.
pub(super) struct DataKey {
    pub plain: Zeroizing<[u8; KEY]>,
    /// Who unwraps it: `aws-kms`, or the name space of a raw key.
    pub provider: &'static str,
    /// Under what it is wrapped, in the provider's words.
    pub information: Vec<u8>,
    pub wrapped: Vec<u8>,
}

/// Bytes of a data key, and of a wrapping one.
pub(super) const KEY: usize = 32;
const VERSION: u8 = 2;
const SUITE: [u8; 2] = [0x04, 0x78];
const MESSAGE_ID: usize = 32;
const FRAMED: u8 = 2;
const FRAME: u32 = 4096;
const NONCE: usize = 12;
const TAG: usize = 16;
const LAST_FRAME: [u8; 4] = [0xff; 4];
const FIRST: u32 = 1;
const LABEL_OF_LAST: &[u8] = b"AWSKMSEncryptionClient Final Frame";

/// Encrypts a text that fits one frame.
///
/// # Errors
/// [`Error::Internal`] for a longer one, and where the system gives no randomness.
pub(super) fn encrypt(text: &[u8], context: &Context<'_>, key: &DataKey) -> Result<Vec<u8>> {
    let id: [u8; MESSAGE_ID] = random::bytes()?;
    let root = Salt::new(HKDF_SHA512, &id).extract(key.plain.as_slice());
    let derived = derive(&root, &[&SUITE, b"DERIVEKEY"])?;
    let commitment = derive(&root, &[b"COMMITKEY"])?;

    let mut message = vec![VERSION];
    message.extend(SUITE);
    message.extend(id);
    put(&mut message, &serialized(context)?)?;
    message.extend(1_u16.to_be_bytes());
    put(&mut message, key.provider.as_bytes())?;
    put(&mut message, &key.information)?;
    put(&mut message, &key.wrapped)?;
    message.push(FRAMED);
    message.extend(FRAME.to_be_bytes());
    message.extend(*commitment);
    let tag = seal(&derived, [0; NONCE], &message, &mut [])?;
    message.extend(tag);

    let length = u32::try_from(text.len()).ok().filter(|length| *length <= FRAME);
    let length = length.ok_or_else(|| Error::internal("a code is too long for a frame"))?;
    let mut nonce = [0; NONCE];
    nonce[NONCE - 4..].copy_from_slice(&FIRST.to_be_bytes());
    let mut content = text.to_vec();
    let bound_to = [&id, LABEL_OF_LAST, &FIRST.to_be_bytes(), &u64::from(length).to_be_bytes()].concat();
    let tag = seal(&derived, nonce, &bound_to, &mut content)?;
    for part in [&LAST_FRAME[..], &FIRST.to_be_bytes(), &nonce, &length.to_be_bytes(), &content, &tag] {
        message.extend(part);
    }
    Ok(message)
}

/// Makes a data key that is wrapped under a raw AES key of that name space and name.
///
/// # Errors
/// [`Error::Internal`] where the system gives no randomness.
pub(super) fn data_key(
    (space, name): (&'static str, &str),
    wrapping: &[u8; KEY],
    context: &Context<'_>,
) -> Result<DataKey> {
    let plain = Zeroizing::new(random::bytes::<KEY>()?);
    let nonce: [u8; NONCE] = random::bytes()?;
    let mut wrapped = plain.to_vec();
    let tag = seal(wrapping, nonce, &serialized(context)?, &mut wrapped)?;
    wrapped.extend(tag);
    let bits_of_tag = (TAG as u32 * 8).to_be_bytes();
    let information = [name.as_bytes(), &bits_of_tag, &(NONCE as u32).to_be_bytes(), &nonce].concat();
    Ok(DataKey { plain, provider: space, information, wrapped })
}

fn serialized(context: &Context<'_>) -> Result<Vec<u8>> {
    let mut pairs = length(context.len())?.to_vec();
    for (name, value) in context {
        put(&mut pairs, name.as_bytes())?;
        put(&mut pairs, value.as_bytes())?;
    }
    Ok(pairs)
}

fn put(message: &mut Vec<u8>, field: &[u8]) -> Result<()> {
    message.extend(length(field.len())?);
    message.extend(field);
    Ok(())
}

fn length(of: usize) -> Result<[u8; 2]> {
    u16::try_from(of).map(u16::to_be_bytes).map_err(Error::internal)
}

/// The length of what is derived.
struct Derived;

impl KeyType for Derived {
    fn len(&self) -> usize {
        KEY
    }
}

fn derive(root: &Prk, info: &[&[u8]]) -> Result<Zeroizing<[u8; KEY]>> {
    let mut key = Zeroizing::new([0; KEY]);
    let derived = root.expand(info, Derived).map_err(Error::internal)?;
    derived.fill(key.as_mut_slice()).map_err(Error::internal)?;
    Ok(key)
}

/// Encrypts in place, and returns the tag.
fn seal(key: &[u8; KEY], nonce: [u8; NONCE], bound_to: &[u8], content: &mut [u8]) -> Result<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).map_err(Error::internal)?);
    let nonce = Nonce::assume_unique_for_key(nonce);
    let sealed = key.seal_in_place_separate_tag(nonce, Aad::from(bound_to), content);
    sealed.map(|tag| tag.as_ref().to_vec()).map_err(Error::internal)
}
