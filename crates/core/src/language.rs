//! Languages that people read: tags (BCP 47) as they are compared, and whose words a message is to have.

use cognate_store::user::Attributes;
use language_tags::LanguageTag;

use crate::origin::Origin;

/// The longest tag that is looked at, which has room for every part that tells languages apart (RFC 5646, 4.4.1).
const LONGEST: usize = 35;

/// A tag as tags are compared: in lower case, and with hyphens where a locale (`de_CH`) has underscores. None for what is no tag.
pub fn tag(text: &str) -> Option<String> {
    well_formed(text).map(|tag| tag.as_str().to_ascii_lowercase())
}

/// As [`tag`], of languages, scripts and regions that are registered: one that is made up would never be asked for.
pub fn registered_tag(text: &str) -> Option<String> {
    let tag = well_formed(text)?;
    tag.is_valid().then(|| tag.as_str().to_ascii_lowercase())
}

fn well_formed(text: &str) -> Option<LanguageTag> {
    let text = Some(text).filter(|text| text.len() <= LONGEST)?;
    LanguageTag::parse(&text.replace('_', "-")).ok()
}

/// What a user would rather read, best first: what they say of themselves, and then what their own request accepts.
pub(crate) fn of_reader(attributes: &Attributes, origin: &Origin) -> Vec<String> {
    let mut languages: Vec<_> = attributes.get("locale").and_then(|locale| tag(locale)).into_iter().collect();
    for language in origin.languages() {
        if !languages.contains(language) {
            languages.push(language.clone());
        }
    }
    languages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_in_lower_case() {
        for (text, expected) in
            [("de", "de"), ("de-CH", "de-ch"), ("de_CH", "de-ch"), ("zh-Hant-TW", "zh-hant-tw")]
        {
            assert_eq!(tag(text).as_deref(), Some(expected));
            assert_eq!(registered_tag(text).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_is_no_tag_is_none() {
        let long = format!("de-{}", ["abcdefgh"; 5].join("-"));
        for text in ["", "*", "d", "-", "de-", "de CH", "en_US.UTF-8", "größe", "de;q=1", long.as_str()] {
            assert_eq!(tag(text), None, "{text}");
        }
    }

    #[test]
    fn a_tag_that_is_made_up_is_not_registered() {
        for text in ["german", "de-YY", "qqx-Nope"] {
            assert!(tag(text).is_some() && registered_tag(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_reader_is_asked_before_their_browser() {
        let origin = Origin::default().reading(["fr-fr", "de-ch", "en"].map(str::to_owned).into());
        let locale = |locale: &str| Attributes::from([("locale".to_owned(), locale.to_owned())]);
        assert_eq!(of_reader(&locale("de_CH"), &origin), ["de-ch", "fr-fr", "en"]);
        assert_eq!(of_reader(&locale("no tag"), &origin), ["fr-fr", "de-ch", "en"]);
        assert_eq!(of_reader(&locale("it"), &Origin::default()), ["it"]);
        assert!(of_reader(&Attributes::new(), &Origin::default()).is_empty());
    }
}
