//! What can be said about shapes only by following their references.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::model::{Kind, Model, Shape};

/// Which shapes travel in which direction.
pub(crate) struct Reach {
    pub(crate) inputs: BTreeSet<String>,
    pub(crate) outputs: BTreeSet<String>,
}

impl Reach {
    pub(crate) fn of(model: &Model) -> Result<Self> {
        let (mut inputs, mut outputs) = (BTreeSet::new(), BTreeSet::new());
        for operation in &model.operations {
            if let Some(input) = &operation.input {
                follow(model, input, &mut inputs)?;
            }
            if let Some(output) = &operation.output {
                follow(model, output, &mut outputs)?;
            }
        }
        Ok(Self { inputs, outputs })
    }

    pub(crate) fn contains(&self, shape: &str) -> bool {
        self.inputs.contains(shape) || self.outputs.contains(shape)
    }
}

fn follow(model: &Model, name: &str, seen: &mut BTreeSet<String>) -> Result<()> {
    if seen.insert(name.to_owned()) {
        for part in model.shape(name)?.parts() {
            follow(model, part, seen)?;
        }
    }
    Ok(())
}

/// Whether any shape beneath this one is sensitive.
pub(crate) fn holds_sensitive(model: &Model, shape: &Shape) -> Result<bool> {
    let mut parts = BTreeSet::new();
    for part in shape.parts() {
        follow(model, part, &mut parts)?;
    }
    for part in &parts {
        if model.shape(part)?.sensitive {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a struct of this shape has a default: nothing it requires is an enum, however deep.
pub(crate) fn has_default(model: &Model, shape: &Shape) -> Result<bool> {
    for member in shape.members().iter().filter(|member| member.required) {
        let part = model.shape(&member.shape)?;
        let fine = match part.kind {
            Kind::Enum(_) => false,
            Kind::Structure(_) => has_default(model, part)?,
            _ => true,
        };
        if !fine {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a struct would contain itself without a list or map in between, and so needs a box.
pub(crate) fn contains_itself(model: &Model, owner: &Shape, member: &Shape) -> Result<bool> {
    let mut seen = BTreeSet::new();
    let mut next = vec![member];
    while let Some(shape) = next.pop() {
        if shape.name == owner.name {
            return Ok(true);
        }
        if seen.insert(shape.name.as_str()) {
            for inner in shape.members() {
                next.push(model.shape(&inner.shape)?);
            }
        }
    }
    Ok(false)
}
