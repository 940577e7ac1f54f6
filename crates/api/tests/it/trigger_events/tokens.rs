//! What a function changes about tokens.

use aws_sdk_cognitoidentityprovider::types::{
    ChallengeNameType, LambdaConfigType, MessageActionType, PreTokenGenerationLambdaVersionType,
    PreTokenGenerationVersionConfigType,
};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{event, sub_of, without_version};
use crate::functions::put;
use crate::machine_tokens::{Machine, resource_server};
use crate::receiver::{Receiver, Reply};
use crate::server::{OTHER_PASSWORD, PASSWORD, TestServer, said};
use crate::tokens::verified;

fn versioned(url: &str, version: PreTokenGenerationLambdaVersionType) -> LambdaConfigType {
    let config = PreTokenGenerationVersionConfigType::builder().lambda_arn(url).lambda_version(version);
    LambdaConfigType::builder().pre_token_generation_config(config.build().unwrap()).build()
}

/// TRG-3: what a function says of tokens holds, but for what a token is and whose.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn tokens_say_what_the_function_says(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (receiver, pool) = (Receiver::silent(), server.user_pool().await);
        pool.admin_user("ada").await;
        server.aws.create_group().user_pool_id(&pool.id).group_name("old").send().await.unwrap();
        let add = server.aws.admin_add_user_to_group().user_pool_id(&pool.id).group_name("old");
        add.username("ada").send().await.unwrap();
        let url = receiver.function("tokens");
        put(&pool, LambdaConfigType::builder().pre_token_generation(&url).build()).await;
        let claims = async |tokens: aws_sdk_cognitoidentityprovider::types::AuthenticationResultType| {
            let (access, id) = (tokens.access_token().unwrap(), tokens.id_token().unwrap());
            (verified(&pool, access).await.1, verified(&pool, id).await.1)
        };
        receiver.answer_with(|_| {
            Reply::Response(json!({ "claimsOverrideDetails": {
                "claimsToAddOrOverride": { "tenant": "a", "sub": "evil", "cognito:x": "y" },
                "claimsToSuppress": ["cognito:username", "event_id", "updated_at"],
                "groupOverrideDetails": {
                    "groupsToOverride": ["new"], "iamRolesToOverride": [], "preferredRole": null,
                },
            } }))
        });
        let (access, id) = claims(pool.sign_in("ada", PASSWORD).await).await;
        let sub = sub_of(&pool, "ada").await;
        let request = json!({
            "userAttributes": { "sub": sub, "cognito:user_status": "CONFIRMED" },
            "groupConfiguration": {
                "groupsToOverride": ["old"], "iamRolesToOverride": [], "preferredRole": null,
            },
            "clientMetadata": {},
        });
        let (source, response) = ("TokenGeneration_Authentication", json!({ "claimsOverrideDetails": null }));
        let told = without_version(receiver.last(source));
        assert_eq!(told, event(&pool, source, "ada", request, response));
        assert_eq!((&id["tenant"], &id["sub"], &id["cognito:username"]), (&json!("a"), &json!(sub), &json!("ada")));
        assert_eq!((&id["cognito:x"], &id["event_id"].is_string()), (&Value::Null, &true));
        assert_eq!((&id["cognito:groups"], &access["cognito:groups"]), (&json!(["new"]), &json!(["new"])));
        assert_eq!(access["tenant"], Value::Null);

        put(&pool, versioned(&url, PreTokenGenerationLambdaVersionType::V20)).await;
        receiver.answer_with(|_| {
            Reply::Response(json!({ "claimsAndScopeOverrideDetails": {
                "idTokenGeneration": { "claimsToAddOrOverride": { "level": 7 } },
                "accessTokenGeneration": {
                    "claimsToAddOrOverride": { "tenant": { "id": [1, true] }, "client_id": "evil", "aud": "evil" },
                    "scopesToAdd": ["orders/read"],
                    "scopesToSuppress": ["aws.cognito.signin.user.admin"],
                },
            } }))
        });
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let refresh = tokens.refresh_token().unwrap().to_owned();
        let narrow = server.aws.get_user().access_token(tokens.access_token().unwrap()).send().await.unwrap_err();
        assert_eq!(said(narrow).1, "Access Token does not have required scopes");
        let (access, id) = claims(tokens).await;
        let told = receiver.last(source);
        assert_eq!((&told["version"], &told["request"]["scopes"]), (&json!("2"), &json!(["aws.cognito.signin.user.admin"])));
        assert_eq!((&access["tenant"], &access["scope"]), (&json!({ "id": [1, true] }), &json!("orders/read")));
        assert_eq!((&access["client_id"], &access["aud"]), (&json!(pool.client), &Value::Null));
        assert_eq!((&id["level"], &id["cognito:groups"]), (&json!(7), &json!(["old"])));

        receiver.answer_with(|_| Reply::Response(json!({ "claimsAndScopeOverrideDetails": null })));
        let refreshed = pool.refresh(&refresh).send().await.unwrap().authentication_result.unwrap();
        assert_eq!(receiver.last("TokenGeneration_RefreshTokens")["userName"], "ada");
        assert_eq!(claims(refreshed).await.0["scope"], "aws.cognito.signin.user.admin");

        // A first password of one's own.
        let create = server.aws.admin_create_user().user_pool_id(&pool.id).username("grace");
        create.temporary_password(OTHER_PASSWORD).message_action(MessageActionType::Suppress).send().await.unwrap();
        let asked = pool.password_auth("grace", OTHER_PASSWORD).send().await.unwrap();
        assert_eq!(asked.challenge_name, Some(ChallengeNameType::NewPasswordRequired));
        let answer = server.aws.respond_to_auth_challenge().client_id(&pool.client);
        let answer = answer.challenge_name(ChallengeNameType::NewPasswordRequired).session(asked.session.unwrap());
        let answer = answer.challenge_responses("USERNAME", "grace").challenge_responses("NEW_PASSWORD", PASSWORD);
        answer.client_metadata("page", "first").send().await.unwrap();
        let told = receiver.last("TokenGeneration_NewPasswordChallenge");
        assert_eq!(told["request"]["clientMetadata"], json!({ "page": "first" }));

        for bad in [json!("claims"), json!({ "accessTokenGeneration": { "scopesToAdd": ["a b"] } }), json!({ "idTokenGeneration": 7 })] {
            let said_so = bad.clone();
            receiver.answer_with(move |_| Reply::Response(json!({ "claimsAndScopeOverrideDetails": said_so })));
            let refused = pool.password_auth("ada", PASSWORD).send().await.unwrap_err();
            assert_eq!(said(refused).0, "InvalidLambdaResponseException", "{bad}");
        }
    })
    .await;
}

/// A function of the third version is asked about the tokens of machines too.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_machines_token_says_what_the_function_says(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (receiver, pool) = (Receiver::silent(), server.user_pool().await);
        resource_server(&pool, "orders", &["read"]).await;
        let machine = Machine::new(&pool, &["orders/read"]).await;
        let config = versioned(&receiver.function("tokens"), PreTokenGenerationLambdaVersionType::V30);
        put(&pool, config).await;
        receiver.answer_with(|_| {
            Reply::Response(json!({ "claimsAndScopeOverrideDetails": { "accessTokenGeneration": {
                "claimsToAddOrOverride": { "tenant": "a", "sub": "evil" }, "scopesToAdd": ["orders/write"],
            } } }))
        });
        let (token, _) = machine.token(&[]).await.unwrap();
        let claims = verified(&pool, &token).await.1;
        assert_eq!((&claims["tenant"], &claims["sub"]), (&json!("a"), &json!(machine.client())));
        assert_eq!(claims["scope"], "orders/read orders/write");
        let told = receiver.last("TokenGeneration_ClientCredentials");
        assert_eq!((&told["version"], &told["request"]["scopes"]), (&json!("3"), &json!(["orders/read"])));
        assert_eq!(told["request"]["userAttributes"], Value::Null);
    })
    .await;
}
