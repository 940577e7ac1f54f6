//! UpdateUserAttributes, DeleteUserAttributes, GetUserAttributeVerificationCode, VerifyUserAttribute;
//! AdminUpdateUserAttributes, AdminDeleteUserAttributes.

use cognate_contract::cognito_idp::{
    AdminDeleteUserAttributesRequest, AdminDeleteUserAttributesResponse, AdminUpdateUserAttributesRequest,
    AdminUpdateUserAttributesResponse, DeleteUserAttributesRequest, DeleteUserAttributesResponse,
    GetUserAttributeVerificationCodeRequest, GetUserAttributeVerificationCodeResponse,
    UpdateUserAttributesRequest, UpdateUserAttributesResponse, VerifyUserAttributeRequest,
    VerifyUserAttributeResponse,
};
use cognate_core::trigger::Metadata;
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
    let (id, metadata) = (holder.user.id, Metadata::of_client(input.client_metadata));
    let caller = holder.caller(&metadata);
    let deliveries = change::update(app, &holder.pool, id, writer, &caller, &changes).await?;
    let details = deliveries.into_iter().map(wire::delivery_details).collect();
    Ok(UpdateUserAttributesResponse { code_delivery_details_list: Some(details) })
}

pub(super) async fn delete_user_attributes(
    app: &App,
    TokenHolder(holder): TokenHolder,
    input: DeleteUserAttributesRequest,
) -> Result<DeleteUserAttributesResponse> {
    let writer = Writer::User(&holder.client);
    let (id, metadata) = (holder.user.id, Metadata::default());
    let caller = holder.caller(&metadata);
    change::delete(app, &holder.pool, id, writer, &caller, input.user_attribute_names).await?;
    Ok(DeleteUserAttributesResponse::default())
}

pub(super) async fn get_user_attribute_verification_code(
    app: &App,
    TokenHolder(holder): TokenHolder,
    input: GetUserAttributeVerificationCodeRequest,
) -> Result<GetUserAttributeVerificationCodeResponse> {
    let metadata = Metadata::of_client(input.client_metadata);
    let delivery = change::send_code(app, &holder, &metadata, &input.attribute_name).await?;
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
    let metadata = Metadata::of_client(input.client_metadata);
    let caller = caller.caller(&metadata);
    change::update(app, &pool, user.id, Writer::Administrator, &caller, &changes).await?;
    Ok(AdminUpdateUserAttributesResponse::default())
}

pub(super) async fn admin_delete_user_attributes(
    app: &App,
    caller: Signed,
    input: AdminDeleteUserAttributesRequest,
) -> Result<AdminDeleteUserAttributesResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let user = user::find(app, &pool, &input.username).await?;
    let (metadata, names) = (Metadata::default(), input.user_attribute_names);
    let caller = caller.caller(&metadata);
    change::delete(app, &pool, user.id, Writer::Administrator, &caller, names).await?;
    Ok(AdminDeleteUserAttributesResponse::default())
}
