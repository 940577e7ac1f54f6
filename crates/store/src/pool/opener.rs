//! How a connection is opened, and whether it may be lent once more.

use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::time::sleep;

/// The pauses before another attempt at a database that is starting: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(300);

/// How long ago a connection was lent last, before it is asked whether it still answers.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// How old a connection gets before it is closed: the database's process behind it keeps all that it has ever planned.
const OLDEST: Duration = Duration::from_secs(1800);

/// How connections are opened, and tried before they are lent again.
#[derive(Clone)]
pub(super) struct Opener {
    options: PgConnectOptions,
}

/// Without the options, which hold the password.
impl fmt::Debug for Opener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Opener").finish_non_exhaustive()
    }
}

impl Opener {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        Self { options }
    }

    /// Whether a connection has been open long enough.
    pub(super) fn is_old(metrics: &Metrics) -> bool {
        metrics.age() >= OLDEST
    }
}

impl Manager for Opener {
    type Type = PgConnection;
    type Error = sqlx::Error;

    /// Opens a connection, as soon as the database is there.
    async fn create(&self) -> sqlx::Result<PgConnection> {
        let mut pause = FIRST_PAUSE;
        loop {
            // Boxed: every statement would otherwise hold room for it, and few open a connection.
            match Box::pin(PgConnection::connect_with(&self.options)).await {
                Err(error) if is_starting(&error) => sleep(pause).await,
                connected => return connected,
            }
            pause = LONGEST_PAUSE.min(2 * pause);
        }
    }

    async fn recycle(&self, connection: &mut PgConnection, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if !Self::is_old(metrics) && (metrics.last_used() < TRUSTED_FOR || is_clean(connection).await?) {
            Ok(())
        } else {
            Err(RecycleError::message("the connection is old, or inside a transaction"))
        }
    }
}

/// Whether the database is about to answer.
fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == ErrorKind::ConnectionRefused,
        sqlx::Error::Database(error) => error.is_transient_in_connect_phase(),
        _ => false,
    }
}

/// Whether a connection that was last lent a second ago still answers and is outside any transaction (TEN-3): inside one, the
/// transaction's time stands still at its start while the statement's own goes on.
async fn is_clean(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let clean = sqlx::query_scalar!(
        r#"-- pool::is_clean
        select statement_timestamp() - transaction_timestamp() < interval '500 milliseconds' as "clean!""#
    );
    clean.fetch_one(connection).await
}
