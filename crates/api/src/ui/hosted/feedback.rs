//! `/{pool}/feedback`: where the links of a notice about a sign-in lead, to say whether it was the user.
//!
//! Opening it changes nothing, so a mail scanner that follows both links says nothing; the button does.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Form, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::auth_event::feedback;
use cognate_core::user_pool;
use cognate_store::UserPoolId;
use cognate_store::auth_event::Feedback;
use serde::Deserialize;

use super::cookie::Jar;
use super::question::{self, Question};
use super::shell::Shell;
use super::{page, words};
use crate::server::Server;
use crate::site;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/{pool}/feedback", web::get().to(ask)).route("/{pool}/feedback", web::post().to(judge));
}

/// What the link carries, and the form repeats.
#[derive(Deserialize)]
struct Link {
    token: String,
    value: Feedback,
}

async fn ask(
    request: HttpRequest,
    pool: Path<String>,
    link: Query<Link>,
    server: Data<Server>,
) -> HttpResponse {
    let Link { token, value } = link.into_inner();
    let shell = shell(&server, &request, &UserPoolId::new(pool.into_inner())).await;
    let (sentence, button) = match value {
        Feedback::Valid => ("feedback-valid", "button-was-me"),
        Feedback::Invalid => ("feedback-invalid", "button-was-not-me"),
    };
    let t = |id: &str| shell.words.of(id);
    let (heading, sentence, button) = (t("feedback-title"), t(sentence), t(button));
    let fields = vec![("token", token), ("value", value.as_str().to_owned())];
    page::respond(StatusCode::OK, &Question { shell, heading, sentence, action: None, fields, button })
}

async fn judge(
    request: HttpRequest,
    pool: Path<String>,
    link: Form<Link>,
    server: Data<Server>,
) -> HttpResponse {
    let (Link { token, value }, pool) = (link.into_inner(), UserPoolId::new(pool.into_inner()));
    let shell = shell(&server, &request, &pool).await;
    let judging = async move {
        let pool = user_pool::published(&server.app, &pool).await?;
        feedback::by_token(&server.app, &pool, &token.into(), None, value).await
    };
    question::act(shell, judging, "feedback-done", "feedback-old").await
}

/// What is around the page: the notice is no client's.
async fn shell(server: &Server, request: &HttpRequest, pool: &UserPoolId) -> Shell {
    let site = site::of(request, &server.app.place, pool);
    let words = words(&Jar::of(&site, pool), request, None);
    match user_pool::published(&server.app, pool).await {
        Ok(pool) => Shell::for_link(server, &pool, None, &site, words).await,
        Err(_) => Shell::plain(words),
    }
}
