//! The password and the second factors of an account.

use actix_web::web::ServiceConfig;
use cognate_core::Error;
use cognate_core::branding::Category;
use cognate_core::user::second_factor::{self, Preference};
use cognate_core::user::{password, second_factor as enrolment};
use cognate_store::second_factor::SecondFactor;
use secrecy::ExposeSecret as _;

use super::super::form::{Field, Form, Picture, Problem};
use super::super::step::qr_code;
use super::super::{Answered, fault};
use super::overview::{self, Said};
use super::{Account, act, form};
use crate::parameters::Parameters;

pub(super) fn routes(config: &mut ServiceConfig) {
    form(config, "account/password", show_password, set_password);
    act(config, "account/app", set_app_up);
    act(config, "account/factor", switch);
}

async fn show_password(account: Account) -> Answered {
    password_page(&account, None).await
}

async fn password_page(account: &Account, problem: Option<Problem>) -> Answered {
    let visit = &account.visit;
    let has_one = password::is_set(&visit.server.app, &account.holder).await;
    let has_one = has_one.map_err(|error| visit.failed(&error))?;
    let title = if has_one { "change-password-title" } else { "new-password-title" };
    let form = account.form("account/password", title, "button-save-password");
    let policy = &account.holder.pool.settings.password_policy;
    let mut fields = Vec::new();
    if has_one {
        let current = Field::password("currentPassword", form.frame.t("label-current-password"));
        fields.push(Field { name: "current".to_owned(), is_focused: true, ..current });
    }
    fields.push(Field::new_password(form.frame.t("label-new-password"), policy));
    let form = Form { fields, ..form }.of_user(account.name()).with_rules_of(policy);
    let form = form.with_graphic(Category::PasswordGraphic);
    Ok(form.on(visit, "account/password").but(problem).show(visit))
}

async fn set_password(account: Account, form: Parameters) -> Answered {
    let visit = &account.visit;
    let (current, new) = (form.secret("current"), form.secret("password").unwrap_or_default());
    let error = match password::change(&visit.server.app, &account.holder, current.as_ref(), &new).await {
        Ok(()) => return overview::show(&account.again().await?, Said::Note("password-changed")).await,
        Err(error) => error,
    };
    let (text, field) = match error {
        Error::WrongPassword => (visit.words.of("wrong-current-password"), "currentPassword"),
        Error::AttemptLimit => (visit.words.of("too-many"), "currentPassword"),
        ref other => (fault::told(&visit.words, other).ok_or_else(|| visit.failed(other))?, "newPassword"),
    };
    password_page(&account, Some(Problem { text, field: Some(field.into()) })).await
}

/// Begins to set an authenticator app up, or takes its first code. The one before goes on until then.
async fn set_app_up(account: Account, form: Parameters) -> Answered {
    let (visit, holder) = (&account.visit, &account.holder);
    let app = &visit.server.app;
    if form.get("code").is_none() {
        let associated = enrolment::associate(app, holder).await.map_err(|error| visit.failed(&error))?;
        return Ok(app_page(&account, associated.secret.expose_secret(), None).show(visit));
    }
    let code = form.code();
    match enrolment::set_up(app, holder, &code).await {
        Ok(()) => overview::show(&account, Said::Note("factor-turned-on")).await,
        // It was sent twice.
        Err(Error::SoftwareTokenNotOffered) => overview::show(&account, Said::Nothing).await,
        Err(error @ (Error::WrongFirstCode | Error::PasswordLocked)) => {
            let text = fault::told(&visit.words, &error).unwrap_or_default();
            let key = form.get("key").unwrap_or_default();
            Ok(app_page(&account, key, Some(Problem { text, field: Some("code".into()) })).show(visit))
        }
        Err(error) => Err(visit.failed(&error).into()),
    }
}

fn app_page(account: &Account, key: &str, problem: Option<Problem>) -> Form {
    let form = account.form("account/app", "setup-app-title", "button-continue");
    let frame = &form.frame;
    let picture = Some(Picture {
        svg: qr_code(&frame.app, account.name(), key),
        alternative: frame.t("setup-app-image"),
        key_label: frame.t("setup-app-key"),
        key: key.to_owned(),
    });
    let fields = vec![Field::code(frame.t("label-code"))];
    let form = Form { lead: Some(frame.t("setup-app-lead")), picture, fields, ..form };
    form.repeating("key", key).with_graphic(Category::AuthAppGraphic).but(problem)
}

/// Has somebody asked for a factor, or asked for it first.
async fn switch(account: Account, form: Parameters) -> Answered {
    let (visit, holder) = (&account.visit, &account.holder);
    let app = &visit.server.app;
    let Some(factor) = form.get("factor").and_then(SecondFactor::parse) else {
        return overview::show(&account, Said::Nothing).await;
    };
    let (switched, note) = match form.get("act") {
        Some("on") => {
            (second_factor::switch(app, &holder.pool, &holder.user, factor, true).await, "factor-turned-on")
        }
        Some("first") => {
            let first = Preference { factor, enabled: true, preferred: true };
            let set = second_factor::set_preferences(app, &holder.pool, &holder.user, &[first], None).await;
            (set, "profile-saved")
        }
        _ => return overview::show(&account, Said::Nothing).await,
    };
    match switched {
        Ok(()) => overview::show(&account, Said::Note(note)).await,
        // It can no longer be given, which the page shows.
        Err(Error::InvalidParameter(_)) => overview::show(&account, Said::Nothing).await,
        Err(error) => Err(visit.failed(&error).into()),
    }
}
