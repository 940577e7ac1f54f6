//! The files of import jobs: cut into pieces of one size as they arrive, so that nobody holds one whole.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Db, Error, Result, UserPoolId};

/// The size of every piece but the last.
pub const PIECE: usize = 256 * 1024;

/// Begins an upload, which ends any other that is under way. The file that is there stays until this one is whole.
///
/// # Errors
/// [`Error::Stale`] when the job is gone or was started.
pub async fn begin(db: &Db, pool: &UserPoolId, job: &str, upload: Uuid) -> Result<()> {
    let mut tx = db.begin().await?;
    let update = sqlx::query_scalar!(
        "-- user_import::begin_upload
        update user_import_jobs set uploading = $3
        where user_pool_id = $1 and id = $2 and status = 'Created' returning file",
        pool.as_str(),
        job,
        upload
    );
    let file = update.fetch_optional(&mut *tx).await?.ok_or(Error::Stale)?;
    delete_but(&mut tx, pool, job, file).await?;
    tx.commit().await?;
    Ok(())
}

/// Adds a piece to an upload.
///
/// # Errors
/// [`Error::Stale`] when another upload has begun, or the job was started.
pub async fn append(
    db: &Db,
    pool: &UserPoolId,
    job: &str,
    upload: Uuid,
    number: i32,
    content: &[u8],
) -> Result<()> {
    // Under a share of the job's lock: what begins another upload comes after this piece, and removes it.
    let insert = sqlx::query!(
        "-- user_import::append
        with upload as (
            select id from user_import_jobs
            where user_pool_id = $1 and id = $2 and status = 'Created' and uploading = $3 for share
        )
        insert into user_import_files (user_pool_id, job_id, upload, number, content)
        select $1, id, $3, $4, $5 from upload",
        pool.as_str(),
        job,
        upload,
        number,
        content
    );
    match insert.execute(&db.pool).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// Makes an upload the job's file, in place of the one before.
///
/// # Errors
/// [`Error::Stale`] when another upload has begun, or the job was started.
pub async fn finish(db: &Db, pool: &UserPoolId, job: &str, upload: Uuid) -> Result<()> {
    let mut tx = db.begin().await?;
    let update = sqlx::query!(
        "-- user_import::finish_upload
        update user_import_jobs set file = $3, uploading = null
        where user_pool_id = $1 and id = $2 and status = 'Created' and uploading = $3",
        pool.as_str(),
        job,
        upload
    );
    if update.execute(&mut *tx).await?.rows_affected() != 1 {
        return Err(Error::Stale);
    }
    delete_but(&mut tx, pool, job, Some(upload)).await?;
    tx.commit().await?;
    Ok(())
}

/// A piece of a file; none after the last.
///
/// # Errors
/// When the database does not answer.
pub async fn piece(
    db: &Db,
    pool: &UserPoolId,
    job: &str,
    upload: Uuid,
    number: i32,
) -> Result<Option<Vec<u8>>> {
    let content = sqlx::query_scalar!(
        "-- user_import::piece
        select content from user_import_files
        where user_pool_id = $1 and job_id = $2 and upload = $3 and number = $4",
        pool.as_str(),
        job,
        upload,
        number
    );
    Ok(content.fetch_optional(&db.pool).await?)
}

/// Removes every upload of a job but the one given.
async fn delete_but(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    job: &str,
    kept: Option<Uuid>,
) -> Result<()> {
    let delete = sqlx::query!(
        "-- user_import::delete_uploads
        delete from user_import_files where user_pool_id = $1 and job_id = $2 and upload is distinct from $3",
        pool.as_str(),
        job,
        kept
    );
    delete.execute(connection).await?;
    Ok(())
}

/// Removes a job's file.
pub(super) async fn delete(connection: &mut PgConnection, pool: &UserPoolId, job: &str) -> Result<()> {
    delete_but(connection, pool, job, None).await
}
