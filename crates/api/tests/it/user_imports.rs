//! Importing users from files.

mod jobs;
mod passwords;

use std::time::{Duration, Instant};

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types::{
    AttributeType, PasswordHashingAlgorithmType as Algorithm, SchemaAttributeType,
    UserImportJobStatusType as Status, UserImportJobType, UserStatusType, UsernameAttributeType,
    VerifiedAttributeType,
};
use cognate_store::user::{self, Login};
use cognate_store::{UserPoolId, password, user_import, user_pool};
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::server::{PASSWORD, TestPool, TestServer, attribute, email_of, said};

const ROLE: &str = "arn:aws:iam::000000000000:role/import";
const HEADER: &str = "cognito:username,cognito:mfa_enabled,email,email_verified";

/// A job, with the pool and the account's client that it belongs to.
struct Job<'a> {
    server: &'a TestServer,
    aws: &'a Client,
    pool: &'a str,
    id: String,
    url: String,
}

impl<'a> Job<'a> {
    async fn create(pool: &'a TestPool<'_>, algorithm: Option<Algorithm>) -> Self {
        Self::of(pool.server, &pool.server.aws, &pool.id, algorithm).await
    }

    async fn of(
        server: &'a TestServer,
        aws: &'a Client,
        pool: &'a str,
        algorithm: Option<Algorithm>,
    ) -> Self {
        let create = aws.create_user_import_job().user_pool_id(pool).job_name("users of old");
        let create = create.cloud_watch_logs_role_arn(ROLE).set_password_hashing_algorithm(algorithm);
        let job = create.send().await.unwrap().user_import_job.unwrap();
        assert_eq!(job.status, Some(Status::Created));
        Self { server, aws, pool, id: job.job_id.unwrap(), url: job.pre_signed_url.unwrap() }
    }

    /// Uploads as AWS's guide does, and returns status and text.
    async fn put(&self, file: impl Into<reqwest::Body>) -> (u16, String) {
        put(self.server, &self.url, file).await
    }

    async fn upload(&self, file: impl Into<reqwest::Body>) {
        assert_eq!(self.put(file).await, (200, String::new()));
    }

    async fn start(&self) {
        let start = self.aws.start_user_import_job().user_pool_id(self.pool).job_id(&self.id);
        let job = start.send().await.unwrap().user_import_job.unwrap();
        assert_eq!(job.status, Some(Status::Pending));
        assert!(job.start_date.is_some());
    }

    async fn start_refused(&self) -> (String, String) {
        let start = self.aws.start_user_import_job().user_pool_id(self.pool).job_id(&self.id);
        said(start.send().await.unwrap_err())
    }

    async fn stop_refused(&self) -> (String, String) {
        let stop = self.aws.stop_user_import_job().user_pool_id(self.pool).job_id(&self.id);
        said(stop.send().await.unwrap_err())
    }

    async fn describe(&self) -> UserImportJobType {
        let describe = self.aws.describe_user_import_job().user_pool_id(self.pool).job_id(&self.id);
        describe.send().await.unwrap().user_import_job.unwrap()
    }

    /// Waits until the job is as wanted.
    async fn until(&self, wanted: impl Fn(&UserImportJobType) -> bool) -> UserImportJobType {
        let give_up = Instant::now() + Duration::from_secs(60);
        loop {
            let job = self.describe().await;
            if wanted(&job) {
                return job;
            }
            assert!(Instant::now() < give_up, "{job:?}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    async fn until_ended(&self) -> UserImportJobType {
        let ended = [Status::Succeeded, Status::Failed, Status::Stopped, Status::Expired];
        self.until(|job| ended.contains(job.status.as_ref().unwrap())).await
    }

    async fn run(&self, file: impl Into<reqwest::Body>) -> UserImportJobType {
        self.upload(file).await;
        self.start().await;
        self.until_ended().await
    }

    async fn log(&self) -> Vec<String> {
        let pool = UserPoolId::new(self.pool);
        let batches = user_import::log(&self.server.db, &pool, &self.id, 0, 1_000_000).await.unwrap();
        let lines = batches.iter().flat_map(|(_, entries)| entries.lines());
        lines.map(str::to_owned).collect()
    }
}

async fn put(server: &TestServer, url: &str, file: impl Into<reqwest::Body>) -> (u16, String) {
    let request = server.http.put(url).header("x-amz-server-side-encryption", "aws:kms").body(file);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// Begins an upload that breaks off.
async fn half_of_a_file(server: &TestServer, url: &str) {
    let address = server.url.strip_prefix("http://").unwrap();
    let path = url.strip_prefix(&server.url).unwrap();
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let half = many(1);
    let length = 2 * half.len();
    let request = format!("PUT {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\n\r\n{half}");
    connection.write_all(request.as_bytes()).await.unwrap();
    connection.shutdown().await.unwrap();
    let mut answer = String::new();
    let _ = connection.read_to_string(&mut answer).await;
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// A file of so many users that nothing is wrong with.
fn many(count: usize) -> String {
    let rows = (1..=count).map(|number| format!("user{number},false,user{number}@example.com,true\n"));
    format!("{HEADER}\n{}", rows.collect::<String>())
}

fn counts(job: &UserImportJobType) -> [i64; 3] {
    [job.imported_users, job.skipped_users, job.failed_users]
}

async fn attributes_of(pool: &TestPool<'_>, username: &str) -> Vec<AttributeType> {
    let get = pool.server.aws.admin_get_user().user_pool_id(&pool.id).username(username);
    get.send().await.unwrap().user_attributes.unwrap()
}

async fn stored_password(pool: &TestPool<'_>, username: &str) -> Option<password::Password> {
    let db = &pool.server.db;
    let owned = user_pool::get(db, &pool.pool_id()).await.unwrap().unwrap();
    user::by_login(db, &owned, Login { name: username, sub: None }).await.unwrap().unwrap().1
}

async fn count_users(pool: &TestPool<'_>) -> i32 {
    let describe = pool.server.aws.describe_user_pool().user_pool_id(&pool.id);
    describe.send().await.unwrap().user_pool.unwrap().estimated_number_of_users
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn users_of_a_file_set_a_password_and_sign_in(_: PgPoolOptions, db: PgConnectOptions) {
    let database = db.to_url_lossy().to_string();
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let add = server.aws.add_custom_attributes().user_pool_id(&pool.id);
        add.custom_attributes(SchemaAttributeType::builder().name("team").build()).send().await.unwrap();
        let header = server.aws.get_csv_header().user_pool_id(&pool.id).send().await.unwrap();
        let header = header.csv_header().join(",");
        assert!(
            header.starts_with("name,given_name,")
                && header.ends_with(",updated_at,custom:team,cognito:mfa_enabled,cognito:username")
        );

        let job = Job::create(&pool, None).await;
        assert!(job.id.starts_with("import-") && job.url.starts_with(&server.url), "{}", job.url);
        let ada =
            r"Lovelace\, Ada,,,,,,,,,ada@example.com,true,,12/10/1815,,en-GB,,,,1700000000,engines,false,ada";
        let done = job.run(format!("{header}\r\n{ada}\r\n\r\n")).await;
        assert_eq!((done.status.as_ref().unwrap(), counts(&done)), (&Status::Succeeded, [1, 0, 0]));
        assert_eq!((done.job_name(), done.user_pool_id()), (Some("users of old"), Some(pool.id.as_str())));
        assert_eq!((done.cloud_watch_logs_role_arn(), done.completion_message()), (Some(ROLE), None));
        assert!(done.start_date <= done.completion_date && done.creation_date <= done.start_date);
        assert_eq!(job.log().await, ["[SUCCEEDED] Line Number 2 - The import succeeded."]);
        let shown = std::process::Command::new(env!("CARGO_BIN_EXE_cognate"))
            .args(["import", "log", &pool.id, &job.id])
            .env("COGNATE_DATABASE_URL", database)
            .env("COGNATE_ROOT_KEY", "ab12".repeat(16))
            .env("COGNATE_PUBLIC_URL", "http://127.0.0.1:4566")
            .output()
            .unwrap();
        assert_eq!(
            String::from_utf8_lossy(&shown.stdout),
            "[SUCCEEDED] Line Number 2 - The import succeeded.\n"
        );

        let user = server.aws.admin_get_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert_eq!(user.user_status, Some(UserStatusType::ResetRequired));
        let attributes = attributes_of(&pool, "ada").await;
        for (name, value) in [
            ("name", "Lovelace, Ada"),
            ("email_verified", "true"),
            ("birthdate", "1815-12-10"),
            ("updated_at", "1700000000"),
            ("custom:team", "engines"),
        ] {
            assert!(attributes.contains(&attribute(name, value)), "{name}: {attributes:?}");
        }
        let refused = said(pool.password_auth("ada", PASSWORD).send().await.unwrap_err());
        assert_eq!(
            refused,
            ("PasswordResetRequiredException".into(), "Password reset required for the user".into())
        );
        let discreet = server.with_client(pool.id.clone(), true).await;
        let refused = said(discreet.password_auth("ada", PASSWORD).send().await.unwrap_err());
        assert_eq!(refused, ("NotAuthorizedException".into(), "Incorrect username or password.".into()));
        server.aws.forgot_password().client_id(&pool.client).username("ada").send().await.unwrap();
        let code = server.code_to("ada@example.com").await;
        let confirm = server.aws.confirm_forgot_password().client_id(&pool.client).username("ada");
        confirm.confirmation_code(code).password(PASSWORD).send().await.unwrap();
        pool.sign_in("ada", PASSWORD).await;
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_row_that_is_wrong_is_logged_and_passed_over(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("there").await;
        let job = Job::create(&pool, Some(Algorithm::Bcrypt)).await;
        let mut file = Vec::new();
        let rows: &[&[u8]] = &[
            b"cognito:username,cognito:mfa_enabled,email,email_verified,birthdate,cognito:password_hash",
            b"ada,false,ada@example.com,true,,",
            b"there,false,other@example.com,true,,",
            b"ada,false,again@example.com,true,,",
            b"few,false",
            b"bob,false,bob@example.com,false,,",
            b"bob,true,bob@example.com,true,,",
            b"bob,false,no address,true,,",
            b"bob,false,bob@example.com,true,10.12.1815,",
            b"\xff\xfe,false,bob@example.com,true,,",
            b"bob,false,bob@example.com,true,,$2b$31$8BoFAS7KrBV526Sz5TXk6.UcJvOA9nhI97Cgbwuttae7XsKBHKQbG",
            b"bob,false,bob@example.com,true,,Correct-Horse-7",
            b"",
            b"bob,false,bob@example.com,true,01/02/1903,",
        ];
        for row in rows {
            file.extend_from_slice(row);
            file.push(b'\n');
        }
        file.extend_from_slice(format!("long,false,long@example.com,true,,{}\n", "x".repeat(70_000)).as_bytes());
        file.extend_from_slice(b"eve,FALSE,eve@example.com,TRUE,,");
        let done = job.run(file).await;
        assert_eq!((done.status.as_ref().unwrap(), counts(&done)), (&Status::Succeeded, [3, 2, 9]));
        assert_eq!(
            job.log().await,
            [
                "[SUCCEEDED] Line Number 2 - The import succeeded.",
                "[SKIPPED] Line Number 3 - The user already exists.",
                "[SKIPPED] Line Number 4 - The user already exists.",
                "[FAILED] Line Number 5 - The row has 2 columns where the header has 6.",
                "[FAILED] Line Number 6 - The User Record does not set any of the auto verified attributes to true. \
                 (Example: email_verified to true).",
                "[FAILED] Line Number 7 - cognito:mfa_enabled is true, but MFA is off in the user pool.",
                "[FAILED] Line Number 8 - Invalid email address format.",
                "[FAILED] Line Number 9 - The birthdate is not a date in the format mm/dd/yyyy.",
                "[FAILED] Line Number 10 - The row is not valid UTF-8.",
                "[FAILED] Line Number 11 - The password hash is too costly to check.",
                "[FAILED] Line Number 12 - The password hash cannot be read.",
                "[SUCCEEDED] Line Number 14 - The import succeeded.",
                "[FAILED] Line Number 15 - The row has more than 16,000 characters.",
                "[SUCCEEDED] Line Number 16 - The import succeeded.",
            ]
        );
        // Who was there is as before.
        pool.sign_in("there", PASSWORD).await;
        assert!(attributes_of(&pool, "there").await.contains(&attribute("email", &email_of("there"))));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn addresses_that_sign_somebody_in_are_nobody_elses(_: PgPoolOptions, db: PgConnectOptions) {
    use aws_sdk_cognitoidentityprovider::types::AliasAttributeType;
    TestServer::run(db, async |server| {
        let create = || {
            let create = server.aws.create_user_pool().pool_name("x");
            create.auto_verified_attributes(VerifiedAttributeType::Email)
        };
        let by_address = create().username_attributes(UsernameAttributeType::Email).send().await.unwrap();
        let pool = server.with_client(by_address.user_pool.unwrap().id.unwrap(), false).await;
        let header = "cognito:username,email_verified,cognito:mfa_enabled";
        let job = Job::create(&pool, None).await;
        job.run(format!("{header}\na@example.com,true,false\nb@example.com,true,false")).await;
        let job = Job::create(&pool, None).await;
        let done = job
            .run(format!("{header}\nb@example.com,true,false\nc@example.com,true,false\nada,true,false"))
            .await;
        assert_eq!(counts(&done), [1, 1, 1]);
        assert_eq!(
            job.log().await,
            [
                "[SKIPPED] Line Number 2 - The user already exists.",
                "[SUCCEEDED] Line Number 3 - The import succeeded.",
                "[FAILED] Line Number 4 - Username should be an email.",
            ]
        );
        let get = server.aws.admin_get_user().user_pool_id(&pool.id).username("c@example.com");
        let user = get.send().await.unwrap();
        assert!(user.user_attributes().contains(&attribute("sub", &user.username)));

        let with_alias = create().alias_attributes(AliasAttributeType::Email).send().await.unwrap();
        let pool = server.with_client(with_alias.user_pool.unwrap().id.unwrap(), false).await;
        let job = Job::create(&pool, None).await;
        let done =
            job.run(format!("{HEADER}\nada,false,a@example.com,true\nbob,false,a@example.com,true")).await;
        assert_eq!(counts(&done), [1, 0, 1]);
        assert_eq!(job.log().await[1], "[FAILED] Line Number 3 - An alias of the user is somebody else's.");
        let get = server.aws.admin_get_user().user_pool_id(&pool.id).username("a@example.com");
        assert_eq!(get.send().await.unwrap().username, "ada");
    })
    .await;
}

/// Rows that repeat rows of the batch before, which is being saved while their names are looked up, and of their own batch.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn who_comes_twice_in_a_file_is_imported_once(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let job = Job::create(&pool, None).await;
        let file = many(1_500);
        let again: Vec<_> = file.lines().skip(900).take(400).collect();
        let done = job.run(format!("{}\n{}\n", file.trim_end(), again.join("\n"))).await;
        assert_eq!((done.status.as_ref().unwrap(), counts(&done)), (&Status::Succeeded, [1_500, 400, 0]));
        assert_eq!(count_users(&pool).await, 1_500);
    })
    .await;
}

/// Names that people sign up with while their rows are loaded.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn who_signs_up_during_an_import_is_not_imported_again(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let job = Job::create(&pool, None).await;
        job.upload(many(8_000)).await;
        job.start().await;
        let mut signed_up = 0;
        for number in (1..=40).map(|number| number * 200) {
            let name = format!("user{number}");
            let sign_up = server.aws.sign_up().client_id(&pool.client).username(&name).password(PASSWORD);
            match sign_up.user_attributes(attribute("email", &email_of(&name))).send().await {
                Ok(_) => signed_up += 1,
                Err(error) => assert_eq!(said(error).0, "UsernameExistsException"),
            }
        }
        let done = job.until_ended().await;
        assert_eq!(
            (done.status.as_ref().unwrap(), counts(&done)),
            (&Status::Succeeded, [8_000 - signed_up, signed_up, 0])
        );
        assert_eq!(count_users(&pool).await, 8_000);
    })
    .await;
}
