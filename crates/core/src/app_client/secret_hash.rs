//! Proof that a caller has the client's secret: `base64(HMAC-SHA256(secret, username || client id))`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognate_store::AppClient;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use super::{ClientContext, Door};
use crate::{Error, Result};

/// The name that was hashed.
#[derive(Debug, Clone, Copy)]
pub enum Hashed<'a> {
    /// The name of this request, in sign-in: a missing hash is named as such.
    SignIn(&'a str),
    /// The name of this request, in sign-up and its like: a missing hash is a wrong one.
    SignUp(&'a str),
    /// One of several names that a token stands for.
    AnyOf(&'a [&'a str]),
}

/// Checks the secret hash of a request. A client without secret takes none; at the pool's own pages nobody has one to give.
///
/// # Errors
/// [`Error::SecretHashMissing`], [`Error::SecretHashWrong`].
pub fn check(context: &ClientContext, hashed: Hashed<'_>, provided: Option<&str>) -> Result<()> {
    match context.door {
        Door::Api => check_of(&context.client, hashed, provided),
        Door::Pages => Ok(()),
    }
}

fn check_of(client: &AppClient, hashed: Hashed<'_>, provided: Option<&str>) -> Result<()> {
    let wrong = || Error::SecretHashWrong(client.id.clone());
    let Some(provided) = provided else {
        return match (client.secrets.is_empty(), hashed) {
            (true, _) => Ok(()),
            (false, Hashed::SignUp(_)) => Err(wrong()),
            (false, _) => Err(Error::SecretHashMissing(client.id.clone())),
        };
    };
    let provided = STANDARD.decode(provided).map_err(|_| wrong())?;
    let names = match &hashed {
        Hashed::SignIn(name) | Hashed::SignUp(name) => std::slice::from_ref(name),
        Hashed::AnyOf(names) => names,
    };
    let fits = client
        .secrets
        .iter()
        .any(|secret| names.iter().any(|name| fits(client, &secret.value, name, &provided)));
    if fits { Ok(()) } else { Err(wrong()) }
}

fn fits(client: &AppClient, secret: &SecretString, name: &str, provided: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else { return false };
    mac.update(name.as_bytes());
    mac.update(client.id.as_str().as_bytes());
    mac.verify_slice(provided).is_ok()
}

/// Checks the secret itself, in the operations that take it instead of a hash.
///
/// # Errors
/// [`Error::ClientSecretWrong`].
pub fn check_secret(client: &AppClient, provided: Option<&SecretString>) -> Result<()> {
    let fits = match provided {
        None => client.secrets.is_empty(),
        Some(provided) => client.secrets.iter().any(|secret| {
            secret.value.expose_secret().as_bytes().ct_eq(provided.expose_secret().as_bytes()).into()
        }),
    };
    if fits { Ok(()) } else { Err(Error::ClientSecretWrong) }
}

/// As [`check_secret`], in operations that have no error of their own for it.
///
/// # Errors
/// [`Error::SecretHashWrong`].
pub(crate) fn authenticate(client: &AppClient, provided: Option<&SecretString>) -> Result<()> {
    check_secret(client, provided).map_err(|_| Error::SecretHashWrong(client.id.clone()))
}

#[cfg(test)]
mod tests {
    use cognate_store::app_client::ClientSecret;
    use cognate_store::{AppClientId, AppClientSettings, UserPoolId};

    use super::*;

    fn client(secrets: &[&str]) -> AppClient {
        AppClient {
            id: AppClientId::new("1example23456789"),
            user_pool: UserPoolId::new("us-east-1_AbCdEfGhI"),
            name: "test".into(),
            settings: AppClientSettings::default(),
            secrets: secrets
                .iter()
                .map(|secret| ClientSecret {
                    id: "id".into(),
                    value: (*secret).into(),
                    created_at: chrono::DateTime::UNIX_EPOCH,
                })
                .collect(),
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    const HASH: &str = "raD29MKjH1WaS9Guuyds2cZmhF021+HdfeZq3or8xoU=";

    #[test]
    fn the_hash_is_cognitos_and_either_secret_serves() {
        let client = client(&["othersecretothersecret00", "secret123secret123secret123"]);
        check_of(&client, Hashed::SignIn("alice"), Some(HASH)).unwrap();
        assert!(matches!(
            check_of(&client, Hashed::SignIn("bob"), Some(HASH)),
            Err(Error::SecretHashWrong(_))
        ));
        check_of(&client, Hashed::AnyOf(&["bob", "alice"]), Some(HASH)).unwrap();
    }

    #[test]
    fn a_missing_hash_is_missing_at_sign_in_and_wrong_at_sign_up() {
        let confidential = client(&["secret123secret123secret123"]);
        assert!(matches!(
            check_of(&confidential, Hashed::SignIn("a"), None),
            Err(Error::SecretHashMissing(_))
        ));
        assert!(matches!(check_of(&confidential, Hashed::SignUp("a"), None), Err(Error::SecretHashWrong(_))));
        check_of(&client(&[]), Hashed::SignUp("a"), None).unwrap();
        assert!(check_of(&client(&[]), Hashed::SignUp("a"), Some(HASH)).is_err());
    }
}
