//! `/{pool}/forgotPassword` and `/confirmforgotPassword`: a new password by a code.

use actix_web::web::ServiceConfig;
use cognate_core::user::password::{self, ConfirmForgot};

use super::form::{Field, Form, Link, Problem};
use super::{Answered, Visit, beginning, fault, showing, sign_in, taking};
use crate::parameters::Parameters;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/{pool}/forgotPassword", showing(show))
        .route("/{pool}/forgotPassword", taking(send))
        .route("/{pool}/confirmforgotPassword", beginning())
        .route("/{pool}/confirmforgotPassword", taking(set));
}

async fn show(visit: Visit) -> Answered {
    Ok(page(&visit, "", None).show(&visit))
}

async fn send(visit: Visit, form: Parameters) -> Answered {
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    let username = &*sign_in::name_as_kept(&visit, form.get("username").unwrap_or_default());
    match password::forgot(app, context, username, None).await {
        Ok(delivery) => Ok(reset_page(&visit, username, &delivery.masked, None).show(&visit)),
        Err(error) => {
            let text = fault::told(&visit.words, &error).ok_or_else(|| visit.failed(&error))?;
            Ok(page(&visit, username, Some(Problem { text, field: Some("username".into()) })).show(&visit))
        }
    }
}

async fn set(visit: Visit, form: Parameters) -> Answered {
    let (app, context) = (&visit.server.app, &visit.authorization.context);
    let username = form.get("username").unwrap_or_default();
    let request = ConfirmForgot {
        username: username.to_owned(),
        code: form.code(),
        password: form.secret("password").unwrap_or_default(),
        secret_hash: None,
    };
    match password::confirm_forgot(app, context, request).await {
        Ok(()) => Ok(sign_in::ready(&visit, username, "password-saved").await),
        Err(error) => {
            let text = fault::told(&visit.words, &error).ok_or_else(|| visit.failed(&error))?;
            let field = fault::field(&error).unwrap_or("code".into());
            let problem = Some(Problem { text, field: Some(field) });
            let destination = form.get("destination").unwrap_or_default();
            Ok(reset_page(&visit, username, destination, problem).show(&visit))
        }
    }
}

fn page(visit: &Visit, username: &str, problem: Option<Problem>) -> Form {
    let form = Form::to(visit, "forgotPassword", "forgotPassword", "forgot-title", "button-send-code");
    let frame = &form.frame;
    let name = sign_in::name_field(visit, "username", username);
    let links = vec![Link { lead: None, text: frame.t("link-sign-in"), href: frame.to("login") }];
    Form { lead: Some(frame.t("forgot-lead")), fields: vec![name], links, ..form }
        .on(visit, "forgotPassword")
        .but(problem)
}

fn reset_page(visit: &Visit, username: &str, destination: &str, problem: Option<Problem>) -> Form {
    let policy = &visit.authorization.context.pool.settings.password_policy;
    let page = "confirmforgotPassword";
    let form = Form::to(visit, page, "confirmForgotPassword", "reset-title", "button-reset");
    let frame = &form.frame;
    let lead = frame.with("reset-lead", "destination", destination);
    let password = Field::new_password(frame.t("label-new-password"), policy);
    let fields = vec![Field::code(frame.t("label-code")), password];
    let links = vec![Link { lead: None, text: frame.t("link-start-over"), href: frame.to("forgotPassword") }];
    let form = Form { lead: Some(lead), fields, links, ..form }.with_rules_of(policy);
    let form = form.repeating("username", username).repeating("destination", destination);
    form.of_user(username).but(problem)
}
