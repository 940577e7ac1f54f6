//! A style as the pages show it: the tokens that their style sheet is made of, and what stands where.

use std::fmt::Write as _;

use serde_json::Value;

use super::asset::{Asset, Category, ColorMode};
use super::color::Color;
use super::palette::{self, Palette};
use crate::{Error, Result};

/// The two lights that pages are seen in.
const MODES: [&str; 2] = ["lightMode", "darkMode"];

/// Tokens that are lengths in pixels.
const LENGTHS: [(&str, &str); 5] = [
    ("button-radius", "componentClasses/buttons/borderRadius"),
    ("input-radius", "componentClasses/input/borderRadius"),
    ("menu-radius", "componentClasses/dropDown/borderRadius"),
    ("form-radius", "components/form/borderRadius"),
    ("alert-radius", "components/alert/borderRadius"),
];
/// The longest of them.
const LONGEST: f64 = 100.0;

/// A style's settings, read member by member.
pub(super) struct Settings<'a>(&'a Value);

impl Settings<'_> {
    fn at(&self, place: &str) -> &Value {
        self.0.pointer(&format!("/{place}")).unwrap_or(&Value::Null)
    }

    fn refuse(place: &str, what: &str) -> Error {
        Error::invalid(format!("Settings: {} must be {what}.", place.replace('/', ".")))
    }

    pub(super) fn color(&self, place: &str) -> Result<Color> {
        let color = self.at(place).as_str().and_then(Color::read);
        color.ok_or_else(|| Self::refuse(place, "a color of eight hexadecimal digits, RRGGBBAA"))
    }

    fn length(&self, place: &str) -> Result<f64> {
        let length = self.at(place).as_f64().filter(|length| (0.0..=LONGEST).contains(length));
        length.ok_or_else(|| Self::refuse(place, "a number of pixels from 0 to 100"))
    }

    pub(super) fn is(&self, place: &str) -> Result<bool> {
        self.at(place).as_bool().ok_or_else(|| Self::refuse(place, "true or false"))
    }

    fn one_of<T: Copy>(&self, place: &str, known: &[(&str, T)]) -> Result<T> {
        let said = self.at(place).as_str();
        let found = known.iter().find(|(name, _)| Some(*name) == said).map(|(_, value)| *value);
        found.ok_or_else(|| {
            let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
            Self::refuse(place, &format!("one of {}", names.join(", ")))
        })
    }

    fn align(&self, place: &str) -> Result<&'static str> {
        self.one_of(place, &[("START", "start"), ("CENTER", "center"), ("END", "end")])
    }
}

/// Which lights the pages are seen in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Light,
    Dark,
    Both,
}

/// An image as pages show it: by the name of its file, in either light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// On light pages, or on both.
    pub light: String,
    /// On dark ones, where that is another.
    pub dark: Option<String>,
}

/// A bar above or below the pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bar {
    /// What it shows.
    pub logo: Option<Picture>,
}

/// Where the logo of the form is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormLogo {
    /// The logo.
    pub picture: Picture,
    /// Whether it is within the form's frame.
    pub is_inside: bool,
    /// Whether it is above.
    pub is_above: bool,
}

/// A style as the pages show it.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// CSS: what differs from the pages' own style sheet. Images are named by their files.
    pub css: String,
    /// Above the page, if anything.
    pub header: Option<Bar>,
    /// Below it, in place of nothing but the choice of a language.
    pub footer: Option<Bar>,
    /// The form's logo.
    pub form_logo: Option<FormLogo>,
    /// What stands for what a page asks for.
    pub graphics: Vec<(Category, Picture)>,
    /// The files that browsers show in their tabs.
    pub favicons: Vec<String>,
    /// Whether readers may choose their language.
    pub has_languages: bool,
}

impl Sheet {
    /// Reads a style: its settings over the defaults, and its images.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for settings that mean nothing.
    pub(super) fn read(settings: &Value, assets: &[Asset]) -> Result<Self> {
        let settings = &Settings(settings);
        let scheme = settings.one_of(
            "categories/global/colorSchemeMode",
            &[("LIGHT", Scheme::Light), ("DARK", Scheme::Dark), ("DYNAMIC", Scheme::Both)],
        )?;
        let picture = |category| picture(assets, category, scheme);
        let bar = |name: &str, logo| -> Result<Option<Bar>> {
            let shows = settings.is(&format!("components/{name}/logo/enabled"))?;
            let bar = Bar { logo: picture(logo).filter(|_| shows) };
            Ok(settings.is(&format!("categories/global/{name}/enabled"))?.then_some(bar))
        };
        let form = "components/form/logo";
        let shows_logo = settings.is(&format!("{form}/enabled"))?;
        let form_logo = picture(Category::FormLogo).filter(|_| shows_logo);
        let is_inside = settings.one_of(&format!("{form}/formInclusion"), &[("IN", true), ("OUT", false)])?;
        let is_above = settings.one_of(&format!("{form}/position"), &[("TOP", true), ("BOTTOM", false)])?;
        let mut graphics = Vec::new();
        if settings.is("categories/form/displayGraphics")? {
            graphics.extend(GRAPHICS.into_iter().filter_map(|category| Some((category, picture(category)?))));
        }
        Ok(Self {
            css: css(settings, assets, scheme)?,
            header: bar("pageHeader", Category::PageHeaderLogo)?,
            footer: bar("pageFooter", Category::PageFooterLogo)?,
            form_logo: form_logo.map(|picture| FormLogo { picture, is_inside, is_above }),
            graphics,
            favicons: favicons(settings, assets)?,
            has_languages: settings.is("categories/form/languageSelector/enabled")?,
        })
    }
}

/// What stands for what a page asks for.
const GRAPHICS: [Category; 5] = [
    Category::EmailGraphic,
    Category::SmsGraphic,
    Category::AuthAppGraphic,
    Category::PasswordGraphic,
    Category::PasskeyGraphic,
];

/// The image of a place, as it is seen in these lights.
fn picture(assets: &[Asset], category: Category, scheme: Scheme) -> Option<Picture> {
    let named = |mode| {
        let found = assets.iter().find(|it| it.category == category && it.color_mode == mode);
        found.map(Asset::file_name)
    };
    let both = named(ColorMode::Dynamic);
    let (light, dark) = (named(ColorMode::Light), named(ColorMode::Dark));
    match scheme {
        Scheme::Light => light.or(both).map(|light| Picture { light, dark: None }),
        Scheme::Dark => dark.or(both).map(|light| Picture { light, dark: None }),
        Scheme::Both => {
            let dark = dark.or_else(|| both.clone());
            let light = light.or(both).or_else(|| dark.clone())?;
            Some(Picture { dark: dark.filter(|dark| *dark != light), light })
        }
    }
}

fn favicons(settings: &Settings<'_>, assets: &[Asset]) -> Result<Vec<String>> {
    let place = "components/favicon/enabledTypes";
    let types =
        settings.at(place).as_array().ok_or_else(|| Settings::refuse(place, "a list of ICO and SVG"))?;
    let mut favicons = Vec::new();
    for kind in types {
        let category = match kind.as_str() {
            Some("ICO") => Category::FaviconIco,
            Some("SVG") => Category::FaviconSvg,
            _ => return Err(Settings::refuse(place, "a list of ICO and SVG")),
        };
        favicons.extend(assets.iter().find(|it| it.category == category).map(Asset::file_name));
    }
    Ok(favicons)
}

/// The tokens, and the images behind things.
fn css(settings: &Settings<'_>, assets: &[Asset], scheme: Scheme) -> Result<String> {
    let [light, dark] = MODES.map(|mode| Palette::read(settings, mode));
    let (light, dark) = (light?, dark?);
    let mut css = String::from(":root{color-scheme:");
    css.push_str(match scheme {
        Scheme::Light => "light",
        Scheme::Dark => "dark",
        Scheme::Both => "light dark",
    });
    for token in palette::tokens() {
        let (light, dark) = (light.of(token), dark.of(token));
        let _ = match light == dark {
            true => write!(css, ";--{token}:{light}"),
            false => write!(css, ";--{token}:light-dark({light},{dark})"),
        };
    }
    for (token, place) in LENGTHS {
        let _ = write!(css, ";--{token}:{}px", settings.length(place)?);
    }
    let unit = settings.one_of("categories/global/spacingDensity", &[("REGULAR", 4), ("COMPACT", 3)])?;
    let across = settings.align("categories/form/location/horizontal")?;
    let down = settings.one_of(
        "categories/form/location/vertical",
        &[("TOP", "32px"), ("START", "32px"), ("CENTER", "12vh"), ("BOTTOM", "auto"), ("END", "auto")],
    )?;
    let (start, end) = match across {
        "start" => ("5vw", "auto"),
        "end" => ("auto", "5vw"),
        _ => ("auto", "auto"),
    };
    let _ = write!(css, ";--unit:{unit}px;--form-top:{down};--form-start:{start};--form-end:{end}");
    for (token, name) in [("form-logo", "form"), ("header-logo", "pageHeader"), ("footer-logo", "pageFooter")]
    {
        let _ = write!(css, ";--{token}:{}", settings.align(&format!("components/{name}/logo/location"))?);
    }
    css.push('}');
    for (selector, place, category) in [
        ("body", "components/pageBackground/image/enabled", Category::PageBackground),
        ("main", "components/form/backgroundImage/enabled", Category::FormBackground),
        (".bar.above", "components/pageHeader/backgroundImage/enabled", Category::PageHeaderBackground),
        (".bar.below", "components/pageFooter/backgroundImage/enabled", Category::PageFooterBackground),
    ] {
        let shows = settings.is(place)?;
        let Some(picture) = picture(assets, category, scheme).filter(|_| shows) else { continue };
        let mut behind = |file: &str, open: &str, close: &str| {
            let _ = write!(css, "{open}{selector}{{background-image:url({file})}}{close}");
        };
        behind(&picture.light, "", "");
        if let Some(dark) = &picture.dark {
            behind(dark, "@media(prefers-color-scheme:dark){", "}");
        }
    }
    Ok(css)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::json;

    use super::super::color::TEXT;
    use super::super::settings::over_defaults;
    use super::*;

    fn sheet(settings: &Value, assets: &[Asset]) -> Result<Sheet> {
        Sheet::read(&over_defaults(Some(settings)), assets)
    }

    /// The tokens that a style sheet sets first.
    fn tokens(css: &str) -> HashMap<String, String> {
        let (_, block) = css.split_once(":root").unwrap();
        let block = block.trim_start().trim_start_matches('{').split('}').next().unwrap();
        let tokens = block.split(';').filter_map(|it| it.split_once(':'));
        tokens.map(|(name, value)| (name.trim().to_owned(), value.replace(' ', ""))).collect()
    }

    #[test]
    fn the_defaults_are_what_the_pages_have() {
        let pages = tokens(include_str!("../../../api/src/ui/style.css"));
        let defaults = tokens(&sheet(&json!({}), &[]).unwrap().css);
        for (token, value) in &pages {
            let value = value.replace("lightdark", "light dark");
            let same = defaults.get(token).map(|it| it.replace("lightdark", "light dark"));
            assert_eq!(same.as_ref(), Some(&value), "{token}");
        }
        assert_eq!(pages.len(), defaults.len());
    }

    #[test]
    fn a_brand_gives_way_to_its_text() {
        let yellow = json!({ "components": {
            "pageBackground": { "lightMode": { "color": "ffffffff" } },
            "primaryButton": { "lightMode": { "defaults": { "backgroundColor": "ffd54fff", "textColor": "ffffffff" } } },
            "pageText": { "lightMode": { "headingColor": "ffd54fff" } },
        } });
        let tokens = tokens(&sheet(&yellow, &[]).unwrap().css);
        let light = |token: &str| {
            let value = tokens[token].trim_start_matches("light-dark(#");
            Color::read(&value[..6]).unwrap()
        };
        assert!(light("--button").contrast(Color::WHITE) >= TEXT, "{}", tokens["--button"]);
        assert!(light("--heading").contrast(Color::WHITE) >= TEXT, "{}", tokens["--heading"]);
        assert!(tokens["--button-text"].starts_with("light-dark(#ffffff,"));
    }

    #[test]
    fn settings_that_mean_nothing_are_refused() {
        for (settings, place) in [
            (
                json!({ "components": { "pageBackground": { "lightMode": { "color": "red" } } } }),
                "pageBackground.lightMode.color",
            ),
            (
                json!({ "components": { "pageBackground": { "lightMode": null } } }),
                "pageBackground.lightMode.color",
            ),
            (json!({ "components": { "form": { "borderRadius": "8px" } } }), "components.form.borderRadius"),
            (json!({ "components": { "form": { "borderRadius": -1 } } }), "components.form.borderRadius"),
            (json!({ "categories": { "global": { "colorSchemeMode": "GREY" } } }), "LIGHT, DARK, DYNAMIC"),
            (
                json!({ "categories": { "global": { "pageHeader": { "enabled": "yes" } } } }),
                "pageHeader.enabled",
            ),
            (json!({ "components": { "favicon": { "enabledTypes": ["PNG"] } } }), "favicon.enabledTypes"),
            (
                json!({ "categories": { "form": { "location": { "vertical": "LEFT" } } } }),
                "location.vertical",
            ),
        ] {
            let refused = sheet(&settings, &[]).unwrap_err().to_string();
            assert!(refused.contains(place), "{settings} {refused}");
        }
    }

    #[test]
    fn images_are_shown_in_the_light_that_they_are_for() {
        let image = |category, color_mode, bytes: &[u8]| Asset {
            category,
            color_mode,
            format: crate::image::Format::Png,
            resource_id: None,
            bytes: crate::image::ImageBytes(bytes.to_vec()),
        };
        let logo = |mode, bytes| image(Category::FormLogo, mode, bytes);
        let assets = [
            logo(ColorMode::Light, b"light"),
            logo(ColorMode::Dark, b"dark"),
            image(Category::PageBackground, ColorMode::Dynamic, b"both"),
        ];
        let shown = |mode: &str| {
            let settings = json!({
                "categories": { "global": { "colorSchemeMode": mode } },
                "components": { "form": { "logo": { "enabled": true } }, "pageBackground": { "image": { "enabled": true } } },
            });
            let sheet = sheet(&settings, &assets).unwrap();
            (sheet.form_logo.unwrap().picture, sheet.css)
        };
        let [light, dark, both] = [0, 1, 2].map(|at: usize| assets[at].file_name());
        assert_eq!(shown("LIGHT").0, Picture { light: light.clone(), dark: None });
        assert_eq!(shown("DARK").0, Picture { light: dark.clone(), dark: None });
        let (picture, css) = shown("DYNAMIC");
        assert_eq!(picture, Picture { light, dark: Some(dark) });
        assert!(css.contains(&format!("body{{background-image:url({both})}}")), "{css}");
        assert!(!css.contains("@media"), "{css}");
        assert!(sheet(&json!({}), &assets).unwrap().form_logo.is_none());
    }
}
