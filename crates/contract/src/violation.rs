//! The words for what is wrong with a request.

use std::fmt::Write as _;

use serde_json::Value;

use crate::shape::{Kind, Shape};

/// Longest piece of a request that a message repeats, in characters.
const QUOTED: usize = 256;

/// Most violations that a message spells out; all are counted.
const LISTED: usize = 100;

/// Where in a request a value sits.
#[derive(Clone, Copy)]
pub(crate) enum Path<'a> {
    Root,
    /// A member of a structure.
    Member(&'a Path<'a>, &'a str),
    /// An item of a list, counted from zero.
    Item(&'a Path<'a>, usize),
    /// The key or the value of a map entry. A sensitive map does not show its keys.
    Entry(&'a Path<'a>, Option<&'a str>),
}

impl Path<'_> {
    fn write(&self, out: &mut String) {
        let parent = match self {
            Self::Root => return,
            Self::Member(parent, _) | Self::Item(parent, _) | Self::Entry(parent, _) => parent,
        };
        parent.write(out);
        if !matches!(parent, Path::Root) {
            out.push('.');
        }
        match self {
            Self::Root => {}
            Self::Member(_, name) => {
                let mut name = name.chars();
                out.extend(name.next().map(|first| first.to_ascii_lowercase()));
                out.push_str(name.as_str());
            }
            Self::Item(_, at) => {
                let _ = write!(out, "{}.member", at + 1);
            }
            Self::Entry(_, Some(key)) => {
                quote(out, key);
                out.push_str(".member");
            }
            Self::Entry(_, None) => out.push_str("*.member"),
        }
    }
}

/// The value a violation is about, as far as a message may show it.
#[derive(Clone, Copy)]
pub(crate) enum Shown<'a> {
    /// A sensitive value, or one whose text would help nobody.
    Hidden,
    Null,
    Text(&'a str),
    Number(i64),
    Value(&'a Value),
}

/// All that is wrong with one request.
#[derive(Default)]
pub(crate) struct Violations {
    count: usize,
    listed: String,
}

impl Violations {
    pub(crate) fn add(&mut self, path: &Path<'_>, shown: Shown<'_>, constraint: &str) {
        self.count += 1;
        if self.count > LISTED {
            return;
        }
        let out = &mut self.listed;
        if !out.is_empty() {
            out.push_str("; ");
        }
        match shown {
            Shown::Hidden => out.push_str("Value at '"),
            Shown::Null => out.push_str("Value null at '"),
            Shown::Text(text) => {
                out.push_str("Value '");
                quote(out, text);
                out.push_str("' at '");
            }
            Shown::Number(number) => {
                let _ = write!(out, "Value '{number}' at '");
            }
            Shown::Value(value) => {
                let mut text = String::new();
                render(&mut text, value);
                out.push_str("Value '");
                quote(out, &text);
                out.push_str("' at '");
            }
        }
        path.write(out);
        out.push_str("' failed to satisfy constraint: ");
        out.push_str(constraint);
    }

    /// The whole message, if there is anything to say.
    pub(crate) fn message(self) -> Option<String> {
        match self.count {
            0 => None,
            1 => Some(format!("1 validation error detected: {}", self.listed)),
            count => Some(format!("{count} validation errors detected: {}", self.listed)),
        }
    }
}

/// Repeats a piece of a request, cut to a bounded length. The message also travels in a header, so that control
/// characters become spaces.
fn quote(out: &mut String, text: &str) {
    let cut = text.char_indices().nth(QUOTED).map(|(at, _)| at);
    out.extend(text[..cut.unwrap_or(text.len())].chars().map(|c| if c.is_control() { ' ' } else { c }));
    if cut.is_some() {
        out.push_str("...");
    }
}

/// Writes a value the way Java prints it, and stops when there is more than enough.
fn render(out: &mut String, value: &Value) {
    if out.len() > 4 * QUOTED {
        return;
    }
    match value {
        Value::String(text) => quote(out, text),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().take(QUOTED).enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                render(out, item);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (at, (name, member)) in members.iter().take(QUOTED).enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                quote(out, name);
                out.push('=');
                render(out, member);
            }
            out.push('}');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            let _ = write!(out, "{value}");
        }
    }
}

/// What the front end says when a value has the wrong JSON type.
pub(crate) fn wrong_type(shape: &Shape, value: &Value) -> String {
    let wanted = match shape.kind {
        Kind::String | Kind::Enum(_) => "a String",
        Kind::Integer => "an Integer",
        Kind::Long => "a Long",
        Kind::Boolean => "a Boolean",
        Kind::Timestamp => "a Timestamp",
        Kind::Blob => "a Blob",
        Kind::List(_) | Kind::Map(..) | Kind::Structure(_) | Kind::Document => "",
    };
    let found = match value {
        Value::Array(_) => return "Start of list found where not expected.".into(),
        Value::Object(_) => return "Start of structure or map found where not expected.".into(),
        _ if wanted.is_empty() => return "Unexpected value type in payload.".into(),
        Value::String(_) => "STRING_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Null => "NULL_VALUE",
    };
    format!("{found} can not be converted to {wanted}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_cut_and_fits_a_header() {
        let mut violations = Violations::default();
        violations.add(&Path::Root, Shown::Text(&format!("a\r\n{}", "ü".repeat(300))), "x");
        let message = violations.message().unwrap();
        assert!(message.contains(&format!("Value 'a  {}...' at ", "ü".repeat(253))), "{message}");
    }

    #[test]
    fn ten_thousand_violations_are_counted_but_not_spelled_out() {
        let mut violations = Violations::default();
        for at in 0..10_000 {
            violations.add(&Path::Item(&Path::Root, at), Shown::Null, "x");
        }
        let message = violations.message().unwrap();
        assert!(
            message.starts_with("10000 validation errors detected: Value null at '1.member'"),
            "{message}"
        );
        assert_eq!(message.split("; ").count(), LISTED);
    }

    #[test]
    fn lists_and_maps_are_shown_as_java_would() {
        let mut text = String::new();
        render(&mut text, &serde_json::json!([{"a": 1, "b": "c"}, "d", true]));
        assert_eq!(text, "[{a=1, b=c}, d, true]");
    }

    #[test]
    fn a_large_value_is_not_written_out_to_be_cut() {
        let mut text = String::new();
        render(&mut text, &serde_json::json!(vec![vec!["x".repeat(100); 1000]; 1000]));
        assert!(text.len() < 20_000, "{}", text.len());
    }
}
