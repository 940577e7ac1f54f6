//! For operators and orchestrators: health and metrics.

pub(crate) mod health;
pub mod metrics;
