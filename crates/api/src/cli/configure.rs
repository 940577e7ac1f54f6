//! `cognate user-pool configure` and `cognate app-client configure`: what Cognito's API has no member for.

use anyhow::Context as _;
use cognate_core::origin::Origin;
use cognate_core::{App, app_client, options};
use cognate_store::{AppClient, AppClientId, UserPool, UserPoolId, user_pool};

/// Sets options of a user pool, and says what is in force then.
pub(crate) async fn pool(app: &App, id: &str, options: &[String]) -> anyhow::Result<Vec<u8>> {
    let id = UserPoolId::new(id);
    let pool = async || {
        user_pool::get(&app.db, &id).await?.with_context(|| format!("user pool {id} does not exist"))
    };
    let changes = changes(options)?;
    if !changes.is_empty() {
        options::set_of_pool(app, &pool().await?, &changes).await?;
    }
    Ok(in_force(&pool().await?, None))
}

/// Sets options of an app client, and says what is in force then.
pub(crate) async fn client(app: &App, id: &str, options: &[String]) -> anyhow::Result<Vec<u8>> {
    let id = AppClientId::new(id);
    let client = async || app_client::by_id(app, &id, Origin::default()).await;
    let changes = changes(options)?;
    if !changes.is_empty() {
        options::set_of_client(app, &client().await?.pool, &id, &changes).await?;
    }
    let context = client().await?;
    Ok(in_force(&context.pool, Some(&context.client)))
}

fn changes(options: &[String]) -> anyhow::Result<Vec<(String, Option<String>)>> {
    let change = |option: &String| {
        let (name, value) = option.split_once('=').with_context(|| format!("{option} is not name=value"))?;
        Ok((name.to_owned(), (!value.is_empty()).then(|| value.to_owned())))
    };
    options.iter().map(change).collect()
}

fn in_force(pool: &UserPool, client: Option<&AppClient>) -> Vec<u8> {
    let lines: Vec<_> =
        options::in_force(pool, client).map(|(name, value)| format!("{name}={value}")).collect();
    lines.join("\n").into_bytes()
}
