//! Reading sessions: those of a pool that are asked for while others are being read are read together, next. Where many tokens are
//! checked, most of the work of the database would be the way there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cognate_store::user_session::{self, UserSession};
use cognate_store::{Db, Result, User, UserPoolId, UserSessionId};
use tokio::sync::oneshot;

type Found = (UserSession, User);

/// Somebody who waits for a session.
struct Waiting {
    id: UserSessionId,
    reply: oneshot::Sender<Result<Option<Found>>>,
}

/// Who waits, by pools of which sessions are being read.
type Queues = Mutex<HashMap<UserPoolId, Vec<Waiting>>>;

/// The most sessions that are read at once.
const MOST: usize = 128;

/// Reads sessions with their users.
#[derive(Default)]
pub(super) struct Sessions(Arc<Queues>);

impl Sessions {
    /// A session of a pool, and its user: as they are now or a moment later, never before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn read(&self, db: &Db, pool: &UserPoolId, id: UserSessionId) -> Result<Option<Found>> {
        let (reply, answer) = oneshot::channel();
        if self.join(pool, Waiting { id, reply }) {
            let reader = Reader { queues: self.0.clone(), pool: pool.clone(), is_done: false };
            tokio::spawn(reader.read_all(db.clone()));
        }
        match answer.await {
            Ok(found) => found,
            // Reading together failed, which says nothing of this one.
            Err(_) => Ok(user_session::several(db, pool, &[id]).await?.pop()),
        }
    }

    /// Waits with the others, if any are being read; says whether nobody reads.
    fn join(&self, pool: &UserPoolId, waiting: Waiting) -> bool {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get_mut(pool) {
            queue.push(waiting);
            return false;
        }
        queues.insert(pool.clone(), vec![waiting]);
        true
    }
}

/// Reads until nobody waits. If it breaks off, whoever waits reads alone.
struct Reader {
    queues: Arc<Queues>,
    pool: UserPoolId,
    is_done: bool,
}

impl Reader {
    async fn read_all(mut self, db: Db) {
        while let Some(waiting) = self.next() {
            let ids: Vec<_> = waiting.iter().map(|it| it.id).collect();
            let read = user_session::several(&db, &self.pool, &ids).await;
            let read = read.map(|found| found.into_iter().map(|it| (it.0.id, it)).collect::<HashMap<_, _>>());
            for Waiting { id, reply } in waiting {
                let answer = match &read {
                    // Several may wait for the same one.
                    Ok(found) => Ok(found.get(&id).cloned()),
                    Err(error) => match error.of_all() {
                        Some(error) => Err(error),
                        None => continue,
                    },
                };
                // Who waited may have gone.
                let _ = reply.send(answer);
            }
        }
    }

    /// Those who are next; nobody reads any more once there are none.
    fn next(&mut self) -> Option<Vec<Waiting>> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.get_mut(&self.pool)?;
        if queue.is_empty() {
            queues.remove(&self.pool);
            self.is_done = true;
            return None;
        }
        let rest = queue.split_off(queue.len().min(MOST));
        Some(std::mem::replace(queue, rest))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if !self.is_done {
            self.queues.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.pool);
        }
    }
}
