//! What all pages have in common: their headers.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::{self, ServiceConfig};
use askama::Template;

/// One stylesheet of our own, and nothing from elsewhere (HUI-4).
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; \
                      base-uri 'none'; form-action 'self'";
/// Scripts of our own beside it.
const POLICY_WITH_SCRIPT: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
                                  frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-cache, no-store, max-age=0, must-revalidate"),
    (header::PRAGMA, "no-cache"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000 ; includeSubDomains"),
];

/// What all pages are made of.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/_cognate/style.css", web::get().to(stylesheet))
        .route("/_cognate/pages.js", web::get().to(|| script(include_str!("pages.js"))))
        .route("/_cognate/phone.js", web::get().to(|| script(include_str!("phone.js"))));
}

/// Renders a page with the headers that every page has.
pub(super) fn respond(status: StatusCode, page: &impl Template) -> HttpResponse {
    respond_by(POLICY, status, page)
}

/// The same for a page with a script, whose form may end at another place, such as an app's (a source of CSP).
pub(super) fn respond_and_lead(status: StatusCode, page: &impl Template, leads_to: &str) -> HttpResponse {
    respond_by(format!("{POLICY_WITH_SCRIPT} {leads_to}").trim_end(), status, page)
}

fn respond_by(policy: &str, status: StatusCode, page: &impl Template) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CONTENT_SECURITY_POLICY, policy));
    for (name, value) in HEADERS {
        response.insert_header((name, HeaderValue::from_static(value)));
    }
    match page.render() {
        Ok(body) => response.content_type("text/html; charset=utf-8").body(body),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a page cannot be rendered");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// The stylesheet.
async fn stylesheet() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(include_str!("style.css"))
}

/// A script.
async fn script(text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(text)
}
