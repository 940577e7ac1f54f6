//! LambdaConfig to and from the wire.

use cognate_contract::cognito_idp as wire;
use cognate_core::{Error, Result};
use cognate_store::user_pool::{Trigger, TriggerFunction, Triggers};

/// The triggers as given.
pub(super) fn of_wire(config: Option<wire::LambdaConfigType>) -> Result<Triggers> {
    let config = config.unwrap_or_default();
    let plain = [
        (Trigger::PreSignUp, config.pre_sign_up),
        (Trigger::CustomMessage, config.custom_message),
        (Trigger::PostConfirmation, config.post_confirmation),
        (Trigger::PreAuthentication, config.pre_authentication),
        (Trigger::PostAuthentication, config.post_authentication),
        (Trigger::DefineAuthChallenge, config.define_auth_challenge),
        (Trigger::CreateAuthChallenge, config.create_auth_challenge),
        (Trigger::VerifyAuthChallengeResponse, config.verify_auth_challenge_response),
        (Trigger::UserMigration, config.user_migration),
        (Trigger::PreTokenGeneration, config.pre_token_generation),
    ];
    let mut triggers = Triggers { kms_key_arn: config.kms_key_id, ..Triggers::default() };
    for (trigger, arn) in plain {
        if let Some(arn) = arn {
            triggers.functions.insert(trigger, TriggerFunction { arn, version: None });
        }
    }
    let mut versioned = Vec::new();
    if let Some(it) = config.pre_token_generation_config {
        versioned.push((Trigger::PreTokenGeneration, it.lambda_arn, it.lambda_version.as_str()));
    }
    if let Some(it) = config.custom_sms_sender {
        versioned.push((Trigger::CustomSMSSender, it.lambda_arn, it.lambda_version.as_str()));
    }
    if let Some(it) = config.custom_email_sender {
        versioned.push((Trigger::CustomEmailSender, it.lambda_arn, it.lambda_version.as_str()));
    }
    if let Some(it) = config.inbound_federation {
        versioned.push((Trigger::InboundFederation, it.lambda_arn, it.lambda_version.as_str()));
    }
    for (trigger, arn, version) in versioned {
        let function = TriggerFunction { arn, version: Some(version.to_owned()) };
        let plain = triggers.functions.insert(trigger, function.clone());
        if plain.is_some_and(|plain| plain.arn != function.arn) {
            return Err(Error::invalid(
                "PreTokenGeneration and PreTokenGenerationConfig must name the same function.",
            ));
        }
    }
    let sends = [Trigger::CustomSMSSender, Trigger::CustomEmailSender];
    if triggers.kms_key_arn.is_none() && sends.iter().any(|it| triggers.functions.contains_key(it)) {
        return Err(Error::invalid("KMSKeyID is required for custom sender triggers."));
    }
    Ok(triggers)
}

/// The triggers as describe shows them.
pub(super) fn to_wire(triggers: &Triggers) -> wire::LambdaConfigType {
    let arn = |trigger| triggers.functions.get(&trigger).map(|function| function.arn.clone());
    let version = |trigger: Trigger| triggers.functions.get(&trigger).and_then(|it| it.version.as_deref());
    wire::LambdaConfigType {
        pre_sign_up: arn(Trigger::PreSignUp),
        custom_message: arn(Trigger::CustomMessage),
        post_confirmation: arn(Trigger::PostConfirmation),
        pre_authentication: arn(Trigger::PreAuthentication),
        post_authentication: arn(Trigger::PostAuthentication),
        define_auth_challenge: arn(Trigger::DefineAuthChallenge),
        create_auth_challenge: arn(Trigger::CreateAuthChallenge),
        verify_auth_challenge_response: arn(Trigger::VerifyAuthChallengeResponse),
        user_migration: arn(Trigger::UserMigration),
        // Either member names the same function, and an event without a version is of the first one.
        pre_token_generation: arn(Trigger::PreTokenGeneration),
        pre_token_generation_config: arn(Trigger::PreTokenGeneration).and_then(|lambda_arn| {
            let lambda_version = version(Trigger::PreTokenGeneration).unwrap_or("V1_0").parse().ok()?;
            Some(wire::PreTokenGenerationVersionConfigType { lambda_version, lambda_arn })
        }),
        custom_sms_sender: arn(Trigger::CustomSMSSender).and_then(|lambda_arn| {
            let lambda_version = version(Trigger::CustomSMSSender)?.parse().ok()?;
            Some(wire::CustomSMSLambdaVersionConfigType { lambda_version, lambda_arn })
        }),
        custom_email_sender: arn(Trigger::CustomEmailSender).and_then(|lambda_arn| {
            let lambda_version = version(Trigger::CustomEmailSender)?.parse().ok()?;
            Some(wire::CustomEmailLambdaVersionConfigType { lambda_version, lambda_arn })
        }),
        inbound_federation: arn(Trigger::InboundFederation).and_then(|lambda_arn| {
            let lambda_version = version(Trigger::InboundFederation)?.parse().ok()?;
            Some(wire::InboundFederationLambdaType { lambda_version, lambda_arn })
        }),
        kms_key_id: triggers.kms_key_arn.clone(),
    }
}
