//! Refresh tokens. Where they stay the same, a session's is random, and a digest of it is kept (KEY-4). Where they rotate (TOK-5) they
//! say, sealed, which session's they are and the how-manieth, so that every earlier one is known as such without being kept. A
//! session goes on with the token it has when its client comes to rotate, or no longer does.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognate_store::group::Membership;
use cognate_store::seal::{Place, Sealed};
use cognate_store::user_session::{self, Rotatable, SessionKey, UserSession};
use cognate_store::{User, UserPool, UserSessionId};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::app_client::ClientContext;
use crate::{App, Error, Result, random};

/// The header of real refresh tokens. Ours are opaque all the same.
const RANDOM_HEADER: &str = r#"{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}"#;
/// The header of those that are sealed with the pool's key (RFC 7518, section 4.5).
const SEALED_HEADER: &str = r#"{"enc":"A256GCM","alg":"dir"}"#;

const PLACE: Place<'static> = Place { table: "user_sessions", column: "refresh_token", row: "" };
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// A refresh token that was presented, and what it belongs to.
pub(crate) struct Presented {
    pub session: UserSession,
    pub user: User,
    pub groups: Vec<Membership>,
    /// How many tokens of the session came before it.
    pub generation: i32,
}

/// What a sealed token says.
#[derive(Serialize, Deserialize)]
struct Numbered {
    session: UserSessionId,
    generation: i32,
}

/// A session's first token.
pub(crate) fn first(context: &ClientContext, session: UserSessionId) -> Result<SecretString> {
    match context.client.settings.rotation.is_some_and(|rotation| rotation.enabled) {
        true => numbered(&context.pool, session, 0),
        false => lasting(),
    }
}

/// A token for all of a session: five parts like the JWE that Cognito gives, of which 128 bytes are random.
fn lasting() -> Result<SecretString> {
    let parts = [
        RANDOM_HEADER.as_bytes(),
        &random::bytes::<32>()?,
        &random::bytes::<12>()?,
        &random::bytes::<68>()?,
        &random::bytes::<16>()?,
    ];
    Ok(joined(&parts))
}

/// What is kept of a session's first token.
pub(crate) fn digest(token: &SecretString) -> [u8; 32] {
    Sha256::digest(token.expose_secret().as_bytes()).into()
}

/// A session's token after so many others: the same five parts, without an encrypted key.
pub(crate) fn numbered(pool: &UserPool, session: UserSessionId, generation: i32) -> Result<SecretString> {
    let said = serde_json::to_vec(&Numbered { session, generation }).map_err(Error::internal)?;
    let sealed = pool.key.seal(PLACE, &said)?;
    let (nonce, rest) = sealed.as_bytes().split_at(NONCE_BYTES);
    let (content, tag) = rest.split_at(rest.len() - TAG_BYTES);
    Ok(joined(&[SEALED_HEADER.as_bytes(), b"", nonce, content, tag]))
}

/// Finds what a token belongs to, if it is one of the pool's.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn find(app: &App, pool: &UserPool, token: &SecretString) -> Result<Option<Presented>> {
    let digest = digest(token);
    let (key, generation) = key_of(pool, token, &digest);
    let found = user_session::find(&app.db, &pool.id, key).await?;
    Ok(found.map(|(session, user, groups)| Presented { session, user, groups, generation }))
}

/// Finds what a client's numbered token belongs to and uses it up in the same moment, if it is the newest of a session of no device,
/// against which its row and its user's say nothing, and which has no scope but these. Otherwise nothing has changed.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn find_and_use(
    app: &App,
    context: &ClientContext,
    token: &SecretString,
    scopes: &[String],
) -> Result<Option<Presented>> {
    let pool = &context.pool;
    let Some(Numbered { session, generation }) = opened(pool, token.expose_secret()) else { return Ok(None) };
    let rotatable = Rotatable { session, client: &context.client.id, generation, scopes };
    let found = user_session::find_and_rotate(&app.db, &pool.id, &rotatable, app.clock.now()).await?;
    Ok(found.map(|(session, user, groups)| Presented { session, user, groups, generation }))
}

/// By what the session of a token is found, and how many tokens came before it.
fn key_of<'a>(pool: &UserPool, token: &SecretString, digest: &'a [u8; 32]) -> (SessionKey<'a>, i32) {
    match opened(pool, token.expose_secret()) {
        Some(Numbered { session, generation }) => (SessionKey::Id(session), generation),
        None => (SessionKey::RefreshToken(digest), 0),
    }
}

fn opened(pool: &UserPool, token: &str) -> Option<Numbered> {
    let [header, "", nonce, content, tag] = token.split('.').collect::<Vec<_>>()[..] else { return None };
    if URL_SAFE_NO_PAD.decode(header).ok()? != SEALED_HEADER.as_bytes() {
        return None;
    }
    let sealed = [nonce, content, tag].map(|part| URL_SAFE_NO_PAD.decode(part)).into_iter();
    let sealed = sealed.collect::<std::result::Result<Vec<_>, _>>().ok()?.concat();
    serde_json::from_slice(&pool.key.open(PLACE, &Sealed::from_stored(sealed)).ok()?).ok()
}

fn joined(parts: &[&[u8]]) -> SecretString {
    parts.iter().map(|part| URL_SAFE_NO_PAD.encode(part)).collect::<Vec<_>>().join(".").into()
}
