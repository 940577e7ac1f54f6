//! Functions that send a pool's messages in place of the server. What they are told is kept with the message; the code in it is
//! encrypted for them as it leaves.

use std::time::Duration;

use cognate_store::message::{Medium, MessageBody, NewMessage, Occasion};
use cognate_store::user_pool::{Contact, Trigger};
use cognate_store::{Timestamp, UserPool};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::CallFailure;
use super::functions::{Event, Functions};
use super::share::PAUSE;
use super::{Caller, Subject, event, has, reached};
use crate::user::code;
use crate::{App, Error};

fn trigger(medium: Medium) -> Trigger {
    match medium {
        Medium::Email => Trigger::CustomEmailSender,
        Medium::Sms => Trigger::CustomSMSSender,
    }
}

/// Whether a function of the pool sends what goes to that kind of address.
pub(crate) fn sends_to(pool: &UserPool, contact: Contact) -> bool {
    has(pool, trigger(code::medium(contact)))
}

/// Leaves a message that is about to be queued to the pool's function, where it has one for it.
pub(super) fn take(
    app: &App,
    pool: &UserPool,
    caller: &Caller<'_>,
    subject: Subject<'_>,
    message: &mut NewMessage,
) -> bool {
    let trigger = trigger(message.body.medium);
    if !has(pool, trigger) {
        return false;
    }
    let kind = match message.body.medium {
        Medium::Email => "customEmailSenderRequestV1",
        Medium::Sms => "customSMSSenderRequestV1",
    };
    let request = json!({
        "type": kind,
        "code": null,
        "clientMetadata": caller.metadata.client,
        "userAttributes": reached(pool, subject, &message.body),
    });
    let source = format!("{}_{}", trigger.name(), source(message.body.occasion));
    message.body.event = Some(event(app, pool, caller, ("1", &source), subject.name, request, json!({})));
    true
}

/// What the function is called for.
fn source(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::SignUp => "SignUp",
        Occasion::ResendCode => "ResendCode",
        Occasion::ForgotPassword => "ForgotPassword",
        Occasion::UpdateAttribute => "UpdateUserAttribute",
        Occasion::VerifyAttribute => "VerifyUserAttribute",
        Occasion::Invitation => "AdminCreateUser",
        Occasion::SignIn | Occasion::SecondFactor => "Authentication",
        Occasion::SignInNotice => "AccountTakeOverNotification",
    }
}

impl Functions {
    /// The function that sends a message; none where a gateway does.
    pub fn sender(&self, pool: &UserPool, body: &MessageBody) -> Option<Trigger> {
        let trigger = trigger(body.medium);
        (body.event.is_some() && has(pool, trigger)).then_some(trigger)
    }

    /// Has a function send a message: whatever it answers, it has it. It gets the message's own id every time.
    ///
    /// # Errors
    /// Why it does not have it.
    pub async fn send(
        &self,
        (pool, id, body): (&UserPool, Uuid, &MessageBody),
        trigger: Trigger,
        now: Timestamp,
    ) -> Result<(), Unsent> {
        let event = body.event.clone().unwrap_or_default();
        let code = (body.occasion != Occasion::SignInNotice).then(|| Zeroizing::new(told(body)));
        let event = Event { id, body: &event, code: code.as_ref().map(|code| code.as_str()) };
        let name = trigger.name();
        match self.call(pool, trigger, event, now).await {
            Ok(_) | Err(Error::TriggerAnswer(_)) => Ok(()),
            Err(Error::TriggerFailed(_, CallFailure::Paused)) => Err(Unsent::Paused(PAUSE)),
            Err(Error::TriggerFailed(_, why)) => Err(Unsent::Failed(format!("{name} was not called: {why}"))),
            // What it says may repeat the address or the code.
            Err(Error::TriggerRefused(..)) => Err(Unsent::Raised(format!("{name} raised an error"))),
            Err(_) => Err(Unsent::Failed(format!("{name} could not be called"))),
        }
    }
}

/// Why a function does not have a message, in words for the operator without address and code (LOG-1).
#[derive(Debug)]
pub enum Unsent {
    /// It is left alone for so long.
    Paused(Duration),
    /// It was not reached.
    Failed(String),
    /// It raised an error.
    Raised(String),
}

/// The code, or a temporary password with what HTML gives a meaning to escaped, as Cognito does.
fn told(body: &MessageBody) -> String {
    match body.occasion {
        Occasion::Invitation => body.code.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        _ => body.code.clone(),
    }
}
