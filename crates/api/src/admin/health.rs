//! `/_cognate/health/live` and `/ready` (OPS-2): live means that the process answers, ready that it should get traffic.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, ServiceConfig};

use crate::server::Server;

/// How far this process's clock may be from the database's (DUR-5).
const LARGEST_SKEW: chrono::Duration = chrono::Duration::seconds(5);

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/_cognate/health/live", web::get().to(live))
        .route("/_cognate/health/ready", web::get().to(ready));
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "live" }))
}

async fn ready(server: Data<Server>) -> HttpResponse {
    let reason = if server.is_draining() {
        Some("shutting down")
    } else {
        match server.app.db.now().await {
            Ok(now) if (server.app.clock.now() - now).abs() > LARGEST_SKEW => {
                Some("clock differs from the database's")
            }
            Ok(_) => None,
            Err(_) => Some("database does not answer"),
        }
    };
    match reason {
        None => HttpResponse::Ok().json(serde_json::json!({ "status": "ready" })),
        Some(reason) => HttpResponse::ServiceUnavailable()
            .json(serde_json::json!({ "status": "not ready", "reason": reason })),
    }
}
