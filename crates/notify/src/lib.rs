//! How messages leave: the worker that empties the outbox, the words of a message, email and text messages.
//!
//! The outbox itself is `cognate_store::message`, written with the cause of a message. Nothing here decides whether
//! somebody is told something; it only says it.

mod delivery;
pub mod email;
pub mod inbox;
#[cfg(test)]
mod log;
mod sms;
pub mod template;
pub mod worker;

use std::pin::Pin;
use std::time::Duration;

use cognate_store::UserPool;
use cognate_store::message::MessageBody;
pub use delivery::{Delivery, Options};
pub use sms::SmsOptions;

/// A message on its way through a pool's function.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), NotSent>> + Send + 'a>>;

/// Why a function did not send a message. What is said of it is for the operator, without address and code (LOG-1).
#[derive(Debug)]
pub enum NotSent {
    /// It is not asked for now.
    Paused(Duration),
    /// It does not have it.
    Failed(String),
    /// It says that it did not.
    Raised(String),
}

/// The functions of pools that send messages in place of the gateways.
pub trait Functions: Send + Sync {
    /// Sends a message through the pool's function; none where that is not how it is sent.
    fn send<'a>(&'a self, pool: &'a UserPool, id: uuid::Uuid, body: &'a MessageBody) -> Option<Sending<'a>>;
}

/// The installation cannot deliver as it is set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The SMTP URL does not say how to reach a server. The URL is not repeated: it holds a password.
    #[error("the SMTP URL cannot be used: {0}")]
    SmtpUrl(String),
    /// The sender is not `name@domain` or `Name <name@domain>`.
    #[error("the sender `{sender}` cannot be read")]
    Sender {
        /// What was set.
        sender: String,
        /// What is wrong with it.
        source: lettre::address::AddressError,
    },
}

/// Why a message did not leave. The reason is written to the database and the log: no address, no code (LOG-1).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) reason: String,
    /// Whether trying again is pointless.
    pub(crate) lasting: bool,
}

impl Failure {
    pub(crate) fn passing(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), lasting: false }
    }

    pub(crate) fn lasting(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), lasting: true }
    }
}
