//! The points at which a pool's own functions are called. Nothing calls them yet, so what would call one fails: a check
//! that a tenant put in front of sign-up or sign-in is never passed over.

use cognate_store::UserPool;
use cognate_store::user_pool::{Contact, Trigger};

use crate::{Error, Result};

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
