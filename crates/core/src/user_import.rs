//! Importing users from a file: the jobs and their life. `upload` takes the file, `worker` goes through it.

mod csv;
mod row;
pub mod upload;
pub mod worker;

use chrono::Duration;
use cognate_store::user_import::{self, HashAlgorithm, ImportJob, ImportStatus, NewImportJob, NotStarted};
use cognate_store::{Timestamp, UserPool};

use crate::{App, Error, PageToken, Result, page, random};

pub use row::header;

/// The most jobs that a pool keeps.
const MOST_JOBS: i64 = 1000;
/// The most jobs of an account that wait for their start, because each may have a file that lies on the disk.
const MOST_WAITING: i64 = 20;
/// How long a job waits for its start.
const PATIENCE: Duration = Duration::hours(24);

/// A job as its owner wants it.
#[derive(Debug)]
pub struct CreateJob {
    /// What to call it.
    pub name: String,
    /// The role that would write to CloudWatch on AWS.
    pub logs_role_arn: String,
    /// How the passwords in the file are hashed, where it has some.
    pub hash_algorithm: Option<HashAlgorithm>,
}

/// Creates a job, which then waits for its file.
///
/// # Errors
/// [`Error::InvalidParameter`] where the pool verifies no attribute, [`Error::TooManyImportJobs`].
pub async fn create(app: &App, pool: &UserPool, request: CreateJob) -> Result<ImportJob> {
    let now = app.clock.now();
    check_auto_verified(pool)?;
    let id = format!("import-{}", random::text(random::ALPHANUMERIC, 10)?);
    let new = NewImportJob {
        id: &id,
        name: &request.name,
        logs_role_arn: &request.logs_role_arn,
        hash_algorithm: request.hash_algorithm,
    };
    let created = user_import::create(&app.db, pool, &new, MOST_JOBS, MOST_WAITING, now).await;
    let created = created.map_err(|error| match error {
        cognate_store::Error::Refused(_) => Error::UserPoolNotFound(pool.id.clone()),
        other => other.into(),
    })?;
    if !created {
        return Err(Error::TooManyImportJobs);
    }
    get(app, pool, &id).await
}

/// A job of a pool.
///
/// # Errors
/// [`Error::ImportJobNotFound`].
pub async fn get(app: &App, pool: &UserPool, id: &str) -> Result<ImportJob> {
    let job = user_import::get(&app.db, &pool.id, id).await?;
    job.ok_or_else(|| Error::ImportJobNotFound(id.to_owned()))
}

/// One page of a pool's jobs, newest first.
///
/// # Errors
/// [`Error::InvalidParameter`] for a page token that is not ours.
pub async fn list(
    app: &App,
    pool: &UserPool,
    limit: i32,
    token: Option<&str>,
) -> Result<(Vec<ImportJob>, Option<PageToken>)> {
    let after: Option<(Timestamp, String)> = page::position_in_pool(pool, "user_import_jobs", token)?;
    let jobs = user_import::list(&app.db, &pool.id, after.as_ref(), i64::from(limit) + 1).await?;
    page::cut(jobs, limit, |last| page::in_pool(pool, "user_import_jobs", &(last.created_at, &last.id)))
}

/// Starts a job that has its file; a worker takes it up.
///
/// # Errors
/// [`Error::ImportJobNotFound`], [`Error::ImportPrecondition`], [`Error::InvalidParameter`] where the pool verifies no
/// attribute.
pub async fn start(app: &App, pool: &UserPool, id: &str) -> Result<ImportJob> {
    let now = app.clock.now();
    let job = get(app, pool, id).await?;
    check_auto_verified(pool)?;
    let oldest = now - PATIENCE;
    if job.status == ImportStatus::Created && job.created_at > oldest && job.file.is_none() {
        return Err(Error::ImportPrecondition("No file was uploaded to the job's PreSignedUrl."));
    }
    match user_import::start(&app.db, &pool.id, id, oldest, now).await? {
        Ok(()) => Ok(ImportJob { status: ImportStatus::Pending, started_at: Some(now), ..job }),
        Err(NotStarted::AnotherIsActive) => {
            Err(Error::ImportPrecondition("Another import job of the account is active."))
        }
        Err(NotStarted::NotReady) => Err(Error::ImportPrecondition("The job is not in status Created.")),
    }
}

/// Tells an active job to stop; what it has imported stays.
///
/// # Errors
/// [`Error::ImportJobNotFound`], [`Error::ImportPrecondition`].
pub async fn stop(app: &App, pool: &UserPool, id: &str) -> Result<ImportJob> {
    let job = get(app, pool, id).await?;
    if !user_import::stop(&app.db, &pool.id, id).await? {
        return Err(Error::ImportPrecondition("The job is not in status Pending or InProgress."));
    }
    Ok(ImportJob { status: ImportStatus::Stopping, ..job })
}

/// Imported users reset their password with a code, which needs an address that is verified.
fn check_auto_verified(pool: &UserPool) -> Result<()> {
    match pool.settings.auto_verified_attributes.is_empty() {
        true => Err(Error::invalid("The user pool must have at least one auto-verified attribute.")),
        false => Ok(()),
    }
}
