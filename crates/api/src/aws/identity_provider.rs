//! Create, Describe, List, Update and DeleteIdentityProvider; GetIdentityProviderByIdentifier.

mod details;

use cognate_contract::NoOutput;
use cognate_contract::cognito_idp::{
    CreateIdentityProviderRequest, CreateIdentityProviderResponse, DeleteIdentityProviderRequest,
    DescribeIdentityProviderRequest, DescribeIdentityProviderResponse,
    GetIdentityProviderByIdentifierRequest, GetIdentityProviderByIdentifierResponse, IdentityProviderType,
    ListIdentityProvidersRequest, ListIdentityProvidersResponse, ProviderDescription,
    UpdateIdentityProviderRequest, UpdateIdentityProviderResponse,
};
use cognate_core::identity_provider::{self, Description};
use cognate_core::{App, Result, user_pool};
use cognate_store::record::Record;
use cognate_store::record::identity_provider::IdentityProvider;
use cognate_store::{UserPool, UserPoolId};

use super::access::Signed;
use super::wire;

pub(super) async fn create_identity_provider(
    app: &App,
    caller: Signed,
    input: CreateIdentityProviderRequest,
) -> Result<CreateIdentityProviderResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let settings = details::parse(input.provider_type, input.provider_details)?;
    let description = Description {
        attribute_mapping: input.attribute_mapping,
        identifiers: input.idp_identifiers,
        acr_mapping: input.acr_mapping,
    };
    let created = identity_provider::create(app, &pool, &input.provider_name, settings, description).await?;
    Ok(CreateIdentityProviderResponse { identity_provider: describe(&pool, created) })
}

pub(super) async fn describe_identity_provider(
    app: &App,
    caller: Signed,
    input: DescribeIdentityProviderRequest,
) -> Result<DescribeIdentityProviderResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let provider = identity_provider::get(app, &pool, &input.provider_name).await?;
    Ok(DescribeIdentityProviderResponse { identity_provider: describe(&pool, provider) })
}

pub(super) async fn get_identity_provider_by_identifier(
    app: &App,
    caller: Signed,
    input: GetIdentityProviderByIdentifierRequest,
) -> Result<GetIdentityProviderByIdentifierResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let provider = identity_provider::by_identifier(app, &pool, &input.idp_identifier).await?;
    Ok(GetIdentityProviderByIdentifierResponse { identity_provider: describe(&pool, provider) })
}

pub(super) async fn list_identity_providers(
    app: &App,
    caller: Signed,
    input: ListIdentityProvidersRequest,
) -> Result<ListIdentityProvidersResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let (limit, token) = (wire::limit(input.max_results), input.next_token.as_deref());
    let (providers, next_token) = identity_provider::list(app, &pool, limit, token).await?;
    let line = |provider: Record<IdentityProvider>| ProviderDescription {
        provider_type: Some(details::provider_type(&provider.body.upstream)),
        provider_name: Some(provider.id),
        last_modified_date: Some(provider.updated_at.into()),
        creation_date: Some(provider.created_at.into()),
    };
    Ok(ListIdentityProvidersResponse { providers: providers.into_iter().map(line).collect(), next_token })
}

pub(super) async fn update_identity_provider(
    app: &App,
    caller: Signed,
    input: UpdateIdentityProviderRequest,
) -> Result<UpdateIdentityProviderResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let current = identity_provider::get_changeable(app, &pool, &input.provider_name).await?;
    let settings =
        input.provider_details.map(|details| details::parse_again(&current.body.upstream, details));
    let description = Description {
        attribute_mapping: input.attribute_mapping,
        identifiers: input.idp_identifiers,
        acr_mapping: input.acr_mapping,
    };
    let updated = identity_provider::update(app, &pool, current, settings.transpose()?, description).await?;
    Ok(UpdateIdentityProviderResponse { identity_provider: describe(&pool, updated) })
}

pub(super) async fn delete_identity_provider(
    app: &App,
    caller: Signed,
    input: DeleteIdentityProviderRequest,
) -> Result<NoOutput> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    identity_provider::delete(app, &pool, &input.provider_name).await?;
    Ok(NoOutput)
}

fn describe(pool: &UserPool, provider: Record<IdentityProvider>) -> IdentityProviderType {
    let IdentityProvider { upstream, attribute_mapping, identifiers, acr_mapping } = provider.body;
    IdentityProviderType {
        user_pool_id: Some(pool.id.to_string()),
        provider_name: Some(provider.id),
        provider_type: Some(details::provider_type(&upstream)),
        provider_details: Some(details::describe(upstream)),
        attribute_mapping: Some(attribute_mapping),
        idp_identifiers: Some(identifiers),
        acr_mapping: (!acr_mapping.is_empty()).then_some(acr_mapping),
        last_modified_date: Some(provider.updated_at.into()),
        creation_date: Some(provider.created_at.into()),
    }
}
