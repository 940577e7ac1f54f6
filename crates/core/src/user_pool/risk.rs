//! How a pool and its clients answer to risk.

use cognate_store::user_pool::{RiskConfiguration, ThreatMode};
use cognate_store::{AppClient, AppClientId, AppClientSettings, UserPool};
use ipnet::IpNet;

use crate::{App, Error, Result, app_client};

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
    app_client::reconfigure(app, pool, id, |client| {
        let settings = AppClientSettings { risk: risk.cloned(), ..client.settings.clone() };
        Ok((client.name.clone(), settings))
    })
    .await
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
        Some(id) => app_client::get(app, pool, id).await?.settings.risk,
        None => None,
    };
    let is_own = own.is_some();
    Ok((own.or_else(|| pool.settings.risk.clone()), is_own))
}

/// How a client, or else its pool, answers to risk.
pub(crate) fn of_client<'a>(pool: &'a UserPool, client: &'a AppClient) -> Option<&'a RiskConfiguration> {
    client.settings.risk.as_ref().or(pool.settings.risk.as_ref())
}

/// Refuses what a pool without threat protection cannot do.
///
/// # Errors
/// [`Error::ThreatProtectionOff`].
pub(crate) fn check_on(pool: &UserPool) -> Result<()> {
    let is_on = [false, true].into_iter().any(|is_custom| mode(pool, is_custom) != ThreatMode::Off);
    if is_on { Ok(()) } else { Err(Error::ThreatProtectionOff) }
}

/// What threat protection does in a pool's sign-ins; those by custom challenges have a setting of their own.
pub(crate) fn mode(pool: &UserPool, is_custom: bool) -> ThreatMode {
    let protection = pool.settings.threat_protection;
    let mode = protection.and_then(|it| if is_custom { it.custom_auth } else { Some(it.mode) });
    mode.unwrap_or(ThreatMode::Off)
}

fn check(risk: &RiskConfiguration) -> Result<()> {
    let exceptions = risk.exceptions.iter();
    let mut networks = exceptions.flat_map(|exceptions| exceptions.blocked.iter().chain(&exceptions.skipped));
    match networks.find(|network| network.parse::<IpNet>().is_err()) {
        Some(network) => Err(Error::invalid(format!("{network} is not an IP range in CIDR notation."))),
        None => Ok(()),
    }
}
