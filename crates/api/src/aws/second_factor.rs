//! AssociateSoftwareToken, VerifySoftwareToken, SetUserMFAPreference, GetUserAuthFactors, and their administrators' forms.

use cognate_contract::SensitiveString;
use cognate_contract::cognito_idp::{
    AdminDeleteSoftwareTokenRequest, AdminDeleteSoftwareTokenResponse, AdminGetUserAuthFactorsRequest,
    AdminGetUserAuthFactorsResponse, AdminSetUserMFAPreferenceRequest, AdminSetUserMFAPreferenceResponse,
    AssociateSoftwareTokenRequest, AssociateSoftwareTokenResponse, AuthFactorType, GetUserAuthFactorsRequest,
    GetUserAuthFactorsResponse, SetUserMFAPreferenceRequest, SetUserMFAPreferenceResponse,
    VerifySoftwareTokenRequest, VerifySoftwareTokenResponse, VerifySoftwareTokenResponseType,
};
use cognate_core::token::{self, verify};
use cognate_core::user::second_factor::{self, AuthFactors, Preference};
use cognate_core::{App, Error, Result, user, user_pool};
use cognate_store::UserPoolId;
use cognate_store::second_factor::{SecondFactor, SecondFactors};
use secrecy::{ExposeSecret as _, SecretString};

use super::access::{Public, Signed, TokenHolder};
use super::user_pool::sign_in_policy;
use super::wire;

/// Who sets an authenticator app up: a user who is in, or one on the way.
enum Enrolling {
    User(Box<verify::TokenHolder>),
    SigningIn(SecretString),
}

impl Enrolling {
    async fn of(
        app: &App,
        caller: Public,
        token: Option<SensitiveString>,
        session: Option<SensitiveString>,
    ) -> Result<Self> {
        match (token, session) {
            (Some(token), None) => {
                let holder = verify::access_token(app, &token, token::USER_ADMIN_SCOPE, caller.origin).await;
                Ok(Self::User(Box::new(holder.map_err(|error| match error {
                    // AssociateSoftwareToken has no error for a user who is gone.
                    Error::UserNotFound => Error::InvalidAccessToken,
                    other => other,
                })?)))
            }
            (None, Some(session)) => Ok(Self::SigningIn(wire::secret(session))),
            _ => Err(Error::invalid("Exactly one of AccessToken and Session must be given.")),
        }
    }
}

pub(super) async fn associate_software_token(
    app: &App,
    caller: Public,
    input: AssociateSoftwareTokenRequest,
) -> Result<AssociateSoftwareTokenResponse> {
    let associated = match Enrolling::of(app, caller, input.access_token, input.session).await? {
        Enrolling::User(holder) => second_factor::associate(app, &holder).await?,
        Enrolling::SigningIn(session) => second_factor::associate_at_sign_in(app, &session).await?,
    };
    Ok(AssociateSoftwareTokenResponse {
        secret_code: Some(associated.secret.expose_secret().into()),
        session: associated.session.map(|session| session.expose_secret().into()),
    })
}

pub(super) async fn verify_software_token(
    app: &App,
    caller: Public,
    input: VerifySoftwareTokenRequest,
) -> Result<VerifySoftwareTokenResponse> {
    let (code, name) = (&*input.user_code, input.friendly_device_name.as_deref());
    let session = match Enrolling::of(app, caller, input.access_token, input.session).await? {
        Enrolling::User(holder) => {
            second_factor::verify(app, &holder, code, name).await?;
            None
        }
        Enrolling::SigningIn(session) => {
            Some(second_factor::verify_at_sign_in(app, &session, code, name).await?)
        }
    };
    Ok(VerifySoftwareTokenResponse {
        status: Some(VerifySoftwareTokenResponseType::Success),
        session: session.map(|session| session.expose_secret().into()),
    })
}

/// The four blocks of a preference, in either request; an absent one changes nothing. Passkeys come by themselves: they are no
/// second factor, but two in one.
macro_rules! preferences {
    ($input:ident) => {{
        let passkey = $input.web_authn_mfa_settings.and_then(|it| it.enabled);
        let sms = $input.sms_mfa_settings.map(|it| (SecondFactor::Sms, it.enabled, it.preferred_mfa));
        let app = $input.software_token_mfa_settings;
        let app = app.map(|it| (SecondFactor::SoftwareToken, it.enabled, it.preferred_mfa));
        let email = $input.email_mfa_settings.map(|it| (SecondFactor::Email, it.enabled, it.preferred_mfa));
        let said = [sms, app, email].into_iter().flatten().map(|(factor, enabled, preferred)| Preference {
            factor,
            enabled: enabled == Some(true),
            preferred: preferred == Some(true),
        });
        (said.collect::<Vec<_>>(), passkey)
    }};
}

pub(super) async fn set_user_mfa_preference(
    app: &App,
    TokenHolder(holder): TokenHolder,
    input: SetUserMFAPreferenceRequest,
) -> Result<SetUserMFAPreferenceResponse> {
    let (said, passkey) = preferences!(input);
    second_factor::set_preferences(app, &holder.pool, &holder.user, &said, passkey).await?;
    Ok(SetUserMFAPreferenceResponse::default())
}

pub(super) async fn admin_set_user_mfa_preference(
    app: &App,
    caller: Signed,
    input: AdminSetUserMFAPreferenceRequest,
) -> Result<AdminSetUserMFAPreferenceResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let user = user::find(app, &pool, &input.username).await?;
    let (said, passkey) = preferences!(input);
    second_factor::set_preferences(app, &pool, &user, &said, passkey).await?;
    Ok(AdminSetUserMFAPreferenceResponse::default())
}

pub(super) async fn admin_delete_software_token(
    app: &App,
    caller: Signed,
    input: AdminDeleteSoftwareTokenRequest,
) -> Result<AdminDeleteSoftwareTokenResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    second_factor::delete_software_token(app, &pool, &input.username).await?;
    Ok(AdminDeleteSoftwareTokenResponse::default())
}

/// What a user can prove themselves by: what signs them in first, and what comes second.
macro_rules! auth_factors {
    ($response:ident, $found:expr) => {{
        let AuthFactors { user, first, second } = $found;
        let app = second.software_token.is_some().then_some(AuthFactorType::SoftwareToken);
        let first = first.iter().copied().map(sign_in_policy::first_factor_to_wire);
        $response {
            username: user.username.as_str().into(),
            preferred_mfa_setting: preferred(&second),
            user_mfa_setting_list: enabled(&second),
            configured_user_auth_factors: Some(first.chain(app).collect()),
        }
    }};
}

pub(super) async fn get_user_auth_factors(
    app: &App,
    TokenHolder(holder): TokenHolder,
    _: GetUserAuthFactorsRequest,
) -> Result<GetUserAuthFactorsResponse> {
    let found = second_factor::all_factors(app, &holder.pool, &holder.user.id.to_string()).await?;
    Ok(auth_factors!(GetUserAuthFactorsResponse, found))
}

pub(super) async fn admin_get_user_auth_factors(
    app: &App,
    caller: Signed,
    input: AdminGetUserAuthFactorsRequest,
) -> Result<AdminGetUserAuthFactorsResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let found = second_factor::all_factors(app, &pool, &input.username).await?;
    Ok(auth_factors!(AdminGetUserAuthFactorsResponse, found))
}

/// `PreferredMfaSetting`.
pub(super) fn preferred(factors: &SecondFactors) -> Option<String> {
    factors.preferred.map(|factor| factor.as_str().to_owned())
}

/// `UserMFASettingList`.
pub(super) fn enabled(factors: &SecondFactors) -> Option<Vec<String>> {
    wire::some_list(&factors.enabled, |factor| factor.as_str().to_owned())
}
