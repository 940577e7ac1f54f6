//! Which pool's site a request came to: by the host it names, or by the pool in its path.
//!
//! What a site is asked for is served by the routes of the pool's path, so there is one route for each endpoint.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HOST, HeaderValue};
use actix_web::http::uri::PathAndQuery;
use actix_web::http::{StatusCode, Uri};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use cognate_core::site::{self, Site};
use cognate_core::{Error, Place};
use cognate_store::UserPoolId;

use crate::origin;
use crate::server::Server;

/// The paths of a site, as the routes spell them. Others spell them in other cases, AWS's own documentation among them.
const PATHS: [&str; 37] = [
    ".well-known/openid-configuration",
    ".well-known/jwks.json",
    ".well-known/oauth-protected-resource/oauth2/userInfo",
    "oauth2/authorize",
    "oauth2/token",
    "oauth2/userInfo",
    "oauth2/revoke",
    "oauth2/introspect",
    "oauth2/register",
    "oauth2/par",
    "oauth2/device_authorization",
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
    "mfa",
    "selectMFA",
    "setupMFA",
    "newPassword",
    "selectChallenge",
    "passkey",
    "feedback",
    "device",
    "device/allow",
    "account",
    "account/profile",
    "account/address",
    "account/password",
    "account/app",
    "account/factor",
    "account/remove",
];

/// The longest address that is looked at. Requests for authorization are the longest, and have a twentieth of it.
const LONGEST: usize = 32 * 1024;

/// What every host serves, whoever's it is: what pages are made of, and whether the server lives.
const SHARED: [&str; 5] = [
    "/_cognate/style.css",
    "/_cognate/pages.js",
    "/_cognate/phone.js",
    "/_cognate/health/live",
    "/_cognate/health/ready",
];

/// The site that a request came to.
pub(crate) fn of(request: &HttpRequest, place: &Place, pool: &UserPoolId) -> Site {
    request.extensions().get::<Site>().cloned().unwrap_or_else(|| place.site(pool))
}

/// The address that a request came to, by what is configured (OAU-3), without its query.
pub(crate) fn url(request: &HttpRequest, place: &Place) -> String {
    let path = request.path();
    match request.extensions().get::<Site>().filter(|site| site.base.is_empty()) {
        // Its routes are those of the pool's path.
        Some(site) => {
            let of_site = path.get(1..).and_then(|path| path.find('/')).map_or("/", |end| &path[end + 1..]);
            format!("{}{of_site}", site.url)
        }
        None => format!("{}{path}", place.public_url),
    }
}

/// Leads a request for a pool's domain to the pool's path, and every request to the one spelling of what it asks for.
pub(crate) async fn find(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let Some(server) = request.app_data::<Data<Server>>().cloned() else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let start = Instant::now();
    let endpoint = match settle(&server, &mut request).await {
        Ok(endpoint) => endpoint,
        Err(status) => {
            server.metrics.web_request("none", status, start.elapsed());
            let refused = HttpResponse::build(status).finish();
            return Ok(request.into_response(refused).map_into_right_body());
        }
    };
    let response = next.call(request).await?;
    if let Some(endpoint) = endpoint {
        server.metrics.web_request(endpoint, response.status(), start.elapsed());
    }
    Ok(response.map_into_left_body())
}

/// Settles what a request asks for; says what that is, of what a site has.
///
/// # Errors
/// What it is refused with.
async fn settle(server: &Server, request: &mut ServiceRequest) -> Result<Option<&'static str>, StatusCode> {
    if request.uri().path_and_query().is_some_and(|asked| asked.as_str().len() > LONGEST) {
        return Err(StatusCode::URI_TOO_LONG);
    }
    name_host(request)?;
    // Only a development server asks whose host it is: it answers to no other names.
    let is_shared = SHARED.contains(&request.path());
    if is_shared && server.development.is_none() {
        return Ok(None);
    }
    let found = match origin::host(request.headers()) {
        Some(host) => site::by_host(&server.app, &host).await,
        None => Ok(None),
    };
    let found = found.map_err(|error| match error {
        Error::Busy => StatusCode::SERVICE_UNAVAILABLE,
        error => {
            tracing::error!(error = &error as &dyn std::error::Error, "a domain cannot be looked up");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    })?;
    let path = request.path();
    let path = path.strip_prefix('/').unwrap_or(path);
    if let Some((pool, site)) = found {
        let known = known(path);
        let path = format!("/{pool}/{}", known.unwrap_or(path));
        if !is_shared {
            lead(request, &path)?;
        }
        request.extensions_mut().insert(site);
        return Ok(known);
    }
    let Some((pool, rest)) = path.split_once('/') else { return Ok(None) };
    let known = known(rest);
    if let Some(spelling) = known.filter(|spelling| *spelling != rest) {
        let path = format!("/{pool}/{spelling}");
        lead(request, &path)?;
    }
    Ok(known)
}

/// Has a request say its host where it is looked for: in HTTP/2 it is part of the address (RFC 9113, section 8.3.1), and signatures
/// are of the header.
fn name_host(request: &mut ServiceRequest) -> Result<(), StatusCode> {
    let Some(authority) = request.uri().authority().map(|it| it.as_str().to_owned()) else { return Ok(()) };
    if let Some(host) = request.headers().get(HOST).and_then(|host| host.to_str().ok()) {
        let same = host_and_port(host).eq_ignore_ascii_case(host_and_port(&authority));
        return if same { Ok(()) } else { Err(StatusCode::BAD_REQUEST) };
    }
    let host = HeaderValue::try_from(authority).map_err(|_| StatusCode::BAD_REQUEST)?;
    request.headers_mut().insert(HOST, host);
    Ok(())
}

/// Host and port, without one of the ports that go without saying.
fn host_and_port(authority: &str) -> &str {
    authority.strip_suffix(":443").or_else(|| authority.strip_suffix(":80")).unwrap_or(authority)
}

/// A path as its route spells it, if there is one.
fn known(path: &str) -> Option<&'static str> {
    PATHS.iter().copied().find(|known| known.eq_ignore_ascii_case(path))
}

/// Gives a request another path.
fn lead(request: &mut ServiceRequest, path: &str) -> Result<(), StatusCode> {
    let with_query = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = request.uri().clone().into_parts();
    let path_and_query = PathAndQuery::try_from(with_query).map_err(|_| StatusCode::BAD_REQUEST)?;
    parts.path_and_query = Some(path_and_query);
    let uri = Uri::from_parts(parts).map_err(|_| StatusCode::BAD_REQUEST)?;
    request.match_info_mut().get_mut().update(&uri);
    request.head_mut().uri = uri;
    Ok(())
}
