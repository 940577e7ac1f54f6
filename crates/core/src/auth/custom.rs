//! Challenges of a pool's own making (CUSTOM_AUTH). Three of its functions say what comes next, make a challenge, and check an
//! answer; what has been answered so far is sealed into the session, and each session takes one answer.

use std::collections::BTreeMap;

use cognate_store::User;
use cognate_store::password::Password;
use cognate_store::user_pool::Trigger;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::challenge::{self, Answer, ChallengeSession, Step};
use super::next::{self, FirstFactor};
use super::person::Person;
use super::{Challenge, Challenged, Flow, Method, Proven, SignIn, guess, sign_in, srp};
use crate::app_client::{ClientContext, Hashed, secret_hash, settings};
use crate::auth_event::{self, Failed};
use crate::device::Claimed;
use crate::trigger::Subject;
use crate::{App, Error, Result, name, trigger};

/// A step that was answered, as functions are told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answered {
    challenge_name: String,
    challenge_result: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    challenge_metadata: Option<String>,
}

impl Answered {
    fn new(name: &str, result: bool, metadata: Option<String>) -> Self {
        Self { challenge_name: name.to_owned(), challenge_result: result, challenge_metadata: metadata }
    }
}

/// A challenge that waits for its answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Made {
    /// The name that was shown.
    name: String,
    answered: Vec<Answered>,
    private: BTreeMap<String, String>,
    metadata: Option<String>,
}

const SRP_A: &str = "SRP_A";
const PASSWORD_VERIFIER: &str = "PASSWORD_VERIFIER";
const CUSTOM_CHALLENGE: &str = "CUSTOM_CHALLENGE";

/// The most steps of a sign-in.
const MOST_STEPS: usize = 20;
/// The longest session that clients bring back (the model's limit).
const LONGEST_SESSION: usize = 4096;

/// A request to sign in.
#[derive(Debug)]
pub struct Opening {
    /// Username, alias or address.
    pub username: String,
    /// The client's public value of SRP, where the password is to be proven first.
    pub client_public: Option<String>,
    /// Proof of the client's secret.
    pub secret_hash: Option<String>,
}

/// A sign-in under way.
struct Attempt<'a> {
    context: &'a ClientContext,
    subject: Uuid,
    name: String,
    user: Option<User>,
    proven: Proven,
    device: Claimed,
}

/// Begins to sign a user in. For a name that nobody has the functions are called as well, and told so (ENU-1).
///
/// # Errors
/// [`Error::FlowNotEnabled`], [`Error::UserNotFound`] where the client does not hide it; what the functions say.
pub async fn begin(app: &App, context: &ClientContext, opening: Opening) -> Result<SignIn> {
    let (pool, client) = (&context.pool, &context.client);
    if !settings::allows(&client.settings, Flow::Custom) {
        return Err(Error::FlowNotEnabled(Flow::Custom));
    }
    let given = &opening.username;
    if given.chars().count() > name::LONGEST {
        return Err(Error::WrongPassword);
    }
    secret_hash::check(context, Hashed::SignIn(given), opening.secret_hash.as_deref())?;
    if !trigger::has(pool, Trigger::DefineAuthChallenge) {
        return Err(Error::invalid("Custom auth lambda trigger is not configured for the user pool."));
    }
    let mut person = Person::named(app, pool, opening.username).await?;
    person.check_known(context)?;
    person.may_try(app, context).await?;
    let (user, device) = (person.user().cloned(), context.device.clone());
    let (subject, name, proven) = (person.subject(pool), person.shown(pool), Proven::nothing(user.as_ref()));
    let attempt = Attempt { context, subject, name, user, proven, device };
    let Some(client_public) = opening.client_public else {
        return go_on(app, &attempt, Vec::new()).await;
    };
    let answered = vec![Answered::new(SRP_A, true, None)];
    let said = define(app, &attempt, &answered).await?;
    if said["challengeName"] != PASSWORD_VERIFIER {
        return decide(app, &attempt, answered, &said).await;
    }
    let step = Step::CustomPassword(answered);
    let session =
        ChallengeSession::new(context, subject, step.clone(), attempt.proven.clone(), app.clock.now());
    srp::begin_in(app, context, &session, step, person, client_public).await
}

/// Goes on once the password was proven that a function had asked for.
pub(super) async fn after_password(
    app: &App,
    context: &ClientContext,
    user: &User,
    kept: &Password,
    device: &Claimed,
    session: &ChallengeSession,
) -> Result<SignIn> {
    let Step::CustomPassword(answered) = &session.step else { return Err(Error::InvalidSession) };
    guess::succeeded(app, &context.pool, user.id, Some(&session.spent())).await?;
    sign_in::without_password(user)?;
    let answered = [answered.as_slice(), &[Answered::new(PASSWORD_VERIFIER, true, None)]].concat();
    let (name, proven) = (user.username.clone(), Proven::password(user, kept.changed_at));
    let (subject, user, device) = (session.subject, Some(user.clone()), device.clone());
    let attempt = Attempt { context, subject, name, user, proven, device };
    go_on(app, &attempt, answered).await
}

/// Takes the answer to a challenge.
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`]; [`Error::PasswordLocked`] after too many
/// wrong answers in an hour; what the functions say.
pub async fn answer(
    app: &App,
    context: &ClientContext,
    answer: Answer,
    given: SecretString,
) -> Result<SignIn> {
    let pool = &context.pool;
    let accepts = |step: &Step| matches!(step, Step::Custom(_));
    let (session, person) = challenge::answered_by_anybody(app, context, &answer, accepts).await?;
    let user = person.found.map(|(user, _)| user);
    let Step::Custom(made) = &session.step else { return Err(Error::InvalidSession) };
    // Each session takes one answer: otherwise the functions would not see how many there were.
    challenge::spend(app, pool, &session.spent()).await?;
    let name = made.name.clone();
    let (proven, device) = (session.proven.clone(), session.device(context).clone());
    let attempt = Attempt { context, subject: session.subject, name, user, proven, device };
    let request = json!({
        "privateChallengeParameters": made.private,
        "challengeAnswer": given.expose_secret(),
    });
    let verify = async {
        let said = call(app, &attempt, Trigger::VerifyAuthChallengeResponse, request).await?;
        Ok((said["answerCorrect"] == true).then_some(()))
    };
    let (subject, now) = (session.subject, app.clock.now());
    let is_right = guess::counted_code(app, pool, subject, "custom_challenge", now, verify).await?.is_some();
    if let (false, Some(user)) = (is_right, &attempt.user) {
        auth_event::failed(app, context, user.id, None, Failed::Custom);
    }
    let last = Answered::new(CUSTOM_CHALLENGE, is_right, made.metadata.clone());
    go_on(app, &attempt, [made.answered.as_slice(), &[last]].concat()).await
}

/// Asks what comes next, and does it.
async fn go_on(app: &App, attempt: &Attempt<'_>, answered: Vec<Answered>) -> Result<SignIn> {
    let said = define(app, attempt, &answered).await?;
    decide(app, attempt, answered, &said).await
}

async fn define(app: &App, attempt: &Attempt<'_>, answered: &[Answered]) -> Result<Value> {
    call(app, attempt, Trigger::DefineAuthChallenge, json!({ "session": answered })).await
}

async fn decide(app: &App, attempt: &Attempt<'_>, answered: Vec<Answered>, said: &Value) -> Result<SignIn> {
    if said["failAuthentication"] == true || answered.len() >= MOST_STEPS {
        return Err(Error::WrongPassword);
    }
    if said["issueTokens"] == true {
        // Whoever is nobody cannot be let in, whatever a function says.
        let user = attempt.user.as_ref().ok_or(Error::WrongPassword)?;
        // What may have changed while functions were asked is read again (TRG-2).
        let user = cognate_store::user::get(&app.db, &attempt.context.pool.id, user.id).await?;
        let user = &user.ok_or(Error::WrongPassword)?;
        sign_in::without_password(user)?;
        let (proven, device) = (attempt.proven.and(Method::Custom), &attempt.device);
        // What led here was spent step by step.
        let first = FirstFactor::settled(proven, device, None);
        return next::after_first_factor(app, attempt.context, user, first).await;
    }
    if said["challengeName"] != CUSTOM_CHALLENGE {
        return Err(Error::TriggerAnswer(Trigger::DefineAuthChallenge));
    }
    let request = json!({ "challengeName": CUSTOM_CHALLENGE, "session": answered });
    let created = call(app, attempt, Trigger::CreateAuthChallenge, request).await?;
    let texts = |member: &str| match &created[member] {
        Value::Null => Ok(BTreeMap::new()),
        given => BTreeMap::deserialize(given).map_err(|_| Error::TriggerAnswer(Trigger::CreateAuthChallenge)),
    };
    let metadata = created["challengeMetadata"].as_str().map(str::to_owned);
    let private = texts("privateChallengeParameters")?;
    let made = Made { name: attempt.name.clone(), answered, private, metadata };
    let pool = &attempt.context.pool;
    let (step, proven) = (Step::Custom(made), attempt.proven.clone());
    let mut session = ChallengeSession::new(attempt.context, attempt.subject, step, proven, app.clock.now());
    session.device = attempt.device.clone();
    let token = session.seal(pool)?;
    if token.expose_secret().len() > LONGEST_SESSION {
        // Clients could not bring it back.
        return Err(Error::TriggerAnswer(Trigger::CreateAuthChallenge));
    }
    let parameters = texts("publicChallengeParameters")?;
    Ok(Challenged::by(token, attempt.name.clone(), Challenge::Custom { parameters }))
}

async fn call(app: &App, attempt: &Attempt<'_>, trigger: Trigger, request: Value) -> Result<Value> {
    let subject = Subject::named(&attempt.name, attempt.user.as_ref());
    trigger::challenge(app, attempt.context, trigger, subject, request).await
}
