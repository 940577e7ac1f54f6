//! How a pool and its clients answer to risk.

use cognate_store::user_pool::{RiskConfiguration, ThreatMode};
use cognate_store::{AppClientId, AppClientSettings, UserPool, app_client};
use ipnet::IpNet;

use super::ATTEMPTS;
use crate::{App, Error, Result};

/// Sets how a pool answers to risk; nothing is the defaults.
///
/// # Errors
/// [`Error::ThreatProtectionOff`]; [`Error::InvalidParameter`] for what is no network; [`Error::Busy`] when others keep
/// changing the pool.
pub async fn set_for_pool(app: &App, pool: &UserPool, risk: Option<&RiskConfiguration>) -> Result<()> {
    risk.map_or(Ok(()), check)?;
    super::update(app, &pool.account, &pool.id, |pool| {
        check_on(pool)?;
        let mut settings = pool.settings.clone();
        settings.risk = risk.cloned();
        Ok((pool.name.clone(), settings))
    })
    .await
}

/// Sets how a client answers to risk; nothing is what its pool does.
///
/// # Errors
/// [`Error::AppClientNotFound`], or as [`set_for_pool`].
pub async fn set_for_client(
    app: &App,
    pool: &UserPool,
    id: &AppClientId,
    risk: Option<&RiskConfiguration>,
) -> Result<()> {
    check_on(pool)?;
    risk.map_or(Ok(()), check)?;
    for _ in 0..ATTEMPTS {
        let now = app.clock.now();
        let client = crate::app_client::get(app, pool, id).await?;
        let settings = AppClientSettings { risk: risk.cloned(), ..client.settings.clone() };
        match app_client::update(&app.db, &client, &client.name, &settings, now).await {
            Err(cognate_store::Error::Stale) => continue,
            Err(error) => return Err(error.into()),
            Ok(()) => {
                app.caches.forget_client(id).await;
                return Ok(());
            }
        }
    }
    Err(Error::Busy)
}

/// How a client answers to risk, and whether that is its own way; or how the pool does, where no client is named.
///
/// # Errors
/// [`Error::ThreatProtectionOff`], [`Error::AppClientNotFound`].
pub async fn in_force(
    app: &App,
    pool: &UserPool,
    client: Option<&AppClientId>,
) -> Result<(Option<RiskConfiguration>, bool)> {
    check_on(pool)?;
    let own = match client {
        Some(id) => crate::app_client::get(app, pool, id).await?.settings.risk,
        None => None,
    };
    let is_own = own.is_some();
    Ok((own.or_else(|| pool.settings.risk.clone()), is_own))
}

fn check_on(pool: &UserPool) -> Result<()> {
    match pool.settings.threat_protection {
        Some(protection) if protection.mode != ThreatMode::Off => Ok(()),
        _ => Err(Error::ThreatProtectionOff),
    }
}

fn check(risk: &RiskConfiguration) -> Result<()> {
    let exceptions = risk.exceptions.iter();
    let mut networks = exceptions.flat_map(|exceptions| exceptions.blocked.iter().chain(&exceptions.skipped));
    match networks.find(|network| network.parse::<IpNet>().is_err()) {
        Some(network) => Err(Error::invalid(format!("{network} is not an IP range in CIDR notation."))),
        None => Ok(()),
    }
}
