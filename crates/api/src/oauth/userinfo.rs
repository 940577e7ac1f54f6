//! `/{pool}/oauth2/userInfo`: who an access token speaks for (OpenID Connect Core 1.0, section 5.3; RFC 6750).

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCESS_CONTROL_EXPOSE_HEADERS, WWW_AUTHENTICATE};
use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::token::userinfo;
use cognate_core::{Error, user_pool};
use cognate_store::{UserPool, UserPoolId};
use serde::Serialize;
use serde_json::{Map, Value};

use super::answer::{self, Refusal};
use super::client::{self, NoBearer};
use super::resource;
use super::token::preflight;
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
    body: Bytes,
    server: Data<Server>,
) -> HttpResponse {
    let pool = UserPoolId::new(pool.into_inner());
    let asking = async move {
        let pool = match user_pool::published(&server.app, &pool).await {
            Ok(pool) => pool,
            Err(Error::UserPoolNotFound(_)) => return Ok(Err((Fault::Token, None))),
            Err(error) => return Err(error.into()),
        };
        let asked = ask(&server, &pool, &request, &body).await;
        Ok(asked.map_err(|fault| (fault, resource::pointer(&request, &server, &pool))))
    };
    match answer::finished(asking).await {
        Ok(Ok(shown)) => answer::ok(&shown),
        Ok(Err((fault, pointer))) => fault.answer(pointer),
        Err(refusal) => refusal.answer(),
    }
}

/// Why nothing is shown (RFC 6750, section 3.1), in Cognito's words.
enum Fault {
    Request,
    Token,
    Scope,
    Server(Refusal),
}

#[derive(Serialize)]
struct Body {
    error: &'static str,
    error_description: &'static str,
}

impl Fault {
    /// With what its challenge says beside the error.
    fn answer(self, pointer: Option<String>) -> HttpResponse {
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
            Self::Server(refusal) => return refusal.answer(),
        };
        let pointer = pointer.map(|it| format!(", {it}")).unwrap_or_default();
        let challenge =
            format!("Bearer error=\"{error}\", error_description=\"{error_description}\"{pointer}");
        answer::unkept(status)
            .insert_header((WWW_AUTHENTICATE, challenge))
            // Scripts of any origin may read where to go.
            .insert_header((ACCESS_CONTROL_EXPOSE_HEADERS, WWW_AUTHENTICATE.as_str()))
            .json(Body { error, error_description })
    }
}

async fn ask(
    server: &Server,
    pool: &UserPool,
    request: &HttpRequest,
    body: &[u8],
) -> Result<Map<String, Value>, Fault> {
    let token = bearer(request, body)?;
    userinfo::of_token(&server.app, pool, &token).await.map_err(|error| match error {
        Error::InvalidAccessToken
        | Error::ExpiredAccessToken
        | Error::RevokedAccessToken
        | Error::UserNotFound
        | Error::UserDisabled => Fault::Token,
        Error::MissingScope => Fault::Scope,
        other => Fault::Server(other.into()),
    })
}

/// The token: in the header, or in a form (RFC 6750, sections 2.1 and 2.2), and in one of them alone.
fn bearer(request: &HttpRequest, body: &[u8]) -> Result<String, Fault> {
    let header = client::bearer(request).map_err(|NoBearer| Fault::Request)?.map(str::to_owned);
    let form = match body.is_empty() {
        true => None,
        false => {
            let form = Parameters::of_form(request, body).map_err(|_| Fault::Request)?;
            form.get("access_token").map(str::to_owned)
        }
    };
    match (header, form) {
        (Some(token), None) | (None, Some(token)) if !token.is_empty() => Ok(token),
        _ => Err(Fault::Request),
    }
}
