//! The pages of the steps between the first proof and the way back.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cognate_core::branding::Category;
use cognate_store::second_factor::SecondFactor;
use cognate_store::user_pool::Contact;
use qrcode::QrCode;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::super::form::{Choice, Field, Form, Link, Other, PasskeyRequest, Picture, Problem};
use super::super::{Visit, attribute};
use super::APP;
use crate::parameters::Parameters;

/// Somebody on the way: what the sign-in knows them by, and what they called themselves.
#[derive(Clone, Copy)]
pub(in super::super) struct Who<'a> {
    pub username: &'a str,
    pub named: &'a str,
    /// Whether they have just made their account.
    pub is_new: bool,
}

/// What forms repeat of somebody who has just made their account.
const NEW: &str = "new";

impl<'a> Who<'a> {
    /// Whom a form of a step repeats.
    pub(in super::super) fn of(form: &'a Parameters) -> Self {
        let username = form.get("username").unwrap_or_default();
        Self { username, named: form.get("named").unwrap_or(username), is_new: form.get(NEW).is_some() }
    }

    /// Somebody who has just made their account.
    pub(in super::super) fn new(username: &'a str) -> Self {
        Self { username, named: username, is_new: true }
    }

    /// With what tells that they are new, where they are.
    pub(in super::super) fn marked(self, form: Form) -> Form {
        if self.is_new { form.repeating(NEW, "1") } else { form }
    }

    fn repeated(self, form: Form) -> Form {
        self.marked(form.repeating("username", self.username).repeating("named", self.named))
    }
}

/// With what the forms of a step repeat, and the way back to the first page.
pub(super) fn repeating(form: Form, session: &SecretString, who: Who<'_>) -> Form {
    let start_over = Link { lead: None, text: form.frame.t("link-start-over"), href: form.frame.to("login") };
    let before = form.hidden.len();
    let mut form = who.repeated(form.repeating("session", session.expose_secret()));
    form.links.push(start_over);
    for other in &mut form.others {
        other.hidden.extend_from_slice(&form.hidden[before..]);
    }
    form
}

/// What the page of a code repeats where there is another way to begin.
pub(super) const WAYS: &str = "ways";

/// With the way to choose again by what to begin.
pub(super) fn or_choose(form: Form, who: Who<'_>) -> Form {
    let mut form = form.repeating(WAYS, "1");
    // Where no new code is sent, this page is shown again.
    form.others.iter_mut().for_each(|other| other.hidden.push((WAYS.to_owned(), "1".to_owned())));
    let mut hidden = vec![("username".to_owned(), who.named.to_owned())];
    hidden.extend(who.is_new.then(|| (NEW.to_owned(), "1".to_owned())));
    let frame = &form.frame;
    let (action, button) = (frame.to("selectChallenge"), frame.t("link-other-way"));
    form.others.push(Other { lead: None, action, hidden, button, waiting: None });
    form
}

pub(super) fn choose(visit: &Visit, choices: Vec<Choice>) -> Form {
    let form = Form::to(visit, "selectChallenge", "selectChallenge", "choose-title", "button-continue");
    Form { choices, ..form }
}

/// The page for a password alone, of a user who said who they are before.
pub(super) fn first_password(visit: &Visit, who: Who<'_>, problem: Option<Problem>) -> Form {
    let form = Form::to(visit, "login", "password", "password-title", "button-sign-in");
    let label = form.frame.t("label-password");
    let password = Field { is_focused: true, ..Field::password("password", label) };
    let start_over = Link { lead: None, text: form.frame.t("link-start-over"), href: form.frame.to("login") };
    let form =
        Form { lead: Some(who.named.to_owned()), fields: vec![password], links: vec![start_over], ..form };
    who.repeated(form).of_user(who.named).with_graphic(Category::PasswordGraphic).but(problem)
}

/// The same, for a sign-in by choice that goes on.
pub(super) fn chosen_beside(form: Form, session: &SecretString) -> Form {
    let action = form.frame.to("selectChallenge");
    let form = Form { action, ..form };
    form.repeating("choice", "PASSWORD").repeating("session", session.expose_secret())
}

/// The page on which a script asks the browser's passkeys.
pub(super) fn passkey(visit: &Visit, options: String, problem: Option<Problem>) -> Form {
    let form = Form::to(visit, "passkey", "passkey", "passkey-title", "button-passkey");
    let passkey = Some(PasskeyRequest { act: "get", options });
    let lead = Some(form.frame.t("passkey-lead"));
    Form { lead, passkey, ..form }.with_graphic(Category::PasskeyGraphic).but(problem)
}

/// The page for a code that was sent, or that an app shows.
pub(super) fn code(
    visit: &Visit,
    kind: &str,
    destination: &str,
    factors: &[SecondFactor],
    problem: Option<Problem>,
) -> Form {
    let form = Form::to(visit, "mfa", "mfa", "code-title", "button-continue");
    let frame = &form.frame;
    let lead = match (kind, destination) {
        (APP, "") => frame.t("code-app"),
        (APP, name) => frame.with("code-app-named", "name", name),
        (_, destination) => frame.with("code-sent", "destination", destination),
    };
    let fields = vec![Field::code(frame.t("label-code"))];
    let graphic = match kind {
        APP => Category::AuthAppGraphic,
        kind if kind.starts_with("sms") => Category::SmsGraphic,
        _ => Category::EmailGraphic,
    };
    let names: Vec<_> = factors.iter().map(|it| it.as_str()).collect();
    let mut others = ways(&form, kind, factors, problem.is_none());
    let form = Form { lead: Some(lead), fields, ..form }.with_graphic(graphic).but(problem);
    let form = form.repeating("kind", kind).repeating("destination", destination);
    let form = form.repeating("factors", &names.join(" "));
    // Where nothing is sent, the page is shown again.
    others.iter_mut().for_each(|other| other.hidden.extend_from_slice(&form.hidden));
    Form { others, ..form }
}

/// The second factors that would do, as the page of a code repeats them.
pub(super) fn factors(form: &Parameters) -> Vec<SecondFactor> {
    form.get("factors").unwrap_or_default().split(' ').filter_map(SecondFactor::parse).collect()
}

/// The ways on for who has no code: another one of that kind, and the other factors.
fn ways(form: &Form, kind: &str, factors: &[SecondFactor], is_sent: bool) -> Vec<Other> {
    let frame = &form.frame;
    let of_choice = |choice: &str| ("choice".to_owned(), choice.to_owned());
    let again = match kind {
        "sms" => Some(("selectMFA", SecondFactor::Sms.as_str())),
        "email" => Some(("selectMFA", SecondFactor::Email.as_str())),
        "sms-first" => Some(("selectChallenge", "SMS_OTP")),
        "email-first" => Some(("selectChallenge", "EMAIL_OTP")),
        _ => None,
    };
    let asked = match again {
        Some((_, choice)) => SecondFactor::parse(choice),
        None => Some(SecondFactor::SoftwareToken),
    };
    let again = again.map(|(page, choice)| {
        let hidden = vec![of_choice(choice), ("again".to_owned(), "1".to_owned())];
        Other::resend(frame, page, hidden, is_sent)
    });
    let others = factors.iter().filter(|it| Some(**it) != asked).map(|it| Other {
        lead: Some(frame.t("other-factor-lead")),
        action: frame.to("selectMFA"),
        hidden: vec![of_choice(it.as_str())],
        button: frame.t(factor_name(*it)),
        waiting: None,
    });
    again.into_iter().chain(others).collect()
}

/// The text that names a factor.
pub(in super::super) fn factor_name(factor: SecondFactor) -> &'static str {
    match factor {
        SecondFactor::SoftwareToken => "factor-app",
        SecondFactor::Sms => "factor-sms",
        SecondFactor::Email => "factor-email",
    }
}

pub(super) fn select(visit: &Visit, page: &str, factors: &[SecondFactor]) -> Form {
    let heading = if page == "setupMFA" { "setup-title" } else { "select-title" };
    let form = Form::to(visit, page, "selectMfa", heading, "button-continue");
    let label = |factor: &SecondFactor| form.frame.t(factor_name(*factor));
    let choices = factors.iter().map(|it| Choice { value: it.as_str(), label: label(it) });
    let choices = choices.collect();
    let lead = (page == "setupMFA").then(|| form.frame.t("setup-lead"));
    Form { lead, choices, ..form }
}

pub(super) fn app(
    visit: &Visit,
    session: &SecretString,
    who: Who<'_>,
    key: &str,
    problem: Option<Problem>,
) -> Form {
    let form = Form::to(visit, "setupMFA", "setupMfa", "setup-app-title", "button-continue");
    let frame = &form.frame;
    let picture = Some(Picture {
        svg: qr_code(&frame.app, who.named, key),
        alternative: frame.t("setup-app-image"),
        key_label: frame.t("setup-app-key"),
        key: key.to_owned(),
    });
    let fields = vec![Field::code(frame.t("label-code"))];
    let form = Form { lead: Some(frame.t("setup-app-lead")), picture, fields, ..form };
    let form = form.with_graphic(Category::AuthAppGraphic);
    repeating(form.repeating("key", key).but(problem), session, who)
}

/// The page for the address that codes are to go to.
pub(super) fn address(
    visit: &Visit,
    session: &SecretString,
    who: Who<'_>,
    contact: Contact,
    problem: Option<Problem>,
) -> Form {
    let form = Form::to(visit, "setupMFA", "setupMfa", "setup-title", "button-send-code");
    let (factor, lead, graphic) = match contact {
        Contact::Email => (SecondFactor::Email, "setup-email-lead", Category::EmailGraphic),
        Contact::PhoneNumber => (SecondFactor::Sms, "setup-sms-lead", Category::SmsGraphic),
    };
    let (id, name) = ("address".to_owned(), "address".to_owned());
    let field = Field { id, name, is_focused: true, ..attribute::field(visit, contact.attribute()) };
    let form = Form { lead: Some(form.frame.t(lead)), fields: vec![field], ..form };
    let form = form.with_graphic(graphic).repeating("choice", factor.as_str()).but(problem);
    repeating(form, session, who)
}

/// What the page for a new password repeats: the attributes that are asked for.
pub(super) const REQUIRED: &str = "required";

pub(super) fn password(
    visit: &Visit,
    who: Who<'_>,
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
    let lead = Some(frame.t("new-password-lead"));
    let form = Form { lead, fields, ..form }.with_rules_of(policy);
    let form = form.of_user(who.named).repeating(REQUIRED, &required.join(" "));
    form.with_graphic(Category::PasswordGraphic).but(problem)
}

/// How many modules around a QR code stay light (ISO/IEC 18004, 9.1).
const QUIET: usize = 4;

/// A QR code that authenticator apps read, in SVG: black on the white of the frame around it.
pub(in super::super) fn qr_code(app: &str, username: &str, key: &str) -> String {
    let Ok(mut uri) = Url::parse("otpauth://totp/") else { return String::new() };
    uri.set_path(&format!("/{app}:{username}"));
    uri.query_pairs_mut().append_pair("secret", key).append_pair("issuer", app);
    let Ok(code) = QrCode::new(uri.as_str()) else { return String::new() };
    // One stroke for each run of dark modules: a fraction of what a square for each would take.
    let (width, colors) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|left, right| left == right) {
            if run.first() == Some(&qrcode::Color::Dark) {
                let _ = write!(path, "M{} {}h{}v1h-{}z", x + QUIET, y + QUIET, run.len(), run.len());
            }
            x += run.len();
        }
    }
    let side = width + 2 * QUIET;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\"><path d=\"{path}\"/></svg>"
    )
}
