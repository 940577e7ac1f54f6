//! `cognate page-texts`: what the pages say in an owner's words.

use std::path::PathBuf;

use clap::Subcommand;
use cognate_api::ui::own_words;
use cognate_core::App;
use cognate_core::ui_customization::ALL;

use super::Whose;

#[derive(Subcommand)]
pub(crate) enum PageTextsCommand {
    /// Sets texts of a user pool's pages in a language, in place of those that are there. What is left out is said in our words.
    Set {
        #[command(flatten)]
        whose: Whose,
        /// The texts, as Fluent messages by the names that they have in `crates/api/locales`; `-` reads them from the standard input.
        texts: PathBuf,
    },
    /// Lists the languages that a user pool and its app clients have texts in.
    List {
        /// The user pool.
        user_pool: String,
    },
    /// Takes the texts in a language away.
    Remove {
        #[command(flatten)]
        whose: Whose,
    },
}

/// Does it, and says what there is to say.
pub(crate) async fn run(app: &App, command: PageTextsCommand) -> anyhow::Result<Vec<u8>> {
    match command {
        PageTextsCommand::Set { whose, texts } => {
            let (client, texts) = (whose.client(), crate::read(&texts)?);
            let pool = crate::existing(&app.db, whose.user_pool).await?;
            own_words::set(app, &pool, client.as_ref(), &whose.language, texts).await?;
            Ok(Vec::new())
        }
        PageTextsCommand::List { user_pool } => {
            let pool = crate::existing(&app.db, user_pool).await?;
            let lines = own_words::list(app, &pool).await?.into_iter().map(|it| {
                let whose = if it.body.owner == ALL { "every client" } else { &it.body.owner };
                let at = it.updated_at.format("%Y-%m-%dT%H:%M:%SZ");
                format!("{}  {at}  {whose}", it.body.language)
            });
            Ok(lines.collect::<Vec<_>>().join("\n").into_bytes())
        }
        PageTextsCommand::Remove { whose } => {
            let (client, pool) = (whose.client(), crate::existing(&app.db, whose.user_pool).await?);
            own_words::remove(app, &pool, client.as_ref(), &whose.language).await?;
            Ok(Vec::new())
        }
    }
}
