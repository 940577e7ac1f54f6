//! `/{pool}/logout`: ending a browser's session, in Cognito's two ways and in OpenID Connect's (RP-Initiated Logout 1.0).

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::browser_session;
use cognate_core::sign_out::{self, Leaving};

use super::guest::Guest;
use super::{Answered, away, encoded, served, source};
use crate::body::Body;
use crate::parameters::Parameters;
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/{pool}/logout", web::get().to(by_link)).route("/{pool}/logout", web::post().to(by_form));
}

/// The page, which its form's token is bound to.
const PAGE: &str = "logout";
/// Which client's page the browser comes from.
const CLIENT: &str = "client_id";
/// What a request says of where the browser goes.
const REPEATED: [&str; 6] =
    [CLIENT, "logout_uri", "redirect_uri", "post_logout_redirect_uri", "id_token_hint", "state"];

async fn by_link(request: HttpRequest, pool: Path<String>, server: Data<Server>) -> HttpResponse {
    served(async move {
        let leaver = Guest::of(&server, &request, &pool).await?;
        let query = leaver.query()?;
        leaver.at_client(query.get(CLIENT)).await?.leave(&query, false).await
    })
    .await
}

/// Our own form's answer, or the same as a link from a form of any origin, whose browser keeps the cookie to itself until it is
/// sent here (RP-Initiated Logout 1.0, section 2).
async fn by_form(request: HttpRequest, pool: Path<String>, body: Body, server: Data<Server>) -> HttpResponse {
    served(async move {
        let leaver = Guest::of(&server, &request, &pool).await?;
        let form = leaver.form(&body)?;
        if form.get("_csrf").is_none() {
            let mut response = away(&format!("{}/logout?{}", leaver.site.base, encoded(form.all())));
            response.head_mut().status = StatusCode::SEE_OTHER;
            return Ok(response);
        }
        let is_meant = leaver.is_own(&form, PAGE);
        leaver.at_client(form.get(CLIENT)).await?.leave(&form, is_meant).await
    })
    .await
}

impl Guest<'_> {
    /// Signs out, once it is said to be meant.
    async fn leave(&self, parameters: &Parameters, is_meant: bool) -> Answered {
        let app = &self.server.app;
        let session = match self.jar().session(self.request) {
            Some(cookie) => browser_session::find(app, &self.pool, &cookie).await,
            None => Ok(None),
        };
        let session = session.map_err(|error| self.failed(&error))?;
        match sign_out::leaving(app, &self.pool, session.as_ref(), parameters.all()).await {
            Ok(Leaving::To(location)) => self.end(Some(location)).await,
            Ok(Leaving::ToSignIn(query)) => {
                self.end(Some(format!("{}/login?{}", self.site.base, encoded(&query)))).await
            }
            Ok(Leaving::Nowhere) => self.end(None).await,
            Ok(Leaving::Asked(location)) if is_meant => self.end(location).await,
            Ok(Leaving::Asked(location)) => Ok(self.ask_again(parameters, location.as_deref())),
            Err(sign_out::Refused::UnknownClient) => Ok(self.wrong("error-client")),
            Err(sign_out::Refused::Redirect) => Ok(self.wrong("error-redirect")),
            Err(sign_out::Refused::Failed(error)) => Ok(self.failed(&error)),
        }
    }

    /// Ends the session, and sends the browser away.
    async fn end(&self, location: Option<String>) -> Answered {
        let jar = self.jar();
        if let Some(session) = jar.session(self.request) {
            let ended = browser_session::end(&self.server.app, &self.pool, &session).await;
            ended.map_err(|error| self.failed(&error))?;
        }
        let mut response = match location {
            Some(location) => away(&location),
            None => self.refused(StatusCode::OK, "signed-out"),
        };
        let _ = response.add_cookie(&jar.forget());
        Ok(response)
    }

    /// Asks whether it is meant; what was asked for comes again with the answer.
    fn ask_again(&self, asked: &Parameters, location: Option<&str>) -> HttpResponse {
        let repeated = REPEATED.into_iter().filter_map(|name| Some((name, asked.get(name)?.to_owned())));
        let says = ["sign-out-title", "sign-out-lead", "button-sign-out"];
        self.ask(PAGE, says, repeated.collect(), &location.map(source).unwrap_or_default())
    }
}
