//! Connections on loan, and transactions that cannot be left half open.
//!
//! The pool that comes with sqlx asks the database whether it is ready each time a connection is given back, which doubles the
//! round trips of short statements. Here only a connection whose last use broke off is asked.

mod opener;
mod shares;

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::{Object, PoolError};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Describe, Either, Execute, Executor, Postgres, Row as _, SqlStr};
use tokio::runtime::Handle;
use tokio::time::timeout;

use self::opener::Opener;
use self::shares::Shares;

/// How long a statement waits for a connection, and how long one takes to open.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a connection may take to come to the end of what it was dropped in: longer than a statement may.
const LAST_STATEMENT: Duration = Duration::from_secs(6);

/// Connections to the database, opened as they are needed.
///
/// A statement that is given to it borrows one for as long as it takes. Its rows are read before the first is handed out.
#[derive(Debug, Clone)]
pub(crate) struct Pool(Arc<Shares>);

impl Pool {
    /// One that opens so many connections at most, for so many threads that answer requests and for all others.
    pub(crate) fn new(options: PgConnectOptions, most: u32, threads: usize) -> sqlx::Result<Self> {
        let most = usize::try_from(most).map_err(|error| sqlx::Error::Configuration(error.into()))?;
        Ok(Self(Arc::new(Shares::new(options, most, threads)?)))
    }

    /// Borrows a connection.
    async fn acquire(&self) -> sqlx::Result<Borrowed> {
        let lent = timeout(PATIENCE, self.0.lend()).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
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
        timeout(PATIENCE, self.0.connect()).await.map_err(|_| sqlx::Error::PoolTimedOut)?
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
        self.0.close_idle().await;
    }

    /// How many connections are lent, and how many are idle.
    pub(crate) fn connections(&self) -> (usize, usize) {
        self.0.connections()
    }

    /// Lends no more connections, closes them, and waits for those that are lent, as long as a statement takes.
    pub(crate) async fn close(&self) {
        if timeout(LAST_STATEMENT, self.0.close()).await.is_err() {
            tracing::warn!("a database connection is still in use");
        }
    }
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
