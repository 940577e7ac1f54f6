//! Works through import jobs: leases one, reads its file a batch at a time, and saves each batch together with how far it
//! got (DUR-1).
//!
//! A worker that dies leaves a lease behind. When it ends, another goes on after the last batch that was saved. A worker
//! that lost its lease saves nothing more.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use cognate_store::login_name::LoginName;
use cognate_store::user_import::file::{self, PIECE};
use cognate_store::user_import::{
    self, Ending, ImportJob, ImportStatus, ImportedUser, Lease, Progress, Standing,
};
use cognate_store::user_pool::Alias;
use cognate_store::{Constraint, Error, Result, UserPool, UserPoolId, UserPoolSettings, user_pool};
use tokio::sync::watch;
use tokio::time::sleep;
use uuid::Uuid;

use super::PATIENCE;
use super::csv::{Line, Lines};
use super::row::Columns;
use crate::App;

/// How many rows are saved at once, and about how many bytes of the file: rows may be long.
const BATCH: usize = 1000;
const BATCH_BYTES: usize = 2 * 1024 * 1024;
/// How often a batch is settled anew because somebody took one of its names meanwhile.
const ATTEMPTS: usize = 10;
/// How long a worker has a job without saving anything.
const LEASE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_secs(1);

const STOPPED: &str = "The Import Job was stopped by the developer.";
const WRONG_HEADER: &str = "The header in CSV file does not match the expected headers.";
const NO_USERS: &str = "The CSV file has no users.";
const TOO_MANY_FAILED: &str = "Too many users have failed or been skipped during the import.";
const INTERNAL: &str = "The import failed because of an internal error.";

/// Works through jobs until told to stop; then the batch under way is saved, and the job given back for others.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut healthy = true;
    while !*stop.borrow() && stop.has_changed().is_ok() {
        let outcome = turn(&app, &stop).await;
        match &outcome {
            Err(error) if healthy => {
                tracing::error!(error = error as &dyn std::error::Error, "users cannot be imported for now");
            }
            Ok(_) if !healthy => tracing::info!("users are being imported again"),
            _ => {}
        }
        healthy = outcome.is_ok();
        if matches!(outcome, Ok(true)) {
            continue;
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = sleep(POLL) => {}
        }
    }
}

/// Takes up a job, if there is one; whether there may be more.
async fn turn(app: &App, stop: &watch::Receiver<bool>) -> Result<bool> {
    let now = app.clock.now();
    // However old jobs fare, the ones that were started go on.
    if let Err(error) = user_import::expire(&app.db, now - PATIENCE, now).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "an import job that waits too long cannot be ended"
        );
    }
    let Some(lease) = user_import::lease(&app.db, now, now + LEASE).await? else { return Ok(false) };
    let outcome = import(app, &lease, stop).await;
    match outcome {
        Ok(Some(message)) => end(app, &lease, ImportStatus::Failed, Some(message)).await?,
        Ok(None) => {}
        // Another worker has the job, or the pool is gone.
        Err(Error::Stale | Error::Refused(Constraint::ParentGone)) => {}
        Err(error @ Error::Unavailable(_)) => {
            // It may not even be possible to give the job back; the lease ends by itself.
            let _ = user_import::release(&app.db, &lease, app.clock.now()).await;
            return Err(error);
        }
        Err(error) => {
            let (user_pool, job) = (&lease.user_pool, &lease.job);
            tracing::error!(error = &error as &dyn std::error::Error, %user_pool, job, "an import failed");
            end(app, &lease, ImportStatus::Failed, Some(INTERNAL)).await?;
        }
    }
    Ok(true)
}

/// Imports what is left of a job, and ends it; or says why it failed as a whole.
async fn import(app: &App, lease: &Lease, stop: &watch::Receiver<bool>) -> Result<Option<&'static str>> {
    let job = user_import::get(&app.db, &lease.user_pool, &lease.job).await?.ok_or(Error::Stale)?;
    let pool = user_pool::get(&app.db, &lease.user_pool).await?.ok_or(Error::Stale)?;
    // Stopped before anybody took it up: whatever it ends as, it ends as stopped.
    let (false, Some(file)) = (job.status == ImportStatus::Stopping, job.file) else {
        return Ok(Some(INTERNAL));
    };
    let mut reader = Reader::new(app, &job, file);
    let columns = match reader.line().await? {
        None => return Ok(Some(NO_USERS)),
        Some(line) => match read_header(&pool, &job, &line) {
            Ok(columns) => columns,
            Err(reason) => {
                log_header(app, lease, &reader, &reason).await?;
                return Ok(Some(WRONG_HEADER));
            }
        },
    };
    if job.lines_done > 0 {
        reader.resume(&job);
    }
    let rows = Rows { columns: Arc::new(columns), pool: Arc::new(pool) };
    let mut batch = rows.next(&mut reader).await?;
    while !batch.rows.is_empty() {
        // One batch is read, and its names are looked up, while the one before is saved.
        let (saved, next) = tokio::join!(save(app, lease, &rows.pool, &mut batch), rows.next(&mut reader));
        match saved? {
            Standing::GoesOn => {}
            Standing::Stopping => return Ok(Some(STOPPED)),
        }
        if *stop.borrow() {
            user_import::release(&app.db, lease, app.clock.now()).await?;
            return Ok(None);
        }
        batch = next?;
    }
    finish(app, lease).await
}

/// Ends a job whose file is done. One that imported nobody has failed.
async fn finish(app: &App, lease: &Lease) -> Result<Option<&'static str>> {
    let job = user_import::get(&app.db, &lease.user_pool, &lease.job).await?.ok_or(Error::Stale)?;
    match (job.imported, job.skipped + job.failed) {
        (0, 0) => Ok(Some(NO_USERS)),
        (0, _) => Ok(Some(TOO_MANY_FAILED)),
        _ => {
            end(app, lease, ImportStatus::Succeeded, None).await?;
            Ok(None)
        }
    }
}

async fn end(app: &App, lease: &Lease, status: ImportStatus, message: Option<&str>) -> Result<()> {
    let ending = Ending { status, message, if_stopped: STOPPED };
    match user_import::end(&app.db, lease, ending, app.clock.now()).await {
        Err(Error::Stale) => Ok(()),
        other => other,
    }
}

fn read_header(pool: &UserPool, job: &ImportJob, line: &Line) -> std::result::Result<Columns, String> {
    let text = line.text.as_ref().map_err(|reason| (*reason).to_owned())?;
    Columns::read(&pool.settings, job.hash_algorithm, text)
}

/// Writes down what is wrong with the header.
async fn log_header(app: &App, lease: &Lease, reader: &Reader<'_>, reason: &str) -> Result<()> {
    let progress = Progress {
        bytes_done: reader.lines.bytes_done() as i64,
        lines_done: 1,
        skipped: 0,
        failed: 0,
        first_line: 1,
        log: &format!("[FAILED] Line Number 1 - {reason}\n"),
    };
    let now = app.clock.now();
    user_import::save(&app.db, lease, &[], &progress, now, now + LEASE).await.map(|_| ())
}

/// The lines of a job's file.
struct Reader<'a> {
    app: &'a App,
    user_pool: UserPoolId,
    job: String,
    file: Uuid,
    lines: Lines,
    next_piece: i32,
    /// How much of the next piece has been read before.
    skip: usize,
}

impl<'a> Reader<'a> {
    fn new(app: &'a App, job: &ImportJob, file: Uuid) -> Self {
        let (user_pool, id) = (job.user_pool.clone(), job.id.clone());
        Self { app, user_pool, job: id, file, lines: Lines::after(0, 0), next_piece: 0, skip: 0 }
    }

    /// Goes on where the last batch that was saved ended.
    fn resume(&mut self, job: &ImportJob) {
        let bytes = job.bytes_done as u64;
        self.lines = Lines::after(bytes, job.lines_done as u64);
        self.next_piece = (bytes / PIECE as u64) as i32;
        self.skip = (bytes % PIECE as u64) as usize;
    }

    /// The next line; none at the end of the file.
    async fn line(&mut self) -> Result<Option<Line>> {
        loop {
            if let Some(line) = self.lines.next() {
                return Ok(Some(line));
            }
            if !self.more().await? {
                return Ok(self.lines.next());
            }
        }
    }

    /// Fetches another piece; whether there was one.
    async fn more(&mut self) -> Result<bool> {
        let piece = file::piece(&self.app.db, &self.user_pool, &self.job, self.file, self.next_piece).await?;
        match piece {
            Some(piece) => {
                self.lines.push(piece.get(self.skip..).unwrap_or_default());
                self.next_piece += 1;
                self.skip = 0;
                Ok(true)
            }
            None => {
                self.lines.end();
                Ok(false)
            }
        }
    }
}

/// A row, and the user it makes or why it makes none.
struct Row {
    line: u64,
    outcome: std::result::Result<ImportedUser, Cow<'static, str>>,
}

/// Rows that are saved together.
struct Batch {
    rows: Vec<Row>,
    /// Which of their names somebody had when they were looked up.
    taken: HashSet<String>,
    bytes_done: u64,
    lines_done: u64,
}

/// Turns lines into users.
struct Rows {
    columns: Arc<Columns>,
    pool: Arc<UserPool>,
}

impl Rows {
    /// The next batch; an empty one at the end of the file.
    async fn next(&self, reader: &mut Reader<'_>) -> Result<Batch> {
        let mut lines = Vec::with_capacity(BATCH);
        let mut bytes = 0;
        while lines.len() < BATCH && bytes < BATCH_BYTES {
            match reader.line().await? {
                Some(line) if line.text.as_ref().is_ok_and(|text| text.trim().is_empty()) => {}
                Some(line) => {
                    bytes += line.text.as_ref().map_or(0, String::len);
                    lines.push(line);
                }
                None => break,
            }
        }
        let (columns, pool) = (self.columns.clone(), self.pool.clone());
        let check = move || {
            let row = |Line { number, text }: Line| Row {
                line: number,
                outcome: text.map_err(Cow::Borrowed).and_then(|text| columns.user(&pool.settings, &text)),
            };
            lines.into_iter().map(row).collect()
        };
        let rows = tokio::task::spawn_blocking(check).await;
        let rows: Vec<_> = rows.map_err(|error| Error::Internal(error.to_string()))?;
        let taken = taken(reader.app, &self.pool, &rows).await?;
        let (bytes_done, lines_done) = (reader.lines.bytes_done(), reader.lines.lines_done());
        Ok(Batch { rows, taken, bytes_done, lines_done })
    }
}

/// Which of the rows' names somebody has.
async fn taken(app: &App, pool: &UserPool, rows: &[Row]) -> Result<HashSet<String>> {
    let users = rows.iter().filter_map(|row| row.outcome.as_ref().ok());
    let names: Vec<_> = users.flat_map(|user| user.names.iter().map(|name| name.name.as_str())).collect();
    user_import::taken(&app.db, &pool.id, &names).await
}

/// What of a batch can be imported.
struct Settled<'a> {
    users: Vec<&'a ImportedUser>,
    skipped: i64,
    failed: i64,
    log: String,
}

/// Saves a batch. What somebody took since the look, and be it the batch before, makes it look again.
async fn save(app: &App, lease: &Lease, pool: &UserPool, batch: &mut Batch) -> Result<Standing> {
    for _ in 0..ATTEMPTS {
        let settled = settle(&pool.settings, &batch.rows, &batch.taken);
        let progress = Progress {
            bytes_done: batch.bytes_done as i64,
            lines_done: batch.lines_done as i64,
            skipped: settled.skipped,
            failed: settled.failed,
            first_line: batch.rows.first().map_or(0, |row| row.line as i64),
            log: &settled.log,
        };
        let now = app.clock.now();
        match user_import::save(&app.db, lease, &settled.users, &progress, now, now + LEASE).await {
            Err(Error::Refused(Constraint::LoginNameTaken)) => {
                batch.taken = taken(app, pool, &batch.rows).await?;
            }
            other => return other,
        }
    }
    Err(Error::Internal("names are taken each time a batch is saved".to_owned()))
}

/// Tells the rows whose names are free from those that somebody has, in the pool or in a row before.
fn settle<'a>(settings: &UserPoolSettings, rows: &'a [Row], taken: &HashSet<String>) -> Settled<'a> {
    let is_username = |name: &LoginName| {
        let mut usernames = settings.username_attributes.iter().map(|contact| Alias::from(*contact));
        name.alias.is_none_or(|alias| usernames.any(|it| it == alias))
    };
    let mut settled =
        Settled { users: Vec::with_capacity(rows.len()), skipped: 0, failed: 0, log: String::new() };
    let mut claimed = HashSet::with_capacity(rows.len());
    for Row { line, outcome } in rows {
        let verdict = outcome.as_ref().map_err(|reason| reason.as_ref()).and_then(|user| {
            let is_taken = |name: &str| taken.contains(name) || claimed.contains(name);
            match user.names.iter().find(|name| is_taken(&name.name)) {
                None => Ok(Some(user)),
                Some(name) if is_username(name) => Ok(None),
                Some(_) => Err("An alias of the user is somebody else's."),
            }
        });
        let _ = match verdict {
            Ok(Some(user)) => {
                claimed.extend(user.names.iter().map(|name| name.name.as_str()));
                settled.users.push(user);
                writeln!(settled.log, "[SUCCEEDED] Line Number {line} - The import succeeded.")
            }
            Ok(None) => {
                settled.skipped += 1;
                writeln!(settled.log, "[SKIPPED] Line Number {line} - The user already exists.")
            }
            Err(reason) => {
                settled.failed += 1;
                writeln!(settled.log, "[FAILED] Line Number {line} - {reason}")
            }
        };
    }
    settled
}
