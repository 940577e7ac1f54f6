//! UpdateUserAttributes, DeleteUserAttributes, GetUserAttributeVerificationCode, VerifyUserAttribute;
//! AdminUpdateUserAttributes, AdminDeleteUserAttributes.

use cognate_contract::cognito_idp::{
    AdminDeleteUserAttributesRequest, AdminDeleteUserAttributesResponse, AdminUpdateUserAttributesRequest,
    AdminUpdateUserAttributesResponse, DeleteUserAttributesRequest, DeleteUserAttributesResponse,
    GetUserAttributeVerificationCodeRequest, GetUserAttributeVerificationCodeResponse,
    UpdateUserAttributesRequest, UpdateUserAttributesResponse, VerifyUserAttributeRequest,
    VerifyUserAttributeResponse,
};
use cognate_core::user::change::{self, Writer};
use cognate_core::{App, Result, user, user_pool};
use cognate_store::UserPoolId;

use super::access::{Signed, TokenHolder};
use super::wire;

pub(super) async fn update_user_attributes(
    app: &App,
    TokenHolder(holder): TokenHolder,
    input: UpdateUserAttributesRequest,
) -> Result<UpdateUserAttributesResponse> {
    let changes = wire::attributes(Some(input.user_attributes));
    let writer = Writer::User(&holder.client);
    let deliveries = change::update(app, &holder.pool, holder.user.id, writer, &changes).await?;
    let details = deliveries.into_iter().map(wire::delivery_details).collect();
    Ok(UpdateUserAttributesResponse { code_delivery_details_list: Some(details) })
}

pub(super) async fn delete_user_attributes(
    app: &App,
    TokenHolder(holder): TokenHolder,
    input: DeleteUserAttributesRequest,
) -> Result<DeleteUserAttributesResponse> {
    let writer = Writer::User(&holder.client);
    change::delete(app, &holder.pool, holder.user.id, writer, input.user_attribute_names).await?;
    Ok(DeleteUserAttributesResponse::default())
}

pub(super) async fn get_user_attribute_verification_code(
    app: &App,
    TokenHolder(holder): TokenHolder,
    input: GetUserAttributeVerificationCodeRequest,
) -> Result<GetUserAttributeVerificationCodeResponse> {
    let delivery = change::send_code(app, &holder, &input.attribute_name).await?;
    Ok(GetUserAttributeVerificationCodeResponse {
        code_delivery_details: Some(wire::delivery_details(delivery)),
    })
}

pub(super) async fn verify_user_attribute(
    app: &App,
    TokenHolder(holder): TokenHolder,
    input: VerifyUserAttributeRequest,
) -> Result<VerifyUserAttributeResponse> {
    change::verify(app, &holder, &input.attribute_name, &input.code).await?;
    Ok(VerifyUserAttributeResponse::default())
}

pub(super) async fn admin_update_user_attributes(
    app: &App,
    caller: Signed,
    input: AdminUpdateUserAttributesRequest,
) -> Result<AdminUpdateUserAttributesResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let user = user::find(app, &pool, &input.username).await?;
    let changes = wire::attributes(Some(input.user_attributes));
    change::update(app, &pool, user.id, Writer::Administrator, &changes).await?;
    Ok(AdminUpdateUserAttributesResponse::default())
}

pub(super) async fn admin_delete_user_attributes(
    app: &App,
    caller: Signed,
    input: AdminDeleteUserAttributesRequest,
) -> Result<AdminDeleteUserAttributesResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let user = user::find(app, &pool, &input.username).await?;
    change::delete(app, &pool, user.id, Writer::Administrator, input.user_attribute_names).await?;
    Ok(AdminDeleteUserAttributesResponse::default())
}
