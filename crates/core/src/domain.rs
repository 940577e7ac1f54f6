//! Domains of user pools, which lead to their pages and OAuth endpoints.

use std::sync::Arc;

use cognate_store::domain::{self, CustomDomain, Domain, DomainSettings, ManagedLoginVersion};
use cognate_store::{AccountId, Constraint, UserPool};

use crate::{App, Error, Place, Result, user_pool};

/// Words that no prefix may hold, because people would take the domain for Amazon's.
const RESERVED: [&str; 3] = ["aws", "amazon", "cognito"];

/// The domains of a pool that its links may lead to.
#[derive(Debug, Clone, Default)]
pub struct Domains {
    /// The one under the installation's own host name.
    pub prefix: Option<Domain>,
    /// The oldest of the owner's own host names, of which there may be any number.
    pub custom: Option<Domain>,
}

impl From<Vec<Domain>> for Domains {
    fn from(listed: Vec<Domain>) -> Self {
        let mut domains = Self::default();
        for domain in listed {
            let place = if domain.is_custom() { &mut domains.custom } else { &mut domains.prefix };
            *place = Some(domain);
        }
        domains
    }
}

/// The most domains of a pool.
const MOST: i64 = 100;

/// Creates a domain.
///
/// # Errors
/// [`Error::TooMany`]; [`Error::InvalidParameter`] for a name that is taken or unfit, or a second prefix.
pub async fn create(app: &App, pool: &UserPool, name: &str, settings: DomainSettings) -> Result<Domain> {
    let now = app.clock.now();
    if settings.custom.is_some() {
        check_custom(&app.place, name)?
    } else {
        check_prefix(&app.place, name)?
    }
    let domain = Domain {
        name: name.to_owned(),
        user_pool: pool.id.clone(),
        settings,
        created_at: now,
        updated_at: now,
    };
    domain::insert(&app.db, &domain, MOST).await.map_err(|error| match error {
        cognate_store::Error::Stale => Error::TooMany("domains"),
        cognate_store::Error::Refused(Constraint::DomainTaken) => {
            Error::invalid("Domain already associated with another user pool.")
        }
        cognate_store::Error::Refused(Constraint::PoolHasDomain) => {
            Error::invalid("User pool already has a domain configured.")
        }
        other => other.into(),
    })?;
    app.caches.forget_domain(&pool.id, name).await;
    Ok(domain)
}

fn check_prefix(place: &Place, name: &str) -> Result<()> {
    if !is_label(name) {
        return Err(Error::invalid(
            "The domain name contains an invalid character. Domain names can only contain lower-case letters, numbers, \
             and hyphens. Please enter a different name that follows this format: \
             ^[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?$",
        ));
    }
    let host = place.domain_suffix.as_ref().map(|suffix| format!("{name}.{suffix}"));
    if host.is_some_and(|host| is_within(place.host(), &host)) {
        return Err(Error::invalid("Domain cannot be used: it belongs to this server."));
    }
    match RESERVED.into_iter().find(|word| name.contains(word)) {
        Some(word) => Err(Error::invalid(format!("Domain cannot contain reserved word: {word}"))),
        None => Ok(()),
    }
}

/// A host name of the owner's: not an address, and not the installation's own, nor one above or below it.
fn check_custom(place: &Place, name: &str) -> Result<()> {
    let labels: Vec<_> = name.split('.').collect();
    let top = labels.last().copied().unwrap_or_default();
    let is_host = labels.len() >= 2 && labels.iter().all(|label| is_label(label));
    if !is_host || !top.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(Error::invalid(
            "Custom domain is not a valid subdomain: it must be a host name in lower case.",
        ));
    }
    let own = [Some(place.host()), place.domain_suffix.as_deref()];
    let mut own = own.into_iter().flatten().filter(|own| !own.is_empty());
    if own.any(|own| is_within(name, own) || is_within(own, name)) {
        return Err(Error::invalid("Custom domain is not a valid subdomain: it belongs to this server."));
    }
    Ok(())
}

/// The same, as remembered for less than a second.
pub(crate) async fn remembered(app: &App, pool: &UserPool) -> Result<Arc<Domains>> {
    app.caches.domains(&app.db, pool).await
}

/// Whether a host is a domain, or beneath it.
pub(crate) fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether a text is one part of a host name.
pub fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// What an account sees of a domain: its own, with the pool. Another account's looks like a missing one (TEN-4).
///
/// # Errors
/// When the database does not answer.
pub async fn describe(app: &App, account: &AccountId, name: &str) -> Result<Option<Domain>> {
    let Some(domain) = domain::by_name(&app.db, name).await? else { return Ok(None) };
    match user_pool::get(app, account, &domain.user_pool).await {
        Ok(_) => Ok(Some(domain)),
        Err(Error::UserPoolNotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The domains of a pool that its links may lead to.
///
/// # Errors
/// When the database does not answer.
pub async fn of_pool(app: &App, pool: &UserPool) -> Result<Domains> {
    Ok(domain::of_pool(&app.db, &pool.id).await?.into())
}

/// Changes what is given of a domain, and keeps the rest.
///
/// # Errors
/// [`Error::InvalidParameter`] when the pool has no such domain, or a certificate comes without a host name;
/// [`Error::ConcurrentModification`].
pub async fn update(
    app: &App,
    pool: &UserPool,
    name: &str,
    managed_login: Option<ManagedLoginVersion>,
    custom: Option<CustomDomain>,
) -> Result<Domain> {
    let now = app.clock.now();
    let named = domain::by_name(&app.db, name).await?;
    let current = named.filter(|domain| domain.user_pool == pool.id).ok_or_else(missing)?;
    if custom.is_some() && !current.is_custom() {
        return Err(Error::invalid("CustomDomainConfig cannot be given for a prefix domain."));
    }
    let settings = DomainSettings {
        managed_login: managed_login.unwrap_or(current.settings.managed_login),
        custom: custom.or_else(|| current.settings.custom.clone()),
    };
    domain::update(&app.db, &current, &settings, now).await?;
    app.caches.forget_domain(&pool.id, name).await;
    Ok(Domain { settings, updated_at: now, ..current })
}

/// Deletes a domain of a pool.
///
/// # Errors
/// [`Error::InvalidParameter`] when the pool has no such domain.
pub async fn delete(app: &App, pool: &UserPool, name: &str) -> Result<()> {
    if !domain::delete(&app.db, &pool.id, name).await? {
        return Err(missing());
    }
    app.caches.forget_domain(&pool.id, name).await;
    Ok(())
}

fn missing() -> Error {
    Error::invalid("No such domain or user pool exists.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_labels_without_reserved_words() {
        let (url, suffix) = ("https://id.example.com".into(), Some("example.com".into()));
        let place = Place::new("eu-west-1".into(), url, suffix);
        for good in ["a", "login", "my-app-1", &"a".repeat(63)] {
            assert!(check_prefix(&place, good).is_ok(), "{good}");
        }
        for bad in
            ["", "-a", "a-", "A", "a.b", "a_b", "ü", "my-aws", "amazonas", "cognito", "id", &"a".repeat(64)]
        {
            assert!(check_prefix(&place, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn custom_domains_are_host_names_of_the_owners() {
        let (url, suffix) = ("https://id.example.com:8443".into(), Some("pools.example.net".into()));
        let place = Place::new("eu-west-1".into(), url, suffix);
        for good in ["auth.example.org", "example.org", "notid.example.com"] {
            assert!(check_custom(&place, good).is_ok(), "{good}");
        }
        for bad in [
            "auth",
            "a..b",
            ".a.b",
            "a.b.",
            "10.0.0.1",
            "Auth.example.org",
            "id.example.com",
            "x.id.example.com",
            "example.com",
            "shop.pools.example.net",
            "example.net",
        ] {
            assert!(check_custom(&place, bad).is_err(), "{bad}");
        }
    }
}
