//! What functions are told and asked at each point of a user's way, and what of their answers is read (TRG-3).

use std::collections::BTreeMap;

use cognate_store::user::Attributes;
use cognate_store::user_pool::Trigger;
use cognate_store::{User, UserPool};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::{Caller, Subject, call, event, flag, has, with_aliases};
use crate::app_client::ClientContext;
use crate::{App, Error, Result};

/// The version of most events.
const VERSION: &str = "1";

/// What becomes of a sign-up by itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PreSignUp {
    pub confirm_user: bool,
    pub verify_email: bool,
    pub verify_phone_number: bool,
}

impl PreSignUp {
    /// Whether an address is proven by it.
    pub(crate) fn verifies(self) -> bool {
        self.verify_email || self.verify_phone_number
    }
}

/// Asks whether somebody may sign up, or be created. Nobody is told of by a `sub` yet.
///
/// # Errors
/// As [`call`].
pub(crate) async fn pre_sign_up(
    app: &App,
    pool: &UserPool,
    caller: &Caller<'_>,
    source: &str,
    name: &str,
    attributes: &Attributes,
) -> Result<PreSignUp> {
    let trigger = Trigger::PreSignUp;
    if !has(pool, trigger) {
        return Ok(PreSignUp::default());
    }
    let request = json!({
        "userAttributes": with_aliases(pool, attributes),
        "validationData": caller.metadata.validation,
        "clientMetadata": caller.metadata.client,
    });
    let response = json!({ "autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false });
    let event = event(app, pool, caller, (VERSION, source), name, request, response);
    let said = call(app, pool, trigger, event).await?;
    Ok(PreSignUp {
        confirm_user: flag(&said, "autoConfirmUser", trigger)?,
        verify_email: flag(&said, "autoVerifyEmail", trigger)?,
        verify_phone_number: flag(&said, "autoVerifyPhone", trigger)?,
    })
}

/// Tells of a user who was confirmed. What was done is done whatever the function says.
///
/// # Errors
/// As [`call`].
pub(crate) async fn post_confirmation(
    app: &App,
    pool: &UserPool,
    caller: &Caller<'_>,
    source: &str,
    subject: Subject<'_>,
) -> Result<()> {
    let trigger = Trigger::PostConfirmation;
    if !has(pool, trigger) {
        return Ok(());
    }
    let request = json!({
        "userAttributes": subject.attributes(pool),
        "clientMetadata": caller.metadata.client,
    });
    let event = event(app, pool, caller, (VERSION, source), subject.name, request, json!({}));
    call(app, pool, trigger, event).await.map(drop)
}

/// Asks whether somebody may try to sign in.
///
/// # Errors
/// As [`call`].
pub(crate) async fn pre_authentication(
    app: &App,
    context: &ClientContext,
    subject: Subject<'_>,
) -> Result<()> {
    let (pool, trigger) = (&context.pool, Trigger::PreAuthentication);
    if !has(pool, trigger) {
        return Ok(());
    }
    let request = json!({
        "userAttributes": subject.attributes(pool),
        "validationData": context.metadata.validation,
        "userNotFound": subject.user.is_none(),
    });
    let source = (VERSION, "PreAuthentication_Authentication");
    let event = event(app, pool, &Caller::of(context), source, subject.name, request, json!({}));
    call(app, pool, trigger, event).await.map(drop)
}

/// Tells of a user who has signed in, before there are tokens.
///
/// # Errors
/// As [`call`].
pub(crate) async fn post_authentication(
    app: &App,
    context: &ClientContext,
    user: &User,
    is_new_device: bool,
) -> Result<()> {
    let (pool, trigger) = (&context.pool, Trigger::PostAuthentication);
    if !has(pool, trigger) {
        return Ok(());
    }
    let request = json!({
        "userAttributes": Subject::from(user).attributes(pool),
        "newDeviceUsed": is_new_device,
        "clientMetadata": context.metadata.client,
    });
    let source = (VERSION, "PostAuthentication_Authentication");
    let event = event(app, pool, &Caller::of(context), source, &user.username, request, json!({}));
    call(app, pool, trigger, event).await.map(drop)
}

/// Calls one of the three functions of a pool's own challenges.
///
/// # Errors
/// As [`call`].
pub(crate) async fn challenge(
    app: &App,
    context: &ClientContext,
    trigger: Trigger,
    subject: Subject<'_>,
    mut request: Value,
) -> Result<Value> {
    let pool = &context.pool;
    request["userAttributes"] = json!(subject.attributes(pool));
    request["userNotFound"] = json!(subject.user.is_none());
    request["clientMetadata"] = json!(context.metadata.client);
    let response = match trigger {
        Trigger::DefineAuthChallenge => {
            json!({ "challengeName": null, "issueTokens": null, "failAuthentication": null })
        }
        Trigger::CreateAuthChallenge => {
            json!({ "publicChallengeParameters": null, "privateChallengeParameters": null, "challengeMetadata": null })
        }
        _ => json!({ "answerCorrect": null }),
    };
    let source = format!("{}_Authentication", trigger.name());
    let (source, caller) = ((VERSION, source.as_str()), Caller::of(context));
    let event = event(app, pool, &caller, source, subject.name, request, response);
    call(app, pool, trigger, event).await
}

/// A user as the function knows them that brings users over.
#[derive(Debug)]
pub(crate) struct Migrated {
    /// The name that they are to have, where it is not the one that was given.
    pub username: Option<String>,
    pub attributes: Attributes,
    /// Whether the password that was given is theirs from now on.
    pub is_confirmed: bool,
    /// Takes aliases away from whoever has them.
    pub force_alias_creation: bool,
}

/// Asks for a user whom the pool does not have.
///
/// # Errors
/// As [`call`].
pub(crate) async fn user_migration(
    app: &App,
    context: &ClientContext,
    source: &str,
    name: &str,
    password: Option<&SecretString>,
) -> Result<Option<Migrated>> {
    let (pool, trigger) = (&context.pool, Trigger::UserMigration);
    let mut request = json!({
        "validationData": context.metadata.validation,
        "clientMetadata": context.metadata.client,
    });
    if let Some(password) = password {
        request["password"] = json!(password.expose_secret());
    }
    let response = json!({
        "userAttributes": null,
        "finalUserStatus": null,
        "messageAction": null,
        "desiredDeliveryMediums": null,
        "forceAliasCreation": null,
        "enableSMSMFA": null,
    });
    let caller = Caller::of(context);
    let event = event(app, pool, &caller, (VERSION, source), name, request, response);
    let said = call(app, pool, trigger, event).await?;
    let unreadable = || Error::TriggerAnswer(trigger);
    let mut attributes = match &said["userAttributes"] {
        Value::Null => return Ok(None),
        given => BTreeMap::<String, String>::deserialize(given).map_err(|_| unreadable())?,
    };
    if attributes.is_empty() {
        return Ok(None);
    }
    let is_confirmed = match &said["finalUserStatus"] {
        Value::Null => false,
        Value::String(status) if status == "RESET_REQUIRED" => false,
        Value::String(status) if status == "CONFIRMED" => true,
        _ => return Err(unreadable()),
    };
    if flag(&said, "enableSMSMFA", trigger)? {
        // Kept as a preference, it would be asked for at once; what cannot be done is not passed over.
        return Err(unreadable());
    }
    Ok(Some(Migrated {
        username: attributes.remove("username"),
        attributes: attributes.into_iter().filter(|(name, _)| name != "sub").collect(),
        is_confirmed,
        force_alias_creation: flag(&said, "forceAliasCreation", trigger)?,
    }))
}
