//! Where a pool's logs go.

use serde::{Deserialize, Serialize};

/// A log and where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogDelivery {
    /// What is logged.
    pub source: LogSource,
    /// Where it goes.
    pub destination: LogDestination,
}

/// What is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogSource {
    /// Messages that could not be delivered.
    Notifications,
    /// What users do, and what threat protection makes of it.
    AuthEvents,
}

/// Where a log goes, by its ARN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogDestination {
    /// A log group of Amazon CloudWatch.
    CloudWatch(String),
    /// A bucket of Amazon S3.
    S3(String),
    /// A stream of Amazon Data Firehose.
    Firehose(String),
}
