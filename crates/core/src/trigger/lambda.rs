//! Functions behind the Lambda Invoke API: AWS's own, or whatever speaks its protocol.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;

use super::CallFailure;
use super::aws::{Aws, AwsOptions};
use super::functions::Attempt;
use super::target::Arn;
use crate::outbound::LARGEST_ANSWER;

/// Invokes functions.
#[derive(Debug)]
pub(super) struct Lambda(Aws);

impl Lambda {
    pub(super) fn new(options: AwsOptions) -> Self {
        Self(Aws::new(options))
    }

    /// Invokes a function once, and returns what it answers; or leaves it to the service to, which answers nothing then.
    pub(super) async fn invoke(
        &self,
        arn: Arn<'_>,
        event: Vec<u8>,
        time: Duration,
        unwaited: bool,
    ) -> Attempt {
        let kind = if unwaited { InvocationType::Event } else { InvocationType::RequestResponse };
        let invoking = async {
            let client = Client::new(&self.0.in_region(arn.region).await);
            let invoke =
                client.invoke().function_name(arn.text).payload(Blob::new(event)).invocation_type(kind);
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
