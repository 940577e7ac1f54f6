//! What the OAuth endpoints answer: JSON that nobody keeps, errors by their code (RFC 6749, section 5.2).

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};
use cognate_core::Error;
use serde::Serialize;
use uuid::Uuid;

use crate::finish::{self, Unfinished};
use crate::parameters::Malformed;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-cognito-request-id");
const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=UTF-8");

/// What went wrong, in OAuth's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    InvalidScope,
    InvalidTarget,
    InvalidDpopProof,
    UnauthorizedClient,
    UnsupportedGrantType,
    UnsupportedTokenType,
    AuthorizationPending,
    SlowDown,
    AccessDenied,
    ExpiredToken,
    TemporarilyUnavailable,
    ServerError,
    /// What a request for authorization is refused with.
    OfAuthorization(&'static str),
}

impl Code {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::AccessDenied => "access_denied",
            Self::ExpiredToken => "expired_token",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
            Self::OfAuthorization(code) => code,
        }
    }

    fn status(self) -> StatusCode {
        match self {
            // Cognito's; RFC 6749 would have 401 for a client that fails to authenticate by a header.
            Self::InvalidClient => StatusCode::BAD_REQUEST,
            Self::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// A request that is refused. The description is ours alone, never a user's text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refusal {
    pub(super) code: Code,
    description: Option<&'static str>,
}

#[derive(Serialize)]
struct Body {
    error: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<&'static str>,
}

impl Refusal {
    pub(super) fn new(code: Code) -> Self {
        Self { code, description: None }
    }

    pub(super) fn because(self, description: &'static str) -> Self {
        Self { description: Some(description), ..self }
    }

    pub(super) fn answer(self) -> HttpResponse {
        self.answer_as(self.code.status())
    }

    /// The same at an endpoint for clients that prove who they are: one that does not is told by the status (RFC 6749, section 5.2;
    /// RFC 7662, section 2.3), which Cognito's token endpoint does not do.
    pub(super) fn answer_to_client(self) -> HttpResponse {
        match self.code {
            Code::InvalidClient => self.answer_as(StatusCode::UNAUTHORIZED),
            _ => self.answer(),
        }
    }

    /// With another status, where an endpoint refuses otherwise than the others.
    pub(super) fn answer_as(self, status: StatusCode) -> HttpResponse {
        let mut response = unkept(status);
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"cognate\""));
        }
        response.json(Body { error: self.code.as_str(), error_description: self.description })
    }
}

impl From<Malformed> for Refusal {
    fn from(Malformed(why): Malformed) -> Self {
        Self::new(Code::InvalidRequest).because(why)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let (code, description) = match &error {
            Error::AppClientNotFound(_) | Error::ClientSecretWrong => (Code::InvalidClient, None),
            Error::InvalidClientDocument(_) => {
                (Code::InvalidClient, Some("The document at client_id is not to be had, or does not do"))
            }
            // Seen of Cognito, where one would expect `unauthorized_client`.
            Error::OauthDisabled => (Code::InvalidGrant, None),
            Error::GrantNotAllowed | Error::FlowNotEnabled(_) | Error::RevocationDisabled => {
                (Code::UnauthorizedClient, None)
            }
            Error::ResourceServerNotFound(_) | Error::AudienceOfClient => (Code::InvalidTarget, None),
            Error::ScopeNotAllowed => (Code::InvalidScope, None),
            Error::InvalidDpopProof(why) => (Code::InvalidDpopProof, Some(*why)),
            Error::InvalidRefreshToken
            | Error::InvalidAuthorizationCode
            | Error::ExpiredRefreshToken
            | Error::RevokedRefreshToken
            | Error::ReusedRefreshToken
            | Error::UserDisabled
            | Error::UserNotFound
            | Error::WrongPassword => (Code::InvalidGrant, None),
            Error::UnsupportedTokenType => (Code::UnsupportedTokenType, None),
            // RFC 8693, section 2.2.2: a token that is presented, and does not serve.
            Error::InvalidAccessToken
            | Error::ExpiredAccessToken
            | Error::RevokedAccessToken
            | Error::InvalidIdToken
            | Error::ExpiredIdToken
            | Error::RevokedIdToken
            | Error::MissingScope => {
                (Code::InvalidRequest, Some("A token that is presented is not good for this"))
            }
            Error::TriggerFailed(..) | Error::TriggerRefused(..) | Error::TriggerAnswer(_) => {
                (Code::InvalidRequest, Some("A function of the user pool refused"))
            }
            Error::Busy => (Code::TemporarilyUnavailable, None),
            Error::AttemptLimit => (Code::TemporarilyUnavailable, Some("Too often from there")),
            Error::RiskBlocked => (Code::AccessDenied, None),
            Error::InvalidParameter(_) | Error::AttributeUnfit(_) => (Code::InvalidRequest, None),
            other => {
                tracing::error!(error = other as &dyn std::error::Error, "an OAuth endpoint failed");
                (Code::ServerError, None)
            }
        };
        Self { code, description }
    }
}

/// Serves a request to its end.
pub(super) fn finished<T: 'static>(
    serving: impl Future<Output = Result<T, Refusal>> + 'static,
) -> impl Future<Output = Result<T, Refusal>> {
    let finished = finish::to_the_end(serving);
    async {
        finished.await.unwrap_or_else(|unfinished| {
            Err(Refusal::new(match unfinished {
                Unfinished::Failed => Code::ServerError,
                Unfinished::TooLong => Code::TemporarilyUnavailable,
            }))
        })
    }
}

/// JSON that nobody keeps, for scripts of any origin.
pub(super) fn ok(body: &impl Serialize) -> HttpResponse {
    unkept(StatusCode::OK).json(body)
}

/// An answer that nobody keeps.
pub(super) fn unkept(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    for (name, value) in [
        (header::CACHE_CONTROL, "no-cache, no-store, max-age=0, must-revalidate"),
        (header::PRAGMA, "no-cache"),
        (header::EXPIRES, "0"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000 ; includeSubDomains"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ] {
        response.insert_header((name, HeaderValue::from_static(value)));
    }
    response.insert_header((header::CONTENT_TYPE, JSON));
    response.insert_header((REQUEST_ID, Uuid::new_v4().to_string()));
    response
}
