//! Development mode: any credentials will do, but not for other people's web pages.

use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{Setup, TestServer};

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn pages_of_other_origins_cannot_administer_a_development_server(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run_as(Setup { development: true, ..Setup::default() }, db, async |server| {
        let pool = server.user_pool().await;
        let call = async |operation: &str, origin: &str, body: serde_json::Value| {
            let call = server.http.post(&server.url).header("Authorization", "any").header("Origin", origin);
            let call = call.header("X-Amz-Target", format!("AWSCognitoIdentityProviderService.{operation}"));
            let answer = call.body(body.to_string()).send().await.unwrap();
            (answer.status().as_u16(), answer.json::<serde_json::Value>().await.unwrap())
        };
        let list = || json!({ "MaxResults": 5 });
        for ours in ["http://localhost:3000", "http://127.0.0.1:8080", "http://[::1]:1", server.url.as_str()]
        {
            assert_eq!(call("ListUserPools", ours, list()).await.0, 200, "{ours}");
        }
        for foreign in ["https://evil.example", "null", "https://localhost.evil.example", "http://10.0.0.1"] {
            let (status, body) = call("ListUserPools", foreign, list()).await;
            assert_eq!((status, body["__type"].as_str()), (400, Some("AccessDeniedException")), "{foreign}");
        }
        // What an application's page calls works from anywhere, as it does with Cognito.
        let sign_up = json!({ "ClientId": pool.client, "Username": "ada", "Password": "Correct-Horse-7" });
        assert_eq!(call("SignUp", "https://app.example", sign_up).await.0, 200);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_name_made_to_resolve_to_loopback_gets_nothing(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup { development: true, ..Setup::default() }, db, async |server| {
        for path in ["/_cognate/inbox.json", "/_cognate/health/ready", "/"] {
            let asked =
                server.http.get(format!("{}{path}", server.url)).header("Host", "evil.example").send().await;
            assert_eq!(asked.unwrap().status(), 403, "{path}");
        }
        let ours = server
            .http
            .get(format!("{}/_cognate/inbox.json", server.url))
            .header("Host", "localhost")
            .send()
            .await;
        assert_eq!(ours.unwrap().status(), 200);
    })
    .await;
}
