//! Where a request comes from.

use actix_web::HttpRequest;
use actix_web::http::header::{self, AcceptLanguage, Header as _, Quality};
use cognate_core::language;
use cognate_core::origin::Origin;

/// How many of the languages that a request accepts are looked at.
const MOST_LANGUAGES: usize = 5;

/// The longest header that languages are read from; browsers send a tenth of it.
const LONGEST_LANGUAGES: usize = 512;

/// The other end of the connection. Behind a proxy that is the proxy: what a request says of its way is anybody's claim.
pub(crate) fn of(request: &HttpRequest) -> Origin {
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Origin::new(request.peer_addr().map(|peer| peer.ip()), user_agent).reading(languages(request))
}

/// The languages that a request accepts, best first.
fn languages(request: &HttpRequest) -> Vec<String> {
    let length: usize = request.headers().get_all(header::ACCEPT_LANGUAGE).map(|value| value.len()).sum();
    let accepted = (1..=LONGEST_LANGUAGES).contains(&length).then(|| AcceptLanguage::parse(request).ok());
    let Some(mut accepted) = accepted.flatten() else { return Vec::new() };
    accepted.0.retain(|language| language.quality > Quality::ZERO);
    let tags = accepted.ranked().into_iter();
    let tags = tags.filter_map(|preference| preference.item().and_then(|tag| language::tag(tag.as_str())));
    tags.take(MOST_LANGUAGES).collect()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn accepting(text: &str) -> Vec<String> {
        languages(&TestRequest::default().insert_header((header::ACCEPT_LANGUAGE, text)).to_http_request())
    }

    #[test]
    fn languages_come_in_the_order_of_their_weight() {
        assert_eq!(accepting("fr;q=0.5, de-AT, en;q=0.9"), ["de-at", "en", "fr"]);
        assert_eq!(accepting("da, en-GB;q=0.8, en;q=0.7, *;q=0.1"), ["da", "en-gb", "en"]);
    }

    #[test]
    fn what_is_not_accepted_or_no_language_is_passed_over() {
        assert_eq!(accepting("de;q=0, x y, fr;q=nan, en;q=7, ,;, it"), ["it"]);
        assert!(accepting("").is_empty());
        assert!(languages(&TestRequest::default().to_http_request()).is_empty());
    }

    #[test]
    fn only_so_much_is_looked_at() {
        assert_eq!(accepting("de, en, fr, it, es, pt"), ["de", "en", "fr", "it", "es"]);
        assert!(accepting(&["de"; 200].join(",")).is_empty());
    }
}
