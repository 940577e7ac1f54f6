//! Where a request comes from, as far as the request itself tells. Nothing of it is proven: it describes, and lets
//! nobody in.

mod user_agent;

use std::net::IpAddr;
use std::sync::Arc;

use cognate_store::message::{CustomWords, Medium, Occasion};
use ipnet::IpNet;
pub(crate) use user_agent::without_versions;

use crate::dpop::Proof;

/// The longest user agent that is kept; real ones have a few hundred bytes.
const LONGEST_USER_AGENT: usize = 512;

/// Where a request comes from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    address: Option<IpAddr>,
    user_agent: Option<Arc<str>>,
    languages: Arc<[String]>,
    wording: Option<Arc<dyn Wording>>,
    proof: Option<Arc<Proof>>,
}

/// Words for the messages that somebody asks for at a page of the pool's own, in the language of the page.
pub trait Wording: std::fmt::Debug + Send + Sync {
    /// Those of a message, where there are any for it: a text message, or the HTML of an email with its subject.
    fn words(&self, occasion: Occasion, medium: Medium, is_by_link: bool) -> Option<CustomWords>;
}

impl Origin {
    /// Takes the address of whoever asked, and what their program calls itself, cut to a length that is bounded.
    pub fn new(address: Option<IpAddr>, user_agent: Option<&str>) -> Self {
        let cut = |text: &str| Arc::from(&text[..text.floor_char_boundary(LONGEST_USER_AGENT)]);
        let address = address.map(|it| it.to_canonical());
        Self { address, user_agent: user_agent.map(cut), ..Self::default() }
    }

    /// The same, of somebody who would rather read these languages ([`crate::language::tag`]), best first. Only a user's own
    /// request tells: an administrator's says what the administrator reads.
    pub fn reading(self, languages: Vec<String>) -> Self {
        Self { languages: languages.into(), ..self }
    }

    /// The same at a page, which words messages itself where nobody else has words for them. The language of the page that somebody
    /// chose comes before those that they accept, but for what they accept of the same language.
    pub fn at_page(self, chosen: Option<&str>, wording: Arc<dyn Wording>) -> Self {
        let languages = match chosen {
            Some(chosen) => {
                let is_of_it =
                    |it: &&String| it.strip_prefix(chosen).is_some_and(|rest| rest.starts_with('-'));
                let (of_it, others): (Vec<_>, Vec<_>) = self.languages.iter().partition(is_of_it);
                let others = others.into_iter().filter(|it| *it != chosen).cloned();
                of_it.into_iter().cloned().chain([chosen.to_owned()]).chain(others).collect()
            }
            None => self.languages.clone(),
        };
        Self { wording: Some(wording), languages, ..self }
    }

    /// The same, with a proof that whoever asks has a key.
    pub fn proving(self, proof: Proof) -> Self {
        Self { proof: Some(Arc::new(proof)), ..self }
    }

    /// The proof that was brought, where one was; nobody has looked at it.
    pub(crate) fn proof(&self) -> Option<&Proof> {
        self.proof.as_deref()
    }

    /// The words that a page has for a message, where it is asked for at one.
    pub(crate) fn words(&self, occasion: Occasion, medium: Medium, is_by_link: bool) -> Option<CustomWords> {
        self.wording.as_ref()?.words(occasion, medium, is_by_link)
    }

    /// A user for whom a server asks: at that address, with that program. What the server proves it goes on to.
    pub fn of_user(self, address: IpAddr, user_agent: Option<&str>) -> Self {
        Self { proof: self.proof, ..Self::new(Some(address), user_agent) }
    }

    /// The same program at another address.
    pub fn at(&self, address: IpAddr) -> Self {
        Self { address: Some(address.to_canonical()), ..self.clone() }
    }

    /// The address, where it is known; never an IPv4 address in the clothes of an IPv6 one.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// What the program calls itself, where it does.
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }

    /// The languages that whoever asked would rather read, best first.
    pub fn languages(&self) -> &[String] {
        &self.languages
    }

    /// The device in a few words, `Firefox 128, Linux`, as far as the user agent tells.
    pub fn device(&self) -> Option<String> {
        self.user_agent().and_then(user_agent::describe)
    }
}

/// The network of an address, about as large as one provider hands out to one place.
pub(crate) fn network(address: IpAddr) -> IpNet {
    let length = if address.is_ipv4() { 24 } else { 48 };
    IpNet::new(address, length).map_or_else(|_| address.into(), |network| network.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_user_agent_is_cut_between_two_letters() {
        let origin = Origin::new(None, Some(&"ü".repeat(1000)));
        assert_eq!(origin.user_agent().unwrap(), "ü".repeat(256));
        let origin = Origin::new(None, Some(&format!("x{}", "ü".repeat(1000))));
        assert_eq!(origin.user_agent().unwrap().len(), 511);
    }

    #[derive(Debug)]
    struct Silent;
    impl Wording for Silent {
        fn words(&self, _: Occasion, _: Medium, _: bool) -> Option<CustomWords> {
            None
        }
    }

    #[test]
    fn what_was_chosen_comes_first_and_what_is_accepted_of_it_before() {
        let accepted = ["nl", "de-ch", "en", "de"].map(str::to_owned);
        let reads = |chosen: Option<&str>| {
            let origin = Origin::default().reading(accepted.clone().into()).at_page(chosen, Arc::new(Silent));
            origin.languages().join(" ")
        };
        assert_eq!(reads(None), "nl de-ch en de");
        assert_eq!(reads(Some("de")), "de-ch de nl en");
        assert_eq!(reads(Some("pt-br")), "pt-br nl de-ch en de");
    }

    #[test]
    fn a_mapped_address_is_the_one_it_stands_for() {
        let address =
            |text: &str| Origin::new(Some(text.parse().unwrap()), None).address().unwrap().to_string();
        assert_eq!(address("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(address("2001:db8::7"), "2001:db8::7");
    }
}
