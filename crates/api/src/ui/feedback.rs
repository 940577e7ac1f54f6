//! `/{pool}/feedback`: where the links of a notice about a sign-in lead, to say whether it was the user.
//!
//! Opening it changes nothing, so a mail scanner that follows both links says nothing; the button does.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Form, Path, Query, ServiceConfig};
use cognate_core::auth_event::feedback;
use cognate_core::user_pool;
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
    let judging = async move {
        let pool = user_pool::published(&server.app, &UserPoolId::new(pool.into_inner())).await?;
        feedback::by_token(&server.app, &pool, &token.into(), None, value).await
    };
    let done = Question::answered("Thank you", "You can close this page.");
    page::act(judging, done, "It may be too old. You can always change your password.").await
}
