//! `/{pool}/oauth2/userInfo`: who an access token speaks for (OpenID Connect Core 1.0, section 5.3; RFC 6750; RFC 9449).

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::token::{TokenType, userinfo};
use cognate_core::{Error, user_pool};
use cognate_store::{UserPool, UserPoolId};
use serde::Serialize;
use serde_json::{Map, Value};

use super::answer::{self, Refusal};
use super::challenge::Challenge;
use super::client::{self, NoToken};
use super::token::preflight;
use crate::body::Body;
use crate::origin;
use crate::parameters::Parameters;
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::resource("/{pool}/oauth2/userInfo")
            .route(web::get().to(userinfo))
            .route(web::post().to(userinfo))
            .route(web::method(actix_web::http::Method::OPTIONS).to(preflight)),
    );
}

async fn userinfo(
    request: HttpRequest,
    pool: Path<String>,
    body: Body,
    server: Data<Server>,
) -> HttpResponse {
    let pool = UserPoolId::new(pool.into_inner());
    let asking = async move {
        let pool = match user_pool::published(&server.app, &pool).await {
            Ok(pool) => pool,
            Err(Error::UserPoolNotFound(_)) => return Ok(Err((Fault::Token, Challenge::default()))),
            Err(error) => return Err(error.into()),
        };
        let asked = ask(&server, &pool, &request, &body).await;
        Ok(asked.map_err(|fault| (fault, Challenge::of_pool(&request, &server, &pool))))
    };
    match answer::finished(asking).await {
        Ok(Ok(shown)) => answer::ok(&shown),
        Ok(Err((fault, challenge))) => fault.answer(&challenge),
        Err(refusal) => refusal.answer(),
    }
}

/// Why nothing is shown (RFC 6750, section 3.1), in Cognito's words.
enum Fault {
    Request,
    Token,
    Scope,
    Proof(&'static str),
    Server(Refusal),
}

#[derive(Serialize)]
struct Told {
    error: &'static str,
    error_description: &'static str,
}

impl Fault {
    /// With a challenge that says how to come back.
    fn answer(self, challenge: &Challenge) -> HttpResponse {
        let (status, error, error_description) = match self {
            Self::Request => {
                (StatusCode::BAD_REQUEST, "invalid_request", "Bad OAuth2 request at UserInfo Endpoint")
            }
            Self::Token => (
                StatusCode::UNAUTHORIZED,
                "invalid_token",
                "Access token is expired, disabled, or deleted, or the user has globally signed out.",
            ),
            Self::Scope => (
                StatusCode::FORBIDDEN,
                "insufficient_scope",
                "The access token does not have the scope openid.",
            ),
            Self::Proof(why) => (StatusCode::UNAUTHORIZED, "invalid_dpop_proof", why),
            Self::Server(refusal) => return refusal.answer(),
        };
        challenge.answer(status, error, error_description).json(Told { error, error_description })
    }
}

async fn ask(
    server: &Server,
    pool: &UserPool,
    request: &HttpRequest,
    body: &[u8],
) -> Result<Map<String, Value>, Fault> {
    let (token, token_type) = shown(request, body)?;
    let origin = origin::of(request);
    let told = userinfo::of_token(&server.app, pool, &origin, &token, token_type).await;
    told.map_err(|error| match error {
        Error::InvalidAccessToken
        | Error::ExpiredAccessToken
        | Error::RevokedAccessToken
        | Error::UserNotFound
        | Error::UserDisabled => Fault::Token,
        Error::MissingScope => Fault::Scope,
        Error::InvalidDpopProof(why) => Fault::Proof(why),
        other => Fault::Server(other.into()),
    })
}

/// The token: in the header, or in a form (RFC 6750, sections 2.1 and 2.2), and in one of them alone.
fn shown(request: &HttpRequest, body: &[u8]) -> Result<(String, TokenType), Fault> {
    let header = client::shown(request).map_err(|NoToken| Fault::Request)?;
    let header = header.map(|(token, token_type)| (token.to_owned(), token_type));
    let form = match body.is_empty() {
        true => None,
        false => {
            let form = Parameters::of_form(request, body).map_err(|_| Fault::Request)?;
            form.get("access_token").map(|token| (token.to_owned(), TokenType::Bearer))
        }
    };
    match (header, form) {
        (Some(shown), None) | (None, Some(shown)) if !shown.0.is_empty() => Ok(shown),
        _ => Err(Fault::Request),
    }
}
