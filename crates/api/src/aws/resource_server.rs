//! Create, Describe, List, Update and DeleteResourceServer.

use cognate_contract::NoOutput;
use cognate_contract::cognito_idp::{
    CreateResourceServerRequest, CreateResourceServerResponse, DeleteResourceServerRequest,
    DescribeResourceServerRequest, DescribeResourceServerResponse, ListResourceServersRequest,
    ListResourceServersResponse, ResourceServerScopeType, ResourceServerType, UpdateResourceServerRequest,
    UpdateResourceServerResponse,
};
use cognate_core::{App, Result, resource_server, user_pool};
use cognate_store::record::Record;
use cognate_store::record::resource_server::{ResourceServer, Scope};
use cognate_store::{UserPool, UserPoolId};

use super::access::Signed;

/// How many resource servers are on a page unless said, which is all that there may be on one.
const PAGE: i32 = 50;

pub(super) async fn create_resource_server(
    app: &App,
    caller: Signed,
    input: CreateResourceServerRequest,
) -> Result<CreateResourceServerResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let server = ResourceServer { name: input.name, scopes: scopes(input.scopes) };
    let created = resource_server::create(app, &pool, &input.identifier, server).await?;
    Ok(CreateResourceServerResponse { resource_server: describe(&pool, created) })
}

pub(super) async fn describe_resource_server(
    app: &App,
    caller: Signed,
    input: DescribeResourceServerRequest,
) -> Result<DescribeResourceServerResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let server = resource_server::get(app, &pool, &input.identifier).await?;
    Ok(DescribeResourceServerResponse { resource_server: describe(&pool, server) })
}

pub(super) async fn list_resource_servers(
    app: &App,
    caller: Signed,
    input: ListResourceServersRequest,
) -> Result<ListResourceServersResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let (limit, token) = (input.max_results.unwrap_or(PAGE), input.next_token.as_deref());
    let (servers, next_token) = resource_server::list(app, &pool, limit, token).await?;
    let resource_servers = servers.into_iter().map(|server| describe(&pool, server)).collect();
    Ok(ListResourceServersResponse { resource_servers, next_token })
}

pub(super) async fn update_resource_server(
    app: &App,
    caller: Signed,
    input: UpdateResourceServerRequest,
) -> Result<UpdateResourceServerResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let server = ResourceServer { name: input.name, scopes: scopes(input.scopes) };
    let updated = resource_server::update(app, &pool, &input.identifier, server).await?;
    Ok(UpdateResourceServerResponse { resource_server: describe(&pool, updated) })
}

pub(super) async fn delete_resource_server(
    app: &App,
    caller: Signed,
    input: DeleteResourceServerRequest,
) -> Result<NoOutput> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    resource_server::delete(app, &pool, &input.identifier).await?;
    Ok(NoOutput)
}

fn scopes(scopes: Option<Vec<ResourceServerScopeType>>) -> Vec<Scope> {
    let scope = |scope: ResourceServerScopeType| Scope {
        name: scope.scope_name,
        description: scope.scope_description,
    };
    scopes.unwrap_or_default().into_iter().map(scope).collect()
}

fn describe(pool: &UserPool, server: Record<ResourceServer>) -> ResourceServerType {
    let scope = |scope: Scope| ResourceServerScopeType {
        scope_name: scope.name,
        scope_description: scope.description,
    };
    ResourceServerType {
        user_pool_id: Some(pool.id.to_string()),
        identifier: Some(server.id),
        name: Some(server.body.name),
        scopes: Some(server.body.scopes.into_iter().map(scope).collect()),
        managed_by: None,
    }
}
