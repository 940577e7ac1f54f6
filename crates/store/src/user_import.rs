//! Jobs that import users from a file: their life, and the lease of the worker that has one.

pub mod file;
mod load;

use uuid::Uuid;

pub use load::{ImportedUser, Progress, Standing, save, taken};

use crate::{AccountId, Constraint, Db, Error, Result, Timestamp, UserPool, UserPoolId};

/// A job.
#[derive(Debug, Clone)]
pub struct ImportJob {
    /// The pool that the users go into.
    pub user_pool: UserPoolId,
    /// `import-` and ten letters and digits.
    pub id: String,
    /// What the owner calls it.
    pub name: String,
    /// The role that would write to CloudWatch on AWS; repeated to clients, of no effect.
    pub logs_role_arn: String,
    /// How the passwords in the file are hashed, where it has some.
    pub hash_algorithm: Option<HashAlgorithm>,
    /// Where the job stands.
    pub status: ImportStatus,
    /// How it ended.
    pub completion_message: Option<String>,
    /// Users that were imported.
    pub imported: i64,
    /// Users that were there already.
    pub skipped: i64,
    /// Users that could not be imported.
    pub failed: i64,
    /// The file that was uploaded.
    pub file: Option<Uuid>,
    /// How many bytes of the file have been worked through, which is the start of a line.
    pub bytes_done: i64,
    /// How many lines that is.
    pub lines_done: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
}

/// Where a job stands, in Cognito's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "PascalCase")]
pub enum ImportStatus {
    /// Waits for its file and its start.
    Created,
    /// Started, and waits for a worker.
    Pending,
    /// A worker imports its users.
    InProgress,
    /// Told to stop; its worker has yet to notice.
    Stopping,
    /// Never started in time.
    Expired,
    /// Stopped before its end.
    Stopped,
    /// Ended without success.
    Failed,
    /// Ended with success.
    Succeeded,
}

impl ImportStatus {
    /// The status in Cognito's words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::Pending => "Pending",
            Self::InProgress => "InProgress",
            Self::Stopping => "Stopping",
            Self::Expired => "Expired",
            Self::Stopped => "Stopped",
            Self::Failed => "Failed",
            Self::Succeeded => "Succeeded",
        }
    }
}

/// How passwords were hashed elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text")]
pub enum HashAlgorithm {
    /// bcrypt, in its own notation.
    #[sqlx(rename = "BCRYPT")]
    Bcrypt,
    /// scrypt, as a PHC string.
    #[sqlx(rename = "SCRYPT")]
    Scrypt,
    /// argon2id, as a PHC string.
    #[sqlx(rename = "ARGON2ID")]
    Argon2id,
    /// PBKDF2 with HMAC-SHA-256, as a PHC string.
    #[sqlx(rename = "PBKDF2_SHA256")]
    Pbkdf2Sha256,
}

/// A job about to be created.
#[derive(Debug)]
pub struct NewImportJob<'a> {
    /// Its id, made by the caller.
    pub id: &'a str,
    /// What the owner calls it.
    pub name: &'a str,
    /// The role that clients give.
    pub logs_role_arn: &'a str,
    /// How the passwords in the file are hashed.
    pub hash_algorithm: Option<HashAlgorithm>,
}

/// A worker's hold on a job: what it saves counts only while nobody else has taken the job over.
#[derive(Debug, Clone)]
pub struct Lease {
    /// The pool of the job.
    pub user_pool: UserPoolId,
    /// The job.
    pub job: String,
    token: Uuid,
}

/// Creates a job, unless the pool has as many as it may have, or the account as many that wait for their start; says
/// whether it did.
///
/// # Errors
/// [`Constraint::ParentGone`] when the pool is gone.
pub async fn create(
    db: &Db,
    pool: &UserPool,
    new: &NewImportJob<'_>,
    most: i64,
    most_waiting: i64,
    now: Timestamp,
) -> Result<bool> {
    let insert = sqlx::query!(
        "-- user_import::create
        insert into user_import_jobs (user_pool_id, id, account_id, name, logs_role_arn, hash_algorithm, created_at)
        select $1, $2, $3, $4, $5, $6, $7
        where (select count(*) from user_import_jobs where user_pool_id = $1) < $8
          and (select count(*) from user_import_jobs where account_id = $3 and status = 'Created') < $9",
        pool.id.as_str(),
        new.id,
        pool.account.as_str(),
        new.name,
        new.logs_role_arn,
        new.hash_algorithm as _,
        now,
        most,
        most_waiting
    );
    Ok(insert.execute(&db.pool).await?.rows_affected() == 1)
}

/// Selects whole jobs.
macro_rules! jobs {
    ($pool:expr, $name:literal, $condition:literal, $($argument:expr),*) => {{
        let query = sqlx::query!(
            "-- user_import::" + $name + r#"
            select id, name, logs_role_arn, hash_algorithm as "hash_algorithm: HashAlgorithm",
                   status as "status: ImportStatus", completion_message, imported, skipped, failed, file,
                   bytes_done, lines_done, created_at, started_at, completed_at
            from user_import_jobs where user_pool_id = $1 and "# + $condition,
            $pool.as_str(),
            $($argument),*
        );
        query.map(|row| ImportJob {
            user_pool: $pool.clone(),
            id: row.id,
            name: row.name,
            logs_role_arn: row.logs_role_arn,
            hash_algorithm: row.hash_algorithm,
            status: row.status,
            completion_message: row.completion_message,
            imported: row.imported,
            skipped: row.skipped,
            failed: row.failed,
            file: row.file,
            bytes_done: row.bytes_done,
            lines_done: row.lines_done,
            created_at: row.created_at,
            started_at: row.started_at,
            completed_at: row.completed_at,
        })
    }};
}

/// A job of a pool.
///
/// # Errors
/// When the database does not answer.
pub async fn get(db: &Db, pool: &UserPoolId, id: &str) -> Result<Option<ImportJob>> {
    Ok(jobs!(pool, "get", "id = $2", id).fetch_optional(&db.pool).await?)
}

/// A pool's jobs, newest first, after the one given.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    db: &Db,
    pool: &UserPoolId,
    after: Option<&(Timestamp, String)>,
    limit: i64,
) -> Result<Vec<ImportJob>> {
    let (created_at, id) = after.map_or((None, ""), |(created_at, id)| (Some(*created_at), id.as_str()));
    let query = jobs!(
        pool,
        "list",
        "($2::timestamptz is null or (created_at, id) < ($2, $3)) order by created_at desc, id desc limit $4",
        created_at,
        id,
        limit
    );
    Ok(query.fetch_all(&db.pool).await?)
}

/// Why a job did not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotStarted {
    /// It is not there, was started before, is too old, or has no file.
    NotReady,
    /// Another job of the account is active.
    AnotherIsActive,
}

/// Starts a job that has its file and was created after `oldest`; uploads to it end.
///
/// # Errors
/// When the database does not answer.
pub async fn start(
    db: &Db,
    pool: &UserPoolId,
    id: &str,
    oldest: Timestamp,
    now: Timestamp,
) -> Result<std::result::Result<(), NotStarted>> {
    let update = sqlx::query!(
        "-- user_import::start
        update user_import_jobs set status = 'Pending', started_at = $4, leased_until = $4, uploading = null
        where user_pool_id = $1 and id = $2 and status = 'Created' and file is not null and created_at > $3",
        pool.as_str(),
        id,
        oldest,
        now
    );
    match update.execute(&db.pool).await.map_err(Error::from) {
        Ok(done) if done.rows_affected() == 1 => Ok(Ok(())),
        Ok(_) => Ok(Err(NotStarted::NotReady)),
        Err(Error::Refused(Constraint::ImportIsActive)) => Ok(Err(NotStarted::AnotherIsActive)),
        Err(error) => Err(error),
    }
}

/// Tells an active job to stop; says whether it was one.
///
/// # Errors
/// When the database does not answer.
pub async fn stop(db: &Db, pool: &UserPoolId, id: &str) -> Result<bool> {
    let update = sqlx::query!(
        "-- user_import::stop
        update user_import_jobs set status = 'Stopping'
        where user_pool_id = $1 and id = $2 and status in ('Pending', 'InProgress')",
        pool.as_str(),
        id
    );
    Ok(update.execute(&db.pool).await?.rows_affected() == 1)
}

/// Whether users are being imported into a pool.
///
/// # Errors
/// When the database does not answer.
pub async fn is_active(db: &Db, account: &AccountId, pool: &UserPoolId) -> Result<bool> {
    // By the account, which has one active job at most and an index of them.
    let active = sqlx::query_scalar!(
        r#"-- user_import::is_active
        select exists (select from user_import_jobs where account_id = $1 and user_pool_id = $2
                       and status in ('Pending', 'InProgress', 'Stopping')) as "active!""#,
        account.as_str(),
        pool.as_str()
    );
    Ok(active.fetch_one(&db.pool).await?)
}

/// Takes the active job, of whatever pool, that has waited longest without a worker.
///
/// # Errors
/// When the database does not answer.
pub async fn lease(db: &Db, now: Timestamp, until: Timestamp) -> Result<Option<Lease>> {
    let token = Uuid::new_v4();
    let update = sqlx::query!(
        "-- user_import::lease (all tenants)
        update user_import_jobs j set lease = $3, leased_until = $2,
            status = case when j.status = 'Pending' then 'InProgress' else j.status end
        from (select user_pool_id, id from user_import_jobs
              where status in ('Pending', 'InProgress', 'Stopping') and leased_until <= $1
              order by leased_until limit 1 for update skip locked) as due
        where j.user_pool_id = due.user_pool_id and j.id = due.id
        returning j.user_pool_id, j.id",
        now,
        until,
        token
    );
    let leased = update.fetch_optional(&db.pool).await?;
    Ok(leased.map(|row| Lease { user_pool: UserPoolId::new(row.user_pool_id), job: row.id, token }))
}

/// Gives a job back before its lease ends, for another worker to go on with at once.
///
/// # Errors
/// When the database does not answer.
pub async fn release(db: &Db, lease: &Lease, now: Timestamp) -> Result<()> {
    let update = sqlx::query!(
        "-- user_import::release
        update user_import_jobs set lease = null, leased_until = $4
        where user_pool_id = $1 and id = $2 and lease = $3",
        lease.user_pool.as_str(),
        lease.job,
        lease.token,
        now
    );
    update.execute(&db.pool).await?;
    Ok(())
}

/// How a job ends.
#[derive(Debug, Clone, Copy)]
pub struct Ending<'a> {
    /// [`ImportStatus::Succeeded`] or [`ImportStatus::Failed`].
    pub status: ImportStatus,
    /// Why, where there is something to say.
    pub message: Option<&'a str>,
    /// What is said instead where the job was told to stop: then it is stopped, whatever else it is.
    pub if_stopped: &'a str,
}

/// Ends a job; its file goes.
///
/// # Errors
/// [`Error::Stale`] when the lease was lost.
pub async fn end(db: &Db, lease: &Lease, ending: Ending<'_>, now: Timestamp) -> Result<()> {
    let mut tx = db.begin().await?;
    let update = sqlx::query!(
        "-- user_import::end
        update user_import_jobs set lease = null, leased_until = null, file = null, completed_at = $7,
            status = case when status = 'Stopping' then 'Stopped' else $4 end,
            completion_message = case when status = 'Stopping' then $6 else $5 end
        where user_pool_id = $1 and id = $2 and lease = $3 and status in ('InProgress', 'Stopping')",
        lease.user_pool.as_str(),
        lease.job,
        lease.token,
        ending.status.as_str(),
        ending.message,
        ending.if_stopped,
        now
    );
    if update.execute(&mut *tx).await?.rows_affected() != 1 {
        return Err(Error::Stale);
    }
    file::delete(&mut tx, &lease.user_pool, &lease.job).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a job that was created before a time and never started; its file goes. One at a time: a file may be large, and
/// there may be many.
///
/// # Errors
/// When the database does not answer.
pub async fn expire(db: &Db, before: Timestamp, now: Timestamp) -> Result<()> {
    let expire = sqlx::query!(
        "-- user_import::expire (all tenants)
        with due as (
            select user_pool_id, id from user_import_jobs where status = 'Created' and created_at <= $1
            order by created_at limit 1 for update skip locked
        ), expired as (
            update user_import_jobs j set status = 'Expired', file = null, uploading = null, completed_at = $2
            from due where j.user_pool_id = due.user_pool_id and j.id = due.id returning j.user_pool_id, j.id
        )
        delete from user_import_files f using expired e where f.user_pool_id = e.user_pool_id and f.job_id = e.id",
        before,
        now
    );
    expire.execute(&db.pool).await?;
    Ok(())
}

/// What became of the lines of a job's file, a batch to a text, after the batch that begins with that line.
///
/// # Errors
/// When the database does not answer.
pub async fn log(db: &Db, pool: &UserPoolId, id: &str, after: i64, limit: i64) -> Result<Vec<(i64, String)>> {
    let rows = sqlx::query!(
        "-- user_import::log
        select first_line, entries from user_import_log
        where user_pool_id = $1 and job_id = $2 and first_line > $3 order by first_line limit $4",
        pool.as_str(),
        id,
        after,
        limit
    );
    let rows = rows.fetch_all(&db.pool).await?;
    Ok(rows.into_iter().map(|row| (row.first_line, row.entries)).collect())
}
