//! `/{pool}/oauth2/introspect`: what a token is good for, to clients that may ask (RFC 7662). There is no preflight, as no script
//! has the secret that it takes.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::token::introspect::{self, Introspection};
use cognate_store::UserPoolId;

use super::answer::{self, Refusal};
use super::client;
use crate::body::Body;
use crate::parameters::Parameters;
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/{pool}/oauth2/introspect", web::post().to(introspect));
}

async fn introspect(
    request: HttpRequest,
    pool: Path<String>,
    body: Body,
    server: Data<Server>,
) -> HttpResponse {
    let pool = UserPoolId::new(pool.into_inner());
    let telling = async move { try_introspect(&server, &pool, &request, &body).await };
    match answer::finished(telling).await {
        Ok(told) => answer::ok(&told),
        Err(refusal) => refusal.answer_to_client(),
    }
}

async fn try_introspect(
    server: &Server,
    pool: &UserPoolId,
    request: &HttpRequest,
    body: &[u8],
) -> Result<Introspection, Refusal> {
    let parameters = Parameters::of_form(request, body)?;
    let context = client::authenticated(server, pool, request, &parameters).await?;
    parameters.required("token")?;
    let token = parameters.secret("token").unwrap_or_default();
    Ok(introspect::of_token(&server.app, &context, &token).await?)
}
