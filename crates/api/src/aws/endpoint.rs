//! `POST /`: one request of the AWS JSON protocol from its bytes to its answer.

use std::time::Instant;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use cognate_store::AccountId;
use secrecy::ExposeSecret as _;
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::Instrument as _;
use uuid::Uuid;

use super::access::Authenticated;
use super::error::{Failure, WireError};
use super::{Access, identity_pools, sigv4, user_pools};
use crate::body::{self, Unread};
use crate::finish::{self, Unfinished};
use crate::server::Server;
use crate::{origin, telemetry};

/// The largest body of an operation that takes images: Cognito's two megabytes.
const LARGEST_BODY_WITH_IMAGES: usize = 2 * 1024 * 1024;
/// How many bodies above the usual size may be in memory at once. Another one is asked to come back (RES-5).
static LARGE_BODIES: Semaphore = Semaphore::const_new(8);
/// The most bytes of headers that are read.
const LARGEST_HEADERS: usize = 16 * 1024;
/// The longest message that is repeated in a header: proxies and clients have limits of their own.
const LARGEST_MESSAGE_HEADER: usize = 1024;

const JSON: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const ERROR_MESSAGE: HeaderName = HeaderName::from_static("x-amzn-errormessage");
const EXPOSED: HeaderValue =
    HeaderValue::from_static("x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date");

/// The operation a request names, in whichever service.
#[derive(Debug, Clone, Copy)]
enum Target {
    UserPools(user_pools::Operation),
    IdentityPools(identity_pools::Operation),
}

impl Target {
    /// Reads `X-Amz-Target`: what selects the handler is what is authorised (AWS-1).
    fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all("x-amz-target");
        let value = values.next()?.to_str().ok()?;
        if values.next().is_some() {
            return None;
        }
        let (service, operation) = value.rsplit_once('.')?;
        match service {
            user_pools::TARGET_PREFIX => user_pools::Operation::from_name(operation).map(Self::UserPools),
            identity_pools::TARGET_PREFIX => {
                identity_pools::Operation::from_name(operation).map(Self::IdentityPools)
            }
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::UserPools(operation) => operation.name(),
            Self::IdentityPools(operation) => operation.name(),
        }
    }

    fn access(self) -> Access {
        match self {
            Self::UserPools(operation) => user_pools::access(operation),
            Self::IdentityPools(operation) => identity_pools::access(operation),
        }
    }

    /// The largest body that is read.
    fn largest_body(self) -> usize {
        use user_pools::Operation::{
            CreateManagedLoginBranding, SetUICustomization, UpdateManagedLoginBranding,
        };
        match self {
            Self::UserPools(CreateManagedLoginBranding | UpdateManagedLoginBranding | SetUICustomization) => {
                LARGEST_BODY_WITH_IMAGES
            }
            Self::UserPools(_) | Self::IdentityPools(_) => body::LARGEST,
        }
    }

    fn signing_name(self) -> &'static str {
        match self {
            Self::UserPools(_) => user_pools::SIGNING_NAME,
            Self::IdentityPools(_) => identity_pools::SIGNING_NAME,
        }
    }
}

/// Serves a call of the AWS JSON API.
pub async fn handle(request: HttpRequest, payload: Payload, server: Data<Server>) -> HttpResponse {
    let start = Instant::now();
    let id = Uuid::new_v4();
    let target = Target::of(request.headers());
    let operation = target.map_or("unknown", Target::name);
    let span = tracing::info_span!("aws", operation, request_id = %id);
    telemetry::continue_trace(&span, request.headers());
    let outcome = serve(&request, payload, &server, target).instrument(span.clone()).await;
    let _entered = span.entered();
    let (response, result) = match &outcome {
        Ok(body) => (success(id, body.clone()), "success"),
        Err(failure) => {
            let error = WireError::from(failure);
            log(failure, &error);
            (failed(id, &error), error.name)
        }
    };
    server.metrics.aws_call(operation, result, start.elapsed());
    response
}

async fn serve(
    request: &HttpRequest,
    payload: Payload,
    server: &Data<Server>,
    target: Option<Target>,
) -> Result<Bytes, Failure> {
    // What can be refused by the headers is, before anything is read.
    let largest = target.map_or(body::LARGEST, Target::largest_body);
    check_headers(request.headers(), largest)?;
    let target = target.ok_or(Failure::UnknownOperation)?;
    if target.access() == Access::Signed && !request.headers().contains_key(header::AUTHORIZATION) {
        return Err(Failure::Signature(sigv4::Error::MissingAuthenticationToken));
    }
    let body = read(payload, largest).await?;
    let account = authenticate(request, &body.bytes, server, target).await?;
    let authenticated = Authenticated { account, origin: origin::of(request) };
    let call = call(server.clone(), target, authenticated, body).in_current_span();
    finish::to_the_end(call).await.unwrap_or_else(|unfinished| match unfinished {
        Unfinished::Failed => Err(Failure::Panicked),
        Unfinished::TooLong => Err(Failure::Timeout),
    })
}

async fn call(
    server: Data<Server>,
    target: Target,
    who: Authenticated,
    body: Body,
) -> Result<Bytes, Failure> {
    let Body { bytes: body, _large } = body;
    let answer = match target {
        Target::UserPools(operation) => user_pools::call(&server.app, operation, &who, &body).await,
        Target::IdentityPools(operation) => identity_pools::call(&server.app, operation, &who, &body).await,
    };
    answer.map(Bytes::from)
}

fn check_headers(headers: &HeaderMap, largest_body: usize) -> Result<(), Failure> {
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size > LARGEST_HEADERS {
        return Err(Failure::HeadersTooLarge);
    }
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > largest_body) {
        return Err(Failure::BodyTooLarge);
    }
    match headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"" | b"identity") => Ok(()),
        Some(_) => Err(Failure::ContentEncoding),
    }
}

/// A body, and for a large one its place among those in memory.
struct Body {
    bytes: Bytes,
    _large: Option<SemaphorePermit<'static>>,
}

async fn read(payload: Payload, largest: usize) -> Result<Body, Failure> {
    let mut large = None;
    let admit = |length| {
        if length > largest {
            return Err(Failure::from(Unread::TooLarge));
        }
        if length > body::LARGEST && large.is_none() {
            large = Some(LARGE_BODIES.try_acquire().map_err(|_| cognate_core::Error::Busy)?);
        }
        Ok(())
    };
    let bytes = body::read(payload, admit).await?;
    Ok(Body { bytes, _large: large })
}

/// Finds out whose signature a request carries, where its operation needs one.
async fn authenticate(
    request: &HttpRequest,
    body: &[u8],
    server: &Server,
    target: Target,
) -> Result<Option<AccountId>, Failure> {
    if target.access() != Access::Signed {
        return Ok(None);
    }
    if let Some(development) = &server.development {
        return match development.may_administer(request.headers()) {
            true => Ok(Some(AccountId::development())),
            false => Err(Failure::ForeignPage),
        };
    }
    let headers: Vec<_> =
        request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let signed = sigv4::Request {
        method: request.method().as_str(),
        path: request.path(),
        query: request.query_string(),
        headers: &headers,
        body,
    };
    let authorization = sigv4::Authorization::parse(&signed).map_err(Failure::Signature)?;
    // Keys are long-lived: nobody has temporary credentials, so a session token is not one of ours.
    let known = match authorization.security_token {
        Some(_) => None,
        None => cognate_core::account::signer(&server.app, &authorization.access_key_id).await?,
    };
    let signer = known.ok_or(Failure::UnknownAccessKey)?;
    let (region, now) = (&server.app.place.region, server.app.clock.now());
    let secret = signer.secret.expose_secret().as_bytes();
    authorization.verify(&signed, secret, region, target.signing_name(), now).map_err(Failure::Signature)?;
    Ok(Some(signer.account.clone()))
}

fn log(failure: &Failure, error: &WireError) {
    match failure {
        Failure::Core(cognate_core::Error::Internal(cause)) => {
            tracing::error!(error = &**cause as &dyn std::error::Error, "internal error");
        }
        Failure::Panicked => tracing::error!("a handler panicked"),
        Failure::Timeout => tracing::error!("a request took too long"),
        _ => tracing::debug!(r#type = error.name, "refused"),
    }
}

/// What every answer carries: who may read it from a browser, and that nobody keeps it (TOK-10).
fn answer(status: StatusCode, id: Uuid) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CONTENT_TYPE, JSON));
    response.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
    response.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")));
    response.insert_header((header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED));
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    if let Ok(id) = HeaderValue::from_str(id.hyphenated().encode_lower(&mut text)) {
        response.insert_header((REQUEST_ID, id));
    }
    response
}

fn success(id: Uuid, body: Bytes) -> HttpResponse {
    answer(StatusCode::OK, id).body(body)
}

fn failed(id: Uuid, error: &WireError) -> HttpResponse {
    let mut response = answer(error.status, id);
    response.insert_header((ERROR_TYPE, format!("{}:", error.name)));
    // A long message, or one with line breaks or letters beyond ASCII, stands in the body alone.
    let message = error.message.as_deref().filter(|message| message.len() <= LARGEST_MESSAGE_HEADER);
    if let Some(message) = message.and_then(|message| HeaderValue::from_str(message).ok()) {
        response.insert_header((ERROR_MESSAGE, message));
    }
    let mut body = serde_json::Map::new();
    body.insert("__type".to_owned(), error.name.into());
    if let Some(message) = &error.message {
        body.insert("message".to_owned(), message.as_str().into());
    }
    response.body(serde_json::Value::Object(body).to_string())
}

/// Answers a browser that asks whether it may call.
pub async fn preflight(request: HttpRequest) -> HttpResponse {
    let mut response = answer(StatusCode::OK, Uuid::new_v4());
    response.insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST")));
    response.insert_header((header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("172800")));
    if let Some(asked) = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        response.insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone()));
    }
    response.finish()
}
