//! Who a pool's emails come from, and where answers go.

use cognate_contract::cognito_idp as wire;
use cognate_core::{Error, Reach, Result, name};
use cognate_store::user_pool::EmailSettings;

/// How a pool sends email, as far as its owner may.
pub(super) fn settings(
    reach: &Reach,
    configuration: Option<wire::EmailConfigurationType>,
) -> Result<EmailSettings> {
    let configuration = configuration.unwrap_or_default();
    let own_sender = configuration.email_sending_account == Some(wire::EmailSendingAccountType::Developer);
    match (own_sender, &configuration.source_arn, &configuration.from) {
        (true, None, _) => {
            return Err(Error::invalid("SourceArn is required for the email sending account DEVELOPER."));
        }
        (false, None, Some(_)) => return Err(Error::invalid("From needs a SourceArn.")),
        _ => {}
    }
    check_reply_to("ReplyToEmailAddress", configuration.reply_to_email_address.as_deref())?;
    if configuration.source_arn.is_some() {
        check_sender(reach, configuration.source_arn.as_deref(), configuration.from.as_deref())?;
    }
    Ok(EmailSettings {
        own_sender,
        source_arn: configuration.source_arn,
        from: configuration.from,
        reply_to: configuration.reply_to_email_address,
        configuration_set: configuration.configuration_set,
    })
}

/// The sender must be an address, and of a domain that the operator lets pools send from: nothing else proves that it
/// is the tenant's.
pub(super) fn check_sender(reach: &Reach, source_arn: Option<&str>, from: Option<&str>) -> Result<()> {
    let identity = source_arn.and_then(|arn| arn.rsplit('/').next()).unwrap_or_default();
    let sender = from.map_or(identity, address);
    if !name::is_email(sender) {
        return Err(Error::invalid(
            "From, or without it the identity of SourceArn, must be an email address.",
        ));
    }
    let domain = sender.rsplit('@').next().unwrap_or_default().to_lowercase();
    match &reach.sender_domains {
        Some(allowed) if !allowed.contains(&domain) => {
            Err(Error::invalid(format!("This server does not let user pools send email from {domain}.")))
        }
        _ => Ok(()),
    }
}

/// The address that answers go to must be one.
pub(super) fn check_reply_to(name: &str, reply_to: Option<&str>) -> Result<()> {
    match reply_to {
        Some(reply_to) if !name::is_email(address(reply_to)) => {
            Err(Error::invalid(format!("{name} is not an email address.")))
        }
        _ => Ok(()),
    }
}

/// The address of `Name <address>`, or the text itself.
fn address(mailbox: &str) -> &str {
    let bracketed = mailbox.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<'));
    bracketed.map_or(mailbox.trim(), |(_, address)| address)
}
