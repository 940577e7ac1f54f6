//! Serving requests to their end.

use std::time::Duration;

use cognate_core::trigger::within;
use tokio::time::timeout;

/// How long a request may take to be served (RES-3).
const REQUEST_TIME: Duration = Duration::from_secs(30);
/// How long the functions of a pool may take that one request calls, together: what is done after them is still answered.
const FUNCTIONS_TIME: Duration = Duration::from_secs(25);

/// Why a request has no answer of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unfinished {
    /// It panicked.
    Failed,
    /// It took longer than any may.
    TooLong,
}

/// Serves a request to its end, in a task of its own: a client that goes away does not stop it half way (DUR-2), and a panic costs
/// this request only (RES-5).
pub(crate) fn to_the_end<T: 'static>(
    serving: impl Future<Output = T> + 'static,
) -> impl Future<Output = Result<T, Unfinished>> {
    // It is put in its place at once: each of the futures around it would otherwise copy its thousands of bytes.
    let running = actix_web::rt::spawn(within(FUNCTIONS_TIME, Box::pin(serving)));
    async move {
        match timeout(REQUEST_TIME, running).await {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(_)) => Err(Unfinished::Failed),
            Err(_) => Err(Unfinished::TooLong),
        }
    }
}
