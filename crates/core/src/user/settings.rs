//! The legacy switch for codes by text message at sign-in (SetUserSettings).

use cognate_store::UserPool;
use cognate_store::user_pool::MfaRequirement;

use crate::{Error, Result};

/// Sets whether a user gets a code by text message at every sign-in. Nobody gets one yet, and who asks for it must not
/// believe to have it; that it stays off needs no change.
///
/// # Errors
/// [`Error::InvalidParameter`] when it is to be switched on.
pub fn set(pool: &UserPool, sms: bool) -> Result<()> {
    match (sms, pool.settings.mfa.requirement) {
        (false, _) => Ok(()),
        (true, MfaRequirement::Off) => Err(Error::invalid(
            "SMS MFA cannot be switched on for a user while MFA is off for the user pool.",
        )),
        (true, _) => Err(Error::invalid("SMS MFA is not supported by this server yet.")),
    }
}
