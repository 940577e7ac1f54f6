//! What OAuth and OpenID Connect libraries ask of a pool: discovery, keys, tokens.

mod answer;
mod challenge;
mod client;
mod device;
mod discovery;
mod introspection;
mod pushed;
mod register;
mod resource;
mod token;
mod userinfo;

use actix_web::web::ServiceConfig;
use actix_web::{HttpResponse, ResponseError as _};

use crate::body::Unread;

/// The routes of every pool, under its issuer.
pub(crate) fn routes(config: &mut ServiceConfig) {
    discovery::routes(config);
    token::routes(config);
    userinfo::routes(config);
    resource::routes(config);
    introspection::routes(config);
    pushed::routes(config);
    device::routes(config);
    register::routes(config);
}

/// What is answered where a body is not read, at an endpoint or a page.
pub(crate) fn unread(why: Unread) -> HttpResponse {
    let refusal = answer::Refusal::new(answer::Code::InvalidRequest).because(why.as_str());
    refusal.answer_as(why.status_code())
}
