//! `PUT` of an import's file, to the URL that its job names.
//!
//! The URL alone entitles to it, as with a pre-signed URL of S3; what a client sends for S3, such as
//! `x-amz-server-side-encryption`, means nothing here and does no harm.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, Data, Path, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::Error;
use cognate_core::user_import::upload::{self, Refusal};
use cognate_store::UserPoolId;
use futures_util::StreamExt as _;

use crate::server::Server;

/// How long the next bytes may take, and all of them.
const IDLE_TIME: Duration = Duration::from_secs(30);
const TOTAL_TIME: Duration = Duration::from_secs(900);

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.route("/_cognate/import/{pool}/{job}/{proof}", web::put().to(put));
}

/// Why a request was not served.
enum Failure {
    Refused(Refusal),
    Compressed,
    Slow,
    Broken,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

async fn put(
    request: HttpRequest,
    path: Path<(String, String, String)>,
    payload: Payload,
    server: Data<Server>,
) -> HttpResponse {
    let headers = request.headers();
    if !matches!(
        headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes),
        None | Some(b"" | b"identity")
    ) {
        return refused(&Failure::Compressed);
    }
    let length = headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
    // In a task of its own: a client that goes away does not stop what is being saved half way (DUR-2).
    let receiving = tokio::time::timeout(TOTAL_TIME, receive(server, path.into_inner(), length, payload));
    match actix_web::rt::spawn(receiving).await {
        Ok(Ok(Ok(()))) => answer(StatusCode::OK, String::new()),
        Ok(Ok(Err(failure))) => refused(&failure),
        Ok(Err(_)) => refused(&Failure::Slow),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a handler panicked");
            HttpResponse::InternalServerError().finish()
        }
    }
}

async fn receive(
    server: Data<Server>,
    (pool, job, proof): (String, String, String),
    length: Option<u64>,
    mut payload: Payload,
) -> Result<(), Failure> {
    let app = &server.app;
    let mut upload = upload::begin(app, &UserPoolId::new(pool), &job, &proof, length).await?;
    while let Some(bytes) =
        tokio::time::timeout(IDLE_TIME, payload.next()).await.map_err(|_| Failure::Slow)?
    {
        upload.write(app, bytes.map_err(|_| Failure::Broken)?).await?;
    }
    Ok(upload.finish(app).await?)
}

fn refused(failure: &Failure) -> HttpResponse {
    let (status, text) = match failure {
        Failure::Refused(refusal) => match refusal {
            Refusal::Forbidden | Refusal::Expired => (StatusCode::FORBIDDEN, refusal.to_string()),
            Refusal::NotWanted => (StatusCode::CONFLICT, refusal.to_string()),
            Refusal::TooLarge | Refusal::TooManyUsers => (StatusCode::PAYLOAD_TOO_LARGE, refusal.to_string()),
            Refusal::Failed(Error::Busy) => {
                (StatusCode::SERVICE_UNAVAILABLE, "Please try again later.".to_owned())
            }
            Refusal::Failed(error) => {
                tracing::error!(error = error as &dyn std::error::Error, "an upload failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "Internal server error.".to_owned())
            }
        },
        Failure::Compressed => {
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Compressed files are not supported.".to_owned())
        }
        Failure::Slow => (StatusCode::REQUEST_TIMEOUT, "The file did not arrive in time.".to_owned()),
        Failure::Broken => (StatusCode::BAD_REQUEST, "The file did not arrive whole.".to_owned()),
    };
    answer(status, text + "\n")
}

fn answer(status: StatusCode, text: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body(text)
}
