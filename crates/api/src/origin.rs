//! Where a request comes from.

use actix_web::HttpRequest;
use actix_web::http::header;
use cognate_core::origin::Origin;

/// The other end of the connection. Behind a proxy that is the proxy: what a request says of its way is anybody's claim.
pub(crate) fn of(request: &HttpRequest) -> Origin {
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Origin::new(request.peer_addr().map(|peer| peer.ip()), user_agent)
}
