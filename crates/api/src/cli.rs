//! What the command line takes.

pub(crate) mod configure;
pub(crate) mod message_template;
pub(crate) mod page_texts;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use cognate_store::AppClientId;

use self::message_template::MessageTemplateCommand;
use self::page_texts::PageTextsCommand;

/// A self-hosted identity provider that speaks Amazon Cognito's protocol.
#[derive(Parser)]
#[command(name = "cognate", version)]
pub(crate) struct Cli {
    /// The configuration file; `cognate.toml` in the working directory, if there is one, otherwise.
    #[arg(long, global = true)]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serves until told to stop.
    Serve,
    /// Brings the database's schema up to date.
    Migrate,
    /// Works with the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Works with accounts, the tenants.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Works with access keys, which sign an account's requests.
    #[command(subcommand)]
    AccessKey(AccessKeyCommand),
    /// Works with user pools.
    #[command(subcommand, visible_alias = "pool")]
    UserPool(UserPoolCommand),
    /// Works with app clients.
    #[command(subcommand, visible_alias = "client")]
    AppClient(AppClientCommand),
    /// Works with users.
    #[command(subcommand)]
    User(UserCommand),
    /// Works with the words of messages in languages.
    #[command(subcommand)]
    MessageTemplate(MessageTemplateCommand),
    /// Works with what the pages say.
    #[command(subcommand)]
    PageTexts(PageTextsCommand),
    /// Works with imports of users.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Works with the messages that have not left.
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Writes the generated reference pages.
    #[command(hide = true)]
    Reference {
        folder: PathBuf,
        /// Only says whether they are up to date.
        #[arg(long)]
        check: bool,
    },
}

/// Whose words, in which language.
#[derive(Args)]
pub(crate) struct Whose {
    /// The user pool.
    pub(crate) user_pool: String,
    /// The language's tag, such as `de` or `pt-BR`.
    pub(crate) language: String,
    /// The app client that they are for alone.
    #[arg(long)]
    client: Option<String>,
}

impl Whose {
    /// The app client that they are for alone.
    pub(crate) fn client(&self) -> Option<AppClientId> {
        self.client.as_deref().map(AppClientId::new)
    }
}

#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
    /// Checks the configuration without starting anything, and names the functions of user pools that cannot be called with
    /// it.
    Check,
}

#[derive(Subcommand)]
pub(crate) enum AccountCommand {
    /// Creates an account.
    Create {
        /// What to call it.
        name: String,
        /// Its twelve digits; random ones otherwise.
        #[arg(long)]
        id: Option<String>,
    },
    /// Lists all accounts.
    List,
}

#[derive(Subcommand)]
pub(crate) enum UserPoolCommand {
    /// Creates a user pool from a CreateUserPool request, with an id of your own: for moving in.
    Create {
        /// The account it will belong to.
        #[arg(long)]
        account: String,
        /// Its id; a new one otherwise.
        #[arg(long)]
        id: Option<String>,
        /// The request, as JSON; `-` reads it from the standard input.
        request: PathBuf,
    },
    /// Shows the secrets that calls of a user pool's functions are signed with, the newest first.
    WebhookSecrets {
        /// The user pool.
        user_pool: String,
    },
    /// Gives a user pool's functions a new secret, and shows both: calls are signed with the one before as well for a while.
    RotateWebhookSecret {
        /// The user pool.
        user_pool: String,
        /// For how many hours; 0 drops it at once.
        #[arg(long, default_value_t = 24)]
        overlap_hours: u16,
    },
    /// Shows the key that a user pool's custom senders decrypt codes with, as JSON: the name space, name and base64 of a raw AES
    /// key of the AWS Encryption SDK. Not used where `kms_endpoint_url` is set.
    SenderKey {
        /// The user pool.
        user_pool: String,
    },
    /// Sets what Cognito's API has no member for, and shows what is in force.
    Configure {
        /// The user pool.
        user_pool: String,
        /// `name=value`, or `name=` to go back to what it is unless somebody says; nothing only shows.
        options: Vec<String>,
    },
    /// Counts a user pool's users, however many there are.
    CountUsers {
        /// The user pool.
        user_pool: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum AppClientCommand {
    /// Creates an app client from a CreateUserPoolClient request, with an id of your own: for moving in. The request may
    /// hold the secret.
    Create {
        /// Its id; a new one otherwise.
        #[arg(long)]
        id: Option<String>,
        /// The request, as JSON; `-` reads it from the standard input.
        request: PathBuf,
    },
    /// Sets what Cognito's API has no member for, and shows what is in force.
    Configure {
        /// The app client.
        client: String,
        /// `name=value`, or `name=` for what its user pool says; nothing only shows.
        options: Vec<String>,
    },
}

#[derive(Subcommand)]
pub(crate) enum UserCommand {
    /// Creates a user from an AdminCreateUser request, with a `sub` of your own: for moving in.
    Create {
        /// Their `sub`; a new one otherwise.
        #[arg(long)]
        sub: Option<uuid::Uuid>,
        /// The request, as JSON; `-` reads it from the standard input.
        request: PathBuf,
    },
}

#[derive(Subcommand)]
pub(crate) enum AccessKeyCommand {
    /// Creates a key for an account and shows its secret, this once.
    Create {
        /// The account.
        account: String,
    },
    /// Lists an account's keys.
    List {
        /// The account.
        account: String,
    },
    /// Switches a key off; it stops working within a second.
    Disable {
        /// The account.
        account: String,
        /// The key.
        key: String,
    },
    /// Switches a key on again.
    Enable {
        /// The account.
        account: String,
        /// The key.
        key: String,
    },
    /// Deletes a key; it stops working within a second.
    Delete {
        /// The account.
        account: String,
        /// The key.
        key: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum OutboxCommand {
    /// Lists the messages that wait (`pending`) or were given up (`dead`), and why.
    List,
    /// Has messages sent again at once, unless they have expired.
    Retry {
        /// The message.
        #[arg(required_unless_present = "all")]
        id: Option<uuid::Uuid>,
        /// All that have not left.
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum ImportCommand {
    /// Shows what became of each line of a job's file.
    Log {
        /// The user pool.
        pool: String,
        /// The job.
        job: String,
    },
}
