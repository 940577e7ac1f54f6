//! Create, Describe, List, Update and DeleteUserPool; AddCustomAttributes; TagResource, UntagResource,
//! ListTagsForResource; GetUserPoolMfaConfig, SetUserPoolMfaConfig; Set and GetLogDeliveryConfiguration; Set and
//! DescribeRiskConfiguration.

mod client_registration;
mod describe;
mod email;
mod log_delivery;
mod mfa;
mod risk;
mod settings;
pub(super) mod sign_in_policy;
mod sms;
mod tags;
mod trigger;

use cognate_contract::NoOutput;
use cognate_contract::cognito_idp::{
    AddCustomAttributesRequest, AddCustomAttributesResponse, CreateUserPoolRequest, CreateUserPoolResponse,
    DeleteUserPoolRequest, DescribeUserPoolRequest, DescribeUserPoolResponse, ListUserPoolsRequest,
    ListUserPoolsResponse, UpdateUserPoolRequest, UpdateUserPoolResponse, UserPoolDescriptionType,
};
use cognate_core::domain::{self, Domains};
use cognate_core::user_pool::schema;
use cognate_core::{App, Result, user_pool};
use cognate_store::{AccountId, UserPoolId, UserPoolSettings};

use super::access::Signed;
pub(super) use log_delivery::{get_log_delivery_configuration, set_log_delivery_configuration};
pub(super) use mfa::{get_user_pool_mfa_config, set_user_pool_mfa_config};
pub(super) use risk::{describe_risk_configuration, set_risk_configuration};
pub(super) use tags::{list_tags_for_resource, tag_resource, untag_resource};

pub(super) async fn create_user_pool(
    app: &App,
    caller: Signed,
    input: CreateUserPoolRequest,
) -> Result<CreateUserPoolResponse> {
    create_with_id(app, &caller.account, None, input).await
}

/// The settings that a request for a pool describes, checked.
pub(super) fn settings_of_new(app: &App, input: CreateUserPoolRequest) -> Result<UserPoolSettings> {
    settings::of_new(&app.reach, &app.place.region, input)
}

/// Creates a pool with an id of the operator's.
pub(super) async fn create_with_id(
    app: &App,
    account: &AccountId,
    id: Option<UserPoolId>,
    input: CreateUserPoolRequest,
) -> Result<CreateUserPoolResponse> {
    let name = input.pool_name.clone();
    let settings = settings_of_new(app, input)?;
    let pool = user_pool::create(app, account, id, &name, settings).await?;
    let described = describe::describe(&pool, &app.place.region, Domains::default(), 0);
    Ok(CreateUserPoolResponse { user_pool: Some(described) })
}

pub(super) async fn describe_user_pool(
    app: &App,
    caller: Signed,
    input: DescribeUserPoolRequest,
) -> Result<DescribeUserPoolResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let users = user_pool::count_users(app, &pool).await?;
    let domains = domain::of_pool(app, &pool).await?;
    let described = describe::describe(&pool, &app.place.region, domains, users);
    Ok(DescribeUserPoolResponse { user_pool: Some(described) })
}

pub(super) async fn list_user_pools(
    app: &App,
    caller: Signed,
    input: ListUserPoolsRequest,
) -> Result<ListUserPoolsResponse> {
    let (pools, next_token) =
        user_pool::list(app, &caller.account, input.max_results, input.next_token.as_deref()).await?;
    let description = |pool: cognate_store::user_pool::UserPoolSummary| UserPoolDescriptionType {
        id: Some(pool.id.to_string()),
        name: Some(pool.name),
        lambda_config: Some(trigger::to_wire(&pool.triggers)),
        last_modified_date: Some(pool.updated_at.into()),
        creation_date: Some(pool.created_at.into()),
        ..UserPoolDescriptionType::default()
    };
    Ok(ListUserPoolsResponse { user_pools: Some(pools.into_iter().map(description).collect()), next_token })
}

pub(super) async fn update_user_pool(
    app: &App,
    caller: Signed,
    input: UpdateUserPoolRequest,
) -> Result<UpdateUserPoolResponse> {
    let id = UserPoolId::new(&*input.user_pool_id);
    user_pool::reconfigure(app, &caller.account, &id, |pool| {
        let name = input.pool_name.clone().unwrap_or_else(|| pool.name.clone());
        Ok((name, settings::of_updated(&app.reach, &app.place.region, &pool.settings, input.clone())?))
    })
    .await?;
    Ok(UpdateUserPoolResponse::default())
}

pub(super) async fn add_custom_attributes(
    app: &App,
    caller: Signed,
    input: AddCustomAttributesRequest,
) -> Result<AddCustomAttributesResponse> {
    let definitions: Vec<_> = input.custom_attributes.into_iter().map(settings::definition).collect();
    user_pool::reconfigure(app, &caller.account, &UserPoolId::new(input.user_pool_id), |pool| {
        let mut settings = pool.settings.clone();
        schema::extend(&mut settings.schema, definitions.clone())?;
        Ok((pool.name.clone(), settings))
    })
    .await?;
    Ok(AddCustomAttributesResponse::default())
}

pub(super) async fn delete_user_pool(
    app: &App,
    caller: Signed,
    input: DeleteUserPoolRequest,
) -> Result<NoOutput> {
    user_pool::delete(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    Ok(NoOutput)
}
