//! A pool's settings to and from the wire: what create sets, what update resets and what survives it, and what describe
//! shows.

use cognate_contract::cognito_idp as wire;
use cognate_core::user_pool::schema::{self, Definition};
use cognate_core::{Error, Result};
use cognate_store::UserPoolSettings;
use cognate_store::user_pool::{
    AdminCreateUser, Alias, Contact, DataType, EmailSettings, PasswordPolicy, RecoveryOption, Tier,
    VerificationTemplate,
};
use serde::Serialize;

use crate::aws::wire::refuse_unbuilt;

/// The settings of a new pool.
pub(super) fn of_new(input: wire::CreateUserPoolRequest) -> Result<UserPoolSettings> {
    refuse_unbuilt(&[
        ("LambdaConfig", is_set(&input.lambda_config)),
        ("MfaConfiguration", input.mfa_configuration.is_some_and(|mfa| mfa != wire::UserPoolMfaType::Off)),
        ("SmsAuthenticationMessage", input.sms_authentication_message.is_some()),
        ("SmsConfiguration", input.sms_configuration.is_some()),
        ("UserAttributeUpdateSettings", updates_need_proof(&input.user_attribute_update_settings)),
        ("DeviceConfiguration", input.device_configuration.is_some()),
        ("UserPoolAddOns", has_add_ons(&input.user_pool_add_ons)),
        ("KeyConfiguration", has_own_key(&input.key_configuration)),
        ("IssuerConfiguration", has_new_issuer(&input.issuer_configuration)),
        ("AcrConfiguration", is_set(&input.acr_configuration)),
        ("DcrConfiguration", is_set(&input.dcr_configuration)),
    ])?;
    let alias_attributes = input.alias_attributes.unwrap_or_default();
    let username_attributes = input.username_attributes.unwrap_or_default();
    if !alias_attributes.is_empty() && !username_attributes.is_empty() {
        return Err(invalid(
            "Only one of the aliasAttributes or usernameAttributes can be set in an user pool.",
        ));
    }
    let mut attributes = schema::standard();
    schema::define(&mut attributes, input.schema.unwrap_or_default().into_iter().map(definition).collect())?;
    let password_policy = password_policy(input.policies)?.unwrap_or_default();
    Ok(UserPoolSettings {
        auto_verified_attributes: contacts(input.auto_verified_attributes),
        alias_attributes: alias_attributes.into_iter().map(alias).collect(),
        username_attributes: username_attributes.into_iter().map(username_attribute).collect(),
        case_sensitive: input.username_configuration.map(|it| it.case_sensitive),
        schema: attributes,
        verification: verification(
            input.verification_message_template,
            [
                input.sms_verification_message,
                input.email_verification_message,
                input.email_verification_subject,
            ],
        )?,
        admin_create_user: admin_create_user(input.admin_create_user_config, &password_policy)?,
        account_recovery: account_recovery(input.account_recovery_setting)?,
        email: email(input.email_configuration)?,
        deletion_protection: input.deletion_protection == Some(wire::DeletionProtectionType::Active),
        tags: input.user_pool_tags.unwrap_or_default(),
        tier: input.user_pool_tier.map_or(Tier::default(), tier),
        password_policy,
    })
}

/// The settings of a pool after an update. What is left out goes back to its default, except what Cognito keeps:
/// policies, tier, and all that is fixed at creation.
pub(super) fn of_updated(
    current: &UserPoolSettings,
    input: wire::UpdateUserPoolRequest,
) -> Result<UserPoolSettings> {
    refuse_unbuilt(&[
        ("LambdaConfig", is_set(&input.lambda_config)),
        ("MfaConfiguration", input.mfa_configuration.is_some_and(|mfa| mfa != wire::UserPoolMfaType::Off)),
        ("SmsAuthenticationMessage", input.sms_authentication_message.is_some()),
        ("SmsConfiguration", input.sms_configuration.is_some()),
        ("UserAttributeUpdateSettings", updates_need_proof(&input.user_attribute_update_settings)),
        ("DeviceConfiguration", input.device_configuration.is_some()),
        ("UserPoolAddOns", has_add_ons(&input.user_pool_add_ons)),
        ("KeyConfiguration", has_own_key(&input.key_configuration)),
        ("IssuerConfiguration", has_new_issuer(&input.issuer_configuration)),
        ("AcrConfiguration", is_set(&input.acr_configuration)),
        ("DcrConfiguration", is_set(&input.dcr_configuration)),
    ])?;
    let password_policy = password_policy(input.policies)?.unwrap_or_else(|| current.password_policy.clone());
    Ok(UserPoolSettings {
        auto_verified_attributes: contacts(input.auto_verified_attributes),
        alias_attributes: current.alias_attributes.clone(),
        username_attributes: current.username_attributes.clone(),
        case_sensitive: current.case_sensitive,
        schema: current.schema.clone(),
        verification: verification(
            input.verification_message_template,
            [
                input.sms_verification_message,
                input.email_verification_message,
                input.email_verification_subject,
            ],
        )?,
        admin_create_user: admin_create_user(input.admin_create_user_config, &password_policy)?,
        account_recovery: account_recovery(input.account_recovery_setting)?,
        email: email(input.email_configuration)?,
        deletion_protection: input.deletion_protection == Some(wire::DeletionProtectionType::Active),
        tags: input.user_pool_tags.unwrap_or_default(),
        tier: input.user_pool_tier.map_or(current.tier, tier),
        password_policy,
    })
}

fn invalid(message: impl Into<String>) -> Error {
    Error::InvalidParameter(message.into())
}

/// Whether a setting says anything at all.
fn is_set<T: Serialize>(setting: &Option<T>) -> bool {
    let value = setting.as_ref().and_then(|setting| serde_json::to_value(setting).ok());
    value.is_some_and(|value| value.as_object().is_none_or(|object| !object.is_empty()))
}

fn updates_need_proof(setting: &Option<wire::UserAttributeUpdateSettingsType>) -> bool {
    let attributes =
        setting.as_ref().and_then(|it| it.attributes_require_verification_before_update.as_ref());
    attributes.is_some_and(|attributes| !attributes.is_empty())
}

fn has_add_ons(setting: &Option<wire::UserPoolAddOnsType>) -> bool {
    setting.as_ref().is_some_and(|it| {
        it.advanced_security_mode != wire::AdvancedSecurityModeType::Off
            || is_set(&it.advanced_security_additional_flows)
    })
}

fn has_own_key(setting: &Option<wire::KeyConfigurationType>) -> bool {
    setting.as_ref().is_some_and(|it| it.kms_key_arn.is_some())
}

fn has_new_issuer(setting: &Option<wire::IssuerConfigurationType>) -> bool {
    setting.as_ref().is_some_and(|it| it.r#type != Some(wire::IssuerType::Original))
}

fn password_policy(policies: Option<wire::UserPoolPolicyType>) -> Result<Option<PasswordPolicy>> {
    let Some(policies) = policies else { return Ok(None) };
    let factors = policies.sign_in_policy.and_then(|policy| policy.allowed_first_auth_factors);
    let passwordless =
        factors.is_some_and(|factors| factors.iter().any(|it| *it != wire::AuthFactorType::Password));
    let Some(policy) = policies.password_policy else {
        refuse_unbuilt(&[("SignInPolicy", passwordless)])?;
        return Ok(None);
    };
    let history = policy.password_history_size.is_some_and(|size| size != 0);
    refuse_unbuilt(&[("SignInPolicy", passwordless), ("PasswordHistorySize", history)])?;
    Ok(Some(PasswordPolicy {
        minimum_length: policy.minimum_length.and_then(|length| usize::try_from(length).ok()).unwrap_or(6),
        require_uppercase: policy.require_uppercase.unwrap_or(false),
        require_lowercase: policy.require_lowercase.unwrap_or(false),
        require_numbers: policy.require_numbers.unwrap_or(false),
        require_symbols: policy.require_symbols.unwrap_or(false),
        temporary_password_validity_days: policy
            .temporary_password_validity_days
            .filter(|it| *it != 0)
            .unwrap_or(7),
    }))
}

fn definition(attribute: wire::SchemaAttributeType) -> Definition {
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

/// The template, or the three older members that mean the same.
fn verification(
    template: Option<wire::VerificationMessageTemplateType>,
    [sms, email, subject]: [Option<String>; 3],
) -> Result<VerificationTemplate> {
    let template = template.unwrap_or_default();
    let one_of = |new: Option<String>, old: Option<String>, name: &str| match (new, old) {
        (Some(new), Some(old)) if new != old => {
            Err(invalid(format!("{name} and VerificationMessageTemplate contradict each other.")))
        }
        (new, old) => Ok(new.or(old)),
    };
    Ok(VerificationTemplate {
        by_link: template.default_email_option == Some(wire::DefaultEmailOptionType::ConfirmWithLink),
        sms_message: one_of(template.sms_message, sms, "SmsVerificationMessage")?,
        email_message: one_of(template.email_message, email, "EmailVerificationMessage")?,
        email_subject: one_of(template.email_subject, subject, "EmailVerificationSubject")?,
        email_message_by_link: template.email_message_by_link,
        email_subject_by_link: template.email_subject_by_link,
    })
}

fn admin_create_user(
    config: Option<wire::AdminCreateUserConfigType>,
    policy: &PasswordPolicy,
) -> Result<AdminCreateUser> {
    let config = config.unwrap_or_default();
    let days = config.unused_account_validity_days.filter(|days| *days != 0);
    if days.is_some_and(|days| days != policy.temporary_password_validity_days) {
        return Err(invalid(
            "UnusedAccountValidityDays is replaced by TemporaryPasswordValidityDays of the password policy and must not \
             differ from it.",
        ));
    }
    let message = config.invite_message_template.unwrap_or_default();
    Ok(AdminCreateUser {
        only_administrators: config.allow_admin_create_user_only.unwrap_or(false),
        sms_message: message.sms_message,
        email_message: message.email_message,
        email_subject: message.email_subject,
    })
}

fn account_recovery(
    setting: Option<wire::AccountRecoverySettingType>,
) -> Result<Option<Vec<RecoveryOption>>> {
    let Some(mut mechanisms) = setting.and_then(|setting| setting.recovery_mechanisms) else {
        return Ok(None);
    };
    mechanisms.sort_by_key(|mechanism| mechanism.priority);
    let option = |mechanism: &wire::RecoveryOptionType| match mechanism.name {
        wire::RecoveryOptionNameType::VerifiedEmail => RecoveryOption::VerifiedEmail,
        wire::RecoveryOptionNameType::VerifiedPhoneNumber => RecoveryOption::VerifiedPhoneNumber,
        wire::RecoveryOptionNameType::AdminOnly => RecoveryOption::AdminOnly,
    };
    let options: Vec<_> = mechanisms.iter().map(option).collect();
    if options.contains(&RecoveryOption::AdminOnly) && options.len() > 1 {
        return Err(invalid("admin_only cannot be combined with other account recovery mechanisms."));
    }
    Ok(Some(options))
}

fn email(configuration: Option<wire::EmailConfigurationType>) -> Result<EmailSettings> {
    let configuration = configuration.unwrap_or_default();
    refuse_unbuilt(&[("ConfigurationSet", configuration.configuration_set.is_some())])?;
    let own_sender = configuration.email_sending_account == Some(wire::EmailSendingAccountType::Developer);
    if own_sender && configuration.source_arn.is_none() {
        return Err(invalid("SourceArn is required for the email sending account DEVELOPER."));
    }
    Ok(EmailSettings {
        own_sender,
        source_arn: configuration.source_arn,
        from: configuration.from,
        reply_to: configuration.reply_to_email_address,
    })
}

fn tier(tier: wire::UserPoolTierType) -> Tier {
    match tier {
        wire::UserPoolTierType::Lite => Tier::Lite,
        wire::UserPoolTierType::Essentials => Tier::Essentials,
        wire::UserPoolTierType::Plus => Tier::Plus,
    }
}
