//! Devices: what they are called, how they are confirmed and forgotten (MFA-5). `auth/device.rs` has them prove themselves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognate_store::device::{self, Device, NewDevice};
use cognate_store::user_pool::DeviceTracking;
use cognate_store::{User, UserPool, UserSessionId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::password_hash::srp;
use crate::token::verify::TokenHolder;
use crate::{App, Error, PageToken, Result, page};

/// The device that a request to sign in comes from, as it says itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claimed {
    /// A server's, on behalf of somebody: it is not tracked.
    #[default]
    Untracked,
    /// One that has no key yet.
    New,
    /// The one of this key.
    Known(String),
}

impl Claimed {
    /// What is said, or else what was said before.
    pub(crate) fn or<'a>(&'a self, before: &'a Self) -> &'a Self {
        if *self == Self::Untracked { before } else { self }
    }
}

/// What a device that has no key yet is given, to confirm itself with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Its key.
    pub key: String,
    /// What its password is hashed with, beside the key.
    pub group_key: String,
}

/// A key for a device that has none.
pub(crate) fn new_metadata(app: &App, pool: &UserPool) -> Metadata {
    Metadata { key: format!("{}_{}", app.place.region, Uuid::new_v4()), group_key: group_key(pool) }
}

/// What takes the place of the pool's name in the handshake of a device: the same for all devices of a pool.
pub(crate) fn group_key(pool: &UserPool) -> String {
    let digest = pool.key.digest("device-group", &[]);
    format!("-{}", hex::encode(&digest[..4]))
}

/// How the devices of a pool are tracked.
///
/// # Errors
/// [`Error::DevicesNotTracked`].
pub(crate) fn tracking(pool: &UserPool) -> Result<DeviceTracking> {
    pool.settings.devices.ok_or(Error::DevicesNotTracked)
}

/// What a device says of itself as it is confirmed.
#[derive(Debug)]
pub struct Confirmation {
    /// The key that it was given as its user signed in.
    pub key: String,
    /// What its user calls it.
    pub name: Option<String>,
    /// The salt of its password, in base64.
    pub salt: String,
    /// The SRP verifier of its password, in base64.
    pub verifier: String,
}

/// Confirms the device that a user signed in from; says whether the user is to be asked whether to remember it.
///
/// # Errors
/// [`Error::DevicesNotTracked`]; [`Error::InvalidParameter`] for a key that is not the session's, and for numbers that are none;
/// [`Error::DeviceExists`].
pub async fn confirm(app: &App, holder: &TokenHolder, given: &Confirmation) -> Result<bool> {
    let pool = &holder.pool;
    let tracking = tracking(pool)?;
    if holder.session.device_key.as_deref() != Some(given.key.as_str()) {
        return Err(Error::invalid("Invalid device key given."));
    }
    let decode = |text: &str| STANDARD.decode(text).ok();
    let salt = decode(&given.salt).filter(|salt| (1..=64).contains(&salt.len()));
    let verifier = decode(&given.verifier).filter(|verifier| srp::is_verifier(verifier));
    let numbers = salt.zip(verifier).ok_or_else(|| Error::invalid("Invalid device secret verifier given."));
    let (salt, verifier) = numbers?;
    let new = NewDevice {
        key: &given.key,
        name: given.name.as_deref(),
        srp_salt: &salt,
        srp_verifier: &verifier,
        is_remembered: !tracking.only_remembered_on_user_prompt,
    };
    let confirmed = device::confirm(&app.db, pool, holder.user.id, &new, app.clock.now()).await;
    confirmed.map_err(|error| match error {
        cognate_store::Error::Stale => Error::DeviceExists,
        other => other.into(),
    })?;
    Ok(tracking.only_remembered_on_user_prompt)
}

/// A user's device.
///
/// # Errors
/// [`Error::DevicesNotTracked`], [`Error::DeviceNotFound`].
pub async fn get(app: &App, pool: &UserPool, user: &User, key: &str) -> Result<Device> {
    tracking(pool)?;
    device::get(&app.db, &pool.id, user.id, key).await?.ok_or(Error::DeviceNotFound)
}

/// A page of a user's devices.
///
/// # Errors
/// [`Error::DevicesNotTracked`]; [`Error::InvalidParameter`] for a token that is none.
pub async fn list(
    app: &App,
    pool: &UserPool,
    user: &User,
    limit: i32,
    token: Option<&str>,
) -> Result<(Vec<Device>, Option<PageToken>)> {
    const LISTING: &str = "devices";
    tracking(pool)?;
    let after: Option<String> = page::position_in_pool(pool, LISTING, token)?;
    let found = device::list(&app.db, &pool.id, user.id, after.as_deref(), i64::from(limit) + 1).await?;
    page::cut(found, limit, |last| page::in_pool(pool, LISTING, &last.key))
}

/// Says whether a device may stand for a second factor from now on.
///
/// # Errors
/// [`Error::DevicesNotTracked`], [`Error::DeviceNotFound`].
pub async fn remember(app: &App, pool: &UserPool, user: &User, key: &str, remembered: bool) -> Result<()> {
    tracking(pool)?;
    let now = app.clock.now();
    let found = device::remember(&app.db, &pool.id, user.id, key, remembered, now).await?;
    if found { Ok(()) } else { Err(Error::DeviceNotFound) }
}

/// Forgets a device, and ends its sessions. The one it is asked for in is only not refreshed any more: a program that forgets the
/// device it runs on goes on with the access token it has.
///
/// # Errors
/// [`Error::DevicesNotTracked`], [`Error::DeviceNotFound`].
pub async fn forget(
    app: &App,
    pool: &UserPool,
    user: &User,
    key: &str,
    asking: Option<UserSessionId>,
) -> Result<()> {
    tracking(pool)?;
    let ended = device::forget(&app.db, &pool.id, user.id, key, asking, app.clock.now()).await?;
    for session in ended.ok_or(Error::DeviceNotFound)? {
        app.caches.forget_session(&pool.id, session).await;
    }
    Ok(())
}
