//! The bodies of forms and of documents that clients send.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::{ErrorBadRequest, ErrorPayloadTooLarge, ErrorRequestTimeout};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{Error, FromRequest, HttpRequest};
use futures_util::StreamExt as _;

/// The largest body that is read (RES-2), unless it is an operation's that takes images.
pub(crate) const LARGEST: usize = 256 * 1024;
/// How long a body may take to arrive (RES-3).
pub(crate) const TIME: Duration = Duration::from_secs(10);

/// A body, all of which came in time.
pub(crate) struct Body(Bytes);

impl Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl FromRequest for Body {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let mut payload = payload.take();
        Box::pin(async move {
            let reading = async {
                let mut body = BytesMut::new();
                while let Some(chunk) = payload.next().await {
                    let chunk = chunk.map_err(|_| ErrorBadRequest("the body broke off"))?;
                    if body.len() + chunk.len() > LARGEST {
                        return Err(ErrorPayloadTooLarge("the body is too large"));
                    }
                    body.extend_from_slice(&chunk);
                }
                Ok(Self(body.freeze()))
            };
            let read = tokio::time::timeout(TIME, reading).await;
            read.map_err(|_| ErrorRequestTimeout("the body did not arrive in time"))?
        })
    }
}
