//! Clients that describe themselves: the id of such a client is the URL of a document that says what it is (OAuth Client ID Metadata
//! Document, draft-ietf-oauth-client-id-metadata-document).
//!
//! Nothing is kept of a client before somebody signs in through it. From then on it is a row like another's, which is made anew from
//! its document when somebody signs in again.

use std::sync::Arc;
use std::time::Duration;

use cognate_store::app_client::Registration;
use cognate_store::{AppClient, AppClientId, UserPool, app_client};
use mime::Mime;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::Value;
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
/// How many documents may be fetched in an hour for nobody knows whom (LCK-4), for each network and for all.
const OF_NETWORK: i32 = 200;
const IN_AN_HOUR: i32 = 2000;
/// What they are counted as.
const FETCH: &str = "fetch client document";

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
    options::fetches_from(pool, url(id)?.host_str()?)
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
    let fetch = fetch(app, pool, id, chosen_by, origin);
    let document = app.caches.document(id, chosen_by, fetch).await.inspect_err(|error| {
        if let Error::InvalidClientDocument(why) = error {
            tracing::info!(user_pool = %pool.id, client = %id, why, "a client's document does not do");
        }
    })?;
    let described = registration::described(app, pool, Registration::Described, &document.metadata).await;
    let (settings, _) = described.map_err(|refused| match refused {
        Refused::RedirectUri(why) | Refused::Metadata(why) => Error::InvalidClientDocument(why),
        Refused::Failed(error) => error,
        other => Error::internal(format!("a document is refused: {other:?}")),
    })?;
    let now = app.clock.now();
    Ok(Arc::new(AppClient {
        id: id.clone(),
        user_pool: pool.id.clone(),
        name: name(id, &document.metadata),
        settings,
        secrets: Vec::new(),
        created_at: now,
        updated_at: now,
    }))
}

/// What a client calls itself, and whose word that is: the name of its host is proven.
fn name(id: &AppClientId, metadata: &Metadata) -> String {
    let url = url(id);
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    match registration::name(metadata) {
        Some(name) => format!("{name} ({host})"),
        None => host.to_owned(),
    }
}

async fn fetch(
    app: &App,
    pool: &UserPool,
    id: &AppClientId,
    chosen_by: ChosenBy,
    origin: &Origin,
) -> Result<Document> {
    if chosen_by == ChosenBy::Anybody {
        network_budget::count_with_all(app, pool, origin, FETCH, (OF_NETWORK, IN_AN_HOUR)).await?;
    }
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

/// Keeps a client that describes itself, as somebody signs in through it: what comes of that refers to it.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn keep(app: &App, context: &ClientContext) -> Result<()> {
    let ClientContext { pool, client, .. } = context;
    if client.settings.registration != Some(Registration::Described) {
        return Ok(());
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
