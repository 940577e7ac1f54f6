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
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::{Delivery, Failure};

/// Leased at a time, and sent side by side.
const BATCH: usize = 16;
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
    wake: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    let worker = Arc::new(Worker { db, now, delivery });
    let mut healthy = true;
    while !*stop.borrow() && stop.has_changed().is_ok() {
        let full = match worker.batch().await {
            Ok(full) => {
                if !healthy {
                    tracing::info!("messages are being delivered again");
                }
                healthy = true;
                full
            }
            Err(error) => {
                if healthy {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "messages cannot be delivered for now"
                    );
                }
                healthy = false;
                false
            }
        };
        if full {
            continue;
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = wake.notified(), if healthy => {}
            () = sleep(POLL) => {}
        }
    }
}

struct Worker<N> {
    db: Db,
    now: N,
    delivery: Delivery,
}

/// A message's pool, as far as it could be had.
#[derive(Clone)]
enum Pool {
    Loaded(Arc<UserPool>, Arc<[MessageTemplate]>),
    Gone,
    Unreadable,
}

impl<N: Fn() -> Timestamp + Send + Sync + 'static> Worker<N> {
    /// Deals with what is due now; whether there may be more.
    async fn batch(self: &Arc<Self>) -> Result<bool, Error> {
        let now = (self.now)();
        let until = now + LEASE;
        let due = message::lease(&self.db, BATCH as i64, now, until).await?;
        let full = due.len() == BATCH;
        let pools = self.pools(&due).await?;

        let mut under_way = JoinSet::new();
        for message in due {
            let pool = pools.get(&message.user_pool).cloned().unwrap_or(Pool::Gone);
            let worker = Arc::clone(self);
            under_way.spawn(async move { worker.deliver(&message, &pool, until).await });
        }
        let mut outcome = Ok(full);
        while let Some(done) = under_way.join_next().await {
            match done {
                Ok(Ok(())) => {}
                Ok(Err(error)) => outcome = Err(error),
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "sending a message broke off");
                }
            }
        }
        outcome
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
                match timeout(SEND_TIMEOUT, self.delivery.send(pool, templates, message)).await {
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
