//! Pools, clients and users with ids of the operator's own, so that who moves in keeps theirs. The requests are those of the
//! API, and are checked as it checks them.

use anyhow::{Context as _, anyhow, ensure};
use cognate_contract::cognito_idp::{
    AdminCreateUserRequest, CreateUserPoolClientRequest, CreateUserPoolRequest,
};
use cognate_contract::{DecodeError, Input, decode, encode};
use cognate_core::App;
use cognate_core::origin::Origin;
use cognate_store::{AccountId, AppClientId, UserId, UserPoolId, account as accounts, user_pool as pools};
use uuid::Uuid;

use super::access::Signed;
use super::error::{Failure, WireError};
use super::{app_client, user, user_pool};

/// Creates a pool from a CreateUserPool request; returns the answer.
///
/// # Errors
/// In words for the operator.
pub async fn user_pool(
    app: &App,
    account: &AccountId,
    id: Option<String>,
    request: &[u8],
) -> anyhow::Result<Vec<u8>> {
    let known = accounts::list(&app.db).await?;
    ensure!(known.iter().any(|it| it.id == *account), "account {account} does not exist");
    let id = id.map(|id| pool_id(&app.place.region, id)).transpose()?;
    let input = read::<CreateUserPoolRequest>(request)?;
    answered(user_pool::create_with_id(app, account, id, input).await)
}

/// Creates a client from a CreateUserPoolClient request; returns the answer.
///
/// # Errors
/// In words for the operator.
pub async fn app_client(app: &App, id: Option<String>, request: &[u8]) -> anyhow::Result<Vec<u8>> {
    let id = id.map(client_id).transpose()?;
    let input = read::<CreateUserPoolClientRequest>(request)?;
    let account = owner(app, &input.user_pool_id).await?;
    answered(app_client::create_with_id(app, &account, id, input).await)
}

/// Creates a user from an AdminCreateUser request; returns the answer.
///
/// # Errors
/// In words for the operator.
pub async fn user(app: &App, sub: Option<Uuid>, request: &[u8]) -> anyhow::Result<Vec<u8>> {
    let input = read::<AdminCreateUserRequest>(request)?;
    let account = owner(app, &input.user_pool_id).await?;
    let operator = Signed { account, origin: Origin::default() };
    answered(user::create_with_id(app, &operator, sub.map(UserId::from), input).await)
}

/// The account that a pool belongs to.
async fn owner(app: &App, pool: &str) -> anyhow::Result<AccountId> {
    let found = pools::get(&app.db, &UserPoolId::new(pool)).await?;
    Ok(found.with_context(|| format!("user pool {pool} does not exist"))?.account)
}

/// SDKs take the region they sign for from the id, so it must be the one that the server answers for.
fn pool_id(region: &str, text: String) -> anyhow::Result<UserPoolId> {
    let fits = text
        .split_once('_')
        .is_some_and(|(_, name)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()));
    ensure!(fits && text.len() <= 55, "{text:?} is not the id of a user pool, such as {region}_AbCdEfGhI");
    let begins = text.split_once('_').is_some_and(|(begins, _)| begins == region);
    ensure!(
        begins,
        "{text} is the id of a pool in another region: set `region`, which is {region}, to that one"
    );
    Ok(UserPoolId::new(text))
}

fn client_id(text: String) -> anyhow::Result<AppClientId> {
    let fits = (1..=128).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '+');
    ensure!(fits, "{text:?} is not the id of an app client");
    Ok(AppClientId::new(text))
}

fn read<T: Input>(request: &[u8]) -> anyhow::Result<T> {
    decode(request).map_err(|error: DecodeError| anyhow!("{error}"))
}

fn answered<T: serde::Serialize>(outcome: cognate_core::Result<T>) -> anyhow::Result<Vec<u8>> {
    outcome.map(|answer| encode(&answer)).map_err(|error| {
        let failure = Failure::Core(error);
        let wire = WireError::from(&failure);
        anyhow!("{}: {}", wire.name, wire.message.unwrap_or_default())
    })
}
