//! SmsConfiguration to and from the wire.

use cognate_contract::cognito_idp as wire;
use cognate_core::{Error, Result};
use cognate_store::user_pool::SmsSender;

/// The sender as given: of one of the two services, not both.
pub(super) fn of_wire(
    configuration: Option<wire::SmsConfigurationType>,
    region: &str,
) -> Result<Option<SmsSender>> {
    let Some(wire::SmsConfigurationType { sns_caller_arn, external_id, sns_region, eums_sms }) =
        configuration
    else {
        return Ok(None);
    };
    match eums_sms {
        None if sns_caller_arn.is_none() && external_id.is_none() && sns_region.is_none() => Ok(None),
        None => Ok(Some(SmsSender::Sns { caller_arn: sns_caller_arn, external_id, region: sns_region })),
        Some(_) if sns_caller_arn.is_some() || external_id.is_some() || sns_region.is_some() => {
            Err(Error::invalid("SmsConfiguration takes either the members of SNS or EumsSms."))
        }
        Some(eums) if eums.region.as_ref().is_some_and(|given| given != region) => {
            Err(Error::invalid("The Region of EumsSms must be the region of the user pool."))
        }
        Some(eums) => Ok(Some(SmsSender::EndUserMessaging {
            caller_arn: eums.caller_arn,
            external_id: eums.external_id,
            origination_identity: eums.origination_identity,
            configuration_set_name: eums.configuration_set_name,
            in_entity_id: eums.in_entity_id,
            in_template_id: eums.in_template_id,
            region: eums.region,
        })),
    }
}

/// The sender as describe shows it.
pub(super) fn to_wire(sender: &SmsSender) -> wire::SmsConfigurationType {
    match sender.clone() {
        SmsSender::Sns { caller_arn, external_id, region } => wire::SmsConfigurationType {
            sns_caller_arn: caller_arn,
            external_id,
            sns_region: region,
            eums_sms: None,
        },
        SmsSender::EndUserMessaging {
            caller_arn,
            external_id,
            origination_identity,
            configuration_set_name,
            in_entity_id,
            in_template_id,
            region,
        } => wire::SmsConfigurationType {
            eums_sms: Some(wire::EumsSmsConfigurationType {
                caller_arn,
                external_id,
                origination_identity,
                configuration_set_name,
                in_entity_id,
                in_template_id,
                region,
            }),
            ..wire::SmsConfigurationType::default()
        },
    }
}
