//! `/{pool}/feedback`: where the links of a notice about a sign-in lead, to say whether it was the user.
//!
//! Opening it changes nothing, so a mail scanner that follows both links says nothing; the button does.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::auth_event::feedback;
use cognate_store::auth_event::Feedback;

use super::guest::Guest;
use super::{Instead, question, served};
use crate::body::Body;
use crate::parameters::Parameters;
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/{pool}/feedback", web::get().to(ask)).route("/{pool}/feedback", web::post().to(judge));
}

/// The page, which its form's token is bound to.
const PAGE: &str = "feedback";

/// What the link carries, and the form repeats.
struct Link {
    token: String,
    value: Feedback,
}

impl Link {
    fn of(guest: &Guest<'_>, parameters: &Parameters) -> Result<Self, Instead> {
        let value = match parameters.get("value") {
            Some(value) if value == Feedback::Valid.as_str() => Feedback::Valid,
            Some(value) if value == Feedback::Invalid.as_str() => Feedback::Invalid,
            _ => return Err(guest.wrong("error-request").into()),
        };
        Ok(Self { token: guest.required(parameters, "token")?, value })
    }

    fn ask(self, guest: &Guest<'_>) -> HttpResponse {
        let (sentence, button) = match self.value {
            Feedback::Valid => ("feedback-valid", "button-was-me"),
            Feedback::Invalid => ("feedback-invalid", "button-was-not-me"),
        };
        let fields = vec![("token", self.token), ("value", self.value.as_str().to_owned())];
        guest.ask(PAGE, ["feedback-title", sentence, button], fields, "")
    }
}

async fn ask(request: HttpRequest, pool: Path<String>, server: Data<Server>) -> HttpResponse {
    served(async move {
        let guest = Guest::of(&server, &request, &pool).await?;
        Ok(Link::of(&guest, &guest.query()?)?.ask(&guest))
    })
    .await
}

async fn judge(request: HttpRequest, pool: Path<String>, body: Body, server: Data<Server>) -> HttpResponse {
    served(async move {
        let guest = Guest::of(&server, &request, &pool).await?;
        let form = guest.form(&body)?;
        let link = Link::of(&guest, &form)?;
        if !guest.is_own(&form, PAGE) {
            return Ok(link.ask(&guest));
        }
        let (server, pool) = (server.clone(), guest.pool.clone());
        let judging =
            async move { feedback::by_token(&server.app, &pool, &link.token.into(), None, link.value).await };
        Ok(question::act(guest.shell.clone(), judging, "feedback-done", "feedback-old").await)
    })
    .await
}
