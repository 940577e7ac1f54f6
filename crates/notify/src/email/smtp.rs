//! Hands emails to an SMTP server, over connections that are kept for a while.
//!
//! lettre's own pool takes back a connection whose conversation was cut off by our time limit, and asks it politely
//! to quit, without a limit. The next message would read the last one's answers, and a server that hangs would keep
//! every socket. Here a connection is kept only after a message was accepted, and otherwise dropped.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use tokio::time::{Instant, timeout};
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;

use super::server::Server;
use crate::{Error, Failure};

const MAX_SPARE: usize = 8;
const MAX_IDLE: Duration = Duration::from_secs(60);
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// An SMTP server.
pub(crate) struct Smtp {
    server: Server,
    spare: Mutex<Vec<Spare>>,
}

struct Spare {
    connection: AsyncSmtpConnection,
    since: Instant,
}

impl Smtp {
    pub(crate) fn new(url: &str) -> Result<Self, Error> {
        Ok(Self { server: Server::from_url(url)?, spare: Mutex::default() })
    }

    /// Sends an email; `Ok` once the server has taken it over.
    pub(crate) async fn send(&self, message: &Message) -> Result<(), Failure> {
        // lettre writes the whole conversation, password and code included, to the debug log (LOG-1).
        let sent = self.converse(message).with_subscriber(NoSubscriber::new()).await;
        sent.map_err(|error| Failure::passing(reason(&error)))
    }

    async fn converse(&self, message: &Message) -> Result<(), smtp::Error> {
        let mut connection = match self.reuse().await {
            Some(connection) => connection,
            None => self.server.connect().await?,
        };
        connection.send(message.envelope(), &message.formatted()).await?;
        self.keep(connection);
        Ok(())
    }

    /// A kept connection that still answers.
    async fn reuse(&self) -> Option<AsyncSmtpConnection> {
        while let Some(mut spare) = self.take() {
            let fresh = spare.since.elapsed() < MAX_IDLE;
            if fresh && timeout(CHECK_TIMEOUT, spare.connection.test_connected()).await.unwrap_or(false) {
                return Some(spare.connection);
            }
        }
        None
    }

    fn take(&self) -> Option<Spare> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < MAX_SPARE {
            spare.push(Spare { connection, since: Instant::now() });
        }
    }
}

/// What went wrong, without the server's words: they repeat the address (LOG-1).
fn reason(error: &smtp::Error) -> String {
    match error.status() {
        Some(code) => format!("the SMTP server refused it ({code})"),
        None if error.is_response() => "the SMTP server's answer cannot be read".to_owned(),
        None => format!("the SMTP server could not be used: {error}"),
    }
}
