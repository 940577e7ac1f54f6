//! Sites: where a pool's pages and OAuth endpoints are, which is on a domain of its own, or on its path under the installation's
//! URL. What leads there is made from what is configured and stored, never from what a request says of itself (OAU-3).

use cognate_store::domain::{Domain, ManagedLoginVersion};
use cognate_store::{UserPool, UserPoolId};
use url::Url;

use crate::domain::{self, Domains};
use crate::{App, Place, Result};

/// The longest host name (RFC 1035, section 2.3.4).
const LONGEST_HOST: usize = 253;

/// A place of a pool's pages and endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its address, without a slash at the end.
    pub url: String,
    /// What its paths begin with: nothing on a domain, else `/` and the pool's id.
    pub base: String,
    /// Which pages its owner wants there; on the pool's path nobody says.
    pub version: Option<ManagedLoginVersion>,
}

impl Site {
    /// Whether it is reached by TLS.
    pub fn is_secure(&self) -> bool {
        self.url.starts_with("https:")
    }

    /// The path that cookies of its own are for.
    pub fn root(&self) -> &str {
        if self.base.is_empty() { "/" } else { &self.base }
    }

    /// Its origin (RFC 6454), as browsers name it.
    pub fn origin(&self) -> String {
        Url::parse(&self.url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }
}

impl Place {
    /// The site of a pool that has no domain.
    pub fn site(&self, pool: &UserPoolId) -> Site {
        Site { url: self.issuer(pool), base: format!("/{pool}"), version: None }
    }

    /// The site on a domain: of a prefix, as long as the installation has a domain for prefixes.
    pub fn site_on(&self, domain: &Domain) -> Option<Site> {
        let host = match (domain.is_custom(), &self.domain_suffix) {
            (true, _) => domain.name.clone(),
            (false, Some(suffix)) => format!("{}.{suffix}", domain.name),
            (false, None) => return None,
        };
        let mut url = Url::parse(&self.public_url).ok()?;
        url.set_host(Some(&host)).ok()?;
        url.set_path("");
        let url = url.as_str().trim_end_matches('/').to_owned();
        Some(Site { url, base: String::new(), version: Some(domain.settings.managed_login) })
    }

    /// What a host name may be to a pool: what stands before the installation's domain for prefixes, or the host itself. None for
    /// the installation's own host, and for what is no name.
    fn named_by<'a>(&self, host: &'a str) -> Option<Named<'a>> {
        let host = host.strip_suffix('.').unwrap_or(host);
        if host == self.host()
            || host.len() > LONGEST_HOST
            || !host.bytes().any(|byte| byte.is_ascii_lowercase())
        {
            return None;
        }
        let suffix = self.domain_suffix.as_deref();
        let prefix = suffix.and_then(|suffix| host.strip_suffix(suffix)?.strip_suffix('.'));
        match prefix {
            Some(prefix) => (!prefix.contains('.')).then_some(Named::Prefix(prefix)),
            None => host.contains('.').then_some(Named::Host(host)),
        }
    }
}

/// What a request's host may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named<'a> {
    /// A prefix.
    Prefix(&'a str),
    /// A host of an owner's.
    Host(&'a str),
}

impl Domains {
    /// The site that a pool's links lead to: on the owner's host name, or on the prefix, or on the pool's path.
    pub fn site(&self, place: &Place, pool: &UserPoolId) -> Site {
        let domains = self.custom.iter().chain(&self.prefix);
        domains.filter_map(|domain| place.site_on(domain)).next().unwrap_or_else(|| place.site(pool))
    }
}

/// The site that a pool's links lead to.
///
/// # Errors
/// When the database does not answer.
pub async fn of_pool(app: &App, pool: &UserPool) -> Result<Site> {
    Ok(domain::remembered(app, pool).await?.site(&app.place, &pool.id))
}

/// The pool and the site of a host name (in lower case), if it is one of a pool's.
///
/// # Errors
/// When the database does not answer.
pub async fn by_host(app: &App, host: &str) -> Result<Option<(UserPoolId, Site)>> {
    let (name, is_custom) = match app.place.named_by(host) {
        Some(Named::Prefix(name)) => (name, false),
        Some(Named::Host(name)) => (name, true),
        None => return Ok(None),
    };
    let domain = app.caches.domain(&app.db, name).await?;
    let domain = domain.as_ref().as_ref().filter(|domain| domain.is_custom() == is_custom);
    let Some(domain) = domain else { return Ok(None) };
    Ok(app.place.site_on(domain).map(|site| (domain.user_pool.clone(), site)))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use cognate_store::domain::{CustomDomain, DomainSettings};

    use super::*;

    fn place(suffix: Option<&str>) -> Place {
        let public_url = "https://id.example.com:8443".to_owned();
        Place::new("eu-west-1".into(), public_url, suffix.map(str::to_owned))
    }

    fn domain(name: &str, is_custom: bool) -> Domain {
        let custom =
            is_custom.then(|| CustomDomain { certificate_arn: String::new(), security_policy: None });
        Domain {
            name: name.to_owned(),
            user_pool: UserPoolId::new("eu-west-1_a"),
            settings: DomainSettings { managed_login: ManagedLoginVersion::Managed, custom },
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn links_lead_to_the_owners_host_before_the_prefix_before_the_path() {
        let (place, pool) = (place(Some("auth.example.com")), UserPoolId::new("eu-west-1_a"));
        let mut domains = Domains::default();
        assert_eq!(domains.site(&place, &pool).url, "https://id.example.com:8443/eu-west-1_a");
        assert_eq!(domains.site(&place, &pool).base, "/eu-west-1_a");
        domains.prefix = Some(domain("shop", false));
        assert_eq!(domains.site(&place, &pool).url, "https://shop.auth.example.com:8443");
        assert_eq!(domains.site(&place, &pool).base, "");
        assert!(domains.site(&self::place(None), &pool).base.starts_with('/'), "nowhere to put a prefix");
        domains.custom = Some(domain("login.shop.test", true));
        assert_eq!(domains.site(&place, &pool).url, "https://login.shop.test:8443");
        assert_eq!(domains.site(&place, &pool).origin(), "https://login.shop.test:8443");
    }

    #[test]
    fn hosts_name_domains() {
        let place = place(Some("auth.example.com"));
        assert_eq!(place.named_by("shop.auth.example.com"), Some(Named::Prefix("shop")));
        assert_eq!(place.named_by("login.shop.test."), Some(Named::Host("login.shop.test")));
        for none in ["id.example.com", "127.0.0.1", "[::1]", "localhost", "a.b.auth.example.com", "auth", ""]
        {
            assert_eq!(place.named_by(none), None, "{none}");
        }
        assert_eq!(self::place(None).named_by("shop"), None);
    }
}
