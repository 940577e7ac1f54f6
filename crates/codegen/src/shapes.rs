//! The tables that `decode` walks: one static per shape that can appear in a request.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Result, ensure};

use crate::graph::{Reach, holds_sensitive};
use crate::model::{Kind, Model, Shape};
use crate::names::screaming;
use crate::pattern::translate;

/// Patterns already written, by original and translated text, with the name of their static.
type Patterns = BTreeMap<(String, String), String>;

/// Writes the private `shape` module.
pub(crate) fn write(out: &mut String, model: &Model, reach: &Reach) -> Result<()> {
    writeln!(out, "/// What each shape of a request must look like.\nmod shape {{")?;
    writeln!(out, "    use crate::{{Member, Pattern, Shape}};\n")?;
    let mut names = BTreeSet::new();
    let mut patterns = Patterns::new();
    for shape in model.shapes.iter().filter(|shape| reach.inputs.contains(&shape.name)) {
        let name = screaming(&shape.name);
        ensure!(names.insert(name.clone()), "two shapes are called {name}");
        let pattern = write_pattern(out, shape, &mut patterns)?;
        let table = table(model, shape, pattern.as_deref())?;
        writeln!(out, "    pub(super) static {name}: Shape = {table};")?;
    }
    writeln!(out, "\n    #[cfg(test)]\n    pub(crate) static PATTERNS: &[&Pattern] = &[")?;
    for name in patterns.values() {
        writeln!(out, "        &{name},")?;
    }
    writeln!(out, "    ];\n}}\n\n#[cfg(test)]\npub(crate) use shape::PATTERNS;")?;
    Ok(())
}

/// Writes the pattern of a shape unless an equal one is there already, and returns its name.
fn write_pattern(out: &mut String, shape: &Shape, patterns: &mut Patterns) -> Result<Option<String>> {
    let Some(java) = &shape.pattern else { return Ok(None) };
    let rust = translate(&shape.name, java)?;
    let key = (java.clone(), rust.clone());
    if let Some(name) = patterns.get(&key) {
        return Ok(Some(name.clone()));
    }
    let name = format!("{}_PATTERN", screaming(&shape.name));
    writeln!(out, "    static {name}: Pattern = Pattern::new({}, {});", raw(java), raw(&rust))?;
    patterns.insert(key, name.clone());
    Ok(Some(name))
}

fn raw(text: &str) -> String {
    if text.contains('"') { format!("r#\"{text}\"#") } else { format!("r\"{text}\"") }
}

fn table(model: &Model, shape: &Shape, pattern: Option<&str>) -> Result<String> {
    let mut table = match &shape.kind {
        Kind::String => "Shape::string()".into(),
        Kind::Enum(values) => format!("Shape::enumeration(&{values:?})"),
        Kind::Integer => "Shape::integer()".into(),
        Kind::Long => "Shape::long()".into(),
        Kind::Boolean => "Shape::boolean()".into(),
        Kind::Timestamp => "Shape::timestamp()".into(),
        Kind::Blob => "Shape::blob()".into(),
        Kind::Document => "Shape::document()".into(),
        Kind::List(item) => format!("Shape::list(&{})", screaming(item)),
        Kind::Map { key, value } => format!("Shape::map(&{}, &{})", screaming(key), screaming(value)),
        Kind::Structure(members) | Kind::Exception { members, .. } => {
            let mut table = String::from("Shape::structure(&[");
            for member in members {
                let need = if member.required { "required" } else { "optional" };
                write!(table, "Member::{need}({:?}, &{}), ", member.name, screaming(&member.shape))?;
            }
            table + "])"
        }
    };
    // An enum is held to its values alone.
    if !matches!(shape.kind, Kind::Enum(_)) {
        if let Some(min) = shape.min {
            write!(table, ".min({min})")?;
        }
        if let Some(max) = shape.max {
            write!(table, ".max({max})")?;
        }
        if let Some(pattern) = pattern {
            write!(table, ".pattern(&{pattern})")?;
        }
    }
    if shape.sensitive {
        table.push_str(".sensitive()");
    } else if holds_sensitive(model, shape)? {
        table.push_str(".holds_sensitive()");
    }
    Ok(table)
}
