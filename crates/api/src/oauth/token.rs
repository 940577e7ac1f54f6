//! `/{pool}/oauth2/token` and `/{pool}/oauth2/revoke`: tokens for clients that prove who they are (RFC 6749, sections 4.4 and 6; RFC
//! 8628, section 3.4; RFC 8693; RFC 7009).

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE, CONTENT_LENGTH,
};
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::app_client::ClientContext;
use cognate_core::authorization::code;
use cognate_core::authorization::device::{self, Polled};
use cognate_core::token::exchange::{self, Exchange, Presented, Target};
use cognate_core::token::{TokenType, Tokens, machine, refresh, revoke};
use cognate_core::trigger::Metadata;
use cognate_store::UserPoolId;
use cognate_store::signing_key::TokenUse;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use super::answer::{self, Code, Refusal};
use super::client;
use crate::body::Body;
use crate::parameters::Parameters;
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

pub(super) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";

/// Lets scripts of any origin ask with any header, as they may ask without: Amplify says in one which version it is.
pub(super) async fn preflight() -> HttpResponse {
    answer::unkept(StatusCode::NO_CONTENT)
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, "authorization, *"))
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
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'static str>,
    expires_in: i64,
    token_type: &'static str,
}

impl<'a> Granted<'a> {
    fn all(tokens: &'a Tokens) -> Self {
        Self {
            id_token: tokens.id.as_ref().map(|token| token.expose_secret()),
            refresh_token: tokens.refresh.as_ref().map(|token| token.expose_secret()),
            scope: joined(&tokens.scopes),
            ..Self::access(&tokens.access, tokens.expires_in, tokens.token_type)
        }
    }

    fn access(token: &'a SecretString, expires_in: i64, token_type: TokenType) -> Self {
        Self {
            id_token: None,
            access_token: token.expose_secret(),
            refresh_token: None,
            scope: None,
            issued_token_type: None,
            expires_in,
            token_type: token_type.as_str(),
        }
    }
}

/// Scopes as an answer has them, which says nothing of none (RFC 6749, section 3.3).
fn joined(scopes: &[String]) -> Option<String> {
    (!scopes.is_empty()).then(|| scopes.join(" "))
}

async fn token(request: HttpRequest, pool: Path<String>, body: Body, server: Data<Server>) -> HttpResponse {
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
        "authorization_code" => authorization_code(server, &context, &parameters).await,
        "client_credentials" => client_credentials(server, &context, &parameters).await,
        "refresh_token" => refresh_token(server, &context, &parameters).await,
        device::GRANT_TYPE => device_code(server, &context, &parameters).await,
        TOKEN_EXCHANGE => token_exchange(server, &context, &parameters).await,
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
    Ok(answer::ok(&Granted {
        scope: joined(&granted.scopes),
        ..Granted::access(&granted.access, granted.expires_in, granted.token_type)
    }))
}

async fn authorization_code(
    server: &Server,
    context: &ClientContext,
    parameters: &Parameters,
) -> Result<HttpResponse, Refusal> {
    parameters.required("code")?;
    let exchange = code::Exchange {
        code: parameters.secret("code").unwrap_or_default(),
        redirect_uri: parameters.get("redirect_uri").map(str::to_owned),
        code_verifier: parameters.secret("code_verifier"),
    };
    let tokens = code::exchange(&server.app, context, &exchange).await?;
    Ok(answer::ok(&Granted::all(&tokens)))
}

async fn device_code(
    server: &Server,
    context: &ClientContext,
    parameters: &Parameters,
) -> Result<HttpResponse, Refusal> {
    parameters.required("device_code")?;
    let code = parameters.secret("device_code").unwrap_or_default();
    let code = match device::poll(&server.app, context, &code).await? {
        Polled::Tokens(tokens) => return Ok(answer::ok(&Granted::all(&tokens))),
        Polled::Pending => Code::AuthorizationPending,
        Polled::TooSoon => Code::SlowDown,
        Polled::Refused => Code::AccessDenied,
        Polled::Expired => Code::ExpiredToken,
    };
    Err(Refusal::new(code))
}

async fn refresh_token(
    server: &Server,
    context: &ClientContext,
    parameters: &Parameters,
) -> Result<HttpResponse, Refusal> {
    parameters.required("refresh_token")?;
    let token = parameters.secret("refresh_token").unwrap_or_default();
    let tokens = refresh::grant(&server.app, context, &token, &parameters.words("scope")).await?;
    Ok(answer::ok(&Granted::all(&tokens)))
}

async fn token_exchange(
    server: &Server,
    context: &ClientContext,
    parameters: &Parameters,
) -> Result<HttpResponse, Refusal> {
    let wrong = |why| Refusal::new(Code::InvalidRequest).because(why);
    let kind = |name: &str| match parameters.get(name) {
        Some(ACCESS_TOKEN) => Ok(Some(TokenUse::Access)),
        Some(ID_TOKEN) => Ok(Some(TokenUse::Id)),
        Some(_) => Err(wrong("That type of token is not supported")),
        None => Ok(None),
    };
    let presented = |name: &str| match (parameters.secret(name), kind(&format!("{name}_type"))?) {
        (Some(token), Some(token_use)) => Ok(Some(Presented { token, token_use })),
        (None, None) => Ok(None),
        _ => Err(wrong("A token and its type go together")),
    };
    let target = match (parameters.get("audience"), parameters.get("resource")) {
        (None, None) => None,
        (Some(audience), None) => Some(Target::Audience(audience.to_owned())),
        (None, Some(resource)) => Some(Target::Resource(resource.to_owned())),
        (Some(_), Some(_)) => return Err(wrong("audience and resource exclude each other")),
    };
    let subject = presented("subject_token")?.ok_or_else(|| wrong("subject_token is missing"))?;
    let actor = presented("actor_token")?;
    let requested = kind("requested_token_type")?.unwrap_or(TokenUse::Access);
    let request = Exchange { subject, actor, scopes: parameters.words("scope"), target, requested };
    let derived = exchange::grant(&server.app, context, request).await?;
    let granted = Granted::access(&derived.token, derived.expires_in, derived.token_type);
    Ok(answer::ok(&match derived.token_use {
        TokenUse::Access => {
            Granted { scope: joined(&derived.scopes), issued_token_type: Some(ACCESS_TOKEN), ..granted }
        }
        // RFC 8693, section 2.2.1: for what is no access token.
        TokenUse::Id => Granted { issued_token_type: Some(ID_TOKEN), token_type: "N_A", ..granted },
    }))
}

async fn revoke(request: HttpRequest, pool: Path<String>, body: Body, server: Data<Server>) -> HttpResponse {
    let pool = UserPoolId::new(pool.into_inner());
    let revoking = async move { try_revoke(&server, &pool, &request, &body).await };
    match answer::finished(revoking).await {
        // Amplify reads a body unless this says that there is none.
        Ok(()) => answer::unkept(StatusCode::OK).insert_header((CONTENT_LENGTH, "0")).finish(),
        // Where it is switched off, Cognito says no more.
        Err(refusal) if refusal.code == Code::UnauthorizedClient => {
            Refusal::new(Code::InvalidRequest).because("Token revocation is switched off").answer()
        }
        Err(refusal) => refusal.answer_to_client(),
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
