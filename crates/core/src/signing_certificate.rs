//! The certificate of the key that signs a pool's SAML requests. Key and certificate are made when somebody first asks,
//! and stay.

use std::time::Duration;

use cognate_store::saml_signing_key::{self, SamlSigningKey};
use cognate_store::{Timestamp, UserPool, UserPoolId};
use rcgen::{CertificateParams, DnType, KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd};

use crate::{App, Error, Result, random};

/// Ten years.
const VALIDITY: Duration = Duration::from_secs(3652 * 24 * 60 * 60);

/// A pool's certificate: X.509 DER.
///
/// # Errors
/// [`Error::Busy`] when too many keys are being made.
pub async fn get(app: &App, pool: &UserPool) -> Result<Vec<u8>> {
    Ok(key(app, pool).await?.certificate)
}

/// A pool's key for SAML requests, and its certificate.
///
/// # Errors
/// [`Error::Busy`] when too many keys are being made.
pub async fn key(app: &App, pool: &UserPool) -> Result<SamlSigningKey> {
    if let Some(known) = saml_signing_key::get(&app.db, pool).await? {
        return Ok(known);
    }
    let now = app.clock.now();
    let private_key = app.key_supply.one().await?;
    let certificate = certificate(&pool.id, &private_key, KeyUsagePurpose::DigitalSignature, now)?;
    let made = SamlSigningKey { private_key, certificate };
    saml_signing_key::insert_if_absent(&app.db, pool, &made, now).await?;
    // Somebody else may have been first; everybody gets theirs.
    saml_signing_key::get(&app.db, pool).await?.ok_or_else(|| Error::UserPoolNotFound(pool.id.clone()))
}

/// A self-signed certificate in a pool's name for one use of a private key (PKCS#8 DER): X.509 DER.
pub(crate) fn certificate(
    pool: &UserPoolId,
    private_key: &[u8],
    usage: KeyUsagePurpose,
    now: Timestamp,
) -> Result<Vec<u8>> {
    let key = KeyPair::try_from(private_key).map_err(Error::internal)?;
    let mut parameters = CertificateParams::default();
    let since_1970 = Duration::from_secs(now.timestamp().unsigned_abs());
    parameters.not_before = date_time_ymd(1970, 1, 1) + since_1970;
    parameters.not_after = parameters.not_before + VALIDITY;
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, pool.as_str());
    // Positive and at most 20 bytes (RFC 5280, section 4.1.2.2).
    let mut serial: [u8; 16] = random::bytes()?;
    serial[0] &= 0x7f;
    parameters.serial_number = Some(SerialNumber::from_slice(&serial));
    parameters.key_usages = vec![usage];
    Ok(parameters.self_signed(&key).map_err(Error::internal)?.der().to_vec())
}
