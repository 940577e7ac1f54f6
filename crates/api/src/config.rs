//! Configuration: `cognate.toml` and `COGNATE_*` variables, typed, with unknown keys refused.
//!
//! The doc comments of [`Config`] are the reference page `docs/reference/configuration.md`.

mod check;
mod data_dir;
mod environment;
mod functions;
mod limits;
mod root_key;
mod sns;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use cognate_core::leaked_password::LeakedPasswords;
use cognate_core::limits::Limits;
use cognate_notify::{Delivery, Options as DeliveryOptions};
use cognate_store::Options as DatabaseOptions;
use figment::Figment;
use figment::providers::{Format as _, Serialized, Toml};
use ipnet::IpNet;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

pub use data_dir::DataDir;

use crate::origin::Proxies;
use crate::tls;

/// What an operator sets.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address to listen on. Development mode refuses anything but loopback.
    pub listen: SocketAddr,
    /// The URL that clients reach this installation by, without a slash at the end; it is part of every token's
    /// issuer. Required outside development mode; there it is `http://localhost` with the port of `listen` when unset.
    pub public_url: Option<String>,
    /// The `postgres://` URL of the database. Unset, a private Postgres is started in `data_dir`.
    #[schemars(with = "Option<String>")]
    pub database_url: Option<SecretString>,
    /// The most database connections this process opens. Unset, it is three for each processor, from 6 to 32, but at least one and a
    /// half for each, which is fastest where the database is near; a distant one is asked more at once by more. Each processor's
    /// thread has an equal share of them, and the rest, at least another share, is for all; no more than processors are all for all.
    /// All processes together must stay below Postgres' `max_connections`.
    pub database_connections: Option<u32>,
    /// Where the private Postgres and the development root key live. Unset, it is `/var/lib/cognate` for root and
    /// `~/.local/share/cognate` for everybody else.
    pub data_dir: Option<PathBuf>,
    /// The region that pool ids begin with and requests must be signed for.
    pub region: String,
    /// The root key that all secrets at rest depend on: 32 random bytes as 64 hexadecimal digits or in base64.
    /// Development mode makes one in `data_dir`. Keep a copy apart from the database's backup.
    #[schemars(with = "Option<String>")]
    pub root_key: Option<SecretString>,
    /// A file that holds the root key, instead of `root_key`.
    pub root_key_file: Option<PathBuf>,
    /// The domain beneath which user pools have the domains that are prefixes: with `auth.example.com`, the prefix `shop` is
    /// `shop.auth.example.com`, which must lead here. Unset, prefixes lead nowhere, and pools are reached by their path.
    pub domain_suffix: Option<String>,
    /// The networks of the proxies in front, such as `10.1.0.0/16`, separated by commas. What they say in `X-Forwarded-For`
    /// counts; from anybody else it does not. Unset, nobody's does.
    pub trusted_proxies: Option<String>,
    /// A file with the certificate that requests are answered with by TLS, and those above it, in PEM; read again when it changes.
    /// Unset, TLS ends in front.
    pub tls_cert: Option<PathBuf>,
    /// A file with the private key of `tls_cert`, in PEM.
    pub tls_key: Option<PathBuf>,
    /// The SMTP server for email, such as `smtps://user:password@mail.example.com`. Unset, development mode keeps
    /// email in its inbox, and otherwise email waits until its code expires.
    #[schemars(with = "Option<String>")]
    pub smtp_url: Option<SecretString>,
    /// The sender of email from pools that have no sender of their own.
    pub email_sender: String,
    /// The domains that user pools may send email from with a sender of their own, separated by commas. Unset, pools use
    /// `email_sender` alone; in development mode any domain will do.
    pub email_sender_domains: Option<String>,
    /// The endpoint for text messages: Amazon SNS, `https://sns.eu-central-1.amazonaws.com`, or whatever speaks its
    /// protocol; `http` on this machine alone, in development mode. Unset, development mode keeps text messages in its inbox,
    /// and otherwise there are none: what would need one is refused.
    pub sns_endpoint_url: Option<String>,
    /// The region that requests to `sns_endpoint_url` are signed for; `region` when unset.
    pub sns_region: Option<String>,
    /// The id of the access key that requests to `sns_endpoint_url` are signed with. Unset, the key is found as the AWS SDKs
    /// find one: `AWS_ACCESS_KEY_ID` and its relatives, a profile, a web identity, the container or the machine.
    pub sns_access_key_id: Option<String>,
    /// The secret of `sns_access_key_id`.
    #[schemars(with = "Option<String>")]
    pub sns_secret_access_key: Option<SecretString>,
    /// The name that text messages come from, where the receiver's country allows one: at most 11 letters, digits and
    /// hyphens.
    pub sns_sender_id: Option<String>,
    /// The number that text messages come from. Unset, the service chooses one.
    pub sns_origination_number: Option<String>,
    /// The networks inside that URLs of user pools may lead to, on any port, such as `10.1.0.0/16`, separated by commas. Unset,
    /// they lead to ports 443 and 80 of public hosts alone; in development mode to this machine as well.
    pub outbound_networks: Option<String>,
    /// Whether URLs of user pools may do without TLS; unset, in development mode alone.
    pub outbound_http: Option<bool>,
    /// URLs in place of the ARNs of Lambda functions, `pattern=URL`, separated by commas: the first pattern that matches counts,
    /// `*` in it stands for anything, and `{function}` in the URL for the function's name. They may lead anywhere:
    /// `*:function:pre-*=https://hooks.internal/{function}`.
    pub lambda_urls: Option<String>,
    /// Where the Lambda functions that no `lambda_urls` names are invoked: AWS, `https://lambda.eu-central-1.amazonaws.com`, or
    /// whatever speaks its protocol; `http` on this machine alone, in development mode. Requests are signed for the region of the
    /// function. Unset, those functions cannot be called.
    pub lambda_endpoint_url: Option<String>,
    /// The id of the access key that requests to `lambda_endpoint_url` are signed with. Unset, the key is found as the AWS SDKs
    /// find one.
    pub lambda_access_key_id: Option<String>,
    /// The secret of `lambda_access_key_id`.
    #[schemars(with = "Option<String>")]
    pub lambda_secret_access_key: Option<SecretString>,
    /// The KMS that functions decrypt codes with which they are to send (`CustomEmailSender`, `CustomSMSSender`): AWS,
    /// `https://kms.eu-central-1.amazonaws.com`, or whatever speaks its protocol; `http` on this machine alone, in development
    /// mode. Requests are signed for the region of the pool's `KMSKeyID`. Unset, codes are encrypted under keys of Cognate's own
    /// (`cognate user-pool sender-key`).
    pub kms_endpoint_url: Option<String>,
    /// The id of the access key that requests to `kms_endpoint_url` are signed with. Unset, the key is found as the AWS SDKs find
    /// one.
    pub kms_access_key_id: Option<String>,
    /// The secret of `kms_access_key_id`.
    #[schemars(with = "Option<String>")]
    pub kms_secret_access_key: Option<SecretString>,
    /// Seconds that a function of a user pool's is waited for each time it is asked.
    pub trigger_timeout_seconds: u32,
    /// How often a function is asked until it answers.
    pub trigger_attempts: u32,
    /// What differs from that for some triggers, `trigger=seconds/attempts`, separated by commas: `UserMigration=10/1`.
    pub trigger_exceptions: Option<String>,
    /// A folder of passwords that are known to have leaked, as range files of SHA-1 hashes such as the downloader of Have I
    /// Been Pwned writes them. Unset, none is refused for that.
    pub leaked_passwords: Option<PathBuf>,
    /// How many wrong passwords of a user are free. Each further one locks the password for twice as long, a second at first.
    pub password_failures: i32,
    /// The longest lock of a password in seconds, and how long it takes until wrong ones are forgotten.
    pub longest_lock_seconds: i32,
    /// How many guesses at a code that confirms a sign-up or proves an address are taken.
    pub guesses_per_code: i32,
    /// How many wrong codes of one purpose a user may give in an hour.
    pub guesses_per_hour: i32,
    /// How many messages of one purpose a user may ask for in an hour: 5 unless set, and in development mode as many as they
    /// like.
    pub messages_per_hour: Option<i32>,
    /// How many messages may go to one address in an hour, of each pool, whoever asks for them: 15 unless set, and in
    /// development mode any number.
    pub messages_per_address: Option<i32>,
    /// How many messages a pool may send in an hour beside those of its administrators: 10,000 unless set, and in development
    /// mode any number. A quarter of them is kept for second factors.
    pub messages_per_pool: Option<i32>,
    /// Minutes that a code works that confirms a sign-up or proves an address.
    pub sign_up_code_minutes: i32,
    /// Minutes that a code works that entitles to a new password.
    pub reset_code_minutes: i32,
    /// How many digits codes have.
    pub code_digits: u8,
    /// How many digits codes have that sign somebody in without a password.
    pub sign_in_code_digits: u8,
    /// The most users or groups that a request may ask for on one page (`Limit`): 60 as in Cognito, up to 1000.
    pub largest_page: i32,
    /// Development mode: accepts any AWS credentials as account 000000000000, and shows all messages at
    /// `/_cognate/inbox`. Unset, it is on when no database is configured.
    pub dev: Option<bool>,
    /// The address of the Prometheus metrics; unset, there are none.
    pub metrics_listen: Option<SocketAddr>,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Seconds to go on serving, as not ready, after being told to stop: the time a load balancer needs to notice.
    pub drain_seconds: u64,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// The defaults of all that has one.
#[derive(Serialize)]
pub(crate) struct Defaults {
    listen: &'static str,
    region: &'static str,
    email_sender: &'static str,
    password_failures: i32,
    longest_lock_seconds: i32,
    guesses_per_code: i32,
    guesses_per_hour: i32,
    sign_up_code_minutes: i32,
    reset_code_minutes: i32,
    code_digits: u8,
    sign_in_code_digits: u8,
    largest_page: i32,
    trigger_timeout_seconds: u32,
    trigger_attempts: u32,
    log_format: LogFormat,
    drain_seconds: u64,
}

pub(crate) const DEFAULTS: Defaults = Defaults {
    listen: "127.0.0.1:4566",
    region: "us-east-1",
    email_sender: "Cognate <no-reply@localhost.localdomain>",
    password_failures: 5,
    longest_lock_seconds: 900,
    guesses_per_code: 10,
    guesses_per_hour: 10,
    sign_up_code_minutes: 1440,
    reset_code_minutes: 60,
    code_digits: 6,
    sign_in_code_digits: 8,
    largest_page: 60,
    trigger_timeout_seconds: 5,
    trigger_attempts: 3,
    log_format: LogFormat::Text,
    drain_seconds: 0,
};

impl Config {
    /// Reads `cognate.toml` (or the file given, which must then exist) and the environment, which wins.
    ///
    /// # Errors
    /// When a key is unknown, a value does not fit, or the settings contradict each other; in words for the operator.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let toml = match file {
            Some(file) => Toml::file_exact(file),
            None => Toml::file_exact("cognate.toml"),
        };
        let mut figment = Figment::from(Serialized::defaults(DEFAULTS));
        if file.is_some() || Path::new("cognate.toml").exists() {
            figment = figment.merge(toml);
        }
        let config: Self = environment::merged(figment).extract().map_err(|error| {
            let lines: Vec<_> = error.into_iter().map(|error| format!("{error}")).collect();
            anyhow::anyhow!(lines.join("\n"))
        })?;
        check::check(&config)?;
        Ok(config)
    }

    /// How the database at a URL is reached.
    pub fn database(&self, url: SecretString) -> DatabaseOptions {
        let threads = processors();
        let default = || u32::try_from((3 * threads).clamp(6, 32).max(threads * 3 / 2)).unwrap_or(u32::MAX);
        DatabaseOptions { url, max_connections: self.database_connections.unwrap_or_else(default), threads }
    }

    /// Whether development mode is on.
    pub fn is_development(&self) -> bool {
        self.dev.unwrap_or(self.database_url.is_none())
    }

    /// The URL that clients reach this installation by.
    pub fn public_url(&self) -> String {
        let scheme = if self.tls_cert.is_some() { "https" } else { "http" };
        self.public_url.clone().unwrap_or_else(|| format!("{scheme}://localhost:{}", self.listen.port()))
    }

    /// The domain beneath which prefixes are, in lower case.
    pub fn domain_suffix(&self) -> Option<String> {
        self.domain_suffix.as_ref().map(|suffix| suffix.to_ascii_lowercase())
    }

    /// The proxies whose word counts.
    ///
    /// # Errors
    /// When one of them is no network.
    pub fn proxies(&self) -> anyhow::Result<Proxies> {
        networks("trusted_proxies", self.trusted_proxies.as_deref().unwrap_or_default()).map(Proxies)
    }

    /// Where the certificate and its key are, where TLS ends here.
    pub fn tls(&self) -> Option<tls::Files> {
        let (certificate, key) = self.tls_cert.clone().zip(self.tls_key.clone())?;
        Some(tls::Files { certificate, key })
    }

    /// The domains that user pools may send email from, in lower case.
    pub fn email_sender_domains(&self) -> Vec<String> {
        let domains = self.email_sender_domains.iter().flat_map(|domains| domains.split(','));
        domains.map(|domain| domain.trim().to_lowercase()).filter(|domain| !domain.is_empty()).collect()
    }

    /// Whether text messages leave.
    pub fn sends_sms(&self) -> bool {
        self.sns_endpoint_url.is_some()
    }

    /// The passwords that are known to have leaked.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn leaked_passwords(&self) -> anyhow::Result<Option<LeakedPasswords>> {
        let open = |folder: &PathBuf| {
            let opened = LeakedPasswords::open(folder);
            opened.with_context(|| format!("leaked_passwords {} cannot be read", folder.display()))
        };
        self.leaked_passwords.as_ref().map(open).transpose()
    }

    /// How often what may be tried, and how long codes live.
    pub fn limits(&self) -> Limits {
        limits::of(self)
    }

    /// How functions of user pools are called.
    ///
    /// # Errors
    /// In words for the operator.
    pub fn functions(&self) -> anyhow::Result<cognate_core::trigger::Options> {
        functions::options(self)
    }

    /// How messages leave.
    ///
    /// # Errors
    /// When the SMTP URL or the sender cannot be read.
    pub fn delivery(&self) -> Result<Delivery, cognate_notify::Error> {
        Delivery::new(DeliveryOptions {
            smtp_url: self.smtp_url.clone(),
            sms: sns::options(self),
            sender: self.email_sender.clone(),
            development: self.is_development(),
            public_url: self.public_url(),
        })
    }

    /// The data directory, which may not exist yet.
    ///
    /// # Errors
    /// When none is set and there is no home to put it.
    pub fn data_dir(&self) -> anyhow::Result<DataDir> {
        DataDir::locate(self.data_dir.as_deref())
    }

    /// The root key: as configured, or in development from the data directory, where it is made at first.
    ///
    /// # Errors
    /// When there is none, or it is no 256-bit key (KEY-1).
    pub fn root_key(&self) -> anyhow::Result<cognate_store::seal::RootKey> {
        root_key::load(self)
    }
}

/// How many threads answer requests: one for each processor.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get)
}

/// Networks, separated by commas.
fn networks(name: &str, text: &str) -> anyhow::Result<Vec<IpNet>> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    let network = |item: &str| {
        item.parse().with_context(|| format!("{name}: {item:?} is not a network such as 10.1.0.0/16"))
    };
    items.map(network).collect()
}

#[cfg(test)]
mod tests;
