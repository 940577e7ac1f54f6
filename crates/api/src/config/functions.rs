//! How functions of user pools are reached: what belongs together among their settings.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use cognate_core::outbound::Policy;
use cognate_core::trigger::{AwsOptions, Mapping, Options, Patience};
use cognate_store::user_pool::Trigger;
use secrecy::SecretString;

use super::{Config, networks};

/// This machine, which development mode may ask.
const THIS_MACHINE: &str = "127.0.0.0/8, ::1/128";
/// The longest that all attempts together may take: requests end after 30 seconds.
const LONGEST_SECONDS: u32 = 25;

/// How functions are reached.
///
/// # Errors
/// In words for the operator.
pub(super) fn options(config: &Config) -> anyhow::Result<Options> {
    let development = config.is_development();
    let default = if development { THIS_MACHINE } else { "" };
    let networks = networks("outbound_networks", config.outbound_networks.as_deref().unwrap_or(default))?;
    let policy = Policy { http: config.outbound_http.unwrap_or(development), networks };
    let mapped = items(config.lambda_urls.as_deref().unwrap_or_default()).map(mapping);
    let exceptions = items(config.trigger_exceptions.as_deref().unwrap_or_default()).map(exception);
    Ok(Options {
        policy,
        mapped: mapped.collect::<anyhow::Result<_>>()?,
        lambda: Service::lambda(config).options(),
        kms: Service::kms(config).options(),
        any_account: development,
        patience: patience(config.trigger_timeout_seconds, config.trigger_attempts)
            .context("trigger_timeout_seconds and trigger_attempts")?,
        exceptions: exceptions.collect::<anyhow::Result<HashMap<_, _>>>()?,
    })
}

/// Whether the settings go together.
///
/// # Errors
/// In words for the operator.
pub(super) fn check(config: &Config) -> anyhow::Result<()> {
    options(config)?;
    Service::lambda(config).check(config.is_development())?;
    Service::kms(config).check(config.is_development())
}

/// The settings of a service of AWS.
struct Service<'a> {
    name: &'static str,
    endpoint_url: Option<&'a String>,
    access_key_id: Option<&'a String>,
    secret_access_key: Option<&'a SecretString>,
}

impl<'a> Service<'a> {
    fn lambda(config: &'a Config) -> Self {
        Self {
            name: "lambda",
            endpoint_url: config.lambda_endpoint_url.as_ref(),
            access_key_id: config.lambda_access_key_id.as_ref(),
            secret_access_key: config.lambda_secret_access_key.as_ref(),
        }
    }

    fn kms(config: &'a Config) -> Self {
        Self {
            name: "kms",
            endpoint_url: config.kms_endpoint_url.as_ref(),
            access_key_id: config.kms_access_key_id.as_ref(),
            secret_access_key: config.kms_secret_access_key.as_ref(),
        }
    }

    fn options(&self) -> Option<AwsOptions> {
        let credentials = self.access_key_id.cloned().zip(self.secret_access_key.cloned());
        Some(AwsOptions { endpoint_url: self.endpoint_url?.clone(), credentials })
    }

    fn check(&self, development: bool) -> anyhow::Result<()> {
        let (name, has_key) = (self.name, self.access_key_id.is_some());
        ensure!(
            has_key == self.secret_access_key.is_some(),
            "set {name}_access_key_id and {name}_secret_access_key, or neither"
        );
        let setting = format!("{name}_endpoint_url");
        match self.endpoint_url {
            Some(url) => super::sns::check_endpoint(&setting, url, development),
            None => {
                ensure!(!has_key, "{name}_access_key_id does nothing without {setting}");
                Ok(())
            }
        }
    }
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn mapping(item: &str) -> anyhow::Result<Mapping> {
    let wrong = || format!("lambda_urls: {item:?} is not a pattern of ARNs, = and a URL");
    let (pattern, url) = item.split_once('=').with_context(wrong)?;
    let parsed: http::Uri = url.replace("{function}", "f").parse().with_context(wrong)?;
    let is_web = matches!(parsed.scheme_str(), Some("http" | "https")) && parsed.host().is_some();
    ensure!(!pattern.is_empty() && is_web && !url.contains('@'), wrong());
    Ok(Mapping { pattern: pattern.to_owned(), url: url.to_owned() })
}

fn exception(item: &str) -> anyhow::Result<(Trigger, Patience)> {
    let wrong = || format!("trigger_exceptions: {item:?} is not of the form UserMigration=10/1");
    let (name, rest) = item.split_once('=').with_context(wrong)?;
    let trigger = Trigger::ALL.into_iter().find(|trigger| trigger.name() == name).with_context(wrong)?;
    let (seconds, attempts) = rest.split_once('/').with_context(wrong)?;
    let patience = patience(seconds.parse().with_context(wrong)?, attempts.parse().with_context(wrong)?);
    Ok((trigger, patience.with_context(wrong)?))
}

fn patience(seconds: u32, attempts: u32) -> anyhow::Result<Patience> {
    let together = seconds.saturating_mul(attempts);
    ensure!(
        (1..=LONGEST_SECONDS).contains(&together),
        "all attempts of a trigger together must take between 1 and {LONGEST_SECONDS} seconds"
    );
    Ok(Patience { time: Duration::from_secs(seconds.into()), attempts })
}
