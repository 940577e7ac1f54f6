//! User sessions: one sign-in and all the tokens that come of it.

/// A session of a row that holds its columns, its ids under names of their own.
macro_rules! session_of_row {
    ($row:expr) => {
        $crate::user_session::UserSession {
            id: $row.session_id.into(),
            kind: $row.kind,
            opened_by: $row.opened_by.map(Into::into),
            resource: $row.resource,
            user: $row.user_id.into(),
            client: $crate::AppClientId::new($row.client_id),
            scopes: $row.scopes,
            epoch: $row.epoch,
            authenticated_at: $row.authenticated_at,
            proven_since: $row.proven_since.unwrap_or($row.authenticated_at),
            expires_at: $row.expires_at,
            revoked_at: $row.revoked_at,
            methods: $row.methods,
            generation: $row.generation,
            rotated_at: $row.rotated_at,
            last_active_at: $row.last_active_at,
            device_key: $row.device_key,
            has_device: $row.has_device,
            dpop_jkt: $row.dpop_jkt,
            sid: $row.sid,
        }
    };
}
pub(crate) use session_of_row;

mod end;
mod find;
mod open;
mod rotate;
pub mod tracking;

pub use end::{end_browser, revoke, revoke_all};
pub use find::{SessionKey, find, several};
pub use open::{OpenedSession, open};
pub use rotate::{Rotatable, find_and_rotate, rotate};

use sqlx::types::Json;
use uuid::Uuid;

use crate::challenge_session::SpentSession;
use crate::group::{Membership, in_order};
use crate::second_factor::SoftwareToken;
use crate::{AppClientId, Db, Error, Result, Timestamp, User, UserId, UserPoolId, UserSessionId};

/// What a session is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum SessionKind {
    /// A refresh token, and all the tokens that come of it.
    Tokens,
    /// A browser, at the pool's own pages.
    Browser,
}

/// A sign-in about to be saved.
#[derive(Debug)]
pub struct NewUserSession<'a> {
    /// The tokens' `origin_jti` and `event_id`.
    pub id: UserSessionId,
    /// What it is of.
    pub kind: SessionKind,
    /// The thumbprint of the key that its refresh token is bound to, where it is (RFC 9449).
    pub dpop_jkt: Option<&'a str>,
    /// What it is called to clients, where it is a browser's.
    pub sid: Option<Uuid>,
    /// Who signed in.
    pub user: UserId,
    /// Through which client.
    pub client: &'a AppClientId,
    /// SHA-256 of the refresh token, or of the browser's cookie.
    pub refresh_digest: [u8; 32],
    /// The scopes granted.
    pub scopes: &'a [String],
    /// When the user proved who they are; the tokens' `auth_time`.
    pub authenticated_at: Timestamp,
    /// When it begins.
    pub started_at: Timestamp,
    /// When the refresh token stops working.
    pub expires_at: Timestamp,
    /// The handshake or challenge that led to it.
    pub spent: Option<&'a SpentSession>,
    /// By which methods the user proved who they are (RFC 8176).
    pub methods: &'a [String],
    /// The authenticator app that is one of them.
    pub software_token: Option<&'a SoftwareToken>,
    /// The time step of its code, which is spent with it: none where the app has just been set up.
    pub software_token_step: Option<i64>,
    /// The key of the device it comes from, where the pool tracks devices.
    pub device_key: Option<&'a str>,
    /// Whether that device was confirmed before.
    pub is_device_known: bool,
    /// The user's epoch as the sign-in began.
    pub epoch: Option<i32>,
    /// When the oldest of what was proven was, where that was before.
    pub proven_since: Option<Timestamp>,
    /// An earlier session of the user's that it draws on, which must go on.
    pub rests_on: Option<UserSessionId>,
    /// When the password that was proven had been set, where one was.
    pub password_changed_at: Option<Timestamp>,
}

/// A stored session.
#[derive(Debug, Clone)]
pub struct UserSession {
    /// The tokens' `origin_jti` and `event_id`.
    pub id: UserSessionId,
    /// What it is of.
    pub kind: SessionKind,
    /// The browser's session that its tokens come of, where they do.
    pub opened_by: Option<UserSessionId>,
    /// The service that its access tokens are for, where one was named (RFC 8707).
    pub resource: Option<String>,
    /// Who signed in.
    pub user: UserId,
    /// Through which client.
    pub client: AppClientId,
    /// The scopes granted.
    pub scopes: Vec<String>,
    /// The user's epoch when they signed in.
    pub epoch: i32,
    /// When the user proved who they are.
    pub authenticated_at: Timestamp,
    /// When the oldest of what it rests on was proven.
    pub proven_since: Timestamp,
    /// When the refresh token stops working.
    pub expires_at: Timestamp,
    /// When it was ended early.
    pub revoked_at: Option<Timestamp>,
    /// By which methods the user proved who they are (RFC 8176).
    pub methods: Vec<String>,
    /// How often its refresh token has changed.
    pub generation: i32,
    /// When it last did.
    pub rotated_at: Option<Timestamp>,
    /// When it was last noted to be in use, by a pool that tracks sessions.
    pub last_active_at: Option<Timestamp>,
    /// The key of the device it came from, where the pool tracked devices.
    pub device_key: Option<String>,
    /// Whether that device was confirmed.
    pub has_device: bool,
    /// The thumbprint of the key that its refresh token is bound to, where it is (RFC 9449).
    pub dpop_jkt: Option<String>,
    /// What the browser's session that it is, or that its tokens come of, is called to clients.
    pub sid: Option<Uuid>,
}

impl UserSession {
    /// Whether the session goes on: neither it nor all sessions of its time were ended.
    pub fn is_open(&self, user: &User) -> bool {
        let kept = self.epoch == user.session_epoch || user.kept_session == Some(self.id);
        self.user == user.id && self.revoked_at.is_none() && kept
    }
}

/// Saves a sign-in; one by password forgets the wrong guesses before it. Returns the groups of the user.
///
/// The user must still be enabled and confirmed, in the epoch that the sign-in began in, with the very password that was
/// proven, if one was: whoever changes that takes the user's row first, so no session slips in behind a reset (both rows
/// are locked, so that both are read as they are then). An authenticator app must still be the one whose code was
/// checked, a device that proved itself must not have been forgotten, and an earlier session that counts must go on.
///
/// # Errors
/// [`Error::Stale`] when they are not, or when the handshake, the challenge or the code is spent already. A challenge is not
/// spent then.
pub async fn start(db: &Db, pool: &UserPoolId, new: &NewUserSession<'_>) -> Result<Vec<Membership>> {
    let insert = sqlx::query_scalar!(
        r#"-- user_session::start
        with confirmed as (
            select id, session_epoch, kept_session from users
            where user_pool_id = $1 and id = $3 and enabled and status = 'CONFIRMED'
              and session_epoch = coalesce($17, session_epoch)
            for share
        ), device as (
            select device_key from devices
            where user_pool_id = $1 and user_id = $3 and device_key = $15 and $16
            for key share
        ), password as (
            select p.user_id from passwords p join confirmed u on p.user_id = u.id
            where p.user_pool_id = $1 and p.changed_at = $9
            for share of p
        ), earlier as (
            select s.id from user_sessions s join confirmed u on s.user_id = u.id
            where s.user_pool_id = $1 and s.id = $18 and s.revoked_at is null and s.expires_at > $20
              and (s.epoch = u.session_epoch or s.id = u.kept_session)
            for share of s
        ), signed_in as (
            select id, session_epoch from confirmed
            where ($9::timestamptz is null or exists (select from password))
              and (not $16 or exists (select from device)) and ($18::uuid is null or exists (select from earlier))
        ), used as (
            update second_factors set software_token_step = coalesce($13, software_token_step)
            where user_pool_id = $1 and user_id = $3 and software_token = $14
              and ($13::bigint is null or software_token_step < $13) and exists (select from signed_in)
            returning user_id
        ), proven as (
            select id, session_epoch from signed_in where $14::bytea is null or exists (select from used)
        ), spent as (
            insert into spent_challenge_sessions (user_pool_id, id, expires_at)
            select $1, $10, $11::timestamptz from proven where $10::uuid is not null
            on conflict do nothing
            returning id
        ), forgotten as (
            delete from password_guesses
            where user_pool_id = $1 and subject = $3 and $9::timestamptz is not null and exists (select from proven)
        )
        insert into user_sessions
            (user_pool_id, id, user_id, client_id, refresh_digest, scopes, epoch, authenticated_at, expires_at, methods,
             device_key, proven_since, kind, dpop_jkt, sid)
        select $1, $2, id, $4, $5, $6, session_epoch, $7, $8, $12, $15, $19, $21, $22, $23 from proven
        where $10::uuid is null or exists (select from spent)
        returning
               array(select jsonb_build_object('name', g.name, 'role_arn', g.role_arn, 'precedence', g.precedence)
                     from group_members m join groups g on g.user_pool_id = m.user_pool_id and g.name = m.group_name
                     where m.user_pool_id = $1 and m.user_id = $3) as "groups!: Vec<Json<Membership>>""#,
        pool.as_str(),
        new.id.as_uuid(),
        new.user.as_uuid(),
        new.client.as_str(),
        new.refresh_digest.as_slice(),
        new.scopes,
        new.authenticated_at,
        new.expires_at,
        new.password_changed_at,
        new.spent.map(|spent| spent.id),
        new.spent.map(|spent| spent.expires_at),
        new.methods,
        new.software_token_step,
        new.software_token.map(|token| token.sealed.as_slice()),
        new.device_key,
        new.is_device_known,
        new.epoch,
        new.rests_on.map(|id| id.as_uuid()),
        new.proven_since,
        new.started_at,
        new.kind as SessionKind,
        new.dpop_jkt,
        new.sid
    );
    insert.fetch_optional(&db.pool).await?.map(in_order).ok_or(Error::Stale)
}

/// Binds a session's refresh token to a key, by its thumbprint; says whether it is bound to that one now (RFC 9449, section 5).
///
/// # Errors
/// When the database does not answer.
pub async fn bind(db: &Db, pool: &UserPoolId, id: UserSessionId, dpop_jkt: &str) -> Result<bool> {
    let update = sqlx::query!(
        "-- user_session::bind
        update user_sessions set dpop_jkt = $3
        where user_pool_id = $1 and id = $2 and coalesce(dpop_jkt, $3) = $3",
        pool.as_str(),
        id.as_uuid(),
        dpop_jkt
    );
    Ok(update.execute(&db.pool).await?.rows_affected() > 0)
}
