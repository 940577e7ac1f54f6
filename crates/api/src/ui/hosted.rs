//! The pages at which a pool's users sign in and up: each is one step of the same sign-in that the API has, and ends by sending
//! the browser back to the app that sent it.
//!
//! A page belongs to a request for authorization, which its query repeats and its form token is bound to.

mod account;
mod attribute;
mod authorize;
mod confirm_user;
mod cookie;
mod device;
mod fault;
mod feedback;
mod form;
mod form_token;
mod guest;
mod passkey;
mod question;
mod recovery;
mod shell;
mod sign_in;
mod sign_out;
mod sign_up;
mod step;
mod visit;

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, LOCATION, ORIGIN};
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Route};
use askama::Template;
use cognate_core::authorization::{Misdirected, Refused};
use cognate_core::site::Site;
use cognate_core::{Error, language};
use url::{Host, Url};

use self::cookie::Jar;
use self::shell::Shell;
use self::visit::{Frame, Visit};
use super::page;
use super::words::Words;
use crate::body::Body;
use crate::finish::{self, Unfinished};
use crate::origin;
use crate::parameters::Parameters;
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    authorize::routes(config);
    sign_in::routes(config);
    step::routes(config);
    sign_up::routes(config);
    recovery::routes(config);
    passkey::routes(config);
    account::routes(config);
    device::routes(config);
    sign_out::routes(config);
    confirm_user::routes(config);
    feedback::routes(config);
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
    web::post().to(move |request: HttpRequest, pool: Path<String>, body: Body, server: Data<Server>| {
        served(async move {
            let visit = Visit::of(server, &pool, &request).await?;
            let form = visit.form(&request, &body).await?;
            take(visit, form).await
        })
    })
}

/// A route to a page that is only ever the answer to a form, for whoever opens its address: they begin anew.
fn beginning() -> Route {
    showing(|visit: Visit| async move { Ok(away(&visit.frame().to("login"))) })
}

/// Serves a page to its end.
async fn served(serving: impl Future<Output = Answered> + 'static) -> HttpResponse {
    let words = Words::of_first(&[]);
    match finish::to_the_end(serving).await {
        Ok(answered) => answered.unwrap_or_else(|Instead(response)| *response),
        Err(Unfinished::Failed) => refused(&words, StatusCode::INTERNAL_SERVER_ERROR, "error"),
        Err(Unfinished::TooLong) => refused(&words, StatusCode::SERVICE_UNAVAILABLE, "error"),
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
    response.insert_header((header::STRICT_TRANSPORT_SECURITY, page::HSTS));
    response.insert_header((LOCATION, location)).finish()
}

/// Answers a request for authorization that is refused, around which is the shell.
fn elsewhere(shell: Shell, refused: Refused) -> HttpResponse {
    let id = match refused {
        Refused::Back(location, _) => return away(&location),
        Refused::Misdirected(Misdirected::UnknownClient) => "error-client",
        Refused::Misdirected(Misdirected::RedirectMismatch) => "error-redirect",
        Refused::Misdirected(Misdirected::Stranger) => "error-request",
        Refused::Failed(Error::Busy) => {
            return refused_in(shell, StatusCode::SERVICE_UNAVAILABLE, "error");
        }
        Refused::Failed(Error::AttemptLimit) => {
            return said(shell, StatusCode::TOO_MANY_REQUESTS, "error-title", "too-many");
        }
        Refused::Failed(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "authorization failed");
            return refused_in(shell, StatusCode::INTERNAL_SERVER_ERROR, "error");
        }
    };
    refused_in(shell, StatusCode::BAD_REQUEST, id)
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
fn refused(words: &Words, status: StatusCode, id: &str) -> HttpResponse {
    refused_in(Shell::plain(words.clone()), status, id)
}

/// The same in a page that looks like others.
fn refused_in(shell: Shell, status: StatusCode, id: &str) -> HttpResponse {
    said(shell, status, &format!("{id}-title"), &format!("{id}-lead"))
}

fn said(shell: Shell, status: StatusCode, heading: &str, sentence: &str) -> HttpResponse {
    let (heading, sentence) = (shell.words.of(heading), shell.words.of(sentence));
    page::respond(status, &Message { shell, heading, sentence })
}
