//! Taking something away from an account, which is asked about first.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::ServiceConfig;
use cognate_core::token::revoke;
use cognate_core::user::{passkey, second_factor};
use cognate_core::{Error, Result, device, user_session};
use cognate_store::second_factor::SecondFactor;
use cognate_store::user_session::SessionKind;

use super::super::Answered;
use super::super::form::Form;
use super::overview::{self, Said};
use super::{Account, act};
use crate::aws::session_id;
use crate::parameters::Parameters;

pub(super) fn routes(config: &mut ServiceConfig) {
    act(config, "account/remove", remove);
}

/// What can be taken away: as forms name it, what is asked, and what is said once it is done.
const KINDS: [Kind; 5] = [
    Kind { name: "passkey", asks: "remove-passkey", button: "button-remove", done: "passkey-removed" },
    Kind { name: "device", asks: "forget-device", button: "button-forget", done: "device-forgotten" },
    Kind { name: "session", asks: "end-session", button: "button-sign-out", done: "session-ended" },
    Kind { name: "factor", asks: "turn-off", button: "button-turn-off", done: "factor-turned-off" },
    Kind {
        name: EVERYWHERE,
        asks: "sign-out-everywhere",
        button: "button-sign-out-everywhere",
        done: "signed-out",
    },
];
const EVERYWHERE: &str = "everywhere";

struct Kind {
    name: &'static str,
    asks: &'static str,
    button: &'static str,
    done: &'static str,
}

async fn remove(account: Account, form: Parameters) -> Answered {
    let named = form.get("kind").unwrap_or_default();
    let Some(kind) = KINDS.iter().find(|kind| kind.name == named) else {
        return overview::show(&account, Said::Nothing).await;
    };
    let id = form.get("id").unwrap_or_default();
    if form.get("confirmed").is_none() {
        return Ok(question(&account, kind, id, form.get("name").unwrap_or_default()).show(&account.visit));
    }
    match take_away(&account, kind, id).await {
        Ok(()) if kind.name == EVERYWHERE => Ok(signed_out(&account)),
        // What is gone already is as it should be.
        Ok(()) | Err(Error::Passkey(_) | Error::DeviceNotFound | Error::SessionNotFound) => {
            overview::show(&account, Said::Note(kind.done)).await
        }
        Err(Error::InvalidParameter(_)) if kind.name == "factor" => {
            overview::show(&account, Said::Problem(account.visit.words.of("factor-needed"))).await
        }
        Err(error) => Err(account.visit.failed(&error).into()),
    }
}

/// Asks about it, by its name.
fn question(account: &Account, kind: &Kind, id: &str, name: &str) -> Form {
    let form = account.form("account/remove", &format!("{}-title", kind.asks), kind.button);
    let lead = form.frame.with(&format!("{}-lead", kind.asks), "name", name);
    let form = Form { lead: Some(lead), ..form };
    form.repeating("kind", kind.name).repeating("id", id).repeating("confirmed", "1")
}

async fn take_away(account: &Account, kind: &Kind, id: &str) -> Result<()> {
    let (app, holder) = (&account.visit.server.app, &account.holder);
    match kind.name {
        "passkey" => passkey::delete(app, holder, id).await,
        "device" => device::forget(app, &holder.pool, &holder.user, id, None).await,
        "session" => {
            // A device is not what it was let in with.
            let session = session_id::session(id)?;
            user_session::revoke_other(app, holder, session, session.0 == SessionKind::Browser).await
        }
        "factor" => {
            let factor = SecondFactor::parse(id).ok_or_else(|| Error::invalid("no such factor"))?;
            second_factor::switch(app, &holder.pool, &holder.user, factor, false).await
        }
        _ => revoke::global_sign_out(app, holder).await,
    }
}

/// Nobody is signed in any more, with this browser either.
fn signed_out(account: &Account) -> HttpResponse {
    let mut response = account.visit.refused(StatusCode::OK, "signed-out");
    let _ = response.add_cookie(&account.visit.jar().forget());
    response
}
