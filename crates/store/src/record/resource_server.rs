//! Resource servers: APIs, and the scopes that access tokens grant for them.

use serde::{Deserialize, Serialize};

use super::Kind;

/// A resource server. Its record's id is its identifier, what its scopes begin with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResourceServer {
    /// What the owner calls it.
    pub name: String,
    /// Its scopes, in the owner's order.
    pub scopes: Vec<Scope>,
}

/// A scope of a resource server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// What follows the identifier and a slash.
    pub name: String,
    /// What it allows, in the owner's words.
    pub description: String,
}

impl Kind for ResourceServer {
    const NAME: &'static str = "resource_server";
}
