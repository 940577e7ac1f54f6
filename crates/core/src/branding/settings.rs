//! The settings of a style: a free JSON document over the defaults that the pages have.

use std::sync::LazyLock;

use serde_json::Value;

use crate::{Error, Result};

/// The longest document, written out.
const LONGEST: usize = 256 * 1024;

/// What the pages look like where a style says nothing.
static DEFAULTS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("defaults.json")).unwrap_or_default());

/// Whether a document can be a style's settings. How deep it goes is bounded with the request.
pub(super) fn check(settings: &Value) -> Result<()> {
    if !settings.is_object() {
        return Err(Error::invalid("Settings must be a JSON object."));
    }
    if settings.to_string().len() > LONGEST {
        return Err(Error::invalid("Settings must not be longer than 256 KiB."));
    }
    Ok(())
}

/// The defaults, changed by a style's own settings.
pub(super) fn over_defaults(settings: Option<&Value>) -> Value {
    let mut merged = DEFAULTS.clone();
    if let Some(settings) = settings {
        merge(&mut merged, settings);
    }
    merged
}

/// Changes a document member by member; `null` takes a member away (RFC 7396).
pub(super) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(target) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            merge(target.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_change_member_by_member() {
        let mut settings = json!({ "a": { "b": 1, "c": [1, 2] }, "d": 8.0 });
        merge(
            &mut settings,
            &json!({ "a": { "c": [3], "e": {} }, "d": null, "f": { "g": null, "h": true } }),
        );
        assert_eq!(settings, json!({ "a": { "b": 1, "c": [3], "e": {} }, "f": { "h": true } }));
    }

    #[test]
    fn the_defaults_are_a_document_of_three_roots() {
        let roots: Vec<_> = DEFAULTS.as_object().unwrap().keys().collect();
        assert_eq!(roots, ["categories", "componentClasses", "components"]);
        let merged =
            over_defaults(Some(&json!({ "components": { "favicon": { "enabledTypes": ["SVG"] } } })));
        assert_eq!(merged["components"]["favicon"]["enabledTypes"], json!(["SVG"]));
        assert_eq!(merged["categories"], DEFAULTS["categories"]);
    }
}
