//! Set and GetLogDeliveryConfiguration.

use cognate_contract::cognito_idp::{
    CloudWatchLogsConfigurationType, EventSourceName, FirehoseConfigurationType,
    GetLogDeliveryConfigurationRequest, GetLogDeliveryConfigurationResponse, LogConfigurationType,
    LogDeliveryConfigurationType, LogLevel, S3ConfigurationType, SetLogDeliveryConfigurationRequest,
    SetLogDeliveryConfigurationResponse,
};
use cognate_core::{App, Error, Result, user_pool};
use cognate_store::UserPoolId;
use cognate_store::user_pool::{LogDelivery, LogDestination, LogSource};

use crate::aws::access::Signed;

pub(in crate::aws) async fn set_log_delivery_configuration(
    app: &App,
    caller: Signed,
    input: SetLogDeliveryConfigurationRequest,
) -> Result<SetLogDeliveryConfigurationResponse> {
    let id = UserPoolId::new(input.user_pool_id);
    // A pool that is not there is said before what is wrong with the logs.
    user_pool::get(app, &caller.account, &id).await?;
    let logs = input.log_configurations.into_iter().map(log).collect::<Result<Vec<_>>>()?;
    if let [first, second, ..] = &*logs
        && first.source == second.source
    {
        return Err(Error::invalid("Each EventSource can be configured once."));
    }
    user_pool::update(app, &caller.account, &id, |pool| {
        let mut settings = pool.settings.clone();
        settings.log_delivery.clone_from(&logs);
        Ok((pool.name.clone(), settings))
    })
    .await?;
    Ok(SetLogDeliveryConfigurationResponse { log_delivery_configuration: Some(describe(&id, logs)) })
}

pub(in crate::aws) async fn get_log_delivery_configuration(
    app: &App,
    caller: Signed,
    input: GetLogDeliveryConfigurationRequest,
) -> Result<GetLogDeliveryConfigurationResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let described = describe(&pool.id, pool.settings.log_delivery);
    Ok(GetLogDeliveryConfigurationResponse { log_delivery_configuration: Some(described) })
}

fn log(log: LogConfigurationType) -> Result<LogDelivery> {
    let cloud_watch = log.cloud_watch_logs_configuration.map(|it| it.log_group_arn);
    let s3 = log.s3_configuration.map(|it| it.bucket_arn);
    let firehose = log.firehose_configuration.map(|it| it.stream_arn);
    let destination = match (cloud_watch, s3, firehose) {
        (Some(Some(arn)), None, None) if is_arn(&arn, "logs", "log-group:") => {
            LogDestination::CloudWatch(arn)
        }
        (None, Some(Some(arn)), None) if is_arn(&arn, "s3", "") => LogDestination::S3(arn),
        (None, None, Some(Some(arn))) if is_arn(&arn, "firehose", "deliverystream/") => {
            LogDestination::Firehose(arn)
        }
        _ => {
            return Err(Error::invalid(
                "A log configuration needs exactly one destination: the ARN of a CloudWatch log group, of an S3 bucket, \
                 or of a Firehose stream.",
            ));
        }
    };
    match (log.event_source, log.log_level) {
        (EventSourceName::UserNotification, LogLevel::Error) => match destination {
            LogDestination::CloudWatch(_) => {
                Ok(LogDelivery { source: LogSource::Notifications, destination })
            }
            _ => Err(Error::invalid("userNotification logs can only be sent to a CloudWatch log group.")),
        },
        (EventSourceName::UserAuthEvents, LogLevel::Info) => {
            Ok(LogDelivery { source: LogSource::AuthEvents, destination })
        }
        (EventSourceName::UserNotification, LogLevel::Info) => {
            Err(Error::invalid("The LogLevel of userNotification must be ERROR."))
        }
        (EventSourceName::UserAuthEvents, LogLevel::Error) => {
            Err(Error::invalid("The LogLevel of userAuthEvents must be INFO."))
        }
    }
}

/// Whether a text is an ARN of a service's resource of that kind.
fn is_arn(text: &str, service: &str, resource: &str) -> bool {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", _, of, _, _, rest] if *of == service
        && rest.strip_prefix(resource).is_some_and(|name| !name.is_empty()))
}

fn describe(pool: &UserPoolId, logs: Vec<LogDelivery>) -> LogDeliveryConfigurationType {
    let log = |log: LogDelivery| {
        let (event_source, log_level) = match log.source {
            LogSource::Notifications => (EventSourceName::UserNotification, LogLevel::Error),
            LogSource::AuthEvents => (EventSourceName::UserAuthEvents, LogLevel::Info),
        };
        let mut described = LogConfigurationType {
            log_level,
            event_source,
            cloud_watch_logs_configuration: None,
            s3_configuration: None,
            firehose_configuration: None,
        };
        match log.destination {
            LogDestination::CloudWatch(arn) => {
                let destination = CloudWatchLogsConfigurationType { log_group_arn: Some(arn) };
                described.cloud_watch_logs_configuration = Some(destination);
            }
            LogDestination::S3(arn) => {
                described.s3_configuration = Some(S3ConfigurationType { bucket_arn: Some(arn) });
            }
            LogDestination::Firehose(arn) => {
                described.firehose_configuration = Some(FirehoseConfigurationType { stream_arn: Some(arn) });
            }
        }
        described
    };
    LogDeliveryConfigurationType {
        user_pool_id: pool.to_string(),
        log_configurations: logs.into_iter().map(log).collect(),
    }
}
