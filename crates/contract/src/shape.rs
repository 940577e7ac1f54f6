//! Tables that say what each shape of a request must look like.

use crate::Pattern;

/// What a value must look like: its JSON type and its limits.
#[derive(Debug)]
pub struct Shape {
    pub(crate) kind: Kind,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    pub(crate) pattern: Option<&'static Pattern>,
    pub(crate) secrecy: Secrecy,
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) shape: &'static Shape,
}

#[derive(Debug)]
pub(crate) enum Kind {
    String,
    Enum(&'static [&'static str]),
    Integer,
    Long,
    Boolean,
    Timestamp,
    Blob,
    Document,
    List(&'static Shape),
    Map(&'static Shape, &'static Shape),
    Structure(&'static [Member]),
}

/// How much of a value a message may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrecy {
    /// All of it.
    Open,
    /// Nothing of the whole, because a part is sensitive; but other parts may be shown.
    Partly,
    /// Nothing, nor of any part.
    Sensitive,
}

/// The shape of a request without members.
pub(crate) static NOTHING: Shape = Shape::structure(&[]);

impl Member {
    /// A member that must be there.
    pub const fn required(name: &'static str, shape: &'static Shape) -> Self {
        Self { name, required: true, shape }
    }

    /// A member that may be absent.
    pub const fn optional(name: &'static str, shape: &'static Shape) -> Self {
        Self { name, required: false, shape }
    }
}

impl Shape {
    const fn new(kind: Kind) -> Self {
        Self { kind, min: None, max: None, pattern: None, secrecy: Secrecy::Open }
    }

    /// Any text.
    pub const fn string() -> Self {
        Self::new(Kind::String)
    }

    /// One of these texts.
    pub const fn enumeration(values: &'static [&'static str]) -> Self {
        Self::new(Kind::Enum(values))
    }

    /// A whole number of 32 bits.
    pub const fn integer() -> Self {
        Self::new(Kind::Integer)
    }

    /// A whole number of 64 bits.
    pub const fn long() -> Self {
        Self::new(Kind::Long)
    }

    /// True or false.
    pub const fn boolean() -> Self {
        Self::new(Kind::Boolean)
    }

    /// A point in time, as a number of seconds.
    pub const fn timestamp() -> Self {
        Self::new(Kind::Timestamp)
    }

    /// Bytes, as a base64 text.
    pub const fn blob() -> Self {
        Self::new(Kind::Blob)
    }

    /// Any JSON value.
    pub const fn document() -> Self {
        Self::new(Kind::Document)
    }

    /// Items of one shape.
    pub const fn list(item: &'static Shape) -> Self {
        Self::new(Kind::List(item))
    }

    /// Texts of one shape, each with a value of another.
    pub const fn map(key: &'static Shape, value: &'static Shape) -> Self {
        Self::new(Kind::Map(key, value))
    }

    /// Named members.
    pub const fn structure(members: &'static [Member]) -> Self {
        Self::new(Kind::Structure(members))
    }

    /// With this smallest value, length or size.
    pub const fn min(self, min: i64) -> Self {
        Self { min: Some(min), ..self }
    }

    /// With this greatest value, length or size.
    pub const fn max(self, max: i64) -> Self {
        Self { max: Some(max), ..self }
    }

    /// With a pattern that the whole text must match.
    pub const fn pattern(self, pattern: &'static Pattern) -> Self {
        Self { pattern: Some(pattern), ..self }
    }

    /// Never to be shown, nor any part of it.
    pub const fn sensitive(self) -> Self {
        Self { secrecy: Secrecy::Sensitive, ..self }
    }

    /// Not to be shown whole, because a part is sensitive.
    pub const fn holds_sensitive(self) -> Self {
        Self { secrecy: Secrecy::Partly, ..self }
    }
}
