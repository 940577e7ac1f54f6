//! Which connection a statement gets.
//!
//! A thread that answers requests also signs tokens. Were all connections lent from one queue, one that comes back could go to
//! a statement of a thread that is busy for another while, and lie there unused as other threads wait for it. So each of these
//! threads has connections of its own, and the rest go to whoever can use them now.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deadpool::managed::{Manager as _, Metrics, Object, Pool, PoolError, QueueMode, Timeouts};
use futures_util::future::select;
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use thread_local::ThreadLocal;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::time::{sleep, timeout};

use super::opener::Opener;

/// How long a connection that nobody needs stays open.
const IDLE: Duration = Duration::from_secs(300);

/// How long a statement waits for a connection of its thread before it waits for any.
const LONG: Duration = Duration::from_millis(50);

/// For a connection that is there, or may be opened.
const NO_WAIT: Timeouts = Timeouts { wait: Some(Duration::ZERO), create: None, recycle: None };

/// The pause before another look whether all connections came back.
const PAUSE: Duration = Duration::from_millis(10);

/// All connections: those of each thread that answers requests, and those of all.
#[derive(Debug)]
pub(super) struct Shares {
    /// Connections that any thread may borrow.
    common: Pool<Opener>,
    /// Those of one thread each. What one had that ended goes to another.
    own: ThreadLocal<Pool<Opener>>,
    /// How many threads may still get some.
    left: AtomicUsize,
    /// How many each gets.
    each: usize,
}

impl Shares {
    /// So many connections at most, for so many threads that answer requests, and for all others.
    pub(super) fn new(options: PgConnectOptions, most: usize, threads: usize) -> sqlx::Result<Self> {
        let each = most / (threads + 1);
        let common = share(Opener::new(options), most - each * threads)?;
        let left = AtomicUsize::new(if each == 0 { 0 } else { threads });
        Ok(Self { common, own: ThreadLocal::new(), left, each })
    }

    /// Lends a connection: one of the thread's own, or else of those for all, or else the thread's next that comes back. Where
    /// that takes long, as where what it runs waits for locks, it is whichever comes back first.
    pub(super) async fn lend(&self) -> Result<Object<Opener>, PoolError<sqlx::Error>> {
        let Some(own) = self.own() else { return self.common.get().await };
        // One that is idle goes before one that would have to be opened.
        let is_idle = |share: &Pool<Opener>| share.status().available > 0;
        let is_own_first = is_idle(own) || !is_idle(&self.common);
        for share in if is_own_first { [own, &self.common] } else { [&self.common, own] } {
            // Where one cannot be opened, another may come back.
            if let Ok(lent) = share.timeout_get(&NO_WAIT).await {
                return Ok(lent);
            }
        }
        let mut next = pin!(own.get());
        if let Ok(lent) = timeout(LONG, &mut next).await {
            return lent;
        }
        select(next, pin!(self.common.get())).await.factor_first().0
    }

    /// The connections of the thread that asks, where it answers requests: it alone drives its runtime.
    fn own(&self) -> Option<&Pool<Opener>> {
        let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
        if !matches!(flavor, Ok(RuntimeFlavor::CurrentThread)) {
            return None;
        }
        if let Some(own) = self.own.get() {
            return Some(own);
        }
        let fewer = |left: usize| left.checked_sub(1);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer).ok()?;
        self.own.get_or_try(|| share(self.common.manager().clone(), self.each)).ok()
    }

    fn all(&self) -> impl Iterator<Item = &Pool<Opener>> {
        self.own.iter().chain([&self.common])
    }

    /// Opens a connection that is lent to nobody.
    pub(super) async fn connect(&self) -> sqlx::Result<PgConnection> {
        self.common.manager().create().await
    }

    /// Closes connections that nobody has needed for a while, or that are old.
    pub(super) async fn close_idle(&self) {
        let is_kept = |metrics: &Metrics| metrics.last_used() < IDLE && !Opener::is_old(metrics);
        close_all(self.take_all_but(is_kept)).await;
    }

    /// Takes idle connections out, but those that are kept.
    fn take_all_but(&self, is_kept: impl Fn(&Metrics) -> bool) -> Vec<PgConnection> {
        self.all().flat_map(|share| share.retain(|_, metrics| is_kept(&metrics)).removed).collect()
    }

    /// How many connections are lent, and how many are idle.
    pub(super) fn connections(&self) -> (usize, usize) {
        self.all().map(Pool::status).fold((0, 0), |(lent, idle), status| {
            (lent + status.size - status.available, idle + status.available)
        })
    }

    /// Lends no more connections, closes them, and waits for those that are lent.
    pub(super) async fn close(&self) {
        close_all(self.take_all_but(|_| false)).await;
        loop {
            // A thread may have come for its share meanwhile.
            self.all().for_each(Pool::close);
            if self.all().map(Pool::status).all(|status| status.size == 0 && status.waiting == 0) {
                return;
            }
            sleep(PAUSE).await;
        }
    }
}

async fn close_all(connections: Vec<PgConnection>) {
    for connection in connections {
        // One that cannot be told is as good as closed.
        let _ = connection.close().await;
    }
}

/// The connection that was used last is lent first: what it works on is still in the processor's caches.
fn share(opener: Opener, most: usize) -> sqlx::Result<Pool<Opener>> {
    let pool = Pool::builder(opener).max_size(most).queue_mode(QueueMode::Lifo);
    pool.build().map_err(|error| sqlx::Error::Configuration(error.into()))
}
