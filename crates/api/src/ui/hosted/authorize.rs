//! `/{pool}/oauth2/authorize`: where an app sends a browser (RFC 6749, section 3.1).

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::authorization::{self, Decision};

use super::{Answered, Visit, away, served};
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    for path in ["/{pool}/oauth2/authorize", "/{pool}/authorize"] {
        config.route(path, web::get().to(by_link)).route(path, web::post().to(by_form));
    }
}

async fn by_link(request: HttpRequest, pool: Path<String>, server: Data<Server>) -> HttpResponse {
    served(async move {
        let visit = Visit::of(server, &pool, &request).await?;
        decide(&visit).await
    })
    .await
}

/// The same from a form, of any origin: it does nothing that a link does not (OpenID Connect Core 1.0, section 3.1.2.1).
async fn by_form(
    request: HttpRequest,
    pool: Path<String>,
    body: Bytes,
    server: Data<Server>,
) -> HttpResponse {
    served(async move {
        let is_form = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_form = is_form.is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        let parameters: &[u8] = if is_form { &body } else { b"" };
        let visit = Visit::read(server, &pool, &request, parameters).await?;
        // The browser kept its cookie to itself; it brings it where it is sent.
        let mut response = away(&visit.frame().to("oauth2/authorize"));
        response.head_mut().status = StatusCode::SEE_OTHER;
        Ok(response)
    })
    .await
}

async fn decide(visit: &Visit) -> Answered {
    let decided = authorization::decide(&visit.server.app, &visit.authorization, visit.session.as_ref());
    Ok(match decided.await.map_err(|error| visit.failed(&error))? {
        Decision::Away(location) => away(&location),
        Decision::SignIn => away(&visit.frame().to("login")),
    })
}
