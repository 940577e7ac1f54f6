//! `/{pool}/logout`: ending a browser's session, in Cognito's two ways and in OpenID Connect's (RP-Initiated Logout 1.0).

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::sign_out::{self, Leaving};
use cognate_core::site::Site;
use cognate_core::{Error, browser_session, user_pool};
use cognate_store::{UserPool, UserPoolId};

use super::cookie::Jar;
use super::form_token::Browser;
use super::question::Question;
use super::shell::Shell;
use super::{Answered, Instead, Words, away, encoded, is_from_here, page, refused, served, words};
use crate::parameters::Parameters;
use crate::server::Server;
use crate::site;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/{pool}/logout", web::get().to(by_link)).route("/{pool}/logout", web::post().to(by_form));
}

/// What the form's token is bound to.
const REQUEST: &str = "logout";

async fn by_link(request: HttpRequest, pool: Path<String>, server: Data<Server>) -> HttpResponse {
    served(async move {
        let leaver = Leaver::of(&server, &request, &pool).await?;
        let parameters = Parameters::of_encoded(request.query_string().as_bytes());
        leaver.leave(&parameters.map_err(|_| leaver.wrong("error-request"))?).await
    })
    .await
}

/// Our own form's answer, or the same as a link from a form of any origin, whose browser keeps the cookie to itself until it is
/// sent here (RP-Initiated Logout 1.0, section 2).
async fn by_form(
    request: HttpRequest,
    pool: Path<String>,
    body: Bytes,
    server: Data<Server>,
) -> HttpResponse {
    served(async move {
        let leaver = Leaver::of(&server, &request, &pool).await?;
        let form = Parameters::of_form(&request, &body).map_err(|_| leaver.wrong("error-request"))?;
        let Some(token) = form.get("_csrf") else {
            let mut response = away(&format!("{}/logout?{}", leaver.site.base, encoded(form.all())));
            response.head_mut().status = StatusCode::SEE_OTHER;
            return Ok(response);
        };
        let browser = leaver.jar().form_token(&request).and_then(|token| Browser::of(&token));
        let is_ours = is_from_here(&request, &leaver.site)
            && browser
                .is_some_and(|it| it.check(&leaver.pool, REQUEST, token, server.app.clock.now()).is_ok());
        if !is_ours {
            return Ok(leaver.ask());
        }
        leaver.end(None).await
    })
    .await
}

/// A browser that signs out.
struct Leaver<'a> {
    server: &'a Server,
    request: &'a HttpRequest,
    pool: std::sync::Arc<UserPool>,
    site: Site,
    words: Words,
}

impl<'a> Leaver<'a> {
    async fn of(server: &'a Server, request: &'a HttpRequest, pool: &str) -> Result<Self, Instead> {
        let id = UserPoolId::new(pool);
        let site = site::of(request, &server.app.place, &id);
        let words = words(&Jar::of(&site, &id), request, None);
        let pool = match user_pool::published(&server.app, &id).await {
            Ok(pool) => pool,
            Err(Error::Busy) => return Err(refused(&words, StatusCode::SERVICE_UNAVAILABLE, "error").into()),
            Err(_) => return Err(refused(&words, StatusCode::BAD_REQUEST, "error-client").into()),
        };
        let words = server.own_words.over(&server.app, &pool, None, words).await;
        Ok(Self { server, request, pool, site, words })
    }

    fn jar(&self) -> Jar<'_> {
        Jar::of(&self.site, &self.pool.id)
    }

    fn wrong(&self, id: &str) -> HttpResponse {
        refused(&self.words, StatusCode::BAD_REQUEST, id)
    }

    fn failed(&self, error: &Error) -> HttpResponse {
        tracing::error!(error = error as &dyn std::error::Error, "sign-out failed");
        refused(&self.words, StatusCode::INTERNAL_SERVER_ERROR, "error")
    }

    async fn leave(&self, parameters: &Parameters) -> Answered {
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
            Ok(Leaving::Asked) => Ok(self.ask()),
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
            None => refused(&self.words, StatusCode::OK, "signed-out"),
        };
        let _ = response.add_cookie(&jar.forget());
        Ok(response)
    }

    /// Asks whether it is meant.
    fn ask(&self) -> HttpResponse {
        let (jar, now) = (self.jar(), self.server.app.clock.now());
        let browser = jar.form_token(self.request).and_then(|token| Browser::of(&token));
        let token = browser.unwrap_or_else(Browser::new).token(&self.pool, REQUEST, now);
        let t = |id: &str| self.words.of(id);
        let question = Question {
            shell: Shell::plain(self.words.clone()),
            heading: t("sign-out-title"),
            sentence: t("sign-out-lead"),
            action: Some(format!("{}/logout", self.site.base)),
            fields: vec![("_csrf", token.clone())],
            button: t("button-sign-out"),
        };
        let mut response = page::respond(StatusCode::OK, &question);
        let _ = response.add_cookie(&jar.keep_form_token(&token));
        response
    }
}
