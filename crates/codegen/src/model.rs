//! A service model as the generator sees it: operations and shapes, in the order of the model file.

use anyhow::{Context, Result, bail};

use crate::json::Json;

/// One service: what can be called and what travels.
pub(crate) struct Model {
    pub(crate) target_prefix: String,
    pub(crate) operations: Vec<Operation>,
    pub(crate) shapes: Vec<Shape>,
}

pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) input: Option<String>,
    pub(crate) output: Option<String>,
    pub(crate) errors: Vec<String>,
    pub(crate) signed: bool,
}

#[derive(PartialEq)]
pub(crate) struct Shape {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) sensitive: bool,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    pub(crate) pattern: Option<String>,
}

#[derive(PartialEq)]
pub(crate) enum Kind {
    String,
    Enum(Vec<String>),
    Integer,
    Long,
    Boolean,
    Timestamp,
    Blob,
    Document,
    List(String),
    Map { key: String, value: String },
    Structure(Vec<Member>),
    Exception { status: u16, members: Vec<Member> },
}

#[derive(PartialEq)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) shape: String,
    pub(crate) required: bool,
}

impl Model {
    pub(crate) fn parse(json: &Json) -> Result<Self> {
        let prefix = json.require("metadata")?.require("targetPrefix")?;
        let operations =
            json.require("operations")?.members().iter().map(|(name, op)| Operation::parse(name, op));
        let shapes = json.require("shapes")?.members().iter().map(|(name, shape)| {
            Shape::parse(name, shape).with_context(|| format!("shape {name} cannot be understood"))
        });
        Ok(Self {
            target_prefix: prefix.as_str().context("targetPrefix is not a string")?.to_owned(),
            operations: operations.collect(),
            shapes: with_functions(shapes.collect::<Result<_>>()?),
        })
    }

    pub(crate) fn shape(&self, name: &str) -> Result<&Shape> {
        self.shapes.iter().find(|shape| shape.name == name).with_context(|| format!("no shape {name}"))
    }
}

/// Where Cognito takes the ARN of a function it may be the URL of one as well: such members are of a shape of their own.
fn with_functions(mut shapes: Vec<Shape>) -> Vec<Shape> {
    const HOLDERS: [&str; 5] = [
        "CustomEmailLambdaVersionConfigType",
        "CustomSMSLambdaVersionConfigType",
        "InboundFederationLambdaType",
        "LambdaConfigType",
        "PreTokenGenerationVersionConfigType",
    ];
    let Some(arn) = shapes.iter().find(|shape| shape.name == ARN) else { return shapes };
    let pattern = arn.pattern.as_ref().map(|arn| format!(r"{arn}|https?://\S+"));
    let function = Shape { name: FUNCTION.to_owned(), kind: Kind::String, pattern, ..*arn };
    for shape in shapes.iter_mut().filter(|shape| HOLDERS.contains(&shape.name.as_str())) {
        let Kind::Structure(members) = &mut shape.kind else { continue };
        let are_functions = |member: &&mut Member| member.shape == ARN && member.name != "KMSKeyID";
        members.iter_mut().filter(are_functions).for_each(|member| member.shape = FUNCTION.to_owned());
    }
    shapes.push(function);
    shapes.sort_by(|a, b| a.name.cmp(&b.name));
    shapes
}

const ARN: &str = "ArnType";
/// An ARN or a URL.
const FUNCTION: &str = "FunctionType";

impl Operation {
    fn parse(name: &str, json: &Json) -> Self {
        let shape = |role| json.get(role).and_then(Json::as_str).map(str::to_owned);
        Self {
            name: name.to_owned(),
            input: shape("input"),
            output: shape("output"),
            errors: json.strings("errors"),
            signed: json.flag("signed"),
        }
    }
}

impl Shape {
    fn parse(name: &str, json: &Json) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            kind: Kind::parse(json)?,
            sensitive: json.flag("sensitive"),
            min: json.get("min").and_then(Json::as_i64),
            max: json.get("max").and_then(Json::as_i64),
            pattern: json.get("pattern").and_then(Json::as_str).map(str::to_owned),
        })
    }

    /// The members of a structure or exception; none for anything else.
    pub(crate) fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Structure(members) | Kind::Exception { members, .. } => members,
            _ => &[],
        }
    }

    /// The shapes this one refers to.
    pub(crate) fn parts(&self) -> Vec<&str> {
        match &self.kind {
            Kind::List(item) => vec![item],
            Kind::Map { key, value } => vec![key, value],
            _ => self.members().iter().map(|member| member.shape.as_str()).collect(),
        }
    }
}

impl Kind {
    fn parse(json: &Json) -> Result<Self> {
        let reference = |role: &str| -> Result<String> {
            let shape = json.require(role)?.require("shape")?.as_str();
            Ok(shape.context("a shape reference is not a string")?.to_owned())
        };
        Ok(match json.require("type")?.as_str().unwrap_or_default() {
            "string" if json.get("enum").is_some() => Self::Enum(json.strings("enum")),
            "string" => Self::String,
            "integer" => Self::Integer,
            "long" => Self::Long,
            "boolean" => Self::Boolean,
            "timestamp" => Self::Timestamp,
            "blob" => Self::Blob,
            "list" => Self::List(reference("member")?),
            "map" => Self::Map { key: reference("key")?, value: reference("value")? },
            "structure" if json.flag("document") => Self::Document,
            "structure" if json.flag("exception") => Self::Exception {
                status: if json.flag("fault") { 500 } else { 400 },
                members: members(json)?,
            },
            "structure" => Self::Structure(members(json)?),
            other => bail!("type {other:?} is not supported"),
        })
    }

    /// The word the model uses for this kind.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Enum(_) => "enum",
            Self::Integer => "integer",
            Self::Long => "long",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
            Self::Blob => "blob",
            Self::Document => "document",
            Self::List(_) => "list",
            Self::Map { .. } => "map",
            Self::Structure(_) => "structure",
            Self::Exception { .. } => "exception",
        }
    }
}

fn members(json: &Json) -> Result<Vec<Member>> {
    let required = json.strings("required");
    let member = |(name, member): &(String, Json)| -> Result<Member> {
        let shape = member.require("shape")?.as_str().context("a shape reference is not a string")?;
        Ok(Member { name: name.clone(), shape: shape.to_owned(), required: required.contains(name) })
    };
    json.require("members")?.members().iter().map(member).collect()
}
