//! Signing in with a passkey. Its challenge is in the sealed session, which is spent with the sign-in.

use cognate_store::passkey::{self, Passkey};
use cognate_store::{User, UserPool};
use serde_json::Value;

use super::challenge::{self, Answer, ChallengeSession, Step};
use super::{Challenge, Challenged, Method, SignIn, next, sign_in};
use crate::app_client::ClientContext;
use crate::passkey::{Refusal, RelyingParty, is_offered, relying_party};
use crate::{App, Error, Result};

/// What a user can begin with by a passkey: whom it was made for, and which there are. What was made for an earlier domain of
/// the pool signs nobody in on this one.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn of_user(
    app: &App,
    pool: &UserPool,
    user: &User,
) -> Result<Option<(RelyingParty, Vec<Passkey>)>> {
    if !is_offered(pool) {
        return Ok(None);
    }
    let party = match relying_party(app, pool).await {
        Err(Error::Passkey(Refusal::NoRelyingParty)) => return Ok(None),
        other => other?,
    };
    let mut passkeys = passkey::of_user(&app.db, &pool.id, user.id).await?;
    passkeys.retain(|passkey| party.is_of(passkey));
    Ok((!passkeys.is_empty()).then_some((party, passkeys)))
}

/// Asks for a passkey, in a session that goes on from this one.
///
/// # Errors
/// [`Error::WrongPassword`] for who has none.
pub(super) async fn ask(
    app: &App,
    context: &ClientContext,
    user: &User,
    session: &ChallengeSession,
) -> Result<SignIn> {
    let pool = &context.pool;
    let (party, passkeys) = of_user(app, pool, user).await?.ok_or(Error::WrongPassword)?;
    let (options, state) = party.request(&passkeys)?;
    let next = session.after(context, Step::Passkey(state), session.proven.clone(), app.clock.now());
    Ok(Challenged::by(next.seal(pool)?, user.username.clone(), Challenge::Passkey { options }))
}

/// Takes what an authenticator signed, as `AuthenticationResponseJSON`. A lock of the password does not hold it up (LCK-3).
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`]; [`Error::WrongPassword`] whatever is wrong
/// with it; [`Error::InvalidParameter`] for what is no credential; what the user's state says.
pub async fn check(app: &App, context: &ClientContext, answer: Answer, credential: &str) -> Result<SignIn> {
    let pool = &context.pool;
    let accepts = |step: &Step| matches!(step, Step::Passkey(_));
    let (session, person) = challenge::answered_by_anybody(app, context, &answer, accepts).await?;
    let (Step::Passkey(state), Some((user, _))) = (&session.step, person.found) else {
        return Err(Error::InvalidSession);
    };
    let credential: Value =
        serde_json::from_str(credential).map_err(|_| Error::invalid("Invalid Credential."))?;
    let (party, passkeys) = of_user(app, pool, &user).await?.ok_or(Error::WrongPassword)?;
    let signed = party.check(&user, &passkeys, state, &credential)?;
    sign_in::without_password(&user)?;
    let used = passkey::used(&app.db, &pool.id, signed.passkey, &signed.credential).await;
    used.map_err(|error| match error {
        // It was deleted meanwhile, or signed in somewhere else with the same count.
        cognate_store::Error::Stale => Error::WrongPassword,
        other => other.into(),
    })?;
    let is_platform = credential["authenticatorAttachment"].as_str().or(signed.passkey.attachment.as_deref())
        == Some("platform");
    let method = if is_platform { Method::PlatformKey } else { Method::RoamingKey };
    let mut proven = session.proven.and(method);
    if signed.is_user_verified {
        proven = proven.and(Method::UserVerification);
    }
    next::after_session(app, context, &user, &session, proven).await
}
