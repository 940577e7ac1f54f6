//! What the pages say in an owner's own words: of one client, or of all that say nothing else, in a language.
//!
//! What the words are written in is the pages' to read; here they are a text.

use cognate_store::record::{self, Kind, Record, Stamp};
use cognate_store::{AppClientId, Constraint, UserPool};
use serde::{Deserialize, Serialize};

use crate::ui_customization::ALL;
use crate::{App, Error, Result, app_client, look};

/// The words of an owner in a language.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PageTexts {
    /// Whose: a client's id, or [`ALL`].
    pub owner: String,
    /// The language's tag.
    pub language: String,
    /// The words, as they were given.
    pub catalogue: String,
}

impl Kind for PageTexts {
    const NAME: &'static str = "page_texts";
}

fn id(owner: &str, language: &str) -> String {
    format!("{owner}/{language}")
}

fn owner(client: Option<&AppClientId>) -> &str {
    client.map_or(ALL, AppClientId::as_str)
}

/// Sets the words of a client in a language, or of all, in place of those that are there.
///
/// # Errors
/// [`Error::AppClientNotFound`].
pub async fn set(
    app: &App,
    pool: &UserPool,
    client: Option<&AppClientId>,
    language: &str,
    catalogue: String,
) -> Result<()> {
    if let Some(client) = client {
        app_client::get(app, pool, client).await?;
    }
    let owner = owner(client);
    let texts = PageTexts { owner: owner.to_owned(), language: language.to_owned(), catalogue };
    let put = record::put(&app.db, pool, &id(owner, language), client, texts, app.clock.now()).await;
    put.map(|_| ()).map_err(|error| match (error, client) {
        (cognate_store::Error::Refused(Constraint::ParentGone), Some(client)) => {
            Error::AppClientNotFound(client.clone())
        }
        (error, _) => error.into(),
    })
}

/// All words of a pool and its clients.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, pool: &UserPool) -> Result<Vec<Record<PageTexts>>> {
    Ok(record::list(&app.db, pool, None, i64::MAX).await?)
}

/// Takes the words of a client, or of all, in a language away; whether there were any.
///
/// # Errors
/// When the database does not answer.
pub async fn remove(
    app: &App,
    pool: &UserPool,
    client: Option<&AppClientId>,
    language: &str,
) -> Result<bool> {
    Ok(record::delete::<PageTexts>(&app.db, &pool.id, &id(owner(client), language)).await?)
}

/// When the words last changed that the pages of a client have in a language, its own first. A change shows within a second.
///
/// # Errors
/// When the database does not answer.
pub async fn stamps(
    app: &App,
    pool: &UserPool,
    client: Option<&AppClientId>,
    language: &str,
) -> Result<Vec<Stamp>> {
    let seen = look::stamps(app, pool, client).await?;
    let of = |owner: &str| {
        let id = id(owner, language);
        seen.iter().find(|it| it.kind == PageTexts::NAME && it.id == id).cloned()
    };
    let own = client.and_then(|client| of(client.as_str()));
    Ok(own.into_iter().chain(of(ALL)).collect())
}

/// The words that changed then, as they were given.
///
/// # Errors
/// When the database does not answer.
pub async fn catalogue(app: &App, pool: &UserPool, stamp: &Stamp) -> Result<Option<String>> {
    let found: Option<Record<PageTexts>> = record::get(&app.db, pool, &stamp.id).await?;
    Ok(found.map(|found| found.body.catalogue))
}
