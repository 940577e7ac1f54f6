//! The `cognate` binary: what its commands do.

#![expect(clippy::print_stdout, reason = "a command line tool")]

mod cli;

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;
use cognate_api::aws::provision;
use cognate_api::config::Config;
use cognate_api::{reference, server, telemetry};
use cognate_core::trigger::{self, Functions};
use cognate_core::{App, Clock, account};
use cognate_store::embedded::Embedded;
use cognate_store::{
    AccountId, Db, Timestamp, UserPool, UserPoolId, access_key, message, user_import, user_pool,
};
use secrecy::ExposeSecret as _;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::{
    AccessKeyCommand, AccountCommand, AppClientCommand, Cli, Command, ConfigCommand, ImportCommand,
    OutboxCommand, UserCommand, UserPoolCommand, configure,
};

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "the log may not be running")]
fn complain(error: &anyhow::Error) {
    eprintln!("cognate: {error:#}");
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    if let Command::Reference { folder, check } = &cli.command {
        return reference::write(folder, *check);
    }
    let config = Config::load(cli.config.as_deref())?;
    match cli.command {
        Command::Serve => serve(&config).await,
        Command::Migrate => with_db(&config, async |db, _| Ok(db.migrate().await?)).await,
        Command::Config(ConfigCommand::Check) => check(&config).await,
        Command::Account(command) => {
            with_db(&config, async |db, clock| run_account(&db, &clock, command).await).await
        }
        Command::AccessKey(command) => {
            with_db(&config, async |db, clock| run_access_key(&db, &clock, command).await).await
        }
        Command::UserPool(UserPoolCommand::CountUsers { user_pool }) => {
            with_db(&config, async |db, _| {
                let pool = existing(&db, user_pool).await?;
                println!("{}", user_pool::count_users(&db, &pool.id, i64::MAX).await?);
                Ok(())
            })
            .await
        }
        Command::UserPool(UserPoolCommand::WebhookSecrets { user_pool }) => {
            with_db(&config, async |db, clock| {
                let pool = existing(&db, user_pool).await?;
                show_webhook_secrets(&pool, clock.now());
                Ok(())
            })
            .await
        }
        Command::UserPool(UserPoolCommand::RotateWebhookSecret { user_pool, overlap_hours }) => {
            with_db(&config, async |db, clock| {
                let mut pool = existing(&db, user_pool).await?;
                let until = clock.now() + chrono::Duration::hours(overlap_hours.into());
                let rotated = user_pool::rotate_webhook_secret(&db, &pool, until).await?;
                pool.webhook_keys = rotated.context("the user pool is gone")?;
                show_webhook_secrets(&pool, clock.now());
                Ok(())
            })
            .await
        }
        Command::UserPool(UserPoolCommand::SenderKey { user_pool }) => {
            with_db(&config, async |db, _| {
                let pool = existing(&db, user_pool).await?;
                let key = trigger::sender_key(&pool).context("the user pool has no KMSKeyID")?;
                let shown = serde_json::json!({
                    "keyNamespace": key.name_space,
                    "keyName": key.name,
                    "key": key.key.expose_secret(),
                });
                println!("{shown:#}");
                Ok(())
            })
            .await
        }
        Command::UserPool(UserPoolCommand::Create { account, id, request }) => {
            let request = read(&request)?;
            let create =
                async |app: App| provision::user_pool(&app, &AccountId::new(account), id, &request).await;
            with_app(&config, create).await
        }
        Command::UserPool(UserPoolCommand::Configure { user_pool, options }) => {
            with_app(&config, async |app: App| configure::pool(&app, &user_pool, &options).await).await
        }
        Command::AppClient(AppClientCommand::Configure { client, options }) => {
            with_app(&config, async |app: App| configure::client(&app, &client, &options).await).await
        }
        Command::AppClient(AppClientCommand::Create { id, request }) => {
            let request = read(&request)?;
            with_app(&config, async |app: App| provision::app_client(&app, id, &request).await).await
        }
        Command::User(UserCommand::Create { sub, request }) => {
            let request = read(&request)?;
            with_app(&config, async |app: App| provision::user(&app, sub, &request).await).await
        }
        Command::MessageTemplate(command) => {
            with_app(&config, async |app: App| cli::message_template::run(&app, command).await).await
        }
        Command::PageTexts(command) => {
            with_app(&config, async |app: App| cli::page_texts::run(&app, command).await).await
        }
        Command::Import(ImportCommand::Log { pool, job }) => {
            with_db(&config, async |db, _| show_import_log(&db, &UserPoolId::new(pool), &job).await).await
        }
        Command::Outbox(command) => {
            with_db(&config, async |db, clock| run_outbox(&db, &clock, command).await).await
        }
        Command::Reference { .. } => Ok(()),
    }
}

/// A file, or the standard input.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes)?;
    } else {
        bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    }
    Ok(bytes)
}

/// Does something with the domain, and prints the answer.
async fn with_app(
    config: &Config,
    work: impl AsyncFnOnce(App) -> anyhow::Result<Vec<u8>>,
) -> anyhow::Result<()> {
    with_db(config, async |db, clock| {
        prepare(&db, &clock).await?;
        let answer = work(server::app(config, db, clock)?).await?;
        if !answer.is_empty() {
            println!("{}", String::from_utf8_lossy(&answer));
        }
        Ok(())
    })
    .await
}

/// The database as configured, or a private Postgres of our own.
async fn database(config: &Config) -> anyhow::Result<(Db, Option<Embedded>)> {
    let (url, embedded) = match &config.database_url {
        Some(url) => (url.clone(), None),
        None => {
            let directory = config.data_dir()?;
            let start = move || Embedded::start(directory.path());
            let embedded =
                tokio::task::spawn_blocking(start).await?.context("the private Postgres does not start")?;
            (embedded.url().into(), Some(embedded))
        }
    };
    let db = Db::new(&config.database(url), config.root_key()?).context("database_url cannot be read")?;
    Ok((db, embedded))
}

async fn with_db(
    config: &Config,
    work: impl AsyncFnOnce(Db, Clock) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let (db, embedded) = database(config).await?;
    let outcome = work(db.clone(), Clock::default()).await;
    db.close().await;
    stop(embedded).await?;
    outcome
}

async fn stop(embedded: Option<Embedded>) -> anyhow::Result<()> {
    if let Some(embedded) = embedded {
        tokio::task::spawn_blocking(move || embedded.stop()).await??;
    }
    Ok(())
}

async fn serve(config: &Config) -> anyhow::Result<()> {
    let telemetry = telemetry::start(config.log_format)?;
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let (db, embedded) = database(config).await?;
    let mut running = match server::start(config, db, Clock::default()).await {
        Ok(running) => running,
        Err(error) => {
            stop(embedded).await?;
            return Err(error);
        }
    };
    banner(config, running.address, embedded.is_some());
    let asked = tokio::select! {
        _ = interrupt.recv() => true,
        _ = terminate.recv() => true,
        () = running.failed() => false,
    };
    tracing::info!("stopping");
    running.stop().await;
    stop(embedded).await?;
    telemetry.stop().await;
    anyhow::ensure!(asked, "a part of the server ended by itself");
    Ok(())
}

fn banner(config: &Config, address: std::net::SocketAddr, embedded: bool) {
    let database = if embedded { "a private Postgres" } else { "the configured database" };
    tracing::info!(
        "Cognate {} serves {} on {address}, with {database}",
        env!("CARGO_PKG_VERSION"),
        config.public_url()
    );
    if config.is_development() {
        tracing::warn!(
            "DEVELOPMENT MODE: any AWS credentials are accepted, as account {}. Messages: {}/_cognate/inbox",
            AccountId::development(),
            config.public_url()
        );
    }
}

async fn check(config: &Config) -> anyhow::Result<()> {
    config.root_key()?;
    config.delivery()?;
    if let Some(url) = &config.database_url {
        let url = url.clone();
        let db = Db::new(&config.database(url), config.root_key()?).context("database_url cannot be read")?;
        match check_functions(config, &db).await {
            Ok(()) => {}
            Err(error) => println!("The functions of user pools cannot be looked at: {error:#}"),
        }
        db.close().await;
    }
    println!(
        "The configuration is sound. Development mode is {}.",
        if config.is_development() { "on" } else { "off" }
    );
    Ok(())
}

/// Names the functions that cannot be called.
async fn check_functions(config: &Config, db: &Db) -> anyhow::Result<()> {
    let functions = Functions::new(config.functions()?)?;
    for (account, pool, triggers) in user_pool::with_functions(db).await? {
        for trigger in triggers.functions.keys() {
            if let Some(why) = functions.leads_nowhere(&account, &triggers, *trigger) {
                println!("{} of user pool {pool} cannot be called: {why}.", trigger.name());
            }
        }
    }
    Ok(())
}

/// A user pool that must be there.
async fn existing(db: &Db, id: String) -> anyhow::Result<UserPool> {
    let id = UserPoolId::new(id);
    user_pool::get(db, &id).await?.with_context(|| format!("user pool {id} does not exist"))
}

fn show_webhook_secrets(pool: &UserPool, now: Timestamp) {
    for secret in trigger::secrets(pool, now) {
        println!("{}", secret.expose_secret());
    }
}

/// Before something is created: the schema is up to date, and what is sealed will open again.
async fn prepare(db: &Db, clock: &Clock) -> anyhow::Result<()> {
    db.migrate().await?;
    server::check_root_key(db, clock).await
}

async fn run_account(db: &Db, clock: &Clock, command: AccountCommand) -> anyhow::Result<()> {
    match command {
        AccountCommand::Create { name, id } => {
            prepare(db, clock).await?;
            let created = account::create(db, clock, id, &name).await?;
            println!("{}", created.id);
        }
        AccountCommand::List => {
            for account in cognate_store::account::list(db).await? {
                println!(
                    "{}  {}  {}",
                    account.id,
                    account.created_at.format("%Y-%m-%dT%H:%M:%SZ"),
                    account.name
                );
            }
        }
    }
    Ok(())
}

async fn run_access_key(db: &Db, clock: &Clock, command: AccessKeyCommand) -> anyhow::Result<()> {
    let found = match command {
        AccessKeyCommand::Create { account } => {
            prepare(db, clock).await?;
            let (key, secret) = account::create_access_key(db, clock, &AccountId::new(account)).await?;
            println!("AWS_ACCESS_KEY_ID={}\nAWS_SECRET_ACCESS_KEY={}", key.id, secret.expose_secret());
            true
        }
        AccessKeyCommand::List { account } => {
            for key in access_key::list(db, &AccountId::new(account)).await? {
                let state = if key.enabled { "enabled" } else { "disabled" };
                println!("{}  {}  {state}", key.id, key.created_at.format("%Y-%m-%dT%H:%M:%SZ"));
            }
            true
        }
        AccessKeyCommand::Disable { account, key } => {
            access_key::set_enabled(db, &AccountId::new(account), &key, false).await?
        }
        AccessKeyCommand::Enable { account, key } => {
            access_key::set_enabled(db, &AccountId::new(account), &key, true).await?
        }
        AccessKeyCommand::Delete { account, key } => {
            access_key::delete(db, &AccountId::new(account), &key).await?
        }
    };
    anyhow::ensure!(found, "the account has no such access key");
    Ok(())
}

/// How many messages are listed.
const LISTED_MESSAGES: i64 = 1000;

async fn run_outbox(db: &Db, clock: &Clock, command: OutboxCommand) -> anyhow::Result<()> {
    match command {
        OutboxCommand::List => {
            for it in message::undelivered(db, LISTED_MESSAGES).await? {
                let time = |at: Timestamp| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
                println!(
                    "{}  {}  {}  queued {}  expires {}  {} failures  {}",
                    it.id,
                    it.user_pool,
                    it.state,
                    time(it.created_at),
                    time(it.expires_at),
                    it.failures,
                    it.last_error.unwrap_or_default()
                );
            }
        }
        OutboxCommand::Retry { id, .. } => {
            let count = message::retry(db, id, clock.now()).await?;
            anyhow::ensure!(count > 0 || id.is_none(), "no such message waits, or it has expired");
            println!("{count}");
        }
    }
    Ok(())
}

/// How many batches of an import's log are fetched at once.
const LOG_BATCHES: i64 = 20;

async fn show_import_log(db: &Db, pool: &UserPoolId, job: &str) -> anyhow::Result<()> {
    user_import::get(db, pool, job).await?.context("the user pool has no such import job")?;
    let mut after = 0;
    loop {
        let batches = user_import::log(db, pool, job, after, LOG_BATCHES).await?;
        let Some((last, _)) = batches.last() else { return Ok(()) };
        after = *last;
        for (_, entries) in &batches {
            print!("{entries}");
        }
    }
}
