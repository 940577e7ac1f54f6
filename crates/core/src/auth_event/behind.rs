//! Writing events behind the answers that they belong to, so that those take as long for nobody as for a user (ENU-1).

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use cognate_store::auth_event::{self, AuthEvent};
use cognate_store::{UserPool, UserPoolId};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::App;

/// How many events may wait to be written behind their answers, of a process and of one pool; the rest is dropped, and said in
/// the log.
static BEHIND: Semaphore = Semaphore::const_new(64);
const BEHIND_OF_POOL: usize = 16;
static WAITING: LazyLock<Mutex<HashMap<UserPoolId, usize>>> = LazyLock::new(Mutex::default);

/// Writes an event in a task of its own.
pub(super) fn write(app: &App, pool: &UserPool, event: AuthEvent) {
    let Some(turn) = Turn::of(&pool.id) else {
        tracing::warn!(user_pool = %pool.id, "too many events wait to be written: one is lost");
        return;
    };
    let db = app.db.clone();
    tokio::spawn(async move {
        if let Err(error) = auth_event::record(&db, &turn.pool, &event).await {
            tracing::warn!(error = &error as &dyn std::error::Error, user_pool = %turn.pool, "an event was not kept");
        }
    });
}

/// A turn among those that wait.
struct Turn {
    pool: UserPoolId,
    _permit: SemaphorePermit<'static>,
}

impl Turn {
    fn of(pool: &UserPoolId) -> Option<Self> {
        let permit = BEHIND.try_acquire().ok()?;
        let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
        let of_pool = waiting.entry(pool.clone()).or_default();
        if *of_pool >= BEHIND_OF_POOL {
            return None;
        }
        *of_pool += 1;
        Some(Self { pool: pool.clone(), _permit: permit })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_pool) = waiting.get_mut(&self.pool) {
            *of_pool -= 1;
            if *of_pool == 0 {
                waiting.remove(&self.pool);
            }
        }
    }
}
