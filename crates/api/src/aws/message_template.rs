//! Words of messages in a language, for the operator: an addition to Cognito. The members are those that CreateUserPool and
//! SetUserPoolMfaConfig have for a pool's own words, and are checked as theirs.

use anyhow::{Context as _, anyhow, ensure};
use cognate_contract::cognito_idp::{CreateUserPoolRequest, SetUserPoolMfaConfigRequest};
use cognate_contract::decode;
use cognate_core::{App, language};
use cognate_store::message_template::{self, MessageTemplate, TemplateWords};
use cognate_store::{AppClientId, Db, UserPoolId, app_client, user_pool as pools};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::error::{Failure, WireError};
use super::user_pool;

/// What the operator writes.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
struct Templates {
    verification_message_template: Verification,
    invite_message_template: Invitation,
    sms_authentication_message: Option<String>,
    email_mfa_message: Option<String>,
    email_mfa_subject: Option<String>,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
struct Verification {
    sms_message: Option<String>,
    email_message: Option<String>,
    email_subject: Option<String>,
    email_message_by_link: Option<String>,
    email_subject_by_link: Option<String>,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
struct Invitation {
    #[serde(rename = "SMSMessage")]
    sms_message: Option<String>,
    email_message: Option<String>,
    email_subject: Option<String>,
}

/// Sets the words of a pool, or of one of its clients, in a language.
///
/// # Errors
/// In words for the operator.
pub async fn set(
    app: &App,
    pool: &UserPoolId,
    client: Option<AppClientId>,
    language: &str,
    templates: &[u8],
) -> anyhow::Result<()> {
    let language = tag(language)?;
    let words = words(app, pool, templates)?;
    let found = pools::get(&app.db, pool).await?;
    let found = found.with_context(|| format!("user pool {pool} does not exist"))?;
    if let Some(client) = &client {
        let known = app_client::get(&app.db, &found, client).await?;
        known.with_context(|| format!("user pool {pool} has no app client {client}"))?;
    }
    let template = MessageTemplate { client, language, words, updated_at: app.clock.now() };
    Ok(message_template::put(&app.db, pool, &template).await?)
}

/// Takes the words of a pool, or of one of its clients, in a language away.
///
/// # Errors
/// In words for the operator.
pub async fn remove(
    db: &Db,
    pool: &UserPoolId,
    client: Option<&AppClientId>,
    language: &str,
) -> anyhow::Result<()> {
    let found = message_template::delete(db, pool, client, &tag(language)?).await?;
    ensure!(found, "there are no such templates");
    Ok(())
}

fn tag(language: &str) -> anyhow::Result<String> {
    let tag = language::registered_tag(language);
    tag.with_context(|| format!("{language:?} is not the tag of a language, such as de or de-CH"))
}

/// Reads templates as if they were a pool's own.
fn words(app: &App, pool: &UserPoolId, templates: &[u8]) -> anyhow::Result<TemplateWords> {
    let given: Templates = serde_json::from_slice(templates).context("the templates cannot be read")?;
    let create = json!({
        "PoolName": "templates",
        "VerificationMessageTemplate": given.verification_message_template,
        "AdminCreateUserConfig": { "InviteMessageTemplate": given.invite_message_template },
        "SmsAuthenticationMessage": given.sms_authentication_message,
    });
    let mfa = json!({
        "UserPoolId": pool.as_str(),
        "EmailMfaConfiguration": { "Message": given.email_mfa_message, "Subject": given.email_mfa_subject },
    });
    let create = decode::<CreateUserPoolRequest>(create.to_string().as_bytes());
    let mfa = decode::<SetUserPoolMfaConfigRequest>(mfa.to_string().as_bytes());
    let (create, mfa) =
        (create.map_err(|error| anyhow!("{error}"))?, mfa.map_err(|error| anyhow!("{error}"))?);
    let settings = user_pool::settings_of_new(app, create).map_err(|error| {
        let wire = WireError::from(&Failure::Core(error));
        anyhow!("{}", wire.message.unwrap_or_default())
    })?;
    let (verification, invitation) = (settings.verification, settings.admin_create_user);
    let authentication = mfa.email_mfa_configuration.unwrap_or_default();
    let words = TemplateWords {
        sms_message: verification.sms_message,
        email_message: verification.email_message,
        email_subject: verification.email_subject,
        email_message_by_link: verification.email_message_by_link,
        email_subject_by_link: verification.email_subject_by_link,
        sms_invitation: invitation.sms_message,
        email_invitation: invitation.email_message,
        email_invitation_subject: invitation.email_subject,
        sms_authentication: settings.mfa.sms_message,
        email_authentication: authentication.message,
        email_authentication_subject: authentication.subject,
    };
    Ok(words)
}
