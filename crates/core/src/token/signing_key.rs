//! Signing keys: made ahead of need, parsed once, published as a JWKS.

use std::thread;
use std::time::Duration;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cognate_store::signing_key::{NewSigningKey, SigningKey, TokenUse};
use crossbeam_channel::{Receiver, bounded};
use jsonwebtoken::DecodingKey;
use secrecy::SecretString;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::{Error, Result};

/// How many key pairs lie ready: enough for four pools at once.
const READY: usize = 8;

/// RSA-2048 key pairs, made in the background so that creating a pool need not wait for them.
pub struct KeySupply {
    ready: Receiver<Zeroizing<Vec<u8>>>,
}

impl KeySupply {
    /// Starts the thread that makes them, after a moment that leaves the processor to the start of the service.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start() -> std::io::Result<Self> {
        let (made, ready) = bounded(READY);
        thread::Builder::new().name("rsa-keys".into()).spawn(move || {
            thread::sleep(Duration::from_secs(1));
            while let Ok(key) = generate() {
                if made.send(key).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { ready })
    }

    /// The two keys of a new pool.
    ///
    /// # Errors
    /// When no key can be made.
    pub(crate) async fn for_pool(&self) -> Result<[NewSigningKey; 2]> {
        Ok([self.take(TokenUse::Id).await?, self.take(TokenUse::Access).await?])
    }

    /// A key pair, as PKCS#8 DER.
    ///
    /// # Errors
    /// [`Error::Busy`] when many wait for one.
    pub(crate) async fn one(&self) -> Result<Zeroizing<Vec<u8>>> {
        match self.ready.try_recv() {
            Ok(key) => Ok(key),
            Err(_) => generate_now().await,
        }
    }

    async fn take(&self, token_use: TokenUse) -> Result<NewSigningKey> {
        let private_key = self.one().await?;
        let pair = KeyPair::from_pkcs8(&private_key).map_err(Error::internal)?;
        let kid = STANDARD.encode(Sha256::digest(pair.public_key().as_ref()));
        Ok(NewSigningKey { kid, token_use, private_key })
    }
}

/// How many callers may wait for a key that is made for them alone, one at a time: a rush of new pools must not take
/// the processor from everybody else.
static WAITING: Semaphore = Semaphore::const_new(16);
static MAKING: Semaphore = Semaphore::const_new(1);

async fn generate_now() -> Result<Zeroizing<Vec<u8>>> {
    let _waiting = WAITING.try_acquire().map_err(|_| Error::Busy)?;
    let _making = MAKING.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(generate).await.map_err(Error::internal)?
}

fn generate() -> Result<Zeroizing<Vec<u8>>> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(Error::internal)?;
    Ok(Zeroizing::new(pair.as_der().map_err(Error::internal)?.as_ref().to_vec()))
}

/// A pool's keys, ready for use.
pub struct PoolKeys {
    id: Signer,
    access: Signer,
    verifiers: Vec<(String, DecodingKey)>,
    /// The public halves as a JSON Web Key Set (RFC 7517, section 5).
    pub jwks: bytes::Bytes,
}

/// A key that signs one kind of token.
struct Signer {
    kid: String,
    /// The encoded header of every token it signs, with the dot.
    header: String,
    pair: KeyPair,
}

#[derive(Serialize)]
struct Jwk<'a> {
    alg: &'static str,
    e: String,
    kid: &'a str,
    kty: &'static str,
    n: String,
    r#use: &'static str,
}

#[derive(Serialize)]
struct Jwks<'a> {
    keys: Vec<Jwk<'a>>,
}

#[derive(Serialize)]
struct Header<'a> {
    kid: &'a str,
    alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    typ: Option<&'static str>,
}

impl Header<'_> {
    /// As tokens begin, with the dot.
    fn encoded(kid: &str, typ: Option<&'static str>) -> Result<String> {
        let header = serde_json::to_vec(&Header { kid, alg: "RS256", typ }).map_err(Error::internal)?;
        Ok(URL_SAFE_NO_PAD.encode(header) + ".")
    }
}

impl Signer {
    fn sign(&self, header: &str, claims: &impl Serialize) -> Result<SecretString> {
        let claims = serde_json::to_vec(claims).map_err(Error::internal)?;
        let mut token = String::with_capacity(header.len() + claims.len() * 4 / 3 + 352);
        token.push_str(header);
        URL_SAFE_NO_PAD.encode_string(&claims, &mut token);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let signed =
            self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature);
        signed.map_err(Error::internal)?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(&signature, &mut token);
        Ok(token.into())
    }
}

impl PoolKeys {
    /// Parses stored keys; the newest of each use signs.
    pub(crate) fn parse(stored: &[SigningKey]) -> Result<Self> {
        let (mut id, mut access) = (None, None);
        let (mut verifiers, mut keys) = (Vec::new(), Vec::new());
        for key in stored {
            let pair = KeyPair::from_pkcs8(&key.private_key).map_err(Error::internal)?;
            let public = pair.public_key();
            let n = URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero());
            let e = URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero());
            verifiers
                .push((key.kid.clone(), DecodingKey::from_rsa_components(&n, &e).map_err(Error::internal)?));
            keys.push(Jwk { alg: "RS256", e, kid: &key.kid, kty: "RSA", n, r#use: "sig" });
            let signer = Signer { kid: key.kid.clone(), header: Header::encoded(&key.kid, None)?, pair };
            match key.token_use {
                TokenUse::Id => id = Some(signer),
                TokenUse::Access => access = Some(signer),
            }
        }
        let missing = || Error::internal("the pool lacks a signing key");
        let jwks = serde_json::to_vec(&Jwks { keys }).map_err(Error::internal)?.into();
        Ok(Self { id: id.ok_or_else(missing)?, access: access.ok_or_else(missing)?, verifiers, jwks })
    }

    /// Signs claims as a token of that use (RFC 7515, section 3.1).
    pub(crate) fn sign(&self, token_use: TokenUse, claims: &impl Serialize) -> Result<SecretString> {
        let signer = match token_use {
            TokenUse::Id => &self.id,
            TokenUse::Access => &self.access,
        };
        signer.sign(&signer.header, claims)
    }

    /// Signs claims as a token of a type that says so itself, by the key of ID tokens.
    pub(crate) fn sign_typed(&self, typ: &'static str, claims: &impl Serialize) -> Result<SecretString> {
        self.id.sign(&Header::encoded(&self.id.kid, Some(typ))?, claims)
    }

    /// The key that checks tokens of that `kid`.
    pub(crate) fn verifier(&self, kid: &str) -> Option<&DecodingKey> {
        self.verifiers.iter().find(|(known, _)| known == kid).map(|(_, key)| key)
    }
}
