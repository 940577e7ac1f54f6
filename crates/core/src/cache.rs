//! What may be remembered between requests. What can change is forgotten within a second (TOK-3, AWS-3); every map has
//! a size limit (RES-4). What this process changes it forgets, so that its callers see their own changes at once.

mod sessions;

use std::sync::Arc;
use std::time::Duration;

use cognate_store::access_key::{self, Signer};
use cognate_store::domain::{self, Domain};
use cognate_store::record::resource_server::ResourceServer;
use cognate_store::record::{self, Record, Stamp};
use cognate_store::user_session::UserSession;
use cognate_store::{
    AppClient, AppClientId, Db, Timestamp, User, UserId, UserPool, UserPoolId, UserSessionId, app_client,
    signing_key, user, user_pool,
};
use moka::future::Cache;

use crate::app_client::document::Document;
use crate::domain::Domains;
use crate::look::Look;
use crate::outbound::ChosenBy;
use crate::token::signing_key::PoolKeys;
use crate::token::verify;
use crate::{Error, Result};

/// How long changeable state is remembered: less than the second that the rules allow, by the time a load may take.
const MEMORY: Duration = Duration::from_millis(700);
const ENTRIES: u64 = 100_000;
/// How long clients' documents are remembered, and how many.
const MEMORY_OF_DOCUMENTS: Duration = Duration::from_secs(300);
const DOCUMENTS: u64 = 2000;
/// How much of what pages look like is remembered.
const BYTES_OF_LOOKS: u64 = 32 * 1024 * 1024;

/// The caches of one process.
pub struct Caches {
    user_pools: Cache<UserPoolId, Arc<UserPool>>,
    pools_of_clients: Cache<AppClientId, Arc<UserPoolId>>,
    clients: Cache<(UserPoolId, AppClientId), Arc<AppClient>>,
    sessions: Cache<(UserPoolId, UserSessionId), Arc<UserSession>>,
    reading: sessions::Sessions,
    users: Cache<(UserPoolId, UserId), Arc<User>>,
    /// By who chose that they are fetched, because not everybody may have everything fetched.
    documents: Cache<(AppClientId, ChosenBy), Arc<Document>>,
    signers: Cache<String, Arc<Signer>>,
    resource_servers: Cache<(UserPoolId, String), Arc<Record<ResourceServer>>>,
    /// None for a name that leads nowhere, which is asked for as often.
    domains_by_name: Cache<String, Arc<Option<Domain>>>,
    domains: Cache<UserPoolId, Arc<Domains>>,
    stamps: Cache<(UserPoolId, AppClientId), Arc<Vec<Stamp>>>,
    /// By what they are made from, so that none is ever old.
    looks: Cache<(UserPoolId, Stamp), Arc<Look>>,
    /// With when the pool was made: one that is made anew by the same id has others.
    keys: Cache<(UserPoolId, Timestamp), Arc<PoolKeys>>,
    verified_tokens: Cache<[u8; 32], Arc<verify::Signed>>,
}

impl Default for Caches {
    fn default() -> Self {
        Self {
            user_pools: brief(),
            pools_of_clients: brief(),
            clients: brief(),
            sessions: brief(),
            reading: sessions::Sessions::default(),
            users: brief(),
            documents: Cache::builder().max_capacity(DOCUMENTS).time_to_live(MEMORY_OF_DOCUMENTS).build(),
            signers: brief(),
            resource_servers: brief(),
            domains_by_name: brief(),
            domains: brief(),
            stamps: brief(),
            looks: Cache::builder()
                .weigher(|_, look: &Arc<Look>| look.weight())
                .max_capacity(BYTES_OF_LOOKS)
                .time_to_idle(Duration::from_secs(300))
                .build(),
            keys: Cache::builder().max_capacity(10_000).build(),
            verified_tokens: Cache::builder()
                .max_capacity(ENTRIES)
                .time_to_idle(Duration::from_secs(300))
                .build(),
        }
    }
}

fn brief<K, V>() -> Cache<K, V>
where
    K: std::hash::Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    Cache::builder().max_capacity(ENTRIES).time_to_live(MEMORY).build()
}

/// Why nothing could be remembered: it is not there, or it could not be looked up.
#[derive(Debug, thiserror::Error)]
enum Miss {
    #[error("not there")]
    Absent,
    #[error("cannot be looked up")]
    Failed(#[from] cognate_store::Error),
}

/// One lookup serves everybody who waits for the same thing.
async fn recall<K, V, L>(
    cache: &Cache<K, Arc<V>>,
    key: &K,
    load: impl FnOnce() -> L,
) -> Result<Option<Arc<V>>>
where
    K: std::hash::Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
    L: Future<Output = cognate_store::Result<Option<V>>>,
{
    if let Some(remembered) = cache.get(key).await {
        return Ok(Some(remembered));
    }
    // What is there already, as most is, must not pay with its own size for the way there.
    let load = async { Ok(Arc::new(load().await?.ok_or(Miss::Absent)?)) };
    let loaded = Box::pin(cache.try_get_with(key.clone(), load)).await;
    loaded.map(Some).or_else(|miss| match &*miss {
        Miss::Absent => Ok(None),
        Miss::Failed(cognate_store::Error::InvalidText) => Ok(None),
        Miss::Failed(error @ cognate_store::Error::Unavailable(_)) => {
            tracing::warn!(error = error as &dyn std::error::Error, "database unavailable");
            Err(Error::Busy)
        }
        Miss::Failed(_) => Err(Error::internal(miss)),
    })
}

/// What everybody is told who waited for something that failed.
fn of_everybody(error: &Error, what: &str) -> Error {
    match error {
        Error::Busy => Error::Busy,
        Error::InvalidClientDocument(why) => Error::InvalidClientDocument(why.clone()),
        other => Error::internal(format!("{what}: {other:?}")),
    }
}

impl Caches {
    /// A pool by its public id.
    pub(crate) async fn user_pool(&self, db: &Db, id: &UserPoolId) -> Result<Option<Arc<UserPool>>> {
        recall(&self.user_pools, id, || user_pool::get(db, id)).await
    }

    /// The pool of a client that is known by its id alone.
    pub(crate) async fn pool_of_client(&self, db: &Db, id: &AppClientId) -> Result<Option<Arc<UserPool>>> {
        let pool = recall(&self.pools_of_clients, id, || app_client::pool_of(db, id)).await?;
        match pool {
            Some(pool) => self.user_pool(db, &pool).await,
            None => Ok(None),
        }
    }

    /// A client of a pool.
    pub(crate) async fn client(
        &self,
        db: &Db,
        pool: &UserPool,
        id: &AppClientId,
    ) -> Result<Option<Arc<AppClient>>> {
        let key = (pool.id.clone(), id.clone());
        recall(&self.clients, &key, || app_client::get(db, pool, id)).await
    }

    /// The document that a client is described by, where it is remembered.
    pub(crate) async fn document(&self, id: &AppClientId, chosen_by: ChosenBy) -> Option<Arc<Document>> {
        self.documents.get(&(id.clone(), chosen_by)).await
    }

    /// The same, fetched once for everybody who waits.
    pub(crate) async fn fetched_document(
        &self,
        id: &AppClientId,
        chosen_by: ChosenBy,
        fetch: impl Future<Output = Result<Document>>,
    ) -> Result<Arc<Document>> {
        let fetch = async { fetch.await.map(Arc::new) };
        let fetched = Box::pin(self.documents.try_get_with((id.clone(), chosen_by), fetch)).await;
        fetched.map_err(|error| of_everybody(&error, "a document"))
    }

    /// A session of a pool. Its user is read with it, and remembered too.
    pub(crate) async fn session(
        &self,
        db: &Db,
        pool: &UserPoolId,
        id: UserSessionId,
    ) -> Result<Option<Arc<UserSession>>> {
        let load = async || {
            let Some((session, user)) = self.reading.read(db, pool, id).await? else { return Ok(None) };
            self.users.insert((pool.clone(), user.id), Arc::new(user)).await;
            Ok(Some(session))
        };
        recall(&self.sessions, &(pool.clone(), id), load).await
    }

    /// A session of a pool and its user as they are now, whatever is remembered.
    pub(crate) async fn read_session(
        &self,
        db: &Db,
        pool: &UserPoolId,
        id: UserSessionId,
    ) -> Result<Option<(UserSession, User)>> {
        Ok(self.reading.read(db, pool, id).await?)
    }

    /// A user of a pool.
    pub(crate) async fn user(&self, db: &Db, pool: &UserPoolId, id: UserId) -> Result<Option<Arc<User>>> {
        recall(&self.users, &(pool.clone(), id), || user::get(db, pool, id)).await
    }

    /// The enabled access key of that public id.
    pub(crate) async fn signer(&self, db: &Db, id: &str) -> Result<Option<Arc<Signer>>> {
        recall(&self.signers, &id.to_owned(), || access_key::signer(db, id)).await
    }

    /// A resource server of a pool by its identifier.
    pub(crate) async fn resource_server(
        &self,
        db: &Db,
        pool: &UserPool,
        identifier: &str,
    ) -> Result<Option<Arc<Record<ResourceServer>>>> {
        let key = (pool.id.clone(), identifier.to_owned());
        recall(&self.resource_servers, &key, || record::get(db, pool, identifier)).await
    }

    /// The domain of that name.
    pub(crate) async fn domain(&self, db: &Db, name: &str) -> Result<Arc<Option<Domain>>> {
        let load = async || domain::by_name(db, name).await.map(Some);
        Ok(recall(&self.domains_by_name, &name.to_owned(), load).await?.unwrap_or_default())
    }

    /// The domains of a pool.
    pub(crate) async fn domains(&self, db: &Db, pool: &UserPool) -> Result<Arc<Domains>> {
        let load = async || Ok(Some(Domains::from(domain::of_pool(db, &pool.id).await?)));
        Ok(recall(&self.domains, &pool.id, load).await?.unwrap_or_default())
    }

    /// When what a client's pages look like last changed. What this process changes is not forgotten: one of a pool's records is
    /// about all of its clients.
    pub(crate) async fn stamps(
        &self,
        db: &Db,
        pool: &UserPoolId,
        client: &AppClientId,
        kinds: &[&str],
    ) -> Result<Arc<Vec<Stamp>>> {
        let load = async || record::stamps(db, pool, client, kinds).await.map(Some);
        Ok(recall(&self.stamps, &(pool.clone(), client.clone()), load).await?.unwrap_or_default())
    }

    /// What is made from what changed then, once for everybody who waits.
    pub(crate) async fn look(
        &self,
        pool: &UserPoolId,
        stamp: &Stamp,
        make: impl Future<Output = Result<Look>>,
    ) -> Result<Arc<Look>> {
        let key = (pool.clone(), stamp.clone());
        if let Some(look) = self.looks.get(&key).await {
            return Ok(look);
        }
        let make = async { make.await.map(Arc::new) };
        let made = Box::pin(self.looks.try_get_with(key, make)).await;
        made.map_err(|error| of_everybody(&error, "a look"))
    }

    /// A pool's signing keys, parsed. They never change once made.
    pub(crate) async fn keys(&self, db: &Db, pool: &UserPool) -> Result<Arc<PoolKeys>> {
        let load = async {
            let stored = signing_key::list(db, pool).await.map_err(Error::from)?;
            PoolKeys::parse(&stored).map(Arc::new)
        };
        let of = (pool.id.clone(), pool.created_at);
        if let Some(keys) = self.keys.get(&of).await {
            return Ok(keys);
        }
        let loaded = Box::pin(self.keys.try_get_with(of, load)).await;
        loaded.map_err(|error| of_everybody(&error, "signing keys"))
    }

    /// A token, by its digest, whose signature has held before.
    pub(crate) async fn verified_token(&self, digest: &[u8; 32]) -> Option<Arc<verify::Signed>> {
        self.verified_tokens.get(digest).await
    }

    /// Remembers that a token's signature holds.
    pub(crate) async fn remember_verified_token(&self, digest: [u8; 32], signed: Arc<verify::Signed>) {
        self.verified_tokens.insert(digest, signed).await;
    }

    /// Forgets a pool that was changed or deleted.
    pub(crate) async fn forget_user_pool(&self, id: &UserPoolId) {
        self.user_pools.invalidate(id).await;
    }

    /// Forgets a client that was changed or deleted.
    pub(crate) async fn forget_client(&self, pool: &UserPoolId, id: &AppClientId) {
        self.clients.invalidate(&(pool.clone(), id.clone())).await;
    }

    /// Forgets a document that does not do.
    pub(crate) async fn forget_document(&self, id: &AppClientId, chosen_by: ChosenBy) {
        self.documents.invalidate(&(id.clone(), chosen_by)).await;
    }

    /// Forgets a resource server that was changed or deleted.
    pub(crate) async fn forget_resource_server(&self, pool: &UserPoolId, identifier: &str) {
        self.resource_servers.invalidate(&(pool.clone(), identifier.to_owned())).await;
    }

    /// Forgets a domain of a pool that was created, changed or deleted.
    pub(crate) async fn forget_domain(&self, pool: &UserPoolId, name: &str) {
        self.domains.invalidate(pool).await;
        self.domains_by_name.invalidate(name).await;
    }

    /// Forgets a user who was changed, which ends the sessions that the change ended.
    pub(crate) async fn forget_user(&self, pool: &UserPoolId, id: UserId) {
        self.users.invalidate(&(pool.clone(), id)).await;
    }

    /// Forgets a session that has ended.
    pub(crate) async fn forget_session(&self, pool: &UserPoolId, id: UserSessionId) {
        self.sessions.invalidate(&(pool.clone(), id)).await;
    }
}
