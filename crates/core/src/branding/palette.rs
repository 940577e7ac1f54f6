//! The colours that the pages' style sheet is made of, and which of them must be read on which.

use std::collections::HashMap;

use super::color::{Color, EDGE, TEXT};
use super::sheet::Settings;
use crate::Result;

/// A token that is a colour of the settings, found in either light at `{}`.
const COLORS: [(&str, &str); 40] = [
    ("surface", "components/pageBackground/{}/color"),
    ("form-surface", "components/form/{}/backgroundColor"),
    ("form-line", "components/form/{}/borderColor"),
    ("text", "components/pageText/{}/bodyColor"),
    ("text-muted", "components/pageText/{}/descriptionColor"),
    ("heading", "components/pageText/{}/headingColor"),
    ("label", "componentClasses/inputLabel/{}/textColor"),
    ("hint", "componentClasses/inputDescription/{}/textColor"),
    ("line", "componentClasses/divider/{}/borderColor"),
    ("input-surface", "componentClasses/input/{}/defaults/backgroundColor"),
    ("edge", "componentClasses/input/{}/defaults/borderColor"),
    ("focus", "componentClasses/focusState/{}/borderColor"),
    ("link", "componentClasses/link/{}/defaults/textColor"),
    ("link-hover", "componentClasses/link/{}/hover/textColor"),
    ("option", "componentClasses/optionControls/{}/selected/backgroundColor"),
    ("option-surface", "componentClasses/optionControls/{}/defaults/backgroundColor"),
    ("option-line", "componentClasses/optionControls/{}/defaults/borderColor"),
    ("menu-surface", "componentClasses/dropDown/{}/defaults/itemBackgroundColor"),
    ("danger", "componentClasses/statusIndicator/{}/error/indicatorColor"),
    ("success", "componentClasses/statusIndicator/{}/success/indicatorColor"),
    ("note-surface", "componentClasses/statusIndicator/{}/success/backgroundColor"),
    ("note-line", "componentClasses/statusIndicator/{}/success/borderColor"),
    ("alert-surface", "components/alert/{}/error/backgroundColor"),
    ("alert-line", "components/alert/{}/error/borderColor"),
    ("button", "components/primaryButton/{}/defaults/backgroundColor"),
    ("button-text", "components/primaryButton/{}/defaults/textColor"),
    ("button-hover", "components/primaryButton/{}/hover/backgroundColor"),
    ("button-hover-text", "components/primaryButton/{}/hover/textColor"),
    ("button-active", "components/primaryButton/{}/active/backgroundColor"),
    ("button-active-text", "components/primaryButton/{}/active/textColor"),
    ("quiet", "components/secondaryButton/{}/defaults/backgroundColor"),
    ("quiet-line", "components/secondaryButton/{}/defaults/borderColor"),
    ("quiet-text", "components/secondaryButton/{}/defaults/textColor"),
    ("quiet-hover", "components/secondaryButton/{}/hover/backgroundColor"),
    ("quiet-hover-line", "components/secondaryButton/{}/hover/borderColor"),
    ("quiet-hover-text", "components/secondaryButton/{}/hover/textColor"),
    ("header-surface", "components/pageHeader/{}/background/color"),
    ("header-line", "components/pageHeader/{}/borderColor"),
    ("footer-surface", "components/pageFooter/{}/background/color"),
    ("footer-line", "components/pageFooter/{}/borderColor"),
];

/// What form elements stand on, from behind.
const FORM: &[&str] = &["surface", "form-surface"];

/// What is read or seen on what, from behind, and how far they must be apart.
const APART: [(&str, &[&str], f32); 15] = [
    ("text", FORM, TEXT),
    ("text-muted", FORM, TEXT),
    ("heading", FORM, TEXT),
    ("label", FORM, TEXT),
    ("hint", FORM, TEXT),
    ("link", FORM, TEXT),
    ("link-hover", FORM, TEXT),
    ("danger", FORM, TEXT),
    ("success", FORM, TEXT),
    ("focus", FORM, EDGE),
    ("edge", &["surface", "form-surface", "input-surface"], EDGE),
    ("option", &["surface", "form-surface", "option-surface"], EDGE),
    ("option-line", &["surface", "form-surface", "option-surface"], EDGE),
    ("quiet-text", &["surface", "form-surface", "quiet"], TEXT),
    ("quiet-hover-text", &["surface", "form-surface", "quiet-hover"], TEXT),
];

/// The brand's own colours, which give way to the text on them.
const UNDER_TEXT: [(&str, &str); 3] = [
    ("button", "button-text"),
    ("button-hover", "button-hover-text"),
    ("button-active", "button-active-text"),
];

/// Texts that no setting is for: another one, moved to where it can be read.
const COPIES: [(&str, &str, &[&str]); 6] = [
    ("input-text", "text", &["surface", "form-surface", "input-surface"]),
    ("menu-text", "text", &["surface", "menu-surface"]),
    ("option-text", "text", &["surface", "form-surface", "option-surface"]),
    ("alert-text", "text", &["surface", "form-surface", "alert-surface"]),
    ("note-text", "text", &["surface", "form-surface", "note-surface"]),
    ("footer-text", "text-muted", &["surface", "footer-surface"]),
];

/// The names of all tokens that are colours.
pub(super) fn tokens() -> impl Iterator<Item = &'static str> {
    COLORS.iter().map(|(token, _)| *token).chain(COPIES.iter().map(|(token, ..)| *token))
}

/// The colours of one light.
pub(super) struct Palette(HashMap<&'static str, Color>);

impl Palette {
    /// Reads the colours of `lightMode` or `darkMode`, and moves those that could not be read.
    pub(super) fn read(settings: &Settings<'_>, mode: &str) -> Result<Self> {
        let mut colors = HashMap::new();
        for (token, place) in COLORS {
            colors.insert(token, settings.color(&place.replace("{}", mode))?);
        }
        let mut palette = Self(colors);
        // A footer that is none shows what is behind it.
        if !settings.is("categories/global/pageFooter/enabled")? {
            palette.0.insert("footer-surface", Color::CLEAR);
        }
        for (token, behind, least) in APART {
            let color = palette.of(token).apart_from(palette.seen(behind), least);
            palette.0.insert(token, color);
        }
        for (token, text) in UNDER_TEXT {
            let seen = palette.of(token).over(palette.seen(FORM));
            let strong = seen.apart_from(palette.of(text).over(seen), TEXT);
            if strong != seen {
                palette.0.insert(token, strong);
            }
        }
        for (token, text, behind) in COPIES {
            let color = palette.of(text).apart_from(palette.seen(behind), TEXT);
            palette.0.insert(token, color);
        }
        Ok(palette)
    }

    /// A token's colour.
    pub(super) fn of(&self, token: &str) -> Color {
        self.0.get(token).copied().unwrap_or(Color::CLEAR)
    }

    /// What is seen where these lie one over another.
    fn seen(&self, behind: &[&str]) -> Color {
        behind.iter().fold(Color::WHITE, |seen, token| self.of(token).over(seen))
    }
}
