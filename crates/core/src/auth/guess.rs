//! Checking a password under the lockout (LCK-1): counted before the verdict, over every flow and alias.

use std::time::Duration;

use cognate_store::UserPool;
use cognate_store::password::{self, Admission, Password};
use secrecy::SecretString;
use uuid::Uuid;

use crate::{App, Error, Result};

/// How long a guess waits for others at the same account, and how often it asks.
const PATIENCE: Duration = Duration::from_secs(3);
const INTERVAL: Duration = Duration::from_millis(20);

/// Checks a password against the one that is kept, or does the same work where there is none.
///
/// A right guess leaves its admission open: what follows it (a session, a new password, `record_success`) clears the
/// count with it.
///
/// # Errors
/// [`Error::WrongPassword`], [`Error::PasswordLocked`], [`Error::Busy`].
pub(crate) async fn check(
    app: &App,
    pool: &UserPool,
    subject: Uuid,
    guess: &SecretString,
    kept: Option<&Password>,
) -> Result<()> {
    admit(app, pool, subject).await?;
    let matches = match kept {
        Some(kept) => verify(app, pool, subject, guess, kept).await?,
        None => {
            app.hasher.verify_nothing(guess).await?;
            false
        }
    };
    if matches {
        return Ok(());
    }
    password::record_failure(&app.db, &pool.id, subject, app.clock.now()).await?;
    Err(Error::WrongPassword)
}

async fn verify(app: &App, pool: &UserPool, user: Uuid, guess: &SecretString, kept: &Password) -> Result<bool> {
    let verdict = app.hasher.verify(guess, &kept.hash).await?;
    if verdict.matches && verdict.outdated {
        let hash = app.hasher.hash(guess).await?;
        password::rehash(&app.db, &pool.id, user.into(), kept.changed_at, &hash).await?;
    }
    Ok(verdict.matches)
}

/// Waits until the guess may be made. Guesses at one account wait for each other only when as many are under way as
/// may still be wrong.
async fn admit(app: &App, pool: &UserPool, subject: Uuid) -> Result<()> {
    let give_up = tokio::time::Instant::now() + PATIENCE;
    loop {
        match password::admit_guess(&app.db, &pool.id, subject, app.clock.now()).await? {
            Admission::Granted => return Ok(()),
            Admission::Locked => return Err(Error::PasswordLocked),
            Admission::Busy if tokio::time::Instant::now() > give_up => return Err(Error::Busy),
            Admission::Busy => tokio::time::sleep(INTERVAL).await,
        }
    }
}
