//! How much of the server one pool's functions may take: so many calls at once, and none for a while after several in a row had no
//! answer (TRG-3).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cognate_store::UserPoolId;
use cognate_store::user_pool::Trigger;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// The most calls of one pool's functions at once.
const MOST_CALLS: usize = 64;
/// How long another one waits for its turn.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// Calls without an answer in a row, after which a function is left alone.
const MOST_FAILURES: u32 = 5;
/// For how long it is.
pub(super) const PAUSE: Duration = Duration::from_secs(10);
/// From how many pools on those that are idle are forgotten.
const MANY: usize = 1024;

/// The calls of all pools' functions.
#[derive(Debug, Default)]
pub(super) struct Shares {
    pools: Mutex<HashMap<UserPoolId, Arc<Share>>>,
}

/// One pool's.
#[derive(Debug)]
pub(super) struct Share {
    slots: Arc<Semaphore>,
    breakers: Mutex<HashMap<Trigger, Breaker>>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Breaker {
    failures: u32,
    opened_at: Option<Instant>,
}

impl Default for Share {
    fn default() -> Self {
        Self { slots: Arc::new(Semaphore::new(MOST_CALLS)), breakers: Mutex::default() }
    }
}

impl Shares {
    pub(super) fn of(&self, pool: &UserPoolId) -> Arc<Share> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = pools.get(pool) {
            return share.clone();
        }
        if pools.len() >= MANY {
            pools.retain(|_, share| Arc::strong_count(share) > 1 || share.is_wary());
        }
        pools.entry(pool.clone()).or_default().clone()
    }
}

impl Share {
    /// Waits for a turn; none after a while.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        tokio::time::timeout(LONGEST_WAIT, self.slots.clone().acquire_owned()).await.ok()?.ok()
    }

    /// Whether the function may be asked. After the pause one caller finds out for all.
    pub(super) fn may_ask(&self, trigger: Trigger) -> bool {
        let mut breakers = self.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(breaker) = breakers.get_mut(&trigger) else { return true };
        match breaker.opened_at {
            Some(at) if at.elapsed() < PAUSE => false,
            Some(_) => {
                breaker.opened_at = Some(Instant::now());
                true
            }
            None => true,
        }
    }

    /// Notes whether it answered, whatever it said.
    pub(super) fn note(&self, trigger: Trigger, answered: bool) {
        let mut breakers = self.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        if answered {
            breakers.remove(&trigger);
            return;
        }
        let breaker = breakers.entry(trigger).or_default();
        breaker.failures += 1;
        if breaker.failures >= MOST_FAILURES {
            breaker.opened_at = Some(Instant::now());
        }
    }

    fn is_wary(&self) -> bool {
        let breakers = self.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        breakers.values().any(|breaker| breaker.opened_at.is_some_and(|at| at.elapsed() < PAUSE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_function_that_does_not_answer_is_left_alone_for_a_while() {
        let share = Share::default();
        for _ in 0..MOST_FAILURES {
            assert!(share.may_ask(Trigger::PreSignUp));
            share.note(Trigger::PreSignUp, false);
        }
        assert!(!share.may_ask(Trigger::PreSignUp));
        assert!(share.may_ask(Trigger::PostConfirmation));
        tokio::time::advance(PAUSE).await;
        // One finds out for all.
        assert!(share.may_ask(Trigger::PreSignUp));
        assert!(!share.may_ask(Trigger::PreSignUp));
        share.note(Trigger::PreSignUp, true);
        assert!(share.may_ask(Trigger::PreSignUp));
    }

    #[tokio::test(start_paused = true)]
    async fn one_pool_takes_no_more_than_its_share() {
        let shares = Shares::default();
        let (busy, other) = (shares.of(&UserPoolId::new("a_1")), shares.of(&UserPoolId::new("a_2")));
        let mut held = Vec::new();
        for _ in 0..MOST_CALLS {
            held.push(busy.turn().await.unwrap());
        }
        assert!(shares.of(&UserPoolId::new("a_1")).turn().await.is_none());
        assert!(other.turn().await.is_some());
        held.pop();
        assert!(busy.turn().await.is_some());
    }
}
