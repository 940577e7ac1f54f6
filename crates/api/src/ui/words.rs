//! What the pages say, in the reader's language: catalogues of Fluent.

use std::sync::{Arc, LazyLock};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::own_words::Own;

/// Texts of a language, by name.
pub(super) type Bundle = FluentBundle<FluentResource>;

/// A language that pages are written in.
struct Language {
    tag: &'static str,
    bundle: Bundle,
}

/// The catalogues; the first is what is left for whoever reads none of the others.
const CATALOGUES: [(&str, &str); 12] = [
    ("en", include_str!("../../locales/en.ftl")),
    ("ar", include_str!("../../locales/ar.ftl")),
    ("de", include_str!("../../locales/de.ftl")),
    ("es", include_str!("../../locales/es.ftl")),
    ("fr", include_str!("../../locales/fr.ftl")),
    ("id", include_str!("../../locales/id.ftl")),
    ("it", include_str!("../../locales/it.ftl")),
    ("ja", include_str!("../../locales/ja.ftl")),
    ("ko", include_str!("../../locales/ko.ftl")),
    ("pt-BR", include_str!("../../locales/pt-BR.ftl")),
    ("zh-CN", include_str!("../../locales/zh-CN.ftl")),
    ("zh-TW", include_str!("../../locales/zh-TW.ftl")),
];
/// The catalogue that all others are translations of.
pub(super) const ENGLISH: &str = CATALOGUES[0].1;
/// What the languages call themselves, in the order of their letters.
pub(super) const NAMES: [(&str, &str); 12] = [
    ("id", "Bahasa Indonesia"),
    ("de", "Deutsch"),
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("it", "Italiano"),
    ("pt-BR", "Português (Brasil)"),
    ("ar", "العربية"),
    ("ko", "한국어"),
    ("ja", "日本語"),
    ("zh-CN", "简体中文"),
    ("zh-TW", "繁體中文"),
];

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| CATALOGUES.map(Language::read).into());

impl Language {
    fn read((tag, catalogue): (&'static str, &str)) -> Self {
        Self { tag, bundle: bundle(tag, catalogue.to_owned()) }
    }
}

/// Reads a catalogue that was looked at before; what would not parse is left out.
pub(super) fn bundle(tag: &str, catalogue: String) -> Bundle {
    let identifier: LanguageIdentifier = tag.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    // Marks around what is put in would stand in attributes and in names that people copy.
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(catalogue).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

/// The words of one language, in place of some of which there may be an owner's.
#[derive(Clone)]
pub(super) struct Words {
    language: &'static Language,
    /// The owner's, those first that count before the others.
    own: Arc<[Arc<Own>]>,
}

impl Words {
    /// Those of the first of these languages that there are words of. Tags are as [`cognate_core::language::tag`] has them.
    pub(super) fn of_first(wanted: &[String]) -> Self {
        let same = |tag: &str, wanted: &str| tag.eq_ignore_ascii_case(wanted);
        let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        // Chinese is written in two ways, by place or as it is said.
        let traditional = ["zh-tw", "zh-hk", "zh-mo", "zh-hant"];
        let is_traditional =
            |wanted: &str| traditional.iter().any(|it| wanted.to_ascii_lowercase().starts_with(it));
        let exact = |wanted: &String| LANGUAGES.iter().find(|it| same(it.tag, wanted));
        let close = |wanted: &String| match is_traditional(wanted) {
            true => LANGUAGES.iter().find(|it| it.tag == "zh-TW"),
            false => LANGUAGES.iter().find(|it| primary(it.tag) == primary(wanted)),
        };
        let found = wanted.iter().find_map(|wanted| exact(wanted).or_else(|| close(wanted)));
        Self { language: found.unwrap_or(&LANGUAGES[0]), own: Arc::default() }
    }

    /// The same under these of an owner's.
    pub(super) fn under(self, own: Vec<Arc<Own>>) -> Self {
        Self { own: own.into(), ..self }
    }

    /// The language's tag.
    pub(super) fn tag(&self) -> &'static str {
        self.language.tag
    }

    /// Which way it is written.
    pub(super) fn direction(&self) -> &'static str {
        if self.language.tag == "ar" { "rtl" } else { "ltr" }
    }

    /// A text; its own name where a catalogue does not have it.
    pub(super) fn of(&self, id: &str) -> String {
        self.with(id, &[])
    }

    /// A text with what is put into it.
    pub(super) fn with(&self, id: &str, values: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set(*name, FluentValue::from(*value));
        }
        self.format(id, &args)
    }

    /// A text with a number in it.
    pub(super) fn counted(&self, id: &str, count: i32) -> String {
        let mut args = FluentArgs::new();
        args.set("count", count);
        self.format(id, &args)
    }

    /// Whether an owner has a text of that name.
    pub(super) fn are_own(&self, id: &str) -> bool {
        self.own.iter().any(|own| own.bundle.has_message(id))
    }

    /// Whether there is a text of that name.
    pub(super) fn has(&self, id: &str) -> bool {
        self.language.bundle.has_message(id)
    }

    fn format(&self, id: &str, args: &FluentArgs<'_>) -> String {
        let own = self.own.iter().map(|own| &own.bundle);
        let mut bundles = own.chain([&self.language.bundle, &LANGUAGES[0].bundle]);
        let said = bundles.find_map(|bundle| {
            let pattern = bundle.get_message(id)?.value()?;
            Some(bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned())
        });
        said.unwrap_or_else(|| id.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_catalogue_can_be_read() {
        for (tag, catalogue) in CATALOGUES {
            assert!(tag.parse::<LanguageIdentifier>().is_ok(), "{tag}");
            if let Err((_, errors)) = FluentResource::try_new(catalogue.to_owned()) {
                panic!("{tag}: {errors:?}");
            }
        }
    }

    /// The messages of a catalogue, each with the variables in it.
    fn messages(catalogue: &str) -> Vec<(String, Vec<String>)> {
        let variable = regex::Regex::new(r"\{ ?\$(\w+)").unwrap();
        let mut messages: Vec<(String, Vec<String>)> = Vec::new();
        for line in catalogue.lines().filter(|line| !line.starts_with('#')) {
            if let Some((id, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
                messages.push((id.to_owned(), Vec::new()));
            }
            if let Some((_, variables)) = messages.last_mut() {
                variables.extend(variable.captures_iter(line).map(|found| found[1].to_owned()));
            }
        }
        for (_, variables) in &mut messages {
            variables.sort_unstable();
            variables.dedup();
        }
        messages
    }

    #[test]
    fn every_catalogue_says_everything() {
        let english = messages(CATALOGUES[0].1);
        assert!(english.len() > 100);
        for (tag, catalogue) in CATALOGUES {
            assert_eq!(messages(catalogue), english, "{tag}");
            assert!(NAMES.iter().any(|(named, _)| *named == tag), "{tag}");
        }
    }

    #[test]
    fn everybody_reads_the_language_that_is_closest() {
        for (wanted, expected) in [
            (&["pt"][..], "pt-BR"),
            (&["pt-pt"], "pt-BR"),
            (&["zh-hant-hk"], "zh-TW"),
            (&["zh-hk"], "zh-TW"),
            (&["zh"], "zh-CN"),
            (&["zh-cn"], "zh-CN"),
            (&["de-ch", "fr"], "de"),
            (&["xx", "ar-eg"], "ar"),
            (&[], "en"),
        ] {
            let wanted: Vec<_> = wanted.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(Words::of_first(&wanted).tag(), expected, "{wanted:?}");
        }
    }

    #[test]
    fn words_are_put_together_by_the_catalogue() {
        let words = Words::of_first(&["xx".into(), "en-gb".into()]);
        assert_eq!((words.tag(), words.direction()), ("en", "ltr"));
        assert_eq!(words.counted("rule-length", 1), "at least one character");
        assert_eq!(words.counted("rule-length", 12), "at least 12 characters");
        assert_eq!(words.with("sign-in-lead", &[("app", "<b>")]), "to continue to <b>");
        assert_eq!(words.of("no-such-text"), "no-such-text");
    }
}
