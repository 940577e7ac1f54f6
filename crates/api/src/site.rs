//! Which pool's site a request came to: by the host it names, or by the pool in its path.
//!
//! What a site is asked for is served by the routes of the pool's path, so there is one route for each endpoint.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Uri;
use actix_web::http::uri::PathAndQuery;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use cognate_core::site::{self, Site};
use cognate_core::{Error, Place};
use cognate_store::UserPoolId;

use crate::origin;
use crate::server::Server;

/// The paths of a site, as the routes spell them. Others spell them in other cases, AWS's own documentation among them.
const PATHS: [&str; 15] = [
    "oauth2/authorize",
    "oauth2/token",
    "oauth2/userInfo",
    "oauth2/revoke",
    "oauth2/introspect",
    "authorize",
    "login",
    "logout",
    "signup",
    "confirm",
    "confirmUser",
    "resendcode",
    "forgotPassword",
    "confirmforgotPassword",
    "passkeys/add",
];

/// What every host serves, whoever's it is: what pages are made of, and whether the server lives.
const SHARED: [&str; 4] =
    ["/_cognate/style.css", "/_cognate/pages.js", "/_cognate/health/live", "/_cognate/health/ready"];

/// The site that a request came to.
pub(crate) fn of(request: &HttpRequest, place: &Place, pool: &UserPoolId) -> Site {
    request.extensions().get::<Site>().cloned().unwrap_or_else(|| place.site(pool))
}

/// Leads a request for a pool's domain to the pool's path, and every request to the one spelling of what it asks for.
pub(crate) async fn find(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let Some(server) = request.app_data::<Data<Server>>().cloned() else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let host = origin::host(request.request(), &server.proxies);
    let found = match &host {
        Some(host) => site::by_host(&server.app, host).await,
        None => Ok(None),
    };
    match found {
        Ok(Some((pool, site))) => {
            let path = request.path();
            if !SHARED.contains(&path) {
                let path = format!("/{pool}/{}", spelling(path.strip_prefix('/').unwrap_or(path)));
                lead(&mut request, path);
            }
            request.extensions_mut().insert(site);
        }
        Ok(None) => {
            let spelled = request.path().strip_prefix('/').and_then(|path| {
                let (pool, rest) = path.split_once('/')?;
                let known = spelling(rest);
                (known != rest).then(|| format!("/{pool}/{known}"))
            });
            if let Some(path) = spelled {
                lead(&mut request, path);
            }
        }
        Err(error) => {
            let response = match error {
                Error::Busy => HttpResponse::ServiceUnavailable(),
                error => {
                    tracing::error!(error = &error as &dyn std::error::Error, "a domain cannot be looked up");
                    HttpResponse::InternalServerError()
                }
            };
            return Ok(request.into_response({ response }.finish()).map_into_right_body());
        }
    }
    Ok(next.call(request).await?.map_into_left_body())
}

/// A path as its route spells it.
fn spelling(path: &str) -> &str {
    PATHS.into_iter().find(|known| known.eq_ignore_ascii_case(path)).unwrap_or(path)
}

/// Gives a request another path.
fn lead(request: &mut ServiceRequest, path: String) {
    let with_query = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let mut parts = request.uri().clone().into_parts();
    let Ok(path_and_query) = PathAndQuery::try_from(with_query) else { return };
    parts.path_and_query = Some(path_and_query);
    let Ok(uri) = Uri::from_parts(parts) else { return };
    request.match_info_mut().get_mut().update(&uri);
    request.head_mut().uri = uri;
}
