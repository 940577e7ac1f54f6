//! Create, Describe, List, Update and DeleteTerms; DescribeTermsByClient.

use cognate_contract::NoOutput;
use cognate_contract::cognito_idp::{
    CreateTermsRequest, CreateTermsResponse, DeleteTermsRequest, DescribeTermsByClientRequest,
    DescribeTermsByClientResponse, DescribeTermsRequest, DescribeTermsResponse, ListTermsRequest,
    ListTermsResponse, TermsDescriptionType, TermsEnforcementType, TermsSourceType, TermsType,
    UpdateTermsRequest, UpdateTermsResponse,
};
use cognate_core::terms::{self, Name, Terms};
use cognate_core::{App, Result, user_pool};
use cognate_store::record::Record;
use cognate_store::{AppClientId, UserPool, UserPoolId};

use super::access::Signed;
use super::wire;

pub(super) async fn create_terms(
    app: &App,
    caller: Signed,
    input: CreateTermsRequest,
) -> Result<CreateTermsResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let new = Terms { name: Name::parse(&input.terms_name)?, links: input.links.unwrap_or_default() };
    let created = terms::create(app, &pool, &AppClientId::new(&*input.client_id), new).await?;
    Ok(CreateTermsResponse { terms: Some(describe(&pool, created)) })
}

pub(super) async fn describe_terms(
    app: &App,
    caller: Signed,
    input: DescribeTermsRequest,
) -> Result<DescribeTermsResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let found = terms::get(app, &pool, &input.terms_id).await?;
    Ok(DescribeTermsResponse { terms: Some(describe(&pool, found)) })
}

pub(super) async fn describe_terms_by_client(
    app: &App,
    caller: Signed,
    input: DescribeTermsByClientRequest,
) -> Result<DescribeTermsByClientResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let (client, name) = (AppClientId::new(&*input.client_id), Name::parse(&input.terms_name)?);
    let found = terms::of_client(app, &pool, &client, name).await?;
    Ok(DescribeTermsByClientResponse { terms: Some(describe(&pool, found)) })
}

pub(super) async fn list_terms(
    app: &App,
    caller: Signed,
    input: ListTermsRequest,
) -> Result<ListTermsResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let limit = wire::limit(input.max_results);
    let (found, next_token) = terms::list(app, &pool, limit, input.next_token.as_deref()).await?;
    let description = |terms: Record<Terms>| TermsDescriptionType {
        terms_id: terms.id,
        terms_name: terms.body.name.as_str().to_owned(),
        enforcement: TermsEnforcementType::None,
        creation_date: terms.created_at.into(),
        last_modified_date: terms.updated_at.into(),
    };
    Ok(ListTermsResponse { terms: found.into_iter().map(description).collect(), next_token })
}

pub(super) async fn update_terms(
    app: &App,
    caller: Signed,
    input: UpdateTermsRequest,
) -> Result<UpdateTermsResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let name = input.terms_name.as_deref().map(Name::parse).transpose()?;
    let updated = terms::update(app, &pool, &input.terms_id, name, input.links).await?;
    Ok(UpdateTermsResponse { terms: Some(describe(&pool, updated)) })
}

pub(super) async fn delete_terms(app: &App, caller: Signed, input: DeleteTermsRequest) -> Result<NoOutput> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    terms::delete(app, &pool.id, &input.terms_id).await?;
    Ok(NoOutput)
}

fn describe(pool: &UserPool, terms: Record<Terms>) -> TermsType {
    TermsType {
        terms_id: terms.id,
        user_pool_id: pool.id.to_string(),
        client_id: terms.client.as_ref().map_or("", AppClientId::as_str).into(),
        terms_name: terms.body.name.as_str().to_owned(),
        terms_source: TermsSourceType::Link,
        enforcement: TermsEnforcementType::None,
        links: terms.body.links,
        creation_date: terms.created_at.into(),
        last_modified_date: terms.updated_at.into(),
    }
}
