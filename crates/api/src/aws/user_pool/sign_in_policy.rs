//! What belongs to signing in, to and from the wire: first factors, devices, threat protection, the names of levels of
//! authentication.

use std::collections::BTreeMap;

use cognate_contract::cognito_idp as wire;
use cognate_core::auth::acr::{self, LEVELS};
use cognate_core::{Error, Reach, Result};
use cognate_store::user_pool::{DeviceTracking, FirstFactor, ThreatMode, ThreatProtection};

use crate::aws::wire::refuse_unbuilt;

/// First factors as given; a password is always one.
pub(super) fn first_factors(reach: &Reach, given: Vec<wire::AuthFactorType>) -> Result<Vec<FirstFactor>> {
    let mut factors = Vec::new();
    for factor in given {
        let factor = match factor {
            wire::AuthFactorType::Password => FirstFactor::Password,
            wire::AuthFactorType::EmailOtp => FirstFactor::EmailOtp,
            wire::AuthFactorType::SmsOtp => FirstFactor::SmsOtp,
            wire::AuthFactorType::WebAuthn => FirstFactor::WebAuthn,
            wire::AuthFactorType::SoftwareToken => {
                return Err(Error::invalid("SOFTWARE_TOKEN cannot be a first authentication factor."));
            }
        };
        if !factors.contains(&factor) {
            factors.push(factor);
        }
    }
    if !factors.is_empty() && !factors.contains(&FirstFactor::Password) {
        return Err(Error::invalid("AllowedFirstAuthFactors must contain PASSWORD."));
    }
    refuse_unbuilt(&[(
        "AllowedFirstAuthFactors SMS_OTP",
        factors.contains(&FirstFactor::SmsOtp) && !reach.sms,
    )])?;
    Ok(factors)
}

/// First factors as describe shows them.
pub(super) fn first_factors_to_wire(factors: &[FirstFactor]) -> Vec<wire::AuthFactorType> {
    match factors {
        [] => vec![wire::AuthFactorType::Password],
        factors => factors.iter().copied().map(first_factor_to_wire).collect(),
    }
}

/// A first factor as clients know it.
pub(in crate::aws) fn first_factor_to_wire(factor: FirstFactor) -> wire::AuthFactorType {
    match factor {
        FirstFactor::Password => wire::AuthFactorType::Password,
        FirstFactor::EmailOtp => wire::AuthFactorType::EmailOtp,
        FirstFactor::SmsOtp => wire::AuthFactorType::SmsOtp,
        FirstFactor::WebAuthn => wire::AuthFactorType::WebAuthn,
    }
}

/// Devices as given: any block switches them on.
pub(super) fn devices(given: Option<wire::DeviceConfigurationType>) -> Option<DeviceTracking> {
    given.map(|it| DeviceTracking {
        challenge_required_on_new_device: it.challenge_required_on_new_device.unwrap_or(false),
        only_remembered_on_user_prompt: it.device_only_remembered_on_user_prompt.unwrap_or(false),
    })
}

/// Devices as describe shows them.
pub(super) fn devices_to_wire(devices: DeviceTracking) -> wire::DeviceConfigurationType {
    wire::DeviceConfigurationType {
        challenge_required_on_new_device: Some(devices.challenge_required_on_new_device),
        device_only_remembered_on_user_prompt: Some(devices.only_remembered_on_user_prompt),
    }
}

/// Threat protection as given.
pub(super) fn threat_protection(given: Option<wire::UserPoolAddOnsType>) -> Option<ThreatProtection> {
    let given = given?;
    let custom_auth = given.advanced_security_additional_flows.and_then(|flows| flows.custom_auth_mode);
    Some(ThreatProtection {
        mode: match given.advanced_security_mode {
            wire::AdvancedSecurityModeType::Off => ThreatMode::Off,
            wire::AdvancedSecurityModeType::Audit => ThreatMode::Audit,
            wire::AdvancedSecurityModeType::Enforced => ThreatMode::Enforced,
        },
        custom_auth: custom_auth.map(|mode| match mode {
            wire::AdvancedSecurityEnabledModeType::Audit => ThreatMode::Audit,
            wire::AdvancedSecurityEnabledModeType::Enforced => ThreatMode::Enforced,
        }),
    })
}

/// Threat protection as describe shows it.
pub(super) fn threat_protection_to_wire(protection: ThreatProtection) -> wire::UserPoolAddOnsType {
    let custom_auth = protection.custom_auth.map(|mode| wire::AdvancedSecurityAdditionalFlowsType {
        custom_auth_mode: Some(match mode {
            ThreatMode::Off | ThreatMode::Audit => wire::AdvancedSecurityEnabledModeType::Audit,
            ThreatMode::Enforced => wire::AdvancedSecurityEnabledModeType::Enforced,
        }),
    });
    wire::UserPoolAddOnsType {
        advanced_security_mode: match protection.mode {
            ThreatMode::Off => wire::AdvancedSecurityModeType::Off,
            ThreatMode::Audit => wire::AdvancedSecurityModeType::Audit,
            ThreatMode::Enforced => wire::AdvancedSecurityModeType::Enforced,
        },
        advanced_security_additional_flows: custom_auth,
    }
}

/// Names of levels as given; no two may be the same, defaults among them.
pub(super) fn acr_values(
    given: Option<BTreeMap<String, wire::AcrLevelConfigType>>,
) -> Result<BTreeMap<u8, String>> {
    let mut named = BTreeMap::new();
    for (key, level) in given.unwrap_or_default() {
        let number = key.strip_prefix("Level").and_then(|number| number.parse().ok());
        let number = number.filter(|number| LEVELS.contains(number));
        named.insert(
            number.ok_or_else(|| Error::invalid("AcrConfiguration knows Level1 to Level4."))?,
            level.acr_value,
        );
    }
    let in_force = LEVELS.map(|level| acr::name(&named, level));
    let distinct: std::collections::BTreeSet<_> = in_force.collect();
    if distinct.len() != LEVELS.count() {
        return Err(Error::invalid("Every level of AcrConfiguration must have another AcrValue."));
    }
    Ok(named)
}

/// Names of levels as describe shows them: all four once one was given.
pub(super) fn acr_values_to_wire(
    named: &BTreeMap<u8, String>,
) -> Option<BTreeMap<String, wire::AcrLevelConfigType>> {
    let level =
        |level| (format!("Level{level}"), wire::AcrLevelConfigType { acr_value: acr::name(named, level) });
    (!named.is_empty()).then(|| LEVELS.map(level).collect())
}
