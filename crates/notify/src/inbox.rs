//! The development inbox: what was sent, readable, so that nobody needs a mail server to try sign-up.

use std::collections::HashMap;

use chrono::SecondsFormat;
use cognate_store::message::{self, Medium};
use cognate_store::{AccountId, Db, message_template, user_pool};
use serde::Serialize;

use crate::template::{self, LinkPlace};

/// A message as the inbox shows it.
#[derive(Serialize)]
pub struct InboxMessage {
    /// Its id.
    pub id: uuid::Uuid,
    /// The pool it belongs to.
    pub user_pool: String,
    /// When it was queued (RFC 3339).
    pub created_at: String,
    /// `pending`, `sent` or `dead`.
    pub state: String,
    /// `EMAIL` or `SMS`.
    pub medium: Medium,
    /// The address.
    pub to: String,
    /// Who it is about.
    pub username: String,
    /// The subject of an email.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The text message, or the plain part of the email.
    pub text: String,
    /// The code or temporary password.
    pub code: String,
    /// The link that confirms a sign-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// The newest messages of an account whose bodies were kept.
///
/// # Errors
/// When the database does not answer, or a body does not open.
pub async fn list(
    db: &Db,
    account: &AccountId,
    public_url: &str,
    limit: i64,
) -> Result<Vec<InboxMessage>, cognate_store::Error> {
    let (mut pools, mut inbox) = (HashMap::new(), Vec::new());
    for message in message::recent(db, account, limit).await? {
        if !pools.contains_key(&message.user_pool) {
            let pool = user_pool::get(db, &message.user_pool).await?;
            let templates = message_template::list(db, &message.user_pool).await?;
            pools.insert(message.user_pool.clone(), pool.map(|pool| (pool, templates)));
        }
        // The pool may have gone since the messages were read.
        let Some(Some((pool, templates))) = pools.get(&message.user_pool) else { continue };
        let body = message.open(pool)?;
        let place = LinkPlace { public_url, user_pool: &message.user_pool };
        let rendered = template::render(&pool.settings, templates, &body, &place);
        inbox.push(InboxMessage {
            id: message.id,
            user_pool: message.user_pool.to_string(),
            created_at: message.created_at.to_rfc3339_opts(SecondsFormat::Micros, true),
            state: message.state,
            medium: body.medium,
            to: body.destination.clone(),
            username: body.username.clone(),
            subject: (body.medium == Medium::Email).then_some(rendered.subject),
            text: rendered.text,
            code: body.code.clone(),
            link: rendered.link,
        });
    }
    Ok(inbox)
}
