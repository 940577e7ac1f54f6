//! Logs and traces. Traces leave by OTLP where the standard `OTEL_EXPORTER_OTLP_*` variables say where to.

use std::io::IsTerminal as _;

use actix_web::http::header::HeaderMap;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::config::LogFormat;

/// Flushes what is buffered when the process ends.
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

/// What is logged without `RUST_LOG`: libraries only speak up when something is wrong.
const DEFAULT_FILTER: &str = "info,sqlx=warn,actix_server=warn";

/// Starts logging, with `RUST_LOG` as the filter.
///
/// # Errors
/// When the trace exporter cannot be built.
pub fn start(format: LogFormat) -> anyhow::Result<Telemetry> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let logs = match format {
        LogFormat::Text => {
            let colours = std::io::stderr().is_terminal();
            tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colours).boxed()
        }
        LogFormat::Json => tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .with_writer(std::io::stderr)
            .boxed(),
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

/// Makes a span part of the trace that the caller's `traceparent` header names (W3C Trace Context), where it has one.
pub(crate) fn continue_trace(span: &tracing::Span, headers: &HeaderMap) {
    if headers.contains_key("traceparent") {
        // Without exported traces there is nothing to be part of.
        let _ = span.set_parent(TraceContextPropagator::new().extract(&Headers(headers)));
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
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
