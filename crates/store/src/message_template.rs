//! Words of messages in a language, of a pool or of one of its clients.

use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use crate::{AppClientId, Db, Result, Timestamp, UserPoolId};

/// The words of a pool, or of one of its clients, in a language.
#[derive(Debug, Clone)]
pub struct MessageTemplate {
    /// The client whose messages they are; every client's of the pool where there is none.
    pub client: Option<AppClientId>,
    /// The language's tag (BCP 47), in lower case.
    pub language: String,
    /// The words.
    pub words: TemplateWords,
    /// When they were set.
    pub updated_at: Timestamp,
}

/// Words with the placeholders of a pool's own; what is absent is the pool's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TemplateWords {
    /// Text message with a code that proves something: `{####}`.
    pub sms_message: Option<String>,
    /// Body of the email with such a code.
    pub email_message: Option<String>,
    /// Its subject.
    pub email_subject: Option<String>,
    /// Body of the email with a link instead: `{##text##}`.
    pub email_message_by_link: Option<String>,
    /// Its subject.
    pub email_subject_by_link: Option<String>,
    /// Invitation as a text message, with `{####}` and `{username}`.
    pub sms_invitation: Option<String>,
    /// Invitation as an email body.
    pub email_invitation: Option<String>,
    /// Its subject.
    pub email_invitation_subject: Option<String>,
    /// Text message with a code that is asked for at sign-in.
    pub sms_authentication: Option<String>,
    /// Body of the email with such a code.
    pub email_authentication: Option<String>,
    /// Its subject.
    pub email_authentication_subject: Option<String>,
}

/// Sets the words of a pool, or of one of its clients, in a language, in place of those that are there.
///
/// # Errors
/// [`crate::Constraint::ParentGone`] when the pool or the client is gone.
pub async fn put(db: &Db, pool: &UserPoolId, template: &MessageTemplate) -> Result<()> {
    let upsert = sqlx::query!(
        "-- message_template::put
        insert into message_templates (user_pool_id, client_id, language, templates, updated_at)
        values ($1, $2, $3, $4, $5)
        on conflict (user_pool_id, client, language) do update set templates = $4, updated_at = $5",
        pool.as_str(),
        template.client.as_ref().map(AppClientId::as_str),
        template.language,
        Json(&template.words) as _,
        template.updated_at
    );
    upsert.execute(&db.pool).await?;
    Ok(())
}

/// The words of a pool and its clients, the pool's first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &Db, pool: &UserPoolId) -> Result<Vec<MessageTemplate>> {
    let rows = sqlx::query!(
        r#"-- message_template::list
        select client_id, language, templates as "templates: Json<TemplateWords>", updated_at
        from message_templates where user_pool_id = $1 order by client_id nulls first, language"#,
        pool.as_str()
    );
    let rows = rows.fetch_all(&db.pool).await?;
    Ok(rows
        .into_iter()
        .map(|row| MessageTemplate {
            client: row.client_id.map(AppClientId::new),
            language: row.language,
            words: row.templates.0,
            updated_at: row.updated_at,
        })
        .collect())
}

/// Takes the words of a pool, or of one of its clients, in a language away; whether there were any.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(
    db: &Db,
    pool: &UserPoolId,
    client: Option<&AppClientId>,
    language: &str,
) -> Result<bool> {
    let delete = sqlx::query!(
        "-- message_template::delete
        delete from message_templates
        where user_pool_id = $1 and client_id is not distinct from $2 and language = $3",
        pool.as_str(),
        client.map(AppClientId::as_str),
        language
    );
    Ok(delete.execute(&db.pool).await?.rows_affected() > 0)
}
