//! `cognate message-template`: what messages say in languages.

use std::path::PathBuf;

use clap::Subcommand;
use cognate_api::aws::message_template;
use cognate_core::App;
use cognate_store::{AppClientId, UserPoolId};

#[derive(Subcommand)]
pub(crate) enum MessageTemplateCommand {
    /// Sets the words of a user pool's messages in a language, in place of those that are there. What is left out is said in the
    /// pool's own words.
    Set {
        /// The user pool.
        user_pool: String,
        /// The language's tag, such as `de` or `de-CH`.
        language: String,
        /// The templates, as JSON with Cognito's names; `-` reads them from the standard input.
        templates: PathBuf,
        /// The app client whose messages they are for alone.
        #[arg(long)]
        client: Option<String>,
    },
    /// Lists the languages that a user pool and its app clients have words in.
    List {
        /// The user pool.
        user_pool: String,
    },
    /// Takes the words in a language away.
    Remove {
        /// The user pool.
        user_pool: String,
        /// The language's tag.
        language: String,
        /// The app client whose messages they are for alone.
        #[arg(long)]
        client: Option<String>,
    },
}

/// Does it, and says what there is to say.
pub(crate) async fn run(app: &App, command: MessageTemplateCommand) -> anyhow::Result<Vec<u8>> {
    match command {
        MessageTemplateCommand::Set { user_pool, language, templates, client } => {
            let templates = crate::read(&templates)?;
            let (pool, client) = (UserPoolId::new(user_pool), client.map(AppClientId::new));
            message_template::set(app, &pool, client, &language, &templates).await?;
            Ok(Vec::new())
        }
        MessageTemplateCommand::List { user_pool } => {
            let pool = crate::existing(&app.db, user_pool).await?;
            let listed = cognate_store::message_template::list(&app.db, &pool.id).await?;
            let lines = listed.iter().map(|it| {
                let whose = it.client.as_ref().map_or("every client", AppClientId::as_str);
                format!("{}  {}  {whose}", it.language, it.updated_at.format("%Y-%m-%dT%H:%M:%SZ"))
            });
            Ok(lines.collect::<Vec<_>>().join("\n").into_bytes())
        }
        MessageTemplateCommand::Remove { user_pool, language, client } => {
            let pool = crate::existing(&app.db, user_pool).await?;
            let client = client.map(AppClientId::new);
            message_template::remove(&app.db, &pool.id, client.as_ref(), &language).await?;
            Ok(Vec::new())
        }
    }
}
