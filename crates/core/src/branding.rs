//! Styles of the managed login pages: settings and images, one style for each client.

mod asset;
mod color;
mod palette;
mod settings;
mod sheet;
mod svg;

pub use asset::{Asset, Category, ColorMode};
use std::time::Duration;

use cognate_store::record::{self, Kind, Record};
use cognate_store::{AppClientId, Constraint, UserPool, UserPoolId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
pub use sheet::{Bar, FormLogo, Picture, Sheet};
use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

use crate::{App, Error, Result, app_client};

/// The most styles of a pool: as many as Cognito has clients in one.
const MOST: i64 = 1000;
/// The most images of a style.
const MOST_ASSETS: usize = 40;
/// The most bytes of all images of a style. A style is read, sealed and answered whole, so this bounds memory (RES-5).
const MOST_BYTES: usize = 5_000_000;

/// How many styles are read or written at once, and how many are read for pages beside those.
static AT_ONCE: Semaphore = Semaphore::const_new(4);
static FOR_PAGES: Semaphore = Semaphore::const_new(2);
/// How long a page waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

async fn turn() -> Result<SemaphorePermit<'static>> {
    AT_ONCE.acquire().await.map_err(Error::internal)
}

/// What the pages of a client look like.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Style {
    /// Whether its owner chose the defaults.
    pub uses_defaults: bool,
    /// What its owner set.
    pub settings: Option<Value>,
    /// Its images.
    pub assets: Vec<Asset>,
}

impl Kind for Style {
    const NAME: &'static str = "managed_login_branding";

    /// A client has one style.
    fn slot(&self) -> Option<&str> {
        Some("style")
    }
}

impl Style {
    /// All settings: the owner's, and the defaults where there are none.
    pub fn all_settings(&self) -> Value {
        settings::over_defaults(self.settings.as_ref())
    }

    /// The style as the pages show it.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for settings that mean nothing.
    pub(crate) fn sheet(&self) -> Result<Sheet> {
        Sheet::read(&self.all_settings(), &self.assets)
    }
}

/// What a request says about a style.
#[derive(Debug, Clone)]
pub struct Change {
    /// Whether to use the defaults.
    pub use_defaults: Option<bool>,
    /// Settings to change.
    pub settings: Option<Value>,
    /// Images to add, or to replace.
    pub assets: Option<Vec<Asset>>,
}

impl Change {
    fn check(&self) -> Result<()> {
        let defaults = self.use_defaults == Some(true);
        if defaults && self.settings.is_some() {
            return Err(Error::invalid("Settings cannot be given when UseCognitoProvidedValues is true."));
        }
        if let Some(settings) = &self.settings {
            settings::check(settings)?;
        }
        let assets = self.assets.as_deref().unwrap_or_default();
        for (position, asset) in assets.iter().enumerate() {
            if assets[..position].iter().any(|earlier| asset.replaces(earlier)) {
                return Err(Error::invalid(
                    "Assets has two images of the same category, color mode and resource.",
                ));
            }
            asset.check()?;
        }
        Ok(())
    }

    /// The style after the change. What it does not mention stays, unless the defaults are asked for.
    fn apply(self, style: &Style) -> Result<Style> {
        let mut style = match self.use_defaults {
            Some(true) => Style { uses_defaults: true, settings: None, assets: Vec::new() },
            Some(false) => Style { uses_defaults: false, ..style.clone() },
            None => style.clone(),
        };
        if let Some(patch) = self.settings {
            let merged = style.settings.get_or_insert(Value::Null);
            settings::merge(merged, &patch);
            settings::check(merged)?;
            style.uses_defaults = false;
        }
        for asset in self.assets.into_iter().flatten() {
            style.assets.retain(|known| !asset.replaces(known));
            style.assets.push(asset);
        }
        let bytes: usize = style.assets.iter().map(|asset| asset.bytes.0.len()).sum();
        if style.assets.len() > MOST_ASSETS {
            return Err(Error::invalid(format!("A style can have at most {MOST_ASSETS} assets.")));
        }
        if bytes > MOST_BYTES {
            return Err(Error::invalid(format!(
                "The assets of a style must not be larger than {MOST_BYTES} bytes together on this server."
            )));
        }
        style.sheet()?;
        Ok(style)
    }
}

/// Gives a client its style.
///
/// # Errors
/// [`Error::AppClientNotFound`], [`Error::BrandingExists`], [`Error::TooMany`], [`Error::InvalidParameter`].
pub async fn create(
    app: &App,
    pool: &UserPool,
    client: &AppClientId,
    change: Change,
) -> Result<Record<Style>> {
    app_client::get(app, pool, client).await?;
    change.check()?;
    if change.use_defaults.is_none() && change.settings.is_none() && change.assets.is_none() {
        return Err(Error::invalid("Either UseCognitoProvidedValues or Settings must be given."));
    }
    let _turn = turn().await?;
    let empty = Style { uses_defaults: false, settings: None, assets: Vec::new() };
    let style = change.apply(&empty)?;
    let (id, now) = (Uuid::new_v4().to_string(), app.clock.now());
    let inserted = record::insert(&app.db, pool, &id, Some(client), style, MOST, now).await;
    inserted.map_err(|error| match error {
        cognate_store::Error::Refused(Constraint::RecordExists) => Error::BrandingExists,
        cognate_store::Error::Stale => Error::TooMany("managed login branding styles"),
        other => other.into(),
    })
}

/// A style by its id.
///
/// # Errors
/// [`Error::BrandingNotFound`].
pub async fn get(app: &App, pool: &UserPool, id: &str) -> Result<Record<Style>> {
    let _turn = turn().await?;
    record::get(&app.db, pool, &stored(id)).await?.ok_or(Error::BrandingNotFound)
}

/// A client's style.
///
/// # Errors
/// [`Error::AppClientNotFound`], [`Error::BrandingNotFound`].
pub async fn of_client(app: &App, pool: &UserPool, client: &AppClientId) -> Result<Record<Style>> {
    app_client::get(app, pool, client).await?;
    let _turn = turn().await?;
    record::of_client(&app.db, pool, client).await?.pop().ok_or(Error::BrandingNotFound)
}

/// A client's style, where it has one.
pub(crate) async fn own(app: &App, pool: &UserPool, client: &AppClientId) -> Result<Option<Style>> {
    let turn = tokio::time::timeout(PATIENCE, FOR_PAGES.acquire()).await;
    let _turn = turn.map_err(|_| Error::Busy)?.map_err(Error::internal)?;
    let styles: Vec<Record<Style>> = record::of_client(&app.db, pool, client).await?;
    Ok(styles.into_iter().next().map(|style| style.body))
}

/// Changes a style.
///
/// # Errors
/// [`Error::BrandingNotFound`], [`Error::ConcurrentModification`], [`Error::InvalidParameter`].
pub async fn update(app: &App, pool: &UserPool, id: &str, change: Change) -> Result<Record<Style>> {
    let now = app.clock.now();
    change.check()?;
    let _turn = turn().await?;
    let known: Option<Record<Style>> = record::get(&app.db, pool, &stored(id)).await?;
    let known = known.ok_or(Error::BrandingNotFound)?;
    let style = change.apply(&known.body)?;
    Ok(record::update(&app.db, pool, &known, style, now).await?)
}

/// Deletes a style.
///
/// # Errors
/// [`Error::BrandingNotFound`].
pub async fn delete(app: &App, pool: &UserPoolId, id: &str) -> Result<()> {
    match record::delete::<Style>(&app.db, pool, &stored(id)).await? {
        true => Ok(()),
        false => Err(Error::BrandingNotFound),
    }
}

/// An id as it is stored: the wire takes either case.
fn stored(id: &str) -> String {
    id.to_ascii_lowercase()
}
