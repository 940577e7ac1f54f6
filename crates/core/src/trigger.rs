//! The points at which a pool's own functions are called: what they are told, and how they are reached. Where a function is not
//! called yet, what would call it fails: a check that a tenant put in front of sign-up or sign-in is never passed over.

mod aws;
mod calls;
mod code_key;
mod custom_message;
mod encryption_sdk;
mod failure;
mod functions;
mod lambda;
mod sender;
mod share;
mod target;
pub(crate) mod token_generation;

use std::collections::BTreeMap;
use std::pin::Pin;

pub use aws::AwsOptions;
pub(crate) use calls::*;
pub use code_key::{SenderKey, sender_key};
use cognate_store::message::{Medium, MessageBody, NewMessage};
use cognate_store::user::Attributes;
use cognate_store::user_pool::{Alias, Contact, Trigger};
use cognate_store::{AppClientId, User, UserId, UserPool, UserStatus};
pub use failure::CallFailure;
use functions::Event;
pub use functions::{Functions, Options, Patience, secrets, within};
pub use sender::Unsent;
pub(crate) use sender::sends_to;
use serde_json::{Value, json};
pub use target::Mapping;
use uuid::Uuid;

use crate::app_client::ClientContext;
use crate::origin::Origin;
use crate::{App, Error, Result, language};

/// What came with a request for the pool's functions.
#[derive(Debug, Clone, Default)]
pub struct Metadata {
    /// For those that come before a sign-up, a sign-in or a migration.
    pub validation: BTreeMap<String, String>,
    /// For the others.
    pub client: BTreeMap<String, String>,
}

impl Metadata {
    /// What a request says to all but the functions that validate.
    pub fn of_client(metadata: Option<BTreeMap<String, String>>) -> Self {
        Self { client: metadata.unwrap_or_default(), ..Self::default() }
    }
}

/// Who made the request that functions are called for.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// The client, where there is one.
    pub client: Option<&'a AppClientId>,
    /// Where the request comes from.
    pub origin: &'a Origin,
    /// What came with it.
    pub metadata: &'a Metadata,
}

impl<'a> Caller<'a> {
    pub(crate) fn of(context: &'a ClientContext) -> Self {
        Self { client: Some(&context.client.id), origin: &context.origin, metadata: &context.metadata }
    }
}

/// Whom a function is called about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// Their username, or what nobody is called.
    pub name: &'a str,
    /// What they have; nobody has nothing.
    pub user: Option<(UserId, UserStatus, &'a Attributes)>,
}

impl<'a> From<&'a User> for Subject<'a> {
    fn from(user: &'a User) -> Self {
        Self { name: &user.username, user: Some((user.id, user.status, &user.attributes)) }
    }
}

impl<'a> Subject<'a> {
    /// A user, or nobody, who is called that.
    pub(crate) fn named(name: &'a str, user: Option<&'a User>) -> Self {
        Self { name, user: user.and_then(|user| Self::from(user).user) }
    }

    /// The languages that they would rather read a message in, best first.
    pub(crate) fn languages(&self, origin: &Origin) -> Vec<String> {
        self.user.map_or_else(Vec::new, |(_, _, attributes)| language::of_reader(attributes, origin))
    }

    /// Their attributes as functions are told them.
    fn attributes(&self, pool: &UserPool) -> Attributes {
        let Some((id, status, attributes)) = self.user else { return Attributes::new() };
        let mut told = with_aliases(pool, attributes);
        told.insert("sub".to_owned(), id.to_string());
        told.insert("cognito:user_status".to_owned(), status.as_str().to_owned());
        told
    }
}

/// Somebody's attributes with the address that a message goes to, which may be about to become theirs.
fn reached(pool: &UserPool, subject: Subject<'_>, body: &MessageBody) -> Attributes {
    let mut told = subject.attributes(pool);
    let contact = match body.medium {
        Medium::Email => Contact::Email,
        Medium::Sms => Contact::PhoneNumber,
    };
    let before = told.insert(contact.attribute().to_owned(), body.destination.clone());
    if before.is_some_and(|before| before != body.destination) {
        told.insert(contact.verified_attribute().to_owned(), "false".to_owned());
    }
    told
}

/// Attributes, with those that are aliases once more under the names that say so.
fn with_aliases(pool: &UserPool, attributes: &Attributes) -> Attributes {
    let mut told = attributes.clone();
    for (alias, name) in
        [(Alias::Email, "cognito:email_alias"), (Alias::PhoneNumber, "cognito:phone_number_alias")]
    {
        let value = attributes.get(alias.attribute());
        if let Some(value) = value.filter(|_| pool.settings.alias_attributes.contains(&alias)) {
            told.insert(name.to_owned(), value.clone());
        }
    }
    told
}

/// What the event of an operation without a client says in place of one.
const NO_CLIENT: &str = "CLIENT_ID_NOT_APPLICABLE";
const UNKNOWN_SDK: &str = "aws-sdk-unknown-unknown";

/// The name and version of the AWS SDK that a request was made with, where its user agent begins with them.
fn sdk(origin: &Origin) -> String {
    let product =
        origin.user_agent().and_then(|agent| agent.split(' ').find(|it| it.starts_with("aws-sdk-")));
    let named = product.and_then(|product| product.split_once('/'));
    let is_plain =
        |text: &str| text.len() <= 40 && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    match named {
        Some((name, version)) if is_plain(name) && is_plain(version) => format!("{name}-{version}"),
        _ => UNKNOWN_SDK.to_owned(),
    }
}

/// An event as a function gets it; its response is prefilled with what it may say.
fn event(
    app: &App,
    pool: &UserPool,
    caller: &Caller<'_>,
    (version, source): (&str, &str),
    name: &str,
    request: Value,
    response: Value,
) -> Value {
    json!({
        "version": version,
        "triggerSource": source,
        "region": app.place.region,
        "userPoolId": pool.id.as_str(),
        "userName": name,
        "callerContext": {
            "awsSdkVersion": sdk(caller.origin),
            "clientId": caller.client.map_or(NO_CLIENT, AppClientId::as_str),
        },
        "request": request,
        "response": response,
    })
}

/// Whether a pool has a function at a point.
pub(crate) fn has(pool: &UserPool, trigger: Trigger) -> bool {
    pool.settings.triggers.functions.contains_key(&trigger)
}

/// Calls the function of a pool at a point, and returns the `response` of the event it answers.
///
/// # Errors
/// [`Error::TriggerFailed`], [`Error::TriggerRefused`], [`Error::TriggerAnswer`].
async fn call(app: &App, pool: &UserPool, trigger: Trigger, event: Value) -> Result<Value> {
    // A call is large, and most requests make none.
    let calling: Pin<Box<dyn Future<Output = Result<Value>> + Send + '_>> = Box::pin(app.functions.call(
        pool,
        trigger,
        Event { id: Uuid::new_v4(), body: &event, code: None },
        app.clock.now(),
    ));
    calling.await
}

/// A member of an answer that says yes or no; nothing is no.
fn flag(said: &Value, member: &str, trigger: Trigger) -> Result<bool> {
    match &said[member] {
        Value::Null => Ok(false),
        Value::Bool(flag) => Ok(*flag),
        _ => Err(Error::TriggerAnswer(trigger)),
    }
}

/// A member of an answer that is a text; nothing and an empty one are none.
fn text(said: &Value, member: &str, longest: usize, trigger: Trigger) -> Result<Option<String>> {
    match &said[member] {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) if text.chars().count() <= longest => Ok(Some(text.clone())),
        _ => Err(Error::TriggerAnswer(trigger)),
    }
}

/// Has the page that a message is asked for at word it, or through the API the owner's own texts of pages, and the pool's functions see
/// to it before it is queued: the one that sends it, or else the one that words it.
///
/// # Errors
/// As [`call`]; [`Error::TriggerAnswer`] for words without the code.
pub(crate) async fn see_to(
    app: &App,
    pool: &UserPool,
    caller: &Caller<'_>,
    subject: Subject<'_>,
    message: &mut NewMessage,
) -> Result<()> {
    let is_by_link = message.body.is_by_link(&pool.settings);
    let body = &message.body;
    message.body.page_words = match caller.origin.words(body.occasion, body.medium, is_by_link) {
        Some(words) => Some(words),
        None => app.wording.words(app, pool, caller.client, body).await,
    };
    if sender::take(app, pool, caller, subject, message) {
        return Ok(());
    }
    custom_message::word(app, pool, caller, subject, message).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_of_a_caller_is_read_from_its_user_agent() {
        for (agent, expected) in [
            ("aws-sdk-js/2.6.4 linux/v8 Cognito", "aws-sdk-js-2.6.4"),
            ("x y aws-sdk-rust/1.3.7 ua/2.1", "aws-sdk-rust-1.3.7"),
            ("Boto3/1.44 md/Botocore", UNKNOWN_SDK),
            ("aws-sdk-\"evil\"/1", UNKNOWN_SDK),
            ("", UNKNOWN_SDK),
        ] {
            assert_eq!(sdk(&Origin::new(None, Some(agent))), expected, "{agent}");
        }
        assert_eq!(sdk(&Origin::default()), UNKNOWN_SDK);
    }
}
