//! `/{pool}/signup`, `/confirm` and `/resendcode`: making an account, and proving its address.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::ServiceConfig;
use cognate_core::auth::challenge::Answer;
use cognate_core::auth::choice;
use cognate_core::terms::{self, Agreement};
use cognate_core::user::attribute::USERNAME;
use cognate_core::user::sign_up::{self, Confirm, SignUp};
use cognate_core::{Error, user};
use cognate_store::user_pool::{Contact, SchemaAttribute};
use secrecy::ExposeSecret as _;

use super::form::{self, Field, Form, Link, Other, Problem};
use super::step::Who;
use super::{Answered, Visit, attribute, beginning, fault, showing, sign_in, step, taking};
use crate::parameters::Parameters;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/{pool}/signup", showing(show))
        .route("/{pool}/signup", taking(take))
        .route("/{pool}/confirm", beginning())
        .route("/{pool}/confirm", taking(confirm))
        .route("/{pool}/resendcode", beginning())
        .route("/{pool}/resendcode", taking(resend));
}

async fn show(visit: Visit) -> Answered {
    if !visit.frame().can_sign_up {
        return Err(visit.failed(&Error::SignUpNotPermitted).into());
    }
    agreed(&visit, page(&visit, "", &BTreeMap::new(), None)).await
}

/// Shows the page with what one agrees to, where the app has its terms somewhere.
async fn agreed(visit: &Visit, form: Form) -> Answered {
    let context = &visit.authorization.context;
    let agreement =
        terms::agreement(&visit.server.app, &context.pool, &context.client.id, visit.words.tag()).await;
    let agreement = agreement.map_err(|error| visit.failed(&error))?;
    let terms = agreement.map(|Agreement { terms_of_use, privacy_policy }| {
        let links = [("link-terms", "terms", terms_of_use), ("link-privacy", "privacy", privacy_policy)];
        form::sentence(&visit.words, "agreement", links)
    });
    Ok(Form { terms, ..form }.show(visit))
}

async fn take(visit: Visit, form: Parameters) -> Answered {
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    let username = &*sign_in::name_as_kept(&visit, form.get("username").unwrap_or_default());
    let attributes = attribute::given(&visit, &form, |it| is_asked(&visit, it));
    let request = SignUp {
        username: username.to_owned(),
        password: form.secret("password"),
        attributes: attributes.clone(),
        secret_hash: None,
    };
    match sign_up::sign_up(app, context, request).await {
        Ok(signed_up) if signed_up.is_confirmed => Ok(sign_in::ready_anew(&visit, username).await),
        Ok(signed_up) => match signed_up.delivery {
            Some(delivery) => {
                let session = signed_up.session.as_ref().map(|it| it.expose_secret());
                let unconfirmed = Unconfirmed { username, destination: Some(&delivery.masked), session };
                Ok(confirmation(&visit, unconfirmed, None).show(&visit))
            }
            None => Ok(visit.refused(StatusCode::OK, "waits")),
        },
        Err(error) => {
            let text = fault::told(&visit.words, &error).ok_or_else(|| visit.failed(&error))?;
            // An address that is the name has no field of its own.
            let names = &context.pool.settings.username_attributes;
            let is_name = |name: &str| names.iter().any(|contact| contact.attribute() == name);
            let field = match &error {
                Error::AddressTaken(name) if is_name(name) => Some(USERNAME.into()),
                error => fault::field(error),
            };
            // What is asked for and was left empty.
            let mut all = attributes.clone();
            for asked in context.pool.settings.schema.iter().filter(|it| is_asked(&visit, it)) {
                all.entry(asked.name.clone()).or_default();
            }
            let page = page(&visit, username, &attributes, Some(Problem { text, field }));
            agreed(&visit, page.and(fault::besides(&visit, &error, &all))).await
        }
    }
}

async fn confirm(visit: Visit, form: Parameters) -> Answered {
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    let unconfirmed = Unconfirmed::of(&form);
    let username = unconfirmed.username;
    // Nobody goes on to an app that nobody looked at before they were told of it.
    let session = form.secret("session").filter(|_| sign_in::stranger(&visit).is_none());
    let confirm = Confirm {
        username: username.to_owned(),
        code: form.code(),
        force_alias_creation: false,
        secret_hash: None,
        session,
    };
    let session = match sign_up::confirm(app, context, confirm).await {
        Ok(session) => session,
        Err(error) => {
            let text = fault::told(&visit.words, &error).ok_or_else(|| visit.failed(&error))?;
            let problem = Some(Problem { text, field: Some("code".into()) });
            return Ok(confirmation(&visit, unconfirmed, problem).show(&visit));
        }
    };
    let Some(session) = session else { return Ok(sign_in::ready_anew(&visit, username).await) };
    let answer = Answer { session, username: username.to_owned(), secret_hash: None };
    let levels = visit.authorization.acr_values.as_deref();
    match choice::after_sign_up(app, context, answer, levels).await {
        Ok(signed_in) => step::follow(&visit, Who::new(username), signed_in, None).await,
        // They are confirmed; what keeps them out is said as they sign in.
        Err(error) => {
            if let Error::Internal(_) = error {
                tracing::error!(error = &error as &dyn std::error::Error, "somebody new is not signed in");
            }
            Ok(sign_in::ready_anew(&visit, username).await)
        }
    }
}

async fn resend(visit: Visit, form: Parameters) -> Answered {
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    let unconfirmed = Unconfirmed::of(&form);
    match sign_up::resend(app, context, unconfirmed.username, None).await {
        Ok(delivery) => {
            let note = Some(visit.words.of("code-resent"));
            let destination = delivery.as_ref().map(|it| &*it.masked);
            let unconfirmed = Unconfirmed { destination, ..unconfirmed };
            Ok(Form { note, ..confirmation(&visit, unconfirmed, None) }.show(&visit))
        }
        Err(error) => {
            let text = fault::told(&visit.words, &error).ok_or_else(|| visit.failed(&error))?;
            let problem = Some(Problem { text, field: None });
            Ok(confirmation(&visit, unconfirmed, problem).show(&visit))
        }
    }
}

/// Somebody who is to confirm their account by a code.
#[derive(Clone, Copy)]
pub(super) struct Unconfirmed<'a> {
    username: &'a str,
    /// Where the code went, if that may be said.
    destination: Option<&'a str>,
    /// What signs them in with the code, where they signed up just now.
    session: Option<&'a str>,
}

impl<'a> Unconfirmed<'a> {
    /// Somebody who signed up at another time.
    pub(super) fn named(username: &'a str) -> Self {
        Self { username, destination: None, session: None }
    }

    fn of(form: &'a Parameters) -> Self {
        let username = form.get("username").unwrap_or_default();
        Self { username, destination: form.get("destination"), session: form.get("session") }
    }
}

/// The page that takes a confirmation code.
pub(super) fn confirmation(visit: &Visit, unconfirmed: Unconfirmed<'_>, problem: Option<Problem>) -> Form {
    let Unconfirmed { username, destination, session } = unconfirmed;
    let form = Form::to(visit, "confirm", "confirm", "confirm-title", "button-confirm");
    let frame = &form.frame;
    let lead = match destination {
        Some(destination) => frame.with("code-sent", "destination", destination),
        None => frame.t("confirm-lead"),
    };
    let repeated = [("username", Some(username)), ("destination", destination), ("session", session)];
    let repeated =
        repeated.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.to_owned())));
    let hidden: Vec<_> = repeated.collect();
    let is_sent = problem.is_none() && destination.is_some();
    let other = Other::resend(frame, "resendcode", hidden.clone(), is_sent);
    let fields = vec![Field::code(frame.t("label-code"))];
    let caution = sign_in::stranger(visit);
    Form { lead: Some(lead), caution, fields, hidden, others: vec![other], ..form }.but(problem)
}

/// The page that makes an account: the name, what the pool requires of its users, and a password.
fn page(visit: &Visit, username: &str, given: &BTreeMap<String, String>, problem: Option<Problem>) -> Form {
    let settings = &visit.authorization.context.pool.settings;
    let form = Form::to(visit, "signup", "cognitoSignUpForm", "sign-up-title", "button-sign-up");
    let frame = &form.frame;
    let name = sign_in::name_field(visit, "username", username);
    // What they already have elsewhere may be filled in.
    let name = match (name.kind, name.inputmode) {
        (_, Some("email")) => Field { kind: "email", autocomplete: "email", ..name },
        ("tel", _) => Field { autocomplete: "tel", ..name },
        _ => name,
    };
    let mut fields = vec![name];
    for attribute in settings.schema.iter().filter(|it| is_asked(visit, it)) {
        let value = given.get(&attribute.name).map(String::as_str).unwrap_or_default();
        let field = attribute::field(visit, &attribute.name).holding(value);
        fields.push(Field { is_required: !is_offered(visit, attribute), ..field });
    }
    fields.push(Field::new_password(frame.t("label-password"), &settings.password_policy));
    let (lead, text) = (Some(frame.t("have-account")), frame.t("link-sign-in"));
    let links = vec![Link { lead, text, href: frame.to("login") }];
    let caution = sign_in::stranger(visit);
    Form { caution, fields, links, ..form }
        .on(visit, "signup")
        .with_rules_of(&settings.password_policy)
        .but(problem)
}

/// Whether a new user is asked for an attribute: one that all must have, or that a code is sent to, and that is not their name
/// already; or that they may say.
fn is_asked(visit: &Visit, attribute: &SchemaAttribute) -> bool {
    let settings = &visit.authorization.context.pool.settings;
    let named = [(Contact::Email, "email"), (Contact::PhoneNumber, "phone_number")];
    let contact = named.into_iter().find(|(_, name)| *name == attribute.name).map(|(contact, _)| contact);
    let is_name = contact.is_some_and(|it| settings.username_attributes.contains(&it));
    let is_verified = contact.is_some_and(|it| settings.auto_verified_attributes.contains(&it));
    // Where either may be the name, which one it is shows only once it is given.
    let may_be_name = is_name && settings.username_attributes.len() > 1;
    let must = attribute.required || is_verified;
    let is_theirs = must && (!is_name || may_be_name && attribute.required);
    !attribute.developer_only && attribute.name != "sub" && is_theirs || is_offered(visit, attribute)
}

/// Whether a new user may say an attribute of the owner's own making.
fn is_offered(visit: &Visit, attribute: &SchemaAttribute) -> bool {
    let context = &visit.authorization.context;
    let (settings, client) = (&context.pool.settings, &context.client);
    attribute::is_owners(attribute)
        && attribute::says_owners(client)
        && user::attribute::is_writable(settings, client, &attribute.name)
}
