//! Logs and traces. Traces leave by OTLP where the standard `OTEL_EXPORTER_OTLP_*` variables say where to.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::config::LogFormat;

/// Flushes what is buffered when the process ends.
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

/// Starts logging, with `RUST_LOG` as the filter and `info` without it.
///
/// # Errors
/// When the trace exporter cannot be built.
pub fn start(format: LogFormat) -> anyhow::Result<Telemetry> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = match format {
        LogFormat::Text => tracing_subscriber::fmt::layer().with_writer(std::io::stderr).boxed(),
        LogFormat::Json => {
            tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr).boxed()
        }
    };
    let traces = traces()?;
    let exported = traces
        .as_ref()
        .map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("cognate")));
    tracing_subscriber::registry().with(exported).with(logs).with(filter).init();
    Ok(Telemetry { traces })
}

fn traces() -> anyhow::Result<Option<SdkTracerProvider>> {
    let asked = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
    if !asked.iter().any(|name| std::env::var_os(name).is_some()) {
        return Ok(None);
    }
    let exporter = opentelemetry_otlp::SpanExporter::builder().with_http().build()?;
    let resource = Resource::builder().with_service_name("cognate").build();
    Ok(Some(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
}

impl Telemetry {
    /// Sends what is buffered.
    pub async fn stop(self) {
        let Some(traces) = self.traces else { return };
        // It blocks until the collector has answered.
        let stopped = tokio::task::spawn_blocking(move || traces.shutdown()).await;
        if let Ok(Err(error)) = stopped {
            tracing::warn!(error = &error as &dyn std::error::Error, "traces could not be sent");
        }
    }
}
