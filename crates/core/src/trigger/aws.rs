//! Services of AWS, or whatever speaks their protocol, that the operator set up.

use std::collections::HashMap;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_lambda::config::{Credentials, SharedCredentialsProvider};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;

const CONNECT_TIME: Duration = Duration::from_secs(3);
/// The most regions that a service's connections are kept for.
const MOST_REGIONS: usize = 64;

/// Where a service is, and as whom it is asked.
#[derive(Debug, Clone)]
pub struct AwsOptions {
    /// The URL of the endpoint.
    pub endpoint_url: String,
    /// Access key id and secret; without them the AWS SDK looks where it always does.
    pub credentials: Option<(String, SecretString)>,
}

/// A service. Nobody's credentials are looked for until it is asked for the first time.
#[derive(Debug)]
pub(super) struct Aws {
    options: AwsOptions,
    regions: Mutex<HashMap<String, SdkConfig>>,
}

impl Aws {
    pub(super) fn new(options: AwsOptions) -> Self {
        Self { options, regions: Mutex::default() }
    }

    /// What a client needs whose requests are signed for a region. It asks once: whoever calls it knows how often to.
    pub(super) async fn in_region(&self, region: &str) -> SdkConfig {
        let mut regions = self.regions.lock().await;
        if let Some(config) = regions.get(region) {
            return config.clone();
        }
        let own = &self.options;
        let loading = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .endpoint_url(&own.endpoint_url)
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT_TIME).build());
        let loading = match &own.credentials {
            Some((id, secret)) => {
                let key = Credentials::new(id, secret.expose_secret(), None, None, "configuration");
                loading.credentials_provider(SharedCredentialsProvider::new(key))
            }
            None => loading,
        };
        let config = loading.load().await;
        if regions.len() >= MOST_REGIONS
            && let Some(some) = regions.keys().next().cloned()
        {
            regions.remove(&some);
        }
        regions.insert(region.to_owned(), config.clone());
        config
    }
}
