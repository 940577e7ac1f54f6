//! The keys that custom senders get codes under: of AWS KMS, or whatever speaks its protocol, where the operator set one up, and
//! otherwise the pool's own, one for each `KMSKeyID`.

use std::time::Duration;

use aws_sdk_kms::Client;
use aws_sdk_kms::error::ProvideErrorMetadata as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognate_store::{AccountId, UserPool};
use secrecy::SecretString;
use tokio::time::timeout;
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;
use zeroize::Zeroizing;

use super::aws::{Aws, AwsOptions};
use super::encryption_sdk::{self, Context, DataKey, KEY};
use super::target;
use crate::Error;

/// What the key's message is bound to, as Cognito's are.
const CONTEXT: &str = "userpool-id";
const KMS: &str = "aws-kms";
/// The name space of the pools' own keys.
const OWN: &str = "cognate";
const TIME: Duration = Duration::from_secs(5);

/// Where keys come from.
#[derive(Debug)]
pub(super) struct CodeKeys {
    kms: Option<Aws>,
    any_account: bool,
}

/// A key of the pool's own, which its functions decrypt codes with.
#[derive(Debug)]
pub struct SenderKey {
    /// The name space of the AWS Encryption SDK's raw AES keys.
    pub name_space: &'static str,
    /// Its name: the pool's `KMSKeyID`.
    pub name: String,
    /// Its 256 bits, in base64.
    pub key: SecretString,
}

/// The key that a pool's custom senders decrypt codes with where there is no KMS; none without a `KMSKeyID`.
pub fn sender_key(pool: &UserPool) -> Option<SenderKey> {
    let name = pool.settings.triggers.kms_key_arn.clone()?;
    let key = STANDARD.encode(own_key(pool, &name)).into();
    Some(SenderKey { name_space: OWN, name, key })
}

/// Another one for each name, so that another `KMSKeyID` is a new key.
fn own_key(pool: &UserPool, name: &str) -> [u8; KEY] {
    pool.key.digest("sender key", &[name.as_bytes()])
}

impl CodeKeys {
    pub(super) fn new(kms: Option<AwsOptions>, any_account: bool) -> Self {
        Self { kms: kms.map(Aws::new), any_account }
    }

    /// Why there can be no code under that `KMSKeyID`, in words for the operator.
    pub(super) fn leads_nowhere(&self, account: &AccountId, name: &str) -> Option<&'static str> {
        self.kms.as_ref().and_then(|_| region_of(account, name, self.any_account).err())
    }

    /// Encrypts a code for the pool's senders, as a message of the AWS Encryption SDK in base64.
    ///
    /// # Errors
    /// Why there is no key, in words for the operator.
    pub(super) async fn seal(&self, pool: &UserPool, code: &str) -> Result<String, String> {
        let name = pool.settings.triggers.kms_key_arn.as_deref().ok_or("the pool has no KMSKeyID")?;
        let context = Context::from([(CONTEXT, pool.id.as_str())]);
        let failed = |error: Error| format!("a code could not be encrypted: {error}");
        let key = match &self.kms {
            Some(kms) => of_kms(kms, pool, name, region_of(&pool.account, name, self.any_account)?).await?,
            None => {
                let own = Zeroizing::new(own_key(pool, name));
                encryption_sdk::data_key((OWN, name), &own, &context).map_err(failed)?
            }
        };
        encryption_sdk::encrypt(code.as_bytes(), &context, &key)
            .map(|message| STANDARD.encode(message))
            .map_err(failed)
    }
}

/// The region of a key, which must be of the pool's own account: the operator's credentials ask for it.
fn region_of<'a>(account: &AccountId, arn: &'a str, any_account: bool) -> Result<&'a str, &'static str> {
    let parts: Vec<_> = arn.split(':').collect();
    match parts.as_slice() {
        &["arn", _, "kms", region, owner, _] if target::is_region(region) => {
            let is_own = any_account || owner == account.as_str();
            is_own.then_some(region).ok_or("its KMSKeyID is of another account than the pool")
        }
        _ => Err("its KMSKeyID is not the ARN of a KMS key"),
    }
}

/// Has KMS make a data key.
async fn of_kms(kms: &Aws, pool: &UserPool, arn: &str, region: &str) -> Result<DataKey, String> {
    let asking = async {
        let client = Client::new(&kms.in_region(region).await);
        let asked = client.generate_data_key().key_id(arn).number_of_bytes(KEY as i32);
        asked.encryption_context(CONTEXT, pool.id.as_str()).send().await
    };
    // The SDK writes what it gets to the debug log (LOG-1).
    let asking = asking.with_subscriber(NoSubscriber::new());
    let Ok(answer) = timeout(TIME, asking).await else { return Err("KMS took too long".to_owned()) };
    let answer = answer.map_err(|error| match error.code() {
        Some(code) if code.chars().all(|c| c.is_ascii_alphabetic()) => {
            format!("KMS makes no data key under the pool's KMSKeyID ({code})")
        }
        _ => "KMS cannot be reached".to_owned(),
    })?;
    let unreadable = || "KMS's answer cannot be read".to_owned();
    let plain = Zeroizing::new(answer.plaintext.ok_or_else(unreadable)?.into_inner());
    let plain = <[u8; KEY]>::try_from(plain.as_slice()).map_err(|_| unreadable())?;
    let wrapped = answer.ciphertext_blob.ok_or_else(unreadable)?.into_inner();
    // The name of the key itself, where the pool's is an alias: whoever decrypts looks for it.
    let information = answer.key_id.unwrap_or_else(|| arn.to_owned()).into_bytes();
    Ok(DataKey { plain: Zeroizing::new(plain), provider: KMS, information, wrapped })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_of_the_pools_own_account_are_asked_for() {
        let own = AccountId::new("123456789012");
        let region = |arn| region_of(&own, arn, false);
        assert_eq!(region("arn:aws:kms:eu-central-1:123456789012:key/1"), Ok("eu-central-1"));
        assert_eq!(region("arn:aws:kms:eu-central-1:123456789012:alias/codes"), Ok("eu-central-1"));
        for refused in [
            "arn:aws:kms:eu-central-1:210987654321:key/1",
            "arn:aws:kms:eu-central-1::key/1",
            "arn:aws:kms:a.example/?:123456789012:key/1",
            "arn:aws:lambda:eu-central-1:123456789012:function:f",
            "key/1",
            "",
        ] {
            assert!(region(refused).is_err(), "{refused}");
        }
        // Development mode's account is everybody's, and only there.
        assert!(
            region_of(&AccountId::development(), "arn:aws:kms:eu-central-1:123456789012:key/1", false)
                .is_err()
        );
        assert!(region_of(&own, "arn:aws:kms:eu-central-1:210987654321:key/1", true).is_ok());
    }
}
