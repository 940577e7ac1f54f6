//! `/{pool}/oauth2/authorize`: where an app sends a browser (RFC 6749, section 3.1).

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::authorization::{self, Decision, Refusal, Wants, pushed};

use super::visit::REQUEST_URI;
use super::{Answered, Instead, Visit, away, elsewhere, served};
use crate::body::Body;
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    for path in ["/{pool}/oauth2/authorize", "/{pool}/authorize"] {
        config.route(path, web::get().to(by_link)).route(path, web::post().to(by_form));
    }
}

/// What a link asks for is an answer, whatever else it says.
async fn by_link(request: HttpRequest, pool: Path<String>, server: Data<Server>) -> HttpResponse {
    served(async move {
        let query = request.query_string().as_bytes();
        decide(Visit::read(server, &pool, &request, query, Wants::Answer).await?).await
    })
    .await
}

/// The same from a form, of any origin: it does nothing that a link does not (OpenID Connect Core 1.0, section 3.1.2.1).
async fn by_form(request: HttpRequest, pool: Path<String>, body: Body, server: Data<Server>) -> HttpResponse {
    served(async move {
        let is_form = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_form = is_form.is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        let parameters: &[u8] = if is_form { &body } else { b"" };
        let visit = Visit::read(server, &pool, &request, parameters, Wants::Answer).await?;
        // The browser kept its cookie to itself; it brings it where it is sent.
        let mut response = away(&visit.frame().to("oauth2/authorize"));
        response.head_mut().status = StatusCode::SEE_OTHER;
        Ok(response)
    })
    .await
}

/// The page to sign in at, which a request that was pushed goes on to for as long as that takes.
fn to_sign_in(visit: &Visit) -> Result<String, Instead> {
    let Some(uri) = visit.parameter(REQUEST_URI) else { return Ok(visit.frame().to("login")) };
    let brought = pushed::brought(&visit.server.app, &visit.authorization.context, &uri);
    Ok(match brought.map_err(|error| visit.failed(&error))? {
        Some(uri) => visit.to_with("login", REQUEST_URI, &uri),
        None => visit.frame().to("login"),
    })
}

async fn decide(visit: Visit) -> Answered {
    let decided = authorization::decide(&visit.server.app, &visit.authorization, visit.session.as_ref());
    Ok(match decided.await {
        Ok(Decision::Away(location)) => away(&location),
        Ok(Decision::SignIn) => away(&to_sign_in(&visit)?),
        Ok(Decision::Refused(refused)) => elsewhere(visit.shell(), refused),
        Err(error) => elsewhere(visit.shell(), visit.authorization.turned_away(Refusal::of_failure(&error))),
    })
}
