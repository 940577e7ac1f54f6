//! The database: how it is reached, and migrations.

use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::pool::{Pool, Transaction};
use crate::seal::{Place, RootKey, Sealed};
use crate::{AccountId, Result};

/// The migrations of `migrations/`, forward only.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// How to reach the database.
#[derive(Debug, Clone)]
pub struct Options {
    /// A `postgres://` URL.
    pub url: SecretString,
    /// The most connections this process opens.
    pub max_connections: u32,
    /// How many threads answer requests, each with a runtime of its own: connections are shared out among them.
    pub threads: usize,
}

/// The database and the key its sealed columns open with.
#[derive(Clone)]
pub struct Db {
    pub(crate) pool: Pool,
    pub(crate) root: RootKey,
}

impl Db {
    /// Connects lazily: the first query opens the first connection.
    ///
    /// # Errors
    /// When the URL cannot be read.
    pub fn new(options: &Options, root: RootKey) -> Result<Self> {
        let connect = PgConnectOptions::from_str(options.url.expose_secret())?
            .application_name("cognate")
            .options([
                // Every statement is short and indexed: planning it again for each set of values would cost more than
                // it could gain.
                ("plan_cache_mode", "force_generic_plan"),
                // A plan that was made while its tables were small outlives that.
                ("enable_seqscan", "off"),
                ("jit", "off"),
                ("statement_timeout", "5s"),
                ("lock_timeout", "2s"),
                ("idle_in_transaction_session_timeout", "10s"),
                ("tcp_user_timeout", "10s"),
            ])
            // All that there are: one that is forgotten has to be planned again.
            .statement_cache_capacity(256)
            .log_slow_statements(tracing::log::LevelFilter::Warn, Duration::from_millis(500));
        let pool = Pool::new(connect, options.max_connections, options.threads)?;
        Ok(Self { pool, root })
    }

    /// Opens a transaction.
    pub(crate) async fn begin(&self) -> Result<Transaction> {
        Ok(self.pool.begin().await?)
    }

    /// Brings the schema up to date under an advisory lock; safe to run from several processes at once.
    ///
    /// # Errors
    /// When the database is out of reach, or is newer than this binary knows.
    pub async fn migrate(&self) -> std::result::Result<(), sqlx::migrate::MigrateError> {
        // One of its own: it goes with its settings, and with the lock, whatever comes of it.
        let mut connection = self.pool.connect().await?;
        // Index builds may take longer than a request may, and read whole tables; waiting for a lock may not.
        sqlx::query("-- db::migration_timeouts\n set statement_timeout = 0").execute(&mut connection).await?;
        sqlx::query("-- db::migration_timeouts\n set lock_timeout = '30s'").execute(&mut connection).await?;
        sqlx::query("-- db::migration_plans\n set enable_seqscan = on").execute(&mut connection).await?;
        let outcome = MIGRATOR.run(&mut connection).await;
        // What was migrated stays so, however the connection ends.
        let _ = connection.close().await;
        outcome
    }

    /// The database's clock; proves that it answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn now(&self) -> Result<crate::Timestamp> {
        let now = sqlx::query_scalar!(
            r#"-- db::now
            select clock_timestamp() as "now!""#
        );
        Ok(now.fetch_one(&self.pool).await?)
    }

    /// Seals something for an account, for a named purpose: page tokens.
    ///
    /// # Errors
    /// When the cipher fails, which it does not.
    pub fn seal_for_account(&self, account: &AccountId, purpose: &str, value: &[u8]) -> Result<Sealed> {
        self.root.seal(Place { table: "account", column: purpose, row: account.as_str() }, value)
    }

    /// Opens what [`Db::seal_for_account`] sealed for the same account and purpose.
    ///
    /// # Errors
    /// When it was sealed for another, or changed.
    pub fn open_for_account(
        &self,
        account: &AccountId,
        purpose: &str,
        sealed: &Sealed,
    ) -> Result<zeroize::Zeroizing<Vec<u8>>> {
        self.root.open(Place { table: "account", column: purpose, row: account.as_str() }, sealed)
    }

    /// Connections in use and idle, for the metrics.
    pub fn connections(&self) -> (usize, usize) {
        self.pool.connections()
    }

    /// Closes connections that nobody has needed for a while.
    pub async fn close_idle(&self) {
        self.pool.close_idle().await;
    }

    /// Closes every connection, waiting for those in use as long as a statement may take.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
