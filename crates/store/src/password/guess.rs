//! Guesses at passwords: how many were wrong, and how long nobody may make another (LCK-1).

use chrono::Duration;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::Password;
use crate::challenge_session::{self, SpentSession};
use crate::group::{Membership, in_order};
use crate::user::{Attributes, Login, LoginRow};
use crate::{Db, Result, Timestamp, User, UserId, UserPoolId, UserStatus};

/// Whether a guess at a password may be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Yes; it counts as pending until its verdict is recorded.
    Granted,
    /// No: too many were wrong.
    Locked,
    /// Not yet: as many are being checked as may still be wrong.
    Busy,
}

/// What wrong passwords lead to: from the last free one on, a lock of a second that doubles with each further one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lockout {
    /// How many wrong passwords are free.
    pub free_failures: i32,
    /// The longest lock, and how long it takes until failures are forgotten.
    pub longest: Duration,
}

impl Default for Lockout {
    fn default() -> Self {
        Self { free_failures: 5, longest: Duration::minutes(15) }
    }
}

/// Asks to check a password guess. It is counted before the verdict, so that parallel guesses cannot outrun the lock.
///
/// The subject is a user's id, or a stand-in for a name that nobody has.
///
/// # Errors
/// When the database does not answer.
pub async fn admit(
    db: &Db,
    pool: &UserPoolId,
    subject: Uuid,
    lockout: Lockout,
    now: Timestamp,
) -> Result<Admission> {
    if find_and_admit(db, pool, None, Some(subject), lockout, now).await?.is_admitted {
        return Ok(Admission::Granted);
    }
    let locked = sqlx::query_scalar!(
        r#"-- password::guess::is_locked
        select locked_until > $3 as "locked!" from password_guesses where user_pool_id = $1 and subject = $2"#,
        pool.as_str(),
        subject,
        now
    );
    match locked.fetch_optional(&db.pool).await? {
        Some(true) => Ok(Admission::Locked),
        _ => Ok(Admission::Busy),
    }
}

/// Who makes a guess.
#[derive(Debug)]
pub struct Guessing {
    /// The user and their password, if there is one of that name.
    pub found: Option<(User, Option<Password>)>,
    /// The groups they are in, where the guess may be checked.
    pub groups: Option<Vec<Membership>>,
    /// Whether the guess may be checked. Where it may not, [`admit`] says why.
    pub is_admitted: bool,
}

/// Finds who signs in, and asks to check their guess, in one statement.
///
/// A guess at nobody, or without a login, counts for the stand-in; where there is none it is not admitted.
///
/// # Errors
/// When the database does not answer.
pub async fn find_and_admit(
    db: &Db,
    pool: &UserPoolId,
    login: Option<Login<'_>>,
    stand_in: Option<Uuid>,
    lockout: Lockout,
    now: Timestamp,
) -> Result<Guessing> {
    // Losing this row in a crash costs nothing but a count: no need to wait for the disk. A new row is not locked by
    // anybody's clock: guesses that read theirs a moment earlier must not take it for a lock. Who is locked is answered without
    // their groups, as nobody is (ENU-1).
    let row = sqlx::query_as!(
        LoginRow,
        r#"-- password::guess::find_and_admit
        with named as (
            select coalesce((select id from users where user_pool_id = $1 and id = $8),
                            (select user_id from login_names where user_pool_id = $1 and name = $7)) as id
        ), admitted as (
            insert into password_guesses as g
                (user_pool_id, subject, failures, pending, pending_until, locked_until, expires_at)
            select $1, coalesce(named.id, $2), 0, 1, $4, to_timestamp(0), $5
            from named, (select set_config('synchronous_commit', 'off', true)) as lazily
            where coalesce(named.id, $2) is not null
            on conflict (user_pool_id, subject) do update set
                failures = case when g.expires_at <= $3 then 0 else g.failures end,
                pending = case when g.pending_until <= $3 then 1 else g.pending + 1 end,
                pending_until = $4,
                expires_at = greatest(g.expires_at, $5)
            where g.locked_until <= $3
              and (g.pending = 0 or g.pending_until <= $3
                   or (case when g.expires_at <= $3 then 0 else g.failures end) + g.pending < $6)
            returning subject
        )
        select exists (select from admitted) as "is_admitted!",
               u.id as "id?", u.username as "username?", u.status as "status?: UserStatus",
               u.enabled as "enabled?", u.attributes as "attributes?: Json<Attributes>",
               u.session_epoch as "session_epoch?", u.kept_session, u.created_at as "created_at?",
               u.updated_at as "updated_at?", p.hash as "hash?", p.expires_at, p.changed_at as "changed_at?", p.srp_salt,
               p.srp_verifier,
               case when exists (select from admitted) then
               array(select jsonb_build_object('name', g.name, 'role_arn', g.role_arn, 'precedence', g.precedence)
                     from group_members m join groups g on g.user_pool_id = m.user_pool_id and g.name = m.group_name
                     where m.user_pool_id = $1 and m.user_id = named.id) end as "groups: Vec<Json<Membership>>"
        from named
        left join users u on u.user_pool_id = $1 and u.id = named.id
        left join passwords p on p.user_pool_id = u.user_pool_id and p.user_id = u.id"#,
        pool.as_str(),
        stand_in,
        now,
        now + Duration::seconds(10),
        now + lockout.longest,
        lockout.free_failures,
        login.map(|login| login.name),
        login.and_then(|login| login.sub)
    );
    let mut row = row.fetch_one(&db.pool).await?;
    let groups = row.groups.take().map(in_order);
    Ok(Guessing { groups, is_admitted: row.is_admitted, found: row.found() })
}

/// Records that an admitted guess was wrong; after too many, the subject is locked.
///
/// # Errors
/// When the database does not answer.
pub async fn record_failure(
    db: &Db,
    pool: &UserPoolId,
    subject: Uuid,
    lockout: Lockout,
    now: Timestamp,
) -> Result<()> {
    let update = sqlx::query!(
        "-- password::guess::record_failure
        insert into password_guesses as g
            (user_pool_id, subject, failures, pending, pending_until, locked_until, expires_at)
        values ($1, $2, 1, 0, $3::timestamptz, to_timestamp(0), $3::timestamptz + make_interval(secs => $5))
        on conflict (user_pool_id, subject) do update set
            failures = g.failures + 1,
            pending = greatest(g.pending - 1, 0),
            locked_until = case when g.failures + 1 < $4 then g.locked_until
                else $3::timestamptz + make_interval(secs => least(power(2::float8, least(g.failures + 1 - $4, 20)), $5)) end,
            expires_at = $3::timestamptz + make_interval(secs => $5 + case when g.failures + 1 < $4 then 0
                else least(power(2::float8, least(g.failures + 1 - $4, 20)), $5) end)",
        pool.as_str(),
        subject,
        now,
        lockout.free_failures,
        lockout.longest.num_seconds() as f64
    );
    update.execute(&db.pool).await?;
    Ok(())
}

/// Takes an admission back: the guess was not checked.
///
/// # Errors
/// When the database does not answer.
pub async fn release(db: &Db, pool: &UserPoolId, subject: Uuid) -> Result<()> {
    let update = sqlx::query!(
        "-- password::guess::release
        update password_guesses set pending = greatest(pending - 1, 0) where user_pool_id = $1 and subject = $2",
        pool.as_str(),
        subject
    );
    update.execute(&db.pool).await?;
    Ok(())
}

/// Records that an admitted guess was right, where no session starts with it, and spends the handshake it was made in.
///
/// # Errors
/// [`crate::Error::Stale`] when that is spent already.
pub async fn record_success(
    db: &Db,
    pool: &UserPoolId,
    user: UserId,
    handshake: Option<&SpentSession>,
) -> Result<()> {
    let mut tx = db.begin().await?;
    if let Some(handshake) = handshake {
        challenge_session::spend_with(&mut *tx, pool, handshake).await?;
    }
    forget(&mut tx, pool, user).await?;
    tx.commit().await?;
    Ok(())
}

/// Forgets the guesses, as the right one is saved.
pub(super) async fn forget(connection: &mut PgConnection, pool: &UserPoolId, user: UserId) -> Result<()> {
    let delete = sqlx::query!(
        "-- password::guess::forget
        delete from password_guesses where user_pool_id = $1 and subject = $2",
        pool.as_str(),
        user.as_uuid()
    );
    delete.execute(connection).await?;
    Ok(())
}
