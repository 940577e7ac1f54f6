//! The steps between the first proof and the way back: codes, choices, a new password, a second factor to set up.
//!
//! What was proven so far is in the sealed session that each form repeats; nothing is stored between two steps.

use std::collections::BTreeMap;

use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::auth::challenge::Answer;
use cognate_core::auth::choice::{self, Evidence};
use cognate_core::auth::one_time_code::{self, CodeKind};
use cognate_core::auth::step_up::StepUpRequest;
use cognate_core::auth::{self, Challenge, Challenged, SignIn, new_password, passkey, second_factor};
use cognate_core::user::second_factor as enrolment;
use cognate_core::{Error, Result};
use cognate_store::second_factor::SecondFactor;
use qrcode::QrCode;
use qrcode::render::svg;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::form::{Choice, Field, Form, Link, PasskeyRequest, Picture, Problem};
use super::{Answered, Visit, attribute, fault, served, sign_in};
use crate::parameters::Parameters;
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    for (path, step) in [
        ("mfa", Step::Code),
        ("selectMFA", Step::Select),
        ("setupMFA", Step::SetUp),
        ("newPassword", Step::Password),
        ("selectChallenge", Step::Choose),
        ("passkey", Step::Passkey),
    ] {
        let take = move |request: HttpRequest, pool: Path<String>, body: Bytes, server: Data<Server>| {
            take(step, request, pool, body, server)
        };
        config.route(&format!("/{{pool}}/{path}"), web::post().to(take));
    }
}

/// What a form answers.
#[derive(Clone, Copy)]
enum Step {
    Code,
    Select,
    SetUp,
    Password,
    Choose,
    Passkey,
}

/// The kinds of codes, as forms name them.
const KINDS: [(&str, CodeKind); 4] = [
    ("sms", CodeKind::SmsMfa),
    ("email", CodeKind::EmailMfa),
    ("sms-first", CodeKind::SmsOtp),
    ("email-first", CodeKind::EmailOtp),
];
const APP: &str = "app";

async fn take(
    step: Step,
    request: HttpRequest,
    pool: Path<String>,
    body: Bytes,
    server: Data<Server>,
) -> HttpResponse {
    served(async move {
        let visit = Visit::of(server, &pool, &request).await?;
        let form = visit.form(&request, &body)?;
        let answered = match step {
            Step::Code => code(&visit, &form).await,
            Step::Select => select(&visit, &form).await,
            Step::SetUp => return set_up(&visit, &form).await,
            Step::Password => set_password(&visit, &form).await,
            Step::Choose if asks_for_password(&form) => {
                let page = first_password_page(&visit, form.get("username").unwrap_or_default(), None);
                let session = form.secret("session").unwrap_or_default();
                return Ok(chosen_beside(page, &session).show(&visit));
            }
            Step::Choose => choose(&visit, &form).await,
            Step::Passkey => {
                let (app, context) = (&visit.server.app, &visit.authorization.context);
                passkey::check(app, context, answer(&form), form.get("credential").unwrap_or_default()).await
            }
        };
        match answered {
            Ok(signed_in) => follow(&visit, signed_in).await,
            Err(error) => again(&visit, step, &form, &error),
        }
    })
    .await
}

/// What a form of a step repeats.
fn answer(form: &Parameters) -> Answer {
    Answer {
        session: form.secret("session").unwrap_or_default(),
        username: form.get("username").unwrap_or_default().to_owned(),
        secret_hash: None,
    }
}

async fn code(visit: &Visit, form: &Parameters) -> Result<SignIn> {
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    let code = form.get("code").unwrap_or_default().split_whitespace().collect::<String>();
    let kind = form.get("kind").unwrap_or_default();
    if kind == APP {
        return second_factor::software_token(app, context, answer(form), code.into()).await;
    }
    let kind = KINDS.iter().find(|(name, _)| *name == kind).ok_or(Error::InvalidSession)?.1;
    one_time_code::check(app, context, answer(form), &[kind], code.into()).await
}

async fn select(visit: &Visit, form: &Parameters) -> Result<SignIn> {
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    let factor = form.get("choice").and_then(SecondFactor::parse);
    second_factor::select(app, context, answer(form), factor).await
}

async fn set_password(visit: &Visit, form: &Parameters) -> Result<SignIn> {
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    let password = form.secret("password").unwrap_or_default();
    new_password::set(app, context, answer(form), password, attribute::required(visit, form)).await
}

/// The first factors, as forms name them. A page sends a password as it is.
const CHOICES: [(&str, auth::Choice, &str); 4] = [
    ("PASSWORD", auth::Choice::Password, "choice-password"),
    ("WEB_AUTHN", auth::Choice::Passkey, "choice-passkey"),
    ("EMAIL_OTP", auth::Choice::EmailOtp, "choice-email"),
    ("SMS_OTP", auth::Choice::SmsOtp, "choice-sms"),
];

fn asks_for_password(form: &Parameters) -> bool {
    form.get("session").is_some() && form.get("choice") == Some("PASSWORD") && form.get("password").is_none()
}

/// Begins a sign-in by choice, or takes what was chosen.
async fn choose(visit: &Visit, form: &Parameters) -> Result<SignIn> {
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    if form.get("session").is_none() {
        let opening = choice::Opening {
            username: form.get("username").unwrap_or_default().to_owned(),
            preferred: None,
            evidence: Evidence::default(),
            session: None,
            step_up: StepUpRequest {
                acr_values: visit.authorization.acr_values.clone(),
                ..StepUpRequest::default()
            },
            secret_hash: None,
        };
        return choice::begin(app, context, opening).await;
    }
    let chosen = CHOICES.iter().find(|(name, ..)| Some(*name) == form.get("choice")).map(|(_, it, _)| *it);
    let evidence = Evidence { password: form.secret("password"), client_public: None };
    choice::select(app, context, answer(form), chosen, evidence).await
}

/// Sets a second factor up: chooses which, takes the address that codes are to go to, or the first code of an app.
async fn set_up(visit: &Visit, form: &Parameters) -> Answered {
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    let answer = answer(form);
    let username = answer.username.clone();
    if let Some(code) = form.get("code") {
        let code: String = code.split_whitespace().collect();
        let session = &answer.session;
        let verified = match enrolment::verify_at_sign_in(app, session, &code, None).await {
            Ok(session) => second_factor::set_up(app, context, Answer { session, ..answer }).await,
            Err(Error::WrongFirstCode) => {
                let text = visit.words.of("wrong-code");
                let key = form.get("key").unwrap_or_default();
                let problem = Some(Problem { text, field: Some("code") });
                return Ok(app_page(visit, session, &username, key, problem).show(visit));
            }
            Err(error) => Err(error),
        };
        return match verified {
            Ok(signed_in) => follow(visit, signed_in).await,
            Err(error) => from_the_start(visit, &error),
        };
    }
    if let Some(address) = form.get("address") {
        return match second_factor::set_up_email(app, context, answer, address.to_owned()).await {
            Ok(signed_in) => follow(visit, signed_in).await,
            Err(error @ Error::InvalidParameter(_)) => {
                let text = fault::told(visit.words, &error).unwrap_or_default();
                let session = form.secret("session").unwrap_or_default();
                let problem = Some(Problem { text, field: Some("address") });
                Ok(email_page(visit, &session, &username, problem).show(visit))
            }
            Err(error) => from_the_start(visit, &error),
        };
    }
    match form.get("choice").and_then(SecondFactor::parse) {
        Some(factor) => begin_set_up(visit, &answer.session, &username, factor).await,
        None => from_the_start(visit, &Error::InvalidSession),
    }
}

/// The page on which a second factor is set up.
async fn begin_set_up(
    visit: &Visit,
    session: &SecretString,
    username: &str,
    factor: SecondFactor,
) -> Answered {
    match factor {
        SecondFactor::SoftwareToken => {
            let associated = enrolment::associate_at_sign_in(&visit.server.app, session).await;
            let associated = match associated {
                Ok(associated) => associated,
                Err(error) => return from_the_start(visit, &error),
            };
            let next = associated.session.unwrap_or_default();
            Ok(app_page(visit, &next, username, associated.secret.expose_secret(), None).show(visit))
        }
        SecondFactor::Email => Ok(email_page(visit, session, username, None).show(visit)),
        // A telephone number is the administrator's to give, as in Cognito.
        SecondFactor::Sms => from_the_start(visit, &Error::MfaRequired),
    }
}

/// Goes where a step leads.
pub(super) async fn follow(visit: &Visit, signed_in: SignIn) -> Answered {
    let challenged = match signed_in {
        SignIn::Opened(opened) => return visit.enter(opened).await,
        SignIn::Challenged(challenged) => *challenged,
        SignIn::Done(_) => return Err(visit.failed(&Error::Internal("tokens at a page".into())).into()),
    };
    let Challenged { session, username, challenge, available } = challenged;
    let session = session.unwrap_or_default();
    let repeating = |form: Form| repeating(form, &session, &username);
    let page = match challenge {
        Challenge::Code { kind, delivery } => {
            let name = KINDS.iter().find(|(_, it)| *it == kind).map_or("", |(name, _)| name);
            repeating(code_page(visit, name, &delivery.masked, None))
        }
        Challenge::SoftwareToken { name } => {
            repeating(code_page(visit, APP, name.as_deref().unwrap_or_default(), None))
        }
        Challenge::SelectSecondFactor(factors) => repeating(select_page(visit, "selectMFA", &factors)),
        Challenge::MfaSetup(factors) => {
            let factors: Vec<_> = factors.into_iter().filter(|it| *it != SecondFactor::Sms).collect();
            match &factors[..] {
                [] => return from_the_start(visit, &Error::MfaRequired),
                [only] => return begin_set_up(visit, &session, &username, *only).await,
                _ => repeating(select_page(visit, "setupMFA", &factors)),
            }
        }
        Challenge::SelectFirstFactor => {
            let known = CHOICES.iter().filter(|(_, choice, _)| available.contains(choice));
            let mut choices = known.map(|(value, _, label)| Choice { value, label: visit.words.of(label) });
            let choices: Vec<_> = choices.by_ref().collect();
            match &choices[..] {
                [only] if only.value == "PASSWORD" => first_password_page(visit, &username, None),
                _ => repeating(choose_page(visit, choices)),
            }
        }
        Challenge::Password | Challenge::PasswordSrp => first_password_page(visit, &username, None),
        Challenge::Passkey { options } => repeating(passkey_page(visit, options.to_string(), None)),
        Challenge::NewPassword { required, .. } => {
            repeating(password_page(visit, &required, &BTreeMap::new(), None))
        }
        // A client's users do not get to these by name and password.
        _ => return Err(visit.failed(&Error::Internal("a step that no page has".into())).into()),
    };
    Ok(page.show(visit))
}

/// Shows a step again, with what was wrong, or begins anew where its session is over.
fn again(visit: &Visit, step: Step, form: &Parameters, error: &Error) -> Answered {
    let is_over = matches!(error, Error::InvalidSession | Error::ExpiredSession | Error::UsedSession);
    let Some(text) = fault::told(visit.words, error).filter(|_| !is_over) else {
        return from_the_start(visit, error);
    };
    let get = |name: &str| form.get(name).unwrap_or_default();
    let page = match (step, error) {
        (
            Step::Code,
            Error::WrongMfaCode | Error::UsedMfaCode | Error::WrongCode | Error::WrongSignInCode,
        ) => {
            let problem = Some(Problem { text, field: Some("code") });
            code_page(visit, get("kind"), get("destination"), problem)
        }
        (Step::Choose, Error::WrongPassword | Error::PasswordLocked) if form.get("password").is_some() => {
            let problem = Some(Problem { text, field: Some("password") });
            let session = form.secret("session").unwrap_or_default();
            let page = first_password_page(visit, get("username"), problem);
            return Ok(chosen_beside(page, &session).show(visit));
        }
        (Step::Password, _) => {
            let is_password =
                matches!(error, Error::PasswordPolicy(_) | Error::LeakedPassword | Error::PasswordUsedBefore);
            let problem = Some(Problem { text, field: is_password.then_some("newPassword") });
            let given = attribute::required(visit, form);
            let required: Vec<_> = given.keys().cloned().collect();
            password_page(visit, &required, &given, problem)
        }
        _ => return from_the_start(visit, error),
    };
    let session = form.secret("session").unwrap_or_default();
    Ok(repeating(page, &session, get("username")).show(visit))
}

/// The first page, with what went wrong.
fn from_the_start(visit: &Visit, error: &Error) -> Answered {
    let text = fault::told(visit.words, error).ok_or_else(|| visit.failed(error))?;
    Ok(sign_in::page(visit, "", Some(Problem { text, field: None })).show(visit))
}

fn repeating(form: Form, session: &SecretString, username: &str) -> Form {
    let start_over = Link { lead: None, text: form.frame.t("link-start-over"), href: form.frame.to("login") };
    let mut form = form.repeating("session", session.expose_secret()).repeating("username", username);
    form.links.push(start_over);
    form
}

fn choose_page(visit: &Visit, choices: Vec<Choice>) -> Form {
    let form = Form::to(visit, "selectChallenge", "selectChallenge", "choose-title", "button-continue");
    Form { choices, ..form }
}

/// The page for a password alone, of a user who said who they are before.
fn first_password_page(visit: &Visit, username: &str, problem: Option<Problem>) -> Form {
    let form = Form::to(visit, "login", "password", "password-title", "button-sign-in");
    let label = form.frame.t("label-password");
    let password = Field { is_focused: true, ..Field::password("password", label) };
    let start_over = Link { lead: None, text: form.frame.t("link-start-over"), href: form.frame.to("login") };
    let form =
        Form { lead: Some(username.to_owned()), fields: vec![password], links: vec![start_over], ..form };
    form.repeating("username", username).but(problem)
}

/// The same, for a sign-in by choice that goes on.
fn chosen_beside(form: Form, session: &SecretString) -> Form {
    let action = form.frame.to("selectChallenge");
    let form = Form { action, ..form };
    form.repeating("choice", "PASSWORD").repeating("session", session.expose_secret())
}

/// The page on which a script asks the browser's passkeys.
fn passkey_page(visit: &Visit, options: String, problem: Option<Problem>) -> Form {
    let form = Form::to(visit, "passkey", "passkey", "passkey-title", "button-passkey");
    let passkey = Some(PasskeyRequest { act: "get", options });
    Form { lead: Some(form.frame.t("passkey-lead")), passkey, ..form }.but(problem)
}

fn code_page(visit: &Visit, kind: &str, destination: &str, problem: Option<Problem>) -> Form {
    let form = Form::to(visit, "mfa", "mfa", "code-title", "button-continue");
    let frame = &form.frame;
    let lead = match (kind, destination) {
        (APP, "") => frame.t("code-app"),
        (APP, name) => frame.with("code-app-named", "name", name),
        (_, destination) => frame.with("code-sent", "destination", destination),
    };
    let fields = vec![Field::code(frame.t("label-code"))];
    let form = Form { lead: Some(lead), fields, ..form };
    form.repeating("kind", kind).repeating("destination", destination).but(problem)
}

fn select_page(visit: &Visit, page: &str, factors: &[SecondFactor]) -> Form {
    let heading = if page == "setupMFA" { "setup-title" } else { "select-title" };
    let form = Form::to(visit, page, "selectMfa", heading, "button-continue");
    let label = |factor: SecondFactor| match factor {
        SecondFactor::SoftwareToken => "factor-app",
        SecondFactor::Sms => "factor-sms",
        SecondFactor::Email => "factor-email",
    };
    let choices = factors.iter().map(|it| Choice { value: it.as_str(), label: form.frame.t(label(*it)) });
    let choices = choices.collect();
    let lead = (page == "setupMFA").then(|| form.frame.t("setup-lead"));
    Form { lead, choices, ..form }
}

fn app_page(
    visit: &Visit,
    session: &SecretString,
    username: &str,
    key: &str,
    problem: Option<Problem>,
) -> Form {
    let form = Form::to(visit, "setupMFA", "setupMfa", "setup-app-title", "button-continue");
    let frame = &form.frame;
    let picture = Some(Picture {
        svg: qr_code(&frame.app, username, key),
        alternative: frame.t("setup-app-image"),
        key_label: frame.t("setup-app-key"),
        key: key.to_owned(),
    });
    let fields = vec![Field::code(frame.t("label-code"))];
    let form = Form { lead: Some(frame.t("setup-app-lead")), picture, fields, ..form };
    repeating(form.repeating("key", key).but(problem), session, username)
}

fn email_page(visit: &Visit, session: &SecretString, username: &str, problem: Option<Problem>) -> Form {
    let form = Form::to(visit, "setupMFA", "setupMfa", "setup-title", "button-send-code");
    let address = Field {
        kind: "email",
        autocomplete: "email",
        is_focused: true,
        ..Field::text("address", "address", form.frame.t("label-email"))
    };
    let form = Form { lead: Some(form.frame.t("setup-email-lead")), fields: vec![address], ..form };
    repeating(form.but(problem), session, username)
}

fn password_page(
    visit: &Visit,
    required: &[String],
    given: &BTreeMap<String, String>,
    problem: Option<Problem>,
) -> Form {
    let policy = &visit.authorization.context.pool.settings.password_policy;
    let form = Form::to(visit, "newPassword", "newPassword", "new-password-title", "button-save-password");
    let frame = &form.frame;
    let password = Field::new_password(frame.t("label-new-password"), policy);
    let mut fields = vec![Field { is_focused: true, ..password }];
    fields.extend(required.iter().map(|name| {
        attribute::field(visit, name).holding(given.get(name).map(String::as_str).unwrap_or_default())
    }));
    Form { lead: Some(frame.t("new-password-lead")), fields, ..form }.with_rules_of(policy).but(problem)
}

/// A QR code that authenticator apps read, in SVG whose colours are the page's.
fn qr_code(app: &str, username: &str, key: &str) -> String {
    let Ok(mut uri) = Url::parse("otpauth://totp/") else { return String::new() };
    uri.set_path(&format!("/{app}:{username}"));
    uri.query_pairs_mut().append_pair("secret", key).append_pair("issuer", app);
    let Ok(code) = QrCode::new(uri.as_str()) else { return String::new() };
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(200, 200).quiet_zone(true).build();
    // The declaration of a document has no place within another.
    drawn.find("<svg").map_or_else(String::new, |start| drawn[start..].to_owned())
}
