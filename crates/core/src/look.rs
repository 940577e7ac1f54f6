//! Looks: what the pages of a client are seen in, which is its style, or its classic style sheet, or our own.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use cognate_store::domain::ManagedLoginVersion;
use cognate_store::record::{Kind as _, Stamp};
use cognate_store::{AppClientId, UserPool};
use sha2::{Digest as _, Sha256};

use crate::branding::{self, Sheet, Style};
use crate::image::{Format, ImageBytes};
use crate::page_text::PageTexts;
use crate::site::Site;
use crate::ui_customization::{self, ALL, UiCustomization};
use crate::{App, Result};

/// What the pages of a client are seen in.
#[derive(Debug, Default)]
pub struct Look {
    /// Whose files these are: a client's, or [`ALL`].
    pub owner: String,
    /// The file of its style sheet, beside our own.
    pub sheet: Option<String>,
    /// The file of the classic logo.
    pub logo: Option<String>,
    /// The style; where there is none, what our own pages have.
    pub style: Sheet,
    files: HashMap<String, File>,
}

/// A file of a look: a style sheet, or an image. Another content has another name.
#[derive(Debug, Clone)]
pub struct File {
    /// The media type.
    pub kind: &'static str,
    /// What it holds.
    pub content: Bytes,
}

/// Classic style sheets know of no dark pages.
const LIGHT: &str = ":root{color-scheme:light}";

impl Look {
    fn own() -> Self {
        Self { style: Sheet { has_languages: true, ..Sheet::default() }, ..Self::default() }
    }

    fn managed(client: &AppClientId, style: Style) -> Result<Self> {
        // The defaults are what our own pages have, but for images that were given beside them.
        if style.uses_defaults && style.assets.is_empty() {
            return Ok(Self::own());
        }
        let sheet = style.sheet()?;
        let mut look = Self { owner: client.to_string(), ..Self::default() };
        look.sheet = Some(look.add_sheet(sheet.css.clone()));
        look.style = sheet;
        for asset in style.assets {
            look.add_image(asset.format, asset.bytes);
        }
        Ok(look)
    }

    fn classic(owner: &str, looks: UiCustomization) -> Self {
        let mut look = Self { owner: owner.to_owned(), ..Self::own() };
        look.sheet = looks.css.map(|css| look.add_sheet(format!("{LIGHT}{css}")));
        look.logo = looks.logo.map(|logo| look.add_image(logo.format, logo.bytes));
        look
    }

    fn add_sheet(&mut self, css: String) -> String {
        let name = format!("{}.css", hex::encode(&Sha256::digest(&css)[..16]));
        self.files.insert(name.clone(), File { kind: "text/css; charset=utf-8", content: css.into() });
        name
    }

    fn add_image(&mut self, format: Format, bytes: ImageBytes) -> String {
        let name = bytes.file_name(format);
        self.files.insert(name.clone(), File { kind: format.content_type(), content: bytes.0.into() });
        name
    }

    /// How many bytes it takes to remember, more or less.
    pub(crate) fn weight(&self) -> u32 {
        let files: usize = self.files.values().map(|file| file.content.len()).sum();
        u32::try_from(files).unwrap_or(u32::MAX).saturating_add(4096)
    }
}

/// Whatever a change of which shows at the pages.
const KINDS: [&str; 3] = [Style::NAME, UiCustomization::NAME, PageTexts::NAME];

/// When what a client's pages show last changed, or those that are no client's.
pub(crate) async fn stamps(
    app: &App,
    pool: &UserPool,
    client: Option<&AppClientId>,
) -> Result<Arc<Vec<Stamp>>> {
    let nobody = AppClientId::new(ALL);
    app.caches.stamps(&app.db, &pool.id, client.unwrap_or(&nobody), &KINDS).await
}

/// What the pages of a client are seen in at a site, or those that are no client's. Where its owner says which pages it shows,
/// classic ones have the classic style sheet and managed login the style; a pool without a domain has either. Changes show within a
/// second.
///
/// # Errors
/// When the database does not answer.
pub async fn of(app: &App, pool: &UserPool, client: Option<&AppClientId>, site: &Site) -> Result<Arc<Look>> {
    let stamps = stamps(app, pool, client).await?;
    let style = || stamps.iter().find(|it| client.is_some() && it.kind == Style::NAME);
    let classic = || {
        let of = |id: &str| stamps.iter().find(|it| it.kind == UiCustomization::NAME && it.id == id);
        client.and_then(|client| of(client.as_str())).or_else(|| of(ALL))
    };
    let stamp = match site.version {
        Some(ManagedLoginVersion::Classic) => classic(),
        Some(ManagedLoginVersion::Managed) => style(),
        None => style().or_else(classic),
    };
    match stamp {
        Some(stamp) => {
            let owner = client.map_or(ALL, AppClientId::as_str);
            app.caches.look(&pool.id, stamp, made(app, pool, owner, stamp)).await
        }
        None => Ok(Arc::new(Look::own())),
    }
}

/// The look that is made from a record of an owner's: a client by its id, or [`ALL`], who has no styles. What was deleted since is seen
/// no more, and what cannot be shown never was.
async fn made(app: &App, pool: &UserPool, owner: &str, stamp: &Stamp) -> Result<Look> {
    let look = if stamp.kind == Style::NAME {
        let client = AppClientId::new(owner);
        branding::own(app, pool, &client).await?.map(|style| Look::managed(&client, style)).transpose()
    } else {
        Ok(ui_customization::own(app, pool, &stamp.id).await?.map(|looks| Look::classic(&stamp.id, looks)))
    };
    let look = look.unwrap_or_else(|error| {
        tracing::warn!(user_pool = %pool.id, owner, error = &error as &dyn std::error::Error, "a style cannot be shown");
        None
    });
    Ok(look.unwrap_or_else(Look::own))
}

/// A file of an owner's looks, as long as it is that very one.
///
/// # Errors
/// When the database does not answer.
pub async fn file(app: &App, pool: &UserPool, owner: &str, name: &str) -> Result<Option<File>> {
    let stamps = stamps(app, pool, Some(&AppClientId::new(owner))).await?;
    let is_look = |stamp: &&Stamp| {
        stamp.kind == Style::NAME || stamp.kind == UiCustomization::NAME && stamp.id == owner
    };
    for stamp in stamps.iter().filter(is_look) {
        let look = app.caches.look(&pool.id, stamp, made(app, pool, owner, stamp)).await?;
        if let Some(file) = look.files.get(name) {
            return Ok(Some(file.clone()));
        }
    }
    Ok(None)
}
