//! The pages at which a pool's users sign in and up: each is one step of the same sign-in that the API has, and ends by sending
//! the browser back to the app that sent it.
//!
//! A page belongs to a request for authorization, which its query repeats and its form token is bound to.

mod attribute;
mod authorize;
mod confirm_user;
mod cookie;
mod fault;
mod feedback;
mod form;
mod form_token;
mod passkey;
mod question;
mod recovery;
mod shell;
mod sign_in;
mod sign_out;
mod sign_up;
mod step;

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, LOCATION, ORIGIN};
use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Route};
use askama::Template;
use cognate_core::auth::risk;
use cognate_core::authorization::{self, Authorization, Misdirected, Refusal, Refused, Wants};
use cognate_core::browser_session::{self, Opened};
use cognate_core::look::{self, Look};
use cognate_core::site::Site;
use cognate_core::{Error, language};
use cognate_store::UserPoolId;
use secrecy::SecretString;
use url::{Host, Url};

use self::cookie::Jar;
use self::form_token::{Browser, Fault};
use self::shell::{Languages, Shell};
use super::page;
use super::words::Words;
use crate::finish::{self, Unfinished};
use crate::origin;
use crate::parameters::Parameters;
use crate::server::Server;
use crate::site;

pub(super) fn routes(config: &mut ServiceConfig) {
    authorize::routes(config);
    sign_in::routes(config);
    step::routes(config);
    sign_up::routes(config);
    recovery::routes(config);
    passkey::routes(config);
    sign_out::routes(config);
    confirm_user::routes(config);
    feedback::routes(config);
}

/// What the pages of one request have in common.
pub(super) struct Frame {
    words: Words,
    base: String,
    query: String,
    form_token: String,
    /// What the app calls itself.
    app: String,
    can_sign_up: bool,
    can_recover: bool,
}

impl Frame {
    /// A text.
    fn t(&self, id: &str) -> String {
        self.words.of(id)
    }

    /// A text with something put into it.
    fn with(&self, id: &str, name: &str, value: &str) -> String {
        self.words.with(id, &[(name, value)])
    }

    /// Another page of the same request.
    fn to(&self, page: &str) -> String {
        match self.query.is_empty() {
            true => format!("{}/{page}", self.base),
            false => format!("{}/{page}?{}", self.base, self.query),
        }
    }
}

/// Somebody at a page: what they ask for, and what their browser brings.
pub(super) struct Visit {
    server: Data<Server>,
    site: Site,
    look: Arc<Look>,
    authorization: Authorization,
    query: String,
    session: Option<SecretString>,
    browser: Browser,
    words: Words,
    /// The language that was chosen just now, to be remembered.
    chosen: Option<String>,
}

/// What a handler answers, or another page in its place.
type Answered = Result<HttpResponse, Instead>;

/// What is answered instead.
struct Instead(Box<HttpResponse>);

impl From<HttpResponse> for Instead {
    fn from(response: HttpResponse) -> Self {
        Self(Box::new(response))
    }
}

impl Visit {
    /// Reads what a browser brings.
    async fn of(server: Data<Server>, pool: &str, request: &HttpRequest) -> Result<Self, Instead> {
        Self::read(server, pool, request, request.query_string().as_bytes(), Wants::Answer).await
    }

    /// The same at a page of the user's own, which an app sends them to for nothing, or on their way to its answer.
    async fn at_own_page(server: Data<Server>, pool: &str, request: &HttpRequest) -> Result<Self, Instead> {
        let query = request.query_string().as_bytes();
        let wants = match url::form_urlencoded::parse(query).any(|(name, _)| name == "response_type") {
            true => Wants::Answer,
            false => Wants::Page,
        };
        Self::read(server, pool, request, query, wants).await
    }

    /// The same, with the request for authorization in other words.
    async fn read(
        server: Data<Server>,
        pool: &str,
        request: &HttpRequest,
        parameters: &[u8],
        wants: Wants,
    ) -> Result<Self, Instead> {
        let id = UserPoolId::new(pool);
        let site = site::of(request, &server.app.place, &id);
        let jar = Jar::of(&site, &id);
        let words = words(&jar, request, None);
        let parameters = Parameters::of_encoded(parameters)
            .map_err(|_| refused(words, StatusCode::BAD_REQUEST, "error-request"))?;
        let words = self::words(&jar, request, parameters.get("lang").or(parameters.get("ui_locales")));
        let chosen = parameters.get("lang").and_then(language::tag);
        let read = Authorization::read(&server.app, &id, origin::of(request), parameters.all(), wants).await;
        let authorization = read.map_err(|refused| elsewhere(words, refused))?;
        let (pool, client) = (&authorization.context.pool, &authorization.context.client);
        let look = look::of(&server.app, pool, &client.id, &site).await;
        let look = look.map_err(|error| elsewhere(words, Refused::Failed(error)))?;
        let (session, browser) = (jar.session(request), jar.form_token(request));
        let browser = browser.and_then(|token| Browser::of(&token)).unwrap_or_else(Browser::new);
        let query = encoded(parameters.all());
        Ok(Self { server, site, look, authorization, query, session, browser, words, chosen })
    }

    /// The form that a browser brings, which must be one that it was shown here (HUI-3).
    fn form(&self, request: &HttpRequest, body: &[u8]) -> Result<Parameters, Instead> {
        let form = self.own_form(request, body).map_err(|fault| sign_in::open_again(self, fault))?;
        risk::check_network(&self.authorization.context).map_err(|error| self.failed(&error))?;
        Ok(form)
    }

    fn own_form(&self, request: &HttpRequest, body: &[u8]) -> Result<Parameters, Fault> {
        let form = Parameters::of_form(request, body).map_err(|_| Fault::Foreign)?;
        if !is_from_here(request, &self.site) {
            return Err(Fault::Elsewhere);
        }
        let token = form.get("_csrf").unwrap_or_default();
        let (pool, now) = (&self.authorization.context.pool, self.server.app.clock.now());
        self.browser.check(pool, &self.query, token, now)?;
        Ok(form)
    }

    /// Another page of the same request, for somebody who has just signed in: nothing is left of how they were to be met.
    fn to_anew(&self, page: &str) -> String {
        let parameters = url::form_urlencoded::parse(self.query.as_bytes()).into_owned();
        let parameters = parameters.filter(|(name, _)| name != "prompt").collect();
        format!("{}/{page}?{}", self.site.base, encoded(&parameters))
    }

    /// Another page of the same request, but for one of its parameters.
    fn to_with(&self, page: &str, name: &str, value: &str) -> String {
        let mut parameters: BTreeMap<String, String> =
            url::form_urlencoded::parse(self.query.as_bytes()).into_owned().collect();
        parameters.insert(name.to_owned(), value.to_owned());
        format!("{}/{page}?{}", self.site.base, encoded(&parameters))
    }

    fn jar(&self) -> Jar<'_> {
        Jar::of(&self.site, &self.authorization.context.pool.id)
    }

    fn frame(&self) -> Frame {
        let context = &self.authorization.context;
        let (pool, now) = (&context.pool, self.server.app.clock.now());
        let settings = &pool.settings;
        Frame {
            words: self.words,
            base: self.site.base.clone(),
            form_token: self.browser.token(pool, &self.query, now),
            query: self.query.clone(),
            app: context.client.name.clone(),
            can_sign_up: !settings.admin_create_user.only_administrators,
            can_recover: cognate_core::user::password::can_recover(&self.server.app, pool),
        }
    }

    /// What is around a page of this request.
    fn shell(&self) -> Shell {
        Shell::of(self.words, self.look.clone(), &self.authorization.context.client.name, &self.site)
    }

    /// The choice of another language for a page, where the look has one.
    fn languages(&self, page: &str) -> Option<Languages> {
        let parameters = url::form_urlencoded::parse(self.query.as_bytes()).into_owned();
        let parameters = parameters.filter(|(name, _)| name != "lang").collect();
        let action = format!("{}/{page}", self.site.base);
        self.look.style.has_languages.then_some(Languages { action, parameters })
    }

    /// Shows a page to this browser.
    fn show(&self, status: StatusCode, page: &impl Template, frame_token: &str) -> HttpResponse {
        let leads_to = source(&self.authorization.redirect_uri);
        let mut response = page::respond_and_lead(status, page, &leads_to);
        let jar = self.jar();
        let mut cookies = vec![jar.keep_form_token(frame_token)];
        cookies.extend(self.chosen.iter().map(|tag| jar.keep_language(tag)));
        for cookie in cookies {
            // A cookie that cannot be set is one that cannot be written as a header, which these can.
            let _ = response.add_cookie(&cookie);
        }
        response
    }

    /// Sends a browser back to the app, with the session that has just begun in place of the one that it had.
    async fn enter(&self, opened: Opened) -> Answered {
        let (app, context) = (&self.server.app, &self.authorization.context);
        let failed = |error| self.failed(&error);
        let session = browser_session::find(app, &context.pool, &opened.cookie).await.map_err(failed)?;
        let session = session.ok_or_else(|| failed(Error::UsedSession))?;
        let location = authorization::grant(app, &self.authorization, &session).await.map_err(failed)?;
        self.enter_by(opened, &location).await
    }

    /// The same, by way of another page.
    async fn enter_by(&self, opened: Opened, location: &str) -> Answered {
        if let Some(old) = &self.session {
            let pool = &self.authorization.context.pool;
            let ended = browser_session::end(&self.server.app, pool, old).await;
            ended.map_err(|error| self.failed(&error))?;
        }
        let mut response = away(location);
        let _ = response.add_cookie(&self.jar().keep(&opened));
        Ok(response)
    }

    /// Says that something did not work which the person cannot mend here.
    fn failed(&self, error: &Error) -> HttpResponse {
        if matches!(error, Error::LevelOutOfReach) {
            return away(&self.authorization.refusal(Refusal::LEVEL_OUT_OF_REACH));
        }
        if let Some(told) = fault::told(self.words, error) {
            let status = match error {
                Error::Busy => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::BAD_REQUEST,
            };
            return self.message(status, "error-title", told);
        }
        let Error::Internal(_) = error else {
            tracing::warn!(error = error as &dyn std::error::Error, "a page refused");
            return self.refused(StatusCode::BAD_REQUEST, "error");
        };
        tracing::error!(error = error as &dyn std::error::Error, "a page failed");
        self.refused(StatusCode::INTERNAL_SERVER_ERROR, "error")
    }

    /// Says how it is, and leads nowhere.
    fn refused(&self, status: StatusCode, id: &str) -> HttpResponse {
        self.message(status, &format!("{id}-title"), self.words.of(&format!("{id}-lead")))
    }

    fn message(&self, status: StatusCode, title: &str, sentence: String) -> HttpResponse {
        page::respond(status, &Message { shell: self.shell(), heading: self.words.of(title), sentence })
    }
}

/// A route that shows a page.
fn showing<F, S>(show: F) -> Route
where
    F: Fn(Visit) -> S + Copy + 'static,
    S: Future<Output = Answered> + 'static,
{
    web::get().to(move |request: HttpRequest, pool: Path<String>, server: Data<Server>| {
        served(async move { show(Visit::of(server, &pool, &request).await?).await })
    })
}

/// A route that takes a page's form.
fn taking<F, T>(take: F) -> Route
where
    F: Fn(Visit, Parameters) -> T + Copy + 'static,
    T: Future<Output = Answered> + 'static,
{
    web::post().to(move |request: HttpRequest, pool: Path<String>, body: Bytes, server: Data<Server>| {
        served(async move {
            let visit = Visit::of(server, &pool, &request).await?;
            let form = visit.form(&request, &body)?;
            take(visit, form).await
        })
    })
}

/// Serves a page to its end.
async fn served(serving: impl Future<Output = Answered> + 'static) -> HttpResponse {
    let words = Words::of_first(&[]);
    match finish::to_the_end(serving).await {
        Ok(answered) => answered.unwrap_or_else(|Instead(response)| *response),
        Err(Unfinished::Failed) => refused(words, StatusCode::INTERNAL_SERVER_ERROR, "error"),
        Err(Unfinished::TooLong) => refused(words, StatusCode::SERVICE_UNAVAILABLE, "error"),
    }
}

/// The words for whoever asks: in the language that they choose now, chose before, or that their browser accepts.
fn words(jar: &Jar<'_>, request: &HttpRequest, chosen: Option<&str>) -> Words {
    let chosen = chosen.unwrap_or_default().split(' ').map(str::to_owned);
    let wanted = chosen.chain(jar.language(request)).filter_map(|text| language::tag(&text));
    let wanted: Vec<_> = wanted.chain(origin::of(request).languages().iter().cloned()).collect();
    Words::of_first(&wanted)
}

/// Parameters in the one order that they are compared in.
fn encoded(parameters: &BTreeMap<String, String>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// Whether a form comes from one of our own pages, as far as the browser says. Pages that send no referrer hide their origin from
/// themselves too; then what a browser says of the site counts, and must be said wherever browsers say it: not over plain `http`.
fn is_from_here(request: &HttpRequest, site: &Site) -> bool {
    let from = request.headers().get(HeaderName::from_static("sec-fetch-site"));
    let is_same = from.map(|from| from == "same-origin");
    let Some(origin) = request.headers().get(ORIGIN) else { return is_same.unwrap_or(true) };
    if is_same == Some(false) || origin == "null" {
        return is_same.unwrap_or(!site.is_secure());
    }
    origin.to_str().is_ok_and(|origin| origin == site.origin())
}

/// Where a browser goes, as a source that a Content-Security-Policy names.
fn source(redirect_uri: &str) -> String {
    match Url::parse(redirect_uri) {
        // A policy cannot name an IPv6 address.
        Ok(url) if matches!(url.host(), Some(Host::Domain(_) | Host::Ipv4(_))) && is_web(&url) => {
            url.origin().ascii_serialization()
        }
        Ok(url) => format!("{}:", url.scheme()),
        Err(_) => String::new(),
    }
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// Sends a browser somewhere, and has nobody remember it.
fn away(location: &str) -> HttpResponse {
    let mut response = HttpResponse::Found();
    response.insert_header((header::CACHE_CONTROL, "no-cache, no-store, max-age=0, must-revalidate"));
    response.insert_header((header::PRAGMA, "no-cache"));
    response.insert_header((header::REFERRER_POLICY, "no-referrer"));
    response.insert_header((LOCATION, location)).finish()
}

/// Answers a request for authorization that is refused.
fn elsewhere(words: Words, refused: Refused) -> HttpResponse {
    let id = match refused {
        Refused::Back(location) => return away(&location),
        Refused::Misdirected(Misdirected::UnknownClient) => "error-client",
        Refused::Misdirected(Misdirected::RedirectMismatch) => "error-redirect",
        Refused::Misdirected(Misdirected::Stranger) => "error-request",
        Refused::Failed(Error::Busy) => {
            return self::refused(words, StatusCode::SERVICE_UNAVAILABLE, "error");
        }
        Refused::Failed(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "authorization failed");
            return self::refused(words, StatusCode::INTERNAL_SERVER_ERROR, "error");
        }
    };
    self::refused(words, StatusCode::BAD_REQUEST, id)
}

/// A page that leads nowhere.
#[derive(Template)]
#[template(path = "hosted/message.html")]
struct Message {
    shell: Shell,
    heading: String,
    sentence: String,
}

/// Says what is wrong, and leads nowhere.
fn refused(words: Words, status: StatusCode, id: &str) -> HttpResponse {
    let (heading, sentence) = (words.of(&format!("{id}-title")), words.of(&format!("{id}-lead")));
    page::respond(status, &Message { shell: Shell::plain(words), heading, sentence })
}
