//! `/{pool}/login`: name and password.

use actix_web::HttpResponse;
use actix_web::web::ServiceConfig;
use cognate_core::Error;
use cognate_core::app_client::registration;
use cognate_core::auth::passkey::{self as auth_passkey, Offer};
use cognate_core::auth::sign_in::{self, Credentials};
use cognate_core::auth::{Flow, choice};
use cognate_core::authorization;
use cognate_core::browser_session::BrowserSession;
use cognate_core::user::passkey;
use cognate_store::user_pool::Contact;
use secrecy::ExposeSecret as _;
use url::Url;

use super::cookie::FORM_TOKEN;
use super::form::{Field, Form, Link, PasskeyOffer, Problem};
use super::form_token::Fault;
use super::sign_up::Unconfirmed;
use super::step::Who;
use super::{Answered, Visit, attribute, away, fault, is_web, showing, sign_up, step, taking};
use crate::parameters::Parameters;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/{pool}/login", showing(show)).route("/{pool}/login", taking(take));
}

async fn show(visit: Visit) -> Answered {
    let (app, authorization) = (&visit.server.app, &visit.authorization);
    let standing = authorization::standing(app, authorization, visit.session.as_ref()).await;
    Ok(match &standing.map_err(|error| visit.failed(&error))? {
        Some(session) => known(&visit, session).show(&visit),
        None => page(&visit, "", None).await.show(&visit),
    })
}

/// The page, which also takes a passkey of the browser's where the app's users may have one. It is the same page without.
async fn with_passkeys(visit: &Visit, mut form: Form) -> Form {
    let (authorization, app) = (&visit.authorization, &visit.server.app);
    let levels = authorization.acr_values.as_deref();
    match auth_passkey::offer(app, &authorization.context, &visit.site, levels).await {
        Ok(Some(Offer { session, options })) => {
            for field in form.fields.iter_mut().filter(|field| field.name == "username") {
                field.autocomplete = "username webauthn";
            }
            let (action, session) = (form.frame.to("passkey"), session.expose_secret().to_owned());
            let offer = Some(PasskeyOffer { action, session, options: options.to_string() });
            Form { offer, ..form }
        }
        Ok(None) => form,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "no passkey can be offered");
            form
        }
    }
}

async fn take(visit: Visit, form: Parameters) -> Answered {
    if form.get("continue").is_some() {
        return go_on(&visit).await;
    }
    let who = Who::of(&form);
    let username = who.username;
    let credentials = Credentials {
        username: name_as_kept(&visit, username),
        password: form.secret("password").unwrap_or_default(),
        secret_hash: None,
        acr_values: visit.authorization.acr_values.clone(),
    };
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    match sign_in::with_password(app, context, Flow::Page, credentials).await {
        Ok(signed_in) => step::follow(&visit, who, signed_in, None).await,
        Err(Error::UserNotConfirmed) => {
            let username = name_as_kept(&visit, username);
            Ok(sign_up::confirmation(&visit, Unconfirmed::named(&username), None).show(&visit))
        }
        Err(error) => {
            let text = fault::told(&visit.words, &error).ok_or_else(|| visit.failed(&error))?;
            let page = page(&visit, who.named, Some(Problem { text, field: None })).await;
            Ok(who.marked(page).show(&visit))
        }
    }
}

/// Whether somebody new is asked if they would rather have a passkey: not where the sign-in serves the app too briefly for that, or
/// not at all, nor where it cannot be found out.
pub(super) async fn offers_passkey(visit: &Visit) -> bool {
    let (authorization, app) = (&visit.authorization, &visit.server.app);
    let offered = passkey::is_offered(app, &authorization.context.pool, &visit.site).await;
    offered.unwrap_or(false) && authorization.leaves_time()
}

/// Goes on as whoever is signed in with this browser already.
async fn go_on(visit: &Visit) -> Answered {
    let (app, authorization) = (&visit.server.app, &visit.authorization);
    let failed = |error| visit.failed(&error);
    let standing =
        authorization::standing(app, authorization, visit.session.as_ref()).await.map_err(failed)?;
    match standing {
        Some(session) => Ok(away(&visit.onward(&session).await.map_err(failed)?)),
        None => Ok(page(visit, "", None).await.show(visit)),
    }
}

/// The page for somebody who is signed in with this browser.
fn known(visit: &Visit, session: &BrowserSession) -> Form {
    let form = Form::to(visit, "login", "known", "sign-in-title", "button-continue");
    let (frame, name) = (&form.frame, session.username(&visit.authorization.context.pool));
    let lead = Some(frame.with("signed-in-as", "name", name));
    let caution = stranger(visit);
    let button = frame.with("button-continue-as", "name", name);
    let (text, href) = (frame.t("link-other-account"), visit.to_with("login", "prompt", "login"));
    let links = vec![Link { lead: None, text, href }];
    Form { lead, caution, button, links, ..form }.repeating("continue", "1")
}

/// What there is to know of an app that anybody may have registered.
pub(super) fn stranger(visit: &Visit) -> Option<String> {
    let client = &visit.authorization.context.client;
    if !registration::is_strange(client) {
        return None;
    }
    // Of an app's own scheme the rest is whatever the app likes.
    let url = Url::parse(&visit.authorization.redirect_uri).ok()?;
    let place = match url.host_str() {
        Some(host) if is_web(&url) => host.to_owned(),
        _ => format!("{}:", url.scheme()),
    };
    let told = visit.words.with("stranger", &[("app", client.name.as_str()), ("place", &place)]);
    let scopes = visit.authorization.scopes_beyond_identity().join(", ");
    Some(match scopes.is_empty() {
        true => told,
        false => format!("{told} {}", visit.words.with("stranger-scopes", &[("scopes", &scopes)])),
    })
}

/// The page, with why it is shown again where it is.
pub(super) async fn page(visit: &Visit, username: &str, problem: Option<Problem>) -> Form {
    let form = Form::to(visit, "login", "cognitoSignInForm", "sign-in-title", "button-sign-in");
    let frame = &form.frame;
    let hint = visit.authorization.login_hint.as_deref().unwrap_or_default();
    let username = if username.is_empty() { hint } else { username };
    let name = Field { is_focused: username.is_empty(), ..name_field(visit, "signInFormUsername", username) };
    let password = Field {
        is_focused: !username.is_empty(),
        ..Field::password("signInFormPassword", frame.t("label-password"))
    };
    let mut links = Vec::new();
    if frame.can_recover {
        let (text, href) = (frame.t("link-forgot-password"), frame.to("forgotPassword"));
        links.push(Link { lead: None, text, href });
    }
    if frame.can_sign_up {
        let (lead, text) = (Some(frame.t("no-account")), frame.t("link-sign-up"));
        links.push(Link { lead, text, href: frame.to("signup") });
    }
    let lead = Some(frame.with("sign-in-lead", "app", &frame.app));
    let other_way = choice::is_offered(&visit.authorization.context).then(|| Link {
        lead: None,
        text: frame.t("link-other-way"),
        href: frame.to("selectChallenge"),
    });
    let caution = stranger(visit);
    let form = Form { lead, caution, links, fields: vec![name, password], other_way, ..form };
    let form = form.on(visit, "login").repeating("cognitoAsfData", "").but(problem);
    with_passkeys(visit, form).await
}

/// A name as it is kept: without blanks around it, which no name has; where names are phone numbers, what people put between the
/// digits is left out.
pub(super) fn name_as_kept(visit: &Visit, typed: &str) -> String {
    let typed = typed.trim();
    match visit.authorization.context.pool.settings.username_attributes[..] {
        [Contact::PhoneNumber] => attribute::as_kept(Contact::PhoneNumber.attribute(), typed),
        _ => typed.to_owned(),
    }
}

/// The page for somebody who may sign in from now on.
pub(super) async fn ready(visit: &Visit, username: &str, note: &str) -> HttpResponse {
    let note = Some(visit.words.of(note));
    Form { note, ..page(visit, username, None).await }.show(visit)
}

/// The page for somebody who has just made their account.
pub(super) async fn ready_anew(visit: &Visit, username: &str) -> HttpResponse {
    let note = Some(visit.words.of("confirmed"));
    Who::new(username).marked(Form { note, ..page(visit, username, None).await }).show(visit)
}

/// The page instead of one whose form is not taken.
pub(super) async fn open_again(visit: &Visit, fault: Fault) -> HttpResponse {
    let text = visit.words.of("page-expired");
    let mut response = page(visit, "", Some(Problem { text, field: None })).await.show(visit);
    if fault != Fault::Old {
        response.head_mut().status = actix_web::http::StatusCode::FORBIDDEN;
    }
    if fault == Fault::Elsewhere {
        // The browser kept its cookie to itself; it keeps it in place of this page's, too.
        response.del_cookie(FORM_TOKEN);
    }
    response
}

/// The field for what a pool's users sign in with.
pub(super) fn name_field(visit: &Visit, id: &str, username: &str) -> Field {
    let settings = &visit.authorization.context.pool.settings;
    let has = |contact| settings.username_attributes.contains(&contact);
    let (label, kind, inputmode) = match (has(Contact::Email), has(Contact::PhoneNumber)) {
        (true, true) => ("label-email-or-phone", "text", None),
        (true, false) => ("label-email", "text", Some("email")),
        (false, true) => ("label-phone", "tel", None),
        (false, false) => ("label-username", "text", None),
    };
    let field = Field::text(id, "username", visit.words.of(label)).holding(username);
    Field { kind, inputmode, autocomplete: "username", is_focused: true, ..field }
}
