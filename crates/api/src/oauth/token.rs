//! `/{pool}/oauth2/token` and `/{pool}/oauth2/revoke`: tokens for clients that prove who they are (RFC 6749, sections 4.4 and 6; RFC
//! 7009).

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE, CONTENT_LENGTH,
};
use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::app_client::ClientContext;
use cognate_core::token::{Tokens, machine, refresh, revoke};
use cognate_core::trigger::Metadata;
use cognate_store::UserPoolId;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use super::answer::{self, Code, Refusal};
use super::client;
use super::parameters::Parameters;
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    for (path, endpoint) in
        [("/{pool}/oauth2/token", web::post().to(token)), ("/{pool}/oauth2/revoke", web::post().to(revoke))]
    {
        config.service(
            web::resource(path)
                .route(endpoint)
                .route(web::method(actix_web::http::Method::OPTIONS).to(preflight)),
        );
    }
}

/// Lets scripts of any origin ask with a header, as they may ask without.
async fn preflight() -> HttpResponse {
    answer::unkept(StatusCode::NO_CONTENT)
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "POST"))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"))
        .insert_header((ACCESS_CONTROL_MAX_AGE, "86400"))
        .finish()
}

/// What a grant yields.
#[derive(Serialize)]
struct Granted<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<&'a str>,
    access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    expires_in: i64,
    token_type: &'static str,
}

impl<'a> Granted<'a> {
    fn access(token: &'a SecretString, expires_in: i64) -> Self {
        Self {
            id_token: None,
            access_token: token.expose_secret(),
            refresh_token: None,
            scope: None,
            expires_in,
            token_type: "Bearer",
        }
    }
}

async fn token(request: HttpRequest, pool: Path<String>, body: Bytes, server: Data<Server>) -> HttpResponse {
    let pool = UserPoolId::new(pool.into_inner());
    let granting = async move { grant(&server, &pool, &request, &body).await };
    answer::finished(granting).await.unwrap_or_else(Refusal::answer)
}

async fn grant(
    server: &Server,
    pool: &UserPoolId,
    request: &HttpRequest,
    body: &[u8],
) -> Result<HttpResponse, Refusal> {
    let parameters = Parameters::of_form(request, body)?;
    let grant_type = parameters.required("grant_type")?;
    let mut context = client::authenticated(server, pool, request, &parameters).await?;
    context.metadata = Metadata::of_client(Some(metadata(&parameters)?));
    match grant_type {
        "client_credentials" => client_credentials(server, &context, &parameters).await,
        "refresh_token" => refresh_token(server, &context, &parameters).await,
        _ => Err(Refusal::new(Code::UnsupportedGrantType)),
    }
}

/// What the client has to say to the pool's functions: Cognito's `aws_client_metadata`.
fn metadata(parameters: &Parameters) -> Result<BTreeMap<String, String>, Refusal> {
    let Some(given) = parameters.get("aws_client_metadata") else { return Ok(BTreeMap::new()) };
    let wrong = || Refusal::new(Code::InvalidRequest).because("aws_client_metadata is no map of texts");
    serde_json::from_str(given).map_err(|_| wrong())
}

async fn client_credentials(
    server: &Server,
    context: &ClientContext,
    parameters: &Parameters,
) -> Result<HttpResponse, Refusal> {
    let granted = machine::grant(&server.app, context, &parameters.words("scope")).await?;
    let scope = Some(granted.scopes.join(" "));
    Ok(answer::ok(&Granted { scope, ..Granted::access(&granted.access, granted.expires_in) }))
}

async fn refresh_token(
    server: &Server,
    context: &ClientContext,
    parameters: &Parameters,
) -> Result<HttpResponse, Refusal> {
    parameters.required("refresh_token")?;
    let token = parameters.secret("refresh_token").unwrap_or_default();
    let Tokens { access, id, refresh, expires_in, .. } = refresh::grant(&server.app, context, &token).await?;
    Ok(answer::ok(&Granted {
        id_token: Some(id.expose_secret()),
        refresh_token: refresh.as_ref().map(|token| token.expose_secret()),
        ..Granted::access(&access, expires_in)
    }))
}

async fn revoke(request: HttpRequest, pool: Path<String>, body: Bytes, server: Data<Server>) -> HttpResponse {
    let pool = UserPoolId::new(pool.into_inner());
    let revoking = async move { try_revoke(&server, &pool, &request, &body).await };
    match answer::finished(revoking).await {
        // Amplify reads a body unless this says that there is none.
        Ok(()) => answer::unkept(StatusCode::OK).insert_header((CONTENT_LENGTH, "0")).finish(),
        Err(refusal) if refusal.code == Code::InvalidClient => refusal.answer_as(StatusCode::UNAUTHORIZED),
        // Where it is switched off, Cognito says no more.
        Err(refusal) if refusal.code == Code::UnauthorizedClient => {
            Refusal::new(Code::InvalidRequest).because("Token revocation is switched off").answer()
        }
        Err(refusal) => refusal.answer(),
    }
}

async fn try_revoke(
    server: &Server,
    pool: &UserPoolId,
    request: &HttpRequest,
    body: &[u8],
) -> Result<(), Refusal> {
    let parameters = Parameters::of_form(request, body)?;
    let context = client::authenticated(server, pool, request, &parameters).await?;
    parameters.required("token")?;
    let token = parameters.secret("token").unwrap_or_default();
    Ok(revoke::of_client(&server.app, &context, &token).await?)
}
