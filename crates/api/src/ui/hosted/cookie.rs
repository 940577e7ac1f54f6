//! The cookies of a pool's pages (HUI-2). Pools may share a host, so the names or the paths of their cookies tell them apart.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use cognate_core::browser_session::Opened;
use cognate_core::site::Site;
use cognate_store::UserPoolId;
use secrecy::{ExposeSecret as _, SecretString};

use super::form_token::Browsers;

/// What a form must repeat; scripts read it by this name.
pub(super) const FORM_TOKEN: &str = "XSRF-TOKEN";
const LANGUAGE: &str = "lang";

/// The cookies of one pool at one of its sites.
pub(super) struct Jar<'a> {
    pool: &'a UserPoolId,
    root: &'a str,
    is_secure: bool,
}

impl<'a> Jar<'a> {
    pub(super) fn of(site: &'a Site, pool: &'a UserPoolId) -> Self {
        Self { pool, root: site.root(), is_secure: site.is_secure() }
    }

    /// The session's name, which a page of another host cannot set where there is TLS.
    fn session_name(&self) -> String {
        let prefix = if self.is_secure { "__Host-" } else { "" };
        format!("{prefix}cognate-{}", self.pool)
    }

    /// The session that a browser brings.
    pub(super) fn session(&self, request: &HttpRequest) -> Option<SecretString> {
        value(request, &self.session_name()).map(SecretString::from)
    }

    /// A session for a browser to keep.
    pub(super) fn keep(&self, opened: &Opened) -> Cookie<'static> {
        let value = opened.cookie.expose_secret().to_owned();
        let cookie = Cookie::build(self.session_name(), value).path("/").same_site(SameSite::Lax);
        let seconds = Duration::seconds(opened.lifetime.num_seconds());
        cookie.http_only(true).secure(self.is_secure).max_age(seconds).finish()
    }

    /// What makes a browser forget its session.
    pub(super) fn forget(&self) -> Cookie<'static> {
        let cookie = Cookie::build(self.session_name(), "").path("/").same_site(SameSite::Lax);
        cookie.http_only(true).secure(self.is_secure).max_age(Duration::ZERO).finish()
    }

    /// What a browser may be, as far as forms are concerned.
    pub(super) fn browsers(&self, request: &HttpRequest) -> Browsers {
        Browsers::of(&values(request, FORM_TOKEN))
    }

    /// The same, for a browser to keep while it is open.
    pub(super) fn keep_form_token(&self, token: &str) -> Cookie<'static> {
        let cookie = Cookie::build(FORM_TOKEN, token.to_owned()).path(self.root.to_owned());
        cookie.http_only(true).secure(self.is_secure).same_site(SameSite::Lax).finish()
    }

    /// The language that somebody chose.
    pub(super) fn language(&self, request: &HttpRequest) -> Option<String> {
        value(request, LANGUAGE)
    }

    /// The same, for a browser to keep.
    pub(super) fn keep_language(&self, tag: &str) -> Cookie<'static> {
        let cookie = Cookie::build(LANGUAGE, tag.to_owned()).path(self.root.to_owned());
        let cookie = cookie.http_only(true).secure(self.is_secure).same_site(SameSite::Lax);
        cookie.max_age(Duration::days(365)).finish()
    }
}

/// A cookie that comes once; one that comes twice is somebody's trick.
fn value(request: &HttpRequest, name: &str) -> Option<String> {
    let values = values(request, name);
    <[String; 1]>::try_from(values).ok().map(|[value]| value).filter(|value| !value.is_empty())
}

fn values(request: &HttpRequest, name: &str) -> Vec<String> {
    let Ok(cookies) = request.cookies() else { return Vec::new() };
    cookies.iter().filter(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned()).collect()
}
