//! What is the same for every pool here: GetProvisionedLimit and UpdateProvisionedLimit; Create, List, Update and
//! DeleteUserPoolReplica. And GetSigningCertificate, of which each pool has one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognate_contract::cognito_idp::{
    CreateUserPoolReplicaRequest, CreateUserPoolReplicaResponse, DeleteUserPoolReplicaRequest,
    DeleteUserPoolReplicaResponse, GetProvisionedLimitRequest, GetProvisionedLimitResponse,
    GetSigningCertificateRequest, GetSigningCertificateResponse, LimitDefinitionType, LimitType,
    ListUserPoolReplicasRequest, ListUserPoolReplicasResponse, ReplicaRoleType, ReplicaStatusType,
    UpdateProvisionedLimitRequest, UpdateProvisionedLimitResponse, UpdateUserPoolReplicaRequest,
    UpdateUserPoolReplicaResponse, UserPoolReplicaType,
};
use cognate_core::{App, Error, Result, provisioned_limit, signing_certificate, user_pool};
use cognate_store::UserPoolId;

use super::access::Signed;
use super::wire;

pub(super) async fn get_signing_certificate(
    app: &App,
    caller: Signed,
    input: GetSigningCertificateRequest,
) -> Result<GetSigningCertificateResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let certificate = signing_certificate::get(app, &pool).await?;
    Ok(GetSigningCertificateResponse { certificate: Some(STANDARD.encode(certificate)) })
}

pub(super) async fn get_provisioned_limit(
    _: &App,
    _: Signed,
    input: GetProvisionedLimitRequest,
) -> Result<GetProvisionedLimitResponse> {
    let value = provisioned_limit::get(category(&input.limit_definition)?)?;
    Ok(GetProvisionedLimitResponse { limit: limit(input.limit_definition, value) })
}

pub(super) async fn update_provisioned_limit(
    _: &App,
    _: Signed,
    input: UpdateProvisionedLimitRequest,
) -> Result<UpdateProvisionedLimitResponse> {
    let category = category(&input.limit_definition)?;
    let value = provisioned_limit::update(category, input.requested_limit_value)?;
    Ok(UpdateProvisionedLimitResponse { limit: limit(input.limit_definition, value) })
}

fn category(definition: &LimitDefinitionType) -> Result<&str> {
    let mut attributes = definition.attributes.iter();
    match (attributes.next(), attributes.next()) {
        (Some((name, category)), None) if name == "Category" => Ok(category),
        _ => Err(Error::invalid("Attributes must be the Category and nothing else.")),
    }
}

fn limit(limit_definition: LimitDefinitionType, value: i32) -> LimitType {
    LimitType { limit_definition, provisioned_limit_value: value, free_limit_value: value }
}

/// The pool where it is: the only region there is.
pub(super) async fn list_user_pool_replicas(
    app: &App,
    caller: Signed,
    input: ListUserPoolReplicasRequest,
) -> Result<ListUserPoolReplicasResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    wire::refuse_further_page(input.next_token.as_deref())?;
    let primary = UserPoolReplicaType {
        region_name: Some(app.place.region.clone()),
        status: Some(ReplicaStatusType::Active),
        role: Some(ReplicaRoleType::Primary),
        user_pool_arn: Some(wire::pool_arn(&pool, &app.place.region)),
    };
    Ok(ListUserPoolReplicasResponse { user_pool_replicas: Some(vec![primary]), next_token: None })
}

pub(super) async fn create_user_pool_replica(
    app: &App,
    caller: Signed,
    input: CreateUserPoolReplicaRequest,
) -> Result<CreateUserPoolReplicaResponse> {
    user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    Err(Error::NoReplicas)
}

pub(super) async fn update_user_pool_replica(
    app: &App,
    caller: Signed,
    input: UpdateUserPoolReplicaRequest,
) -> Result<UpdateUserPoolReplicaResponse> {
    user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    Err(Error::NoReplicas)
}

pub(super) async fn delete_user_pool_replica(
    app: &App,
    caller: Signed,
    input: DeleteUserPoolReplicaRequest,
) -> Result<DeleteUserPoolReplicaResponse> {
    user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    Err(Error::NoReplicas)
}
