//! `/{pool}/feedback`: where the links of a notice about a sign-in lead, to say whether it was the user.
//!
//! Opening it changes nothing, so a mail scanner that follows both links says nothing; the button does.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Form, Path, Query, ServiceConfig};
use cognate_core::{Error, auth_event};
use cognate_store::UserPoolId;
use cognate_store::auth_event::Feedback;
use serde::Deserialize;

use super::page::{self, Question};
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/{pool}/feedback", web::get().to(ask)).route("/{pool}/feedback", web::post().to(judge));
}

/// What the link carries, and the form repeats.
#[derive(Deserialize)]
struct Link {
    token: String,
    value: Feedback,
}

async fn ask(link: Query<Link>) -> HttpResponse {
    let Link { token, value } = link.into_inner();
    let (sentence, button) = match value {
        Feedback::Valid => {
            ("You say that it was you. The device and the place will be known from then on.", "It was me")
        }
        Feedback::Invalid => {
            ("You say that it was not you. Change your password as well, if you still can.", "It was not me")
        }
    };
    let fields = vec![("token", token), ("value", value.as_str().to_owned())];
    page::respond(StatusCode::OK, &Question::with("About that sign-in", sentence, fields, button))
}

async fn judge(pool: Path<String>, link: Form<Link>, server: Data<Server>) -> HttpResponse {
    let Link { token, value } = link.into_inner();
    // In a task of its own: a browser that goes away does not stop it half way.
    let judging = actix_web::rt::spawn(async move {
        let pool = auth_event::pool(&server.app, &UserPoolId::new(pool.into_inner())).await?;
        auth_event::judge_by_token(&server.app, &pool, &token.into(), None, value).await
    });
    let refused = || {
        let sentence = "It may be too old. You can always change your password.";
        page::respond(StatusCode::BAD_REQUEST, &Question::answered("This link no longer works", sentence))
    };
    match judging.await {
        Ok(Ok(())) => {
            page::respond(StatusCode::OK, &Question::answered("Thank you", "You can close this page."))
        }
        Ok(Err(Error::Internal(cause))) => {
            tracing::error!(error = &*cause as &dyn std::error::Error, "feedback failed");
            HttpResponse::InternalServerError().finish()
        }
        Ok(Err(Error::Busy)) => HttpResponse::ServiceUnavailable().finish(),
        Ok(Err(_)) => refused(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a handler panicked");
            HttpResponse::InternalServerError().finish()
        }
    }
}
