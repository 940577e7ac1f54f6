//! What a request asks for, read and checked (RFC 6749, section 4.1.1; OpenID Connect Core 1.0, section 3.1.2.1; RFC 7636).

use std::collections::BTreeMap;

use cognate_store::app_client::Registration;
use cognate_store::user_pool::OauthFlow;
use cognate_store::{AppClientId, AppClientSettings};
use secrecy::SecretString;
use url::form_urlencoded::Serializer;

use super::parameter::{Prompts, Response, check_pkce, is_resource, prompts, response};
use super::pushed;
use super::refusal::{Misdirected, Refusal, Refused};
use super::scope::{self, Wrong};
use crate::app_client::redirect_url::differs_in_port;
use crate::app_client::{self, ClientContext, registration};
use crate::auth::Method;
use crate::auth::step_up::StepUp;
use crate::browser_session::BrowserSession;
use crate::identity_provider::OWN_USERS;
use crate::origin::Origin;
use crate::session_configuration::SSO_MINUTES;
use crate::token::{OPENID_SCOPE, verify};
use crate::{App, Error, Result, dpop, options};

/// A request that is granted once its user has signed in.
#[derive(Debug)]
pub struct Authorization {
    /// The client, met at the pages.
    pub context: ClientContext,
    /// Where the browser goes back to: one of the client's own.
    pub redirect_uri: String,
    /// Whether the request said so itself.
    pub(super) names_redirect: bool,
    /// What it goes back with.
    pub(super) response: Response,
    pub(super) state: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) nonce: Option<String>,
    pub(super) code_challenge: Option<String>,
    pub(super) resource: Option<String>,
    /// The thumbprint of the key that the code is bound to, where the client's tokens may be.
    pub(super) dpop_jkt: Option<String>,
    /// How the user is to be met.
    pub prompts: Prompts,
    /// How many seconds ago they may have proven who they are.
    pub(super) max_age: Option<i64>,
    /// An ID token of the user that the client expects.
    pub(super) id_token_hint: Option<SecretString>,
    /// The names of the levels that will do, between blanks: at least one is the pool's.
    pub acr_values: Option<String>,
    /// What the user may be called.
    pub login_hint: Option<String>,
    /// What the browser was sent for.
    pub wants: Wants,
    /// Whether the client pushed it (RFC 9126).
    is_pushed: bool,
    /// The languages that it asks for, between blanks.
    pub languages: Option<String>,
    issuer: String,
}

/// What a browser is sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    /// The client's answer: a code, or tokens.
    Answer,
    /// A page of the user's own, from which it goes back without one.
    Page,
    /// The user's account, where they stay.
    Account,
    /// An answer to a device without a browser (RFC 8628); the user stays.
    Device,
}

/// How many minutes are enough to do something else between signing in and going on.
const ENOUGH_MINUTES: i32 = 5;
/// The longest `state` and the like.
const LONGEST: usize = 4096;

impl Authorization {
    /// Reads what a browser brings to a pool.
    ///
    /// # Errors
    /// Why it is refused.
    pub async fn read(
        app: &App,
        pool: &cognate_store::UserPoolId,
        origin: Origin,
        parameters: &BTreeMap<String, String>,
        wants: Wants,
    ) -> std::result::Result<Self, Refused> {
        let get = |name: &str| parameters.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let misdirected = |why| Refused::Misdirected(why);
        let client = get("client_id").ok_or(misdirected(Misdirected::UnknownClient))?;
        let context = app_client::asking(app, pool, &AppClientId::new(client), origin).await;
        let context = context.map_err(|error| match error {
            Error::AppClientNotFound(_) | Error::InvalidClientDocument(_) => {
                misdirected(Misdirected::UnknownClient)
            }
            other => other.into(),
        })?;
        let context = context.at_pages();
        let pushed = pushed::of(app, &context, parameters);
        let (parameters, is_pushed) = match &pushed {
            Some(Ok(pushed)) => (&pushed.parameters, true),
            _ => (parameters, false),
        };
        let read = Self::unchecked(app, context, parameters, wants, is_pushed)?;
        match pushed {
            Some(Err(refusal)) => Err(read.turned_away(refusal)),
            _ => read.checked(app, parameters).await,
        }
    }

    /// What parameters say, of which nothing is known yet but where the browser goes back to.
    pub(super) fn unchecked(
        app: &App,
        context: ClientContext,
        parameters: &BTreeMap<String, String>,
        wants: Wants,
        is_pushed: bool,
    ) -> std::result::Result<Self, Refused> {
        let get = |name: &str| parameters.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let issuer = app.place.issuer(&context.pool.id);
        let redirect_uri = redirect_uri(&context, get("redirect_uri"), wants);
        // What serves devices alone may have nowhere to go back to but the page for their codes.
        let serves_devices =
            wants == Wants::Device && options::may_serve_devices(&context.pool, &context.client);
        let is_silent = serves_devices && get("redirect_uri").is_none();
        let redirect_uri = redirect_uri.or(is_silent.then(|| format!("{issuer}/device")));
        let redirect_uri = redirect_uri.ok_or(Refused::Misdirected(Misdirected::RedirectMismatch))?;
        let mut read = Self {
            context,
            redirect_uri,
            names_redirect: get("redirect_uri").is_some(),
            response: Response::default(),
            state: get("state").map(str::to_owned),
            scopes: Vec::new(),
            nonce: get("nonce").map(str::to_owned),
            code_challenge: get("code_challenge").map(str::to_owned),
            resource: get("resource").map(str::to_owned),
            dpop_jkt: None,
            prompts: Prompts::default(),
            max_age: None,
            id_token_hint: get("id_token_hint").map(SecretString::from),
            acr_values: None,
            login_hint: get("login_hint").map(str::to_owned),
            issuer,
            wants,
            is_pushed,
            languages: ["lang", "ui_locales"].into_iter().find_map(get).map(str::to_owned),
        };
        // How the browser goes back with an error is known before anything else is wrong.
        read.response =
            response(read.response_type(get("response_type")).unwrap_or_default()).unwrap_or_default();
        Ok(read)
    }

    /// The same, if nothing is wrong with it.
    async fn checked(
        mut self,
        app: &App,
        parameters: &BTreeMap<String, String>,
    ) -> std::result::Result<Self, Refused> {
        match self.try_check(app, parameters).await {
            Ok(()) => Ok(self),
            Err(Wrong::Refused(refusal)) => Err(self.turned_away(refusal)),
            Err(Wrong::Failed(error)) => Err(self.failed(error)),
        }
    }

    /// Says what is wrong with it to the client itself.
    pub(super) async fn check(
        mut self,
        app: &App,
        parameters: &BTreeMap<String, String>,
    ) -> std::result::Result<(), Refused> {
        self.try_check(app, parameters).await.map_err(|wrong| match wrong {
            Wrong::Refused(refusal) => Refused::Back(self.refusal(refusal), refusal),
            Wrong::Failed(error) => error.into(),
        })
    }

    async fn try_check(
        &mut self,
        app: &App,
        parameters: &BTreeMap<String, String>,
    ) -> std::result::Result<(), Wrong> {
        let get = |name: &str| parameters.get(name).map(String::as_str).filter(|value| !value.is_empty());
        self.check_alone(&get)?;
        self.check_scopes(app, get("scope")).await
    }

    /// Whatever needs no look at anything else.
    fn check_alone<'a>(
        &mut self,
        get: &impl Fn(&str) -> Option<&'a str>,
    ) -> std::result::Result<(), Refusal> {
        for (name, code) in [
            ("request", "request_not_supported"),
            ("request_uri", "request_uri_not_supported"),
            ("registration", "registration_not_supported"),
        ] {
            if get(name).is_some() {
                return Err(Refusal::of(code, "That parameter is not supported"));
            }
        }
        let ClientContext { pool, client, .. } = &self.context;
        if self.wants == Wants::Answer && !self.is_pushed && options::must_push(pool, client) {
            return Err(Refusal::invalid("The client must push its requests"));
        }
        let asked = self.response_type(get("response_type"));
        let asked = asked.ok_or(Refusal::invalid("response_type is missing"))?;
        let unsupported = Refusal::of("unsupported_response_type", "That response_type is not supported");
        self.response = response(asked).ok_or(unsupported)?;
        if get("response_mode").is_some_and(|mode| mode != self.response.mode()) {
            return Err(Refusal::invalid("That response_mode is not supported"));
        }
        let oauth = &self.context.client.settings.oauth;
        let flow = if self.response.code { OauthFlow::Code } else { OauthFlow::Implicit };
        if !oauth.enabled || (self.wants == Wants::Answer && !oauth.flows.contains(&flow)) {
            return Err(Refusal::of("unauthorized_client", "The client may not ask for that"));
        }
        if self.response.token && options::must_bind(pool, client) {
            return Err(Refusal::of("unauthorized_client", "The client's tokens must be bound to a key"));
        }
        if [&self.state, &self.nonce, &self.login_hint].into_iter().flatten().any(|it| it.len() > LONGEST) {
            return Err(Refusal::invalid("A parameter is too long"));
        }
        if self.response.id_token && self.nonce.is_none() {
            return Err(Refusal::invalid("nonce is missing"));
        }
        let ClientContext { pool, client, .. } = &self.context;
        let wants_code = self.response.code && self.wants == Wants::Answer;
        if wants_code && self.code_challenge.is_none() && options::needs_pkce(pool, client) {
            return Err(Refusal::invalid("code_challenge is missing"));
        }
        check_pkce(self.code_challenge.as_deref(), get("code_challenge_method"))?;
        let may_bind = options::may_bind(pool, client);
        self.dpop_jkt = get("dpop_jkt").filter(|_| may_bind).map(str::to_owned);
        if self.dpop_jkt.as_deref().is_some_and(|jkt| !dpop::is_thumbprint(jkt)) {
            return Err(Refusal::invalid("dpop_jkt is no thumbprint"));
        }
        // Levels that the pool does not have are wishes (OpenID Connect Core 1.0, section 3.1.2.1).
        self.acr_values =
            get("acr_values").filter(|names| StepUp::named(pool, names).is_some()).map(str::to_owned);
        self.prompts = prompts(get("prompt").unwrap_or_default())?;
        let max_age = get("max_age").map(|text| text.parse::<u32>().map(i64::from)).transpose();
        self.max_age = max_age.map_err(|_| Refusal::invalid("max_age is no number of seconds"))?;
        if self.resource.as_deref().is_some_and(|resource| !is_resource(resource)) {
            return Err(Refusal::of("invalid_target", "resource is no URL of a service"));
        }
        // The pool's own users are the only ones there are yet.
        let is_own = |name: Option<&str>| name.is_none_or(|name| name == OWN_USERS);
        let has_own = self.context.client.settings.identity_providers.iter().any(|name| name == OWN_USERS);
        if !is_own(get("identity_provider")) || get("idp_identifier").is_some() || !has_own {
            return Err(Refusal::invalid("That identity provider is not available"));
        }
        Ok(())
    }

    /// What a request asks for; at a page of the user's own nothing is, which is read as if it were a code.
    fn response_type<'a>(&self, named: Option<&'a str>) -> Option<&'a str> {
        named.or_else(|| (self.wants != Wants::Answer).then_some("code"))
    }

    /// What becomes of a request that is refused before anybody has seen a page: its client is told, unless anybody may have
    /// registered that to have browsers sent elsewhere (RFC 9700, section 4.11.2).
    pub fn turned_away(&self, refusal: Refusal) -> Refused {
        let ClientContext { pool, client, .. } = &self.context;
        match registration::is_strange(client) {
            true => {
                let why = refusal.description();
                tracing::info!(user_pool = %pool.id, client = %client.id, why, "a client's request is refused");
                Refused::Misdirected(Misdirected::Stranger)
            }
            false => Refused::Back(self.refusal(refusal), refusal),
        }
    }

    /// The same for a request that could not be read for a failure of ours: who waits for an answer gets one, and who stays here a page.
    pub fn failed(&self, error: Error) -> Refused {
        match self.wants {
            Wants::Answer => self.turned_away(Refusal::of_failure(&error)),
            _ => error.into(),
        }
    }

    /// Those of the scopes that entitle the client to more than to know who the user is.
    pub fn scopes_beyond_identity(&self) -> Vec<&str> {
        scope::beyond_identity(&self.scopes)
    }

    /// Where the browser goes back to, if the request says so itself.
    pub fn named_redirect(&self) -> Option<&str> {
        self.names_redirect.then_some(&self.redirect_uri)
    }

    /// Whether a sign-in serves the client for long enough to do something else between.
    pub fn leaves_time(&self) -> bool {
        let minutes = self.context.client.settings.sso_session_minutes.unwrap_or(SSO_MINUTES);
        // A request that was pushed asks for another sign-in whatever a page says.
        let asks_again = self.is_pushed && self.prompts.login;
        self.max_age.is_none() && !asks_again && minutes >= ENOUGH_MINUTES
    }

    /// Takes the scopes that are asked for.
    async fn check_scopes(&mut self, app: &App, asked: Option<&str>) -> std::result::Result<(), Wrong> {
        let wanted = scope::wanted(app, &self.context, asked).await?;
        if self.response.id_token && !wanted.iter().any(|scope| scope == OPENID_SCOPE) {
            return Err(Refusal::of("invalid_scope", "An ID token needs the scope openid").into());
        }
        let ClientContext { pool, client, .. } = &self.context;
        let wants_id = self.wants == Wants::Answer && wanted.iter().any(|scope| scope == OPENID_SCOPE);
        if wants_id && self.nonce.is_none() && options::needs_nonce(pool, client) {
            return Err(Refusal::invalid("nonce is missing").into());
        }
        self.scopes = wanted;
        Ok(())
    }

    /// Whether a session is of the user that the client expects, where it says whom. What says nothing that can be read is as good as
    /// nothing, but where nobody may be asked.
    pub(super) async fn expects(&self, app: &App, session: &BrowserSession) -> Result<bool> {
        let Some(hint) = &self.id_token_hint else { return Ok(true) };
        let hint = verify::hint(app, &self.context.pool, hint).await?;
        Ok(hint.map_or(!self.prompts.none, |hint| hint.user == session.user.id))
    }

    /// Whether what a session rests on reaches one of the levels that are asked for.
    pub(super) fn is_reached_by(&self, session: &BrowserSession) -> bool {
        let wanted = self.acr_values.as_deref().and_then(|names| StepUp::named(&self.context.pool, names));
        wanted.is_none_or(|wanted| wanted.is_reached(&Method::of(&session.session)))
    }

    /// Where the browser goes with a refusal.
    pub fn refusal(&self, refusal: Refusal) -> String {
        self.location(&[("error", refusal.code()), ("error_description", refusal.description())])
    }

    /// Where the browser goes with an answer: in the query, or in the fragment where tokens are asked for. `state` goes with it
    /// unchanged (OAU-4), and the issuer (RFC 9207).
    pub(super) fn location(&self, answer: &[(&str, &str)]) -> String {
        let mut pairs = Serializer::new(String::new());
        pairs.extend_pairs(answer);
        if let Some(state) = &self.state {
            pairs.append_pair("state", state);
        }
        pairs.append_pair("iss", &self.issuer);
        // Not every client reads a plus as a blank.
        let pairs = pairs.finish().replace('+', "%20");
        let uri = &self.redirect_uri;
        let separator = match (self.response.in_fragment(), uri.contains('?')) {
            (true, _) => "#",
            (false, true) if uri.ends_with(['?', '&']) => "",
            (false, true) => "&",
            (false, false) => "?",
        };
        format!("{uri}{separator}{pairs}")
    }
}

/// The URI that is asked for, which must be one of the client's byte for byte (OAU-1), but for the port on the user's own machine
/// where the client describes itself, as nobody can register what the machine gives out (RFC 8252, section 7.3); or else the one that
/// needs no asking. From their account, or from the answer to a device, a user goes back to any.
fn redirect_uri(context: &ClientContext, asked: Option<&str>, wants: Wants) -> Option<String> {
    let AppClientSettings { oauth, registration, .. } = &context.client.settings;
    let is_described = *registration == Some(Registration::Described);
    let fits = |url: &String, asked: &str| url == asked || is_described && differs_in_port(url, asked);
    match asked {
        Some(asked) => oauth.callback_urls.iter().any(|url| fits(url, asked)).then(|| asked.to_owned()),
        // What its document says may change while its user looks at a page.
        None if is_described => None,
        None => match &oauth.callback_urls[..] {
            [only] => Some(only.clone()),
            several => {
                let any = several.first().filter(|_| matches!(wants, Wants::Account | Wants::Device));
                oauth.default_redirect_uri.as_ref().or(any).cloned()
            }
        },
    }
}
