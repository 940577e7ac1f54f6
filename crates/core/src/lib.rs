//! What Cognate does, whoever asks: pools, clients, users, passwords, sign-in and tokens.
//!
//! A use case reads **load, work, save**: a load gives its connection back at once, work (hashing, a remote call)
//! holds nothing, and a save is one call and one transaction. What decides is a plain function without clock or
//! database.

pub mod account;
pub mod app_client;
pub mod auth;
pub mod auth_event;
pub mod authorization;
pub mod back_channel;
pub mod branding;
pub mod browser_session;
pub mod cache;
mod clock;
mod css;
pub mod device;
pub mod domain;
pub mod dpop;
mod error;
pub mod group;
pub mod identity_provider;
pub mod image;
pub mod language;
pub mod leaked_password;
pub mod limits;
pub mod look;
pub mod name;
mod network_budget;
pub mod options;
pub mod origin;
pub mod outbound;
mod page;
pub mod page_text;
pub mod passkey;
pub mod password_hash;
pub mod provisioned_limit;
mod random;
pub mod resource_server;
mod risk_notice;
pub mod session_configuration;
pub mod sign_out;
pub mod signing_certificate;
pub mod site;
mod software_token;
pub mod terms;
pub mod token;
pub mod trigger;
pub mod ui_customization;
pub mod user;
pub mod user_import;
pub mod user_pool;
pub mod user_session;
pub mod wording;
mod worker_pool;

use std::sync::Arc;

pub use clock::Clock;
use cognate_store::user_pool::{Contact, Trigger, Triggers};
use cognate_store::{Db, UserPool};
pub use error::{Error, Result};
pub use page::PageToken;
use url::Url;

use crate::cache::Caches;
use crate::limits::Limits;
use crate::password_hash::Hasher;
use crate::token::signing_key::KeySupply;

/// Everything a use case needs.
pub struct App {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Hashes and checks passwords on threads of its own.
    pub hasher: Hasher,
    /// Signing keys made ahead of need.
    pub key_supply: KeySupply,
    /// What may be remembered, for at most a second where it can change.
    pub caches: Caches,
    /// What callers may do how often.
    pub limits: Limits,
    /// Which messages leave.
    pub reach: Reach,
    /// Where the installation is, to its clients.
    pub place: Place,
    /// Woken when a message was queued.
    pub outbox: Arc<tokio::sync::Notify>,
    /// The passwords that are known to have leaked, where the operator has a list.
    pub leaked_passwords: Option<leaked_password::LeakedPasswords>,
    /// How the functions of pools are called.
    pub functions: trigger::Functions,
    /// The words that owners have for messages in place of Cognito's.
    pub wording: Arc<dyn wording::OwnersWording>,
}

/// Which messages leave the installation.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Whether there is a way for text messages. Development mode captures them.
    pub sms: bool,
    /// The domains that pools may send email from, in lower case; `None` is any.
    pub sender_domains: Option<Vec<String>>,
}

impl Reach {
    /// What leaves a pool with these functions, some of which may send messages.
    #[must_use]
    pub fn with(&self, triggers: &Triggers) -> Self {
        let sms = self.sms || triggers.functions.contains_key(&Trigger::CustomSMSSender);
        Self { sms, ..self.clone() }
    }
}

impl App {
    /// Whether a message of a pool to that kind of address would arrive.
    pub fn reaches(&self, pool: &UserPool, contact: Contact) -> bool {
        match contact {
            Contact::Email => true,
            Contact::PhoneNumber => self.reach.sms || trigger::sends_to(pool, contact),
        }
    }
}

/// Where the installation is, to its clients.
#[derive(Debug, Clone)]
pub struct Place {
    /// The region that pool ids begin with and requests are signed for.
    pub region: String,
    /// The URL clients reach it by, without a slash at the end.
    pub public_url: String,
    /// The domain beneath which pools have the domains that are prefixes, in lower case.
    pub domain_suffix: Option<String>,
    host: String,
}

impl Place {
    /// An installation in this region, at this URL, with this domain beneath which prefixes are.
    pub fn new(region: String, public_url: String, domain_suffix: Option<String>) -> Self {
        let url = Url::parse(&public_url).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned();
        Self { region, public_url, domain_suffix, host }
    }

    /// The installation's own host name, which an owner's must lead to.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The issuer of a pool's tokens (`iss`).
    pub fn issuer(&self, pool: &cognate_store::UserPoolId) -> String {
        format!("{}/{pool}", self.public_url)
    }
}
