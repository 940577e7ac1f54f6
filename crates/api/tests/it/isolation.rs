//! Two tenants on one server (TEN-4): what belongs to the other looks like what is not there, and stays as it was.

use cognate_api::aws::{Access, user_pools};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::security::signing::{Answer, Key, call};
use crate::server::{OTHER_PASSWORD, PASSWORD, TestPool, TestServer, said};

pub(crate) const MODEL: &str = include_str!("../../../contract/model/cognito-idp.json");

/// An id of nothing.
const SOME_ID: &str = "6f8b5a1e-0c3d-4f5e-9a7b-1c2d3e4f5a6b";

/// The built operations whose request names a pool.
fn operations_on_a_pool() -> Vec<&'static str> {
    let model: Value = serde_json::from_str(MODEL).unwrap();
    let names_a_pool = |name: &str| {
        let input = model["operations"][name]["input"].as_str().unwrap_or_default();
        !model["shapes"][input]["members"]["UserPoolId"].is_null()
    };
    // What a token proves needs no signature.
    let by_token = |name: &str| name == "UpdateAuthEventFeedback";
    let rows = user_pools::TABLE.iter();
    let rows = rows.filter(|row| row.built && names_a_pool(row.name) && !by_token(row.name));
    rows.inspect(|row| assert_eq!(row.access, Access::Signed, "{}", row.name)).map(|row| row.name).collect()
}

/// A request that every operation on a pool takes: members that an operation does not know are ignored.
pub(crate) fn request(pool: &str, client: &str) -> Value {
    json!({
        "UserPoolId": pool, "ClientId": client, "ClientName": "mine now", "PoolName": "mine now",
        "Username": "ada", "Password": OTHER_PASSWORD, "Permanent": true, "MaxResults": 1, "Limit": 1,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "ada", "PASSWORD": PASSWORD },
        "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "AYABe".repeat(8),
        "ChallengeResponses": { "USERNAME": "ada", "NEW_PASSWORD": OTHER_PASSWORD },
        "MessageAction": "SUPPRESS",
        "JobName": "mine", "JobId": "import-mine", "CloudWatchLogsRoleArn": "arn:aws:iam::000000000000:role/mine",
        "CustomAttributes": [{ "Name": "mine" }], "ClientSecretId": "mine--1",
        "UserAttributes": [{ "Name": "name", "Value": "mine" }], "UserAttributeNames": ["name"],
        "GroupName": "staff",
        "TermsId": SOME_ID, "TermsName": "terms-of-use", "TermsSource": "LINK", "Enforcement": "NONE",
        "Links": { "cognito:default": "https://example.com/terms" },
        "ManagedLoginBrandingId": SOME_ID, "UseCognitoProvidedValues": true,
        "CSS": ".label-customizable { color: red }",
        "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": 1 },
        "SSOSession": { "MaxValidityMinutes": 0 }, "SessionId": "tkn0000000000000000000000000",
        "RegionName": "eu-west-1", "Status": "ACTIVE", "MFAOptions": [],
        "Identifier": "mine", "Name": "mine now",
        "ProviderName": "Mine", "ProviderType": "OIDC", "IdpIdentifier": "mine",
        "ProviderDetails": {
            "client_id": "mine", "attributes_request_method": "GET", "oidc_issuer": "https://mine.example",
            "authorize_scopes": "openid",
        },
        "IdpIdentifiers": ["mine"],
        "Domain": "mine", "LogConfigurations": [], "EventId": SOME_ID, "FeedbackValue": "Valid",
        "DeviceKey": "us-east-1_00000000-0000-4000-8000-000000000000", "DeviceRememberedStatus": "remembered",
    })
}

/// What an answer tells: all of it but its id and its date, with an id replaced by a common word.
fn told(answer: &Answer, id: &str) -> (u16, String, Vec<(String, String)>) {
    let told =
        answer.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "x-amzn-requestid" | "date"));
    let hide = |text: &str| text.replace(id, "THE-ID");
    let headers = told.map(|(name, value)| (name.to_string(), hide(value.to_str().unwrap()))).collect();
    (answer.status, hide(&answer.body), headers)
}

/// All there is to see of a pool from outside.
pub(crate) async fn everything(pool: &TestPool<'_>, key: &Key) -> Vec<String> {
    let server = pool.server;
    let mut seen = Vec::new();
    for operation in
        ["DescribeUserPool", "DescribeUserPoolClient", "ListUserPoolClients", "ListUsers", "AdminGetUser"]
    {
        let mut body = request(&pool.id, &pool.client);
        body["MaxResults"] = json!(60);
        body["Limit"] = json!(60);
        let answer = call(server, operation, body).send(server, key).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        seen.push(answer.body);
    }
    seen
}

/// Case 28.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_pool_of_another_account_looks_like_one_that_is_not_there(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let (owner, stranger) =
            (Key::new(server).await, Key::of(server, &server.other_account().await.0).await);
        let before = everything(&pool, &owner).await;
        let nowhere = "us-east-1_000000000";
        assert_eq!(nowhere.len(), pool.id.len());
        let operations = operations_on_a_pool();
        assert!(operations.len() > 12, "{operations:?}");
        for operation in operations {
            let foreign =
                call(server, operation, request(&pool.id, &pool.client)).send(server, &stranger).await;
            let missing =
                call(server, operation, request(nowhere, &pool.client)).send(server, &stranger).await;
            assert_eq!(missing.status, 400, "{operation}: {}", missing.body);
            assert_eq!(missing.error(), "ResourceNotFoundException", "{operation}: {}", missing.body);
            assert_eq!(missing.message(), format!("User pool {nowhere} does not exist."), "{operation}");
            assert_eq!(told(&foreign, &pool.id), told(&missing, nowhere), "{operation}");
        }
        assert_eq!(everything(&pool, &owner).await, before);
        pool.sign_in("ada", PASSWORD).await;
        let theirs = call(server, "ListUserPools", json!({ "MaxResults": 60 })).send(server, &stranger).await;
        assert_eq!(theirs.body, r#"{"UserPools":[]}"#);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_client_of_another_pool_looks_like_one_that_is_not_there(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (mine, other) = (server.user_pool().await, server.user_pool().await);
        mine.admin_user("ada").await;
        other.admin_user("ada").await;
        let key = Key::new(server).await;
        let before = everything(&other, &key).await;
        let nobody = "0".repeat(26);
        for operation in [
            "DescribeUserPoolClient",
            "UpdateUserPoolClient",
            "DeleteUserPoolClient",
            "CreateTerms",
            "DescribeTermsByClient",
            "CreateManagedLoginBranding",
            "DescribeManagedLoginBrandingByClient",
            "GetUICustomization",
            "SetUICustomization",
            "GetUserPoolClientSessionConfiguration",
            "SetUserPoolClientSessionConfiguration",
            "AdminInitiateAuth",
            "AdminRespondToAuthChallenge",
        ] {
            let foreign = call(server, operation, request(&mine.id, &other.client)).send(server, &key).await;
            let missing = call(server, operation, request(&mine.id, &nobody)).send(server, &key).await;
            assert_eq!(missing.error(), "ResourceNotFoundException", "{operation}");
            assert_eq!(
                missing.message(),
                format!("User pool client {nobody} does not exist."),
                "{operation}"
            );
            assert_eq!(told(&foreign, &other.client), told(&missing, &nobody), "{operation}");
        }
        assert_eq!(everything(&other, &key).await, before);
        other.sign_in("ada", PASSWORD).await;
    })
    .await;
}

/// A pool of somebody else has users of its own: the same name is another user there.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn one_name_in_two_pools_is_two_users(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (mine, other) = (server.user_pool().await, server.user_pool().await);
        mine.admin_user("ada").await;
        other.admin_user("ada").await;
        other.set_password("ada", OTHER_PASSWORD, true).await;
        mine.sign_in("ada", PASSWORD).await;
        other.sign_in("ada", OTHER_PASSWORD).await;
        let wrong = said(other.password_auth("ada", PASSWORD).send().await.unwrap_err());
        assert_eq!(wrong.1, "Incorrect username or password.");
        // The `sub` of one pool is nobody in the other.
        let request = server.aws.admin_get_user().user_pool_id(&mine.id).username("ada");
        let user = request.send().await.unwrap();
        let sub = user.user_attributes().iter().find(|it| it.name() == "sub").unwrap().value().unwrap();
        let request = server.aws.admin_get_user().user_pool_id(&other.id).username(sub);
        assert_eq!(said(request.send().await.unwrap_err()).0, "UserNotFoundException");
        server.aws.admin_delete_user().user_pool_id(&mine.id).username("ada").send().await.unwrap();
        other.sign_in("ada", OTHER_PASSWORD).await;
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_page_token_is_for_one_account_one_pool_and_one_listing(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (mine, other) = (server.user_pool().await, server.user_pool().await);
        server.with_client(mine.id.clone(), false).await;
        mine.admin_user("ada").await;
        mine.admin_user("bob").await;
        let (_, stranger) = server.other_account().await;
        let invalid = ("InvalidParameterException".to_owned(), "Invalid pagination token".to_owned());

        let pools = server.aws.list_user_pools().max_results(1).send().await.unwrap().next_token.unwrap();
        let refused = stranger.list_user_pools().max_results(1).next_token(&pools).send().await;
        assert_eq!(said(refused.unwrap_err()), invalid);
        server.aws.list_user_pools().max_results(1).next_token(&pools).send().await.unwrap();

        let users = |pool: &str| server.aws.list_users().user_pool_id(pool).limit(1);
        let page = users(&mine.id).send().await.unwrap().pagination_token.unwrap();
        assert_eq!(said(users(&other.id).pagination_token(&page).send().await.unwrap_err()), invalid);
        users(&mine.id).pagination_token(&page).send().await.unwrap();

        let clients = |pool: &str| server.aws.list_user_pool_clients().user_pool_id(pool).max_results(1);
        let first = clients(&mine.id).send().await.unwrap().next_token.unwrap();
        assert_eq!(said(clients(&other.id).next_token(&first).send().await.unwrap_err()), invalid);
        clients(&mine.id).next_token(&first).send().await.unwrap();

        // Nor for another listing of the same pool or account, nor changed, nor made up.
        assert_eq!(said(clients(&mine.id).next_token(&page).send().await.unwrap_err()), invalid);
        assert_eq!(said(users(&mine.id).pagination_token(&first).send().await.unwrap_err()), invalid);
        let list = |token: &str| server.aws.list_user_pools().max_results(1).next_token(token).send();
        for forged in [&first, &page, &format!("{pools}A"), "P", "nonsense"] {
            assert_eq!(said(list(forged).await.unwrap_err()), invalid, "{forged}");
        }
    })
    .await;
}

/// TOK-9.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_challenge_session_is_for_one_pool_and_one_client(_: PgPoolOptions, db: PgConnectOptions) {
    use aws_sdk_cognitoidentityprovider::types::ChallengeNameType::NewPasswordRequired;
    TestServer::run(db, async |server| {
        let (mine, other) = (server.user_pool().await, server.user_pool().await);
        let sibling = server.with_client(mine.id.clone(), false).await;
        for pool in [&mine, &other] {
            pool.admin_user("ada").await;
            pool.set_password("ada", PASSWORD, false).await;
        }
        let challenge = mine.password_auth("ada", PASSWORD).send().await.unwrap();
        let session = challenge.session.unwrap();
        let answer = |client: &str| {
            let answer = server.aws.respond_to_auth_challenge().client_id(client).session(&session);
            let answer = answer.challenge_name(NewPasswordRequired).challenge_responses("USERNAME", "ada");
            answer.challenge_responses("NEW_PASSWORD", OTHER_PASSWORD).send()
        };
        for client in [&other.client, &sibling.client] {
            let refused = said(answer(client).await.unwrap_err());
            assert_eq!(refused, ("NotAuthorizedException".into(), "Invalid session for the user.".into()));
        }
        answer(&mine.client).await.unwrap();
        let untouched = other.password_auth("ada", PASSWORD).send().await.unwrap();
        assert_eq!(untouched.challenge_name, Some(NewPasswordRequired));
    })
    .await;
}

/// Case 9, TOK-5.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_refresh_token_is_for_its_own_client(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (mine, other) = (server.user_pool().await, server.user_pool().await);
        let sibling = server.with_client(mine.id.clone(), false).await;
        mine.admin_user("ada").await;
        other.admin_user("ada").await;
        let tokens = mine.sign_in("ada", PASSWORD).await;
        let (access, refresh) = (tokens.access_token.unwrap(), tokens.refresh_token.unwrap());
        for pool in [&sibling, &other] {
            let refused = said(pool.refresh(&refresh).send().await.unwrap_err());
            assert_eq!(refused, ("NotAuthorizedException".into(), "Invalid Refresh Token".into()));
            // Revoking it for somebody else answers as for a token nobody knows, and revokes nothing.
            let revoke = server.aws.revoke_token().client_id(&pool.client).token(&refresh);
            revoke.send().await.unwrap();
        }
        mine.refresh(&refresh).send().await.unwrap();
        server.aws.get_user().access_token(&access).send().await.unwrap();
    })
    .await;
}

/// TOK-3.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn tokens_end_with_the_user_the_client_and_the_pool(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (mine, other) = (server.user_pool().await, server.user_pool().await);
        let sibling = server.with_client(mine.id.clone(), false).await;
        for name in ["ada", "bob"] {
            mine.admin_user(name).await;
        }
        other.admin_user("ada").await;
        let of_user = mine.sign_in("ada", PASSWORD).await;
        let of_client = sibling.sign_in("bob", PASSWORD).await;
        let of_pool = mine.sign_in("bob", PASSWORD).await;
        let elsewhere = other.sign_in("ada", PASSWORD).await;
        let get_user =
            |access: &Option<String>| server.aws.get_user().set_access_token(access.clone()).send();
        for tokens in [&of_user, &of_client, &of_pool, &elsewhere] {
            get_user(&tokens.access_token).await.unwrap();
        }

        server.aws.admin_delete_user().user_pool_id(&mine.id).username("ada").send().await.unwrap();
        let gone = said(get_user(&of_user.access_token).await.unwrap_err());
        assert_eq!(gone, ("UserNotFoundException".into(), "User does not exist.".into()));
        let refused = mine.refresh(of_user.refresh_token().unwrap()).send().await;
        assert_eq!(said(refused.unwrap_err()).1, "Invalid Refresh Token");

        let delete = server.aws.delete_user_pool_client().user_pool_id(&mine.id).client_id(&sibling.client);
        delete.send().await.unwrap();
        let revoked = said(get_user(&of_client.access_token).await.unwrap_err());
        assert_eq!(revoked, ("NotAuthorizedException".into(), "Access Token has been revoked".into()));
        let refused = sibling.refresh(of_client.refresh_token().unwrap()).send().await;
        assert_eq!(said(refused.unwrap_err()).0, "ResourceNotFoundException");
        get_user(&of_pool.access_token).await.unwrap();

        server.aws.delete_user_pool().user_pool_id(&mine.id).send().await.unwrap();
        let invalid = said(get_user(&of_pool.access_token).await.unwrap_err());
        assert_eq!(invalid, ("NotAuthorizedException".into(), "Invalid Access Token".into()));
        // The caches of a process may remember the client of a pool that went for up to a second (TOK-3).
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let refused = mine.refresh(of_pool.refresh_token().unwrap()).send().await;
        assert_eq!(said(refused.unwrap_err()).0, "ResourceNotFoundException");

        get_user(&elsewhere.access_token).await.unwrap();
        other.refresh(elsewhere.refresh_token().unwrap()).send().await.unwrap();
    })
    .await;
}
