//! A pool as describe shows it.

use cognate_contract::cognito_idp as wire;
use cognate_core::domain::Domains;
use cognate_store::user_pool::{Alias, Contact, DataType, RecoveryOption, SchemaAttribute, Tier};
use cognate_store::{UserPool, UserPoolSettings};

use super::{client_registration, mfa, sign_in_policy, sms, trigger};
use crate::aws::wire::{pool_arn, some_list};

/// The pool as `UserPoolType`.
pub(super) fn describe(pool: &UserPool, region: &str, domains: Domains, users: i64) -> wire::UserPoolType {
    let settings = &pool.settings;
    let protection = if settings.deletion_protection {
        wire::DeletionProtectionType::Active
    } else {
        wire::DeletionProtectionType::Inactive
    };
    let verification = &settings.verification;
    wire::UserPoolType {
        id: Some(pool.id.to_string()),
        name: Some(pool.name.clone()),
        arn: Some(pool_arn(pool, region)),
        policies: Some(policies(pool)),
        deletion_protection: Some(protection),
        lambda_config: Some(trigger::to_wire(&settings.triggers)),
        last_modified_date: Some(pool.updated_at.into()),
        creation_date: Some(pool.created_at.into()),
        schema_attributes: Some(settings.schema.iter().map(schema_attribute).collect()),
        auto_verified_attributes: some_list(&settings.auto_verified_attributes, verified_attribute),
        alias_attributes: some_list(&settings.alias_attributes, |alias| match alias {
            Alias::Email => wire::AliasAttributeType::Email,
            Alias::PhoneNumber => wire::AliasAttributeType::PhoneNumber,
            Alias::PreferredUsername => wire::AliasAttributeType::PreferredUsername,
        }),
        username_attributes: some_list(&settings.username_attributes, |contact| match contact {
            Contact::Email => wire::UsernameAttributeType::Email,
            Contact::PhoneNumber => wire::UsernameAttributeType::PhoneNumber,
        }),
        sms_verification_message: verification.sms_message.clone(),
        email_verification_message: verification.email_message.clone(),
        email_verification_subject: verification.email_subject.clone(),
        verification_message_template: Some(wire::VerificationMessageTemplateType {
            sms_message: verification.sms_message.clone(),
            email_message: verification.email_message.clone(),
            email_subject: verification.email_subject.clone(),
            email_message_by_link: verification.email_message_by_link.clone(),
            email_subject_by_link: verification.email_subject_by_link.clone(),
            default_email_option: Some(if verification.by_link {
                wire::DefaultEmailOptionType::ConfirmWithLink
            } else {
                wire::DefaultEmailOptionType::ConfirmWithCode
            }),
        }),
        sms_authentication_message: settings.mfa.sms_message.clone(),
        mfa_configuration: Some(mfa::requirement_to_wire(&settings.mfa)),
        user_attribute_update_settings: Some(wire::UserAttributeUpdateSettingsType {
            attributes_require_verification_before_update: Some(
                settings.prove_before_update.iter().map(verified_attribute).collect(),
            ),
        })
        .filter(|_| !settings.prove_before_update.is_empty()),
        device_configuration: settings.devices.map(sign_in_policy::devices_to_wire),
        sms_configuration: settings.sms_sender.as_ref().map(sms::to_wire),
        user_pool_add_ons: settings.threat_protection.map(sign_in_policy::threat_protection_to_wire),
        acr_configuration: sign_in_policy::acr_values_to_wire(&settings.acr_values),
        dcr_configuration: settings.client_registration.as_ref().map(client_registration::to_wire),
        domain: domains.prefix.map(|domain| domain.name),
        custom_domain: domains.custom.map(|domain| domain.name),
        estimated_number_of_users: i32::try_from(users).ok(),
        email_configuration: Some(wire::EmailConfigurationType {
            source_arn: settings.email.source_arn.clone(),
            reply_to_email_address: settings.email.reply_to.clone(),
            email_sending_account: Some(if settings.email.own_sender {
                wire::EmailSendingAccountType::Developer
            } else {
                wire::EmailSendingAccountType::CognitoDefault
            }),
            from: settings.email.from.clone(),
            configuration_set: settings.email.configuration_set.clone(),
        }),
        user_pool_tags: Some(settings.tags.clone()),
        admin_create_user_config: Some(admin_create_user(pool)),
        username_configuration: settings
            .case_sensitive
            .map(|case_sensitive| wire::UsernameConfigurationType { case_sensitive }),
        account_recovery_setting: account_recovery(settings),
        user_pool_tier: Some(match settings.tier {
            Tier::Lite => wire::UserPoolTierType::Lite,
            Tier::Essentials => wire::UserPoolTierType::Essentials,
            Tier::Plus => wire::UserPoolTierType::Plus,
        }),
        key_configuration: Some(wire::KeyConfigurationType {
            key_type: Some(wire::EncryptionKeyType::AwsOwnedKey),
            kms_key_arn: None,
        }),
        issuer_configuration: Some(wire::IssuerConfigurationType {
            r#type: Some(match settings.newer_issuer {
                true => wire::IssuerType::Updated,
                false => wire::IssuerType::Original,
            }),
        }),
        ..wire::UserPoolType::default()
    }
}

fn verified_attribute(contact: &Contact) -> wire::VerifiedAttributeType {
    match contact {
        Contact::Email => wire::VerifiedAttributeType::Email,
        Contact::PhoneNumber => wire::VerifiedAttributeType::PhoneNumber,
    }
}

fn policies(pool: &UserPool) -> wire::UserPoolPolicyType {
    let policy = &pool.settings.password_policy;
    wire::UserPoolPolicyType {
        password_policy: Some(wire::PasswordPolicyType {
            minimum_length: i32::try_from(policy.minimum_length).ok(),
            require_uppercase: Some(policy.require_uppercase),
            require_lowercase: Some(policy.require_lowercase),
            require_numbers: Some(policy.require_numbers),
            require_symbols: Some(policy.require_symbols),
            password_history_size: policy.history_size,
            temporary_password_validity_days: Some(policy.temporary_password_validity_days),
        }),
        sign_in_policy: Some(wire::SignInPolicyType {
            allowed_first_auth_factors: Some(sign_in_policy::first_factors_to_wire(
                &pool.settings.first_factors,
            )),
        }),
    }
}

fn admin_create_user(pool: &UserPool) -> wire::AdminCreateUserConfigType {
    let config = &pool.settings.admin_create_user;
    let words = [&config.sms_message, &config.email_message, &config.email_subject];
    let template = || wire::MessageTemplateType {
        sms_message: config.sms_message.clone(),
        email_message: config.email_message.clone(),
        email_subject: config.email_subject.clone(),
    };
    wire::AdminCreateUserConfigType {
        allow_admin_create_user_only: Some(config.only_administrators),
        unused_account_validity_days: Some(pool.settings.password_policy.temporary_password_validity_days),
        invite_message_template: words.iter().any(|text| text.is_some()).then(template),
    }
}

fn account_recovery(settings: &UserPoolSettings) -> Option<wire::AccountRecoverySettingType> {
    let priorities = settings.first_recovery_priority.unwrap_or(1)..;
    let mechanism = |(priority, option): (i32, &RecoveryOption)| wire::RecoveryOptionType {
        priority,
        name: match option {
            RecoveryOption::VerifiedEmail => wire::RecoveryOptionNameType::VerifiedEmail,
            RecoveryOption::VerifiedPhoneNumber => wire::RecoveryOptionNameType::VerifiedPhoneNumber,
            RecoveryOption::AdminOnly => wire::RecoveryOptionNameType::AdminOnly,
        },
    };
    let options = settings.account_recovery.as_deref()?;
    let mechanisms = priorities.zip(options).map(mechanism).collect();
    Some(wire::AccountRecoverySettingType { recovery_mechanisms: Some(mechanisms) })
}

fn schema_attribute(attribute: &SchemaAttribute) -> wire::SchemaAttributeType {
    let (minimum, maximum) = (attribute.minimum.clone(), attribute.maximum.clone());
    let mut described = wire::SchemaAttributeType {
        name: Some(match attribute.developer_only {
            true => format!("dev:{}", attribute.name),
            false => attribute.name.clone(),
        }),
        developer_only_attribute: Some(attribute.developer_only),
        mutable: Some(attribute.mutable),
        required: Some(attribute.required),
        ..wire::SchemaAttributeType::default()
    };
    described.attribute_data_type = Some(match attribute.data_type {
        DataType::String => {
            let bounds = wire::StringAttributeConstraintsType { min_length: minimum, max_length: maximum };
            described.string_attribute_constraints = Some(bounds);
            wire::AttributeDataType::String
        }
        DataType::Number => {
            let bounds = wire::NumberAttributeConstraintsType { min_value: minimum, max_value: maximum };
            described.number_attribute_constraints = Some(bounds);
            wire::AttributeDataType::Number
        }
        DataType::DateTime => wire::AttributeDataType::DateTime,
        DataType::Boolean => wire::AttributeDataType::Boolean,
    });
    described
}
