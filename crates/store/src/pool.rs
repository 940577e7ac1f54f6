//! The pool of connections, and transactions that cannot be left half open.
//!
//! The pool that comes with sqlx asks the database whether it is ready each time a connection is given back, which doubles the
//! round trips of short statements. Here only a connection whose last use broke off is asked.

use std::fmt;
use std::io::ErrorKind;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use deadpool::managed::{
    self, Manager as _, Metrics, Object, PoolError, QueueMode, RecycleError, RecycleResult,
};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Connection as _, Describe, Either, Execute, Executor, Postgres, Row as _, SqlStr};
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

/// How long a statement waits for a connection, and how long one takes to open.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a connection may take to come to the end of what it was dropped in: longer than a statement may.
const LAST_STATEMENT: Duration = Duration::from_secs(6);

/// The pauses before another attempt at a database that is starting: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(300);

/// How long ago a connection was lent last, before it is asked whether it still answers.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// How long a connection that nobody needs stays open.
const IDLE: Duration = Duration::from_secs(300);

/// How old a connection gets before it is closed: the database's process behind it keeps all that it has ever planned.
const OLDEST: Duration = Duration::from_secs(1800);

/// Connections to the database, opened as they are needed. The one that was used last is used first: what it works on is still
/// in the processor's caches.
///
/// A statement that is given to it borrows one for as long as it takes. Its rows are read before the first is handed out.
#[derive(Debug, Clone)]
pub(crate) struct Pool(managed::Pool<Opener>);

impl Pool {
    /// One that opens so many connections at most.
    pub(crate) fn new(options: PgConnectOptions, most: u32) -> sqlx::Result<Self> {
        let most = usize::try_from(most).map_err(|error| sqlx::Error::Configuration(error.into()))?;
        let pool = managed::Pool::builder(Opener { options }).max_size(most).queue_mode(QueueMode::Lifo);
        Ok(Self(pool.build().map_err(|error| sqlx::Error::Configuration(error.into()))?))
    }

    /// Borrows a connection.
    async fn acquire(&self) -> sqlx::Result<Borrowed> {
        let lent = timeout(PATIENCE, self.0.get()).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        let lent = lent.map(|connection| Borrowed { connection: Some(connection), rolls_back: false });
        lent.map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Closed => sqlx::Error::PoolClosed,
            PoolError::Timeout(_) | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
                sqlx::Error::Configuration(error.into())
            }
        })
    }

    /// Opens a connection that is lent to nobody.
    pub(crate) async fn connect(&self) -> sqlx::Result<PgConnection> {
        timeout(PATIENCE, self.0.manager().create()).await.map_err(|_| sqlx::Error::PoolTimedOut)?
    }

    /// Opens a transaction.
    pub(crate) async fn begin(&self) -> sqlx::Result<Transaction> {
        let mut borrowed = self.acquire().await?;
        // Whoever drops it while it begins leaves it to be rolled back, too (DUR-2).
        borrowed.rolls_back = true;
        sqlx::raw_sql("begin").execute(&mut *borrowed).await?;
        Ok(Transaction(borrowed))
    }

    /// Closes connections that nobody has needed for a while, or that are old.
    pub(crate) async fn close_idle(&self) {
        let is_kept =
            |_: &PgConnection, metrics: Metrics| metrics.last_used() < IDLE && metrics.age() < OLDEST;
        close_all(self.0.retain(is_kept).removed).await;
    }

    /// How many connections are lent, and how many are idle.
    pub(crate) fn connections(&self) -> (usize, usize) {
        let status = self.0.status();
        (status.size - status.available, status.available)
    }

    /// Lends no more connections, closes them, and waits for those that are lent, as long as a statement takes.
    pub(crate) async fn close(&self) {
        let idle = self.0.retain(|_, _| false).removed;
        self.0.close();
        close_all(idle).await;
        let returned = async {
            while self.0.status().size > 0 || self.0.status().waiting > 0 {
                sleep(FIRST_PAUSE).await;
            }
        };
        if timeout(LAST_STATEMENT, returned).await.is_err() {
            tracing::warn!("a database connection is still in use");
        }
    }
}

async fn close_all(connections: Vec<PgConnection>) {
    for connection in connections {
        // One that cannot be told is as good as closed.
        let _ = connection.close().await;
    }
}

/// How connections are opened, and tried before they are lent again.
struct Opener {
    options: PgConnectOptions,
}

/// Without the options, which hold the password.
impl fmt::Debug for Opener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Opener").finish_non_exhaustive()
    }
}

impl managed::Manager for Opener {
    type Type = PgConnection;
    type Error = sqlx::Error;

    /// Opens a connection, as soon as the database is there.
    async fn create(&self) -> sqlx::Result<PgConnection> {
        let mut pause = FIRST_PAUSE;
        loop {
            match PgConnection::connect_with(&self.options).await {
                Err(error) if is_starting(&error) => sleep(pause).await,
                connected => return connected,
            }
            pause = LONGEST_PAUSE.min(2 * pause);
        }
    }

    async fn recycle(&self, connection: &mut PgConnection, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if metrics.age() < OLDEST && (metrics.last_used() < TRUSTED_FOR || is_clean(connection).await?) {
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

/// A connection on loan. Dropped, it goes back once what it was in the middle of has come to its end, or is closed.
#[derive(Debug)]
pub(crate) struct Borrowed {
    /// None once it went back.
    connection: Option<Object<Opener>>,
    /// Whether a transaction may be open on it.
    rolls_back: bool,
}

impl Borrowed {
    /// Gives back a connection whose statements have all come to their end.
    fn give_back(mut self) {
        self.connection = None;
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        let unready = Unready(Some(connection));
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(unready.give_back(self.rolls_back));
        }
    }
}

/// A connection on its way back: closed where it does not arrive, as when the runtime that was to bring it ends.
struct Unready(Option<Object<Opener>>);

impl Unready {
    /// Gives it back once what it was in the middle of has come to its end.
    async fn give_back(mut self, rolls_back: bool) {
        let Some(connection) = self.0.as_deref_mut() else { return };
        let ready = async {
            if rolls_back {
                sqlx::raw_sql("rollback").execute(&mut *connection).await?;
            }
            // An answer that nothing else has, lest it be that of what was broken off.
            let answer = sqlx::raw_sql("select 'ready'").fetch_one(connection).await?;
            answer.try_get::<String, _>(0)
        };
        match timeout(LAST_STATEMENT, ready).await {
            Ok(Ok(answer)) if answer == "ready" => self.0 = None,
            _ => tracing::debug!("a database connection did not come back"),
        }
    }
}

impl Drop for Unready {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(Object::take(connection));
        }
    }
}

impl Deref for Borrowed {
    type Target = PgConnection;

    #[expect(clippy::expect_used, reason = "it is there until it goes back, which takes the loan")]
    fn deref(&self) -> &PgConnection {
        self.connection.as_ref().expect("a connection on loan")
    }
}

impl DerefMut for Borrowed {
    #[expect(clippy::expect_used, reason = "it is there until it goes back, which takes the loan")]
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("a connection on loan")
    }
}

/// A transaction. It is rolled back when it is dropped. sqlx does not know of it: none must be begun inside.
#[derive(Debug)]
pub(crate) struct Transaction(Borrowed);

impl Transaction {
    /// Saves what it did.
    pub(crate) async fn commit(mut self) -> sqlx::Result<()> {
        sqlx::raw_sql("commit").execute(&mut *self.0).await?;
        self.0.give_back();
        Ok(())
    }
}

impl Deref for Transaction {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.0
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}

impl<'p> Executor<'p> for &'p Pool {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, sqlx::Result<Either<PgQueryResult, PgRow>>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let answers = async move {
            let mut connection = self.acquire().await?;
            let answers: Vec<_> = connection.fetch_many(query).try_collect().await?;
            connection.give_back();
            Ok::<_, sqlx::Error>(stream::iter(answers).map(Ok))
        };
        stream::once(answers).try_flatten().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<PgRow>>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        Box::pin(async move {
            let mut connection = self.acquire().await?;
            let row = connection.fetch_optional(query).await?;
            connection.give_back();
            Ok(row)
        })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, sqlx::Result<PgStatement>>
    where
        'p: 'e,
    {
        Box::pin(async move {
            let mut connection = self.acquire().await?;
            let statement = connection.prepare_with(sql, parameters).await?;
            connection.give_back();
            Ok(statement)
        })
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, sqlx::Result<Describe<Postgres>>>
    where
        'p: 'e,
    {
        Box::pin(async move {
            let mut connection = self.acquire().await?;
            let description = connection.describe(sql).await?;
            connection.give_back();
            Ok(description)
        })
    }
}
