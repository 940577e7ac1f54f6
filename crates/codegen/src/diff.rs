//! What changed between two versions of a model, one line each.

use crate::model::{Kind, Model, Operation, Shape};

/// Everything a reviewer of a new model wants to know.
pub(crate) fn changes(old: &Model, new: &Model) -> Vec<String> {
    let mut changes = Vec::new();
    let pairs = pair(&old.operations, &new.operations, |operation| &operation.name);
    for (name, before, after) in pairs {
        match (before, after) {
            (Some(before), Some(after)) => operation(&mut changes, before, after),
            (None, _) => changes.push(format!("operation {name} added")),
            (_, None) => changes.push(format!("operation {name} removed")),
        }
    }
    for (name, before, after) in pair(&old.shapes, &new.shapes, |shape| &shape.name) {
        match (before, after) {
            (Some(before), Some(after)) => shape(&mut changes, before, after),
            (None, Some(after)) => changes.push(format!("{} {name} added", after.kind.word())),
            (Some(before), None) => changes.push(format!("{} {name} removed", before.kind.word())),
            (None, None) => {}
        }
    }
    changes
}

/// Lines two lists up by name: the new one's order first, then what only the old one has.
fn pair<'a, T>(
    old: &'a [T],
    new: &'a [T],
    name: fn(&T) -> &str,
) -> Vec<(&'a str, Option<&'a T>, Option<&'a T>)> {
    let find = |list: &'a [T], wanted: &str| list.iter().find(|item| name(item) == wanted);
    let kept = new.iter().map(|item| (name(item), find(old, name(item)), Some(item)));
    let gone =
        old.iter().filter(|item| find(new, name(item)).is_none()).map(|item| (name(item), Some(item), None));
    kept.chain(gone).collect()
}

fn or_none<T: ToString>(value: &Option<T>) -> String {
    value.as_ref().map_or_else(|| "none".into(), T::to_string)
}

fn operation(changes: &mut Vec<String>, old: &Operation, new: &Operation) {
    let name = &new.name;
    for (error, before, after) in pair(&old.errors, &new.errors, String::as_str) {
        match (before, after) {
            (None, _) => changes.push(format!("operation {name}: error {error} added")),
            (_, None) => changes.push(format!("operation {name}: error {error} removed")),
            _ => {}
        }
    }
    let mut compare = |what: &str, old: &dyn ToString, new: &dyn ToString| {
        let (old, new) = (old.to_string(), new.to_string());
        if old != new {
            changes.push(format!("operation {name}: {what} changed from {old} to {new}"));
        }
    };
    compare("input", &or_none(&old.input), &or_none(&new.input));
    compare("output", &or_none(&old.output), &or_none(&new.output));
    compare("signed", &old.signed, &new.signed);
}

fn shape(changes: &mut Vec<String>, old: &Shape, new: &Shape) {
    if old == new {
        return;
    }
    let title = format!("{} {}", new.kind.word(), new.name);
    let mut compare = |what: &str, old: &dyn ToString, new: &dyn ToString| {
        let (old, new) = (old.to_string(), new.to_string());
        if old != new {
            changes.push(format!("{title}: {what} changed from {old} to {new}"));
        }
    };
    compare("type", &old.kind.word(), &new.kind.word());
    compare("sensitive", &old.sensitive, &new.sensitive);
    compare("min", &or_none(&old.min), &or_none(&new.min));
    compare("max", &or_none(&old.max), &or_none(&new.max));
    compare("pattern", &or_none(&old.pattern), &or_none(&new.pattern));
    match (&old.kind, &new.kind) {
        (Kind::List(old), Kind::List(new)) => compare("item", old, new),
        (Kind::Map { key: old_key, value: old }, Kind::Map { key: new_key, value: new }) => {
            compare("key", old_key, new_key);
            compare("value", old, new);
        }
        (Kind::Exception { status: old, .. }, Kind::Exception { status: new, .. }) => {
            compare("status", old, new)
        }
        (Kind::Enum(old), Kind::Enum(new)) => values(changes, &title, old, new),
        _ => {}
    }
    members(changes, &title, old, new);
}

fn values(changes: &mut Vec<String>, title: &str, old: &[String], new: &[String]) {
    for (value, before, after) in pair(old, new, String::as_str) {
        match (before, after) {
            (None, _) => changes.push(format!("{title}: value {value} added")),
            (_, None) => changes.push(format!("{title}: value {value} removed")),
            _ => {}
        }
    }
}

fn members(changes: &mut Vec<String>, title: &str, old: &Shape, new: &Shape) {
    for (name, before, after) in pair(old.members(), new.members(), |member| &member.name) {
        match (before, after) {
            (None, Some(after)) => changes.push(format!("{title}: member {name} added, a {}", after.shape)),
            (_, None) => changes.push(format!("{title}: member {name} removed")),
            (Some(before), Some(after)) => {
                if before.shape != after.shape {
                    changes.push(format!(
                        "{title}: member {name} is now a {}, was a {}",
                        after.shape, before.shape
                    ));
                }
                if before.required != after.required {
                    let now = if after.required { "required" } else { "optional" };
                    changes.push(format!("{title}: member {name} is now {now}"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Json;

    fn model(operations: &str, shapes: &str) -> Model {
        let json =
            format!(r#"{{"metadata":{{"targetPrefix":"T"}},"operations":{operations},"shapes":{shapes}}}"#);
        Model::parse(&Json::parse(json.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn every_kind_of_change_has_a_line() {
        let old = model(
            r#"{"Gone":{"errors":[]},"Kept":{"errors":["A"]}}"#,
            r#"{"E":{"type":"string","enum":["X","Y"]},"N":{"type":"string","max":5},
                "S":{"type":"structure","members":{"a":{"shape":"N"},"b":{"shape":"N"}}}}"#,
        );
        let new = model(
            r#"{"Fresh":{"errors":[]},"Kept":{"errors":["B"]}}"#,
            r#"{"E":{"type":"string","enum":["X","Z"]},"N":{"type":"string","max":6},"M":{"type":"long"},
                "S":{"type":"structure","required":["b"],"members":{"b":{"shape":"E"},"c":{"shape":"N"}}}}"#,
        );
        let expected = [
            "operation Fresh added",
            "operation Kept: error B added",
            "operation Kept: error A removed",
            "operation Gone removed",
            "enum E: value Z added",
            "enum E: value Y removed",
            "string N: max changed from 5 to 6",
            "long M added",
            "structure S: member b is now a E, was a N",
            "structure S: member b is now required",
            "structure S: member c added, a N",
            "structure S: member a removed",
        ];
        assert_eq!(changes(&old, &new), expected);
        assert!(changes(&new, &new).is_empty());
    }
}
