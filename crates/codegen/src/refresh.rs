//! Takes over newer service models from botocore, reduced to their interface facts.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::read::GzDecoder;

use crate::diff;
use crate::generate::SERVICES;
use crate::json::Json;
use crate::model::Model;

const METADATA: &[&str] =
    &["apiVersion", "jsonVersion", "serviceId", "signingName", "targetPrefix", "endpointPrefix"];

/// Values that AWS documents and answers with, and that its models lack.
const DOCUMENTED: &[(&str, &str)] = &[("ExplicitAuthFlowsType", "ALLOW_CLIENT_TOKEN_AUTH")];

/// Rewrites the committed models from a botocore `data` directory and says what changed.
pub(crate) fn run(data: &Path) -> Result<Vec<String>> {
    let version = botocore_version(data)?;
    let mut report = Vec::new();
    for service in SERVICES {
        let path = service.model_path();
        let old = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let new = reduce(&version, &load(data, service.name)?)?;
        let changes = diff::changes(&Model::parse(&Json::parse(&old)?)?, &Model::parse(&new)?);
        report.push(format!("{} from botocore {version}: {} changes", service.name, changes.len()));
        report.extend(changes.into_iter().map(|change| format!("  {change}")));
        std::fs::write(&path, new.pretty()?).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(report)
}

/// The version of the botocore package that a data directory belongs to.
fn botocore_version(data: &Path) -> Result<String> {
    let data = data.canonicalize().with_context(|| format!("no directory {}", data.display()))?;
    let init = data.with_file_name("__init__.py");
    let text = std::fs::read_to_string(&init).with_context(|| format!("cannot read {}", init.display()))?;
    let line = text.lines().find_map(|line| line.strip_prefix("__version__ = "));
    let version = line.with_context(|| format!("{} names no version", init.display()))?;
    Ok(version.trim_matches(['\'', '"']).to_owned())
}

/// The newest model of a service.
fn load(data: &Path, service: &str) -> Result<Json> {
    let directory = data.join(service);
    let versions =
        std::fs::read_dir(&directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let versions: Vec<PathBuf> = versions.map(|version| Ok(version?.path())).collect::<Result<_>>()?;
    let models = versions.into_iter().map(|version| version.join("service-2.json.gz"));
    let newest = models.filter(|model| model.exists()).max();
    let newest = newest.with_context(|| format!("no service-2.json.gz below {}", directory.display()))?;
    let mut text = Vec::new();
    GzDecoder::new(std::fs::File::open(&newest)?).read_to_end(&mut text)?;
    Json::parse(&text).with_context(|| format!("cannot parse {}", newest.display()))
}

/// Drops everything that is prose.
fn reduce(version: &str, model: &Json) -> Result<Json> {
    let metadata = model.require("metadata")?;
    let metadata = METADATA.iter().filter_map(|name| Some(((*name).to_owned(), metadata.get(name)?.clone())));
    let mut operations: Vec<(String, Json)> = model
        .require("operations")?
        .members()
        .iter()
        .map(|(name, op)| (name.clone(), operation(op)))
        .collect();
    operations.sort_by(|a, b| a.0.cmp(&b.0));
    let mut shapes: Vec<(String, Json)> = model
        .require("shapes")?
        .members()
        .iter()
        .map(|(name, shape)| (name.clone(), documented(name, bare(shape))))
        .collect();
    shapes.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(object([
        ("botocore", Json::from(version)),
        ("metadata", Json::Object(metadata.collect())),
        ("operations", Json::Object(operations)),
        ("shapes", Json::Object(shapes)),
    ]))
}

fn operation(operation: &Json) -> Json {
    let shape = |role| operation.get(role).and_then(|role| role.get("shape")).cloned().unwrap_or(Json::Null);
    let errors = operation.get("errors").map(Json::items).unwrap_or_default();
    let mut errors: Vec<&str> = errors.iter().filter_map(|error| error.get("shape")?.as_str()).collect();
    errors.sort_unstable();
    let signed = operation.get("authtype").and_then(Json::as_str) != Some("none");
    object([
        ("input", shape("input")),
        ("output", shape("output")),
        ("errors", Json::Array(errors.into_iter().map(Json::from).collect())),
        ("signed", Json::Bool(signed)),
    ])
}

fn bare(json: &Json) -> Json {
    match json {
        Json::Object(members) => {
            let kept =
                members.iter().filter(|(name, _)| name != "documentation" && name != "documentationUrl");
            Json::Object(kept.map(|(name, value)| (name.clone(), bare(value))).collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(bare).collect()),
        other => other.clone(),
    }
}

/// A shape with the values that are documented for it.
fn documented(name: &str, shape: Json) -> Json {
    let missing = |values: &[Json]| {
        let documented = DOCUMENTED.iter().filter(|(of, _)| *of == name).map(|(_, value)| Json::from(*value));
        documented.filter(|value| !values.contains(value)).collect::<Vec<_>>()
    };
    let Json::Object(members) = shape else { return shape };
    let members = members.into_iter().map(|(key, value)| match value {
        Json::Array(mut values) if key == "enum" => {
            values.extend(missing(&values));
            (key, Json::Array(values))
        }
        value => (key, value),
    });
    Json::Object(members.collect())
}

fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_dropped_and_order_is_kept() {
        let model = Json::parse(
            br#"{"metadata":{"apiVersion":"1","uid":"x","targetPrefix":"T"},
                "operations":{"B":{"name":"B","authtype":"none","errors":[{"shape":"Z"},{"shape":"E"}]},
                              "A":{"input":{"shape":"S"},"documentation":"prose"}},
                "shapes":{"S":{"type":"structure","members":{"Y":{"shape":"S","documentation":"prose"},"X":{"shape":"S"}},
                          "documentation":"prose"}},"documentation":"prose"}"#,
        );
        let expected = Json::parse(
            br#"{"botocore":"1.2.3","metadata":{"apiVersion":"1","targetPrefix":"T"},
                "operations":{"A":{"input":"S","output":null,"errors":[],"signed":true},
                              "B":{"input":null,"output":null,"errors":["E","Z"],"signed":false}},
                "shapes":{"S":{"type":"structure","members":{"Y":{"shape":"S"},"X":{"shape":"S"}}}}}"#,
        );
        assert_eq!(reduce("1.2.3", &model.unwrap()).unwrap(), expected.unwrap());
    }

    #[test]
    fn documented_values_are_added_once() {
        let flows =
            |values: &str| Json::parse(format!(r#"{{"type":"string","enum":[{values}]}}"#).as_bytes());
        let complete = flows(r#""X","ALLOW_CLIENT_TOKEN_AUTH""#).unwrap();
        assert_eq!(documented("ExplicitAuthFlowsType", flows(r#""X""#).unwrap()), complete);
        assert_eq!(documented("ExplicitAuthFlowsType", complete.clone()), complete);
        assert_eq!(documented("Other", flows(r#""X""#).unwrap()), flows(r#""X""#).unwrap());
    }

    #[test]
    fn the_committed_models_are_written_as_they_would_be_refreshed() {
        for service in SERVICES {
            let text = std::fs::read(service.model_path()).unwrap();
            let json = Json::parse(&text).unwrap();
            assert_eq!(json.pretty().unwrap(), String::from_utf8(text).unwrap(), "{}", service.name);
        }
    }
}
