//! Looks: what the pages of a client are seen in, which is its style, or its classic style sheet, or our own.

use std::sync::Arc;

use cognate_store::domain::ManagedLoginVersion;
use cognate_store::record::{Kind as _, Stamp};
use cognate_store::{AppClientId, UserPool};
use sha2::{Digest as _, Sha256};

use crate::branding::{self, Sheet, Style};
use crate::image::Format;
use crate::site::Site;
use crate::ui_customization::{self, ALL, UiCustomization};
use crate::{App, Result};

/// What the pages of a client are seen in.
#[derive(Debug, Default)]
pub struct Look {
    /// Whose files these are: a client's, or [`ALL`].
    pub owner: String,
    /// Its style sheet, beside our own.
    pub sheet: Option<File>,
    /// The classic logo.
    pub logo: Option<String>,
    /// The style; where there is none, what our own pages have.
    pub style: Sheet,
}

/// A style sheet, and the name of its file.
#[derive(Debug)]
pub struct File {
    /// Another one for every content.
    pub name: String,
    /// What it holds.
    pub css: String,
}

/// Classic style sheets know of no dark pages.
const LIGHT: &str = ":root{color-scheme:light}";

impl File {
    fn new(css: String) -> Self {
        let digest = Sha256::digest(&css);
        Self { name: format!("{}.css", hex::encode(&digest[..16])), css }
    }
}

impl Look {
    fn own() -> Self {
        Self { style: Sheet { has_languages: true, ..Sheet::default() }, ..Self::default() }
    }

    fn managed(client: &AppClientId, style: &Style) -> Result<Self> {
        if style.uses_defaults {
            return Ok(Self::own());
        }
        let style = style.sheet()?;
        let sheet = Some(File::new(style.css.clone()));
        Ok(Self { owner: client.to_string(), sheet, logo: None, style })
    }

    fn classic(owner: &str, looks: UiCustomization) -> Self {
        let sheet = looks.css.map(|css| File::new(format!("{LIGHT}{css}")));
        let logo = looks.logo.map(|logo| logo.file_name());
        Self { owner: owner.to_owned(), sheet, logo, ..Self::own() }
    }
}

/// What the pages of a client are seen in at a site. Where its owner says which pages it shows, classic ones have the classic
/// style sheet and managed login the style; a pool without a domain has either. Changes show within a second.
///
/// # Errors
/// When the database does not answer.
pub async fn of(app: &App, pool: &UserPool, client: &AppClientId, site: &Site) -> Result<Arc<Look>> {
    let kinds = [Style::NAME, UiCustomization::NAME];
    let stamps = app.caches.stamps(&app.db, &pool.id, client, &kinds).await?;
    let style = || stamps.iter().find(|it| it.kind == Style::NAME);
    let classic = || {
        let of = |id: &str| stamps.iter().find(|it| it.kind == UiCustomization::NAME && it.id == id);
        of(client.as_str()).or_else(|| of(ALL))
    };
    let stamp = match site.version {
        Some(ManagedLoginVersion::Classic) => classic(),
        Some(ManagedLoginVersion::Managed) => style(),
        None => style().or_else(classic),
    };
    match stamp {
        Some(stamp) => made(app, pool, client, stamp).await,
        None => Ok(Arc::new(Look::own())),
    }
}

/// The look that is made from a record.
async fn made(app: &App, pool: &UserPool, client: &AppClientId, stamp: &Stamp) -> Result<Arc<Look>> {
    if let Some(look) = app.caches.look(&pool.id, stamp).await {
        return Ok(look);
    }
    let look = if stamp.kind == Style::NAME {
        branding::own(app, pool, client).await?.map(|style| Look::managed(client, &style)).transpose()?
    } else {
        ui_customization::own(app, pool, &stamp.id).await?.map(|looks| Look::classic(&stamp.id, looks))
    };
    // What was deleted since is seen no more.
    let look = Arc::new(look.unwrap_or_else(Look::own));
    app.caches.remember_look(&pool.id, stamp.clone(), look.clone()).await;
    Ok(look)
}

/// A file of a look: a style sheet, or an image.
#[derive(Debug)]
pub struct Content {
    /// The media type.
    pub kind: &'static str,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// A file of an owner's looks, as long as it is that very one.
///
/// # Errors
/// When the database does not answer.
pub async fn file(app: &App, pool: &UserPool, owner: &str, name: &str) -> Result<Option<Content>> {
    let client = AppClientId::new(owner);
    let classic = ui_customization::own(app, pool, owner).await?;
    let style = if owner == ALL { None } else { branding::own(app, pool, &client).await? };
    if name.ends_with(".css") {
        let classic = classic.map(|looks| Look::classic(owner, looks));
        let managed = style.map(|style| Look::managed(&client, &style)).transpose()?;
        let sheets = classic.into_iter().chain(managed).filter_map(|look| look.sheet);
        let sheet = sheets.into_iter().find(|sheet| sheet.name == name);
        return Ok(sheet.map(|it| Content { kind: "text/css; charset=utf-8", bytes: it.css.into_bytes() }));
    }
    let logo = classic.and_then(|looks| looks.logo).map(|logo| (logo.format, logo.bytes));
    let assets = style.into_iter().flat_map(|style| style.assets).map(|asset| (asset.format, asset.bytes));
    let mut images = logo.into_iter().chain(assets);
    let image = images.find(|(format, bytes)| is_named(bytes, *format, name));
    Ok(image.map(|(format, bytes)| Content { kind: format.content_type(), bytes: bytes.0 }))
}

/// Whether an image has that name, for which not every image must be read.
fn is_named(bytes: &crate::image::ImageBytes, format: Format, name: &str) -> bool {
    name.ends_with(format.extension()) && bytes.file_name(format) == name
}
