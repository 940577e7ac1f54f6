//! Taking the file of a job: the URL that entitles to it, and the bytes as they come.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::{Buf as _, Bytes, BytesMut};
use chrono::{DateTime, Duration, TimeZone as _, Utc};
use cognate_store::user_import::ImportJob;
use cognate_store::user_import::file::{self, PIECE};
use cognate_store::{UserPool, UserPoolId, user_pool};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::{App, Error};

/// How long a job's URL takes a file.
const LIFETIME: Duration = Duration::minutes(15);
/// The largest file.
const MOST_BYTES: u64 = 100 * 1024 * 1024;
/// The most users in a file.
const MOST_USERS: u64 = 500_000;

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The URL is not one of ours.
    #[error("The URL is not valid.")]
    Forbidden,
    /// The URL is too old.
    #[error("The URL has expired.")]
    Expired,
    /// The job was started, or is gone, or another upload began after this one.
    #[error("The job no longer takes this file: it was started, or another upload has begun.")]
    NotWanted,
    /// The file is too large.
    #[error("The file is larger than 100 MB.")]
    TooLarge,
    /// The file has too many rows.
    #[error("The file has more than 500,000 users.")]
    TooManyUsers,
    /// The upload failed.
    #[error("the upload failed")]
    Failed(#[source] Error),
}

impl From<cognate_store::Error> for Refusal {
    fn from(error: cognate_store::Error) -> Self {
        match error {
            cognate_store::Error::Stale | cognate_store::Error::Refused(_) => Self::NotWanted,
            other => Self::Failed(other.into()),
        }
    }
}

/// The URL that takes a job's file by PUT. It says itself until when, under the pool's key, so nothing is stored for it.
pub fn url(app: &App, pool: &UserPool, job: &ImportJob) -> String {
    let expires = (job.created_at + LIFETIME).timestamp();
    let signature = URL_SAFE_NO_PAD.encode(signature(pool, &job.id, expires));
    format!("{}/_cognate/import/{}/{}/{expires}.{signature}", app.place.public_url, pool.id, job.id)
}

fn signature(pool: &UserPool, job: &str, expires: i64) -> [u8; 32] {
    pool.key.digest("user-import-upload", &[job.as_bytes(), &expires.to_be_bytes()])
}

/// A file that is being taken. No more than a piece of it is in memory.
pub struct Upload {
    pool: UserPoolId,
    job: String,
    id: Uuid,
    buffer: BytesMut,
    pieces: i32,
    bytes: u64,
    lines: u64,
    ends_in_line: bool,
}

/// Begins to take a file, as a URL entitles to: pool, job and what stands after them. The length is what the client says.
///
/// # Errors
/// [`Refusal::Forbidden`], [`Refusal::Expired`], [`Refusal::TooLarge`], [`Refusal::NotWanted`].
pub async fn begin(
    app: &App,
    pool: &UserPoolId,
    job: &str,
    proof: &str,
    length: Option<u64>,
) -> Result<Upload, Refusal> {
    let now = app.clock.now();
    let pool = user_pool::get(&app.db, pool).await;
    let pool = match pool {
        Err(cognate_store::Error::InvalidText) => None,
        other => other?,
    };
    let pool = pool.ok_or(Refusal::Forbidden)?;
    let expires = proven_expiry(&pool, job, proof).ok_or(Refusal::Forbidden)?;
    if expires <= now {
        return Err(Refusal::Expired);
    }
    if length.is_some_and(|length| length > MOST_BYTES) {
        return Err(Refusal::TooLarge);
    }
    let id = Uuid::new_v4();
    file::begin(&app.db, &pool.id, job, id).await?;
    let (pool, job) = (pool.id, job.to_owned());
    Ok(Upload { pool, job, id, buffer: BytesMut::new(), pieces: 0, bytes: 0, lines: 0, ends_in_line: false })
}

/// Until when a URL of ours is valid.
fn proven_expiry(pool: &UserPool, job: &str, proof: &str) -> Option<DateTime<Utc>> {
    let (expires, given) = proof.split_once('.')?;
    let expires: i64 = expires.parse().ok()?;
    let given = URL_SAFE_NO_PAD.decode(given).ok()?;
    let holds: bool = signature(pool, job, expires).as_slice().ct_eq(&given).into();
    Utc.timestamp_opt(expires, 0).single().filter(|_| holds)
}

impl Upload {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`], [`Refusal::TooManyUsers`], [`Refusal::NotWanted`].
    pub async fn write(&mut self, app: &App, mut bytes: Bytes) -> Result<(), Refusal> {
        self.bytes += bytes.len() as u64;
        self.lines += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.ends_in_line = bytes.last().map_or(self.ends_in_line, |last| *last != b'\n');
        if self.bytes > MOST_BYTES {
            return Err(Refusal::TooLarge);
        }
        // The first line is the header.
        if self.lines + u64::from(self.ends_in_line) > MOST_USERS + 1 {
            return Err(Refusal::TooManyUsers);
        }
        while bytes.has_remaining() {
            let room = (PIECE - self.buffer.len()).min(bytes.len());
            self.buffer.extend_from_slice(&bytes.split_to(room));
            if self.buffer.len() == PIECE {
                self.store_piece(app).await?;
            }
        }
        Ok(())
    }

    /// Takes the file as a whole: it is the job's from now on.
    ///
    /// # Errors
    /// [`Refusal::NotWanted`].
    pub async fn finish(mut self, app: &App) -> Result<(), Refusal> {
        if !self.buffer.is_empty() {
            self.store_piece(app).await?;
        }
        Ok(file::finish(&app.db, &self.pool, &self.job, self.id).await?)
    }

    async fn store_piece(&mut self, app: &App) -> Result<(), Refusal> {
        file::append(&app.db, &self.pool, &self.job, self.id, self.pieces, &self.buffer).await?;
        self.pieces += 1;
        self.buffer.clear();
        Ok(())
    }
}
