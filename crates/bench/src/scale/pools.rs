//! Users who have a pool each, beside as many who share one.
//!
//! Made through the API, each pool would wait for two RSA keys and each user for a hash. So one pool, client and user
//! are made that way, and the others are copies of them, sealed as if they had been.

use anyhow::{Context, Result};
use cognate_store::app_client::{self, AppClient};
use cognate_store::login_name::LoginName;
use cognate_store::password::{NewPassword, Password};
use cognate_store::signing_key::{self, NewSigningKey};
use cognate_store::user::{self, Login, NewUser};
use cognate_store::user_pool::{self, NewUserPool};
use cognate_store::{AppClientId, Db, User, UserId, UserPool, UserPoolId};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::client::{Caller, Request, aws_call};
use crate::seed::{self, Seeded};
use crate::server::{Launcher, Server};

/// How many copies are made at once.
const AT_ONCE: usize = 16;

/// The sign-ins of users who have a pool each, and of as many who share one.
pub(super) fn fill(launcher: &Launcher, server: &Server, users: usize) -> Result<[Vec<Request>; 2]> {
    let seeded = seed::fill(server.address, 1)?;
    let (_, password) = seeded.credentials().next().context("nobody was made")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let clients: Vec<AppClientId> = runtime.block_on(async {
        let db = launcher.db()?;
        let template = Template::load(&db, &seeded).await?;
        let copies = stream::iter(0..users).map(|number| template.copy(&db, number)).buffered(AT_ONCE);
        let clients = copies.try_collect().await?;
        db.close().await;
        anyhow::Ok(clients)
    })?;

    let sign_in = |client: &str, number: usize| {
        let input = seed::sign_in(client, &username(number), password);
        Request::new(
            aws_call(server.address, "InitiateAuth", Caller::Public, &input),
            "\"AccessToken\":\"",
            1,
        )
    };
    let spread = clients.iter().enumerate().map(|(number, client)| sign_in(client.as_str(), number));
    let together = (0..users).map(|number| sign_in(seeded.client(), number));
    Ok([spread.collect(), together.collect()])
}

fn username(number: usize) -> String {
    format!("copy-{number:06}")
}

/// What is copied.
struct Template {
    pool: UserPool,
    signing_keys: Vec<NewSigningKey>,
    client: AppClient,
    user: User,
    password: Password,
}

impl Template {
    async fn load(db: &Db, seeded: &Seeded) -> Result<Template> {
        let pool = user_pool::get(db, &UserPoolId::new(seeded.pool())).await?.context("the pool is gone")?;
        let client = app_client::get(db, &pool, &AppClientId::new(seeded.client())).await?;
        let (name, _) = seeded.credentials().next().context("nobody was made")?;
        let found = user::by_login(db, &pool, Login { name, sub: None }).await?;
        let (user, password) = found.context("the user is gone")?;
        let signing_keys = signing_key::list(db, &pool).await?.into_iter().map(|key| NewSigningKey {
            kid: key.kid,
            token_use: key.token_use,
            private_key: key.private_key,
        });
        Ok(Template {
            signing_keys: signing_keys.collect(),
            client: client.context("the client is gone")?,
            password: password.context("the user has no password")?,
            pool,
            user,
        })
    }

    /// A pool with a client and a user, and another user of that name in the pool that is shared.
    async fn copy(&self, db: &Db, number: usize) -> Result<AppClientId> {
        let region = self.pool.id.as_str().split('_').next().unwrap_or_default();
        let new = NewUserPool {
            account: &self.pool.account,
            id: &UserPoolId::new(format!("{region}_{number:09}")),
            name: &self.pool.name,
            settings: &self.pool.settings,
            signing_keys: &self.signing_keys,
        };
        let pool = user_pool::create(db, &new, self.pool.created_at).await?;
        let client = AppClient {
            id: AppClientId::new(format!("{number:026}")),
            user_pool: pool.id.clone(),
            ..self.client.clone()
        };
        app_client::insert(db, &pool, &client).await?;
        for pool in [&pool, &self.pool] {
            user::create(db, pool, &self.user(number), self.user.created_at).await?;
        }
        Ok(client.id)
    }

    fn user(&self, number: usize) -> NewUser {
        let password = NewPassword {
            hash: self.password.hash.clone(),
            // Nobody signs in by SRP here.
            srp_salt: vec![0; 16],
            srp_verifier: vec![0; 384].into(),
            expires_at: None,
        };
        NewUser {
            id: UserId::random(),
            username: username(number),
            status: self.user.status,
            attributes: self.user.attributes.clone(),
            names: vec![LoginName { name: username(number), alias: None }],
            password: Some(password),
            code: None,
            messages: Vec::new(),
            take_aliases: false,
        }
    }
}
