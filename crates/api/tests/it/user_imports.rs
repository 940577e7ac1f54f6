//! Importing users from files.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types::{
    AttributeType, PasswordHashingAlgorithmType as Algorithm, SchemaAttributeType,
    UserImportJobStatusType as Status, UserImportJobType, UserStatusType, UsernameAttributeType,
    VerifiedAttributeType,
};
use cognate_store::{UserPoolId, password, user, user_import, user_pool};
use secrecy::ExposeSecret as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::server::{OTHER_PASSWORD, PASSWORD, Setup, TestPool, TestServer, attribute, email_of, said};

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
    user::by_login(db, &owned, username, None).await.unwrap().unwrap().1
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

/// KEY-5. Made with Python's `bcrypt`, `hashlib` and `argon2`.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn passwords_hashed_elsewhere_sign_in_and_are_hashed_anew(_: PgPoolOptions, db: PgConnectOptions) {
    let hashes = [
        (Algorithm::Bcrypt, "$2b$05$8BoFAS7KrBV526Sz5TXk6.UcJvOA9nhI97Cgbwuttae7XsKBHKQbG"),
        (
            Algorithm::Scrypt,
            "$scrypt$ln=10,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$KA5iAMEgoTvHWc+qeiHrJqnPvWTgkwuKFWo8Xy18Zpw",
        ),
        (
            Algorithm::Pbkdf2Sha256,
            "$pbkdf2-sha256$i=1000$AAECAwQFBgcICQoLDA0ODw$VrVVFC9l06r9lwjSM7+3+X7DO36uYtywnmEE+lVFjBA",
        ),
        (
            Algorithm::Argon2Id,
            "$argon2id$v=19$m=1024,t=1,p=2$WRrtC0tzYn8S+mpWF1HPIw$Ppc/ObofMUPLi4CrkfhWvaM9b2KyB+xD",
        ),
        // As ours, but for the SRP verifier.
        (
            Algorithm::Argon2Id,
            "$argon2id$v=19$m=19456,t=2,p=1$lMzpzgBqAFo8+DULM1b4Sw$xIg7OiLuYEwc40wv9fTqI+Ze0mFHuhBMDjF8QtDM5PA",
        ),
    ];
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        for (number, (algorithm, hash)) in hashes.into_iter().enumerate() {
            let job = Job::create(&pool, Some(algorithm.clone())).await;
            let name = format!("user{number}");
            let row = format!("{name},false,{name}@example.com,true,{}", hash.replace(',', "\\,"));
            let without = format!("without{number},false,without{number}@example.com,true,");
            let done = job.run(format!("{HEADER},cognito:password_hash\n{row}\n{without}\n")).await;
            assert_eq!(done.password_hashing_algorithm, Some(algorithm));
            assert_eq!(counts(&done), [2, 0, 0], "{:?}", job.log().await);
            let get = server.aws.admin_get_user().user_pool_id(&pool.id).username(&name);
            assert_eq!(get.send().await.unwrap().user_status, Some(UserStatusType::Confirmed));
            let imported = stored_password(&pool, &name).await.unwrap();
            assert_eq!((imported.hash.expose_secret(), imported.has_verifier), (hash, false));
            assert!(stored_password(&pool, &format!("without{number}")).await.is_none());

            let wrong = said(pool.password_auth(&name, OTHER_PASSWORD).send().await.unwrap_err());
            assert_eq!(wrong.1, "Incorrect username or password.");
            let first = pool.sign_in(&name, PASSWORD).await;
            let ours = stored_password(&pool, &name).await.unwrap();
            assert!(ours.hash.expose_secret().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
            assert!(ours.has_verifier && ours.hash.expose_secret() != hash);
            assert_eq!(ours.changed_at, imported.changed_at);
            pool.sign_in(&name, PASSWORD).await;
            let kept = stored_password(&pool, &name).await.unwrap();
            assert_eq!(kept.hash.expose_secret(), ours.hash.expose_secret());
            // The session that began with the old hash goes on.
            pool.refresh(first.refresh_token().unwrap()).send().await.unwrap();
            let change = server.aws.change_password().access_token(first.access_token.unwrap());
            change.previous_password(PASSWORD).proposed_password(OTHER_PASSWORD).send().await.unwrap();
            pool.sign_in(&name, OTHER_PASSWORD).await;
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn bcrypt_forgives_what_follows_72_bytes_until_the_password_is_hashed_anew(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    let (long, hash) = (PASSWORD.repeat(6), "$2b$05$LKKv7wKO5DoiY.sZbVBNreN85KG3QA5O4/fjJQAMutjawxwG/P3G.");
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let job = Job::create(&pool, Some(Algorithm::Bcrypt)).await;
        let rows = ["ada", "bob"].map(|name| format!("{name},false,{name}@example.com,true,{hash}\n"));
        job.run(format!("{HEADER},cognito:password_hash\n{}", rows.concat())).await;
        pool.password_auth("ada", &long[..71]).send().await.unwrap_err();
        pool.sign_in("ada", &long).await;
        pool.password_auth("ada", &long[..72]).send().await.unwrap_err();
        pool.sign_in("ada", &long).await;
        pool.sign_in("bob", &long[..72]).await;
        pool.password_auth("bob", &long).send().await.unwrap_err();
        // A hash that is kept is worth no more than a password: a change ends it.
        pool.set_password("bob", PASSWORD, true).await;
        pool.sign_in("bob", PASSWORD).await;
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

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_job_that_is_stopped_keeps_what_it_has_and_meanwhile_the_pool_stays_as_it_is(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let other = server.user_pool().await;
        let (account, stranger) = server.other_account().await;
        assert_ne!(account, server.account);
        let theirs = stranger
            .create_user_pool()
            .pool_name("theirs")
            .auto_verified_attributes(VerifiedAttributeType::Email)
            .send()
            .await
            .unwrap();
        let theirs = theirs.user_pool.unwrap().id.unwrap();

        let (job, second) = (Job::create(&pool, None).await, Job::create(&other, None).await);
        let third = Job::of(server, &stranger, &theirs, None).await;
        job.upload(many(60_000)).await;
        second.upload(many(2)).await;
        third.upload(many(3)).await;
        job.start().await;
        third.start().await;
        let refused = second.start_refused().await;
        assert_eq!(
            refused,
            ("PreconditionNotMetException".into(), "Another import job of the account is active.".into())
        );
        let running = job.until(|job| job.imported_users > 0).await;
        assert_eq!(running.status, Some(Status::InProgress));

        let in_progress = "UserImportInProgressException";
        let update = || server.aws.update_user_pool().user_pool_id(&pool.id);
        assert_eq!(said(update().send().await.unwrap_err()).0, in_progress);
        let add = server.aws.add_custom_attributes().user_pool_id(&pool.id);
        let add = add.custom_attributes(SchemaAttributeType::builder().name("x").build());
        assert_eq!(said(add.send().await.unwrap_err()).0, in_progress);
        let delete = server.aws.delete_user_pool().user_pool_id(&pool.id);
        assert_eq!(said(delete.send().await.unwrap_err()).0, in_progress);
        server.aws.update_user_pool().user_pool_id(&other.id).send().await.unwrap();
        assert_eq!(job.start_refused().await.0, "PreconditionNotMetException");

        let stop = server.aws.stop_user_import_job().user_pool_id(&pool.id).job_id(&job.id);
        assert_eq!(stop.send().await.unwrap().user_import_job.unwrap().status, Some(Status::Stopping));
        let stopped = job.until_ended().await;
        assert_eq!(stopped.status, Some(Status::Stopped));
        assert_eq!(stopped.completion_message(), Some("The Import Job was stopped by the developer."));
        let imported = stopped.imported_users;
        assert!((1..60_000).contains(&imported), "{imported}");
        assert_eq!(i64::from(count_users(&pool).await), imported);
        assert_eq!(job.log().await.len() as i64, imported);
        assert_eq!(job.stop_refused().await.0, "PreconditionNotMetException");

        update().auto_verified_attributes(VerifiedAttributeType::Email).send().await.unwrap();
        assert_eq!(counts(&third.until_ended().await), [3, 0, 0]);
        // What was imported before the stop is there already.
        let again = Job::create(&pool, None).await;
        assert_eq!(counts(&again.run(many(imported as usize + 5)).await), [5, imported, 0]);
        server.aws.delete_user_pool().user_pool_id(&pool.id).send().await.unwrap();
        let describe = server.aws.describe_user_import_job().user_pool_id(&pool.id).job_id(&job.id);
        assert_eq!(said(describe.send().await.unwrap_err()).0, "ResourceNotFoundException");
    })
    .await;
}

/// DUR-1.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_worker_that_dies_is_followed_by_another_that_repeats_nothing(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db.clone(), async |server| {
        let replica = server.replica().await;
        let pool = server.user_pool().await;
        let job = Job::create(&pool, None).await;
        job.upload(many(20_000)).await;
        job.start().await;
        let mut connection = sqlx::PgConnection::connect_with(&db).await.unwrap();
        // As if the lease of whoever has the job had ended: it is anybody's, and what they go on saving must not count.
        let mut taken_over = 0;
        let mut before = 0;
        while taken_over < 3 {
            let running = job.until(|job| job.imported_users > before || job.completion_date.is_some()).await;
            if running.completion_date.is_some() {
                break;
            }
            before = running.imported_users;
            let took = sqlx::query("update user_import_jobs set lease = null, leased_until = to_timestamp(0) where status = 'InProgress'");
            taken_over += took.execute(&mut connection).await.unwrap().rows_affected();
        }
        assert!(taken_over > 0);
        let done = job.until_ended().await;
        assert_eq!((done.status.as_ref().unwrap(), counts(&done)), (&Status::Succeeded, [20_000, 0, 0]));
        assert_eq!(count_users(&pool).await, 20_000);
        let log = job.log().await;
        let lines: BTreeSet<&str> = log.iter().map(|line| line.split(' ').nth(3).unwrap()).collect();
        assert_eq!((log.len(), lines.len()), (20_000, 20_000));
        let files: i64 =
            sqlx::query_scalar("select count(*) from user_import_files").fetch_one(&mut connection).await.unwrap();
        assert_eq!(files, 0);
        connection.close().await.unwrap();
        replica.stop().await;
    })
    .await;
}

/// OPS-2.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_server_that_stops_gives_its_job_back(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let job = Job::create(&pool, None).await;
        job.upload(many(20_000)).await;
        let replica = server.replica().await;
        job.start().await;
        job.until(|job| job.imported_users > 0).await;
        replica.stop().await;
        assert_eq!(counts(&job.until_ended().await), [20_000, 0, 0]);
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

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_url_takes_the_file_of_its_job_until_the_job_starts(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let (job, other) = (Job::create(&pool, None).await, Job::create(&pool, None).await);
        assert_eq!(job.describe().await.pre_signed_url.unwrap(), job.url);

        let invalid = (403, "The URL is not valid.\n".to_owned());
        let (before, proof) = job.url.rsplit_once('/').unwrap();
        let (expires, signature) = proof.split_once('.').unwrap();
        let later = expires.parse::<i64>().unwrap() + 60;
        for forged in [
            job.url.replace(&job.id, &other.id),
            job.url.replace(&pool.id, &server.user_pool().await.id),
            job.url.replace(&pool.id, "us-east-1_000000000"),
            format!("{before}/{later}.{signature}"),
            format!("{before}/{expires}.{}", "A".repeat(43)),
            format!("{before}/{expires}."),
            format!("{before}/x"),
        ] {
            assert_eq!(put(server, &forged, many(1)).await, invalid, "{forged}");
        }
        let not_put = server.http.get(&job.url).send().await.unwrap();
        assert_eq!(not_put.status().as_u16(), 404);
        let compressed = server.http.put(&job.url).header("content-encoding", "gzip").body("x");
        assert_eq!(compressed.send().await.unwrap().status().as_u16(), 415);
        let large = job.put(vec![b'x'; 100 * 1024 * 1024 + 1]).await;
        assert_eq!(large, (413, "The file is larger than 100 MB.\n".into()));
        let crowded = job.put("\n".repeat(500_002)).await;
        assert_eq!(crowded, (413, "The file has more than 500,000 users.\n".into()));
        half_of_a_file(server, &job.url).await;
        let refused = job.start_refused().await;
        assert_eq!(
            refused,
            ("PreconditionNotMetException".into(), "No file was uploaded to the job's PreSignedUrl.".into())
        );

        // The last whole upload counts, and an unsuccessful one takes nothing away.
        job.upload(many(1_000)).await;
        job.upload(many(3)).await;
        assert_eq!(job.put("\n".repeat(500_002)).await.0, 413);
        job.start().await;
        let late = job.put(many(9)).await;
        assert_eq!(
            late,
            (409, "The job no longer takes this file: it was started, or another upload has begun.\n".into())
        );
        assert_eq!(counts(&job.until_ended().await), [3, 0, 0]);

        server.clock.advance(chrono::Duration::minutes(16));
        assert_eq!(other.put(many(1)).await, (403, "The URL has expired.\n".into()));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_job_that_cannot_be_as_asked_says_why(_: PgPoolOptions, db: PgConnectOptions) {
    // Development mode, because no signature lasts as long as a job waits.
    TestServer::run_as(Setup { development: true, ..Setup::default() }, db, async |server| {
        let unverified = server.aws.create_user_pool().pool_name("x").send().await.unwrap();
        let unverified = unverified.user_pool.unwrap().id.unwrap();
        let create = server.aws.create_user_import_job().user_pool_id(unverified).job_name("x");
        let refused = said(create.cloud_watch_logs_role_arn(ROLE).send().await.unwrap_err());
        assert_eq!(
            refused,
            (
                "InvalidParameterException".into(),
                "The user pool must have at least one auto-verified attribute.".into()
            )
        );

        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        let job = Job::create(&pool, None).await;
        assert_eq!(job.stop_refused().await.0, "PreconditionNotMetException");
        let elsewhere = server.aws.describe_user_import_job().user_pool_id(&other.id).job_id(&job.id);
        let refused = said(elsewhere.send().await.unwrap_err());
        assert_eq!(
            refused,
            ("ResourceNotFoundException".into(), format!("User import job {} does not exist.", job.id))
        );
        let elsewhere = server.aws.start_user_import_job().user_pool_id(&other.id).job_id(&job.id);
        assert_eq!(said(elsewhere.send().await.unwrap_err()).0, "ResourceNotFoundException");
        let elsewhere = server.aws.stop_user_import_job().user_pool_id(&other.id).job_id(&job.id);
        assert_eq!(said(elsewhere.send().await.unwrap_err()).0, "ResourceNotFoundException");

        // What is wrong with the file as a whole ends its job.
        let failures = [
            ("", "The CSV file has no users."),
            ("cognito:username,cognito:mfa_enabled,email,email_verified\n", "The CSV file has no users."),
            (
                "cognito:username,cognito:mfa_enabled,shoe_size\nada,false,9\n",
                "The header in CSV file does not match the expected headers.",
            ),
            (
                "cognito:username,cognito:mfa_enabled\nada,false\n",
                "Too many users have failed or been skipped during the import.",
            ),
        ];
        for (file, message) in failures {
            let job = Job::create(&pool, None).await;
            let done = job.run(file).await;
            assert_eq!(
                (done.status.as_ref().unwrap(), done.completion_message()),
                (&Status::Failed, Some(message))
            );
            if file.contains("shoe_size") {
                assert_eq!(
                    job.log().await,
                    ["[FAILED] Line Number 1 - Column 3 is not one of the user pool's columns."]
                );
            }
        }

        // Newest first, a page at a time.
        let list = || server.aws.list_user_import_jobs().user_pool_id(&pool.id).max_results(3);
        let first = list().send().await.unwrap();
        let rest = list().pagination_token(first.pagination_token.as_ref().unwrap()).send().await.unwrap();
        assert_eq!((first.user_import_jobs().len(), rest.user_import_jobs().len()), (3, 2));
        assert_eq!(
            (rest.user_import_jobs()[1].job_id(), rest.pagination_token()),
            (Some(job.id.as_str()), None)
        );
        let foreign = server.aws.list_user_import_jobs().user_pool_id(&other.id).max_results(3);
        let foreign = foreign.pagination_token(first.pagination_token.unwrap()).send().await;
        assert_eq!(said(foreign.unwrap_err()).0, "InvalidParameterException");

        // A job that nobody starts.
        job.upload(many(1)).await;
        server.clock.advance(chrono::Duration::hours(25));
        assert_eq!(job.start_refused().await.0, "PreconditionNotMetException");
        assert_eq!(job.until_ended().await.status, Some(Status::Expired));
    })
    .await;
}
