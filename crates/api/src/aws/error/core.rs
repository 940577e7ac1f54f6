//! What use cases refuse, in AWS's words.

use cognate_core::Error;
use cognate_core::auth::Flow;
use cognate_core::passkey::Refusal;
use cognate_core::trigger::CallFailure;
use cognate_core::user_pool::password_policy::Violation;

use super::{WireError, internal};

fn not_authorized(message: impl Into<String>) -> WireError {
    WireError::new("NotAuthorizedException", message)
}

fn invalid_parameter(message: impl Into<String>) -> WireError {
    WireError::new("InvalidParameterException", message)
}

pub(super) fn wire_error(error: &Error) -> WireError {
    match error {
        Error::UserPoolNotFound(id) => {
            WireError::new("ResourceNotFoundException", format!("User pool {id} does not exist."))
        }
        Error::AppClientNotFound(id) => {
            WireError::new("ResourceNotFoundException", format!("User pool client {id} does not exist."))
        }
        Error::InvalidClientDocument(_) => {
            WireError::new("ResourceNotFoundException", "The user pool client cannot be read.")
        }
        Error::UserNotFound => WireError::new("UserNotFoundException", "User does not exist."),
        Error::UserNotFoundForClient => {
            WireError::new("UserNotFoundException", "Username/client id combination not found.")
        }
        Error::UsernameTaken => WireError::new("UsernameExistsException", "User already exists"),
        Error::AccountExists => WireError::new("UsernameExistsException", "User account already exists"),
        Error::AddressTaken(attribute) => WireError::new(
            "UsernameExistsException",
            format!("An account with the given {attribute} already exists."),
        ),
        Error::AliasTaken(attribute) => {
            WireError::new("AliasExistsException", format!("An account with the {attribute} already exists."))
        }
        Error::WrongPassword => not_authorized("Incorrect username or password."),
        Error::PasswordLocked => not_authorized("Password attempts exceeded"),
        Error::UserDisabled => not_authorized("User is disabled."),
        Error::UserNotConfirmed => WireError::new("UserNotConfirmedException", "User is not confirmed."),
        Error::PasswordResetRequired => {
            WireError::new("PasswordResetRequiredException", "Password reset required for the user")
        }
        Error::TemporaryPasswordExpired => {
            not_authorized("Temporary password has expired and must be reset by an administrator.")
        }
        Error::SignUpNotPermitted => not_authorized("SignUp is not permitted for this user pool"),
        Error::SecretHashMissing(client) => not_authorized(format!(
            "Client {client} is configured with secret but SECRET_HASH was not received"
        )),
        Error::SecretHashWrong(client) => {
            not_authorized(format!("Unable to verify secret hash for client {client}"))
        }
        Error::ClientSecretWrong => WireError::new("UnauthorizedException", "Invalid client secret"),
        Error::RiskBlocked => not_authorized("Unable to login because of security reasons."),
        Error::AuthEventNotFound => WireError::new("ResourceNotFoundException", "Event does not exist."),
        Error::InvalidFeedbackToken => not_authorized("Invalid feedback token."),
        Error::LevelOutOfReach => {
            not_authorized("None of the requested authentication levels can be reached by the user.")
        }
        Error::SessionNotFound => WireError::new("ResourceNotFoundException", "Session does not exist."),
        Error::SessionsNotTracked => WireError::new(
            "OperationNotEnabledException",
            "User session tracking is not enabled for the user pool.",
        ),
        Error::GroupNotFound => WireError::new("ResourceNotFoundException", "Group not found."),
        Error::GroupExists => WireError::new("GroupExistsException", "A group with the name already exists"),
        Error::ResourceServerNotFound(id) => {
            WireError::new("ResourceNotFoundException", format!("Resource server {id} does not exist."))
        }
        Error::IdentityProviderNotFound(name) => {
            WireError::new("ResourceNotFoundException", format!("Identity provider {name} does not exist."))
        }
        Error::ProviderExists(message) => WireError::new("DuplicateProviderException", message),
        Error::UnsupportedProvider => WireError::new(
            "UnsupportedIdentityProviderException",
            "COGNITO stands for the user pool's own users and cannot be changed.",
        ),
        Error::ThreatProtectionOff => WireError::new(
            "UserPoolAddOnNotEnabledException",
            "User pool add-ons are not enabled: AdvancedSecurityMode is OFF.",
        ),
        Error::TooMany(what) => WireError::new(
            "LimitExceededException",
            format!("The user pool has as many {what} as it can have."),
        ),
        Error::TooManySecrets => {
            WireError::new("LimitExceededException", "A client can have at most two secrets at once.")
        }
        Error::SecretNotFound => WireError::new("ResourceNotFoundException", "Client secret does not exist."),
        Error::LastSecret => invalid_parameter("The last secret of a client cannot be deleted."),
        Error::InvalidOauthFlow(message) => WireError::new("InvalidOAuthFlowException", *message),
        Error::ScopeNotFound(scope) => {
            WireError::new("ScopeDoesNotExistException", format!("Invalid scope requested: {scope}"))
        }
        Error::FlowNotEnabled(flow) => invalid_parameter(match flow {
            Flow::UserPassword => "USER_PASSWORD_AUTH flow not enabled for this client",
            Flow::UserSrp => "USER_SRP_AUTH is not enabled for the client.",
            Flow::Custom => "CUSTOM_AUTH is not enabled for the client.",
            Flow::UserAuth => "USER_AUTH is not enabled for the client.",
            Flow::ClientToken => "CLIENT_TOKEN_AUTH is not enabled for the client.",
            Flow::Impersonation => "TOKEN_EXCHANGE_IMPERSONATION is not enabled for the client.",
            Flow::Delegation => "TOKEN_EXCHANGE_DELEGATION is not enabled for the client.",
            Flow::AdminUserPassword | Flow::RefreshToken | Flow::Page => {
                "Auth flow not enabled for this client"
            }
        }),
        Error::FlowNotForOperation => invalid_parameter("Initiate Auth method not supported"),
        Error::AttributeNotWritable => not_authorized("A client attempted to write unauthorized attribute"),
        Error::PasswordPolicy(violation) => WireError::new(
            "InvalidPasswordException",
            format!("Password did not conform with policy: {}", of_violation(*violation)),
        ),
        Error::LeakedPassword => WireError::new(
            "InvalidPasswordException",
            "Provided password cannot be used for security reasons.",
        ),
        Error::PasswordUsedBefore => {
            WireError::new("PasswordHistoryPolicyViolationException", "Password has previously been used")
        }
        Error::MfaRequired => WireError::new(
            "InvalidUserPoolConfigurationException",
            "The user has to give a second factor, and has none that the user pool offers and can ask for.",
        ),
        Error::TriggerFailed(trigger, why) => WireError::new(
            "UnexpectedLambdaException",
            format!("{} invocation failed due to {}.", trigger.name(), of_call(*why)),
        ),
        Error::DevicesNotTracked => WireError::new(
            "InvalidUserPoolConfigurationException",
            "User pool does not have device tracking enabled.",
        ),
        Error::DeviceNotFound => WireError::new("ResourceNotFoundException", "Device does not exist."),
        Error::DeviceExists => WireError::new("DeviceKeyExistsException", "Device Key already exists."),
        Error::Passkey(refusal) => of_passkey(*refusal),
        Error::TriggerRefused(trigger, text) => WireError::new(
            "UserLambdaValidationException",
            format!("{} failed with error {text}.", trigger.name()),
        ),
        Error::TriggerAnswer(_) => {
            WireError::new("InvalidLambdaResponseException", "Unrecognizable lambda output")
        }
        Error::WrongSignInCode => {
            WireError::new("CodeMismatchException", "Invalid code or auth state for the user.")
        }
        Error::WrongMfaCode => WireError::new("CodeMismatchException", "Invalid code received for user"),
        Error::UsedMfaCode => {
            WireError::new("ExpiredCodeException", "Your software token has already been used once.")
        }
        Error::WrongFirstCode => WireError::new(
            "EnableSoftwareTokenMFAException",
            "Code mismatch and fail enable Software Token MFA",
        ),
        Error::SoftwareTokenNotOffered => WireError::new(
            "SoftwareTokenMFANotFoundException",
            "Software Token MFA has not been enabled by the userPool",
        ),
        Error::WrongCode => {
            WireError::new("CodeMismatchException", "Invalid verification code provided, please try again.")
        }
        Error::ExpiredCode => {
            WireError::new("ExpiredCodeException", "Invalid code provided, please request a code again.")
        }
        Error::AttemptLimit => {
            WireError::new("LimitExceededException", "Attempt limit exceeded, please try after some time.")
        }
        Error::InvalidSession => not_authorized("Invalid session for the user."),
        Error::ExpiredSession => not_authorized("Invalid session for the user, session is expired."),
        Error::UsedSession => not_authorized("Invalid session for the user, session can only be used once."),
        Error::InvalidAccessToken => not_authorized("Invalid Access Token"),
        Error::ExpiredAccessToken => not_authorized("Access Token has expired"),
        Error::RevokedAccessToken => not_authorized("Access Token has been revoked"),
        Error::InvalidIdToken => not_authorized("Invalid ID Token"),
        Error::ExpiredIdToken => not_authorized("ID Token has expired"),
        Error::RevokedIdToken => not_authorized("ID Token has been revoked"),
        Error::MissingScope => not_authorized("Access Token does not have required scopes"),
        Error::InvalidDpopProof(why) => not_authorized(format!("Invalid DPoP proof: {why}")),
        // No operation takes one.
        Error::InvalidAuthorizationCode => not_authorized("Invalid Authorization Code"),
        Error::InvalidRefreshToken => not_authorized("Invalid Refresh Token"),
        Error::ExpiredRefreshToken => not_authorized("Refresh Token has expired"),
        Error::ReusedRefreshToken => {
            WireError::new("RefreshTokenReuseException", "Refresh token has been invalidated by rotation")
        }
        Error::RevokedRefreshToken => not_authorized("Refresh Token has been revoked"),
        Error::UnsupportedTokenType => {
            WireError::new("UnsupportedTokenTypeException", "Only refresh tokens can be revoked.")
        }
        Error::RevocationDisabled => WireError::new(
            "UnsupportedOperationException",
            "Token revocation is not enabled for this client.",
        ),
        Error::AlreadyConfirmed => invalid_parameter("User is already confirmed."),
        Error::CannotConfirm(status) => {
            not_authorized(format!("User cannot be confirmed. Current status is {}", status.as_str()))
        }
        Error::CannotResetPassword => not_authorized("User password cannot be reset in the current state."),
        Error::NoVerifiedContact => invalid_parameter(
            "Cannot reset password for the user as there is no registered/verified email or phone_number",
        ),
        Error::OnlyAdministratorResets => not_authorized("Contact administrator to reset password."),
        Error::CannotResendInvitation(username) => WireError::new(
            "UnsupportedUserStateException",
            format!("Resend not possible. {username} status is not FORCE_CHANGE_PASSWORD"),
        ),
        Error::DeletionProtected => invalid_parameter(
            "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be \
             inactivated first.",
        ),
        Error::ImportInProgress => WireError::new(
            "UserImportInProgressException",
            "The user pool cannot be changed while users are being imported into it.",
        ),
        Error::ImportJobNotFound(id) => {
            WireError::new("ResourceNotFoundException", format!("User import job {id} does not exist."))
        }
        Error::ImportPrecondition(message) => WireError::new("PreconditionNotMetException", *message),
        Error::TooManyImportJobs => WireError::new(
            "LimitExceededException",
            "The user pool has as many import jobs as it can have, or the account as many that wait for their start.",
        ),
        Error::AttributeAlreadyProvided(name) => {
            not_authorized(format!("Cannot modify an already provided {name}"))
        }
        Error::TermsNotFound => WireError::new("ResourceNotFoundException", "Terms do not exist."),
        Error::TermsExist => WireError::new(
            "TermsExistsException",
            "Terms documents of this name already exist for the app client.",
        ),
        Error::BrandingNotFound => {
            WireError::new("ResourceNotFoundException", "Managed login branding does not exist.")
        }
        Error::BrandingExists => WireError::new(
            "ManagedLoginBrandingExistsException",
            "Managed login branding already exists for the app client.",
        ),
        Error::NoReplicas => WireError::new(
            "OperationNotEnabledException",
            "This server runs in one region, so its user pools have no replicas.",
        ),
        Error::ConcurrentModification => WireError::new(
            "ConcurrentModificationException",
            "The resource was changed by another request at the same time; try again.",
        ),
        Error::AudienceOfClient => invalid_parameter("Audiences cannot name another app client."),
        // The OAuth endpoints' own.
        Error::OauthDisabled | Error::GrantNotAllowed | Error::ScopeNotAllowed => {
            WireError::new("InvalidOAuthFlowException", "The client may not use that grant.")
        }
        Error::InvalidParameter(message) => invalid_parameter(message),
        Error::AttributeUnfit(unfit) => invalid_parameter(&unfit.message),
        Error::Busy => WireError::new("TooManyRequestsException", "Rate exceeded"),
        Error::Internal(_) => internal(),
    }
}

/// Why a function did not answer, as far as its pool's callers are told. Only the second and the third are known from AWS.
fn of_call(why: CallFailure) -> &'static str {
    match why {
        CallFailure::Configuration | CallFailure::Key => "configuration",
        CallFailure::AccessDenied => "error AccessDeniedException",
        CallFailure::Timeout => "error Socket timeout while invoking Lambda function",
        CallFailure::Unreachable | CallFailure::Status(_) => "error ServiceException",
        CallFailure::Paused => "error TooManyRequestsException",
    }
}

/// The messages are not known from AWS.
fn of_passkey(refusal: Refusal) -> WireError {
    let (kind, message) = match refusal {
        Refusal::NotEnabled => ("WebAuthnNotEnabledException", "WebAuthn is not enabled for the user pool."),
        Refusal::NoRelyingParty => (
            "WebAuthnConfigurationMissingException",
            "The user pool has neither a RelyingPartyId nor a domain to take its place.",
        ),
        Refusal::ChallengeNotFound => {
            ("WebAuthnChallengeNotFoundException", "No registration is in progress, or it has expired.")
        }
        Refusal::ClientMismatch => {
            ("WebAuthnClientMismatchException", "The registration was started by another client.")
        }
        Refusal::OriginNotAllowed => {
            ("WebAuthnOriginNotAllowedException", "The origin is not allowed for the relying party.")
        }
        Refusal::RelyingPartyMismatch => {
            ("WebAuthnRelyingPartyMismatchException", "The credential was made for another relying party.")
        }
        Refusal::NotSupported => {
            ("WebAuthnCredentialNotSupportedException", "The credential is not supported.")
        }
        Refusal::TooMany => ("LimitExceededException", "The user has as many passkeys as they can have."),
        Refusal::NotFound => ("ResourceNotFoundException", "The credential does not exist."),
    };
    WireError::new(kind, message)
}

fn of_violation(violation: Violation) -> &'static str {
    match violation {
        Violation::TooLong => "Password too long",
        Violation::TooShort => "Password not long enough",
        Violation::NoUppercase => "Password must have uppercase characters",
        Violation::NoLowercase => "Password must have lowercase characters",
        Violation::NoNumber => "Password must have numeric characters",
        Violation::NoSymbol => "Password must have symbol characters",
    }
}
