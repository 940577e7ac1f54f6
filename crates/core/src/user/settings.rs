//! The legacy switch for codes by text message at sign-in (SetUserSettings).

use cognate_store::second_factor::SecondFactor;
use cognate_store::user_pool::MfaRequirement;
use cognate_store::{User, UserPool};

use super::second_factor;
use crate::{App, Error, Result};

/// Sets whether a user is asked for a code by text message at every sign-in.
///
/// # Errors
/// [`Error::InvalidParameter`] when it is to be switched on where there is no such factor, or for a user without a phone number, and
/// when it is the last one that the pool demands.
pub async fn set(app: &App, pool: &UserPool, user: &User, sms: bool) -> Result<()> {
    match (sms, pool.settings.mfa.requirement) {
        (false, MfaRequirement::Off) => Ok(()),
        (true, MfaRequirement::Off) => Err(Error::invalid(
            "SMS MFA cannot be switched on for a user while MFA is off for the user pool.",
        )),
        (sms, _) => second_factor::switch(app, pool, user, SecondFactor::Sms, sms).await,
    }
}
