//! `/{pool}/confirmUser`: where the link of a verification email leads.
//!
//! Opening it changes nothing, so a mail scanner that follows links spends no code; the button does.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::origin::Origin;
use cognate_core::user::sign_up;
use cognate_core::{Error, app_client};
use cognate_store::{AppClientId, UserPoolId};

use super::guest::Guest;
use super::{Instead, question, served};
use crate::body::Body;
use crate::origin;
use crate::parameters::Parameters;
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    let path = "/{pool}/confirmUser";
    config.route(path, web::get().to(ask)).route(path, web::post().to(confirm));
}

/// The page, which its form's token is bound to.
const PAGE: &str = "confirmUser";

/// What the link carries, and the form repeats.
struct Link {
    client_id: String,
    user_name: String,
    confirmation_code: String,
}

impl Link {
    fn of(guest: &Guest<'_>, parameters: &Parameters) -> Result<Self, Instead> {
        let required = |name| guest.required(parameters, name);
        let (client_id, user_name) = (required("client_id")?, required("user_name")?);
        Ok(Self { client_id, user_name, confirmation_code: required("confirmation_code")? })
    }

    fn ask(self, guest: &Guest<'_>) -> HttpResponse {
        let Self { client_id, user_name, confirmation_code } = self;
        let fields =
            [("client_id", client_id), ("user_name", user_name), ("confirmation_code", confirmation_code)];
        guest.ask(PAGE, ["link-confirm-title", "link-confirm-lead", "button-confirm"], fields.into(), "")
    }
}

async fn ask(request: HttpRequest, pool: Path<String>, server: Data<Server>) -> HttpResponse {
    served(async move {
        let guest = Guest::of(&server, &request, &pool).await?;
        let link = Link::of(&guest, &guest.query()?)?;
        let guest = guest.at_client(Some(&link.client_id)).await?;
        Ok(link.ask(&guest))
    })
    .await
}

async fn confirm(request: HttpRequest, pool: Path<String>, body: Body, server: Data<Server>) -> HttpResponse {
    served(async move {
        let guest = Guest::of(&server, &request, &pool).await?;
        let form = guest.form(&body)?;
        let (link, is_own) = (Link::of(&guest, &form)?, guest.is_own(&form, PAGE));
        let guest = guest.at_client(Some(&link.client_id)).await?;
        if !is_own {
            return Ok(link.ask(&guest));
        }
        let (server, pool, origin) = (server.clone(), guest.pool.id.clone(), origin::of(&request));
        let confirming = async move { confirm_link(&server, &pool, link, origin).await };
        Ok(question::act(guest.shell.clone(), confirming, "link-confirmed", "link-confirm-old").await)
    })
    .await
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
