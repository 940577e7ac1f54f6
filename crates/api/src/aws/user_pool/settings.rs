//! A pool's settings to and from the wire: what create sets, what update resets and what survives it, and what describe
//! shows.

use std::collections::BTreeMap;

use cognate_contract::cognito_idp as wire;
use cognate_core::user_pool::schema::{self, Definition};
use cognate_core::{Error, Reach, Result, name};
use cognate_store::UserPoolSettings;
use cognate_store::user_pool::{
    AdminCreateUser, Alias, Contact, DataType, EmailSettings, PasswordPolicy, RecoveryOption, Tier,
    VerificationTemplate,
};
use serde::Serialize;

use crate::aws::wire::refuse_unbuilt;

/// The members that create and update share, from a request of either type.
macro_rules! members {
    ($input:ident) => {
        Members {
            unbuilt: [
                ("LambdaConfig", is_set(&$input.lambda_config)),
                (
                    "MfaConfiguration",
                    $input.mfa_configuration.is_some_and(|it| it != wire::UserPoolMfaType::Off),
                ),
                ("SmsAuthenticationMessage", $input.sms_authentication_message.is_some()),
                ("SmsConfiguration", $input.sms_configuration.is_some()),
                ("UserAttributeUpdateSettings", updates_need_proof(&$input.user_attribute_update_settings)),
                ("DeviceConfiguration", $input.device_configuration.is_some()),
                ("UserPoolAddOns", has_add_ons(&$input.user_pool_add_ons)),
                ("KeyConfiguration", has_own_key(&$input.key_configuration)),
                ("IssuerConfiguration", has_new_issuer(&$input.issuer_configuration)),
                ("AcrConfiguration", is_set(&$input.acr_configuration)),
                ("DcrConfiguration", is_set(&$input.dcr_configuration)),
            ],
            policies: $input.policies,
            auto_verified_attributes: $input.auto_verified_attributes,
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
    unbuilt: [(&'static str, bool); 11],
    policies: Option<wire::UserPoolPolicyType>,
    auto_verified_attributes: Option<Vec<wire::VerifiedAttributeType>>,
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
pub(super) fn of_new(reach: &Reach, input: wire::CreateUserPoolRequest) -> Result<UserPoolSettings> {
    let alias_attributes = input.alias_attributes.unwrap_or_default();
    let username_attributes = input.username_attributes.unwrap_or_default();
    if !alias_attributes.is_empty() && !username_attributes.is_empty() {
        return Err(invalid(
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
    merged(reach, fixed, members!(input))
}

/// The settings of a pool after an update.
pub(super) fn of_updated(
    reach: &Reach,
    current: &UserPoolSettings,
    input: wire::UpdateUserPoolRequest,
) -> Result<UserPoolSettings> {
    merged(reach, current.clone(), members!(input))
}

/// What is left out goes back to its default, except what Cognito keeps: policies, tier, and all that is fixed at
/// creation.
fn merged(reach: &Reach, current: UserPoolSettings, members: Members) -> Result<UserPoolSettings> {
    refuse_unbuilt(&members.unbuilt)?;
    let auto_verified_attributes = contacts(members.auto_verified_attributes);
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
    let mut policy = password_policy(members.policies)?;
    let unused_days = members.admin_create_user.as_ref().and_then(|it| it.unused_account_validity_days);
    let unused_days = unused_days.filter(|days| *days != 0);
    if let (Some(given), Some(days)) = (&mut policy, unused_days) {
        // The older member counts where the newer one is not given.
        given.days = Some(given.days.unwrap_or(days));
    }
    let password_policy = policy.map_or(current.password_policy, PolicyGiven::settle);
    if unused_days.is_some_and(|days| days != password_policy.temporary_password_validity_days) {
        return Err(invalid(
            "UnusedAccountValidityDays must not differ from the password policy's TemporaryPasswordValidityDays, which \
             replaces it.",
        ));
    }
    let verification = verification(members.verification, members.old_verification)?;
    let admin_create_user = admin_create_user(members.admin_create_user)?;
    refuse_unbuilt(&[
        ("SmsVerificationMessage", verification.sms_message.is_some() && !reach.sms),
        ("InviteMessageTemplate SMSMessage", admin_create_user.sms_message.is_some() && !reach.sms),
    ])?;
    Ok(UserPoolSettings {
        auto_verified_attributes,
        verification,
        admin_create_user,
        account_recovery,
        email: email(reach, members.email)?,
        deletion_protection: members.deletion_protection == Some(wire::DeletionProtectionType::Active),
        tags: members.tags.unwrap_or_default(),
        tier: members.tier.map_or(current.tier, tier),
        password_policy,
        ..current
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
    let owned_by_aws =
        |it: &wire::KeyConfigurationType| it.key_type != Some(wire::EncryptionKeyType::CustomerManagedKey);
    setting.as_ref().is_some_and(|it| it.kms_key_arn.is_some() || !owned_by_aws(it))
}

fn has_new_issuer(setting: &Option<wire::IssuerConfigurationType>) -> bool {
    setting.as_ref().is_some_and(|it| it.r#type != Some(wire::IssuerType::Original))
}

/// A password policy as given: the days of a temporary password may come from elsewhere.
struct PolicyGiven {
    policy: PasswordPolicy,
    days: Option<i32>,
}

impl PolicyGiven {
    fn settle(self) -> PasswordPolicy {
        let days = self.days.unwrap_or(self.policy.temporary_password_validity_days);
        PasswordPolicy { temporary_password_validity_days: days, ..self.policy }
    }
}

fn password_policy(policies: Option<wire::UserPoolPolicyType>) -> Result<Option<PolicyGiven>> {
    let Some(policies) = policies else { return Ok(None) };
    let factors = policies.sign_in_policy.and_then(|policy| policy.allowed_first_auth_factors);
    let passwordless =
        factors.is_some_and(|factors| factors.iter().any(|it| *it != wire::AuthFactorType::Password));
    let history = policies.password_policy.as_ref().and_then(|policy| policy.password_history_size);
    refuse_unbuilt(&[
        ("SignInPolicy", passwordless),
        ("PasswordHistorySize", history.is_some_and(|size| size != 0)),
    ])?;
    Ok(policies.password_policy.map(|policy| PolicyGiven {
        policy: PasswordPolicy {
            minimum_length: policy
                .minimum_length
                .and_then(|length| usize::try_from(length).ok())
                .unwrap_or(6),
            require_uppercase: policy.require_uppercase.unwrap_or(false),
            require_lowercase: policy.require_lowercase.unwrap_or(false),
            require_numbers: policy.require_numbers.unwrap_or(false),
            require_symbols: policy.require_symbols.unwrap_or(false),
            ..PasswordPolicy::default()
        },
        days: policy.temporary_password_validity_days.filter(|days| *days != 0),
    }))
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

fn admin_create_user(config: Option<wire::AdminCreateUserConfigType>) -> Result<AdminCreateUser> {
    let config = config.unwrap_or_default();
    let message = config.invite_message_template.unwrap_or_default();
    for body in [&message.sms_message, &message.email_message].into_iter().flatten() {
        if !body.contains("{####}") || !body.contains("{username}") {
            return Err(invalid("An invitation message must contain {username} and {####}."));
        }
    }
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

fn email(reach: &Reach, configuration: Option<wire::EmailConfigurationType>) -> Result<EmailSettings> {
    let configuration = configuration.unwrap_or_default();
    refuse_unbuilt(&[("ConfigurationSet", configuration.configuration_set.is_some())])?;
    let own_sender = configuration.email_sending_account == Some(wire::EmailSendingAccountType::Developer);
    match (own_sender, &configuration.source_arn, &configuration.from) {
        (true, None, _) => {
            return Err(invalid("SourceArn is required for the email sending account DEVELOPER."));
        }
        (false, Some(_), _) | (false, _, Some(_)) => {
            return Err(invalid("SourceArn and From need the email sending account DEVELOPER."));
        }
        _ => {}
    }
    if let Some(reply_to) = &configuration.reply_to_email_address
        && !name::is_email(address(reply_to))
    {
        return Err(invalid("ReplyToEmailAddress is not an email address."));
    }
    if own_sender {
        check_sender(reach, &configuration)?;
    }
    Ok(EmailSettings {
        own_sender,
        source_arn: configuration.source_arn,
        from: configuration.from,
        reply_to: configuration.reply_to_email_address,
    })
}

/// The sender must be an address, and of a domain that the operator lets pools send from: nothing else proves that it
/// is the tenant's.
fn check_sender(reach: &Reach, configuration: &wire::EmailConfigurationType) -> Result<()> {
    let identity =
        configuration.source_arn.as_deref().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default();
    let sender = configuration.from.as_deref().map_or(identity, address);
    if !name::is_email(sender) {
        return Err(invalid("From, or without it the identity of SourceArn, must be an email address."));
    }
    let domain = sender.rsplit('@').next().unwrap_or_default().to_lowercase();
    match &reach.sender_domains {
        Some(allowed) if !allowed.contains(&domain) => {
            Err(invalid(format!("This server does not let user pools send email from {domain}.")))
        }
        _ => Ok(()),
    }
}

/// The address of `Name <address>`, or the text itself.
fn address(mailbox: &str) -> &str {
    let bracketed = mailbox.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<'));
    bracketed.map_or(mailbox.trim(), |(_, address)| address)
}

fn tier(tier: wire::UserPoolTierType) -> Tier {
    match tier {
        wire::UserPoolTierType::Lite => Tier::Lite,
        wire::UserPoolTierType::Essentials => Tier::Essentials,
        wire::UserPoolTierType::Plus => Tier::Plus,
    }
}
