//! The looks of the classic pages: a style sheet and a logo, for one client or for all that have none of their own.

use cognate_store::record::{self, Kind, Record};
use cognate_store::{AppClientId, Constraint, UserPool};
use serde::{Deserialize, Serialize};

use crate::image::{Format, ImageBytes};
use crate::{App, Error, Result, app_client, css};

/// What stands for all clients.
pub const ALL: &str = "ALL";

/// A style sheet and a logo.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UiCustomization {
    /// The style sheet.
    pub css: Option<String>,
    /// The logo.
    pub logo: Option<Logo>,
}

impl Kind for UiCustomization {
    const NAME: &'static str = "ui_customization";
}

/// An image in pixels.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Logo {
    /// What it is made of.
    pub format: Format,
    /// The image.
    pub bytes: ImageBytes,
}

impl Logo {
    /// Takes an image for what its first bytes say.
    fn new(bytes: Vec<u8>) -> Result<Self> {
        match Format::of_pixels(&bytes) {
            Some(format @ (Format::Jpeg | Format::Png)) => Ok(Self { format, bytes: ImageBytes(bytes) }),
            _ => Err(Error::invalid("ImageFile must be a PNG or JPEG image.")),
        }
    }

    /// The last part of its address, which is another one for every image.
    pub fn file_name(&self) -> String {
        self.bytes.file_name(self.format)
    }
}

/// Sets the looks for a client, or for all; with neither style sheet nor logo it has none any more.
///
/// # Errors
/// [`Error::AppClientNotFound`], [`Error::InvalidParameter`] for what the pages must not show.
pub async fn set(
    app: &App,
    pool: &UserPool,
    client: Option<&AppClientId>,
    css: Option<String>,
    logo: Option<Vec<u8>>,
) -> Result<Option<Record<UiCustomization>>> {
    if let Some(client) = client {
        app_client::get(app, pool, client).await?;
    }
    let css = css.filter(|css| !css.is_empty());
    let logo = logo.filter(|bytes| !bytes.is_empty()).map(Logo::new).transpose()?;
    css.as_deref().map_or(Ok(()), css::check_for_pages)?;
    if css.is_none() && logo.is_none() {
        record::delete::<UiCustomization>(&app.db, &pool.id, id(client)).await?;
        return Ok(None);
    }
    let looks = UiCustomization { css, logo };
    let put = record::put(&app.db, pool, id(client), client, looks, app.clock.now()).await;
    put.map(Some).map_err(|error| match (error, client) {
        (cognate_store::Error::Refused(Constraint::ParentGone), Some(client)) => {
            Error::AppClientNotFound(client.clone())
        }
        (error, _) => error.into(),
    })
}

fn id(client: Option<&AppClientId>) -> &str {
    client.map_or(ALL, AppClientId::as_str)
}

/// The looks in force for a client: its own, or those of all.
///
/// # Errors
/// [`Error::AppClientNotFound`].
pub async fn get(
    app: &App,
    pool: &UserPool,
    client: Option<&AppClientId>,
) -> Result<Option<Record<UiCustomization>>> {
    if let Some(client) = client {
        app_client::get(app, pool, client).await?;
        if let Some(own) = record::get(&app.db, pool, client.as_str()).await? {
            return Ok(Some(own));
        }
    }
    Ok(record::get(&app.db, pool, ALL).await?)
}

/// The looks of that very client, or of all ([`ALL`]).
pub(crate) async fn own(app: &App, pool: &UserPool, id: &str) -> Result<Option<UiCustomization>> {
    Ok(record::get(&app.db, pool, id).await?.map(|looks: Record<UiCustomization>| looks.body))
}
