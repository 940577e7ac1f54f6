//! Words that a pool's function gives a message.

use cognate_store::UserPool;
use cognate_store::message::{CustomWords, Medium, NewMessage, Occasion};
use cognate_store::user_pool::Trigger;
use serde_json::{Value, json};

use super::{Caller, Subject, call, event, has, reached, text};
use crate::{App, Error, Result};

const CODE: &str = "{####}";
const LINK: &str = "{##Click Here##}";
const USERNAME: &str = "{username}";

/// The longest words (the model's limits for templates).
const LONGEST_EMAIL: usize = 20_000;
const LONGEST_SUBJECT: usize = 140;
const LONGEST_SMS: usize = 140;

/// Has the pool's function word a message that is about to be queued.
///
/// # Errors
/// As [`call`]; [`Error::TriggerAnswer`] for words without the code.
pub(super) async fn word(
    app: &App,
    pool: &UserPool,
    caller: &Caller<'_>,
    subject: Subject<'_>,
    message: &mut NewMessage,
) -> Result<()> {
    let (medium, occasion, trigger) = (message.body.medium, message.body.occasion, Trigger::CustomMessage);
    let Some(source) = source(occasion).filter(|_| has(pool, trigger)) else { return Ok(()) };
    let is_invitation = occasion == Occasion::Invitation;
    let request = json!({
        "userAttributes": reached(pool, subject, &message.body),
        "codeParameter": CODE,
        "linkParameter": LINK,
        "usernameParameter": is_invitation.then_some(USERNAME),
        "clientMetadata": caller.metadata.client,
    });
    let response = json!({ "smsMessage": null, "emailMessage": null, "emailSubject": null });
    let event = event(app, pool, caller, ("1", source), subject.name, request, response);
    let said = call(app, pool, trigger, event).await?;
    message.body.words = words(message.body.is_by_link(&pool.settings), &said, medium, occasion)?;
    Ok(())
}

fn words(is_by_link: bool, said: &Value, medium: Medium, occasion: Occasion) -> Result<Option<CustomWords>> {
    let trigger = Trigger::CustomMessage;
    let words = match medium {
        Medium::Sms => CustomWords {
            subject: None,
            body: text(said, "smsMessage", LONGEST_SMS, trigger)?,
            by_link: false,
        },
        Medium::Email => {
            let body = text(said, "emailMessage", LONGEST_EMAIL, trigger)?;
            let by_link = is_by_link && body.as_deref().is_some_and(|body| !body.contains(CODE));
            let subject = text(said, "emailSubject", LONGEST_SUBJECT, trigger)?;
            CustomWords { subject, body, by_link }
        }
    };
    if let Some(body) = &words.body {
        let has_link = || body.split_once("{##").is_some_and(|(_, rest)| rest.contains("##}"));
        let has_code = if words.by_link { has_link() } else { body.contains(CODE) };
        let has_name = occasion != Occasion::Invitation || body.contains(USERNAME);
        if !has_code || !has_name {
            return Err(Error::TriggerAnswer(trigger));
        }
    }
    Ok((words.body.is_some() || words.subject.is_some()).then_some(words))
}

/// What the function is called for, where it is: notices have templates of their own.
fn source(occasion: Occasion) -> Option<&'static str> {
    Some(match occasion {
        Occasion::SignUp => "CustomMessage_SignUp",
        Occasion::ResendCode => "CustomMessage_ResendCode",
        Occasion::ForgotPassword => "CustomMessage_ForgotPassword",
        Occasion::UpdateAttribute => "CustomMessage_UpdateUserAttribute",
        Occasion::VerifyAttribute => "CustomMessage_VerifyUserAttribute",
        Occasion::Invitation => "CustomMessage_AdminCreateUser",
        Occasion::SignIn | Occasion::SecondFactor => "CustomMessage_Authentication",
        Occasion::SignInNotice => return None,
    })
}
