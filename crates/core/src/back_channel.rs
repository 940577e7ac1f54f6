//! Telling clients behind their users' backs that a browser's session is over, of which their tokens came (OpenID Connect Back-Channel
//! Logout 1.0).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use cognate_store::logout_notice::{self, Due, LogoutNotice};
use cognate_store::{Result, UserPoolId};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;
use url::form_urlencoded::Serializer;
use uuid::Uuid;

use crate::outbound::ChosenBy;
use crate::{App, Error, app_client, options};

/// What a logout token tells of (section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// The type of a logout token.
const TYPE: &str = "logout+jwt";
/// How many seconds a logout token is good for.
const GOOD_FOR: i64 = 120;
/// How long a client is waited for, and how long a worker has a notice.
const CALL_TIME: Duration = Duration::from_secs(5);
const LEASE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_secs(1);
/// How many are told at once, and of how many clients of one pool.
const AT_ONCE: usize = 64;
const OF_EACH: usize = 8;
/// After which time the first and the last tries are made again.
const FIRST_RETRY: Duration = Duration::from_secs(5);
const LAST_RETRY: Duration = Duration::from_secs(600);

/// The claims of a logout token (section 2.4).
#[derive(Serialize)]
struct LogoutClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: Uuid,
    sid: String,
    events: Map<String, Value>,
}

/// Tells clients until told to stop.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut telling = Telling::default();
    let mut healthy = true;
    while !*stop.borrow() && stop.has_changed().is_ok() {
        let outcome = telling.begin(&app).await;
        match &outcome {
            Err(error) if healthy => {
                tracing::error!(
                    error = error as &dyn std::error::Error,
                    "clients are not told of sign-outs for now"
                );
            }
            Ok(()) if !healthy => tracing::info!("clients are told of sign-outs again"),
            _ => {}
        }
        healthy = outcome.is_ok();
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = telling.some_told(), if !telling.calls.is_empty() && healthy => {}
            () = sleep(POLL) => {}
        }
    }
    while !telling.calls.is_empty() {
        telling.some_told().await;
    }
}

/// The calls under way, and whose they are.
#[derive(Default)]
struct Telling {
    calls: JoinSet<UserPoolId>,
    of_pools: HashMap<UserPoolId, usize>,
}

impl Telling {
    /// Begins to tell what is due and has a place.
    async fn begin(&mut self, app: &Arc<App>) -> Result<()> {
        while let Some(told) = self.calls.try_join_next() {
            self.note(told.ok());
        }
        let places = AT_ONCE.saturating_sub(self.calls.len());
        if places == 0 {
            return Ok(());
        }
        let with = |least: usize| {
            let pools = self.of_pools.iter().filter(|(_, calls)| **calls >= least);
            pools.map(|(pool, _)| pool.to_string()).collect::<Vec<_>>()
        };
        let due = Due {
            busy_pools: &with(OF_EACH),
            active_pools: &with(1),
            limit: places as i64,
            of_each: OF_EACH as i64,
        };
        let now = app.clock.now();
        let leased = logout_notice::lease(&app.db, &due, now, now + LEASE).await?;
        for notice in leased {
            *self.of_pools.entry(notice.user_pool.clone()).or_default() += 1;
            let app = app.clone();
            self.calls.spawn(async move {
                settle(&app, &notice).await;
                notice.user_pool
            });
        }
        Ok(())
    }

    /// Waits until one has ended.
    async fn some_told(&mut self) {
        if let Some(told) = self.calls.join_next().await {
            self.note(told.ok());
        }
    }

    fn note(&mut self, pool: Option<UserPoolId>) {
        match pool {
            Some(pool) => {
                if let Some(calls) = self.of_pools.get_mut(&pool) {
                    *calls = calls.saturating_sub(1);
                }
            }
            // One broke off, and nobody knows whose: no pool waits for it.
            None => self.of_pools.clear(),
        }
        self.of_pools.retain(|_, calls| *calls > 0);
    }
}

/// Tells a client, and notes what came of it. What cannot be noted is told again.
async fn settle(app: &App, notice: &LogoutNotice) {
    let (pool, id) = (&notice.user_pool, notice.id);
    let noted = match tell(app, notice).await {
        Ok(()) => logout_notice::done(&app.db, pool, id).await,
        Err(reason) => {
            let pause = FIRST_RETRY.saturating_mul(1 << notice.failures.clamp(0, 16)).min(LAST_RETRY);
            tracing::warn!(user_pool = %pool, client = %notice.client, reason, "a client was not told of a sign-out");
            logout_notice::failed(&app.db, pool, id, app.clock.now() + pause).await
        }
    };
    if let Err(error) = noted {
        tracing::warn!(error = &error as &dyn std::error::Error, "what came of a sign-out cannot be noted");
    }
}

/// Tells a client that still wants to be told.
///
/// # Errors
/// Why it did not hear.
async fn tell(app: &App, notice: &LogoutNotice) -> std::result::Result<(), String> {
    let failed = |error: Error| error.to_string();
    let pool = app.caches.user_pool(&app.db, &notice.user_pool).await.map_err(failed)?;
    let Some(pool) = pool else { return Ok(()) };
    let client = app_client::known(app, &pool, &notice.client).await.map_err(failed)?;
    let Some(client) = client else { return Ok(()) };
    let Some(uri) = options::backchannel_logout_uri(&client) else { return Ok(()) };
    let now = app.clock.now().timestamp();
    let claims = LogoutClaims {
        iss: &app.place.issuer(&pool.id),
        aud: client.id.as_str(),
        iat: now,
        exp: now + GOOD_FOR,
        jti: Uuid::new_v4(),
        // Clients take a `sub` for all of a user's sessions.
        sid: notice.sid.to_string(),
        events: Map::from_iter([(EVENT.to_owned(), json!({}))]),
    };
    let keys = app.caches.keys(&app.db, &pool).await.map_err(failed)?;
    let token: SecretString = keys.sign_typed(TYPE, &claims).map_err(failed)?;
    let form = Serializer::new(String::new()).append_pair("logout_token", token.expose_secret()).finish();
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind)]);
    let outbound = app.functions.outbound();
    let answer = outbound.post((uri, ChosenBy::Tenant), headers, form.into_bytes(), CALL_TIME).await;
    match answer {
        Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
        // It has heard, and can do nothing (section 2.8).
        Ok(answer) if answer.status == 400 => {
            tracing::warn!(user_pool = %pool.id, client = %client.id, "a client could not sign its user out");
            Ok(())
        }
        Ok(answer) => Err(format!("it answered {}", answer.status)),
        Err(failure) => Err(failure.to_string()),
    }
}
