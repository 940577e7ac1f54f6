//! Metrics: counted through OpenTelemetry, read by Prometheus on a port of their own (OPS-4).

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, MeterProvider as _};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Encoder as _, Registry, TextEncoder};

/// The seconds that durations are told apart by.
const BOUNDARIES: [f64; 13] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// What this process counts.
pub struct Metrics {
    registry: Registry,
    calls: Counter<u64>,
    durations: Histogram<f64>,
    web_requests: Counter<u64>,
    web_durations: Histogram<f64>,
    /// Keeps the instruments alive.
    provider: SdkMeterProvider,
}

impl Metrics {
    /// Sets the instruments up.
    ///
    /// # Errors
    /// When the exporter cannot be registered.
    pub fn new() -> anyhow::Result<Self> {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .scope_info_enabled(false)
            .without_target_info()
            .build()?;
        let provider = SdkMeterProvider::builder().with_reader(exporter).build();
        let meter = provider.meter("cognate");
        let calls = meter
            .u64_counter("cognate_aws_calls")
            .with_description(
                "Calls of the AWS JSON API by operation and result (the error's type, or success).",
            )
            .build();
        let durations = meter
            .f64_histogram("cognate_aws_call_duration_seconds")
            .with_description("How long calls of the AWS JSON API took, by operation.")
            .with_boundaries(BOUNDARIES.into())
            .build();
        let web_requests = meter
            .u64_counter("cognate_web_requests")
            .with_description("Requests to pages and OAuth endpoints of user pools, by endpoint and status.")
            .build();
        let web_durations = meter
            .f64_histogram("cognate_web_request_duration_seconds")
            .with_description("How long requests to pages and OAuth endpoints took, by endpoint.")
            .with_boundaries(BOUNDARIES.into())
            .build();
        Ok(Self { registry, calls, durations, web_requests, web_durations, provider })
    }

    /// Counts a call of the AWS JSON API.
    pub(crate) fn aws_call(&self, operation: &'static str, result: &'static str, took: Duration) {
        let operation = KeyValue::new("operation", operation);
        self.durations.record(took.as_secs_f64(), std::slice::from_ref(&operation));
        self.calls.add(1, &[operation, KeyValue::new("result", result)]);
    }

    /// Counts a request to a page or an OAuth endpoint of a pool.
    pub(crate) fn web_request(&self, endpoint: &'static str, status: StatusCode, took: Duration) {
        let endpoint = KeyValue::new("endpoint", endpoint);
        self.web_durations.record(took.as_secs_f64(), std::slice::from_ref(&endpoint));
        self.web_requests.add(1, &[endpoint, KeyValue::new("status", i64::from(status.as_u16()))]);
    }

    /// Watches the database's connections, the hash threads and the outbox.
    pub(crate) fn watch(&self, app: &Arc<cognate_core::App>, pending: Arc<std::sync::atomic::AtomicI64>) {
        let meter = self.provider.meter("cognate");
        let db = app.db.clone();
        meter
            .u64_observable_gauge("cognate_database_connections")
            .with_description("Database connections of this process, by state.")
            .with_callback(move |gauge| {
                let (used, idle) = db.connections();
                gauge.observe(used as u64, &[KeyValue::new("state", "used")]);
                gauge.observe(idle as u64, &[KeyValue::new("state", "idle")]);
            })
            .build();
        let (hashes, seconds) = (app.clone(), app.clone());
        meter
            .u64_observable_counter("cognate_password_hashes")
            .with_description("Password hashes made and checked.")
            .with_callback(move |counter| counter.observe(hashes.hasher.done().0, &[]))
            .build();
        meter
            .f64_observable_counter("cognate_password_hash_seconds")
            .with_description("The time that password hashes took together, without waiting.")
            .with_callback(move |counter| counter.observe(seconds.hasher.done().1.as_secs_f64(), &[]))
            .build();
        let called = app.clone();
        meter
            .u64_observable_counter("cognate_trigger_calls")
            .with_description(
                "Calls of user pools' functions by trigger and outcome: answered, raised (it refused), unreadable, failed, \
                 paused (left alone after failures), nowhere (its ARN leads nowhere: `cognate config check` says what to set).",
            )
            .with_callback(move |counter| {
                for (trigger, outcome, count) in called.functions.outcomes() {
                    let labels = [KeyValue::new("trigger", trigger.name()), KeyValue::new("outcome", outcome)];
                    counter.observe(count, &labels);
                }
            })
            .build();
        meter
            .i64_observable_gauge("cognate_outbox_pending")
            .with_description("Messages that wait to be sent, over all replicas.")
            .with_callback(move |gauge| {
                gauge.observe(pending.load(std::sync::atomic::Ordering::Relaxed), &[])
            })
            .build();
    }

    fn text(&self) -> Result<Vec<u8>, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

/// Serves `/metrics` on an address of its own until the process ends.
pub(crate) fn serve(
    metrics: Arc<Metrics>,
    address: std::net::SocketAddr,
) -> std::io::Result<actix_web::dev::Server> {
    let metrics = Data::from(metrics);
    let app = move || App::new().app_data(metrics.clone()).route("/metrics", web::get().to(show));
    Ok(HttpServer::new(app).workers(1).disable_signals().bind(address)?.run())
}

async fn show(metrics: Data<Metrics>) -> HttpResponse {
    match metrics.text() {
        Ok(text) => HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
