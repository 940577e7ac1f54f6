//! A pool's settings to and from the wire: what create sets, what update resets and what survives it, and what describe
//! shows.

use std::collections::BTreeMap;

use cognate_contract::cognito_idp as wire;
use cognate_core::user_pool::schema::{self, Definition};
use cognate_core::{Error, Reach, Result};
use cognate_store::UserPoolSettings;
use cognate_store::user_pool::{
    AdminCreateUser, Alias, Contact, DataType, FirstFactor, Mfa, MfaRequirement, PasswordPolicy,
    RecoveryOption, Tier, VerificationTemplate,
};

use super::tags::MOST as MOST_TAGS;
use super::{client_registration, email, mfa, sign_in_policy, sms, trigger};
use crate::aws::wire::refuse_unbuilt;

/// The members that create and update share, from a request of either type.
macro_rules! members {
    ($input:ident) => {
        Members {
            policies: $input.policies,
            auto_verified_attributes: $input.auto_verified_attributes,
            update_settings: $input.user_attribute_update_settings,
            triggers: $input.lambda_config,
            mfa: $input.mfa_configuration,
            sms_authentication_message: $input.sms_authentication_message,
            sms: $input.sms_configuration,
            devices: $input.device_configuration,
            add_ons: $input.user_pool_add_ons,
            key: $input.key_configuration,
            issuer: $input.issuer_configuration,
            acr: $input.acr_configuration,
            client_registration: $input.dcr_configuration,
            verification: $input.verification_message_template,
            old_verification: [
                $input.sms_verification_message,
                $input.email_verification_message,
                $input.email_verification_subject,
            ],
            admin_create_user: $input.admin_create_user_config,
            account_recovery: $input.account_recovery_setting,
            email: $input.email_configuration,
            deletion_protection: $input.deletion_protection,
            tags: $input.user_pool_tags,
            tier: $input.user_pool_tier,
        }
    };
}

struct Members {
    policies: Option<wire::UserPoolPolicyType>,
    auto_verified_attributes: Option<Vec<wire::VerifiedAttributeType>>,
    update_settings: Option<wire::UserAttributeUpdateSettingsType>,
    triggers: Option<wire::LambdaConfigType>,
    mfa: Option<wire::UserPoolMfaType>,
    sms_authentication_message: Option<String>,
    sms: Option<wire::SmsConfigurationType>,
    devices: Option<wire::DeviceConfigurationType>,
    add_ons: Option<wire::UserPoolAddOnsType>,
    key: Option<wire::KeyConfigurationType>,
    issuer: Option<wire::IssuerConfigurationType>,
    acr: Option<BTreeMap<String, wire::AcrLevelConfigType>>,
    client_registration: Option<wire::DcrConfigurationType>,
    verification: Option<wire::VerificationMessageTemplateType>,
    old_verification: [Option<String>; 3],
    admin_create_user: Option<wire::AdminCreateUserConfigType>,
    account_recovery: Option<wire::AccountRecoverySettingType>,
    email: Option<wire::EmailConfigurationType>,
    deletion_protection: Option<wire::DeletionProtectionType>,
    tags: Option<BTreeMap<String, String>>,
    tier: Option<wire::UserPoolTierType>,
}

/// The settings of a new pool.
pub(super) fn of_new(
    reach: &Reach,
    region: &str,
    input: wire::CreateUserPoolRequest,
) -> Result<UserPoolSettings> {
    let alias_attributes = input.alias_attributes.unwrap_or_default();
    let username_attributes = input.username_attributes.unwrap_or_default();
    if !alias_attributes.is_empty() && !username_attributes.is_empty() {
        return Err(Error::invalid(
            "Only one of the aliasAttributes or usernameAttributes can be set in an user pool.",
        ));
    }
    let mut attributes = schema::standard();
    schema::define(&mut attributes, input.schema.unwrap_or_default().into_iter().map(definition).collect())?;
    let fixed = UserPoolSettings {
        alias_attributes: alias_attributes.into_iter().map(alias).collect(),
        username_attributes: username_attributes.into_iter().map(username_attribute).collect(),
        case_sensitive: input.username_configuration.map(|it| it.case_sensitive),
        schema: attributes,
        ..UserPoolSettings::default()
    };
    merged(reach, region, fixed, members!(input))
}

/// The settings of a pool after an update.
pub(super) fn of_updated(
    reach: &Reach,
    region: &str,
    current: &UserPoolSettings,
    input: wire::UpdateUserPoolRequest,
) -> Result<UserPoolSettings> {
    merged(reach, region, current.clone(), members!(input))
}

/// What is left out goes back to its default, except what Cognito keeps (policies, second factors, addresses that wait
/// for their proof, registration of clients, tier, issuer, and all that is fixed at creation), and tags, which
/// infrastructure tools leave to TagResource.
fn merged(
    reach: &Reach,
    region: &str,
    current: UserPoolSettings,
    members: Members,
) -> Result<UserPoolSettings> {
    if has_own_key(&members.key) {
        // The server seals with the operator's root key; a tenant's key elsewhere cannot take part in it.
        return Err(Error::invalid("KeyConfiguration can only be AWS_OWNED_KEY on this server."));
    }
    let triggers = trigger::of_wire(members.triggers)?;
    let reach = &reach.with(&triggers);
    let auto_verified_attributes = contacts(members.auto_verified_attributes);
    let first_recovery_priority = first_priority(members.account_recovery.as_ref());
    let account_recovery = account_recovery(members.account_recovery)?;
    let by_phone =
        account_recovery.as_ref().is_some_and(|it| it.contains(&RecoveryOption::VerifiedPhoneNumber));
    refuse_unbuilt(&[
        (
            "AutoVerifiedAttributes phone_number",
            auto_verified_attributes.contains(&Contact::PhoneNumber) && !reach.sms,
        ),
        ("AccountRecoverySetting verified_phone_number", by_phone && !reach.sms),
    ])?;
    let prove_before_update =
        prove_before_update(&current, members.update_settings, &auto_verified_attributes)?;
    let sms_sender = sms::of_wire(members.sms, region)?;
    let mfa = mfa::of_members(
        reach,
        &current.mfa,
        members.mfa,
        members.sms_authentication_message,
        sms_sender.is_some(),
    )?;
    let email = email::settings(reach, members.email)?;
    // A code by email needs a sender of the pool's own.
    let mfa = Mfa { email: mfa.email.filter(|_| email.own_sender), ..mfa };
    let (sign_in, passwords) =
        members.policies.map(|it| (it.sign_in_policy, it.password_policy)).unwrap_or_default();
    let first_factors = match sign_in.and_then(|policy| policy.allowed_first_auth_factors) {
        Some(factors) => sign_in_policy::first_factors(reach, factors)?,
        None => current.first_factors.clone(),
    };
    let has_sms =
        mfa.sms && mfa.requirement != MfaRequirement::Off || first_factors.contains(&FirstFactor::SmsOtp);
    if has_sms && !reach.sms {
        return Err(Error::invalid(
            "LambdaConfig must have a CustomSMSSender: users sign in with codes by text message, and nothing else sends them.",
        ));
    }
    let unused_days = members.admin_create_user.as_ref().and_then(|it| it.unused_account_validity_days);
    let password_policy = password_policy(current.password_policy, passwords, unused_days)?;
    let verification = verification(members.verification, members.old_verification);
    let admin_create_user = admin_create_user(members.admin_create_user)?;
    refuse_unbuilt(&[
        ("SmsVerificationMessage", verification.sms_message.is_some() && !reach.sms),
        ("InviteMessageTemplate SMSMessage", admin_create_user.sms_message.is_some() && !reach.sms),
    ])?;
    if members.tags.as_ref().is_some_and(|tags| tags.len() > MOST_TAGS) {
        return Err(Error::invalid(format!("A user pool can have at most {MOST_TAGS} tags.")));
    }
    let client_registration = members.client_registration.map(client_registration::of_wire).transpose()?;
    Ok(UserPoolSettings {
        auto_verified_attributes,
        prove_before_update,
        mfa,
        sms_sender,
        first_factors,
        devices: sign_in_policy::devices(members.devices),
        threat_protection: sign_in_policy::threat_protection(members.add_ons),
        triggers,
        acr_values: sign_in_policy::acr_values(members.acr)?,
        client_registration: client_registration.or(current.client_registration),
        newer_issuer: members
            .issuer
            .map_or(current.newer_issuer, |it| it.r#type == Some(wire::IssuerType::Updated)),
        verification,
        admin_create_user,
        account_recovery,
        first_recovery_priority,
        email,
        deletion_protection: members.deletion_protection == Some(wire::DeletionProtectionType::Active),
        tags: members.tags.unwrap_or(current.tags),
        tier: members.tier.map_or(current.tier, tier),
        password_policy,
        ..current
    })
}

/// The addresses that keep their old value until the new one is proven: each must be one that the pool verifies. They stay
/// as they are where nothing is said of them.
fn prove_before_update(
    current: &UserPoolSettings,
    settings: Option<wire::UserAttributeUpdateSettingsType>,
    auto_verified: &[Contact],
) -> Result<Vec<Contact>> {
    let Some(settings) = settings else {
        let kept = current.prove_before_update.iter().filter(|contact| auto_verified.contains(contact));
        return Ok(kept.copied().collect());
    };
    let named = contacts(settings.attributes_require_verification_before_update);
    match named.iter().find(|contact| !auto_verified.contains(contact)) {
        Some(contact) => Err(Error::invalid(format!(
            "AttributesRequireVerificationBeforeUpdate: {} must be in AutoVerifiedAttributes too.",
            contact.attribute()
        ))),
        None => Ok(named),
    }
}

fn has_own_key(setting: &Option<wire::KeyConfigurationType>) -> bool {
    let owned_by_aws =
        |it: &wire::KeyConfigurationType| it.key_type != Some(wire::EncryptionKeyType::CustomerManagedKey);
    setting.as_ref().is_some_and(|it| it.kms_key_arn.is_some() || !owned_by_aws(it))
}

/// The password policy as given. How long a temporary password lives may be said in two places, of which the older one
/// counts where the newer one says nothing.
fn password_policy(
    current: PasswordPolicy,
    given: Option<wire::PasswordPolicyType>,
    unused_account_validity_days: Option<i32>,
) -> Result<PasswordPolicy> {
    let older = unused_account_validity_days.filter(|days| *days != 0);
    let newer = given.as_ref().and_then(|it| it.temporary_password_validity_days).filter(|days| *days != 0);
    let days = match (newer, older) {
        (Some(newer), Some(older)) if newer != older => {
            return Err(Error::invalid(
                "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays",
            ));
        }
        (newer, older) => newer.or(older),
    };
    let policy = given.map_or(current, |policy| PasswordPolicy {
        minimum_length: policy.minimum_length.and_then(|length| usize::try_from(length).ok()).unwrap_or(6),
        require_uppercase: policy.require_uppercase.unwrap_or(false),
        require_lowercase: policy.require_lowercase.unwrap_or(false),
        require_numbers: policy.require_numbers.unwrap_or(false),
        require_symbols: policy.require_symbols.unwrap_or(false),
        history_size: policy.password_history_size,
        ..PasswordPolicy::default()
    });
    let days = days.unwrap_or(policy.temporary_password_validity_days);
    Ok(PasswordPolicy { temporary_password_validity_days: days, ..policy })
}

/// A schema attribute as given.
pub(super) fn definition(attribute: wire::SchemaAttributeType) -> Definition {
    let (strings, numbers) = (attribute.string_attribute_constraints, attribute.number_attribute_constraints);
    let (minimum, maximum) = match (strings, numbers) {
        (Some(bounds), _) => (bounds.min_length, bounds.max_length),
        (None, Some(bounds)) => (bounds.min_value, bounds.max_value),
        (None, None) => (None, None),
    };
    Definition {
        name: attribute.name.unwrap_or_default(),
        data_type: attribute.attribute_data_type.map(|data_type| match data_type {
            wire::AttributeDataType::String => DataType::String,
            wire::AttributeDataType::Number => DataType::Number,
            wire::AttributeDataType::DateTime => DataType::DateTime,
            wire::AttributeDataType::Boolean => DataType::Boolean,
        }),
        mutable: attribute.mutable,
        required: attribute.required,
        developer_only: attribute.developer_only_attribute,
        minimum,
        maximum,
    }
}

fn contacts(attributes: Option<Vec<wire::VerifiedAttributeType>>) -> Vec<Contact> {
    let contact = |attribute| match attribute {
        wire::VerifiedAttributeType::Email => Contact::Email,
        wire::VerifiedAttributeType::PhoneNumber => Contact::PhoneNumber,
    };
    attributes.unwrap_or_default().into_iter().map(contact).collect()
}

fn alias(attribute: wire::AliasAttributeType) -> Alias {
    match attribute {
        wire::AliasAttributeType::Email => Alias::Email,
        wire::AliasAttributeType::PhoneNumber => Alias::PhoneNumber,
        wire::AliasAttributeType::PreferredUsername => Alias::PreferredUsername,
    }
}

fn username_attribute(attribute: wire::UsernameAttributeType) -> Contact {
    match attribute {
        wire::UsernameAttributeType::Email => Contact::Email,
        wire::UsernameAttributeType::PhoneNumber => Contact::PhoneNumber,
    }
}

/// The template, or the three older members that mean the same. The template counts where both say something: tools send
/// back the older ones as they were described, beside the new template.
fn verification(
    template: Option<wire::VerificationMessageTemplateType>,
    [sms, email, subject]: [Option<String>; 3],
) -> VerificationTemplate {
    let template = template.unwrap_or_default();
    VerificationTemplate {
        by_link: template.default_email_option == Some(wire::DefaultEmailOptionType::ConfirmWithLink),
        sms_message: template.sms_message.or(sms),
        email_message: template.email_message.or(email),
        email_subject: template.email_subject.or(subject),
        email_message_by_link: template.email_message_by_link,
        email_subject_by_link: template.email_subject_by_link,
    }
}

fn admin_create_user(config: Option<wire::AdminCreateUserConfigType>) -> Result<AdminCreateUser> {
    let config = config.unwrap_or_default();
    let message = config.invite_message_template.unwrap_or_default();
    for body in [&message.sms_message, &message.email_message].into_iter().flatten() {
        if !body.contains("{####}") || !body.contains("{username}") {
            return Err(Error::invalid("An invitation message must contain {username} and {####}."));
        }
    }
    Ok(AdminCreateUser {
        only_administrators: config.allow_admin_create_user_only.unwrap_or(false),
        sms_message: message.sms_message,
        email_message: message.email_message,
        email_subject: message.email_subject,
    })
}

fn first_priority(setting: Option<&wire::AccountRecoverySettingType>) -> Option<i32> {
    let mechanisms = setting?.recovery_mechanisms.as_ref()?;
    mechanisms.iter().map(|mechanism| mechanism.priority).min().filter(|priority| *priority != 1)
}

fn account_recovery(
    setting: Option<wire::AccountRecoverySettingType>,
) -> Result<Option<Vec<RecoveryOption>>> {
    let Some(mut mechanisms) = setting.and_then(|setting| setting.recovery_mechanisms) else {
        return Ok(None);
    };
    mechanisms.sort_by_key(|mechanism| mechanism.priority);
    if mechanisms.windows(2).any(|pair| pair[0].priority == pair[1].priority) {
        return Err(Error::invalid("Account recovery mechanisms must have different priorities."));
    }
    let option = |mechanism: &wire::RecoveryOptionType| match mechanism.name {
        wire::RecoveryOptionNameType::VerifiedEmail => RecoveryOption::VerifiedEmail,
        wire::RecoveryOptionNameType::VerifiedPhoneNumber => RecoveryOption::VerifiedPhoneNumber,
        wire::RecoveryOptionNameType::AdminOnly => RecoveryOption::AdminOnly,
    };
    let options: Vec<_> = mechanisms.iter().map(option).collect();
    if options.contains(&RecoveryOption::AdminOnly) && options.len() > 1 {
        return Err(Error::invalid("admin_only cannot be combined with other account recovery mechanisms."));
    }
    Ok(Some(options))
}

fn tier(tier: wire::UserPoolTierType) -> Tier {
    match tier {
        wire::UserPoolTierType::Lite => Tier::Lite,
        wire::UserPoolTierType::Essentials => Tier::Essentials,
        wire::UserPoolTierType::Plus => Tier::Plus,
    }
}
