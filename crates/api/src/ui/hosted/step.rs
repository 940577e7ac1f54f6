//! The steps between the first proof and the way back: codes, choices, a new password, a second factor to set up.
//!
//! What was proven so far is in the sealed session that each form repeats; nothing is stored between two steps.

mod page;

use std::collections::BTreeMap;

use actix_web::web::ServiceConfig;
use cognate_core::auth::challenge::Answer;
use cognate_core::auth::choice::{self, Evidence};
use cognate_core::auth::one_time_code::{self, CodeKind};
use cognate_core::auth::step_up::StepUpRequest;
use cognate_core::auth::{self, Challenge, Challenged, SignIn, new_password, passkey, second_factor};
use cognate_core::user::second_factor as enrolment;
use cognate_core::{Error, Result};
use cognate_store::second_factor::SecondFactor;
use secrecy::{ExposeSecret as _, SecretString};

pub(super) use self::page::{Who, factor_name, qr_code};
use super::form::{Choice, Form, Problem};
use super::{Answered, Visit, attribute, beginning, fault, sign_in, sign_up, taking};
use crate::parameters::Parameters;

pub(super) fn routes(config: &mut ServiceConfig) {
    for (path, step) in [
        ("mfa", Step::Code),
        ("selectMFA", Step::Select),
        ("setupMFA", Step::SetUp),
        ("newPassword", Step::Password),
        ("selectChallenge", Step::Choose),
        ("passkey", Step::Passkey),
    ] {
        let path = format!("/{{pool}}/{path}");
        config.route(&path, beginning()).route(&path, taking(move |visit, form| take(step, visit, form)));
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

async fn take(step: Step, visit: Visit, form: Parameters) -> Answered {
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    let answered = match step {
        Step::Code => code(&visit, &form).await,
        Step::Select => select(&visit, &form).await,
        Step::SetUp => return set_up(&visit, &form).await,
        Step::Password => set_password(&visit, &form).await,
        Step::Choose if asks_for_password(&form) => {
            let page = page::first_password(&visit, Who::of(&form), None);
            let session = form.secret("session").unwrap_or_default();
            return Ok(page::chosen_beside(page, &session).show(&visit));
        }
        Step::Choose => choose(&visit, &form).await,
        Step::Passkey => {
            let credential = form.get("credential").unwrap_or_default();
            match form.get("username") {
                Some(_) => passkey::check(app, context, answer(&form), credential).await,
                None => {
                    let session = form.secret("session").unwrap_or_default();
                    passkey::check_offered(app, context, &visit.site, &session, credential).await
                }
            }
        }
    };
    match answered {
        Ok(signed_in) => {
            let note = form.get("again").map(|_| "code-resent");
            follow(&visit, Who::of(&form), signed_in, note).await
        }
        Err(error) => again(&visit, step, &form, &error).await,
    }
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
    let code = form.code();
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

/// Whether there is more than one way to begin among these.
fn has_ways(available: &[auth::Choice]) -> bool {
    CHOICES.iter().filter(|(_, choice, _)| available.contains(choice)).count() > 1
}

fn asks_for_password(form: &Parameters) -> bool {
    form.get("session").is_some() && form.get("choice") == Some("PASSWORD") && form.get("password").is_none()
}

/// Begins a sign-in by choice, or takes what was chosen.
async fn choose(visit: &Visit, form: &Parameters) -> Result<SignIn> {
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    if form.get("session").is_none() {
        let opening = choice::Opening {
            username: sign_in::name_as_kept(visit, form.get("username").unwrap_or_default()),
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
    // By the name that they gave: what is said of somebody who is not there is made of it (ENU-1).
    let username = sign_in::name_as_kept(visit, Who::of(form).named);
    choice::select(app, context, Answer { username, ..answer(form) }, chosen, evidence).await
}

/// Sets a second factor up: chooses which, takes the address that codes are to go to, or the first code of an app.
async fn set_up(visit: &Visit, form: &Parameters) -> Answered {
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    let answer = answer(form);
    let who = Who::of(form);
    if form.get("code").is_some() {
        let code = form.code();
        let session = &answer.session;
        let verified = match enrolment::verify_at_sign_in(app, session, &code, None).await {
            Ok(session) => second_factor::set_up(app, context, Answer { session, ..answer }).await,
            Err(Error::WrongFirstCode) => {
                let text = visit.words.of("wrong-code");
                let key = form.get("key").unwrap_or_default();
                let problem = Some(Problem { text, field: Some("code".into()) });
                return Ok(page::app(visit, session, who, key, problem).show(visit));
            }
            Err(error) => Err(error),
        };
        return match verified {
            Ok(signed_in) => follow(visit, who, signed_in, None).await,
            Err(error) => from_the_start(visit, who, &error).await,
        };
    }
    let Some(factor) = form.get("choice").and_then(SecondFactor::parse) else {
        return from_the_start(visit, who, &Error::InvalidSession).await;
    };
    let (Some(typed), Some(contact)) = (form.get("address"), factor.contact()) else {
        return begin_set_up(visit, &answer.session, who, factor).await;
    };
    let address = attribute::as_kept(contact.attribute(), typed.trim());
    match second_factor::set_up_with(app, context, answer, factor, address).await {
        Ok(signed_in) => follow(visit, who, signed_in, None).await,
        Err(error @ (Error::AttributeUnfit(_) | Error::InvalidParameter(_))) => {
            let text = fault::told(&visit.words, &error).unwrap_or_default();
            let session = form.secret("session").unwrap_or_default();
            let problem = Some(Problem { text, field: Some("address".into()) });
            let mut page = page::address(visit, &session, who, contact, problem);
            page.fields.iter_mut().for_each(|field| field.value = typed.to_owned());
            Ok(page.show(visit))
        }
        Err(error) => from_the_start(visit, who, &error).await,
    }
}

/// The page on which a second factor is set up.
async fn begin_set_up(visit: &Visit, session: &SecretString, who: Who<'_>, factor: SecondFactor) -> Answered {
    match factor.contact() {
        None => {
            let associated = enrolment::associate_at_sign_in(&visit.server.app, session).await;
            let associated = match associated {
                Ok(associated) => associated,
                Err(error) => return from_the_start(visit, who, &error).await,
            };
            let next = associated.session.unwrap_or_default();
            Ok(page::app(visit, &next, who, associated.secret.expose_secret(), None).show(visit))
        }
        Some(contact) => Ok(page::address(visit, session, who, contact, None).show(visit)),
    }
}

/// Goes where a step leads somebody, who is asked there whether they would rather have a passkey if they are new.
pub(super) async fn follow(visit: &Visit, from: Who<'_>, signed_in: SignIn, note: Option<&str>) -> Answered {
    let challenged = match signed_in {
        SignIn::Opened(opened) if from.is_new && sign_in::offers_passkey(visit).await => {
            return visit.enter_by(opened, &visit.to_anew("passkeys/add")).await;
        }
        SignIn::Opened(opened) => return visit.enter(opened).await,
        SignIn::Challenged(challenged) => *challenged,
        SignIn::Done(_) => return Err(visit.failed(&Error::Internal("tokens at a page".into())).into()),
    };
    let Challenged { session, username, challenge, available, factors } = challenged;
    let session = session.unwrap_or_default();
    let who = Who { username: &username, ..from };
    let repeating = |form: Form| page::repeating(form, &session, who);
    let page = match challenge {
        Challenge::Code { kind, delivery } => {
            let name = KINDS.iter().find(|(_, it)| *it == kind).map_or("", |(name, _)| name);
            let page = repeating(page::code(visit, name, &delivery.masked, &factors, None));
            if has_ways(&available) { page::or_choose(page, who) } else { page }
        }
        Challenge::SoftwareToken { name } => {
            repeating(page::code(visit, APP, name.as_deref().unwrap_or_default(), &factors, None))
        }
        Challenge::SelectSecondFactor(factors) => repeating(page::select(visit, "selectMFA", &factors)),
        Challenge::MfaSetup(factors) => match &factors[..] {
            [only] => return begin_set_up(visit, &session, who, *only).await,
            _ => repeating(page::select(visit, "setupMFA", &factors)),
        },
        Challenge::SelectFirstFactor => {
            let known = CHOICES.iter().filter(|(_, choice, _)| available.contains(choice));
            let choices = known.map(|(value, _, label)| Choice { value, label: visit.words.of(label) });
            let choices: Vec<_> = choices.collect();
            match &choices[..] {
                [only] if only.value == "PASSWORD" => page::first_password(visit, who, None),
                _ => repeating(page::choose(visit, choices)),
            }
        }
        Challenge::Password | Challenge::PasswordSrp => page::first_password(visit, who, None),
        Challenge::Passkey { options } => {
            let page = repeating(page::passkey(visit, options.to_string(), None));
            if has_ways(&available) { page::or_choose(page, who) } else { page }
        }
        Challenge::NewPassword { required, .. } => {
            repeating(page::password(visit, who, &required, &BTreeMap::new(), None))
        }
        // A client's users do not get to these by name and password.
        _ => return Err(visit.failed(&Error::Internal("a step that no page has".into())).into()),
    };
    Ok(Form { note: note.map(|id| visit.words.of(id)), ..page }.show(visit))
}

/// Shows a step again, with what was wrong, or begins anew where its session is over.
async fn again(visit: &Visit, step: Step, form: &Parameters, error: &Error) -> Answered {
    let is_over = matches!(error, Error::InvalidSession | Error::ExpiredSession | Error::UsedSession);
    let who = Who::of(form);
    if is_over {
        return from_the_start(visit, who, error).await;
    }
    // What was sent before is still good.
    if matches!(step, Step::Select | Step::Choose) && form.get("kind").is_some() {
        let told = fault::told(&visit.words, error).filter(|_| !matches!(error, Error::InvalidParameter(_)));
        if let Some(text) = told {
            return Ok(code_again(visit, form, Problem { text, field: None }).show(visit));
        }
    }
    // What was not offered is chosen by no page of ours, or by one that is older than what its user changed since.
    if matches!((step, error), (Step::Select | Step::Choose, Error::InvalidParameter(_))) {
        return from_the_start(visit, who, &Error::InvalidSession).await;
    }
    let text = fault::told(&visit.words, error).unwrap_or_default();
    let page = match (step, error) {
        // Their password is proven.
        (_, Error::UserNotConfirmed) => {
            let unconfirmed = sign_up::Unconfirmed::named(form.get("username").unwrap_or_default());
            return Ok(sign_up::confirmation(visit, unconfirmed, None).show(visit));
        }
        // They may reach the level in another way, if it was offered to anybody.
        (Step::Passkey, Error::LevelOutOfReach) if form.get("username").is_some() => {
            return Err(visit.failed(error).into());
        }
        (Step::Passkey, Error::WrongPassword | Error::LevelOutOfReach) => {
            let problem = Some(Problem { text: visit.words.of("passkey-failed"), field: None });
            return Ok(sign_in::page(visit, who.named, problem).await.show(visit));
        }
        (
            Step::Code,
            Error::WrongMfaCode | Error::UsedMfaCode | Error::WrongCode | Error::WrongSignInCode,
        ) => {
            return Ok(code_again(visit, form, Problem { text, field: Some("code".into()) }).show(visit));
        }
        (Step::Choose, Error::WrongPassword | Error::PasswordLocked) if form.get("password").is_some() => {
            let problem = Some(Problem { text, field: Some("password".into()) });
            let session = form.secret("session").unwrap_or_default();
            let page = page::first_password(visit, who, problem);
            return Ok(page::chosen_beside(page, &session).show(visit));
        }
        (Step::Password, _) => {
            let problem = Some(Problem { text, field: fault::field(error) });
            // What was left empty as well.
            let mut given = attribute::required(visit, form);
            for name in form.words(page::REQUIRED).into_iter().filter(|it| attribute::is_required(visit, it))
            {
                given.entry(name).or_default();
            }
            let required: Vec<_> = given.keys().cloned().collect();
            let page = page::password(visit, who, &required, &given, problem);
            page.and(fault::besides(visit, error, &given))
        }
        _ => return from_the_start(visit, who, error).await,
    };
    let session = form.secret("session").unwrap_or_default();
    Ok(page::repeating(page, &session, who).show(visit))
}

/// The page for a code, shown again.
fn code_again(visit: &Visit, form: &Parameters, problem: Problem) -> Form {
    let get = |name: &str| form.get(name).unwrap_or_default();
    let (kind, who) = (get("kind"), Who::of(form));
    let page = page::code(visit, kind, get("destination"), &page::factors(form), Some(problem));
    let page = page::repeating(page, &form.secret("session").unwrap_or_default(), who);
    if form.get(page::WAYS).is_some() { page::or_choose(page, who) } else { page }
}

/// The first page, with what went wrong.
async fn from_the_start(visit: &Visit, who: Who<'_>, error: &Error) -> Answered {
    let text = fault::told(&visit.words, error).ok_or_else(|| visit.failed(error))?;
    let page = sign_in::page(visit, who.named, Some(Problem { text, field: None })).await;
    Ok(who.marked(page).show(visit))
}
