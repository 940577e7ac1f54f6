//! Clients that describe themselves: the id of such a client is the URL of a document that says what it is (OAuth Client ID Metadata
//! Document, draft-ietf-oauth-client-id-metadata-document).
//!
//! Nothing is kept of a client before somebody signs in through it. From then on it is a row like another's, which is made anew from
//! its document when somebody signs in again.

use std::sync::Arc;
use std::time::Duration;

use cognate_store::app_client::Registration;
use cognate_store::{AppClient, AppClientId, User, UserPool, app_client, attempt};
use mime::Mime;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Semaphore;
use url::Url;

use super::ClientContext;
use super::registration::{self, Metadata, Refused};
use crate::origin::Origin;
use crate::outbound::{ChosenBy, Wanted};
use crate::{App, Error, Result, network_budget, options};

/// The longest id, which has to be carried from page to page.
const LONGEST: usize = 512;
/// The largest document (section 6.6).
const LARGEST: usize = 5 * 1024;
const FETCH_TIME: Duration = Duration::from_secs(5);
/// How many documents of clients that are not kept may be fetched in an hour (LCK-4): for each network, and for all of a pool where
/// anybody names the host.
const OF_NETWORK: i32 = 200;
const IN_AN_HOUR: i32 = 2000;
/// What they are counted as.
const FETCH: &str = "fetch client document";
/// How many of clients that are kept, for each network: more, as their ids are not made up, but whoever owns one's host may have it
/// answer slowly or never.
const OF_NETWORK_KEPT: i32 = 1000;
const FETCH_KEPT: &str = "fetch kept client document";
/// How many are fetched at once, whoever waits: a name that does not resolve holds a thread up.
const AT_ONCE: usize = 32;
static FETCHES: Semaphore = Semaphore::const_new(AT_ONCE);
/// Of how many new clients one user may be the first in a day, by which a pool comes to keep them.
const OF_USER: i32 = 20;
const KEEP: &str = "keep client document";

/// What a document says.
#[derive(Debug, Deserialize)]
pub(crate) struct Document {
    client_id: String,
    client_secret: Option<Value>,
    client_secret_expires_at: Option<Value>,
    #[serde(flatten)]
    metadata: Metadata,
}

/// Whether an id is that of a client which describes itself.
pub(crate) fn is_url(id: &AppClientId) -> bool {
    id.as_str().contains("://")
}

/// Whether a pool lets a client describe itself, and on whose word its document is fetched.
pub(crate) fn admitted(pool: &UserPool, id: &AppClientId) -> Option<ChosenBy> {
    options::fetches_from(pool, &url(id)?)
}

/// An id as the URL that it is, if it may be one (section 3): `https`, or `http` where the operator lets URLs be that; written
/// as a URL parser writes it, so that two ids are not one URL.
fn url(id: &AppClientId) -> Option<Url> {
    let url = Url::parse(id.as_str()).ok()?;
    let is_plain = url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    let is_exact = url.as_str() == id.as_str() && id.as_str().len() <= LONGEST;
    (matches!(url.scheme(), "https" | "http") && is_plain && is_exact).then_some(url)
}

/// The client that a document describes, as it is now or some minutes ago, for a caller at that place.
///
/// # Errors
/// [`Error::AppClientNotFound`] where the pool does not let it describe itself; [`Error::InvalidClientDocument`] where there is none
/// or it says what cannot be; [`Error::AttemptLimit`].
pub(crate) async fn read(
    app: &App,
    pool: &UserPool,
    id: &AppClientId,
    origin: &Origin,
) -> Result<Arc<AppClient>> {
    let chosen_by = admitted(pool, id).ok_or_else(|| Error::AppClientNotFound(id.clone()))?;
    let described = match document(app, pool, id, chosen_by, origin).await {
        Ok(document) => described(app, pool, id, &document).await,
        Err(error) => Err(error),
    };
    if let Err(Error::InvalidClientDocument(why)) = &described {
        tracing::info!(user_pool = %pool.id, client = %id, why, "a client's document does not do");
        // Whoever mends it is not to wait.
        app.caches.forget_document(id, chosen_by).await;
    }
    described.map(Arc::new)
}

/// A document that is remembered, or is fetched where whoever asks has any left (LCK-4).
async fn document(
    app: &App,
    pool: &UserPool,
    id: &AppClientId,
    chosen_by: ChosenBy,
    origin: &Origin,
) -> Result<Arc<Document>> {
    if let Some(document) = app.caches.document(id, chosen_by).await {
        return Ok(document);
    }
    count(app, pool, id, chosen_by, origin).await?;
    app.caches.fetched_document(id, chosen_by, fetch(app, id, chosen_by)).await
}

/// The client that it is at a pool by its document.
async fn described(app: &App, pool: &UserPool, id: &AppClientId, document: &Document) -> Result<AppClient> {
    let described = registration::described(app, pool, Registration::Described, &document.metadata).await;
    let (settings, _) = described.map_err(|refused| match refused {
        Refused::RedirectUri(why) | Refused::Metadata(why) => Error::InvalidClientDocument(why),
        Refused::Failed(error) => error,
        other => Error::internal(format!("a document is refused: {other:?}")),
    })?;
    let now = app.clock.now();
    Ok(AppClient {
        id: id.clone(),
        user_pool: pool.id.clone(),
        name: name(id, &document.metadata),
        settings,
        secrets: Vec::new(),
        created_at: now,
        updated_at: now,
    })
}

/// The name of a client's host, which is proven, and what it calls itself.
fn name(id: &AppClientId, metadata: &Metadata) -> String {
    let url = url(id);
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    match registration::name(metadata) {
        Some(name) => format!("{host} ({name})"),
        None => host.to_owned(),
    }
}

/// Counts a fetch for whoever asks.
async fn count(
    app: &App,
    pool: &UserPool,
    id: &AppClientId,
    chosen_by: ChosenBy,
    origin: &Origin,
) -> Result<()> {
    if app.caches.client(&app.db, pool, id).await?.is_some() {
        return network_budget::count(app, pool, origin, FETCH_KEPT, OF_NETWORK_KEPT).await;
    }
    match chosen_by {
        ChosenBy::Anybody => {
            network_budget::count_with_all(app, pool, origin, FETCH, (OF_NETWORK, IN_AN_HOUR)).await
        }
        ChosenBy::Tenant | ChosenBy::Operator => {
            network_budget::count(app, pool, origin, FETCH, OF_NETWORK).await
        }
    }
}

async fn fetch(app: &App, id: &AppClientId, chosen_by: ChosenBy) -> Result<Document> {
    let _turn = FETCHES.try_acquire().map_err(|_| Error::Busy)?;
    let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
    let wanted = Wanted { time: FETCH_TIME, largest: LARGEST };
    let answer = app.functions.outbound().get((id.as_str(), chosen_by), headers, wanted).await;
    let wrong = |why: String| Error::InvalidClientDocument(why);
    let answer = answer.map_err(|failure| wrong(failure.to_string()))?;
    if answer.status != 200 {
        return Err(wrong(format!("it is answered with {}", answer.status)));
    }
    if !answer.content_type.as_ref().is_some_and(is_json) {
        return Err(wrong("it is not served as JSON".to_owned()));
    }
    let document: Document =
        serde_json::from_slice(&answer.body).map_err(|error| wrong(error.to_string()))?;
    if document.client_id != id.as_str() {
        return Err(wrong("its client_id is another".to_owned()));
    }
    if document.client_secret.is_some() || document.client_secret_expires_at.is_some() {
        return Err(wrong("it tells a secret".to_owned()));
    }
    Ok(document)
}

/// Whether something is JSON, or something told in it (section 4.1).
fn is_json(content_type: &Mime) -> bool {
    content_type.type_() == mime::APPLICATION
        && (content_type.subtype() == mime::JSON || content_type.suffix() == Some(mime::JSON))
}

/// Keeps a client that describes itself, as a user signs in through it: what comes of that refers to it.
///
/// # Errors
/// [`Error::AttemptLimit`] where the pool has as many as it may, or the user is the first of too many.
pub(crate) async fn keep(app: &App, context: &ClientContext, user: &User) -> Result<()> {
    let ClientContext { pool, client, .. } = context;
    if client.settings.registration != Some(Registration::Described) {
        return Ok(());
    }
    if app.caches.client(&app.db, pool, &client.id).await?.is_none() {
        let (day, now) = (chrono::Duration::days(1), app.clock.now());
        let first_of = attempt::count(&app.db, &pool.id, user.id.as_uuid(), KEEP, day, now).await?;
        let kept = app_client::count_registered(&app.db, &pool.id, Registration::Described).await?;
        if first_of > OF_USER || kept >= registration::MOST {
            return Err(Error::AttemptLimit);
        }
    }
    if app_client::keep_described(&app.db, client, app.clock.now()).await? {
        app.caches.forget_client(&pool.id, &client.id).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_urls_in_one_form() {
        let fits = |id: &str| url(&AppClientId::new(id)).is_some();
        for good in [
            "https://app.example.com/client.json",
            "https://app.example.com/",
            "https://app.example.com:8443/a?b=c",
            "https://xn--bcher-kva.example/c",
        ] {
            assert!(fits(good), "{good}");
        }
        for bad in [
            "1example23456789",
            "https://app.example.com",
            "https://APP.example.com/client.json",
            "https://app.example.com:443/client.json",
            "https://app.example.com/a/../client.json",
            "https://app.example.com/./client.json",
            "https://app.example.com/client.json#x",
            "https://me@app.example.com/client.json",
            "https://:secret@app.example.com/client.json",
            "https://bücher.example/c",
            "https://app.example.com/a b",
            "ftp://app.example.com/client.json",
            "javascript://app.example.com/%0aalert(1)",
            &format!("https://app.example.com/{}", "a".repeat(LONGEST)),
        ] {
            assert!(!fits(bad), "{bad}");
        }
    }

    #[test]
    fn documents_are_json() {
        let is_json = |text: &str| is_json(&text.parse().unwrap());
        for json in ["application/json", "application/json; charset=utf-8", "application/oauth-client+json"] {
            assert!(is_json(json), "{json}");
        }
        assert!(!is_json("text/html") && !is_json("text/json") && !is_json("application/jsonp"));
    }
}
