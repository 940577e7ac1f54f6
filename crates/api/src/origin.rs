//! Where a request comes from, and the host that it asks.
//!
//! What a request says of its way is anybody's claim, but for what proxies say that the operator named.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{self, AcceptLanguage, Header as _, HeaderMap, HeaderName, Quality};
use actix_web::web::Data;
use cognate_core::dpop::Proof;
use cognate_core::language;
use cognate_core::origin::Origin;
use ipnet::IpNet;

use crate::server::Server;
use crate::site;

/// How many of the languages that a request accepts are looked at.
const MOST_LANGUAGES: usize = 5;

/// The longest header that languages are read from; browsers send a tenth of it.
const LONGEST_LANGUAGES: usize = 512;

/// The address that proxies received a request from, one after another.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// That whoever asks has a key (RFC 9449, section 4.1).
const DPOP: HeaderName = HeaderName::from_static("dpop");

/// The proxies whose word counts.
#[derive(Debug, Default)]
pub struct Proxies(pub Vec<IpNet>);

impl Proxies {
    fn believes(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The other end of a request's way: the nearest address that is no proxy's.
    fn other_end(&self, request: &HttpRequest) -> Option<IpAddr> {
        let mut address = request.peer_addr()?.ip().to_canonical();
        let values: Vec<_> =
            request.headers().get_all(FORWARDED_FOR).filter_map(|it| it.to_str().ok()).collect();
        let mut hops = values.iter().flat_map(|value| value.split(',')).rev();
        while self.believes(address) {
            let Some(hop) = hops.next().and_then(|hop| hop.trim().parse::<IpAddr>().ok()) else { break };
            address = hop.to_canonical();
        }
        Some(address)
    }
}

/// The other end of the connection, or of the connection to the proxy.
pub(crate) fn of(request: &HttpRequest) -> Origin {
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let address = match request.app_data::<Data<Server>>() {
        Some(server) => server.proxies.other_end(request),
        None => request.peer_addr().map(|peer| peer.ip()),
    };
    let origin = Origin::new(address, user_agent).reading(languages(request));
    match proof(request) {
        Some(proof) => origin.proving(proof),
        None => origin,
    }
}

/// The proof that a request brings (RFC 9449, section 4.3), of which there may be one.
fn proof(request: &HttpRequest) -> Option<Proof> {
    let mut shown = request.headers().get_all(DPOP);
    let first = shown.next()?;
    // Several, or what is no text, are none that holds.
    let jwt = first.to_str().ok().filter(|_| shown.next().is_none()).unwrap_or_default();
    let server = request.app_data::<Data<Server>>()?;
    let url = site::url(request, &server.app.place);
    Some(Proof::new(jwt.to_owned(), request.method().to_string(), url))
}

/// The host that a request asks, in lower case and without a port.
pub(crate) fn host(headers: &HeaderMap) -> Option<String> {
    let authority = headers.get(header::HOST).and_then(|value| value.to_str().ok())?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    Some(host.to_ascii_lowercase())
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

    fn from(peer: &str, forwarded: &[&str]) -> Option<String> {
        let proxies = Proxies(vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        let request = TestRequest::default().peer_addr(peer.parse().unwrap());
        let request = forwarded.iter().fold(request, |it, value| it.append_header((FORWARDED_FOR, *value)));
        proxies.other_end(&request.to_http_request()).map(|address| address.to_string())
    }

    #[test]
    fn only_named_proxies_say_where_a_request_comes_from() {
        let other_end = |peer, forwarded: &[&str]| from(peer, forwarded).unwrap();
        assert_eq!(other_end("192.0.2.1:5", &["198.51.100.7"]), "192.0.2.1", "anybody's claim");
        assert_eq!(other_end("10.1.1.1:5", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(
            other_end("10.1.1.1:5", &["203.0.113.9, 198.51.100.7"]),
            "198.51.100.7",
            "a client's own claim"
        );
        assert_eq!(other_end("10.1.1.1:5", &["198.51.100.7, 10.2.2.2"]), "198.51.100.7", "two proxies");
        assert_eq!(other_end("10.1.1.1:5", &["198.51.100.7", "fd00::2"]), "198.51.100.7", "two headers");
        assert_eq!(other_end("10.1.1.1:5", &["unknown"]), "10.1.1.1");
        assert_eq!(other_end("10.1.1.1:5", &[]), "10.1.1.1");
        assert_eq!(other_end("[::ffff:10.1.1.1]:5", &["::ffff:198.51.100.7"]), "198.51.100.7");
    }

    #[test]
    fn only_so_much_is_looked_at() {
        assert_eq!(accepting("de, en, fr, it, es, pt"), ["de", "en", "fr", "it", "es"]);
        assert!(accepting(&["de"; 200].join(",")).is_empty());
    }
}
