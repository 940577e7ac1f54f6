//! Text messages: what belongs together among their settings, and which endpoints may be asked.

use std::net::IpAddr;

use cognate_notify::SmsOptions;

use super::Config;

/// How text messages leave; not at all without an endpoint.
pub(super) fn options(config: &Config) -> Option<SmsOptions> {
    let credentials = config.sns_access_key_id.clone().zip(config.sns_secret_access_key.clone());
    Some(SmsOptions {
        endpoint_url: config.sns_endpoint_url.clone()?,
        region: config.sns_region.clone().unwrap_or_else(|| config.region.clone()),
        credentials,
        sender_id: config.sns_sender_id.clone(),
        origination_number: config.sns_origination_number.clone(),
    })
}

/// Whether the settings go together.
///
/// # Errors
/// In words for the operator.
pub(super) fn check(config: &Config) -> anyhow::Result<()> {
    let Some(url) = &config.sns_endpoint_url else {
        let others = [
            ("sns_region", config.sns_region.is_some()),
            ("sns_access_key_id", config.sns_access_key_id.is_some()),
            ("sns_secret_access_key", config.sns_secret_access_key.is_some()),
            ("sns_sender_id", config.sns_sender_id.is_some()),
            ("sns_origination_number", config.sns_origination_number.is_some()),
        ];
        return match others.iter().find(|(_, set)| *set) {
            Some((name, _)) => anyhow::bail!("{name} does nothing without sns_endpoint_url"),
            None => Ok(()),
        };
    };
    check_endpoint("sns_endpoint_url", url, config.is_development())?;
    if config.sns_access_key_id.is_some() != config.sns_secret_access_key.is_some() {
        anyhow::bail!("set sns_access_key_id and sns_secret_access_key, or neither");
    }
    if let Some(region) = &config.sns_region {
        super::check::region("sns_region", region)?;
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_name =
        |id: &String| id.len() <= 11 && id.chars().all(fits) && id.chars().any(|c| c.is_ascii_alphabetic());
    if let Some(id) = config.sns_sender_id.as_ref().filter(|id| !is_name(id)) {
        anyhow::bail!("sns_sender_id {id:?} is not at most 11 letters, digits and hyphens, with a letter");
    }
    let digits = |number: &str| number.trim_start_matches('+').to_owned();
    let is_number = |it: &str| (5..=14).contains(&it.len()) && it.bytes().all(|b| b.is_ascii_digit());
    if let Some(number) = config.sns_origination_number.as_ref().filter(|it| !is_number(&digits(it))) {
        anyhow::bail!("sns_origination_number {number:?} is not a number of 5 to 14 digits");
    }
    Ok(())
}

/// Codes and a signature travel to it, so only over TLS, save to this machine while developing.
pub(super) fn check_endpoint(name: &str, url: &str, development: bool) -> anyhow::Result<()> {
    let parsed: http::Uri = url.parse().map_err(|_| anyhow::anyhow!("{name} is not a URL"))?;
    let host = parsed.host().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let is_safe = match parsed.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => development && is_here,
        _ => false,
    };
    if !is_safe || url.contains(['@', '?', '#']) {
        anyhow::bail!(
            "{name} must be https://, or http:// on this machine in development mode, without a user or a query"
        );
    }
    Ok(())
}
