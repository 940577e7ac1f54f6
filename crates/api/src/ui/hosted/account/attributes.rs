//! What somebody says of themselves, and proving their addresses.

use std::collections::BTreeMap;

use actix_web::web::ServiceConfig;
use cognate_core::trigger::Metadata;
use cognate_core::user::change::{self, Writer};
use cognate_core::user::code::Delivery;
use cognate_core::user::second_factor;
use cognate_core::{Result, user};
use cognate_store::user_pool::{Contact, SchemaAttribute};

use super::super::form::{Field, Form, Other, Problem};
use super::super::{Answered, attribute, fault};
use super::overview::{self, Said};
use super::{Account, act, form};
use crate::parameters::Parameters;

pub(super) fn routes(config: &mut ServiceConfig) {
    form(config, "account/profile", show, save);
    act(config, "account/address", confirm);
}

/// What most people are asked for, where a client does not say what they may write.
const USUAL: [&str; 8] = [
    "email",
    "phone_number",
    "name",
    "given_name",
    "family_name",
    "nickname",
    "preferred_username",
    "birthdate",
];

/// The attributes that somebody may change here: those that the client's users may read and write. Of a client that names none, those
/// that most people have, that the pool requires or that they have said.
pub(super) fn editable(account: &Account) -> Vec<&SchemaAttribute> {
    let holder = &account.holder;
    let (settings, client) = (&holder.pool.settings, &holder.client);
    let is_meant = |it: &&SchemaAttribute| {
        let is_known = || USUAL.contains(&&*it.name) || holder.user.attributes.contains_key(&it.name);
        match attribute::is_owners(it) {
            true => attribute::says_owners(client),
            false => client.settings.write_attributes.is_some() || it.required || is_known(),
        }
    };
    let may_change = |it: &&SchemaAttribute| {
        it.mutable
            && user::attribute::is_writable(settings, client, &it.name)
            && user::attribute::is_readable(settings, client, &it.name)
    };
    settings.schema.iter().filter(may_change).filter(is_meant).collect()
}

async fn show(account: Account) -> Answered {
    Ok(page(&account, &BTreeMap::new(), None).show(&account.visit))
}

/// The page, with what was typed before where something was changed.
fn page(account: &Account, typed: &BTreeMap<String, String>, problem: Option<Problem>) -> Form {
    let known = &account.holder.user.attributes;
    let field = |it: &SchemaAttribute| {
        let value = typed.get(&it.name).or(known.get(&it.name)).map(String::as_str).unwrap_or_default();
        let field = attribute::field(&account.visit, &it.name).holding(value);
        Field { is_required: it.required, ..field }
    };
    let editable = editable(account);
    let fields = editable.iter().map(|it| field(it)).collect();
    let form = account.form("account/profile", "profile-title", "button-save");
    let form = Form { fields, ..form }.on(&account.visit, "account/profile").but(problem);
    let shown = editable.iter().map(|it| (before(&it.name), mark(account, &it.name, known.get(&it.name))));
    shown.fold(form, |form, (name, mark)| form.repeating(&name, &mark))
}

/// The field that says what an attribute was when the form was shown.
fn before(name: &str) -> String {
    format!("before.{name}")
}

/// What a value is known by, so that one that was left as it was shown is told from one that was changed. A field of one line does
/// not keep what ends lines, nor blanks around it.
fn mark(account: &Account, name: &str, value: Option<&String>) -> String {
    let one_line = value.map(|value| value.replace(['\r', '\n'], "")).unwrap_or_default();
    let key = &account.holder.pool.key;
    hex::encode(&key.digest("profile field", &[name.as_bytes(), one_line.trim().as_bytes()])[..16])
}

async fn save(account: Account, form: Parameters) -> Answered {
    let (visit, holder) = (&account.visit, &account.holder);
    let typed = |name: &str| {
        let typed = form.get(&attribute::name_of_field(name)).unwrap_or_default().trim();
        attribute::as_kept(name, typed)
    };
    let typed: BTreeMap<_, _> =
        editable(&account).into_iter().map(|it| (it.name.clone(), typed(&it.name))).collect();
    // A field that is empty takes away what was there; one that is as it was shown leaves what is there by now.
    let is_changed = |(name, value): &(&String, &String)| {
        form.get(&before(name)).is_some_and(|before| before != mark(&account, name, Some(value)))
    };
    let changes: BTreeMap<_, _> =
        typed.iter().filter(is_changed).map(|(name, value)| (name.clone(), value.clone())).collect();
    if changes.is_empty() {
        return overview::show(&account, Said::Nothing).await;
    }
    if let Some(field) = needed(&account, &changes).await.map_err(|error| visit.failed(&error))? {
        let problem = Problem { text: visit.words.of("address-needed"), field: Some(field.into()) };
        return Ok(page(&account, &changes, Some(problem)).show(visit));
    }
    let (app, metadata) = (&visit.server.app, Metadata::default());
    let caller = holder.caller(&metadata);
    let writer = Writer::User(&holder.client);
    match change::update(app, &holder.pool, holder.user.id, writer, &caller, &changes).await {
        Ok(sent) => match sent.first() {
            Some(delivery) => Ok(code_page(&account, delivery.contact, &delivery.masked, None).show(visit)),
            None => overview::show(&account.again().await?, Said::Note("profile-saved")).await,
        },
        Err(error) => {
            let text = fault::told(&visit.words, &error).ok_or_else(|| visit.failed(&error))?;
            let problem = Problem { text, field: fault::field(&error) };
            let besides = fault::besides(visit, &error, &changes);
            Ok(page(&account, &changes, Some(problem)).and(besides).show(visit))
        }
    }
}

/// The field of an address that would be gone although codes are sent to it at sign-in (MFA-1).
async fn needed(account: &Account, changes: &BTreeMap<String, String>) -> Result<Option<String>> {
    let holder = &account.holder;
    let needed = second_factor::contacts(&account.visit.server.app, &holder.pool, &holder.user).await?;
    let is_gone = |name: &&str| changes.get(*name).is_some_and(String::is_empty);
    Ok(needed.into_iter().map(Contact::attribute).find(is_gone).map(attribute::id_of_field))
}

/// Sends a code to an address of theirs, or takes it.
async fn confirm(account: Account, form: Parameters) -> Answered {
    let (visit, holder) = (&account.visit, &account.holder);
    let app = &visit.server.app;
    let named = form.get("attribute").unwrap_or_default();
    let contact = [Contact::Email, Contact::PhoneNumber].into_iter().find(|it| it.attribute() == named);
    let Some(contact) = contact else {
        return overview::show(&account, Said::Nothing).await;
    };
    if form.get("code").is_none() {
        return match change::send_code(app, holder, &Metadata::default(), named).await {
            Ok(Delivery { masked, .. }) => Ok(code_page(&account, contact, &masked, None).show(visit)),
            Err(error) => {
                let text = fault::told(&visit.words, &error).ok_or_else(|| visit.failed(&error))?;
                overview::show(&account, Said::Problem(text)).await
            }
        };
    }
    let code = form.code();
    match change::verify(app, holder, named, &code).await {
        Ok(()) => overview::show(&account.again().await?, Said::Note("address-confirmed")).await,
        Err(error) => {
            let text = fault::told(&visit.words, &error).ok_or_else(|| visit.failed(&error))?;
            let problem = Some(Problem { text, field: Some("code".into()) });
            let masked = form.get("destination").unwrap_or_default();
            Ok(code_page(&account, contact, masked, problem).show(visit))
        }
    }
}

/// The page that takes the code that went to an address.
fn code_page(account: &Account, contact: Contact, masked: &str, problem: Option<Problem>) -> Form {
    let form =
        account.form_with_way_back("account/address", "address-title", "button-continue", "account-title");
    let frame = &form.frame;
    let lead = Some(frame.with("code-sent", "destination", masked));
    let fields = vec![Field::code(frame.t("label-code"))];
    let again = vec![("attribute".to_owned(), contact.attribute().to_owned())];
    let others = vec![Other::resend(frame, "account/address", again, problem.is_none())];
    let form = Form { lead, fields, others, ..form };
    form.repeating("attribute", contact.attribute()).repeating("destination", masked).but(problem)
}
