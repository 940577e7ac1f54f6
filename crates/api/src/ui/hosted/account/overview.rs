//! The page that shows an account.

use actix_web::http::StatusCode;
use askama::Template;
use cognate_core::device;
use cognate_core::origin::Origin;
use cognate_core::user::{attribute, passkey, password, second_factor};
use cognate_core::{Result, app_client, user_session};
use cognate_store::Timestamp;
use cognate_store::passkey::Passkey;
use cognate_store::second_factor::SecondFactor;
use cognate_store::user_pool::Contact;
use cognate_store::user_session::tracking::TrackedSession;

use super::super::form::Link;
use super::super::shell::Shell;
use super::super::step::factor_name;
use super::super::{Answered, Frame, attribute as field, sign_in};
use super::{Account, attributes};
use crate::aws::session_id;

/// The most of a kind that is shown.
const MOST: i32 = 60;

/// The page.
#[derive(Template)]
#[template(path = "hosted/account.html")]
struct Overview {
    shell: Shell,
    frame: Frame,
    lead: String,
    /// What to think of first.
    caution: Option<String>,
    note: Option<String>,
    problem: Option<String>,
    sections: Vec<Section>,
    links: Vec<Link>,
}

/// A part of an account.
struct Section {
    id: &'static str,
    heading: String,
    /// What there is to know of it.
    lead: Option<String>,
    rows: Vec<Row>,
    acts: Vec<Act>,
}

/// One thing of an account.
#[derive(Default)]
struct Row {
    /// What the acts are described by.
    id: String,
    title: String,
    /// What else is said of it.
    details: Vec<String>,
    acts: Vec<Act>,
}

/// What can be done with something: a page to go to, or a form to send.
struct Act {
    text: String,
    action: String,
    /// What the form says; none for a page.
    says: Option<Vec<(&'static str, String)>>,
}

/// What is said at the top.
pub(super) enum Said {
    Nothing,
    /// Good news, by the name of its text.
    Note(&'static str),
    /// What is wrong.
    Problem(String),
}

/// Shows it.
pub(super) async fn show(account: &Account, said: Said) -> Answered {
    let visit = &account.visit;
    let frame = visit.frame();
    let sections = sections(account, &frame).await.map_err(|error| visit.failed(&error))?;
    let (note, problem) = match said {
        Said::Nothing => (None, None),
        Said::Note(id) => (Some(frame.t(id)), None),
        Said::Problem(text) => (None, Some(text)),
    };
    let back = visit.authorization.named_redirect().map(|uri| Link {
        lead: None,
        text: frame.with("link-back-to-app", "app", &frame.app),
        href: uri.to_owned(),
    });
    let sign_out =
        Link { lead: None, text: frame.t("button-sign-out"), href: format!("{}/logout", frame.base) };
    let links = back.into_iter().chain([sign_out]).collect();
    let mut shell = visit.shell();
    shell.languages = visit.languages("account");
    let lead = frame.with("signed-in-as", "name", account.name());
    let token = frame.form_token.clone();
    let caution = sign_in::stranger(visit);
    let page = Overview { shell, frame, lead, caution, note, problem, sections, links };
    Ok(visit.show(StatusCode::OK, &page, &token))
}

async fn sections(account: &Account, frame: &Frame) -> Result<Vec<Section>> {
    let mut sections = vec![profile(account, frame), passwords(account, frame).await?];
    sections.extend(factors(account, frame).await?);
    sections.extend(passkeys(account, frame).await?);
    sections.extend(devices(account, frame).await?);
    sections.push(sessions(account, frame).await?);
    Ok(sections)
}

impl Section {
    fn new(id: &'static str, frame: &Frame, mut rows: Vec<Row>) -> Self {
        for (index, row) in rows.iter_mut().enumerate() {
            row.id = format!("{id}-{index}");
        }
        Self { id, heading: frame.t(id), lead: None, rows, acts: Vec::new() }
    }
}

impl Act {
    fn page(frame: &Frame, text: &str, page: &str) -> Self {
        Self { text: frame.t(text), action: frame.to(page), says: None }
    }

    fn form(frame: &Frame, text: &str, page: &str, says: Vec<(&'static str, String)>) -> Self {
        Self { says: Some(says), ..Self::page(frame, text, page) }
    }

    /// Asks whether something is to go.
    fn removal(frame: &Frame, text: &str, kind: &str, id: &str, name: &str) -> Self {
        let says = [("kind", kind), ("id", id), ("name", name)].map(|(name, value)| (name, value.to_owned()));
        Self::form(frame, text, "account/remove", says.into())
    }
}

/// What is known of the user, as far as the client may read it.
fn profile(account: &Account, frame: &Frame) -> Section {
    let (holder, visit) = (&account.holder, &account.visit);
    let (settings, user) = (&holder.pool.settings, &holder.user);
    let shown = settings.schema.iter().filter(|it| {
        let is_own = !attribute::only_administrators_write(&it.name);
        is_own && attribute::is_readable(settings, &holder.client, &it.name)
    });
    let rows = shown.filter_map(|it| {
        let value = user.attributes.get(&it.name)?;
        let title = field::field(visit, &it.name).label;
        let mut row = Row { title, details: vec![value.clone()], ..Row::default() };
        let contact =
            [Contact::Email, Contact::PhoneNumber].into_iter().find(|contact| contact.attribute() == it.name);
        if let Some(contact) = contact.filter(|contact| !user.is_verified(*contact)) {
            row.details.push(frame.t("state-unconfirmed"));
            if visit.server.app.reaches(&holder.pool, contact) {
                let says = vec![("attribute", it.name.clone())];
                row.acts.push(Act::form(frame, "button-confirm-address", "account/address", says));
            }
        }
        Some(row)
    });
    let rows = rows.collect();
    let acts = match attributes::editable(account).is_empty() {
        true => Vec::new(),
        false => vec![Act::page(frame, "button-edit", "account/profile")],
    };
    Section { acts, ..Section::new("account-profile", frame, rows) }
}

async fn passwords(account: &Account, frame: &Frame) -> Result<Section> {
    let has_one = password::is_set(&account.visit.server.app, &account.holder).await?;
    let (lead, act) = match has_one {
        true => ("password-is-set", "button-change"),
        false => ("password-is-missing", "button-set-password"),
    };
    let acts = vec![Act::page(frame, act, "account/password")];
    Ok(Section { lead: Some(frame.t(lead)), acts, ..Section::new("label-password", frame, Vec::new()) })
}

async fn factors(account: &Account, frame: &Frame) -> Result<Option<Section>> {
    let (app, holder) = (&account.visit.server.app, &account.holder);
    let offered = second_factor::offered(app, &holder.pool, &holder.user).await?;
    if offered.is_empty() {
        return Ok(None);
    }
    let on = offered.iter().filter(|it| it.is_on).count();
    let rows = offered.iter().map(|it| {
        let says = |act: &str| vec![("factor", it.factor.as_str().to_owned()), ("act", act.to_owned())];
        let title = frame.t(factor_name(it.factor));
        let mut acts = Vec::new();
        if it.factor == SecondFactor::SoftwareToken {
            let text = if it.is_set_up { "button-another-app" } else { "button-set-up" };
            acts.push(Act::form(frame, text, "account/app", Vec::new()));
        }
        if it.is_on && it.is_set_up && on > 1 && !it.is_preferred {
            acts.push(Act::form(frame, "button-ask-first", "account/factor", says("first")));
        }
        if it.is_on {
            acts.push(Act::removal(frame, "button-turn-off", "factor", it.factor.as_str(), &title));
        } else if it.is_set_up {
            acts.push(Act::form(frame, "button-turn-on", "account/factor", says("on")));
        }
        let mut details = vec![frame.t(if it.is_on { "state-on" } else { "state-off" })];
        details.extend(it.name.clone());
        if it.is_on && it.is_preferred && on > 1 {
            details.push(frame.t("state-first"));
        }
        Row { title, details, acts, ..Row::default() }
    });
    let rows = rows.collect();
    let lead = Some(frame.t("account-factors-lead"));
    Ok(Some(Section { lead, ..Section::new("account-factors", frame, rows) }))
}

async fn passkeys(account: &Account, frame: &Frame) -> Result<Option<Section>> {
    let (visit, holder) = (&account.visit, &account.holder);
    let app = &visit.server.app;
    let (passkeys, _) = passkey::list(app, holder, MOST, None).await?;
    let is_offered = passkey::is_offered(app, &holder.pool, &visit.site).await?;
    if passkeys.is_empty() && !is_offered {
        return Ok(None);
    }
    let row = |it: &Passkey| {
        let title = frame.t(match it.attachment.as_deref() {
            Some("platform") => "passkey-of-device",
            _ => "passkey-portable",
        });
        let added = frame.with("added-on", "date", &date(it.created_at));
        let name = format!("{title} ({added})");
        let id = cognate_core::passkey::id_text(it);
        let acts = vec![Act::removal(frame, "button-remove", "passkey", &id, &name)];
        Row { title, details: vec![added], acts, ..Row::default() }
    };
    let lead = passkeys.is_empty().then(|| frame.t("add-passkey-lead"));
    let acts = match is_offered && passkeys.len() < cognate_store::passkey::MOST as usize {
        true => vec![Act::page(frame, "button-add-passkey", "passkeys/add")],
        false => Vec::new(),
    };
    let rows = passkeys.iter().map(row).collect();
    Ok(Some(Section { lead, acts, ..Section::new("account-passkeys", frame, rows) }))
}

async fn devices(account: &Account, frame: &Frame) -> Result<Option<Section>> {
    let (app, holder) = (&account.visit.server.app, &account.holder);
    if holder.pool.settings.devices.is_none() {
        return Ok(None);
    }
    let (devices, _) = device::list(app, &holder.pool, &holder.user, MOST, None).await?;
    if devices.is_empty() {
        return Ok(None);
    }
    let rows = devices.iter().map(|it| {
        let title = it.name.as_deref().map(clean).unwrap_or_else(|| frame.t("unknown-device"));
        let details = vec![frame.with("last-used-on", "date", &date(it.authenticated_at))];
        let acts = vec![Act::removal(frame, "button-forget", "device", &it.key, &title)];
        Row { title, details, acts, ..Row::default() }
    });
    let rows = rows.collect();
    Ok(Some(Section::new("account-devices", frame, rows)))
}

/// Where the user is signed in: with browsers, and in apps that no browser that is listed opened; and on devices that they let in, which
/// go on whatever becomes of the browser they did it with.
async fn sessions(account: &Account, frame: &Frame) -> Result<Section> {
    let (app, holder) = (&account.visit.server.app, &account.holder);
    let everywhere = Act::removal(frame, "button-sign-out-everywhere", "everywhere", "", "");
    let acts = vec![everywhere];
    if !holder.pool.settings.session_tracking.enabled {
        let lead = Some(frame.t("account-sessions-untracked"));
        return Ok(Section { lead, acts, ..Section::new("account-sessions", frame, Vec::new()) });
    }
    let sessions = user_session::list(app, &holder.pool, &holder.user).await?;
    let is_listed = |id| sessions.iter().any(|it| it.id == id);
    let mut rows = Vec::new();
    let is_apart = |it: &&TrackedSession| it.sid.is_none() || !it.opened_by.is_some_and(is_listed);
    for it in sessions.iter().filter(is_apart) {
        rows.push(session(account, frame, it).await?);
    }
    Ok(Section { acts, ..Section::new("account-sessions", frame, rows) })
}

async fn session(account: &Account, frame: &Frame, it: &TrackedSession) -> Result<Row> {
    let (app, holder) = (&account.visit.server.app, &account.holder);
    let title = it.device.clone().unwrap_or_else(|| frame.t("unknown-device"));
    let client = app_client::of_pool(app, &holder.pool.id, &it.client, Origin::default()).await.ok();
    let mut details: Vec<_> = client.map(|context| context.client.name.clone()).into_iter().collect();
    details.extend(it.address.clone());
    details.push(frame.with("last-used-on", "date", &date(it.last_active_at)));
    if it.id == holder.session.id {
        details.insert(0, frame.t("this-browser"));
        return Ok(Row { title, details, ..Row::default() });
    }
    let id = session_id::of(it.kind, it.id);
    let acts = vec![Act::removal(frame, "button-sign-out", "session", &id, &title)];
    Ok(Row { title, details, acts, ..Row::default() })
}

/// What an app called a device, as far as it fits on a page.
fn clean(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(100).collect()
}

/// A day as it is written anywhere (ISO 8601), whichever way the words around it are.
fn date(at: Timestamp) -> String {
    at.format("\u{2066}%Y-%m-%d\u{2069}").to_string()
}
