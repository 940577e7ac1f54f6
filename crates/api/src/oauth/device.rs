//! `/{pool}/oauth2/device_authorization`: codes for a device without a browser, which somebody signs in on another (RFC 8628).

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::authorization::device::{self, Begun};
use cognate_core::site;
use cognate_store::UserPoolId;
use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::answer::{self, Refusal};
use super::client;
use super::token::preflight;
use crate::body::Body;
use crate::parameters::Parameters;
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::resource("/{pool}/oauth2/device_authorization")
            .route(web::post().to(begin))
            .route(web::method(actix_web::http::Method::OPTIONS).to(preflight)),
    );
}

/// What the device goes on with, and shows to people (RFC 8628, section 3.2).
#[derive(Serialize)]
struct Told<'a> {
    device_code: &'a str,
    user_code: &'a str,
    verification_uri: &'a str,
    verification_uri_complete: String,
    expires_in: i64,
    interval: i32,
}

async fn begin(request: HttpRequest, pool: Path<String>, body: Body, server: Data<Server>) -> HttpResponse {
    let pool = UserPoolId::new(pool.into_inner());
    let beginning = async move { try_begin(&server, &pool, &request, &body).await };
    match answer::finished(beginning).await {
        Ok((begun, page)) => answer::ok(&Told {
            device_code: begun.device_code.expose_secret(),
            user_code: &begun.user_code,
            verification_uri_complete: format!("{page}?user_code={}", begun.user_code),
            verification_uri: &page,
            expires_in: begun.expires_in,
            interval: begun.interval,
        }),
        Err(refusal) => refusal.answer_to_client(),
    }
}

/// The codes, and the page where somebody enters theirs.
async fn try_begin(
    server: &Server,
    pool: &UserPoolId,
    request: &HttpRequest,
    body: &[u8],
) -> Result<(Begun, String), Refusal> {
    let parameters = Parameters::of_form(request, body)?;
    let context = client::authenticated(server, pool, request, &parameters).await?;
    let site = site::of_pool(&server.app, &context.pool).await?;
    let (scope, resource) = (parameters.get("scope"), parameters.get("resource"));
    let begun = device::begin(&server.app, &context, scope, resource).await?;
    Ok((begun, format!("{}/device", site.url)))
}
