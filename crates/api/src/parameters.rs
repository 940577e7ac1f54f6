//! Parameters of queries and forms, each of which is given once (RFC 6749, section 3.1; OAU-1).

use std::borrow::Cow;
use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use secrecy::SecretString;
use zeroize::Zeroize as _;

/// Why parameters cannot be read.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(pub(crate) &'static str);

/// The longest value that is read, but for tokens.
const LONGEST: usize = 8 * 1024;
/// As many as a profile of all attributes that a pool may have takes.
const MOST: usize = 256;

/// The pairs of a form. One that is plain has nothing to decode, and is only cut.
fn pairs(encoded: &[u8], is_plain: bool) -> Box<dyn Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> + '_> {
    match str::from_utf8(encoded) {
        Ok(plain) if is_plain => Box::new(plain.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (name.into(), value.into())
        })),
        _ => Box::new(url::form_urlencoded::parse(encoded)),
    }
}

/// What a form or a query says.
#[derive(Default)]
pub(crate) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Reads a form.
    ///
    /// # Errors
    /// For what is no form, and for a parameter that comes twice.
    pub(crate) fn of_form(request: &HttpRequest, body: &[u8]) -> Result<Self, Malformed> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Malformed("The body must be a form"));
        }
        Self::of_encoded(body)
    }

    /// Reads `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    /// For a parameter that comes twice, or is not text.
    pub(crate) fn of_encoded(encoded: &[u8]) -> Result<Self, Malformed> {
        let mut parameters = BTreeMap::new();
        // Most say what they mean, and tokens are long.
        let is_plain = encoded.iter().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'%' | b'+'));
        for (name, value) in pairs(encoded, is_plain) {
            if value.len() > LONGEST || parameters.len() == MOST {
                return Err(Malformed("The request is too large"));
            }
            if !is_plain && value.contains(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER) {
                return Err(Malformed("A parameter is not text"));
            }
            if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(Malformed("A parameter is given twice"));
            }
        }
        // One without a value was left out (RFC 6749, section 3.1).
        parameters.retain(|_, value| !value.is_empty());
        Ok(Self(parameters))
    }

    /// All of them.
    pub(crate) fn all(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// A parameter, where it is given.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// One that is a secret.
    pub(crate) fn secret(&self, name: &str) -> Option<SecretString> {
        self.get(name).map(SecretString::from)
    }

    /// One that must be given.
    ///
    /// # Errors
    /// When it is not.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Malformed> {
        self.get(name).ok_or(Malformed("A parameter is missing"))
    }

    /// A one-time code, without what people or messages put around it.
    pub(crate) fn code(&self) -> String {
        self.get("code").unwrap_or_default().chars().filter(|c| c.is_alphanumeric()).collect()
    }

    /// The words of one that is a list.
    pub(crate) fn words(&self, name: &str) -> Vec<String> {
        let words = self.get(name).unwrap_or_default().split(' ');
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }
}

impl Drop for Parameters {
    fn drop(&mut self) {
        self.0.values_mut().for_each(|value| value.zeroize());
    }
}
