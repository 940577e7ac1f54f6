//! Threads for heavy arithmetic, one per core, behind a short queue (RES-1).

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, TrySendError, bounded};
use tokio::sync::oneshot;

use crate::{Error, Result};

/// How many jobs may wait for each thread. At 14 ms a hash, the last one waits half a second.
const QUEUE_PER_THREAD: usize = 32;

type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

/// A fixed number of threads, and as many states that jobs reuse, the latest first: its memory is still in the caches.
///
/// A full queue refuses at once. Nobody takes more than three quarters of it, so that one tenant's rush leaves room for
/// the others (TEN-5).
pub(crate) struct WorkerPool<K, S> {
    queue: Sender<Job<S>>,
    share: usize,
    waiting: Arc<Mutex<HashMap<K, usize>>>,
    done: Arc<Done>,
}

/// What the threads have done so far.
#[derive(Default)]
struct Done {
    jobs: AtomicU64,
    nanoseconds: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A place in the queue, given back when it is dropped.
struct Place<K: Eq + Hash> {
    waiting: Arc<Mutex<HashMap<K, usize>>>,
    owner: K,
    weight: usize,
}

impl<K: Eq + Hash> Drop for Place<K> {
    fn drop(&mut self) {
        let mut waiting = lock(&self.waiting);
        if let Some(count) = waiting.get_mut(&self.owner) {
            *count -= self.weight;
            if *count == 0 {
                waiting.remove(&self.owner);
            }
        }
    }
}

impl<K: Eq + Hash + Clone + Send + 'static, S: Send + 'static> WorkerPool<K, S> {
    /// Starts one thread per core.
    ///
    /// # Errors
    /// When the operating system gives no threads.
    pub(crate) fn start(name: &str, state: impl Fn() -> S) -> std::io::Result<Self> {
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let capacity = threads * QUEUE_PER_THREAD;
        let (queue, jobs) = bounded::<Job<S>>(capacity);
        let done = Arc::<Done>::default();
        let states = Arc::new(Mutex::new((0..threads).map(|_| state()).collect::<Vec<S>>()));
        for number in 0..threads {
            let (jobs, states, done) = (jobs.clone(), states.clone(), done.clone());
            let work = move || {
                for job in jobs {
                    // There is a state for each thread, so one is free.
                    let Some(mut state) = lock(&states).pop() else { return };
                    // A job that panics answers nobody, which its caller sees; the thread goes on.
                    let start = Instant::now();
                    let _ = catch_unwind(AssertUnwindSafe(|| job(&mut state)));
                    let took = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
                    done.jobs.fetch_add(1, Ordering::Relaxed);
                    done.nanoseconds.fetch_add(took, Ordering::Relaxed);
                    lock(&states).push(state);
                }
            };
            thread::Builder::new().name(format!("{name}-{number}")).spawn(work)?;
        }
        Ok(Self { queue, share: (capacity * 3).div_ceil(4), waiting: Arc::default(), done })
    }

    /// How many jobs were done so far, and how long they took together.
    pub(crate) fn done(&self) -> (u64, Duration) {
        let nanoseconds = self.done.nanoseconds.load(Ordering::Relaxed);
        (self.done.jobs.load(Ordering::Relaxed), Duration::from_nanos(nanoseconds))
    }

    /// Runs a job of an owner and waits for its result without blocking.
    ///
    /// # Errors
    /// [`Error::Busy`] when the queue is full, or the owner's share of it.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        owner: &K,
        work: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> Result<T> {
        self.run_heavy(owner, 1, work).await
    }

    /// Runs a job that takes as long as several: it takes as much of its owner's share, or all of it.
    ///
    /// # Errors
    /// As [`WorkerPool::run`].
    pub(crate) async fn run_heavy<T: Send + 'static>(
        &self,
        owner: &K,
        weight: usize,
        work: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> Result<T> {
        let place = self.take_place(owner, weight.min(self.share))?;
        let (answer, result) = oneshot::channel();
        let job: Job<S> = Box::new(move |state| {
            let _place = place;
            // Nobody waits any more: the work would be for nothing.
            if !answer.is_closed() {
                let _ = answer.send(work(state));
            }
        });
        self.queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Disconnected(_) => Error::internal("worker threads are gone"),
        })?;
        result.await.map_err(|_| Error::internal("a job of a worker thread failed"))
    }

    fn take_place(&self, owner: &K, weight: usize) -> Result<Place<K>> {
        let mut waiting = lock(&self.waiting);
        let count = waiting.entry(owner.clone()).or_insert(0);
        if *count + weight > self.share {
            if *count == 0 {
                waiting.remove(owner);
            }
            return Err(Error::Busy);
        }
        *count += weight;
        Ok(Place { waiting: self.waiting.clone(), owner: owner.clone(), weight })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_owner_cannot_fill_the_queue_and_a_panic_costs_one_job() {
        let pool = WorkerPool::<u8, ()>::start("test", || ()).unwrap();
        assert!(pool.run(&1, |_| panic!("on purpose")).await.is_err());
        let (release, gate) = bounded::<()>(0);
        let slow = || {
            let gate = gate.clone();
            move |_: &mut ()| {
                let _ = gate.recv();
            }
        };
        let jobs = (0..1000).map(|_| pool.run(&1, slow()));
        let mut jobs: Vec<_> = jobs.map(Box::pin).collect();
        let mut refused = 0;
        for job in &mut jobs {
            if let Ok(outcome) = tokio::time::timeout(std::time::Duration::ZERO, job).await {
                assert!(matches!(outcome, Err(Error::Busy)));
                refused += 1;
            }
        }
        assert!((500..1000).contains(&refused), "{refused}");
        let other = pool.run(&2, |_| 7);
        drop(release);
        assert_eq!(other.await.unwrap(), 7);
    }
}
