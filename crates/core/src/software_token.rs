//! Codes of authenticator apps (TOTP, RFC 6238): SHA-1, six digits, thirty seconds, as every app has them.

use cognate_store::Timestamp;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::Zeroizing;

use crate::{Error, Result, random};

/// As long as Cognito's: 52 characters in base32.
const SECRET_BYTES: usize = 32;
const STEP_SECONDS: u64 = 30;

/// A new secret.
pub(crate) fn new_secret() -> Result<Zeroizing<Vec<u8>>> {
    Ok(Zeroizing::new(random::bytes::<SECRET_BYTES>()?.to_vec()))
}

/// A secret as an authenticator app takes it, in base32.
pub(crate) fn written(secret: &[u8]) -> String {
    Secret::from(secret.to_vec()).to_base32()
}

/// The time step of a code, if it is one of this step or of the one before or after (MFA-2).
pub(crate) fn step(secret: &[u8], code: &str, now: Timestamp) -> Result<Option<i64>> {
    let now = u64::try_from(now.timestamp()).map_err(Error::internal)?;
    let step = totp(secret)?.check(code, now);
    step.map(|step| i64::try_from(step).map_err(Error::internal)).transpose()
}

fn totp(secret: &[u8]) -> Result<Totp> {
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(1);
    builder.with_step_duration(STEP_SECONDS).with_secret(secret.to_vec()).build().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    /// RFC 6238, appendix B, the last six digits.
    #[test]
    fn codes_are_those_of_the_standard_and_good_for_one_step_around() {
        let secret = b"12345678901234567890";
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(step(secret, code, at(seconds)).unwrap(), Some(seconds / 30), "{seconds}");
            assert_eq!(step(secret, code, at(seconds + 30)).unwrap(), Some(seconds / 30), "{seconds}");
            assert_eq!(step(secret, code, at(seconds + 61)).unwrap(), None, "{seconds}");
        }
        assert_eq!(step(secret, "28708", at(59)).unwrap(), None);
        assert_eq!(step(secret, "+28708", at(59)).unwrap(), None);
    }

    #[test]
    fn a_secret_is_written_as_cognito_writes_it() {
        assert_eq!(written(&new_secret().unwrap()).len(), 52);
    }
}
