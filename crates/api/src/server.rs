//! One running server: what its handlers share, its routes, and its end.

mod development;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use actix_web::http::Method;
use actix_web::middleware::{Condition, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App as Web, HttpServer};
use anyhow::Context as _;
use chrono::Duration as Span;
use cognate_core::cache::Caches;
use cognate_core::password_hash::Hasher;
use cognate_core::token::signing_key::KeySupply;
use cognate_core::trigger::{Functions, Unsent};
use cognate_core::{App, Clock, Place, Reach, account, back_channel, user_import};
use cognate_notify::{NotSent, Sending, worker};
use cognate_store::message::MessageBody;
use cognate_store::{Db, UserPool, app_client, instance, message, purge, statistics};
use rustls::ServerConfig;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

pub use self::development::Development;
use crate::admin::metrics::{self, Metrics};
use crate::config::{Config, processors};
use crate::origin::Proxies;
use crate::ui::own_words::OwnWords;
use crate::{admin, aws, oauth, site, tls, ui, upload};

/// What handlers share.
pub struct Server {
    /// The domain.
    pub app: Arc<App>,
    /// Development mode, where any credentials will do and messages are shown.
    pub development: Option<Development>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// The proxies whose word about requests counts.
    pub proxies: Proxies,
    /// What owners say in place of our words.
    pub own_words: OwnWords,
    draining: AtomicBool,
}

impl Server {
    /// Whether the server has been told to stop.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}

/// A server that is running.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// What its handlers share.
    pub server: Data<Server>,
    http: actix_web::dev::ServerHandle,
    stop: watch::Sender<bool>,
    workers: tokio::task::JoinSet<()>,
    drain: Duration,
}

/// The most connections at once, over all workers.
const MOST_CONNECTIONS: usize = 10_000;
/// How long requests under way may take when the server stops (OPS-2).
const SHUTDOWN_SECONDS: u64 = 25;
/// How long sent and given up messages are kept.
const MESSAGE_RETENTION: Span = Span::days(7);
/// How long ended sessions are kept: the longest an access token of theirs may live on.
const SESSION_RETENTION: Span = Span::days(1);
/// How long a client that anybody may have registered is kept that nobody is signed in to, and how many go at once.
const IDLE_CLIENTS: Span = Span::days(7);
const MOST_IDLE_CLIENTS: i64 = 1000;
/// How long import jobs and their logs are kept after their end.
const IMPORT_RETENTION: Span = Span::days(90);
/// How long events are kept: as long as Cognito keeps them.
const EVENT_RETENTION: Span = Span::days(730);

/// Migrates the database, checks the root key and starts serving.
///
/// # Errors
/// In words for the operator.
pub async fn start(config: &Config, db: Db, clock: Clock) -> anyhow::Result<Running> {
    db.migrate().await.context("the database cannot be migrated")?;
    check_root_key(&db, &clock).await?;
    let development = config.is_development();
    if development {
        account::ensure_development(&db, &clock).await?;
    }
    let delivery = config.delivery()?;
    if config.smtp_url.is_none() && !development {
        tracing::warn!(
            "no smtp_url is set: email will wait until there is one, and be given up when its code expires"
        );
    }
    // Read once for pages and messages.
    let own_words = OwnWords::default();
    let wording = Arc::new(own_words.clone());
    let app = Arc::new(App { wording, ..app(config, db.clone(), clock.clone())? });
    let outbox = app.outbox.clone();
    let metrics = Arc::new(Metrics::new()?);
    let pending = Arc::new(AtomicI64::new(0));
    metrics.watch(&app, pending.clone());
    let development = development.then(|| Development::at(app.place.host()));
    let server = Data::new(Server {
        app,
        development,
        metrics: metrics.clone(),
        proxies: config.proxies()?,
        own_words,
        draining: AtomicBool::new(false),
    });

    let listener =
        TcpListener::bind(config.listen).with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    let (stop, stopping) = watch::channel(false);
    let tls = config.tls().map(|files| tls::serving(files, stopping.clone())).transpose()?;
    let http = http(server.clone(), listener, tls)?;
    let handle = http.handle();
    if let Some(address) = config.metrics_listen {
        let serving = metrics::serve(metrics, address);
        tokio::spawn(serving.with_context(|| format!("cannot serve metrics on {address}"))?);
    }
    tokio::spawn(http);

    let time = clock.clone();
    let mut workers = tokio::task::JoinSet::new();
    let senders = Arc::new(Senders(server.app.clone()));
    workers.spawn(worker::run(db.clone(), move || time.now(), delivery, senders, outbox, stopping.clone()));
    workers.spawn(user_import::worker::run(server.app.clone(), stopping.clone()));
    workers.spawn(back_channel::run(server.app.clone(), stopping.clone()));
    tokio::spawn(gather_statistics(db.clone(), stopping.clone()));
    tokio::spawn(housekeeping(db, clock, pending, stopping));
    let drain = Duration::from_secs(config.drain_seconds);
    Ok(Running { address, server, http: handle, stop, workers, drain })
}

/// The functions of pools that send messages.
struct Senders(Arc<App>);

impl cognate_notify::Functions for Senders {
    fn send<'a>(&'a self, pool: &'a UserPool, id: Uuid, body: &'a MessageBody) -> Option<Sending<'a>> {
        let Self(app) = self;
        let trigger = app.functions.sender(pool, body)?;
        let sending = app.functions.send((pool, id, body), trigger, app.clock.now());
        Some(Box::pin(async move {
            sending.await.map_err(|why| match why {
                Unsent::Paused(wait) => NotSent::Paused(wait),
                Unsent::Failed(reason) => NotSent::Failed(reason),
                Unsent::Raised(reason) => NotSent::Raised(reason),
            })
        }))
    }
}

/// The domain over a database, as configured.
///
/// # Errors
/// When the operating system gives no threads.
pub fn app(config: &Config, db: Db, clock: Clock) -> anyhow::Result<App> {
    let development = config.is_development();
    Ok(App {
        db,
        clock,
        hasher: Hasher::start()?,
        key_supply: KeySupply::start()?,
        caches: Caches::default(),
        limits: config.limits(),
        reach: Reach {
            sms: development || config.sends_sms(),
            sender_domains: (!development).then(|| config.email_sender_domains()),
        },
        place: Place::new(config.region.clone(), config.public_url(), config.domain_suffix()),
        outbox: Arc::new(Notify::new()),
        leaked_passwords: config.leaked_passwords()?,
        functions: Functions::new(config.functions()?)?,
        wording: Arc::new(OwnWords::default()),
    })
}

/// Refuses a root key that is not the one the database was set up with (OPS-3).
///
/// # Errors
/// When it is not.
pub async fn check_root_key(db: &Db, clock: &Clock) -> anyhow::Result<()> {
    let matches = instance::root_key_matches(db, clock.now()).await?;
    anyhow::ensure!(matches, "this is not the root key that the database was set up with");
    Ok(())
}

fn http(
    server: Data<Server>,
    listener: TcpListener,
    tls: Option<ServerConfig>,
) -> std::io::Result<actix_web::dev::Server> {
    let development = server.development.is_some();
    let workers = processors();
    let web = move || {
        Web::new()
            .wrap(Condition::new(development, from_fn(development::only_to_us)))
            .wrap(from_fn(site::find))
            .app_data(server.clone())
            .service(
                web::resource("/")
                    .route(web::post().to(aws::handle))
                    .route(web::method(Method::OPTIONS).to(aws::preflight)),
            )
            // Routes are tried in this order, so the busiest come first.
            .configure(oauth::routes)
            .configure(admin::health::routes)
            .configure(|config| ui::routes(config, development))
            .configure(upload::routes)
    };
    let http = HttpServer::new(web)
        .client_request_timeout(Duration::from_secs(5))
        .client_disconnect_timeout(Duration::from_secs(2))
        .keep_alive(Duration::from_secs(75))
        .workers(workers)
        .max_connections(MOST_CONNECTIONS.div_ceil(workers))
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals();
    let http = match tls {
        Some(tls) => http.listen_rustls_0_23(listener, tls)?,
        None => http.listen(listener)?,
    };
    Ok(http.run())
}

/// Closes what lies idle, removes what has expired, and counts what waits.
async fn housekeeping(db: Db, clock: Clock, pending: Arc<AtomicI64>, mut stopping: watch::Receiver<bool>) {
    let mut interval = tokio::time::interval(Duration::from_secs(60));
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            _ = stopping.changed() => return,
        }
        db.close_idle().await;
        let now = clock.now();
        let purged = purge::expired(
            &db,
            now,
            now - SESSION_RETENTION,
            now - MESSAGE_RETENTION,
            now - IMPORT_RETENTION,
            now - EVENT_RETENTION,
        );
        let purged = async {
            let idle = app_client::delete_idle(&db, now - IDLE_CLIENTS, MOST_IDLE_CLIENTS).await?;
            Ok::<_, cognate_store::Error>(purged.await? + idle)
        };
        match purged.await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "expired rows removed"),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "expired rows could not be removed")
            }
        }
        if let Ok(count) = message::count_pending(&db).await {
            pending.store(count, Ordering::Relaxed);
        }
    }
}

/// Has the database look at tables that have begun to fill.
async fn gather_statistics(db: Db, mut stopping: watch::Receiver<bool>) {
    let mut interval = tokio::time::interval(Duration::from_secs(10));
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            _ = stopping.changed() => return,
        }
        let tables = match statistics::missing(&db).await {
            Ok(tables) => tables,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "tables could not be looked at");
                continue;
            }
        };
        for table in tables {
            match statistics::gather(&db, &table).await {
                Ok(()) => tracing::debug!(table, "statistics gathered"),
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(table, error, "statistics could not be gathered");
                }
            }
        }
    }
}

impl Running {
    /// Waits for what should not happen: a worker, of the outbox or of imports, ending by itself.
    pub async fn failed(&mut self) {
        if let Some(Err(error)) = self.workers.join_next().await {
            tracing::error!(error = &error as &dyn std::error::Error, "a worker failed");
        }
    }

    /// Stops: not ready at once, serving on for the drain delay, then finishing what is under way (OPS-2).
    pub async fn stop(self) {
        self.server.draining.store(true, Ordering::Relaxed);
        tokio::time::sleep(self.drain).await;
        let _ = self.stop.send(true);
        let mut workers = self.workers;
        let ended = async { while workers.join_next().await.is_some() {} };
        tokio::join!(self.http.stop(true), ended);
        self.server.app.db.close().await;
    }
}
