//! The points at which a pool's own functions are called. Few are called yet, so what would call another one fails: a check
//! that a tenant put in front of sign-up or sign-in is never passed over.

use std::fmt::Debug;
use std::pin::Pin;

use cognate_store::user_pool::{Contact, Trigger};
use cognate_store::{AppClient, User, UserPool};
use serde_json::{Value, json};

use crate::{App, Error, Result};

/// What a function is handed, and what it answers: the event in AWS's form, and its `response`.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Value>> + Send + 'a>>;

/// How the functions of pools are called.
pub trait Functions: Debug + Send + Sync {
    /// Calls a pool's function at a point, and returns the `response` of the event it answers.
    ///
    /// # Errors
    /// [`Error::TriggerFailed`], [`Error::TriggerRefused`], [`Error::TriggerAnswer`].
    fn call<'a>(&'a self, pool: &'a UserPool, trigger: Trigger, event: Value) -> Answer<'a>;
}

/// No way to call functions: whatever would call one fails.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFunctions;

impl Functions for NoFunctions {
    fn call<'a>(&'a self, _: &'a UserPool, trigger: Trigger, _: Value) -> Answer<'a> {
        Box::pin(async move { Err(Error::TriggerFailed(trigger)) })
    }
}

/// Calls the function of a pool at a point about somebody who signs in; the name is theirs, or what nobody was called.
///
/// # Errors
/// As [`Functions::call`].
pub(crate) async fn call(
    app: &App,
    pool: &UserPool,
    client: &AppClient,
    trigger: Trigger,
    source: &str,
    (name, user): (&str, Option<&User>),
    mut request: Value,
) -> Result<Value> {
    let attributes = user.map(|user| {
        let mut attributes = user.attributes.clone();
        attributes.insert("sub".to_owned(), user.id.to_string());
        attributes.insert("cognito:user_status".to_owned(), user.status.as_str().to_owned());
        attributes
    });
    request["userAttributes"] = json!(attributes.unwrap_or_default());
    request["userNotFound"] = json!(user.is_none());
    let event = json!({
        "version": "1",
        "triggerSource": source,
        "region": app.place.region,
        "userPoolId": pool.id.as_str(),
        "userName": name,
        "callerContext": { "awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client.id.as_str() },
        "request": request,
        "response": {},
    });
    app.functions.call(pool, trigger, event).await
}

/// What words or sends a message to that kind of address.
pub(crate) fn messages(contact: Contact) -> [Trigger; 2] {
    match contact {
        Contact::Email => [Trigger::CustomMessage, Trigger::CustomEmailSender],
        Contact::PhoneNumber => [Trigger::CustomMessage, Trigger::CustomSMSSender],
    }
}

/// What is called as somebody signs in.
pub(crate) const SIGN_IN: [Trigger; 3] =
    [Trigger::PreAuthentication, Trigger::PostAuthentication, Trigger::PreTokenGeneration];

/// Refuses to go on where the pool has a function for one of these points.
///
/// # Errors
/// [`Error::TriggerFailed`].
pub(crate) fn none_of(pool: &UserPool, triggers: &[Trigger]) -> Result<()> {
    let functions = &pool.settings.triggers.functions;
    match triggers.iter().find(|trigger| functions.contains_key(trigger)) {
        Some(trigger) => Err(Error::TriggerFailed(*trigger)),
        None => Ok(()),
    }
}
