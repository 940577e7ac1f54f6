//! `/{pool}/passkeys/add`: a passkey for somebody who is signed in with this browser, on their way back to the app: to where an app
//! sent them from, or to where they were going when they signed up.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::authorization::{self, Refusal, Wants};
use cognate_core::branding::Category;
use cognate_core::browser_session::BrowserSession;
use cognate_core::user::passkey;
use cognate_core::{Error, Result};

use super::form::{Form, Link, PasskeyRequest, Problem};
use super::visit::{ACCOUNT, DEVICE, PASSKEY};
use super::{Answered, Instead, Visit, away, elsewhere, served, sign_in};
use crate::body::Body;
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    let path = "/{pool}/passkeys/add";
    config.route(path, web::get().to(show)).route(path, web::post().to(add));
}

async fn show(request: HttpRequest, pool: Path<String>, server: Data<Server>) -> HttpResponse {
    served(async move {
        let visit = Visit::at_own_page(server, &pool, &request).await?;
        let session = signed_in(&visit).await?;
        page(&visit, &session, &back(&visit), None).await
    })
    .await
}

async fn add(request: HttpRequest, pool: Path<String>, body: Body, server: Data<Server>) -> HttpResponse {
    served(async move {
        let visit = Visit::at_own_page(server, &pool, &request).await?;
        let form = visit.form(&request, &body).await?;
        let session = signed_in(&visit).await?;
        match complete(&visit, &session, form.get("credential").unwrap_or_default()).await {
            Ok(()) => Ok(away(&back(&visit))),
            Err(Error::Passkey(_) | Error::InvalidParameter(_)) => {
                let text = visit.words.of("passkey-failed");
                page(&visit, &session, &back(&visit), Some(Problem { text, field: None })).await
            }
            Err(error) => Err(visit.failed(&error).into()),
        }
    })
    .await
}

/// Where they go on: to the app, which gets its answer where it asked for one.
fn back(visit: &Visit) -> String {
    match visit.authorization.wants {
        Wants::Answer => visit.frame().to("oauth2/authorize"),
        Wants::Page => visit.authorization.redirect_uri.clone(),
        Wants::Account => visit.to_anew(ACCOUNT[0]),
        Wants::Device => visit.to_anew(DEVICE),
    }
}

async fn complete(visit: &Visit, session: &BrowserSession, credential: &str) -> Result<()> {
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    let credential = serde_json::from_str(credential).map_err(|_| Error::invalid("no credential"))?;
    passkey::complete(app, session.owner(context), &credential).await
}

/// Who is signed in, and has just done so; nobody adds anything to anybody else.
async fn signed_in(visit: &Visit) -> std::result::Result<BrowserSession, Instead> {
    let (app, authorization) = (&visit.server.app, &visit.authorization);
    let standing = authorization::standing(app, authorization, visit.session.as_ref()).await;
    let page = match authorization.wants {
        Wants::Answer | Wants::Page => PASSKEY,
        Wants::Account => ACCOUNT[0],
        Wants::Device => DEVICE,
    };
    match standing.map_err(|error| visit.failed(&error))? {
        Some(session) if session.is_fresh(app) => Ok(session),
        Some(_) => Err(away(&visit.to_sign_in_for(page)).into()),
        None => Err(match authorization.wants {
            // On the way to an answer, asking for that again asks for another sign-in.
            Wants::Answer => away(&back(visit)).into(),
            Wants::Account | Wants::Device => away(&visit.to_sign_in_for(page)).into(),
            Wants::Page => {
                elsewhere(visit.shell(), authorization.turned_away(Refusal::LOGIN_REQUIRED)).into()
            }
        }),
    }
}

/// The page on which a script has the browser make a passkey.
async fn page(visit: &Visit, session: &BrowserSession, back: &str, problem: Option<Problem>) -> Answered {
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    let options = passkey::begin(app, session.owner(context)).await.map_err(|error| visit.failed(&error))?;
    let form = Form::to(visit, "passkeys/add", "passkey", "add-passkey-title", "button-add-passkey");
    let passkey = Some(PasskeyRequest { act: "create", options: options.to_string() });
    let (text, href) = (form.frame.t("link-not-now"), back.to_owned());
    let links = vec![Link { lead: None, text, href }];
    let lead = Some(form.frame.t("add-passkey-lead"));
    let caution = sign_in::stranger(visit);
    let form = Form { lead, caution, passkey, links, ..form }.with_graphic(Category::PasskeyGraphic);
    Ok(form.on(visit, "passkeys/add").but(problem).show(visit))
}
