//! The images of a style, and what they must be.

use serde::{Deserialize, Serialize};

use super::svg;
use crate::image::{Format, ImageBytes};
use crate::{Error, Result};

/// Where an image appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names say where")]
pub enum Category {
    FaviconIco,
    FaviconSvg,
    EmailGraphic,
    SmsGraphic,
    AuthAppGraphic,
    PasswordGraphic,
    PasskeyGraphic,
    PageHeaderLogo,
    PageHeaderBackground,
    PageFooterLogo,
    PageFooterBackground,
    PageBackground,
    FormBackground,
    FormLogo,
    IdpButtonIcon,
}

impl Category {
    /// What images of this place may be made of.
    fn formats(self) -> &'static [Format] {
        match self {
            Self::FaviconIco => &[Format::Ico],
            Self::FaviconSvg => &[Format::Svg],
            Self::IdpButtonIcon => &[Format::Ico, Format::Svg],
            _ => &[Format::Jpeg, Format::Png, Format::Svg, Format::Webp],
        }
    }
}

/// When an image appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ColorMode {
    /// On light pages.
    Light,
    /// On dark pages.
    Dark,
    /// On both.
    Dynamic,
}

/// An image of a style.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Asset {
    /// Where it appears.
    pub category: Category,
    /// When it appears.
    pub color_mode: ColorMode,
    /// What it is made of.
    pub format: Format,
    /// What it belongs to among several of one place: the provider of a button.
    pub resource_id: Option<String>,
    /// The image.
    pub bytes: ImageBytes,
}

impl Asset {
    /// The last part of its address, which is another one for every image.
    pub fn file_name(&self) -> String {
        self.bytes.file_name(self.format)
    }

    /// Whether both would appear in the same place at the same time.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        let place = |asset: &Self| (asset.category, asset.color_mode);
        place(self) == place(other) && self.resource_id == other.resource_id
    }

    /// Whether the image is what it says it is, fits its place, and does nothing but show.
    pub(super) fn check(&self) -> Result<()> {
        let refuse = |reason: String| {
            let Self { category, color_mode, .. } = self;
            Err(Error::invalid(format!(
                "The asset {category:?} for {color_mode:?} is not allowed: {reason}."
            )))
        };
        if !self.category.formats().contains(&self.format) {
            return refuse(format!("it cannot be of type {:?}", self.format));
        }
        if self.format == Format::Svg {
            return svg::check(&self.bytes.0).or_else(refuse);
        }
        match Format::of_pixels(&self.bytes.0) {
            Some(format) if format == self.format => Ok(()),
            _ => refuse(format!("its content is not of type {:?}", self.format)),
        }
    }
}
