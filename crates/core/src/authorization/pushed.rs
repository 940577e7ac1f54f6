//! Requests that a client pushes itself before it sends a browser with them (RFC 9126).
//!
//! A request is sealed into the URI that it gets: nothing is stored, nobody but its pool makes or reads one, and a browser that
//! carries it through the pages can neither see nor change what is asked for.

use std::collections::BTreeMap;

use chrono::Duration;
use cognate_store::Timestamp;
use serde::{Deserialize, Serialize};

use super::refusal::{Refusal, Refused};
use super::request::{Authorization, Wants};
use crate::app_client::ClientContext;
use crate::{App, Error, Result, options, page};

/// What the URI of a request begins with (RFC 9126, section 2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// What the rest of it is sealed as.
const SEALED_AS: &str = "pushed request";
/// For how long a browser may bring it.
pub const LIFETIME: Duration = Duration::minutes(5);
/// For how long the pages go on with it that a browser has brought it to: as long as a form may stay open, and some more.
const SIGN_IN_TIME: Duration = Duration::minutes(70);
/// The longest URI, which has to be carried from page to page.
const LONGEST: usize = 6 * 1024;

/// A request as it was pushed.
#[derive(Serialize, Deserialize)]
pub(super) struct Pushed {
    pub at: Timestamp,
    pub parameters: BTreeMap<String, String>,
}

/// Takes a request of a client that has proven who it is; returns the URI that stands for it.
///
/// # Errors
/// Why it would be refused if a browser brought it; [`Error::GrantNotAllowed`] where the client may not push any.
pub async fn push(
    app: &App,
    context: &ClientContext,
    mut parameters: BTreeMap<String, String>,
) -> std::result::Result<String, Refused> {
    if !options::may_push(&context.pool, &context.client) {
        return Err(Error::GrantNotAllowed.into());
    }
    parameters.remove("client_secret");
    parameters.insert("client_id".to_owned(), context.client.id.to_string());
    let at = app.clock.now();
    Authorization::read_pushed(app, context.clone(), &parameters, at).await?;
    let sealed = page::in_pool(&context.pool, SEALED_AS, &Pushed { at, parameters })?;
    match sealed.len() > LONGEST {
        true => Err(Error::invalid("the request is too long to push").into()),
        false => Ok(format!("{PREFIX}{sealed}")),
    }
}

/// The request that a browser brings by its URI, if it brings one: of this client, and not too old. Of what the browser says
/// beside it nothing counts (RFC 9126, section 4), but that a page of ours sends somebody to sign in anew.
pub(super) fn of(
    app: &App,
    context: &ClientContext,
    brought: &BTreeMap<String, String>,
) -> Option<std::result::Result<Pushed, Refusal>> {
    let uri = brought.get("request_uri")?;
    if !options::may_push(&context.pool, &context.client) {
        return None;
    }
    let opened = uri.strip_prefix(PREFIX).and_then(|sealed| open(context, sealed).ok().flatten());
    let is_own = |pushed: &Pushed| {
        pushed.parameters.get("client_id").map(String::as_str) == Some(context.client.id.as_str())
    };
    let pushed = opened.filter(is_own).filter(|pushed| app.clock.now() - pushed.at <= SIGN_IN_TIME);
    Some(pushed.ok_or(Refusal::UNKNOWN_REQUEST).map(|mut pushed| {
        if brought.get("prompt").is_some_and(|prompt| prompt == "login") {
            pushed.parameters.insert("prompt".to_owned(), "login".to_owned());
        }
        pushed
    }))
}

fn open(context: &ClientContext, sealed: &str) -> Result<Option<Pushed>> {
    page::position_in_pool(&context.pool, SEALED_AS, Some(sealed))
}

impl Authorization {
    /// Whether the browser took too long to bring a request that was pushed.
    pub(super) fn is_late(&self, app: &App) -> bool {
        self.pushed_at.is_some_and(|at| app.clock.now() - at > LIFETIME)
    }

    async fn read_pushed(
        app: &App,
        context: ClientContext,
        parameters: &BTreeMap<String, String>,
        at: Timestamp,
    ) -> std::result::Result<Self, Refused> {
        Self::unchecked(app, context.at_pages(), parameters, Wants::Answer, Some(at))?
            .checked(app, parameters)
            .await
    }
}
