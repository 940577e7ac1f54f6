//! GetUser and DeleteUser; AdminCreateUser, AdminGetUser, ListUsers, AdminEnableUser, AdminDisableUser, AdminDeleteUser.

use cognate_contract::NoOutput;
use cognate_contract::cognito_idp::{
    AdminCreateUserRequest, AdminCreateUserResponse, AdminDeleteUserRequest, AdminDisableUserRequest,
    AdminDisableUserResponse, AdminEnableUserRequest, AdminEnableUserResponse, AdminGetUserRequest,
    AdminGetUserResponse, DeleteUserRequest, DeliveryMediumType, GetUserRequest, GetUserResponse,
    ListUsersRequest, ListUsersResponse, MessageActionType,
};
use cognate_core::trigger::Metadata;
use cognate_core::user::admin::{self, CreateUser};
use cognate_core::user::{self, attribute, list};
use cognate_core::{App, Error, Result, user_pool};
use cognate_store::message::Medium;
use cognate_store::user_pool::Contact;
use cognate_store::{UserId, UserPoolId};

use super::access::{Signed, TokenHolder};
use super::{second_factor, wire};

pub(super) async fn get_user(
    app: &App,
    TokenHolder(holder): TokenHolder,
    _: GetUserRequest,
) -> Result<GetUserResponse> {
    let factors = user::second_factor::of_user(app, &holder.pool, &holder.user).await?;
    let (settings, client) = (&holder.pool.settings, &holder.client);
    let shown = |name: &str| name == "sub" || attribute::is_readable(settings, client, name);
    Ok(GetUserResponse {
        username: holder.user.username.as_str().into(),
        user_attributes: wire::attribute_list(&holder.user, shown),
        preferred_mfa_setting: second_factor::preferred(&factors),
        user_mfa_setting_list: second_factor::enabled(&factors),
        ..GetUserResponse::default()
    })
}

pub(super) async fn admin_create_user(
    app: &App,
    caller: Signed,
    input: AdminCreateUserRequest,
) -> Result<AdminCreateUserResponse> {
    create_with_id(app, &caller, None, input).await
}

/// Creates a user with a `sub` of the operator's.
pub(super) async fn create_with_id(
    app: &App,
    caller: &Signed,
    id: Option<UserId>,
    input: AdminCreateUserRequest,
) -> Result<AdminCreateUserResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let validation = wire::attributes(input.validation_data).into_iter().collect();
    let metadata = Metadata { validation, client: input.client_metadata.unwrap_or_default() };
    let caller = caller.caller(&metadata);
    let sms =
        input.desired_delivery_mediums.as_ref().is_some_and(|media| media.contains(&DeliveryMediumType::Sms));
    wire::refuse_unbuilt(&[(
        "DesiredDeliveryMediums SMS",
        sms && !app.reaches(&pool, Contact::PhoneNumber),
    )])?;
    let media = input.desired_delivery_mediums.unwrap_or_else(|| vec![DeliveryMediumType::Sms]);
    let media = media.into_iter().map(|medium| match medium {
        DeliveryMediumType::Sms => Medium::Sms,
        DeliveryMediumType::Email => Medium::Email,
    });
    let media: Vec<_> = media.collect();
    let temporary_password = input.temporary_password.map(wire::secret);
    let user = match input.message_action {
        Some(MessageActionType::Resend) if id.is_some() => {
            return Err(Error::invalid("RESEND is for users who are there already."));
        }
        Some(MessageActionType::Resend) => {
            admin::invite_again(app, &pool, &caller, &input.username, temporary_password, &media).await?
        }
        action => {
            let silent = action == Some(MessageActionType::Suppress);
            let request = CreateUser {
                id,
                username: input.username.into_inner(),
                temporary_password,
                attributes: wire::attributes(input.user_attributes),
                invite_by: if silent { Vec::new() } else { media },
                force_alias_creation: input.force_alias_creation.unwrap_or(false),
            };
            admin::create(app, &pool, &caller, request).await?
        }
    };
    Ok(AdminCreateUserResponse { user: Some(wire::user_type(&user, |_| true)) })
}

pub(super) async fn admin_get_user(
    app: &App,
    caller: Signed,
    input: AdminGetUserRequest,
) -> Result<AdminGetUserResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let user = user::find(app, &pool, &input.username).await?;
    let factors = user::second_factor::of_user(app, &pool, &user).await?;
    Ok(AdminGetUserResponse {
        username: user.username.as_str().into(),
        user_attributes: Some(wire::attribute_list(&user, |_| true)),
        user_create_date: Some(user.created_at.into()),
        user_last_modified_date: Some(user.updated_at.into()),
        enabled: Some(user.enabled),
        user_status: wire::user_status(user.status),
        preferred_mfa_setting: second_factor::preferred(&factors),
        user_mfa_setting_list: second_factor::enabled(&factors),
        ..AdminGetUserResponse::default()
    })
}

pub(super) async fn list_users(
    app: &App,
    caller: Signed,
    input: ListUsersRequest,
) -> Result<ListUsersResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let wanted = input.attributes_to_get.filter(|names| !names.is_empty());
    if wanted.iter().flatten().any(|name| pool.settings.attribute(name).is_none()) {
        return Err(Error::invalid("One or more requested attributes do not exist."));
    }
    let limit = wire::limit(input.limit);
    let filter = input.filter.as_deref().unwrap_or("");
    let (users, next) = list::list(app, &pool, filter, limit, input.pagination_token.as_deref()).await?;
    let shown = |name: &str| wanted.as_ref().is_none_or(|names| names.iter().any(|wanted| wanted == name));
    Ok(ListUsersResponse {
        users: Some(users.iter().map(|user| wire::user_type(user, shown)).collect()),
        pagination_token: next,
    })
}

pub(super) async fn delete_user(
    app: &App,
    TokenHolder(holder): TokenHolder,
    _: DeleteUserRequest,
) -> Result<NoOutput> {
    user::delete(app, &holder.pool, holder.user.id).await?;
    Ok(NoOutput)
}

pub(super) async fn admin_enable_user(
    app: &App,
    caller: Signed,
    input: AdminEnableUserRequest,
) -> Result<AdminEnableUserResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    admin::set_enabled(app, &pool, &input.username, true).await?;
    Ok(AdminEnableUserResponse::default())
}

pub(super) async fn admin_disable_user(
    app: &App,
    caller: Signed,
    input: AdminDisableUserRequest,
) -> Result<AdminDisableUserResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    admin::set_enabled(app, &pool, &input.username, false).await?;
    Ok(AdminDisableUserResponse::default())
}

pub(super) async fn admin_delete_user(
    app: &App,
    caller: Signed,
    input: AdminDeleteUserRequest,
) -> Result<NoOutput> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    admin::delete(app, &pool, &input.username).await?;
    Ok(NoOutput)
}
