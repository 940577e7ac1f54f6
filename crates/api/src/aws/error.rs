//! How failures are said in AWS's words: status, type and message.

mod core;

use actix_web::http::StatusCode;
use cognate_contract::DecodeError;
use cognate_core::Error;

use super::sigv4;
use crate::body::Unread;

/// Why a request was not served.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The use case refused.
    Core(Error),
    /// The request breaks the contract's constraints; the text names them all.
    Validation(String),
    /// The request is not JSON, or JSON of the wrong types.
    Serialization(Option<String>),
    /// No such operation.
    UnknownOperation,
    /// The operation is not built.
    NotBuilt(&'static str),
    /// The signature does not hold.
    Signature(sigv4::Error),
    /// The access key is unknown or disabled.
    UnknownAccessKey,
    /// A page of somebody else's tries to administer a development server through its visitor's browser.
    ForeignPage,
    /// The body is compressed.
    ContentEncoding,
    /// The headers are larger than we read.
    HeadersTooLarge,
    /// The body is larger than we read.
    BodyTooLarge,
    /// The body came too slowly.
    SlowBody,
    /// The request took too long.
    Timeout,
    /// A handler panicked.
    Panicked,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<Unread> for Failure {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::BrokenOff => Self::Serialization(None),
            Unread::TooLarge => Self::BodyTooLarge,
            Unread::TooSlow => Self::SlowBody,
        }
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Serialization(detail) => Self::Serialization(detail),
            DecodeError::Validation(message) => Self::Validation(message),
        }
    }
}

/// A failure as the client sees it.
#[derive(Debug)]
pub(crate) struct WireError {
    /// The HTTP status.
    pub status: StatusCode,
    /// The `__type`.
    pub name: &'static str,
    /// The `message`; some have none.
    pub message: Option<String>,
}

impl WireError {
    fn new(name: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, name, message: Some(message.into()) }
    }

    fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

impl From<&Failure> for WireError {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::Core(error) => core::wire_error(error),
            Failure::Validation(message) => Self::new("InvalidParameterException", message),
            Failure::Serialization(detail) => Self {
                status: StatusCode::BAD_REQUEST,
                name: "SerializationException",
                message: detail.clone(),
            },
            Failure::UnknownOperation => {
                Self { status: StatusCode::BAD_REQUEST, name: "UnknownOperationException", message: None }
            }
            Failure::NotBuilt(name) => Self::new(
                "UnsupportedOperationException",
                format!("{name} is not supported by this server yet."),
            ),
            Failure::Signature(error) => Self::new(error.aws_type(), error.to_string()),
            Failure::UnknownAccessKey => Self::new(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            ),
            Failure::ForeignPage => Self::new(
                "AccessDeniedException",
                "In development mode, pages of other origins cannot call operations that need a signature.",
            ),
            Failure::ContentEncoding => {
                Self::new("UnsupportedMediaTypeException", "Compressed request bodies are not supported.")
                    .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
            }
            Failure::HeadersTooLarge => {
                Self::new("RequestHeaderTooLargeException", "The request headers are too large.")
                    .with_status(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
            }
            Failure::BodyTooLarge => {
                Self::new("RequestEntityTooLargeException", "The request body is too large.")
                    .with_status(StatusCode::PAYLOAD_TOO_LARGE)
            }
            Failure::SlowBody => {
                Self::new("RequestTimeoutException", "The request body did not arrive in time.")
                    .with_status(StatusCode::REQUEST_TIMEOUT)
            }
            Failure::Timeout | Failure::Panicked => internal(),
        }
    }
}

fn internal() -> WireError {
    WireError::new("InternalErrorException", "Internal server error.")
        .with_status(StatusCode::INTERNAL_SERVER_ERROR)
}
