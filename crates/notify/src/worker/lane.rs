//! The messages that are being sent, by gateways or by functions of pools. A lane has room for so many of each pool and account, so
//! that those of one never take it all (TRG-3).

use std::collections::HashMap;
use std::hash::Hash;

use cognate_store::message::{Due, Leased};
use cognate_store::{AccountId, Error, UserPoolId};
use tokio::task::{Id, JoinError, JoinSet};

/// How much room there is.
struct Room {
    most: usize,
    /// Leased at a time.
    of_each: usize,
    /// With so many under way, a pool waits for its own.
    of_pool: usize,
    /// And so does an account.
    of_account: usize,
}

/// Messages under way.
pub(super) struct Lane {
    by_function: bool,
    room: Room,
    sending: JoinSet<Result<(), Error>>,
    whose: HashMap<Id, (UserPoolId, AccountId)>,
}

impl Lane {
    /// For the gateways, which all share: a server counts its connections, and hangs for everybody alike.
    pub(super) fn of_gateways() -> Self {
        Self::new(false, Room { most: 16, of_each: 16, of_pool: 16, of_account: 16 })
    }

    /// For functions, of which one that hangs must hold up nobody else's.
    pub(super) fn of_functions() -> Self {
        Self::new(true, Room { most: 1024, of_each: 8, of_pool: 16, of_account: 64 })
    }

    fn new(by_function: bool, room: Room) -> Self {
        Self { by_function, room, sending: JoinSet::new(), whose: HashMap::new() }
    }

    /// The pools and accounts that have their share.
    pub(super) fn busy(&self) -> (Vec<String>, Vec<String>) {
        let whose = || self.whose.values();
        let pools = frequent(whose().map(|(pool, _)| pool), self.room.of_pool);
        (pools, frequent(whose().map(|(_, account)| account), self.room.of_account))
    }

    /// What there is room for.
    pub(super) fn wants<'a>(&self, (pools, accounts): &'a (Vec<String>, Vec<String>)) -> Option<Due<'a>> {
        let free = self.room.most.saturating_sub(self.whose.len());
        (free > 0).then_some(Due {
            by_function: self.by_function,
            // All of a lease may be one account's.
            limit: free.min(self.room.of_each) as i64,
            of_each: self.room.of_each as i64,
            busy_pools: pools,
            busy_accounts: accounts,
        })
    }

    pub(super) fn add(
        &mut self,
        Leased { account, message }: &Leased,
        sending: impl Future<Output = Result<(), Error>> + Send + 'static,
    ) {
        let id = self.sending.spawn(sending).id();
        self.whose.insert(id, (message.user_pool.clone(), account.clone()));
    }

    /// How the next one to end went, and all that have ended by then.
    pub(super) async fn next(&mut self) -> Option<Result<(), Error>> {
        let mut outcome = Ok(());
        let mut done = Some(self.sending.join_next_with_id().await?);
        while let Some(ended) = done {
            outcome = outcome.and(self.end(ended));
            done = self.sending.try_join_next_with_id();
        }
        Some(outcome)
    }

    fn end(&mut self, ended: Result<(Id, Result<(), Error>), JoinError>) -> Result<(), Error> {
        let (id, outcome) = ended.unwrap_or_else(|error| {
            let id = error.id();
            tracing::error!(error = &error as &dyn std::error::Error, "sending a message broke off");
            (id, Ok(()))
        });
        self.whose.remove(&id);
        outcome
    }
}

fn frequent<'a, T: Eq + Hash + ToString + 'a>(all: impl Iterator<Item = &'a T>, most: usize) -> Vec<String> {
    let mut counts = HashMap::<_, usize>::new();
    for it in all {
        *counts.entry(it).or_default() += 1;
    }
    counts.into_iter().filter(|(_, count)| *count >= most).map(|(it, _)| it.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use cognate_store::message::Message;
    use uuid::Uuid;

    use super::*;

    fn leased(account: &str, pool: &str) -> Leased {
        let message = Message {
            user_pool: UserPoolId::new(pool),
            id: Uuid::new_v4(),
            body: None,
            failures: 0,
            state: "pending".into(),
            expires_at: chrono::DateTime::UNIX_EPOCH,
            created_at: chrono::DateTime::UNIX_EPOCH,
        };
        Leased { account: AccountId::new(account), message }
    }

    /// TRG-3: however many pools an account has, it takes little more than its share.
    #[tokio::test]
    async fn an_account_takes_no_more_than_its_share() {
        let mut lane = Lane::of_functions();
        let mut taken = 0;
        loop {
            let busy = lane.busy();
            if busy.1.contains(&"1".to_owned()) {
                break;
            }
            // As many as are asked for, each of another pool.
            for _ in 0..lane.wants(&busy).unwrap().limit {
                lane.add(&leased("1", &format!("pool-{taken}")), std::future::pending());
                taken += 1;
            }
        }
        assert_eq!(taken, 64);
        assert!(lane.wants(&lane.busy()).is_some());
        for _ in 0..16 {
            lane.add(&leased("2", "busy"), std::future::pending());
        }
        assert_eq!(lane.busy(), (vec!["busy".to_owned()], vec!["1".to_owned()]));
    }
}
