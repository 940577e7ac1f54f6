//! Colours of styles, and how far they must be apart to be read (WCAG 2.2, 1.4.3 and 1.4.11).

use std::fmt;

use palette::color_difference::Wcag21RelativeContrast as _;
use palette::{FromColor as _, IntoColor as _, Oklch, Srgb};

/// What text must reach against what it stands on.
pub(super) const TEXT: f32 = 4.5;
/// What the edges of controls must reach.
pub(super) const EDGE: f32 = 3.0;

/// A colour of red, green, blue and alpha.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Color([u8; 4]);

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = if self.0[3] == u8::MAX { &self.0[..3] } else { &self.0[..] };
        write!(f, "#{}", hex::encode(shown))
    }
}

impl Color {
    /// Nothing.
    pub(super) const CLEAR: Self = Self([0; 4]);
    /// A page without colours.
    pub(super) const WHITE: Self = Self([u8::MAX; 4]);

    /// Reads `RRGGBBAA`, or `RRGGBB` of a colour that hides what is behind it.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut color = [u8::MAX; 4];
        let digits = text.len() / 2;
        hex::decode_to_slice(text, color.get_mut(..digits).filter(|it| it.len() >= 3)?).ok()?;
        Some(Self(color))
    }

    /// What is seen of it over another one.
    pub(super) fn over(self, behind: Self) -> Self {
        let alpha = f32::from(self.0[3]) / 255.0;
        let mut seen = [u8::MAX; 4];
        for ((seen, front), back) in seen.iter_mut().zip(self.0).zip(behind.0).take(3) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two bytes")]
            let mixed = f32::from(front).mul_add(alpha, f32::from(back) * (1.0 - alpha)).round() as u8;
            *seen = mixed;
        }
        Self(seen)
    }

    fn channels(self) -> Srgb<f32> {
        let [red, green, blue, _] = self.0;
        Srgb::new(red, green, blue).into_format()
    }

    /// How far two colours are apart, from 1 to 21.
    pub(super) fn contrast(self, other: Self) -> f32 {
        self.channels().relative_contrast(other.channels())
    }

    /// The same hue as far from another colour as it must be: darkened on what is light, lightened on what is dark.
    pub(super) fn apart_from(self, other: Self, least: f32) -> Self {
        let seen = self.over(other);
        if seen.contrast(other) >= least {
            return self;
        }
        let (black, white) = (Self([0, 0, 0, u8::MAX]), Self([u8::MAX; 4]));
        let darkens = other.contrast(black) >= other.contrast(white);
        let hue = Oklch::from_color(seen.channels());
        let steps = (1..=100_u8).map(|step| f32::from(step) / 100.0);
        let stepped = steps.map(|step| {
            let l = if darkens { hue.l * (1.0 - step) } else { hue.l + (1.0 - hue.l) * step };
            let color: Srgb<f32> = Oklch { l, ..hue }.into_color();
            let color: Srgb<u8> = color.into_format();
            Self([color.red, color.green, color.blue, u8::MAX])
        });
        stepped.into_iter().find(|it| it.contrast(other) >= least).unwrap_or(if darkens {
            black
        } else {
            white
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn color(text: &str) -> Color {
        Color::read(text).unwrap()
    }

    #[test]
    fn colors_are_six_or_eight_digits() {
        assert_eq!(color("1f5fbfff").to_string(), "#1f5fbf");
        assert_eq!(color("1F5FBF").to_string(), "#1f5fbf");
        assert_eq!(color("1f5fbf80").to_string(), "#1f5fbf80");
        for bad in ["", "fff", "#1f5fbf", "1f5fb", "1f5fbfff0", "1f5fbfff00", "gggggg", "red"] {
            assert_eq!(Color::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_can_be_read_stays_and_what_cannot_moves_until_it_can() {
        let (white, black) = (color("ffffff"), color("000000"));
        assert_eq!(color("1f5fbf").apart_from(white, TEXT), color("1f5fbf"));
        for (weak, on) in [("ffd54f", white), ("7ecbff", white), ("ffffff", white), ("303030", black)] {
            let strong = color(weak).apart_from(on, TEXT);
            assert!(strong.contrast(on) >= TEXT, "{weak} {strong}");
            assert!(strong.contrast(on) < 5.2, "no further than it must: {weak} {strong}");
        }
        // What shines through counts.
        assert!(
            color("00000080").contrast(white) > TEXT
                && color("00000040").apart_from(white, TEXT) != color("00000040")
        );
    }

    #[test]
    fn a_color_is_seen_over_what_is_behind() {
        assert_eq!(color("00000080").over(color("ffffff")).to_string(), "#7f7f7f");
        assert_eq!(color("12345600").over(color("ffffff")).to_string(), "#ffffff");
    }
}
