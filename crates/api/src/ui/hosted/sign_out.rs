//! `/{pool}/logout`: ending a browser's session, in Cognito's two ways and in OpenID Connect's (RP-Initiated Logout 1.0).

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use cognate_core::browser_session;
use cognate_core::sign_out::{self, Leaving};
use cognate_core::user_pool;
use cognate_store::UserPoolId;

use super::cookie::Jar;
use super::{Answered, Words, away, encoded, page, refused, served, words};
use crate::parameters::Parameters;
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/{pool}/logout", web::get().to(by_link)).route("/{pool}/logout", web::post().to(by_form));
}

async fn by_link(request: HttpRequest, pool: Path<String>, server: Data<Server>) -> HttpResponse {
    served(async move {
        let query = request.query_string().as_bytes().to_vec();
        leave(&request, &server, &pool, &query).await
    })
    .await
}

/// The same from a form, of any origin (RP-Initiated Logout 1.0, section 2).
async fn by_form(
    request: HttpRequest,
    pool: Path<String>,
    body: Bytes,
    server: Data<Server>,
) -> HttpResponse {
    served(async move { leave(&request, &server, &pool, &body).await }).await
}

/// Asks whether it was meant.
#[derive(Template)]
#[template(path = "hosted/sign_out.html")]
struct Question {
    words: Words,
    action: String,
}

fn ask(pool: &UserPoolId, words: Words) -> HttpResponse {
    page::respond(StatusCode::OK, &Question { words, action: format!("/{pool}/logout") })
}

async fn leave(request: &HttpRequest, server: &Server, pool: &str, parameters: &[u8]) -> Answered {
    let id = UserPoolId::new(pool);
    let jar = Jar::of(&server.app.place, &id);
    let words = words(&jar, request, None);
    let wrong = |id: &str| refused(words, StatusCode::BAD_REQUEST, id);
    let parameters = Parameters::of_encoded(parameters).map_err(|_| wrong("error-request"))?;
    let pool = user_pool::published(&server.app, &id).await.map_err(|_| wrong("error-client"))?;
    let leaving = sign_out::leaving(&server.app, &pool, parameters.all()).await;
    let location = match leaving {
        Ok(Leaving::To(location)) => Some(location),
        Ok(Leaving::ToSignIn(query)) => Some(format!("/{id}/login?{}", encoded(&query))),
        Ok(Leaving::Nowhere) => None,
        Ok(Leaving::Asked) => return Ok(ask(&id, words)),
        Err(sign_out::Refused::UnknownClient) => return Err(wrong("error-client").into()),
        Err(sign_out::Refused::Redirect) => return Err(wrong("error-redirect").into()),
        Err(sign_out::Refused::Failed(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "sign-out failed");
            return Err(refused(words, StatusCode::INTERNAL_SERVER_ERROR, "error").into());
        }
    };
    if let Some(session) = jar.session(request) {
        browser_session::end(&server.app, &pool, &session).await.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "sign-out failed");
            refused(words, StatusCode::INTERNAL_SERVER_ERROR, "error")
        })?;
    }
    let mut response = match location {
        Some(location) => away(&location),
        None => refused(words, StatusCode::OK, "signed-out"),
    };
    let _ = response.add_cookie(&jar.forget());
    Ok(response)
}
