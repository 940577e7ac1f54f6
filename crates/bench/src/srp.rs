//! The client's half of SRP (RFC 5054, as Cognito has it), so that proofs can be prepared before anything is timed.

use std::net::SocketAddr;
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use openssl::bn::{BigNum, BigNumContext};
use serde_json::{Value, json};

use crate::client::{Caller, Connection, Request, aws_call};
use crate::raw;
use crate::seed::text;

/// A client that knows a password.
pub(crate) struct SrpClient {
    pool_name: String,
    client: String,
    username: String,
    password: String,
    secret: BigNum,
    /// Its public value, in hexadecimal digits.
    public: String,
}

impl SrpClient {
    pub(crate) fn new(pool: &str, client: &str, username: &str, password: &str) -> Result<SrpClient> {
        let mut secret = BigNum::new()?;
        secret.rand(256, openssl::bn::MsbOption::ONE, false)?;
        let (mut public, mut context) = (BigNum::new()?, BigNumContext::new()?);
        public.mod_exp(&*BigNum::from_u32(2)?, &secret, &*BigNum::get_rfc3526_prime_3072()?, &mut context)?;
        let pool_name = pool.split_once('_').context("a pool's id has a region")?.1.to_owned();
        Ok(SrpClient {
            pool_name,
            client: client.to_owned(),
            username: username.to_owned(),
            password: password.to_owned(),
            secret,
            public: public.to_hex_str()?.to_lowercase(),
        })
    }

    /// The input of the first call.
    pub(crate) fn opening(&self) -> Value {
        let parameters = json!({ "USERNAME": self.username, "SRP_A": self.public });
        json!({ "AuthFlow": "USER_SRP_AUTH", "ClientId": self.client, "AuthParameters": parameters })
    }

    /// The input of the second call, from the answer to the first.
    fn claim(&self, answer: &Value, now: DateTime<Utc>) -> Result<Value> {
        let parameter = |name: &str| text(answer, &format!("/ChallengeParameters/{name}"));
        let (salt, b) = (number(&parameter("SALT")?)?, number(&parameter("SRP_B")?)?);
        let block = parameter("SECRET_BLOCK")?;
        let key = self.key(&salt, &b)?;
        let timestamp = now.format("%a %b %-d %H:%M:%S UTC %Y").to_string();
        let block_bytes = STANDARD.decode(&block)?;
        let message =
            [self.pool_name.as_bytes(), self.username.as_bytes(), &block_bytes, timestamp.as_bytes()]
                .concat();
        Ok(json!({
            "ClientId": self.client,
            "ChallengeName": "PASSWORD_VERIFIER",
            "ChallengeResponses": {
                "USERNAME": self.username,
                "PASSWORD_CLAIM_SECRET_BLOCK": block,
                "PASSWORD_CLAIM_SIGNATURE": STANDARD.encode(mac(&key, &message)),
                "TIMESTAMP": timestamp,
            },
        }))
    }

    /// `S = (B - k * g^x)^(a + u * x) mod N`, and the key that is derived from it.
    fn key(&self, salt: &BigNum, b: &BigNum) -> Result<Vec<u8>> {
        let (n, g) = (BigNum::get_rfc3526_prime_3072()?, BigNum::from_u32(2)?);
        let mut context = BigNumContext::new()?;
        let k = hash(&[&padded(&n), &padded(&g)])?;
        let u = hash(&[&padded(&number(&self.public)?), &padded(b)])?;
        let inner = [&self.pool_name, &self.username, ":", &self.password].concat();
        let x = hash(&[&padded(salt), digest(&SHA256, inner.as_bytes()).as_ref()])?;
        let (mut power, mut masked, mut base) = (BigNum::new()?, BigNum::new()?, BigNum::new()?);
        power.mod_exp(&g, &x, &n, &mut context)?;
        masked.mod_mul(&k, &power, &n, &mut context)?;
        base.mod_sub(b, &masked, &n, &mut context)?;
        let (mut product, mut exponent, mut s) = (BigNum::new()?, BigNum::new()?, BigNum::new()?);
        product.checked_mul(&u, &x, &mut context)?;
        exponent.checked_add(&self.secret, &product)?;
        s.mod_exp(&base, &exponent, &n, &mut context)?;
        let extracted = mac(&padded(&u), &padded(&s));
        Ok(mac(&extracted, b"Caldera Derived Key\x01")[..16].to_vec())
    }
}

/// Begins so many handshakes, in turns, and prepares the proof of each: every one works once.
pub(crate) fn proofs(host: SocketAddr, clients: &[SrpClient], count: usize) -> Result<Vec<Request>> {
    let callers = 2 * raw::cores();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..callers)
            .map(|caller| {
                scope.spawn(move || {
                    let mut connection = Connection::open(host)?;
                    let numbers = (0..count).skip(caller).step_by(callers);
                    numbers
                        .map(|number| proof(host, &mut connection, &clients[number % clients.len()]))
                        .collect::<Result<Vec<_>>>()
                })
            })
            .collect();
        let mut proofs = Vec::with_capacity(count);
        for thread in threads {
            proofs.extend(thread.join().map_err(|_| anyhow!("a thread that prepares proofs gave up"))??);
        }
        Ok(proofs)
    })
}

#[expect(clippy::disallowed_methods, reason = "a client's own clock")]
fn proof(host: SocketAddr, connection: &mut Connection, client: &SrpClient) -> Result<Request> {
    let answer = connection.call("InitiateAuth", Caller::Public, &client.opening())?;
    let claim = client.claim(&answer, Utc::now())?;
    let bytes = aws_call(host, "RespondToAuthChallenge", Caller::Public, &claim);
    Ok(Request::new(bytes, "\"AccessToken\":\"", 1))
}

fn number(digits: &str) -> Result<BigNum> {
    Ok(BigNum::from_hex_str(digits)?)
}

fn hash(parts: &[&[u8]]) -> Result<BigNum> {
    Ok(BigNum::from_slice(digest(&SHA256, &parts.concat()).as_ref())?)
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(HMAC_SHA256, key), message).as_ref().to_vec()
}

/// A number as Java writes it: a zero byte in front when the top bit is set.
fn padded(number: &BigNum) -> Vec<u8> {
    let bytes = number.to_vec();
    if bytes.first().is_none_or(|byte| *byte >= 0x80) { [vec![0], bytes].concat() } else { bytes }
}
