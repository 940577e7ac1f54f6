//! How whoever shows no token that serves is told to come back (RFC 6750, section 3; RFC 9449, section 7.1; RFC 9728, section 5.1).

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCESS_CONTROL_EXPOSE_HEADERS, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponseBuilder};
use cognate_core::dpop::ALGORITHMS;
use cognate_core::options;
use cognate_core::token::TokenType;
use cognate_store::UserPool;

use super::{answer, client, resource};
use crate::server::Server;

/// What there is to say beside the error.
#[derive(Default)]
pub(super) struct Challenge {
    /// Where the document about this endpoint is, if there is one.
    pointer: Option<String>,
    /// Whether a token was shown as one that is bound to a key (RFC 9449).
    was_bound: bool,
    /// Whether the pool's clients may have such.
    binds: bool,
}

impl Challenge {
    /// To a request of which nothing else is known.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let shown = client::shown(request).ok().flatten();
        let was_bound = shown.is_some_and(|(_, token_type)| token_type == TokenType::Dpop);
        Self { was_bound, ..Self::default() }
    }

    /// To a request for userInfo of a pool.
    pub(super) fn of_pool(request: &HttpRequest, server: &Server, pool: &UserPool) -> Self {
        let pointer = resource::pointer(request, server, pool);
        Self { pointer, binds: options::binds_tokens(pool).0, ..Self::of(request) }
    }

    /// An answer that says so, also to scripts of any origin.
    pub(super) fn answer(&self, status: StatusCode, error: &str, description: &str) -> HttpResponseBuilder {
        let mut response = answer::unkept(status);
        for challenge in self.headers(error, description) {
            response.append_header((WWW_AUTHENTICATE, challenge));
        }
        response.insert_header((ACCESS_CONTROL_EXPOSE_HEADERS, WWW_AUTHENTICATE.as_str()));
        response
    }

    fn headers(&self, error: &str, description: &str) -> Vec<String> {
        let pointer = self.pointer.as_ref().map(|it| format!(", {it}")).unwrap_or_default();
        let algorithms = format!("algs=\"{}\"", ALGORITHMS.join(" "));
        let said = format!("error=\"{error}\", error_description=\"{description}\"{pointer}");
        match self.was_bound {
            true => vec![format!("DPoP {said}, {algorithms}")],
            false if self.binds => vec![format!("Bearer {said}"), format!("DPoP {algorithms}")],
            false => vec![format!("Bearer {said}")],
        }
    }
}
