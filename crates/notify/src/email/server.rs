//! The SMTP server's URL, read as lettre reads it.

use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{self, SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::Error;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// A server and how to greet it.
pub(super) struct Server {
    host: String,
    port: u16,
    tls: Tls,
    hello: ClientId,
    credentials: Option<Credentials>,
}

impl Server {
    pub(super) fn from_url(url: &str) -> Result<Self, Error> {
        let refuse = |reason: &str| Error::SmtpUrl(reason.to_owned());
        let url = Url::parse(url).map_err(|error| Error::SmtpUrl(error.to_string()))?;
        let host = match url.host() {
            Some(Host::Domain(name)) if !name.is_empty() => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(Host::Domain(_)) | None => return Err(refuse("it names no host")),
        };
        let tls = || {
            TlsParameters::new(host.clone())
                .map_err(|error| Error::SmtpUrl(format!("TLS cannot be used: {error}")))
        };
        let mode = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, mode)| mode);
        let (tls, port) = match (url.scheme(), mode.as_deref()) {
            ("smtp", None) => (Tls::None, SMTP_PORT),
            ("smtp", Some("required")) => (Tls::Required(tls()?), SUBMISSION_PORT),
            ("smtp", Some("opportunistic")) => (Tls::Opportunistic(tls()?), SUBMISSION_PORT),
            ("smtps", _) => (Tls::Wrapper(tls()?), SUBMISSIONS_PORT),
            ("smtp", Some(_)) => return Err(refuse("`tls` is neither `required` nor `opportunistic`")),
            _ => return Err(refuse("it begins with neither `smtp://` nor `smtps://`")),
        };
        let hello = match url.path().trim_matches('/') {
            "" => ClientId::default(),
            name => ClientId::Domain(name.to_owned()),
        };
        let decode = |text: &str| {
            let decoded = percent_decode_str(text).decode_utf8();
            decoded.map(Into::into).map_err(|_| refuse("its name or password is not UTF-8"))
        };
        let credentials = match url.password() {
            Some(password) => Some(Credentials::new(decode(url.username())?, decode(password)?)),
            None => None,
        };
        Ok(Self { port: url.port().unwrap_or(port), host, tls, hello, credentials })
    }

    /// Opens a connection that is ready to take messages.
    pub(super) async fn connect(&self) -> Result<AsyncSmtpConnection, smtp::Error> {
        let wrapper = match &self.tls {
            Tls::Wrapper(tls) => Some(tls.clone()),
            _ => None,
        };
        let address = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT_TIMEOUT), &self.hello, wrapper, None)
                .await?;
        match &self.tls {
            Tls::Opportunistic(tls) if connection.can_starttls() => {
                connection.starttls(tls.clone(), &self.hello).await?;
            }
            Tls::Required(tls) => connection.starttls(tls.clone(), &self.hello).await?,
            _ => {}
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}
