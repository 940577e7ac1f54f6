//! What all pages have in common: their headers.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use askama::Template;

/// One stylesheet of our own, and nothing from elsewhere (HUI-4).
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// Renders a page with the headers that every page has.
pub(super) fn respond(status: StatusCode, page: &impl Template) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    ] {
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
pub(super) async fn stylesheet() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(include_str!("style.css"))
}

/// A page that asks to press a button, or says what came of it.
#[derive(Template)]
#[template(path = "question.html")]
pub(super) struct Question {
    heading: &'static str,
    sentence: &'static str,
    form: Option<Form>,
}

struct Form {
    fields: Vec<(&'static str, String)>,
    button: &'static str,
}

impl Question {
    /// The page that asks, with what its form repeats.
    pub(super) fn with(
        heading: &'static str,
        sentence: &'static str,
        fields: Vec<(&'static str, String)>,
        button: &'static str,
    ) -> Self {
        Self { heading, sentence, form: Some(Form { fields, button }) }
    }

    /// The page that says what came of it.
    pub(super) fn answered(heading: &'static str, sentence: &'static str) -> Self {
        Self { heading, sentence, form: None }
    }
}
