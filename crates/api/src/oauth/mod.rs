//! What a pool publishes for OpenID Connect libraries: discovery and keys.

mod discovery;

use actix_web::web::ServiceConfig;

/// The routes of every pool, under its issuer.
pub(crate) fn routes(config: &mut ServiceConfig) {
    discovery::routes(config);
}
