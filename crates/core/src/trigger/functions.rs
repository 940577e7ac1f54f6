//! Calling a pool's functions: where they are, how often and how long they are asked, and what their answers mean (TRG-1).

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognate_store::user_pool::{Trigger, Triggers};
use cognate_store::{AccountId, Timestamp, UserPool};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;
use standardwebhooks::Webhook;
use uuid::Uuid;

use super::CallFailure;
use super::aws::AwsOptions;
use super::code_key::CodeKeys;
use super::lambda::Lambda;
use super::share::Shares;
use super::target::{self, Mapping, Target};
use crate::outbound::{Answer, Failure, Outbound, Policy};
use crate::{Error, Result};

/// How functions are reached.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where URLs of tenants may lead.
    pub policy: Policy,
    /// URLs in place of ARNs, the first that matches.
    pub mapped: Vec<Mapping>,
    /// Where other ARNs are invoked.
    pub lambda: Option<AwsOptions>,
    /// The KMS that custom senders decrypt codes with; without one they have a key of the pool's own.
    pub kms: Option<AwsOptions>,
    /// Whether ARNs may be of other accounts than their pool: development mode's only one is everybody's.
    pub any_account: bool,
    /// How patient callers are.
    pub patience: Patience,
    /// What differs from that for some triggers.
    pub exceptions: HashMap<Trigger, Patience>,
}

/// How long a function is waited for, and how often it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For each attempt.
    pub time: Duration,
    /// How many attempts there are.
    pub attempts: u32,
}

/// Calls functions.
#[derive(Debug)]
pub struct Functions {
    outbound: Outbound,
    lambda: Option<Lambda>,
    keys: CodeKeys,
    options: Options,
    shares: Shares,
    outcomes: Mutex<BTreeMap<(Trigger, &'static str), u64>>,
}

/// What a function is told.
#[derive(Clone, Copy)]
pub(super) struct Event<'a> {
    /// The same for every attempt, so that the function can tell one event from another.
    pub id: Uuid,
    pub body: &'a Value,
    /// A code that it is told as well, encrypted for it.
    pub code: Option<&'a str>,
}

/// What came of asking once.
pub(super) enum Attempt {
    /// It answered.
    Answered(Vec<u8>),
    /// It raised an error.
    Raised(Vec<u8>),
    /// No answer; asking again may help.
    Failed(CallFailure),
    /// No answer, nor would there be one.
    Denied(CallFailure),
    /// It answered what is not read.
    Unreadable,
}

/// What a function that raised an error says, in the words of Lambda's runtimes.
#[derive(Deserialize)]
struct Raised {
    #[serde(rename = "errorMessage")]
    message: String,
}

/// The longest text of a function's that is passed on.
const LONGEST_TEXT: usize = 2048;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// How patient the outbox is, which asks again by itself. A message that is sent twice costs twice.
const SENDING: Patience = Patience { time: Duration::from_secs(20), attempts: 1 };

impl Functions {
    /// Makes the clients; connects to nothing yet.
    ///
    /// # Errors
    /// [`Error::Internal`] when TLS cannot be set up.
    pub fn new(options: Options) -> Result<Self> {
        let outbound = Outbound::new(options.policy.clone())?;
        let lambda = options.lambda.clone().map(Lambda::new);
        let keys = CodeKeys::new(options.kms.clone(), options.any_account);
        Ok(Self { outbound, lambda, keys, options, shares: Shares::default(), outcomes: Mutex::default() })
    }

    /// What calls the URLs that tenants give.
    pub(crate) fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    /// Checks where the functions of a pool are said to be. An ARN is one wherever it leads: it is saved as in Cognito.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a URL that may not be called.
    pub(crate) async fn check(&self, triggers: &Triggers) -> Result<()> {
        for (trigger, function) in &triggers.functions {
            if function.arn.starts_with("arn:") {
                continue;
            }
            let checked = self.outbound.check(&function.arn).await;
            checked.map_err(|wrong| Error::invalid(format!("The URL of {} {wrong}.", trigger.name())))?;
        }
        Ok(())
    }

    /// Why a function of an account's pool cannot be called as the server is set up, in words for the operator.
    pub fn leads_nowhere(
        &self,
        account: &AccountId,
        triggers: &Triggers,
        trigger: Trigger,
    ) -> Option<&'static str> {
        let function = triggers.functions.get(&trigger)?;
        match self.target(account, &function.arn) {
            Target::Nowhere(why) => Some(why),
            _ if is_sender(trigger) => {
                let key = triggers.kms_key_arn.as_deref().unwrap_or_default();
                self.keys.leads_nowhere(account, key)
            }
            _ => None,
        }
    }

    /// How many calls of each trigger came to what.
    pub fn outcomes(&self) -> Vec<(Trigger, &'static str, u64)> {
        let outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        outcomes.iter().map(|((trigger, outcome), count)| (*trigger, *outcome, *count)).collect()
    }

    fn target<'a>(&self, account: &AccountId, function: &'a str) -> Target<'a> {
        let (any_account, invokes) = (self.options.any_account, self.lambda.is_some());
        target::of(account, function, &self.options.mapped, any_account, invokes)
    }

    /// Calls a pool's function at a point, and returns the `response` of the event it answers.
    ///
    /// # Errors
    /// [`Error::TriggerFailed`], [`Error::TriggerRefused`], [`Error::TriggerAnswer`].
    pub(super) async fn call(
        &self,
        pool: &UserPool,
        trigger: Trigger,
        event: Event<'_>,
        now: Timestamp,
    ) -> Result<Value> {
        let called = self.ask(pool, trigger, event, now).await;
        let outcome = match &called {
            Ok(_) => "answered",
            Err(Error::TriggerRefused(..)) => "raised",
            Err(Error::TriggerAnswer(_)) => "unreadable",
            Err(Error::TriggerFailed(_, CallFailure::Configuration)) => "nowhere",
            Err(Error::TriggerFailed(_, CallFailure::Key)) => "no_key",
            Err(Error::TriggerFailed(_, CallFailure::Paused)) => "paused",
            Err(_) => "failed",
        };
        let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        *outcomes.entry((trigger, outcome)).or_default() += 1;
        called
    }

    async fn ask(
        &self,
        pool: &UserPool,
        trigger: Trigger,
        event: Event<'_>,
        now: Timestamp,
    ) -> Result<Value> {
        let failed = |why| Error::TriggerFailed(trigger, why);
        let function = pool.settings.triggers.functions.get(&trigger);
        let target =
            function.map_or(Target::Nowhere("there is none"), |it| self.target(&pool.account, &it.arn));
        if let Target::Nowhere(why) = target {
            tracing::warn!(user_pool = %pool.id, trigger = trigger.name(), why, "a function cannot be called");
            return Err(failed(CallFailure::Configuration));
        }
        let share = self.shares.of(&pool.id);
        if !share.may_ask(trigger) {
            return Err(failed(CallFailure::Paused));
        }
        let body = self.body(pool, event).await.map_err(|why| {
            tracing::warn!(user_pool = %pool.id, trigger = trigger.name(), why, "a code cannot be encrypted");
            failed(CallFailure::Key)
        })?;
        let headers = signed(pool, &format!("msg_{}", event.id.simple()), now, &body)?;
        let is_sender = is_sender(trigger);
        let usual = if is_sender { &SENDING } else { &self.options.patience };
        let patience = self.options.exceptions.get(&trigger).unwrap_or(usual);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let time = time_left(patience.time);
            if time.is_zero() {
                // Others took the request's time.
                return Err(failed(CallFailure::Timeout));
            }
            let turn = share.turn().await.ok_or(failed(CallFailure::Paused))?;
            let asked = match &target {
                Target::Lambda(arn) => self.invoke(*arn, body.clone(), time, is_sender).await,
                Target::Url(url, chosen_by) => {
                    let posted = (url.as_str(), *chosen_by);
                    of_post(self.outbound.post(posted, headers.clone(), body.clone(), time).await)
                }
                Target::Nowhere(_) => Attempt::Denied(CallFailure::Configuration),
            };
            drop(turn);
            let why = match asked {
                Attempt::Answered(answer) => {
                    share.note(trigger, true);
                    return read(trigger, &answer);
                }
                Attempt::Raised(answer) => {
                    share.note(trigger, true);
                    return Err(raised(trigger, &answer));
                }
                Attempt::Unreadable => {
                    share.note(trigger, true);
                    return Err(Error::TriggerAnswer(trigger));
                }
                Attempt::Failed(_) if attempt < patience.attempts => {
                    tokio::time::sleep(FIRST_PAUSE * attempt).await;
                    continue;
                }
                Attempt::Failed(why) | Attempt::Denied(why) => why,
            };
            share.note(trigger, !is_absence(why));
            tracing::warn!(user_pool = %pool.id, trigger = trigger.name(), attempt, why = %why, "a function was not reached");
            return Err(failed(why));
        }
    }

    /// The event as it is sent.
    async fn body(&self, pool: &UserPool, event: Event<'_>) -> std::result::Result<Vec<u8>, String> {
        let encoded = |event: &Value| serde_json::to_vec(event).map_err(|error| error.to_string());
        let Some(code) = event.code else { return encoded(event.body) };
        let mut with_code = event.body.clone();
        with_code["request"]["code"] = Value::from(self.keys.seal(pool, code).await?);
        encoded(&with_code)
    }

    async fn invoke(&self, arn: target::Arn<'_>, event: Vec<u8>, time: Duration, is_sender: bool) -> Attempt {
        match &self.lambda {
            Some(lambda) => lambda.invoke(arn, event, time, is_sender).await,
            None => Attempt::Denied(CallFailure::Configuration),
        }
    }
}

fn is_sender(trigger: Trigger) -> bool {
    matches!(trigger, Trigger::CustomEmailSender | Trigger::CustomSMSSender)
}

/// Whether nobody was there, in contrast to a function that one request brought down.
fn is_absence(why: CallFailure) -> bool {
    matches!(why, CallFailure::Timeout | CallFailure::Unreachable | CallFailure::Status(502..=504))
}

tokio::task_local! {
    /// When all calls that a request makes must have been answered.
    static DEADLINE: tokio::time::Instant;
}

/// Serves a request whose calls together take no longer than that.
pub async fn within<T>(time: Duration, serving: impl Future<Output = T>) -> T {
    DEADLINE.scope(tokio::time::Instant::now() + time, serving).await
}

/// What is left of the request's time, up to a limit.
fn time_left(most: Duration) -> Duration {
    DEADLINE
        .try_with(|at| at.saturating_duration_since(tokio::time::Instant::now()).min(most))
        .unwrap_or(most)
}

fn of_post(posted: std::result::Result<Answer, Failure>) -> Attempt {
    match posted {
        Ok(answer) if (200..300).contains(&answer.status) => Attempt::Answered(answer.body),
        // A function that raised an error says so in its body, whatever the status.
        Ok(answer) if of_raised(&answer.body).is_some() => Attempt::Raised(answer.body),
        Ok(answer) if answer.status >= 500 || answer.status == 429 => {
            Attempt::Failed(CallFailure::Status(answer.status))
        }
        Ok(answer) => Attempt::Denied(CallFailure::Status(answer.status)),
        Err(Failure::TooLarge) => Attempt::Unreadable,
        Err(Failure::Refused) => Attempt::Denied(CallFailure::Configuration),
        Err(Failure::Timeout) => Attempt::Failed(CallFailure::Timeout),
        Err(Failure::Unreachable) => Attempt::Failed(CallFailure::Unreachable),
    }
}

/// The `response` of an answered event. What else the event says is not read.
fn read(trigger: Trigger, answer: &[u8]) -> Result<Value> {
    let mut event: Value = serde_json::from_slice(answer).map_err(|_| Error::TriggerAnswer(trigger))?;
    match event.get_mut("response").map(Value::take) {
        Some(response @ Value::Object(_)) => Ok(response),
        // Lambda's runtime emulator answers with success whatever the function raised.
        _ if of_raised(answer).is_some() => Err(raised(trigger, answer)),
        _ => Err(Error::TriggerAnswer(trigger)),
    }
}

fn of_raised(answer: &[u8]) -> Option<String> {
    serde_json::from_slice(answer).ok().map(|Raised { message }| message)
}

fn raised(trigger: Trigger, answer: &[u8]) -> Error {
    let text = of_raised(answer).unwrap_or_default();
    let cut = &text[..text.floor_char_boundary(LONGEST_TEXT)];
    Error::TriggerRefused(trigger, cut.to_owned())
}

/// The headers of a call: who sends what and when, signed in the way of Standard Webhooks.
fn signed(pool: &UserPool, id: &str, now: Timestamp, body: &[u8]) -> Result<HeaderMap> {
    let timestamp = now.timestamp();
    let mut signatures = Vec::new();
    for secret in secrets(pool, now) {
        let webhook = Webhook::new(secret.expose_secret()).map_err(Error::internal)?;
        signatures.push(webhook.sign(id, timestamp, body).map_err(Error::internal)?);
    }
    let values = [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signatures.join(" ")),
    ];
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in values {
        headers.insert(HeaderName::from_static(name), value.parse().map_err(Error::internal)?);
    }
    Ok(headers)
}

/// The secrets that calls of a pool's functions are signed with, the newest first: two for a while after a rotation.
pub fn secrets(pool: &UserPool, now: Timestamp) -> Vec<SecretString> {
    let keys = &pool.webhook_keys;
    let before = keys.overlap_until.is_some_and(|until| now < until).then_some(keys.generation - 1);
    let secret = |generation: i32| {
        let key = pool.key.digest("webhook secret", &[&generation.to_be_bytes()]);
        SecretString::from(format!("whsec_{}", STANDARD.encode(key)))
    };
    std::iter::once(keys.generation).chain(before).map(secret).collect()
}
