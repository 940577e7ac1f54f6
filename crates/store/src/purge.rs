//! Removes short-lived rows whose time has passed (RES-4).

use chrono::Duration;

use crate::{Db, Result, Timestamp};

/// Rows deleted at once, so that no lock is held for long.
const BATCH: i64 = 1000;

macro_rules! purge_table {
    ($db:expr, $now:expr, $name:tt, $table:tt, $column:tt) => {{
        let mut total = 0;
        loop {
            let delete = sqlx::query!(
                "-- purge::"
                    + $name
                    + " (all tenants)\n
                delete from "
                    + $table
                    + " where ctid = any(array(
                    select ctid from "
                    + $table
                    + " where "
                    + $column
                    + " < $1 limit $2)) and "
                    + $column
                    + " < $1",
                $now,
                BATCH
            );
            let deleted = delete.execute(&$db.pool).await?.rows_affected();
            total += deleted;
            if deleted < BATCH as u64 {
                break total;
            }
        }
    }};
}

/// Removes what has expired by `now`, sessions that expired before `sessions_before`, messages of before
/// `messages_before` that wait for nothing, import jobs that ended before `imports_before`, and events of before
/// `events_before`. Returns how many rows went.
///
/// # Errors
/// When the database does not answer.
pub async fn expired(
    db: &Db,
    now: Timestamp,
    sessions_before: Timestamp,
    messages_before: Timestamp,
    imports_before: Timestamp,
    events_before: Timestamp,
) -> Result<u64> {
    let mut total = purge_table!(db, now, "password_guesses", "password_guesses", "expires_at");
    total += purge_table!(db, now, "attempts", "attempts", "expires_at");
    total += purge_table!(db, now, "verification_codes", "verification_codes", "expires_at");
    // Whether a code was spent is known for as long as the code.
    total += purge_table!(db, now, "authorization_codes", "authorization_codes", "expires_at");
    total += purge_table!(db, now, "spent_challenge_sessions", "spent_challenge_sessions", "expires_at");
    total += purge_table!(db, now, "passkey_registrations", "passkey_registrations", "expires_at");
    total += purge_table!(db, now, "logout_notices", "logout_notices", "expires_at");
    // Devices that ask late are told that it is too late.
    total += purge_table!(db, now - Duration::hours(1), "device_grants", "device_grants", "expires_at");
    total += purge_table!(db, sessions_before, "user_sessions", "user_sessions", "expires_at");
    total += purge_table!(db, messages_before, "messages", "messages", "state <> 'pending' and created_at");
    total += purge_table!(db, imports_before, "user_import_jobs", "user_import_jobs", "completed_at");
    total += purge_table!(db, events_before, "auth_events", "auth_events", "created_at");
    Ok(total)
}
