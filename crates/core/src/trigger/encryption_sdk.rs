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

#[cfg(test)]
mod tests {
    use super::*;

    fn open(key: &[u8; KEY], nonce: &[u8], bound_to: &[u8], sealed: &[u8]) -> Vec<u8> {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(nonce).unwrap();
        let mut opened = sealed.to_vec();
        key.open_in_place(nonce, Aad::from(bound_to), &mut opened).unwrap().to_vec()
    }

    /// Reads fields of a message one after another.
    struct Fields<'a>(&'a [u8]);

    impl<'a> Fields<'a> {
        fn take(&mut self, length: usize) -> &'a [u8] {
            let (field, rest) = self.0.split_at(length);
            self.0 = rest;
            field
        }

        fn counted(&mut self) -> &'a [u8] {
            let length = u16::from_be_bytes(self.take(2).try_into().unwrap());
            self.take(length.into())
        }
    }

    #[test]
    fn a_message_reads_as_the_format_says() {
        let context = Context::from([("userpool-id", "us-east-1_AbCdEfGhI"), ("a", "b")]);
        let wrapping = [7; KEY];
        let key = data_key(("space", "name"), &wrapping, &context).unwrap();
        let message = encrypt(b"123456", &context, &key).unwrap();

        let mut fields = Fields(&message);
        assert_eq!(fields.take(3), [2, 0x04, 0x78]);
        let id = fields.take(32);
        let pairs = fields.counted();
        assert_eq!(pairs, b"\0\x02\0\x01a\0\x01b\0\x0buserpool-id\0\x13us-east-1_AbCdEfGhI");
        assert_eq!(fields.take(2), [0, 1]);
        assert_eq!(fields.counted(), b"space");
        let information = fields.counted();
        assert_eq!(information[..12], *b"name\0\0\0\x80\0\0\0\x0c");
        let unwrapped = open(&wrapping, &information[12..], pairs, fields.counted());
        assert_eq!(unwrapped, key.plain.as_slice());
        assert_eq!(fields.take(5), [2, 0, 0, 0x10, 0]);
        let root = Salt::new(HKDF_SHA512, id).extract(&unwrapped);
        assert_eq!(fields.take(32), derive(&root, &[b"COMMITKEY"]).unwrap().as_slice());
        let derived = derive(&root, &[&[0x04, 0x78], b"DERIVEKEY"]).unwrap();
        let header = &message[..message.len() - fields.0.len()];
        assert!(open(&derived, &[0; 12], header, fields.take(16)).is_empty());
        assert_eq!(fields.take(8), [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1]);
        let nonce = fields.take(12);
        assert_eq!(fields.take(4), [0, 0, 0, 6]);
        let bound_to = [id, LABEL_OF_LAST, &[0, 0, 0, 1], &[0, 0, 0, 0, 0, 0, 0, 6]].concat();
        assert_eq!(open(&derived, nonce, &bound_to, fields.take(22)), b"123456");
        assert!(fields.0.is_empty());
    }

    #[test]
    fn what_is_longer_than_a_frame_is_refused() {
        let key = data_key(("space", "name"), &[7; KEY], &Context::new()).unwrap();
        assert!(encrypt(&[0; 4096], &Context::new(), &key).is_ok());
        assert!(encrypt(&[0; 4097], &Context::new(), &key).is_err());
    }
}
