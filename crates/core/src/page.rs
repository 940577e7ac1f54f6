//! Page tokens: where the next page begins, sealed so that nobody can make one up (TEN-4).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognate_store::seal::{Place, Sealed};
use cognate_store::{AccountId, Db, UserPool};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Result};

/// An opaque page token.
pub type PageToken = String;

const PLACE: Place<'static> = Place { table: "page", column: "", row: "" };

/// Cuts a listing that was read one item too far down to its page; the token says where the next one begins, if there is
/// one.
pub(crate) fn cut<T>(
    mut items: Vec<T>,
    limit: i32,
    token_after: impl FnOnce(&T) -> Result<PageToken>,
) -> Result<(Vec<T>, Option<PageToken>)> {
    let limit = usize::try_from(limit).unwrap_or(0);
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(token_after).transpose()?;
    Ok((items, next))
}

/// Makes the token of a page of something in a pool.
pub(crate) fn in_pool<T: Serialize>(pool: &UserPool, listing: &str, position: &T) -> Result<PageToken> {
    let sealed = pool.key.seal(Place { column: listing, ..PLACE }, &encode(position)?)?;
    Ok(token(&sealed))
}

/// Reads a token made by [`in_pool`] for the same listing.
pub(crate) fn position_in_pool<T: DeserializeOwned>(
    pool: &UserPool,
    listing: &str,
    token: Option<&str>,
) -> Result<Option<T>> {
    let Some(token) = token else { return Ok(None) };
    let opened = pool.key.open(Place { column: listing, ..PLACE }, &stored(token)?).map_err(|_| invalid())?;
    decode(&opened).map(Some)
}

/// Makes the token of a page of something in an account.
pub(crate) fn in_account<T: Serialize>(
    db: &Db,
    account: &AccountId,
    listing: &str,
    position: &T,
) -> Result<PageToken> {
    let sealed = db.seal_for_account(account, listing, &encode(position)?)?;
    Ok(token(&sealed))
}

/// Reads a token made by [`in_account`] for the same listing.
pub(crate) fn position_in_account<T: DeserializeOwned>(
    db: &Db,
    account: &AccountId,
    listing: &str,
    token: Option<&str>,
) -> Result<Option<T>> {
    let Some(token) = token else { return Ok(None) };
    let opened = db.open_for_account(account, listing, &stored(token)?).map_err(|_| invalid())?;
    decode(&opened).map(Some)
}

fn encode<T: Serialize>(position: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(position).map_err(Error::internal)
}

fn decode<T: DeserializeOwned>(opened: &[u8]) -> Result<T> {
    serde_json::from_slice(opened).map_err(|_| invalid())
}

/// Begins with a letter, so that no command line takes it for an option.
fn token(sealed: &Sealed) -> PageToken {
    format!("P{}", URL_SAFE_NO_PAD.encode(sealed.as_bytes()))
}

fn stored(token: &str) -> Result<Sealed> {
    URL_SAFE_NO_PAD
        .decode(token.strip_prefix('P').ok_or_else(invalid)?)
        .map(Sealed::from_stored)
        .map_err(|_| invalid())
}

fn invalid() -> Error {
    Error::invalid("Invalid pagination token")
}
