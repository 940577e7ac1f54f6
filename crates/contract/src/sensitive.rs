//! Texts that no log, message or crash report may show.

use std::collections::BTreeMap;
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// A sensitive text. It prints as `[redacted]` and is wiped from memory when dropped.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SensitiveString(String);

redacted_debug!(SensitiveString);

impl SensitiveString {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Gives the text to somebody who will take care of it.
    pub fn into_inner(mut self) -> String {
        std::mem::take(&mut self.0)
    }
}

impl Drop for SensitiveString {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Deref for SensitiveString {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for SensitiveString {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<String> for SensitiveString {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for SensitiveString {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl PartialEq<str> for SensitiveString {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for SensitiveString {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

/// A sensitive map of texts. It prints as `[redacted]` and its values are wiped from memory when dropped.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SensitiveMap(BTreeMap<String, String>);

redacted_debug!(SensitiveMap);

impl SensitiveMap {
    /// Takes one value out, to be wiped by whoever holds it.
    pub fn take(&mut self, key: &str) -> Option<SensitiveString> {
        self.0.remove(key).map(SensitiveString)
    }

    /// Gives the map to somebody who will take care of it.
    pub fn into_inner(mut self) -> BTreeMap<String, String> {
        std::mem::take(&mut self.0)
    }
}

impl Drop for SensitiveMap {
    fn drop(&mut self) {
        self.0.values_mut().for_each(Zeroize::zeroize);
    }
}

impl Deref for SensitiveMap {
    type Target = BTreeMap<String, String>;

    fn deref(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

impl From<BTreeMap<String, String>> for SensitiveMap {
    fn from(map: BTreeMap<String, String>) -> Self {
        Self(map)
    }
}

impl FromIterator<(String, String)> for SensitiveMap {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_print_as_redacted() {
        let map: SensitiveMap = [("PASSWORD".to_owned(), "hunter2".to_owned())].into_iter().collect();
        assert_eq!(format!("{:?} {map:?}", SensitiveString::from("hunter2")), "[redacted] [redacted]");
    }

    #[test]
    fn secrets_travel_as_plain_json() {
        let secret: SensitiveString = serde_json::from_str(r#""hunter2""#).unwrap();
        assert_eq!(secret, "hunter2");
        assert_eq!(serde_json::to_string(&secret).unwrap(), r#""hunter2""#);
        let mut map: SensitiveMap = serde_json::from_str(r#"{"A":"b"}"#).unwrap();
        assert_eq!(map.get("A").map(String::as_str), Some("b"));
        assert_eq!(map.take("A"), Some("b".into()));
        assert!(map.into_inner().is_empty());
    }
}
