//! App clients: creating, reading, changing and deleting them, and who speaks for one.

pub(crate) mod document;
pub(crate) mod redirect_url;
pub mod registration;
pub mod secret_hash;
pub mod settings;

use std::sync::Arc;

use cognate_store::app_client::{AppClientSummary, ClientSecret};
use cognate_store::{AppClient, AppClientId, AppClientSettings, Timestamp, UserPool, UserPoolId, app_client};
use secrecy::SecretString;
pub use secret_hash::Hashed;
use serde::{Deserialize, Serialize};

use crate::device::Claimed;
use crate::origin::Origin;
use crate::trigger::Metadata;
use crate::{App, Error, PageToken, Result, page, random};

/// Where users meet a client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Door {
    /// The client asks for everything itself, through the API.
    #[default]
    Api,
    /// The pool's own pages, in the user's browser: the client is told the outcome.
    Pages,
}

/// A client that somebody named, its pool, and where they are.
#[derive(Debug, Clone)]
pub struct ClientContext {
    /// The pool the client belongs to.
    pub pool: Arc<UserPool>,
    /// The client.
    pub client: Arc<AppClient>,
    /// Where whoever speaks through it is, as far as is known.
    pub origin: Origin,
    /// The device that they sign in from, as it says.
    pub device: Claimed,
    /// What the request brings for the pool's functions.
    pub metadata: Metadata,
    /// Where the user is met.
    pub door: Door,
}

impl ClientContext {
    /// A client that is met at the API, of which nothing else is known.
    fn new(pool: Arc<UserPool>, client: Arc<AppClient>, origin: Origin) -> Self {
        let (device, metadata, door) = (Claimed::Untracked, Metadata::default(), Door::Api);
        Self { pool, client, origin, device, metadata, door }
    }

    /// The same, met at the pool's own pages.
    #[must_use]
    pub fn at_pages(self) -> Self {
        Self { door: Door::Pages, ..self }
    }

    /// Whether what the client says of its users' whereabouts is believed: its calls prove that it has a secret.
    pub fn is_believed(&self) -> bool {
        self.client.settings.propagates_user_context && !self.client.secrets.is_empty()
    }

    /// Whether unknown users are answered like known ones (ENU-1).
    pub(crate) fn hides_users(&self) -> bool {
        self.client.settings.prevent_user_existence_errors == Some(true)
    }
}

/// The client of an id that names no pool, for a caller at that place.
///
/// # Errors
/// [`Error::AppClientNotFound`].
pub async fn by_id(app: &App, id: &AppClientId, origin: Origin) -> Result<ClientContext> {
    let pool = app.caches.pool_of_client(&app.db, id).await?;
    in_pool(app, pool, id, origin).await
}

/// The client of that id at a pool's own endpoints, for a caller at that place.
///
/// # Errors
/// [`Error::AppClientNotFound`], for another pool's client as well.
pub async fn of_pool(
    app: &App,
    pool: &UserPoolId,
    id: &AppClientId,
    origin: Origin,
) -> Result<ClientContext> {
    let pool = app.caches.user_pool(&app.db, pool).await?;
    in_pool(app, pool, id, origin).await
}

async fn in_pool(
    app: &App,
    pool: Option<Arc<UserPool>>,
    id: &AppClientId,
    origin: Origin,
) -> Result<ClientContext> {
    let not_found = || Error::AppClientNotFound(id.clone());
    let pool = pool.ok_or_else(not_found)?;
    let client = known(app, &pool, id).await?.ok_or_else(not_found)?;
    Ok(ClientContext::new(pool, client, origin))
}

/// The client of that id that wants somebody to sign in, for a caller at that place: one that describes itself as its document says.
///
/// # Errors
/// [`Error::AppClientNotFound`]; [`Error::InvalidClientDocument`], [`Error::AttemptLimit`].
pub async fn asking(app: &App, pool: &UserPoolId, id: &AppClientId, origin: Origin) -> Result<ClientContext> {
    let pool = app.caches.user_pool(&app.db, pool).await?;
    match pool {
        Some(pool) if document::is_url(id) => {
            let client = document::read(app, &pool, id, &origin).await?;
            Ok(ClientContext::new(pool, client, origin))
        }
        pool => in_pool(app, pool, id, origin).await,
    }
}

/// A pool's client, as it was a moment ago; one that described itself, as it was when somebody last signed in through it, and for as
/// long as the pool lets it.
///
/// # Errors
/// When the database does not answer.
pub async fn known(app: &App, pool: &UserPool, id: &AppClientId) -> Result<Option<Arc<AppClient>>> {
    if document::is_url(id) && document::admitted(pool, id).is_none() {
        return Ok(None);
    }
    app.caches.client(&app.db, pool, id).await
}

/// A client of a pool, for the pool's owner.
///
/// # Errors
/// [`Error::AppClientNotFound`].
pub async fn get(app: &App, pool: &UserPool, id: &AppClientId) -> Result<AppClient> {
    app_client::get(&app.db, pool, id).await?.ok_or_else(|| Error::AppClientNotFound(id.clone()))
}

/// A client's secret, where it has one.
#[derive(Debug)]
pub enum Secret {
    /// A public client.
    None,
    /// One of ours.
    Generated,
    /// The owner's.
    Given(SecretString),
}

/// Creates a client, with an id of its owner's where one is given.
///
/// # Errors
/// [`Error::InvalidParameter`] for settings that do not fit the pool, or an id that is taken.
pub async fn create(
    app: &App,
    pool: &UserPool,
    id: Option<AppClientId>,
    name: String,
    secret: Secret,
    settings: AppClientSettings,
) -> Result<AppClient> {
    let now = app.clock.now();
    let confidential = !matches!(secret, Secret::None);
    settings::check(pool, &settings, confidential, "creating")?;
    settings::check_references(app, pool, &settings).await?;
    let id = match id {
        Some(id) => id,
        None => AppClientId::new(random::text(random::BASE32, 26)?),
    };
    let secrets = match secret {
        Secret::None => Vec::new(),
        Secret::Generated => vec![new_secret(&id, generate_secret()?, now)],
        Secret::Given(secret) => vec![new_secret(&id, secret, now)],
    };
    let client = AppClient {
        id,
        user_pool: pool.id.clone(),
        name,
        settings,
        secrets,
        created_at: now,
        updated_at: now,
    };
    app_client::insert(&app.db, pool, &client).await?;
    Ok(client)
}

/// The most secrets a client has at once: an old one and its successor.
const MOST_SECRETS: i64 = 2;

fn generate_secret() -> Result<SecretString> {
    Ok(random::text(random::BASE32, 52)?.into())
}

fn new_secret(client: &AppClientId, value: SecretString, now: Timestamp) -> ClientSecret {
    ClientSecret { id: format!("{client}--{}", now.timestamp_micros()), value, created_at: now }
}

/// Gives a client a second secret, so that it can change from one to the other without a failed request. A public client
/// stays one: a first secret would lock its users out.
///
/// # Errors
/// [`Error::AppClientNotFound`], [`Error::TooManySecrets`], [`Error::InvalidParameter`].
pub async fn add_secret(
    app: &App,
    pool: &UserPool,
    id: &AppClientId,
    given: Option<SecretString>,
) -> Result<ClientSecret> {
    let client = get(app, pool, id).await?;
    refuse_registered(&client)?;
    if client.secrets.is_empty() {
        return Err(Error::invalid("Secrets can only be added to a client that was created with one."));
    }
    let value = given.map_or_else(generate_secret, Ok)?;
    let secret = new_secret(id, value, app.clock.now());
    let added = app_client::add_secret(&app.db, pool, id, &secret, MOST_SECRETS).await;
    added.map_err(|error| match error {
        cognate_store::Error::Stale => Error::TooManySecrets,
        other => other.into(),
    })?;
    app.caches.forget_client(&pool.id, id).await;
    Ok(secret)
}

/// The secret of a client that registered itself is its own affair.
fn refuse_registered(client: &AppClient) -> Result<()> {
    match client.settings.registration {
        Some(_) => Err(Error::invalid("Secrets of a client that registered itself cannot be changed.")),
        None => Ok(()),
    }
}

/// Takes one of a client's two secrets away.
///
/// # Errors
/// [`Error::AppClientNotFound`], [`Error::SecretNotFound`], [`Error::LastSecret`].
pub async fn delete_secret(app: &App, pool: &UserPool, id: &AppClientId, secret: &str) -> Result<()> {
    refuse_registered(&get(app, pool, id).await?)?;
    let deleted = app_client::delete_secret(&app.db, &pool.id, id, secret).await;
    let deleted = deleted.map_err(|error| match error {
        cognate_store::Error::Stale => Error::LastSecret,
        other => other.into(),
    })?;
    if !deleted {
        return Err(Error::SecretNotFound);
    }
    app.caches.forget_client(&pool.id, id).await;
    Ok(())
}

/// How often a change is decided anew because the client changed meanwhile.
const ATTEMPTS: usize = 3;

/// Replaces a client's name and settings, decided from the ones it has.
///
/// # Errors
/// [`Error::AppClientNotFound`], [`Error::Busy`] when others keep changing it, or what the decision says.
pub(crate) async fn reconfigure(
    app: &App,
    pool: &UserPool,
    id: &AppClientId,
    decide: impl Fn(&AppClient) -> Result<(String, AppClientSettings)>,
) -> Result<()> {
    for _ in 0..ATTEMPTS {
        let now = app.clock.now();
        let client = get(app, pool, id).await?;
        let (name, settings) = decide(&client)?;
        match app_client::update(&app.db, &client, &name, &settings, now).await {
            Err(cognate_store::Error::Stale) => continue,
            Err(error) => return Err(error.into()),
            Ok(()) => {
                app.caches.forget_client(&pool.id, id).await;
                return Ok(());
            }
        }
    }
    Err(Error::Busy)
}

/// Replaces a client's settings, and its name where one is given. Returns the client as it is then.
///
/// # Errors
/// [`Error::AppClientNotFound`], [`Error::Busy`], or as [`create`].
pub async fn update(
    app: &App,
    pool: &UserPool,
    id: &AppClientId,
    name: Option<String>,
    settings: AppClientSettings,
) -> Result<AppClient> {
    get(app, pool, id).await?;
    settings::check_references(app, pool, &settings).await?;
    reconfigure(app, pool, id, |client| {
        settings::check(pool, &settings, !client.secrets.is_empty(), "updating")?;
        // What has an operation of its own is not part of this one.
        let settings = AppClientSettings {
            sso_session_minutes: client.settings.sso_session_minutes,
            risk: client.settings.risk.clone(),
            options: client.settings.options.clone(),
            registration: client.settings.registration,
            ..settings.clone()
        };
        Ok((name.clone().unwrap_or_else(|| client.name.clone()), settings))
    })
    .await?;
    get(app, pool, id).await
}

/// Deletes a client and ends its sessions.
///
/// # Errors
/// [`Error::AppClientNotFound`].
pub async fn delete(app: &App, pool: &UserPool, id: &AppClientId) -> Result<()> {
    if !app_client::delete(&app.db, &pool.id, id, app.clock.now()).await? {
        return Err(Error::AppClientNotFound(id.clone()));
    }
    app.caches.forget_client(&pool.id, id).await;
    Ok(())
}

/// One page of a pool's clients.
///
/// # Errors
/// [`Error::InvalidParameter`] for a page token that is not ours.
pub async fn list(
    app: &App,
    pool: &UserPool,
    limit: i32,
    token: Option<&str>,
) -> Result<(Vec<AppClientSummary>, Option<PageToken>)> {
    let after: Option<AppClientId> = page::position_in_pool(pool, "app_clients", token)?;
    let clients = app_client::list(&app.db, &pool.id, after.as_ref(), i64::from(limit) + 1).await?;
    page::cut(clients, limit, |last| page::in_pool(pool, "app_clients", &last.id))
}
