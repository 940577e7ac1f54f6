//! What happened at the door: sign-ins, sign-ups and the like, in pools with threat protection.

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Db, Result, Timestamp, UserId, UserPoolId};

macro_rules! named {
    ($(#[$meta:meta])* $name:ident { $($(#[$of:meta])* $variant:ident),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$of])* $variant),* }

        impl $name {
            /// Its name in Cognito's words.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),* }
            }

            fn parse(text: &str) -> Option<Self> {
                match text { $(stringify!($variant) => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

named! {
    /// What was tried.
    EventKind {
        /// Signing in.
        SignIn,
        /// Signing up.
        SignUp,
        /// Setting a new password by a code.
        ForgotPassword,
        /// Changing the password.
        PasswordChange,
        /// Having a code sent again.
        ResendCode,
    }
}

named! {
    /// How it went.
    EventResponse {
        /// It was done.
        Pass,
        /// It was refused.
        Fail,
        /// It waits for something more.
        InProgress,
    }
}

named! {
    /// How likely it was somebody else.
    RiskLevel {
        /// One thing was unusual.
        Low,
        /// Two things were.
        Medium,
        /// More were.
        High,
    }
}

/// What was asked for on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Factor {
    /// The password.
    Password,
    /// A second factor.
    Mfa,
}

impl Factor {
    /// Its name in Cognito's words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "Password",
            Self::Mfa => "Mfa",
        }
    }
}

named! {
    /// What somebody who must know said about an event.
    Feedback {
        /// It was the user.
        Valid,
        /// It was not.
        Invalid,
    }
}

/// Something that was asked for, and whether it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventChallenge {
    /// What.
    pub factor: Factor,
    /// Whether the right answer came.
    pub passed: bool,
}

/// An event as it is kept.
#[derive(Debug)]
pub struct AuthEvent {
    /// Its id; a sign-in that passed shares it with its session.
    pub id: Uuid,
    /// Whose.
    pub user: UserId,
    /// What was tried.
    pub kind: EventKind,
    /// How it went.
    pub response: EventResponse,
    /// How likely it was somebody else, where anything was unusual.
    pub risk_level: Option<RiskLevel>,
    /// Whether it was refused for its risk.
    pub blocked: bool,
    /// Whether the password that was given has leaked.
    pub leaked_password: bool,
    /// What was asked for.
    pub challenges: Vec<EventChallenge>,
    /// Where from.
    pub address: Option<String>,
    /// On which device, in a few words.
    pub device: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// An event, and what was said about it.
#[derive(Debug)]
pub struct JudgedEvent {
    /// The event.
    pub event: AuthEvent,
    /// What was said last, by whom and when.
    pub feedback: Option<(Feedback, String, Timestamp)>,
}

/// Keeps an event, or what has become of one that was kept: the rest of it stays, and its challenges go on. What has passed stays
/// so.
///
/// # Errors
/// [`crate::Constraint::ParentGone`] when the user is gone.
pub async fn record(db: &Db, pool: &UserPoolId, event: &AuthEvent) -> Result<()> {
    let upsert = sqlx::query!(
        "-- auth_event::record
        insert into auth_events as e
            (user_pool_id, id, user_id, kind, response, risk_level, blocked, leaked_password, challenges, address, device,
             created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        on conflict (user_pool_id, id) do update
        set response = case when e.response = 'Pass' then e.response else $5 end, blocked = e.blocked or $7, challenges = e.challenges || $9::jsonb
        where e.user_id = $3",
        pool.as_str(),
        event.id,
        event.user.as_uuid(),
        event.kind.as_str(),
        event.response.as_str(),
        event.risk_level.map(RiskLevel::as_str),
        event.blocked,
        event.leaked_password,
        Json(&event.challenges) as _,
        event.address,
        event.device,
        event.created_at
    );
    upsert.execute(&db.pool).await?;
    Ok(())
}

/// Where a user was when they came in.
#[derive(Debug)]
pub struct Visit {
    /// Where from.
    pub address: Option<String>,
    /// On which device.
    pub device: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What is remembered of a user's sign-ins.
#[derive(Debug)]
pub struct History {
    /// From where those came that passed, or were refused and turned out to be theirs: the latest from each place.
    pub visits: Vec<Visit>,
    /// How many failed lately.
    pub failures: i64,
}

/// What is remembered of a user's sign-ins: the latest of those since one time, and the failures since another. What somebody
/// said was not them is no visit, and what was refused for its risk no failure.
///
/// # Errors
/// When the database does not answer.
pub async fn history(
    db: &Db,
    pool: &UserPoolId,
    user: UserId,
    visits_since: Timestamp,
    failures_since: Timestamp,
) -> Result<History> {
    let rows = sqlx::query!(
        r#"-- auth_event::history
        select address, device, created_at,
               (select count(*) from auth_events
                where user_pool_id = $1 and user_id = $2 and kind = 'SignIn' and created_at > $4
                  and response = 'Fail' and not blocked and feedback is distinct from 'Valid') as "failures!"
        from (select null) only_once
        left join lateral (
            select distinct on (address, device) address, device, created_at from (
                select address, device, created_at from auth_events
                where user_pool_id = $1 and user_id = $2 and kind = 'SignIn' and created_at > $3
                  and (response = 'Pass' and feedback is distinct from 'Invalid' or feedback = 'Valid')
                order by created_at desc limit 1000
            ) latest
            order by address, device, created_at desc
        ) visits on true"#,
        pool.as_str(),
        user.as_uuid(),
        visits_since,
        failures_since
    );
    let rows = rows.fetch_all(&db.pool).await?;
    let failures = rows.first().map_or(0, |row| row.failures);
    let visits = rows.into_iter().filter_map(|row| {
        let at = row.created_at?;
        Some(Visit { address: row.address, device: row.device, at })
    });
    Ok(History { visits: visits.collect(), failures })
}

/// Where a page of events begins: after this one.
pub type Position = (Timestamp, Uuid);

/// A user's events, the latest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    db: &Db,
    pool: &UserPoolId,
    user: UserId,
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<JudgedEvent>> {
    let rows = sqlx::query!(
        r#"-- auth_event::list
        select id, kind, response, risk_level, blocked, leaked_password,
               challenges as "challenges: Json<Vec<EventChallenge>>", address, device, created_at, feedback,
               feedback_provider, feedback_at
        from auth_events
        where user_pool_id = $1 and user_id = $2
          and ($3::timestamptz is null or (created_at, id) < ($3, $4))
        order by created_at desc, id desc limit $5"#,
        pool.as_str(),
        user.as_uuid(),
        after.map(|(at, _)| at),
        after.map(|(_, id)| id),
        limit
    );
    let events = rows.fetch_all(&db.pool).await?.into_iter().filter_map(|row| {
        let event = AuthEvent {
            id: row.id,
            user,
            kind: EventKind::parse(&row.kind)?,
            response: EventResponse::parse(&row.response)?,
            risk_level: row.risk_level.as_deref().and_then(RiskLevel::parse),
            blocked: row.blocked,
            leaked_password: row.leaked_password,
            challenges: row.challenges.0,
            address: row.address,
            device: row.device,
            created_at: row.created_at,
        };
        let said = row.feedback.as_deref().and_then(Feedback::parse);
        let feedback = said.zip(row.feedback_provider).zip(row.feedback_at);
        Some(JudgedEvent { event, feedback: feedback.map(|((said, by), at)| (said, by, at)) })
    });
    Ok(events.collect())
}

/// Who says what nobody else overrules.
pub const ADMINISTRATOR: &str = "Admin";

/// Keeps what somebody said about an event of a user, unless an administrator said something before; says whether it was kept.
///
/// # Errors
/// When the database does not answer.
pub async fn judge(
    db: &Db,
    pool: &UserPoolId,
    user: UserId,
    id: Uuid,
    feedback: (Feedback, &str, Timestamp),
) -> Result<bool> {
    let (said, by, at) = feedback;
    let update = sqlx::query!(
        "-- auth_event::judge
        update auth_events set feedback = $4, feedback_provider = $5, feedback_at = $6
        where user_pool_id = $1 and user_id = $2 and id = $3
          and (feedback_provider is distinct from $7 or $5 = $7)",
        pool.as_str(),
        user.as_uuid(),
        id,
        said.as_str(),
        by,
        at,
        ADMINISTRATOR
    );
    Ok(update.execute(&db.pool).await?.rows_affected() == 1)
}
