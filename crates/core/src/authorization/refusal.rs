//! Why a request is refused, and what its client is told (RFC 6749, section 4.1.2.1).

use crate::Error;

/// Why a request sends nobody anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misdirected {
    /// It names no client, or none of the pool's.
    UnknownClient,
    /// It names no redirect URI, or none of the client's.
    RedirectMismatch,
    /// Its client is one that anybody may have registered, and is told nothing before a user has seen it.
    Stranger,
}

/// A request that is refused.
#[derive(Debug)]
pub enum Refused {
    /// By a page.
    Misdirected(Misdirected),
    /// By sending the browser back, with what is told the client.
    Back(String, Refusal),
    /// It could not be looked at.
    Failed(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// What the client is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    code: &'static str,
    /// In RFC 6749's characters, and never a user's text.
    description: &'static str,
}

impl Refusal {
    /// There is nobody who would do, and nobody may be asked.
    pub const LOGIN_REQUIRED: Self = Self::of("login_required", "Nobody is signed in");
    /// None of the levels that were asked for is reached (OpenID Connect Core Error Code unmet_authentication_requirements 1.0).
    pub const LEVEL_OUT_OF_REACH: Self =
        Self::of("unmet_authentication_requirements", "No level that was asked for is reached");
    /// Something failed here.
    pub const SERVER_ERROR: Self = Self::of("server_error", "The server failed");
    /// Too much is going on here at the moment.
    pub const UNAVAILABLE: Self = Self::of("temporarily_unavailable", "The server is busy");
    /// The request that is named was never pushed, or too long ago (RFC 9101, section 7).
    pub const UNKNOWN_REQUEST: Self =
        Self::of("invalid_request_uri", "That request is unknown or has expired");
    /// A function of the pool refused.
    pub const FUNCTION_REFUSED: Self = Self::of("invalid_request", "A function of the user pool refused");

    pub(super) const fn of(code: &'static str, description: &'static str) -> Self {
        Self { code, description }
    }

    /// Its code, as clients compare it.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// What it means.
    pub fn description(self) -> &'static str {
        self.description
    }

    /// What the client is told of a failure of ours, which is logged.
    pub fn of_failure(error: &Error) -> Self {
        if let Error::Busy = error {
            return Self::UNAVAILABLE;
        }
        tracing::error!(error = error as &dyn std::error::Error, "authorization failed");
        Self::SERVER_ERROR
    }

    pub(super) const fn invalid(description: &'static str) -> Self {
        Self::of("invalid_request", description)
    }
}
