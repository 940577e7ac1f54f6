//! The operations: their names, their errors, and the pair of types each one ties together.

use std::fmt::Write as _;

use anyhow::Result;

use crate::model::{Kind, Model};

/// Writes the `Operation` enum, the error table and the `op` module.
pub(crate) fn write(out: &mut String, model: &Model) -> Result<()> {
    writeln!(out, "/// What stands before the dot in `X-Amz-Target`.")?;
    writeln!(out, "pub const TARGET_PREFIX: &str = {:?};\n", model.target_prefix)?;
    write_enum(out, model)?;
    write_errors(out, model)?;
    write_calls(out, model)
}

fn write_enum(out: &mut String, model: &Model) -> Result<()> {
    writeln!(out, "operations! {{")?;
    for operation in &model.operations {
        let auth = if operation.signed { "signed" } else { "unsigned" };
        writeln!(out, "    {} {auth} [", operation.name)?;
        for error in &operation.errors {
            writeln!(out, "        {error:?},")?;
        }
        writeln!(out, "    ];")?;
    }
    writeln!(out, "}}\n")?;
    Ok(())
}

fn write_errors(out: &mut String, model: &Model) -> Result<()> {
    writeln!(out, "/// Every error the model knows, with its HTTP status.")?;
    writeln!(out, "pub const ERRORS: &[(&str, u16)] = &[")?;
    for shape in &model.shapes {
        if let Kind::Exception { status, .. } = shape.kind {
            writeln!(out, "    ({:?}, {status}),", shape.name)?;
        }
    }
    writeln!(out, "];\n")?;
    Ok(())
}

fn write_calls(out: &mut String, model: &Model) -> Result<()> {
    writeln!(out, "/// One type per operation, which ties its input to its output.\npub mod op {{")?;
    for operation in &model.operations {
        let (input, output) = (operation.input.as_deref(), operation.output.as_deref());
        let input = input.map_or("crate::NoInput".into(), |input| format!("super::{input}"));
        let output = output.map_or("crate::NoOutput".into(), |output| format!("super::{output}"));
        writeln!(out, "    call!({}({input}) -> {output});", operation.name)?;
    }
    writeln!(out, "}}\n")?;
    Ok(())
}
