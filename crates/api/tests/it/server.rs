//! The server under test: on a free port, over a database of its own, with a clock that tests can move.

mod replica;

use std::path::PathBuf;

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::config::retry::RetryConfig;
use aws_sdk_cognitoidentityprovider::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_cognitoidentityprovider::error::ProvideErrorMetadata;
use aws_sdk_cognitoidentityprovider::types::{
    AttributeType, AuthFlowType, AuthenticationResultType, EmailConfigurationType, EmailSendingAccountType,
    ExplicitAuthFlowsType, VerifiedAttributeType,
};
use cognate_api::config::{Config, LogFormat};
use cognate_api::server::{self, Running};
use cognate_core::{App, Clock, account};
use cognate_store::message::{self, MessageBody};
use cognate_store::seal::RootKey;
use cognate_store::{AccountId, Db, UserPoolId, user_pool};
use secrecy::ExposeSecret as _;
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

/// A password that every default policy accepts.
pub(crate) const PASSWORD: &str = "Correct-Horse-7";
/// Another one.
pub(crate) const OTHER_PASSWORD: &str = "Battery-Staple-8";

/// How a server under test is set up.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) development: bool,
    pub(crate) connections: u32,
    pub(crate) smtp_url: Option<String>,
    pub(crate) sns_endpoint_url: Option<String>,
    pub(crate) largest_page: i32,
    pub(crate) leaked_passwords: Option<std::path::PathBuf>,
    pub(crate) guesses_per_hour: i32,
    pub(crate) sign_in_code_digits: u8,
    pub(crate) messages_per_pool: Option<i32>,
    pub(crate) outbound_networks: Option<String>,
    pub(crate) lambda_urls: Option<String>,
    pub(crate) lambda_endpoint_url: Option<String>,
    pub(crate) trigger_timeout_seconds: u32,
    /// A certificate and its key, to end TLS in the server.
    pub(crate) tls: Option<(PathBuf, PathBuf)>,
}

impl Setup {
    /// Development mode, which delivers text messages as well.
    pub(crate) fn development() -> Self {
        Self { development: true, ..Self::default() }
    }
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            development: false,
            connections: 8,
            smtp_url: None,
            sns_endpoint_url: None,
            largest_page: 60,
            leaked_passwords: None,
            guesses_per_hour: 10,
            sign_in_code_digits: 8,
            messages_per_pool: None,
            outbound_networks: Some("127.0.0.0/8".to_owned()),
            lambda_urls: None,
            lambda_endpoint_url: None,
            trigger_timeout_seconds: 5,
            tls: None,
        }
    }
}

/// A running server, and an account with an access key on it.
pub(crate) struct TestServer {
    pub(crate) url: String,
    pub(crate) clock: Clock,
    pub(crate) db: Db,
    pub(crate) account: AccountId,
    /// Signs with the account's key.
    pub(crate) aws: Client,
    pub(crate) http: reqwest::Client,
    config: Config,
    root_key: RootKey,
    running: Running,
}

impl TestServer {
    /// Starts a server, runs the test, and stops the server and its connections before the database is dropped.
    pub(crate) async fn run(database: PgConnectOptions, test: impl AsyncFnOnce(&Self)) {
        Self::run_as(Setup::default(), database, test).await;
    }

    pub(crate) async fn run_as(setup: Setup, database: PgConnectOptions, test: impl AsyncFnOnce(&Self)) {
        let server = Self::start(setup, database).await;
        test(&server).await;
        server.stop().await;
    }

    async fn start(setup: Setup, database: PgConnectOptions) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        // The port is in the tokens' issuer, so it is chosen before the start.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("http://127.0.0.1:{port}");
        let config = Config {
            listen: format!("127.0.0.1:{port}").parse().unwrap(),
            public_url: Some(url.clone()),
            database_url: Some(database.to_url_lossy().to_string().into()),
            database_connections: Some(setup.connections),
            data_dir: None,
            region: "us-east-1".into(),
            root_key: None,
            root_key_file: None,
            domain_suffix: Some("pools.test".into()),
            trusted_proxies: None,
            tls_cert: setup.tls.as_ref().map(|(certificate, _)| certificate.clone()),
            tls_key: setup.tls.map(|(_, key)| key),
            smtp_url: setup.smtp_url.map(Into::into),
            sns_endpoint_url: setup.sns_endpoint_url,
            sns_region: None,
            sns_access_key_id: Some("AKIDEXAMPLE".into()),
            sns_secret_access_key: Some("sesame".into()),
            sns_sender_id: None,
            sns_origination_number: None,
            email_sender: "Cognate <no-reply@example.com>".into(),
            email_sender_domains: Some("tenant.example".into()),
            outbound_networks: setup.outbound_networks,
            outbound_http: Some(true),
            lambda_urls: setup.lambda_urls,
            lambda_access_key_id: setup.lambda_endpoint_url.as_ref().map(|_| "AKIDEXAMPLE".into()),
            lambda_secret_access_key: setup.lambda_endpoint_url.as_ref().map(|_| "sesame".into()),
            lambda_endpoint_url: setup.lambda_endpoint_url,
            kms_endpoint_url: None,
            kms_access_key_id: None,
            kms_secret_access_key: None,
            trigger_timeout_seconds: setup.trigger_timeout_seconds,
            trigger_attempts: 3,
            trigger_exceptions: None,
            leaked_passwords: setup.leaked_passwords,
            password_failures: 5,
            longest_lock_seconds: 900,
            guesses_per_code: 10,
            guesses_per_hour: setup.guesses_per_hour,
            messages_per_hour: None,
            messages_per_address: None,
            messages_per_pool: setup.messages_per_pool,
            sign_up_code_minutes: 1440,
            reset_code_minutes: 60,
            code_digits: 6,
            sign_in_code_digits: setup.sign_in_code_digits,
            largest_page: setup.largest_page,
            dev: Some(setup.development),
            metrics_listen: None,
            log_format: LogFormat::Text,
            drain_seconds: 0,
        };
        let root_key = RootKey::new(&RootKey::generate().unwrap()).unwrap();
        let clock = Clock::default();
        let (db, running) = launch(&config, &root_key, &clock).await;
        let account = match setup.development {
            true => AccountId::development(),
            false => account::create(&db, &clock, None, "test").await.unwrap().id,
        };
        let (key, secret) = account::create_access_key(&db, &clock, &account).await.unwrap();
        let aws = client(&url, &key.id, secret.expose_secret());
        Self { url, clock, db, account, aws, http: reqwest_client(), config, root_key, running }
    }

    async fn stop(self) {
        self.running.stop().await;
    }

    /// What commands work with, beside the server.
    pub(crate) fn app(&self) -> App {
        server::app(&self.config, self.db.clone(), self.clock.clone()).unwrap()
    }

    /// Another account, and a client that signs with its key.
    pub(crate) async fn other_account(&self) -> (AccountId, Client) {
        let account = account::create(&self.db, &self.clock, None, "other").await.unwrap().id;
        let (key, secret) = account::create_access_key(&self.db, &self.clock, &account).await.unwrap();
        (account, client(&self.url, &key.id, secret.expose_secret()))
    }

    /// A pool that verifies email, with a client for passwords, sent or proven, and refresh.
    pub(crate) async fn user_pool(&self) -> TestPool<'_> {
        let created = self
            .aws
            .create_user_pool()
            .pool_name("test")
            .auto_verified_attributes(VerifiedAttributeType::Email);
        let id = created.send().await.unwrap().user_pool.unwrap().id.unwrap();
        self.with_client(id, false).await
    }

    /// The same pool with a client that hides who exists where asked.
    pub(crate) async fn with_client(&self, id: String, hides_users: bool) -> TestPool<'_> {
        use aws_sdk_cognitoidentityprovider::types::PreventUserExistenceErrorTypes::Enabled;
        let mut create = self
            .aws
            .create_user_pool_client()
            .user_pool_id(&id)
            .client_name("web")
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth)
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowAdminUserPasswordAuth)
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowUserSrpAuth)
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth);
        if hides_users {
            create = create.prevent_user_existence_errors(Enabled);
        }
        let client = create.send().await.unwrap().user_pool_client.unwrap().client_id.unwrap();
        TestPool { server: self, id, client }
    }

    /// The newest message to an address that is still in the outbox.
    pub(crate) async fn message_to(&self, address: &str) -> Option<MessageBody> {
        for message in message::recent(&self.db, &self.account, 100).await.unwrap() {
            let pool = user_pool::get(&self.db, &message.user_pool).await.unwrap().unwrap();
            let body = message.open(&pool).unwrap();
            if body.destination == address {
                return Some(body);
            }
        }
        None
    }

    /// The newest code that was sent to an address.
    pub(crate) async fn code_to(&self, address: &str) -> String {
        self.message_to(address).await.expect("no message").code.clone()
    }

    /// Calls an operation without the SDK, and without signing.
    pub(crate) async fn call(&self, operation: &str, body: impl Into<reqwest::Body>) -> reqwest::Response {
        self.http
            .post(&self.url)
            .header("X-Amz-Target", format!("AWSCognitoIdentityProviderService.{operation}"))
            .header("Content-Type", "application/x-amz-json-1.1")
            .body(body)
            .send()
            .await
            .unwrap()
    }

    /// As [`TestServer::call`], returning the error's status and body.
    pub(crate) async fn refusal(
        &self,
        operation: &str,
        body: impl Into<reqwest::Body>,
    ) -> (u16, serde_json::Value) {
        let response = self.call(operation, body).await;
        (response.status().as_u16(), response.json().await.unwrap())
    }
}

async fn launch(config: &Config, root_key: &RootKey, clock: &Clock) -> (Db, Running) {
    let url = config.database_url.clone().unwrap();
    let db = Db::new(&config.database(url), root_key.clone()).unwrap();
    let running = server::start(config, db.clone(), clock.clone()).await.unwrap();
    (db, running)
}

#[expect(clippy::disallowed_methods, reason = "talks to the server under test alone")]
fn reqwest_client() -> reqwest::Client {
    reqwest::Client::new()
}

/// An SDK client that signs with a key and does not retry.
pub(crate) fn client(url: &str, key: &str, secret: &str) -> Client {
    let config = aws_sdk_cognitoidentityprovider::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(url)
        .credentials_provider(Credentials::new(key, secret, None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}

/// A pool of the server under test, seen through one of its clients.
pub(crate) struct TestPool<'a> {
    pub(crate) server: &'a TestServer,
    pub(crate) id: String,
    pub(crate) client: String,
}

/// The email settings of a pool with a sender of its own, as codes by email after a password want it.
pub(crate) fn own_sender() -> EmailConfigurationType {
    EmailConfigurationType::builder()
        .email_sending_account(EmailSendingAccountType::Developer)
        .source_arn("arn:aws:ses:us-east-1:123456789012:identity/no-reply@tenant.example")
        .build()
}

/// An attribute.
pub(crate) fn attribute(name: &str, value: &str) -> AttributeType {
    AttributeType::builder().name(name).value(value).build().unwrap()
}

impl TestPool<'_> {
    pub(crate) fn pool_id(&self) -> UserPoolId {
        UserPoolId::new(&self.id)
    }

    /// Signs up with an email address made of the username.
    pub(crate) async fn sign_up(&self, username: &str) {
        let request = self.server.aws.sign_up().client_id(&self.client).username(username).password(PASSWORD);
        request.user_attributes(attribute("email", &email_of(username))).send().await.unwrap();
    }

    /// Signs up and confirms with the code that was sent.
    pub(crate) async fn confirmed_user(&self, username: &str) {
        self.sign_up(username).await;
        let code = self.server.code_to(&email_of(username)).await;
        let request = self.server.aws.confirm_sign_up().client_id(&self.client).username(username);
        request.confirmation_code(code).send().await.unwrap();
    }

    /// A user an administrator made, with the usual password for good.
    pub(crate) async fn admin_user(&self, username: &str) {
        use aws_sdk_cognitoidentityprovider::types::MessageActionType::Suppress;
        let create = self.server.aws.admin_create_user().user_pool_id(&self.id).username(username);
        create.message_action(Suppress).send().await.unwrap();
        self.set_password(username, PASSWORD, true).await;
    }

    pub(crate) async fn set_password(&self, username: &str, password: &str, permanent: bool) {
        let set = self.server.aws.admin_set_user_password().user_pool_id(&self.id).username(username);
        set.password(password).permanent(permanent).send().await.unwrap();
    }

    /// An InitiateAuth by password, to be sent.
    pub(crate) fn password_auth(
        &self,
        username: &str,
        password: &str,
    ) -> aws_sdk_cognitoidentityprovider::operation::initiate_auth::builders::InitiateAuthFluentBuilder {
        self.server
            .aws
            .initiate_auth()
            .client_id(&self.client)
            .auth_flow(AuthFlowType::UserPasswordAuth)
            .auth_parameters("USERNAME", username)
            .auth_parameters("PASSWORD", password)
    }

    /// Signs in, which must work.
    pub(crate) async fn sign_in(&self, username: &str, password: &str) -> AuthenticationResultType {
        self.password_auth(username, password).send().await.unwrap().authentication_result.unwrap()
    }

    /// A refresh, to be sent.
    pub(crate) fn refresh(
        &self,
        token: &str,
    ) -> aws_sdk_cognitoidentityprovider::operation::initiate_auth::builders::InitiateAuthFluentBuilder {
        self.server
            .aws
            .initiate_auth()
            .client_id(&self.client)
            .auth_flow(AuthFlowType::RefreshTokenAuth)
            .auth_parameters("REFRESH_TOKEN", token)
    }
}

/// The address that test users have.
pub(crate) fn email_of(username: &str) -> String {
    format!("{username}@example.com")
}

/// The error's type and message, as the SDK read them.
pub(crate) fn said(error: impl ProvideErrorMetadata) -> (String, String) {
    (error.code().unwrap_or_default().to_owned(), error.message().unwrap_or_default().to_owned())
}
