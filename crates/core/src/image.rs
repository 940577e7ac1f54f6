//! Images of tenants: what they are is read from their first bytes, whatever they are called (HUI-5).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// What an image is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Format {
    /// An icon.
    Ico,
    /// A photograph.
    Jpeg,
    /// A drawing in pixels.
    Png,
    /// A drawing in lines: XML, which can do more than show.
    Svg,
    /// Either of both, smaller.
    Webp,
}

impl Format {
    /// What the pixels are stored as. A drawing in lines has none.
    pub fn of_pixels(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0, 0, 1, 0, ..] => Some(Self::Ico),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }

    /// The media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Ico => "image/x-icon",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Svg => "image/svg+xml",
            Self::Webp => "image/webp",
        }
    }

    /// What the names of such files end with.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Ico => "ico",
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Webp => "webp",
        }
    }
}

/// The bytes of an image; base64 in a JSON document.
#[derive(Clone, PartialEq, Eq)]
pub struct ImageBytes(pub Vec<u8>);

impl ImageBytes {
    /// A name for a file of these bytes: another one for every image.
    pub fn file_name(&self, format: Format) -> String {
        let digest = Sha256::digest(&self.0);
        format!("{}.{}", hex::encode(&digest[..16]), format.extension())
    }
}

impl fmt::Debug for ImageBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ImageBytes({})", self.0.len())
    }
}

impl Serialize for ImageBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for ImageBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(|_| D::Error::custom("not base64"))
    }
}
