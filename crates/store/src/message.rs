//! The outbox: messages are written with their cause and delivered by a worker (DUR-4).

mod delivery;

pub use delivery::{Due, Leased, failed, lease, postpone, sent};
use serde::{Deserialize, Serialize};
use sqlx::PgExecutor;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::seal::{Place, PoolKey, Sealed};
use crate::user_pool::NotificationTemplate;
use crate::{Db, Error, Result, Timestamp, UserPool, UserPoolId, UserPoolSettings};

/// What a message tells; its words come from the pool's templates when it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// A code to confirm a sign-up.
    SignUp,
    /// A code sent again.
    ResendCode,
    /// A code to set a new password.
    ForgotPassword,
    /// A code to prove an address that has changed.
    UpdateAttribute,
    /// A code to prove an address that its user asks to prove.
    VerifyAttribute,
    /// An invitation with a temporary password.
    Invitation,
    /// A code that signs somebody in.
    SignIn,
    /// A code that is asked for after the password.
    SecondFactor,
    /// Word of a sign-in that may not have been the user's.
    SignInNotice,
}

/// How a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Medium {
    /// Email.
    Email,
    /// Text message.
    Sms,
}

impl std::fmt::Display for Medium {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Email => "EMAIL",
            Self::Sms => "SMS",
        })
    }
}

/// What is needed to write a message. Sealed while it waits, because it holds a code (KEY-3).
#[derive(Clone, Serialize, Deserialize)]
pub struct MessageBody {
    /// What it tells.
    pub occasion: Occasion,
    /// How it travels.
    pub medium: Medium,
    /// The address.
    pub destination: String,
    /// Who it is about.
    pub username: String,
    /// The code or temporary password; in word of a sign-in, the token to say whether it was the user.
    pub code: String,
    /// The client it was asked for through, if any.
    pub client: Option<String>,
    /// Where its links lead: the pool's site, without a slash at the end.
    #[serde(default)]
    pub site: Option<String>,
    /// The languages that its reader would rather read, best first: tags (BCP 47) in lower case.
    #[serde(default)]
    pub languages: Vec<String>,
    /// What word of a sign-in tells.
    #[serde(default)]
    pub notice: Option<Box<Notice>>,
    /// Words that the pool's function gave it.
    #[serde(default)]
    pub words: Option<CustomWords>,
    /// Those of the page that it was asked for at, in place of Cognito's.
    #[serde(default)]
    pub page_words: Option<CustomWords>,
    /// What the pool's function is told that sends it in place of the server, all but the code.
    #[serde(default)]
    pub event: Option<serde_json::Value>,
}

/// Words in place of the pool's own, with the same placeholders.
#[derive(Clone, Serialize, Deserialize)]
pub struct CustomWords {
    /// The subject of an email.
    pub subject: Option<String>,
    /// The text message, or the HTML of an email.
    pub body: Option<String>,
    /// Whether the body holds a link in place of a code.
    pub by_link: bool,
}

/// What word of a sign-in tells, and in which words.
#[derive(Clone, Serialize, Deserialize)]
pub struct Notice {
    /// What became of it.
    pub of: NoticeOf,
    /// The pool's words, where it has any.
    pub template: Option<NotificationTemplate>,
    /// The `From` header, where it is not the pool's.
    pub from: Option<String>,
    /// The `Reply-To` header, where it is not the pool's.
    pub reply_to: Option<String>,
    /// When it was.
    pub at: Timestamp,
    /// The device, in a few words.
    pub device: Option<String>,
    /// Its address.
    pub address: Option<String>,
}

/// What became of a sign-in that users are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeOf {
    /// It was refused.
    Blocked,
    /// It took a second factor.
    SecondFactor,
    /// It went on as any other.
    Passed,
}

impl MessageBody {
    /// Whether its pool has addresses proven by a link, and it is about that.
    pub fn is_by_link(&self, settings: &UserPoolSettings) -> bool {
        settings.verification.by_link
            && self.medium == Medium::Email
            && matches!(self.occasion, Occasion::SignUp | Occasion::ResendCode)
    }
}

impl Drop for MessageBody {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.code);
    }
}

impl std::fmt::Debug for MessageBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageBody")
            .field("occasion", &self.occasion)
            .field("medium", &self.medium)
            .finish_non_exhaustive()
    }
}

/// A message about to be queued.
#[derive(Debug)]
pub struct NewMessage {
    /// Its id, which becomes the Message-ID.
    pub id: Uuid,
    /// What it says.
    pub body: MessageBody,
    /// When there is no more point in sending it.
    pub expires_at: Timestamp,
}

/// A message leased to a worker, or read back.
#[derive(Debug, Clone)]
pub struct Message {
    /// The pool it belongs to.
    pub user_pool: UserPoolId,
    /// Its id.
    pub id: Uuid,
    /// Its sealed body; gone once sent.
    pub body: Option<Sealed>,
    /// How often sending it has failed.
    pub failures: i32,
    /// `pending`, `sent` or `dead`.
    pub state: String,
    /// When there is no more point in sending it.
    pub expires_at: Timestamp,
    /// When it was queued.
    pub created_at: Timestamp,
}

impl Message {
    /// Opens the body.
    ///
    /// # Errors
    /// When it is gone or does not open.
    pub fn open(&self, pool: &UserPool) -> Result<MessageBody> {
        let gone = || Error::Unreadable("messages.body".into());
        let sealed = self.body.as_ref().ok_or_else(gone)?;
        let opened = pool.key.open(place(&self.id.to_string()), sealed)?;
        serde_json::from_slice(&opened).map_err(|_| gone())
    }
}

/// Queues a message that nothing else is saved with.
///
/// # Errors
/// [`crate::Constraint::ParentGone`] when the pool is gone.
pub async fn queue(db: &Db, pool: &UserPool, new: &NewMessage, now: Timestamp) -> Result<()> {
    enqueue(&db.pool, &pool.id, &pool.key, new, now).await
}

pub(crate) async fn enqueue(
    executor: impl PgExecutor<'_>,
    pool: &UserPoolId,
    key: &PoolKey,
    new: &NewMessage,
    now: Timestamp,
) -> Result<()> {
    let body = serde_json::to_vec(&new.body).map_err(|error| Error::Internal(error.to_string()))?;
    let sealed = key.seal(place(&new.id.to_string()), &Zeroizing::new(body))?;
    let insert = sqlx::query!(
        "-- message::enqueue
        insert into messages (user_pool_id, id, body, next_attempt_at, expires_at, created_at, by_function)
        values ($1, $2, $3, $5, $4, $5, $6)",
        pool.as_str(),
        new.id,
        sealed.as_bytes(),
        new.expires_at,
        now,
        new.body.event.is_some()
    );
    insert.execute(executor).await?;
    Ok(())
}

/// The newest messages of an account, for the development inbox.
///
/// # Errors
/// When the database does not answer.
pub async fn recent(db: &Db, account: &crate::AccountId, limit: i64) -> Result<Vec<Message>> {
    let rows = sqlx::query!(
        "-- message::recent
        select m.user_pool_id, m.id, m.body, m.failures, m.state, m.expires_at, m.created_at
        from messages m join user_pools p on p.id = m.user_pool_id
        where p.account_id = $1 and m.body is not null order by m.created_at desc, m.id limit $2",
        account.as_str(),
        limit
    );
    let rows = rows.fetch_all(&db.pool).await?;
    Ok(rows
        .into_iter()
        .map(|row| Message {
            user_pool: UserPoolId::new(row.user_pool_id),
            id: row.id,
            body: row.body.map(Sealed::from_stored),
            failures: row.failures,
            state: row.state,
            expires_at: row.expires_at,
            created_at: row.created_at,
        })
        .collect())
}

/// A message that has not left, as its operator sees it: no address, no code (LOG-1).
#[derive(Debug)]
pub struct Undelivered {
    /// The pool it belongs to.
    pub user_pool: UserPoolId,
    /// Its id.
    pub id: Uuid,
    /// `pending` or `dead`.
    pub state: String,
    /// How often sending it has failed.
    pub failures: i32,
    /// Why, the last time.
    pub last_error: Option<String>,
    /// When there is no more point in sending it.
    pub expires_at: Timestamp,
    /// When it was queued.
    pub created_at: Timestamp,
}

/// The messages that have not left, of whatever pool, the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn undelivered(db: &Db, limit: i64) -> Result<Vec<Undelivered>> {
    let rows = sqlx::query!(
        "-- message::undelivered (all tenants)
        select user_pool_id, id, state, failures, last_error, expires_at, created_at from messages
        where state <> 'sent' order by created_at, id limit $1",
        limit
    );
    let rows = rows.fetch_all(&db.pool).await?;
    Ok(rows
        .into_iter()
        .map(|row| Undelivered {
            user_pool: UserPoolId::new(row.user_pool_id),
            id: row.id,
            state: row.state,
            failures: row.failures,
            last_error: row.last_error,
            expires_at: row.expires_at,
            created_at: row.created_at,
        })
        .collect())
}

/// Has messages sent again at once that were given up, or wait for their next attempt: one, or all. What has expired stays given
/// up. Returns how many.
///
/// # Errors
/// When the database does not answer.
pub async fn retry(db: &Db, id: Option<Uuid>, now: Timestamp) -> Result<u64> {
    let update = sqlx::query!(
        "-- message::retry (all tenants)
        update messages set state = 'pending', next_attempt_at = $2
        where state <> 'sent' and body is not null and expires_at > $2 and ($1::uuid is null or id = $1)",
        id,
        now
    );
    Ok(update.execute(&db.pool).await?.rows_affected())
}

/// How many messages wait, for the metrics.
///
/// # Errors
/// When the database does not answer.
pub async fn count_pending(db: &Db) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"-- message::count_pending (all tenants)
        select count(*) as "count!" from messages where state = 'pending'"#
    );
    Ok(count.fetch_one(&db.pool).await?)
}

fn place(row: &str) -> Place<'_> {
    Place { table: "messages", column: "body", row }
}
