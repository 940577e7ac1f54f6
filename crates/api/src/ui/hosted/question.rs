//! A page that asks to press a button: where links in messages lead, which change nothing by being opened, and sign-out.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use cognate_core::{Error, Result};

use super::shell::Shell;
use super::{Message, page};
use crate::finish::{self, Unfinished};

/// The page.
#[derive(Template)]
#[template(path = "hosted/question.html")]
pub(super) struct Question {
    pub shell: Shell,
    pub heading: String,
    pub sentence: String,
    /// Where the form goes.
    pub action: String,
    /// What the form repeats.
    pub fields: Vec<(&'static str, String)>,
    pub button: String,
}

/// Does what a button asks for, and says that it is done (`done`), or why its link does not work (`refused`).
pub(super) async fn act(
    shell: Shell,
    acting: impl Future<Output = Result<()>> + 'static,
    done: &str,
    refused: &str,
) -> HttpResponse {
    let words = shell.words.clone();
    let say = |status, heading: &str, sentence: &str| {
        let (heading, sentence) = (words.of(heading), words.of(sentence));
        page::respond(status, &Message { shell, heading, sentence })
    };
    let error = match finish::to_the_end(acting).await {
        Ok(Ok(())) => return say(StatusCode::OK, &format!("{done}-title"), &format!("{done}-lead")),
        Ok(Err(error)) => error,
        Err(Unfinished::TooLong) => Error::Busy,
        Err(Unfinished::Failed) => {
            return say(StatusCode::INTERNAL_SERVER_ERROR, "error-title", "error-lead");
        }
    };
    match error {
        Error::Internal(cause) => {
            tracing::error!(error = &*cause as &dyn std::error::Error, "a page's button failed");
            say(StatusCode::INTERNAL_SERVER_ERROR, "error-title", "error-lead")
        }
        Error::Busy => say(StatusCode::SERVICE_UNAVAILABLE, "error-title", "error-busy"),
        Error::AttemptLimit => say(StatusCode::BAD_REQUEST, "error-title", "too-many"),
        _ => say(StatusCode::BAD_REQUEST, "link-old-title", refused),
    }
}
