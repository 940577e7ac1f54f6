//! Empties the outbox: leases what is due, sends it with nothing held, writes down how it went (DUR-4).
//!
//! A worker that dies leaves a lease behind, and the end of the lease is the retry. So a message may arrive twice,
//! with the same Message-ID.

mod lane;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use cognate_store::message::{self, Message};
use cognate_store::message_template::{self, MessageTemplate};
use cognate_store::{Db, Error, Timestamp, UserPool, UserPoolId, user_pool};
use tokio::sync::{Notify, OnceCell, watch};
use tokio::time::{sleep, timeout};

use self::lane::Lane;
use crate::{Delivery, Failure, Functions, NotSent};

/// What is left of it after sending is for loading pools and writing down how it went.
const LEASE: Duration = Duration::from_secs(60);
/// Longer than a function of a pool is waited for, and a key before it.
const SEND_TIMEOUT: Duration = Duration::from_secs(40);
const POLL: Duration = Duration::from_secs(1);
const FIRST_RETRY: Duration = Duration::from_secs(5);
const LAST_RETRY: Duration = Duration::from_secs(600);
/// The attempt from which on an error that a function raises is final: Lambda asks as often for Cognito.
const LAST_WORD: i32 = 3;
/// How often it is tried to note that a message was sent: one that is not noted is sent again.
const NOTING: u32 = 5;

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
    let (mut gateways, mut functions) = (Lane::of_gateways(), Lane::of_functions());
    let mut health = Health::default();
    while !*stop.borrow() && stop.has_changed().is_ok() {
        let begun = async { Ok(worker.begin(&mut gateways).await? + worker.begin(&mut functions).await?) };
        let begun = begun.await;
        if health.note(&begun) && begun.is_ok_and(|begun| begun > 0) {
            continue;
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = wake.notified(), if health.is_good => {}
            () = sleep(POLL) => {}
            Some(done) = gateways.next() => {
                health.note(&done);
            }
            Some(done) = functions.next() => {
                health.note(&done);
            }
        }
    }
    for lane in [&mut gateways, &mut functions] {
        while let Some(done) = lane.next().await {
            health.note(&done);
        }
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

struct Worker<N> {
    db: Db,
    now: N,
    delivery: Delivery,
    functions: Arc<dyn Functions>,
}

/// A message's pool, as far as it could be had; read once for all that were leased together.
type Pool = Arc<OnceCell<Found>>;

enum Found {
    Loaded(Box<UserPool>, OnceCell<Vec<MessageTemplate>>),
    Gone,
    Unreadable(&'static str),
}

impl<N: Fn() -> Timestamp + Send + Sync + 'static> Worker<N> {
    /// Begins to send what is due now and has a place; how much that is.
    async fn begin(self: &Arc<Self>, lane: &mut Lane) -> Result<usize, Error> {
        let busy = lane.busy();
        let Some(due) = lane.wants(&busy) else { return Ok(0) };
        let now = (self.now)();
        let until = now + LEASE;
        let leased = message::lease(&self.db, &due, now, until).await?;
        let (begun, mut pools) = (leased.len(), HashMap::<UserPoolId, Pool>::new());
        for leased in leased {
            let pool = pools.entry(leased.message.user_pool.clone()).or_default().clone();
            let (worker, whose) = (Arc::clone(self), leased.clone());
            lane.add(&whose, async move { worker.deliver(&leased.message, &pool, until).await });
        }
        Ok(begun)
    }

    async fn load(&self, id: &UserPoolId) -> Found {
        match user_pool::get(&self.db, id).await {
            Ok(Some(pool)) => Found::Loaded(Box::new(pool), OnceCell::new()),
            Ok(None) => Found::Gone,
            Err(Error::Unreadable(_)) => Found::Unreadable("its user pool's key does not open"),
            Err(_) => Found::Unreadable("its user pool cannot be read"),
        }
    }

    async fn deliver(&self, message: &Message, pool: &Pool, leased_until: Timestamp) -> Result<(), Error> {
        let pool = pool.get_or_init(|| self.load(&message.user_pool)).await;
        let now = (self.now)();
        if now + SEND_TIMEOUT > leased_until {
            // The database was slow: another worker may have the message before this one is done with it.
            return Ok(());
        }
        let expired = message.expires_at <= now;
        let outcome = match pool {
            Found::Gone => Err(Failure::lasting("its user pool is gone").into()),
            _ if expired => Err(Failure::lasting("it expired before it could be sent").into()),
            Found::Unreadable(why) => Err(Failure::passing(*why).into()),
            Found::Loaded(pool, templates) => {
                match timeout(SEND_TIMEOUT, self.send(pool, templates, message)).await {
                    Ok(outcome) => outcome,
                    Err(_) => Err(Failure::passing("sending it took too long").into()),
                }
            }
        };
        let (pool, id) = (&message.user_pool, message.id);
        let Failure { reason, lasting } = match outcome {
            Ok(()) => return self.note_sent(message, leased_until).await,
            Err(Held::Back(wait)) => {
                return message::postpone(&self.db, pool, id, (self.now)() + wait).await;
            }
            Err(Held::Failed(failure)) => failure,
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
        templates: &OnceCell<Vec<MessageTemplate>>,
        message: &Message,
    ) -> Result<(), Held> {
        let body = message.open(pool).map_err(|_| Failure::passing("its body cannot be opened"))?;
        let Some(sending) = self.functions.send(pool, message.id, &body) else {
            let templates = templates.get_or_try_init(|| message_template::list(&self.db, &pool.id)).await;
            let templates = templates.map_err(|_| Failure::passing("its templates cannot be read"))?;
            return Ok(self.delivery.send(pool, templates, message, &body).await?);
        };
        sending.await.map_err(|why| match why {
            NotSent::Paused(wait) => Held::Back(wait),
            NotSent::Failed(reason) => Failure::passing(reason).into(),
            NotSent::Raised(reason) => Failure { reason, lasting: message.failures + 1 >= LAST_WORD }.into(),
        })
    }

    /// Notes that a message was sent, while it is this worker's to note.
    async fn note_sent(&self, message: &Message, leased_until: Timestamp) -> Result<(), Error> {
        let mut attempt = 1;
        loop {
            let sent = message::sent(&self.db, &message.user_pool, message.id, self.delivery.development);
            match sent.await {
                Err(_) if attempt < NOTING && (self.now)() < leased_until => sleep(POLL * attempt).await,
                noted => return noted,
            }
            attempt += 1;
        }
    }
}

/// Why a message was not sent.
enum Held {
    /// It was not tried.
    Back(Duration),
    /// It was.
    Failed(Failure),
}

impl From<Failure> for Held {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
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
