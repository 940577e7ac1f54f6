//! Create, Describe, Update and DeleteUserPoolDomain.

use cognate_contract::cognito_idp::{
    CreateUserPoolDomainRequest, CreateUserPoolDomainResponse, CustomDomainConfigType,
    DeleteUserPoolDomainRequest, DeleteUserPoolDomainResponse, DescribeUserPoolDomainRequest,
    DescribeUserPoolDomainResponse, DomainDescriptionType, DomainStatusType, SecurityPolicyType,
    UpdateUserPoolDomainRequest, UpdateUserPoolDomainResponse,
};
use cognate_core::{App, Error, Result, domain, user_pool};
use cognate_store::domain::{CustomDomain, Domain, DomainSettings, ManagedLoginVersion, SecurityPolicy};
use cognate_store::{AccountId, UserPoolId};

use super::access::Signed;
use super::wire;

pub(super) async fn create_user_pool_domain(
    app: &App,
    caller: Signed,
    input: CreateUserPoolDomainRequest,
) -> Result<CreateUserPoolDomainResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    // It leads to another region's replica of the pool, of which there is none.
    wire::refuse_unbuilt(&[("Routing", input.routing.is_some())])?;
    let settings = DomainSettings {
        managed_login: managed_login(input.managed_login_version)?.unwrap_or_default(),
        custom: input.custom_domain_config.map(custom),
    };
    let domain = domain::create(app, &pool, &input.domain, settings).await?;
    Ok(CreateUserPoolDomainResponse {
        managed_login_version: Some(version(&domain)),
        cloud_front_domain: leads_to(app, &domain),
        routing: None,
    })
}

pub(super) async fn describe_user_pool_domain(
    app: &App,
    caller: Signed,
    input: DescribeUserPoolDomainRequest,
) -> Result<DescribeUserPoolDomainResponse> {
    let domain = domain::describe(app, &caller.account, &input.domain).await?;
    let description = domain.map(|domain| describe(app, &caller.account, domain)).unwrap_or_default();
    Ok(DescribeUserPoolDomainResponse { domain_description: Some(description) })
}

pub(super) async fn update_user_pool_domain(
    app: &App,
    caller: Signed,
    input: UpdateUserPoolDomainRequest,
) -> Result<UpdateUserPoolDomainResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    wire::refuse_unbuilt(&[("Routing", input.routing.is_some())])?;
    let managed_login = managed_login(input.managed_login_version)?;
    let custom = input.custom_domain_config.map(custom);
    let domain = domain::update(app, &pool, &input.domain, managed_login, custom).await?;
    Ok(UpdateUserPoolDomainResponse {
        managed_login_version: Some(version(&domain)),
        cloud_front_domain: leads_to(app, &domain),
        routing: None,
    })
}

pub(super) async fn delete_user_pool_domain(
    app: &App,
    caller: Signed,
    input: DeleteUserPoolDomainRequest,
) -> Result<DeleteUserPoolDomainResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    domain::delete(app, &pool, &input.domain).await?;
    Ok(DeleteUserPoolDomainResponse::default())
}

fn managed_login(version: Option<i32>) -> Result<Option<ManagedLoginVersion>> {
    match version {
        None => Ok(None),
        Some(1) => Ok(Some(ManagedLoginVersion::Classic)),
        Some(2) => Ok(Some(ManagedLoginVersion::Managed)),
        Some(_) => Err(Error::invalid("ManagedLoginVersion must be 1 or 2.")),
    }
}

fn version(domain: &Domain) -> i32 {
    match domain.settings.managed_login {
        ManagedLoginVersion::Classic => 1,
        ManagedLoginVersion::Managed => 2,
    }
}

fn custom(config: CustomDomainConfigType) -> CustomDomain {
    let security_policy = config.security_policy.map(|policy| match policy {
        SecurityPolicyType::TlsV1 => SecurityPolicy::Tls1,
        SecurityPolicyType::TlsV1_2_2021 => SecurityPolicy::Tls12,
        SecurityPolicyType::TlsV1_3_2025 => SecurityPolicy::Tls13,
    });
    CustomDomain { certificate_arn: config.certificate_arn, security_policy }
}

fn custom_config(custom: CustomDomain) -> CustomDomainConfigType {
    let security_policy = custom.security_policy.map(|policy| match policy {
        SecurityPolicy::Tls1 => SecurityPolicyType::TlsV1,
        SecurityPolicy::Tls12 => SecurityPolicyType::TlsV1_2_2021,
        SecurityPolicy::Tls13 => SecurityPolicyType::TlsV1_3_2025,
    });
    CustomDomainConfigType { certificate_arn: custom.certificate_arn, security_policy }
}

/// Where the owner's DNS must point for a custom domain: here, which is where CloudFront is in AWS.
fn leads_to(app: &App, domain: &Domain) -> Option<String> {
    domain.is_custom().then(|| app.place.host().to_owned())
}

/// A domain works as soon as it is there, so it is always `ACTIVE`.
fn describe(app: &App, account: &AccountId, domain: Domain) -> DomainDescriptionType {
    DomainDescriptionType {
        user_pool_id: Some(domain.user_pool.to_string()),
        aws_account_id: Some(account.to_string()),
        managed_login_version: Some(version(&domain)),
        cloud_front_distribution: Some(app.place.host().to_owned()),
        version: Some(domain.updated_at.format("%Y%m%d%H%M%S").to_string()),
        status: Some(DomainStatusType::Active),
        custom_domain_config: domain.settings.custom.map(custom_config),
        domain: Some(domain.name),
        ..DomainDescriptionType::default()
    }
}
