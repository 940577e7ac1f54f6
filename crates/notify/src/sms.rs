//! Text messages, by Amazon SNS or whatever speaks its protocol.
//!
//! The client is made when the first message leaves: until then nobody's credentials are looked for. It tries once, because
//! the outbox tries again, and a message that is sent twice costs twice.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_sns::Client;
use aws_sdk_sns::config::Credentials;
use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sns::operation::publish::PublishError;
use aws_sdk_sns::types::MessageAttributeValue;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::OnceCell;
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;

use crate::Failure;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Less than the worker gives a message.
const SEND_TIMEOUT: Duration = Duration::from_secs(20);

/// Where text messages go, and as whose.
#[derive(Debug, Clone)]
pub struct SmsOptions {
    /// The URL of the endpoint.
    pub endpoint_url: String,
    /// The region that requests are signed for.
    pub region: String,
    /// Access key id and secret; without them the AWS SDK looks where it always does.
    pub credentials: Option<(String, SecretString)>,
    /// The name that a message comes from, where the receiver's country allows one.
    pub sender_id: Option<String>,
    /// The number that it comes from.
    pub origination_number: Option<String>,
}

/// Sends text messages.
pub(crate) struct Sns {
    options: SmsOptions,
    client: OnceCell<Client>,
}

impl Sns {
    pub(crate) fn new(options: SmsOptions) -> Self {
        Self { options, client: OnceCell::new() }
    }

    /// Sends a text message; `Ok` once the service has taken it over.
    pub(crate) async fn send(&self, number: &str, text: &str) -> Result<(), Failure> {
        // The SDK writes what it sends to the debug log (LOG-1).
        self.publish(number, text).with_subscriber(NoSubscriber::new()).await
    }

    async fn publish(&self, number: &str, text: &str) -> Result<(), Failure> {
        let client = self.client.get_or_init(|| self.connect()).await;
        let own = &self.options;
        let attributes = [
            ("AWS.SNS.SMS.SMSType", Some("Transactional")),
            ("AWS.SNS.SMS.SenderID", own.sender_id.as_deref()),
            ("AWS.MM.SMS.OriginationNumber", own.origination_number.as_deref()),
        ];
        let mut publish = client.publish().phone_number(number).message(text);
        for (name, value) in attributes {
            let Some(value) = value else { continue };
            let value = MessageAttributeValue::builder().data_type("String").string_value(value).build();
            let value = value.map_err(|_| Failure::passing("the text message cannot be put together"))?;
            publish = publish.message_attributes(name, value);
        }
        publish.send().await.map(drop).map_err(|error| failure(&error))
    }

    async fn connect(&self) -> Client {
        let own = &self.options;
        let times = TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_timeout(SEND_TIMEOUT);
        let mut config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(own.region.clone()))
            .endpoint_url(&own.endpoint_url)
            .retry_config(RetryConfig::disabled())
            .timeout_config(times.build());
        if let Some((id, secret)) = &own.credentials {
            let key = Credentials::new(id, secret.expose_secret(), None, None, "configuration");
            config = config.credentials_provider(key);
        }
        Client::new(&config.load().await)
    }
}

/// What went wrong, without the service's words: they repeat the number (LOG-1).
fn failure(error: &SdkError<PublishError>) -> Failure {
    match error {
        SdkError::ServiceError(refused) => refusal(refused.err(), refused.raw().status().as_u16()),
        SdkError::TimeoutError(_) => Failure::passing("the SNS endpoint took too long"),
        SdkError::ResponseError(_) => Failure::passing("the SNS endpoint's answer cannot be read"),
        // Credentials are looked for before anything is sent.
        SdkError::DispatchFailure(failed) if !failed.is_io() && !failed.is_timeout() => {
            Failure::passing("the SNS endpoint cannot be asked: are there credentials?")
        }
        _ => Failure::passing("the SNS endpoint cannot be reached"),
    }
}

/// Only what is wrong with the number lasts: a wrong key, a quota or a sender that is not allowed can be put right.
fn refusal(error: &PublishError, status: u16) -> Failure {
    let code = error.code().filter(|code| code.chars().all(|c| c.is_ascii_alphabetic()));
    let reason = format!("the SNS endpoint refused it ({}, {status})", code.unwrap_or("no code"));
    let is_about_the_number = || error.message().is_some_and(|message| message.contains("PhoneNumber"));
    let lasting = match code {
        Some("OptedOut" | "OptedOutException") => true,
        Some("InvalidParameter" | "InvalidParameterValue" | "ParameterValueInvalid") => is_about_the_number(),
        _ => false,
    };
    Failure { reason, lasting }
}

#[cfg(test)]
mod tests;
