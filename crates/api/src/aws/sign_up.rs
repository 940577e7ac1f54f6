//! SignUp, ConfirmSignUp, ResendConfirmationCode, AdminConfirmSignUp.

use cognate_contract::SensitiveString;
use cognate_contract::cognito_idp::{
    AdminConfirmSignUpRequest, AdminConfirmSignUpResponse, ConfirmSignUpRequest, ConfirmSignUpResponse,
    ResendConfirmationCodeRequest, ResendConfirmationCodeResponse, SignUpRequest, SignUpResponse,
};
use cognate_core::trigger::Metadata;
use cognate_core::user::admin;
use cognate_core::user::sign_up::{self, Confirm, SignUp};
use cognate_core::{App, Result, user_pool};
use cognate_store::UserPoolId;

use secrecy::ExposeSecret as _;

use super::access::{Public, Signed};
use super::{context, wire};

pub(super) async fn sign_up(app: &App, caller: Public, input: SignUpRequest) -> Result<SignUpResponse> {
    let mut context = context::of(app, &input.client_id, caller, input.user_context_data).await?;
    context.metadata = Metadata {
        validation: wire::attributes(input.validation_data).into_iter().collect(),
        client: input.client_metadata.unwrap_or_default(),
    };
    let request = SignUp {
        username: input.username.into_inner(),
        password: input.password.map(wire::secret),
        attributes: wire::attributes(input.user_attributes),
        secret_hash: input.secret_hash.map(SensitiveString::into_inner),
    };
    let signed_up = sign_up::sign_up(app, &context, request).await?;
    Ok(SignUpResponse {
        user_confirmed: signed_up.is_confirmed,
        code_delivery_details: signed_up.delivery.map(wire::delivery_details),
        user_sub: signed_up.user.to_string(),
        session: signed_up.session.map(|session| session.expose_secret().into()),
    })
}

pub(super) async fn confirm_sign_up(
    app: &App,
    caller: Public,
    input: ConfirmSignUpRequest,
) -> Result<ConfirmSignUpResponse> {
    let mut context = context::of(app, &input.client_id, caller, input.user_context_data).await?;
    context.metadata = Metadata::of_client(input.client_metadata);
    let request = Confirm {
        username: input.username.into_inner(),
        code: input.confirmation_code,
        force_alias_creation: input.force_alias_creation.unwrap_or(false),
        secret_hash: input.secret_hash.map(SensitiveString::into_inner),
        session: input.session.map(wire::secret),
    };
    let session = sign_up::confirm(app, &context, request).await?;
    Ok(ConfirmSignUpResponse { session: session.map(|session| session.expose_secret().into()) })
}

pub(super) async fn admin_confirm_sign_up(
    app: &App,
    caller: Signed,
    input: AdminConfirmSignUpRequest,
) -> Result<AdminConfirmSignUpResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let metadata = Metadata::of_client(input.client_metadata);
    admin::confirm(app, &pool, &caller.caller(&metadata), &input.username).await?;
    Ok(AdminConfirmSignUpResponse::default())
}

pub(super) async fn resend_confirmation_code(
    app: &App,
    caller: Public,
    input: ResendConfirmationCodeRequest,
) -> Result<ResendConfirmationCodeResponse> {
    let mut context = context::of(app, &input.client_id, caller, input.user_context_data).await?;
    context.metadata = Metadata::of_client(input.client_metadata);
    let delivery = sign_up::resend(app, &context, &input.username, input.secret_hash.as_deref()).await?;
    Ok(ResendConfirmationCodeResponse { code_delivery_details: delivery.map(wire::delivery_details) })
}
