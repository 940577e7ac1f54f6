//! Walks a request against its shape and collects all that is wrong with it.

use serde_json::{Map, Value};

use crate::blob::Blob;
use crate::shape::{Kind, Member, Secrecy, Shape};
use crate::timestamp::Timestamp;
use crate::violation::{Path, Shown, Violations, wrong_type};

/// Checks a request. Map entries that are `null` are taken out, since `null` means absent.
///
/// Fails with the first value of a wrong type; values out of bounds are all collected.
pub(crate) fn validate(shape: &Shape, request: &mut Value, largest_page: i64) -> Result<Violations, String> {
    let mut violations = Violations::default();
    Walk { violations: &mut violations, hidden: false, largest_page }.value(shape, request, &Path::Root)?;
    Ok(violations)
}

/// Checks one value after another. A check answers whether the type fits; what is out of bounds it notes.
struct Walk<'v> {
    violations: &'v mut Violations,
    /// Whether an enclosing shape is sensitive, so that nothing within may be shown.
    hidden: bool,
    /// What the `Limit` of a request may be beyond the model's maximum.
    largest_page: i64,
}

impl Walk<'_> {
    fn value(&mut self, shape: &Shape, value: &mut Value, path: &Path<'_>) -> Result<(), String> {
        let mut walk = Walk {
            hidden: self.hidden || shape.secrecy == Secrecy::Sensitive,
            violations: self.violations,
            largest_page: self.largest_page,
        };
        let fits = match (&shape.kind, &mut *value) {
            (Kind::String, Value::String(text)) => walk.string(shape, text, path),
            (Kind::Enum(values), Value::String(text)) => walk.enumeration(values, text, path),
            (Kind::Integer, Value::Number(number)) => {
                walk.number(shape, number.as_i64().filter(|value| i32::try_from(*value).is_ok()), path)
            }
            (Kind::Long, Value::Number(number)) => walk.number(shape, number.as_i64(), path),
            (Kind::Timestamp, Value::Number(number)) => {
                number.as_f64().and_then(Timestamp::from_seconds).is_some()
            }
            (Kind::Boolean, Value::Bool(_)) | (Kind::Document, _) => true,
            (Kind::Blob, Value::String(text)) => walk.blob(shape, text, path),
            (Kind::List(item), Value::Array(_)) => return walk.list(shape, item, value, path),
            (Kind::Map(key, item), Value::Object(_)) => return walk.map(shape, key, item, value, path),
            (Kind::Structure(members), Value::Object(found)) => return walk.structure(members, found, path),
            _ => false,
        };
        if fits { Ok(()) } else { Err(wrong_type(shape, value)) }
    }

    fn structure(
        &mut self,
        members: &[Member],
        found: &mut Map<String, Value>,
        path: &Path<'_>,
    ) -> Result<(), String> {
        for member in members {
            let path = Path::Member(path, member.name);
            match found.get_mut(member.name) {
                Some(value) if !value.is_null() => self.value(member.shape, value, &path)?,
                _ if member.required => self.missing(member.shape, &path),
                _ => {}
            }
        }
        Ok(())
    }

    fn list(&mut self, shape: &Shape, item: &Shape, list: &mut Value, path: &Path<'_>) -> Result<(), String> {
        let size = list.as_array().map_or(0, Vec::len);
        self.length(shape, size, path, self.shown_whole(shape, list));
        for (at, value) in list.as_array_mut().into_iter().flatten().enumerate() {
            let path = Path::Item(path, at);
            if value.is_null() {
                self.missing(item, &path);
            } else {
                self.value(item, value, &path)?;
            }
        }
        Ok(())
    }

    fn map(
        &mut self,
        shape: &Shape,
        key: &Shape,
        item: &Shape,
        map: &mut Value,
        path: &Path<'_>,
    ) -> Result<(), String> {
        if let Some(entries) = map.as_object_mut() {
            entries.retain(|_, value| !value.is_null());
        }
        let size = map.as_object().map_or(0, Map::len);
        self.length(shape, size, path, self.shown_whole(shape, map));
        for (name, value) in map.as_object_mut().into_iter().flatten() {
            let path = Path::Entry(path, if self.hidden { None } else { Some(name) });
            self.string(key, name, &path);
            self.value(item, value, &path)?;
        }
        Ok(())
    }

    fn string(&mut self, shape: &Shape, text: &str, path: &Path<'_>) -> bool {
        let shown = self.shown(Shown::Text(text));
        if let Some(pattern) = shape.pattern
            && !pattern.matches(text)
        {
            let constraint = format!("Member must satisfy regular expression pattern: {}", pattern.text());
            self.violations.add(path, shown, &constraint);
        }
        if shape.min.is_some() || shape.max.is_some() {
            self.length(shape, text.chars().count(), path, shown);
        }
        true
    }

    fn enumeration(&mut self, values: &[&str], text: &str, path: &Path<'_>) -> bool {
        if !values.contains(&text) {
            let constraint = format!("Member must satisfy enum value set: [{}]", values.join(", "));
            self.violations.add(path, self.shown(Shown::Text(text)), &constraint);
        }
        true
    }

    fn number(&mut self, shape: &Shape, value: Option<i64>, path: &Path<'_>) -> bool {
        // A page may be larger than the model has it.
        let is_page = matches!(path, Path::Member(Path::Root, "Limit"));
        let max = shape.max.map(|max| if is_page { max.max(self.largest_page) } else { max });
        if let Some(value) = value {
            self.bounds(shape.min, max, value, path, "value", self.shown(Shown::Number(value)));
        }
        value.is_some()
    }

    fn blob(&mut self, shape: &Shape, text: &str, path: &Path<'_>) -> bool {
        let blob = Blob::parse(text);
        if let Some(blob) = &blob {
            self.length(shape, blob.len(), path, Shown::Hidden);
        }
        blob.is_some()
    }

    fn length(&mut self, shape: &Shape, length: usize, path: &Path<'_>, shown: Shown<'_>) {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        self.bounds(shape.min, shape.max, length, path, "length", shown);
    }

    fn bounds(
        &mut self,
        min: Option<i64>,
        max: Option<i64>,
        value: i64,
        path: &Path<'_>,
        what: &str,
        shown: Shown<'_>,
    ) {
        if let Some(max) = max.filter(|max| value > *max) {
            self.violations.add(path, shown, &format!("Member must have {what} less than or equal to {max}"));
        }
        if let Some(min) = min.filter(|min| value < *min) {
            self.violations.add(
                path,
                shown,
                &format!("Member must have {what} greater than or equal to {min}"),
            );
        }
    }

    fn missing(&mut self, shape: &Shape, path: &Path<'_>) {
        let hidden = self.hidden || shape.secrecy == Secrecy::Sensitive;
        let shown = if hidden { Shown::Hidden } else { Shown::Null };
        self.violations.add(path, shown, "Member must not be null");
    }

    fn shown<'a>(&self, value: Shown<'a>) -> Shown<'a> {
        if self.hidden { Shown::Hidden } else { value }
    }

    /// A list or map may be shown only if nothing inside it is sensitive.
    fn shown_whole<'a>(&self, shape: &Shape, value: &'a Value) -> Shown<'a> {
        if shape.secrecy == Secrecy::Open { self.shown(Shown::Value(value)) } else { Shown::Hidden }
    }
}
