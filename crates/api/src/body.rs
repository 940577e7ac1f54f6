//! The bodies of requests: they are read within a time and up to a size (RES-2, RES-3).

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use futures_util::{Stream, StreamExt as _};

use crate::oauth;

/// The largest body that is read (RES-2), unless it is an operation's that takes images.
pub(crate) const LARGEST: usize = 256 * 1024;
/// How long a body may take to arrive (RES-3).
const TIME: Duration = Duration::from_secs(10);

/// Why a body is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.as_str())]
pub(crate) enum Unread {
    /// The connection ended within it, or what says how it comes is wrong.
    BrokenOff,
    /// It is too large.
    TooLarge,
    /// It took too long to arrive.
    TooSlow,
}

impl Unread {
    /// What its sender is told.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::BrokenOff => "The body broke off",
            Self::TooLarge => "The body is too large",
            Self::TooSlow => "The body did not arrive in time",
        }
    }
}

/// Reads a body, which is asked about as it grows: what says how many bytes it has by now may refuse to have more of it.
///
/// # Errors
/// Why it is not read; what refused to have more of it.
pub(crate) async fn read<E: From<Unread>>(
    mut payload: impl Stream<Item = Result<Bytes, PayloadError>> + Unpin,
    mut admit: impl FnMut(usize) -> Result<(), E>,
) -> Result<Bytes, E> {
    let reading = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Unread::BrokenOff)?;
            admit(body.len() + chunk.len())?;
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    tokio::time::timeout(TIME, reading).await.map_err(|_| Unread::TooSlow)?
}

/// The body of a form, or of a document that a client sends.
pub(crate) struct Body(Bytes);

impl Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl FromRequest for Body {
    type Error = Unread;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Unread>>>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = payload.take();
        let admit = |length| if length > LARGEST { Err(Unread::TooLarge) } else { Ok(()) };
        Box::pin(async move { read(payload, admit).await.map(Self) })
    }
}

impl ResponseError for Unread {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::BrokenOff => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
        }
    }

    fn error_response(&self) -> HttpResponse {
        oauth::unread(*self)
    }
}
