//! GetUserPoolMfaConfig and SetUserPoolMfaConfig, and MfaConfiguration where a pool is created or updated.

use cognate_contract::cognito_idp as wire;
use cognate_contract::cognito_idp::{
    GetUserPoolMfaConfigRequest, GetUserPoolMfaConfigResponse, SetUserPoolMfaConfigRequest,
    SetUserPoolMfaConfigResponse,
};
use cognate_core::{App, Error, Reach, Result, name, passkey, user_pool};
use cognate_store::user_pool::{EmailMfa, Mfa, MfaRequirement, Passkeys, RecoveryOption};
use cognate_store::{UserPoolId, UserPoolSettings};

use super::sms;
use crate::aws::access::Signed;
use crate::aws::wire::refuse_unbuilt;

pub(in crate::aws) async fn get_user_pool_mfa_config(
    app: &App,
    caller: Signed,
    input: GetUserPoolMfaConfigRequest,
) -> Result<GetUserPoolMfaConfigResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let shown = describe(&pool.settings);
    Ok(GetUserPoolMfaConfigResponse {
        sms_mfa_configuration: shown.sms_mfa_configuration,
        software_token_mfa_configuration: shown.software_token_mfa_configuration,
        email_mfa_configuration: shown.email_mfa_configuration,
        mfa_configuration: shown.mfa_configuration,
        web_authn_configuration: shown.web_authn_configuration,
    })
}

pub(in crate::aws) async fn set_user_pool_mfa_config(
    app: &App,
    caller: Signed,
    input: SetUserPoolMfaConfigRequest,
) -> Result<SetUserPoolMfaConfigResponse> {
    let id = UserPoolId::new(&*input.user_pool_id);
    user_pool::update(app, &caller.account, &id, |pool| {
        Ok((pool.name.clone(), replaced(app, &pool.settings, input.clone())?))
    })
    .await?;
    let pool = user_pool::get(app, &caller.account, &id).await?;
    Ok(describe(&pool.settings))
}

/// The settings with all that the request says of second factors, and nothing else of them left.
fn replaced(
    app: &App,
    current: &UserPoolSettings,
    input: SetUserPoolMfaConfigRequest,
) -> Result<UserPoolSettings> {
    let requirement = input.mfa_configuration.map_or(MfaRequirement::Off, requirement);
    let sms = input.sms_mfa_configuration;
    let email = input.email_mfa_configuration;
    let software_token = input.software_token_mfa_configuration.is_some_and(|it| it.enabled == Some(true));
    if requirement == MfaRequirement::Off && (sms.is_some() || email.is_some() || software_token) {
        return Err(Error::invalid(
            "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.",
        ));
    }
    if requirement != MfaRequirement::Off && sms.is_none() && email.is_none() && !software_token {
        return Err(Error::invalid(
            "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled.",
        ));
    }
    refuse_unbuilt(&[("SmsMfaConfiguration", sms.is_some() && !app.reach.with(&current.triggers).sms)])?;
    let sender = sms::of_wire(sms.as_ref().and_then(|it| it.sms_configuration.clone()), &app.place.region)?;
    let email = email.map(|it| EmailMfa { message: it.message, subject: it.subject });
    if email.is_some() && !current.email.own_sender {
        return Err(Error::invalid("EmailMfaConfiguration needs the email sending account DEVELOPER."));
    }
    if email.is_some() && current.account_recovery.as_deref() == Some(&[RecoveryOption::VerifiedEmail]) {
        // Whoever reads the mailbox would have both.
        return Err(Error::invalid(
            "EmailMfaConfiguration needs another way to recover an account than verified_email alone.",
        ));
    }
    let mfa = Mfa {
        requirement,
        sms: sms.is_some(),
        sms_message: match sms {
            Some(sms) => sms.sms_authentication_message,
            None => current.mfa.sms_message.clone(),
        },
        software_token,
        email,
        passkeys: input.web_authn_configuration.map(|given| passkeys(app, given)).transpose()?,
    };
    Ok(UserPoolSettings { mfa, sms_sender: sender.or(current.sms_sender.clone()), ..current.clone() })
}

/// The second factors after a pool is created or updated with these members.
pub(super) fn of_members(
    reach: &Reach,
    current: &Mfa,
    given: Option<wire::UserPoolMfaType>,
    message: Option<String>,
    has_sender: bool,
) -> Result<Mfa> {
    let requirement = given.map_or(current.requirement, requirement);
    let mut mfa = Mfa { requirement, sms_message: message, ..current.clone() };
    let required = requirement != MfaRequirement::Off;
    if required && !mfa.sms && !mfa.software_token && mfa.email.is_none() {
        if !has_sender {
            return Err(Error::invalid(
                "SMS configuration and Auto verification for phone_number are required when MFA is required/optional",
            ));
        }
        refuse_unbuilt(&[("MfaConfiguration with text messages", !reach.sms)])?;
        mfa.sms = true;
    }
    Ok(mfa)
}

fn passkeys(app: &App, given: wire::WebAuthnConfigurationType) -> Result<Passkeys> {
    if given.relying_party_id.as_deref().is_some_and(|id| !name::is_host(id)) {
        return Err(Error::invalid("RelyingPartyId must be a domain name."));
    }
    given.relying_party_id.as_deref().map_or(Ok(()), |id| passkey::check_relying_party(app, id))?;
    Ok(Passkeys {
        relying_party_id: given.relying_party_id,
        user_verification_required: given
            .user_verification
            .map(|it| it == wire::UserVerificationType::Required),
        multi_factor: given
            .factor_configuration
            .map(|it| it == wire::WebAuthnFactorConfigurationType::MultiFactorWithUserVerification),
    })
}

fn requirement(given: wire::UserPoolMfaType) -> MfaRequirement {
    match given {
        wire::UserPoolMfaType::Off => MfaRequirement::Off,
        wire::UserPoolMfaType::Optional => MfaRequirement::Optional,
        wire::UserPoolMfaType::On => MfaRequirement::On,
    }
}

/// Who must give a second factor, as describe shows it.
pub(super) fn requirement_to_wire(mfa: &Mfa) -> wire::UserPoolMfaType {
    match mfa.requirement {
        MfaRequirement::Off => wire::UserPoolMfaType::Off,
        MfaRequirement::Optional => wire::UserPoolMfaType::Optional,
        MfaRequirement::On => wire::UserPoolMfaType::On,
    }
}

fn describe(settings: &UserPoolSettings) -> SetUserPoolMfaConfigResponse {
    let mfa = &settings.mfa;
    let sms = || wire::SmsMfaConfigType {
        sms_authentication_message: mfa.sms_message.clone(),
        sms_configuration: settings.sms_sender.as_ref().map(sms::to_wire),
    };
    let verification = |required| match required {
        true => wire::UserVerificationType::Required,
        false => wire::UserVerificationType::Preferred,
    };
    let factors = |multi| match multi {
        true => wire::WebAuthnFactorConfigurationType::MultiFactorWithUserVerification,
        false => wire::WebAuthnFactorConfigurationType::SingleFactor,
    };
    // What is shown can be set again, which it could not be with factors while they are off.
    let on = mfa.requirement != MfaRequirement::Off;
    SetUserPoolMfaConfigResponse {
        sms_mfa_configuration: (on && mfa.sms).then(sms),
        software_token_mfa_configuration: (on && mfa.software_token)
            .then_some(wire::SoftwareTokenMfaConfigType { enabled: Some(true) }),
        email_mfa_configuration: mfa.email.as_ref().filter(|_| on).map(|email| wire::EmailMfaConfigType {
            message: email.message.clone(),
            subject: email.subject.clone(),
        }),
        mfa_configuration: Some(requirement_to_wire(mfa)),
        web_authn_configuration: mfa.passkeys.as_ref().map(|passkeys| wire::WebAuthnConfigurationType {
            relying_party_id: passkeys.relying_party_id.clone(),
            user_verification: passkeys.user_verification_required.map(verification),
            factor_configuration: passkeys.multi_factor.map(factors),
        }),
    }
}
