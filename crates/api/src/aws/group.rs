//! Create, Get, List, Update and DeleteGroup; AdminAddUserToGroup, AdminRemoveUserFromGroup, AdminListGroupsForUser,
//! ListUsersInGroup.

use cognate_contract::NoOutput;
use cognate_contract::cognito_idp::{
    AdminAddUserToGroupRequest, AdminListGroupsForUserRequest, AdminListGroupsForUserResponse,
    AdminRemoveUserFromGroupRequest, CreateGroupRequest, CreateGroupResponse, DeleteGroupRequest,
    GetGroupRequest, GetGroupResponse, GroupType, ListGroupsRequest, ListGroupsResponse,
    ListUsersInGroupRequest, ListUsersInGroupResponse, UpdateGroupRequest, UpdateGroupResponse,
};
use cognate_core::group::{self, Description};
use cognate_core::{App, Result, user_pool};
use cognate_store::group::Group;
use cognate_store::{UserPool, UserPoolId};

use super::access::Signed;
use super::wire;

pub(super) async fn create_group(
    app: &App,
    caller: Signed,
    input: CreateGroupRequest,
) -> Result<CreateGroupResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let new = Description {
        name: input.group_name,
        description: input.description,
        role_arn: input.role_arn,
        precedence: input.precedence,
    };
    let group = group::create(app, &pool, new).await?;
    Ok(CreateGroupResponse { group: Some(describe(&pool, group)) })
}

pub(super) async fn get_group(app: &App, caller: Signed, input: GetGroupRequest) -> Result<GetGroupResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let group = group::get(app, &pool, &input.group_name).await?;
    Ok(GetGroupResponse { group: Some(describe(&pool, group)) })
}

pub(super) async fn list_groups(
    app: &App,
    caller: Signed,
    input: ListGroupsRequest,
) -> Result<ListGroupsResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let limit = wire::limit(input.limit);
    let (groups, next_token) = group::list(app, &pool, limit, input.next_token.as_deref()).await?;
    Ok(ListGroupsResponse { groups: Some(described(&pool, groups)), next_token })
}

pub(super) async fn update_group(
    app: &App,
    caller: Signed,
    input: UpdateGroupRequest,
) -> Result<UpdateGroupResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let change = Description {
        name: input.group_name,
        description: input.description,
        role_arn: input.role_arn,
        precedence: input.precedence,
    };
    let group = group::update(app, &pool, change).await?;
    Ok(UpdateGroupResponse { group: Some(describe(&pool, group)) })
}

pub(super) async fn delete_group(app: &App, caller: Signed, input: DeleteGroupRequest) -> Result<NoOutput> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    group::delete(app, &pool, &input.group_name).await?;
    Ok(NoOutput)
}

pub(super) async fn admin_add_user_to_group(
    app: &App,
    caller: Signed,
    input: AdminAddUserToGroupRequest,
) -> Result<NoOutput> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    group::add_user(app, &pool, &input.group_name, &input.username).await?;
    Ok(NoOutput)
}

pub(super) async fn admin_remove_user_from_group(
    app: &App,
    caller: Signed,
    input: AdminRemoveUserFromGroupRequest,
) -> Result<NoOutput> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    group::remove_user(app, &pool, &input.group_name, &input.username).await?;
    Ok(NoOutput)
}

pub(super) async fn admin_list_groups_for_user(
    app: &App,
    caller: Signed,
    input: AdminListGroupsForUserRequest,
) -> Result<AdminListGroupsForUserResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let (limit, token) = (wire::limit(input.limit), input.next_token.as_deref());
    let (groups, next_token) = group::of_user(app, &pool, &input.username, limit, token).await?;
    Ok(AdminListGroupsForUserResponse { groups: Some(described(&pool, groups)), next_token })
}

pub(super) async fn list_users_in_group(
    app: &App,
    caller: Signed,
    input: ListUsersInGroupRequest,
) -> Result<ListUsersInGroupResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let (limit, token) = (wire::limit(input.limit), input.next_token.as_deref());
    let (users, next_token) = group::members(app, &pool, &input.group_name, limit, token).await?;
    let users = users.iter().map(|user| wire::user_type(user, |_| true)).collect();
    Ok(ListUsersInGroupResponse { users: Some(users), next_token })
}

fn described(pool: &UserPool, groups: Vec<Group>) -> Vec<GroupType> {
    groups.into_iter().map(|group| describe(pool, group)).collect()
}

fn describe(pool: &UserPool, group: Group) -> GroupType {
    GroupType {
        group_name: Some(group.name),
        user_pool_id: Some(pool.id.to_string()),
        description: group.description,
        role_arn: group.role_arn,
        precedence: group.precedence,
        last_modified_date: Some(group.updated_at.into()),
        creation_date: Some(group.created_at.into()),
    }
}
