//! What an operator may not set, or not together.

use cognate_core::domain::is_label;

use super::{Config, functions, limits, sns};

/// Whether the settings fit, by themselves and each other; in words for the operator.
pub(super) fn check(config: &Config) -> anyhow::Result<()> {
    if config.is_development() && !config.listen.ip().is_loopback() {
        anyhow::bail!(
            "development mode accepts any credentials, so it listens on loopback only, not on {}: set database_url \
             (and root_key), or dev = false",
            config.listen
        );
    }
    if config.root_key.is_some() && config.root_key_file.is_some() {
        anyhow::bail!("set root_key or root_key_file, not both");
    }
    region("region", &config.region)?;
    sns::check(config)?;
    functions::check(config)?;
    if config.public_url.is_none() && !config.is_development() {
        anyhow::bail!(
            "public_url must be set: it is part of every token's issuer, so it must not change later"
        );
    }
    if let Some(url) = &config.public_url {
        let parsed: http::Uri =
            url.parse().map_err(|_| anyhow::anyhow!("public_url {url:?} is not a URL"))?;
        let web = matches!(parsed.scheme_str(), Some("http" | "https"));
        if !web || parsed.host().is_none() || url.ends_with('/') || parsed.query().is_some() {
            anyhow::bail!(
                "public_url {url:?} must be http:// or https://, without a slash or query at the end"
            );
        }
    }
    if let Some(suffix) = config.domain_suffix() {
        let is_host = suffix.split('.').all(is_label);
        anyhow::ensure!(is_host, "domain_suffix {suffix:?} is not a domain, such as auth.example.com");
    }
    config.proxies()?;
    if config.tls_cert.is_some() != config.tls_key.is_some() {
        anyhow::bail!("set both tls_cert and tls_key, or neither");
    }
    limits::check(config)?;
    if config.database_connections == Some(0) {
        anyhow::bail!("database_connections must be at least 1");
    }
    Ok(())
}

/// Whether a text can be the name of a region.
pub(super) fn region(name: &str, region: &str) -> anyhow::Result<()> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if region.is_empty() || region.len() > 32 || !region.chars().all(fits) {
        anyhow::bail!("{name} {region:?} is not a region's name, such as us-east-1");
    }
    Ok(())
}
