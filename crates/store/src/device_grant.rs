//! Device grants: sign-ins at devices without a browser, which somebody allows on another (RFC 8628).

use crate::{AppClientId, Db, Error, Result, Timestamp, UserPoolId, UserSessionId};

/// What a device asks for.
#[derive(Debug, Clone)]
pub struct DeviceGrant {
    /// The client that asks.
    pub client: AppClientId,
    /// The scopes that it is to have.
    pub scopes: Vec<String>,
    /// The service that the access token is for (RFC 8707).
    pub resource: Option<String>,
    /// When its codes stop working.
    pub expires_at: Timestamp,
}

/// What somebody says to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The device may sign in as the user of this browser's session.
    Allowed(UserSessionId),
    /// It may not.
    Refused,
}

/// How it stands when the device asks.
#[derive(Debug, Clone)]
pub struct Polled {
    /// What it asked for.
    pub grant: DeviceGrant,
    /// What somebody said, if anybody has.
    pub answer: Option<Answer>,
    /// Whether it asked sooner after the last time than it may.
    pub is_too_soon: bool,
}

/// The digests of a grant's two codes: the device's own, and the one that somebody enters.
#[derive(Debug, Clone, Copy)]
pub struct Codes<'a> {
    /// The device's.
    pub device: &'a [u8; 32],
    /// The one that somebody enters.
    pub user: &'a [u8; 32],
}

/// Saves what a device asks for. It may ask for its answer once in so many seconds.
///
/// # Errors
/// [`Error::Stale`] when the code that somebody enters is another device's already.
pub async fn insert(
    db: &Db,
    pool: &UserPoolId,
    codes: Codes<'_>,
    grant: &DeviceGrant,
    pause_seconds: i32,
) -> Result<()> {
    let insert = sqlx::query!(
        "-- device_grant::insert
        insert into device_grants
            (user_pool_id, device_code, user_code, client_id, scopes, resource, pause_seconds, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (user_pool_id, user_code) do nothing",
        pool.as_str(),
        codes.device.as_slice(),
        codes.user.as_slice(),
        grant.client.as_str(),
        &grant.scopes,
        grant.resource,
        pause_seconds,
        grant.expires_at
    );
    match insert.execute(&db.pool).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}

/// How a client's grant stands; notes that it was asked. Who asks too soon may ask less often from then on (RFC 8628, section 3.5).
/// Clocks of servers differ, so half the time is enough.
///
/// # Errors
/// When the database does not answer.
pub async fn poll(
    db: &Db,
    pool: &UserPoolId,
    device_code: &[u8; 32],
    client: &AppClientId,
    now: Timestamp,
) -> Result<Option<Polled>> {
    let row = sqlx::query!(
        r#"-- device_grant::poll
        with asked as (
            select device_code, coalesce(polled_at + make_interval(secs => pause_seconds / 2.0) > $4, false) as is_too_soon
            from device_grants
            where user_pool_id = $1 and device_code = $2 and client_id = $3
            for update
        )
        update device_grants g
        set polled_at = $4, pause_seconds = least(pause_seconds + case when asked.is_too_soon then 5 else 0 end, 60)
        from asked
        where g.user_pool_id = $1 and g.device_code = asked.device_code
        returning g.client_id, g.scopes, g.resource, g.expires_at, g.session_id, g.is_refused,
                  asked.is_too_soon as "is_too_soon!""#,
        pool.as_str(),
        device_code.as_slice(),
        client.as_str(),
        now
    );
    Ok(row.fetch_optional(&db.pool).await?.map(|row| Polled {
        grant: DeviceGrant {
            client: AppClientId::new(row.client_id),
            scopes: row.scopes,
            resource: row.resource,
            expires_at: row.expires_at,
        },
        answer: match (row.is_refused, row.session_id) {
            (true, _) => Some(Answer::Refused),
            (false, session) => session.map(|session| Answer::Allowed(session.into())),
        },
        is_too_soon: row.is_too_soon,
    }))
}

/// What a device asks for that showed somebody this code, while it waits for an answer.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(
    db: &Db,
    pool: &UserPoolId,
    user_code: &[u8; 32],
    now: Timestamp,
) -> Result<Option<DeviceGrant>> {
    let row = sqlx::query!(
        "-- device_grant::waiting
        select client_id, scopes, resource, expires_at from device_grants
        where user_pool_id = $1 and user_code = $2 and expires_at > $3 and session_id is null and not is_refused",
        pool.as_str(),
        user_code.as_slice(),
        now
    );
    Ok(row.fetch_optional(&db.pool).await?.map(|row| DeviceGrant {
        client: AppClientId::new(row.client_id),
        scopes: row.scopes,
        resource: row.resource,
        expires_at: row.expires_at,
    }))
}

/// Answers a client's device that waits, which has two minutes from then to ask.
///
/// # Errors
/// [`Error::Stale`] when none does by that code.
pub async fn answer(
    db: &Db,
    pool: &UserPoolId,
    user_code: &[u8; 32],
    client: &AppClientId,
    answer: Answer,
    now: Timestamp,
) -> Result<()> {
    let session = match answer {
        Answer::Allowed(session) => Some(session.as_uuid()),
        Answer::Refused => None,
    };
    let update = sqlx::query!(
        "-- device_grant::answer
        update device_grants set session_id = $4, is_refused = $5, expires_at = greatest(expires_at, $6 + interval '2 minutes')
        where user_pool_id = $1 and user_code = $2 and client_id = $3 and expires_at > $6
          and session_id is null and not is_refused",
        pool.as_str(),
        user_code.as_slice(),
        client.as_str(),
        session,
        session.is_none(),
        now
    );
    match update.execute(&db.pool).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Stale),
    }
}
