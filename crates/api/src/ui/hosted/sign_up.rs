//! `/{pool}/signup`, `/confirm` and `/resendcode`: making an account, and proving its address.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::ServiceConfig;
use cognate_core::terms::{self, Agreement};
use cognate_core::user::sign_up::{self, Confirm, SignUp};
use cognate_core::{Error, user};
use cognate_store::user_pool::{Contact, SchemaAttribute};

use super::form::{self, Field, Form, Link, Other, Problem};
use super::{Answered, Visit, attribute, beginning, fault, showing, sign_in, taking};
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
            Some(delivery) => Ok(confirmation(&visit, username, Some(&delivery.masked), None).show(&visit)),
            None => Ok(visit.refused(StatusCode::OK, "waits")),
        },
        Err(error) => {
            let text = fault::told(&visit.words, &error).ok_or_else(|| visit.failed(&error))?;
            let field = match error {
                Error::UsernameTaken => Some("username"),
                Error::PasswordPolicy(_) | Error::LeakedPassword => Some("newPassword"),
                _ => None,
            };
            agreed(&visit, page(&visit, username, &attributes, Some(Problem { text, field }))).await
        }
    }
}

async fn confirm(visit: Visit, form: Parameters) -> Answered {
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    let username = form.get("username").unwrap_or_default();
    let confirm = Confirm {
        username: username.to_owned(),
        code: form.code(),
        force_alias_creation: false,
        secret_hash: None,
        session: None,
    };
    match sign_up::confirm(app, context, confirm).await {
        Ok(_) => Ok(sign_in::ready_anew(&visit, username).await),
        Err(error) => {
            let text = fault::told(&visit.words, &error).ok_or_else(|| visit.failed(&error))?;
            let problem = Some(Problem { text, field: Some("code") });
            Ok(confirmation(&visit, username, form.get("destination"), problem).show(&visit))
        }
    }
}

async fn resend(visit: Visit, form: Parameters) -> Answered {
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    let username = form.get("username").unwrap_or_default();
    match sign_up::resend(app, context, username, None).await {
        Ok(delivery) => {
            let note = Some(visit.words.of("code-resent"));
            let destination = delivery.as_ref().map(|it| &*it.masked);
            Ok(Form { note, ..confirmation(&visit, username, destination, None) }.show(&visit))
        }
        Err(error) => {
            let text = fault::told(&visit.words, &error).ok_or_else(|| visit.failed(&error))?;
            let problem = Some(Problem { text, field: None });
            Ok(confirmation(&visit, username, form.get("destination"), problem).show(&visit))
        }
    }
}

/// The page that takes a confirmation code.
pub(super) fn confirmation(
    visit: &Visit,
    username: &str,
    destination: Option<&str>,
    problem: Option<Problem>,
) -> Form {
    let form = Form::to(visit, "confirm", "confirm", "confirm-title", "button-confirm");
    let frame = &form.frame;
    let lead = match destination {
        Some(destination) => frame.with("code-sent", "destination", destination),
        None => frame.t("confirm-lead"),
    };
    let hidden = |destination: Option<&str>| {
        let mut hidden = vec![("username".to_owned(), username.to_owned())];
        hidden.extend(destination.map(|it| ("destination".to_owned(), it.to_owned())));
        hidden
    };
    let other = Other {
        lead: Some(frame.t("resend-lead")),
        action: frame.to("resendcode"),
        hidden: hidden(destination),
        button: frame.t("button-resend"),
    };
    let fields = vec![Field::code(frame.t("label-code"))];
    Form { lead: Some(lead), fields, hidden: hidden(destination), others: vec![other], ..form }.but(problem)
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
    Form { fields, links, ..form }.on(visit, "signup").with_rules_of(&settings.password_policy).but(problem)
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

/// Whether a new user may say an attribute that the owner has made: where the client names it among those that its users write, and
/// has no secret, with which it would be the app that says it. The account page goes by the same.
fn is_offered(visit: &Visit, attribute: &SchemaAttribute) -> bool {
    let context = &visit.authorization.context;
    let (settings, client) = (&context.pool.settings, &context.client);
    attribute.name.starts_with("custom:")
        && !attribute.developer_only
        && client.secrets.is_empty()
        && client.settings.write_attributes.is_some()
        && user::attribute::is_writable(settings, client, &attribute.name)
}
