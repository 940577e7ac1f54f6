//! What a pool keeps of sessions, and how long a sign-in serves a client again. By hand: the SDK does not know it yet.

use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::security::signing::{Key, call};
use crate::server::{TestPool, TestServer};

struct Sessions<'a> {
    pool: TestPool<'a>,
    key: Key,
}

impl Sessions<'_> {
    /// Calls an operation: its answer, or the name and message of its error.
    async fn call(&self, operation: &str, members: Value) -> Result<Value, (String, String)> {
        let mut body = json!({ "UserPoolId": self.pool.id, "ClientId": self.pool.client });
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let answer = call(self.pool.server, operation, body).send(self.pool.server, &self.key).await;
        match answer.status {
            200 => Ok(serde_json::from_str(&answer.body).unwrap()),
            _ => Err((answer.error(), answer.message())),
        }
    }

    async fn track(&self, tracking: &str, most: i32) -> Result<Value, (String, String)> {
        let members = json!({ "UserSessionTracking": tracking, "TokenSession": { "MaxPerUser": most } });
        self.call("SetUserPoolSessionConfiguration", members).await
    }

    async fn set_minutes(&self, minutes: i32) -> Result<Value, (String, String)> {
        let members = json!({ "SSOSession": { "MaxValidityMinutes": minutes } });
        self.call("SetUserPoolClientSessionConfiguration", members).await
    }

    /// Both configurations are these.
    async fn are(&self, tracking: &str, most: i32, minutes: i32) {
        let of_pool = self.call("GetUserPoolSessionConfiguration", json!({})).await.unwrap();
        let expected = json!({
            "UserPoolId": self.pool.id, "UserSessionTracking": tracking, "TokenSession": { "MaxPerUser": most },
        });
        assert_eq!(of_pool, expected);
        let of_client = self.call("GetUserPoolClientSessionConfiguration", json!({})).await.unwrap();
        let expected = json!({
            "UserPoolId": self.pool.id, "ClientId": self.pool.client,
            "SSOSession": { "MaxValidityMinutes": minutes },
        });
        assert_eq!(of_client, expected);
    }
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn sessions_are_configured_by_operations_of_their_own(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let sessions = Sessions { pool: server.user_pool().await, key: Key::new(server).await };
        let pool = &sessions.pool;
        sessions.are("DISABLED", 20, 60).await;
        let message = "User session tracking is not enabled for the user pool.".to_owned();
        assert_eq!(sessions.set_minutes(5).await, Err(("OperationNotEnabledException".to_owned(), message)));

        sessions.track("ENABLED", 100).await.unwrap();
        sessions.set_minutes(0).await.unwrap();
        for most in [0, 101] {
            assert_eq!(sessions.track("ENABLED", most).await.unwrap_err().0, "InvalidParameterException");
        }
        for minutes in [-1, 129_601] {
            assert_eq!(sessions.set_minutes(minutes).await.unwrap_err().0, "InvalidParameterException");
        }
        // Updates of pool and client say nothing of it, so it stays.
        server.aws.update_user_pool().user_pool_id(&pool.id).send().await.unwrap();
        let update = server.aws.update_user_pool_client().user_pool_id(&pool.id).client_id(&pool.client);
        let updated = update.client_name("renamed").send().await.unwrap().user_pool_client.unwrap();
        assert_eq!(updated.client_name(), Some("renamed"));
        sessions.are("ENABLED", 100, 0).await;
        // What clients have sleeps while the pool keeps nothing.
        sessions.track("DISABLED", 1).await.unwrap();
        sessions.are("DISABLED", 1, 0).await;
    })
    .await;
}
