//! `cognate message-template`: what messages say in languages.

use std::path::PathBuf;

use clap::Subcommand;
use cognate_api::aws::message_template;
use cognate_core::App;
use cognate_store::{AppClientId, UserPoolId};

use super::Whose;

#[derive(Subcommand)]
pub(crate) enum MessageTemplateCommand {
    /// Sets the words of a user pool's messages in a language, in place of those that are there. What is left out is said in the
    /// pool's own words.
    Set {
        #[command(flatten)]
        whose: Whose,
        /// The templates, as JSON with Cognito's names; `-` reads them from the standard input.
        templates: PathBuf,
    },
    /// Lists the languages that a user pool and its app clients have words in.
    List {
        /// The user pool.
        user_pool: String,
    },
    /// Takes the words in a language away.
    Remove {
        #[command(flatten)]
        whose: Whose,
    },
}

/// Does it, and says what there is to say.
pub(crate) async fn run(app: &App, command: MessageTemplateCommand) -> anyhow::Result<Vec<u8>> {
    match command {
        MessageTemplateCommand::Set { whose, templates } => {
            let (pool, templates) = (UserPoolId::new(&*whose.user_pool), crate::read(&templates)?);
            message_template::set(app, &pool, whose.client(), &whose.language, &templates).await?;
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
        MessageTemplateCommand::Remove { whose } => {
            let (client, pool) = (whose.client(), crate::existing(&app.db, whose.user_pool).await?);
            message_template::remove(&app.db, &pool.id, client.as_ref(), &whose.language).await?;
            Ok(Vec::new())
        }
    }
}
