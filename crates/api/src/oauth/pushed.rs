//! `/{pool}/oauth2/par`: requests that clients push before they send a browser with them (RFC 9126).

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::authorization::pushed::{self, LIFETIME};
use cognate_core::authorization::{Misdirected, Refused};
use cognate_store::UserPoolId;
use serde::Serialize;

use super::answer::{self, Code, Refusal};
use super::client;
use super::token::preflight;
use crate::body::Body;
use crate::parameters::Parameters;
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::resource("/{pool}/oauth2/par")
            .route(web::post().to(push))
            .route(web::method(actix_web::http::Method::OPTIONS).to(preflight)),
    );
}

/// What stands for the request now, and for how many seconds a browser may bring it (RFC 9126, section 2.2).
#[derive(Serialize)]
struct Told {
    request_uri: String,
    expires_in: i64,
}

async fn push(request: HttpRequest, pool: Path<String>, body: Body, server: Data<Server>) -> HttpResponse {
    let pool = UserPoolId::new(pool.into_inner());
    let pushing = async move { try_push(&server, &pool, &request, &body).await };
    match answer::finished(pushing).await {
        Ok(request_uri) => {
            answer::unkept(StatusCode::CREATED).json(Told { request_uri, expires_in: LIFETIME.num_seconds() })
        }
        Err(refusal) => refusal.answer_to_client(),
    }
}

async fn try_push(
    server: &Server,
    pool: &UserPoolId,
    request: &HttpRequest,
    body: &[u8],
) -> Result<String, Refusal> {
    let parameters = Parameters::of_form(request, body)?;
    let context = client::asking(server, pool, request, &parameters).await?;
    let asked = parameters.all().iter().filter(|(name, _)| *name != "client_secret");
    let asked = asked.map(|(name, value)| (name.clone(), value.clone())).collect();
    let pushed = pushed::push(&server.app, &context, asked).await;
    pushed.map_err(|refused| match refused {
        Refused::Back(_, refusal) => {
            Refusal::new(Code::OfAuthorization(refusal.code())).because(refusal.description())
        }
        Refused::Misdirected(why) => Refusal::new(Code::InvalidRequest).because(match why {
            Misdirected::RedirectMismatch => "redirect_uri is none of the client's",
            Misdirected::UnknownClient | Misdirected::Stranger => "The request would be refused",
        }),
        Refused::Failed(error) => error.into(),
    })
}
