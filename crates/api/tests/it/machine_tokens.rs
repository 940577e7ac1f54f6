//! Access tokens of clients themselves: who gets one, for which scopes, and what it is not good for.

use aws_sdk_cognitoidentityprovider::types::{
    ExplicitAuthFlowsType, PreTokenGenerationLambdaVersionType, PreTokenGenerationVersionConfigType,
    ResourceServerScopeType,
};
use chrono::Duration;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{PASSWORD, TestPool, TestServer, said};
use crate::tokens::{names, verified};

/// A resource server with scopes.
pub(crate) async fn resource_server(pool: &TestPool<'_>, identifier: &str, scopes: &[&str]) {
    let scope = |name: &&str| {
        let scope = ResourceServerScopeType::builder().scope_name(*name).scope_description("What it is for");
        scope.build().unwrap()
    };
    let create = pool.server.aws.create_resource_server().user_pool_id(&pool.id).identifier(identifier);
    let create = create.name("API").set_scopes(Some(scopes.iter().map(scope).collect()));
    create.send().await.unwrap();
}

/// A client that machines use.
pub(crate) struct Machine<'a> {
    pool: TestPool<'a>,
    secret: String,
}

fn alone() -> ExplicitAuthFlowsType {
    ExplicitAuthFlowsType::from("ALLOW_CLIENT_TOKEN_AUTH")
}

impl<'a> Machine<'a> {
    pub(crate) async fn new(pool: &TestPool<'a>, scopes: &[&str]) -> Self {
        let server = pool.server;
        let create = server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("machine");
        let create = create.generate_secret(true).explicit_auth_flows(alone());
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let made = create.set_allowed_o_auth_scopes(Some(scopes)).send().await.unwrap();
        let made = made.user_pool_client.unwrap();
        let pool = TestPool { server, id: pool.id.clone(), client: made.client_id.unwrap() };
        Self { pool, secret: made.client_secret.unwrap() }
    }

    /// The client's id.
    pub(crate) fn client(&self) -> &str {
        &self.pool.client
    }

    /// The token, and the seconds that it lives.
    pub(crate) async fn token(&self, scopes: &[&str]) -> Result<(String, i32), (String, String)> {
        self.token_by(&self.secret, scopes).await
    }

    async fn token_by(&self, secret: &str, scopes: &[&str]) -> Result<(String, i32), (String, String)> {
        let get = self.pool.server.aws.get_client_token().client_id(&self.pool.client).secret(secret);
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let got = get.set_scopes(Some(scopes)).send().await.map_err(said)?;
        let result = got.client_authentication_result.unwrap();
        assert_eq!(result.token_type(), Some("Bearer"));
        Ok((result.access_token.unwrap(), result.expires_in))
    }
}

fn invalid(message: &str) -> (String, String) {
    ("InvalidParameterException".to_owned(), message.to_owned())
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_client_gets_its_own_scopes_and_no_users(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        resource_server(&pool, "https://api.example.com", &["read", "write"]).await;
        resource_server(&pool, "orders", &["all"]).await;
        let [read, write] = ["https://api.example.com/read", "https://api.example.com/write"];
        let user_scopes = ["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"];
        let machine = Machine::new(&pool, &[&user_scopes[..], &[read, "orders/all"]].concat()).await;

        let (token, expires_in) = machine.token(&[]).await.unwrap();
        assert_eq!(expires_in, 3600);
        let (header, claims) = verified(&pool, &token).await;
        assert_eq!(
            names(&claims),
            ["auth_time", "client_id", "exp", "iat", "iss", "jti", "scope", "sub", "token_use", "version"]
        );
        assert_eq!(names(&header), ["alg", "kid"]);
        assert_eq!(claims["sub"], machine.pool.client.as_str());
        assert_eq!(claims["client_id"], machine.pool.client.as_str());
        assert_eq!(claims["token_use"], "access");
        assert_eq!(claims["version"], 2);
        assert_eq!(claims["scope"], format!("{read} orders/all"));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);

        // Those it asks for, each once; another token each time.
        let (narrow, _) = machine.token(&["orders/all", "orders/all"]).await.unwrap();
        let (_, narrow) = verified(&pool, &narrow).await;
        assert_eq!(narrow["scope"], "orders/all");
        assert_ne!(narrow["jti"], claims["jti"]);
        let refused = user_scopes.into_iter().chain([write, "orders/none", "nonsense"]);
        for scope in refused {
            let refused = machine.token(&["orders/all", scope]).await.unwrap_err();
            assert_eq!(refused, invalid(&format!("Invalid scope requested: {scope}")));
        }

        // A scope that is gone opens nothing.
        let delete = server.aws.delete_resource_server().user_pool_id(&pool.id).identifier("orders");
        delete.send().await.unwrap();
        let (less, _) = machine.token(&[]).await.unwrap();
        assert_eq!(verified(&pool, &less).await.1["scope"], read);
        let gone = machine.token(&["orders/all"]).await.unwrap_err();
        assert_eq!(gone, invalid("Invalid scope requested: orders/all"));
        let only_a_users = Machine::new(&pool, &user_scopes).await;
        let nothing = only_a_users.token(&[]).await.unwrap_err();
        assert_eq!(nothing, invalid("The client has no scope of a resource server."));
    })
    .await;
}

/// Case 16 without the OAuth endpoint.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn only_an_active_secret_gets_a_token(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        resource_server(&pool, "orders", &["all"]).await;
        let (machine, other) =
            (Machine::new(&pool, &["orders/all"]).await, Machine::new(&pool, &["orders/all"]).await);
        let unable = |client: &str| {
            let text = format!("Unable to verify secret hash for client {client}");
            ("NotAuthorizedException".to_owned(), text)
        };
        let cut = &machine.secret[..machine.secret.len() - 1];
        for secret in [&other.secret, cut, &format!("{}x", machine.secret), &"x".repeat(24)] {
            let refused = machine.token_by(secret, &[]).await.unwrap_err();
            assert_eq!(refused, unable(&machine.pool.client));
        }
        let add = server.aws.add_user_pool_client_secret().user_pool_id(&pool.id);
        let added = add.client_id(&machine.pool.client).send().await.unwrap();
        let second = added.client_secret_descriptor.unwrap().client_secret_value.unwrap();
        machine.token_by(&second, &[]).await.unwrap();
        machine.token(&[]).await.unwrap();

        // Nobody signs it: the secret alone counts, and a client of users has no such flow, with a secret or without.
        let body = json!({ "ClientId": machine.pool.client, "Secret": machine.secret });
        assert_eq!(server.call("GetClientToken", body.to_string()).await.status(), 200);
        let public = Machine {
            pool: TestPool { server, id: pool.id.clone(), client: pool.client.clone() },
            secret: machine.secret.clone(),
        };
        assert_eq!(public.token(&[]).await.unwrap_err(), unable(&pool.client));
        let create = server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("web");
        let create = create.generate_secret(true).allowed_o_auth_scopes("orders/all");
        let made = create.send().await.unwrap().user_pool_client.unwrap();
        let client = made.client_id.unwrap();
        let users = Machine {
            pool: TestPool { server, id: pool.id.clone(), client },
            secret: made.client_secret.unwrap(),
        };
        let refused = users.token(&[]).await.unwrap_err();
        assert_eq!(refused, invalid("CLIENT_TOKEN_AUTH is not enabled for the client."));
        let nobody = server.aws.get_client_token().client_id("nobody").secret(&machine.secret).send().await;
        assert_eq!(said(nobody.unwrap_err()).0, "ResourceNotFoundException");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_flow_of_machines_stands_alone(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let create = || server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("machine");
        let create = || create().explicit_auth_flows(alone());
        let public = create().send().await.unwrap_err();
        assert_eq!(said(public), invalid("ALLOW_CLIENT_TOKEN_AUTH needs a client with a secret."));
        let mixed = create().generate_secret(true);
        let mixed = mixed.explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth).send().await;
        let message = "ALLOW_CLIENT_TOKEN_AUTH cannot be used with other values in ExplicitAuthFlows.";
        assert_eq!(said(mixed.unwrap_err()), invalid(message));
        let made = create().generate_secret(true).send().await.unwrap().user_pool_client.unwrap();
        assert_eq!(made.explicit_auth_flows(), [alone()]);

        // No user signs in through it.
        pool.admin_user("ada").await;
        let machine = TestPool { server, id: pool.id.clone(), client: made.client_id.unwrap() };
        let refused = said(machine.password_auth("ada", PASSWORD).send().await.unwrap_err());
        assert_eq!(refused, invalid("USER_PASSWORD_AUTH flow not enabled for this client"));

        // A function that is to shape the token is not passed over; one of a version that knows no machines is not asked.
        resource_server(&pool, "orders", &["all"]).await;
        let machine = Machine::new(&pool, &["orders/all"]).await;
        for (version, asked) in [("V2_0", false), ("V3_0", true)] {
            let config = PreTokenGenerationVersionConfigType::builder()
                .lambda_version(PreTokenGenerationLambdaVersionType::from(version))
                .lambda_arn("arn:aws:lambda:us-east-1:123456789012:function:claims");
            let config = aws_sdk_cognitoidentityprovider::types::LambdaConfigType::builder()
                .pre_token_generation_config(config.build().unwrap());
            let update = server.aws.update_user_pool().user_pool_id(&pool.id).lambda_config(config.build());
            update.send().await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(800)).await;
            assert_eq!(machine.token(&[]).await.is_err(), asked, "{version}");
        }
    })
    .await;
}

/// TOK-2, TOK-3: no user stands behind a machine's token, whatever its scopes are called.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_machines_token_is_no_users(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        resource_server(&pool, "api", &["aws.cognito.signin.user.admin"]).await;
        let machine = Machine::new(&pool, &["api/aws.cognito.signin.user.admin"]).await;
        let (token, _) = machine.token(&[]).await.unwrap();
        for operation in ["GetUser", "DeleteUser", "GlobalSignOut", "ListUserSessions", "GetUserAuthFactors"]
        {
            let (status, refused) =
                server.refusal(operation, json!({ "AccessToken": token }).to_string()).await;
            assert_eq!((status, refused["__type"].as_str()), (400, Some("NotAuthorizedException")));
            assert_eq!(refused["message"], "Invalid Access Token", "{operation}");
        }
        // It lives as long as the client says, and says so.
        server.clock.advance(Duration::minutes(30));
        let (later, _) = machine.token(&[]).await.unwrap();
        let [first, later] = [verified(&pool, &token).await.1, verified(&pool, &later).await.1];
        assert!(later["iat"].as_i64().unwrap() - first["iat"].as_i64().unwrap() >= 1800);
    })
    .await;
}
