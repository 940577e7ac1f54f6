//! Passkeys (WebAuthn, <https://www.w3.org/TR/webauthn-3/>): what authenticators are asked, and what they answer (MFA-3).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognate_store::passkey::Passkey;
use cognate_store::user_pool::{FirstFactor, Passkeys};
use cognate_store::{Timestamp, User, UserPool};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{
    AuthenticationState, COSEAlgorithm, Credential, PublicKeyCredential, RegisterPublicKeyCredential,
    RegistrationState, UserVerificationPolicy,
};

use crate::site::Site;
use crate::{App, Error, Result, domain};

/// How long a user may take to register a passkey, and to sign in with one.
pub(crate) const REGISTRATION_TIME: Duration = Duration::from_secs(60);
const ASSERTION_TIME: Duration = Duration::from_secs(180);

/// Why something about a passkey was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The pool has no passkeys.
    #[error("the pool has no passkeys")]
    NotEnabled,
    /// The pool has no domain to make them for.
    #[error("the pool has no relying party")]
    NoRelyingParty,
    /// No registration waits, or it expired.
    #[error("no registration waits")]
    ChallengeNotFound,
    /// Another client began the registration.
    #[error("another client began the registration")]
    ClientMismatch,
    /// The page it was made on is none of the relying party's.
    #[error("the origin is not allowed")]
    OriginNotAllowed,
    /// It was made for another relying party.
    #[error("another relying party")]
    RelyingPartyMismatch,
    /// The authenticator does not do what is asked of it.
    #[error("the credential is not supported")]
    NotSupported,
    /// The user has as many passkeys as they may.
    #[error("too many passkeys")]
    TooMany,
    /// The user has no such passkey.
    #[error("no such passkey")]
    NotFound,
}

/// Whether a pool lets users begin with a passkey.
pub(crate) fn is_offered(pool: &UserPool) -> bool {
    pool.settings.first_factors.contains(&FirstFactor::WebAuthn)
}

/// Whether a passkey whose authenticator verified its user is two factors in one.
pub(crate) fn is_multi_factor(pool: &UserPool) -> bool {
    settings(pool).and_then(|it| it.multi_factor) == Some(true)
}

fn settings(pool: &UserPool) -> Option<&Passkeys> {
    pool.settings.mfa.passkeys.as_ref()
}

/// What authenticators are asked on behalf of a pool.
#[derive(Debug)]
pub(crate) struct RelyingParty {
    id: String,
    verification: UserVerificationPolicy,
}

/// The relying party of a pool: the domain that its owner named, or the pool's own.
///
/// # Errors
/// [`Refusal::NoRelyingParty`].
pub(crate) async fn relying_party(app: &App, pool: &UserPool) -> Result<RelyingParty> {
    let required =
        is_multi_factor(pool) || settings(pool).and_then(|it| it.user_verification_required) == Some(true);
    let verification =
        if required { UserVerificationPolicy::Required } else { UserVerificationPolicy::Preferred };
    if let Some(id) = settings(pool).and_then(|it| it.relying_party_id.clone()) {
        return Ok(RelyingParty { id, verification });
    }
    let domains = domain::remembered(app, pool).await?;
    let suffix = app.place.domain_suffix.as_deref().unwrap_or(app.place.host());
    let own = domains.custom.as_ref().map(|domain| domain.name.clone());
    let prefixed = domains.prefix.as_ref().map(|domain| format!("{}.{suffix}", domain.name));
    let id = own.or(prefixed).ok_or(Error::Passkey(Refusal::NoRelyingParty))?;
    Ok(RelyingParty { id, verification })
}

/// Whether a domain may be a relying party: none that others register names under, and not the installation's own, beneath
/// which other tenants' pages are (MFA-3). In development anything on the machine itself goes.
///
/// # Errors
/// [`Error::InvalidParameter`].
pub fn check_relying_party(app: &App, id: &str) -> Result<()> {
    let host = app.place.host();
    if id == "localhost" && host.parse::<std::net::IpAddr>().map_or(host == id, |ip| ip.is_loopback()) {
        return Ok(());
    }
    if psl::domain_str(id).is_none() {
        return Err(Error::invalid("RelyingPartyId must not be a public suffix."));
    }
    let suffix = app.place.domain_suffix.as_deref().unwrap_or_default();
    if domain::is_within(host, id) || domain::is_within(suffix, id) {
        return Err(Error::invalid("RelyingPartyId must not be this server's own domain."));
    }
    Ok(())
}

/// What a registration asks for, and what is kept until the answer.
pub(crate) struct Creation {
    /// `PublicKeyCredentialCreationOptionsJSON`.
    pub options: Value,
    /// What [`RelyingParty::register`] needs.
    pub state: Value,
}

impl RelyingParty {
    fn core(&self, origin: Option<Url>, time: Duration) -> WebauthnCore {
        let origins = origin.into_iter().collect();
        WebauthnCore::new_unsafe_experts_only(&self.id, &self.id, origins, time, Some(false), Some(false))
    }

    /// Whether a passkey was made for it.
    pub(crate) fn is_of(&self, passkey: &Passkey) -> bool {
        passkey.relying_party == self.id
    }

    /// What a new passkey of a user is to be.
    pub(crate) fn creation(&self, user: &User, others: &[Passkey]) -> Result<Creation> {
        let core = self.core(None, REGISTRATION_TIME);
        let handle = user.id.to_string();
        let builder = core.new_challenge_register_builder(handle.as_bytes(), &user.username, &user.username);
        let builder = builder
            .map_err(Error::internal)?
            .require_resident_key(true)
            .user_verification_policy(self.verification)
            .credential_algorithms(vec![COSEAlgorithm::ES256, COSEAlgorithm::RS256]);
        let (challenge, state) = core.generate_challenge_register(builder).map_err(Error::internal)?;
        let mut options = serde_json::to_value(challenge.public_key).map_err(Error::internal)?;
        if let Some(options) = options.as_object_mut() {
            let excluded = others.iter().map(|it| json!({ "type": "public-key", "id": id_text(it) }));
            options.insert("excludeCredentials".to_owned(), excluded.collect());
            options.remove("extensions");
        }
        Ok(Creation { options, state: serde_json::to_value(state).map_err(Error::internal)? })
    }

    /// Checks a new passkey (WebAuthn section 7.1).
    ///
    /// # Errors
    /// The [`Refusal`] that fits; [`Error::InvalidParameter`] for what is no credential.
    pub(crate) fn register(
        &self,
        user: &User,
        state: Value,
        answer: &Value,
        now: Timestamp,
    ) -> Result<Passkey> {
        let registered: RegisterPublicKeyCredential = read(answer)?;
        let origin = self.origin(&registered.response.client_data_json)?;
        let core = self.core(Some(origin), REGISTRATION_TIME);
        let state: RegistrationState = serde_json::from_value(state).map_err(Error::internal)?;
        let credential =
            core.register_credential(&registered, &state, None).map_err(|error| match error {
                WebauthnError::MismatchedChallenge => Error::Passkey(Refusal::ChallengeNotFound),
                WebauthnError::InvalidRPIDHash => Error::Passkey(Refusal::RelyingPartyMismatch),
                WebauthnError::InvalidRPOrigin => Error::Passkey(Refusal::OriginNotAllowed),
                error => {
                    tracing::debug!(error = &error as &dyn std::error::Error, "a passkey was not registered");
                    Error::Passkey(Refusal::NotSupported)
                }
            })?;
        let attachment = answer["authenticatorAttachment"].as_str();
        Ok(Passkey {
            credential_id: credential.cred_id.to_vec(),
            user: user.id,
            relying_party: self.id.clone(),
            attachment: attachment.filter(|it| ATTACHMENTS.contains(it)).map(str::to_owned),
            transports: transports(answer),
            credential: serde_json::to_value(&credential).map_err(Error::internal)?,
            created_at: now,
        })
    }

    /// What an authenticator of a user is asked to sign with, and what is kept until the answer.
    pub(crate) fn request(&self, passkeys: &[Passkey]) -> Result<(Value, String)> {
        let core = self.core(None, ASSERTION_TIME);
        let builder = core.new_challenge_authenticate_builder(Vec::new(), Some(self.verification));
        let asked = core.generate_challenge_authenticate(builder.map_err(Error::internal)?);
        let (challenge, state) = asked.map_err(Error::internal)?;
        let mut options = serde_json::to_value(challenge.public_key).map_err(Error::internal)?;
        if let Some(options) = options.as_object_mut() {
            let allowed = passkeys
                .iter()
                .map(|it| json!({ "type": "public-key", "id": id_text(it), "transports": it.transports }));
            options.insert("allowCredentials".to_owned(), allowed.collect());
            options.remove("extensions");
        }
        Ok((options, serde_json::to_string(&state).map_err(Error::internal)?))
    }

    /// Checks what an authenticator signed (WebAuthn section 7.2). Says which passkey it was, with what is to be kept of it
    /// now, and whether the authenticator verified its user.
    ///
    /// # Errors
    /// [`Error::WrongPassword`] whatever is wrong; [`Error::InvalidParameter`] for what is no credential.
    pub(crate) fn check<'a>(
        &self,
        user: &User,
        passkeys: &'a [Passkey],
        state: &str,
        answer: &Value,
    ) -> Result<Assertion<'a>> {
        let signed: PublicKeyCredential = read(answer)?;
        let origin = self.origin(&signed.response.client_data_json).map_err(|_| Error::WrongPassword)?;
        let handle = signed.response.user_handle.as_deref();
        if handle.is_some_and(|handle| handle != user.id.to_string().as_bytes()) {
            return Err(Error::WrongPassword);
        }
        let passkey = passkeys.iter().find(|it| it.credential_id == signed.raw_id);
        let passkey = passkey.ok_or(Error::WrongPassword)?;
        let state: AuthenticationState = serde_json::from_str(state).map_err(Error::internal)?;
        let mut credential: Credential =
            serde_json::from_value(passkey.credential.clone()).map_err(Error::internal)?;
        let core = self.core(Some(origin), ASSERTION_TIME);
        let checked = core.authenticate_single_credential(&signed, &state, &credential);
        let checked = checked.map_err(|error| {
            if matches!(error, WebauthnError::CredentialPossibleCompromise) {
                tracing::warn!(user = %user.id, "a passkey's counter went back: there may be a copy of it");
            }
            Error::WrongPassword
        })?;
        credential.counter = checked.counter();
        credential.backup_state = checked.backup_state();
        Ok(Assertion {
            passkey,
            credential: serde_json::to_value(&credential).map_err(Error::internal)?,
            is_user_verified: checked.user_verified(),
        })
    }

    /// The page that a passkey was used on, which must be the relying party's.
    fn origin(&self, client_data: &[u8]) -> Result<Url> {
        let refused = || Error::Passkey(Refusal::OriginNotAllowed);
        let data: Value = serde_json::from_slice(client_data).map_err(|_| not_a_credential())?;
        let origin = data["origin"].as_str().and_then(|text| Url::parse(text).ok()).ok_or_else(refused)?;
        if self.has(&origin) { Ok(origin) } else { Err(refused()) }
    }

    /// Whether a passkey was used on a page of a site, and not on another that the relying party has.
    pub(crate) fn is_at(&self, site: &Site, client_data: &[u8]) -> bool {
        let Ok(origin) = self.origin(client_data) else { return false };
        // A developer may open the machine itself by another name.
        let is_here = || Url::parse(&site.url).is_ok_and(|here| self.is_this_machine(&here));
        origin.origin().ascii_serialization() == site.origin() || is_here()
    }

    /// Whether it is this machine, of which a page is too: a developer may open that by either name.
    pub(crate) fn is_this_machine(&self, page: &Url) -> bool {
        let address = page.host_str().and_then(|host| host.parse::<std::net::IpAddr>().ok());
        self.id == "localhost" && address.is_some_and(|address| address.is_loopback())
    }

    /// Whether a page is the relying party's.
    pub(crate) fn has(&self, page: &Url) -> bool {
        let host = page.host_str().unwrap_or_default();
        // Browsers take pages of the machine itself for secure.
        let is_secure =
            page.scheme() == "https" || page.scheme() == "http" && domain::is_within(host, "localhost");
        is_secure && domain::is_within(host, &self.id)
    }
}

/// A passkey that its authenticator signed with.
pub(crate) struct Assertion<'a> {
    pub passkey: &'a Passkey,
    pub credential: Value,
    pub is_user_verified: bool,
}

const ATTACHMENTS: [&str; 2] = ["platform", "cross-platform"];
const TRANSPORTS: [&str; 6] = ["ble", "hybrid", "internal", "nfc", "smart-card", "usb"];

fn transports(answer: &Value) -> Vec<String> {
    let given = answer["response"]["transports"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let known: std::collections::BTreeSet<_> = given.filter(|it| TRANSPORTS.contains(it)).collect();
    known.into_iter().map(str::to_owned).collect()
}

/// A passkey's id as clients know it.
pub fn id_text(passkey: &Passkey) -> String {
    URL_SAFE_NO_PAD.encode(&passkey.credential_id)
}

/// The id of a passkey that a client named.
pub(crate) fn id_of_text(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

fn read<T: DeserializeOwned>(answer: &Value) -> Result<T> {
    T::deserialize(answer).map_err(|_| not_a_credential())
}

fn not_a_credential() -> Error {
    Error::invalid("Invalid Credential.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_one_origin_of_those_of_a_relying_party() {
        let party =
            |id: &str| RelyingParty { id: id.into(), verification: UserVerificationPolicy::Preferred };
        let is_at = |id: &str, site: &str, origin: &str| {
            let site = Site { url: site.to_owned(), base: String::new(), version: None };
            party(id).is_at(&site, json!({ "origin": origin }).to_string().as_bytes())
        };
        let site = "https://login.example.com";
        assert!(is_at("example.com", site, site));
        assert!(is_at("localhost", "http://127.0.0.1:4566/us-east-1_a", "http://localhost:4566"));
        for origin in
            ["https://blog.example.com", "https://login.example.com:8443", "http://login.example.com", ""]
        {
            assert!(!is_at("example.com", site, origin), "{origin}");
        }
        assert!(!is_at("localhost", "http://127.0.0.1:4566/us-east-1_a", "https://example.com"));
    }

    #[test]
    fn an_origin_is_the_relying_party_s_or_beneath_it_and_secure() {
        let id = |id: &str| RelyingParty { id: id.into(), verification: UserVerificationPolicy::Preferred };
        let is_allowed = |party: &str, origin: &str| {
            let data = json!({ "origin": origin }).to_string();
            id(party).origin(data.as_bytes()).is_ok()
        };
        assert!(is_allowed("example.com", "https://example.com"));
        assert!(is_allowed("example.com", "https://app.example.com:8443"));
        assert!(is_allowed("localhost", "http://localhost:3000"));
        for origin in [
            "http://example.com",
            "https://badexample.com",
            "https://example.com.evil.test",
            "https://com",
            "",
        ] {
            assert!(!is_allowed("example.com", origin), "{origin}");
        }
        assert!(!is_allowed("app.example.com", "https://example.com"));
    }
}
