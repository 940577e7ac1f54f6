//! Parameters of requests to the OAuth endpoints, each of which is given once (RFC 6749, section 3.1; OAU-1).

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use secrecy::SecretString;
use zeroize::Zeroize as _;

use super::answer::{Code, Refusal};

/// The longest value that is read, but for tokens.
const LONGEST: usize = 8 * 1024;
const MOST: usize = 64;

/// What a form or a query says.
#[derive(Default)]
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Reads a form.
    ///
    /// # Errors
    /// `invalid_request` for what is no form, and for a parameter that comes twice.
    pub(super) fn of_form(request: &HttpRequest, body: &[u8]) -> Result<Self, Refusal> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Refusal::new(Code::InvalidRequest).because("The body must be a form"));
        }
        Self::of_encoded(body)
    }

    /// Reads `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    /// `invalid_request` for a parameter that comes twice, or is not text.
    pub(super) fn of_encoded(encoded: &[u8]) -> Result<Self, Refusal> {
        let wrong = |why: &'static str| Refusal::new(Code::InvalidRequest).because(why);
        let mut parameters = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(encoded) {
            if value.len() > LONGEST || parameters.len() == MOST {
                return Err(wrong("The request is too large"));
            }
            if value.contains(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER) {
                return Err(wrong("A parameter is not text"));
            }
            if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(wrong("A parameter is given twice"));
            }
        }
        // One without a value was left out (RFC 6749, section 3.1).
        parameters.retain(|_, value| !value.is_empty());
        Ok(Self(parameters))
    }

    /// A parameter, where it is given.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// One that is a secret.
    pub(super) fn secret(&self, name: &str) -> Option<SecretString> {
        self.get(name).map(SecretString::from)
    }

    /// One that must be given.
    ///
    /// # Errors
    /// `invalid_request`.
    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::new(Code::InvalidRequest).because("A parameter is missing"))
    }

    /// The words of one that is a list.
    pub(super) fn words(&self, name: &str) -> Vec<String> {
        let words = self.get(name).unwrap_or_default().split(' ');
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }
}

impl Drop for Parameters {
    fn drop(&mut self) {
        self.0.values_mut().for_each(|value| value.zeroize());
    }
}
