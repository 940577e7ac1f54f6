//! What all pages have in common: their headers.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use askama::Template;
use cognate_core::Error;

/// One stylesheet of our own, and nothing from elsewhere (HUI-4).
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; \
                      base-uri 'none'; form-action 'self'";
/// One script of our own beside it.
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

const TOO_MANY: &str = "Too many attempts. Please try again later.";

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
pub(super) async fn stylesheet() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(include_str!("style.css"))
}

/// The script.
pub(super) async fn script() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(include_str!("pages.js"))
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

/// Does what a button asks for, and shows that it is done, or else why the link does not work. In a task of its own: a browser
/// that goes away does not stop it half way.
pub(super) async fn act(
    acting: impl Future<Output = cognate_core::Result<()>> + 'static,
    done: Question,
    refused: &'static str,
) -> HttpResponse {
    let error = match actix_web::rt::spawn(acting).await {
        Ok(Ok(())) => return respond(StatusCode::OK, &done),
        Ok(Err(error)) => error,
        Err(error) => Error::Internal(Box::new(error)),
    };
    let (status, sentence) = match error {
        Error::Internal(cause) => {
            tracing::error!(error = &*cause as &dyn std::error::Error, "a page's button failed");
            return HttpResponse::InternalServerError().finish();
        }
        Error::Busy => (StatusCode::SERVICE_UNAVAILABLE, TOO_MANY),
        Error::AttemptLimit => (StatusCode::BAD_REQUEST, TOO_MANY),
        _ => (StatusCode::BAD_REQUEST, refused),
    };
    respond(status, &Question::answered("This link no longer works", sentence))
}
