//! Terms documents: where a client's terms of use and privacy policy are, in which language.

use std::collections::BTreeMap;

use cognate_store::record::{self, Kind, Record};
use cognate_store::{AppClientId, Constraint, UserPool, UserPoolId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{App, Error, PageToken, Result, app_client, page};

/// The most terms of a pool: two for each of the clients that Cognito has in one.
const MOST: i64 = 2000;

/// Which document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Name {
    /// What users agree to.
    TermsOfUse,
    /// What is done with what they tell.
    PrivacyPolicy,
}

impl Name {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TermsOfUse => "terms-of-use",
            Self::PrivacyPolicy => "privacy-policy",
        }
    }

    /// Reads the name on the wire.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`].
    pub fn parse(name: &str) -> Result<Self> {
        let known = [Self::TermsOfUse, Self::PrivacyPolicy].into_iter().find(|known| known.as_str() == name);
        known.ok_or_else(|| Error::invalid("TermsName must be terms-of-use or privacy-policy."))
    }
}

/// A client's document of one name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Terms {
    /// Which document it is.
    pub name: Name,
    /// Its addresses by language (`cognito:english`); `cognito:default` serves every other one.
    pub links: BTreeMap<String, String>,
}

impl Kind for Terms {
    const NAME: &'static str = "terms";

    /// A client has each document once.
    fn slot(&self) -> Option<&str> {
        Some(self.name.as_str())
    }
}

/// What those who sign up agree to, and where it is told what is done with what they tell.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// The address of the terms of use.
    pub terms_of_use: String,
    /// The address of the privacy policy.
    pub privacy_policy: String,
}

/// What those who sign up with a client agree to, for readers of a language (BCP 47): nothing unless it has both documents.
///
/// # Errors
/// When the database does not answer.
pub async fn agreement(
    app: &App,
    pool: &UserPool,
    client: &AppClientId,
    language: &str,
) -> Result<Option<Agreement>> {
    let documents: Vec<Record<Terms>> = record::of_client(&app.db, pool, client).await?;
    let link = |name: Name| {
        let links = &documents.iter().find(|it| it.body.name == name)?.body.links;
        let own = language_key(language).and_then(|key| links.get(key));
        own.or_else(|| links.get(DEFAULT)).or_else(|| links.values().next()).cloned()
    };
    let both = link(Name::TermsOfUse).zip(link(Name::PrivacyPolicy));
    Ok(both.map(|(terms_of_use, privacy_policy)| Agreement { terms_of_use, privacy_policy }))
}

/// What the address for readers of any other language is called.
const DEFAULT: &str = "cognito:default";

/// What the address for readers of a language is called.
fn language_key(tag: &str) -> Option<&'static str> {
    Some(match tag {
        "de" => "cognito:german",
        "en" => "cognito:english",
        "es" => "cognito:spanish",
        "fr" => "cognito:french",
        "id" => "cognito:bahasa-indonesia",
        "it" => "cognito:italian",
        "ja" => "cognito:japanese",
        "ko" => "cognito:korean",
        "nl" => "cognito:dutch",
        "pt-BR" => "cognito:portuguese-brazil",
        "zh-CN" => "cognito:chinese-simplified",
        "zh-TW" => "cognito:chinese-traditional",
        _ => return None,
    })
}

/// The addresses become links on our pages, so they must be addresses of pages, and not scripts.
fn check(links: &BTreeMap<String, String>) -> Result<()> {
    for (language, link) in links {
        let url = url::Url::parse(link).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
        if !url.is_some_and(|url| url.has_host() && url.username().is_empty() && url.password().is_none()) {
            return Err(Error::invalid(format!("The link of {language} is not a URL of a web page.")));
        }
    }
    Ok(())
}

fn refused(error: cognate_store::Error) -> Error {
    match error {
        cognate_store::Error::Refused(Constraint::RecordExists) => Error::TermsExist,
        other => other.into(),
    }
}

/// Gives a client a document.
///
/// # Errors
/// [`Error::AppClientNotFound`], [`Error::TermsExist`], [`Error::TooMany`], [`Error::InvalidParameter`].
pub async fn create(app: &App, pool: &UserPool, client: &AppClientId, terms: Terms) -> Result<Record<Terms>> {
    app_client::get(app, pool, client).await?;
    if terms.links.is_empty() {
        return Err(Error::invalid("Links must be given when TermsSource is LINK."));
    }
    check(&terms.links)?;
    let (id, now) = (Uuid::new_v4().to_string(), app.clock.now());
    let inserted = record::insert(&app.db, pool, &id, Some(client), terms, MOST, now).await;
    inserted.map_err(|error| match error {
        cognate_store::Error::Stale => Error::TooMany("terms documents"),
        other => refused(other),
    })
}

/// A document by its id.
///
/// # Errors
/// [`Error::TermsNotFound`].
pub async fn get(app: &App, pool: &UserPool, id: &str) -> Result<Record<Terms>> {
    record::get(&app.db, pool, &id.to_ascii_lowercase()).await?.ok_or(Error::TermsNotFound)
}

/// A client's document of a name.
///
/// # Errors
/// [`Error::AppClientNotFound`], [`Error::TermsNotFound`].
pub async fn of_client(
    app: &App,
    pool: &UserPool,
    client: &AppClientId,
    name: Name,
) -> Result<Record<Terms>> {
    app_client::get(app, pool, client).await?;
    let documents: Vec<Record<Terms>> = record::of_client(&app.db, pool, client).await?;
    documents.into_iter().find(|terms| terms.body.name == name).ok_or(Error::TermsNotFound)
}

/// One page of a pool's documents.
///
/// # Errors
/// [`Error::InvalidParameter`] for a page token that is not ours.
pub async fn list(
    app: &App,
    pool: &UserPool,
    limit: i32,
    token: Option<&str>,
) -> Result<(Vec<Record<Terms>>, Option<PageToken>)> {
    let after: Option<String> = page::position_in_pool(pool, "terms", token)?;
    let documents = record::list(&app.db, pool, after.as_deref(), i64::from(limit) + 1).await?;
    page::cut(documents, limit, |last: &Record<Terms>| page::in_pool(pool, "terms", &last.id))
}

/// Changes what is given of a document, and keeps the rest.
///
/// # Errors
/// [`Error::TermsNotFound`], [`Error::TermsExist`] when the client has one of the new name,
/// [`Error::ConcurrentModification`], [`Error::InvalidParameter`].
pub async fn update(
    app: &App,
    pool: &UserPool,
    id: &str,
    name: Option<Name>,
    links: Option<BTreeMap<String, String>>,
) -> Result<Record<Terms>> {
    let now = app.clock.now();
    let known = get(app, pool, id).await?;
    let terms = Terms {
        name: name.unwrap_or(known.body.name),
        links: links.unwrap_or_else(|| known.body.links.clone()),
    };
    check(&terms.links)?;
    record::update(&app.db, pool, &known, terms, now).await.map_err(refused)
}

/// Deletes a document.
///
/// # Errors
/// [`Error::TermsNotFound`].
pub async fn delete(app: &App, pool: &UserPoolId, id: &str) -> Result<()> {
    match record::delete::<Terms>(&app.db, pool, &id.to_ascii_lowercase()).await? {
        true => Ok(()),
        false => Err(Error::TermsNotFound),
    }
}
