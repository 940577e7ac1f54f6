//! Loads imported users: a batch of them and the job's progress in one transaction, so that a crash neither loses a batch
//! nor repeats one.

use std::collections::HashSet;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::PgConnection;

use super::{ImportStatus, Lease};
use crate::login_name::LoginName;
use crate::user::Attributes;
use crate::{Db, Error, Result, Timestamp, UserId, UserPoolId, UserStatus};

/// A user about to be imported.
#[derive(Debug)]
pub struct ImportedUser {
    /// The `sub`.
    pub id: UserId,
    /// The name to show.
    pub username: String,
    /// Where they start.
    pub status: UserStatus,
    /// Their attributes.
    pub attributes: Attributes,
    /// The names that sign them in.
    pub names: Vec<LoginName>,
    /// Their password as another system hashed it, if it came with them.
    pub hash: Option<SecretString>,
}

/// How far a job gets with a batch.
#[derive(Debug)]
pub struct Progress<'a> {
    /// How many bytes of the file are done with it.
    pub bytes_done: i64,
    /// How many lines that is.
    pub lines_done: i64,
    /// How many users of the batch were there already.
    pub skipped: i64,
    /// How many could not be imported.
    pub failed: i64,
    /// The first line of the batch.
    pub first_line: i64,
    /// What became of each line.
    pub log: &'a str,
}

/// Whether a job goes on after a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    GoesOn,
    /// It was told to stop, and the batch was not loaded.
    Stopping,
}

/// Which of some normalised names sign somebody in already.
///
/// # Errors
/// When the database does not answer.
pub async fn taken(db: &Db, pool: &UserPoolId, names: &[&str]) -> Result<HashSet<String>> {
    // One look at the index for each name: a plan that was made while the table was small would read all of the pool.
    let taken = sqlx::query_scalar!(
        r#"-- user_import::taken
        select wanted.name as "name!" from unnest($2::text[]) as wanted (name)
        cross join lateral (
            select from login_names where user_pool_id = $1 and name = wanted.name limit 1
        ) as found"#,
        pool.as_str(),
        names as _
    );
    Ok(taken.fetch_all(&db.pool).await?.into_iter().collect())
}

/// Loads a batch, records the progress and keeps the lease until a later time.
///
/// # Errors
/// [`Error::Stale`] when the lease was lost; [`crate::Constraint::LoginNameTaken`] when somebody took one of the names
/// meanwhile. Nothing is saved then.
pub async fn save(
    db: &Db,
    lease: &Lease,
    users: &[&ImportedUser],
    progress: &Progress<'_>,
    now: Timestamp,
    until: Timestamp,
) -> Result<Standing> {
    let mut tx = db.begin().await?;
    let update = sqlx::query_scalar!(
        r#"-- user_import::progress
        update user_import_jobs set bytes_done = $4, lines_done = $5, imported = imported + $6,
            skipped = skipped + $7, failed = failed + $8, leased_until = $9
        where user_pool_id = $1 and id = $2 and lease = $3 and status in ('InProgress', 'Stopping')
        returning status as "status: ImportStatus""#,
        lease.user_pool.as_str(),
        lease.job,
        lease.token,
        progress.bytes_done,
        progress.lines_done,
        users.len() as i64,
        progress.skipped,
        progress.failed,
        until
    );
    match update.fetch_optional(&mut *tx).await?.ok_or(Error::Stale)? {
        ImportStatus::Stopping => return Ok(Standing::Stopping),
        _ => copy_all(&mut tx, &lease.user_pool, users, now).await?,
    }
    let insert = sqlx::query!(
        "-- user_import::write_log
        insert into user_import_log (user_pool_id, job_id, first_line, entries) values ($1, $2, $3, $4)
        on conflict do nothing",
        lease.user_pool.as_str(),
        lease.job,
        progress.first_line,
        progress.log
    );
    insert.execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(Standing::GoesOn)
}

async fn copy_all(
    connection: &mut PgConnection,
    pool: &UserPoolId,
    users: &[&ImportedUser],
    now: Timestamp,
) -> Result<()> {
    let now = now.to_rfc3339();
    let (mut rows, mut names, mut passwords) =
        (CopyText::default(), CopyText::default(), CopyText::default());
    for user in users {
        let id = user.id.to_string();
        let attributes =
            serde_json::to_string(&user.attributes).map_err(|error| Error::Internal(error.to_string()))?;
        let status = user.status.as_str();
        rows.row([pool.as_str(), &id, &user.username, status, &attributes, &now, &now]);
        for name in &user.names {
            names.row([pool.as_str(), &name.name, name.kind(), &id]);
        }
        if let Some(hash) = &user.hash {
            passwords.row([pool.as_str(), &id, hash.expose_secret(), &now]);
        }
    }
    let into_users = "-- user_import::copy_users
        copy users (user_pool_id, id, username, status, attributes, created_at, updated_at) from stdin";
    let into_login_names = "-- user_import::copy_login_names
        copy login_names (user_pool_id, name, kind, user_id) from stdin";
    let into_passwords = "-- user_import::copy_passwords
        copy passwords (user_pool_id, user_id, hash, changed_at) from stdin";
    copy(connection, into_users, rows).await?;
    copy(connection, into_login_names, names).await?;
    copy(connection, into_passwords, passwords).await
}

async fn copy(connection: &mut PgConnection, statement: &'static str, text: CopyText) -> Result<()> {
    if text.0.is_empty() {
        return Ok(());
    }
    let mut copy = connection.copy_in_raw(statement).await?;
    copy.send(text.0.as_slice()).await?;
    copy.finish().await?;
    Ok(())
}

/// Rows in the text format of `copy`: fields between tabs, rows between newlines.
#[derive(Default)]
struct CopyText(zeroize::Zeroizing<Vec<u8>>);

impl CopyText {
    fn row<const N: usize>(&mut self, fields: [&str; N]) {
        for (number, field) in fields.into_iter().enumerate() {
            if number > 0 {
                self.0.push(b'\t');
            }
            for byte in field.bytes() {
                match byte {
                    b'\\' => self.0.extend_from_slice(b"\\\\"),
                    b'\t' => self.0.extend_from_slice(b"\\t"),
                    b'\n' => self.0.extend_from_slice(b"\\n"),
                    b'\r' => self.0.extend_from_slice(b"\\r"),
                    _ => self.0.push(byte),
                }
            }
        }
        self.0.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_copy_would_take_for_its_own_is_escaped() {
        let mut text = CopyText::default();
        text.row(["a\tb\\N", "\\.", "c\r\nd"]);
        text.row(["e", "", "é"]);
        assert_eq!(std::str::from_utf8(&text.0).unwrap(), "a\\tb\\\\N\t\\\\.\tc\\r\\nd\ne\t\té\n");
    }
}
