//! The wire: headers, targets, bodies of every kind and size, and clients that misbehave.

mod pages;
mod raw;

use std::time::{Duration, Instant};

use aws_sdk_cognitoidentityprovider::operation::sign_up::SignUpError;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use self::raw::Connection;
use crate::security::signing::{Answer, Key, call};
use crate::server::{OTHER_PASSWORD, PASSWORD, Setup, TestServer, email_of};

const EXPOSED: &str = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date";

/// What every answer carries, success or not.
fn assert_common_headers(answer: &Answer) {
    assert_eq!(answer.header("content-type"), "application/x-amz-json-1.1");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-expose-headers"), EXPOSED);
    assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    assert_eq!(answer.header("cache-control"), "no-store");
    let id = uuid::Uuid::parse_str(answer.header("x-amzn-requestid")).unwrap();
    assert_eq!(id.get_version_num(), 4);
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    assert!(answer.headers.contains_key("date"));
}

fn assert_error(answer: &Answer, status: u16, name: &str) {
    assert_common_headers(answer);
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.error(), name);
    assert_eq!(answer.header("x-amzn-errortype"), format!("{name}:"));
    assert_eq!(answer.header("x-amzn-errormessage"), answer.message());
}

/// TOK-10.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn answers_carry_the_headers_that_clients_expect(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let auth = |password: &str| {
            json!({ "ClientId": pool.client, "AuthFlow": "USER_PASSWORD_AUTH",
                    "AuthParameters": { "USERNAME": "ada", "PASSWORD": password } })
            .to_string()
        };
        let signed_in = Answer::of(server.call("InitiateAuth", auth(PASSWORD)).await).await;
        assert_eq!(signed_in.status, 200);
        assert_common_headers(&signed_in);
        assert!(!signed_in.headers.contains_key("x-amzn-errortype"));
        let result = signed_in.json();
        assert_eq!(result["ChallengeParameters"], json!({}));
        assert_eq!(result["AuthenticationResult"]["TokenType"], "Bearer");
        assert!(result.get("ChallengeName").is_none() && result.get("Session").is_none());

        let refused = Answer::of(server.call("InitiateAuth", auth(OTHER_PASSWORD)).await).await;
        assert_error(&refused, 400, "NotAuthorizedException");
        assert_eq!(
            refused.json(),
            json!({ "__type": "NotAuthorizedException", "message": "Incorrect username or password." })
        );
        assert_ne!(refused.header("x-amzn-requestid"), signed_in.header("x-amzn-requestid"));
        for body in ["{}", "nonsense"] {
            assert_common_headers(&Answer::of(server.call("SignUp", body).await).await);
        }
        let unsigned = Answer::of(server.call("ListUsers", "{}").await).await;
        assert_error(&unsigned, 400, "MissingAuthenticationTokenException");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_browser_may_ask_first(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let headers = "content-type,x-amz-target,x-amz-user-agent,amz-sdk-request";
        let ask = server.http.request(reqwest::Method::OPTIONS, &server.url);
        let ask = ask.header("origin", "https://app.example").header("access-control-request-method", "POST");
        let ask = ask.header("access-control-request-headers", headers);
        let answer = Answer::of(ask.send().await.unwrap()).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-methods"), "POST");
        assert_eq!(answer.header("access-control-allow-headers"), headers);
        assert_eq!(answer.header("access-control-expose-headers"), EXPOSED);
        assert_eq!(answer.header("access-control-max-age"), "172800");
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn no_output_is_an_empty_body_and_an_empty_output_is_an_object(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let key = Key::new(server).await;
        let forgot = server.aws.forgot_password().client_id(&pool.client).username("ada");
        forgot.send().await.unwrap();
        let code = server.code_to(&email_of("ada")).await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let request = json!({
            "UserPoolId": pool.id, "ClientId": pool.client, "Username": "ada", "Password": PASSWORD,
            "Permanent": true, "ConfirmationCode": code, "AccessToken": tokens.access_token,
            "PreviousPassword": PASSWORD, "ProposedPassword": OTHER_PASSWORD, "Token": tokens.refresh_token,
        });
        for (operation, body) in [
            ("ConfirmForgotPassword", "{}"),
            ("AdminSetUserPassword", "{}"),
            ("AdminUserGlobalSignOut", "{}"),
            ("UpdateUserPool", "{}"),
            ("RevokeToken", "{}"),
            ("AdminDeleteUser", ""),
            ("DeleteUserPoolClient", ""),
            ("DeleteUserPool", ""),
        ] {
            let answer = call(server, operation, &request).send(server, &key).await;
            assert_eq!((answer.status, answer.body.as_str()), (200, body), "{operation}");
            assert_common_headers(&answer);
        }

        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        for operation in ["ChangePassword", "GlobalSignOut"] {
            let token = pool.sign_in("ada", PASSWORD).await.access_token;
            let body =
                json!({ "AccessToken": token, "PreviousPassword": PASSWORD, "ProposedPassword": PASSWORD });
            let answer = Answer::of(server.call(operation, body.to_string()).await).await;
            assert_eq!((answer.status, answer.body.as_str()), (200, "{}"), "{operation}");
        }
    })
    .await;
}

/// AWS-1.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn one_known_target_selects_the_operation(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let send = async |targets: &[&str]| {
            let mut request = server.http.post(&server.url).body("{}");
            for target in targets {
                request = request.header("x-amz-target", *target);
            }
            Answer::of(request.send().await.unwrap()).await
        };
        let sign_up = "AWSCognitoIdentityProviderService.SignUp";
        assert_error(&send(&[sign_up]).await, 400, "InvalidParameterException");
        for targets in [
            &[][..],
            &[""],
            &["SignUp"],
            &[".SignUp"],
            &["AWSCognitoIdentityProviderService.signUp"],
            &["AWSCognitoIdentityProviderService.Nonsense"],
            &["AWSCognitoIdentityService.SignUp"],
            &["awscognitoidentityproviderservice.SignUp"],
            &[sign_up, sign_up],
            &[sign_up, "AWSCognitoIdentityProviderService.GetUser"],
        ] {
            let refused = send(targets).await;
            assert_error(&refused, 400, "UnknownOperationException");
            assert_eq!(refused.body, r#"{"__type":"UnknownOperationException"}"#, "{targets:?}");
        }
        let get = server.http.get(&server.url).header("x-amz-target", sign_up).send().await.unwrap();
        assert!(matches!(get.status().as_u16(), 404 | 405), "{}", get.status());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_body_is_json_whatever_it_is_called_unless_it_is_compressed(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let send = async |headers: &[(&str, &str)]| {
            let request = server.http.post(&server.url).body(r#"{"ClientId":7}"#);
            let mut request = request.header("x-amz-target", "AWSCognitoIdentityProviderService.SignUp");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            Answer::of(request.send().await.unwrap()).await
        };
        for kind in
            ["application/x-amz-json-1.1; charset=utf-8", "application/json", "text/plain", "nonsense"]
        {
            assert_error(&send(&[("content-type", kind)]).await, 400, "SerializationException");
        }
        assert_error(&send(&[]).await, 400, "SerializationException");
        assert_error(&send(&[("content-encoding", "identity")]).await, 400, "SerializationException");
        for encoding in ["gzip", "deflate", "br", "zstd", "identity, gzip"] {
            let refused = send(&[("content-encoding", encoding)]).await;
            assert_error(&refused, 415, "UnsupportedMediaTypeException");
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn null_is_absent_and_unknown_members_are_ignored(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        // As Amplify sends it.
        let body = json!({
            "ClientId": pool.client, "Username": "ada", "Password": PASSWORD, "ValidationData": null,
            "ClientMetadata": {}, "SecretHash": null, "AnalyticsMetadata": null, "Unheard": { "of": [1, null] },
            "UserAttributes": [{ "Name": "email", "Value": "ada@example.com", "More": true }],
        });
        let answer = Answer::of(server.call("SignUp", body.to_string()).await).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let absent = json!({ "ClientId": pool.client, "Username": null }).to_string();
        let (_, refused) = server.refusal("SignUp", absent).await;
        assert!(refused["message"].as_str().unwrap().contains("'username'"), "{refused}");
        let broken = Answer::of(server.call("SignUp", "{\"ClientId\":").await).await;
        assert_error(&broken, 400, "SerializationException");
        assert_eq!(broken.body, r#"{"__type":"SerializationException"}"#);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_sdk_knows_our_errors_by_their_types(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.sign_up("ada").await;
        let again = server.aws.sign_up().client_id(&pool.client).username("ada").password(PASSWORD);
        let error = again.send().await.unwrap_err().into_service_error();
        assert!(matches!(error, SignUpError::UsernameExistsException(_)), "{error:?}");
        let weak = server.aws.sign_up().client_id(&pool.client).username("bob").password("weak");
        let error = weak.send().await.unwrap_err().into_service_error();
        assert!(matches!(error, SignUpError::InvalidPasswordException(_)), "{error:?}");
        let nowhere = server.aws.describe_user_pool().user_pool_id("us-east-1_000000000");
        assert!(nowhere.send().await.unwrap_err().into_service_error().is_resource_not_found_exception());
        let nobody = server.aws.get_user().access_token("a.b.c").send().await.unwrap_err();
        assert!(nobody.into_service_error().is_not_authorized_exception());
    })
    .await;
}

/// RES-2, AWS-4, case 63.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_is_too_large_or_too_deep_is_refused_at_once(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let sign_up = |password: &str| {
            json!({ "ClientId": pool.client, "Username": "ada", "Password": password }).to_string()
        };
        let nested = |depth: usize| format!(r#"{{"Unheard":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        for (body, status, error) in [
            (sign_up(&"p".repeat(257)), 400, "InvalidParameterException"),
            (sign_up(&"p".repeat(250_000)), 400, "InvalidParameterException"),
            (nested(31), 400, "InvalidParameterException"),
            (nested(32), 400, "SerializationException"),
            (nested(10_000), 400, "SerializationException"),
            (r#"{"a":"#.repeat(10_000), 400, "SerializationException"),
        ] {
            let start = Instant::now();
            let refused = Answer::of(server.call("SignUp", body).await).await;
            assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
            assert_error(&refused, status, error);
            assert!(refused.body.len() < 1_000, "{}", refused.body.len());
        }
        // One byte over 256 KiB; a password of 1 MB; a body of 10 MB, announced and not.
        for (length, announced) in
            [(256 * 1024 + 1, true), (1_000_000, true), (10_000_000, true), (10_000_000, false)]
        {
            let start = Instant::now();
            let mut connection = Connection::open(server).await;
            let status = connection.send_large(length, announced).await;
            assert_eq!(status, Some(413), "{length}");
            assert!(start.elapsed() < Duration::from_secs(1), "{length}: {:?}", start.elapsed());
        }
        let headers = server.http.post(&server.url).header("x-padding", "p".repeat(17 * 1024)).body("{}");
        let refused = Answer::of(headers.send().await.unwrap()).await;
        assert_error(&refused, 431, "RequestHeaderTooLargeException");
        pool.sign_up("ada").await;
    })
    .await;
}

/// RES-3.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_body_that_does_not_come_is_not_waited_for(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let form = |path: &str| {
            let kind = "content-type: application/x-www-form-urlencoded\r\ncontent-length: 100";
            format!("POST {path} HTTP/1.1\r\nhost: localhost\r\n{kind}\r\n\r\n")
        };
        let stalls = async |head: String| {
            let mut connection = Connection::open(server).await;
            connection.write(head.as_bytes()).await;
            connection.write(br#"{"ClientId":"#).await;
            let start = Instant::now();
            let answer = tokio::time::timeout(Duration::from_secs(13), connection.read_to_end()).await;
            let answer = answer.expect("neither an answer nor an end");
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
            assert!(start.elapsed() > Duration::from_secs(4), "{:?}", start.elapsed());
        };
        let forms =
            ["oauth2/token", "oauth2/authorize", "oauth2/register", "oauth2/userInfo", "login", "logout"];
        let heads = forms.map(|page| form(&format!("/us-east-1_AbCdEfGhI/{page}")));
        let heads = heads.into_iter().chain([raw::head("SignUp", 100)]);
        futures_util::future::join_all(heads.map(stalls)).await;
    })
    .await;
}

/// DUR-2, TEN-3: what was asked for is done wholly, and the one connection comes back clean.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_client_that_goes_away_leaves_nothing_half_done(_: PgPoolOptions, db: PgConnectOptions) {
    let setup = Setup { connections: 1, ..Setup::default() };
    TestServer::run_as(setup, db, async |server| {
        let pool = server.user_pool().await;
        let leave = async |number: u64| {
            let body = json!({
                "ClientId": pool.client, "Username": format!("user{number}"), "Password": PASSWORD,
                "UserAttributes": [{ "Name": "email", "Value": email_of(&format!("user{number}")) }],
            });
            let mut connection = Connection::open(server).await;
            let request = raw::head("SignUp", body.to_string().len()) + &body.to_string();
            connection.write(request.as_bytes()).await;
            // Some leave at once, some while their password is hashed, some while they are saved.
            tokio::time::sleep(Duration::from_millis(number * 5)).await;
        };
        futures_util::future::join_all((0..20).map(leave)).await;

        let users =
            async || server.aws.list_users().user_pool_id(&pool.id).send().await.unwrap().users.unwrap();
        let give_up = Instant::now() + Duration::from_secs(10);
        while users().await.len() < 20 && Instant::now() < give_up {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(users().await.len(), 20);
        for number in 0..20 {
            let name = format!("user{number}");
            let code = server.code_to(&email_of(&name)).await;
            let confirm = server.aws.confirm_sign_up().client_id(&pool.client).username(&name);
            confirm.confirmation_code(code).send().await.unwrap();
            pool.sign_in(&name, PASSWORD).await;
        }
    })
    .await;
}
