//! What all pages have in common: their headers, and the files that they are made of.

use std::sync::LazyLock;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use sha2::{Digest as _, Sha256};

/// One stylesheet of our own, and nothing from elsewhere (HUI-4).
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; \
                      base-uri 'none'; form-action 'self'";
/// Scripts of our own beside it.
const POLICY_WITH_SCRIPT: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
                                  frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// That a host is reached by TLS alone.
pub(super) const HSTS: &str = "max-age=31536000 ; includeSubDomains";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-cache, no-store, max-age=0, must-revalidate"),
    (header::PRAGMA, "no-cache"),
    (header::STRICT_TRANSPORT_SECURITY, HSTS),
];

/// A file that pages have in common.
pub(super) struct File {
    path: &'static str,
    kind: &'static str,
    text: &'static str,
    /// What tells it from the same file of another version.
    version: LazyLock<String>,
}

impl File {
    /// Its address, which is another one for each version.
    pub(super) fn url(&self) -> String {
        format!("{}?v={}", self.path, *self.version)
    }

    /// Whoever asks for another version gets this one, for the moment.
    async fn serve(&'static self, request: HttpRequest) -> HttpResponse {
        let is_this = request.query_string().strip_prefix("v=") == Some(self.version.as_str());
        // Some caches pass over what follows a question mark: nobody is served an old one for long.
        let keep = if is_this { "public, max-age=3600" } else { "public, max-age=60" };
        HttpResponse::Ok()
            .content_type(self.kind)
            .insert_header((header::CACHE_CONTROL, keep))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(self.text)
    }
}

fn version(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..8])
}

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// The look of every page.
pub(super) static STYLE: File = File {
    path: "/_cognate/style.css",
    kind: CSS,
    text: include_str!("style.css"),
    version: LazyLock::new(|| version(STYLE.text)),
};
/// What HTML cannot do.
pub(super) static SCRIPT: File = File {
    path: "/_cognate/pages.js",
    kind: JAVASCRIPT,
    text: include_str!("pages.js"),
    version: LazyLock::new(|| version(SCRIPT.text)),
};
/// The list of countries beside a phone number.
pub(super) static PHONE: File = File {
    path: "/_cognate/phone.js",
    kind: JAVASCRIPT,
    text: include_str!("phone.js"),
    version: LazyLock::new(|| version(PHONE.text)),
};

/// What all pages are made of.
pub(super) fn routes(config: &mut ServiceConfig) {
    for file in [&STYLE, &SCRIPT, &PHONE] {
        config.route(file.path, web::get().to(move |request| file.serve(request)));
    }
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
