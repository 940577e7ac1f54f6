//! The one client for URLs that others chose: it connects to addresses that were looked at, follows nothing, and waits and
//! reads no longer than it is told (SSR-1).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use mime::Mime;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::redirect;
use url::{Host, Url};

use super::{is_public, parsed};
use crate::Error;

/// The largest answer that is read.
pub(crate) const LARGEST_ANSWER: usize = 1024 * 1024;
const CONNECT_TIME: Duration = Duration::from_secs(3);
/// How long a name may take to resolve when its URL is checked.
const RESOLVE_TIME: Duration = Duration::from_secs(2);
/// How long a connection that nobody uses is kept.
const IDLE_TIME: Duration = Duration::from_secs(60);

/// Where URLs that tenants choose may lead, beside public hosts over TLS.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Whether they may do without TLS.
    pub http: bool,
    /// The operator's own networks that they may lead to, on any port.
    pub networks: Vec<IpNet>,
}

impl Policy {
    fn is_inside(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address.to_canonical()))
    }

    fn parse(&self, text: &str) -> Result<Url, &'static str> {
        let url = parsed(text)?;
        match url.scheme() {
            "https" => Ok(url),
            "http" if self.http => Ok(url),
            _ => Err("must be an https URL"),
        }
    }

    /// The URL, if it leads where it may as far as it alone tells.
    fn url(&self, text: &str) -> Result<(Url, Ports), Failure> {
        let url = self.parse(text).map_err(|_| Failure::Refused)?;
        let ports = Ports::of(&url);
        let allowed = match url.host() {
            // Names are looked at by the resolver, at the moment of connecting.
            Some(Host::Domain(_)) => true,
            Some(Host::Ipv4(address)) => self.allows(address.into(), ports),
            Some(Host::Ipv6(address)) => self.allows(address.into(), ports),
            None => false,
        };
        if allowed { Ok((url, ports)) } else { Err(Failure::Refused) }
    }

    fn allows(&self, address: IpAddr, port: Ports) -> bool {
        self.is_inside(address) || port == Ports::OfTheWeb && is_public(address)
    }
}

/// Which port a URL names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ports {
    /// 443 or 80.
    OfTheWeb,
    /// Another one, which only the operator's own networks may be asked on.
    Any,
}

impl Ports {
    fn of(url: &Url) -> Self {
        match url.port_or_known_default() {
            Some(443 | 80) => Self::OfTheWeb,
            _ => Self::Any,
        }
    }
}

/// Who chose a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ChosenBy {
    /// Nobody knows who: it leads to public hosts alone, over TLS.
    Anybody,
    /// A tenant: it leads where the policy says.
    Tenant,
    /// The operator: it leads anywhere.
    Operator,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    /// What the body is, if that is said.
    pub content_type: Option<Mime>,
    pub body: Vec<u8>,
}

/// What of an answer is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// In what time.
    pub time: Duration,
    /// How many bytes at most.
    pub largest: usize,
}

/// Why nothing was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the URL leads where it may not")]
    Refused,
    #[error("no answer in time")]
    Timeout,
    #[error("no connection, or one that broke off")]
    Unreachable,
    #[error("the answer is too large")]
    TooLarge,
}

/// Sends requests.
#[derive(Debug)]
pub struct Outbound {
    policy: Arc<Policy>,
    public: reqwest::Client,
    web: reqwest::Client,
    inside: reqwest::Client,
    anywhere: reqwest::Client,
}

impl Outbound {
    /// Makes the clients; connects to nothing yet.
    ///
    /// # Errors
    /// [`Error::Internal`] when TLS cannot be set up.
    pub fn new(policy: Policy) -> crate::Result<Self> {
        let policy = Arc::new(policy);
        let checked = |policy: &Arc<Policy>, ports| {
            let resolver = CheckingResolver { policy: policy.clone(), ports };
            builder().dns_resolver(Arc::new(resolver)).build().map_err(Error::internal)
        };
        Ok(Self {
            public: checked(&Arc::default(), Ports::OfTheWeb)?,
            web: checked(&policy, Ports::OfTheWeb)?,
            inside: checked(&policy, Ports::Any)?,
            anywhere: builder().build().map_err(Error::internal)?,
            policy,
        })
    }

    /// Checks a URL that a tenant gives, and where its name leads now. A name that leads nowhere yet will do: each call looks
    /// again.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) async fn check(&self, text: &str) -> Result<(), &'static str> {
        let url = self.policy.parse(text)?;
        let ports = Ports::of(&url);
        let addresses = match url.host() {
            Some(Host::Domain(name)) => {
                let found = tokio::time::timeout(RESOLVE_TIME, resolve(name)).await;
                found.unwrap_or_else(|_| Ok(Vec::new())).unwrap_or_default()
            }
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![address.into()],
            None => return Err("must name a host"),
        };
        match addresses.iter().all(|address| self.policy.allows(*address, ports)) {
            true => Ok(()),
            false if ports == Ports::Any => Err("must use port 443 or 80 of a public host"),
            false => Err("must be on a public host"),
        }
    }

    /// Posts to a URL, as long as it leads where it may.
    ///
    /// # Errors
    /// Why nothing was answered. A redirection is an answer, and not followed.
    pub(crate) async fn post(
        &self,
        to: (&str, ChosenBy),
        headers: HeaderMap,
        body: Vec<u8>,
        time: Duration,
    ) -> Result<Answer, Failure> {
        let (url, client) = self.way(to)?;
        answer(client.post(url).headers(headers).body(body), Wanted { time, largest: LARGEST_ANSWER }).await
    }

    /// Gets what is at a URL, as long as it leads where it may.
    ///
    /// # Errors
    /// As [`Self::post`].
    pub(crate) async fn get(
        &self,
        from: (&str, ChosenBy),
        headers: HeaderMap,
        wanted: Wanted,
    ) -> Result<Answer, Failure> {
        let (url, client) = self.way(from)?;
        answer(client.get(url).headers(headers), wanted).await
    }

    /// A URL, and the client that may ask it.
    fn way(&self, (url, chosen_by): (&str, ChosenBy)) -> Result<(Url, &reqwest::Client), Failure> {
        match chosen_by {
            ChosenBy::Operator => Ok((Url::parse(url).map_err(|_| Failure::Refused)?, &self.anywhere)),
            ChosenBy::Tenant => self.policy.url(url).map(|(url, ports)| match ports {
                Ports::OfTheWeb => (url, &self.web),
                Ports::Any => (url, &self.inside),
            }),
            ChosenBy::Anybody => match Policy::default().url(url)? {
                (url, Ports::OfTheWeb) => Ok((url, &self.public)),
                (_, Ports::Any) => Err(Failure::Refused),
            },
        }
    }
}

/// What a request is answered with.
async fn answer(request: reqwest::RequestBuilder, wanted: Wanted) -> Result<Answer, Failure> {
    let exchange = async {
        let mut response = request.send().await.map_err(|error| failure(&error))?;
        let (status, mut body) = (response.status().as_u16(), Vec::new());
        let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.and_then(|value| value.parse().ok());
        while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
            if body.len() + chunk.len() > wanted.largest {
                return Err(Failure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, content_type, body })
    };
    tokio::time::timeout(wanted.time, exchange).await.unwrap_or(Err(Failure::Timeout))
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_TIME)
        .pool_idle_timeout(IDLE_TIME)
        .user_agent(concat!("Cognate/", env!("CARGO_PKG_VERSION")))
}

fn failure(error: &reqwest::Error) -> Failure {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    if causes.into_iter().any(|cause| cause.is::<LeadsInside>()) {
        Failure::Refused
    } else if error.is_timeout() {
        Failure::Timeout
    } else {
        Failure::Unreachable
    }
}

/// A name leads to an address that may not be asked.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that may not be asked")]
struct LeadsInside;

/// Resolves names, once for each connection, to addresses that may all be asked.
#[derive(Debug)]
struct CheckingResolver {
    policy: Arc<Policy>,
    ports: Ports,
}

impl Resolve for CheckingResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, ports) = (self.policy.clone(), self.ports);
        Box::pin(async move {
            let addresses = resolve(name.as_str()).await?;
            if addresses.iter().any(|address| !policy.allows(*address, ports)) {
                return Err(LeadsInside.into());
            }
            let sockets: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(sockets)
        })
    }
}

async fn resolve(name: &str) -> std::io::Result<Vec<IpAddr>> {
    let found = tokio::net::lookup_host((name, 0)).await?;
    Ok(found.map(|socket| socket.ip().to_canonical()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbound(http: bool, networks: &[&str]) -> Outbound {
        let _ = rustls_provider();
        let networks = networks.iter().map(|network| network.parse().unwrap()).collect();
        Outbound::new(Policy { http, networks }).unwrap()
    }

    fn rustls_provider() -> Result<(), ()> {
        rustls::crypto::aws_lc_rs::default_provider().install_default().map_err(|_| ())
    }

    #[tokio::test]
    async fn what_leads_inside_is_refused_when_given_and_when_called() {
        let outbound = outbound(false, &["10.1.0.0/16"]);
        for bad in [
            "http://hooks.example.com/",
            "https://user@hooks.example.com/",
            "https://127.0.0.1/",
            "https://localhost/",
            "https://[::ffff:10.2.0.1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://93.184.215.14:8443/",
        ] {
            assert!(outbound.check(bad).await.is_err(), "{bad}");
            let time = Duration::from_secs(1);
            let called = outbound.post((bad, ChosenBy::Tenant), HeaderMap::new(), Vec::new(), time).await;
            if !bad.contains("example.com") {
                assert_eq!(called.unwrap_err(), Failure::Refused, "{bad}");
            }
        }
        assert_eq!(outbound.check("https://10.1.2.3:8443/").await, Ok(()));
        // Whom anybody names is asked nothing inside, wherever its name leads (SSR-1).
        let outbound = self::outbound(true, &["127.0.0.0/8", "::1/128"]);
        let wanted = Wanted { time: Duration::from_secs(5), largest: 9 };
        for inside in [
            "https://localhost/",
            "http://localhost/",
            "https://127.0.0.1/",
            "https://localhost:8443/",
            "https://93.184.215.14:8443/",
            "http://93.184.215.14/",
        ] {
            let asked = outbound.get((inside, ChosenBy::Anybody), HeaderMap::new(), wanted).await;
            assert_eq!(asked.unwrap_err(), Failure::Refused, "{inside}");
        }
        assert_eq!(outbound.check("https://93.184.215.14/").await, Ok(()));
        // Nobody has the name yet.
        assert_eq!(outbound.check("https://nobody.invalid/").await, Ok(()));
    }
}
