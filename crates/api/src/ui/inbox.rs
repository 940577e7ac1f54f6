//! The development inbox: every message that was queued, newest first. Only in development mode.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::web::{self, Data, ServiceConfig};
use askama::Template;
use cognate_notify::inbox::{self, InboxMessage};
use cognate_store::AccountId;
use serde::Serialize;

use super::page;
use crate::server::Server;

/// How many messages are shown.
const MOST: i64 = 100;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/_cognate/inbox", web::get().to(show)).route("/_cognate/inbox.json", web::get().to(list));
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct Inbox {
    messages: Vec<InboxMessage>,
}

async fn messages(server: &Server) -> Result<Vec<InboxMessage>, HttpResponse> {
    let found =
        inbox::list(&server.app.db, &AccountId::development(), &server.app.place.public_url, MOST).await;
    found.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "the inbox cannot be read");
        HttpResponse::ServiceUnavailable().finish()
    })
}

async fn show(server: Data<Server>) -> HttpResponse {
    match messages(&server).await {
        Ok(messages) => page::respond(StatusCode::OK, &Inbox { messages }),
        Err(response) => response,
    }
}

/// What programs are shown, in this order whatever the features of `serde_json` are.
#[derive(Serialize)]
struct Listing {
    messages: Vec<InboxMessage>,
}

async fn list(server: Data<Server>) -> HttpResponse {
    match messages(&server).await {
        Ok(messages) => {
            HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(Listing { messages })
        }
        Err(response) => response,
    }
}
