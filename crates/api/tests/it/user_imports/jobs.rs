//! The life of a job, from its URL to its end.

use std::collections::BTreeSet;

use aws_sdk_cognitoidentityprovider::types::{
    SchemaAttributeType, UserImportJobStatusType as Status, VerifiedAttributeType,
};
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{Job, ROLE, count_users, counts, half_of_a_file, many, put};
use crate::server::{Setup, TestServer, said};

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
