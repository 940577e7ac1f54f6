//! Second factors: whether one is needed after the password, and what proves it (MFA-1).

use cognate_store::challenge_session::SpentSession;
use cognate_store::second_factor::{self, SecondFactor, SecondFactors, SoftwareToken};
use cognate_store::user_pool::{MfaRequirement, Trigger};
use cognate_store::user_session::UserSession;
use cognate_store::{Timestamp, User, UserId, UserPool, attempt};
use secrecy::{ExposeSecret as _, SecretString};

use super::challenge::{self, ChallengeSession, Step};
use super::guess;
use super::sign_in::SignIn;
use crate::app_client::{ClientContext, Hashed, secret_hash};
use crate::token::issue::{self, Proof};
use crate::user::look_up;
use crate::{App, Error, Result, software_token, trigger};

/// What a session's `methods` call a password and a code of an authenticator app (RFC 8176).
pub(crate) const PASSWORD: &str = "pwd";
pub(crate) const SOFTWARE_TOKEN: &str = "otp";

/// What a client needs to ask for a code of an authenticator app.
#[derive(Debug)]
pub struct SoftwareTokenMfa {
    /// The token that the answer must carry.
    pub session: SecretString,
    /// The user's real username.
    pub username: String,
    /// What the user calls the app.
    pub name: Option<String>,
}

/// What a client needs to have a second factor set up.
#[derive(Debug)]
pub struct MfaSetup {
    /// The token that AssociateSoftwareToken takes.
    pub session: SecretString,
    /// The user's real username.
    pub username: String,
}

/// An answer to [`SignIn::SoftwareTokenMfa`].
#[derive(Debug)]
pub struct Code {
    /// The token of the challenge.
    pub session: SecretString,
    /// Who answers; must be the user of the session.
    pub username: String,
    /// The code.
    pub code: SecretString,
    /// Proof of the client's secret.
    pub secret_hash: Option<String>,
}

/// An answer to [`SignIn::MfaSetup`].
#[derive(Debug)]
pub struct SetUp {
    /// The token that VerifySoftwareToken gave.
    pub session: SecretString,
    /// Who answers; must be the user of the session.
    pub username: String,
    /// Proof of the client's secret.
    pub secret_hash: Option<String>,
}

/// What a user has to give after the password.
enum Next {
    Nothing,
    SoftwareToken(Option<String>),
    SetUp,
}

/// Who set one up is asked for it where the pool has second factors at all, and everybody where it demands one. There an
/// app that works counts even while it is switched off, so that nobody sets up another in its place (MFA-2).
fn next(pool: &UserPool, factors: &SecondFactors) -> Result<Next> {
    let mfa = &pool.settings.mfa;
    let is_enabled = factors.enabled.contains(&SecondFactor::SoftwareToken);
    match (&factors.software_token, mfa.requirement) {
        (_, MfaRequirement::Off) => Ok(Next::Nothing),
        (Some(app), MfaRequirement::On) => Ok(Next::SoftwareToken(app.name.clone())),
        (Some(app), MfaRequirement::Optional) if is_enabled => Ok(Next::SoftwareToken(app.name.clone())),
        (_, MfaRequirement::Optional) => Ok(Next::Nothing),
        (None, MfaRequirement::On) if mfa.software_token => Ok(Next::SetUp),
        (None, MfaRequirement::On) => Err(Error::MfaRequired),
    }
}

/// Refuses to begin what could not be finished: where a second factor is demanded, and the user has none and none to set up.
pub(super) async fn can_be_met(app: &App, pool: &UserPool, user: UserId) -> Result<()> {
    needed(app, pool, user).await.map(drop)
}

async fn needed(app: &App, pool: &UserPool, user: UserId) -> Result<Next> {
    match pool.settings.mfa.requirement {
        MfaRequirement::Off => Ok(Next::Nothing),
        _ => next(pool, &second_factor::get(&app.db, pool, user).await?),
    }
}

/// Whether a session may be refreshed where the pool demands a second factor.
pub(crate) fn suffices(pool: &UserPool, session: &UserSession) -> bool {
    pool.settings.mfa.requirement != MfaRequirement::On
        || session.methods.iter().any(|method| method == SOFTWARE_TOKEN)
}

/// What follows the password of a user who may sign in: their tokens, or the challenge for a second factor.
pub(super) async fn after_password(
    app: &App,
    context: &ClientContext,
    user: &User,
    password_changed_at: Timestamp,
    handshake: Option<&SpentSession>,
) -> Result<SignIn> {
    let (pool, now) = (&context.pool, app.clock.now());
    let needed = needed(app, pool, user.id).await?;
    let step = match needed {
        Next::Nothing => {
            let methods = &[PASSWORD];
            let proof =
                Proof { password_changed_at, spent: handshake, methods, software_token: None, step: None };
            return issue::sign_in(app, context, user, &proof, now).await.map(SignIn::Done);
        }
        Next::SoftwareToken(_) => Step::SoftwareToken,
        Next::SetUp => Step::MfaSetup,
    };
    guess::succeeded(app, pool, user.id, handshake).await?;
    let session = ChallengeSession::new(context, user.id, step, password_changed_at, now).seal(pool)?;
    let username = user.username.clone();
    Ok(match needed {
        Next::SoftwareToken(name) => SignIn::SoftwareTokenMfa(SoftwareTokenMfa { session, username, name }),
        _ => SignIn::MfaSetup(MfaSetup { session, username }),
    })
}

/// Takes a code of the user's authenticator app and signs them in.
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`]; [`Error::WrongMfaCode`] and
/// [`Error::UsedMfaCode`], which leave the session usable; [`Error::PasswordLocked`] after too many of the former.
pub async fn software_token(app: &App, context: &ClientContext, answer: Code) -> Result<SignIn> {
    let (session, user) =
        answered(app, context, &answer.session, &answer.username, answer.secret_hash, Step::SoftwareToken)
            .await?;
    let (pool, now) = (&context.pool, app.clock.now());
    let factors = second_factor::get(&app.db, pool, user.id).await?;
    // Whoever lost the app meanwhile begins again.
    let token = factors.software_token.ok_or(Error::InvalidSession)?;
    let step = counted(app, pool, user.id, now, || {
        software_token::step(&token.secret, answer.code.expose_secret(), now)
    })
    .await?;
    let step = step.ok_or(Error::WrongMfaCode)?;
    if step <= token.last_step {
        return Err(Error::UsedMfaCode);
    }
    finish(app, context, &session, &user, &token, Some(step)).await
}

/// Signs a user in who has set a second factor up, and proven it, on the way.
///
/// # Errors
/// [`Error::InvalidSession`] when nothing is set up yet; [`Error::ExpiredSession`], [`Error::UsedSession`].
pub async fn set_up(app: &App, context: &ClientContext, answer: SetUp) -> Result<SignIn> {
    let (session, user) =
        answered(app, context, &answer.session, &answer.username, answer.secret_hash, Step::MfaSetUp).await?;
    let factors = second_factor::get(&app.db, &context.pool, user.id).await?;
    // What was set up may have been taken away meanwhile.
    let token = factors.software_token.ok_or(Error::InvalidSession)?;
    finish(app, context, &session, &user, &token, None).await
}

/// The session of an answer, and its user.
async fn answered(
    app: &App,
    context: &ClientContext,
    session: &SecretString,
    username: &str,
    hash: Option<String>,
    step: Step,
) -> Result<(ChallengeSession, User)> {
    secret_hash::check(&context.client, Hashed::SignIn(username), hash.as_deref())?;
    trigger::none_of(&context.pool, &[Trigger::PostAuthentication, Trigger::PreTokenGeneration])?;
    let session = challenge::open(app, context, session, step, app.clock.now()).await?;
    let found = look_up(app, &context.pool, username).await?.filter(|(user, _)| user.id == session.user);
    let (user, _) = found.ok_or(Error::InvalidSession)?;
    if user.enabled { Ok((session, user)) } else { Err(Error::UserDisabled) }
}

async fn finish(
    app: &App,
    context: &ClientContext,
    session: &ChallengeSession,
    user: &User,
    token: &SoftwareToken,
    step: Option<i64>,
) -> Result<SignIn> {
    let spent = session.spent();
    let proof = Proof {
        password_changed_at: session.password_changed_at,
        spent: Some(&spent),
        methods: &[PASSWORD, SOFTWARE_TOKEN],
        software_token: Some(token),
        step,
    };
    match issue::sign_in(app, context, user, &proof, app.clock.now()).await {
        Ok(tokens) => Ok(SignIn::Done(tokens)),
        Err(Error::WrongPassword) if is_used(app, &context.pool, user.id, step).await? => {
            Err(Error::UsedMfaCode)
        }
        Err(Error::WrongPassword) => Err(Error::UsedSession),
        Err(other) => Err(other),
    }
}

/// Whether a code of that step was taken by somebody who was faster.
async fn is_used(app: &App, pool: &UserPool, user: UserId, step: Option<i64>) -> Result<bool> {
    let factors = second_factor::get(&app.db, pool, user).await?;
    Ok(step.zip(factors.software_token).is_some_and(|(step, token)| step <= token.last_step))
}

/// Counts a guess at a code before its verdict (LCK-2), and gives it back when it was right.
pub(crate) async fn counted<T>(
    app: &App,
    pool: &UserPool,
    user: UserId,
    now: Timestamp,
    check: impl FnOnce() -> Result<Option<T>>,
) -> Result<Option<T>> {
    const ACTION: &str = "guess software_token";
    let (subject, window) = (user.as_uuid(), chrono::Duration::hours(1));
    let guesses = attempt::count(&app.db, &pool.id, subject, ACTION, window, now).await?;
    if guesses > app.limits.guesses_per_hour {
        return Err(Error::PasswordLocked);
    }
    let verdict = check()?;
    if verdict.is_some() {
        attempt::give_back(&app.db, &pool.id, subject, ACTION).await?;
    }
    Ok(verdict)
}
