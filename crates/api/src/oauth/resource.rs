//! What clients are told of userInfo as a resource that tokens protect (RFC 9728), where the pool says that they may be.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::dpop::ALGORITHMS;
use cognate_core::site::Site;
use cognate_core::token::IDENTITY_SCOPES;
use cognate_core::{options, user_pool};
use cognate_store::{UserPool, UserPoolId};
use serde::Serialize;

use super::discovery::{not_here, published, refused};
use crate::server::Server;
use crate::site;

/// Where userInfo is, of a site.
const USERINFO: &str = "oauth2/userInfo";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/{pool}/.well-known/oauth-protected-resource/oauth2/userInfo", web::get().to(document))
        // RFC 9728, section 3.1: the resource's path behind the well-known part.
        .route("/.well-known/oauth-protected-resource/{pool}/oauth2/userInfo", web::get().to(document));
}

/// What there is to know (RFC 9728, section 2).
#[derive(Serialize)]
struct Document {
    resource: String,
    authorization_servers: [String; 1],
    bearer_methods_supported: [&'static str; 2],
    scopes_supported: [&'static str; 4],
    #[serde(skip_serializing_if = "Option::is_none")]
    dpop_signing_alg_values_supported: Option<[&'static str; 6]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dpop_bound_access_tokens_required: Option<bool>,
}

async fn document(request: HttpRequest, pool: Path<String>, server: Data<Server>) -> HttpResponse {
    let id = UserPoolId::new(pool.into_inner());
    let pool = match user_pool::published(&server.app, &id).await {
        Ok(pool) => pool,
        Err(error) => return refused(&error),
    };
    if !options::describes_resources(&pool) {
        return not_here();
    }
    let (binds, must_bind) = options::binds_tokens(&pool);
    published(HttpResponse::Ok()).json(Document {
        dpop_signing_alg_values_supported: binds.then_some(ALGORITHMS),
        dpop_bound_access_tokens_required: must_bind.then_some(true),
        resource: identifier(&site::of(&request, &server.app.place, &id)),
        authorization_servers: [server.app.place.issuer(&id)],
        bearer_methods_supported: ["header", "body"],
        scopes_supported: IDENTITY_SCOPES,
    })
}

/// What userInfo is called as a resource: its address.
pub(super) fn identifier(site: &Site) -> String {
    format!("{}/{USERINFO}", site.url)
}

/// What a refusal of userInfo adds to its challenge (RFC 9728, section 5.1): where the document is, if there is one.
pub(super) fn pointer(request: &HttpRequest, server: &Server, pool: &UserPool) -> Option<String> {
    if !options::describes_resources(pool) {
        return None;
    }
    let site = site::of(request, &server.app.place, &pool.id);
    let (origin, base) = (site.origin(), site.base);
    Some(format!("resource_metadata=\"{origin}/.well-known/oauth-protected-resource{base}/{USERINFO}\""))
}
