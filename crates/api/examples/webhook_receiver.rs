//! Receives the calls of a user pool's triggers: `WEBHOOK_SECRET=whsec_... webhook_receiver 127.0.0.1:8080`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use serde_json::{Value, json};
use standardwebhooks::Webhook;

/// Where a Lambda function's code goes: here, who may sign up, and is confirmed at once.
async fn handle(mut event: Value) -> Result<Value, String> {
    let email = event["request"]["userAttributes"]["email"].as_str().unwrap_or_default();
    if !email.ends_with("@example.com") {
        return Err("Not one of us".to_owned());
    }
    event["response"]["autoConfirmUser"] = json!(true);
    Ok(event)
}

async fn receive(State(webhook): State<Arc<Webhook>>, headers: HeaderMap, body: Bytes) -> Response {
    if webhook.verify(&body, &headers).is_err() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(event) = serde_json::from_slice(&body) else { return StatusCode::BAD_REQUEST.into_response() };
    match handle(event).await {
        Ok(event) => Json(event).into_response(),
        Err(error) => {
            let raised = json!({ "errorMessage": error });
            (StatusCode::INTERNAL_SERVER_ERROR, Json(raised)).into_response()
        }
    }
}

pub(crate) fn receiver(webhook: Webhook) -> Router {
    Router::new().fallback(receive).with_state(Arc::new(webhook))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let webhook = Webhook::new(&std::env::var("WEBHOOK_SECRET")?)?;
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    Ok(axum::serve(tokio::net::TcpListener::bind(address).await?, receiver(webhook)).await?)
}
