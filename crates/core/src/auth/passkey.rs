//! Signing in with a passkey. Its challenge is in the sealed session, which is spent with the sign-in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use cognate_store::passkey::{self, Passkey};
use cognate_store::user_pool::MfaRequirement;
use cognate_store::{User, UserId, UserPool};
use secrecy::SecretString;
use serde_json::Value;
use uuid::Uuid;

use super::challenge::{self, Answer, ChallengeSession, Step};
use super::step_up::StepUp;
use super::{Challenge, Challenged, Choice, Flow, Method, Proven, SignIn, choice, next, sign_in};
use crate::app_client::{ClientContext, settings};
use crate::auth_event::{self, Failed};
use crate::passkey::{Assertion, Refusal, RelyingParty, is_multi_factor, is_offered, relying_party};
use crate::site::Site;
use crate::user::passkey as user_passkey;
use crate::{App, Error, Result, trigger};

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

/// For how long a page waits for one of the passkeys that a browser has: as long as its forms may stay open.
const OFFERED_FOR: Duration = Duration::hours(1);

/// What a page asks the passkeys of a browser whose user has not said who they are.
#[derive(Debug)]
pub struct Offer {
    /// What the answer must carry.
    pub session: SecretString,
    /// `PublicKeyCredentialRequestOptionsJSON`.
    pub options: Value,
}

/// Offers to sign in with a passkey at a site, on the way to one of these levels; where the client's users can.
///
/// # Errors
/// When the database does not answer.
pub async fn offer(
    app: &App,
    context: &ClientContext,
    site: &Site,
    acr_values: Option<&str>,
) -> Result<Option<Offer>> {
    let pool = &context.pool;
    let step_up = acr_values.and_then(|names| StepUp::named(pool, names));
    // Where nobody could go on with one, nobody is asked for one.
    let leads_on = step_up.as_ref().is_none_or(|it| !it.choices_of_anybody(&[Choice::Passkey]).is_empty());
    let is_enough = pool.settings.mfa.requirement != MfaRequirement::On || is_multi_factor(pool);
    let is_allowed = settings::allows(&context.client.settings, Flow::UserAuth);
    if !is_allowed || !leads_on || !is_enough || !user_passkey::is_offered(app, pool, site).await? {
        return Ok(None);
    }
    let (options, state) = relying_party(app, pool).await?.request(&[])?;
    let (proven, now) = (Proven::nothing(None).towards(step_up), app.clock.now());
    let mut session = ChallengeSession::new(context, Uuid::nil(), Step::AnyPasskey(state), proven, now);
    session.expires_at = now + OFFERED_FOR;
    Ok(Some(Offer { session: session.seal(pool)?, options }))
}

/// Takes what an authenticator signed for such an offer at that very site, as `AuthenticationResponseJSON`: who it is stands in it,
/// and is proven by it. Whatever comes of it, it works once.
///
/// # Errors
/// [`Error::FlowNotEnabled`]; [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`]; [`Error::WrongPassword`]
/// whatever is wrong with it, and for who may not begin with a passkey; [`Error::LevelOutOfReach`]; [`Error::InvalidParameter`] for
/// what is no credential; what the user's state and the pool's function say.
pub async fn check_offered(
    app: &App,
    context: &ClientContext,
    site: &Site,
    session: &SecretString,
    credential: &str,
) -> Result<SignIn> {
    let pool = &context.pool;
    if !settings::allows(&context.client.settings, Flow::UserAuth) {
        return Err(Error::FlowNotEnabled(Flow::UserAuth));
    }
    let accepts = |step: &Step| matches!(step, Step::AnyPasskey(_));
    let session = challenge::open(app, context, session, accepts, app.clock.now()).await?;
    let Step::AnyPasskey(state) = session.step.clone() else { return Err(Error::InvalidSession) };
    let credential = read(credential)?;
    let id = user_of(&credential).ok_or(Error::WrongPassword)?;
    let user = cognate_store::user::get(&app.db, &pool.id, id).await?.ok_or(Error::WrongPassword)?;
    let (party, passkeys) = of_user(app, pool, &user).await?.ok_or(Error::WrongPassword)?;
    let client_data = credential["response"]["clientDataJSON"].as_str();
    let client_data = client_data.and_then(|data| URL_SAFE_NO_PAD.decode(data).ok());
    if !party.is_at(site, &client_data.unwrap_or_default()) {
        return Err(Error::WrongPassword);
    }
    let signed = party.check(&user, &passkeys, &state, &credential)?;
    challenge::spend(app, pool, &session.spent()).await?;
    let methods = used(app, pool, &signed, &credential).await?;
    let step_up = session.proven.step_up.clone();
    let user = admitted(app, context, user, step_up.as_ref()).await.inspect_err(|error| {
        if !matches!(error, Error::Busy | Error::Internal(_)) {
            auth_event::failed(app, context, id, None, Failed::Other);
        }
    })?;
    let nothing = Proven::nothing(Some(&user)).towards(step_up);
    let proven = methods.iter().fold(nothing, |proven, method| proven.and(*method));
    let first = next::FirstFactor::settled(proven, session.device(context), None);
    next::after_first_factor(app, context, &user, first).await
}

/// A user whose passkey signed, if they may sign in by it, as they are once the pool's function has been asked (TRG-2).
///
/// # Errors
/// What the function or the user's state says; [`Error::WrongPassword`] where a passkey is no way to begin, or not to that level.
async fn admitted(app: &App, context: &ClientContext, user: User, step_up: Option<&StepUp>) -> Result<User> {
    let pool = &context.pool;
    trigger::pre_authentication(app, context, (&user).into()).await?;
    let user = cognate_store::user::get(&app.db, &pool.id, user.id).await?.ok_or(Error::WrongPassword)?;
    sign_in::without_password(&user)?;
    match choice::begins_with_passkey(app, pool, &user, step_up).await? {
        true => Ok(user),
        false => Err(Error::WrongPassword),
    }
}

/// Whose passkey signed, as its authenticator says.
fn user_of(credential: &Value) -> Option<UserId> {
    let handle = URL_SAFE_NO_PAD.decode(credential["response"]["userHandle"].as_str()?).ok()?;
    let id: Uuid = str::from_utf8(&handle).ok()?.parse().ok()?;
    Some(id.into())
}

fn read(credential: &str) -> Result<Value> {
    serde_json::from_str(credential).map_err(|_| Error::invalid("Invalid Credential."))
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
    let credential = read(credential)?;
    let (party, passkeys) = of_user(app, pool, &user).await?.ok_or(Error::WrongPassword)?;
    let signed = party.check(&user, &passkeys, state, &credential)?;
    sign_in::without_password(&user)?;
    let methods = used(app, pool, &signed, &credential).await?;
    let proven = methods.iter().fold(session.proven.clone(), |proven, method| proven.and(*method));
    next::after_session(app, context, &user, &session, proven).await
}

/// Notes that a passkey signed; by which methods its user has proven who they are.
async fn used(app: &App, pool: &UserPool, signed: &Assertion<'_>, credential: &Value) -> Result<Vec<Method>> {
    let used = passkey::used(&app.db, &pool.id, signed.passkey, &signed.credential).await;
    used.map_err(|error| match error {
        // It was deleted meanwhile, or signed in somewhere else with the same count.
        cognate_store::Error::Stale => Error::WrongPassword,
        other => other.into(),
    })?;
    let is_platform = credential["authenticatorAttachment"].as_str().or(signed.passkey.attachment.as_deref())
        == Some("platform");
    let method = if is_platform { Method::PlatformKey } else { Method::RoamingKey };
    let verified = signed.is_user_verified.then_some(Method::UserVerification);
    Ok([Some(method), verified].into_iter().flatten().collect())
}
