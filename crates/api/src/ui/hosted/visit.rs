//! Somebody at a page: what they ask for, what their browser brings, and how it is answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use cognate_core::auth::risk;
use cognate_core::authorization::{self, Authorization, Refusal, Refused, Wants};
use cognate_core::browser_session::{self, BrowserSession, Opened};
use cognate_core::look::{self, Look};
use cognate_core::site::Site;
use cognate_core::{Error, language};
use cognate_store::UserPoolId;
use secrecy::SecretString;
use url::form_urlencoded::Serializer;

use super::super::message_words::MessageWords;
use super::cookie::Jar;
use super::form_token::{Browsers, Fault};
use super::guest::Guest;
use super::shell::{Languages, Shell};
use super::{
    Answered, Instead, Message, Words, away, elsewhere, encoded, fault, is_from_here, page, refused_in,
    sign_in, source, words,
};
use crate::origin;
use crate::parameters::Parameters;
use crate::server::Server;
use crate::site;

/// What a request for an app's answer says, or the one that it stands for which was pushed.
const RESPONSE_TYPE: &str = "response_type";
pub(super) const REQUEST_URI: &str = "request_uri";
/// What is said in its place by whoever goes to a page of ours.
const PAGE: &str = "page";
/// The pages that somebody comes back to who has to sign in for them.
pub(super) const ACCOUNT: [&str; 3] = ["account", "account/profile", "account/password"];
pub(super) const PASSKEY: &str = "passkeys/add";
pub(super) const DEVICE: &str = "device/allow";
/// What is asked of a request that who stays here has no use for.
const FOR_ANSWERS: [&str; 7] =
    [RESPONSE_TYPE, REQUEST_URI, PAGE, "prompt", "max_age", "acr_values", "id_token_hint"];

/// What a browser says that it was sent for.
fn wanted(query: &[u8]) -> Option<Wants> {
    let says = |wanted: &str, is: fn(&str) -> bool| {
        url::form_urlencoded::parse(query).any(|(name, value)| name == wanted && is(&value))
    };
    let is_said = |value: &str| !value.is_empty();
    match says(RESPONSE_TYPE, is_said) || says(REQUEST_URI, is_said) {
        true => Some(Wants::Answer),
        false if says(PAGE, |page| ACCOUNT.contains(&page)) => Some(Wants::Account),
        false if says(PAGE, |page| page == DEVICE) => Some(Wants::Device),
        false => says(PAGE, |page| page == PASSKEY).then_some(Wants::Page),
    }
}

/// What the pages of one request have in common.
pub(super) struct Frame {
    pub(super) words: Words,
    pub(super) base: String,
    pub(super) query: String,
    pub(super) form_token: String,
    /// What the app calls itself.
    pub(super) app: String,
    pub(super) can_sign_up: bool,
    pub(super) can_recover: bool,
}

impl Frame {
    /// A text.
    pub(super) fn t(&self, id: &str) -> String {
        self.words.of(id)
    }

    /// A text with something put into it.
    pub(super) fn with(&self, id: &str, name: &str, value: &str) -> String {
        self.words.with(id, &[(name, value)])
    }

    /// Another page of the same request.
    pub(super) fn to(&self, page: &str) -> String {
        match self.query.is_empty() {
            true => format!("{}/{page}", self.base),
            false => format!("{}/{page}?{}", self.base, self.query),
        }
    }
}

/// Somebody at a page: what they ask for, and what their browser brings.
pub(super) struct Visit {
    pub(super) server: Data<Server>,
    pub(super) site: Site,
    pub(super) look: Arc<Look>,
    pub(super) authorization: Authorization,
    pub(super) query: String,
    pub(super) session: Option<SecretString>,
    pub(super) browsers: Browsers,
    pub(super) words: Words,
    /// The language that was chosen just now, to be remembered.
    pub(super) chosen: Option<String>,
}

impl Visit {
    /// Reads what a browser brings.
    pub(super) async fn of(server: Data<Server>, pool: &str, request: &HttpRequest) -> Result<Self, Instead> {
        let query = request.query_string().as_bytes();
        Self::read(server, pool, request, query, wanted(query).unwrap_or(Wants::Answer)).await
    }

    /// The same at a page of the user's own, which an app sends them to for nothing, or on their way to its answer.
    pub(super) async fn at_own_page(
        server: Data<Server>,
        pool: &str,
        request: &HttpRequest,
    ) -> Result<Self, Instead> {
        let query = request.query_string().as_bytes();
        Self::read(server, pool, request, query, wanted(query).unwrap_or(Wants::Page)).await
    }

    /// The same at the user's account, where they stay.
    pub(super) async fn at_account(
        server: Data<Server>,
        pool: &str,
        request: &HttpRequest,
    ) -> Result<Self, Instead> {
        Self::staying(server, pool, request, ACCOUNT[0], Wants::Account).await
    }

    /// The same where a device is answered that has no browser.
    pub(super) async fn at_device(
        server: Data<Server>,
        pool: &str,
        request: &HttpRequest,
    ) -> Result<Self, Instead> {
        Self::staying(server, pool, request, DEVICE, Wants::Device).await
    }

    /// The same at a page where they stay, whatever their query says of an app's answer.
    async fn staying(
        server: Data<Server>,
        pool: &str,
        request: &HttpRequest,
        page: &str,
        wants: Wants,
    ) -> Result<Self, Instead> {
        let parameters = url::form_urlencoded::parse(request.query_string().as_bytes());
        let parameters = parameters.filter(|(name, _)| !FOR_ANSWERS.contains(&&**name));
        let mut query = Serializer::new(String::new());
        query.extend_pairs(parameters).append_pair(PAGE, page);
        Self::read(server, pool, request, query.finish().as_bytes(), wants).await
    }

    /// The same, with the request for authorization in other words.
    pub(super) async fn read(
        server: Data<Server>,
        pool: &str,
        request: &HttpRequest,
        parameters: &[u8],
        wants: Wants,
    ) -> Result<Self, Instead> {
        let id = UserPoolId::new(pool);
        let site = site::of(request, &server.app.place, &id);
        let jar = Jar::of(&site, &id);
        let Ok(parameters) = Parameters::of_encoded(parameters) else {
            let shell = Guest::shell_of(&server, &site, &id, None, words(&jar, request, None)).await;
            return Err(refused_in(shell, StatusCode::BAD_REQUEST, "error-request").into());
        };
        let words = self::words(&jar, request, parameters.get("lang").or(parameters.get("ui_locales")));
        let chosen = parameters.get("lang").and_then(language::tag);
        let read = Authorization::read(&server.app, &id, origin::of(request), parameters.all(), wants).await;
        let mut authorization = match read {
            Ok(authorization) => authorization,
            Err(refused @ Refused::Misdirected(_)) => {
                let shell = Guest::shell_of(&server, &site, &id, parameters.get("client_id"), words).await;
                return Err(elsewhere(shell, refused).into());
            }
            Err(refused) => return Err(elsewhere(Shell::plain(words), refused).into()),
        };
        // What was pushed may ask for languages too; the choice at the page comes first.
        let words = match (&chosen, &authorization.languages) {
            (None, Some(asked)) => self::words(&jar, request, Some(asked)),
            _ => words,
        };
        let (pool, client) = (&authorization.context.pool, &authorization.context.client);
        let words = server.own_words.over(&server.app, pool, Some(&client.id), words).await;
        let wording = MessageWords(words.clone());
        // What was not chosen is what the browser accepts, or English for want of it.
        let is_chosen = chosen.is_some()
            || parameters.get("ui_locales").or(authorization.languages.as_deref()).is_some()
            || jar.language(request).is_some();
        let reads = is_chosen.then(|| words.tag().to_ascii_lowercase());
        let look = look::of(&server.app, pool, Some(&client.id), &site).await;
        let look =
            look.map_err(|error| elsewhere(Shell::plain(words.clone()), authorization.failed(error)))?;
        let session = jar.session(request);
        let browsers = jar.browsers(request);
        let query = encoded(parameters.all());
        let context = &mut authorization.context;
        context.origin = std::mem::take(&mut context.origin).at_page(reads.as_deref(), Arc::new(wording));
        Ok(Self { server, site, look, authorization, query, session, browsers, words, chosen })
    }

    /// The form that a browser brings, which must be one that it was shown here (HUI-3).
    pub(super) async fn form(&self, request: &HttpRequest, body: &[u8]) -> Result<Parameters, Instead> {
        let form = match self.own_form(request, body) {
            Ok(form) => form,
            Err(fault) => return Err(sign_in::open_again(self, fault).await.into()),
        };
        risk::check_network(&self.authorization.context).map_err(|error| self.failed(&error))?;
        Ok(form)
    }

    pub(super) fn own_form(&self, request: &HttpRequest, body: &[u8]) -> Result<Parameters, Fault> {
        let form = Parameters::of_form(request, body).map_err(|_| Fault::Foreign)?;
        if !is_from_here(request, &self.site) {
            return Err(Fault::Elsewhere);
        }
        let token = form.get("_csrf").unwrap_or_default();
        let (pool, now) = (&self.authorization.context.pool, self.server.app.clock.now());
        self.browsers.check(pool, &self.query, token, now)?;
        Ok(form)
    }

    /// Another page of the same request, for somebody who has just signed in: nothing is left of how they were to be met.
    pub(super) fn to_anew(&self, page: &str) -> String {
        let parameters = url::form_urlencoded::parse(self.query.as_bytes()).into_owned();
        let parameters = parameters.filter(|(name, _)| name != "prompt").collect();
        format!("{}/{page}?{}", self.site.base, encoded(&parameters))
    }

    /// What the query says of one of its parameters.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let mut parameters = url::form_urlencoded::parse(self.query.as_bytes());
        parameters.find(|(it, _)| it == name).map(|(_, value)| value.into_owned())
    }

    /// Another page of the same request, but for one of its parameters.
    pub(super) fn to_with(&self, page: &str, name: &str, value: &str) -> String {
        let mut parameters: BTreeMap<String, String> =
            url::form_urlencoded::parse(self.query.as_bytes()).into_owned().collect();
        parameters.insert(name.to_owned(), value.to_owned());
        format!("{}/{page}?{}", self.site.base, encoded(&parameters))
    }

    pub(super) fn jar(&self) -> Jar<'_> {
        Jar::of(&self.site, &self.authorization.context.pool.id)
    }

    pub(super) fn frame(&self) -> Frame {
        let context = &self.authorization.context;
        let (pool, now) = (&context.pool, self.server.app.clock.now());
        let settings = &pool.settings;
        Frame {
            words: self.words.clone(),
            base: self.site.base.clone(),
            form_token: self.browsers.token(pool, &self.query, now),
            query: self.query.clone(),
            app: context.client.name.clone(),
            can_sign_up: !settings.admin_create_user.only_administrators,
            can_recover: cognate_core::user::password::can_recover(&self.server.app, pool),
        }
    }

    /// What is around a page of this request.
    pub(super) fn shell(&self) -> Shell {
        Shell::of(self.words.clone(), self.look.clone(), &self.authorization.context.client.name, &self.site)
    }

    /// The choice of another language for a page, where the look has one.
    pub(super) fn languages(&self, page: &str) -> Option<Languages> {
        let parameters = url::form_urlencoded::parse(self.query.as_bytes()).into_owned();
        let parameters = parameters.filter(|(name, _)| name != "lang").collect();
        let action = format!("{}/{page}", self.site.base);
        self.look.style.has_languages.then_some(Languages { action, parameters })
    }

    /// Shows a page to this browser.
    pub(super) fn show(&self, status: StatusCode, page: &impl Template, frame_token: &str) -> HttpResponse {
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
    pub(super) async fn enter(&self, opened: Opened) -> Answered {
        let (app, context) = (&self.server.app, &self.authorization.context);
        let failed = |error| self.failed(&error);
        self.put_in_place(&opened).await?;
        let session = browser_session::find(app, &context.pool, &opened.cookie).await.map_err(failed)?;
        let session = session.ok_or_else(|| failed(Error::UsedSession))?;
        let location = self.onward(&session).await.map_err(failed)?;
        Ok(self.away_with(&opened, &location))
    }

    /// Where somebody goes on who is signed in: to the app with its answer, or to the page that they signed in for.
    pub(super) async fn onward(&self, session: &BrowserSession) -> cognate_core::Result<String> {
        match self.authorization.wants {
            Wants::Answer => authorization::grant(&self.server.app, &self.authorization, session).await,
            Wants::Device => Ok(self.to_anew(DEVICE)),
            Wants::Account => {
                let named = self.parameter(PAGE);
                let page = ACCOUNT.into_iter().find(|page| named.as_deref() == Some(page));
                Ok(self.to_anew(page.unwrap_or(ACCOUNT[0])))
            }
            Wants::Page => Ok(self.to_anew(PASSKEY)),
        }
    }

    /// The page to sign in at, once more, on the way to a page of ours.
    pub(super) fn to_sign_in_for(&self, page: &str) -> String {
        let mut parameters: BTreeMap<String, String> =
            url::form_urlencoded::parse(self.query.as_bytes()).into_owned().collect();
        parameters
            .extend([(PAGE, page), ("prompt", "login")].map(|(name, value)| (name.into(), value.into())));
        format!("{}/login?{}", self.site.base, encoded(&parameters))
    }

    /// The same, by way of another page.
    pub(super) async fn enter_by(&self, opened: Opened, location: &str) -> Answered {
        self.put_in_place(&opened).await?;
        Ok(self.away_with(&opened, location))
    }

    /// Puts a session in the place of the one that the browser had, whose name it goes by to apps from then on.
    async fn put_in_place(&self, opened: &Opened) -> Result<(), Instead> {
        let Some(old) = &self.session else { return Ok(()) };
        let pool = &self.authorization.context.pool;
        let replaced = browser_session::replace(&self.server.app, pool, old, opened).await;
        Ok(replaced.map_err(|error| self.failed(&error))?)
    }

    fn away_with(&self, opened: &Opened, location: &str) -> HttpResponse {
        let mut response = away(location);
        let _ = response.add_cookie(&self.jar().keep(opened));
        response
    }

    /// Says that something did not work which the person cannot mend here.
    pub(super) fn failed(&self, error: &Error) -> HttpResponse {
        if matches!(error, Error::LevelOutOfReach) {
            return away(&self.authorization.refusal(Refusal::LEVEL_OUT_OF_REACH));
        }
        if let Some(told) = fault::told(&self.words, error) {
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
    pub(super) fn refused(&self, status: StatusCode, id: &str) -> HttpResponse {
        refused_in(self.shell(), status, id)
    }

    pub(super) fn message(&self, status: StatusCode, title: &str, sentence: String) -> HttpResponse {
        page::respond(status, &Message { shell: self.shell(), heading: self.words.of(title), sentence })
    }
}
