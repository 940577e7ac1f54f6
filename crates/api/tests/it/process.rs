//! The binary as an operator runs it: its private Postgres, its signals, and what it refuses to start with.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::messages::{Fault, Mailbox};
use crate::server::PASSWORD;

/// A data directory that an unprivileged Postgres can reach, removed at the end.
struct DataDir(PathBuf);

impl DataDir {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("cognate-test-{}", uuid::Uuid::new_v4().simple()));
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o711)).unwrap();
        Self(path)
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn cognate(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cognate"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("COGNATE_DATA_DIR", data);
    command.env("COGNATE_PUBLIC_URL", "http://127.0.0.1:4566");
    command
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A `cognate serve`.
struct Serving {
    url: String,
    child: Child,
    http: reqwest::Client,
}

impl Serving {
    #[expect(clippy::disallowed_methods, reason = "talks to the server under test alone")]
    async fn start(mut command: Command) -> Self {
        let port = free_port();
        command.arg("serve").env("COGNATE_LISTEN", format!("127.0.0.1:{port}")).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        let mut serving =
            Self { url: format!("http://127.0.0.1:{port}"), child, http: reqwest::Client::new() };
        let start = Instant::now();
        while !serving.is_ready().await {
            assert!(start.elapsed() < Duration::from_secs(30), "not ready");
            assert!(serving.child.try_wait().unwrap().is_none(), "ended early");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        serving
    }

    async fn is_ready(&self) -> bool {
        let answer = self.http.get(format!("{}/_cognate/health/ready", self.url)).send().await;
        answer.is_ok_and(|answer| answer.status() == 200)
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    /// Waits for the end; returns the exit code.
    async fn ended(mut self, within: Duration) -> Option<i32> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(start.elapsed() < within, "still running");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn call(&self, operation: &str, body: Value) -> Value {
        let call = self.http.post(&self.url).header("Authorization", "AWS4-HMAC-SHA256 any");
        let call = call.header("X-Amz-Target", format!("AWSCognitoIdentityProviderService.{operation}"));
        let answer = call.json(&body).send().await.unwrap();
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, 200, "{operation}: {body}");
        serde_json::from_str(&body).unwrap_or(Value::Null)
    }
}

/// Item by item: a private Postgres, reused after a clean end and after `kill -9`; and case 65: who was told that they
/// signed up is there afterwards, with their message.
#[tokio::test]
async fn the_private_postgres_keeps_its_data_over_ends_of_every_kind() {
    let data = DataDir::new();
    let first = Serving::start(cognate(&data.0)).await;
    let pool = first
        .call("CreateUserPool", json!({ "PoolName": "kept", "AutoVerifiedAttributes": ["email"] }))
        .await;
    let pool = pool["UserPool"]["Id"].as_str().unwrap().to_owned();
    let client = first.call("CreateUserPoolClient", json!({ "UserPoolId": pool, "ClientName": "web" })).await;
    let client = client["UserPoolClient"]["ClientId"].as_str().unwrap().to_owned();
    first.signal(Signal::SIGTERM);
    assert_eq!(first.ended(Duration::from_secs(30)).await, Some(0));

    let second = Serving::start(cognate(&data.0)).await;
    let sign_up = json!({
        "ClientId": client, "Username": "ada", "Password": PASSWORD,
        "UserAttributes": [{ "Name": "email", "Value": "ada@example.com" }]
    });
    second.call("SignUp", sign_up).await;
    second.signal(Signal::SIGKILL);
    second.ended(Duration::from_secs(5)).await;

    let third = Serving::start(cognate(&data.0)).await;
    let user = third.call("AdminGetUser", json!({ "UserPoolId": pool, "Username": "ada" })).await;
    assert_eq!(user["UserStatus"], "UNCONFIRMED");
    let inbox = third.http.get(format!("{}/_cognate/inbox.json", third.url)).send().await.unwrap();
    let inbox: Value = inbox.json().await.unwrap();
    assert_eq!(inbox["messages"][0]["to"], "ada@example.com");
    third.signal(Signal::SIGINT);
    assert_eq!(third.ended(Duration::from_secs(30)).await, Some(0));
    let running = Command::new("pgrep").args(["-f", &data.0.to_string_lossy()]).output().unwrap();
    assert!(running.stdout.is_empty(), "Postgres is still running");
}

/// Case 65, DUR-4: killed while it sends what it has promised, it sends it afterwards.
#[sqlx::test(migrations = false)]
async fn a_message_outlives_the_server(_: PgPoolOptions, db: PgConnectOptions) {
    let (data, mailbox) = (DataDir::new(), Mailbox::start(&[Fault::Hang]).await);
    let serve = || {
        let mut command = cognate(&data.0);
        command.env("COGNATE_DATABASE_URL", db.to_url_lossy().as_str()).env("COGNATE_DEV", "true");
        command.env("COGNATE_SMTP_URL", &mailbox.url);
        Serving::start(command)
    };
    let first = serve().await;
    let pool = json!({ "PoolName": "kept", "AutoVerifiedAttributes": ["email"] });
    let pool = first.call("CreateUserPool", pool).await["UserPool"]["Id"].clone();
    let client = first.call("CreateUserPoolClient", json!({ "UserPoolId": pool, "ClientName": "web" })).await;
    let client = &client["UserPoolClient"]["ClientId"];
    let sign_up = json!({
        "ClientId": client, "Username": "ada", "Password": PASSWORD,
        "UserAttributes": [{ "Name": "email", "Value": "ada@example.com" }]
    });
    first.call("SignUp", sign_up).await;
    mailbox.wait_for_a_hang().await;
    first.signal(Signal::SIGKILL);
    first.ended(Duration::from_secs(5)).await;

    // The minute passes that the message was leased for.
    let mut connection = db.connect().await.unwrap();
    let passes = "update messages set next_attempt_at = next_attempt_at - interval '1 minute'";
    assert_eq!(sqlx::query(passes).execute(&mut connection).await.unwrap().rows_affected(), 1);
    let second = serve().await;
    let mail = mailbox.wait_for("Your verification code is").await;
    let code: String = mail.split("code is ").nth(1).unwrap().chars().take(6).collect();
    let confirm = json!({ "ClientId": client, "Username": "ada", "ConfirmationCode": code });
    second.call("ConfirmSignUp", confirm).await;
    second.signal(Signal::SIGTERM);
    assert_eq!(second.ended(Duration::from_secs(30)).await, Some(0));
}

/// Case 66: no request in flight fails, and idle connections do not hold the end up.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_server_told_to_stop_finishes_what_is_under_way(_: PgPoolOptions, db: PgConnectOptions) {
    let data = DataDir::new();
    let mut command = cognate(&data.0);
    command.env("COGNATE_DATABASE_URL", db.to_url_lossy().as_str()).env("COGNATE_DEV", "true");
    let serving = Serving::start(command).await;
    let pool = serving.call("CreateUserPool", json!({ "PoolName": "busy" })).await;
    let pool = pool["UserPool"]["Id"].clone();
    let client =
        serving.call("CreateUserPoolClient", json!({ "UserPoolId": pool, "ClientName": "web" })).await;
    let client = client["UserPoolClient"]["ClientId"].clone();
    // By the first answer all have arrived, and most still wait for their hash.
    let first = tokio::sync::Notify::new();
    let users = (0..16).map(async |number| {
        let body = json!({ "ClientId": client, "Username": format!("user{number}"), "Password": PASSWORD });
        serving.call("SignUp", body).await;
        first.notify_one();
    });
    let stop = async {
        first.notified().await;
        serving.signal(Signal::SIGTERM);
    };
    let start = Instant::now();
    tokio::join!(futures_util::future::join_all(users), stop);
    assert_eq!(serving.ended(Duration::from_secs(28)).await, Some(0));
    assert!(start.elapsed() < Duration::from_secs(28));
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn accounts_and_their_keys_are_made_on_the_command_line(_: PgPoolOptions, db: PgConnectOptions) {
    let data = DataDir::new();
    let run = |arguments: &[&str]| -> Output {
        let mut command = cognate(&data.0);
        command
            .env("COGNATE_DATABASE_URL", db.to_url_lossy().as_str())
            .env("COGNATE_ROOT_KEY", "ab12".repeat(16));
        command.args(arguments).output().unwrap()
    };
    let said = |output: &Output| String::from_utf8(output.stdout.clone()).unwrap();
    let account = said(&run(&["account", "create", "acme"])).trim().to_owned();
    assert_eq!(account.len(), 12);
    let key = said(&run(&["access-key", "create", &account]));
    let id = key.lines().next().unwrap().strip_prefix("AWS_ACCESS_KEY_ID=").unwrap().to_owned();
    assert!(id.starts_with("AKIA") && id.len() == 20);
    assert!(said(&run(&["access-key", "list", &account])).contains("enabled"));
    assert!(run(&["access-key", "disable", &account, &id]).status.success());
    assert!(said(&run(&["access-key", "list", &account])).contains("disabled"));
    assert!(run(&["access-key", "delete", &account, &id]).status.success());
    assert!(!run(&["access-key", "delete", &account, &id]).status.success());
    assert!(!run(&["access-key", "create", "999999999999"]).status.success());
    assert!(!run(&["account", "create", "x", "--id", "12"]).status.success());
}

/// Who moves in keeps their ids: tokens, configurations and databases elsewhere hold them.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn pools_clients_and_users_are_made_with_ids_of_ones_own(_: PgPoolOptions, db: PgConnectOptions) {
    let data = DataDir::new();
    let run = |arguments: &[&str], request: Value| -> Result<Value, String> {
        let mut command = cognate(&data.0);
        command
            .env("COGNATE_DATABASE_URL", db.to_url_lossy().as_str())
            .env("COGNATE_ROOT_KEY", "ab12".repeat(16));
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), request.to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        match output.status.success() {
            true => Ok(serde_json::from_slice(&output.stdout).unwrap()),
            false => Err(String::from_utf8(output.stderr).unwrap()),
        }
    };
    let account = run(&["account", "create", "acme", "--id", "123456789012"], Value::Null).unwrap();
    assert_eq!(account, json!(123_456_789_012_u64));
    let pool = "us-east-1_MovedIn99";
    let create_pool = ["user-pool", "create", "--account", "123456789012", "--id", pool, "-"];
    let request = json!({ "PoolName": "moved", "AutoVerifiedAttributes": ["email"] });
    let created = run(&create_pool, request.clone()).unwrap();
    assert_eq!(created["UserPool"]["Id"], pool);
    assert!(run(&create_pool, request.clone()).unwrap_err().contains("That id is taken."));
    for (account, id, error) in [
        ("123456789012", "nonsense", "is not the id of a user pool"),
        ("123456789012", "eu-west-1_MovedIn99", "is the id of a pool in another region"),
        ("999999999999", "us-east-1_MovedIn98", "account 999999999999 does not exist"),
    ] {
        let create = ["user-pool", "create", "--account", account, "--id", id, "-"];
        assert!(run(&create, request.clone()).unwrap_err().contains(error), "{id}");
    }

    let secret = "s".repeat(40);
    let request = json!({ "UserPoolId": pool, "ClientName": "web", "ClientSecret": secret });
    let create_client = ["app-client", "create", "--id", "1example23456789", "-"];
    let created = run(&create_client, request.clone()).unwrap();
    assert_eq!(created["UserPoolClient"]["ClientId"], "1example23456789");
    assert_eq!(created["UserPoolClient"]["ClientSecret"], secret.as_str());
    assert!(run(&create_client, request).unwrap_err().contains("That id is taken."));
    let elsewhere = json!({ "UserPoolId": "us-east-1_None", "ClientName": "web" });
    assert!(run(&["app-client", "create", "-"], elsewhere).unwrap_err().contains("does not exist"));

    let sub = "74785488-4041-70a4-dcfe-cddfca936be5";
    let request = json!({ "UserPoolId": pool, "Username": "ada", "MessageAction": "SUPPRESS" });
    let create_user = ["user", "create", "--sub", sub, "-"];
    let created = run(&create_user, request).unwrap();
    assert_eq!(created["User"]["Attributes"], json!([{ "Name": "sub", "Value": sub }]));
    let other = json!({ "UserPoolId": pool, "Username": "bob", "MessageAction": "SUPPRESS" });
    assert!(run(&create_user, other).unwrap_err().contains("That id is taken."));
    let short = json!({ "UserPoolId": pool });
    assert!(run(&create_user, short).unwrap_err().contains("1 validation error detected"));
    assert_eq!(run(&["user-pool", "count-users", pool], Value::Null).unwrap(), json!(1));
    let elsewhere = run(&["user-pool", "count-users", "us-east-1_None"], Value::Null);
    assert!(elsewhere.unwrap_err().contains("does not exist"));
}

/// KEY-1, OPS-3, OPS-4.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn it_does_not_start_with_a_configuration_that_is_not_sound(_: PgPoolOptions, db: PgConnectOptions) {
    let data = DataDir::new();
    let url = db.to_url_lossy().to_string();
    let refused = |settings: &[(&str, &str)], words: &str| {
        let mut command = cognate(&data.0);
        command.arg("serve").envs(settings.iter().map(|(name, value)| (format!("COGNATE_{name}"), value)));
        let output = command.output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && complaint.contains(words), "{settings:?}: {complaint}");
    };
    refused(&[("LISTNE", "127.0.0.1:1")], "listne");
    refused(&[("LISTEN", "0.0.0.0:4566")], "loopback only");
    refused(&[("DATABASE_URL", &url)], "root key");
    refused(&[("DATABASE_URL", &url), ("ROOT_KEY", &"00".repeat(32))], "placeholder");
    refused(&[("DATABASE_URL", &url), ("ROOT_KEY", "short")], "32 bytes");
    let set_up = cognate(&data.0)
        .args(["config", "check"])
        .env("COGNATE_DATABASE_URL", &url)
        .env("COGNATE_ROOT_KEY", "ab12".repeat(16))
        .output()
        .unwrap();
    assert!(set_up.status.success());

    let mut command = cognate(&data.0);
    command.env("COGNATE_DATABASE_URL", &url).env("COGNATE_ROOT_KEY", "ab12".repeat(16));
    let serving = Serving::start(command).await;
    serving.signal(Signal::SIGTERM);
    assert_eq!(serving.ended(Duration::from_secs(30)).await, Some(0));
    refused(
        &[("DATABASE_URL", &url), ("ROOT_KEY", &"cd34".repeat(16)), ("LISTEN", "127.0.0.1:0")],
        "not the root key",
    );
}

/// Case 69, OPS-1.
#[sqlx::test(migrations = false)]
async fn two_replicas_start_on_an_empty_database_at_once(_: PgPoolOptions, db: PgConnectOptions) {
    let (first, second) = (DataDir::new(), DataDir::new());
    let replica = |data: &DataDir| {
        let mut command = cognate(&data.0);
        command
            .env("COGNATE_DATABASE_URL", db.to_url_lossy().as_str())
            .env("COGNATE_ROOT_KEY", "ab12".repeat(16));
        Serving::start(command)
    };
    let (first, second) = tokio::join!(replica(&first), replica(&second));
    for serving in [first, second] {
        serving.signal(Signal::SIGTERM);
        assert_eq!(serving.ended(Duration::from_secs(30)).await, Some(0));
    }
}
