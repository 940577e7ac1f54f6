//! A browser without a screen: it keeps cookies, and sends forms as they are shown. What it is sent to it does not follow.

use std::collections::BTreeMap;

use regex::Regex;
use reqwest::header::{HeaderMap, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;

use crate::server::{TestPool, TestServer};

/// Its cookies, and where it is.
pub(crate) struct Browser {
    http: reqwest::Client,
    server: String,
    pub(crate) cookies: BTreeMap<String, String>,
}

/// What a server answers.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Page {
    /// Where the browser is sent.
    pub(crate) fn location(&self) -> &str {
        self.headers
            .get(LOCATION)
            .unwrap_or_else(|| panic!("{} {}", self.status, self.body))
            .to_str()
            .unwrap()
    }

    /// A parameter of that, wherever it stands.
    pub(crate) fn sent(&self, name: &str) -> Option<String> {
        let parameters = self.location().split(['?', '#']).nth(1).unwrap_or_default();
        let found = url::form_urlencoded::parse(parameters.as_bytes()).find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    }

    /// What the page says, without its markup.
    pub(crate) fn text(&self) -> String {
        let button = Regex::new(r#"<input type="submit"[^>]* value="([^"]*)">"#).unwrap();
        let text = button.replace_all(&self.body, " $1 ");
        let text = Regex::new("<[^>]*>").unwrap().replace_all(&text, " ").into_owned();
        let text = text.replace("&#39;", "'").replace("&amp;", "&");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The first form: where it leads, and what it says by itself.
    pub(crate) fn form(&self) -> (String, Vec<(String, String)>) {
        self.form_with("")
    }

    /// The same of the first form with such a text in it.
    fn form_with(&self, text: &str) -> (String, Vec<(String, String)>) {
        let form = Regex::new(r#"(?s)<form method="post" action="([^"]*)".*?</form>"#).unwrap();
        let form = form.captures_iter(&self.body).find(|it| it[0].contains(text));
        let form = form.unwrap_or_else(|| panic!("no form with {text:?}: {} {}", self.status, self.body));
        let field = Regex::new(r#"<input type="hidden" name="([^"]*)" value="([^"]*)""#).unwrap();
        let plain = |text: &str| text.replace("&#38;", "&").replace("&amp;", "&");
        let fields = field.captures_iter(&form[0]).map(|it| (it[1].to_owned(), plain(&it[2])));
        (plain(&form[1]), fields.collect())
    }
}

impl Browser {
    pub(crate) fn new(pool: &TestPool<'_>) -> Self {
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Self { http, server: pool.server.url.clone(), cookies: BTreeMap::new() }
    }

    /// At another address of a server, wherever the name in it leads.
    pub(crate) fn at(site: &str, server: &TestServer) -> Self {
        let (site, own) = (url::Url::parse(site).unwrap(), url::Url::parse(&server.url).unwrap());
        let address = own.socket_addrs(|| None).unwrap()[0];
        let http = reqwest::Client::builder().redirect(Policy::none());
        let http = http.resolve(site.host_str().unwrap(), address).build().unwrap();
        Self { http, server: site.origin().ascii_serialization(), cookies: BTreeMap::new() }
    }

    /// At a server whose certificate nobody knows.
    pub(crate) fn over_tls(site: &str) -> Self {
        let http = reqwest::Client::builder().redirect(Policy::none()).tls_danger_accept_invalid_certs(true);
        Self { http: http.build().unwrap(), server: site.to_owned(), cookies: BTreeMap::new() }
    }

    /// Opens a page.
    pub(crate) async fn get(&mut self, url: &str) -> Page {
        self.send(self.http.get(self.absolute(url))).await
    }

    /// Sends a form to a page, as one of the server's own.
    pub(crate) async fn post(&mut self, url: &str, fields: &[(String, String)]) -> Page {
        let origin = self.server.clone();
        self.send(self.http.post(self.absolute(url)).header("origin", origin).form(fields)).await
    }

    /// A form that is to be sent to a page, whatever it says of itself.
    pub(crate) fn request(&self, url: &str) -> reqwest::RequestBuilder {
        self.http.post(self.absolute(url))
    }

    /// The same as a script does that knows nothing of origins.
    pub(crate) async fn post_as_script(&mut self, url: &str, fields: &[(&str, &str)]) -> Page {
        self.send(self.http.post(self.absolute(url)).form(fields)).await
    }

    /// Fills in the first form of a page and sends it.
    pub(crate) async fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let (action, mut all) = page.form();
        all.retain(|(name, _)| fields.iter().all(|(given, _)| given != name));
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post(&action, &all).await
    }

    /// Presses a button that stands below the first form.
    pub(crate) async fn press(&mut self, page: &Page, button: &str) -> Page {
        let (action, fields) = page.form_with(&format!(">{button}</button>"));
        self.post(&action, &fields).await
    }

    fn absolute(&self, url: &str) -> String {
        if url.starts_with('/') { format!("{}{url}", self.server) } else { url.to_owned() }
    }

    pub(crate) async fn send(&mut self, request: reqwest::RequestBuilder) -> Page {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) };
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            match cookie.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Page { status, headers, body: response.text().await.unwrap() }
    }
}
