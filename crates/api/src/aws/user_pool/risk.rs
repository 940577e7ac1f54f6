//! Set and DescribeRiskConfiguration.

use cognate_contract::cognito_idp as wire;
use cognate_core::user_pool::risk;
use cognate_core::{App, Reach, Result, user_pool};
use cognate_store::user_pool::{
    LeakedPasswords, NotificationTemplate, PasswordEvent, RiskAction, RiskConfiguration, RiskExceptions,
    RiskNotification, RiskResponse, Takeover,
};
use cognate_store::{AppClientId, Timestamp, UserPoolId};

use super::email;
use crate::aws::access::Signed;

pub(in crate::aws) async fn set_risk_configuration(
    app: &App,
    caller: Signed,
    input: wire::SetRiskConfigurationRequest,
) -> Result<wire::SetRiskConfigurationResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(&*input.user_pool_id)).await?;
    let client = input.client_id.as_ref().map(|id| AppClientId::new(&**id));
    let given = configuration(&app.reach, app.clock.now(), input)?;
    match &client {
        None => risk::set_for_pool(app, &pool, given.as_ref()).await?,
        Some(client) => risk::set_for_client(app, &pool, client, given.as_ref()).await?,
    }
    Ok(wire::SetRiskConfigurationResponse { risk_configuration: describe(&pool.id, client.as_ref(), given) })
}

/// A client without a configuration of its own shows its pool's, and then no client.
pub(in crate::aws) async fn describe_risk_configuration(
    app: &App,
    caller: Signed,
    input: wire::DescribeRiskConfigurationRequest,
) -> Result<wire::DescribeRiskConfigurationResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let client = input.client_id.map(|id| AppClientId::new(&*id));
    let (risk, is_own) = risk::in_force(app, &pool, client.as_ref()).await?;
    let described = describe(&pool.id, client.as_ref().filter(|_| is_own), risk);
    Ok(wire::DescribeRiskConfigurationResponse { risk_configuration: described })
}

/// The configuration given; none where nothing but the pool, or the client, is named.
fn configuration(
    reach: &Reach,
    now: Timestamp,
    input: wire::SetRiskConfigurationRequest,
) -> Result<Option<RiskConfiguration>> {
    let leaked_passwords = input.compromised_credentials_risk_configuration.map(leaked_passwords);
    let takeover = input.account_takeover_risk_configuration;
    let takeover = takeover.map(|given| self::takeover(reach, given)).transpose()?;
    let exceptions = input.risk_exception_configuration.map(|given| RiskExceptions {
        blocked: given.blocked_ip_range_list.unwrap_or_default(),
        skipped: given.skipped_ip_range_list.unwrap_or_default(),
    });
    let nothing = leaked_passwords.is_none() && takeover.is_none() && exceptions.is_none();
    let given = RiskConfiguration { leaked_passwords, takeover, exceptions, updated_at: now };
    Ok((!nothing).then_some(given))
}

fn leaked_passwords(given: wire::CompromisedCredentialsRiskConfigurationType) -> LeakedPasswords {
    let event = |event| match event {
        wire::EventFilterType::SignIn => PasswordEvent::SignIn,
        wire::EventFilterType::PasswordChange => PasswordEvent::PasswordChange,
        wire::EventFilterType::SignUp => PasswordEvent::SignUp,
    };
    let events = given.event_filter.filter(|events| !events.is_empty());
    let all = vec![PasswordEvent::SignIn, PasswordEvent::PasswordChange, PasswordEvent::SignUp];
    LeakedPasswords {
        events: events.map_or(all, |events| events.into_iter().map(event).collect()),
        block: given.actions.event_action == wire::CompromisedCredentialsEventActionType::Block,
    }
}

fn takeover(reach: &Reach, given: wire::AccountTakeoverRiskConfigurationType) -> Result<Takeover> {
    let response = |given: wire::AccountTakeoverActionType| RiskResponse {
        notify: given.notify,
        action: match given.event_action {
            wire::AccountTakeoverEventActionType::Block => RiskAction::Block,
            wire::AccountTakeoverEventActionType::MfaIfConfigured => RiskAction::MfaIfConfigured,
            wire::AccountTakeoverEventActionType::MfaRequired => RiskAction::MfaRequired,
            wire::AccountTakeoverEventActionType::NoAction => RiskAction::Nothing,
        },
    };
    Ok(Takeover {
        low: given.actions.low_action.map(response),
        medium: given.actions.medium_action.map(response),
        high: given.actions.high_action.map(response),
        notification: given.notify_configuration.map(|given| notification(reach, given)).transpose()?,
    })
}

fn notification(reach: &Reach, given: wire::NotifyConfigurationType) -> Result<RiskNotification> {
    email::check_sender(reach, Some(&given.source_arn), given.from.as_deref())?;
    email::check_reply_to("ReplyTo", given.reply_to.as_deref())?;
    let template = |given: wire::NotifyEmailType| NotificationTemplate {
        subject: given.subject,
        html: given.html_body,
        text: given.text_body,
    };
    Ok(RiskNotification {
        source_arn: given.source_arn,
        from: given.from,
        reply_to: given.reply_to,
        block: given.block_email.map(template),
        nothing: given.no_action_email.map(template),
        mfa: given.mfa_email.map(template),
    })
}

fn describe(
    pool: &UserPoolId,
    client: Option<&AppClientId>,
    risk: Option<RiskConfiguration>,
) -> wire::RiskConfigurationType {
    let mut described = wire::RiskConfigurationType {
        user_pool_id: Some(pool.to_string()),
        client_id: client.map(|client| client.as_str().into()),
        ..wire::RiskConfigurationType::default()
    };
    if let Some(risk) = risk {
        described.compromised_credentials_risk_configuration = risk.leaked_passwords.map(describe_leaked);
        described.account_takeover_risk_configuration = risk.takeover.map(describe_takeover);
        described.risk_exception_configuration = risk.exceptions.map(describe_exceptions);
        described.last_modified_date = Some(risk.updated_at.into());
    }
    described
}

fn describe_leaked(set: LeakedPasswords) -> wire::CompromisedCredentialsRiskConfigurationType {
    let event = |event| match event {
        PasswordEvent::SignIn => wire::EventFilterType::SignIn,
        PasswordEvent::PasswordChange => wire::EventFilterType::PasswordChange,
        PasswordEvent::SignUp => wire::EventFilterType::SignUp,
    };
    let event_action = match set.block {
        true => wire::CompromisedCredentialsEventActionType::Block,
        false => wire::CompromisedCredentialsEventActionType::NoAction,
    };
    wire::CompromisedCredentialsRiskConfigurationType {
        event_filter: Some(set.events.into_iter().map(event).collect()),
        actions: wire::CompromisedCredentialsActionsType { event_action },
    }
}

fn describe_takeover(set: Takeover) -> wire::AccountTakeoverRiskConfigurationType {
    let action = |set: RiskResponse| wire::AccountTakeoverActionType {
        notify: set.notify,
        event_action: match set.action {
            RiskAction::Block => wire::AccountTakeoverEventActionType::Block,
            RiskAction::MfaIfConfigured => wire::AccountTakeoverEventActionType::MfaIfConfigured,
            RiskAction::MfaRequired => wire::AccountTakeoverEventActionType::MfaRequired,
            RiskAction::Nothing => wire::AccountTakeoverEventActionType::NoAction,
        },
    };
    let template = |set: NotificationTemplate| wire::NotifyEmailType {
        subject: set.subject,
        html_body: set.html,
        text_body: set.text,
    };
    wire::AccountTakeoverRiskConfigurationType {
        notify_configuration: set.notification.map(|set| wire::NotifyConfigurationType {
            from: set.from,
            reply_to: set.reply_to,
            source_arn: set.source_arn,
            block_email: set.block.map(template),
            no_action_email: set.nothing.map(template),
            mfa_email: set.mfa.map(template),
        }),
        actions: wire::AccountTakeoverActionsType {
            low_action: set.low.map(action),
            medium_action: set.medium.map(action),
            high_action: set.high.map(action),
        },
    }
}

fn describe_exceptions(set: RiskExceptions) -> wire::RiskExceptionConfigurationType {
    let some = |list: Vec<String>| (!list.is_empty()).then_some(list);
    wire::RiskExceptionConfigurationType {
        blocked_ip_range_list: some(set.blocked),
        skipped_ip_range_list: some(set.skipped),
    }
}
