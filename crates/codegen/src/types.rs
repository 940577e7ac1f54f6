//! The Rust types: one struct per structure, one enum per enumerated string.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};

use crate::graph::{Reach, contains_itself, has_default};
use crate::model::{Kind, Member, Model, Shape};
use crate::names::{camel, screaming, snake};

/// Names that a shape may not have, because the generated code uses them for something else.
const TAKEN: &[&str] =
    &["Blob", "Box", "Operation", "Option", "SensitiveMap", "SensitiveString", "String", "Timestamp", "Vec"];

/// Writes the enums and structs of every shape that some operation uses.
pub(crate) fn write(out: &mut String, model: &Model, reach: &Reach) -> Result<()> {
    for shape in model.shapes.iter().filter(|shape| reach.contains(&shape.name)) {
        ensure!(!TAKEN.contains(&shape.name.as_str()), "a shape is called {}", shape.name);
        match &shape.kind {
            Kind::Enum(values) => write_enum(out, &shape.name, values)?,
            Kind::Structure(members) => write_struct(out, model, reach, shape, members)?,
            _ => {}
        }
    }
    Ok(())
}

fn write_enum(out: &mut String, name: &str, values: &[String]) -> Result<()> {
    writeln!(out, "wire_enum! {{\n    /// Wire values of `{name}`.\n    pub enum {name} {{")?;
    let mut variants = BTreeSet::new();
    for value in values {
        let variant = camel(value);
        ensure!(variants.insert(variant.clone()), "two values of {name} are called {variant}");
        writeln!(out, "        {variant} = {value:?},")?;
    }
    writeln!(out, "    }}\n}}\n")?;
    Ok(())
}

fn write_struct(
    out: &mut String,
    model: &Model,
    reach: &Reach,
    shape: &Shape,
    members: &[Member],
) -> Result<()> {
    let name = &shape.name;
    let is_input = reach.inputs.contains(name);
    let is_output = reach.outputs.contains(name);
    let derives = [
        (!shape.sensitive, "Debug"),
        (true, "Clone"),
        (has_default(model, shape)?, "Default"),
        (is_output, "Serialize"),
        (is_input, "Deserialize"),
    ];
    let derives: Vec<_> =
        derives.into_iter().filter(|(wanted, _)| *wanted).map(|(_, derive)| derive).collect();
    writeln!(out, "/// Wire shape `{name}`.\n#[derive({})]\npub struct {name} {{", derives.join(", "))?;
    for member in members {
        let part = model.shape(&member.shape)?;
        let mut ty = rust_type(model, part)?;
        if contains_itself(model, shape, part)? {
            ty = format!("Box<{ty}>");
        }
        writeln!(out, "    /// `{}`, a `{}`.", member.name, member.shape)?;
        let skip =
            if is_output && !member.required { ", skip_serializing_if = \"Option::is_none\"" } else { "" };
        writeln!(out, "    #[serde(rename = {:?}{skip})]", member.name)?;
        let ty = if member.required { ty } else { format!("Option<{ty}>") };
        writeln!(out, "    pub {}: {ty},", snake(&member.name))?;
    }
    writeln!(out, "}}\n")?;
    if shape.sensitive {
        writeln!(out, "redacted_debug!({name});\n")?;
    }
    if model.operations.iter().any(|operation| operation.input.as_ref() == Some(name)) {
        let table = screaming(name);
        writeln!(out, "impl Input for {name} {{\n    const SHAPE: &'static Shape = &shape::{table};\n}}\n")?;
    }
    Ok(())
}

/// The Rust type that carries a shape.
fn rust_type(model: &Model, shape: &Shape) -> Result<String> {
    let name = &shape.name;
    let can_hide = matches!(shape.kind, Kind::String | Kind::Map { .. } | Kind::Structure(_));
    ensure!(
        can_hide || !shape.sensitive,
        "{name} is a sensitive {}, which is not supported",
        shape.kind.word()
    );
    Ok(match &shape.kind {
        Kind::String if shape.sensitive => "SensitiveString".into(),
        Kind::String => "String".into(),
        Kind::Integer => "i32".into(),
        Kind::Long => "i64".into(),
        Kind::Boolean => "bool".into(),
        Kind::Timestamp => "Timestamp".into(),
        Kind::Blob => "Blob".into(),
        Kind::Document => "serde_json::Value".into(),
        Kind::List(item) => format!("Vec<{}>", rust_type(model, model.shape(item)?)?),
        Kind::Map { key, value } => {
            let (key, value) = (model.shape(key)?, model.shape(value)?);
            ensure!(matches!(key.kind, Kind::String) && !key.sensitive, "{name} has unusual keys");
            let value = rust_type(model, value)?;
            ensure!(
                !shape.sensitive || value == "String",
                "{name} is a sensitive map of something but strings"
            );
            if shape.sensitive { "SensitiveMap".into() } else { format!("BTreeMap<String, {value}>") }
        }
        Kind::Enum(_) | Kind::Structure(_) => name.clone(),
        Kind::Exception { .. } => None.context(format!("{name} is an exception and has no type"))?,
    })
}
