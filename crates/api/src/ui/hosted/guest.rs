//! Somebody at a page of a pool's own, to which no app sent them: to sign out, or with the code that a device shows.

use std::sync::Arc;

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use cognate_core::app_client::registration::is_strange;
use cognate_core::site::Site;
use cognate_core::{Error, app_client, language, user_pool};
use cognate_store::{AppClientId, UserPool, UserPoolId};

use super::cookie::Jar;
use super::question::Question;
use super::shell::{Languages, Shell};
use super::visit::Frame;
use super::{Instead, Words, is_from_here, page, refused, refused_in, words};
use crate::parameters::Parameters;
use crate::server::Server;
use crate::site;

/// Somebody whom no app sent.
pub(super) struct Guest<'a> {
    pub(super) server: &'a Server,
    pub(super) request: &'a HttpRequest,
    pub(super) pool: Arc<UserPool>,
    pub(super) site: Site,
    /// What is around its pages.
    pub(super) shell: Shell,
    /// The language that was chosen just now, to be remembered.
    chosen: Option<String>,
}

impl<'a> Guest<'a> {
    pub(super) async fn of(
        server: &'a Server,
        request: &'a HttpRequest,
        pool: &str,
    ) -> Result<Self, Instead> {
        let id = UserPoolId::new(pool);
        let site = site::of(request, &server.app.place, &id);
        let query = Parameters::of_encoded(request.query_string().as_bytes()).unwrap_or_default();
        let words = words(&Jar::of(&site, &id), request, query.get("lang").or(query.get("ui_locales")));
        let chosen = query.get("lang").and_then(language::tag);
        let pool = match user_pool::published(&server.app, &id).await {
            Ok(pool) => pool,
            Err(Error::Busy) => return Err(refused(&words, StatusCode::SERVICE_UNAVAILABLE, "error").into()),
            Err(_) => return Err(refused(&words, StatusCode::BAD_REQUEST, "error-client").into()),
        };
        let shell = Shell::for_link(server, &pool, None, &site, words).await;
        Ok(Self { server, request, pool, site, shell, chosen })
    }

    /// What is around a page that says why a request for authorization leads nowhere: the looks and words of the client that it names,
    /// or else of the pool.
    pub(super) async fn shell_of(
        server: &Server,
        site: &Site,
        pool: &UserPoolId,
        client: Option<&str>,
        words: Words,
    ) -> Shell {
        let Ok(pool) = user_pool::published(&server.app, pool).await else { return Shell::plain(words) };
        let client = match client {
            Some(id) => app_client::known(&server.app, &pool, &AppClientId::new(id)).await.ok().flatten(),
            None => None,
        };
        let client = client.filter(|client| !is_strange(client));
        Shell::for_link(server, &pool, client.as_deref(), site, words).await
    }

    /// The same in the look and the words of a client, if it is one of the pool's and somebody looked at it.
    pub(super) async fn at_client(self, id: Option<&str>) -> Result<Self, Instead> {
        let Some(id) = id else { return Ok(self) };
        let known = app_client::known(&self.server.app, &self.pool, &AppClientId::new(id)).await;
        let known = known.map_err(|error| self.failed(&error))?;
        let Some(client) = known.filter(|client| !is_strange(client)) else { return Ok(self) };
        let words = self.shell.words.clone();
        let shell = Shell::for_link(self.server, &self.pool, Some(&client), &self.site, words).await;
        Ok(Self { shell, ..self })
    }

    pub(super) fn jar(&self) -> Jar<'_> {
        Jar::of(&self.site, &self.pool.id)
    }

    /// What the query says.
    pub(super) fn query(&self) -> Result<Parameters, Instead> {
        let query = Parameters::of_encoded(self.request.query_string().as_bytes());
        query.map_err(|_| self.wrong("error-request").into())
    }

    /// What a form says.
    pub(super) fn form(&self, body: &[u8]) -> Result<Parameters, Instead> {
        Parameters::of_form(self.request, body).map_err(|_| self.wrong("error-request").into())
    }

    /// What must be said, once.
    pub(super) fn required(&self, parameters: &Parameters, name: &'static str) -> Result<String, Instead> {
        parameters.required(name).map(str::to_owned).map_err(|_| self.wrong("error-request").into())
    }

    pub(super) fn refused(&self, status: StatusCode, id: &str) -> HttpResponse {
        refused_in(self.shell.clone(), status, id)
    }

    pub(super) fn wrong(&self, id: &str) -> HttpResponse {
        self.refused(StatusCode::BAD_REQUEST, id)
    }

    pub(super) fn failed(&self, error: &Error) -> HttpResponse {
        if matches!(error, Error::Busy) {
            return self.refused(StatusCode::SERVICE_UNAVAILABLE, "error");
        }
        tracing::error!(error = error as &dyn std::error::Error, "a page failed");
        self.refused(StatusCode::INTERNAL_SERVER_ERROR, "error")
    }

    /// What the pages' forms have in common; their token is bound to what they are about.
    pub(super) fn frame(&self, about: &str) -> Frame {
        let (browsers, now) = (self.jar().browsers(self.request), self.server.app.clock.now());
        Frame {
            words: self.shell.words.clone(),
            base: self.site.base.clone(),
            query: String::new(),
            form_token: browsers.token(&self.pool, about, now),
            app: String::new(),
            can_sign_up: false,
            can_recover: false,
        }
    }

    /// Whether a form is one that this browser was shown here (HUI-3).
    pub(super) fn is_own(&self, form: &Parameters, about: &str) -> bool {
        let (token, now) = (form.get("_csrf").unwrap_or_default(), self.server.app.clock.now());
        let checked = self.jar().browsers(self.request).check(&self.pool, about, token, now);
        is_from_here(self.request, &self.site) && checked.is_ok()
    }

    /// Asks to press the button of a form that goes to the page that its token is bound to, and repeats these fields; it may end at
    /// another place (a source of CSP).
    pub(super) fn ask(
        &self,
        page: &str,
        [heading, sentence, button]: [&str; 3],
        mut fields: Vec<(&'static str, String)>,
        leads_to: &str,
    ) -> HttpResponse {
        let (token, t) = (self.frame(page).form_token, |id: &str| self.shell.words.of(id));
        fields.push(("_csrf", token.clone()));
        // What came by a form is put into no address.
        let shell = match (self.request.method(), self.query()) {
            (&Method::GET, Ok(query)) => {
                let repeated =
                    query.all().iter().filter(|(name, _)| !["lang", "ui_locales"].contains(&&***name));
                self.shell(page, repeated.map(|(name, value)| (name.as_str(), value.as_str())))
            }
            _ => self.shell.clone(),
        };
        let question = Question {
            shell,
            heading: t(heading),
            sentence: t(sentence),
            action: format!("{}/{page}", self.site.base),
            fields,
            button: t(button),
        };
        self.show(&question, &token, leads_to)
    }

    /// What is around a page that can be opened again in another language, with these parameters.
    pub(super) fn shell<'q>(&self, page: &str, repeated: impl Iterator<Item = (&'q str, &'q str)>) -> Shell {
        let parameters = repeated.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let languages = Languages { action: format!("{}/{page}", self.site.base), parameters };
        let mut shell = self.shell.clone();
        shell.languages = Some(languages);
        shell
    }

    /// Shows a page with a form to this browser, which may end at another place (a source of CSP).
    pub(super) fn show(&self, page: &impl Template, frame: &str, leads_to: &str) -> HttpResponse {
        let mut response = page::respond_and_lead(StatusCode::OK, page, leads_to);
        let jar = self.jar();
        let _ = response.add_cookie(&jar.keep_form_token(frame));
        if let Some(tag) = &self.chosen {
            let _ = response.add_cookie(&jar.keep_language(tag));
        }
        response
    }
}
