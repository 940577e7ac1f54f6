//! Who is calling: the types that a handler's signature asks for.

use cognate_contract::cognito_idp as wire;
use cognate_core::App;
use cognate_core::origin::Origin;
use cognate_core::token::{self, verify};
use cognate_core::trigger::{self, Metadata};
use cognate_store::AccountId;

use super::error::Failure;

/// What the request as a whole has proven, and where it comes from.
#[derive(Debug)]
pub(super) struct Authenticated {
    /// The account whose key signed it; present exactly for operations that must be signed.
    pub(super) account: Option<AccountId>,
    /// Where it comes from; not proven.
    pub(super) origin: Origin,
}

/// A caller that a request admits.
pub(super) trait Caller<Input>: Sized {
    /// Admits the caller of a request, or says why not.
    async fn admit(app: &App, authenticated: &Authenticated, input: &Input) -> Result<Self, Failure>;
}

/// Anybody.
#[derive(Debug)]
pub(super) struct Public {
    /// Where they are.
    pub(super) origin: Origin,
}

impl<Input> Caller<Input> for Public {
    async fn admit(_: &App, authenticated: &Authenticated, _: &Input) -> Result<Self, Failure> {
        Ok(Self { origin: authenticated.origin.clone() })
    }
}

impl Signed {
    /// Who made a request, as functions are told: a server, through no client.
    pub(super) fn caller<'a>(&'a self, metadata: &'a Metadata) -> trigger::Caller<'a> {
        trigger::Caller { client: None, origin: &self.origin, metadata }
    }
}

/// An account, by signature.
#[derive(Debug)]
pub(super) struct Signed {
    /// The account.
    pub(super) account: AccountId,
    /// Where whoever signed is.
    pub(super) origin: Origin,
}

impl<Input> Caller<Input> for Signed {
    async fn admit(_: &App, authenticated: &Authenticated, _: &Input) -> Result<Self, Failure> {
        let account = authenticated.account.clone();
        account
            // What a server or an administrator reads says nothing of the user.
            .map(|account| Self { account, origin: authenticated.origin.clone().reading(Vec::new()) })
            .ok_or(Failure::Signature(super::sigv4::Error::MissingAuthenticationToken))
    }
}

/// The user whose access token the request holds.
#[derive(Debug)]
pub(super) struct TokenHolder(pub(super) verify::TokenHolder);

/// A request that holds an access token.
pub(super) trait HoldsAccessToken {
    /// The token.
    fn access_token(&self) -> &str;
}

macro_rules! holds_access_token {
    ($($request:ident),* $(,)?) => {
        $(impl HoldsAccessToken for wire::$request {
            fn access_token(&self) -> &str {
                &self.access_token
            }
        })*
    };
}
holds_access_token!(
    ChangePasswordRequest,
    CompleteWebAuthnRegistrationRequest,
    ConfirmDeviceRequest,
    DeleteUserAttributesRequest,
    DeleteUserRequest,
    DeleteWebAuthnCredentialRequest,
    GetUserAttributeVerificationCodeRequest,
    GetUserAuthFactorsRequest,
    GetUserRequest,
    GlobalSignOutRequest,
    ListDevicesRequest,
    ListWebAuthnCredentialsRequest,
    ListUserSessionsRequest,
    RevokeUserSessionRequest,
    SetUserMFAPreferenceRequest,
    SetUserSettingsRequest,
    StartWebAuthnRegistrationRequest,
    UpdateDeviceStatusRequest,
    UpdateUserAttributesRequest,
    VerifyUserAttributeRequest
);

impl<Input: HoldsAccessToken> Caller<Input> for TokenHolder {
    async fn admit(app: &App, authenticated: &Authenticated, input: &Input) -> Result<Self, Failure> {
        let (token, origin) = (input.access_token(), authenticated.origin.clone());
        Ok(Self(verify::access_token(app, token, token::USER_ADMIN_SCOPE, origin).await?))
    }
}
