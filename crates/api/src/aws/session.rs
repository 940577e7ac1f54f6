//! RevokeToken, GlobalSignOut, AdminUserGlobalSignOut.

use cognate_contract::cognito_idp::{
    AdminUserGlobalSignOutRequest, AdminUserGlobalSignOutResponse, GlobalSignOutRequest,
    GlobalSignOutResponse, RevokeTokenRequest, RevokeTokenResponse,
};
use cognate_core::token::revoke;
use cognate_core::{App, Result, app_client, user_pool};
use cognate_store::{AppClientId, UserPoolId};

use super::access::{Public, Signed, TokenHolder};
use super::wire;

pub(super) async fn revoke_token(
    app: &App,
    caller: Public,
    input: RevokeTokenRequest,
) -> Result<RevokeTokenResponse> {
    wire::refuse_unbuilt(&[("RevokeAssociatedSessions", input.revoke_associated_sessions.is_some())])?;
    let context =
        app_client::by_id(app, &AppClientId::new(&*input.client_id), caller.origin).await?;
    let (secret, token) = (input.client_secret.map(wire::secret), wire::secret(input.token));
    revoke::refresh_token(app, &context, secret.as_ref(), &token).await?;
    Ok(RevokeTokenResponse::default())
}

pub(super) async fn global_sign_out(
    app: &App,
    TokenHolder(holder): TokenHolder,
    _: GlobalSignOutRequest,
) -> Result<GlobalSignOutResponse> {
    revoke::global_sign_out(app, &holder).await?;
    Ok(GlobalSignOutResponse::default())
}

pub(super) async fn admin_user_global_sign_out(
    app: &App,
    caller: Signed,
    input: AdminUserGlobalSignOutRequest,
) -> Result<AdminUserGlobalSignOutResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    revoke::admin_global_sign_out(app, &pool, &input.username).await?;
    Ok(AdminUserGlobalSignOutResponse::default())
}
