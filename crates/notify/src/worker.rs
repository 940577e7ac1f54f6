//! Empties the outbox: leases what is due, sends it with nothing held, writes down how it went (DUR-4).
//!
//! A worker that dies leaves a lease behind, and the end of the lease is the retry. So a message may arrive twice,
//! with the same Message-ID.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use cognate_store::message::{self, Message};
use cognate_store::message_template::{self, MessageTemplate};
use cognate_store::{Db, Error, Timestamp, UserPool, UserPoolId, user_pool};
use tokio::sync::{Notify, watch};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{sleep, timeout};

use crate::{Delivery, Failure, Functions};

/// The most messages under way at once.
const MOST: usize = 256;
/// Leased of one pool at a time; with twice as many under way a pool is busy, and waits for its own.
const OF_EACH: usize = 8;
/// Twice the longest sending; the rest is for loading pools and writing down how it went.
const LEASE: Duration = Duration::from_secs(60);
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_secs(1);
const FIRST_RETRY: Duration = Duration::from_secs(5);
const LAST_RETRY: Duration = Duration::from_secs(600);

/// Sends messages until told to stop; finishes those under way.
pub async fn run(
    db: Db,
    now: impl Fn() -> Timestamp + Send + Sync + 'static,
    delivery: Delivery,
    functions: Arc<dyn Functions>,
    wake: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    let worker = Arc::new(Worker { db, now, delivery, functions });
    let (mut under_way, mut health) = (UnderWay::default(), Health::default());
    while !*stop.borrow() && stop.has_changed().is_ok() {
        let begun = worker.begin(&mut under_way).await;
        if health.note(&begun) && begun.is_ok_and(|begun| begun > 0) {
            continue;
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = wake.notified(), if health.is_good => {}
            () = sleep(POLL) => {}
            Some(done) = under_way.next() => {
                health.note(&done);
            }
        }
    }
    while let Some(done) = under_way.next().await {
        health.note(&done);
    }
}

/// Whether the database answers, told once when it changes.
struct Health {
    is_good: bool,
}

impl Default for Health {
    fn default() -> Self {
        Self { is_good: true }
    }
}

impl Health {
    fn note<T>(&mut self, outcome: &Result<T, Error>) -> bool {
        match outcome {
            Ok(_) if !self.is_good => tracing::info!("messages are being delivered again"),
            Err(error) if self.is_good => tracing::error!(
                error = error as &dyn std::error::Error,
                "messages cannot be delivered for now"
            ),
            _ => {}
        }
        self.is_good = outcome.is_ok();
        self.is_good
    }
}

/// The messages that are being sent. What one pool's function or gateway keeps waiting holds up that pool alone (TRG-3).
#[derive(Default)]
struct UnderWay {
    sending: JoinSet<Result<(), Error>>,
    pools: HashMap<Id, UserPoolId>,
}

impl UnderWay {
    fn add(&mut self, pool: UserPoolId, sending: impl Future<Output = Result<(), Error>> + Send + 'static) {
        let id = self.sending.spawn(sending).id();
        self.pools.insert(id, pool);
    }

    /// How the next one to end went, and all that have ended by then.
    async fn next(&mut self) -> Option<Result<(), Error>> {
        let mut outcome = Ok(());
        let mut done = Some(self.sending.join_next_with_id().await?);
        while let Some(ended) = done {
            outcome = outcome.and(self.end(ended));
            done = self.sending.try_join_next_with_id();
        }
        Some(outcome)
    }

    fn end(&mut self, ended: Result<(Id, Result<(), Error>), JoinError>) -> Result<(), Error> {
        let id = match &ended {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        self.pools.remove(&id);
        ended.map_or_else(
            |error| {
                tracing::error!(error = &error as &dyn std::error::Error, "sending a message broke off");
                Ok(())
            },
            |(_, outcome)| outcome,
        )
    }

    /// The pools that have their share of what may be under way.
    fn busy(&self) -> Vec<String> {
        let mut counts = HashMap::<_, usize>::new();
        for pool in self.pools.values() {
            *counts.entry(pool).or_default() += 1;
        }
        let busy = counts.into_iter().filter(|(_, count)| *count >= 2 * OF_EACH);
        busy.map(|(pool, _)| pool.to_string()).collect()
    }
}

struct Worker<N> {
    db: Db,
    now: N,
    delivery: Delivery,
    functions: Arc<dyn Functions>,
}

/// A message's pool, as far as it could be had.
#[derive(Clone)]
enum Pool {
    Loaded(Arc<UserPool>, Arc<[MessageTemplate]>),
    Gone,
    Unreadable,
}

impl<N: Fn() -> Timestamp + Send + Sync + 'static> Worker<N> {
    /// Begins to send what is due now and has a place; how much that is.
    async fn begin(self: &Arc<Self>, under_way: &mut UnderWay) -> Result<usize, Error> {
        let free = MOST.saturating_sub(under_way.pools.len());
        if free == 0 {
            return Ok(0);
        }
        let now = (self.now)();
        let until = now + LEASE;
        let (limit, of_each, busy) = (free as i64, OF_EACH as i64, under_way.busy());
        let due = message::lease(&self.db, limit, of_each, &busy, now, until).await?;
        let (begun, pools) = (due.len(), self.pools(&due).await?);
        for message in due {
            let pool = pools.get(&message.user_pool).cloned().unwrap_or(Pool::Gone);
            let worker = Arc::clone(self);
            under_way
                .add(message.user_pool.clone(), async move { worker.deliver(&message, &pool, until).await });
        }
        Ok(begun)
    }

    async fn pools(&self, messages: &[Message]) -> Result<HashMap<UserPoolId, Pool>, Error> {
        let mut pools = HashMap::new();
        for Message { user_pool: id, .. } in messages {
            if pools.contains_key(id) {
                continue;
            }
            let pool = match user_pool::get(&self.db, id).await {
                Ok(Some(pool)) => {
                    Pool::Loaded(Arc::new(pool), message_template::list(&self.db, id).await?.into())
                }
                Ok(None) => Pool::Gone,
                Err(Error::Unreadable(_)) => Pool::Unreadable,
                Err(error) => return Err(error),
            };
            pools.insert(id.clone(), pool);
        }
        Ok(pools)
    }

    async fn deliver(&self, message: &Message, pool: &Pool, leased_until: Timestamp) -> Result<(), Error> {
        let now = (self.now)();
        if now + SEND_TIMEOUT > leased_until {
            // The database was slow: another worker may have the message before this one is done with it.
            return Ok(());
        }
        let expired = message.expires_at <= now;
        let outcome = match pool {
            Pool::Gone => Err(Failure::lasting("its user pool is gone")),
            _ if expired => Err(Failure::lasting("it expired before it could be sent")),
            Pool::Unreadable => Err(Failure::passing("its user pool's key does not open")),
            Pool::Loaded(pool, templates) => {
                match timeout(SEND_TIMEOUT, self.send(pool, templates, message)).await {
                    Ok(outcome) => outcome,
                    Err(_) => Err(Failure::passing("sending it took too long")),
                }
            }
        };
        let (pool, id) = (&message.user_pool, message.id);
        let Err(Failure { reason, lasting }) = outcome else {
            return message::sent(&self.db, pool, id, self.delivery.development).await;
        };
        let retry_at = (self.now)() + backoff(message.failures, rand::random());
        let retry_at = Some(retry_at).filter(|at| !lasting && *at < message.expires_at);
        tracing::warn!(user_pool = %pool, message = %id, reason, given_up = retry_at.is_none(), "a message was not sent");
        message::failed(&self.db, pool, id, &reason, retry_at).await
    }

    /// Sends a message: through the pool's function, where it has one for it, or else by a gateway.
    async fn send(
        &self,
        pool: &UserPool,
        templates: &[MessageTemplate],
        message: &Message,
    ) -> Result<(), Failure> {
        let body = message.open(pool).map_err(|_| Failure::passing("its body cannot be opened"))?;
        match self.functions.send(pool, message.id, &body) {
            Some(sending) => sending.await.map_err(Failure::passing),
            None => self.delivery.send(pool, templates, message, &body).await,
        }
    }
}

/// How long to wait after a failure that `before` others came before: twice as long each time, up to a limit, less up
/// to a fifth by chance (`0.0..1.0`), so that what failed together does not come back together.
fn backoff(before: i32, chance: f64) -> Duration {
    let doublings = u32::try_from(before).unwrap_or(0).min(16);
    let longest = FIRST_RETRY.saturating_mul(1 << doublings).min(LAST_RETRY);
    longest.mul_f64(1.0 - chance.clamp(0.0, 1.0) / 5.0)
}

#[cfg(test)]
mod tests;
