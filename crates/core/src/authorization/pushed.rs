//! Requests that a client pushes itself before it sends a browser with them (RFC 9126).
//!
//! A request is sealed into the URI that it gets: nothing is stored, nobody but its pool makes or reads one, and a browser that
//! carries it through the pages can neither see nor change what is asked for. A browser that reloads brings it again, which RFC 9126
//! lets it (section 4).

use std::collections::BTreeMap;

use chrono::Duration;
use cognate_store::Timestamp;
use serde::{Deserialize, Serialize};

use super::refusal::{Refusal, Refused};
use super::request::{Authorization, Wants};
use crate::app_client::ClientContext;
use crate::{App, Error, Result, dpop, options, page};

/// What the URI of a request begins with (RFC 9126, section 2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// What the rest of it is sealed as: as it was pushed, and once a browser has brought it.
const PUSHED: &str = "pushed request";
const BROUGHT: &str = "brought request";
/// For how long a browser may bring it.
pub const LIFETIME: Duration = Duration::minutes(5);
/// For how long the pages go on with it once a browser has brought it: as long as a form may stay open, and some more.
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
    parameters.insert("client_id".to_owned(), context.client.id.to_string());
    // RFC 9449, section 10.1
    if let Some(jkt) = dpop::key_shown(app, context)?
        && parameters.insert("dpop_jkt".to_owned(), jkt.clone()).is_some_and(|named| named != jkt)
    {
        return Err(Error::InvalidDpopProof("dpop_jkt is another key's").into());
    }
    let at = app.clock.now();
    let read = Authorization::unchecked(app, context.clone().at_pages(), &parameters, Wants::Answer, true)?;
    read.check(app, &parameters).await?;
    let uri = uri(context, PUSHED, &Pushed { at, parameters })?;
    match uri.len() > LONGEST {
        true => Err(Error::invalid("the request is too long to push").into()),
        false => Ok(uri),
    }
}

/// The URI that a browser goes on to the pages with, in place of one that it has brought in time.
///
/// # Errors
/// When the pool's key fails.
pub fn brought(app: &App, context: &ClientContext, uri: &str) -> Result<Option<String>> {
    let at = app.clock.now();
    let pushed = open(app, context, uri, (PUSHED, LIFETIME));
    pushed.map(|pushed| self::uri(context, BROUGHT, &Pushed { at, ..pushed })).transpose()
}

fn uri(context: &ClientContext, kind: &str, pushed: &Pushed) -> Result<String> {
    Ok(format!("{PREFIX}{}", page::in_pool(&context.pool, kind, pushed)?))
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
    let opened = |kind| open(app, context, uri, kind);
    let pushed = opened((PUSHED, LIFETIME)).or_else(|| opened((BROUGHT, SIGN_IN_TIME)));
    Some(pushed.ok_or(Refusal::UNKNOWN_REQUEST).map(|mut pushed| {
        if brought.get("prompt").is_some_and(|prompt| prompt == "login") {
            pushed.parameters.insert("prompt".to_owned(), "login".to_owned());
        }
        pushed
    }))
}

/// What a URI of a kind stands for, as long as it is this client's and not too old.
fn open(app: &App, context: &ClientContext, uri: &str, (kind, time): (&str, Duration)) -> Option<Pushed> {
    let sealed = uri.strip_prefix(PREFIX)?;
    let pushed: Pushed = page::position_in_pool(&context.pool, kind, Some(sealed)).ok()??;
    let is_own = pushed.parameters.get("client_id")? == context.client.id.as_str();
    (is_own && app.clock.now() - pushed.at <= time).then_some(pushed)
}
