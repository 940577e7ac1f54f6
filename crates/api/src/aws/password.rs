//! ChangePassword, ForgotPassword, ConfirmForgotPassword, AdminSetUserPassword, AdminResetUserPassword.

use cognate_contract::SensitiveString;
use cognate_contract::cognito_idp::{
    AdminResetUserPasswordRequest, AdminResetUserPasswordResponse, AdminSetUserPasswordRequest,
    AdminSetUserPasswordResponse, ChangePasswordRequest, ChangePasswordResponse,
    ConfirmForgotPasswordRequest, ConfirmForgotPasswordResponse, ForgotPasswordRequest,
    ForgotPasswordResponse,
};
use cognate_core::trigger::Metadata;
use cognate_core::user::password::{self, ConfirmForgot};
use cognate_core::{App, Result, user, user_pool};
use cognate_store::UserPoolId;

use super::access::{Public, Signed, TokenHolder};
use super::{context, wire};

pub(super) async fn change_password(
    app: &App,
    TokenHolder(holder): TokenHolder,
    input: ChangePasswordRequest,
) -> Result<ChangePasswordResponse> {
    let (previous, proposed) =
        (input.previous_password.map(wire::secret), wire::secret(input.proposed_password));
    password::change(app, &holder, previous.as_ref(), &proposed).await?;
    Ok(ChangePasswordResponse::default())
}

pub(super) async fn forgot_password(
    app: &App,
    caller: Public,
    input: ForgotPasswordRequest,
) -> Result<ForgotPasswordResponse> {
    let mut context = context::of(app, &input.client_id, caller, input.user_context_data).await?;
    context.metadata = Metadata::of_client(input.client_metadata);
    let delivery = password::forgot(app, &context, &input.username, input.secret_hash.as_deref()).await?;
    Ok(ForgotPasswordResponse { code_delivery_details: Some(wire::delivery_details(delivery)) })
}

pub(super) async fn confirm_forgot_password(
    app: &App,
    caller: Public,
    input: ConfirmForgotPasswordRequest,
) -> Result<ConfirmForgotPasswordResponse> {
    let mut context = context::of(app, &input.client_id, caller, input.user_context_data).await?;
    context.metadata = Metadata::of_client(input.client_metadata);
    let request = ConfirmForgot {
        username: input.username.into_inner(),
        code: input.confirmation_code,
        password: wire::secret(input.password),
        secret_hash: input.secret_hash.map(SensitiveString::into_inner),
    };
    password::confirm_forgot(app, &context, request).await?;
    Ok(ConfirmForgotPasswordResponse::default())
}

pub(super) async fn admin_set_user_password(
    app: &App,
    caller: Signed,
    input: AdminSetUserPasswordRequest,
) -> Result<AdminSetUserPasswordResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let password = wire::secret(input.password);
    user::admin::set_password(app, &pool, &input.username, &password, input.permanent.unwrap_or(false))
        .await?;
    Ok(AdminSetUserPasswordResponse::default())
}

pub(super) async fn admin_reset_user_password(
    app: &App,
    caller: Signed,
    input: AdminResetUserPasswordRequest,
) -> Result<AdminResetUserPasswordResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let metadata = Metadata::of_client(input.client_metadata);
    password::admin_reset(app, &pool, &caller.caller(&metadata), &input.username).await?;
    Ok(AdminResetUserPasswordResponse::default())
}
