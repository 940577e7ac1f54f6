//! Threads for heavy arithmetic, one per core, behind a short queue (RES-1).

use std::num::NonZeroUsize;
use std::thread;

use crossbeam_channel::{Sender, TrySendError, bounded};
use tokio::sync::oneshot;

use crate::{Error, Result};

/// How many jobs may wait for each thread. At 14 ms a hash, the last one waits half a second.
const QUEUE_PER_THREAD: usize = 32;

type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

/// A fixed number of threads, each with a state of its own that its jobs reuse. A full queue refuses at once.
pub(crate) struct WorkerPool<S> {
    queue: Sender<Job<S>>,
}

impl<S: Send + 'static> WorkerPool<S> {
    /// Starts one thread per core.
    ///
    /// # Errors
    /// When the operating system gives no threads.
    pub(crate) fn start(name: &str, state: impl Fn() -> S) -> std::io::Result<Self> {
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let (queue, jobs) = bounded::<Job<S>>(threads * QUEUE_PER_THREAD);
        for number in 0..threads {
            let (jobs, mut state) = (jobs.clone(), state());
            let work = move || {
                for job in jobs {
                    job(&mut state);
                }
            };
            thread::Builder::new().name(format!("{name}-{number}")).spawn(work)?;
        }
        Ok(Self { queue })
    }

    /// Runs a job and waits for its result without blocking.
    ///
    /// # Errors
    /// [`Error::Busy`] when the queue is full.
    pub(crate) async fn run<T: Send + 'static>(&self, work: impl FnOnce(&mut S) -> T + Send + 'static) -> Result<T> {
        let (answer, result) = oneshot::channel();
        let job: Job<S> = Box::new(move |state| {
            // Nobody waits any more: the work would be for nothing.
            if !answer.is_closed() {
                let _ = answer.send(work(state));
            }
        });
        self.queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Disconnected(_) => Error::internal("worker threads are gone"),
        })?;
        result.await.map_err(|_| Error::internal("a worker thread failed"))
    }
}
