//! Checking a password under the lockout (LCK-1): counted before the verdict, over every flow and alias.

use std::time::Duration;

use cognate_store::challenge_session::SpentSession;
use cognate_store::password::guess::Admission;
use cognate_store::password::{self, Password};
use cognate_store::{Timestamp, UserId, UserPool, attempt, user};
use secrecy::SecretString;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use uuid::Uuid;

use crate::password_hash::Verdict;
use crate::{App, Error, Result};

/// How long a guess waits for others at the same account, and how often it asks at first and at last.
const PATIENCE: Duration = Duration::from_secs(3);
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LAST_PAUSE: Duration = Duration::from_millis(320);

/// How many guesses of a process may wait at once: the rest is told to come again.
static WAITING: Semaphore = Semaphore::const_new(64);

/// Whose guess it is.
#[derive(Clone, Copy)]
pub(crate) struct Guesser {
    /// The user, or who stands in for nobody.
    pub subject: Uuid,
    /// Whether the guess was admitted when they were looked for.
    pub is_admitted: bool,
}

impl Guesser {
    /// Whose guess was not admitted yet.
    pub(crate) fn new(subject: Uuid) -> Self {
        Self { subject, is_admitted: false }
    }
}

/// Checks a password against the one that is kept, or does the same work where there is none.
///
/// # Errors
/// As [`counted`].
pub(crate) async fn check(
    app: &App,
    pool: &UserPool,
    guesser: Guesser,
    guess: &SecretString,
    kept: Option<&Password>,
) -> Result<()> {
    let check = async {
        match kept {
            Some(kept) => app.hasher.verify(&pool.id, guess, &kept.hash).await,
            None => {
                app.hasher.verify_nothing(&pool.id, guess).await?;
                Ok(Verdict { matches: false, outdated: false })
            }
        }
    };
    let verdict = counted(app, pool, guesser, check, |verdict| verdict.matches).await?;
    if let Some(kept) = kept.filter(|kept| verdict.outdated || kept.srp.is_none()) {
        // The guess was right all the same.
        if let Err(error) = rehash(app, pool, guesser.subject.into(), guess, kept).await {
            let cause = &error as &dyn std::error::Error;
            tracing::warn!(error = cause, "a password could not be hashed anew");
        }
    }
    Ok(())
}

/// Counts a guess around its check, whatever it is a guess at a password by.
///
/// A right guess leaves its admission open: what follows it (a session, a new password, [`succeeded`]) clears the
/// count with it.
///
/// # Errors
/// [`Error::WrongPassword`], [`Error::PasswordLocked`], [`Error::Busy`].
pub(crate) async fn counted<T>(
    app: &App,
    pool: &UserPool,
    guesser: Guesser,
    check: impl Future<Output = Result<T>>,
    is_right: impl FnOnce(&T) -> bool,
) -> Result<T> {
    let Guesser { subject, is_admitted } = guesser;
    if !is_admitted {
        admit(app, pool, subject).await?;
    }
    match check.await {
        Ok(verdict) if is_right(&verdict) => Ok(verdict),
        Ok(_) => {
            password::guess::record_failure(&app.db, &pool.id, subject, app.limits.lockout, app.clock.now())
                .await?;
            Err(Error::WrongPassword)
        }
        Err(error) => {
            release(app, pool, subject).await?;
            Err(error)
        }
    }
}

/// Takes back an admission for a guess that is not checked.
pub(crate) async fn release(app: &App, pool: &UserPool, subject: Uuid) -> Result<()> {
    Ok(password::guess::release(&app.db, &pool.id, subject).await?)
}

/// Records that an admitted guess was right, where no session starts with it, and spends the handshake it was made in.
///
/// # Errors
/// [`Error::WrongPassword`] when that is spent already.
pub(crate) async fn succeeded(
    app: &App,
    pool: &UserPool,
    user: UserId,
    handshake: Option<&SpentSession>,
) -> Result<()> {
    match password::guess::record_success(&app.db, &pool.id, user, handshake).await {
        Err(cognate_store::Error::Stale) => {
            release(app, pool, user.as_uuid()).await?;
            Err(Error::WrongPassword)
        }
        recorded => Ok(recorded?),
    }
}

/// Replaces a hash of older parameters or another system, and adds the SRP verifier that an imported one lacks, if there
/// is time for it. It stays the same password, so nothing else changes with it.
async fn rehash(app: &App, pool: &UserPool, id: UserId, guess: &SecretString, kept: &Password) -> Result<()> {
    let Some(user) = user::get(&app.db, &pool.id, id).await? else { return Ok(()) };
    match app.hasher.new_password(&pool.id, &user.username, guess, kept.expires_at).await {
        Ok(same) => Ok(password::rehash(&app.db, pool, id, kept.changed_at, &same).await?),
        Err(Error::Busy) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Waits until the guess may be made. Guesses at one account wait for each other only when as many are under way as
/// may still be wrong.
async fn admit(app: &App, pool: &UserPool, subject: Uuid) -> Result<()> {
    let give_up = Instant::now() + PATIENCE;
    let (mut pause, mut waiting) = (FIRST_PAUSE, None);
    loop {
        match password::guess::admit(&app.db, &pool.id, subject, app.limits.lockout, app.clock.now()).await? {
            Admission::Granted => return Ok(()),
            Admission::Locked => return Err(Error::PasswordLocked),
            Admission::Busy if Instant::now() > give_up => return Err(Error::Busy),
            Admission::Busy => {}
        }
        if waiting.is_none() {
            waiting = Some(WAITING.try_acquire().map_err(|_| Error::Busy)?);
        }
        tokio::time::sleep(pause).await;
        pause = LAST_PAUSE.min(pause * 2);
    }
}

/// Counts a guess at a code against its user's hourly budget before its verdict (LCK-2), and gives it back when it was right,
/// or when the check broke off. Whatever a pool's own function answers in place of a yes is a verdict.
///
/// # Errors
/// [`Error::PasswordLocked`] when the budget is spent.
pub(crate) async fn counted_code<T>(
    app: &App,
    pool: &UserPool,
    subject: Uuid,
    of: &str,
    now: Timestamp,
    check: impl Future<Output = Result<Option<T>>>,
) -> Result<Option<T>> {
    let (action, window) = (format!("guess {of}"), chrono::Duration::hours(1));
    let guesses = attempt::count(&app.db, &pool.id, subject, &action, window, now).await?;
    if guesses > app.limits.guesses_per_hour {
        return Err(Error::PasswordLocked);
    }
    let verdict = check.await;
    let counts = match &verdict {
        Ok(found) => found.is_none(),
        Err(error) => error.is_verdict(),
    };
    if !counts {
        attempt::give_back(&app.db, &pool.id, subject, &action).await?;
    }
    verdict
}
