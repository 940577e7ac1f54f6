//! A user's passkeys: registering, listing and deleting them.

use chrono::Duration;
use cognate_store::passkey::{self, MOST, Passkey, Registration};
use cognate_store::{AppClientId, User, UserPool};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::passkey::{self as webauthn, REGISTRATION_TIME, Refusal, relying_party};
use crate::site::Site;
use crate::token::verify::TokenHolder;
use crate::{App, Error, PageToken, Result, page};

/// Whose passkey it is to be, and through which client.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    pub(crate) pool: &'a UserPool,
    pub(crate) client: &'a AppClientId,
    pub(crate) user: &'a User,
}

impl<'a> From<&'a TokenHolder> for Owner<'a> {
    fn from(holder: &'a TokenHolder) -> Self {
        Self { pool: &holder.pool, client: &holder.client.id, user: &holder.user }
    }
}

/// Whether users of a pool can have passkeys, and make them at a site.
///
/// # Errors
/// When the database does not answer.
pub async fn is_offered(app: &App, pool: &UserPool, site: &Site) -> Result<bool> {
    if is_enabled(pool).is_err() {
        return Ok(false);
    }
    match relying_party(app, pool).await {
        Ok(party) => {
            Ok(Url::parse(&site.url).is_ok_and(|url| party.has(&url) || party.is_this_machine(&url)))
        }
        Err(Error::Passkey(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Begins to register a passkey; returns `PublicKeyCredentialCreationOptionsJSON`.
///
/// # Errors
/// [`Refusal::NotEnabled`], [`Refusal::NoRelyingParty`], [`Refusal::TooMany`].
pub async fn begin(app: &App, owner: impl Into<Owner<'_>>) -> Result<Value> {
    let Owner { pool, client, user } = owner.into();
    is_enabled(pool)?;
    let party = relying_party(app, pool).await?;
    let others = passkey::of_user(&app.db, &pool.id, user.id).await?;
    if others.len() >= MOST as usize {
        return Err(Error::Passkey(Refusal::TooMany));
    }
    let creation = party.creation(user, &others)?;
    // Somewhat longer than the browser waits, so that the last moment is not too late.
    let expires_at = app.clock.now() + Duration::seconds(2 * REGISTRATION_TIME.as_secs() as i64);
    let new = Registration { client: client.clone(), state: creation.state, expires_at };
    passkey::begin(&app.db, &pool.id, user.id, &new).await?;
    Ok(creation.options)
}

/// Registers a passkey, given as `RegistrationResponseJSON`. The challenge takes one answer.
///
/// # Errors
/// The [`Refusal`] that fits; [`Error::InvalidParameter`] for what is no credential; [`Refusal::TooMany`].
pub async fn complete(app: &App, owner: impl Into<Owner<'_>>, answer: &Value) -> Result<()> {
    let (Owner { pool, client, user }, now) = (owner.into(), app.clock.now());
    is_enabled(pool)?;
    let party = relying_party(app, pool).await?;
    let not_found = Error::Passkey(Refusal::ChallengeNotFound);
    let waiting = passkey::waiting(&app.db, &pool.id, user.id).await?.filter(|it| it.expires_at > now);
    let Some(waiting) = waiting else { return Err(not_found) };
    if waiting.client != *client {
        return Err(Error::Passkey(Refusal::ClientMismatch));
    }
    if !passkey::use_up(&app.db, &pool.id, user.id, &waiting).await? {
        return Err(not_found);
    }
    let registered = party.register(user, waiting.state, answer, now)?;
    match passkey::add(&app.db, &pool.id, &registered).await {
        Err(cognate_store::Error::Stale) => {
            let others = passkey::of_user(&app.db, &pool.id, user.id).await?;
            // Somebody has one of that id, or they have as many as they may.
            let is_taken = others.len() < MOST as usize;
            Err(if is_taken {
                Error::Passkey(Refusal::NotSupported)
            } else {
                Error::Passkey(Refusal::TooMany)
            })
        }
        other => Ok(other?),
    }
}

fn is_enabled(pool: &UserPool) -> Result<()> {
    if webauthn::is_offered(pool) { Ok(()) } else { Err(Error::Passkey(Refusal::NotEnabled)) }
}

/// Where a page of passkeys begins: after this many.
#[derive(Serialize, Deserialize)]
struct Position(usize);

/// A page of a user's passkeys, the oldest first.
///
/// # Errors
/// [`Error::InvalidParameter`] for a token that is none.
pub async fn list(
    app: &App,
    holder: &TokenHolder,
    limit: i32,
    token: Option<&str>,
) -> Result<(Vec<Passkey>, Option<PageToken>)> {
    const LISTING: &str = "passkeys";
    let pool = &holder.pool;
    let Position(skipped) = page::position_in_pool(pool, LISTING, token)?.unwrap_or(Position(0));
    let all = passkey::of_user(&app.db, &pool.id, holder.user.id).await?;
    let rest = all.into_iter().skip(skipped).collect();
    let reached = skipped + usize::try_from(limit).unwrap_or(0);
    page::cut(rest, limit, |_| page::in_pool(pool, LISTING, &Position(reached)))
}

/// Deletes a passkey.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn delete(app: &App, holder: &TokenHolder, id: &str) -> Result<()> {
    let not_found = || Error::Passkey(Refusal::NotFound);
    let id = webauthn::id_of_text(id).ok_or_else(not_found)?;
    let deleted = passkey::delete(&app.db, &holder.pool.id, holder.user.id, &id).await?;
    if deleted { Ok(()) } else { Err(not_found()) }
}
