//! What keeps other people's web pages away from a development server.
//!
//! Development mode takes any credentials, so a page in the developer's own browser must not reach it: neither by calling
//! it from another origin, nor by a name that was made to resolve to loopback.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage as _, HttpResponse};
use cognate_core::site::Site;

use super::Server;

/// Development mode, and where the developer's own pages may be.
#[derive(Debug)]
pub struct Development {
    /// The host of the public URL.
    public_host: String,
}

impl Development {
    /// Development mode of a server that clients reach by this host.
    pub(super) fn at(public_host: &str) -> Self {
        Self { public_host: public_host.to_owned() }
    }

    /// Whether a request that any credentials would do for may have it: not one of a page from elsewhere.
    pub(crate) fn may_administer(&self, headers: &HeaderMap) -> bool {
        let origin = headers.get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
        origin.is_none_or(|origin| self.is_ours(origin.split_once("://").map_or("", |(_, host)| host)))
    }

    /// Whether `host` or `host:port` is this machine, or what the server calls itself.
    fn is_ours(&self, authority: &str) -> bool {
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => authority,
        };
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        let local =
            host == "localhost" || host.ends_with(".localhost") || address.is_ok_and(|it| it.is_loopback());
        local || (!host.is_empty() && host == self.public_host)
    }
}

/// Refuses requests to a development server under a foreign name (DNS rebinding).
pub(super) async fn only_to_us(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let development = request.app_data::<Data<Server>>().and_then(|server| server.development.as_ref());
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    // What comes to a pool's site is led to the pool's own paths, which take no administrator's credentials.
    let is_at_site = request.extensions().contains::<Site>();
    if !is_at_site && development.is_some_and(|development| !development.is_ours(host)) {
        let refusal = "A development server answers to localhost and to the host of public_url only.";
        return Ok(request.into_response(HttpResponse::Forbidden().body(refusal)).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_and_its_own_are_ours() {
        let development = Development::at("cognate.test");
        for ours in [
            "localhost",
            "LocalHost.:4566",
            "127.0.0.1:1",
            "[::1]:4566",
            "app.localhost:3000",
            "Cognate.test:80",
        ] {
            assert!(development.is_ours(ours), "{ours}");
        }
        for foreign in ["", "evil.example", "localhost.evil.example:4566", "10.0.0.1:4566", "evil.example:80"]
        {
            assert!(!development.is_ours(foreign), "{foreign}");
        }
    }
}
