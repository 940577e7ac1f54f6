//! TagResource, UntagResource, ListTagsForResource: a pool's labels, by its ARN.

use cognate_contract::cognito_idp::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, TagResourceRequest, TagResourceResponse,
    UntagResourceRequest, UntagResourceResponse,
};
use cognate_core::{App, Error, Result, user_pool};
use cognate_store::{AccountId, UserPoolId};

use crate::aws::access::Signed;

/// The most tags a pool can have.
pub(super) const MOST: usize = 50;

pub(in crate::aws) async fn tag_resource(
    app: &App,
    caller: Signed,
    input: TagResourceRequest,
) -> Result<TagResourceResponse> {
    let id = pool_of(app, &caller.account, &input.resource_arn)?;
    user_pool::update(app, &caller.account, &id, |pool| {
        let mut settings = pool.settings.clone();
        settings.tags.extend(input.tags.clone());
        if settings.tags.len() > MOST {
            return Err(Error::invalid(format!("A user pool can have at most {MOST} tags.")));
        }
        Ok((pool.name.clone(), settings))
    })
    .await?;
    Ok(TagResourceResponse::default())
}

pub(in crate::aws) async fn untag_resource(
    app: &App,
    caller: Signed,
    input: UntagResourceRequest,
) -> Result<UntagResourceResponse> {
    let id = pool_of(app, &caller.account, &input.resource_arn)?;
    user_pool::update(app, &caller.account, &id, |pool| {
        let mut settings = pool.settings.clone();
        settings.tags.retain(|key, _| !input.tag_keys.contains(key));
        Ok((pool.name.clone(), settings))
    })
    .await?;
    Ok(UntagResourceResponse::default())
}

pub(in crate::aws) async fn list_tags_for_resource(
    app: &App,
    caller: Signed,
    input: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse> {
    let id = pool_of(app, &caller.account, &input.resource_arn)?;
    let pool = user_pool::get(app, &caller.account, &id).await?;
    Ok(ListTagsForResourceResponse { tags: Some(pool.settings.tags) })
}

/// The pool that an ARN names, which must be of this region and account: any other looks like a missing one (TEN-4).
fn pool_of(app: &App, account: &AccountId, arn: &str) -> Result<UserPoolId> {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    let [_, _, service, region, owner, resource] = parts.as_slice() else {
        return Err(Error::invalid("ResourceArn is not the ARN of a user pool."));
    };
    let id = resource.strip_prefix("userpool/").filter(|_| *service == "cognito-idp");
    let id = id.ok_or_else(|| Error::invalid("ResourceArn is not the ARN of a user pool."))?;
    let id = UserPoolId::new(id);
    if *region == app.place.region && *owner == account.as_str() {
        Ok(id)
    } else {
        Err(Error::UserPoolNotFound(id))
    }
}
