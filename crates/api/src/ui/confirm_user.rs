//! `/{pool}/confirmUser`: where the link of a verification email leads.
//!
//! Opening it changes nothing, so a mail scanner that follows links spends no code; the button does.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Form, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::origin::Origin;
use cognate_core::user::sign_up;
use cognate_core::{Error, app_client};
use cognate_store::AppClientId;
use serde::Deserialize;

use super::page::{self, Question};
use crate::origin;
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/_cognate/style.css", web::get().to(page::stylesheet))
        .route("/_cognate/pages.js", web::get().to(page::script))
        .route("/{pool}/confirmUser", web::get().to(ask))
        .route("/{pool}/confirmUser", web::post().to(confirm));
}

/// What the link carries, and the form repeats.
#[derive(Deserialize)]
struct Link {
    client_id: String,
    user_name: String,
    confirmation_code: String,
}

async fn ask(link: Query<Link>) -> HttpResponse {
    let Link { client_id, user_name, confirmation_code } = link.into_inner();
    let fields =
        vec![("client_id", client_id), ("user_name", user_name), ("confirmation_code", confirmation_code)];
    let sentence = "One press of the button, and your account is ready.";
    let page = Question::with("Confirm your address", sentence, fields, "Confirm");
    page::respond(StatusCode::OK, &page)
}

async fn confirm(
    request: HttpRequest,
    pool: Path<String>,
    link: Form<Link>,
    server: Data<Server>,
) -> HttpResponse {
    let link = link.into_inner();
    let origin = origin::of(&request);
    let confirming = async move { confirm_link(&server, &pool, link, origin).await };
    let done = Question::answered("Your account is ready", "You can close this page and sign in.");
    let refused = "It may have been used already, or a newer one was sent. Sign in, or ask for a new one.";
    page::act(confirming, done, refused).await
}

async fn confirm_link(server: &Server, pool: &str, link: Link, origin: Origin) -> cognate_core::Result<()> {
    let context = app_client::by_id(&server.app, &AppClientId::new(link.client_id), origin).await?;
    if context.pool.id.as_str() != pool {
        return Err(Error::ExpiredCode);
    }
    let code = sign_up::LinkConfirmation { username: link.user_name, code: link.confirmation_code };
    sign_up::confirm_by_link(&server.app, &context, code).await
}
