//! `/{pool}/oauth2/register`: clients that register themselves (RFC 7591).

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::app_client::registration::{self, Metadata, Refused, Registered};
use cognate_core::{options, user_pool};
use cognate_store::UserPoolId;
use cognate_store::user_pool::OauthFlow;
use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::answer::{self, Code, Refusal};
use super::challenge::Challenge;
use super::client::{self, NoToken};
use super::token::preflight;
use crate::body::Body;
use crate::origin;
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::resource("/{pool}/oauth2/register")
            .route(web::post().to(register))
            .route(web::method(actix_web::http::Method::OPTIONS).to(preflight)),
    );
}

/// The longest description of a client.
const LONGEST: usize = 64 * 1024;

/// What a client is told that has registered (RFC 7591, section 3.2.1).
#[derive(Serialize)]
struct Told<'a> {
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    client_id_issued_at: i64,
    /// Never.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<i64>,
    client_name: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    redirect_uris: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    post_logout_redirect_uris: &'a [String],
    grant_types: &'static [&'static str],
    response_types: &'static [&'static str],
    token_endpoint_auth_method: &'static str,
    scope: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dpop_bound_access_tokens: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    backchannel_logout_uri: Option<&'a str>,
}

impl<'a> Told<'a> {
    fn of(Registered { client, auth_method }: &'a Registered) -> Self {
        let oauth = &client.settings.oauth;
        let (grant_types, response_types): (&[_], &[_]) = match oauth.flows.contains(&OauthFlow::Code) {
            true => (&["authorization_code", "refresh_token"], &["code"]),
            false => (&["client_credentials"], &[]),
        };
        let secret = client.secrets.last();
        Self {
            client_id: client.id.as_str(),
            client_secret: secret.map(|it| it.value.expose_secret()),
            client_id_issued_at: client.created_at.timestamp(),
            client_secret_expires_at: secret.map(|_| 0),
            client_name: &client.name,
            redirect_uris: &oauth.callback_urls,
            post_logout_redirect_uris: &oauth.logout_urls,
            grant_types,
            response_types,
            token_endpoint_auth_method: auth_method,
            scope: oauth.scopes.join(" "),
            dpop_bound_access_tokens: options::says_must_bind(client),
            backchannel_logout_uri: options::backchannel_logout_uri(client),
        }
    }
}

/// What one is told whose registration is refused (RFC 7591, section 3.2.2).
#[derive(Serialize)]
struct Fault<'a> {
    error: &'static str,
    error_description: &'a str,
}

async fn register(
    request: HttpRequest,
    pool: Path<String>,
    body: Body,
    server: Data<Server>,
) -> HttpResponse {
    let pool = UserPoolId::new(pool.into_inner());
    let challenge = Challenge::of(&request);
    let registering = async move { Ok(try_register(&server, &pool, &request, &body).await) };
    match answer::finished(registering).await {
        Ok(Ok(registered)) => answer::unkept(StatusCode::CREATED).json(Told::of(&registered)),
        Ok(Err(refused)) => refusal(&refused, &challenge),
        Err(unfinished) => unfinished.answer(),
    }
}

async fn try_register(
    server: &Server,
    pool: &UserPoolId,
    request: &HttpRequest,
    body: &[u8],
) -> Result<Registered, Refused> {
    let pool = user_pool::published(&server.app, pool).await?;
    if body.len() > LONGEST {
        return Err(Refused::Metadata("The description is too long".to_owned()));
    }
    let token = client::shown(request).map_err(|NoToken| Refused::Token)?;
    let metadata: Metadata = serde_json::from_slice(body)
        .map_err(|_| Refused::Metadata("The body is no JSON object of client metadata".to_owned()))?;
    registration::register(&server.app, &pool, token, &origin::of(request), metadata).await
}

fn refusal(refused: &Refused, challenge: &Challenge) -> HttpResponse {
    let (status, error, description) = match refused {
        Refused::Off => (StatusCode::NOT_FOUND, "invalid_request", "Clients do not register themselves here"),
        Refused::Token => {
            let (error, description) = ("invalid_token", "No token that lets its holder register clients");
            return challenge
                .answer(StatusCode::UNAUTHORIZED, error, description)
                .json(Fault { error, error_description: description });
        }
        Refused::Proof(why) => {
            let error = "invalid_dpop_proof";
            return challenge
                .answer(StatusCode::UNAUTHORIZED, error, why)
                .json(Fault { error, error_description: why });
        }
        Refused::TooMany => {
            (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", "Too many clients have registered")
        }
        Refused::RedirectUri(why) => (StatusCode::BAD_REQUEST, "invalid_redirect_uri", why.as_str()),
        Refused::Metadata(why) => (StatusCode::BAD_REQUEST, "invalid_client_metadata", why.as_str()),
        Refused::Failed(cognate_core::Error::UserPoolNotFound(_)) => {
            (StatusCode::NOT_FOUND, "invalid_request", "There is no such user pool")
        }
        Refused::Failed(cognate_core::Error::Busy) => {
            return Refusal::new(Code::TemporarilyUnavailable).answer();
        }
        Refused::Failed(error) => {
            tracing::error!(error = error as &dyn std::error::Error, "a client could not be registered");
            return Refusal::new(Code::ServerError).answer();
        }
    };
    answer::unkept(status).json(Fault { error, error_description: description })
}
