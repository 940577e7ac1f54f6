//! What comes with a request to sign in, and with an answer to a challenge.

use cognate_contract::{SensitiveMap, SensitiveString};
use cognate_core::app_client::ClientContext;
use cognate_core::auth::challenge::Answer;
use cognate_core::auth::choice::Evidence;
use cognate_core::auth::device::DeviceAnswer;
use cognate_core::auth::srp::Signed;
use cognate_core::device::Claimed;
use cognate_core::{Error, Result};
use cognate_store::user::Attributes;
use secrecy::SecretString;

use crate::aws::wire;

/// What comes with a request to sign in, or with an answer to a challenge.
pub(super) struct Parameters(pub(super) SensitiveMap);

impl Parameters {
    pub(super) fn optional(&mut self, key: &str) -> Option<String> {
        self.0.take(key).map(SensitiveString::into_inner)
    }

    pub(super) fn required(&mut self, key: &str) -> Result<String> {
        let value = self.optional(key).filter(|value| !value.is_empty());
        value.ok_or_else(|| Error::invalid(format!("Missing required parameter {key}")))
    }

    /// The device that a client says it is on; older ones send the key of one they do not have as an empty text.
    pub(super) fn name_device(&mut self, context: &mut ClientContext) {
        /// As long as the contract's `DeviceKeyType` may be.
        const LONGEST: usize = 55;
        if let Some(key) = self.optional("DEVICE_KEY").filter(|key| !key.is_empty()) {
            // No device has a longer one.
            let key = if key.len() > LONGEST { String::new() } else { key };
            context.device = Claimed::Known(key);
        }
    }

    /// What a client signed with the key of a handshake.
    pub(super) fn signed(&mut self) -> Result<Signed> {
        Ok(Signed {
            secret_block: self.required("PASSWORD_CLAIM_SECRET_BLOCK")?,
            signature: self.required("PASSWORD_CLAIM_SIGNATURE")?,
            timestamp: self.required("TIMESTAMP")?,
        })
    }

    /// What every answer of a device carries.
    pub(super) fn device_answer(
        &mut self,
        session: Option<SensitiveString>,
        context: &ClientContext,
    ) -> Result<DeviceAnswer> {
        let Claimed::Known(key) = &context.device else {
            return Err(Error::invalid("Missing required parameter DEVICE_KEY"));
        };
        Ok(DeviceAnswer {
            session: given(session)?,
            username: self.optional("USERNAME"),
            secret_hash: self.optional("SECRET_HASH"),
            key: key.clone(),
        })
    }

    /// What every answer carries.
    pub(super) fn answer(&mut self, session: Option<SensitiveString>) -> Result<Answer> {
        Ok(Answer {
            session: given(session)?,
            username: self.required("USERNAME")?,
            secret_hash: self.optional("SECRET_HASH"),
        })
    }

    pub(super) fn new_password(&mut self) -> Result<SecretString> {
        let password = self.optional("NEW_PASSWORD").map(SecretString::from);
        password.ok_or_else(|| {
            Error::invalid("Invalid attributes given, new password should be given with key NEW_PASSWORD.")
        })
    }

    pub(super) fn user_attributes(&self) -> Attributes {
        let named = |(key, value): (&String, &String)| {
            Some((key.strip_prefix("userAttributes.")?.to_owned(), value.clone()))
        };
        self.0.iter().filter_map(named).collect()
    }

    pub(super) fn evidence(&mut self) -> Evidence {
        Evidence {
            password: self.optional("PASSWORD").map(SecretString::from),
            client_public: self.optional("SRP_A"),
        }
    }
}

fn given(session: Option<SensitiveString>) -> Result<SecretString> {
    let session = session.ok_or_else(|| Error::invalid("Missing required parameter Session"))?;
    Ok(wire::secret(session))
}
