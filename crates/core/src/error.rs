//! What can go wrong, in the domain's words. The edges give it status codes and wire names.

use cognate_store::user_pool::Trigger;
use cognate_store::{AppClientId, Constraint, UserPoolId, UserStatus};

use crate::trigger::CallFailure;
use crate::user::attribute::{Misfit, Unfit};
use crate::user_pool::password_policy::Violation;

/// The result of a use case.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a use case failed. A variant exists when some caller must tell it apart.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such pool, or another account's.
    #[error("user pool {0} does not exist")]
    UserPoolNotFound(UserPoolId),
    /// No such client, or another pool's.
    #[error("app client {0} does not exist")]
    AppClientNotFound(AppClientId),
    /// No such user; told only to administrators, and where the client does not hide it.
    #[error("user does not exist")]
    UserNotFound,
    /// As [`Error::UserNotFound`], in operations about codes.
    #[error("user and client do not fit together")]
    UserNotFoundForClient,
    /// Somebody has that username; said to someone who signs up.
    #[error("username is taken")]
    UsernameTaken,
    /// Somebody has that username; said to an administrator.
    #[error("username is taken")]
    AccountExists,
    /// Somebody's username is that address.
    #[error("{0} is somebody's username")]
    AddressTaken(&'static str),
    /// Somebody signs in with that alias.
    #[error("{0} is somebody's alias")]
    AliasTaken(&'static str),
    /// The password or name is wrong, or the caller is not to know which.
    #[error("wrong username or password")]
    WrongPassword,
    /// Too many wrong passwords; the account waits.
    #[error("too many wrong passwords")]
    PasswordLocked,
    /// An administrator disabled the user.
    #[error("user is disabled")]
    UserDisabled,
    /// The sign-up was never confirmed.
    #[error("user is not confirmed")]
    UserNotConfirmed,
    /// An administrator demands a new password.
    #[error("password must be reset")]
    PasswordResetRequired,
    /// The temporary password is too old.
    #[error("temporary password has expired")]
    TemporaryPasswordExpired,
    /// Only administrators create users here.
    #[error("sign-up is not permitted")]
    SignUpNotPermitted,
    /// The client does not use the OAuth endpoints.
    #[error("the client has no OAuth flows")]
    OauthDisabled,
    /// The client may not use that grant.
    #[error("the client may not use that grant")]
    GrantNotAllowed,
    /// A token is to be for another client.
    #[error("the audience is another client")]
    AudienceOfClient,
    /// The client may have none of the scopes.
    #[error("the client may have no such scope")]
    ScopeNotAllowed,
    /// The client has a secret and the call no hash of it.
    #[error("secret hash of client {0} is missing")]
    SecretHashMissing(AppClientId),
    /// The secret hash does not fit.
    #[error("secret hash of client {0} is wrong")]
    SecretHashWrong(AppClientId),
    /// The client secret does not fit.
    #[error("client secret is wrong")]
    ClientSecretWrong,
    /// The sign-in looks too much like somebody else's, or comes from where nobody signs in.
    #[error("sign-in is blocked for its risk")]
    RiskBlocked,
    /// The user has no such event.
    #[error("event does not exist")]
    AuthEventNotFound,
    /// The token does not let its holder judge that event.
    #[error("feedback token is invalid")]
    InvalidFeedbackToken,
    /// The user can prove nothing that leads to a level that is asked for.
    #[error("no level of authentication that is asked for can be reached")]
    LevelOutOfReach,
    /// The user has no such session that goes on.
    #[error("session does not exist")]
    SessionNotFound,
    /// The pool does not track sessions.
    #[error("sessions are not tracked")]
    SessionsNotTracked,
    /// No such group.
    #[error("group does not exist")]
    GroupNotFound,
    /// The pool has a group of that name.
    #[error("group exists")]
    GroupExists,
    /// No such resource server.
    #[error("resource server {0} does not exist")]
    ResourceServerNotFound(String),
    /// No such identity provider.
    #[error("identity provider {0} does not exist")]
    IdentityProviderNotFound(String),
    /// The pool has an identity provider of that name. The text is for the caller.
    #[error("{0}")]
    ProviderExists(String),
    /// The pool's own users cannot be changed like an identity provider.
    #[error("not an identity provider that can be changed")]
    UnsupportedProvider,
    /// The pool has threat protection switched off.
    #[error("threat protection is off")]
    ThreatProtectionOff,
    /// There are as many of these as there may be.
    #[error("too many {0}")]
    TooMany(&'static str),
    /// The client has as many secrets as it may have at once.
    #[error("client has two secrets already")]
    TooManySecrets,
    /// The client has no such secret.
    #[error("client has no such secret")]
    SecretNotFound,
    /// A client that has a secret keeps one.
    #[error("client has no other secret")]
    LastSecret,
    /// The client's OAuth flows do not go together; the text is for the caller.
    #[error("{0}")]
    InvalidOauthFlow(&'static str),
    /// No resource server has that scope.
    #[error("scope {0} does not exist")]
    ScopeNotFound(String),
    /// The client may not use that flow.
    #[error("flow {0:?} is not enabled")]
    FlowNotEnabled(crate::auth::Flow),
    /// The flow belongs to another operation.
    #[error("flow is not for this operation")]
    FlowNotForOperation,
    /// The client may not write that attribute.
    #[error("attribute is not writable")]
    AttributeNotWritable,
    /// The password is against the pool's policy.
    #[error("password is against the policy")]
    PasswordPolicy(Violation),
    /// The password is known to have leaked.
    #[error("password has leaked")]
    LeakedPassword,
    /// The password is one of the last ones.
    #[error("password was used before")]
    PasswordUsedBefore,
    /// The pool demands a second factor, and there is none that the user could give.
    #[error("a second factor is required")]
    MfaRequired,
    /// A function of the pool's own could not be called, or did not answer.
    #[error("trigger {0:?} failed: {1}")]
    TriggerFailed(Trigger, CallFailure),
    /// The code that was sent to sign in with is wrong.
    #[error("wrong code to sign in with")]
    WrongSignInCode,
    /// The pool does not track devices.
    #[error("devices are not tracked")]
    DevicesNotTracked,
    /// The user has no such device.
    #[error("device does not exist")]
    DeviceNotFound,
    /// The device is confirmed already.
    #[error("device exists")]
    DeviceExists,
    /// Something about a passkey.
    #[error("{0}")]
    Passkey(crate::passkey::Refusal),
    /// A function of the pool's own refused. The text is for the caller.
    #[error("trigger {0:?} refused")]
    TriggerRefused(Trigger, String),
    /// A function of the pool's own answered what is no answer.
    #[error("trigger {0:?} answered what is no answer")]
    TriggerAnswer(Trigger),
    /// The authenticator app's code is wrong.
    #[error("wrong code of an authenticator app")]
    WrongMfaCode,
    /// The authenticator app's code was taken before.
    #[error("code of an authenticator app was used")]
    UsedMfaCode,
    /// The code is not of the authenticator app that is being set up.
    #[error("wrong first code of an authenticator app")]
    WrongFirstCode,
    /// The pool has no authenticator apps, or none is being set up.
    #[error("no authenticator app")]
    SoftwareTokenNotOffered,
    /// The code is wrong.
    #[error("wrong code")]
    WrongCode,
    /// No code of that kind is in force.
    #[error("code has expired")]
    ExpiredCode,
    /// Tried or asked too often.
    #[error("attempt limit exceeded")]
    AttemptLimit,
    /// The challenge session is not one of ours, or not for this.
    #[error("invalid challenge session")]
    InvalidSession,
    /// The challenge session is too old.
    #[error("challenge session has expired")]
    ExpiredSession,
    /// The challenge session has been used.
    #[error("challenge session has been used")]
    UsedSession,
    /// The access token is not one of ours, or not an access token.
    #[error("invalid access token")]
    InvalidAccessToken,
    /// The access token is too old.
    #[error("access token has expired")]
    ExpiredAccessToken,
    /// The access token's session has ended.
    #[error("access token has been revoked")]
    RevokedAccessToken,
    /// The ID token is not one of the pool's, or not an ID token.
    #[error("invalid ID token")]
    InvalidIdToken,
    /// The ID token is too old.
    #[error("ID token has expired")]
    ExpiredIdToken,
    /// The ID token's session has ended.
    #[error("ID token has been revoked")]
    RevokedIdToken,
    /// The access token lacks the scope for this.
    #[error("access token lacks a scope")]
    MissingScope,
    /// A proof that whoever asks has a key (RFC 9449) does not hold, or is missing where there must be one.
    #[error("invalid DPoP proof: {0}")]
    InvalidDpopProof(&'static str),
    /// The document that a client is described by is not to be had, or says what cannot be.
    #[error("the client's document: {0}")]
    InvalidClientDocument(String),
    /// The authorization code is not one of ours, not this client's, spent, expired, or not brought with what it needs.
    #[error("invalid authorization code")]
    InvalidAuthorizationCode,
    /// The refresh token is not one of ours, or not this client's.
    #[error("invalid refresh token")]
    InvalidRefreshToken,
    /// The refresh token is too old.
    #[error("refresh token has expired")]
    ExpiredRefreshToken,
    /// The refresh token was revoked.
    #[error("refresh token has been revoked")]
    RevokedRefreshToken,
    /// The refresh token was replaced by another, and came again.
    #[error("refresh token has been used")]
    ReusedRefreshToken,
    /// Only refresh tokens can be revoked.
    #[error("not a refresh token")]
    UnsupportedTokenType,
    /// The client has revocation switched off.
    #[error("token revocation is switched off")]
    RevocationDisabled,
    /// The user needs no confirmation.
    #[error("user is confirmed already")]
    AlreadyConfirmed,
    /// The user is in no state to be confirmed.
    #[error("user cannot be confirmed")]
    CannotConfirm(UserStatus),
    /// The user is in no state to reset the password.
    #[error("password cannot be reset in this state")]
    CannotResetPassword,
    /// There is nowhere to send a reset code.
    #[error("no verified address")]
    NoVerifiedContact,
    /// Only an administrator resets passwords here.
    #[error("only an administrator resets passwords")]
    OnlyAdministratorResets,
    /// An invitation can be sent again only while it waits.
    #[error("invitation of {0} cannot be sent again")]
    CannotResendInvitation(String),
    /// The pool is protected from deletion.
    #[error("pool is protected from deletion")]
    DeletionProtected,
    /// Users are being imported into the pool.
    #[error("users are being imported into the pool")]
    ImportInProgress,
    /// No such import job, or another pool's.
    #[error("import job {0} does not exist")]
    ImportJobNotFound(String),
    /// The import job is in no state for this. The text is for the caller.
    #[error("{0}")]
    ImportPrecondition(&'static str),
    /// The pool has as many import jobs as it may have.
    #[error("pool has too many import jobs")]
    TooManyImportJobs,
    /// An attribute that already has a value was given again.
    #[error("attribute {0} has a value already")]
    AttributeAlreadyProvided(String),
    /// No such terms documents.
    #[error("terms do not exist")]
    TermsNotFound,
    /// The client has terms documents of that name.
    #[error("terms exist")]
    TermsExist,
    /// No such style of the pages.
    #[error("branding does not exist")]
    BrandingNotFound,
    /// The client has a style.
    #[error("branding exists")]
    BrandingExists,
    /// A single-region server keeps no copies of pools elsewhere.
    #[error("no replicas")]
    NoReplicas,
    /// Somebody else changed the same thing at the same time.
    #[error("concurrent change")]
    ConcurrentModification,
    /// A parameter is wrong in a way the wire's constraints cannot say. The text is for the caller.
    #[error("{0}")]
    InvalidParameter(String),
    /// An attribute, or the name of somebody new, does not fit, or is missing.
    #[error("{0}")]
    AttributeUnfit(Box<Unfit>),
    /// Too much work at the moment; trying again helps.
    #[error("too many requests")]
    Busy,
    /// A fault of ours: logged once with its causes, shown as nothing.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A parameter is wrong; the text is for the caller.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::InvalidParameter(message.into())
    }

    /// What somebody says of themselves does not fit; the text is for the caller.
    pub(crate) fn unfit(attribute: &str, why: Misfit, message: impl Into<String>) -> Self {
        let (attribute, message) = (attribute.to_owned(), message.into());
        Self::AttributeUnfit(Box::new(Unfit { attribute, why, message }))
    }

    /// Whether a function of the pool's own did not do what was asked, but answered: if it was asked about a guess, that counts.
    pub(crate) fn is_verdict(&self) -> bool {
        use CallFailure::{AccessDenied, Status};
        let answered = matches!(self, Self::TriggerFailed(_, AccessDenied | Status(_)));
        answered || matches!(self, Self::TriggerRefused(..) | Self::TriggerAnswer(_))
    }

    /// Whether a function of the pool's own is what failed.
    pub(crate) fn is_of_trigger(&self) -> bool {
        matches!(self, Self::TriggerFailed(..) | Self::TriggerRefused(..) | Self::TriggerAnswer(_))
    }

    /// A fault of ours.
    pub(crate) fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }
}

impl From<cognate_store::Error> for Error {
    fn from(error: cognate_store::Error) -> Self {
        match error {
            cognate_store::Error::Stale | cognate_store::Error::Refused(Constraint::ParentGone) => {
                Self::ConcurrentModification
            }
            cognate_store::Error::Refused(Constraint::IdTaken) => Self::invalid("That id is taken."),
            cognate_store::Error::InvalidText => {
                Self::invalid("A value holds characters that cannot be stored.")
            }
            cognate_store::Error::Unavailable(_) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "database unavailable");
                Self::Busy
            }
            other => Self::internal(other),
        }
    }
}
