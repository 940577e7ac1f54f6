//! Tokens that are bound to a key (RFC 9449): whoever uses one proves with each request that they have it, so that one that was
//! copied is of no use.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration};
use cognate_store::challenge_session::{self, SpentSession};
use cognate_store::{Timestamp, UserPool};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;
use url::Url;
use uuid::Uuid;

use crate::app_client::ClientContext;
use crate::origin::Origin;
use crate::token::TokenType;
use crate::{App, Error, Result, options};

/// What proofs are signed by, as they name it.
pub const ALGORITHMS: [&str; 6] = ["ES256", "ES384", "Ed25519", "EdDSA", "PS256", "RS256"];

/// The algorithm of a name: one more than the library knows, which RFC 9864 gave to what was called EdDSA.
fn algorithm(name: &str) -> Option<Algorithm> {
    Some(match name {
        "ES256" => Algorithm::ES256,
        "ES384" => Algorithm::ES384,
        "Ed25519" | "EdDSA" => Algorithm::EdDSA,
        "PS256" => Algorithm::PS256,
        "RS256" => Algorithm::RS256,
        _ => return None,
    })
}

/// The type of a proof (RFC 9449, section 4.2).
const TYPE: &str = "dpop+jwt";
/// What a public key does not have (RFC 7518, section 6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// The longest proof: one with an RSA key of 8192 bits has some three thousand letters.
const LONGEST: usize = 4096;
/// The longest name of a proof.
const LONGEST_NAME: usize = 512;
/// How old a proof may be, and how far the clock of whoever made it may be ahead.
const OLDEST: Duration = Duration::minutes(5);
const AHEAD: Duration = Duration::minutes(1);

/// A proof as a request brings it, and which request that is. Nobody has looked at it.
#[derive(Debug)]
pub struct Proof {
    jwt: String,
    method: String,
    url: String,
    /// Whether this request has spent it, for all that it asks for.
    spent: OnceCell<()>,
}

/// How a proof is signed (RFC 9449, section 4.2).
#[derive(Deserialize)]
struct Header {
    typ: String,
    alg: String,
    jwk: Map<String, Value>,
    crit: Option<Value>,
}

/// What it says.
#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    /// In seconds, perhaps with a fraction (RFC 7519, section 2).
    iat: f64,
    ath: Option<String>,
}

/// A proof that holds: whoever made the request has the key.
struct Possession {
    /// The key's SHA-256 thumbprint (RFC 7638).
    jkt: String,
    /// The digest of the token that it was made for, if it was for one.
    token: Option<String>,
    /// What is kept so that it serves once.
    spent: SpentSession,
}

impl Proof {
    /// A proof that came with a request of that method to that URL.
    pub fn new(jwt: String, method: String, url: String) -> Self {
        Self { jwt, method, url, spent: OnceCell::new() }
    }

    /// Spends it, once for all that its request asks for.
    ///
    /// # Errors
    /// [`Error::InvalidDpopProof`] where another request has, or it does not hold.
    async fn spend(&self, app: &App, pool: &UserPool) -> Result<()> {
        let spend = async || {
            let possession = self.check(app.clock.now())?;
            let spent = challenge_session::spend_once(&app.db, &pool.id, &possession.spent).await;
            spent.map_err(|error| match error {
                cognate_store::Error::Stale => Error::InvalidDpopProof("it was used before"),
                other => other.into(),
            })
        };
        self.spent.get_or_try_init(spend).await.copied()
    }

    /// Checks it as RFC 9449, section 4.3, has it, but for whether it was used before.
    fn check(&self, now: Timestamp) -> Result<Possession> {
        let wrong = |why| Err(Error::InvalidDpopProof(why));
        if self.jwt.len() > LONGEST {
            return wrong("it is too long");
        }
        let [header, claims, signature] = self.jwt.split('.').collect::<Vec<_>>()[..] else {
            return wrong("it is not one JWT");
        };
        let Some(Header { typ, alg, jwk, crit }) = decoded(header) else {
            return wrong("it does not say how it is signed");
        };
        if typ != TYPE || crit.is_some() {
            return wrong("its typ is not dpop+jwt");
        }
        let Some(algorithm) = algorithm(&alg) else { return wrong("its alg is not supported") };
        if PRIVATE.iter().any(|name| jwk.contains_key(*name)) {
            return wrong("its jwk is no public key");
        }
        let message = &self.jwt[..header.len() + 1 + claims.len()];
        let Ok(jkt) = verified(signature, message, jwk, algorithm) else {
            return wrong("it is not signed by the key that it names");
        };
        let Some(claims) = decoded::<Claims>(claims) else { return wrong("it does not say what it must") };
        if claims.htm != self.method || !is_same(&claims.htu, &self.url) {
            return wrong("it is for another request");
        }
        if claims.jti.is_empty() || claims.jti.len() > LONGEST_NAME {
            return wrong("its jti is missing or too long");
        }
        let made_at = DateTime::from_timestamp(claims.iat as i64, 0);
        let made_at = made_at.filter(|at| (now - OLDEST..=now + AHEAD).contains(at));
        let Some(made_at) = made_at else { return wrong("its iat is not about now") };
        let spent = SpentSession { id: id_of(&jkt, &claims.jti), expires_at: made_at + OLDEST + AHEAD };
        Ok(Possession { jkt, token: claims.ath, spent })
    }
}

/// A part of a JWT (RFC 7515, section 3).
fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// The thumbprint of a key that signed a message.
fn verified(
    signature: &str,
    message: &str,
    jwk: Map<String, Value>,
    algorithm: Algorithm,
) -> jsonwebtoken::errors::Result<String> {
    let jwk: Jwk = serde_json::from_value(Value::Object(jwk))?;
    let key = DecodingKey::from_jwk(&jwk)?;
    match jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, algorithm)? {
        true => jwk.thumbprint(ThumbprintHash::SHA256),
        false => Err(ErrorKind::InvalidSignature.into()),
    }
}

/// Whether both are the same place, whatever query or fragment either has (RFC 9449, section 4.3). Our paths are the same in any case
/// of letters.
fn is_same(said: &str, here: &str) -> bool {
    let place = |url: &str| {
        let url = Url::parse(url).ok()?;
        let path = url.path().to_ascii_lowercase();
        Some((url.origin(), path))
    };
    place(said).is_some() && place(said) == place(here)
}

/// What is kept of a proof by the name that its maker gave it.
fn id_of(jkt: &str, jti: &str) -> Uuid {
    let digest = Sha256::new().chain_update("DPoP proof").chain_update(jkt).chain_update(jti).finalize();
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(id).into_uuid()
}

/// Whether a text may be a thumbprint.
pub(crate) fn is_thumbprint(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// The thumbprint of the key that a client proves to have, where it shows a proof and its tokens may be bound. The proof is not spent.
///
/// # Errors
/// [`Error::InvalidDpopProof`] for one that does not hold.
pub(crate) fn key_shown(app: &App, context: &ClientContext) -> Result<Option<String>> {
    if !options::may_bind(&context.pool, &context.client) {
        return Ok(None);
    }
    let possession = context.origin.proof().map(|proof| proof.check(app.clock.now())).transpose()?;
    Ok(possession.map(|possession| possession.jkt))
}

/// Checks that a client which is on its way to tokens can get them with the proof that it shows, before anything else is used up.
/// Returns the thumbprint of the key that they will be bound to.
///
/// # Errors
/// [`Error::InvalidDpopProof`] for one that does not hold, or is missing where there must be one.
pub fn expect_proof(app: &App, context: &ClientContext) -> Result<Option<String>> {
    let key = key_shown(app, context)?;
    match key.is_none() && options::must_bind(&context.pool, &context.client) {
        true => Err(Error::InvalidDpopProof("there must be one")),
        false => Ok(key),
    }
}

/// The same of a client that gets its tokens now: the proof is spent.
///
/// # Errors
/// [`Error::InvalidDpopProof`]; also for one that another request has used.
pub(crate) async fn key_for_tokens(app: &App, context: &ClientContext) -> Result<Option<String>> {
    let key = expect_proof(app, context)?;
    if let (Some(_), Some(proof)) = (&key, context.origin.proof()) {
        proof.spend(app, &context.pool).await?;
    }
    Ok(key)
}

/// By whom a token is held that may be bound to a key.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Held<'a> {
    /// By whoever made a request that holds it.
    By(&'a Origin),
    /// By whoever shows it in the header of a request, as a token of that type (RFC 9449, section 7.1).
    ShownBy(&'a Origin, TokenType),
    /// By a client that asks for another token with it, for which it shows a proof of its own.
    ByClient(&'a Origin),
    /// By nobody: somebody asks about it.
    ByNobody,
}

/// Checks that a token which is bound to a key is held by whoever has that, and is shown as what it is.
///
/// # Errors
/// [`Error::InvalidDpopProof`]; [`Error::InvalidAccessToken`] without a proof, or as a token of another type.
pub(crate) async fn check_held(
    app: &App,
    pool: &UserPool,
    token: &str,
    jkt: Option<&str>,
    held: Held<'_>,
) -> Result<()> {
    if matches!(held, Held::ShownBy(_, shown) if shown != TokenType::of(jkt)) {
        return Err(Error::InvalidAccessToken);
    }
    let Some(jkt) = jkt else { return Ok(()) };
    let (origin, names_token) = match held {
        Held::By(origin) | Held::ShownBy(origin, _) => (origin, true),
        Held::ByClient(origin) => (origin, false),
        Held::ByNobody => return Ok(()),
    };
    let proof = origin.proof().ok_or(Error::InvalidAccessToken)?;
    let possession = proof.check(app.clock.now())?;
    if possession.jkt != jkt {
        return Err(Error::InvalidDpopProof("the token is bound to another key"));
    }
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(token));
    if names_token && possession.token.as_deref() != Some(&*digest) {
        return Err(Error::InvalidDpopProof("its ath is not the token's"));
    }
    proof.spend(app, pool).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_same_whatever_is_asked_of_it() {
        let here = "https://auth.example.com/pool/oauth2/userInfo";
        for same in [
            "https://auth.example.com/pool/oauth2/userInfo",
            "https://AUTH.example.com:443/pool/oauth2/userinfo?x=1#y",
        ] {
            assert!(is_same(same, here), "{same}");
        }
        for other in [
            "http://auth.example.com/pool/oauth2/userInfo",
            "https://auth.example.com:8443/pool/oauth2/userInfo",
            "https://auth.example.com/pool/oauth2/userInfo/",
            "https://auth.example.com.evil.test/pool/oauth2/userInfo",
            "/pool/oauth2/userInfo",
            "",
        ] {
            assert!(!is_same(other, here), "{other}");
        }
        assert!(!is_same("", ""));
    }

    /// RFC 9449, section 4.1.
    const OF_STANDARD: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";

    #[test]
    fn the_standards_own_proof_holds_in_its_time_and_place() {
        let proof =
            |method: &str, url: &str| Proof::new(OF_STANDARD.to_owned(), method.to_owned(), url.to_owned());
        let at = |seconds: i64| DateTime::from_timestamp(1_562_262_616 + seconds, 0).unwrap();
        let here = proof("POST", "https://server.example.com/token");
        // The same key's thumbprint stands in section 6.1.
        assert_eq!(here.check(at(1)).unwrap().jkt, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
        assert!(here.check(at(-30)).is_ok() && here.check(at(299)).is_ok());
        assert!(here.check(at(-61)).is_err() && here.check(at(301)).is_err());
        assert!(proof("GET", "https://server.example.com/token").check(at(1)).is_err());
        assert!(proof("POST", "https://server.example.com/other").check(at(1)).is_err());
        let cut = OF_STANDARD.replace(".eyJqdGki", ".eyJqdGkj");
        let changed = Proof::new(cut, "POST".to_owned(), "https://server.example.com/token".to_owned());
        assert!(changed.check(at(1)).is_err());
    }
}
