//! Functions behind the Lambda Invoke API: AWS's own, or whatever speaks its protocol.
//!
//! A client is made for each region when its first function is called: until then nobody's credentials are looked for.

use std::collections::HashMap;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::Credentials;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_sdk_lambda::primitives::Blob;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;

use super::functions::Attempt;
use super::target::Arn;
use crate::CallFailure;
use crate::outbound::LARGEST_ANSWER;

const CONNECT_TIME: Duration = Duration::from_secs(3);
/// The most regions that clients are kept for.
const MOST_REGIONS: usize = 64;

/// Where functions are invoked, and as whom.
#[derive(Debug, Clone)]
pub struct LambdaOptions {
    /// The URL of the endpoint.
    pub endpoint_url: String,
    /// Access key id and secret; without them the AWS SDK looks where it always does.
    pub credentials: Option<(String, SecretString)>,
}

/// Invokes functions.
#[derive(Debug)]
pub(super) struct Lambda {
    options: LambdaOptions,
    clients: Mutex<HashMap<String, Client>>,
}

impl Lambda {
    pub(super) fn new(options: LambdaOptions) -> Self {
        Self { options, clients: Mutex::default() }
    }

    /// Invokes a function once, and returns what it answers.
    pub(super) async fn invoke(&self, arn: Arn<'_>, event: Vec<u8>, time: Duration) -> Attempt {
        let invoking = async {
            let client = self.client(arn.region).await;
            let invoke = client.invoke().function_name(arn.text).payload(Blob::new(event));
            match invoke.send().await {
                Ok(answer) => {
                    let payload = answer.payload.map(Blob::into_inner).unwrap_or_default();
                    if payload.len() > LARGEST_ANSWER {
                        return Attempt::Unreadable;
                    }
                    match answer.function_error {
                        Some(_) => Attempt::Raised(payload),
                        None => Attempt::Answered(payload),
                    }
                }
                Err(error) => failure(&error),
            }
        };
        // The SDK writes what it sends to the debug log (LOG-1).
        let invoking = invoking.with_subscriber(NoSubscriber::new());
        tokio::time::timeout(time, invoking).await.unwrap_or(Attempt::Failed(CallFailure::Timeout))
    }

    async fn client(&self, region: &str) -> Client {
        let mut clients = self.clients.lock().await;
        if let Some(client) = clients.get(region) {
            return client.clone();
        }
        let own = &self.options;
        let mut config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .endpoint_url(&own.endpoint_url)
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT_TIME).build());
        if let Some((id, secret)) = &own.credentials {
            let key = Credentials::new(id, secret.expose_secret(), None, None, "configuration");
            config = config.credentials_provider(key);
        }
        let client = Client::new(&config.load().await);
        if clients.len() >= MOST_REGIONS
            && let Some(some) = clients.keys().next().cloned()
        {
            clients.remove(&some);
        }
        clients.insert(region.to_owned(), client.clone());
        client
    }
}

fn failure(error: &SdkError<InvokeError>) -> Attempt {
    match error {
        SdkError::ServiceError(refused) => {
            let status = refused.raw().status().as_u16();
            let code = refused.err().code().unwrap_or_default();
            match (code, status) {
                ("AccessDeniedException" | "ResourceNotFoundException", _) | (_, 400..=499)
                    if status != 429 =>
                {
                    Attempt::Denied(CallFailure::AccessDenied)
                }
                _ => Attempt::Failed(CallFailure::Status(status)),
            }
        }
        SdkError::TimeoutError(_) => Attempt::Failed(CallFailure::Timeout),
        _ => Attempt::Failed(CallFailure::Unreachable),
    }
}
