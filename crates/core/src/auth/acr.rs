//! Levels of authentication: what the methods that a user proved amount to (`acr`), and what they are called (`amr`).

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use cognate_store::UserPool;
use serde::Serialize;

use super::Method;
use crate::options;

/// The levels there are; the higher, the more was proven.
pub const LEVELS: RangeInclusive<u8> = 1..=4;

/// The name that a level goes by, with the names that a pool gives.
pub fn name(named: &BTreeMap<u8, String>, level: u8) -> String {
    named.get(&level).cloned().unwrap_or_else(|| format!("urn:cognito:loa:{level}"))
}

/// Whether a pool speaks of levels: where it names some, or where OpenID Connect's word counts, whose clients expect it.
fn are_told(pool: &UserPool) -> bool {
    !pool.settings.acr_values.is_empty() || options::follows_openid(pool)
}

/// The names of the levels of a pool that speaks of them, the lowest first; none for another.
pub fn names(pool: &UserPool) -> Vec<String> {
    LEVELS.filter(|_| are_told(pool)).map(|level| name(&pool.settings.acr_values, level)).collect()
}

/// The level of a name, in a pool that speaks of levels.
pub(crate) fn level_of(pool: &UserPool, text: &str) -> Option<u8> {
    LEVELS.filter(|_| are_told(pool)).find(|level| name(&pool.settings.acr_values, *level) == text)
}

/// What tokens say of how their user signed in.
#[derive(Debug, Serialize)]
pub(crate) struct AuthenticationContext {
    acr: String,
    amr: Vec<&'static str>,
}

impl AuthenticationContext {
    /// What a pool that speaks of levels says of these methods.
    pub(crate) fn of(pool: &UserPool, methods: &[Method]) -> Option<Self> {
        are_told(pool).then(|| Self::told(&pool.settings.acr_values, methods))?
    }

    fn told(named: &BTreeMap<u8, String>, methods: &[Method]) -> Option<Self> {
        let mut amr: Vec<_> =
            methods.iter().filter(|it| factor(**it).is_some()).map(|it| it.as_str()).collect();
        if distinct_factors(methods) > 1 {
            amr.push("mfa");
        }
        Some(Self { acr: name(named, level(methods)?), amr })
    }
}

/// The level that methods amount to, as Cognito has it; none for nothing.
pub(crate) fn level(methods: &[Method]) -> Option<u8> {
    let has = |method| methods.contains(&method);
    let has_key = has(Method::PlatformKey) || has(Method::RoamingKey);
    let has_code = has(Method::Sms) || has(Method::EmailOtp);
    match has(Method::Password) {
        true if has(Method::SoftwareToken) => Some(4),
        _ if has_key => Some(3),
        true if has_code => Some(3),
        true => Some(1),
        false => has_code.then_some(2),
    }
}

/// What a method is one of: two passkeys are the same kind of proof twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Factor {
    Password,
    App,
    PhoneNumber,
    Email,
    Key,
}

/// The factor that a method is; none where it only says how another was proven.
fn factor(method: Method) -> Option<Factor> {
    match method {
        Method::Password => Some(Factor::Password),
        Method::SoftwareToken => Some(Factor::App),
        Method::Sms => Some(Factor::PhoneNumber),
        Method::EmailOtp => Some(Factor::Email),
        Method::PlatformKey | Method::RoamingKey => Some(Factor::Key),
        Method::Custom | Method::Device | Method::UserVerification => None,
    }
}

/// How many different factors methods are.
fn distinct_factors(methods: &[Method]) -> usize {
    let mut factors: Vec<_> = methods.iter().filter_map(|method| factor(*method)).collect();
    factors.sort_unstable();
    factors.dedup();
    factors.len()
}

#[cfg(test)]
mod tests {
    use super::Method::{EmailOtp, Password, PlatformKey, RoamingKey, Sms, SoftwareToken, UserVerification};
    use super::*;

    #[test]
    fn the_highest_level_that_methods_reach_counts() {
        for (methods, expected, factors) in [
            (vec![], None, 0),
            (vec![Password], Some(1), 1),
            (vec![Sms], Some(2), 1),
            (vec![EmailOtp], Some(2), 1),
            (vec![EmailOtp, Sms], Some(2), 2),
            (vec![PlatformKey], Some(3), 1),
            (vec![RoamingKey, UserVerification], Some(3), 1),
            (vec![RoamingKey, PlatformKey], Some(3), 1),
            (vec![PlatformKey, SoftwareToken], Some(3), 2),
            (vec![Password, Sms], Some(3), 2),
            (vec![EmailOtp, Password], Some(3), 2),
            (vec![Password, SoftwareToken], Some(4), 2),
            (vec![PlatformKey, Password, SoftwareToken], Some(4), 3),
        ] {
            assert_eq!((level(&methods), distinct_factors(&methods)), (expected, factors), "{methods:?}");
        }
    }

    #[test]
    fn levels_are_told_by_the_names_that_they_have() {
        let named = [(4, "gold".to_owned())].into();
        let methods = [Password, SoftwareToken];
        let told =
            |methods: &[Method]| serde_json::to_value(AuthenticationContext::told(&named, methods)).unwrap();
        assert_eq!(told(&methods), serde_json::json!({ "acr": "gold", "amr": ["pwd", "otp", "mfa"] }));
        let key = [RoamingKey, UserVerification];
        assert_eq!(told(&key), serde_json::json!({ "acr": "urn:cognito:loa:3", "amr": ["hwk"] }));
        assert!(told(&[]).is_null());
    }
}
