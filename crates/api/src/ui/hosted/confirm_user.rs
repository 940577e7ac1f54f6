//! `/{pool}/confirmUser`: where the link of a verification email leads.
//!
//! Opening it changes nothing, so a mail scanner that follows links spends no code; the button does.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Form, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::origin::Origin;
use cognate_core::user::sign_up;
use cognate_core::{Error, app_client};
use cognate_store::{AppClientId, UserPoolId};
use serde::Deserialize;

use super::cookie::Jar;
use super::question::{self, Question};
use super::shell::Shell;
use super::{page, words};
use crate::origin;
use crate::server::Server;
use crate::site;

pub(super) fn routes(config: &mut ServiceConfig) {
    let path = "/{pool}/confirmUser";
    config.route(path, web::get().to(ask)).route(path, web::post().to(confirm));
}

/// What the link carries, and the form repeats.
#[derive(Deserialize)]
struct Link {
    client_id: String,
    user_name: String,
    confirmation_code: String,
}

async fn ask(
    request: HttpRequest,
    pool: Path<String>,
    link: Query<Link>,
    server: Data<Server>,
) -> HttpResponse {
    let link = link.into_inner();
    let shell = shell(&server, &request, &UserPoolId::new(pool.into_inner()), &link.client_id).await;
    let t = |id: &str| shell.words.of(id);
    let (heading, sentence, button) = (t("link-confirm-title"), t("link-confirm-lead"), t("button-confirm"));
    let Link { client_id, user_name, confirmation_code } = link;
    let fields =
        vec![("client_id", client_id), ("user_name", user_name), ("confirmation_code", confirmation_code)];
    page::respond(StatusCode::OK, &Question { shell, heading, sentence, action: None, fields, button })
}

async fn confirm(
    request: HttpRequest,
    pool: Path<String>,
    link: Form<Link>,
    server: Data<Server>,
) -> HttpResponse {
    let (link, pool) = (link.into_inner(), UserPoolId::new(pool.into_inner()));
    let shell = shell(&server, &request, &pool, &link.client_id).await;
    let origin = origin::of(&request);
    let confirming = async move { confirm_link(&server, &pool, link, origin).await };
    question::act(shell, confirming, "link-confirmed", "link-confirm-old").await
}

/// What is around the page: the look of the client, if it is one of the pool's.
async fn shell(server: &Server, request: &HttpRequest, pool: &UserPoolId, client: &str) -> Shell {
    let site = site::of(request, &server.app.place, pool);
    let words = words(&Jar::of(&site, pool), request, None);
    let id = AppClientId::new(client);
    let Ok(context) = app_client::asking(&server.app, pool, &id, origin::of(request)).await else {
        return Shell::plain(words);
    };
    Shell::for_link(server, &context.pool, Some(&context.client), &site, words).await
}

async fn confirm_link(
    server: &Server,
    pool: &UserPoolId,
    link: Link,
    origin: Origin,
) -> cognate_core::Result<()> {
    let id = AppClientId::new(link.client_id);
    let context = app_client::asking(&server.app, pool, &id, origin).await;
    // The link is as good as it was.
    let context = context.map_err(|error| match error {
        Error::InvalidClientDocument(_) => Error::Busy,
        other => other,
    })?;
    let code = sign_up::LinkConfirmation { username: link.user_name, code: link.confirmation_code };
    sign_up::confirm_by_link(&server.app, &context, code).await
}
