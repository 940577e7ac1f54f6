//! `/{pool}/ui/{owner}/{file}`: what the pages of a client look like: style sheets and images, which anybody may see.

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, Data, Path, ServiceConfig};
use cognate_core::ui_customization::Logo;
use cognate_core::{Error, Place, look, user_pool};
use cognate_store::UserPoolId;

use crate::server::Server;

/// What a browser may do with it where it is opened by itself: nothing but show it.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'");
/// Another content has another address.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/{pool}/ui/{owner}/{file}", web::get().to(show));
}

/// Where a classic logo is.
pub(crate) fn url(place: &Place, pool: &UserPoolId, id: &str, logo: &Logo) -> String {
    format!("{}/ui/{id}/{}", place.issuer(pool), logo.file_name())
}

async fn show(path: Path<(String, String, String)>, server: Data<Server>) -> HttpResponse {
    let (pool, owner, file) = path.into_inner();
    let found = match user_pool::published(&server.app, &UserPoolId::new(pool)).await {
        Ok(pool) => look::file(&server.app, &pool, &owner, &file).await,
        Err(error) => Err(error),
    };
    let mut response = match &found {
        Ok(Some(_)) => HttpResponse::Ok(),
        Ok(None) | Err(Error::UserPoolNotFound(_) | Error::InvalidParameter(_)) => HttpResponse::NotFound(),
        Err(Error::Busy) => HttpResponse::ServiceUnavailable(),
        Err(error) => {
            tracing::error!(error = error as &dyn std::error::Error, "a file of a look cannot be read");
            HttpResponse::InternalServerError()
        }
    };
    response.insert_header((header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")));
    response.insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
    match found {
        Ok(Some(file)) => response
            .content_type(file.kind)
            .insert_header((header::CACHE_CONTROL, FOR_GOOD))
            .body(file.content),
        _ => response.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store"))).finish(),
    }
}
